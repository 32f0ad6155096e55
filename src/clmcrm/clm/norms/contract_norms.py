"""All norms of a contract on a day: every occurrence of its obligations, its powers, and stray entries.

The rule of the file: a ledger that was joined from elsewhere is always readable. What has no place in it is
listed with the reason, never dropped and never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final, TypeAlias

import attrs
from attrs import frozen

from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import forward
from clmcrm.clm.clauses import ForceMajeureClause
from clmcrm.clm.contract import Contract
from clmcrm.clm.contract_facts import contract_facts
from clmcrm.clm.day_expressions import DayExpression, Expression, Facts, names_in
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.due_days import Anchors, Occurrence, occurrences
from clmcrm.clm.norms.contract_life import ContractLife, contract_life, known_by
from clmcrm.clm.norms.entries import (
    AmountClaimed,
    AnyEntry,
    BreachNotified,
    Confirmed,
    Dismissed,
    Happened,
    OccurrenceEntry,
    Performed,
    PowerExercised,
    RemedyWaived,
)
from clmcrm.clm.norms.ledger import Ignored, NormLedger, first_recorded, premature, seen
from clmcrm.clm.norms.obligation_standings import ObligationStanding, obligation_standing, vague
from clmcrm.clm.norms.power_standings import PowerStanding, power_standing
from clmcrm.clm.norms.suspensions import beyond_control, long_stops_passed
from clmcrm.clm.obligations import DueEvery, DueOn, Obligation, Performance, antecedent_of
from clmcrm.clm.remedies import OpensPower, PowerId
from clmcrm.clm.versions import as_amended
from clmcrm.errors import DateRuleError
from clmcrm.values.days import check_days
from clmcrm.values.ids import ObligationId
from clmcrm.values.partial import DayFact, Unknown
from clmcrm.values.wording import Wording

# Adjustment moves a day by less than this.
_NEARBY: Final = timedelta(days=31)
_ONLY_OBLIGATIONS: Final = (Confirmed, Dismissed, Performed, BreachNotified, RemedyWaived, AmountClaimed)
_NO_SUCH_NORM: Final = Wording("the contract has no norm of that id", "le contrat n'a pas de norme de ce nom")
_NOT_A_DUTY: Final = Wording("it is about a power, not an obligation", "la norme est un pouvoir")
_NOT_A_POWER: Final = Wording("it is about an obligation, not a power", "la norme est une obligation")
_NO_OCCURRENCE: Final = Wording("nothing was due on that agreed day", "rien n'était dû à ce jour convenu")
_WHICH: Final = Wording("it does not say which occurrence", "l'échéance visée n'est pas précisée")
_TOO_SOON: Final = Wording("it was recorded before it can have happened", "inscrit avant d'avoir pu se produire")
_SAID_OTHERWISE: Final = Wording("another day was recorded first", "un autre jour a été inscrit avant")

_Read: TypeAlias = tuple[tuple[Occurrence | Unknown, ...], list[ObligationStanding]]
"""What was found of one obligation: its occurrences, and where each stands."""


@frozen(kw_only=True)
class NormsReading:
    """The norms of a contract on a day: `obligations` by obligation and day, `powers`, and stray entries.

    `ignored` are all entries without a place, those of the single standings among them, once each.
    """

    obligations: tuple[ObligationStanding, ...]
    powers: tuple[PowerStanding, ...]
    ignored: tuple[Ignored, ...]


def norms_of(
    contract: Contract,
    ledger: NormLedger,
    as_of: date,
    known_on: date | None = None,
    *,
    until: date | None = None,
    disputes: Iterable[Dispute] = (),
    calendar: HolidayCalendar | None = None,
    only: str | None = None,
) -> NormsReading:
    """Where the contract's norms stand on `as_of`, by what was recorded by `known_on` (None: by `as_of`).

    Of what recurs, every occurrence due by `until` (None: `as_of`) and the one after it. However many
    periods were missed, all are there. `only` keeps to one obligation or power.
    """
    check_days("norms_of", as_of=as_of)
    known_then = known_on or as_of
    told = seen(ledger, as_of, known_then)
    contested = tuple(disputes)
    life = contract_life(contract, as_of, known_then)
    current = as_amended(known_by(contract, known_then), as_of)

    def standings_of(asked: Iterable[Obligation], anchors: Anchors) -> Iterator[_Read]:
        for obligation in asked:
            found = _occurrences(obligation, anchors, calendar, max(until or as_of, _last_named(obligation, told)))
            yield (
                found,
                [
                    obligation_standing(
                        obligation,
                        occurrence,
                        ledger,
                        as_of,
                        known_then,
                        life=life,
                        facts=anchors.facts,
                        disputes=contested,
                        calendar=calendar,
                    )
                    for occurrence in found
                ],
            )

    anchors, twice = _anchors(current, life, told, standings_of)
    standings: list[ObligationStanding] = []
    ignored: list[Ignored] = [*twice, *beyond_control(life, told)[1], *_strays(current, told, ledger, known_then)]
    wanted = [o for o in current.obligations if only in (None, o.id)] or current.obligations
    for obligation, (found, mine) in zip(wanted, standings_of(wanted, anchors), strict=True):
        standings += mine
        ignored += [*_unplaced(obligation, found, told), *_everywhere(mine)]
    facts = _with_breaches(anchors.facts, standings, long_stops_passed(life, told, as_of))
    by_remedy = _opened_by_remedies(current)
    powers = [
        power_standing(
            power,
            ledger,
            as_of,
            known_then,
            life=life,
            facts=facts,
            by_remedy=power.id in by_remedy,
            disputes=contested,
            calendar=calendar,
        )
        for power in current.powers
        if only is None or power.id == only
    ]
    ignored += [each for standing in powers for each in standing.ignored]
    return NormsReading(obligations=tuple(standings), powers=tuple(powers), ignored=tuple(dict.fromkeys(ignored)))


def _anchors(
    contract: Contract,
    life: ContractLife,
    told: tuple[AnyEntry, ...],
    standings_of: Callable[[Iterable[Obligation], Anchors], Iterator[_Read]],
) -> tuple[Anchors, tuple[Ignored, ...]]:
    """What due days and conditions are counted from, by the ledger; and the facts said a second time otherwise.

    What was done is what the standings say: a performance without a place sets nothing off. One duty may wait for
    another that waits for a third, so they are looked at until nothing more comes to be done.
    """
    days: dict[str, DayFact] = {}
    happened = [entry for entry in first_recorded(told) if isinstance(entry, Happened)]
    twice = tuple(Ignored(e, _SAID_OTHERWISE) for e in happened if days.setdefault(e.fact, e.on) != e.on)
    names, done = _names(contract), dict[ObligationId, date]()
    asked = [o for o in contract.obligations if f"done:{o.id}" in names and not isinstance(o.due, DueEvery)]
    anchors = _counted_from(contract, life, days, done)
    for _ in asked:
        found = [each for _, mine in standings_of(asked, anchors) for each in mine]
        before, done = done, {each.obligation: each.done_on for each in found if each.done_on is not None}
        if done == before:
            break
        anchors = _counted_from(contract, life, days, done)
    return anchors, twice


def _names(contract: Contract) -> frozenset[str]:
    """The facts that the days of the contract's norms speak of."""
    days: list[DayExpression | None] = []
    for duty in contract.obligations:
        due = duty.due.day if isinstance(duty.due, DueOn) and isinstance(duty.due.day, Expression) else None
        days += [due, antecedent_of(duty), duty.antecedent_deadline]
    for power in contract.powers:
        days += [power.trigger, power.antecedent, power.closes]
    return frozenset[str]().union(*(names_in(day) for day in days if day is not None))


