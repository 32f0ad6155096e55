"""Ways around an approval, made at random: each builds an honest history and then one event that must not pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

import attrs
from approving import DESK, PLAIN_DESK, hours, round_now, submitted
from attrs import define, field

from clmcrm.clm import events as e
from clmcrm.clm.approval_desk import ApprovalDesk
from clmcrm.clm.approvals import submission
from clmcrm.clm.content import content_hash
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.lifecycle import advance
from clmcrm.values.ids import ContractId

ALIASES = {
    "ann": ("Ann", " ANN", "asmith", "Ann@Own.Example", "a\u200bnn"),
    "bob": ("Bob", "robert  b.", "BOB@own.example", " bob "),
    "cy": ("Cy", "cy@own.example", "CY "),
    "dan": ("Dan", "DAN", "dan@own.example"),
    "eve": ("Eve", "eve@OWN.example", " eve"),
    "ivy": ("Ivy", "ivy@own.example", "IVY"),
}
HONEST = (
    ("bob", "legal review", "legal"),
    ("cy", "finance", "finance"),
    ("dan", "board", "board"),
    ("ivy", "board", ""),
)


@define
class Story:
    """A contract on its way, with a clock and dice; `desk` is the house's."""

    dice: Random
    desk: ApprovalDesk = DESK
    life: Contract = field(factory=submitted)
    hour: float = 2.0

    def alias(self, who: str) -> str:
        return self.dice.choice(ALIASES[who])

    def tick(self, least: float = 0.1) -> None:
        self.hour += least + self.dice.random()

    def add(self, event: e.AnyEvent) -> None:
        self.life = advance(self.life, event, desk=self.desk)
        self.tick()

    def approved(self, who: str, step: str, role: str = "", on_behalf_of: str = "") -> e.Approved:
        now = round_now(self.life)
        return e.Approved(
            hours(self.hour), self.alias(who) if who in ALIASES else who, step=step, role=role,
            content=now.content, round=now.number, on_behalf_of=on_behalf_of,
        )  # fmt: skip

    def honest(self, count: int, but: tuple[str, ...] = ()) -> None:
        for who, step, role in HONEST[:count]:
            if who not in but:
                self.add(self.approved(who, step, role))

    def delegated(self, giver: str, to: str, first: int = 0, last: int = 5, by: str = "") -> e.ApprovalDelegated:
        today = hours(self.hour).date()
        return e.ApprovalDelegated(
            hours(self.hour), self.alias(by or giver), giver=self.alias(giver),
            to=self.alias(to) if to in ALIASES else to,
            first_day=today + timedelta(first), last_day=today + timedelta(last),
        )  # fmt: skip

    def resubmit(self) -> None:
        self.add(e.Recalled(hours(self.hour), "ann"))
        self.add(submission(self.life, self.desk.policy, hours(self.hour), self.alias("ann")))


def self_approval(s: Story) -> e.AnyEvent:
    s.honest(s.dice.choice((0, 1, 2, 3)))
    done = len(round_now(s.life).given)
    step, role = (("legal review", "legal"), ("finance", "finance"), ("board", "board"), ("board", "board"))[done]
    return s.approved("ann", step, role)


def self_approval_by_a_colleague(s: Story) -> e.AnyEvent:
    return s.delegated("ann", s.dice.choice(("bob", "cy", "eve")))


def approval_for_the_author(s: Story) -> e.AnyEvent:
    return s.delegated(s.dice.choice(("bob", "cy", "eve")), "ann")


def two_hats(s: Story) -> e.AnyEvent:
    s.honest(1)
    return s.approved("bob", "finance", "finance")


def two_hats_in_a_quorum(s: Story) -> e.AnyEvent:
    s.honest(3)
    return s.approved("dan", "board", "board")


def two_hats_for_another(s: Story) -> e.AnyEvent:
    s.honest(2)
    s.add(s.delegated("dan", "eve"))
    s.add(s.approved("eve", "board", "board"))
    return s.approved("eve", "board", "board", on_behalf_of=s.alias("dan"))


def delegation_loop(s: Story) -> e.AnyEvent:
    one, other = s.dice.sample(("bob", "cy", "dan", "eve"), 2)
    s.add(s.delegated(one, other))
    return s.delegated(other, one, first=s.dice.randint(0, 5), last=9)


def delegation_chain(s: Story) -> e.AnyEvent:
    one, other, third = s.dice.sample(("bob", "cy", "dan", "eve"), 3)
    s.add(s.delegated(one, other))
    return s.dice.choice((s.delegated(other, third), s.delegated(third, one)))


