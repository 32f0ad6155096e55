"""Whole days until a request ends: counted down, and an end that is missed by less than an hour counts as met."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.sent_once import whole_days
from clmcrm.clm.signature import SignatureRequest
from clmcrm.values.ids import ContractId

NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)


def days_left(left: timedelta) -> int | str | None:
    asked = SignatureRequest(
        id="R", contract=ContractId("C"), sha256="0" * 64, recipients=(), expires_at=NOW + left
    )  # fmt: skip
    return whole_days(asked, NOW, "Acme")


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=2), 2),
        (timedelta(days=2) - HOUR + MOMENT, 2),
        (timedelta(days=2) - HOUR, 1),
        (timedelta(days=1) - HOUR, "it ends within a day; Acme counts whole days"),
        (timedelta(), "it has expired already"),
    ],
)
def test_an_end_missed_by_a_whole_hour_is_missed(left: timedelta, days: int | str) -> None:
    assert days_left(left) == days


@given(left=st.timedeltas(min_value=MOMENT, max_value=timedelta(days=40)))
def test_nobody_can_sign_an_hour_or_more_after_the_end_and_no_day_is_given_away(left: timedelta) -> None:
    days = days_left(left)
    most = max((n for n in range(42) if timedelta(days=n) - left < HOUR), default=0)
    assert days == most if most else isinstance(days, str)
