"""What a column of a contract list can hold, and the choices its reader has to declare.

The rule of the file: every choice that would otherwise be a guess (what an unstated term is, what a bare
renewal means, which years are believed) has a name here, so that it can be declared and shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.values.validators import positive_count


class Field(StrEnum):
    """What one column says about a contract."""

    ID = "id"
    NUMBER = "number"
    TITLE = "title"
    KIND = "kind"
    PARTIES = "parties"
    ACCOUNT = "account"
    AGREEMENT = "agreement"
    EFFECTIVE = "effective"
    EXPIRY = "expiry"
    TERM = "term"
    RENEWAL = "renewal"
    NOTICE = "notice"
    LAW = "law"
    TOTAL_VALUE = "total_value"
    ANNUAL_VALUE = "annual_value"
    CURRENCY = "currency"
    OWNER = "owner"
    OPPORTUNITY = "opportunity"
    PURCHASE_ORDER = "purchase_order"


MEANING: Final = {
    Field.ID: "the contract's key; without one, the file's name and the row",
    Field.NUMBER: "the contract's number",
    Field.TITLE: "its title",
    Field.KIND: "the kind of contract",
    Field.PARTIES: "the parties' names, separated by ;",
    Field.ACCOUNT: "the counterparty's key in the CRM",
    Field.AGREEMENT: "the day it was signed",
    Field.EFFECTIVE: "the day it takes effect",
    Field.EXPIRY: "the end of the initial term",
    Field.TERM: "the length of the initial term",
    Field.RENEWAL: "whether, how often and for how long it is renewed",
    Field.NOTICE: "the notice period that stops the renewal",
    Field.LAW: "the law that governs it",
    Field.TOTAL_VALUE: "its total value",
    Field.ANNUAL_VALUE: "its value per year",
    Field.CURRENCY: "the currency of the amounts beside it",
    Field.OWNER: "the key of the user who owns it",
    Field.OPPORTUNITY: "the key of the opportunity it comes from",
    Field.PURCHASE_ORDER: "the purchase order's number",
}
"""What each field holds, in words."""

DATES: Final = frozenset({Field.AGREEMENT, Field.EFFECTIVE, Field.EXPIRY})
LENGTHS: Final = frozenset({Field.TERM, Field.RENEWAL, Field.NOTICE})
AMOUNTS: Final = frozenset({Field.TOTAL_VALUE, Field.ANNUAL_VALUE})
STARTS: Final = (Field.EFFECTIVE, Field.AGREEMENT)
QUOTED: Final = frozenset({Field.TERM, Field.RENEWAL, Field.NOTICE})
"""The clauses that a second column may quote in the contract's own words."""


class InitialTerm(StrEnum):
    """What an initial term is taken to be where neither its end nor its length is stated."""

    AS_RENEWAL = "as renewal"


class BareRenewal(StrEnum):
    """How often a renewal comes that states a length and no number ("2 years")."""

    ONCE = "once"
    REPEATED = "repeated"


@frozen(kw_only=True)
class Century:
    """A declared repair: a year earlier than `before` is read `add` years later, and reported each time."""

    before: int = field(validator=positive_count)
    add: int = field(validator=positive_count)

    def __str__(self) -> str:
        """The repair in words."""
        return f"a year before {self.before} is read {self.add} years later"