def delegation_to_oneself(s: Story) -> e.AnyEvent:
    who = s.dice.choice(("bob", "cy", "dan"))
    return s.delegated(who, who)


def delegation_to_a_stranger(s: Story) -> e.AnyEvent:
    return s.delegated(s.dice.choice(("bob", "cy")), s.dice.choice(("mallory", "bob2", "ann.smith@else.example")))


def delegation_taken(s: Story) -> e.AnyEvent:
    giver, taker = s.dice.choice((("bob", "eve"), ("cy", "bob"), ("cy", "ivy"), ("dan", "bob")))
    return s.delegated(giver, taker, by=taker)


def delegation_long_over(s: Story) -> e.AnyEvent:
    return s.delegated("cy", "eve", first=-9, last=-s.dice.randint(1, 5))


def expired_delegate(s: Story) -> e.AnyEvent:
    last = s.dice.randint(0, 3)
    s.add(s.delegated("cy", "eve", last=last))
    s.hour += 24 * (last + 1)
    return s.approved("eve", "finance", "finance", on_behalf_of=s.alias("cy"))


def delegate_before_time(s: Story) -> e.AnyEvent:
    s.add(s.delegated("cy", "eve", first=1, last=9))
    return s.approved("eve", "finance", "finance", on_behalf_of=s.alias("cy"))


def revoked_delegate(s: Story) -> e.AnyEvent:
    s.add(s.delegated("cy", "eve"))
    by = s.dice.choice(("cy", "eve", "ivy"))
    s.add(e.DelegationRevoked(hours(s.hour), s.alias(by), giver=s.alias("cy"), to=s.alias("eve")))
    return s.approved("eve", "finance", "finance", on_behalf_of=s.alias("cy"))


def delegate_of_an_earlier_round(s: Story) -> e.AnyEvent:
    s.add(s.delegated("cy", "eve"))
    s.resubmit()
    return s.approved("eve", "finance", "finance", on_behalf_of=s.alias("cy"))


def delegate_by_word_of_mouth(s: Story) -> e.AnyEvent:
    return s.approved(s.dice.choice(("eve", "dan")), "finance", "finance", on_behalf_of=s.alias("cy"))


def changed(s: Story) -> None:
    change = s.dice.choice(
        ({"title": "other"}, {"special_terms": "at cost"}, {"governing_place": "US-NY"}, {"clauses": ()})
    )
    before = content_hash(s.life)
    s.life = attrs.evolve(s.life, **change)
    if content_hash(s.life) == before:
        s.life = attrs.evolve(s.life, title=f"{s.life.title}.")


def changed_content(s: Story) -> e.AnyEvent:
    s.honest(s.dice.choice((0, 1)))
    event = (
        s.approved("eve", "board", "board") if round_now(s.life).given else s.approved("bob", "legal review", "legal")
    )
    changed(s)
    return event


def changed_content_named(s: Story) -> e.AnyEvent:
    changed(s)
    return attrs.evolve(s.approved("bob", "legal review", "legal"), content=content_hash(s.life))


def changed_content_sent(s: Story) -> e.AnyEvent:
    s.honest(4)
    changed(s)
    return e.SentForSignature(hours(s.hour), s.alias("ann"))


def replayed_approval(s: Story) -> e.AnyEvent:
    s.honest(1)
    old = s.life.events[-1]
    s.resubmit()
    return attrs.evolve(old, at=hours(s.hour))


def replayed_as_it_was(s: Story) -> e.AnyEvent:
    s.honest(1)
    old = s.life.events[-1]
    s.resubmit()
    return old


def approval_of_another_contract(s: Story) -> e.AnyEvent:
    other = Story(s.dice, life=submitted(id=ContractId(f"C-{s.dice.randint(2, 99)}")))
    return attrs.evolve(other.approved("bob", "legal review", "legal"), at=hours(s.hour))


def out_of_order(s: Story) -> e.AnyEvent:
    s.honest(s.dice.choice((0, 1)))
    return s.approved(s.dice.choice(("dan", "eve")), "board", "board")


def forged_step(s: Story) -> e.AnyEvent:
    name = s.dice.choice(("Board", "board ", "legal", "", "LEGAL REVIEW", "legal\u200b review", "approval", "0"))
    return s.approved("bob", name, s.dice.choice(("legal", "")))


def wrong_role(s: Story) -> e.AnyEvent:
    who, role = s.dice.choice((("cy", "legal"), ("dan", "legal"), ("ivy", "legal"), ("bob", "board"), ("bob", "")))
    return s.approved(who, "legal review", role)


