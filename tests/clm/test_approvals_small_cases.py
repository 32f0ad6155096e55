"""Every sequence of events of a small house, to a depth: the library and a naive reader allow the same ones."""

from __future__ import annotations

from datetime import timedelta

import attrs
from approving import START
from hypothesis import settings
from naive_approvals import NaiveApprovals

from clmcrm.clm import events as e
from clmcrm.clm.approval_desk import ApprovalDesk
from clmcrm.clm.approval_policy import ApprovalPolicy, ApprovalRule
from clmcrm.clm.approval_steps import ApprovalStep, Approver
from clmcrm.clm.approvals import submission
from clmcrm.clm.content import content_hash
from clmcrm.clm.contract import Contract
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.stages import Stage
from clmcrm.errors import TransitionNotAllowed
from making import contract

PEOPLE = (
    Approver(name="Ann", roles=("legal", "cfo")),
    Approver(name="Bob", roles=("legal", "cfo"), accounts=("bob@own.example",)),
    Approver(name="Cy", roles=("cfo",)),
)
STEPS = (ApprovalStep(name="legal", roles=("legal",)), ApprovalStep(name="cfo", order=1, roles=("cfo",)))
POLICY = ApprovalPolicy(
    name="small", approvers=PEOPLE, rules=tuple(ApprovalRule(step=step, why="always") for step in STEPS)
)
DESK = ApprovalDesk(policy=POLICY)
TODAY = START.date()


def tries(life: Contract, depth: int) -> list[tuple[Contract, e.AnyEvent]]:
    """Everything that is tried next, each with the contract as it then is."""
    at = START + timedelta(minutes=depth)
    number = sum(isinstance(event, e.SubmittedForApproval) for event in life.events)
    submitted = [event for event in life.events if isinstance(event, e.SubmittedForApproval)]
    content = submitted[-1].content if submitted else ""
    others = attrs.evolve(life, title="repairs" if life.title == "maintenance" else "maintenance")

    def approves(by: str, step: str, on_behalf_of: str = "", back: int = 0) -> e.Approved:
        return e.Approved(
            at, by, step=step, role=step, content=content, round=max(number - back, 0), on_behalf_of=on_behalf_of
        )

    return [
        (life, submission(life, POLICY, at, "ann")),
        (life, approves("bob", "legal")),
        (life, approves("ann", "legal")),
        (life, approves("BOB@own.example", "cfo")),
        (life, approves("cy", "cfo")),
        (life, approves("cy", "legal", on_behalf_of="bob")),
        (life, approves("bob", "legal", back=1)),
        (life, e.ApprovalDelegated(at, "bob", giver="bob", to="cy", first_day=TODAY, last_day=TODAY)),
        (life, e.ApprovalDelegated(at, "cy", giver="cy", to="bob", first_day=TODAY, last_day=TODAY)),
        (life, e.Recalled(at, "ann")),
        (life, e.Undone(at, "ann")),
        (life, e.SentForSignature(at, "ann")),
        (others, e.SentForSignature(at, "ann")),
        (others, approves("bob", "legal")),
    ]


def test_every_short_history_is_allowed_or_refused_as_a_naive_reader_says() -> None:
    depth = 7 if settings.default is not None and settings.default.max_examples >= 10_000 else 5
    judge = NaiveApprovals(STEPS, PEOPLE)
    begun = advance(contract(), e.Requested(START, "ann"))
    level, tried, sent = [begun], 0, 0
    for step in range(1, depth + 1):
        following: dict[tuple[str, tuple[e.AnyEvent, ...]], Contract] = {}
        for life in level:
            for state, event in tries(life, step):
                tried += 1
                expected = judge.allows(state.events, event, content_hash(state))
                try:
                    after = advance(state, event, desk=DESK)
                except TransitionNotAllowed as refusal:
                    assert not expected, f"{refusal} after {state.events}"  # noqa: PT017 - either may be right
                    continue
                assert expected, f"{event} after {state.events}"
                following[after.title, after.events] = after
                if stage_of(after, TODAY).stage is Stage.AWAITING_SIGNATURE:
                    sent += 1
                    approvals = [one for one in after.events if isinstance(one, e.Approved)]
                    assert {one.step for one in approvals} == {"legal", "cfo"}
        level = list(following.values())
    print(tried, "events tried to depth", depth, "-", sent, "histories reach the signature")  # noqa: T201 - the figure
    assert sent
