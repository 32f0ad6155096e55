"""Protocols only: what a host's CRM, CLM, e-signature service, calendars and journal must offer."""
