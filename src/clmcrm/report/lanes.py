"""What the renewal timeline shows of each contract: its terms within a window, and its next notice.

The rule of the file: a lane exists for every contract, and one without bars says why it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import attrs
from attrs import frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.calendars.regimes.known import regimes_of
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.events import Archived
from clmcrm.clm.hindsight import as_known
from clmcrm.clm.lifecycle import StageOn, stage_of
from clmcrm.clm.notice import last_day_in_force, next_notice_deadline
from clmcrm.clm.renewals import terms
from clmcrm.clm.stages import AnyStage, Phase, Stage
from clmcrm.clm.term_plans import Term, TermKind
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.partial import Unknown, known, why_not
from clmcrm.values.span import Span
from clmcrm.values.wording import Wording

_NEVER: Final[Mapping[AnyStage, Wording]] = {
    Stage.CANCELED: Wording("given up before signature", "abandonné avant signature"),
    Stage.RESCINDED: Wording("undone from the start", "annulé dès l'origine"),
}
_NOT_YET: Final = Wording("not signed yet", "pas encore signé")


@frozen(kw_only=True)
class Segment:
    """The part of a term that lies in the window: `span` has both ends inside.

    `term` is the whole of it, up to the contract's end (`last_day` None: no end is fixed). `index` is 0 for the
    initial term; `begun` says whether the term had begun on `as_of`: one that has not comes only if nobody gives
    notice. `open_ended` says that it has no fixed end.
    """

    index: int
    span: Span
    term: Span
    begun: bool
    open_ended: bool


@frozen(kw_only=True)
class NoticeWindow:
    """When notice may still be given: from `first_day` (as_of where no opening is agreed) to `last_day`."""

    first_day: date
    safe_day: date
    last_day: date


@frozen(kw_only=True)
class Lane:
    """One contract's line: who and what, its stage, the segments of its terms, its next notice window.

    `ends_on` is the last day in force as far as it is known (None: no end in sight, or not known). `why`
    says in words why there is no bar (None: there is at least one). `withheld` names the fields whose
    place is taken by a word, because the reader may not see them.
    """

    contract: ContractId
    number: str
    title: str
    counterparty: AccountId | None
    stage: AnyStage
    segments: tuple[Segment, ...] = ()
    notice: NoticeWindow | None = None
    ends_on: date | None = None
    why: Wording | None = None
    withheld: tuple[str, ...] = ()


@frozen(kw_only=True)
class Timeline:
    """The lanes of a portfolio over a window from `first_day` to `last_day`, both inside."""

    as_of: date
    first_day: date
    last_day: date
    lanes: tuple[Lane, ...]


def timeline_of(
    contracts: Iterable[Contract],
    as_of: date,
    first_day: date,
    last_day: date,
    calendars: CalendarSource | None = None,
) -> Timeline:
    """The lanes of `contracts` over the days from `first_day` to `last_day`, both inside.

    Sorted by the next notice day, then by the end, then by number; contracts without either come last.
    """
    window = Span(first_day, last_day)
    lanes = [_lane(contract, as_of, window, last_day, calendars) for contract in contracts]
    lanes.sort(key=_order)
    return Timeline(as_of=as_of, first_day=first_day, last_day=last_day, lanes=tuple(lanes))


def lane_label(lane: Lane) -> str:
    """Number (or id) and title.

    >>> from clmcrm.values.ids import ContractId
    >>> lane_label(Lane(contract=ContractId("c"), number="C-1", title="Lifts", counterparty=None, stage=Stage.DRAFT))
    'C-1 Lifts'
    """
    return f"{lane.number or lane.contract} {lane.title}"


def names_of(lane: Lane, names: Mapping[AccountId, str]) -> str:
    """The counterparty's name, its id where no name is known, and an empty text when it is not stated."""
    return "" if lane.counterparty is None else names.get(lane.counterparty, lane.counterparty)


def _order(lane: Lane) -> tuple[bool, date, bool, date, str]:
    noticed = lane.notice.safe_day if lane.notice else date.max
    return lane.notice is None, noticed, lane.ends_on is None, lane.ends_on or date.max, lane.number or lane.contract


def _lane(contract: Contract, as_of: date, window: Span, last_day: date, calendars: CalendarSource | None) -> Lane:
    found_stage = stage_of(contract, as_of)
    stage = found_stage.stage
    lane = Lane(
        contract=contract.id,
        number=contract.number,
        title=contract.title,
        counterparty=counterparty_on(contract, as_of),
        stage=stage,
    )
    lived = _before_archive(contract, as_of) if stage.phase is Phase.ARCHIVED else found_stage
    if lived.stage.phase is Phase.BEFORE or lived.stage in _NEVER:
        return attrs.evolve(lane, why=_NEVER.get(lived.stage, _NOT_YET))
    ends_on = _end(contract, lived, as_of, calendars)
    found = terms(as_known(contract, as_of), last_day, regimes_of(calendars))
    if isinstance(found, Unknown):
        return attrs.evolve(lane, ends_on=ends_on, why=Wording(found.reason, found.reason))
    segments = tuple(s for term in found if (s := _segment(term, as_of, window, ends_on)) is not None)
    why = None if segments else _why_none(found[0])
    return attrs.evolve(
        lane, segments=segments, ends_on=ends_on, why=why, notice=_notice(contract, stage, as_of, calendars)
    )


def _before_archive(contract: Contract, as_of: date) -> StageOn:
    """The stage a contract that was put away by `as_of` was in before."""
    kept = tuple(event for event in contract.events if not isinstance(event, Archived))
    return stage_of(attrs.evolve(contract, events=kept), as_of)


def _end(contract: Contract, stage: StageOn, as_of: date, calendars: CalendarSource | None) -> date | None:
    """The last day in force as far as it is known; a contract that is over has none after it was."""
    end = last_day_in_force(contract, as_of, calendars)
    days = [end] if isinstance(end, date) else []
    if stage.stage.phase is Phase.ENDED and stage.since is not None:
        days.append(stage.since)
    return min(days, default=None)


def _segment(term: Term, as_of: date, window: Span, ends_on: date | None) -> Segment | None:
    """The part of `term` inside the window and before the contract's end; None when there is none."""
    first_day = known(term.first_day)
    if first_day is None:
        return None
    ends = [day for day in (term.last_day, ends_on) if day is not None]
    start = max(first_day, window.first_day)
    stop = min(day for day in (*ends, window.last_day) if day is not None)
    if stop < start:
        return None
    whole = Span(first_day, min(ends, default=None))
    open_ended = term.kind is TermKind.INDEFINITE and (ends_on is None)
    return Segment(
        index=term.index, span=Span(start, stop), term=whole, begun=first_day <= as_of, open_ended=open_ended
    )


def _why_none(first: Term) -> Wording:
    if known(first.first_day) is None:
        reason = why_not(first.first_day)
        return Wording(f"first day not known: {reason}", f"premier jour inconnu : {reason}")
    return Wording("not in force in this period", "pas en vigueur sur cette période")


def _notice(contract: Contract, stage: AnyStage, as_of: date, calendars: CalendarSource | None) -> NoticeWindow | None:
    if stage.phase not in (Phase.ACTIVE, Phase.SIGNED):
        return None
    answer = next_notice_deadline(contract, as_of, calendars)
    if not isinstance(answer, Deadline):
        return None
    opens = max(answer.opens_on or as_of, as_of)
    return NoticeWindow(first_day=min(opens, answer.last_day), safe_day=answer.safe_day, last_day=answer.last_day)
