"""The CRM's side: accounts, contacts, org units and opportunities, and a place for contract terms.

Kinds and canonical fields: `account`, `contact`, `org_unit`, `opportunity` carry the fields of the records
in `clmcrm.parties` and `clmcrm.crm`; `contract_terms` is what the salesperson sees of a contract.
"""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from clmcrm.ports.records import Kind
from clmcrm.ports.systems import RecordSystem

CRM_KINDS: Final = (Kind.ORG_UNIT, Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS)


@runtime_checkable
class CrmPort(RecordSystem, Protocol):
    """A CRM that shows and takes `CRM_KINDS`."""