def _counted_from(
    contract: Contract, life: ContractLife, days: Mapping[str, DayFact], done: Mapping[ObligationId, date]
) -> Anchors:
    others = tuple(_as_done(obligation, done.get(obligation.id)) for obligation in contract.obligations)
    facts = contract_facts(attrs.evolve(contract, obligations=others))
    return Anchors(
        executed_on=contract.executed_on,
        effective_on=contract.effective_on,
        last_day=life.last_day,
        others=others,
        facts=Facts({**facts.days, **days}),
    )


def _as_done(obligation: Obligation, on: date | None) -> Obligation:
    """The obligation with one performance, on the day it was done in full (None: with none)."""
    return attrs.evolve(obligation, performances=() if on is None else (Performance(on=on, for_due=on),))


def _occurrences(
    obligation: Obligation, anchors: Anchors, calendar: HolidayCalendar | None, until: date
) -> tuple[Occurrence | Unknown, ...]:
    """Every occurrence due by `until` and the one after it, whatever has become of its condition."""
    if obligation.convention is not Convention.NONE and calendar is None:
        return (Unknown("its days move to business days, and no calendar was given"),)
    unconditional = attrs.evolve(obligation, antecedent=None, condition_fact=None)
    due = obligation.due
    try:
        last_day = _next_by(due, until) if isinstance(due, DueEvery) else date.max
        found = occurrences(unconditional, date.min, last_day, anchors=anchors, calendar=calendar)
    except DateRuleError as error:
        return (Unknown(str(error)),)
    if isinstance(found, Unknown):
        return (found,)
    later = [occurrence for occurrence in found if occurrence.due_on > until]
    return tuple(o for o in found if o.due_on <= until or o is later[0])


