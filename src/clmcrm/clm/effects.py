"""What each event changes in a contract's standing, and which events do not count, with the reason.

The rule of the file: one short function for one event, found by the event's own type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import attrs

from clmcrm.clm import events as e
from clmcrm.clm.approval_handing import why_not_delegated, why_not_escalated, why_not_revoked, why_too_soon
from clmcrm.clm.approval_round import begun, why_not_counted, why_not_rejected
from clmcrm.clm.approval_steps import Delegation
from clmcrm.clm.kinds import Party
from clmcrm.clm.notice import day_given, end_after_notice
from clmcrm.clm.running import Running, amendment_of
from clmcrm.values.ids import AmendmentId
from clmcrm.values.partial import Unknown

_ONE_DAY: Final = timedelta(days=1)


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


def _unsigned(run: Running, _event: e.Event) -> None:
    # Who signed a request that was refused or called back has not signed the next one.
    run.signed = ()


def _turn_passed(run: Running, event: e.TurnPassed) -> None:
    run.pen = event.to


def _condition_met(run: Running, event: e.ConditionMet) -> None:
    run.conditions_met = (*run.conditions_met, (event.condition, event.on))
    run.reconsider()


def _amendment_accepted(run: Running, event: e.AmendmentAccepted) -> None:
    run.version += 1
    found = amendment_of(run.contract, event.amendment)
    if found is not None and found.moves_the_end:
        # In the order in which they take effect: before the signature all are counted from one day.
        overtakes = [one for one in run.amended if _effective_on(run, one) > found.effective_on]
        place = len(run.amended) - len(overtakes)
        run.amended = (*run.amended[:place], found.id, *run.amended[place:])
        run.reconsider()


def _effective_on(run: Running, name: AmendmentId) -> date:
    found = amendment_of(run.contract, name)
    return date.min if found is None else found.effective_on


def _notified(run: Running, event: e.NonRenewalNotified) -> None:
    day = day_given(run.seen(), event)
    end = end_after_notice(run.seen(), day)
    if isinstance(end, Unknown):
        run.unsure = Unknown(f"notice was given on {day}, but the end it reaches is not known: {end.reason}")
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
NOTES: Final[Mapping[type[e.Event], Callable[[Running, Any], None]]] = {
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
    e.SignatureDeclined: _unsigned,
    e.SignatureWithdrawn: _unsigned,
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
"""What an event changes, by its type."""
COUNTED: Final[Mapping[type[e.Event], Callable[[Running, Any], str]]] = {
    e.Approved: lambda run, event: why_not_counted(run.approval_round(), event),
    e.Rejected: lambda run, event: why_not_rejected(run.approval_round(), event),
    e.ApprovalDelegated: lambda run, event: why_not_delegated(run.approval_round(), event),
    e.DelegationRevoked: lambda run, event: why_not_revoked(run.approval_round(), event),
    e.ApprovalEscalated: lambda run, event: (
        why_not_escalated(run.approval_round(), event) or why_too_soon(run.approval_round(), event)
    ),
}
"""Why an event does not count (empty: it does), by its type; one of another type always counts."""
