"""Pain 24: approvals know one threshold, and an absent approver stops everything.

Seen in objectstack-ai/objectstack 1299, documenso/documenso 3087 and powercat-business-approvals-kit 60.
"""

from __future__ import annotations

from datetime import date

from approving import REGISTER, hours, round_now

from clmcrm.clm import events as e
from clmcrm.clm.approval_desk import ApprovalDesk
from clmcrm.clm.approval_outlook import Absence, simulate_approval
from clmcrm.clm.approval_policy import ApprovalPolicy, ApprovalRule
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep, Delegation
from clmcrm.clm.approvals import approval, submission
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.stages import Stage
from clmcrm.values.money import Money
from making import contract

FINANCE = ApprovalStep(name="finance", people=("Cy",))
BOARD = ApprovalStep(name="board", order=1, roles=("board",), mode=ApprovalMode.QUORUM, quorum=2)
POLICY = ApprovalPolicy(
    name="thresholds",
    approvers=REGISTER,
    rules=(
        ApprovalRule(step=FINANCE, why="above 10 000 EUR", above=Money(10_000, "EUR")),
        ApprovalRule(step=BOARD, why="above 100 000 EUR", above=Money(100_000, "EUR")),
    ),
)
DAY, LAST = date(2026, 5, 4), date(2026, 5, 8)


def test_pain_24_several_thresholds_and_a_stand_in_when_the_approver_is_absent() -> None:
    values = (10_000, 10_001, 100_001)
    outlooks = [simulate_approval(contract(total_value=Money(value, "EUR")), POLICY, DAY) for value in values]
    asked = [[one.needed.step.name for one in outlook.steps] for outlook in outlooks]
    assert asked == [[], ["finance"], ["finance", "board"]]

    deal, away = contract(total_value=Money(50_000, "EUR")), [Absence("Cy", DAY, LAST)]
    alone = simulate_approval(deal, POLICY, DAY, absences=away)
    assert alone.blocked == ("everybody who can approve as Cy is away",)
    helped = simulate_approval(deal, POLICY, DAY, absences=away, delegations=[Delegation("Cy", "Bob", DAY, LAST)])
    assert (helped.blocked, helped.wordings[0].en) == (
        (), "1. finance: Cy (Bob on behalf of Cy), because above 10 000 EUR",
    )  # fmt: skip

    desk = ApprovalDesk(policy=POLICY)
    life = advance(deal, e.Requested(hours(0), "ann"))
    life = advance(life, submission(life, POLICY, hours(1), "ann"), desk=desk)
    # Cy has fallen ill: Ivy, whom the register lets do so, names Bob.
    life = advance(life, e.ApprovalDelegated(hours(2), "Ivy", giver="Cy", to="Bob", first_day=DAY, last_day=LAST))
    life = advance(life, approval(round_now(life), "finance", hours(3), "Bob", on_behalf_of="Cy"), desk=desk)
    assert stage_of(life, DAY).stage is Stage.NEGOTIATING
