"""The host's decimal context is the host's: with three digits, rounded up, every figure is the same to the last cent.

A program may keep as few digits as it likes (`decimal.getcontext().prec = 6` stands in many tutorials), and a library
that reckons in that context charges, stores and sends other amounts without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_UP, Context, Decimal, Inexact, Rounded, localcontext

import pytest

from clmcrm.adapters.declared.description import FieldMap
from clmcrm.adapters.declared.forms import shown_fields, written_values
from clmcrm.adapters.field_forms import SENT, SHOWN
from clmcrm.adapters.hubspot.properties import amount as hubspot_amount
from clmcrm.adapters.odoo.plain import differs
from clmcrm.adapters.odoo.plain import price as odoo_price
from clmcrm.adapters.pipedrive.plain import amount as pipedrive_amount
from clmcrm.adapters.tryton.carrying import back, raw_of
from clmcrm.analytics.evaluation import Judged, brier_score, calibration, calibration_error, ranking
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.service_clauses import CreditTier, ServiceLevel
from clmcrm.clm.service_credits import Measured, service_credit
from clmcrm.codec.records import from_json, to_json
from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import Opportunity, Split, SplitKind
from clmcrm.crm.splits import credited_amounts
from clmcrm.values.exact import less, plain_number, product_of, shifted, sum_of
from clmcrm.values.ids import AccountId, LineId, OpportunityId, UserId
from clmcrm.values.money import Money, UnitPrice, shared_out, total
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier, tiered_amount

COARSE = Context(prec=3, rounding=ROUND_UP, traps=[Inexact, Rounded])
"""Three digits, away from zero; and what would be rounded in it raises."""

LARGE, DIGITS = Money("12345678901234567.89", "EUR"), Decimal("1234567.8945")
RATES = RateTable([Rate(source="USD", target="EUR", on=date(2026, 1, 2), factor="0.912345", by="ECB")])
TIERS = [PriceTier(up_to=Decimal(1000), price=UnitPrice("1.2345", "EUR")), PriceTier(price=UnitPrice("0.98765", "EUR"))]
LEVEL = ServiceLevel(
    metric="availability", per=Tenor(months=1), first_on=date(2026, 1, 1),
    tiers=(CreditTier(below=Decimal("99.95"), credit=Decimal("0.0512")),), cap=Decimal("0.2"),
)  # fmt: skip
JUDGED = [
    Judged(account=AccountId(f"A{n}"), chance=Decimal(n * 137 % 1000) / 1000, happened=n % 3 == 0) for n in range(1, 60)
]
SPLITS = tuple(
    Split(owner=UserId(name), portion=Decimal(portion), kind=SplitKind.REVENUE)
    for name, portion in (("u", "0.333333"), ("v", "0.33333"))
)
SALE = Opportunity(id=OpportunityId("o"), name="S", amount=LARGE, splits=SPLITS)


def sold(model: PriceModel = PriceModel.PER_UNIT) -> OpportunityLine:
    return OpportunityLine(
        id=LineId("l"), quantity=Decimal("1234.5"), price_model=model, unit_price=UnitPrice("1234.56789", "EUR"),
        discount=Decimal("0.12345"), discount_amount=Money("1.23", "EUR"),
    )  # fmt: skip


def contracted() -> ContractLine:
    return ContractLine(
        id=LineId("l"), description="seats", quantity=Decimal("1234.5"), price=UnitPrice("1234.56789", "EUR"),
        discount=Decimal("0.12345"),
    )  # fmt: skip


def mapped(form: str, **more: object) -> FieldMap:
    return FieldMap(name="f", form=form, path=("f",), **more)  # type: ignore[arg-type]  # any key of a description


FIGURES: dict[str, Callable[[], object]] = {
    "exact reckoning": lambda: (
        sum_of([DIGITS, LARGE.amount]), less(DIGITS, LARGE.amount), product_of(DIGITS, DIGITS), shifted(DIGITS, -2),
        plain_number(LARGE.amount),
    ),
    "money": lambda: (
        LARGE + LARGE, LARGE - Money("0.01", "EUR"), -LARGE, LARGE.times(DIGITS), total([LARGE] * 3, "EUR")
    ),
    "a whole shared out": lambda: shared_out(LARGE, [DIGITS, 1, Decimal("0.001")]),
    "a rate, both ways": lambda: (
        RATES.convert(Money("123456.78", "USD"), "EUR", date(2026, 2, 1)).money,
        RATES.convert(LARGE, "USD", date(2026, 2, 1)).money,
    ),
    "a line of a sale": lambda: [
        (sold(m).gross_amount, sold(m).net_amount) for m in (PriceModel.PER_UNIT, PriceModel.FLAT)
    ],
    "a line of a contract": lambda: contracted().amount,
    "tiers": lambda: [tiered_amount(m, TIERS, DIGITS) for m in (PriceModel.GRADUATED, PriceModel.VOLUME)],
    "splits": lambda: credited_amounts(SALE),
    "a service credit": lambda: service_credit(LEVEL, Measured(period=0, total=44640, failed=61), LARGE),
    "forecasts judged": lambda: (
        ranking(JUDGED), calibration(JUDGED, 4), calibration_error(JUDGED), brier_score(JUDGED)
    ),
    "a record as JSON": lambda: from_json(OpportunityLine, to_json(sold())),
    "a number for a CRM": lambda: (
        SENT["share"]("0.123456789"), SHOWN["share"]("12.3456789"), SHOWN["number"]("1234567.890")
    ),
    "an amount from HubSpot": lambda: hubspot_amount("1234567.891", "EUR"),
    "an amount from Pipedrive": lambda: pipedrive_amount(DIGITS, "EUR"),
    "a price from Odoo, and whether it is another": lambda: (
        odoo_price(DIGITS, "EUR"), differs({"price": DIGITS}, "price", Decimal("1234567.8946"))
    ),
    "a length from Tryton": lambda: (
        raw_of({"t": timedelta(days=1234, microseconds=5)}, "t", "timedelta"), back("timedelta", "106617600.000005")
    ),
    "an instant and an amount of a described system": lambda: (
        shown_fields(mapped("instant", epoch="seconds"), {"f": Decimal("1767225600.123456")}),
        written_values(
            FieldMap(name="f", form="money", amount=("a",), currency=("c",), minor_units=True),
            {"amount": str(LARGE.amount), "currency": "EUR"},
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FIGURES)
def test_the_hosts_context_changes_no_figure(what: str) -> None:
    told = FIGURES[what]()
    with localcontext(COARSE):
        assert FIGURES[what]() == told


def test_a_line_is_rounded_once_whatever_its_model() -> None:
    # 10.005 EUR less a tenth is 9.0045: rounded before the discount it would come to 9.01.
    line = OpportunityLine(
        id=LineId("l"), price_model=PriceModel.FLAT, unit_price=UnitPrice("10.005", "EUR"), discount=Decimal("0.1")
    )
    assert line.net_amount == Money("9.00", "EUR")
