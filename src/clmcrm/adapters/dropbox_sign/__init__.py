"""Dropbox Sign (once HelloSign) as the service that collects signatures."""
