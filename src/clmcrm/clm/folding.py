"""Adding up a contract's events, one after another, with the clock running in between.

The rule of the file: an event costs the same however many came before it. What the date alone brings about
is looked at only on the day from which it can have brought something about; that day is worked out again
only after an event that may have moved it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import attrs
from attrs import frozen

from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.approval_handing import why_not_delegated, why_not_escalated, why_not_revoked
from clmcrm.clm.approval_round import Round, begun, why_not_counted, why_not_rejected
from clmcrm.clm.approval_steps import Delegation
from clmcrm.clm.charts import Chart, key_of, name_of
from clmcrm.clm.chronicle import STEPS_TO_SIGNATURE, Dated
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.notice import end_after_notice
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.stages import AnyStage, Phase, Stage
from clmcrm.clm.standing import Standing, still_to_sign, unsubmitted
from clmcrm.clm.term_clauses import TermClause
from clmcrm.clm.versions import amended
from clmcrm.values.ids import AccountId, AmendmentId
from clmcrm.values.partial import Unknown, known, why_not

_ONE_DAY: Final = timedelta(days=1)
_NOT_YET: Final = date.min
_FIELDS: Final = tuple(part.name for part in attrs.fields(Standing))


@frozen
class Turn:
    """What the date brings about on `day`: the contract reaches `stage`, and why."""

    day: date
    stage: Stage
    why: str


class _Unasked:
    """Not asked yet: None is an answer."""


_UNASKED: Final = _Unasked()


class Running:
    """A standing that is being added to; `standing` gives it back as a value.

    The attributes are those of `Standing`, by the same names.
    """

    # Declared by Standing and set from there, name by name.
    stage: AnyStage
    since: date | None
    author: str
    authors: tuple[str, ...]
    round: Round | None
    rounds: int
    approvals: tuple[tuple[str, str], ...]
    signed: tuple[tuple[Party, str], ...]
    pen: Party
    version: int
    ending: e.Terminated | None
    assigned_to: AccountId | None
    conditions_met: tuple[tuple[str, date], ...]
    holds: frozenset[str]
    cures_demanded: tuple[e.CureDemanded, ...]
    continued_from: date | None
    last: e.Event | None
    why: str
    end: date | None
    unsure: Unknown | None
    replaced: tuple[e.Superseded | e.Novated, ...]
    renewed: tuple[e.RenewalAgreed, ...]
    amended: tuple[AmendmentId, ...]
    day: date
    known_on: date
    floor: date
    counted: int
    ignored: tuple[str, ...]

    def __init__(self, contract: Contract, chart: Chart, begun: Standing) -> None:
        self.contract = contract
        self._rows = chart.by_stage
        for name in _FIELDS:
            setattr(self, name, getattr(begun, name))
        self._next = _NOT_YET
        self._last_day: date | Unknown | _Unasked | None = _UNASKED
        self._seen: Contract | None = None
        # The events so far, kept only where the end is counted from them.
        self._told: list[e.AnyEvent] | None = [] if end_follows_events(contract) else None

    def standing(self, **also: Any) -> Standing:  # noqa: ANN401 - the values of Standing's own fields
        """What has been added up so far, with the fields `also` set."""
        return Standing(**{**{name: getattr(self, name) for name in _FIELDS}, **also})

    def add(self, day: date, event: e.AnyEvent) -> None:
        """Let time pass until `day`, then let `event` happen; one without a place is kept as ignored."""
        if day >= self._next:
            self.pass_time(day)
        kind = type(event)
        row = self._rows.get(self.stage, _NO_ROWS).get(kind if kind is not e.HostEvent else key_of(event))
        note = _NOTES.get(kind)
        if self._told is not None:
            self._told.append(event)
            self.reconsider()
        if row is None and kind not in ANY_TIME:
            self.ignore(event)
            return
        check = _COUNTED.get(kind)
        if check is not None and (why := check(self, event)):
            self.ignore(event, why)
            return
        if note is not None:
            note(self, event)
        if row is not None and row.target is not None and row.target is not self.stage:
            self.move(row.target, day, f"by {name_of(event)}")
        if kind in _CONCLUDING:
            self._conclude(day)
        if kind in STEPS_TO_SIGNATURE:
            self.floor = day
        self.last = event

    def ignore(self, event: e.AnyEvent, why: str = "") -> None:
        """Keep in mind that `event` had no place, and why where the stage alone does not tell."""
        told = f"{name_of(event)} of {event.at.isoformat()} in stage {self.stage.value}"
        self.ignored = (*self.ignored, f"{told}: {why}" if why else told)

    def approval_round(self) -> Round:
        """The present round of approval."""
        return self.round or unsubmitted(self.contract, self.authors, self.day)

    def move(self, stage: AnyStage, since: date, why: str = "") -> None:
        """Reach `stage`; what the date brings about next has to be looked at anew in another phase."""
        if stage.phase is not Phase.ACTIVE or self.stage.phase is not Phase.ACTIVE:
            self._next = _NOT_YET  # while it is in force, only what moves its end moves that day
        self.stage, self.since, self.why = stage, since, why

    def reconsider(self) -> None:
        """An event may have moved the end, and with it the day on which the date brings something about."""
        self._next, self._last_day, self._seen = _NOT_YET, _UNASKED, None

    def pass_time(self, day: date) -> None:
        """Bring about whatever the date alone brings about up to and on `day`."""
        while (turn := self.next_turn()) is not None:
            if turn.day > day:
                self._next = turn.day
                return
            self.move(turn.stage, turn.day, turn.why)
        self._next = date.max

    def next_turn(self) -> Turn | None:
        """What the date brings about next, however far off; None when nothing will by itself."""
        phase = self.stage.phase
        if phase is Phase.SIGNED:
            return self._taking_effect()
        if phase is Phase.ACTIVE:
            ends_on = self.last_day()
            return self._ended(ends_on + _ONE_DAY) if isinstance(ends_on, date) and ends_on < date.max else None
        if self.stage is Stage.EXPIRED and self.replaced:
            event = self.replaced[-1]
            return _replacement(event, max(self.since or date.min, event.from_day))
        return None

    def last_day(self) -> date | Unknown | None:
        """The last day in force by the events so far; None while no end is in sight."""
        if isinstance(self._last_day, _Unasked):
            self._last_day = self._found_last_day()
        return self._last_day

    def _found_last_day(self) -> date | Unknown | None:
        plan = term_plan(self.seen())
        if isinstance(plan, Unknown):
            return self.end or plan
        if self.end is None and self.unsure is not None:
            return self.unsure
        ends = [day for day in (self.end, plan.final_day) if day is not None]
        return min(ends) if ends else None

    def seen(self) -> Contract:
        """The contract as far as its end goes: amended, with the renewals that were agreed so far."""
        if self._seen is None:
            view = attrs.evolve(self.contract, events=self.renewed if self._told is None else tuple(self._told))
            for name in self.amended:
                found = amendment_of(view, name)
                view = view if found is None else amended(view, found)
            self._seen = view
        return self._seen

    def add_end(self, last_day: date) -> None:
        """An event brings the contract to an end on `last_day`; the earliest such day counts."""
        self.end = last_day if self.end is None else min(self.end, last_day)
        self.reconsider()

    def _taking_effect(self) -> Turn | None:
        first_day = known(self.contract.effective_on)
        met = dict(self.conditions_met)
        if any(condition not in met for condition in self.contract.conditions_precedent):
            return None
        if first_day is None:
            why = f"signed, but the effective date is not known: {why_not(self.contract.effective_on)}"
            return Turn(self.since or date.min, Stage.UNKNOWN, why)
        return Turn(max((first_day, *met.values())), Stage.IN_EFFECT, "")

    def _ended(self, over_from: date) -> Turn:
        """The stage it ends in when `over_from` is the first day it is no longer in force."""
        for event in reversed(self.replaced):
            if event.from_day <= over_from:
                return _replacement(event, over_from)
        if self.ending is not None and self.ending.last_day < over_from:
            return Turn(over_from, Stage.TERMINATED, f"terminated ({self.ending.ground.value})")
        return Turn(over_from, Stage.EXPIRED, "its last term ended")

    def _conclude(self, day: date) -> None:
        """The last needed approval or signature has its consequence."""
        if self.stage is Stage.IN_APPROVAL and self.approval_round().complete:
            self.move(Stage.NEGOTIATING, day, "by Approved")
        elif self.stage is Stage.AWAITING_SIGNATURE and not still_to_sign(self.contract, self.signed):
            self.move(Stage.SIGNED, day, "by Signed")


def _replacement(event: e.Superseded | e.Novated, since: date) -> Turn:
    if isinstance(event, e.Superseded):
        return Turn(since, Stage.SUPERSEDED, f"replaced by {event.successor}")
    return Turn(since, Stage.NOVATED, f"novated into {event.successor}")


def amendment_of(contract: Contract, name: AmendmentId) -> Amendment | None:
    """The contract's amendment of that id, or None."""
    return next((one for one in contract.amendments if one.id == name), None)


