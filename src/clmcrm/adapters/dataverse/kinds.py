"""Which tables of Dataverse play which kind of record, and what one environment's description adds to them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, Final

from attrs import evolve, field, frozen

from clmcrm.adapters.dataverse import accounts, contacts, opportunities
from clmcrm.adapters.dataverse.extras import extras_of
from clmcrm.adapters.dataverse.ground import Ground, Table
from clmcrm.adapters.dataverse.lookups import Lookup, lookup_key
from clmcrm.adapters.dataverse.marks import mark_of
from clmcrm.adapters.dataverse.opportunities import UNDER
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.parts import Column, Part
from clmcrm.adapters.dataverse.terms import terms_columns, terms_sent, terms_shown
from clmcrm.adapters.dataverse.wire import VENDOR
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import instant
from clmcrm.codec.canonical import check_json
from clmcrm.errors import InvalidRecord, MalformedReply
from clmcrm.ports.records import Fields, Json, Kind, Seen

Row = Mapping[str, Any]

ETAG: Final = "@odata.etag"
STAMP: Final = "modifiedon"
MERGES: Final = frozenset({"account", "contact", "lead", "incident"})
"""The tables whose rows can be merged, and have a masterid."""
_ETAG: Final = re.compile(r'W/"[0-9]{1,20}"', re.ASCII)


@frozen(kw_only=True)
class DataverseKind:
    """How one kind lives in Dataverse: its `table`, the `parts` of a row, whether its rows have lines (`lined`).

    `described` is what the environment says of the table (None: not asked yet).
    """

    kind: str
    table: str
    parts: Sequence[Part]
    own_terms: bool = False
    lined: bool = False
    described: Table | None = field(default=None, repr=False)

    @property
    def merges(self) -> bool:
        """Whether its rows can be merged."""
        return self.table in MERGES

    @property
    def names(self) -> frozenset[str]:
        """The canonical fields it has a place for."""
        merged = {"merged_into"} if self.merges else set[str]()
        return frozenset(name for part in self.parts for name in part.names) | merged

    @property
    def known(self) -> Table:
        """The description; to be asked for once the environment has given it."""
        if self.described is None:
            raise MalformedReply(VENDOR, self.table, "it was not described")
        return self.described

    def selected(self, org: OrgSettings) -> list[str]:
        """The properties to ask for; none means all of them."""
        if org.extras and not self.own_terms:
            return []
        wanted = [org.key, STAMP, *(terms_columns(org) if self.own_terms else ())]
        wanted += ["merged", "masterid"] if self.merges else []
        wanted += [at for part in self.parts for at in part.columns]
        seen = self.known.columns
        return [self.known.id, *(seen[at].at for at in dict.fromkeys(wanted) if at in seen)]


def kinds_of(org: OrgSettings) -> dict[str, DataverseKind]:
    """The kinds of that environment, before its description is known."""
    plain: dict[str, tuple[str, Sequence[Part]]] = {
        Kind.ACCOUNT: (accounts.TABLE, accounts.account_parts()),
        Kind.CONTACT: (contacts.TABLE, contacts.contact_parts()),
        Kind.OPPORTUNITY: (opportunities.TABLE, opportunities.opportunity_parts(org)),
    }
    found = {
        kind: DataverseKind(kind=kind, table=table, parts=(*parts, *_custom(org, kind)), lined=kind == Kind.OPPORTUNITY)
        for kind, (table, parts) in plain.items()
    }
    found[Kind.CONTRACT_TERMS] = DataverseKind(
        kind=Kind.CONTRACT_TERMS, table=org.terms_table, parts=(), own_terms=True
    )
    return found


def _custom(org: OrgSettings, kind: str) -> list[Part]:
    return [Column(name=name, at=at, form="long") for name, at in org.custom.get(kind, {}).items()]


def described(kind: DataverseKind, table: Table, org: OrgSettings) -> DataverseKind:
    """The same with what the environment says of its table; a part of which no column can be read is left out."""
    parts = [part for part in kind.parts if not part.columns or any(at in table.columns for at in part.columns)]
    if org.extras and not kind.own_terms:
        mapped: dict[str, str | None] = {at: None for part in parts for at in part.columns}
        mapped |= {part.at: part.to for part in parts if isinstance(part, Lookup)}
        parts.append(extras_of(table, {**mapped, org.key: None}))
    return evolve(kind, described=table, parts=tuple(parts))


def seen_of(kind: DataverseKind, row: Row, ground: Ground) -> Seen:
    """The record as the port shows it, `unreadable` where a value does not fit.

    Raises `MalformedReply` when it has no id or no entity tag: nothing could be said about whom it is.
    """
    key, version = _identity(kind, row)
    problems: list[str] = []
    fields: dict[str, Json] = {}
    for show in _shows(kind, row, ground):
        try:
            fields.update(show())
        except (Misfit, KeyError, TypeError, AttributeError) as problem:
            problems.append(str(problem) if isinstance(problem, Misfit) else f"{kind.table}: {problem!r}")
    into = None
    if kind.merges and row.get("merged") is True:
        into = _master(row, problems)
    gone = into is not None
    if kind.merges:
        fields["merged_into"] = into
    try:
        check_json(fields)
    except InvalidRecord as problem:
        problems.append(f"{kind.table}: {problem}")
    try:
        changed_at = instant(row.get(STAMP))
    except (ValueError, OverflowError) as problem:
        problems.append(f"{STAMP}: {problem}")
        changed_at = None
    return Seen(
        kind=kind.kind,
        key=key,
        fields={} if gone else fields,
        version=version,
        mark=mark_of(row.get(ground.org.key)),
        gone=gone,
        merged_into=into,
        changed_at=changed_at,
        unreadable="" if gone else "; ".join(problems)[:500],
    )


def _identity(kind: DataverseKind, row: Row) -> tuple[str, str]:
    key = row.get(kind.known.id)
    if not isinstance(key, str) or not key:
        raise MalformedReply(VENDOR, kind.table, f"a row without {kind.known.id}")
    if not _ETAG.fullmatch(str(row.get(ETAG))):
        raise MalformedReply(VENDOR, kind.table, "a row without an entity tag")
    return key.lower(), version_of(row)


def _master(row: Row, problems: list[str]) -> str | None:
    try:
        return lookup_key(row, "masterid")
    except Misfit as problem:
        problems.append(str(problem))
        return None


def _shows(kind: DataverseKind, row: Row, ground: Ground) -> list[Callable[[], dict[str, Json]]]:
    shows: list[Callable[[], dict[str, Json]]] = [partial(part.shown, row, ground) for part in kind.parts]
    return [*shows, lambda: terms_shown(row, ground)] if kind.own_terms else shows


def version_of(row: Row) -> str:
    """The record's version: its entity tag, and a fingerprint of its lines where it has any.

    A line that changes does not always move the entity tag of its opportunity.
    """
    lines = row.get(UNDER)
    if not lines:
        return str(row.get(ETAG))
    told = [{name: one for name, one in line.items() if not name.startswith("@odata.context")} for line in lines]
    ordered = sorted(json.dumps(one, sort_keys=True, separators=(",", ":"), default=str) for one in told)
    return f"{row.get(ETAG)}/{blake2b(chr(10).join(ordered).encode(), digest_size=8).hexdigest()}"


def etag_in(version: str) -> str | None:
    """The entity tag that a version holds; None for what is no version of ours.

    >>> etag_in('W/"77180907"/0123456789abcdef'), etag_in("made up")
    ('W/"77180907"', None)
    """
    found = _ETAG.match(version)
    return found.group() if found is not None and version[found.end() : found.end() + 1] in ("", "/") else None


def values_of(kind: DataverseKind, fields: Fields, ground: Ground, row: Row | None = None) -> dict[str, Any]:
    """What to send so that the record shows `fields`; `row` is the record as it is, None for a new one.

    Raises `Misfit`, with the field's name, for what Dataverse has no place for.
    """
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        raise Misfit(problem.field, str(problem)) from None
    if kind.own_terms:
        return terms_sent({} if row is None else terms_shown(row, ground), fields, ground, kind.known)
    for name in fields:
        if name not in kind.names:
            raise Misfit(name, f"Dataverse has no place for it in {kind.table}, or this user may not see it")
    if fields.get("merged_into") is not None:
        raise Misfit("merged_into", "Dataverse merges records by itself")
    made: dict[str, Any] = {}
    for part in kind.parts:
        made.update(part.sent(fields, ground))
    return made
