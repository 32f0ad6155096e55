"""One contract has one end: the stage, the last day in force, the next deadline and the situations agree about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.renewal_features import account_facts
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment, AmendmentKind, Restatement
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import NoDeadline
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.notice import last_day_in_force, next_notice_deadline
from clmcrm.clm.situations import Situation, situations_of
from clmcrm.clm.stages import Phase, Stage
from clmcrm.clm.stored_dates import StoredDates, stored_date_problems
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.clm.versions import as_amended, current_version
from clmcrm.errors import InvalidRecord, StaleBase, TransitionNotAllowed
from clmcrm.values.ids import AccountId, AmendmentId, ContractId
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from making import at, contract

ONCE = RenewalClause(kind=RenewalKind.NONE)
SIX_MONTHS = NoticeClause(length=Tenor(months=6), reference=NoticeReference.END_OF_TERM)


def amendment(number: int, effective_on: date, **changes: object) -> Amendment:
    facts: dict[str, object] = {"title": "change", "base_version": number - 1}
    return Amendment(id=AmendmentId(f"A{number}"), effective_on=effective_on, **(facts | changes))  # type: ignore[arg-type] # Amendment checks its facts


def accepting(life: Contract, one: Amendment, when: datetime) -> Contract:
    told = attrs.evolve(life, amendments=(*life.amendments, one))
    event = e.AmendmentAccepted(
        when, "ann", amendment=one.id, base_version=one.base_version, effective_on=one.effective_on
    )
    return advance(told, event)


def signed(when: datetime, **changes: object) -> Contract:
    life = contract(**changes)
    for event in (
        e.Requested(when, "ann"), e.SubmittedForApproval(when, "ann"), e.Approved(when, "bob"),
        e.SentForSignature(when, "ann"), e.Signed(when, "x", side=Party.OWN),
        e.Signed(when, "x", side=Party.COUNTERPARTY),
    ):  # fmt: skip
        life = advance(life, event)
    return life


@pytest.mark.parametrize("changes", [{"term": TermClause(initial=Tenor(years=3))}, {"notice": SIX_MONTHS}])
def test_what_is_amended_after_a_notice_does_not_move_the_end_it_has_reached(changes: dict[str, object]) -> None:
    life = advance(contract(), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    life = advance(life, e.NonRenewalNotified(at("2025-02-10"), "ann", side=Party.OWN, served_on=date(2025, 2, 10)))
    life = accepting(life, amendment(1, date(2025, 3, 15), **changes), at("2025-03-10"))
    end = date(2025, 5, 31)
    for day in (date(2025, 3, 14), date(2025, 4, 1), date(2025, 6, 2)):
        assert last_day_in_force(life, day) == end
        settled = next_notice_deadline(life, day)
        assert isinstance(settled, NoDeadline)
        assert "2025-05-31 is already settled" in str(settled)
    assert stage_of(life, date(2025, 6, 1)).stage is Stage.EXPIRED
    stored = StoredDates(system="crm", ends_on=end)
    assert stored_date_problems(life, stored, date(2025, 4, 1)) == ()
    facts = account_facts(AccountId("A-1"), at("2025-06-02"), contracts=[life])
    assert "renewals so far" not in facts


def test_a_renewal_that_is_agreed_after_a_notice_does_not_move_the_end_it_has_reached() -> None:
    option = RenewalClause(kind=RenewalKind.OPTION, length=Tenor(years=1), times=2)
    life = advance(contract(renewal=option), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    life = advance(life, e.NonRenewalNotified(at("2025-01-10"), "ann", side=Party.OWN, served_on=date(2025, 1, 10)))
    life = advance(life, e.RenewalAgreed(at("2025-02-01"), "ann", side=Party.OWN, served_on=date(2025, 2, 1)))
    assert last_day_in_force(life, date(2025, 3, 1)) == date(2025, 5, 31)
    assert stage_of(life, date(2025, 3, 1)).ends_on == date(2025, 5, 31)


def test_amendments_from_before_the_signature_count_in_the_order_in_which_they_take_effect() -> None:
    life = signed(at("2024-08-06"), renewal=ONCE)
    two, three = (TermClause(initial=Tenor(years=years)) for years in (2, 3))
    life = accepting(life, amendment(1, date(2024, 7, 20), term=two), at("2024-09-01"))
    life = accepting(life, amendment(2, date(2024, 7, 1), term=three), at("2024-09-02"))
    day = date(2024, 10, 1)
    assert as_amended(life, day).term == two
    assert stage_of(life, day).ends_on == last_day_in_force(life, day) == date(2026, 5, 31)


def test_an_acceptance_that_states_another_day_than_its_amendment_is_refused() -> None:
    life = advance(contract(), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    told = attrs.evolve(life, amendments=(amendment(1, date(2025, 1, 1), notice=SIX_MONTHS),))
    other = e.AmendmentAccepted(
        at("2024-09-01"), "ann", amendment=AmendmentId("A1"), base_version=0, effective_on=date(2024, 10, 1)
    )
    with pytest.raises(TransitionNotAllowed, match="effective_on is 2024-10-01, but A1 takes effect on 2025-01-01"):
        _ = advance(told, other)


def situations(life: Contract, day: date, known_on: date | None = None) -> dict[Situation, date | None]:
    return {one.situation: one.day for one in situations_of(life, day, known_on=known_on)}


def test_a_notice_heard_of_late_closes_the_window_for_whoever_asks_with_todays_knowledge() -> None:
    life = advance(contract(), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    life = advance(life, e.NonRenewalNotified(at("2025-03-01"), "ann", side=Party.OWN, served_on=date(2025, 1, 10)))
    day = date(2025, 2, 1)
    assert situations(life, day) == {Situation.NOTICE_WINDOW_CLOSING: date(2025, 2, 28)}
    assert situations(life, day, known_on=date(2025, 3, 1)) == {Situation.RENEWAL_BLOCKED: date(2025, 5, 31)}
    assert isinstance(next_notice_deadline(life, day, known_on=date(2025, 3, 1)), NoDeadline)


def test_a_text_that_holds_only_later_decides_nothing_about_a_day_before_it() -> None:
    shorter = amendment(1, date(2025, 2, 20), notice=NoticeClause(length=Tenor(months=1)))
    life = advance(contract(), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    life = accepting(life, shorter, at("2025-02-20"))
    for known_on in (None, date(2025, 3, 10)):
        found = situations(life, date(2025, 2, 1), known_on)
        assert found == {Situation.NOTICE_WINDOW_CLOSING: date(2025, 2, 28)}


def test_what_was_recorded_after_the_day_of_knowledge_decides_nothing() -> None:
    endless = contract(renewal=RenewalClause(kind=RenewalKind.INDEFINITE))
    life = advance(endless, e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    life = accepting(life, amendment(1, date(2025, 2, 1), renewal=ONCE), at("2025-02-20"))
    found = situations(life, date(2025, 3, 1), known_on=date(2025, 2, 10))
    assert Situation.EVERGREEN in found


MOVES = st.tuples(
    st.sampled_from(["amend", "amend", "amend", "notice", "terminate", "renew", "undo", "replace"]),
    st.sampled_from([0, 1, 5, 30, 100]), st.integers(-120, 120), st.integers(0, 6),
)  # fmt: skip
CHANGES: tuple[dict[str, object], ...] = (
    {"term": TermClause(initial=Tenor(months=6))}, {"term": TermClause(initial=Tenor(months=30))},
    {"renewal": RenewalClause(kind=RenewalKind.TACIT, length=Tenor(months=6))}, {"renewal": ONCE},
    {"notice": SIX_MONTHS}, {"notice": NoticeClause(length=Tenor(months=1), reference=NoticeReference.END_OF_TERM)},
    {"kind": AmendmentKind.RESTATES, "restated": Restatement(term=TermClause(initial=Tenor(years=3)), renewal=ONCE)},
)  # fmt: skip
RENEWALS = (
    ONCE, RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1)),
    RenewalClause(kind=RenewalKind.OPTION, length=Tenor(years=1), times=2),
)  # fmt: skip


def moved(life: Contract, now: datetime, move: tuple[str, int, int, int], number: int) -> Contract:
    what, _, days, which = move
    day, ends = now.date(), now.date() + timedelta(days=days // 2)
    if what == "amend":
        one = amendment(number, day + timedelta(days=days), **CHANGES[which])
        return accepting(life, attrs.evolve(one, base_version=current_version(life)), now)
    event: e.AnyEvent
    if what == "notice":
        event = e.NonRenewalNotified(now, "ann", side=Party.OWN, served_on=day - timedelta(days=which))
    elif what == "terminate":
        event = e.Terminated(now, "ann", ground=e.Ground.MUTUAL, last_day=ends)
    elif what == "renew":
        event = e.RenewalAgreed(now, "ann", side=Party.OWN, served_on=day)
    elif what == "replace":
        event = e.Superseded(now, "ann", successor=ContractId("C-2"), from_day=ends)
    else:
        event = e.Undone(now, "ann")
    return advance(life, event)


@given(st.sampled_from(RENEWALS), st.integers(3, 7), st.lists(MOVES, max_size=7), st.lists(st.integers(0, 1300)))
def test_the_stage_and_the_last_day_in_force_speak_of_one_end(
    renewal: RenewalClause, month: int, moves: list[tuple[str, int, int, int]], days: list[int]
) -> None:
    now = datetime(2024, month, 6, 9, tzinfo=UTC)
    life = signed(now, renewal=renewal)
    for number, move in enumerate(moves, 1):
        now += timedelta(days=move[1], hours=1)
        try:
            life = moved(life, now, move, number)
        except (TransitionNotAllowed, StaleBase, InvalidRecord):
            continue
    for day in (date(2024, 3, 1) + timedelta(days=k) for k in days):
        stage = stage_of(life, day)
        if stage.stage.phase is Phase.ACTIVE:
            end = last_day_in_force(life, day)
            assert stage.ends_on == (None if isinstance(end, Unknown) else end)


UNREAD = Unknown("'tacite, 1 an ?' is no renewal", "tacite, 1 an ?")


@pytest.mark.parametrize(
    ("renewal", "after"),
    [(UNREAD, Stage.IN_EFFECT), (Unknown("the cell is empty"), Stage.EXPIRED), (ONCE, Stage.EXPIRED)],
    ids=["said, and unread", "not said", "said not to be"],
)
def test_a_contract_of_which_nobody_can_read_whether_it_renews_does_not_expire(
    renewal: RenewalClause | Unknown, after: Stage
) -> None:
    life = advance(contract(renewal=renewal), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    first_end, later = date(2025, 5, 31), date(2026, 1, 15)
    assert stage_of(life, later).stage is after
    for day in (date(2025, 1, 15), later):
        found = last_day_in_force(life, day)
        if after is Stage.EXPIRED:
            assert found == first_end
            continue
        assert isinstance(found, Unknown)
        assert found.reason == f"whether it is renewed after {first_end} is not known: {UNREAD.reason}"
        assert found.raw == UNREAD.raw
        assert stage_of(life, day).why.startswith("its end is not known")
        assert Situation.UNKNOWN in situations(life, day)
    wrong = stored_date_problems(life, StoredDates(system="crm", ends_on=first_end), later)
    assert bool(wrong) is (after is Stage.IN_EFFECT)


def test_what_ends_a_contract_ends_one_whose_renewal_nobody_can_read() -> None:
    life = advance(contract(renewal=UNREAD), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    last_day = date(2025, 11, 30)
    ended = advance(life, e.Terminated(at("2025-10-01"), "ann", ground=e.Ground.MUTUAL, last_day=last_day))
    assert last_day_in_force(ended, date(2025, 10, 2)) == stage_of(ended, date(2025, 10, 2)).ends_on == last_day
    assert stage_of(ended, date(2025, 12, 1)).stage is Stage.TERMINATED
