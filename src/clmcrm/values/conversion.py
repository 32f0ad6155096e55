"""Many amounts brought into one currency, with every rate used and every amount that could not be.

Nothing is converted in silence: without a table of rates, an amount in another currency is left out and
named.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import field, frozen

from clmcrm.errors import RateMissing
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.figures import LeftOut
from clmcrm.values.money import Money
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.validators import instance, plain_date, text
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class DatedAmount:
    """An `amount` of `record` (named for people), to be converted at the rate of `on`."""

    record: str = field(validator=text)
    amount: Money = field(validator=instance(Money))
    on: date = field(validator=plain_date)


@frozen(kw_only=True)
class InOneCurrency:
    """What could be converted (`amounts`, by record, in the order given), what not, and the rates used."""

    amounts: tuple[tuple[str, Money], ...]
    left_out: tuple[LeftOut, ...]
    rates: tuple[Rate, ...]


def in_one_currency(items: Iterable[DatedAmount], code: str | Currency, rates: RateTable | None) -> InOneCurrency:
    """`items` in the currency `code`, each at its own day's rate; `rates` None converts nothing.

    >>> item = DatedAmount(record="sale 1", amount=Money(5, "USD"), on=date(2026, 1, 1))
    >>> str(in_one_currency([item], "EUR", None).left_out[0])
    'sale 1: is in USD and no rates were given'
    """
    target = currency(code)
    amounts: list[tuple[str, Money]] = []
    left_out: list[LeftOut] = []
    used: dict[Rate, None] = {}
    for item in items:
        if item.amount.currency == target:
            amounts.append((item.record, item.amount))
            continue
        if rates is None:
            left_out.append(_left_out(item, _no_rates(item.amount.currency)))
            continue
        try:
            converted = rates.convert(item.amount, target, item.on)
        except RateMissing as missing:
            left_out.append(_left_out(item, no_rate_words(missing)))
            continue
        amounts.append((item.record, converted.money))
        if converted.rate is not None:
            used[converted.rate] = None
    return InOneCurrency(amounts=tuple(amounts), left_out=tuple(left_out), rates=tuple(used))


def no_rate_words(missing: RateMissing) -> Wording:
    """That a rate is missing, in both languages.

    >>> no_rate_words(RateMissing("USD", "EUR", date(2026, 1, 1))).fr
    "aucun taux de USD en EUR jusqu'au 2026-01-01 ; à ajouter à la table des taux"
    """
    lacking = f"aucun taux de {missing.source} en {missing.target} jusqu'au {missing.on}"
    return Wording(str(missing), f"{lacking} ; à ajouter à la table des taux")


def _no_rates(unit: Currency) -> Wording:
    return Wording(f"is in {unit} and no rates were given", f"est en {unit} et aucun taux n'est donné")


def _left_out(item: DatedAmount, why: Wording) -> LeftOut:
    return LeftOut(record=item.record, reason=why.en, why=why)
