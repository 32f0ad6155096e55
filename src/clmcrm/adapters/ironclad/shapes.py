"""How a kind of record stands in Ironclad: its own properties show what they can, one text property the rest.

What a property says exactly stands in that property alone. What none can say (clauses, half-known days, people,
events) stands as canonical JSON in one text property, the facts; and so does a value of which a property can say a
part, with the property beside it. Where a person has changed such a property, the part no longer fits, and the
property is what holds. Everything else that Ironclad keeps is carried in the extras.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import tzinfo
from typing import Any, Final, TypeAlias, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.ironclad.typed import LONGEST_TEXT, Typed, alike, read_typed, write_typed
from clmcrm.adapters.ironclad.wire import VENDOR
from clmcrm.adapters.trees import is_list, is_tree, trees_of, word
from clmcrm.codec.canonical import canonical_text, check_json
from clmcrm.codec.forms import Refused, read_raw, write_raw
from clmcrm.codec.records import from_fields
from clmcrm.errors import ClmcrmError, InvalidRecord
from clmcrm.ports.records import Fields, Json

Slots: TypeAlias = Mapping[str, Any]
"""What can be set of an object: its properties by id, each typed, and a few things that are none (`NAME` and so on)."""

NAME: Final = "#name"
TYPE: Final = "#type"
TYPES: Final = "#types"
PARENT: Final = "#parent"
LINK: Final = "#link"
PROPERTY: Final = "properties."
"""What a property's name begins with among the extras."""

BESIDE: Final = "#beside"
"""Which facts have a property beside them that says a part of them."""

ADDED: Final = frozenset({"events"})
"""What is implied beside the facts and not in their place."""

NO_SLOTS: Final[Slots] = {}
_NOTHING: Final[tuple[Json, ...]] = (None, "", [], {})


@frozen(kw_only=True)
class Row:
    """An object of Ironclad: its `key`, its `slots`, and what it says `besides` that nobody can set.

    `own` is its id in Ironclad, which is not the key of a record that a workflow of ours has made; `readable` is the id
    that people see ("IC-7"), `stamp` when it was changed last, `version` what it is known by; `gone` and `merged_into`
    are as in `clmcrm.ports.records.Seen`.
    """

    key: str
    own: str
    slots: Slots = field(repr=False)
    besides: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    readable: str = ""
    stamp: str = ""
    version: str = ""
    gone: bool = False
    merged_into: str | None = None


@frozen(kw_only=True)
class Native:
    """A canonical field that Ironclad has properties of its own for, `properties` by id with their types.

    `read` is what a row says by itself (None: nothing); `project` gives the slots that say a value, or a part of it,
    each of its slots every time. `fits` is whether a row still says what it was made to say of a value (None: it
    reads as the projection does).
    """

    name: str
    properties: Mapping[str, str] = {}
    read: Callable[[Slots], Json]
    project: Callable[[Json], dict[str, Any]]
    fits: Callable[[Json, Slots], bool] | None = None


def plain(name: str, own: str, kind: str, zone: tzinfo | None = None) -> Native:
    """A field that one property of the type `kind` says."""
    return Native(
        name=name,
        properties={own: kind},
        read=lambda slots: read_typed(slots.get(own), zone),
        project=lambda value: {own: write_typed(kind, value, zone)},
    )


def _within(native: Native, types: Mapping[str, str]) -> Native | None:
    """The same with those of its properties that exist; None when it has none of them."""
    there = {own: kind for own, kind in native.properties.items() if types.get(own) == kind}
    if len(there) == len(native.properties):
        return native

    def project(value: Json) -> dict[str, Any]:
        return {slot: one for slot, one in native.project(value).items() if slot in there}

    return evolve(native, properties=there, project=project) if there else None


def named(name: str, slot: str) -> Native:
    """A field that is a text of the object itself."""
    return Native(name=name, read=lambda slots: slots.get(slot) or None, project=lambda value: {slot: value or None})


