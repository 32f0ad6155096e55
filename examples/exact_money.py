"""An invoice in euro and dollars, summed exactly: run it with `python examples/exact_money.py`."""

from __future__ import annotations

from datetime import date

import clmcrm as cc

calls = cc.UnitPrice("0.0035", "USD").times(128_417)
support = cc.Money("1250.00", "EUR")

# A conversion takes a dated rate and says which one it used.
published = cc.Rate(source="USD", target="EUR", on=date(2026, 1, 2), factor="0.92", by="annex 2")
converted = cc.RateTable([published]).convert(calls, "EUR", on=date(2026, 1, 31))

print(f"calls    {calls} = {converted.money}, at the rate of {published.on} by {published.by}")
print(f"support  {support}")
print(f"total    {support + converted.money}")
