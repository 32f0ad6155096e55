"""Which canonical fields each kind of record has: those of our records, and no others.

`contract_terms` has no entry: what a salesperson is shown of a contract is for the host to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import attrs

from clmcrm.clm.contract import Contract
from clmcrm.crm.opportunity import Opportunity
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.parties.org_units import OrgUnit
from clmcrm.ports.records import Kind
from clmcrm.values.record import Record

RECORDS: Final[Mapping[str, type[Record]]] = {
    Kind.ORG_UNIT: OrgUnit,
    Kind.ACCOUNT: Account,
    Kind.CONTACT: Contact,
    Kind.OPPORTUNITY: Opportunity,
    Kind.CONTRACT: Contract,
}
"""The record that each kind is read into."""


def fields_of(cls: type) -> frozenset[str]:
    """The names of the record's fields.

    >>> "legal_name" in fields_of(Account)
    True
    """
    return frozenset(part.name for part in attrs.fields(cast("type[attrs.AttrsInstance]", cls)))


FIELDS: Final[Mapping[str, frozenset[str]]] = {kind: fields_of(cls) for kind, cls in RECORDS.items()}
"""The fields that each kind may have."""
