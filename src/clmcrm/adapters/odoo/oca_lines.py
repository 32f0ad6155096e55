"""The lines of an OCA contract: what recurs, at its price and rhythm, from its first day on.

OCA counts periods from the day before: each period's first day is the last one plus an interval, so a contract that
begins on the 31st slips to the 28th in February and stays there (31 Jan, 28 Feb, 28 Mar). Our own schedules take the
clause's rule instead; the two can differ from the first short month on.

A line stands in Odoo only when it recurs, its first day is known and its numbers keep all their digits there: OCA would
invoice any other at once, not at all, or at another price. The others stay with the contract's facts.

A rule of OCA's says more than a rhythm: "monthlylastday" is each month, on its last day. So a line keeps the rule that
it has there until its rhythm becomes another one, and a line of a rule that nobody here knows is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

from clmcrm.adapters.odoo.facts import day_in
from clmcrm.adapters.odoo.plain import Row, in_order, is_kept, key, named, number, parts, price, said
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import decimals_of, plain_number, product_of, shifted
from clmcrm.values.tenor import Tenor

FIELD: Final = "contract_line_ids"
SPEC: Final[Mapping[str, Any]] = {
    "sequence": {}, "display_type": {}, "name": {}, "product_id": {}, "quantity": {},
    "uom_id": {"fields": {"name": {}}}, "price_unit": {}, "discount": {}, "recurring_rule_type": {},
    "recurring_interval": {}, "recurring_invoicing_type": {}, "date_start": {}, "date_end": {}, "is_canceled": {},
    "last_date_invoiced": {}, "write_date": {},
}  # fmt: skip
_HUNDRED: Final = Decimal(100)
_PLACES: Final = 2  # of a discount in percent, as Odoo comes

_RULE: Final = ("recurring_rule_type", "recurring_interval")
_MONTHS: Final = {"monthly": 1, "monthlylastday": 1, "quarterly": 3, "semesterly": 6}
RHYTHMS: Final = ("daily", "weekly", *_MONTHS, "yearly")
"""Every rhythm of series 19."""


def rhythm_of(every: Tenor) -> tuple[str, int] | None:
    """OCA's rule and interval for a rhythm; None for months and days together, which it has no rule for.

    >>> rhythm_of(Tenor(months=3)), rhythm_of(Tenor(years=1)), rhythm_of(Tenor(months=1, days=1))
    (('monthly', 3), ('yearly', 1), None)
    """
    if every.whole_months and every.loose_days:
        return None
    if every.loose_days:
        return ("daily", every.loose_days) if every.loose_days % 7 else ("weekly", every.loose_days // 7)
    return ("monthly", every.whole_months) if every.months else ("yearly", every.years)


def tenor_of(rule: str, interval: int) -> Tenor | None:
    """The rhythm that a rule and an interval state; None for a rule nobody knows.

    >>> str(tenor_of("quarterly", 1)), str(tenor_of("weekly", 2)), tenor_of("hourly", 1)
    ('P3M', 'P2W', None)
    """
    if interval < 1:
        return None
    if rule in _MONTHS:
        return Tenor(months=_MONTHS[rule] * interval)
    units = {"daily": "days", "weekly": "weeks", "yearly": "years"}
    return Tenor(**{units[rule]: interval}) if rule in units else None


def stands_in_odoo(line: Fields, whole: Fields) -> bool:
    """Whether a contract's line can be one of OCA's."""
    return _values(line, whole) is not None


def _values(line: Fields, whole: Fields) -> dict[str, Any] | None:
    every, first = line.get("recurrence"), day_in(line.get("first_day")) or day_in(whole.get("effective_on"))
    cost = line.get("price")
    rhythm = rhythm_of(Tenor.parse(every)) if isinstance(every, str) else None
    discount = product_of(Decimal(str(line.get("discount") or "0")), _HUNDRED)
    if rhythm is None or first is None or not isinstance(cost, dict) or line.get("discount_amount"):
        return None
    quantity, amount = Decimal(str(line.get("quantity", "1"))), Decimal(str(cost["amount"]))
    if decimals_of(Decimal(plain_number(discount))) > _PLACES or not (is_kept(quantity) and is_kept(amount)):
        return None
    return {
        "name": line["description"],
        "quantity": quantity,
        "price_unit": amount,
        "discount": discount,
        "recurring_rule_type": rhythm[0],
        "recurring_interval": rhythm[1],
        "recurring_invoicing_type": "post-paid" if line.get("timing") == "arrears" else "pre-paid",
        "date_start": first,
        "date_end": day_in(line.get("last_day")) or False,
    }


def _wanted(whole: Fields) -> list[dict[str, Any]]:
    lines = cast("Sequence[Fields]", whole.get("lines") or ())
    return [values for line in lines if (values := _values(line, whole)) is not None]


def _own(row: Row) -> list[Row]:
    lines = (line for line in in_order(parts(row, FIELD)) if not line.get("display_type") and not line["is_canceled"])
    return [line for line in lines if _rhythm(line) is not None]


def _rhythm(line: Row) -> Tenor | None:
    rule, interval = (line.get(name) for name in _RULE)
    return tenor_of(str(rule), int(interval or 0))


def _as_written(line: Row) -> tuple[object, ...]:
    told = (line.get(name) or False for name in ("name", "date_start", "date_end"))
    rhythm = (_rhythm(line), line.get("recurring_invoicing_type"))
    figures = (plain_number(number(line.get(name)) or Decimal(0)) for name in ("quantity", "price_unit", "discount"))
    return (*told, *rhythm, *figures)


def _unchanged(row: Row, facts: Fields) -> bool:
    return [_as_written(line) for line in _own(row)] == [_as_written(line) for line in _wanted(facts)]


def lines_of(row: Row, facts: Fields) -> Json:
    """A contract's lines: those of its facts while Odoo's still fit them, else Odoo's and what it has no room for."""
    told = cast("list[Json]", facts.get("lines") or [])
    if _unchanged(row, facts):
        return told
    code = named(row, "currency_id")
    own = [cast("Json", one) for line in _own(row) if (one := _line(line, code)) is not None]
    return [*own, *(line for line in told if not stands_in_odoo(cast("Fields", line), facts))]


