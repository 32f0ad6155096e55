"""One record in two systems: each with its own key, and references that follow.

In a file, ``id`` is the CRM's key and ``clm`` the CLM's key for the same record. A record that one system
alone holds has ``only`` instead, and speaks that system's keys.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

from attrs import field, frozen

from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.parties.org_units import OrgUnit
from clmcrm.ports.records import Json, Kind, Side
from clmcrm.sample.files import record_of, tables

P = TypeVar("P", bound=Account | Contact | OrgUnit)

REFERENCES: Final[dict[Kind, dict[str, Kind]]] = {
    Kind.ORG_UNIT: {"parent": Kind.ORG_UNIT, "account": Kind.ACCOUNT, "head": Kind.CONTACT},
    Kind.ACCOUNT: {"parent": Kind.ACCOUNT, "unit": Kind.ORG_UNIT},
    Kind.CONTACT: {"account": Kind.ACCOUNT, "reports_to": Kind.CONTACT},
}
"""The fields that name another record, and its kind."""


@frozen
class Keys:
    """The CLM's key of each record that both systems hold, by kind and CRM key."""

    pairs: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])

    def in_clm(self, kind: Kind, key: str) -> str:
        """The CLM's key; the CRM's own when the CLM does not hold the record."""
        return self.pairs.get((kind, key), key)

    def of(self, kind: Kind) -> dict[str, str]:
        """The CLM's keys of one kind, by the CRM's."""
        return {crm: clm for (held, crm), clm in self.pairs.items() if held == kind}


@frozen(kw_only=True)
class Both(Generic[P]):
    """The records of one kind as each system holds them."""

    crm: tuple[P, ...]
    clm: tuple[P, ...]


def read_both(cls: type[P], file: str, kind: Kind, keys: Keys) -> Both[P]:
    """The records of a file on both sides; `keys` learns the pairs.

    Raises `InvalidRecord` for a record without ``clm`` or ``only``, and for a reference to one that the
    CLM does not hold.
    """
    crm: list[P] = []
    shared: list[P] = []
    clm: list[P] = []
    for table in tables(file, kind.value):
        record = record_of(cls, {n: v for n, v in table.items() if n not in {"clm", "only"}}, file)
        only, other = table.get("only"), table.get("clm")
        if (only is None) is (other is None) or not isinstance(only or other, str):
            raise InvalidRecord(f"{file}: {record.id}", "clm", other, "the CLM's key, or only = the side holding it")
        if only is not None and only not in set(Side):
            raise InvalidRecord(f"{file}: {record.id}", "only", only, f"one of {', '.join(Side)}")
        if only is None:
            keys.pairs[kind, record.id] = str(other)
            shared.append(record)
        (clm if only == Side.CLM else crm).append(record)
    moved = tuple(_in_clm(cls, record, kind, keys, file) for record in shared)
    return Both(crm=tuple(crm), clm=(*moved, *clm))


def _in_clm(cls: type[P], record: P, kind: Kind, keys: Keys, file: str) -> P:
    fields: dict[str, Json] = {**to_fields(record), "id": keys.in_clm(kind, record.id)}
    for name, other in REFERENCES[kind].items():
        key = fields.get(name)
        if isinstance(key, str):
            if (other, key) not in keys.pairs:
                raise InvalidRecord(f"{file}: {record.id}", name, key, "a record that the CLM holds too")
            fields[name] = keys.in_clm(other, key)
    return from_fields(cls, fields)