def _next_by(due: DueEvery, day: date) -> date:
    """A day by which the occurrence after `day` is due, wherever it is moved; at most the calendar's last."""
    try:
        following = forward(day, due.every)
    except DateRuleError:
        return date.max
    return following + min(_NEARBY, date.max - following)


def _last_named(obligation: Obligation, told: tuple[AnyEntry, ...]) -> date:
    """The last agreed day that an entry names: what is done ahead of time is looked at too."""
    days = [e.of for e in told if isinstance(e, OccurrenceEntry) and e.norm == obligation.id and e.of is not None]
    return max(days, default=date.min)


def _strays(contract: Contract, told: tuple[AnyEntry, ...], ledger: NormLedger, known_on: date) -> Iterator[Ignored]:
    duties = {obligation.id for obligation in contract.obligations}
    powers = {power.id for power in contract.powers}
    for entry in ledger.in_order:
        if premature(entry) and entry.known_on <= known_on:
            yield Ignored(entry, _TOO_SOON)
    for entry in told:
        if entry.touches - duties - powers:
            yield Ignored(entry, _NO_SUCH_NORM)
        elif isinstance(entry, _ONLY_OBLIGATIONS) and entry.norm in powers:
            yield Ignored(entry, _NOT_A_DUTY)
        elif isinstance(entry, PowerExercised) and entry.norm in duties:
            yield Ignored(entry, _NOT_A_POWER)


def _unplaced(
    obligation: Obligation, found: tuple[Occurrence | Unknown, ...], told: tuple[AnyEntry, ...]
) -> Iterator[Ignored]:
    agreed = {occurrence.agreed_on for occurrence in found if isinstance(occurrence, Occurrence)}
    for entry in told:
        if isinstance(entry, OccurrenceEntry) and entry.norm == obligation.id:
            if entry.of is not None and entry.of not in agreed:
                yield Ignored(entry, _NO_OCCURRENCE)
            elif vague(obligation, entry):
                yield Ignored(entry, _WHICH)


def _everywhere(standings: list[ObligationStanding]) -> Iterator[Ignored]:
    """What had no place; an entry about the obligation as a whole only if no occurrence had one for it."""
    for standing in standings:
        for each in standing.ignored:
            one = isinstance(each.entry, OccurrenceEntry) and each.entry.of is not None
            if one or all(each.entry in {other.entry for other in s.ignored} for s in standings):
                yield each


def _opened_by_remedies(contract: Contract) -> frozenset[str]:
    remedies = [remedy for obligation in contract.obligations for remedy in obligation.remedies]
    opened = {r.consequence.power for r in remedies if isinstance(r.consequence, OpensPower)}
    stops = {c.opens for c in contract.clauses if isinstance(c, ForceMajeureClause) and c.opens is not None}
    return frozenset[str](opened | stops)


def _with_breaches(facts: Facts, standings: Iterable[ObligationStanding], stopped_on: Mapping[PowerId, date]) -> Facts:
    """The facts with "breached:ID", "uncured:ID", "fired:REMEDY" and "opened:POWER": the first day of each."""
    days: dict[str, DayFact] = dict(facts.days)

    def first(name: str, day: date | None) -> None:
        if day is not None:
            before = days.get(name)
            days[name] = min(before, day) if isinstance(before, date) else day

    for standing in standings:
        if standing.breach is not None:
            first(f"breached:{standing.obligation}", standing.breach.since)
            first(f"uncured:{standing.obligation}", standing.breach.uncured_from)
        for remedy in standing.remedies:
            first(f"fired:{remedy.remedy.id}", remedy.fired_on)
            if remedy.opens is not None:
                first(f"opened:{remedy.opens}", remedy.fired_on)
    for power, day in stopped_on.items():
        first(f"opened:{power}", day)
    return Facts(days)