def end_follows_events(contract: Contract) -> bool:
    """Whether a term of the contract, or of one of its amendments, ends by a rule that may name events."""
    terms = [contract.term, *(one.term for one in contract.amendments)]
    terms += [one.restated.term for one in contract.amendments if one.restated is not None]
    return any(isinstance(term, TermClause) and term.until is not None for term in terms)


_NO_ROWS: Final[Mapping[Any, Any]] = {}
_CONCLUDING: Final = frozenset({e.Approved, e.Signed})
_COUNTED: Final[Mapping[type[e.Event], Callable[[Running, Any], str]]] = {
    e.Approved: lambda run, event: why_not_counted(run.approval_round(), event),
    e.Rejected: lambda run, event: why_not_rejected(run.approval_round(), event),
    e.ApprovalDelegated: lambda run, event: why_not_delegated(run.approval_round(), event),
    e.DelegationRevoked: lambda run, event: why_not_revoked(run.approval_round(), event),
    e.ApprovalEscalated: lambda run, event: why_not_escalated(run.approval_round(), event),
}
ANY_TIME: Final = frozenset(
    {
        e.DataReviewed,
        e.LinkedToCrm,
        e.UnlinkedFromCrm,
        e.CrmConflictFound,
        e.CrmConflictSettled,
        e.HoldPlaced,
        e.HoldReleased,
    }
)
"""What belongs to another region than the stage (`clmcrm.clm.regions`), or may happen in each."""