def nothing_implied(_row: Row, _shown: Fields) -> dict[str, Json]:
    """For kinds of which a row says nothing beside its properties."""
    return {}


@frozen(kw_only=True)
class Shape:
    """How one kind stands in one place of Ironclad.

    `record` is the class that its fields are read into, `holds` their names, `empties` how empty ones are shown; `key`
    and `facts` are the ids of the text properties for our key and for the facts. `implied` are fields that a row says
    without a property, unless the facts say otherwise (events are added to). `defaults` are fields that a creation may
    leave out.
    """

    record: type[Any]
    holds: frozenset[str]
    empties: Fields = field(repr=False)
    natives: Sequence[Native]
    key: str
    facts: str
    defaults: Mapping[str, Json] = {}
    implied: Callable[[Row, Fields], dict[str, Json]] = nothing_implied

    def within(self, types: Mapping[str, str]) -> Shape:
        """The same where only these properties exist, with these types; what they cannot say goes to the facts."""
        natives = [found for native in self.natives if (found := _within(native, types)) is not None]
        return evolve(self, natives=natives)

    def shown(self, row: Row) -> dict[str, Json]:
        """The canonical fields of a row; raises `ValueError` for facts that are no JSON object."""
        stored = self.stored(row)
        implied = self.implied(row, stored).items()
        return {**stored, **{name: one for name, one in implied if name in ADDED or not stored.get(name)}}

    def stored(self, row: Row) -> dict[str, Json]:
        """The same without what is only implied."""
        facts = self._facts(row.slots)
        shown: dict[str, Json] = {name: value for name, value in facts.items() if name not in ("extras", BESIDE)}
        beside = facts.get(BESIDE) or []
        for native in self.natives:
            own = native.read(row.slots)
            if native.name not in facts or not _fits(
                native, facts[native.name], row.slots, beside=native.name in cast("list[str]", beside)
            ):
                shown[native.name] = self.empties[native.name] if own is None else own
        others = [cast("Json", one) for one in trees_of(facts, "extras")]
        shown["extras"] = [*self._extras(row), *others]
        return shown

    def created(self, fields: Fields) -> dict[str, Any]:
        """The slots of a new object, empty ones left out."""
        return {slot: value for slot, value in self._target(fields).items() if value is not None}

    def changed(self, row: Row, fields: Fields) -> dict[str, Any]:
        """The slots to set so that the row shows `fields`; None empties one.

        The properties of a field that stays as it is are left alone, however they say it.
        """
        stored = self.stored(row)
        touched = {name for name, value in fields.items() if value != stored.get(name)}
        target = self._target({**stored, **fields}, row.slots, touched)
        return {slot: value for slot, value in target.items() if not alike(row.slots.get(slot), value)}

    def refused(self, row: Row | None, fields: Fields) -> str | None:
        """Why these fields cannot be written, in words; None when they can."""
        try:
            check_json(dict(fields))
        except InvalidRecord as problem:
            return str(problem)
        unknown = next((name for name in fields if name not in self.holds), None)
        if unknown is not None:
            return f"{unknown}: a {self.record.__name__.lower()} of Ironclad has no place for it"
        whole = {**self.defaults, **({} if row is None else self.stored(row)), **fields}
        stated = {name: value for name, value in whole.items() if value is not None}
        try:
            _ = from_fields(self.record, {**stated, "id": "new"})
            target = self._target(whole)
        except (ClmcrmError, Refused) as problem:
            return str(problem)
        return next(filter(None, (_too_long(slot, value) for slot, value in target.items())), None)

    def _target(
        self, whole: Fields, there: Slots = NO_SLOTS, touched: AbstractSet[str] | None = None
    ) -> dict[str, Any]:
        """Every slot that says something of these fields, None for those that are to be empty.

        The slots of natives that are not `touched` (None: all are) stay as they are `there`.
        """
        target: dict[str, Any] = {}
        first = [one for one in self.natives if touched is None or one.name in touched]
        for native in first + [one for one in self.natives if one not in first]:
            said = native.project(whole.get(native.name))
            if native not in first:
                said = {slot: there.get(slot) for slot in said}
            target.update({slot: value for slot, value in said.items() if target.get(slot) is None})
        own, others = _shared(whole.get("extras"))
        target.update({slot: typed for slot, typed in own.items() if target.get(slot) is None})
        read = {native.name: native.read(target) for native in self.natives}
        exact = {name: self.empties[name] if own is None else own for name, own in read.items()}
        facts: dict[str, Json] = {
            name: value
            for name, value in whole.items()
            if name not in ("id", "extras")
            and value not in _NOTHING
            and exact.get(name) != value
            and self.empties.get(name) != value
        }
        beside = [one.name for one in self.natives if one.name in facts and any(one.project(facts[one.name]).values())]
        if beside:
            facts[BESIDE] = cast("Json", beside)
        if others:
            facts["extras"] = cast("Json", others)
        target[self.facts] = {"type": "string", "value": canonical_text(facts)} if facts else None
        return target

    def _facts(self, slots: Slots) -> dict[str, Json]:
        told = read_typed(slots.get(self.facts))
        if not told:
            return {}
        facts: object = json.loads(str(told))
        if not is_tree(facts):
            raise ValueError(f"{self.facts} holds no facts of ours")
        return facts

    def _extras(self, row: Row) -> list[Json]:
        """What no field of ours took, each with its path."""
        taken = {self.key, self.facts}
        for native in self.natives:
            taken.update(_said_by(native, row.slots))
        left = {f"{PROPERTY}{slot}": one for slot, one in row.slots.items() if slot[:1] != "#" and slot not in taken}
        return [
            {"system": VENDOR, "field": path, "raw": write_raw(raw)}
            for path, raw in sorted({**left, **row.besides}.items())
            if raw not in _NOTHING
        ]


