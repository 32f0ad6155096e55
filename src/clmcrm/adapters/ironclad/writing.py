"""Writing to an Ironclad: looked up by our key and then inserted, changed after a last look, one call for each.

Ironclad takes no precondition: between our last look and our writing an edit can slip in unseen. It takes no batches
either, so that a batch here is many calls, each with its own outcome. A property that a change does not name stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.each_by_itself import (
    GONE,
    MOVED,
    Changes,
    Creations,
    Outcomes,
    firsts,
    in_waves,
    kind_by_kind,
    with_repeated,
)
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.ironclad.contracts import COUNTERPARTY_NAME
from clmcrm.adapters.ironclad.declared import Place
from clmcrm.adapters.ironclad.marks import as_value
from clmcrm.adapters.ironclad.objects import attribute
from clmcrm.adapters.ironclad.reading import KIND_OF, Reader, held, shown
from clmcrm.adapters.ironclad.session import path_of
from clmcrm.adapters.ironclad.shapes import LINK, NAME, PARENT, TYPE, TYPES, Row, Shape, Slots
from clmcrm.adapters.ironclad.wire import VENDOR, NotThere, RefusedByIronclad
from clmcrm.adapters.trees import Tree, word
from clmcrm.codec.forms import Refused
from clmcrm.errors import AmbiguousError
from clmcrm.ports.calls import Effect, Flow, together
from clmcrm.ports.records import Create, Fields, Kind, Outcome, Remove, Result, Update, Write

_ADDRESSES: Final = {"addressAsObject": "true"}
_NOBODY: Final = (
    f"no counterparty with a name, and Ironclad launches no workflow without {COUNTERPARTY_NAME}: "
    "state counterparty or names_in_text"
)
_CANCELLED: Final = "Cancelled by clmcrm: the opportunity or the contract it was launched for is gone."


@frozen(kw_only=True)
class Launching:
    """Which launch forms make a contract: `template` of any kind, `templates` by kind of ours (None: no other)."""

    template: str | None = None
    templates: Mapping[str, str] = {}

    def of(self, fields: Fields) -> str | None:
        """The template's id for a contract of these fields; None: it is put into the repository as a record."""
        return self.templates.get(str(fields.get("kind")), self.template)