def _requested(run: Running, event: e.Event) -> None:
    run.author = event.by
    run.authors = _with(run.authors, event.by)


def _submitted(run: Running, event: e.SubmittedForApproval) -> None:
    # Each submission is asked about anew: what was approved in an earlier round counts no more.
    run.rounds += 1
    run.round = begun(run.contract, event, run.authors, run.rounds, event.at.date())
    run.approvals = ()


def _redrafted(run: Running, event: e.Event) -> None:
    # A changed text voids what was approved or signed before it; who changed it is its author.
    run.author = event.by
    run.authors = _with(run.authors, event.by)
    _refused(run, event)


def _refused(run: Running, _event: e.Event) -> None:
    run.approvals, run.signed, run.pen, run.round = (), (), Party.OWN, None


def _recalled(run: Running, _event: e.Event) -> None:
    run.approvals, run.round = (), None


def _approved(run: Running, event: e.Approved) -> None:
    run.round = run.approval_round().adding(event)
    run.approvals = (*run.approvals, (event.by, event.role))


def _delegated(run: Running, event: e.ApprovalDelegated) -> None:
    now, given = run.approval_round(), Delegation(event.giver, event.to, event.first_day, event.last_day)
    run.round = attrs.evolve(now, delegations=(*now.delegations, given))


