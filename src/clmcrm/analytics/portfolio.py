"""Everything a portfolio of contracts has coming: notices, ends, renewals and obligations, in one list.

Each entry carries the steps that explain its day; what cannot be dated is listed too, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

import attrs
from attrs import frozen

from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.calendar import CalendarSource, HolidayCalendar
from clmcrm.calendars.months import add_days, backward
from clmcrm.calendars.regimes.known import Regimes, regimes_of
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.due_days import Anchors, Occurrence, occurrences
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import calendar_of, last_day_in_force, next_notice_deadline
from clmcrm.clm.obligations import Obligation
from clmcrm.clm.performance import performance_of
from clmcrm.clm.stages import ACTIVE, Stage
from clmcrm.clm.versions import as_amended
from clmcrm.errors import DateRuleError, InvalidRecord, OutsideCoverage
from clmcrm.values.days import check_days
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.wording import Language, Step, Wording


class EntryKind(StrEnum):
    """What an entry of the agenda is."""

    NOTICE = "notice"
    END = "end"
    OBLIGATION = "obligation"


@frozen(kw_only=True)
class Entry:
    """One day to watch.

    `day` is the last day on which it may still be done, `safe_day` the day by which it is safe under every
    reading (the same day where nothing is open). `deadline` is the whole answer for a notice.
    """

    day: date
    safe_day: date
    kind: EntryKind
    contract: ContractId
    number: str
    title: str
    counterparty: AccountId | None
    what: Wording
    amount: Money | None = None
    steps: tuple[Step, ...] = ()
    deadline: Deadline | None = None
    withheld: tuple[str, ...] = ()


@frozen(kw_only=True)
class Undated:
    """A contract (or obligation) without a date, and why; `known` tells "there is none" from "not known".

    `reason` is in English; `why` says it in both languages, where the rule has words for both (None: it has not).
    `withheld` names the fields whose place is taken by a word, because the reader may not see them.
    """

    contract: ContractId
    number: str
    title: str
    reason: str
    known: bool
    why: Wording | None = None
    withheld: tuple[str, ...] = ()

    def said(self, language: Language) -> str:
        """The reason in `language`, or in English where there are no other words for it."""
        return self.reason if self.why is None else self.why.said(language)


@frozen(kw_only=True)
class Agenda:
    """What is coming from `first_day` to `last_day`, both inside, by day; and what has no date."""

    first_day: date
    last_day: date
    entries: tuple[Entry, ...]
    undated: tuple[Undated, ...]


def agenda(contracts: Iterable[Contract], as_of: date, until: date, calendars: CalendarSource | None = None) -> Agenda:
    """The next notice deadline, end and every obligation from `as_of` to `until`, both inside, of contracts in force.

    What may still be done on `as_of` counts, and what should be done by `until` to be safe: an obligation in its days
    of grace, and a notice whose safe day lies inside though its last does not. Contracts that are signed but not yet
    in effect count too; drafts and ended ones do not. An obligation that was performed in full is left out. An entry
    names who stands on the other side on `as_of`, after assignments. Sorted by day, then by contract. A contract whose
    days lie outside the years 1 to 9999 has no date, for that reason, and the others theirs. Raises `InvalidRecord` for
    an `until` before `as_of`.
    """
    check_days("agenda", as_of=as_of, until=until)
    if until < as_of:
        raise InvalidRecord("agenda", "until", until, f"{as_of} or later")
    entries: list[Entry] = []
    undated: list[Undated] = []
    for contract in contracts:
        found: _Found = ([], [])
        try:
            _listed(contract, as_of, until, calendars, found)
        except DateRuleError as error:
            found = ([], [_undated(contract, str(error), known=False)])
        entries += found[0]
        undated += found[1]
    order = {kind: i for i, kind in enumerate(EntryKind)}
    entries.sort(key=lambda entry: (entry.day, entry.contract, order[entry.kind], entry.what.en))
    return Agenda(first_day=as_of, last_day=until, entries=tuple(entries), undated=tuple(undated))


_Found = tuple[list[Entry], list[Undated]]


def _listed(contract: Contract, as_of: date, until: date, calendars: CalendarSource | None, found: _Found) -> None:
    stage = stage_of(contract, as_of).stage
    if stage in ACTIVE or stage in (Stage.SIGNED, Stage.UNKNOWN):
        held = attrs.evolve(contract, counterparty=counterparty_on(contract, as_of))
        _notice(held, as_of, until, calendars, found)
        _end(held, as_of, until, calendars, found[0])
        _obligations(held, as_of, until, calendars, found)


def _notice(contract: Contract, as_of: date, until: date, calendars: CalendarSource | None, found: _Found) -> None:
    entries, undated = found
    answer = next_notice_deadline(contract, as_of, calendars)
    if isinstance(answer, Deadline):
        if answer.safe_day <= until:
            entries.append(_notice_entry(contract, answer))
        return
    if isinstance(answer, NoDeadline):
        undated.append(_undated(contract, answer.reason.en, known=True, why=answer.reason))
    else:
        undated.append(_undated(contract, answer.reason, known=False))


def _notice_entry(contract: Contract, deadline: Deadline) -> Entry:
    what = Wording(
        f"last day for notice to {deadline.purpose.value} (term ends {deadline.ends_on})",
        f"dernier jour pour notifier (terme échéant le {deadline.ends_on})",
    )
    return Entry(
        day=deadline.last_day,
        safe_day=deadline.safe_day,
        kind=EntryKind.NOTICE,
        contract=contract.id,
        number=contract.number,
        title=contract.title,
        counterparty=contract.counterparty,
        what=what,
        steps=deadline.steps,
        deadline=deadline,
    )


def _end(contract: Contract, as_of: date, until: date, calendars: CalendarSource | None, entries: list[Entry]) -> None:
    end = last_day_in_force(contract, as_of, calendars)
    if isinstance(end, date) and as_of <= end <= until:
        what = Wording("last day in force", "dernier jour en vigueur")
        entries.append(
            Entry(
                day=end,
                safe_day=end,
                kind=EntryKind.END,
                contract=contract.id,
                number=contract.number,
                title=contract.title,
                counterparty=contract.counterparty,
                what=what,
                steps=(Step(end, what),),
            )
        )


def _obligations(contract: Contract, as_of: date, until: date, calendars: CalendarSource | None, found: _Found) -> None:
    current = as_amended(contract, as_of)
    anchors = contract_anchors(contract, as_of, calendars)
    counted_with = (calendar_of(current, calendars), regimes_of(calendars))
    for obligation in current.obligations:
        for window in _windows(obligation, as_of, until):
            answer = _occurrences(obligation, window, anchors, counted_with)
            if not isinstance(answer, tuple):
                found[1].append(_undated_obligation(contract, obligation, answer))
                break
            found[0].extend(
                _obligation_entry(contract, occurrence)
                for occurrence in answer
                if occurrence.late_after >= as_of and performance_of(obligation, occurrence, as_of).done_on is None
            )


def _windows(obligation: Obligation, as_of: date, until: date) -> list[Span]:
    """The due days to look at: those to come, and those before whose days of grace may reach `as_of`."""
    to_come = Span(as_of, until)
    if obligation.grace is None:
        return [to_come]
    earliest = add_days(backward(as_of, obligation.grace), -_CLIPPED)
    return [to_come, Span(earliest, add_days(as_of, -1))]


_NO_CALENDAR: Final = Wording(
    "its days move to business days, and no calendar is known for its place",
    "ses échéances se règlent sur les jours ouvrés, et aucun calendrier n'est connu pour son lieu",
)
_CLIPPED: Final = 3
"""By how many days the end of a short month may have brought a day of grace forward."""


def contract_anchors(contract: Contract, as_of: date, calendars: CalendarSource | None = None) -> Anchors:
    """The days the contract's obligations are counted from, as known on `as_of`."""
    return Anchors(
        executed_on=contract.executed_on,
        effective_on=contract.effective_on,
        last_day=last_day_in_force(contract, as_of, calendars),
        others=contract.obligations,
    )