class Writer:
    """Writes what `reader` reads; contracts are launched by `launching` (None: they become records at once)."""

    def __init__(self, reader: Reader, launching: Launching | None, default_type: str) -> None:
        self._reader, self._session = reader, reader.session
        self._launching, self._default_type = launching, default_type

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself.

        Raises `AmbiguousError` for a call that fails when others of the batch were carried out.
        """
        writing = kind_by_kind(writes, held, self._create, in_waves(self._changed))
        return (yield from in_doubt_once_written(VENDOR, writing))

    # Creations.

    def _create(self, kind: str, writes: Creations) -> Flow[Outcomes]:
        once = firsts(writes)
        found = yield from self._reader.marked(kind, [one.mark for one in once.values()])
        done = {place: _bound(found[one.mark][1]) for place, one in once.items() if one.mark in found}
        if kind == Kind.CONTRACT:
            yield from self._named([one for place, one in once.items() if place not in done])
        new = [place for place in once if place not in done]
        outcomes = yield from together([self._made(once[place]) for place in new])
        done.update(zip(new, outcomes, strict=True))
        return with_repeated(writes, done, once)

    def _made(self, one: Create) -> Flow[Outcome]:
        template = None if one.kind != Kind.CONTRACT or self._launching is None else self._launching.of(one.fields)
        place = Place.ENTITY if one.kind == Kind.ACCOUNT else Place.WORKFLOW if template else Place.RECORD
        shape = yield from self._reader.declared.shape(place, template or "")
        why = self._refusal(place, shape, None, one.fields)
        if why is None and template is not None:
            form = yield from self._reader.declared.form(template)
            lacking = ", ".join(own for own in (shape.key, shape.facts) if own not in form)
            if lacking:
                why = f"the launch form {template} has no field {lacking}: add it in Workflow Designer"
        if why is not None:
            return Outcome(result=Result.REFUSED, why=why)
        slots = shape.created(one.fields)
        slots[shape.key] = {"type": "string", "value": as_value(one.mark)}
        self._name_counterparty(place, slots, one.fields)
        if place is Place.WORKFLOW and COUNTERPARTY_NAME not in slots:
            return Outcome(result=Result.REFUSED, why=_NOBODY)
        body = self._launch(template, slots) if template else self._new(place, slots)
        query = _ADDRESSES if place is Place.RECORD else {}
        try:
            told = yield from self._session.send("POST", f"/{place}", body, query=query, effect=Effect.ONCE)
        except (RefusedByIronclad, NotThere) as refused:
            return Outcome(result=Result.REFUSED, why=str(refused))
        if not word(told, "id"):
            raise AmbiguousError(VENDOR, f"POST /{place}: an answer without an id: {sorted(told)[:5]}")
        row = yield from self._reader.row_of(place, told)
        return Outcome(result=Result.DONE, key=row.key, version=row.version)

    def _new(self, place: Place, slots: Slots) -> dict[str, Any]:
        properties = {slot: _said(one) for slot, one in slots.items() if slot[:1] != "#"}
        parent = {"recordId": slots[PARENT]} if slots.get(PARENT) else None
        body: dict[str, Any] = {"name": slots.get(NAME), "properties": properties}
        if place is Place.ENTITY:
            kinds = {"relationshipTypeKey": [slots[TYPES]]} if slots.get(TYPES) else {}
            return {**body, **kinds, "status": "ACTIVE", **({"parent": parent} if parent else {})}
        if parent and slots.get(LINK):
            parent["parentLinkType"] = slots[LINK]
        return {"type": slots.get(TYPE) or self._default_type, **body, **({"parent": parent} if parent else {})}

    def _launch(self, template: str, slots: Slots) -> dict[str, Any]:
        return {
            "template": template,
            "attributes": {slot: attribute(one) for slot, one in slots.items() if slot[:1] != "#"},
        }

    def _named(self, writes: Sequence[Create]) -> Flow[None]:
        """Know the names of the counterparties; those that were not seen lately are asked for."""
        keys = {str(one.fields["counterparty"]) for one in writes if one.fields.get("counterparty")}
        unknown = sorted(keys - self._reader.names.keys())
        _ = yield from together([self._reader.read(Kind.ACCOUNT, [key]) for key in unknown])

    def _name_counterparty(self, place: Place, slots: dict[str, Any], fields: Fields) -> None:
        """The name of the counterparty beside it: a launch needs it, and the repository lists it."""
        name = self._reader.names.get(str(fields.get("counterparty")))
        if name and place is not Place.ENTITY:
            _ = slots.setdefault(COUNTERPARTY_NAME, {"type": "string", "value": name})

    # Changes.

    def _changed(self, _: str, writes: Changes) -> Flow[Outcomes]:
        outcomes = yield from together([self._change(one) for one in writes.values()])
        return dict(zip(writes, outcomes, strict=True))

    def _change(self, one: Update | Remove) -> Flow[Outcome]:
        try:
            found = yield from self._reader.located(one.kind, one.key)
            if found is None or found[1].gone or found[1].key != one.key:
                return Outcome(result=Result.MISSING, key=one.key, why=GONE)
            place, row = found
            if row.version != one.expected:
                return Outcome(result=Result.STALE, key=one.key, version=row.version, why=MOVED)
            if isinstance(one, Remove):
                return (yield from self._removed(place, row))
            return (yield from self._updated(place, row, one.fields))
        except NotThere as refused:
            return (yield from self._gone_or_not(one, refused.said))
        except RefusedByIronclad as refused:
            return Outcome(result=Result.REFUSED, key=one.key, why=str(refused))

    def _gone_or_not(self, one: Update | Remove, said: str) -> Flow[Outcome]:
        """The outcome of a change that met nothing: Ironclad says so of a parent that it names, too.

        So the object itself is looked for, and one that is still there was refused.
        """
        try:
            found = yield from self._reader.located(one.kind, one.key)
        except RefusedByIronclad as refused:
            return Outcome(result=Result.REFUSED, key=one.key, why=str(refused))
        if found is None or found[1].gone or found[1].key != one.key:
            return Outcome(result=Result.MISSING, key=one.key, why=GONE)
        return Outcome(result=Result.REFUSED, key=one.key, version=found[1].version, why=said)

    def _updated(self, place: Place, row: Row, fields: Fields) -> Flow[Outcome]:
        shape = yield from self._reader.declared.shape(place, row=row)
        why = self._refusal(place, shape, row, fields)
        if why is not None:
            return Outcome(result=Result.REFUSED, key=row.key, version=row.version, why=why)
        slots = shape.changed(row, fields)
        if not slots:
            return Outcome(result=Result.DONE, key=row.key, version=row.version)
        path = path_of(place, row.own)
        query = _ADDRESSES if place is Place.RECORD else {}
        if place is Place.WORKFLOW:
            body, path = _updates(slots), f"{path}/attributes"
        else:
            body = _patch(place, row, slots)
        told = yield from self._session.send("PATCH", path, body, query=query, effect=Effect.ONCE)
        after = yield from self._reader.row_of(place, told)
        if after.key != row.key:
            raise AmbiguousError(VENDOR, f"PATCH {path}: an answer about another object: {sorted(told)[:5]}")
        return Outcome(result=Result.DONE, key=row.key, version=after.version, shown=shown(place, shape, after))

    def _removed(self, place: Place, row: Row) -> Flow[Outcome]:
        path = path_of(place, row.own)
        if place is Place.ENTITY:
            told = yield from self._session.send("PATCH", path, {"status": "INACTIVE"}, effect=Effect.ONCE)
            after = yield from self._reader.row_of(place, told)
            return Outcome(result=Result.DONE, key=row.key, version=after.version)
        if place is Place.WORKFLOW:
            body = {"comment": {"message": _CANCELLED}}
            _ = yield from self._session.send("POST", f"{path}/cancel", body, effect=Effect.ONCE)
        else:
            _ = yield from self._session.send("DELETE", path, None, effect=Effect.ONCE)
        return Outcome(result=Result.DONE, key=row.key)

    def _refusal(self, place: Place, shape: Shape, row: Row | None, fields: Fields) -> str | None:
        """Why these fields cannot be written, in words; None when they can."""
        if "obligations" in fields and self._reader.shows_duties:
            return "obligations: they are made and kept in Ironclad itself"
        try:
            why = shape.refused(row, fields)
            if why is None and row is None and not fields.get("title" if KIND_OF[place] == Kind.CONTRACT else "name"):
                why = f"{'title' if KIND_OF[place] == Kind.CONTRACT else 'name'} is empty; Ironclad needs one"
        except (Refused, ValueError) as problem:
            return str(problem)
        if why is None and row is not None and place is Place.ENTITY and row.slots.get(TYPES):
            cleared = shape.changed(row, fields).get(TYPES, "") is None
            why = "kind: Ironclad replaces a relationship type and takes none away" if cleared else None
        return why


def _patch(place: Place, row: Row, slots: Slots) -> dict[str, Any]:
    """The body that sets these slots of a record or an entity."""
    properties = {slot: one for slot, one in slots.items() if slot[:1] != "#"}
    added = {slot: _said(one) for slot, one in properties.items() if one is not None}
    removed = sorted(slot for slot, one in properties.items() if one is None)
    body: dict[str, Any] = {}
    if slots.get(NAME):
        body["name"] = slots[NAME]
    if slots.get(TYPE):
        body["type"] = slots[TYPE]
    if slots.get(TYPES):
        body["relationshipTypeKey"] = [slots[TYPES]]
    if added:
        body["addProperties"] = added
    if removed:
        body["removeProperties"] = removed
    if PARENT in slots or LINK in slots:
        body.update(_parent(place, {**row.slots, **slots}))
    return body


def _parent(place: Place, slots: Slots) -> dict[str, Any]:
    if not slots.get(PARENT):
        return {"removeParent": True}
    link = {"parentLinkType": slots[LINK]} if place is Place.RECORD and slots.get(LINK) else {}
    return {"setParent": {"recordId": slots[PARENT], **link}}


def _updates(slots: Slots) -> dict[str, Any]:
    """The body that sets these attributes of a workflow."""
    told: list[dict[str, Any]] = []
    for slot, one in slots.items():
        if slot[:1] != "#":
            value = {} if one is None else {"value": attribute(one)}
            told.append({"action": "remove" if one is None else "set", "path": slot, **value})
    return {"updates": told}


def _said(typed: Tree) -> dict[str, Any]:
    """A property without what Ironclad adds to it."""
    return {"type": typed["type"], "value": typed["value"]}


def _bound(row: Row) -> Outcome:
    return Outcome(result=Result.BOUND, key=row.key, version=row.version)
