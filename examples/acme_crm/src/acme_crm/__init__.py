"""Acme's CRM for clmcrm: `AcmeCrm` is the adapter, `AcmeServer` an Acme in memory to try it against."""

from acme_crm.adapter import AcmeCrm
from acme_crm.server import AcmeServer

__all__ = ["AcmeCrm", "AcmeServer"]