def _said_by(native: Native, slots: Slots) -> list[str]:
    """The properties that the field's value says: not the length of a further term, where no term follows."""
    own = native.read(slots)
    said = {} if own is None else native.project(own)
    return [
        slot for slot in native.properties if read_typed(slots.get(slot)) is not None and said.get(slot) is not None
    ]


def _fits(native: Native, value: Json, slots: Slots, *, beside: bool) -> bool:
    """Whether the row's properties still say what they were made to say of a value.

    Where they were not written `beside` it, because a launch form has none of them, they still say nothing.
    """
    if native.fits is not None:
        return native.fits(value, slots)
    own = native.read(slots)
    return native.read({**slots, **native.project(value)}) == own if beside else own is None


def _shared(extras: Json | None) -> tuple[dict[str, Typed], list[Json]]:
    """The properties that extras of Ironclad's stand for, and the extras of other systems.

    Raises `Refused` for a number that is none. What Ironclad keeps for itself is not among them.
    """
    own: dict[str, Typed] = {}
    others: list[Json] = []
    for one in cast("Iterable[Json]", extras if is_list(extras) else ()):
        extra: Mapping[str, Any] = one if is_tree(one) else {}
        path = word(extra, "field")
        if extra.get("system") != VENDOR:
            others.append(one)
        elif path.startswith(PROPERTY):
            raw = read_raw(extra.get("raw"))
            if is_tree(raw) and word(raw, "type") and "value" in raw:
                own[path.removeprefix(PROPERTY)] = {"type": raw["type"], "value": raw["value"]}
    return own, others


def _too_long(slot: str, value: object) -> str | None:
    told: object = value.get("value") if is_tree(value) else value
    if not isinstance(told, str) or len(told) <= LONGEST_TEXT:
        return None
    return f"{slot.lstrip('#')}: {len(told)} characters, and Ironclad takes {LONGEST_TEXT}"
