"""Which objects of Salesforce play which kind of record, and what one org's description adds to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, Final

from attrs import evolve, field, frozen

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import Form, instant
from clmcrm.adapters.salesforce import accounts, contacts, opportunities, terms
from clmcrm.adapters.salesforce.extras import ExtrasPart
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.others import OTHERS, parts_of
from clmcrm.adapters.salesforce.parts import Column, Part
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.adapters.salesforce.wire import VENDOR
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.codec.canonical import check_json
from clmcrm.errors import InvalidRecord, MalformedReply
from clmcrm.ports.records import Fields, Json, Kind, Seen

Row = Mapping[str, Any]

STAMP: Final = "SystemModstamp"
MERGES: Final = frozenset({"Account", "Contact", "Lead", "Case"})
"""The objects whose records can be merged, and have a MasterRecordId."""
BOOKKEEPING: Final = frozenset(
    {
        "Id", "IsDeleted", "MasterRecordId", STAMP, "LastModifiedDate", "LastModifiedById", "LastActivityDate",
        "LastViewedDate", "LastReferencedDate", "PhotoUrl", "CreatedDate",
    }
)  # fmt: skip
"""Fields that Salesforce keeps for itself and that are no news: not among the extras."""
FORMS: Final[Mapping[str, Form]] = {
    **dict.fromkeys(
        ("string", "textarea", "picklist", "multipicklist", "email", "phone", "url", "combobox", "time"), "text"
    ),
    **dict.fromkeys(("reference", "id"), "key"),
    **dict.fromkeys(("double", "currency", "percent"), "number"),
    "boolean": "flag",
    "int": "whole",
    "date": "date",
    "datetime": "instant",
}
"""What the types of a description are to us; the others (address, location, base64) only gather other fields."""


@frozen(kw_only=True)
class SalesforceKind:
    """How one kind lives in Salesforce: its `object`, its `parts`, whether we may make (`created`) one.

    `visible` are the fields that the user may see (None: not asked yet); `touched_by` names the objects whose records
    belong to it, each with the field there that names it: a change there does not always move the record's own stamp.
    """

    kind: str
    object: str
    parts: Sequence[Part]
    created: bool = False
    own_terms: bool = False
    touched_by: Sequence[tuple[str, str]] = ()
    visible: frozenset[str] | None = None
    required: Mapping[str, Any] = field(factory=dict[str, Any])

    @property
    def merges(self) -> bool:
        """Whether its records can be merged."""
        return self.object in MERGES

    @property
    def names(self) -> frozenset[str]:
        """The canonical fields it has a place for."""
        merged = {"merged_into"} if self.merges else set[str]()
        return frozenset(name for part in self.parts for name in part.names) | merged

    def query(self, org: OrgSettings) -> Query:
        """The query of its records, without a condition."""
        wanted = ["Id", STAMP, "IsDeleted", *(["MasterRecordId"] if self.merges else [])]
        wanted += [org.key_field] if self.created else []
        wanted += [org.terms_field, *terms.READ] if self.own_terms else []
        wanted += [at for part in self.parts for at in part.reads]
        return Query(
            fields=[at for at in dict.fromkeys(wanted) if self.sees(at)],
            of=self.object,
            children=[child for part in self.parts for child in part.children],
        )

    def sees(self, at: str) -> bool:
        """Whether the user may see that field, as far as it is known."""
        return self.visible is None or at in self.visible


def kinds_of(org: OrgSettings) -> dict[str, SalesforceKind]:
    """The kinds of that org, before its description is known."""
    plain: dict[str, tuple[str, Callable[[OrgSettings], Sequence[Part]], bool]] = {
        Kind.ACCOUNT: (accounts.OBJECT, accounts.account_parts, True),
        Kind.CONTACT: (contacts.OBJECT, contacts.contact_parts, True),
        Kind.OPPORTUNITY: (opportunities.OBJECT, opportunities.opportunity_parts, org.new_opportunities is not None),
    }
    found = {
        kind: SalesforceKind(kind=kind, object=name, parts=(*parts(org), *_custom(org, kind)), created=created)
        for kind, (name, parts, created) in plain.items()
    }
    found[Kind.OPPORTUNITY] = evolve(
        found[Kind.OPPORTUNITY],
        touched_by=[(name, "OpportunityId") for name in (opportunities.LINES, opportunities.PEOPLE)],
        required=dict(org.new_opportunities or {}),
    )
    found[Kind.CONTRACT_TERMS] = SalesforceKind(
        kind=Kind.CONTRACT_TERMS, object=terms.OBJECT, parts=(), created=True, own_terms=True, required=terms.NEW
    )
    for kind, name in OTHERS.items():
        found[kind] = SalesforceKind(kind=kind, object=name, parts=parts_of(kind, org))
    return found


def _custom(org: OrgSettings, kind: str) -> list[Part]:
    return [Column(name=name, at=at, form="long") for name, at in org.custom.get(kind, {}).items()]


def described(kind: SalesforceKind, description: object, org: OrgSettings) -> SalesforceKind:
    """The same with what the org's own description of the object says: visible fields, and the extras.

    Raises `MalformedReply` for a description without fields.
    """
    told = description.get("fields") if is_tree(description) else None
    if not is_list(told):
        raise MalformedReply(VENDOR, f"GET /sobjects/{kind.object}/describe", "no fields")
    fields = [one for one in told if is_tree(one)]
    visible = frozenset(str(one.get("name")) for one in fields)
    mapped = {at for part in kind.parts for at in part.reads} | {org.key_field} | BOOKKEEPING
    homes = org.custom.get(kind.kind, {}).values()
    own = {str(one["name"]): one for one in fields if one.get("name") in homes}
    parts = tuple(_as_described(part, own) for part in kind.parts)
    if org.extras and not kind.own_terms:
        homeless = [one for one in fields if one.get("name") not in mapped and one.get("type") in FORMS]
        written = {str(one["name"]): FORMS[str(one["type"])] for one in homeless if one.get("updateable") is True}
        kept = [str(one["name"]) for one in homeless if one.get("updateable") is not True]
        parts = (*parts, ExtrasPart(fields=written, kept=kept))
    return evolve(kind, visible=visible, parts=parts)


def _as_described(part: Part, own: Mapping[str, Mapping[str, Any]]) -> Part:
    """A field of the org's own in the form that the org says it has, written where it may be; others as they are."""
    if not isinstance(part, Column) or part.at not in own:
        return part
    told = own[part.at]
    form = FORMS.get(str(told.get("type")), part.form)
    return evolve(
        part, form=part.form if form == "text" else form, written=part.written and told.get("updateable") is not False
    )


