"""Odoo as a CRM, and with the add-ons of the OCA as a CLM; see the `crm` and `clm` modules here."""
