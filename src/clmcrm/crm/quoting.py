"""From a sale to its quote and on to its next version, without keying anything in again.

The rule of the file: a quote that went out is never changed; a new version takes its place and says so.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import attrs
from attrs import evolve

from clmcrm.crm.lines import QuoteLine, SalesLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote, QuoteStatus
from clmcrm.crm.wanted import WantedTerms
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.days import check_days
from clmcrm.values.ids import QuoteId

_OPEN: Final = frozenset({QuoteStatus.SENT, QuoteStatus.APPROVED})
_OVER: Final = frozenset({QuoteStatus.ACCEPTED, QuoteStatus.SIGNED, QuoteStatus.DECLINED, QuoteStatus.WITHDRAWN})


def quote_of(opportunity: Opportunity, quote: QuoteId, issued_on: date, *, last_valid_day: date | None = None) -> Quote:
    """A draft quote of `opportunity`: its lines, its contract wishes, its account, owner and price book.

    Each line names the sale's line it came from. Raises `InvalidRecord` for a sale without a currency.

    >>> from clmcrm.values.ids import OpportunityId
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", currency="EUR")
    >>> quote_of(sale, QuoteId("q"), date(2026, 5, 7)).status.value
    'draft'
    """
    check_days("quote_of", issued_on=issued_on)
    if last_valid_day is not None:
        check_days("quote_of", last_valid_day=last_valid_day)
    if opportunity.currency is None:
        raise InvalidRecord(f"Opportunity {opportunity.id}", "currency", None, "the currency to quote in")
    wishes = {name: getattr(opportunity, name) for name in attrs.fields_dict(WantedTerms) if name not in _OWN_FIELDS}
    return Quote(
        id=quote,
        name=opportunity.name,
        account=opportunity.account,
        opportunity=opportunity.id,
        owner=opportunity.owner,
        unit=opportunity.unit,
        status=QuoteStatus.DRAFT,
        version=1,
        issued_on=issued_on,
        last_valid_day=last_valid_day,
        currency=opportunity.currency,
        price_book=opportunity.price_book,
        lines=tuple(_quoted(line) for line in opportunity.lines),
        **wishes,
    )


_OWN_FIELDS: Final = frozenset({"refs", "extras", "provenance"})


def _quoted(line: SalesLine) -> QuoteLine:
    values = {name: getattr(line, name) for name in attrs.fields_dict(SalesLine) if name not in _OWN_FIELDS}
    return QuoteLine(**values, opportunity_line=line.id)


def next_version(quote: Quote, new: QuoteId, issued_on: date) -> tuple[Quote, Quote]:
    """The old quote as superseded, and its next version as a draft with the same content.

    Raises `TransitionNotAllowed` for a quote that was accepted, declined or withdrawn, and for one that has a next
    version already.

    >>> old, new = next_version(Quote(id=QuoteId("q"), currency="EUR", version=1), QuoteId("q2"), date(2026, 5, 7))
    >>> old.status.value, new.version
    ('superseded', 2)
    """
    check_days("next_version", issued_on=issued_on)
    if quote.status in {*_OVER, QuoteStatus.SUPERSEDED}:
        raise TransitionNotAllowed(f"quote {quote.id}", "next version", quote.status.value, [])
    later = evolve(
        quote,
        id=new,
        status=QuoteStatus.DRAFT,
        status_raw=None,
        version=(quote.version or 1) + 1,
        issued_on=issued_on,
        last_valid_day=None,
        accepted_on=None,
        signers_completed=None,
        refs=(),
        extras=(),
        provenance=(),
    )
    return evolve(quote, status=QuoteStatus.SUPERSEDED), later


def accepted(quote: Quote, on: date) -> Quote:
    """`quote` as accepted on the day `on`.

    Raises `TransitionNotAllowed` unless it was sent or approved, and after its last valid day.

    >>> sent = Quote(id=QuoteId("q"), currency="EUR", status=QuoteStatus.SENT)
    >>> accepted(sent, date(2026, 5, 7)).status.value
    'accepted'
    """
    check_days("accepted", on=on)
    why = [f"it lapsed after {quote.last_valid_day}"] if quote.lapsed(on) else []
    if quote.issued_on is not None and on < quote.issued_on:
        why.append(f"it was issued on {quote.issued_on}")
    if quote.status not in _OPEN or why:
        raise TransitionNotAllowed(f"quote {quote.id}", "acceptance", quote.status.value, [], why)
    return evolve(quote, status=QuoteStatus.ACCEPTED, accepted_on=on)
