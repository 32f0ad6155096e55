"""Promised support and service: what contradicts itself is refused, naming the field and what would be right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clmcrm.clm.service_clauses import CreditTier, ServiceLevel, SupportClause, SupportHours
from clmcrm.errors import InvalidRecord
from clmcrm.values.tenor import Tenor

OFFICE = SupportHours(opens=540, closes=1020)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (0, 7)}, "weekdays"),
        ({"weekdays": (0, 0)}, "weekdays"),
        ({"opens": 540, "closes": 540}, "closes"),
        ({"opens": 540, "closes": 480}, "closes"),
        ({"closes": 1441}, "closes"),
        ({"opens": -1}, "opens"),
    ],
)
def test_hours_lie_within_a_day_and_name_each_weekday_once(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRecord, match=f"SupportHours: {field}"):
        _ = SupportHours(**changes)  # type: ignore[arg-type] # what the record refuses


def test_the_end_of_the_day_may_close_it() -> None:
    assert SupportHours(opens=0, closes=1440).closes == 1440


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "response_minutes"),
        ({"response_minutes": 0}, "response_minutes"),
        ({"response_minutes": 60, "hours": (OFFICE,)}, "hours"),
        (
            {
                "response_minutes": 60,
                "zone": "Europe/Paris",
                "hours": (OFFICE, SupportHours(weekdays=(4, 5), opens=960, closes=1200)),  # Friday from 16:00 twice
            },
            "hours",
        ),
        ({"response_minutes": 60, "hours": (OFFICE,), "zone": "Europe/Nowhere"}, "zone"),
        ({"response_minutes": 60, "zone": "../etc/passwd"}, "zone"),
        ({"response_minutes": 60, "zone": "\0"}, "zone"),
    ],
)
def test_support_promises_something_in_hours_of_a_known_zone(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRecord, match=f"SupportClause: {field}"):
        _ = SupportClause(**changes)  # type: ignore[arg-type] # what the record refuses


@pytest.mark.parametrize(
    "clause", [SupportClause(cases=0), SupportClause(resolution_minutes=5), SupportClause(response_minutes=5)]
)
def test_one_promise_is_enough_and_without_hours_it_holds_round_the_clock(clause: SupportClause) -> None:
    assert (clause.hours, clause.zone) == ((), "")


def _tier(below: str, credit: str) -> CreditTier:
    return CreditTier(below=Decimal(below), credit=Decimal(credit))


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        (_tier("99", "0.1"), _tier("99", "0.2")),
        (_tier("99", "0.1"), _tier("99.5", "0.2")),
        (_tier("99", "0.1"), _tier("95", "0.1")),
        (_tier("99", "0.1"), _tier("95", "0.05")),
    ],
)
def test_tiers_fall_and_are_worth_more_each(tiers: tuple[CreditTier, ...]) -> None:
    with pytest.raises(InvalidRecord, match="ServiceLevel: tiers"):
        _ = ServiceLevel(metric="availability", per=Tenor(months=1), first_on=date(2026, 1, 1), tiers=tiers)


def test_a_credit_is_a_share_of_the_fee() -> None:
    with pytest.raises(InvalidRecord, match="credit"):
        _ = _tier("99", "1.5")
