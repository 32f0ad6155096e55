"""Amounts of money: each row has a currency of its own, which all of its amounts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.dataverse.lookups import lookup_key
from clmcrm.adapters.dataverse.parts import Row
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import money_sent, money_shown
from clmcrm.ports.records import Fields, Json

CURRENCY: Final = "transactioncurrencyid"


@frozen(kw_only=True)
class MoneyPart:
    """Amounts that share the row's currency: canonical names with their columns; the currency is a field too.

    Each row has its own currency (`transactioncurrencyid`); writing an amount sets it. An amount has four decimals.
    """

    amounts: Mapping[str, str]

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        return (*self.amounts, "currency")

    @property
    def columns(self) -> Sequence[str]:
        """The columns, and the currency."""
        return (*self.amounts.values(), CURRENCY)

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The amounts, and the currency."""
        code = code_of(row, ground)
        found = {name: money_shown(at, row.get(at), code) for name, at in self.amounts.items()}
        return {**found, "currency": code}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """The amounts, and the currency they are in."""
        made: dict[str, Any] = {}
        codes: dict[str, str] = {}
        for name, at in self.amounts.items():
            if name in fields:
                money = money_sent(name, fields[name])
                made[at] = None if money is None else money.amount
                if money is not None:
                    codes[name] = money.currency.code
        stated = fields.get("currency")
        if stated is not None:
            codes["currency"] = str(stated)
        for name, code in codes.items():
            first = next(iter(codes.values()))
            if code != first:
                raise Misfit(name, f"is in {code}, another amount of the record in {first}")
            key = ground.currency_id(code)
            if key is None:
                raise Misfit(name, f"is in {code}, which is no currency of the environment")
            made[f"{CURRENCY}@odata.bind"] = f"/transactioncurrencies({key})"
        return made


def code_of(row: Row, ground: Ground) -> str:
    """The currency of a row; raises `Misfit` for one that the environment does not name."""
    key = lookup_key(row, CURRENCY)
    if key is None:
        return ground.org.currency
    if key not in ground.currencies:
        raise Misfit(CURRENCY, f"{key} is no currency that the environment names")
    return ground.currencies[key]
