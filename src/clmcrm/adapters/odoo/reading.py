"""Reading an Odoo: what changed, what is there, and what is proven deleted.

Odoo leaves no trace of a deletion, and a search shows only what the user may see. But reading a record by its id
tells the two apart: one that is hidden is refused (403), one that does not exist is simply left out. Only the
latter is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from attrs import evolve

from clmcrm.adapters.extras import Declared
from clmcrm.adapters.held_kinds import held_kind
from clmcrm.adapters.odoo.carrying import PARTS
from clmcrm.adapters.odoo.feed import changed_in, known_in, runs_of
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.marks import MODULE, Marks, name_of
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import VENDOR, NotAllowed, RecordsMissing, UnknownName, listed, rows_in
from clmcrm.adapters.windows import ids_of, window_at
from clmcrm.errors import RefusedError, TerminalError
from clmcrm.ports.calls import Flow, together
from clmcrm.ports.records import Page, Seen

T = TypeVar("T")

_ALL: Final[Mapping[str, object]] = {"active_test": False}
_MOST_PROOFS: Final = 64
"""How many reads a pull spends on telling deleted from hidden; what is left is looked into by the next one."""
_TRIES: Final = 3
LONGEST: Final = 9  # digits of an id that its database can hold


class Reader:
    """Reads records of `kinds` through `session`, by pages of `page`, `overlap` back each time."""

    def __init__(self, session: OdooSession, kinds: Mapping[str, OdooKind], *, page: int, overlap: timedelta) -> None:
        self.session = session
        self._kinds = kinds
        self._page, self._overlap = page, overlap
        self._fitted: dict[str, OdooKind] = {}
        self.marks = Marks()

    def held(self, kind: str) -> OdooKind:
        """How Odoo keeps `kind`; raises `TerminalError` for one it does not."""
        return held_kind(VENDOR, self._kinds, kind)

    def fitted(self, held: OdooKind) -> Flow[OdooKind]:
        """The same, fitted to this server; raises `TerminalError` where the model or a field of need is not there."""
        if held.kind not in self._fitted:
            declared = yield from self.session.fields(held.model)
            whole = held.fitted(declared)
            whole = whole.without((yield from self._barred(whole, declared)))
            spec = yield from self.session.fitted(held.model, whole.spec)
            if not spec:
                raise TerminalError(VENDOR, f"there is no model {held.model} here: is its module installed?")
            lacking = ", ".join(name for name in held.needs if name not in spec)
            if lacking:
                raise TerminalError(VENDOR, f"{held.model} has no field {lacking}: an administrator adds it once")
            self._fitted[held.kind] = evolve(whole, spec=spec)
        return self._fitted[held.kind]

    def _barred(self, held: OdooKind, declared: Declared) -> Flow[set[str]]:
        """The fields that show records of which the user may read none: asking for one would refuse the whole row."""
        shown = {name: str(declared[name]["relation"]) for name, kind in held.carried.items() if kind == PARTS}
        models = sorted(set(shown.values()))
        may = yield from together([self.session.may(model, "read") for model in models])
        barred = {model for model, allowed in zip(models, may, strict=True) if not allowed}
        return {name for name, model in shown.items() if model in barred}

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of what changed since `cursor`; what came in or left otherwise comes with the last one."""
        unfitted, window = self.held(kind), window_at(VENDOR, cursor)
        known = known_in(window)
        held = yield from self.fitted(unfitted)
        watched = _watched(held)
        domain = changed_in(held.domain, watched, window)
        asked = yield from self._allowed(self.rows(held, domain, most=self._page), held)
        window = window.begun(VENDOR, self.session.last_date)
        # What is deleted while a first pull goes on was there when it began.
        first = frozenset[int]() if cursor is not None else (yield from self._all_ids(held))
        known = known | first | {int(row["id"]) for row in asked}
        seen = yield from self._marked(held, asked)
        if len(asked) == self._page:
            window = evolve(window, after=int(asked[-1]["id"]), beside=runs_of(known))
            return Page(seen=seen, cursor=window.text(), more=True)
        others, known = yield from self._swept(held, known)
        return Page(seen=(*seen, *others), cursor=window.next(self._overlap, runs_of(known)).text())

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that is proven deleted is shown as gone."""
        unfitted, ids = self.held(kind), ids_of(keys, LONGEST)
        if not ids:
            return ()
        held = yield from self.fitted(unfitted)
        rows = yield from self._allowed(self.rows(held, [*held.domain, ["id", "in", ids]]), held)
        there = {int(row["id"]) for row in rows}
        seen = yield from self._marked(held, rows)
        gone, _ = yield from self._proven(held, [number for number in ids if number not in there])
        return (*seen, *(_deleted(held, number) for number in gone))

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record created under our key; None when there is none, or it may not be seen any more."""
        held = yield from self.fitted(self.held(kind))
        try:
            told = yield from self.session.ask(
                "ir.model.data", "check_object_reference", module=MODULE, xml_id=name_of(kind, mark)
            )
        except (UnknownName, NotAllowed):
            return None
        model, number = (*listed(told, "check_object_reference"), None, None)[:2]
        if model != held.model or type(number) is not int:
            return None
        rows = yield from self.rows(held, [*held.domain, ["id", "=", number]])
        seen = [held.shown(row, mark) for row in rows]
        return next((one for one in seen if not one.gone), None)

    def rows(self, held: OdooKind, domain: Sequence[object], *, most: int | None = None) -> Flow[list[dict[str, Any]]]:
        """The rows that meet a domain, by id."""
        return (yield from self.session.rows(held.model, domain, held.spec, most=most))

    def _allowed(self, flow: Flow[T], held: OdooKind) -> Flow[T]:
        try:
            return (yield from flow)
        except NotAllowed as refused:
            raise RefusedError(VENDOR, f"may not read {held.model}: {refused.said}", status=403) from None

    def _marked(self, held: OdooKind, rows: Sequence[dict[str, Any]]) -> Flow[tuple[Seen, ...]]:
        """The rows as they are shown, with the keys of ours they carry."""
        if not rows or held.created is None:
            return tuple(held.shown(row) for row in rows)
        ids = self.marks.unknown(held.kind, [int(row["id"]) for row in rows])
        for _ in range(_TRIES):
            if not ids:
                break
            try:
                told = yield from self.session.ask(held.model, "get_metadata", ids)
                self.marks.learn(held.kind, ids, listed(told, "get_metadata"))
                break
            except RecordsMissing:  # one was deleted just now
                left = yield from self.session.ask(held.model, "search", domain=[["id", "in", ids]], context=_ALL)
                ids = [number for number in listed(left, "search") if type(number) is int]
        return tuple(held.shown(row, self.marks.of(held.kind, int(row["id"]))) for row in rows)

    # What came or went without a stamp: compared by number first, by ids only when the numbers differ.

    def _swept(self, held: OdooKind, known: frozenset[int]) -> Flow[tuple[tuple[Seen, ...], frozenset[int]]]:
        """What was deleted and what came into sight since it was last looked at, and the ids known now."""
        count = yield from self.session.ask(held.model, "search_count", domain=list(held.domain), context=_ALL)
        if count == len(known):
            return (), known
        there = yield from self._all_ids(held)
        gone, unsure = yield from self._proven(held, sorted(known - there))
        new = sorted(there - known)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(new), self._page):
            part = new[start : start + self._page]
            rows += yield from self.rows(held, [*held.domain, ["id", "in", part]])
        seen = yield from self._marked(held, rows)
        return (*seen, *(_deleted(held, number) for number in gone)), there | unsure

    def _all_ids(self, held: OdooKind) -> Flow[frozenset[int]]:
        """The ids of all records of a kind that may be seen."""
        told = yield from self.session.ask(held.model, "search", domain=list(held.domain), order="id", context=_ALL)
        return frozenset(number for number in listed(told, "search") if type(number) is int)

    def _proven(self, held: OdooKind, ids: Sequence[int]) -> Flow[tuple[list[int], frozenset[int]]]:
        """Those of `ids` that do not exist any more, and those of which it is not known."""
        gone: list[int] = []
        unsure: set[int] = set()
        left = [list(ids)] if ids else []
        for _ in range(_MOST_PROOFS):
            if not left:
                break
            part = left.pop()
            try:
                told = yield from self.session.ask(held.model, "read", part, fields=["write_date"])
            except NotAllowed:
                middle = len(part) // 2
                if middle:
                    left += [part[:middle], part[middle:]]
                else:
                    unsure.update(part)
                continue
            there = {int(row["id"]) for row in rows_in(told, "read")}
            gone += [number for number in part if number not in there]
        return sorted(gone), frozenset(unsure).union(*left)


def _watched(held: OdooKind) -> list[str]:
    """Those of the relations that this server has."""
    found: list[str] = []
    for path in held.watched:
        inside: Any = held.spec
        for name in path.split("."):
            inside = inside.get(name, {}).get("fields") if inside else None
        if inside:
            found.append(path)
    return found


def _deleted(held: OdooKind, number: int) -> Seen:
    return Seen(kind=held.kind, key=str(number), fields={}, gone=True)
