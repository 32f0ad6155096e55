"""Which of Pipedrive's objects plays which kind of record, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, field, frozen

from clmcrm.adapters.pipedrive import deals, organizations, persons, terms
from clmcrm.adapters.pipedrive.company import V2, Company
from clmcrm.adapters.pipedrive.marks import KEY
from clmcrm.adapters.pipedrive.plain import Body, Row
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.ports.records import Fields, Json, Kind


@frozen(kw_only=True)
class PipedriveKind:
    """How one kind lives in Pipedrive.

    `object` is the name in paths, `item` the one in searches; `mapped` and `carried` are its standard fields with and
    without a canonical home. `key` names the custom field that carries our key, `own` every custom field of ours that
    is asked for; `custom` names others by canonical field. `shown` reads a record, `changed` writes one; `holds` are
    the fields it has a place for, `writable` those that can be written (None: any). `present` names a custom field
    without which an object is none of this kind; `carrier` says that the object is another kind's, and only carries
    the record.
    """

    kind: str
    object: str
    item: str
    mapped: Sequence[str] = ()
    carried: Sequence[str] = ()
    key: str = KEY
    own: Sequence[str] = (KEY,)
    shown: Callable[[Row, Company], dict[str, Json]]
    changed: Callable[[Fields, Company, Row], Body]
    holds: frozenset[str] | None = None
    writable: frozenset[str] | None = None
    present: str | None = None
    carrier: bool = False
    custom: Mapping[str, str] = field(factory=dict[str, str])

    @property
    def path(self) -> str:
        """Where its records are."""
        return f"{V2}/{self.object}"

    def codes(self, company: Company) -> list[str]:
        """The codes of the custom fields that are asked for."""
        found = [company.code(self.object, name) for name in (*self.own, *self.custom.values())]
        return list(dict.fromkeys(code for code in found if code is not None))


ORGANIZATION: Final = PipedriveKind(
    kind=Kind.ACCOUNT,
    object=organizations.OBJECT,
    item="organization",
    mapped=organizations.MAPPED,
    carried=organizations.CARRIED,
    shown=organizations.shown,
    changed=organizations.changed,
    holds=organizations.WRITABLE | {"created_on"},
    writable=organizations.WRITABLE,
)
PERSON: Final = PipedriveKind(
    kind=Kind.CONTACT,
    object=persons.OBJECT,
    item="person",
    mapped=persons.MAPPED,
    carried=persons.CARRIED,
    shown=persons.shown,
    changed=persons.changed,
    holds=persons.WRITABLE | {"created_on", "name"},
    writable=persons.WRITABLE,
)
DEAL: Final = PipedriveKind(
    kind=Kind.OPPORTUNITY,
    object=deals.OBJECT,
    item="deal",
    mapped=deals.MAPPED,
    carried=deals.CARRIED,
    own=(KEY, deals.CONTRACT),
    shown=deals.shown,
    changed=deals.changed,
    holds=deals.SHOWN,
    writable=deals.WRITABLE,
    custom={"contract": deals.CONTRACT},
)


def terms_kind(place: TermsPlace) -> PipedriveKind:
    """How contract terms live there."""
    carrier = ORGANIZATION if place is TermsPlace.ORGANIZATION else DEAL
    return PipedriveKind(
        kind=Kind.CONTRACT_TERMS,
        object=carrier.object,
        item=carrier.item,
        key=terms.TERMS_KEY,
        own=(terms.TERMS_KEY, terms.TERMS),
        shown=_nothing,
        changed=_never,
        present=terms.TERMS,
        carrier=True,
    )


def kinds(place: TermsPlace, custom: Mapping[str, Mapping[str, str]]) -> dict[str, PipedriveKind]:
    """Every kind, by its name; `custom` adds text fields of the company's own to a kind's fields."""
    standard = (ORGANIZATION, PERSON, DEAL, terms_kind(place))
    return {one.kind: _with(one, custom.get(one.kind, {})) for one in standard}


def _with(one: PipedriveKind, custom: Mapping[str, str]) -> PipedriveKind:
    if not custom:
        return one
    holds = None if one.holds is None else one.holds | custom.keys()
    writable = None if one.writable is None else one.writable | custom.keys()
    return evolve(one, custom={**one.custom, **custom}, holds=holds, writable=writable)


def _nothing(row: Row, company: Company) -> dict[str, Json]:
    """Terms are read from the custom field that carries them (`clmcrm.adapters.pipedrive.showing`)."""
    del row, company
    return {}


def _never(fields: Fields, company: Company, present: Any) -> Body:  # noqa: ANN401 - as the others
    """Terms are written by `clmcrm.adapters.pipedrive.writing_terms`."""
    del fields, company, present
    return {}