def stranger(s: Story) -> e.AnyEvent:
    return s.approved(s.dice.choice(("mallory", "bob@else.example", "bоb")), "legal review", "legal")  # noqa: RUF001 - one letter is Cyrillic


def stranger_where_anybody_may(s: Story) -> e.AnyEvent:
    s.desk, s.life = PLAIN_DESK, submitted(desk=PLAIN_DESK)
    s.add(s.approved("bob", "both", "legal"))
    s.add(s.approved("cy", "both", "finance"))
    return s.approved("mallory", "anybody")


def seat_taken_already(s: Story) -> e.AnyEvent:
    s.desk, s.life = PLAIN_DESK, submitted(desk=PLAIN_DESK)
    s.add(s.approved("bob", "both", "legal"))
    return s.approved("eve", "both", "legal")


def another_undoes_it(s: Story) -> e.AnyEvent:
    s.add(attrs.evolve(e.Rejected(hours(s.hour), s.alias("bob"), note="no"), step="legal review", role="legal",
                       content=round_now(s.life).content, round=1))  # fmt: skip
    return e.Undone(hours(s.hour), s.alias(s.dice.choice(("ann", "cy", "eve"))))


def escalated_too_soon(s: Story) -> e.AnyEvent:
    return e.ApprovalEscalated(
        hours(s.hour + s.dice.choice((0, 24, 48))), "ann", step="legal review", to=s.alias("ivy")
    )


def escalated_to_another(s: Story) -> e.AnyEvent:
    s.hour += 24 * 5
    return e.ApprovalEscalated(hours(s.hour), "ann", step="legal review", to=s.dice.choice(("Cy", "Ann", "legal")))


def as_if_escalated(s: Story) -> e.AnyEvent:
    s.hour += 24 * s.dice.randint(0, 9)
    return s.approved("ivy", "legal review", s.dice.choice(("", "Ivy")))


def fewer_steps(s: Story) -> e.AnyEvent:
    s.add(e.Recalled(hours(s.hour), "ann"))
    event = submission(s.life, s.desk.policy, hours(s.hour), s.alias("ann"))
    steps = s.dice.choice((event.steps[:1], event.steps[1:], (), (attrs.evolve(event.steps[0], roles=("finance",)),)))
    return attrs.evolve(event, steps=steps)


def other_approvers(s: Story) -> e.AnyEvent:
    s.add(e.Recalled(hours(s.hour), "ann"))
    event = submission(s.life, s.desk.policy, hours(s.hour), s.alias("ann"))
    first = attrs.evolve(event.approvers[0], accounts=())
    return attrs.evolve(event, approvers=s.dice.choice(((), event.approvers[:4], (first, *event.approvers[1:]))))


def submitted_without_content(s: Story) -> e.AnyEvent:
    s.add(e.Recalled(hours(s.hour), "ann"))
    return e.SubmittedForApproval(hours(s.hour), s.alias("ann"))


def sent_too_soon(s: Story) -> e.AnyEvent:
    s.honest(s.dice.randint(0, 3))
    return e.SentForSignature(hours(s.hour), s.alias("ann"))


def recalled_and_sent(s: Story) -> e.AnyEvent:
    s.life = submitted(kind=ContractKind.NDA)  # whose drafts may go out when no approval is asked for
    s.honest(s.dice.randint(0, 3))
    s.add(e.Recalled(hours(s.hour), "ann"))
    return e.SentForSignature(hours(s.hour), s.alias("ann"))


WAYS: tuple[Callable[[Story], e.AnyEvent], ...] = (
    self_approval, self_approval_by_a_colleague, approval_for_the_author, two_hats, two_hats_in_a_quorum,
    two_hats_for_another, delegation_loop, delegation_chain, delegation_to_oneself, delegation_to_a_stranger,
    delegation_taken, delegation_long_over, expired_delegate, delegate_before_time, revoked_delegate,
    delegate_of_an_earlier_round, delegate_by_word_of_mouth, changed_content, changed_content_named,
    changed_content_sent, replayed_approval, replayed_as_it_was, approval_of_another_contract, out_of_order,
    forged_step, wrong_role, stranger, stranger_where_anybody_may, seat_taken_already, another_undoes_it,
    escalated_too_soon, escalated_to_another, as_if_escalated, fewer_steps, other_approvers,
    submitted_without_content, sent_too_soon, recalled_and_sent,
)  # fmt: skip
"""Every way around that is tried."""
