"""A house that tries everything, against a naive reader of the whole log: both say yes and no to the same events."""

from __future__ import annotations

from datetime import timedelta

import attrs
from approving import BOARD, DESK, POLICY, REGISTER, START, STEPS
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from naive_approvals import NaiveApprovals

from clmcrm.clm import events as e
from clmcrm.clm.approvals import submission
from clmcrm.clm.content import content_hash
from clmcrm.clm.lifecycle import advance, possible_events, stage_of, standing_of
from clmcrm.clm.stages import Stage
from clmcrm.errors import TransitionNotAllowed
from making import contract

WHO = st.sampled_from(
    (
        "Ann",
        "asmith",
        " BOB ",
        "Robert  b.",
        "bob@own.example",
        "Cy",
        "cy@OWN.example",
        "Dan",
        "dan",
        "Eve",
        "Ivy",
        "mal",
    )
)
STEP = st.sampled_from(("legal review", "finance", "board", "Board ", ""))
ROLE = st.sampled_from(("legal", "finance", "board", "BOARD", "", "gm", "Ivy"))
# Mostly the seats that a step has, or hardly anything would ever be approved.
SEAT = st.sampled_from(
    (("legal review", "legal"), ("finance", "finance"), ("board", "board"), ("board", ""), ("legal review", ""))
)
ACTS = st.one_of(SEAT, SEAT, SEAT, st.tuples(STEP, ROLE))


