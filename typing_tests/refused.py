"""Mistakes that a type checker must report. Each line ends with the code of the error it must raise."""

from __future__ import annotations

from datetime import date

import clmcrm as cc

cc.Money(10.5, "EUR")  # E: arg-type
cc.Money("10.50")  # E: call-arg
cc.Money("10.50", "EUR") + 2  # E: operator
cc.Money("10.50", "EUR").currency = cc.currency("USD")  # E: misc
cc.Tenor(3)  # E: call-arg
cc.Tenor(months="3")  # E: arg-type
cc.Span("2026-01-01")  # E: arg-type
cc.Span(date(2026, 1, 1)).last_day.year  # E: union-attr
cc.Unknown("no idea").year  # E: attr-defined
cc.Monee("10.50", "EUR")  # E: attr-defined
cc.TransitionNotAllowed("contract C-1", "Signed")  # E: call-arg
calendar: cc.HolidayCalendar = cc.Money(1, "EUR")  # E: assignment
