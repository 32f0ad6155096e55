"""Which of Tryton's models plays which kind of record, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from clmcrm.adapters.extras import (
    EXTRAS,
    Carry,
    Declared,
    carried,
    shown_extras,
    unfit_extras,
    values_back,
    without_extras,
)
from clmcrm.adapters.tryton import opportunities, parties, terms
from clmcrm.adapters.tryton.carrying import back, commands, left_out, raw_of
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.ports.records import Fields, Kind, Seen

Row = Mapping[str, Any]


@frozen(kw_only=True)
class TrytonKind:
    """How one kind lives in Tryton.

    `model` holds it and `read` are the fields asked for; `parts` are the models behind the fields whose rows
    belong to it and are written with it, `watched` those whose changes are changes of it. `domain` picks the
    records out of the model; `marked` is the domain that finds the records created under these keys of ours.

    `written` are the fields of the model that canonical ones are written to (None: nothing else is carried),
    `carried` the others with their types, once the server has described them; `carry` is what of them is asked for
    besides those that are always carried.
    """

    kind: str
    model: str
    read: Sequence[str]
    parts: Mapping[str, str]
    watched: Sequence[str]
    domain: Sequence[object]
    show: Callable[[Row], Seen]
    marked: Callable[[Sequence[str]], Sequence[object]] | None
    written: frozenset[str] | None = None
    carried: Mapping[str, str] = {}
    carry: frozenset[Carry] = frozenset()

    def fitted(self, declared: Declared) -> TrytonKind:
        """The same with what the server's description of the model says: which fields are carried."""
        if self.written is None:
            return self
        own = carried(declared, self.written, self.losses(declared))
        return evolve(self, carried=own, read=tuple(dict.fromkeys((*self.read, *own))))

    def losses(self, declared: Declared) -> dict[str, str]:
        """Why a field is neither written by its canonical name nor carried, for each that is not."""
        return left_out(declared, self.written or frozenset(), self.carry)

    def shown(self, row: Row) -> Seen:
        """The record, what is carried in its extras included."""
        seen = self.show(row)
        if self.written is None:
            return seen
        raw = ((name, raw_of(row, name, kind)) for name, kind in self.carried.items())
        return evolve(seen, fields={**seen.fields, EXTRAS: shown_extras(VENDOR, raw)})

    def canonical(self, fields: Fields) -> Fields:
        """Without the extras, where they go to the fields they came from."""
        return fields if self.written is None else without_extras(fields)

    def unfit(self, fields: Fields) -> str | None:
        """Why the extras cannot be written back; None when they can."""
        return None if self.written is None else unfit_extras(VENDOR, fields, self.carried, back)

    def back(self, row: Row, fields: Fields) -> dict[str, Any]:
        """The values that bring the extras back to a row."""
        if self.written is None:
            return {}
        return commands(row, values_back(VENDOR, fields, self.carried, back), self.carried)


KINDS: Final[Mapping[str, TrytonKind]] = {
    Kind.ACCOUNT: TrytonKind(
        kind=Kind.ACCOUNT,
        model=parties.MODEL,
        read=parties.READ,
        parts=parties.PARTS,
        watched=tuple(parties.PARTS),
        domain=(),
        show=parties.shown,
        written=parties.WRITTEN,
        marked=lambda marks: [["identifiers.code", "in", [f"{parties.MARKED}{mark}" for mark in marks]]],
    ),
    Kind.OPPORTUNITY: TrytonKind(
        kind=Kind.OPPORTUNITY,
        model=opportunities.MODEL,
        read=opportunities.READ,
        parts=opportunities.PARTS,
        watched=(*opportunities.WATCHED, "sales.lines"),
        domain=(),
        show=opportunities.shown,
        written=opportunities.WRITTEN,
        marked=None,
    ),
    Kind.CONTRACT_TERMS: TrytonKind(
        kind=Kind.CONTRACT_TERMS,
        model=terms.MODEL,
        read=terms.READ,
        parts=terms.PARTS,
        watched=(),
        domain=(terms.DOMAIN,),
        show=terms.shown,
        marked=lambda marks: [["name", "in", [f"{terms.NAMED}{mark}" for mark in marks]]],
    ),
}
"""The kinds this adapter speaks of."""
