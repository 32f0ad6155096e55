"""ISO 4217: every current code with its number of decimals, and the ones the euro replaced.

Source: ISO 4217 list one and list three (SIX, maintenance agency) as published 2026; the last day of a
replaced currency is the last day before its country's euro changeover.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.validators import count, maybe, plain_date, text

_TWO: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
    "MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG "
    "SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES "
    "WST XCD XCG YER ZAR ZMW ZWG "
    "BOV CHE CHW COU MXV USN"  # funds and units of account of single countries (list one, too)
)
_OTHERS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
# code: (decimals, last day before the euro)
_REPLACED: Final = {
    "ATS": (2, date(2001, 12, 31)), "BEF": (0, date(2001, 12, 31)), "DEM": (2, date(2001, 12, 31)),
    "ESP": (0, date(2001, 12, 31)), "FIM": (2, date(2001, 12, 31)), "FRF": (2, date(2001, 12, 31)),
    "GRD": (0, date(2001, 12, 31)), "IEP": (2, date(2001, 12, 31)), "ITL": (0, date(2001, 12, 31)),
    "LUF": (0, date(2001, 12, 31)), "NLG": (2, date(2001, 12, 31)), "PTE": (0, date(2001, 12, 31)),
    "SIT": (2, date(2006, 12, 31)), "CYP": (2, date(2007, 12, 31)), "MTL": (2, date(2007, 12, 31)),
    "SKK": (2, date(2008, 12, 31)), "EEK": (2, date(2010, 12, 31)), "LVL": (2, date(2013, 12, 31)),
    "LTL": (2, date(2014, 12, 31)), "HRK": (2, date(2022, 12, 31)), "BGN": (2, date(2025, 12, 31)),
}  # fmt: skip
_EURO_FROM: Final = date(1999, 1, 1)


@frozen
class Currency:
    """An ISO 4217 currency: `code`, how many `decimals` its minor unit has, the days it is (was) valid.

    `first_day` and `last_day` are None where the list sets no bound that matters to a contract.
    """

    code: str = field(validator=text)
    decimals: int = field(validator=count)
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))

    def valid_on(self, day: date) -> bool:
        """Whether the currency was legal tender on `day`.

        >>> currency("DEM").valid_on(date(2002, 1, 1))
        False
        """
        check_days("Currency.valid_on", day=day)
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    def __str__(self) -> str:
        """The code."""
        return self.code


@cache
def _table() -> dict[str, Currency]:
    table = {code: Currency(code, 2) for code in _TWO.split()}
    for decimals, codes in _OTHERS.items():
        table.update({code: Currency(code, decimals) for code in codes.split()})
    table["EUR"] = Currency("EUR", 2, first_day=_EURO_FROM)
    for code, (decimals, last_day) in _REPLACED.items():
        table[code] = Currency(code, decimals, last_day=last_day)
    return table


def currency(code: str | Currency) -> Currency:
    """The currency of an ISO 4217 code (upper case); a `Currency` is returned as it is.

    Raises `InvalidRecord` for a code that ISO 4217 does not list; nothing is assumed to have two decimals.

    >>> currency("JPY").decimals, currency("TND").decimals
    (0, 3)
    """
    if isinstance(code, Currency):
        return code
    given: object = code  # a caller without type checks may hand over anything
    found = _table().get(code) if isinstance(given, str) else None
    if found is None:
        raise InvalidRecord("Currency", "code", code, "an ISO 4217 code such as EUR, USD or JPY")
    return found
