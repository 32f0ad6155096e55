"""No window of a budget ever holds more than it allows, and nobody waits longer than needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.drivers.budgets import Budget, Budgets
from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import Call

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _call(cost: int) -> Call:
    return Call(method="GET", url="https://x/y", vendor="crm", cost=cost)


@given(
    size=st.integers(3, 9),
    per=st.integers(1, 20),
    script=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3)), max_size=40),
)
def test_no_span_ever_holds_more_than_the_budget(size: int, per: int, script: list[tuple[int, int]]) -> None:
    budgets = Budgets([Budget(vendor="crm", size=size, per=per * SECOND)])
    now, drawn = NOON, list[tuple[datetime, int]]()
    for passed, cost in script:
        now += passed * SECOND
        drawn.append((now + budgets.claim(_call(cost), now), cost))
    for at, _ in drawn:
        assert sum(cost for other, cost in drawn if at <= other < at + per * SECOND) <= size


def test_nobody_waits_where_there_is_room() -> None:
    budgets = Budgets([Budget(vendor="crm", size=100, per=10 * SECOND)])
    waits = [budgets.claim(_call(1), NOON + n * SECOND / 10) for n in range(500)]
    assert set(waits) == {timedelta(0)}


def test_several_windows_of_one_bucket_all_hold() -> None:
    budgets = Budgets(
        [Budget(vendor="crm", size=2, per=SECOND), Budget(vendor="crm", size=3, per=60 * SECOND)],
    )
    waits = [budgets.claim(_call(1), NOON).total_seconds() for _ in range(4)]
    assert waits == [0, 0, 1, 60]


@pytest.mark.parametrize("back", [SECOND / 1000, SECOND, 5 * SECOND, 3600 * SECOND, 400 * 86400 * SECOND])
@pytest.mark.parametrize("per", [10 * SECOND, 86400 * SECOND])
def test_a_clock_that_is_set_back_holds_nobody(back: timedelta, per: timedelta) -> None:
    budgets = Budgets([Budget(vendor="crm", size=2, per=per)])
    assert [budgets.claim(_call(1), NOON) for _ in range(3)] == [0 * SECOND, 0 * SECOND, per]
    since = NOON - back
    assert budgets.claim(_call(1), since) == per, "and what was drawn counts on"
    lost = back if back <= SECOND else 0 * SECOND
    assert budgets.claim(_call(0), since + per / 2) == 0 * SECOND
    assert budgets.claim(_call(1), since + 2 * per + lost) == 0 * SECOND


def test_a_bucket_that_is_closed_stays_so_where_the_clock_is_set_back_meanwhile() -> None:
    budgets, since = Budgets(), NOON - 3600 * SECOND
    assert budgets.claim(_call(1), NOON) == 0 * SECOND
    budgets.close_until(_call(1), since + 5 * SECOND, since)
    assert budgets.claim(_call(1), since + SECOND) == 4 * SECOND
    assert budgets.claim(_call(1), since - 3600 * SECOND) == 4 * SECOND
    assert budgets.claim(_call(1), since - 3596 * SECOND) == 0 * SECOND


def test_a_call_dearer_than_its_bucket_is_an_error_and_no_endless_wait() -> None:
    budgets = Budgets([Budget(vendor="crm", size=2, per=SECOND)])
    with pytest.raises(InvalidRecord, match="at most 2"):
        _ = budgets.claim(_call(3), NOON)


@pytest.mark.parametrize("wrong", [{"size": 0, "per": SECOND}, {"size": 1, "per": timedelta(0)}])
def test_a_budget_that_allows_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRecord, match="Budget"):
        _ = Budget(vendor="crm", **wrong)  # type: ignore[arg-type]  # a table of wrong values
