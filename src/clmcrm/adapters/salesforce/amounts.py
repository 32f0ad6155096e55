"""Amounts of money: in an org of one currency, or in the currency that each record has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import money_sent, money_shown
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.parts import Row
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.ports.records import Fields, Json

CURRENCY: Final = "CurrencyIsoCode"


@frozen(kw_only=True)
class MoneyPart:
    """Amounts that share the record's currency: canonical names with their fields.

    With `currency` the record's currency is a canonical field too. In an org of one currency an amount in another
    is refused; in one of several, writing an amount sets the record's currency.
    """

    amounts: Mapping[str, str]
    currency: bool = False
    multi: bool = False
    children: Sequence[Query] = field(default=(), init=False)

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        return (*self.amounts, "currency") if self.currency else tuple(self.amounts)

    @property
    def reads(self) -> Sequence[str]:
        """The fields, and the currency where each record has its own."""
        return (*self.amounts.values(), CURRENCY) if self.multi else tuple(self.amounts.values())

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """The amounts, and the currency."""
        code = code_of(row, org)
        found = {name: money_shown(at, row.get(at), code) for name, at in self.amounts.items()}
        return {**found, "currency": code} if self.currency else found

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """The amounts, and the currency where each record has its own."""
        made: dict[str, Any] = {}
        codes: dict[str, str] = {}
        for name, at in self.amounts.items():
            if name in fields:
                money = money_sent(name, fields[name])
                made[at] = None if money is None else money.amount
                if money is not None:
                    codes[name] = money.currency.code
        stated = fields.get("currency") if self.currency else None
        if stated is not None:
            codes["currency"] = str(stated)
        for name, code in codes.items():
            if not self.multi and code != org.currency:
                raise Misfit(name, f"is in {code}; the org keeps everything in {org.currency}")
            if code != next(iter(codes.values())):
                raise Misfit(name, f"is in {code}, another amount of the record in {next(iter(codes.values()))}")
        return {**made, CURRENCY: next(iter(codes.values()))} if codes and self.multi else made


def code_of(row: Row, org: OrgSettings) -> str:
    """The currency of a record."""
    return str(row.get(CURRENCY) or org.currency)
