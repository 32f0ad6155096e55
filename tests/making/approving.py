"""One house with its approvers and steps, for the tests of approvals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from clmcrm.clm.approval_desk import ApprovalDesk
from clmcrm.clm.approval_policy import ApprovalPolicy, ApprovalRule
from clmcrm.clm.approval_round import Round
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep, Approver
from clmcrm.clm.approvals import submission
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Requested
from clmcrm.clm.lifecycle import advance, standing_of
from clmcrm.values.tenor import Tenor
from making import contract

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
REGISTER = (
    Approver(name="Ann", roles=("legal", "finance", "board"), accounts=("ann@own.example", "asmith")),
    Approver(name="Bob", roles=("legal", "finance"), accounts=("bob@own.example", "Robert B.")),
    Approver(name="Cy", roles=("finance",), accounts=("cy@own.example",), stand_in_by=("Ivy",)),
    Approver(name="Dan", roles=("board",), accounts=("dan@own.example",)),
    Approver(name="Eve", roles=("board", "legal"), accounts=("eve@own.example",)),
    Approver(name="Ivy", accounts=("ivy@own.example",)),
)
LEGAL = ApprovalStep(name="legal review", roles=("legal",), within=Tenor(days=3), escalates_to=("Ivy",))
FINANCE = ApprovalStep(name="finance", roles=("finance",), mode=ApprovalMode.ANY)
BOARD = ApprovalStep(name="board", order=1, roles=("board",), people=("Ivy",), mode=ApprovalMode.QUORUM, quorum=2)
STEPS = (LEGAL, FINANCE, BOARD)
POLICY = ApprovalPolicy(
    name="house", approvers=REGISTER, rules=tuple(ApprovalRule(step=step, why="always") for step in STEPS)
)
DESK = ApprovalDesk(policy=POLICY)
BOTH = ApprovalStep(name="both", roles=("legal", "finance"))
ANYBODY = ApprovalStep(name="anybody", order=1)
PLAIN_POLICY = ApprovalPolicy(
    name="plain", approvers=REGISTER, rules=tuple(ApprovalRule(step=step, why="always") for step in (BOTH, ANYBODY))
)
PLAIN_DESK = ApprovalDesk(policy=PLAIN_POLICY)


def hours(count: float) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=count)


def submitted(by: str = "Ann", desk: ApprovalDesk = DESK, **changes: object) -> Contract:
    """A contract that Ann wrote and `by` submitted, an hour after the start, to the steps of the desk."""
    life = advance(contract(**changes), Requested(hours(0), "ann"))
    return advance(life, submission(life, desk.policy, hours(1), by), desk=desk)


def round_now(life: Contract) -> Round:
    """The round of approval that is under way."""
    found = standing_of(life, date.max).round
    assert found is not None
    return found