def seen_of(kind: SalesforceKind, row: Row, org: OrgSettings) -> Seen:
    """The record as the port shows it, `unreadable` where a value does not fit.

    Raises `MalformedReply` when it has no id: nothing could be said about whom it is.
    """
    key = row.get("Id")
    if not isinstance(key, str) or not key:
        raise MalformedReply(VENDOR, kind.object, "a record without an Id")
    problems: list[str] = []
    fields: dict[str, Json] = {}
    for show in _shows(kind, row, org):
        try:
            fields.update(show())
        except (Misfit, KeyError, TypeError, AttributeError) as problem:
            problems.append(str(problem) if isinstance(problem, Misfit) else f"{kind.object}: {problem!r}")
    into, gone = row.get("MasterRecordId"), row.get("IsDeleted") is True
    if kind.merges:
        fields["merged_into"] = into
    try:
        check_json(fields)
    except InvalidRecord as problem:
        problems.append(f"{kind.object}: {problem}")
    try:
        changed_at = instant(row.get(STAMP))
    except (ValueError, OverflowError) as problem:
        problems.append(f"{STAMP}: {problem}")
        changed_at = None
    mark = row.get(org.key_field) if kind.created else None
    return Seen(
        kind=kind.kind,
        key=key,
        fields={} if gone else fields,
        version=version_of(row),
        mark=mark if isinstance(mark, str) and mark else None,
        gone=gone,
        merged_into=into if isinstance(into, str) and into else None,
        changed_at=changed_at,
        unreadable="" if gone else "; ".join(problems)[:500],
    )


def by_id(rows: Sequence[Row]) -> dict[str, Row]:
    """The rows of an answer by their ids; raises `MalformedReply` for one that has none."""
    for row in rows:
        if not isinstance(row.get("Id"), str) or not row["Id"]:
            raise MalformedReply(VENDOR, "GET /query", "a record without an Id")
    return {row["Id"]: row for row in rows}


def _shows(kind: SalesforceKind, row: Row, org: OrgSettings) -> list[Callable[[], dict[str, Json]]]:
    seen = [part for part in kind.parts if not part.reads or any(kind.sees(at) for at in part.reads)]
    shows: list[Callable[[], dict[str, Json]]] = [partial(part.shown, row, org) for part in seen]
    return [*shows, lambda: terms.terms_shown(row, org)] if kind.own_terms else shows


def version_of(row: Row) -> str:
    """The record's version: its SystemModstamp, which counts in seconds, and a fingerprint of all that was read.

    Two edits of one second differ by the second part.
    """
    told = {n: _bare(v) if isinstance(v, dict | list) else v for n, v in row.items() if n != "attributes"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
    return f"{row.get(STAMP)}/{blake2b(text.encode(), digest_size=8).hexdigest()}"


def _bare(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Without what describes and does not belong: addresses of records, paging of children."""
    if is_tree(value):
        if "records" in value and "totalSize" in value:
            return _bare(value["records"])
        return {name: _bare(one) for name, one in value.items() if name != "attributes"}
    return [_bare(one) for one in value] if is_list(value) else value


def values_of(kind: SalesforceKind, fields: Fields, org: OrgSettings, row: Row | None = None) -> dict[str, Any]:
    """What to send so that the record shows `fields`; `row` is the record as it is, None for a new one.

    Raises `Misfit`, with the field's name, for what Salesforce has no place for.
    """
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        raise Misfit(problem.field, str(problem)) from None
    if kind.own_terms:
        return terms.terms_sent({} if row is None else terms.terms_shown(row, org), fields, org)
    for name in fields:
        if name not in kind.names:
            raise Misfit(name, f"Salesforce has no place for it in {kind.object}")
    if fields.get("merged_into") is not None:
        raise Misfit("merged_into", "Salesforce merges records by itself")
    made: dict[str, Any] = {}
    for part in kind.parts:
        sent = part.sent(fields, org)
        for at in sent:
            if not kind.sees(at):
                named = ", ".join(name for name in part.names if name in fields)
                raise Misfit(named, f"{kind.object} has no field {at} that this user may write")
        made.update(sent)
    return made
