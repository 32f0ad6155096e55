"""Whole lives of a contract and of its regions, against a clerk with an index card (`making/naive_contract`).

Whatever is tried, the clerk says whether it is accepted, and where the contract stands on any day by what was
known on any day. By night more than 40,000 steps: `pytest -m machine --hypothesis-profile=nightly`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from machine_steps import Counted, runs
from naive_contract import ENDING, Card, Note, allowed, read, seen_beside

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.joined_logs import merged
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import StageOn, advance, possible_events, stage_of, standing_of
from clmcrm.clm.regions import CrmRegion, DataRegion, Regions, regions_of
from clmcrm.clm.standing import Standing
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind
from clmcrm.errors import TransitionNotAllowed
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.partial import NOT_STATED, Unknown
from making import contract

pytestmark = pytest.mark.machine

BEGAN = datetime(2024, 3, 1, 9, tzinfo=UTC)
ROLES = st.sampled_from(["legal", "finance"])
GAPS = st.sampled_from([0, 1, 1, 2, 5, 20, 60])
PEOPLE = st.sampled_from(["ann", "bob", "eve"])
SIDES = st.sampled_from([Party.OWN, Party.COUNTERPARTY])
BACK = st.integers(0, 40)
SYSTEMS = st.sampled_from(["1", "2"])
THINGS = st.sampled_from(["price", "end"])


class LifeOfAContract(Counted):
    """The contract and the clerk's notes, which both hear of the same attempts."""

    def __init__(self) -> None:
        super().__init__()
        self.card = Card()
        self.life = contract()
        self.notes: list[Note] = []
        self.now = BEGAN
        self.answers: dict[tuple[date, date], tuple[StageOn, Regions]] = {}
        self.begun: Standing | None = None

    @initialize(
        dated=st.booleans() | st.just(value=True),
        renewed=st.booleans() | st.just(value=True),
        conditions=st.sampled_from([(), (), ("permit",), ("permit", "deposit")]),
        roles=st.sampled_from([(), ("legal",), ("legal", "finance")]),
        at_first=st.sampled_from(["new", "new", "new", "signed", "in force", "near its end"]),
        prelude=st.lists(st.tuples(PEOPLE, ROLES, st.integers(0, 5), st.integers(0, 12), GAPS), max_size=30),
    )
    def it_is_drafted(
        self, *, dated: bool, renewed: bool, conditions: tuple[str, ...], roles: tuple[str, ...], at_first: str,
        prelude: list[tuple[str, str, int, int, int]],
    ) -> None:  # fmt: skip
        self.card = Card(
            first_day=date(2024, 6, 1) if dated else None, renewed=renewed, conditions=conditions, roles=roles
        )
        changes: dict[str, object] = {"conditions_precedent": conditions, "approvals_needed": roles}
        if not renewed:
            changes["renewal"] = RenewalClause(kind=RenewalKind.NONE)
        if not dated:
            changes["effective_on"] = Unknown("it is blacked out")
        self.life = contract(**changes)
        if at_first != "new":
            self.it_is_recorded()
        if at_first == "in force":
            self.now = datetime(2024, 6, 20, 9, tzinfo=UTC)
        elif at_first == "near its end":
            self.now = datetime(2025, 5, 10, 9, tzinfo=UTC)
        for who, role, pick, days, gap in prelude:  # a life of some length to begin with
            self.time_passes(gap)
            self.it_goes_on(who, role, pick, days)

    def attempt(self, event: e.AnyEvent, note: Note) -> None:
        """Try an event on both, and compare what becomes of it; a refusal leaves the contract as it was."""
        self.now += timedelta(minutes=1)
        expected = allowed(self.card, self.notes, note)
        before = self.life
        refused: TransitionNotAllowed | None = None
        try:
            self.life = advance(self.life, event, now=self.now)
        except TransitionNotAllowed as refusal:
            refused = refusal
        assert (refused is None) == expected, refused or f"the clerk would not have {note}"
        if refused is not None:
            assert self.life == before
            assert refused.why or note.kind not in refused.possible
        else:
            self.notes.append(note)
            # What was answered for a day that is not over yet may change with what is told on it.
            self.answers = {key: kept for key, kept in self.answers.items() if max(key) < note.written}

    def note(self, kind: str, by: str = "ann", on: date | None = None, **more: object) -> Note:
        return Note(kind, self.now, by, on or self.now.date(), **more)  # type: ignore[arg-type] # its own fields

    def back(self, days: int) -> date:
        return self.now.date() - timedelta(days=days)

    @rule(days=st.sampled_from([1, 1, 2, 5, 20, 60, 200]))
    def time_passes(self, days: int) -> None:
        if self.now.year < 2029:
            self.now += timedelta(days=days)

    @rule(by=PEOPLE)
    def it_is_requested(self, by: str) -> None:
        self.attempt(e.Requested(self.now, by), self.note("Requested", by))

    @rule()
    def it_is_recorded(self) -> None:
        on = min(self.card.first_day or self.now.date(), self.now.date())
        self.attempt(e.RecordedAsExecuted(self.now, "ann"), self.note("RecordedAsExecuted", on=on))

    @rule(who=PEOPLE, role=ROLES, pick=st.integers(0, 5), days=st.integers(0, 12))
    def it_goes_on(self, who: str, role: str, pick: int, days: int) -> None:
        """What is likely to fit, so that lives get on."""
        stage = stage_of(self.life, self.now.date()).stage.value
        if stage == "new":
            self.it_is_requested(who)
        elif stage in ("draft", "rejected", "signature_declined"):
            self.something_is_said(e.SubmittedForApproval if stage == "draft" else e.Redrafted, who, reason=True)
        elif stage == "in_approval":
            self.it_is_approved(f"{who} {len(self.notes)}", role) if pick else self.something_is_said(
                e.Rejected, who, reason=True
            )
        elif stage == "negotiating":
            self.something_is_said(e.SentForSignature, who, reason=True) if pick else self.the_turn_passes(
                Party.COUNTERPARTY
            )
        elif stage == "awaiting_signature":
            if pick:
                self.it_is_signed(Party.OWN if pick < 3 else Party.COUNTERPARTY, days)
            else:
                self.something_is_said(e.SignatureDeclined, who, reason=True)
        elif stage in ("signed", "unknown"):
            if pick < 2:
                self.a_condition_is_met("permit" if pick else "deposit", days)
            else:
                self.it_is_activated(days if pick < 4 else None, reason=pick % 2 == 0)
        elif stage == "expired":
            self.they_go_on(days) if pick < 3 else self.it_is_replaced(days, e.Novated)
        else:
            self.it_goes_on_in_force(stage, pick, days)

    def it_goes_on_in_force(self, stage: str, pick: int, days: int) -> None:
        if stage == "suspended":
            self.it_is_resumed(days)
        elif stage == "unassigned":
            self.a_party_is_replaced()
        elif stage == "in_effect":
            if pick < 2:
                self.it_is_suspended(days - 6, reason=True)
            elif pick == 2:
                self.something_is_said(e.PartyLeft, "ann", reason=True)
            elif pick == 3:
                self.notice_is_given(days, 1)
            elif pick == 4:
                self.a_cure_is_demanded(days, reason=True)
            else:
                self.a_party_is_replaced()
        else:
            self.something_is_said(e.Archived, "ann", reason=True)

    @rule(rarely=st.integers(0, 3), kind=st.sampled_from([e.Rescinded, e.Completed, e.Canceled, e.Archived]))
    def it_comes_to_an_end(self, rarely: int, kind: type[e.AnyEvent]) -> None:
        if rarely == 0:
            self.something_is_said(kind, "ann", reason=True)

    @rule(
        kind=st.sampled_from(
            [
                e.SubmittedForApproval, e.Rejected, e.Recalled, e.Redrafted, e.SentForSignature, e.SignatureDeclined,
                e.SignatureWithdrawn, e.PartyLeft, e.DataReviewed, e.UnlinkedFromCrm,
            ]
        ),
        by=PEOPLE,
        reason=st.booleans(),
    )  # fmt: skip
    def something_is_said(self, kind: type[e.AnyEvent], by: str, *, reason: bool) -> None:
        told = self.note(kind.__name__, by, reason=reason)
        self.attempt(kind(self.now, by, note="because" if reason else ""), told)  # type: ignore[call-arg] # none needs more

    @rule(by=PEOPLE, role=ROLES)
    def it_is_approved(self, by: str, role: str) -> None:
        self.attempt(e.Approved(self.now, by, role=role), self.note("Approved", by, said=role))

    @rule(to=SIDES)
    def the_turn_passes(self, to: Party) -> None:
        self.attempt(e.TurnPassed(self.now, "ann", to=to), self.note("TurnPassed", said=to.value))

    @rule(side=SIDES, back=BACK)
    def it_is_signed(self, side: Party, back: int) -> None:
        on = self.back(back)
        self.attempt(e.Signed(self.now, "x", side=side, signed_on=on), self.note("Signed", "x", on, said=side.value))

    @rule(back=st.none() | st.integers(-5, 40), reason=st.booleans())
    def it_is_activated(self, back: int | None, *, reason: bool) -> None:
        on = None if back is None else self.back(back)
        waived = "the conditions were waived" if reason else ""
        event = e.Activated(self.now, "clm", effective_on=NOT_STATED if on is None else on, note=waived)
        self.attempt(event, self.note("Activated", "clm", on, other=on, reason=reason))

    @rule(what=st.sampled_from(["permit", "deposit"]), back=BACK)
    def a_condition_is_met(self, what: str, back: int) -> None:
        on = self.back(back)
        self.attempt(
            e.ConditionMet(self.now, "ann", condition=what, on=on), self.note("ConditionMet", on=on, said=what)
        )

    @rule(back=st.integers(-10, 40), reason=st.booleans())
    def it_is_suspended(self, back: int, *, reason: bool) -> None:
        on = self.back(back)
        event = e.Suspended(self.now, "ann", from_day=on, note="strike" if reason else "")
        self.attempt(event, self.note("Suspended", on=on, reason=reason))

    @rule(back=st.integers(-10, 40))
    def it_is_resumed(self, back: int) -> None:
        on = self.back(back)
        self.attempt(e.Resumed(self.now, "ann", from_day=on), self.note("Resumed", on=on))

    @rule()
    def a_party_is_replaced(self) -> None:
        self.attempt(e.PartyAssigned(self.now, "ann", to=AccountId("A-2")), self.note("PartyAssigned"))

    @rule(served=BACK, days=st.none() | st.integers(0, 5))
    def notice_is_given(self, served: int, days: int | None) -> None:
        on = self.back(served)
        came = None if days is None else min(on + timedelta(days=days), self.now.date())
        event = e.NonRenewalNotified(self.now, "ann", side=Party.OWN, served_on=on, received_on=came)
        self.attempt(event, self.note("NonRenewalNotified", on=came or on))

    @rule(back=BACK, reason=st.booleans())
    def a_cure_is_demanded(self, back: int, *, reason: bool) -> None:
        on = self.back(back)
        event = e.CureDemanded(self.now, "ann", side=Party.OWN, served_on=on, note="late" if reason else "")
        self.attempt(event, self.note("CureDemanded", on=on, reason=reason))

    @rule(ahead=st.integers(-30, 90), rarely=st.integers(0, 3))
    def it_is_terminated(self, ahead: int, rarely: int) -> None:
        if rarely:
            return
        last = self.back(-ahead)
        event = e.Terminated(self.now, "ann", ground=e.Ground.MUTUAL, last_day=last)
        self.attempt(event, self.note("Terminated", other=last))

    @rule(ahead=st.integers(-30, 90), kind=st.sampled_from([e.Superseded, e.Novated]))
    def it_is_replaced(self, ahead: int, kind: type[e.Superseded | e.Novated]) -> None:
        day = self.back(-ahead)
        event = kind(self.now, "ann", successor=ContractId("C-2"), from_day=day)
        self.attempt(event, self.note(kind.__name__, other=day))

    @rule(back=BACK)
    def they_go_on(self, back: int) -> None:
        on = self.back(back)
        self.attempt(e.PerformanceContinued(self.now, "ann", from_day=on), self.note("PerformanceContinued", on=on))

    @rule(hold=THINGS, placed=st.booleans())
    def a_hold(self, hold: str, *, placed: bool) -> None:
        kind = e.HoldPlaced if placed else e.HoldReleased
        self.attempt(kind(self.now, "ann", hold=hold), self.note(kind.__name__, said=hold))

    @rule(key=SYSTEMS)
    def it_is_tied(self, key: str) -> None:
        self.attempt(e.LinkedToCrm(self.now, "ann", system="sf", key=key), self.note("LinkedToCrm", said=key))

    @rule(what=THINGS, found=st.booleans())
    def the_crm_says_otherwise(self, what: str, *, found: bool) -> None:
        kind = e.CrmConflictFound if found else e.CrmConflictSettled
        self.attempt(kind(self.now, "ann", what=what), self.note(kind.__name__, said=what))

    @rule(rarely=st.integers(0, 2))
    def the_last_one_is_taken_back(self, rarely: int) -> None:
        if rarely == 0:
            self.attempt(e.Undone(self.now, "ann"), self.note("Undone"))

    @rule()
    @precondition(lambda self: self.life.events)
    def the_last_one_is_heard_again(self) -> None:
        """A repeated event is refused, and nothing changes."""
        with pytest.raises(TransitionNotAllowed, match="recorded already"):
            _ = advance(self.life, self.life.events[-1]) if self.last_stands() else self.refuse()

    def last_stands(self) -> bool:
        # What was taken back may happen after all.
        return not isinstance(self.life.events[-1], e.Undone)

    def refuse(self) -> Contract:
        raise TransitionNotAllowed("", "", "", (), ("recorded already",))

    @rule()
    @precondition(lambda self: self.life.events)
    def clocks_go_back(self) -> None:
        """What is recorded before the last event is refused, and nothing changes."""
        early = e.DataReviewed(self.life.events[-1].at - timedelta(seconds=1), "late")
        with pytest.raises(TransitionNotAllowed, match="before the last event"):
            _ = advance(self.life, early)

    @rule()
    def somebody_looks_and_keeps_what_was_found(self) -> None:
        today = self.now.date()
        self.begun = standing_of(self.life, today, begun=self.begun)

    @rule(as_of=st.integers(0, 400), known=st.integers(0, 400))
    def a_past_day_is_asked_about(self, as_of: int, known: int) -> None:
        self.check(max(BEGAN.date(), self.back(as_of)), max(BEGAN.date(), self.back(known)))

    @rule(ahead=st.integers(0, 900))
    def a_day_to_come_is_asked_about(self, ahead: int) -> None:
        self.check(self.back(-ahead), self.now.date())

    def check(self, as_of: date, known_on: date) -> None:
        clerk = read(self.card, self.notes, as_of, known_on)
        found = stage_of(self.life, as_of, known_on=known_on)
        since = None if clerk.stage == "unknown" else clerk.since
        assert (found.stage.value, found.since) == (clerk.stage, since)
        assert len(found.ignored) == len(clerk.lost)
        # With all that is known by now, only what was announced for a later day is lost, to an end told after it.
        late = [] if known_on < self.now.date() else clerk.lost
        assert all(any(end.kind in ENDING for end in self.notes[self.notes.index(one) :]) for one in late)
        regions, own = regions_of(self.life, as_of, known_on=known_on), seen_beside(self.notes, as_of, known_on)
        assert (regions.data is DataRegion.REVIEWED) == own.reviewed
        assert (regions.crm is not CrmRegion.UNLINKED, regions.crm is CrmRegion.CONFLICTING) == (
            own.tied, bool(own.conflicts),
        )  # fmt: skip
        assert (regions.conflicts, regions.holds) == (tuple(own.conflicts), tuple(own.holds))
        self.answers[as_of, known_on] = (found, regions)

    @invariant()
    def today_is_as_the_clerk_says(self) -> None:
        self.check(self.now.date(), self.now.date())

    @invariant()
    def a_continuation_is_what_a_fold_from_the_start_gives(self) -> None:
        today = self.now.date()
        assert standing_of(self.life, today, begun=self.begun) == standing_of(self.life, today)

    @invariant()
    def what_was_answered_is_answered_again(self) -> None:
        for as_of, known_on in sorted(self.answers)[-3:]:
            again = stage_of(self.life, as_of, known_on=known_on), regions_of(self.life, as_of, known_on=known_on)
            assert again == self.answers[as_of, known_on]

    @invariant()
    def an_archived_contract_has_nothing_left_to_do(self) -> None:
        if stage_of(self.life, self.now.date()).stage.value == "archived":
            assert possible_events(self.life, self.now.date()) == ()

    def teardown(self) -> None:
        """Two holders of one life join their logs to that life again."""
        events = self.life.events
        joined = merged(events[::2] if e.Undone not in map(type, events) else events, events)
        again = attrs.evolve(self.life, events=joined)
        assert stage_of(again, self.now.date()) == stage_of(self.life, self.now.date())


TestLifeOfAContract = LifeOfAContract.TestCase
TestLifeOfAContract.settings = runs(by_night=1_200, by_day=20)
