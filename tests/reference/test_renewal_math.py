"""Anchors, tiles and co-terming as public issue threads and vendors' documents work them out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clmcrm.calendars.day_counts import days_ratio
from clmcrm.calendars.months import nth, tile
from clmcrm.calendars.roll_tables import anchored_dates
from clmcrm.values.money import rounded
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

FILE = "renewal_math.json"


@pytest.mark.vectors(FILE, "anchor_dates")
def test_anchor_dates(vector: Any) -> None:
    anchor, tenor = date.fromisoformat(vector["anchor"]), Tenor.parse(vector["cycle"])
    if "nth" in vector:
        assert nth(anchor, tenor, vector["nth"]).isoformat() == vector["expect_nth"]
        return
    expect = tuple(map(date.fromisoformat, vector["expect"]))
    first = date.fromisoformat(vector["window"][0]) if "window" in vector else anchor
    last = date.fromisoformat(vector["window"][1]) if "window" in vector else expect[-1]
    found = anchored_dates(anchor, tenor, last_day=last)
    assert tuple(day for day in found if day >= first) == expect


@pytest.mark.vectors(FILE, "periods")
def test_periods(vector: Any) -> None:
    anchor, tenor = date.fromisoformat(vector["anchor"]), Tenor.parse(vector["cycle"])
    found = [tile(anchor, tenor, k) for k in range(len(vector["expect"]))]
    assert [[str(span.first_day), str(span.last_day)] for span in found] == vector["expect"]


@pytest.mark.vectors(FILE, "cotermination")
def test_cotermination(vector: Any) -> None:
    old = Span(date.fromisoformat(vector["original_start"]), date.fromisoformat(vector["original_end"]))
    new = Span(date.fromisoformat(vector["new_start"]), date.fromisoformat(vector["new_end"]))
    assert (new.days, old.days) == (vector["new_days"], vector["original_days"])
    ratio = days_ratio(new, old)
    price = Decimal(vector["original_price"]) * Decimal(vector["uplift_factor"])
    found = rounded(price * ratio.numerator / ratio.denominator, "USD")
    assert str(found.amount) == vector["expect"]
