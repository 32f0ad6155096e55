"""What a company declared in its Ironclad: the properties of records, the fields of launch forms, the relationships.

They are asked for once, and say which of our fields have a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

from clmcrm.adapters.ironclad.objects import kind_in
from clmcrm.adapters.ironclad.session import IroncladSession, path_of
from clmcrm.adapters.ironclad.shapes import TYPE, Row, Shape
from clmcrm.adapters.ironclad.wire import VENDOR, NotThere, RefusedByIronclad
from clmcrm.adapters.trees import Tree, tree_of, trees_of, word
from clmcrm.errors import RefusedError, TerminalError
from clmcrm.ports.calls import Flow


class Place(StrEnum):
    """Where in Ironclad an object stands: the path of its list."""

    RECORD = "records"
    ENTITY = "entities"
    WORKFLOW = "workflows"


@frozen(kw_only=True)
class Shapes:
    """How accounts stand as entities, and contracts as records and as workflows (None: workflows are not read)."""

    entity: Shape
    record: Shape
    workflow: Shape | None = None


class Declared:
    """What the company of `session` declared, as `shapes` need it."""

    def __init__(self, session: IroncladSession, shapes: Shapes) -> None:
        self._session = session
        self.shapes = shapes
        """How accounts and contracts stand there."""
        self._types: dict[str, str] | None = None
        self._relations: dict[str, str] | None = None
        self._templates: dict[str, Mapping[str, str]] = {}

    def at(self, place: Place) -> Shape:
        """How objects stand there, whatever the company has declared; `TerminalError` where no workflows are read."""
        found = {
            Place.RECORD: self.shapes.record, Place.ENTITY: self.shapes.entity, Place.WORKFLOW: self.shapes.workflow
        }[place]  # fmt: skip
        if found is None:
            raise TerminalError(VENDOR, "workflows are not read: no launch form was given")
        return found

    def shape(self, place: Place, template: str = "", row: Row | None = None) -> Flow[Shape]:
        """How objects stand there, as far as the company has the properties, or a launch form the fields.

        A form that is not published any more has those that its workflow `row` shows.
        """
        shape = self.at(place)
        if place is Place.RECORD:
            return shape.within((yield from self.types()))
        if place is Place.ENTITY:
            return shape
        types = yield from self.form(template if row is None else str(row.slots.get(TYPE) or ""))
        if not types and row is not None:
            types = {slot: word(one, "type") for slot, one in row.slots.items() if slot[:1] != "#"}
        return shape.within(types)

    def types(self) -> Flow[Mapping[str, str]]:
        """The properties of records by id, with their types; asked once."""
        if self._types is None:
            told = yield from self._needed("/records/metadata")
            known = tree_of(told, "properties")
            self._types = {name: kind_in(tree_of(known, name)) for name in known}
        return self._types

    def form(self, template: str) -> Flow[Mapping[str, str]]:
        """The fields of a launch form by id, with their types; asked once, and empty for one that is not published."""
        if template not in self._templates:
            told = yield from self._described(path_of("workflow-schemas", template), {"form": "launch"})
            schema = tree_of(told or {}, "schema")
            self._templates[template] = {name: kind_in(tree_of(schema, name)) for name in schema}
        return self._templates[template]

    def relations(self) -> Flow[Mapping[str, str]]:
        """The keys of relationship types by their ids; asked once."""
        if self._relations is None:
            told = yield from self._needed("/entities/relationship-types")
            self._relations = {word(one, "id"): word(one, "name") for one in listed(told) if word(one, "name")}
        return self._relations

    def _needed(self, path: str) -> Flow[Tree]:
        """What is declared there; raises `RefusedError` where Ironclad shows none, which says nothing of any record."""
        told = yield from self._described(path, {})
        if told is None:
            raise RefusedError(VENDOR, f"GET {path}: the company has none, or it may not be seen", status=404)
        return told

    def _described(self, path: str, query: Mapping[str, str]) -> Flow[Tree | None]:
        try:
            return (yield from self._session.get(path, query))
        except NotThere:
            return None
        except RefusedByIronclad as refused:
            raise refused.error(f"GET {path}") from None


def listed(told: Tree) -> list[Tree]:
    """The objects of a reply that is a list by itself, or an object with one."""
    return trees_of(told, "list")
