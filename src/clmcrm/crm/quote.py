"""A quote: what we offered, line by line, until when, and whether it was accepted.

A quote's stated total is kept as the source gave it; the sum of its lines is worked out beside it, and a
difference is reported, never repaired.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.crm.lines import QuoteLine
from clmcrm.crm.wanted import WantedTerms
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import AccountId, OpportunityId, OrgUnitId, PriceBookId, QuoteId, UserId
from clmcrm.values.money import Money, total
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.validators import (
    count,
    each,
    instance,
    maybe,
    member,
    plain_date,
    positive_count,
    text,
)


class QuoteStatus(StrEnum):
    """Where a quote stands; whether it has lapsed follows from its last valid day and is not stored."""

    DRAFT = "draft"
    IN_APPROVAL = "in approval"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    SIGNED = "signed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Quote(WantedTerms):
    """An offer to an account; its contract wishes come from `WantedTerms`.

    `issued_on` is its date, `last_valid_day` the last day on which it may be accepted (inside),
    `accepted_on` when it was. `stated_total` is the source's own net total and `stated_tax` its tax, both
    in `currency`. `version` counts from 1. `signers_required` and `signers_completed` are its e-signature
    counts. None always means that it is not stated.

    Raises `InvalidRecord` when it lapses before it is issued or more have signed than must.
    """

    id: QuoteId = field(validator=text)
    number: str | None = field(default=None, validator=maybe(text))
    name: str | None = field(default=None, validator=maybe(text))
    account: AccountId | None = field(default=None, validator=maybe(text))
    opportunity: OpportunityId | None = field(default=None, validator=maybe(text))
    owner: UserId | None = field(default=None, validator=maybe(text))
    unit: OrgUnitId | None = field(default=None, validator=maybe(text))
    status: QuoteStatus = field(default=QuoteStatus.UNKNOWN, validator=member(QuoteStatus))
    status_raw: str | None = field(default=None, validator=maybe(text))
    version: int | None = field(default=None, validator=maybe(positive_count))
    issued_on: date | None = field(default=None, validator=maybe(plain_date))
    last_valid_day: date | None = field(default=None, validator=maybe(plain_date))
    accepted_on: date | None = field(default=None, validator=maybe(plain_date))
    currency: Currency = field(converter=currency)
    price_book: PriceBookId | None = field(default=None, validator=maybe(text))
    lines: tuple[QuoteLine, ...] = field(default=(), validator=each(instance(QuoteLine)))
    stated_total: Money | None = field(default=None, validator=maybe(instance(Money)))
    stated_tax: Money | None = field(default=None, validator=maybe(instance(Money)))
    signers_required: int | None = field(default=None, validator=maybe(count))
    signers_completed: int | None = field(default=None, validator=maybe(count))

    def __attrs_post_init__(self) -> None:
        name = f"Quote {self.id}"
        first, last = self.issued_on, self.last_valid_day
        if first is not None and last is not None and last < first:
            raise InvalidRecord(name, "last_valid_day", last, f"{first} or later")
        needed, done = self.signers_required, self.signers_completed
        if needed is not None and done is not None and done > needed:
            raise InvalidRecord(name, "signers_completed", done, f"at most {needed}")

    def lapsed(self, as_of: date) -> bool | None:
        """Whether it can no longer be accepted on `as_of`; None when its last valid day is not stated."""
        return None if self.last_valid_day is None else as_of > self.last_valid_day


def lines_total(quote: Quote) -> Money | None:
    """One occurrence of every chosen line, net, in the quote's currency; None when a line has no price.

    Recurring lines count once, as they do on the page of a quote. Raises `CurrencyMismatch` for a line in
    another currency.

    >>> lines_total(Quote(id=QuoteId("q1"), currency="EUR"))
    Money('0.00', 'EUR')
    """
    amounts = [line.net_amount for line in quote.lines if not line.is_optional]
    priced = [amount for amount in amounts if amount is not None]
    return total(priced, quote.currency) if len(priced) == len(amounts) else None


def quote_problems(quote: Quote) -> tuple[Problem, ...]:
    """What does not hang together in `quote`: what is in another currency, unpriced lines, a total unlike their sum.

    >>> quote_problems(Quote(id=QuoteId("q1"), currency="EUR"))
    ()
    """
    where = f"quote {quote.number or quote.id}"
    problems = [problem for line in quote.lines for problem in _line_problems(where, quote.currency, line)]
    problems += _stated_problems(where, quote)
    if quote.stated_total is None or any(problem.severity is Severity.ERROR for problem in problems):
        return tuple(problems)
    summed = lines_total(quote)
    if summed is not None and summed != quote.stated_total:
        problems.append(
            Problem(
                where=where,
                field="stated_total",
                value=str(quote.stated_total),
                what="is not the sum of the lines",
                expected=str(summed),
            )
        )
    return tuple(problems)


def _stated_problems(where: str, quote: Quote) -> list[Problem]:
    stated = (("stated_total", quote.stated_total), ("stated_tax", quote.stated_tax))
    return [
        Problem(
            where=where,
            field=name,
            value=str(amount),
            what="is in another currency than the quote",
            expected=quote.currency.code,
            severity=Severity.ERROR,
        )
        for name, amount in stated
        if amount is not None and amount.currency != quote.currency
    ]


def _line_problems(where: str, code: Currency, line: QuoteLine) -> list[Problem]:
    spot = f"{where}, line {line.id}"
    if line.currency_code not in {None, code.code}:
        return [
            Problem(
                where=spot,
                field="unit_price",
                value=str(line.currency_code),
                what="is in another currency than the quote",
                expected=code.code,
                severity=Severity.ERROR,
            )
        ]
    if line.net_amount is not None:
        return []
    if line.tiers:
        what, expected = "lies beyond the last tier", f"at most {line.tiers[-1].up_to}"
        return [Problem(where=spot, field="quantity", value=str(line.quantity), what=what, expected=expected)]
    return [Problem(where=spot, field="unit_price", what="is missing")]
