"""How fast a quote is checked against a portfolio, through the index and clause by clause, in one run.

Both ways find the same, which a checksum over every finding's words proves; figures are CPU time, the median
of interleaved rounds. Run it as `python benchmarks/checks.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import median
from time import process_time

from clmcrm.bridge.authority import DiscountAuthority
from clmcrm.bridge.checks import check_offer
from clmcrm.bridge.findings import Finding
from clmcrm.bridge.offers import Offer, offer_of_quote
from clmcrm.bridge.promise_index import PromiseIndex
from clmcrm.clm import events as e
from clmcrm.clm.clauses import AnyClause, LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.price_clauses import PriceClause, TieredPriceClause, VolumeCommitment
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.crm.lines import QuoteLine
from clmcrm.crm.quote import Quote
from clmcrm.values.ids import AccountId, ContractId, LineId, ProductId, QuoteId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier

TODAY = date(2026, 1, 15)
LINES, CONTRACTS, ACCOUNTS, PRODUCTS = 200, 500, 120, 400
ROUNDS = 9
COUNTRIES = ("FR", "DE", "ES", "IT", "BE", "NL")
SIGNED_AT = datetime(2024, 5, 20, 12, tzinfo=UTC)


def product(n: int) -> ProductId:
    """One of the products, the same one for the same number."""
    return ProductId(f"P-{n % PRODUCTS}")


def price(n: int) -> UnitPrice:
    """What a product costs in every contract."""
    return UnitPrice(Decimal(10 + n % 37), "EUR")


def clauses(n: int) -> tuple[AnyClause, ...]:
    """Eleven clauses of contract number `n`: prices, tiers, payment, a cap, a commitment, restrictions."""
    places = (COUNTRIES[n % 6], COUNTRIES[(n + 1) % 6])
    restricted = (product(7 * n), product(7 * n + 1))
    kinds = (RestrictionKind.EXCLUSIVITY, RestrictionKind.MOST_FAVOURED_CUSTOMER, RestrictionKind.FIRST_REFUSAL)
    tiers = (PriceTier(up_to=Decimal(10), price=price(n)), PriceTier(price=price(n)))
    return (
        *(PriceClause(product=product(5 * n + k), price=price(5 * n + k), citation=f"annex {k}") for k in range(5)),
        TieredPriceClause(product=product(5 * n + 5), model=PriceModel.VOLUME, tiers=tiers, citation="annex 9"),
        PaymentClause(days=30, citation="art. 5"),
        LiabilityCap(amount=Money(100_000, "EUR"), citation="art. 12"),
        VolumeCommitment(per=Tenor(years=1), quantity=Decimal(100), product=product(n), citation="art. 3"),
        Restriction(kind=kinds[n % 3], territories=places, products=restricted, citation="art. 4"),
        Restriction(kind=RestrictionKind.TERRITORY, territories=(*places, "FR"), citation="art. 6"),
    )


def contract(n: int) -> Contract:
    """A contract in force with one of the accounts."""
    return Contract(
        id=ContractId(f"C-{n}"),
        title="supply",
        kind=ContractKind.SALES,
        counterparty=AccountId(f"A-{n % ACCOUNTS}"),
        effective_on=date(2024, 6, 1),
        term=TermClause(initial=Tenor(years=1)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1)),
        notice=NoticeClause(length=Tenor(months=3)),
        clauses=clauses(n),
        events=(e.RecordedAsExecuted(SIGNED_AT, "archive"),),
    )


def offered(n: int, off: str) -> QuoteLine:
    """A line at the agreed price less a share `off`, so that some undercut and the others do not."""
    return QuoteLine(
        id=LineId(str(n)), product=product(n), unit_price=price(n), quantity=Decimal(1 + n % 20), discount=Decimal(off)
    )


def quote(lines: int, off: str) -> Quote:
    """A quote to one of the accounts."""
    made = tuple(offered(n, off if n % 10 == 0 else "0") for n in range(lines))
    return Quote(id=QuoteId("Q-1"), account=AccountId("A-3"), currency="EUR", lines=made, payment_within=Tenor(days=45))


PORTFOLIO = [contract(n) for n in range(CONTRACTS)]
HOUSE = (DiscountAuthority(most=Decimal("0.15"), citation="discount policy"),)


def timed(way: Callable[[], tuple[Finding, ...]]) -> tuple[float, int, int]:
    """CPU seconds, how many findings, and the checksum of their words in both languages."""
    began = process_time()
    found = way()
    spent = process_time() - began
    words = "\n".join(one.said("en") + one.said("fr") for one in found)
    return spent, len(found), zlib.crc32(words.encode())


def main() -> None:
    """Check the quote both ways in turn, prove the findings equal, and print the figures."""
    began = process_time()
    index = PromiseIndex(PORTFOLIO, TODAY, authorities=HOUSE)
    building = process_time() - began
    asked = quote(LINES, "0.2")

    def from_quote() -> tuple[Finding, ...]:
        return index.check_quote(asked, country="FR")

    offer: Offer = offer_of_quote(asked, "FR", {})
    ways: dict[str, Callable[[], tuple[Finding, ...]]] = {
        "indexed, from the quote": from_quote,
        "indexed, offer at hand": lambda: index.check_offer(offer),
        "clause by clause": lambda: check_offer(offer, PORTFOLIO, TODAY, authorities=HOUSE),
    }
    rounds = [[timed(way) for way in ways.values()] for _ in range(ROUNDS)]
    sums = {(found, checksum) for one in rounds for _, found, checksum in one}
    if len(sums) != 1:
        raise SystemExit(f"the findings differ: {sums}")
    found, checksum = sums.pop()
    milli = [median(one[k][0] for one in rounds) * 1000 for k in range(len(ways))]
    print(f"{LINES} lines x {CONTRACTS} contracts of {len(clauses(0))} clauses, {ROUNDS} rounds")
    print(f"{found} findings each way, checksum {checksum:08x}; index built in {building * 1000:.0f} ms")
    print(f"{'way':<28}{'ms of CPU':>12}{'ratio':>8}")
    for name, cost in zip(ways, milli, strict=True):
        print(f"{name:<28}{cost:>12.2f}{cost / milli[0]:>8.1f}")


if __name__ == "__main__":
    main()
