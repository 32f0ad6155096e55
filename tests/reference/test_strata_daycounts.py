"""OpenGamma Strata's day count tables, the ISDA's own ACT/ACT examples among them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clmcrm.calendars.day_counts import DayCount, counted_days, year_fraction
from clmcrm.calendars.payment_periods import PaymentPeriods
from clmcrm.values.tenor import Tenor

FILE = "strata_daycounts.json"
# The tables are written as binary floating point numbers; ours are exact.
CLOSE = pytest.approx
NAMED = {"THIRTY_EPLUS_360": "THIRTY_E_PLUS_360"}
"""What is written otherwise there."""


def convention_of(vector: Any) -> DayCount:
    name = vector["day_count"].removesuffix("_EOM")
    if NAMED.get(name, name) not in DayCount.__members__:
        pytest.skip(f"{name} is not among the conventions we ship")
    return DayCount[NAMED.get(name, name)]


def dates_of(vector: Any) -> tuple[date, date]:
    return date.fromisoformat(vector["start"]), date.fromisoformat(vector["end"])


@pytest.mark.vectors(FILE, "groups.year_fraction.vectors")
def test_year_fraction(vector: Any) -> None:
    found = year_fraction(convention_of(vector), *dates_of(vector))
    assert float(found) == CLOSE(vector["expect"], rel=1e-14)


@pytest.mark.vectors(FILE, "groups.days.vectors")
def test_days(vector: Any) -> None:
    assert counted_days(convention_of(vector), *dates_of(vector)) == vector["expect"]


@pytest.mark.vectors(FILE, "groups.thirty_u_360.vectors")
def test_thirty_u_360(vector: Any) -> None:
    month_end = vector["day_count"].endswith("_EOM") or bool(vector.get("schedule_eom"))
    found = year_fraction(convention_of(vector), *dates_of(vector), month_end_rule=month_end)
    assert float(found) == CLOSE(vector["expect"], rel=1e-14)


@pytest.mark.vectors(FILE, "groups.thirty_e_360_isda.vectors")
def test_thirty_e_360_isda(vector: Any) -> None:
    start, end = dates_of(vector)
    last = end if vector["end_is_maturity"] else date.max
    periods = PaymentPeriods(next_payment_on=end, last_payment_on=last, frequency=Tenor(months=1))
    found = year_fraction(convention_of(vector), start, end, periods=periods)
    assert float(found) == CLOSE(vector["expect"], rel=1e-14)


@pytest.mark.vectors(FILE, "groups.act_act_isda_icma_cases.vectors")
def test_act_act(vector: Any) -> None:
    convention, schedule = convention_of(vector), vector.get("schedule")
    periods = schedule and PaymentPeriods(
        next_payment_on=date.fromisoformat(schedule["period_end"]),
        last_payment_on=date.fromisoformat(schedule["schedule_end"]),
        frequency=Tenor.parse(schedule["frequency"]),
        month_end=schedule["eom"],
    )
    found = year_fraction(convention, *dates_of(vector), periods=periods)
    assert float(found) == CLOSE(vector["expect"], rel=1e-14)


@pytest.mark.vectors(FILE, "groups.act_act_afb.vectors")
def test_act_act_afb(vector: Any) -> None:
    found = year_fraction(convention_of(vector), *dates_of(vector))
    assert float(found) == CLOSE(vector["expect"], rel=1e-14)


@pytest.mark.vectors(FILE, "groups.act_365l.vectors")
def test_act_365l(vector: Any) -> None:
    end = date.fromisoformat(vector["period_end"])
    frequency = Tenor.parse(vector["frequency"])
    periods = PaymentPeriods(next_payment_on=end, last_payment_on=end, frequency=frequency)
    found = year_fraction(convention_of(vector), *dates_of(vector), periods=periods)
    assert float(found) == CLOSE(vector["expect"], rel=1e-14)
