"""clmcrm joins the CRM (who might buy) and the CLM (what was promised)."""

__version__ = "0.1.0"
