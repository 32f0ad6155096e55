"""When a norm rests: by an entry of its own, with its contract, or because of an event beyond control.

A power rests only by an entry of its own: a suspended contract suspends performance, not the right to end it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from attrs import frozen

from clmcrm.calendars.months import add_days, forward
from clmcrm.clm.clauses import ForceMajeureClause
from clmcrm.clm.kinds import Party
from clmcrm.clm.norms.clocks import Rest, disjoint
from clmcrm.clm.norms.contract_life import ContractLife, paired, rest_between
from clmcrm.clm.norms.entries import AnyEntry, ForceMajeureEnded, ForceMajeureInvoked, NormResumed, NormSuspended
from clmcrm.clm.norms.ledger import Ignored
from clmcrm.clm.obligations import Obligation
from clmcrm.clm.remedies import PowerId
from clmcrm.values.span import Span
from clmcrm.values.wording import Wording

_BY_ENTRY: Final = Wording("suspended", "suspendue")
_NOTHING_RESTS: Final = Wording("there was no suspension to end", "aucune suspension n'était en cours")
_NO_EVENT: Final = Wording("no such event had been invoked", "aucun événement de ce nom n'était invoqué")
_NO_CLAUSE: Final = Wording(
    "the contract says nothing about events beyond control", "le contrat ne prévoit pas la force majeure"
)


@frozen
class Beyond:
    """One invocation of force majeure: the entry, the clause, and the days it gives relief for (None: none)."""

    entry: ForceMajeureInvoked
    clause: ForceMajeureClause
    rest: Rest | None


def norm_rests(norm: str, entries: Iterable[AnyEntry]) -> tuple[tuple[Rest, ...], tuple[Ignored, ...]]:
    """The days the norm rests by entries of its own, and the resumptions that had nothing to end."""
    mine = [entry for entry in entries if norm in entry.touches]
    began = [entry for entry in mine if isinstance(entry, NormSuspended)]
    ended = [entry for entry in mine if isinstance(entry, NormResumed)]
    over, idle = paired([(e.from_day, e.at) for e in began], [(e.from_day, e.at) for e in ended])
    found = (
        rest_between(e.from_day, day, Rest(span=Span(e.from_day), clocks=e.clocks, why=_BY_ENTRY))
        for e, day in zip(began, over, strict=True)
    )
    return tuple(r for r in found if r is not None), tuple(Ignored(ended[i], _NOTHING_RESTS) for i in idle)


def beyond_control(life: ContractLife, entries: Iterable[AnyEntry]) -> tuple[tuple[Beyond, ...], tuple[Ignored, ...]]:
    """Every invocation of force majeure with the relief the clause gives, and the entries without effect.

    The clause is the one in force on the day the event began.
    """
    told = list(entries)
    invoked = [entry for entry in told if isinstance(entry, ForceMajeureInvoked)]
    ended = [entry for entry in told if isinstance(entry, ForceMajeureEnded)]
    clauses = {entry: life.force_majeure_on(entry.from_day) for entry in invoked}
    found: list[Beyond] = []
    ignored = [Ignored(entry, _NO_CLAUSE) for entry in invoked if clauses[entry] is None]
    for name in sorted({*(entry.event for entry in invoked), *(entry.event for entry in ended)}):
        own = [(entry, clause) for entry, clause in clauses.items() if entry.event == name and clause is not None]
        over = [entry for entry in ended if entry.event == name]
        days, idle = paired([(e.from_day, e.at) for e, _ in own], [(e.from_day, e.at) for e in over])
        found += [
            Beyond(entry, clause, _relief(clause, entry, day)) for (entry, clause), day in zip(own, days, strict=True)
        ]
        ignored += [Ignored(over[i], _NO_CLAUSE if _unagreed(life, over[i]) else _NO_EVENT) for i in idle]
    return tuple(found), tuple(ignored)


def obligation_rests(
    obligation: Obligation, life: ContractLife, entries: Iterable[AnyEntry]
) -> tuple[tuple[Rest, ...], tuple[Ignored, ...]]:
    """All days the obligation rests, without overlap, oldest first; and the resumptions that ended nothing."""
    told = list(entries)
    own, ignored = norm_rests(obligation.id, told)
    events, _ = beyond_control(life, told)
    relieved = [one.rest for one in events if one.rest is not None and _prevents(one.entry, obligation)]
    return disjoint((*own, *life.rests, *relieved)), ignored


def long_stops_passed(life: ContractLife, entries: Iterable[AnyEntry], as_of: date) -> dict[PowerId, date]:
    """The powers that events beyond control opened by `as_of`: the first day one had lasted longer than agreed."""
    found: dict[PowerId, date] = {}
    for one in beyond_control(life, entries)[0]:
        long_stop, opens = one.clause.long_stop, one.clause.opens
        if one.rest is not None and long_stop is not None and opens is not None:
            day = add_days(forward(one.rest.span.first_day, long_stop), 1)
            lasted = one.rest.span.last_day is None or day <= one.rest.span.last_day
            if lasted and day <= as_of:
                found[opens] = min(day, found.get(opens, day))
    return found


def _unagreed(life: ContractLife, entry: ForceMajeureEnded) -> bool:
    return life.force_majeure_on(entry.from_day) is None


def _relief(clause: ForceMajeureClause, entry: ForceMajeureInvoked, over: date | None) -> Rest | None:
    late = clause.notify_within is not None and entry.notified_on > forward(entry.from_day, clause.notify_within)
    first_day = entry.notified_on if late else entry.from_day
    why = Wording(f"prevented by {entry.event}", f"empêchée par {entry.event}")
    return rest_between(first_day, over, Rest(span=Span(first_day), clocks=clause.clocks, why=why))


def _prevents(entry: ForceMajeureInvoked, obligation: Obligation) -> bool:
    owed_by = obligation.obligor in (entry.side, Party.BOTH, Party.EITHER) or entry.side is Party.BOTH
    return owed_by and (not entry.norms or obligation.id in entry.norms)