def _revoked(run: Running, event: e.DelegationRevoked) -> None:
    run.round = run.approval_round().without_delegation(event.giver, event.to)


def _escalated(run: Running, event: e.ApprovalEscalated) -> None:
    now = run.approval_round()
    run.round = attrs.evolve(now, escalated=(*now.escalated, (event.step, event.to)))


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


def _signed(run: Running, event: e.Signed) -> None:
    run.signed = (*run.signed, (event.side, event.signer))


def _turn_passed(run: Running, event: e.TurnPassed) -> None:
    run.pen = event.to


def _condition_met(run: Running, event: e.ConditionMet) -> None:
    run.conditions_met = (*run.conditions_met, (event.condition, event.on))
    run.reconsider()


def _amendment_accepted(run: Running, event: e.AmendmentAccepted) -> None:
    run.version += 1
    found = amendment_of(run.contract, event.amendment)
    if found is not None and (found.term or found.renewal or found.notice or found.restated):
        run.amended = (*run.amended, found.id)
        run.reconsider()


def _notified(run: Running, event: e.NonRenewalNotified) -> None:
    given_on = event.happened_on
    end = end_after_notice(run.seen(), given_on)
    if isinstance(end, Unknown):
        run.unsure = Unknown(f"notice was given on {given_on}, but the end it reaches is not known: {end.reason}")
        run.reconsider()
    else:
        run.add_end(end)


def _renewed(run: Running, event: e.RenewalAgreed) -> None:
    run.renewed = (*run.renewed, event)
    run.reconsider()


def _terminated(run: Running, event: e.Terminated) -> None:
    run.ending = event
    run.add_end(event.last_day)


def _replaced(run: Running, event: e.Superseded | e.Novated) -> None:
    run.replaced = (*run.replaced, event)
    run.add_end(event.from_day - _ONE_DAY)


def _assigned(run: Running, event: e.PartyAssigned) -> None:
    run.assigned_to = event.to


def _cure_demanded(run: Running, event: e.CureDemanded) -> None:
    run.cures_demanded = (*run.cures_demanded, event)


def _continued(run: Running, event: e.PerformanceContinued) -> None:
    run.continued_from = event.from_day


def _held(run: Running, event: e.HoldPlaced) -> None:
    run.holds |= {event.hold}


def _released(run: Running, event: e.HoldReleased) -> None:
    run.holds -= {event.hold}


# Each is called with the event of its own key: no annotation can say so.
_NOTES: Final[Mapping[type[e.Event], Callable[[Running, Any], None]]] = {
    e.Requested: _requested,
    e.SubmittedForApproval: _submitted,
    e.ApprovalDelegated: _delegated,
    e.DelegationRevoked: _revoked,
    e.ApprovalEscalated: _escalated,
    e.Redrafted: _redrafted,
    e.Rejected: _refused,
    e.Recalled: _recalled,
    e.Approved: _approved,
    e.Signed: _signed,
    e.TurnPassed: _turn_passed,
    e.ConditionMet: _condition_met,
    e.AmendmentAccepted: _amendment_accepted,
    e.NonRenewalNotified: _notified,
    e.RenewalAgreed: _renewed,
    e.Terminated: _terminated,
    e.Superseded: _replaced,
    e.Novated: _replaced,
    e.PartyAssigned: _assigned,
    e.CureDemanded: _cure_demanded,
    e.PerformanceContinued: _continued,
    e.HoldPlaced: _held,
    e.HoldReleased: _released,
}


def added(run: Running, pairs: Iterable[Dated], until: date) -> list[Dated]:
    """Add every event that counts on or before `until`, in order; what comes after it is returned."""
    waiting: list[Dated] = []
    for day, event in pairs:
        if day > until:
            waiting.append((day, event))
        else:
            run.add(day, event)
            run.day = day
    return waiting