class House(RuleBasedStateMachine):
    """One contract, on which anybody tries anything; the log is what was accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.life = contract()
        self.naive = NaiveApprovals(STEPS, REGISTER)
        self.attempt(e.Requested(self.now, "ann"))

    def attempt(self, event: e.AnyEvent) -> None:
        expected = self.naive.allows(self.life.events, event, content_hash(self.life))
        before = self.life
        try:
            self.life = advance(self.life, event, desk=DESK)
        except TransitionNotAllowed as refusal:
            assert not expected, f"{event} refused: {refusal}"  # noqa: PT017 - either may be right
            assert self.life == before
            return
        assert expected, f"{event} went through after {before.events}"

    def current(self) -> tuple[str, int]:
        now = standing_of(self.life, self.now.date()).round
        return ("", 0) if now is None else (now.content, now.number)

    @rule(days=st.integers(0, 3))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days, minutes=1)

    @rule(title=st.sampled_from(("maintenance", "repairs")))
    def the_content_changes(self, title: str) -> None:
        self.life = attrs.evolve(self.life, title=title)

    @rule(number=st.sampled_from(("1", "2")))
    def a_label_changes(self, number: str) -> None:
        self.life = attrs.evolve(self.life, number=number)

    @rule(by=WHO)
    def somebody_submits(self, by: str) -> None:
        self.attempt(submission(self.life, POLICY, self.now, by))

    @rule(by=WHO, kept=st.integers(0, 2))
    def somebody_submits_fewer_steps(self, by: str, kept: int) -> None:
        event = submission(self.life, POLICY, self.now, by)
        self.attempt(attrs.evolve(event, steps=event.steps[:kept]))

    @rule(by=WHO, act=ACTS, on_behalf_of=st.one_of(st.just(""), st.just(""), WHO), other=st.integers(0, 20))
    def somebody_approves(self, by: str, act: tuple[str, str], on_behalf_of: str, other: int) -> None:
        content, number = self.current()
        number = number - 1 if other == 0 and number else number
        content = "0" * 64 if other == 1 else content
        self.attempt(
            e.Approved(self.now, by, step=act[0], role=act[1], on_behalf_of=on_behalf_of, content=content, round=number)
        )

    @rule(seats=st.permutations((("bob", "legal"), ("cy", "finance"), ("dan", "board"), ("eve", "board"))))
    def all_the_right_people_try(self, seats: list[tuple[str, str]]) -> None:
        steps = {"legal": "legal review"}
        for who, role in seats:
            content, number = self.current()
            self.attempt(
                e.Approved(self.now, who, step=steps.get(role, role), role=role, content=content, round=number)
            )

    @rule(data=st.data())
    def an_old_approval_is_sent_again(self, data: st.DataObject) -> None:
        old = [event for event in self.life.events if isinstance(event, e.Approved)]
        if old:
            event = data.draw(st.sampled_from(old))
            self.attempt(data.draw(st.sampled_from((event, attrs.evolve(event, at=self.now)))))

    @rule(
        giver=WHO, to=WHO, by=st.one_of(st.none(), st.none(), WHO), first=st.integers(-3, 3), length=st.integers(0, 4)
    )
    def somebody_delegates(self, giver: str, to: str, by: str | None, first: int, length: int) -> None:
        first_day = self.now.date() + timedelta(days=first)
        last_day = first_day + timedelta(days=length)
        self.attempt(
            e.ApprovalDelegated(self.now, by or giver, giver=giver, to=to, first_day=first_day, last_day=last_day)
        )

    @rule(data=st.data(), by=WHO)
    def a_delegation_is_ended(self, data: st.DataObject, by: str) -> None:
        given = [event for event in self.life.events if isinstance(event, e.ApprovalDelegated)]
        if given:
            event = data.draw(st.sampled_from(given))
            who = data.draw(st.sampled_from((event.giver, event.to, by)))
            self.attempt(e.DelegationRevoked(self.now, who, giver=event.giver, to=event.to))

    @rule(giver=WHO, to=WHO, by=WHO)
    def somebody_revokes(self, giver: str, to: str, by: str) -> None:
        self.attempt(e.DelegationRevoked(self.now, by, giver=giver, to=to))

    @rule(
        step=st.sampled_from(("legal review", "legal review", "finance", "no such step")),
        to=st.sampled_from(("Ivy", "ivy ", "gm", "Cy")),
    )
    def somebody_escalates(self, step: str, to: str) -> None:
        self.attempt(e.ApprovalEscalated(self.now, "ann", step=step, to=to))

    @rule(by=WHO, act=ACTS, note=st.sampled_from(("too dear", "")))
    def somebody_rejects(self, by: str, act: tuple[str, str], note: str) -> None:
        content, number = self.current()
        self.attempt(e.Rejected(self.now, by, note=note, step=act[0], role=act[1], content=content, round=number))

    @rule(by=WHO, kind=st.sampled_from((e.Recalled, e.Redrafted, e.Undone)))
    def somebody_goes_back(self, by: str, kind: type[e.Recalled | e.Redrafted | e.Undone]) -> None:
        self.attempt(kind(self.now, by))

    @rule(by=WHO)
    def somebody_sends_it_out(self, by: str) -> None:
        self.attempt(e.SentForSignature(self.now, by))

    @invariant()
    def what_is_possible_says_the_same_about_sending(self) -> None:
        sent = e.SentForSignature(self.now, "ann")
        allowed = self.naive.allows(self.life.events, sent, content_hash(self.life))
        assert ("SentForSignature" in possible_events(self.life, self.now.date())) == allowed

    @invariant()
    def whoever_approved_is_no_author_and_nobody_counts_twice(self) -> None:
        if stage_of(self.life, self.now.date()).stage is Stage.NEGOTIATING:
            now = standing_of(self.life, self.now.date()).round
            assert now is not None
            acted = [who for one in now.given for who in {one.person, one.principal}]
            assert len(acted) == len(set(acted))
            assert not {"ann", *map(now.people.person, now.authors)} & set(acted)
            assert len([one for one in now.given if one.step == BOARD.name]) >= BOARD.quorum  # type: ignore[operator] # it has one

    @invariant()
    def the_log_is_read_alike_from_the_start(self) -> None:
        assert not stage_of(self.life, self.now.date()).ignored


TestHouse = House.TestCase
