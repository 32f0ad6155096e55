"""One round of approval: what was submitted, who has approved it, and whether one more approval counts.

A round begins when a draft is submitted and ends with the next submission. The rules stand in `CHECKS`, one named
function each. They are asked when an approval is recorded and again when recorded events are added up: an
approval that slipped into a log by another way counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, TypeAlias

import attrs
from attrs import field, frozen

from clmcrm.clm.approval_steps import NO_PEOPLE, ApprovalMode, ApprovalStep, Approver, Delegation, People, plain_name
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Approved, Rejected, SubmittedForApproval

Act: TypeAlias = Approved | Rejected
"""What an approver says."""


@frozen(kw_only=True)
class Given:
    """An approval that counts: `person` gave it in `seat` of `step` on `day`, for `principal` (mostly themselves)."""

    person: str
    principal: str
    step: str
    seat: str
    day: date


@frozen(kw_only=True)
class Round:
    """A round: its `number` (from 1), the `content` submitted (empty: not said), its steps and its approvals.

    `authors` are those who wrote or submitted the text, `escalated` the (step, seat) pairs that were added when
    a deadline had passed, `delegations` those recorded in the round and not revoked. `bound` says whether its
    steps were submitted with it, so that approvals have to name what they are for.
    """

    number: int
    content: str = ""
    steps: tuple[ApprovalStep, ...]
    approvers: tuple[Approver, ...] = ()
    authors: tuple[str, ...] = ()
    submitted_on: date
    bound: bool = False
    given: tuple[Given, ...] = ()
    escalated: tuple[tuple[str, str], ...] = ()
    delegations: tuple[Delegation, ...] = ()
    people: People = field(default=NO_PEOPLE, eq=False, repr=False)

    def step(self, name: str) -> ApprovalStep | None:
        """The step of that name, or None."""
        return next((step for step in self.steps if step.name == name), None)

    def given_in(self, step: ApprovalStep) -> tuple[Given, ...]:
        """The approvals of one step."""
        return tuple(one for one in self.given if one.step == step.name)

    def missing(self, step: ApprovalStep) -> tuple[str, ...]:
        """What a step still lacks, in words; empty when it is complete."""
        given = self.given_in(step)
        after_deadline = {plain_name(seat) for name, seat in self.escalated if name == step.name}
        if any(plain_name(one.seat) in after_deadline for one in given):
            return ()
        if not step.seats:
            return () if given else ("one approval",)
        if step.mode is ApprovalMode.ALL:
            taken = {plain_name(one.seat) for one in given}
            return tuple(seat for seat in step.seats if plain_name(seat) not in taken)
        lacking = (step.quorum or 1) - len({one.principal for one in given})
        return (f"{lacking} of {', '.join(step.seats)}",) if lacking > 0 else ()

    @property
    def complete(self) -> bool:
        """Whether every step is."""
        return not any(self.missing(step) for step in self.steps)

    @property
    def open_steps(self) -> tuple[ApprovalStep, ...]:
        """The steps whose turn it is: the incomplete ones of the lowest order that has any."""
        waiting = [step for step in self.steps if self.missing(step)]
        first = min((step.order for step in waiting), default=0)
        return tuple(step for step in waiting if step.order == first)

    def reached_on(self, step: ApprovalStep) -> date:
        """The day the step's turn came: the submission's, or that of the last approval of an earlier step.

        Never before the submission, though an approval may be dated in a zone where it is still the day before.
        """
        earlier = {other.name for other in self.steps if other.order < step.order}
        return max((self.submitted_on, *(one.day for one in self.given if one.step in earlier)))

    def is_author(self, account: str) -> bool:
        """Whether the person wrote or submitted the text."""
        return any(self.people.is_one(account, author) for author in self.authors)

    def seats_of(self, step: ApprovalStep) -> tuple[str, ...]:
        """The seats of a step, with those that were added when its deadline had passed."""
        return (*step.seats, *(seat for name, seat in self.escalated if name == step.name))

    def adding(self, act: Approved) -> Round:
        """The round with an approval that counts."""
        step, principal = self.step_meant(act), self.people.person(principal_of(act))
        assert step is not None  # noqa: S101 - what has no step is refused before
        one = Given(
            person=self.people.person(act.by),
            principal=principal,
            step=step.name,
            seat=self.seat_taken(act, step),
            day=act.at.date(),
        )
        return attrs.evolve(self, given=(*self.given, one))

    def without_delegation(self, giver: str, to: str) -> Round:
        """The round without what `giver` had delegated to `to`."""
        return attrs.evolve(self, delegations=tuple(d for d in self.delegations if not self._between(d, giver, to)))

    def between(self, giver: str, to: str) -> tuple[Delegation, ...]:
        """What `giver` has delegated to `to`, whenever it is in force."""
        return tuple(one for one in self.delegations if self._between(one, giver, to))

    def _between(self, one: Delegation, giver: str, to: str) -> bool:
        return self.people.is_one(one.giver, giver) and self.people.is_one(one.to, to)

    def step_meant(self, act: Act) -> ApprovalStep | None:
        """The step an act is about: the one it names; by its role, or the only one, where steps need no name."""
        if act.step or self.bound:
            return self.step(act.step)
        by_role = self.step(act.role) if act.role else None
        return by_role or (self.steps[0] if not self.steps[0].seats else None)

    def seat_taken(self, act: Act, step: ApprovalStep) -> str:
        """The seat an act claims and may claim, or an empty text; in a step for anybody it is the person's own."""
        principal = principal_of(act)
        later = [seat for name, seat in self.escalated if name == step.name]
        if act.role:
            roles = [*step.roles, *(seat for seat in later if not self.people.is_declared(seat))]
            held = next((role for role in roles if plain_name(role) == plain_name(act.role)), "")
            held = held if held and self.people.holds(principal, held) else ""
        else:
            # Where nobody is declared, a name may be a person's as well as a role's.
            named = [*step.people, *(seat for seat in later if self.people.knows(seat))]
            held = next((seat for seat in named if self.people.is_one(principal, seat)), "")
        return held or ("" if step.seats else self.people.person(principal))


