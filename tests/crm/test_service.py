"""Service: clocks on working time, entitlements, escalation, satisfaction, signs of leaving, disputes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.customer_view import Records, customer_facts
from clmcrm.analytics.figures import definition_of
from clmcrm.bridge.service import dispute_from_case, entitlement_of
from clmcrm.bridge.support_promises import support_hours
from clmcrm.calendars.calendar import HolidayTable
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.kinds import Party
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind
from clmcrm.clm.service_clauses import SupportClause, SupportHours
from clmcrm.crm.activity import Activity, ActivityKind
from clmcrm.crm.campaign import Campaign, CampaignMember
from clmcrm.crm.case import Case, CaseStatus, Entitlement, SlaState
from clmcrm.crm.case_clocks import CaseClocks, EscalationRule, case_clocks, entitlement_for, escalations
from clmcrm.crm.churn_signals import churn_signals
from clmcrm.crm.loyalty import LoyaltyEntry, LoyaltyProgram, LoyaltyTier, member_standing
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.crm.satisfaction import (
    Survey,
    SurveyAnswer,
    customer_effort,
    customer_satisfaction,
    net_promoter_score,
)
from clmcrm.crm.segment import Both, Comparison, Where, fulfils
from clmcrm.crm.service_hours import ClockPause, OpenHours, ServiceHours, office_hours
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.values.ids import (
    AccountId,
    ActivityId,
    AssetId,
    CampaignId,
    CaseId,
    ClauseId,
    ContactId,
    ContractId,
    DisputeId,
    EntitlementId,
    LineId,
    ObligationId,
    OpportunityId,
    ProductId,
)
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import at, contract

PARIS = ZoneInfo("Europe/Paris")
HOLIDAY = HolidayTable(name="France", place="FR", holidays={date(2026, 5, 8): "Victory Day"})
OFFICE = office_hours("Europe/Paris", 9, 17, calendar=HOLIDAY)
AROUND_THE_CLOCK = office_hours("Europe/Paris", 0, 24, weekdays=range(7))


def paris(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("begin", "minutes", "due"),
    [
        # Thursday 7 May 2026; Friday the 8th is a holiday
        (paris(5, 7, 10), 60, paris(5, 7, 11)),
        (paris(5, 7, 16, 30), 60, paris(5, 11, 9, 30)),
        (paris(5, 7, 20), 60, paris(5, 11, 10)),
        (paris(5, 9, 12), 8 * 60, paris(5, 11, 17)),
        (paris(5, 7, 10), 0, paris(5, 7, 10)),
    ],
)
def test_a_time_promised_in_working_minutes_ends_in_working_time(begin: datetime, minutes: int, due: datetime) -> None:
    assert OFFICE.instant_after(begin, minutes) == due
    assert OFFICE.minutes_between(begin, due) == minutes
    # The zone of the question makes no difference.
    assert OFFICE.instant_after(begin.astimezone(UTC), minutes) == due


def test_an_hour_is_an_hour_on_the_night_the_clocks_change() -> None:
    # 29 March 2026: 2:00 becomes 3:00. 25 October: 3:00 becomes 2:00.
    assert AROUND_THE_CLOCK.minutes_between(paris(3, 29, 0), paris(3, 30, 0)) == 23 * 60
    assert AROUND_THE_CLOCK.minutes_between(paris(10, 25, 0), paris(10, 26, 0)) == 25 * 60
    assert AROUND_THE_CLOCK.instant_after(paris(3, 29, 1), 60) == paris(3, 29, 3)


@pytest.mark.parametrize(
    ("zone", "on", "opens", "closes", "minutes"),
    [
        # 29 March 2026 in Paris: the clocks show no minute from 2:00 to 3:00.
        ("Europe/Paris", date(2026, 3, 29), 150, 240, 60),
        ("Europe/Paris", date(2026, 3, 29), 0, 150, 120),
        ("Europe/Paris", date(2026, 3, 29), 130, 170, 0),
        ("Europe/Paris", date(2026, 3, 29), 120, 180, 0),
        ("Europe/Paris", date(2026, 3, 29), 60, 200, 80),
        # 6 September 2026 in Santiago: no minute from 0:00 to 1:00.
        ("America/Santiago", date(2026, 9, 6), 30, 90, 30),
        # 4 October 2026 on Lord Howe: half an hour is skipped, from 2:00.
        ("Australia/Lord_Howe", date(2026, 10, 4), 135, 165, 15),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", date(2011, 12, 30), 540, 1020, 0),
    ],
)
def test_only_what_the_clocks_show_is_working_time(zone: str, on: date, opens: int, closes: int, minutes: int) -> None:
    day = OpenHours(weekday=on.weekday(), opens=opens, closes=closes)
    hours = ServiceHours(zone=zone, hours=(day,))
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    first, last = noon - timedelta(days=2), noon + timedelta(days=2)
    assert hours.minutes_between(first, last) == by_minute(hours, first, last, []) == minutes


def by_minute(hours: ServiceHours, begin: datetime, end: datetime, pauses: list[ClockPause]) -> int:
    """A clerk who looks at the wall clock once a minute."""
    found = 0
    here = begin.astimezone(UTC)
    while here < end.astimezone(UTC):
        local = here.astimezone(ZoneInfo(hours.zone))
        minute = local.hour * 60 + local.minute
        opened = any(h.weekday == local.weekday() and h.opens <= minute < h.closes for h in hours.hours)
        if opened and hours.calendar.why_closed(local.date()) is None and not any(p.stands_at(here) for p in pauses):
            found += 1
        here += timedelta(minutes=1)
    return found


MINUTES = st.integers(0, 5 * 24 * 60)
SPLIT_DAY = ServiceHours(
    zone="Europe/Paris",
    hours=tuple(OpenHours(weekday=d, opens=o, closes=c) for d in range(7) for o, c in ((480, 720), (780, 1440))),
)


@given(
    st.sampled_from([OFFICE, SPLIT_DAY, AROUND_THE_CLOCK]),
    st.sampled_from([paris(3, 27, 7), paris(5, 6, 7), paris(10, 23, 7)]),
    MINUTES,
    MINUTES,
    st.lists(st.tuples(MINUTES, st.integers(0, 2000)), max_size=3),
)
def test_working_minutes_are_what_a_clerk_counts(
    hours: ServiceHours, start: datetime, first: int, second: int, stops: list[tuple[int, int]]
) -> None:
    base = start.astimezone(UTC)
    begin, end = sorted((base + timedelta(minutes=first), base + timedelta(minutes=second)))
    pauses = [
        ClockPause(from_at=base + timedelta(minutes=f), until_at=base + timedelta(minutes=f + n)) for f, n in stops
    ]
    found = hours.minutes_between(begin, end, pauses)
    assert found == by_minute(hours, begin, end, pauses)
    due = hours.instant_after(begin, found, pauses)
    assert due <= end or not found  # no minute at all is over with the first working instant
    assert hours.minutes_between(begin, due, pauses) == found


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize(("year", "month", "day"), [(1, 1, 3), (9989, 12, 27), (9999, 12, 27)])
def test_a_clock_runs_at_both_ends_of_the_calendar(zone: str, year: int, month: int, day: int) -> None:
    at_work = office_hours(zone, 9, 17, weekdays=range(7))
    # The zones keep their local mean time in the year 1: the hours are taken in the zone itself.
    begin = datetime(year, month, day, 9, tzinfo=ZoneInfo(zone))
    assert at_work.instant_after(begin, 60) == begin.replace(hour=10)
    assert at_work.minutes_between(begin, begin + timedelta(hours=30)) == 8 * 60 + 6 * 60


def test_the_first_and_the_last_instant_there_is_are_inside_the_clock() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        clock = office_hours(zone, 0, 24, weekdays=range(7))
        # What would be the day before the first one, or after the last one, where the clock hangs is not counted.
        assert 14 * 60 < clock.minutes_between(first, first + timedelta(days=1)) <= 24 * 60
        assert 14 * 60 < clock.minutes_between(last - timedelta(days=1), last) <= 24 * 60
        with pytest.raises(InvalidRecord, match="within ten years"):
            clock.instant_after(last - timedelta(minutes=30), 60)


@pytest.mark.parametrize("minutes", [-1, True, 0.5, "30"])
def test_working_minutes_are_a_whole_number(minutes: Any) -> None:
    with pytest.raises(InvalidRecord, match="a whole number of zero or more"):
        OFFICE.instant_after(paris(5, 7, 10), minutes)


def test_a_share_of_the_time_below_zero_is_no_rule() -> None:
    with pytest.raises(InvalidRecord, match="a share of zero or more"):
        EscalationRule(level=1, at=Fraction(-1, 2), to="nobody")


def test_a_clock_that_can_never_run_out_is_an_error_not_an_endless_search() -> None:
    stopped = (ClockPause(from_at=paris(5, 7, 10)),)
    with pytest.raises(InvalidRecord, match="within ten years"):
        OFFICE.instant_after(paris(5, 7, 9), 120, stopped)
    assert OFFICE.instant_after(paris(5, 7, 9), 60, stopped) == paris(5, 7, 10)
    assert OFFICE.minutes_between(paris(5, 7, 9), paris(5, 20, 9), stopped) == 60


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"zone": "Atlantis/Poseidon"}, "a zone such as"),
        ({"zone": "Europe"}, "a zone such as"),
        ({"hours": ()}, "at least one day"),
        ({"hours": (OpenHours(weekday=0, opens=0, closes=9), OpenHours(weekday=0, opens=8, closes=20))}, "overlap"),
    ],
)
def test_hours_that_cannot_be_are_refused(facts: dict[str, Any], what: str) -> None:
    with pytest.raises(InvalidRecord, match=what):
        ServiceHours(**{"zone": "Europe/Paris", "hours": OFFICE.hours, **facts})
    with pytest.raises(InvalidRecord):
        OpenHours(weekday=7, opens=0, closes=9)
    with pytest.raises(InvalidRecord):
        OpenHours(weekday=0, opens=9, closes=9)


GOLD = Entitlement(
    id=EntitlementId("gold"),
    name="Gold",
    account=AccountId("A-1"),
    contract=ContractId("C-1"),
    first_day=date(2026, 1, 1),
    last_day=date(2026, 12, 31),
    response_minutes=60,
    resolution_minutes=480,
)
CASE = Case(
    id=CaseId("k"),
    subject="cold room warm again",
    account=AccountId("A-1"),
    contract=ContractId("C-1"),
    status=CaseStatus.WORKING,
    opened_at=paris(5, 7, 10),
)


def clocks(n: datetime, **facts: Any) -> CaseClocks:
    return case_clocks(attrs.evolve(CASE, **facts), GOLD, OFFICE, n)


@pytest.mark.parametrize(
    ("seen", "facts", "state", "used"),
    [
        (paris(5, 7, 10, 30), {}, SlaState.RUNNING, 30),
        (paris(5, 7, 11), {}, SlaState.RUNNING, 60),
        (paris(5, 7, 11, 1), {}, SlaState.OVERDUE, 61),
        (paris(5, 7, 12), {"responded_at": paris(5, 7, 11)}, SlaState.MET, 60),
        (paris(5, 7, 12), {"responded_at": paris(5, 7, 11, 30)}, SlaState.LATE, 90),
        # not answered yet, seen from before the answer
        (paris(5, 7, 10, 30), {"responded_at": paris(5, 7, 11)}, SlaState.RUNNING, 30),
        (paris(5, 7, 15), {"pauses": (ClockPause(from_at=paris(5, 7, 10, 20)),)}, SlaState.STOPPED, 20),
        (paris(5, 7, 15), {"pauses": (ClockPause(from_at=paris(5, 7, 12)),)}, SlaState.OVERDUE, 120),
        (paris(5, 7, 15), {"sla_started_at": paris(5, 7, 14, 30)}, SlaState.RUNNING, 30),
        (paris(5, 7, 9), {}, SlaState.RUNNING, 0),
        # ended without a word of an answer: it came at the latest then
        (paris(5, 7, 15), {"closed_at": paris(5, 7, 10, 50)}, SlaState.MET, 50),
        (paris(5, 7, 15), {"closed_at": paris(5, 7, 13)}, SlaState.UNKNOWN, 180),
        (paris(5, 7, 12), {"closed_at": paris(5, 7, 13)}, SlaState.OVERDUE, 120),
        (paris(5, 7, 15), {"status": CaseStatus.CLOSED}, SlaState.UNKNOWN, 300),
    ],
)
def test_a_clock_is_judged_by_its_working_minutes(
    seen: datetime, facts: dict[str, Any], state: SlaState, used: int
) -> None:
    response = clocks(seen, **facts).response
    assert (response.state, response.used) == (state, used)


def test_a_second_too_late_is_late() -> None:
    due = paris(5, 7, 11)
    assert clocks(due).response.due_at == due
    for seconds, state, waiting in ((0, SlaState.MET, SlaState.RUNNING), (1, SlaState.LATE, SlaState.OVERDUE)):
        at = due + timedelta(seconds=seconds)
        answered, unanswered = clocks(paris(5, 7, 15), responded_at=at).response, clocks(at).response
        assert (answered.state, answered.used, unanswered.state) == (state, 60, waiting)


def test_a_pause_moves_the_deadline_by_its_working_time() -> None:
    pause = ClockPause(from_at=paris(5, 7, 10, 30), until_at=paris(5, 11, 9, 15), why="waiting for the customer")
    found = clocks(paris(5, 11, 9, 15), pauses=(pause,))
    assert found.response.due_at == paris(5, 11, 9, 45)
    assert found.resolution.due_at == paris(5, 11, 16, 45)
    stopped = clocks(paris(5, 7, 12), pauses=(attrs.evolve(pause, until_at=None),))
    assert (stopped.response.due_at, stopped.response.state) == (None, SlaState.STOPPED)


@pytest.mark.parametrize(
    ("pause", "answered", "due"),
    [
        # Half an hour of the hour was left when the clock stopped for good.
        ((10, 30, None), paris(5, 7, 15), None),
        ((11, 0, None), paris(5, 7, 11), paris(5, 7, 11)),
        ((10, 30, 14), paris(5, 7, 12), paris(5, 7, 14, 30)),
        ((10, 30, 11), paris(5, 7, 11, 30), paris(5, 7, 11, 30)),
    ],
)
def test_what_is_done_while_the_clock_stands_still_was_not_due(
    pause: tuple[int, int, int | None], answered: datetime, due: datetime | None
) -> None:
    hour, minute, until = pause
    stop = ClockPause(from_at=paris(5, 7, hour, minute), until_at=None if until is None else paris(5, 7, until))
    found = clocks(paris(5, 7, 16), responded_at=answered, pauses=(stop,)).response
    assert (found.state, found.due_at) == (SlaState.MET, due)


def test_an_end_of_a_pause_that_is_still_to_come_is_none_yet() -> None:
    never = datetime(9999, 12, 31, tzinfo=UTC)
    for until in (None, paris(5, 8, 9), never):
        stop = ClockPause(from_at=paris(5, 7, 10, 30), until_at=until)
        found = clocks(paris(5, 7, 16), responded_at=paris(5, 7, 15), pauses=(stop,)).response
        assert (found.state, found.used, found.due_at) == (SlaState.MET, 30, None)


def test_a_promise_of_no_minutes_is_escalated_once_it_is_overdue() -> None:
    at_once = attrs.evolve(GOLD, response_minutes=0)
    rules = [EscalationRule(level=1, at=Fraction(1), to="lead"), EscalationRule(level=2, at=Fraction(2), to="head")]
    told = [
        [found.to for found in escalations(CASE, case_clocks(CASE, at_once, OFFICE, seen), rules)]
        for seen in (paris(5, 7, 10), paris(5, 7, 10, 1))
    ]
    assert told == [[], ["lead"]]


def test_a_minute_is_one_and_a_half_hour_is_thirty() -> None:
    told = [
        escalations(CASE, case_clocks(CASE, attrs.evolve(GOLD, response_minutes=n), OFFICE, paris(5, 7, 11)), RULES)[0]
        for n in (1, 30)
    ]
    assert [t.why.en for t in told] == [
        "the answer has used 60 of 1 working minute",
        "the answer has used 60 of 30 working minutes",
    ]
    early = case_clocks(CASE, attrs.evolve(GOLD, response_minutes=1), OFFICE, paris(5, 7, 10, 1))
    assert escalations(CASE, early, RULES)[0].why.fr == "la réponse a consommé 1 minute ouvrée sur 1"


def test_nothing_promised_is_no_clock() -> None:
    bare = case_clocks(CASE, None, OFFICE, paris(5, 20, 9))
    assert (bare.response.state, bare.response.used_share) == (SlaState.NOT_PROMISED, None)
    undated = case_clocks(attrs.evolve(CASE, opened_at=None), GOLD, OFFICE, paris(5, 20, 9))
    assert undated.resolution.state is SlaState.NOT_PROMISED


RULES = (
    EscalationRule(level=2, at=Fraction(1), to="head of service"),
    EscalationRule(level=1, at=Fraction(1, 2), to="team lead"),
    EscalationRule(level=3, at=Fraction(1), to="director", priority="high"),
)


@pytest.mark.parametrize(
    ("seen", "facts", "told"),
    [
        (paris(5, 7, 10, 29), {}, []),
        (paris(5, 7, 10, 30), {}, ["team lead"]),
        (paris(5, 7, 11), {}, ["team lead", "head of service"]),
        (paris(5, 7, 11), {"priority": "high"}, ["team lead", "head of service", "director"]),
        (paris(5, 7, 12), {"responded_at": paris(5, 7, 11)}, []),
        # answered, but the solution is at half its time
        (paris(5, 7, 14), {"responded_at": paris(5, 7, 11)}, ["team lead"]),
        (paris(5, 7, 14), {"responded_at": paris(5, 7, 11), "closed_at": paris(5, 7, 13)}, []),
        (paris(5, 7, 14), {"responded_at": paris(5, 7, 11), "status": CaseStatus.CLOSED}, []),
        (paris(5, 7, 14), {"closed_at": paris(5, 7, 13)}, []),
        (paris(5, 7, 14), {"status": CaseStatus.CLOSED}, []),
    ],
)
def test_an_escalation_follows_the_share_of_time_used(seen: datetime, facts: dict[str, Any], told: list[str]) -> None:
    case = attrs.evolve(CASE, **facts)
    found = escalations(case, case_clocks(case, GOLD, OFFICE, seen), RULES)
    assert [each.to for each in found] == told
    assert all("working minutes" in each.why.en for each in found)


def test_the_closest_entitlement_that_covers_the_case_is_claimed() -> None:
    for_product = attrs.evolve(GOLD, id=EntitlementId("p"), product=ProductId("room"), response_minutes=90)
    for_asset = attrs.evolve(GOLD, id=EntitlementId("a"), asset=AssetId("room-7"))
    quicker = attrs.evolve(GOLD, id=EntitlementId("q"), response_minutes=30)
    over = attrs.evolve(GOLD, id=EntitlementId("o"), last_day=date(2026, 5, 6), response_minutes=1)
    spent = attrs.evolve(GOLD, id=EntitlementId("s"), cases_left=0, response_minutes=1)
    others = attrs.evolve(GOLD, id=EntitlementId("x"), account=AccountId("B"), response_minutes=1)
    elsewhere = attrs.evolve(GOLD, id=EntitlementId("y"), contract=ContractId("D"), response_minutes=1)
    everything = [GOLD, for_product, for_asset, quicker, over, spent, others, elsewhere]

    def claimed(**facts: Any) -> str:
        found = entitlement_for(attrs.evolve(CASE, **facts), everything)
        return found.reason if isinstance(found, Unknown) else found.id

    assert claimed() == "q"
    assert claimed(product=ProductId("room")) == "p"
    assert claimed(product=ProductId("room"), asset=AssetId("room-7")) == "a"
    assert claimed(entitlement=EntitlementId("gold")) == "gold"
    assert claimed(opened_at=paris(5, 5, 10)) == "o"
    assert claimed(account=AccountId("Z")) == "of 8 entitlements none is for this account and product"
    none_left = entitlement_for(CASE, [spent])
    assert isinstance(none_left, Unknown)
    assert none_left.reason == "of 1 entitlement none covers that day or has cases left"


LIVE = (e.RecordedAsExecuted(at("2024-06-01"), "clm"),)
SUPPLY = contract(
    events=LIVE,
    lines=(
        ContractLine(
            id=LineId("1"), description="room", product=ProductId("room"), price=UnitPrice(100, "EUR"),
            recurrence=Tenor(months=1),
        ),
    ),
    obligations=(
        Obligation(
            id=ObligationId("B"), kind=ObligationKind.DELIVERY, title="repair", obligor=Party.OWN,
            obligee=Party.COUNTERPARTY, due=DueOn(day=date(2026, 4, 1)), citation="art. 4",
        ),
    ),
)  # fmt: skip


def test_a_contract_in_effect_entitles_for_its_own_days() -> None:
    found = entitlement_of(SUPPLY, EntitlementId("E"), date(2026, 5, 7), response_minutes=60, product=ProductId("room"))
    assert isinstance(found, Entitlement)
    assert (found.account, found.contract, found.first_day, found.last_day) == ("A-1", "C-1", date(2024, 6, 1), None)
    ending = attrs.evolve(
        SUPPLY,
        events=(*LIVE, e.NonRenewalNotified(at("2026-01-10"), "a", side=Party.OWN, served_on=date(2026, 1, 10))),
    )
    ended = entitlement_of(ending, EntitlementId("E"), date(2026, 5, 7))
    assert isinstance(ended, Entitlement)
    assert ended.last_day == date(2026, 5, 31)
    assert isinstance(entitlement_of(ending, EntitlementId("E"), date(2026, 6, 1)), Unknown)
    with pytest.raises(InvalidRecord, match="a product of its lines: room"):
        entitlement_of(SUPPLY, EntitlementId("E"), date(2026, 5, 7), product=ProductId("boat"))


PROMISED = SupportClause(
    citation="annex 4", response_minutes=60, resolution_minutes=480, cases=10, zone="Europe/Paris",
    hours=(SupportHours(opens=540, closes=1020), SupportHours(weekdays=(5,), opens=540, closes=720)),
    holidays_of="FR",
)  # fmt: skip
ROOM = SupportClause(citation="annex 5", product=ProductId("room"), response_minutes=30)


def supported(*clauses: SupportClause, **more: Any) -> Contract:
    return attrs.evolve(SUPPLY, clauses=clauses, **more)


@pytest.mark.parametrize(
    ("clauses", "product", "promised", "cases_left"),
    [
        ((), None, (None, None), None),
        ((PROMISED,), None, (60, 480), 7),
        ((PROMISED, ROOM), None, (60, 480), 7),
        ((PROMISED, ROOM), "room", (30, None), None),
        ((ROOM, PROMISED), "room", (30, None), None),
        ((ROOM,), None, (None, None), None),
        ((PROMISED, attrs.evolve(PROMISED, response_minutes=45)), None, (45, 480), 7),
        ((attrs.evolve(PROMISED, by=Party.COUNTERPARTY),), None, (None, None), None),
        ((attrs.evolve(PROMISED, first_day=date(2026, 5, 8)),), None, (None, None), None),
        ((attrs.evolve(PROMISED, cases=2),), None, (60, 480), 0),
    ],
)
def test_the_support_clause_says_what_is_promised(
    clauses: tuple[SupportClause, ...],
    product: str | None,
    promised: tuple[int | None, int | None],
    cases_left: int | None,
) -> None:
    about = None if product is None else ProductId(product)
    found = entitlement_of(supported(*clauses), EntitlementId("E"), date(2026, 5, 7), product=about, cases_used=3)
    assert isinstance(found, Entitlement)
    assert (found.response_minutes, found.resolution_minutes) == promised
    assert found.cases_left == cases_left


def test_what_the_caller_states_stands_in_place_of_the_clause_and_a_later_clause_begins_later() -> None:
    later = supported(attrs.evolve(PROMISED, first_day=date(2026, 5, 1)))
    found = entitlement_of(later, EntitlementId("E"), date(2026, 5, 7), response_minutes=15)
    assert isinstance(found, Entitlement)
    assert (found.response_minutes, found.resolution_minutes, found.first_day) == (15, 480, date(2026, 5, 1))


def test_the_clock_of_a_case_runs_in_the_hours_the_contract_states() -> None:
    hours = support_hours(supported(PROMISED), date(2026, 5, 7), calendars=BUILT_IN)
    assert isinstance(hours, ServiceHours)
    # Thursday 16:30, then Friday 8 May (a holiday in France), then Saturday morning.
    assert hours.instant_after(paris(5, 7, 16, 30), 60) == paris(5, 9, 9, 30)
    with pytest.raises(InvalidRecord, match="the holidays of FR"):
        _ = support_hours(supported(PROMISED), date(2026, 5, 7))
    round_the_clock = support_hours(supported(ROOM), date(2026, 5, 7), ProductId("room"))
    assert isinstance(round_the_clock, ServiceHours)
    assert round_the_clock.minutes_between(paris(5, 8, 0), paris(5, 9, 0)) == 24 * 60
    assert isinstance(support_hours(SUPPLY, date(2026, 5, 7)), Unknown)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"response_minutes": 0},
        {"response_minutes": 60, "zone": "Europe/Nowhere"},
        {"response_minutes": 60, "hours": (SupportHours(),)},
    ],
)
def test_a_support_clause_that_promises_nothing_or_nowhere_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord, match="SupportClause"):
        _ = SupportClause(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"weekdays": (7,)}, {"weekdays": ()}, {"weekdays": (1, 1)}, {"opens": 600, "closes": 600}]
)
def test_support_hours_lie_in_a_day_of_the_week(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord, match="SupportHours"):
        _ = SupportHours(**wrong)


def test_a_case_becomes_a_dispute_about_the_clause_it_names_linked_both_ways() -> None:
    case = attrs.evolve(CASE, clause=ClauseId("art. 4"))
    found = dispute_from_case(
        case, SUPPLY, DisputeId("D"), date(2026, 5, 7), obligation=ObligationId("B"), amount=Money(500, "EUR")
    )
    assert found.dispute == Dispute(
        id=DisputeId("D"),
        contract=ContractId("C-1"),
        subject="cold room warm again",
        raised_by=Party.COUNTERPARTY,
        opened_on=date(2026, 5, 7),
        citation="art. 4",
        obligation=ObligationId("B"),
        case=CaseId("k"),
        amount=Money(500, "EUR"),
    )
    assert (found.case.dispute, found.case.clause, found.case.contract) == ("D", "art. 4", "C-1")
    with pytest.raises(TransitionNotAllowed, match="disputed as D"):
        dispute_from_case(found.case, SUPPLY, DisputeId("E"), date(2026, 5, 8))


@pytest.mark.parametrize(
    ("facts", "more", "field"),
    [
        ({"clause": "art. 99"}, {}, "clause"),
        ({"contract": "C-2"}, {}, "contract"),
        ({}, {"obligation": "Z"}, "obligation"),
    ],
)
def test_a_dispute_about_what_the_contract_has_not_is_refused(
    facts: dict[str, Any], more: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        dispute_from_case(attrs.evolve(CASE, **facts), SUPPLY, DisputeId("D"), date(2026, 5, 7), **more)
    assert refusal.value.field == field


JANUARY = Span(date(2026, 1, 1), date(2026, 1, 31))


def answer(survey: Survey, score: int, day: int = 5) -> SurveyAnswer:
    return SurveyAnswer(survey=survey, score=score, on=date(2026, 1, day), account=AccountId("A-1"))


def test_each_question_has_its_own_figure() -> None:
    answers = [
        *(answer(Survey.CSAT, score) for score in (5, 4, 3)),
        *(answer(Survey.NPS, score) for score in (10, 9, 8, 7, 6, 0, 0)),
        *(answer(Survey.CES, score) for score in (7, 6)),
        SurveyAnswer(survey=Survey.CES, score=1, on=date(2026, 2, 1)),
    ]
    found = [f(answers, JANUARY) for f in (customer_satisfaction, net_promoter_score, customer_effort)]
    assert [(f.number, f.population) for f in found] == [
        (Decimal("0.6667"), 3),
        (Decimal("-14.3"), 7),
        (Decimal("6.50"), 2),
    ]
    assert all(definition_of(figure).formula.en == figure.formula for figure in found)
    assert isinstance(customer_satisfaction([], JANUARY).value, Unknown)


@pytest.mark.parametrize(("survey", "score"), [(Survey.CSAT, 0), (Survey.CSAT, 6), (Survey.NPS, 11), (Survey.CES, 0)])
def test_a_score_outside_its_scale_is_refused(survey: Survey, score: int) -> None:
    with pytest.raises(InvalidRecord, match="score"):
        answer(survey, score)


@given(st.lists(st.integers(0, 10), min_size=1))
def test_an_nps_lies_between_its_ends(scores: list[int]) -> None:
    figure = net_promoter_score([answer(Survey.NPS, score) for score in scores], JANUARY)
    assert figure.number is not None
    assert -100 <= figure.number <= 100


FIRM = Account(id=AccountId("A-1"), name="Durand", country="FR")
ON = date(2026, 1, 31)


def records() -> Records:
    return Records(
        contacts=(Contact(id=ContactId("ada"), name="Ada", account=AccountId("A-1")),),
        opportunities=(
            Opportunity(id=OpportunityId("1"), name="1", account=FIRM.id, stage=OpportunityStage.OPEN),
            Opportunity(
                id=OpportunityId("2"), name="2", account=FIRM.id, stage=OpportunityStage.WON,
                amount=Money(70, "EUR"), closed_on=date(2025, 12, 1),
            ),
            Opportunity(
                id=OpportunityId("3"), name="3", account=FIRM.id, stage=OpportunityStage.WON,
                amount=Money(900, "EUR"), closed_on=date(2024, 5, 1),
            ),
            Opportunity(id=OpportunityId("4"), name="4", account=AccountId("B"), stage=OpportunityStage.OPEN),
        ),
        activities=(
            Activity(id=ActivityId("1"), kind=ActivityKind.CALL, account=FIRM.id, started_at=at("2026-01-21")),
            Activity(id=ActivityId("2"), kind=ActivityKind.CALL, account=FIRM.id, started_at=at("2026-02-21")),
        ),
        campaigns=(
            Campaign(
                id=CampaignId("m"), name="m",
                members=(CampaignMember(contact=ContactId("ada"), has_responded=True, responded_on=date(2026, 1, 2)),),
            ),
        ),
        cases=(
            attrs.evolve(CASE, opened_at=at("2026-01-10")),
            attrs.evolve(
                CASE, id=CaseId("l"), opened_at=at("2026-01-02"), closed_at=at("2026-01-05"),
                resolution_due_at=at("2026-01-04"), status=CaseStatus.CLOSED,
            ),
        ),
        answers=(answer(Survey.NPS, 9, 3), answer(Survey.NPS, 4, 9)),
        contracts=(
            attrs.evolve(SUPPLY, obligations=(attrs.evolve(SUPPLY.obligations[0], due=DueOn(day=date(2026, 1, 10))),)),
        ),
        disputes=(
            Dispute(id=DisputeId("D"), contract=ContractId("C-1"), subject="s", raised_by=Party.OWN, opened_on=ON),
        ),
    )  # fmt: skip


def test_the_unified_view_of_a_customer_gathers_both_wings() -> None:
    facts = customer_facts(FIRM, records(), ON, "EUR")
    known = facts.relationship
    assert (known.open_sales, known.won_sales, known.won_amount) == (1, 2, Money(70, "EUR"))
    assert (known.customer_since, known.days_since_contact) == (date(2024, 5, 1), 10)
    agreed = facts.contracts
    assert (agreed.in_force, agreed.kinds, agreed.yearly_value) == (1, ("sales",), Money(1200, "EUR"))
    # Notice by 28 February 2026; no end is in sight while it renews itself; one renewal so far.
    assert (agreed.days_to_notice, agreed.days_to_end, agreed.renewals) == (28, None, 1)
    assert (agreed.overdue_ours, agreed.overdue_theirs, agreed.open_disputes) == (1, 0, 1)
    does = facts.behaviour
    assert (does.open_cases, does.cases, does.late_cases, does.campaign_answers) == (1, 2, 1, 1)
    assert (does.nps, does.csat) == (4, None)


@pytest.mark.parametrize(
    ("obligor", "overdue"),
    [(Party.OWN, (1, 0)), (Party.COUNTERPARTY, (0, 1)), (Party.BOTH, (1, 1)), (Party.EITHER, (1, 1))],
)
def test_what_both_owe_is_overdue_on_each_side(obligor: Party, overdue: tuple[int, int]) -> None:
    owed = attrs.evolve(SUPPLY.obligations[0], obligor=obligor, obligee=Party.BOTH, due=DueOn(day=date(2026, 1, 10)))
    held = attrs.evolve(SUPPLY, obligations=(owed,))
    agreed = customer_facts(FIRM, Records(contracts=(held,)), ON, "EUR").contracts
    assert (agreed.overdue_ours, agreed.overdue_theirs) == overdue


@pytest.mark.parametrize(
    ("day", "cases", "sales"),
    [
        # The case is solved late on 5 January 2026; the sale begins on 2 January and is won on the 6th.
        (date(2026, 1, 1), (0, 0), (0, 0)),
        (date(2026, 1, 4), (1, 0), (1, 0)),
        (date(2026, 1, 5), (0, 1), (1, 0)),
        (date(2026, 1, 6), (0, 1), (0, 1)),
    ],
)
def test_a_past_day_sees_nothing_that_came_later(day: date, cases: tuple[int, int], sales: tuple[int, int]) -> None:
    late = attrs.evolve(
        CASE, opened_at=at("2026-01-02"), resolution_due_at=at("2026-01-03"), closed_at=at("2026-01-05")
    )
    won = Opportunity(
        id=OpportunityId("1"), name="1", account=FIRM.id, stage=OpportunityStage.WON, amount=Money(70, "EUR"),
        created_on=date(2026, 1, 2), closed_on=date(2026, 1, 6),
    )  # fmt: skip
    facts = customer_facts(FIRM, Records(cases=(late,), opportunities=(won,)), day, "EUR")
    assert (facts.behaviour.open_cases, facts.behaviour.late_cases) == cases
    assert (facts.relationship.open_sales, facts.relationship.won_sales) == sales


@pytest.mark.parametrize(
    ("begun", "undated", "amount", "since"),
    [
        # Nobody can say whether it was won in the year, or before the other one.
        (None, 1, None, None),
        (date(2026, 1, 2), 1, None, None),
        (ON, 1, None, None),
        (date(2026, 2, 2), 0, Money(70, "EUR"), date(2026, 1, 6)),  # not there yet on ON
    ],
)
def test_a_won_sale_without_a_closing_day_is_counted_apart(
    begun: date | None, undated: int, amount: Money | None, since: date | None
) -> None:
    won = Opportunity(
        id=OpportunityId("1"), name="1", account=FIRM.id, stage=OpportunityStage.WON, amount=Money(70, "EUR"),
        closed_on=date(2026, 1, 6),
    )  # fmt: skip
    open_end = attrs.evolve(won, id=OpportunityId("2"), closed_on=None, created_on=begun)
    known = customer_facts(FIRM, Records(opportunities=(won, open_end)), ON, "EUR").relationship
    assert (known.won_sales, known.undated_wins) == (1, undated)
    assert (known.won_amount, known.customer_since) == (amount, since)


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({"account": FIRM.id}, True),
        ({"account": FIRM.id, "on": date(2025, 2, 1)}, True),
        # The 366th day before ON is no part of the year, and an old answer is no opinion of today.
        ({"account": FIRM.id, "on": date(2025, 1, 31)}, False),
        ({"account": None, "contact": ContactId("ada")}, True),
        ({"account": None, "contact": ContactId("eve")}, False),
        ({"account": None}, False),
        # Whose it is, it says itself.
        ({"account": AccountId("B"), "contact": ContactId("ada")}, False),
    ],
)
def test_what_the_people_of_an_account_say_in_the_year_is_what_the_account_says(
    facts: dict[str, Any], counts: bool
) -> None:
    usual = {"on": date(2026, 1, 5), "contact": None}
    said = SurveyAnswer(survey=Survey.NPS, score=2, **{**usual, **facts})
    case = attrs.evolve(CASE, opened_at=at(str(said.on)), account=said.account, contact=said.contact, closed_at=None)
    known = Records(contacts=records().contacts, answers=(said,), cases=(case,))
    does = customer_facts(FIRM, known, ON, "EUR").behaviour
    assert (does.nps, does.cases) == ((2, 1) if counts else (None, 0))


@pytest.mark.parametrize(
    ("facts", "is_open"),
    [
        ({}, 1),
        ({"closed_at": at("2026-01-31")}, 0),
        ({"closed_at": at("2026-02-01")}, 1),
        ({"status": CaseStatus.RESOLVED}, 0),
    ],
)
def test_a_case_that_does_not_say_when_it_began_is_open_all_the_same(facts: dict[str, Any], is_open: int) -> None:
    """As a sale is whose day of creation nobody states."""
    case = attrs.evolve(CASE, opened_at=None, **facts)
    does = customer_facts(FIRM, Records(cases=(case,)), ON, "EUR").behaviour
    assert (does.open_cases, does.cases) == (is_open, 0)


def test_the_year_before_the_first_year_there_is_holds_nothing_and_raises_nothing() -> None:
    early = date(1, 2, 3)
    case = attrs.evolve(CASE, opened_at=datetime(1, 2, 3, 9, tzinfo=UTC))
    won = attrs.evolve(records().opportunities[1], closed_on=early)
    facts = customer_facts(FIRM, Records(cases=(case,), opportunities=(won,)), early, "EUR")
    assert (facts.behaviour.cases, facts.relationship.won_amount) == (1, Money(70, "EUR"))


def test_a_segment_reaches_into_all_three_parts_of_the_view() -> None:
    leaving = Both(
        (
            Where("relationship.days_since_contact", Comparison.MORE, 5),
            Where("contracts.yearly_value", Comparison.MORE, Money(1000, "EUR")),
            Where("contracts.days_to_notice", Comparison.LESS, 30),
            Where("behaviour.nps", Comparison.LESS, 7),
            Where("account.country", Comparison.EQUALS, "FR"),
        )
    )
    facts = customer_facts(FIRM, records(), ON, "EUR")
    assert fulfils(facts, leaving) is True
    assert fulfils(customer_facts(FIRM, Records(), ON, "EUR"), leaving) is False


def test_signs_of_leaving_are_facts_with_their_values_and_what_is_not_known_is_listed() -> None:
    found = churn_signals(customer_facts(FIRM, records(), ON, "EUR"))
    assert [signal.rule.key for signal in found.found] == ["detractor", "dispute", "our breach", "notice window"]
    assert [rule.key for rule in found.undecided] == ["dissatisfied"]
    assert found.found[0].verdict.said.en == "behaviour.nps is 4; wanted: is less than 7"


def test_a_part_of_the_value_that_has_no_rate_makes_it_unknown() -> None:
    facts = customer_facts(FIRM, records(), ON, "USD")
    assert (facts.contracts.yearly_value, facts.relationship.won_amount) == (None, None)


def test_a_member_sees_the_tier_and_what_lacks_for_the_next() -> None:
    club = LoyaltyProgram(
        name="Club", tiers=(LoyaltyTier(name="silver", points=50), LoyaltyTier(name="gold", points=90))
    )
    earned = LoyaltyEntry(account=AccountId("A-1"), points=60, on=JANUARY.first_day, reason="order")
    silver = member_standing(club, [earned], ON)
    assert silver.tier is not None
    assert (silver.tier.name, silver.to_next) == ("silver", 30)
    gold = member_standing(club, [earned, earned], ON)
    assert (gold.to_next, gold.balance.points) == (None, 120)
