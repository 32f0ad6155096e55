"""Uses of the public API that every type checker accepts, with the types it must infer."""

# pyright: reportUnusedCallResult=false
# assert_type hands its argument back, and nobody wants it.
from __future__ import annotations

from datetime import date
from types import ModuleType
from typing import assert_type

import clmcrm as cc

price = cc.Money("10.50", "EUR")
assert_type(price + cc.Money(2, cc.currency("EUR")), cc.Money)
assert_type(price.currency, cc.Currency)
assert_type(cc.UnitPrice("0.0035", "EUR").times(1000), cc.Money)
assert_type(cc.Tenor.parse("P3M").words, str)
assert_type(cc.Span(date(2026, 1, 1)).last_day, date | None)
assert_type(cc.PartialDate(year=2019).latest, date | None)

table: cc.HolidayCalendar = cc.HolidayTable(name="office", place="FR")
assert_type(table.why_closed(date(2026, 5, 1)), str | None)
assert_type(cc.is_business_day(date(2026, 5, 4), table), bool)

# A room is an attribute of the root.
room: ModuleType = cc.values

try:
    _ = cc.RateTable([]).convert(price, "USD", date(2026, 1, 2))
except cc.RateMissing as missing:
    assert_type(missing.on, date)
    root: cc.ClmcrmError = missing