def _line(line: Row, code: str | None) -> dict[str, Json] | None:
    cost = price(line.get("price_unit"), code)
    every = _rhythm(line)
    if cost is None or every is None:
        return None
    discount = number(line.get("discount"))
    told: dict[str, Json] = {
        "id": f"odoo-{line['id']}",
        "description": said(line.get("name")) or "-",
        "product": key(line.get("product_id")),
        "quantity": plain_number(number(line.get("quantity")) or Decimal(0)),
        "unit": named(line, "uom_id"),
        "price": cost,
        "discount": plain_number(shifted(discount, -2)) if discount else None,
        "recurrence": str(every),
        "timing": "arrears" if line.get("recurring_invoicing_type") == "post-paid" else "advance",
        "first_day": said(line.get("date_start")),
        "last_day": said(line.get("date_end")),
        "billed_until": said(line.get("last_date_invoiced")),
    }
    return {name: value for name, value in told.items() if value is not None}


def commands_for(row: Row, whole: Fields) -> list[list[Any]]:
    """What makes Odoo's lines those of the contract: written in place, added at the end, the rest taken away."""
    there, wanted = _own(row), _wanted(whole)
    if [_as_written(line) for line in there] == [_as_written(line) for line in wanted]:
        return []
    written = [
        [1, line["id"], _besides_the_rule(values) if _rhythm(line) == _rhythm(values) else values]
        for line, values in zip(there, wanted, strict=False)
        if _as_written(line) != _as_written(values)
    ]
    added = [[0, 0, {"sequence": place, **values}] for place, values in enumerate(wanted) if place >= len(there)]
    return [*written, *added, *([2, line["id"], 0] for line in there[len(wanted) :])]


def _besides_the_rule(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _RULE}


def currencies_of(whole: Fields) -> set[str]:
    """The currencies of the lines that stand in Odoo."""
    lines = cast("Sequence[Fields]", whole.get("lines") or ())
    costs = [line.get("price") for line in lines if stands_in_odoo(line, whole)]
    return {str(cost["currency"]) for cost in costs if isinstance(cost, dict)}
