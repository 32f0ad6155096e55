"""The renewal scorecard: recalculable by hand, silent about what nobody knows, and testable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.anticipation import (
    RENEWAL_SCORECARD,
    Band,
    Feature,
    Likelihood,
    Outcome,
    Scorecard,
    anticipate,
    back_test,
    service_facts,
)
from clmcrm.analytics.renewal_features import account_facts
from clmcrm.analytics.segmentation import placed
from clmcrm.crm.activity import Activity, ActivityKind
from clmcrm.crm.case import Case, CaseStatus
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, ActivityId, CaseId, DisputeId
from clmcrm.values.partial import Unknown

ME = AccountId("a")


def facts(**given_facts: str) -> dict[str, Decimal]:
    return {name.replace("_", " "): Decimal(value) for name, value in given_facts.items()}


@pytest.mark.parametrize(
    ("known", "score", "likelihood"),
    [
        ({}, 50, Likelihood.OPEN),
        (facts(usage_change="-0.25"), 25, Likelihood.AT_RISK),
        (facts(usage_change="-0.24"), 40, Likelihood.OPEN),
        (facts(usage_change="0.05", late_payments="0", renewals_so_far="3"), 70, Likelihood.LIKELY),
        (facts(price_increase="0.05"), 45, Likelihood.OPEN),
        (facts(price_increase="0.0501"), 35, Likelihood.AT_RISK),
        (facts(usage_change="-1", open_disputes="2", overdue_cases="3"), 0, Likelihood.AT_RISK),
    ],
)
def test_the_score_is_the_base_and_the_points_of_each_band(
    known: dict[str, Decimal], score: int, likelihood: Likelihood
) -> None:
    found = anticipate(ME, known)
    assert (found.score, found.likelihood) == (score, likelihood)
    assert len(found.reasons) == len(known)
    assert set(found.unknown) == {f.name for f in RENEWAL_SCORECARD.features} - set(known)


@given(
    st.dictionaries(
        st.sampled_from([f.name for f in RENEWAL_SCORECARD.features]),
        st.decimals(min_value=-2, max_value=200, places=2),
    )
)
def test_every_point_has_its_reason(known: dict[str, Decimal]) -> None:
    found = anticipate(ME, known)
    exact = RENEWAL_SCORECARD.base + sum(reason.points for reason in found.reasons)
    assert found.score == max(0, min(100, exact))
    assert [abs(r.points) for r in found.reasons] == sorted((abs(r.points) for r in found.reasons), reverse=True)


def test_a_fact_that_is_no_feature_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="usage change"):
        anticipate(ME, facts(weather="1"))


AT = datetime(2026, 5, 7, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def activity(at: datetime | None, account: str = "a") -> Activity:
    return Activity(id=ActivityId("t"), account=AccountId(account), started_at=at)


def case(**more: Any) -> Case:
    return Case(id=CaseId("k"), **{"account": ME, **more})


def test_the_crm_says_what_it_knows_and_no_more() -> None:
    activities = [
        activity(AT - 40 * DAY),
        activity(AT - 50 * DAY),
        activity(AT + DAY),
        activity(AT - DAY, "other"),
        activity(None),
    ]
    cases = [
        case(resolution_due_at=AT - DAY),
        case(resolution_due_at=AT - DAY, closed_at=AT - DAY),
        case(resolution_due_at=AT + DAY, dispute=DisputeId("d")),
        case(dispute=DisputeId("d"), closed_at=AT - DAY),
        case(resolution_due_at=AT - DAY, account=AccountId("other")),
    ]
    assert service_facts(ME, activities, cases, AT) == facts(
        overdue_cases="1", open_disputes="1", days_since_last_contact="40"
    )
    assert "days since last contact" not in service_facts(ME, [activity(None)], [], AT)
    assert service_facts(ME, activities, cases, AT).keys() <= {f.name for f in RENEWAL_SCORECARD.features}


def test_a_past_day_knows_nothing_of_later_cases_and_a_closed_one_is_closed() -> None:
    late = {"resolution_due_at": AT - DAY, "dispute": DisputeId("d")}
    later, earlier = case(opened_at=AT + DAY, **late), case(opened_at=AT - DAY, **late)
    assert service_facts(ME, [], [later], AT) == facts(overdue_cases="0", open_disputes="0")
    assert service_facts(ME, [], [earlier], AT) == facts(overdue_cases="1", open_disputes="1")
    for status in (CaseStatus.RESOLVED, CaseStatus.CLOSED):  # its source does not say when
        over = case(opened_at=AT - DAY, status=status, **late)
        assert service_facts(ME, [], [over], AT) == facts(overdue_cases="0", open_disputes="0")


def test_a_back_test_shows_what_each_class_was_worth() -> None:
    good, bad = (
        anticipate(ME, facts(renewals_so_far="9", usage_change="1")),
        anticipate(ME, facts(open_disputes="1")),
    )
    outcomes = [
        Outcome(anticipated=good, renewed=True),
        Outcome(anticipated=good, renewed=True),
        Outcome(anticipated=good, renewed=False),
        Outcome(anticipated=bad, renewed=False),
    ]
    likely, middle, at_risk = back_test(outcomes)
    assert (likely.value, likely.population) == (Decimal("0.6667"), 3)
    assert isinstance(middle.value, Unknown)
    assert (at_risk.value, at_risk.population) == (Decimal("0.0000"), 1)


def band(up_to: str | None) -> Band:
    return Band(up_to=None if up_to is None else Decimal(up_to), points=1, meaning="so")


@pytest.mark.parametrize("bounds", [(), ("1",), ("2", "1", None), (None, None), ("1", "1", None)])
def test_bands_rise_to_an_open_one(bounds: tuple[str | None, ...]) -> None:
    with pytest.raises(InvalidRecord):
        Feature(name="x", meaning="m", unit="u", bands=tuple(band(b) for b in bounds))


def test_classes_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidRecord):
        Scorecard(name="x", likely_from=30, at_risk_below=40, features=())


@pytest.mark.parametrize("odd", [Decimal("NaN"), Decimal("Infinity"), 0.5, None, "1"], ids=str)
def test_a_fact_that_is_no_number_falls_in_no_band(odd: Any) -> None:
    for score in (lambda known: anticipate(ME, known), lambda known: placed(ME, known)):
        with pytest.raises(InvalidRecord, match="usage change"):
            _ = score({"usage change": odd})


def test_a_scorecard_names_each_feature_once() -> None:
    one = RENEWAL_SCORECARD.features[0]
    with pytest.raises(InvalidRecord, match="each feature once"):
        _ = Scorecard(name="twice", features=(one, one))


def test_on_the_night_the_clocks_go_back_a_later_record_is_not_known_yet() -> None:
    """At 2:40 for the first time, a quarter past two for the second time has not come yet."""
    paris = ZoneInfo("Europe/Paris")
    first, second = (datetime(2026, 10, 25, 2, 15, fold=fold, tzinfo=paris) for fold in (0, 1))
    now = datetime(2026, 10, 25, 2, 40, tzinfo=paris)
    case = Case(id=CaseId("c"), subject="s", account=ME, status=CaseStatus.NEW, dispute=DisputeId("d"))
    told = {
        (opened.fold, begun.fold): service_facts(
            ME,
            [Activity(id=ActivityId("1"), kind=ActivityKind.CALL, account=ME, started_at=begun)],
            [attrs.evolve(case, opened_at=opened)],
            now,
        )
        for opened in (first, second)
        for begun in (first, second)
    }
    assert {key: found["open disputes"] for key, found in told.items()} == {(0, 0): 1, (0, 1): 1, (1, 0): 0, (1, 1): 0}
    assert {key for key, found in told.items() if "days since last contact" in found} == {(0, 0), (1, 0)}
    solved = attrs.evolve(case, status=CaseStatus.CLOSED, opened_at=first, closed_at=second)
    assert service_facts(ME, [], [solved], now)["open disputes"] == 1


def test_an_instant_without_a_zone_is_refused_even_where_there_is_nothing_to_compare() -> None:
    for asked in (service_facts, lambda account, *_: account_facts(account, _[-1])):
        with pytest.raises(InvalidRecord, match="time zone"):
            _ = asked(ME, [], [], datetime(2026, 1, 1))  # noqa: DTZ001 - it is what is refused