def _occurrences(
    obligation: Obligation, window: Span, anchors: Anchors, counted_with: tuple[HolidayCalendar | None, Regimes]
) -> tuple[Occurrence, ...] | Unknown | Wording:
    calendar, regimes = counted_with
    if obligation.convention is not Convention.NONE and calendar is None:
        return _NO_CALENDAR
    last_day = window.last_day or window.first_day
    try:
        return occurrences(obligation, window.first_day, last_day, anchors=anchors, calendar=calendar, regimes=regimes)
    except OutsideCoverage as outside:
        return Unknown(str(outside))


def _obligation_entry(contract: Contract, occurrence: Occurrence) -> Entry:
    return Entry(
        day=occurrence.late_after,
        safe_day=occurrence.due_on,
        kind=EntryKind.OBLIGATION,
        contract=contract.id,
        number=contract.number,
        title=contract.title,
        counterparty=contract.counterparty,
        what=Wording(occurrence.title, occurrence.title),
        amount=occurrence.amount,
        steps=occurrence.steps,
    )


def _undated_obligation(contract: Contract, obligation: Obligation, found: Unknown | Wording) -> Undated:
    if isinstance(found, Unknown):
        return _undated(contract, f"{obligation.title}: {found.reason}", known=False)
    why = Wording(f"{obligation.title}: {found.en}", f"{obligation.title} : {found.fr}")
    return _undated(contract, why.en, known=False, why=why)


def _undated(contract: Contract, reason: str, *, known: bool, why: Wording | None = None) -> Undated:
    return Undated(
        contract=contract.id, number=contract.number, title=contract.title, reason=reason, known=known, why=why
    )
