"""Approvals: policies, simulations, steps in order, stand-ins, escalation; refusals that say why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import attrs
import pytest
from approving import BOARD, DESK, FINANCE, LEGAL, POLICY, REGISTER, hours, round_now, submitted

from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY, HolidayCalendar, HolidayTable
from clmcrm.clm import events as e
from clmcrm.clm.approval_desk import ApprovalDesk
from clmcrm.clm.approval_outlook import Absence, simulate_approval
from clmcrm.clm.approval_policy import ApprovalFacts, ApprovalPolicy, ApprovalRule, Risk, approvals_needed
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep, Approver, Delegation, People, plain_name
from clmcrm.clm.approvals import approval, rejection, submission
from clmcrm.clm.content import content_hash
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.lifecycle import advance, possible_events, stage_of
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.playbook import Deviation
from clmcrm.clm.stages import Stage
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.currencies import currency
from clmcrm.values.ids import LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.problems import Severity
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording
from making import contract

TODAY = date(2026, 5, 4)
CFO = ApprovalStep(name="cfo", roles=("cfo",))
WORDS = Wording("x", "x")
OFF = Deviation(topic="liability", citation="", severity=Severity.ERROR, asked=WORDS, preferred=WORDS, why=WORDS)
RATES = RateTable([Rate(source="USD", target="EUR", on=date(2026, 1, 2), factor="0.90", by="ECB")])
OLD_RATES = RateTable([Rate(source="USD", target="EUR", on=date(2026, 5, 5), factor="0.90", by="ECB")])
CHEAP = ContractLine(id=LineId("1"), description="seats", price=UnitPrice(10, "EUR"), discount=Decimal("0.3"))
LESS_TWO = attrs.evolve(CHEAP, discount_amount=Money(2, "EUR"))
FREE = attrs.evolve(LESS_TWO, price=UnitPrice(0, "EUR"))


def approve(  # noqa: PLR0917 - a table of approvals reads best in columns
    life: Contract, who: str, step: str, hour: float, role: str = "", for_whom: str = ""
) -> Contract:
    act = approval(round_now(life), step, hours(hour), who, role=role, on_behalf_of=for_whom)
    return advance(life, act, desk=DESK)


@pytest.mark.parametrize(
    ("condition", "changes", "facts", "asked", "unknown"),
    [
        ({}, {}, {}, True, ""),
        ({"kinds": frozenset({ContractKind.LEASE})}, {}, {}, False, ""),
        ({"kinds": frozenset({ContractKind.SALES})}, {}, {}, True, ""),
        ({"above": Money(100, "EUR")}, {"total_value": Money(100, "EUR")}, {}, False, ""),
        ({"above": Money(100, "EUR")}, {"total_value": Money("100.01", "EUR")}, {}, True, ""),
        ({"above": Money(100, "EUR")}, {}, {}, True, "states no total value"),
        ({"above": Money(100, "EUR")}, {"total_value": Money(1, "USD")}, {}, True, "no rate from USD to EUR"),
        ({"above": Money(100, "EUR")}, {"total_value": Money(1, "USD")}, {"rates": OLD_RATES}, True, "no rate"),
        ({"above": Money(100, "EUR")}, {"total_value": Money(111, "USD")}, {"rates": RATES}, False, ""),
        ({"above": Money(100, "EUR")}, {"total_value": Money(112, "USD")}, {"rates": RATES}, True, ""),
        ({"currencies": frozenset({currency("USD")})}, {"total_value": Money(1, "USD")}, {}, True, ""),
        ({"currencies": frozenset({currency("USD")})}, {"total_value": Money(1, "EUR")}, {}, False, ""),
        ({"currencies": frozenset({currency("USD")})}, {}, {}, True, "states no total value"),
        ({"discount_above": Decimal("0.3")}, {"lines": (CHEAP,)}, {}, False, ""),
        ({"discount_above": Decimal("0.29")}, {"lines": (CHEAP,)}, {}, True, ""),
        # 10 EUR less 30 % and 2 EUR: half the price is taken off.
        ({"discount_above": Decimal("0.5")}, {"lines": (LESS_TWO,)}, {}, False, ""),
        ({"discount_above": Decimal("0.49")}, {"lines": (LESS_TWO,)}, {}, True, ""),
        # What is taken off a price of nothing is no share of it, and nobody knows how much it would be.
        ({"discount_above": Decimal("0.9")}, {"lines": (FREE,)}, {}, True, "takes 2.00 EUR off a price of nothing"),
        ({"discount_above": Decimal("0.9")}, {"lines": (attrs.evolve(FREE, discount_amount=None),)}, {}, False, ""),
        (
            {"discount_above": Decimal("0.9")},
            {"lines": (attrs.evolve(FREE, discount_amount=Money(0, "EUR")),)},
            {},
            False,
            "",
        ),
        ({"deviates_on": frozenset[str]()}, {}, {}, True, "was not compared"),
        ({"deviates_on": frozenset[str]()}, {}, {"deviations": ()}, False, ""),
        ({"deviates_on": frozenset[str]()}, {}, {"deviations": (OFF,)}, True, ""),
        ({"deviates_on": frozenset({"payment"})}, {}, {"deviations": (OFF,)}, False, ""),
        ({"risk_from": Risk.HIGH}, {}, {}, True, "nobody has assessed the risk"),
        ({"risk_from": Risk.HIGH}, {}, {"risk": Risk.MEDIUM}, False, ""),
        ({"risk_from": Risk.HIGH}, {}, {"risk": Risk.CRITICAL}, True, ""),
        ({"places": frozenset({"FR"})}, {"governing_place": "FR"}, {}, True, ""),
        ({"places": frozenset({"FR"})}, {"governing_place": "DE"}, {}, False, ""),
        ({"places": frozenset({"FR"})}, {}, {}, True, "states no governing law"),
        ({"places": frozenset({"US"})}, {"governing_place": "US-NY"}, {}, True, ""),
        ({"places": frozenset({"US-NY"})}, {"governing_place": "US"}, {}, False, ""),
        # a code in small letters is the same place
        ({"places": frozenset({"FR"})}, {"governing_place": "fr"}, {}, True, ""),
        ({"places": frozenset({"us"})}, {"governing_place": " US-ny"}, {}, True, ""),
        ({"places": frozenset({"US-NY"})}, {"governing_place": "us-ca"}, {}, False, ""),
        # One condition that fails is enough, whatever cannot be told besides.
        ({"risk_from": Risk.HIGH, "places": frozenset({"FR"})}, {"governing_place": "DE"}, {}, False, ""),
    ],
)
def test_a_rule_asks_when_its_conditions_hold_or_cannot_be_told(
    condition: dict[str, object], changes: dict[str, object], facts: dict[str, object], asked: bool, unknown: str
) -> None:
    rule = ApprovalRule(step=CFO, why="because", **condition)  # type: ignore[arg-type] # each row fits
    found = approvals_needed(contract(**changes), [rule], TODAY, ApprovalFacts(**facts))  # type: ignore[arg-type] # as above
    assert [one.step.name for one in found] == (["cfo"] if asked else [])
    if asked:
        assert unknown in "; ".join(found[0].unknown)
        assert bool(found[0].unknown) == bool(unknown)


def test_two_rules_ask_for_one_step_once_with_both_reasons_and_the_contracts_own_roles_come_too() -> None:
    rules = [
        ApprovalRule(step=BOARD, why="one"),
        ApprovalRule(step=CFO, why="two"),
        ApprovalRule(step=BOARD, why="three"),
    ]
    found = approvals_needed(contract(approvals_needed=("works council", "cfo")), rules, TODAY)
    told = [(one.step.name, [why.en for why in one.reasons]) for one in found]
    assert told == [
        ("cfo", ["two"]), ("works council", ["the contract itself asks for it"]), ("board", ["one", "three"]),
    ]  # fmt: skip


def test_two_different_steps_of_one_name_are_refused_and_neither_is_lost() -> None:
    rules = [ApprovalRule(step=step, why="w") for step in (CFO, attrs.evolve(CFO, roles=("gm",)))]
    for asking in (
        lambda: ApprovalPolicy(name="h", rules=tuple(rules)),
        lambda: approvals_needed(contract(), rules, TODAY),
    ):
        with pytest.raises(InvalidRecord, match="one step of the name cfo"):
            _ = asking()


def test_a_role_that_the_contract_names_is_not_asked_twice_where_a_step_requires_it_among_others() -> None:
    two = ApprovalStep(name="two", roles=("finance", "CFO"))
    named = contract(approvals_needed=("cfo",))
    assert [one.step for one in approvals_needed(named, [ApprovalRule(step=two, why="w")], TODAY)] == [two]
    either = attrs.evolve(two, mode=ApprovalMode.ANY)
    steps = [one.step.name for one in approvals_needed(named, [ApprovalRule(step=either, why="w")], TODAY)]
    assert steps == ["two", "cfo"]


def test_a_simulation_says_who_in_which_order_and_why_in_both_languages() -> None:
    rules = (
        ApprovalRule(step=LEGAL, why=Wording("every contract", "tout contrat")),
        ApprovalRule(step=FINANCE, why=Wording("above 100 EUR", "au-dessus de 100 EUR"), above=Money(100, "EUR")),
        ApprovalRule(
            step=attrs.evolve(BOARD, business_days=2), why=Wording("high risk", "risque élevé"), risk_from=Risk.HIGH
        ),
    )
    house = ApprovalPolicy(name="house", rules=rules, approvers=REGISTER)
    outlook = simulate_approval(
        contract(total_value=Money(200, "USD")), house, TODAY, authors=["asmith"],
        facts=ApprovalFacts(risk=Risk.CRITICAL), absences=[Absence("cy", TODAY, TODAY), Absence("Dan", TODAY, TODAY)],
        delegations=[Delegation("Cy", "Ivy", TODAY, TODAY)], calendar=MONDAY_TO_FRIDAY,
    )  # fmt: skip
    told = (
        "cannot be told, so it is asked for: no rate from USD to EUR on or before 2026-05-04; add one to the rate table"
    )
    assert [said.en for said in outlook.wordings] == [
        "1. legal review: legal (Bob, Eve), by 2026-05-07, because every contract",
        f"1. finance: finance (Bob, Ivy on behalf of Cy), because above 100 EUR ({told})",
        "2. board: 2 of board (Dan (away, nobody stands in), Eve), Ivy, by 2026-05-06, because high risk",
    ]
    assert outlook.wordings[1].fr.startswith("1. finance : finance (Bob, Ivy au nom de Cy), car au-dessus de 100 EUR")
    assert outlook.blocked == ()
    nobody = simulate_approval(contract(), ApprovalPolicy(name="none"), TODAY)
    assert nobody.wordings[0].en == "no rule asks for a step: one approval by anybody but the author is enough"


def test_a_simulation_says_where_it_will_be_stuck() -> None:
    house = ApprovalPolicy(
        name="h", approvers=REGISTER, rules=(ApprovalRule(step=FINANCE, why="w"), ApprovalRule(step=BOARD, why="w"))
    )
    away = [Absence(who, TODAY, TODAY) for who in ("Bob", "Cy", "Eve", "Dan")]
    outlook = simulate_approval(contract(), house, TODAY, authors=["Ann"], absences=away)
    assert outlook.blocked == ("1 of finance must approve, 0 can", "2 of board, Ivy must approve, 1 can")
    alone = ApprovalPolicy(
        name="h", approvers=(Approver(name="Ann", roles=("cfo",)),), rules=(ApprovalRule(step=CFO, why="w"),)
    )
    assert simulate_approval(contract(), alone, TODAY, authors=["ANN "]).blocked == (
        "in the step cfo nobody but the author can approve as cfo",
    )


def test_a_simulation_counts_on_nobody_to_stand_in_for_two() -> None:
    away = [Absence(who, TODAY, TODAY) for who in ("Cy", "Dan")]
    heads = (Approver(name="Cy", roles=("cfo",)), Approver(name="Dan", roles=("gm",)))
    people = (*heads, Approver(name="Eve"), Approver(name="Flo"))
    shared = [Delegation("Cy", "Eve", TODAY, TODAY), Delegation("Dan", "Eve", TODAY, TODAY)]

    def blocked(step: ApprovalStep, delegations: list[Delegation]) -> tuple[str, ...]:
        house = ApprovalPolicy(name="h", approvers=people, rules=(ApprovalRule(step=step, why="w"),))
        return simulate_approval(contract(), house, TODAY, absences=away, delegations=delegations).blocked

    (stuck,) = blocked(seats("both", "cfo", "gm"), shared)
    assert stuck.startswith("nobody is left to approve as gm")
    two = seats("two", "cfo", "gm", mode=ApprovalMode.QUORUM, quorum=2)
    assert blocked(two, shared) == ("2 of cfo, gm must approve, 1 can",)
    either = [*shared, Delegation("Cy", "Flo", TODAY, TODAY)]
    assert blocked(seats("both", "cfo", "gm"), either) == blocked(two, either) == ()


def seats(name: str, *roles: str, **more: object) -> ApprovalStep:
    return ApprovalStep(name=name, roles=roles, **more)  # type: ignore[arg-type] # what a caller may write


@pytest.mark.parametrize(
    ("steps", "stuck"),
    [
        ((seats("both", "finance", "legal"),), "in the step both nobody is left to approve as legal"),
        ((seats("one", "legal"), seats("two", "finance")), "in the step two nobody is left to approve as finance"),
        ((seats("one", "legal"), seats("two", "cfo"), seats("three")), "in the step three nobody is left to approve"),
        ((seats("one", "finance", "cfo", mode=ApprovalMode.ANY), seats("two", "cfo")), ""),
        ((seats("one", "legal"), seats("two", mode=ApprovalMode.ANY)), ""),
        # Whoever may be escalated to takes it when nobody is left.
        ((seats("one", "legal"), seats("two", "finance", business_days=1, escalates_to=("cfo",))), ""),
        ((seats("one", "legal", business_days=1, escalates_to=("cfo",)), seats("two", "finance")), ""),
    ],
)
def test_nobody_is_counted_on_for_two_approvals_of_one_text(steps: tuple[ApprovalStep, ...], stuck: str) -> None:
    people = (
        Approver(name="Ann"),
        Approver(name="Bob", roles=("legal", "finance")),
        Approver(name="Cy", roles=("cfo",)),
    )
    house = ApprovalPolicy(
        name="h", approvers=people, rules=tuple(ApprovalRule(step=step, why="always") for step in steps)
    )
    outlook = simulate_approval(contract(), house, TODAY, authors=["ann"])
    draft = advance(contract(), e.Requested(hours(0), "ann"))
    asked = submission(draft, house, hours(1), "ann")
    if not stuck:
        assert outlook.blocked == ()
        assert stage_of(advance(draft, asked), TODAY).stage is Stage.IN_APPROVAL
        return
    assert [why.startswith(stuck) for why in outlook.blocked] == [True]
    with pytest.raises(TransitionNotAllowed, match=stuck):
        _ = advance(draft, asked)


def test_steps_go_in_order_side_by_side_and_with_a_quorum() -> None:
    life = submitted()
    assert [step.name for step in round_now(life).open_steps] == ["legal review", "finance"]
    life = approve(life, "cy", "finance", 2, "finance")
    with pytest.raises(TransitionNotAllowed, match="the step board is not open; open now: legal review"):
        _ = approve(life, "dan", "board", 3, "board")
    life = approve(life, "bob", "legal review", 3, "legal")
    life = approve(life, "dan", "board", 4, "board")
    assert round_now(life).missing(BOARD) == ("1 of board, Ivy",)
    assert stage_of(life, TODAY).stage is Stage.IN_APPROVAL
    life = approve(life, "ivy@own.example", "board", 5)
    assert stage_of(life, TODAY).stage is Stage.NEGOTIATING
    assert (
        stage_of(advance(life, e.SentForSignature(hours(6), "ann"), desk=DESK), TODAY).stage is Stage.AWAITING_SIGNATURE
    )


def approved() -> Contract:
    life = submitted()
    for hour, (who, step, role) in enumerate(
        (
            ("bob", "legal review", "legal"),
            ("cy", "finance", "finance"),
            ("dan", "board", "board"),
            ("eve", "board", "board"),
        )
    ):
        life = approve(life, who, step, hour + 2, role)
    return life


def test_an_approval_dies_when_the_content_changes_and_not_when_a_label_does() -> None:
    life = approved()
    assert "SentForSignature" in possible_events(life, TODAY)
    assert "SentForSignature" in possible_events(attrs.evolve(life, number="2026-7"), TODAY)
    changed = attrs.evolve(life, special_terms="at cost")
    assert "SentForSignature" not in possible_events(changed, TODAY)
    with pytest.raises(TransitionNotAllowed, match="the content has changed since it was submitted") as refusal:
        _ = advance(changed, e.SentForSignature(hours(9), "ann"))
    assert refusal.value.possible == ("Redrafted", "TurnPassed", "Canceled", "Undone")
    again = advance(changed, e.Redrafted(hours(9), "ann"))
    again = advance(again, submission(again, POLICY, hours(10), "ann"), desk=DESK)
    assert (round_now(again).number, round_now(again).given) == (2, ())


def test_on_each_day_only_what_was_recorded_by_then_is_seen() -> None:
    life = submitted()
    later = approve(life, "bob", "legal review", 30, "legal")
    assert stage_of(later, TODAY) == stage_of(life, TODAY)


@pytest.mark.parametrize(
    ("who", "step", "role", "for_whom", "why"),
    [
        ("ann", "legal review", "legal", "", "the author cannot approve their own text"),
        ("ASmith", "legal review", "legal", "", "the author cannot approve"),
        ("cy", "legal review", "legal", "", "cy has no seat as legal in the step legal review, which asks for: legal"),
        ("bob", "legal review", "", "", "bob has no seat in the step"),
        ("mallory", "legal review", "legal", "", "mallory is not among the approvers"),
        ("eve", "finance", "finance", "cy", "eve may not approve for cy on 2026-05-04: nothing is delegated"),
    ],
)
def test_who_may_not_approve_is_told_why(who: str, step: str, role: str, for_whom: str, why: str) -> None:
    with pytest.raises(TransitionNotAllowed, match="Approved is not possible in stage in_approval") as refusal:
        _ = approve(submitted(), who, step, 2, role, for_whom)
    assert why in str(refusal.value)
    assert "Rejected" in refusal.value.possible


def test_a_step_that_the_round_does_not_have_is_named() -> None:
    with pytest.raises(InvalidRecord, match="expected legal review, finance, board"):
        _ = approval(round_now(submitted()), "legal", hours(2), "bob")


def test_a_rejection_takes_a_seat_and_a_reason() -> None:
    life = submitted()
    with pytest.raises(TransitionNotAllowed, match="dan has no seat"):
        _ = advance(life, rejection(round_now(life), "finance", hours(2), "dan", "too dear", role="finance"))
    refused = advance(life, rejection(round_now(life), "finance", hours(2), "cy", "too dear", role="finance"))
    assert stage_of(refused, TODAY).stage is Stage.REJECTED
    with pytest.raises(TransitionNotAllowed, match="only cy can take back their own Rejected"):
        _ = advance(refused, e.Undone(hours(3), "ann"))
    assert stage_of(advance(refused, e.Undone(hours(3), "CY@own.example")), TODAY).stage is Stage.IN_APPROVAL


def delegated(giver: str, to: str, by: str = "", first: int = 0, last: int = 2) -> e.ApprovalDelegated:
    return e.ApprovalDelegated(
        hours(2), by or giver, giver=giver, to=to, first_day=TODAY + timedelta(first), last_day=TODAY + timedelta(last)
    )


def test_a_stand_in_approves_within_the_days_and_both_names_are_on_record() -> None:
    life = advance(submitted(), delegated("cy", "eve"))
    in_time = approve(life, "eve", "finance", 3 + 48, "finance", "cy")
    act = in_time.events[-1]
    assert isinstance(act, e.Approved)
    assert (act.by, act.on_behalf_of) == ("eve", "cy")
    with pytest.raises(TransitionNotAllowed, match="on 2026-05-07: delegated from 2026-05-04 to 2026-05-06"):
        _ = approve(life, "eve", "finance", 3 + 72, "finance", "cy")
    back = advance(life, e.DelegationRevoked(hours(3), "eve", giver="Cy", to="Eve"))
    with pytest.raises(TransitionNotAllowed, match="nothing is delegated"):
        _ = approve(back, "eve", "finance", 4, "finance", "cy")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (delegated("cy", "CY@own.example"), "are the same person"),
        (delegated("cy", "mallory"), "mallory is not among the approvers"),
        (delegated("cy", "ann"), "ann is an author of the text"),
        (delegated("ann", "cy"), "ann is an author of the text"),
        (delegated("cy", "eve", first=-3, last=-1), "it was over on 2026-05-03"),
        (delegated("cy", "eve", by="dan"), "dan may not let eve approve for cy"),
        (delegated("cy", "ivy", by="ivy"), "ivy may not let ivy approve for cy"),
        (delegated("bob", "dan", first=2), "and that is not passed on"),
        (delegated("bob", "eve"), "eve has delegated to bob until 2026-05-06"),
    ],
)
def test_a_delegation_is_refused_with_its_reason(event: e.ApprovalDelegated, why: str) -> None:
    life = advance(submitted(), delegated("eve", "bob"))
    with pytest.raises(TransitionNotAllowed) as refusal:
        _ = advance(life, event)
    assert why in str(refusal.value)


def test_a_loop_is_called_a_loop() -> None:
    with pytest.raises(TransitionNotAllowed, match="a loop"):
        _ = advance(advance(submitted(), delegated("eve", "bob")), delegated("bob", "eve"))


def test_one_whom_the_register_lets_may_name_a_stand_in_for_somebody_who_is_suddenly_away() -> None:
    life = advance(submitted(), delegated("cy", "eve", by="Ivy"))
    assert approve(life, "eve", "finance", 3, "finance", "cy").events[-2].by == "Ivy"


def test_a_step_is_escalated_only_after_its_deadline_and_to_whom_it_names() -> None:
    life = submitted()

    def escalate(hour: float, to: str = "Ivy", step: str = "legal review") -> Contract:
        return advance(life, e.ApprovalEscalated(hours(hour), "ann", step=step, to=to))

    with pytest.raises(TransitionNotAllowed, match="may be taken until 2026-05-07"):
        _ = escalate(24 * 3)
    with pytest.raises(TransitionNotAllowed, match="is escalated to: Ivy"):
        _ = escalate(24 * 4, "Dan")
    with pytest.raises(TransitionNotAllowed, match="the step finance has no deadline"):
        _ = escalate(24 * 4, step="finance")
    life = escalate(24 * 4)
    assert [step.name for step in round_now(approve(life, "ivy", "legal review", 99)).open_steps] == ["finance"]


def smuggled(life: Contract, *events: e.AnyEvent) -> Contract:
    """The log with events that nobody looked at."""
    return attrs.evolve(life, events=(*life.events, *events))


def approved_by_all(life: Contract, *first: str) -> Contract:
    """The log with an approval of the first step as `first` says (who, role, for whom), then the other ones."""
    rest = (("cy", "finance", "finance"), ("dan", "board", "board"), ("eve", "board", "board"))
    for hour, (who, step, role, *for_whom) in enumerate(((first[0], LEGAL.name, *first[1:]), *rest), 100):
        act = approval(round_now(life), step, hours(hour), who, role=role, on_behalf_of="".join(for_whom))
        life = smuggled(life, act)
    return life


@pytest.mark.parametrize(("hour", "counts"), [(24 * 3, False), (24 * 4, True)])
def test_an_escalation_that_slipped_into_a_log_too_soon_counts_for_nothing(hour: float, counts: bool) -> None:
    life = smuggled(submitted(), e.ApprovalEscalated(hours(hour), "ann", step=LEGAL.name, to="Ivy"))
    told = stage_of(life, TODAY + timedelta(days=9)).ignored
    assert bool(round_now(life).escalated) == counts
    assert [why for why in told if "may be taken until 2026-05-07" in why] == list(told)
    assert bool(told) != counts
    sent = e.SentForSignature(hours(200), "ann")
    if counts:
        assert advance(approved_by_all(life, "ivy", ""), sent, desk=DESK).events[-1] == sent
    else:
        with pytest.raises(TransitionNotAllowed, match="not approved by: legal"):
            _ = advance(approved_by_all(life, "ivy", ""), sent, desk=DESK)


@pytest.mark.parametrize(
    ("calendar", "day", "why"),
    [
        (MONDAY_TO_FRIDAY, 2, "may be taken until 2026-05-06"),
        (MONDAY_TO_FRIDAY, 3, ""),
        (None, 3, "counted in business days, and no calendar was given"),
    ],
)
def test_a_desk_counts_the_deadline_of_an_escalation_in_the_log_on_its_calendar(
    calendar: HolidayCalendar | None, day: int, why: str
) -> None:
    step = attrs.evolve(LEGAL, within=None, business_days=2)
    rules = tuple(ApprovalRule(step=one, why="w") for one in (step, FINANCE, BOARD))
    desk = ApprovalDesk(policy=ApprovalPolicy(name="h", approvers=REGISTER, rules=rules), calendar=calendar)
    life = smuggled(submitted(desk=desk), e.ApprovalEscalated(hours(24 * day), "ann", step=LEGAL.name, to="Ivy"))
    life, sent = approved_by_all(life, "ivy", ""), e.SentForSignature(hours(200), "ann")
    if why:
        with pytest.raises(TransitionNotAllowed, match=why):
            _ = advance(life, sent, desk=desk)
    else:
        assert advance(life, sent, desk=desk).events[-1] == sent


@pytest.mark.parametrize(
    ("namer", "why"),
    [
        ("dan", "ivy approved for bob, and nobody who may let others do so had let them"),
        ("bob@own.example", ""),
    ],
)
def test_a_stand_in_named_by_one_whom_the_register_does_not_let_is_not_sent_on(namer: str, why: str) -> None:
    """A submission that came past the desk, with a register of its own in which Dan may name one for Bob."""
    forged = tuple(attrs.evolve(one, stand_in_by=("Dan",)) if one.name == "Bob" else one for one in REGISTER)
    draft = advance(contract(), e.Requested(hours(0), "ann"))
    life = smuggled(draft, submission(draft, attrs.evolve(POLICY, approvers=forged), hours(1), "ann"))
    life = smuggled(life, delegated("Bob", "ivy", by=namer, last=9))
    life, sent = approved_by_all(life, "ivy", "legal", "Bob"), e.SentForSignature(hours(200), "ann")
    if why:
        with pytest.raises(TransitionNotAllowed, match=why):
            _ = advance(life, sent, desk=DESK)
    else:
        assert advance(life, sent, desk=DESK).events[-1] == sent


def test_a_steps_turn_comes_no_earlier_than_the_submission_whatever_the_zones() -> None:
    """An approval given a quarter of an hour after it, where it is still the day before."""
    paris = timezone(timedelta(hours=2))
    later = attrs.evolve(LEGAL, order=1, within=Tenor(days=1))
    steps = (ApprovalStep(name="first", people=("Cy",)), later)
    draft = advance(contract(), e.Requested(hours(0), "ann"))
    asked = e.SubmittedForApproval(
        datetime(2026, 5, 6, 0, 30, tzinfo=paris), "ann", content=content_hash(draft), steps=steps
    )
    life = advance(draft, asked)
    life = advance(life, approval(round_now(life), "first", datetime(2026, 5, 5, 22, 45, tzinfo=UTC), "Cy"))
    assert round_now(life).reached_on(later) == date(2026, 5, 6)
    event = e.ApprovalEscalated(datetime(2026, 5, 7, 9, tzinfo=UTC), "ann", step=later.name, to="Ivy")
    with pytest.raises(TransitionNotAllowed, match="may be taken until 2026-05-07"):
        _ = advance(life, event)


def test_a_step_is_escalated_once_to_one_person_however_the_name_is_written() -> None:
    life = advance(submitted(), e.ApprovalEscalated(hours(24 * 4), "ann", step="legal review", to="Ivy"))
    with pytest.raises(TransitionNotAllowed, match="is escalated to ivy already"):
        _ = advance(life, e.ApprovalEscalated(hours(24 * 4), "ann", step="legal review", to="ivy"))


@pytest.mark.parametrize(("who", "role"), [("Ivy", ""), ("ivy", ""), ("Dan", "Ivy")])
def test_an_escalation_concludes_a_step_by_a_name_where_nobody_is_declared(who: str, role: str) -> None:
    """Nobody can tell then whether the name is a person's or a role's."""
    step = ApprovalStep(name="legal", people=("Bob",), within=Tenor(days=2), escalates_to=("Ivy",))
    draft = advance(contract(), e.Requested(hours(0), "ann"))
    asked = e.SubmittedForApproval(hours(1), "ann", content=content_hash(draft), steps=(step,))
    life = advance(advance(draft, asked), e.ApprovalEscalated(hours(24 * 4), "ann", step="legal", to="Ivy"))
    act = approval(round_now(life), "legal", hours(24 * 4), who, role=role)
    assert stage_of(advance(life, act), date(2026, 5, 9)).stage is Stage.NEGOTIATING


def test_a_deadline_in_business_days_is_counted_on_the_callers_calendar() -> None:
    step = attrs.evolve(LEGAL, within=None, business_days=2)
    house = ApprovalPolicy(name="h", approvers=REGISTER, rules=(ApprovalRule(step=step, why="w"),))
    holiday = HolidayTable(name="h", place="FR", holidays={date(2026, 5, 5): "a holiday"})
    plain, closed = (ApprovalDesk(policy=house, calendar=one) for one in (MONDAY_TO_FRIDAY, holiday))
    life = submitted(desk=plain)
    event = e.ApprovalEscalated(hours(24 * 3), "ann", step="legal review", to="Ivy")
    assert round_now(advance(life, event, desk=plain)).escalated == (("legal review", "Ivy"),)
    with pytest.raises(TransitionNotAllowed, match="may be taken until 2026-05-07"):
        _ = advance(life, event, desk=closed)
    with pytest.raises(TransitionNotAllowed, match="no calendar was given"):
        _ = advance(life, event)


@pytest.mark.parametrize(
    "facts",
    [
        {"quorum": 2, "roles": ("a",)},
        {"mode": ApprovalMode.QUORUM, "roles": ("a",)},
        {"mode": ApprovalMode.QUORUM, "quorum": 3, "people": ("a", "b")},
        {"roles": ("a", " A")},
        {"roles": ("a",), "escalates_to": ("A",)},
        {"within": Tenor(days=1), "business_days": 1},
    ],
)
def test_a_step_that_contradicts_itself_is_no_step(facts: dict[str, object]) -> None:
    with pytest.raises(InvalidRecord):
        _ = ApprovalStep(name="x", **facts)  # type: ignore[arg-type] # what a caller may write


def test_a_person_is_not_an_account() -> None:
    people = People(REGISTER)
    assert {people.person(name) for name in ("Ann", " aSMITH", "ANN@own.example", "mailto:ann@own.example")} == {"ann"}
    assert plain_name("Ａｎｎ\u200b  ") == "ann"  # noqa: RUF001 - full-width letters, and one that is invisible
    with pytest.raises(InvalidRecord, match="an account of one person"):
        _ = People((Approver(name="A", accounts=("x@y.example",)), Approver(name="B", accounts=(" X@y.example",))))


@pytest.mark.parametrize(
    "unseen",
    [
        "\u200b", "\u00ad", "\u2060", "\ufeff",  # marks of format
        "\u034f", "\ufe0f", "\U000e0100", "\u180b",  # a joiner, selectors of variants
        "\u3164", "\uffa0", "\u115f", "\u2800",  # fillers and a blank
        "\x00", "\x7f", "\x9f",  # marks of control
    ],
)  # fmt: skip
def test_a_character_that_nobody_sees_makes_nobody_else(unseen: str) -> None:
    """wolverine-db 13: an identity written in another format."""
    assert plain_name(f"A{unseen}n{unseen}n{unseen}") == "ann"
    life = advance(contract(), e.Requested(hours(0), f"ann{unseen}"))
    life = advance(life, e.SubmittedForApproval(hours(1), "cy"))
    with pytest.raises(TransitionNotAllowed, match="the author cannot approve their own text"):
        _ = advance(life, e.Approved(hours(2), "Ann"))


def test_an_nda_that_names_a_role_after_it_was_called_back_goes_out_only_with_its_approval() -> None:
    """A contract that was sent without a round of approval has no round to hide behind."""
    life = contract(kind=ContractKind.NDA)
    for event in (
        e.Requested(hours(0), "ann"), e.SentForSignature(hours(1), "ann"),
        e.SignatureWithdrawn(hours(2), "ann", note="a wrong annex"),
    ):  # fmt: skip
        life = advance(life, event)
    assert stage_of(advance(life, e.SentForSignature(hours(3), "ann")), TODAY).stage is Stage.AWAITING_SIGNATURE
    strict = attrs.evolve(life, approvals_needed=("legal",))
    with pytest.raises(TransitionNotAllowed, match="it has to be approved first by: legal") as refusal:
        _ = advance(strict, e.SentForSignature(hours(3), "ann"))
    assert "SentForSignature" not in refusal.value.possible
    draft = advance(contract(kind=ContractKind.NDA, approvals_needed=("legal",)), e.Requested(hours(0), "ann"))
    assert "SentForSignature" not in possible_events(draft, TODAY)


def test_an_approval_that_slipped_into_a_log_counts_for_nothing_and_is_reported() -> None:
    life = submitted()
    forged = approval(round_now(life), "legal review", hours(2), "ann", role="legal")
    smuggled = attrs.evolve(life, events=(*life.events, forged))
    assert round_now(smuggled).given == ()
    (told,) = stage_of(smuggled, TODAY).ignored
    assert told.endswith("in stage in_approval: the author cannot approve their own text")


def test_an_absence_or_a_delegation_that_ends_before_it_begins_is_none() -> None:
    before = TODAY - timedelta(days=1)
    for made in (lambda: Absence("bob", TODAY, before), lambda: Delegation("bob", "eve", TODAY, before)):
        with pytest.raises(InvalidRecord, match="expected 2026-05-04 or later"):
            _ = made()
