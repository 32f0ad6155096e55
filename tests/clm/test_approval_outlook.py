"""What a simulation says of being stuck, beside every way in which a small house could act."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.approval_outlook import Absence, simulate_approval
from clmcrm.clm.approval_policy import ApprovalPolicy, ApprovalRule
from clmcrm.clm.approval_round import Round, why_not_counted
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep, Approver, Delegation, People
from clmcrm.clm.events import Approved
from making import contract

NAMES, ROLES = ("ann", "bob", "cy", "dan"), ("legal", "cfo")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TODAY = NOON.date()


def can_be_completed(now: Round, away: frozenset[str]) -> bool:
    """Whether some order of acts, tried one by one by the rules themselves, completes the round."""
    if now.complete:
        return True
    acts = (
        Approved(NOON, by, step=step.name, role=role, on_behalf_of=giver, content=now.content, round=now.number)
        for step in now.open_steps
        for by in set(NAMES) - away
        for giver in ("", *(one.giver for one in now.delegations if one.to == by))
        for role in ("", *ROLES)
    )
    return any(can_be_completed(now.adding(act), away) for act in acts if not why_not_counted(now, act))


def simulated(
    steps: tuple[ApprovalStep, ...],
    people: tuple[Approver, ...],
    away: frozenset[str] = frozenset(),
    delegations: tuple[Delegation, ...] = (),
) -> tuple[str, ...]:
    """Why the round would be stuck, by the simulation."""
    house = ApprovalPolicy(name="h", approvers=people, rules=tuple(ApprovalRule(step=step, why="w") for step in steps))
    absences = [Absence(who, TODAY, TODAY) for who in sorted(away)]
    outlook = simulate_approval(
        contract(), house, TODAY, authors=["dan"], absences=absences, delegations=delegations
    )  # fmt: skip
    return outlook.blocked


def test_one_who_is_needed_twice_because_another_is_away_is_seen() -> None:
    people = (Approver(name="ann", roles=("legal",)), Approver(name="bob", roles=("legal", "cfo")))
    steps = (ApprovalStep(name="one", roles=("legal",)), ApprovalStep(name="two", order=1, roles=("cfo",)))
    assert simulated(steps, people) == ()
    (stuck,) = simulated(steps, people, frozenset({"ann"}))
    assert stuck == "nobody is left to approve as cfo: nobody approves or stands in twice"
    assert simulated(steps, people, frozenset({"ann"}), (Delegation("ann", "bob", TODAY, TODAY),)) == (stuck,)
    helped = (*people, Approver(name="cy"))
    assert simulated(steps, helped, frozenset({"ann"}), (Delegation("ann", "cy", TODAY, TODAY),)) == ()


def test_a_step_for_anybody_is_stuck_when_everybody_else_is_away() -> None:
    people = (Approver(name="ann"), Approver(name="dan"))
    assert simulated((ApprovalStep(name="one"),), people, frozenset({"ann"})) == ("everybody but the author is away",)


def test_one_approval_is_not_given_by_two_stand_ins() -> None:
    people = (
        Approver(name="ann", roles=ROLES), Approver(name="bob", roles=("legal",)), Approver(name="cy"),
        Approver(name="eve"),
    )  # fmt: skip
    to_both = tuple(Delegation("ann", to, TODAY, TODAY) for to in ("cy", "eve"))
    step = ApprovalStep(name="one", roles=ROLES)
    (stuck,) = simulated((step,), people, frozenset({"ann", "bob"}), to_both)
    assert stuck.startswith("nobody is left to approve as cfo")
    assert simulated((step,), people, frozenset({"ann"}), to_both) == ()


STEPS = st.lists(
    st.builds(
        ApprovalStep, name=st.uuids().map(str), order=st.integers(0, 1), mode=st.sampled_from(list(ApprovalMode)[:2]),
        roles=st.sets(st.sampled_from(ROLES), min_size=1).map(tuple),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


@given(
    STEPS,
    st.tuples(*[st.sets(st.sampled_from(ROLES), min_size=1)] * len(NAMES)),
    st.frozensets(st.sampled_from(NAMES[:3]), min_size=1),
    st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=4),
)
def test_a_simulation_is_stuck_exactly_where_no_order_of_acts_gets_through(
    asked: list[ApprovalStep], roles: tuple[set[str], ...], away: frozenset[str], lent: set[tuple[str, str]]
) -> None:
    people = tuple(Approver(name=name, roles=tuple(held)) for name, held in zip(NAMES, roles, strict=True))
    steps = tuple(sorted(asked, key=lambda step: step.order))
    delegations = tuple(
        Delegation(giver, to, TODAY, TODAY)
        for giver, to in sorted(lent)
        if giver in away and to not in away and "dan" not in {giver, to}
    )
    now = Round(
        number=1, content="h", steps=steps, approvers=people, authors=("dan",), submitted_on=TODAY, bound=True,
        delegations=delegations, people=People(people),
    )  # fmt: skip
    assert (not simulated(steps, people, away, delegations)) == can_be_completed(now, away)