def principal_of(act: Act) -> str:
    """The one whose approval it is: the one acted for, else the one who acts."""
    return act.on_behalf_of or act.by


def begun(contract: Contract, event: SubmittedForApproval, authors: tuple[str, ...], number: int, day: date) -> Round:
    """The round that a submission begins."""
    return Round(
        number=number,
        content=event.content,
        steps=event.steps or steps_named_by(contract),
        approvers=event.approvers,
        authors=(*authors, event.by),
        submitted_on=day,
        bound=bool(event.content),
        people=People(event.approvers) if event.approvers else NO_PEOPLE,
    )


def steps_named_by(contract: Contract) -> tuple[ApprovalStep, ...]:
    """The steps of a contract submitted without any: one for each role it names, else one for anybody."""
    roles = dict.fromkeys(contract.approvals_needed)
    return tuple(ApprovalStep(name=role, roles=(role,)) for role in roles) or (ApprovalStep(name="approval"),)


Check: TypeAlias = Callable[[Round, Act], str]
"""A rule: why the act does not count, or an empty text."""


def is_of_this_round(now: Round, act: Act) -> str:
    """An approval of an earlier submission is not used again."""
    if now.bound and act.round != now.number:
        return f"it is for round {act.round} of approval, this is round {now.number}"
    return ""


def is_for_what_was_submitted(now: Round, act: Act) -> str:
    """An approval is for the content that was submitted, and for no other."""
    if now.bound and act.content != now.content:
        return f"it is for the content {act.content[:8] or '(none)'}, submitted is {now.content[:8]}"
    return ""


def names_an_open_step(now: Round, act: Act) -> str:
    """The step is one of the round's, and its turn has come."""
    step = now.step_meant(act)
    waiting = ", ".join(one.name for one in now.open_steps) or "none"
    if step is None:
        return f"{act.step or act.role or 'nothing'} is no step of this round; open now: {waiting}"
    return "" if step in now.open_steps else f"the step {step.name} is not open; open now: {waiting}"


def is_by_an_approver(now: Round, act: Act) -> str:
    """Whoever acts, and whoever is acted for, is declared as an approver, where any are."""
    strangers = [who for who in dict.fromkeys((act.by, principal_of(act))) if not now.people.knows(who)]
    return f"{strangers[0]} is not among the approvers of this round" if strangers else ""


def is_delegated(now: Round, act: Act) -> str:
    """One who acts for another was allowed to by that one, directly, and still is."""
    giver = principal_of(act)
    if now.people.is_one(act.by, giver):
        return ""
    between, day = now.between(giver, act.by), act.at.date()
    if any(one.lasts_on(day) for one in between):
        return ""
    known = "; ".join(f"delegated from {one.first_day} to {one.last_day}" for one in between) or "nothing is delegated"
    return f"{act.by} may not approve for {giver} on {day}: {known}"


def holds_a_seat(now: Round, act: Act) -> str:
    """The one whose approval it is holds the role, or is the person, that the step asks for."""
    step = now.step_meant(act)
    if step is None or now.seat_taken(act, step):
        return ""
    seats = ", ".join(now.seats_of(step))
    claimed = f" as {act.role}" if act.role else ""
    return f"{principal_of(act)} has no seat{claimed} in the step {step.name}, which asks for: {seats}"


def takes_a_free_seat(now: Round, act: Act) -> str:
    """Where every seat is asked for, each is taken once."""
    step = now.step_meant(act)
    if step is None or step.mode is not ApprovalMode.ALL or not step.seats:
        return ""
    seat = now.seat_taken(act, step)
    taken = any(plain_name(one.seat) == plain_name(seat) for one in now.given_in(step))
    return f"{seat} has approved in the step {step.name} already" if taken else ""


def is_by_no_author(now: Round, act: Act) -> str:
    """Nobody approves their own text, nor lets another do so, nor does so for another."""
    authors = any(now.is_author(who) for who in (act.by, principal_of(act)))
    return "the author cannot approve their own text" if authors else ""


def is_nobody_twice(now: Round, act: Act) -> str:
    """Nobody approves the same text twice, in whichever hat and for whomever."""
    before = {who for one in now.given for who in (one.person, one.principal)}
    again = [who for who in dict.fromkeys((act.by, principal_of(act))) if now.people.person(who) in before]
    return f"{again[0]} has approved this text already" if again else ""


CHECKS: Final[tuple[Check, ...]] = (
    is_of_this_round,
    is_for_what_was_submitted,
    names_an_open_step,
    is_by_an_approver,
    is_delegated,
    holds_a_seat,
    takes_a_free_seat,
    is_by_no_author,
    is_nobody_twice,
)
"""What an approval has to pass, in the order in which it is told."""

REJECTION_CHECKS: Final[tuple[Check, ...]] = CHECKS[:6]
"""What a rejection has to pass in a round whose steps were submitted: anybody with a seat may refuse."""


def why_not_counted(now: Round, act: Approved) -> str:
    """The first rule that the approval breaks, in words; an empty text when it counts."""
    return next((why for check in CHECKS if (why := check(now, act))), "")


def why_not_rejected(now: Round, act: Rejected) -> str:
    """The first rule that the rejection breaks; an empty text when it holds, and in a round without content."""
    return next((why for check in REJECTION_CHECKS if (why := check(now, act))), "") if now.bound else ""
