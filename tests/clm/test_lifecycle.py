"""The lifecycle: one table, stages computed from events and a date, refusals that say what is possible."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment, LineChange
from clmcrm.clm.charts import Consequence
from clmcrm.clm.clauses import Restriction, RestrictionKind
from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.cycle_phases import cycle_of
from clmcrm.clm.diagram import edges, to_dot, to_mermaid
from clmcrm.clm.folding import ANY_TIME
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, possible_events, stage_of, standing_of
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.renewals import terms
from clmcrm.clm.situations import Situation, situations_of
from clmcrm.clm.stages import Stage
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TermClause, TerminationRight
from clmcrm.clm.transitions import LIFECYCLE, TRANSITIONS
from clmcrm.clm.versions import as_amended
from clmcrm.errors import StaleBase, TransitionNotAllowed
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, LineId
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import at, contract


def path(start: Contract, *steps: e.AnyEvent) -> Contract:
    for step in steps:
        start = advance(start, step)
    return start


REQUEST = e.Requested(at("2024-04-01"), "ann")
SUBMIT = e.SubmittedForApproval(at("2024-04-02"), "ann")
APPROVE = e.Approved(at("2024-04-03"), "bob", role="legal")
SEND = e.SentForSignature(at("2024-04-04"), "ann")
THEY_SIGN = e.Signed(at("2024-04-05"), "esign", side=Party.COUNTERPARTY)
WE_SIGN = e.Signed(at("2024-04-06"), "esign", side=Party.OWN)
SIGNED = (REQUEST, SUBMIT, APPROVE, SEND, THEY_SIGN, WE_SIGN)


def test_a_contract_goes_from_request_to_effect_by_its_events_and_the_date() -> None:
    life = path(contract(), *SIGNED)
    stages = {
        day: stage_of(life, date.fromisoformat(day)).stage
        for day in ("2024-03-31", "2024-04-01", "2024-04-02", "2024-04-03", "2024-04-05", "2024-04-06",
                    "2024-05-31", "2024-06-01", "2034-01-01")
    }  # fmt: skip
    assert list(stages.values()) == [
        Stage.NEW, Stage.DRAFT, Stage.IN_APPROVAL, Stage.NEGOTIATING, Stage.AWAITING_SIGNATURE, Stage.SIGNED,
        Stage.SIGNED, Stage.IN_EFFECT, Stage.IN_EFFECT,
    ]  # fmt: skip


def test_a_refusal_says_why_and_what_is_possible() -> None:
    waiting = path(contract(number="C-O-9"), *SIGNED[:-1])
    with pytest.raises(TransitionNotAllowed) as refusal:
        _ = advance(waiting, e.Activated(at("2024-06-02"), "clm"))
    assert str(refusal.value) == (
        "contract C-O-9: Activated is not possible in stage awaiting_signature (unsigned: own); "
        "possible now: Signed, SignatureDeclined, SignatureWithdrawn, Canceled, Undone"
    )
    assert waiting == path(contract(number="C-O-9"), *SIGNED[:-1])  # nothing is half applied


@pytest.mark.parametrize(
    ("steps", "event", "why"),
    [
        ((REQUEST, SUBMIT), e.Approved(at("2024-04-03"), "ann"), "the author cannot approve"),
        ((REQUEST, SUBMIT), e.Approved(at("2024-04-03"), "bob", version=4), "version 4"),
        ((REQUEST, SUBMIT), e.Rejected(at("2024-04-03"), "bob"), "reason (note) is missing"),
        ((REQUEST, SUBMIT, APPROVE), e.TurnPassed(at("2024-04-04"), "ann", to=Party.OWN), "holds the pen"),
        (SIGNED, e.Activated(at("2024-05-01"), "clm"), "the effective date, 2024-06-01, has not come"),
        (
            SIGNED,
            e.Terminated(at("2024-07-01"), "ann", ground=e.Ground.CONVENIENCE, last_day=date(2024, 8, 1)),
            "no clause lets this side terminate",
        ),
        (
            SIGNED,
            e.Terminated(at("2024-07-01"), "ann", ground=e.Ground.CAUSE, last_day=date(2024, 8, 1)),
            "the cause (note) is missing",
        ),
        (
            SIGNED,
            e.RenewalAgreed(at("2024-07-01"), "ann", side=Party.OWN, served_on=date(2024, 7, 1)),
            "a tacit renewal is not agreed by an event",
        ),
    ],
)
def test_guards_refuse_with_their_reason(steps: tuple[e.AnyEvent, ...], event: e.AnyEvent, why: str) -> None:
    with pytest.raises(TransitionNotAllowed) as refusal:
        _ = advance(path(contract(), *steps), event)
    assert why in str(refusal.value)


def test_every_needed_role_must_approve_and_nobody_twice() -> None:
    two = path(contract(approvals_needed=("legal", "finance")), REQUEST, SUBMIT, APPROVE)
    assert stage_of(two, date(2024, 4, 3)).stage is Stage.IN_APPROVAL
    with pytest.raises(TransitionNotAllowed, match="bob has approved this text already"):
        _ = advance(two, e.Approved(at("2024-04-03"), "bob", role="finance"))
    done = advance(two, e.Approved(at("2024-04-04"), "eve", role="finance"))
    assert stage_of(done, date(2024, 4, 4)).stage is Stage.NEGOTIATING


def test_a_redraft_voids_the_approval() -> None:
    life = path(
        contract(), REQUEST, SUBMIT, APPROVE, e.Redrafted(at("2024-04-05"), "ann"),
        e.SubmittedForApproval(at("2024-04-06"), "ann"),
    )  # fmt: skip
    with pytest.raises(TransitionNotAllowed):
        _ = advance(life, e.SentForSignature(at("2024-04-07"), "ann"))


def test_named_signatories_sign_by_name() -> None:
    named = contract(
        signatories=(
            Signatory(side=Party.OWN, name="Ann"),
            Signatory(side=Party.OWN, name="Bob"),
            Signatory(side=Party.COUNTERPARTY, name="Cy"),
        )
    )
    life = path(named, *SIGNED[:4], THEY_SIGN, e.Signed(at("2024-04-06"), "x", side=Party.OWN, signer="Ann"))
    with pytest.raises(TransitionNotAllowed, match="unsigned: Bob"):
        _ = advance(life, e.Activated(at("2024-06-02"), "clm"))


@pytest.mark.parametrize(("named", "other"), [(Party.COUNTERPARTY, Party.OWN), (Party.OWN, Party.COUNTERPARTY)])
@pytest.mark.parametrize("taking_note", [False, True])
def test_a_side_whose_signatories_nobody_named_signs_all_the_same(
    named: Party, other: Party, *, taking_note: bool
) -> None:
    """A draft made of a won deal names those who sign for the customer only (`clmcrm.bridge.initiation`)."""
    people = [Signatory(side=named, name="Ben")]
    people += [Signatory(side=other, name="Ann", required=False)] if taking_note else []
    half = path(
        contract(signatories=tuple(people)), *SIGNED[:4], e.Signed(at("2024-04-05"), "x", side=named, signer="Ben")
    )
    assert stage_of(half, date(2024, 7, 1)).stage is Stage.AWAITING_SIGNATURE
    with pytest.raises(TransitionNotAllowed, match=f"unsigned: {other.value}"):
        _ = advance(half, e.Activated(at("2024-06-02"), "clm"))
    assert isinstance(cycle_of(half), str)
    whole = advance(half, e.Signed(at("2024-04-06"), "x", side=other, signer="Ann"))
    assert stage_of(whole, date(2024, 4, 6)).stage is Stage.SIGNED


def test_one_who_signs_for_both_sides_signs_once_for_each() -> None:
    both = tuple(Signatory(side=side, name="Ann") for side in (Party.OWN, Party.COUNTERPARTY))
    half = path(contract(signatories=both), *SIGNED[:4], e.Signed(at("2024-04-05"), "x", side=Party.OWN, signer="Ann"))
    assert stage_of(half, date(2024, 4, 5)).stage is Stage.AWAITING_SIGNATURE
    whole = advance(half, e.Signed(at("2024-04-06"), "x", side=Party.COUNTERPARTY, signer="Ann"))
    assert stage_of(whole, date(2024, 4, 6)).stage is Stage.SIGNED


def test_a_signature_on_a_request_called_back_does_not_count_for_the_next_one() -> None:
    again = path(
        contract(), *SIGNED[:4], e.Signed(at("2024-04-05"), "esign", side=Party.OWN),
        e.SignatureWithdrawn(at("2024-04-06"), "ann", note="a wrong annex"),
        e.SentForSignature(at("2024-04-07"), "ann"),
        e.Signed(at("2024-04-08"), "esign", side=Party.COUNTERPARTY),
    )  # fmt: skip
    assert stage_of(again, date(2024, 4, 8)).stage is Stage.AWAITING_SIGNATURE
    whole = advance(again, e.Signed(at("2024-04-09"), "esign", side=Party.OWN))
    assert stage_of(whole, date(2024, 4, 9)).stage is Stage.SIGNED


def test_nobody_has_signed_a_request_that_was_declined() -> None:
    declined = path(
        contract(), *SIGNED[:5], e.SignatureDeclined(at("2024-04-06"), "esign", note="too dear"),
    )  # fmt: skip
    assert standing_of(declined, date(2024, 4, 6)).signed == ()


def test_an_unknown_effective_date_is_an_unknown_stage_with_its_reason() -> None:
    life = path(contract(effective_on=Unknown("it is blacked out")), *SIGNED)
    found = stage_of(life, date(2025, 1, 1))
    assert found.stage is Stage.UNKNOWN
    assert "it is blacked out" in found.why
    known = advance(life, e.Activated(at("2025-01-02"), "clm", effective_on=date(2024, 6, 1)))
    assert stage_of(known, date(2025, 1, 2)).stage is Stage.IN_EFFECT


def test_a_renewal_agreed_by_mistake_and_taken_back_uses_up_nothing() -> None:
    option = RenewalClause(kind=RenewalKind.OPTION, length=Tenor(years=1), times=1)
    agreed = e.RenewalAgreed(at("2024-07-01"), "ann", side=Party.OWN, served_on=date(2024, 7, 1))
    undone = path(contract(renewal=option), *SIGNED, agreed, e.Undone(at("2024-07-02"), "ann"))
    found = terms(undone, date(2030, 1, 1))
    assert not isinstance(found, Unknown)
    assert [term.last_day for term in found] == [date(2025, 5, 31)]
    again = advance(undone, attrs.evolve(agreed, at=at("2024-07-03")))
    assert stage_of(again, date(2026, 5, 31)).stage is Stage.IN_EFFECT


def test_conditions_precedent_hold_the_effect_back() -> None:
    life = path(contract(conditions_precedent=("bank guarantee",)), *SIGNED)
    assert stage_of(life, date(2025, 1, 1)).stage is Stage.SIGNED
    with pytest.raises(TransitionNotAllowed, match="conditions to be met first: bank guarantee; where"):
        _ = advance(life, e.Activated(at("2025-01-02"), "clm"))
    waived = advance(life, e.Activated(at("2025-01-02"), "clm", note="waived by letter of 30 December"))
    assert stage_of(waived, date(2025, 1, 2)).stage is Stage.IN_EFFECT
    met = advance(life, e.ConditionMet(at("2025-01-02"), "ann", condition="bank guarantee", on=date(2024, 12, 30)))
    assert stage_of(advance(met, e.Activated(at("2025-01-03"), "clm")), date(2025, 1, 3)).stage is Stage.IN_EFFECT


def test_a_last_term_ends_by_the_date_alone() -> None:
    life = path(contract(renewal=RenewalClause(kind=RenewalKind.NONE)), *SIGNED)
    assert stage_of(life, date(2025, 5, 31)).stage is Stage.IN_EFFECT
    ended = stage_of(life, date(2025, 6, 1))
    assert (ended.stage, ended.since) == (Stage.EXPIRED, date(2025, 6, 1))


def test_an_event_that_changes_no_stage_does_not_change_since_when_it_holds() -> None:
    served = e.NonRenewalNotified(at("2024-09-01"), "ann", side=Party.OWN, served_on=date(2024, 9, 1))
    assert stage_of(path(contract(), *SIGNED, served), date(2024, 9, 2)).since == date(2024, 6, 1)


def test_a_termination_takes_effect_on_its_day_and_not_before() -> None:
    right = TerminationRight(by=Party.EITHER, notice=Tenor(months=1))
    life = path(contract(clauses=(right,)), *SIGNED)
    ending = e.Terminated(
        at("2024-07-01"), "ann", ground=e.Ground.CONVENIENCE, last_day=date(2024, 8, 1), side=Party.OWN
    )
    ended = advance(life, ending)
    assert stage_of(ended, date(2024, 8, 1)).stage is Stage.IN_EFFECT
    assert stage_of(ended, date(2024, 8, 2)).stage is Stage.TERMINATED
    with pytest.raises(TransitionNotAllowed, match="runs until 2024-08-01"):
        _ = advance(life, attrs.evolve(ending, last_day=date(2024, 7, 31)))


CURE = TerminationRight(by=Party.EITHER, for_cause=True, cure=Tenor(days=30))


@pytest.mark.parametrize(
    ("recorded", "last_day", "why"),
    [
        ("2024-08-02", date(2024, 9, 30), "may still cure until 2024-08-31"),  # announced while it may be cured
        ("2024-08-31", date(2024, 9, 30), "may still cure until 2024-08-31"),
        ("2024-09-01", date(2024, 8, 31), "may still cure until 2024-08-31"),  # dated back into the time to cure
        ("2024-09-01", date(2024, 9, 1), ""),
    ],
)
def test_nobody_terminates_for_cause_while_the_other_side_may_still_cure(
    recorded: str, last_day: date, why: str
) -> None:
    demand = e.CureDemanded(at("2024-08-01"), "ann", side=Party.OWN, served_on=date(2024, 8, 1), note="late")
    life = path(contract(clauses=(CURE,)), *SIGNED, demand)
    ending = e.Terminated(
        at(recorded), "ann", ground=e.Ground.CAUSE, last_day=last_day, side=Party.OWN, note="never delivered"
    )
    if not why:
        assert stage_of(advance(life, ending), date(2024, 9, 2)).stage is Stage.TERMINATED
        return
    with pytest.raises(TransitionNotAllowed, match=why):
        _ = advance(life, ending)


@pytest.mark.parametrize("conditions", [(), ("bank guarantee",)])
def test_a_contract_that_is_terminated_before_it_takes_effect_never_does(conditions: tuple[str, ...]) -> None:
    ending = e.Terminated(at("2024-05-02"), "ann", ground=e.Ground.MUTUAL, last_day=date(2024, 5, 10))
    life = path(contract(conditions_precedent=conditions), *SIGNED, ending)
    assert stage_of(life, date(2024, 5, 10)).stage is Stage.SIGNED
    assert stage_of(life, date(2024, 5, 10)).why == "terminated (mutual) before it took effect: it ends from 2024-05-11"
    (coming,) = situations_of(life, date(2024, 5, 10))
    assert (coming.situation, coming.day) == (Situation.ENDING, date(2024, 5, 10))
    for day in (date(2024, 5, 11), date(2024, 6, 1), date(2030, 1, 1)):
        found = stage_of(life, day)
        assert (found.stage, found.since, found.ignored) == (Stage.TERMINATED, date(2024, 5, 11), ())
    assert stage_of(advance(life, e.Archived(at("2024-07-01"), "ann")), date(2024, 7, 1)).stage is Stage.ARCHIVED


def test_what_takes_effect_before_its_termination_was_in_effect_until_then() -> None:
    ending = e.Terminated(at("2024-05-02"), "ann", ground=e.Ground.MUTUAL, last_day=date(2024, 6, 1))
    life = path(contract(), *SIGNED, ending)
    assert stage_of(life, date(2024, 6, 1)).stage is Stage.IN_EFFECT
    assert stage_of(life, date(2024, 6, 2)).stage is Stage.TERMINATED
    held = path(contract(conditions_precedent=("permit",)), *SIGNED, ending)
    met = advance(held, e.ConditionMet(at("2024-05-20"), "ann", condition="permit", on=date(2024, 5, 20)))
    assert stage_of(met, date(2024, 6, 1)).stage is Stage.IN_EFFECT
    assert stage_of(held, date(2024, 6, 1)).stage is Stage.SIGNED
    assert stage_of(held, date(2024, 6, 2)).stage is Stage.TERMINATED


def test_suspension_assignment_and_replacement() -> None:
    life = path(contract(), *SIGNED)
    paused = advance(life, e.Suspended(at("2024-09-01"), "ann", from_day=date(2024, 9, 1), note="strike"))
    assert stage_of(paused, date(2024, 9, 2)).stage is Stage.SUSPENDED
    back = advance(paused, e.Resumed(at("2024-10-01"), "ann", from_day=date(2024, 10, 1)))
    gone = advance(back, e.PartyLeft(at("2024-10-02"), "ann"))
    assert stage_of(gone, date(2024, 10, 3)).stage is Stage.UNASSIGNED
    new = advance(gone, e.PartyAssigned(at("2024-10-04"), "ann", to=AccountId("A-2")))
    replaced = advance(
        new, e.Superseded(at("2024-11-01"), "ann", successor=ContractId("C-2"), from_day=date(2024, 12, 1))
    )
    assert stage_of(replaced, date(2024, 11, 30)).stage is Stage.IN_EFFECT
    assert stage_of(replaced, date(2024, 12, 1)).stage is Stage.SUPERSEDED


def test_an_expired_contract_may_still_be_replaced_and_did_not_live_on_until_then() -> None:
    life = path(contract(renewal=RenewalClause(kind=RenewalKind.NONE)), *SIGNED)
    late = advance(life, e.Novated(at("2025-07-01"), "ann", successor=ContractId("C-2"), from_day=date(2025, 8, 1)))
    assert stage_of(late, date(2025, 6, 15)).stage is Stage.EXPIRED
    replaced = stage_of(late, date(2025, 8, 1))
    assert (replaced.stage, replaced.ends_on) == (Stage.NOVATED, date(2025, 5, 31))


def test_assignment_under_a_ban_needs_recorded_consent() -> None:
    banned = path(contract(clauses=(Restriction(kind=RestrictionKind.NO_ASSIGNMENT),)), *SIGNED)
    with pytest.raises(TransitionNotAllowed, match="assignment needs consent"):
        _ = advance(banned, e.PartyAssigned(at("2024-10-04"), "ann", to=AccountId("A-2")))


@pytest.mark.parametrize(
    ("ban", "banned"),
    [
        ({"first_day": date(2024, 10, 4)}, True),
        ({"first_day": date(2024, 10, 5)}, False),
        ({"valid": Span(date(2024, 6, 1), date(2024, 10, 4))}, True),
        ({"valid": Span(date(2024, 6, 1), date(2024, 10, 3))}, False),
    ],
)
def test_a_ban_on_assignment_asks_for_consent_only_while_it_holds(ban: dict[str, Any], banned: bool) -> None:
    life = path(contract(clauses=(Restriction(kind=RestrictionKind.NO_ASSIGNMENT, **ban),)), *SIGNED)
    assigned = e.PartyAssigned(at("2024-10-04"), "ann", to=AccountId("A-2"))
    if banned:
        with pytest.raises(TransitionNotAllowed, match="assignment needs consent"):
            _ = advance(life, assigned)
    else:
        assert counterparty_on(advance(life, assigned), date(2024, 10, 4)) == "A-2"


@pytest.mark.parametrize(
    ("right", "ground"),
    [
        (TerminationRight(by=Party.EITHER), e.Ground.CONVENIENCE),
        (attrs.evolve(CURE, cure=Tenor(months=6)), e.Ground.CAUSE),
    ],
)
def test_a_right_to_terminate_counts_from_the_day_it_comes_into_force(
    right: TerminationRight, ground: e.Ground
) -> None:
    """For convenience nobody terminates before it; the time to cure that it gives is not owed before it."""
    ending = e.Terminated(
        at("2024-10-04"), "ann", ground=ground, last_day=date(2024, 12, 1), side=Party.OWN, note="late"
    )
    allowed = ground is e.Ground.CAUSE
    for first_day, begun in ((date(2024, 10, 4), True), (date(2024, 10, 5), False)):
        life = path(contract(clauses=(attrs.evolve(right, first_day=first_day),)), *SIGNED)
        if begun is not allowed:
            assert stage_of(advance(life, ending), date(2024, 12, 2)).stage is Stage.TERMINATED
        else:
            with pytest.raises(TransitionNotAllowed):
                _ = advance(life, ending)


@pytest.mark.parametrize(
    ("ground", "last_day", "allowed"),
    [
        (e.Ground.CONVENIENCE, date(2025, 11, 29), False),
        (e.Ground.CONVENIENCE, date(2025, 11, 30), True),
        (e.Ground.CAUSE, date(2025, 11, 29), True),
        (e.Ground.MUTUAL, date(2025, 11, 29), True),
    ],
)
def test_nobody_leaves_for_convenience_before_the_minimum_term_ends(
    ground: e.Ground, last_day: date, allowed: bool
) -> None:
    """Pain 3: a commitment of eighteen months from 1 June 2024, and then a right to leave at any time."""
    term = TermClause(initial=Tenor(years=3), minimum=Tenor(months=18))
    life = path(contract(term=term, clauses=(TerminationRight(by=Party.EITHER),)), *SIGNED)
    ending = e.Terminated(at("2025-06-01"), "ann", ground=ground, last_day=last_day, side=Party.OWN, note="late")
    if allowed:
        assert stage_of(advance(life, ending), date(2025, 12, 1)).stage is Stage.TERMINATED
    else:
        with pytest.raises(TransitionNotAllowed, match="nobody may leave before the minimum term ends on 2025-11-30"):
            _ = advance(life, ending)


def test_an_event_before_the_last_one_is_refused() -> None:
    with pytest.raises(TransitionNotAllowed, match="before the last event, 2024-04-02"):
        _ = advance(path(contract(), REQUEST, SUBMIT), e.Recalled(at("2024-04-01"), "ann"))


def test_undo_takes_back_the_last_event() -> None:
    life = path(contract(), *SIGNED[:3], e.Undone(at("2024-04-03"), "bob"))
    assert stage_of(life, date(2024, 4, 3)).stage is Stage.IN_APPROVAL


def test_a_recorded_event_without_a_place_is_reported_and_changes_nothing() -> None:
    odd = attrs.evolve(contract(), events=(REQUEST, WE_SIGN))
    found = stage_of(odd, date(2024, 5, 1))
    assert found.stage is Stage.DRAFT
    assert found.ignored == ("Signed of 2024-04-06T12:00:00+00:00 in stage draft",)


def amended() -> Contract:
    line = ContractLine(id=LineId("1"), description="seats", price=UnitPrice(10, "EUR"), recurrence=Tenor(months=1))
    change = Amendment(
        id=AmendmentId("A1"), title="price", base_version=0, effective_on=date(2025, 1, 1),
        line_changes=(LineChange(line=LineId("1"), price=UnitPrice(12, "EUR")),),
    )  # fmt: skip
    return path(contract(lines=(line,), amendments=(change,)), *SIGNED)


def accept(day: str, base: int) -> e.AmendmentAccepted:
    return e.AmendmentAccepted(
        at(day), "ann", amendment=AmendmentId("A1"), base_version=base, effective_on=date(2025, 1, 1)
    )


def test_an_amendment_never_rewrites_what_was_true_before() -> None:
    """Pain 9."""
    life = advance(amended(), accept("2024-12-01", 0))
    assert as_amended(life, date(2024, 12, 31)).lines[0].price == UnitPrice(10, "EUR")
    assert as_amended(life, date(2025, 1, 1)).lines[0].price == UnitPrice(12, "EUR")


def test_an_amendment_on_a_stale_base_is_refused() -> None:
    with pytest.raises(StaleBase):
        _ = advance(amended(), accept("2024-12-01", 3))
    twice = advance(amended(), accept("2024-12-01", 0))
    with pytest.raises(StaleBase):
        _ = advance(twice, accept("2024-12-02", 0))


def test_nothing_depends_on_how_often_anyone_looks() -> None:
    life = path(contract(), *SIGNED)
    days = [date(2024, 1, 1) + timedelta(days=k) for k in range(0, 3000, 7)]
    looked = [stage_of(life, day) for day in days]
    assert looked == [stage_of(life, day) for day in reversed(days)][::-1]


EVENTS = st.sampled_from(
    [
        *SIGNED,
        e.Rejected(at("2024-04-03"), "bob", note="price"),
        e.Recalled(at("2024-04-03"), "ann"),
        e.Redrafted(at("2024-04-05"), "ann"),
        e.SignatureDeclined(at("2024-04-05"), "esign", note="no"),
        e.Canceled(at("2024-04-05"), "ann"),
        e.Archived(at("2025-07-01"), "ann"),
        e.Activated(at("2024-06-01"), "clm"),
        e.Completed(at("2024-07-01"), "clm"),
        e.Undone(at("2024-07-02"), "ann"),
    ]
)


def refusal_of(life: Contract, event: e.AnyEvent) -> TransitionNotAllowed | None:
    try:
        _ = advance(life, event)
    except TransitionNotAllowed as refusal:
        return refusal
    return None


@given(st.lists(EVENTS, max_size=12), st.dates(date(2024, 1, 1), date(2026, 1, 1)))
def test_whatever_is_tried_the_contract_is_advanced_or_refused_and_replay_agrees(
    tried: list[e.AnyEvent], day: date
) -> None:
    life = contract()
    for event in tried:
        refused = refusal_of(life, event)
        if refused is None:
            life = advance(life, event)
        else:
            assert refused.why or type(event).__name__ not in refused.possible
    assert not stage_of(life, date(2030, 1, 1)).ignored
    # Replay on a day never sees what was recorded after it.
    until = attrs.evolve(life, events=tuple(ev for ev in life.events if ev.at.date() <= day))
    assert stage_of(life, day) == stage_of(until, day)


def test_the_table_reaches_every_stage_and_uses_every_event() -> None:
    reached = {row.target for row in TRANSITIONS} | {Stage.NEW, Stage.UNKNOWN}
    assert set(Stage) == {stage for stage in reached if stage}
    used = {row.cause for row in TRANSITIONS if not isinstance(row.cause, Consequence)}
    every = {kind for kind in vars(e).values() if isinstance(kind, type) and issubclass(kind, e.Event)}
    assert every - used == {e.Event, e.Undone, e.HostEvent} | ANY_TIME


def test_the_drawings_hold_every_row_of_the_table() -> None:
    drawn = to_mermaid()
    assert drawn.count("-->") == len(edges()) + 1
    assert to_dot().count("->") == len(edges())
    for source, target, label in edges():
        assert label in drawn
        assert f"{source.value} -> {target.value}" in to_dot()


def test_an_archived_contract_can_do_nothing_more() -> None:
    assert LIFECYCLE.possible_from(Stage.ARCHIVED) == ()
    life = path(contract(), REQUEST, e.Canceled(at("2024-04-05"), "ann"), e.Archived(at("2025-07-01"), "ann"))
    assert possible_events(life, date(2025, 7, 2)) == ()
