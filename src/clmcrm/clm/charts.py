"""A chart: which events lead from which stages to where, under which guards, as one value.

The rule of the file: a chart decides by its rows alone. A host that needs another stage, another move or
another guard makes a new chart out of one of ours; the library is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

import attrs
from attrs import field, frozen

from clmcrm.clm.events import Event, HostEvent
from clmcrm.clm.guards import Guard
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.stages import AnyStage, in_order
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import each, instance, text


class Consequence(StrEnum):
    """What follows from the facts and the date without an event of its own."""

    ALL_APPROVED = "last needed approval given"
    ALL_SIGNED = "everybody signed"
    EFFECTIVE_DATE_REACHED = "effective date reached"
    TERM_ENDED = "last term ended"
    TERMINATION_REACHED = "termination date reached"
    REPLACEMENT_REACHED = "replacement date reached"
    NOVATION_REACHED = "novation date reached"


Cause: TypeAlias = type[Event] | Consequence | str
"""What moves a contract: an event's class, a consequence, or the name of a host's event."""

EventKey: TypeAlias = type[Event] | str
"""An event's class, or a host event's name."""


@frozen
class Transition:
    """One row of a chart: `sources` and `cause` lead to `target` (None: it stays) when no guard objects."""

    sources: frozenset[AnyStage]
    cause: Cause
    target: AnyStage | None
    guards: tuple[Guard, ...] = ()

    @property
    def label(self) -> str:
        """The cause as people read it: an event's name, or what follows."""
        if isinstance(self.cause, type):
            return self.cause.__name__
        return self.cause.value if isinstance(self.cause, Consequence) else self.cause

    @property
    def automatic(self) -> bool:
        """Whether it follows from the facts and the date, so that nobody records it."""
        return isinstance(self.cause, Consequence)


@frozen
class Chart:
    """The rows of one lifecycle under a `name`, in the order in which they are tried.

    Raises `InvalidRecord` for two rows about the same stage and event: the second would never be tried.
    """

    name: str = field(validator=text)
    rows: tuple[Transition, ...] = field(validator=each(instance(Transition)))
    by_stage: Mapping[AnyStage, Mapping[EventKey, Transition]] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        found: dict[AnyStage, dict[EventKey, Transition]] = {}
        for row in self.rows:
            if isinstance(row.cause, Consequence):
                continue
            for stage in row.sources:
                rows = found.setdefault(stage, {})
                if row.cause in rows:
                    once = f"one row for {row.label} in stage {stage.value}"
                    raise InvalidRecord(f"Chart {self.name}", "rows", row.label, once)
                rows[row.cause] = row
        object.__setattr__(self, "by_stage", found)

    def row_for(self, stage: AnyStage, event: Event) -> Transition | None:
        """The row that holds for `event` in `stage`, or None when the stage has no such move."""
        return self.by_stage.get(stage, {}).get(key_of(event))

    def possible_from(self, stage: AnyStage) -> tuple[str, ...]:
        """The names of the events that `stage` has a row for, in the chart's order."""
        return tuple(row.label for row in self.rows if stage in row.sources and not row.automatic)

    @property
    def stages(self) -> tuple[AnyStage, ...]:
        """Every stage a row speaks of, in the order in which the rows do."""
        named: dict[AnyStage, None] = {}
        for row in self.rows:
            named.update(dict.fromkeys(in_order(row.sources)))
            if row.target is not None:
                named[row.target] = None
        return tuple(named)

    def adding(self, *rows: Transition, name: str | None = None) -> Chart:
        """This chart with more rows; they are tried after those there are."""
        return Chart(name or self.name, (*self.rows, *rows))

    def without(self, *causes: Cause, name: str | None = None) -> Chart:
        """This chart without the rows that have one of these causes."""
        return Chart(name or self.name, tuple(row for row in self.rows if row.cause not in causes))

    def guarding(self, cause: Cause, *guards: Guard, name: str | None = None) -> Chart:
        """This chart with `guards` added to every row that has this cause.

        Raises `InvalidRecord` when no row has it: the guard would stand where nobody passes.
        """
        if all(row.cause != cause for row in self.rows):
            causes = ", ".join(dict.fromkeys(row.label for row in self.rows))
            raise InvalidRecord(f"Chart {self.name}", "cause", cause, f"a cause of one of its rows: {causes}")
        rows = (attrs.evolve(r, guards=(*r.guards, *guards)) if r.cause == cause else r for r in self.rows)
        return Chart(name or self.name, tuple(rows))

    def replacing(self, guard: Guard, by: Guard, name: str | None = None) -> Chart:
        """This chart with the guard `by` wherever `guard` stands; the same chart where it stands nowhere."""
        if not any(guard in row.guards for row in self.rows):
            return self
        rows = (attrs.evolve(r, guards=tuple(by if each == guard else each for each in r.guards)) for r in self.rows)
        return Chart(name or self.name, tuple(rows))


def key_of(event: Event) -> EventKey:
    """What a chart knows an event by: its class, or its name when it is a host's own."""
    return event.name if isinstance(event, HostEvent) else type(event)


def name_of(event: Event) -> str:
    """What people call an event: its class's name, or its own when it is a host's."""
    return event.name if isinstance(event, HostEvent) else type(event).__name__


@frozen
class Charts:
    """The chart of each kind of contract: by our kinds, and by a host's own (`Contract.kind_detail`).

    `standard` is the chart of every kind without one of its own.
    """

    standard: Chart = field(validator=instance(Chart))
    by_kind: Mapping[ContractKind | str, Chart] = field(factory=dict[ContractKind | str, Chart])

    def chart_of(self, kind: ContractKind, detail: str = "") -> Chart:
        """The chart for contracts of `kind`; a custom kind is found by its `detail` first."""
        own = self.by_kind.get(detail) if kind is ContractKind.CUSTOM and detail else None
        return own or self.by_kind.get(kind) or self.standard

    def extended(self, charts: Mapping[ContractKind | str, Chart]) -> Charts:
        """These charts with others added or put in their place.

        Raises `InvalidRecord` for a kind without a name.
        """
        if "" in charts:
            raise InvalidRecord("Charts", "kind", "", "a kind of contract, or the name of one of your own")
        return attrs.evolve(self, by_kind={**self.by_kind, **charts})

    def replacing(self, guard: Guard, by: Guard) -> Charts:
        """These charts with the guard `by` wherever `guard` stands."""
        own = {kind: chart.replacing(guard, by) for kind, chart in self.by_kind.items()}
        return Charts(self.standard.replacing(guard, by), own)

    def every(self) -> Iterable[Chart]:
        """Each chart once: the standard one, then the others."""
        return dict.fromkeys((self.standard, *self.by_kind.values()))
