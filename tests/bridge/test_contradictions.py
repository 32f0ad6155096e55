"""Every contradiction there is, both ways: found with its clause when it is there, silence when it is not.

Each row changes one thing between the two offers (or the two contracts), so that silence is not an accident.
Pain 22 of the field: a deal that promises what a contract forbids.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any, Final

import attrs
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.bridge.authority import DiscountAuthority
from clmcrm.bridge.checks import check_offer, check_opportunity
from clmcrm.bridge.findings import Finding
from clmcrm.bridge.offers import NOTHING_MORE, Promise, offer_of_opportunity, offer_of_quote
from clmcrm.bridge.promise_index import PromiseIndex
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment, AmendmentKind, Restatement
from clmcrm.clm.clauses import AnyClause, LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.price_clauses import PriceClause, PriceRevisionClause, TieredPriceClause, VolumeCommitment
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind
from clmcrm.crm.lines import OpportunityLine, QuoteLine
from clmcrm.crm.opportunity import Opportunity, OpportunityKind, OpportunityStage
from clmcrm.crm.quote import Quote
from clmcrm.parties.addresses import Address
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, LineId, OpportunityId, ProductId, QuoteId, UserId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier
from making import at, contract

TODAY: Final = date(2026, 1, 15)
SEAT, CALL = ProductId("seat"), ProductId("call")
ME, OTHER, SISTER = AccountId("A-1"), AccountId("A-2"), AccountId("A-3")
YEAR, MONTH = Tenor(years=1), Tenor(months=1)
K = RestrictionKind


def eur(amount: str) -> UnitPrice:
    return UnitPrice(amount, "EUR")


def line(price: str | None = "10", **more: Any) -> QuoteLine:
    facts: dict[str, Any] = {"id": LineId("1"), "product": SEAT, "unit_price": None if price is None else eur(price)}
    return QuoteLine(**(facts | more))


def quote(*lines: QuoteLine, **more: Any) -> Quote:
    facts: dict[str, Any] = {"id": QuoteId("Q-1"), "account": ME, "currency": "EUR", "lines": lines or (line(),)}
    return Quote(**(facts | more))


def sale(**more: Any) -> Opportunity:
    own = OpportunityLine(id=LineId("1"), product=SEAT, unit_price=eur("10"))
    facts: dict[str, Any] = {
        "id": OpportunityId("O"), "name": "more", "account": ME, "lines": (own,), "stage": OpportunityStage.PROPOSAL,
    }  # fmt: skip
    return Opportunity(**(facts | more))


def running(*clauses: AnyClause, **more: Any) -> Contract:
    return advance(contract(clauses=clauses, **more), e.RecordedAsExecuted(at("2024-05-20"), "archive"))


def towards(account: AccountId, *clauses: AnyClause, **more: Any) -> Contract:
    return running(*clauses, id=ContractId("C-2"), counterparty=account, **more)


def contract_line(price: str = "10", **more: Any) -> ContractLine:
    return ContractLine(id=LineId("1"), description="seats", product=SEAT, price=eur(price), **more)


def price(**more: Any) -> PriceClause:
    return PriceClause(product=SEAT, price=eur("10"), citation="annex 2", **more)


def restriction(kind: RestrictionKind, **more: Any) -> Restriction:
    return Restriction(kind=kind, citation="art. 4", **more)


TIERS: Final = (PriceTier(up_to=Decimal(10), price=eur("5")), PriceTier(up_to=Decimal(100), price=eur("4")))
CHEAPER: Final = (TIERS[0], PriceTier(up_to=Decimal(100), price=eur("3")))
FINE = PriceTier(price=UnitPrice("0.0035", "EUR"))
TIERED = TieredPriceClause(product=SEAT, model=PriceModel.VOLUME, tiers=TIERS, citation="annex 3")
COMMITTED = VolumeCommitment(per=YEAR, quantity=Decimal(120), unit="seats", product=SEAT, citation="art. 3")
SPENDS = VolumeCommitment(per=YEAR, amount=Money(2400, "EUR"), citation="art. 3")
CAP = LiabilityCap(amount=Money(100_000, "EUR"), citation="art. 12")
FEES_CAP = LiabilityCap(multiple=Decimal(2), citation="art. 12")
UNTIL_2026 = Span(date(2024, 6, 1), date(2026, 12, 31))
FRENCH = restriction(K.EXCLUSIVITY, territories=("FR",), products=(SEAT,))
BEST = restriction(K.MOST_FAVOURED_CUSTOMER)
ENDS = {"renewal": RenewalClause(kind=RenewalKind.NONE, citation="art. 9")}
LAST_YEAR = {"effective_on": date(2025, 6, 1), **ENDS}
NO_NOTICE = {"notice": NoticeClause(length=Tenor(months=3))}
IN_2025 = Span(date(2025, 1, 1), date(2025, 12, 31))
IN_2026, IN_2027 = Span(date(2026, 1, 1), date(2026, 12, 31)), Span(date(2027, 1, 1), date(2027, 12, 31))
MONEY_OFF = contract_line(quantity=Decimal(10), discount_amount=Money(20, "EUR"))
RAMPED = (
    contract_line(last_day=date(2026, 12, 31)),
    attrs.evolve(contract_line("12", first_day=date(2027, 1, 1)), id=LineId("2")),
)
HOUSE = DiscountAuthority(most=Decimal("0.1"), citation="discount policy", asks="the head of sales")


def grown(held: Contract, line: ContractLine, day: str) -> Contract:
    """The contract with a line added by an amendment."""
    more = Amendment(id=AmendmentId("A-1"), title="more", base_version=0, effective_on=date.fromisoformat(day),
                     lines_added=(line,))  # fmt: skip
    accepted = e.AmendmentAccepted(at(day), "clm", amendment=more.id, base_version=0, effective_on=more.effective_on)
    return advance(attrs.evolve(held, amendments=(more,)), accepted)


def changed(held: Contract, recorded: str, effective: date, **changes: Any) -> Contract:
    """The contract with an amendment accepted on the day `recorded`."""
    new = Amendment(id=AmendmentId("A-1"), title="changed", base_version=0, effective_on=effective, **changes)
    event = e.AmendmentAccepted(at(recorded), "clm", amendment=new.id, base_version=0, effective_on=effective)
    return advance(attrs.evolve(held, amendments=(new,)), event)


FEES_GROWN = grown(
    running(FEES_CAP, lines=(contract_line("1000", recurrence=MONTH),)),
    attrs.evolve(contract_line("500", recurrence=MONTH), id=LineId("2")), "2025-07-01",
)  # fmt: skip


@frozen(kw_only=True)
class Case:
    """One contradiction: the contract, an offer that contradicts it and one that does not."""

    name: str
    held: tuple[Contract, ...]
    bad: Quote | Opportunity
    good: Quote | Opportunity
    what: str
    cited: str
    severity: Severity = Severity.ERROR
    bad_promise: Promise = NOTHING_MORE
    good_promise: Promise = NOTHING_MORE
    authorities: tuple[DiscountAuthority, ...] = ()
    silent: tuple[Contract, ...] | None = None
    country: str | None = "FR"
    heads: dict[AccountId, AccountId] = attrs.field(factory=dict)


W, NOTE = Severity.WARNING, Severity.NOTE


def case(name: str, held: Contract | None, bad: Any, good: Any, what: str, **more: Any) -> Case:
    kept = () if held is None else (held,)
    return Case(name=name, held=kept, bad=bad, good=good, what=what, **{"cited": "art. 4", **more})


CASES: Final = (
    case("lower price", running(price()), quote(line("9")), quote(), "below the agreed", cited="annex 2"),
    case("higher price", running(price()), quote(line("11")), quote(), "above the agreed", cited="annex 2"),
    case("higher price, discount too small", running(price()), quote(line("12", discount=Decimal("0.1"))),
         quote(line("12.5", discount=Decimal("0.2"))), "above the agreed", cited="annex 2"),
    case("higher price, discount too great", running(price()), quote(line("12", discount=Decimal("0.2"))),
         quote(line("12.5", discount=Decimal("0.2"))), "below the agreed", cited="annex 2"),
    case("currency", running(price()), quote(line(unit_price=UnitPrice(10, "USD")), currency="USD"), quote(),
         "currency is not", cited="annex 2"),
    case("discount", running(price(max_discount=Decimal("0.1"))), quote(line(discount=Decimal("0.2"))),
         quote(line(discount=Decimal("0.1"))), "discount is above the agreed", cited="annex 2"),
    case("discount in money", running(price(max_discount=Decimal("0.1"))),
         quote(line(quantity=Decimal(10), discount_amount=Money(11, "EUR"))),
         quote(line(quantity=Decimal(10), discount_amount=Money(10, "EUR"))), "discount is above", cited="annex 2"),
    case("floor", running(price(floor=eur("9"))), quote(line(discount=Decimal("0.2"))),
         quote(line(discount=Decimal("0.1"))), "under the agreed floor", cited="annex 2"),
    case("floor by money off", running(price(floor=eur("9"))),
         quote(line(quantity=Decimal(10), discount_amount=Money("10.10", "EUR"))),
         quote(line(quantity=Decimal(10), discount_amount=Money(10, "EUR"))), "under the agreed floor",
         cited="annex 2"),
    case("flat price per unit", running(price()), quote(line("90", quantity=Decimal(10), price_model=PriceModel.FLAT)),
         quote(line("100", quantity=Decimal(10), price_model=PriceModel.FLAT)), "below the agreed", cited="annex 2"),
    case("lapsed price", running(price(valid=Span(date(2024, 6, 1), date(2025, 12, 31)))), quote(),
         quote(line("11")), "no longer valid", cited="annex 2"),
    case("lapsed price beside a current one", running(price(valid=IN_2025)), quote(), quote(),
         "no longer valid", cited="annex 2", silent=(running(price(valid=IN_2025), price(valid=IN_2026)),)),
    case("lapsed price beside a tiered one", running(price(valid=IN_2025)), quote(), quote(),
         "no longer valid", cited="annex 2", silent=(running(price(valid=IN_2025), TIERED),)),
    case("price that goes on in the next clause", running(price(valid=IN_2026)),
         quote(last_valid_day=date(2027, 1, 1)), quote(last_valid_day=date(2027, 1, 1)), "beyond the days",
         cited="annex 2", severity=W, silent=(running(price(valid=IN_2026), price(valid=IN_2027)),)),
    case("offer open beyond the price", running(price(valid=UNTIL_2026)), quote(last_valid_day=date(2027, 1, 1)),
         quote(last_valid_day=date(2026, 12, 31)), "beyond the days", cited="annex 2", severity=W),
    case("service begins after the price", running(price(valid=UNTIL_2026)),
         quote(line(service_first_day=date(2027, 1, 1))), quote(line(service_first_day=date(2026, 12, 31))),
         "beyond the days", cited="annex 2", severity=W),
    case("prices promised beyond their days", running(price(valid=UNTIL_2026)), quote(), quote(), "beyond the days",
         cited="annex 2", severity=W, bad_promise=Promise(prices_hold_until=date(2027, 3, 1)),
         good_promise=Promise(prices_hold_until=date(2026, 12, 31))),
    case("prices promised beyond a revision",
         running(PriceRevisionClause(every=YEAR, percent=Decimal(2), citation="art. 7")),
         quote(start_wanted_on=TODAY), quote(start_wanted_on=TODAY), "beyond their next revision", cited="art. 7",
         bad_promise=Promise(prices_hold_until=date(2026, 6, 1)),
         good_promise=Promise(prices_hold_until=date(2026, 5, 31))),
    case("tiers at the quantity", running(TIERED), quote(line("4", quantity=Decimal(10))),
         quote(line("4", quantity=Decimal(11))), "below the agreed", cited="annex 3"),
    case("tiers against tiers", running(TIERED),
         quote(line(None, quantity=Decimal(5), price_model=PriceModel.VOLUME, tiers=CHEAPER)),
         quote(line(None, quantity=Decimal(5), price_model=PriceModel.VOLUME, tiers=TIERS)), "below the agreed",
         cited="annex 3"),
    case("graduated against volume", running(TIERED),
         quote(line(None, quantity=Decimal(5), price_model=PriceModel.GRADUATED, tiers=TIERS)),
         quote(line(None, quantity=Decimal(5), price_model=PriceModel.VOLUME, tiers=TIERS)), "above the agreed",
         cited="annex 3"),
    case("tiers, too dear", running(TIERED), quote(line("5", quantity=Decimal(11))),
         quote(line("5", quantity=Decimal(10))), "above the agreed", cited="annex 3"),
    case("beyond the last tier", running(TIERED), quote(line("4", quantity=Decimal(101))),
         quote(line("4", quantity=Decimal(100))), "no price is agreed for so many", cited="annex 3", severity=W),
    case("tiers in another currency", running(TIERED), quote(line(unit_price=UnitPrice(5, "USD")), currency="USD"),
         quote(line("5")), "currency is not", cited="annex 3"),
    case("raised price that is held", running(restriction(K.PRICE), lines=(contract_line(),)), quote(line("11")),
         quote(line("10")), "is raised"),
    case("raised price per year", running(restriction(K.PRICE), lines=(contract_line("120", recurrence=YEAR),)),
         quote(line("11", recurs_every=MONTH)), quote(line("10", recurs_every=MONTH)), "is raised"),
    case("raised price after money off", running(restriction(K.PRICE), lines=(MONEY_OFF,)), quote(line("8.01")),
         quote(line("8")), "is raised"),
    case("raised price before the ramp rises", running(restriction(K.PRICE), lines=RAMPED), quote(line("11")),
         quote(line("12", service_first_day=date(2027, 1, 1))), "is raised"),
    case("raised price, the older line written last", running(restriction(K.PRICE), lines=RAMPED[::-1]),
         quote(line("11")), quote(line("10")), "is raised"),
    case("raised price of what ends before the new start",
         running(restriction(K.PRICE), lines=(contract_line(last_day=date(2026, 12, 31)),)),
         quote(line("11"), start_wanted_on=date(2027, 1, 1)), quote(line("10"), start_wanted_on=date(2027, 1, 1)),
         "is raised"),
    case("volume below the commitment", running(COMMITTED),
         sale(renews=ContractId("C-1"), start_wanted_on=date(2030, 1, 1),
              lines=(attrs.evolve(sale().lines[0], quantity=Decimal(9), recurs_every=MONTH),)),
         sale(kind=OpportunityKind.EXPANSION, renews=ContractId("C-1"),
              lines=(attrs.evolve(sale().lines[0], quantity=Decimal(9), recurs_every=MONTH),)),
         "below the agreed minimum", cited="art. 3", severity=W,
         silent=(running(attrs.evolve(COMMITTED, quantity=Decimal(108))),)),
    case("spend below the commitment", running(SPENDS), sale(renews=ContractId("C-1"),
         lines=(attrs.evolve(sale().lines[0], quantity=Decimal(19), recurs_every=MONTH),)),
         sale(renews=ContractId("C-1"),
         lines=(attrs.evolve(sale().lines[0], quantity=Decimal(20), recurs_every=MONTH),)),
         "below the agreed minimum", cited="art. 3", severity=W),
    case("volume restriction", running(restriction(K.VOLUME, products=(SEAT,))), quote(),
         quote(line(product=CALL)), "restriction of volume", severity=NOTE),
    case("more than may be bought", running(restriction(K.VOLUME, products=(SEAT,), maximum=Decimal(50))),
         quote(line(quantity=Decimal(30)), line(id=LineId("2"), quantity=Decimal(21))),
         quote(line(quantity=Decimal(30)), line(id=LineId("2"), quantity=Decimal(20))), "above the agreed maximum"),
    case("less than may be bought", running(restriction(K.VOLUME, minimum=Decimal(10), unit="seats")),
         quote(line(quantity=Decimal(9))), quote(line(quantity=Decimal(10))), "below the agreed minimum"),
    case("more in a year than may be bought",
         running(restriction(K.VOLUME, products=(SEAT,), maximum=Decimal(120), per=YEAR)),
         quote(line(quantity=Decimal(11), recurs_every=MONTH)), quote(line(quantity=Decimal(10), recurs_every=MONTH)),
         "above the agreed maximum"),
    case("an addition below the least order", running(restriction(K.VOLUME, minimum=Decimal(10))),
         sale(renews=ContractId("C-1"), lines=(attrs.evolve(sale().lines[0], quantity=Decimal(9)),)),
         sale(kind=OpportunityKind.EXPANSION, renews=ContractId("C-1"),
              lines=(attrs.evolve(sale().lines[0], quantity=Decimal(9)),)), "below the agreed minimum"),
    case("bounds in a place", running(restriction(K.VOLUME, maximum=Decimal(5), territories=("FR",))),
         quote(line(quantity=Decimal(6))), quote(line(quantity=Decimal(6)), shipping_address=Address(country="DE")),
         "above the agreed maximum"),
    case("bounds in a place, country unknown",
         running(restriction(K.VOLUME, maximum=Decimal(5), territories=("FR",))), quote(line(quantity=Decimal(6))),
         quote(line(quantity=Decimal(6)), shipping_address=Address(country="DE")), "above the agreed maximum",
         severity=W, country=None),
    case("bounds that have ended", running(restriction(K.VOLUME, maximum=Decimal(5))),
         quote(line(quantity=Decimal(6))), quote(line(quantity=Decimal(6))), "above the agreed maximum",
         silent=(running(restriction(K.VOLUME, maximum=Decimal(5), valid=Span(date(2024, 6, 1), date(2025, 6, 1)))),)),
    case("exclusivity", towards(OTHER, FRENCH), quote(), quote(line(product=CALL)), "exclusively to another"),
    case("exclusivity in a place", towards(OTHER, FRENCH), quote(),
         quote(shipping_address=Address(country="DE")), "exclusively to another"),
    case("exclusivity binds us", towards(OTHER, FRENCH), quote(), quote(), "exclusively to another",
         silent=(towards(OTHER, attrs.evolve(FRENCH, binds=Party.COUNTERPARTY)),)),
    case("exclusivity of everything", towards(OTHER, restriction(K.EXCLUSIVITY)), quote(), quote(),
         "exclusively to another", silent=(running(restriction(K.EXCLUSIVITY)),)),
    case("exclusivity in force", towards(OTHER, FRENCH), quote(), quote(), "exclusively to another",
         silent=(towards(OTHER, attrs.evolve(FRENCH, valid=Span(date(2024, 6, 1), date(2025, 6, 1)))),)),
    case("exclusivity, country unknown", towards(OTHER, FRENCH), quote(),
         quote(shipping_address=Address(country="DE")), "exclusively to another", severity=W, country=None),
    case("exclusivity within the group", towards(SISTER, FRENCH), quote(account=OTHER), quote(),
         "exclusively to another", heads={ME: AccountId("group"), SISTER: AccountId("group")}),
    case("non-compete", towards(OTHER, restriction(K.NON_COMPETE, territories=("FR",))), quote(),
         quote(shipping_address=Address(country="DE")), "undertook not to"),
    case("non-compete for a product", towards(OTHER, restriction(K.NON_COMPETE, products=(SEAT,))), quote(),
         quote(line(product=CALL)), "undertook not to"),
    case("first refusal", towards(OTHER, restriction(K.FIRST_REFUSAL, products=(SEAT,))), quote(),
         quote(line(product=CALL)), "right to be asked first", severity=W),
    case("resale territory", towards(OTHER, restriction(K.TERRITORY, territories=("DE",), products=(SEAT,)),
         kind=ContractKind.PARTNERSHIP), quote(), quote(shipping_address=Address(country="DE")), "may not resell"),
    case("most favoured, by clause", towards(OTHER, price(), BEST), quote(line("9")), quote(line("10")), "undercuts"),
    case("most favoured, by discount", towards(OTHER, price(), BEST), quote(line("12", discount=Decimal("0.25"))),
         quote(line("12", discount=Decimal("0.1"))), "undercuts"),
    case("most favoured, by line", towards(OTHER, BEST, lines=(contract_line(discount=Decimal("0.1")),)),
         quote(line("8.99")), quote(line("9")), "undercuts"),
    case("most favoured, by a line after money off", towards(OTHER, BEST, lines=(MONEY_OFF,)), quote(line("7.99")),
         quote(line("8")), "undercuts"),
    case("most favoured, by a line per year", towards(OTHER, BEST, lines=(contract_line("120", recurrence=YEAR),)),
         quote(line("9", recurs_every=MONTH)), quote(line("10", recurs_every=MONTH)), "undercuts"),
    case("most favoured, by a line per month", towards(OTHER, BEST, lines=(contract_line("10", recurrence=MONTH),)),
         quote(line("119", recurs_every=YEAR)), quote(line("9")), "undercuts"),
    case("most favoured, by the line after a clause that has lapsed",
         towards(OTHER, price(valid=IN_2025), BEST, lines=(contract_line(),)), quote(line("9")), quote(line("10")),
         "undercuts"),
    case("most favoured in a place, country unknown",
         towards(OTHER, price(), attrs.evolve(BEST, territories=("FR",))), quote(line("9")),
         quote(line("9"), shipping_address=Address(country="DE")), "undercuts", severity=W, country=None),
    case("most favoured, by tiers", towards(OTHER, TIERED, BEST), quote(line("4.5", quantity=Decimal(10))),
         quote(line("4.5", quantity=Decimal(11))), "undercuts"),
    case("most favoured, by a tier of less than a cent", towards(OTHER, attrs.evolve(TIERED, tiers=(FINE,)), BEST),
         quote(line("0.0034", quantity=Decimal(10))), quote(line("0.0035", quantity=Decimal(10))), "undercuts"),
    case("most favoured for a product", towards(OTHER, price(), attrs.evolve(BEST, products=(SEAT,))),
         quote(line("9")), quote(line("9")), "undercuts",
         silent=(towards(OTHER, price(), attrs.evolve(BEST, products=(CALL,))),)),
    case("territory", running(restriction(K.TERRITORY, territories=("DE",))), quote(),
         quote(shipping_address=Address(country="DE")), "outside the agreed territory"),
    case("territory, country unknown", running(restriction(K.TERRITORY, territories=("DE",))), quote(),
         quote(shipping_address=Address(country="DE")), "may be outside the agreed territory", severity=W,
         country=None),
    case("restricted product in a place, country unknown",
         running(restriction(K.PRODUCT, products=(SEAT,), territories=("FR",))), quote(),
         quote(shipping_address=Address(country="DE")), "product is restricted", severity=W, country=None),
    case("restricted product", running(restriction(K.PRODUCT, products=(SEAT,))), quote(),
         quote(line(product=CALL)), "product is restricted"),
    case("payment terms", running(PaymentClause(days=30, citation="art. 5")), quote(payment_within=Tenor(days=60)),
         quote(payment_within=Tenor(days=30)), "payment terms", cited="art. 5"),
    case("payment terms in months", running(PaymentClause(days=30, citation="art. 5")),
         quote(payment_within=Tenor(months=2)), quote(payment_within=Tenor(days=30)), "are not the agreed ones",
         cited="art. 5"),
    case("payment terms of a month", running(PaymentClause(days=30, citation="art. 5")),
         quote(payment_within=MONTH), quote(payment_within=Tenor(days=30)), "may not be the agreed ones",
         cited="art. 5", severity=W),
    case("liability", running(CAP), quote(), quote(), "more liability", cited="art. 12",
         bad_promise=Promise(liability=Money(100_001, "EUR")), good_promise=Promise(liability=Money(100_000, "EUR"))),
    case("unlimited liability", running(CAP), quote(), quote(), "more liability", cited="art. 12",
         bad_promise=Promise(unlimited=True)),
    case("liability by fees", running(FEES_CAP, lines=(contract_line("1000", recurrence=MONTH),)), quote(line(None)),
         quote(line(None)), "more liability", cited="art. 12", bad_promise=Promise(liability=Money(24_001, "EUR")),
         good_promise=Promise(liability=Money(24_000, "EUR"))),
    case("liability by the fees of lines added since", FEES_GROWN, quote(line(None)), quote(line(None)),
         "more liability", cited="art. 12", bad_promise=Promise(liability=Money(36_001, "EUR")),
         good_promise=Promise(liability=Money(36_000, "EUR"))),
    case("liability in another currency", running(CAP), quote(), quote(), "cannot be compared", cited="art. 12",
         severity=W, bad_promise=Promise(liability=Money(1, "USD")), good_promise=Promise(liability=Money(1, "EUR"))),
    case("renewal lock", running(**NO_NOTICE), sale(renews=ContractId("C-1"), start_wanted_on=date(2026, 3, 1)),
         sale(start_wanted_on=date(2026, 3, 1)), "still in force at the new start", cited=""),
    case("renewal lock until the end", running(**LAST_YEAR),
         sale(renews=ContractId("C-1"), start_wanted_on=date(2026, 5, 31)),
         sale(renews=ContractId("C-1"), start_wanted_on=date(2026, 6, 1)), "still in force at the new start",
         cited="art. 9"),
    case("expired frame", running(**ENDS), sale(renews=ContractId("C-1")), sale(), "has ended", cited="art. 9"),
    case("frame not signed", contract(), quote(contract=ContractId("C-1")), quote(), "not in force yet", cited="",
         severity=W),
    case("addition after the frame's end", running(**LAST_YEAR),
         sale(renews=ContractId("C-1"), kind=OpportunityKind.EXPANSION, start_wanted_on=date(2026, 6, 1)),
         sale(renews=ContractId("C-1"), kind=OpportunityKind.EXPANSION, start_wanted_on=date(2026, 5, 31)),
         "will have ended", cited="art. 9"),
    case("exclusivity promised twice",
         towards(OTHER, price(), service_address=Address(country="FR")), quote(), quote(),
         "what another customer already has", cited="",
         bad_promise=Promise(exclusive=True, products=(SEAT,), territories=("FR",)),
         good_promise=Promise(exclusive=True, products=(SEAT,), territories=("DE",))),
    case("exclusivity of everything promised",
         towards(OTHER, price(), service_address=Address(country="FR")), quote(), quote(),
         "what another customer already has", cited="",
         bad_promise=Promise(exclusive=True, territories=("FR",)),
         good_promise=Promise(exclusive=True, territories=("DE",))),
    case("exclusivity promised, place unknown", towards(OTHER, price()), quote(), quote(),
         "what another customer already has", cited="", severity=W,
         bad_promise=Promise(exclusive=True, products=(SEAT,), territories=("FR",)),
         good_promise=Promise(exclusive=True, products=(CALL,), territories=("FR",))),
    case("exclusivity promised for what we buy", towards(OTHER, lines=(contract_line(),)), quote(), quote(),
         "what another customer already has", cited="", bad_promise=Promise(exclusive=True),
         good_promise=Promise(exclusive=True),
         silent=(towards(OTHER, lines=(contract_line(),), kind=ContractKind.PROCUREMENT),)),
    case("exclusivity promised for what was supplied once",
         towards(OTHER, price(valid=IN_2026), lines=(contract_line(first_day=date(2027, 1, 1)),)), quote(), quote(),
         "what another customer already has", cited="", bad_promise=Promise(exclusive=True),
         good_promise=Promise(exclusive=True),
         silent=(towards(OTHER, price(valid=IN_2025), lines=(contract_line(last_day=date(2026, 1, 14)),)),)),
    case("discount authority", None, quote(line(discount=Decimal("0.15"))), quote(line(discount=Decimal("0.1"))),
         "above what its owner may grant", cited="discount policy", severity=W, authorities=(HOUSE,)),
    case("discount authority off the list price", None, quote(line("8", list_price=eur("10"))),
         quote(line("9", list_price=eur("10"))), "above what its owner may grant", cited="discount policy",
         severity=W, authorities=(HOUSE,)),
    case("discount authority on a flat price", None,
         quote(line("800", list_price=eur("1000"), quantity=Decimal(10), price_model=PriceModel.FLAT)),
         quote(line("900", list_price=eur("1000"), quantity=Decimal(10), price_model=PriceModel.FLAT)),
         "above what its owner may grant", cited="discount policy", severity=W, authorities=(HOUSE,)),
    case("discount authority of one person", None, quote(line(discount=Decimal("0.15")), owner=UserId("ann")),
         quote(line(discount=Decimal("0.15")), owner=UserId("bob")), "above what its owner may grant",
         cited="discount policy", severity=W,
         authorities=(HOUSE, attrs.evolve(HOUSE, holder=UserId("bob"), most=Decimal("0.2")))),
)  # fmt: skip


def findings(one: Case, *, bad: bool, indexed: bool = False) -> tuple[Finding, ...]:
    offered = one.bad if bad else one.good
    held = one.held if bad or one.silent is None else one.silent
    promise = one.bad_promise if bad else one.good_promise
    make: Any = offer_of_quote if isinstance(offered, Quote) else offer_of_opportunity
    offer = make(offered, one.country, {}, promise)
    if indexed:
        index = PromiseIndex(held, TODAY, authorities=one.authorities, heads=one.heads)
        return index.check_offer(offer)
    return check_offer(offer, held, TODAY, authorities=one.authorities, heads=one.heads)


def test_there_are_more_than_forty() -> None:
    assert len({one.name for one in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("one", CASES, ids=[one.name for one in CASES])
def test_pain_22_a_contradiction_is_found_with_its_clause(one: Case) -> None:
    found = [f for f in findings(one, bad=True) if one.what in f.what.en]
    assert len(found) == 1
    (it,) = found
    assert (it.citation, it.severity) == (one.cited, one.severity)
    assert it.contract == (one.held[0].id if one.held else None)
    for words in (it.field, it.offered, it.agreed, it.what, it.advice):
        assert words.en.strip()
        assert words.fr.strip()
    assert it.what.en != it.what.fr
    assert it.advice.en != it.advice.fr
    assert it.offered.en in str(it)
    assert it.agreed.fr in it.said("fr")


@pytest.mark.parametrize("one", CASES, ids=[one.name for one in CASES])
def test_what_does_not_contradict_is_silent(one: Case) -> None:
    assert [f for f in findings(one, bad=False) if one.what in f.what.en] == []


@pytest.mark.parametrize("one", CASES, ids=[one.name for one in CASES])
def test_the_index_finds_the_same(one: Case) -> None:
    for bad in (True, False):
        assert findings(one, bad=bad, indexed=True) == findings(one, bad=bad)


CLAUSES: Final = tuple(
    clause for one in CASES for held in (*one.held, *(one.silent or ())) for clause in held.clauses
)  # fmt: skip
ACCOUNTS: Final = (ME, OTHER, SISTER, None)


@st.composite
def portfolios(draw: st.DrawFn) -> list[Contract]:
    held: list[Contract] = []
    for n in range(draw(st.integers(0, 5))):
        clauses = draw(st.lists(st.sampled_from(CLAUSES), max_size=5))
        whose, kind = draw(st.sampled_from(ACCOUNTS)), draw(st.sampled_from(tuple(ContractKind)))
        made = contract(id=ContractId(f"C-{n}"), counterparty=whose, kind=kind, clauses=tuple(clauses),
                        lines=draw(st.sampled_from([(), (contract_line(),)])))  # fmt: skip
        signed = draw(st.booleans())
        held.append(advance(made, e.RecordedAsExecuted(at("2024-05-20"), "x")) if signed else made)
    return held


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    lines = tuple(
        line(draw(st.sampled_from(["8", "9", "10", "11"])), id=LineId(str(n)), discount=draw(st.sampled_from(
            [None, Decimal("0.1"), Decimal("0.3")])), product=draw(st.sampled_from([SEAT, CALL, None])))
        for n in range(draw(st.integers(1, 4)))
    )  # fmt: skip
    return quote(*lines, account=draw(st.sampled_from(ACCOUNTS)), payment_within=draw(st.sampled_from(
        [None, Tenor(days=30), Tenor(days=60)])),
        contract=draw(st.sampled_from([None, ContractId("C-0")])))  # fmt: skip


PROMISES: Final = tuple({id(p): p for one in CASES for p in (one.bad_promise, one.good_promise)}.values())


@given(portfolios(), quotes(), st.sampled_from(["FR", "DE", None]), st.sampled_from(PROMISES), st.booleans())
def test_an_index_is_only_faster(
    held: list[Contract], offered: Quote, country: str | None, promise: Promise, grouped: bool
) -> None:
    heads = {ME: AccountId("group"), SISTER: AccountId("group")} if grouped else {}
    offer = offer_of_quote(offered, country, {}, promise)
    one_by_one = check_offer(offer, held, TODAY, authorities=[HOUSE], heads=heads)
    index = PromiseIndex(held, TODAY, authorities=[HOUSE], heads=heads)
    assert index.check_offer(offer) == one_by_one


def test_a_line_without_a_product_is_named_by_its_id() -> None:
    offered = offer_of_quote(quote(line(product=None, discount=Decimal("0.3"))), "FR", {})
    (found,) = check_offer(offered, [], TODAY, authorities=[HOUSE])
    assert found.field.en == "discount on 1"
    named = check_offer(offer_of_quote(quote(line(discount=Decimal("0.3"))), "FR", {}), [], TODAY, authorities=[HOUSE])
    assert [one.field.fr for one in named] == ["remise sur seat"]


def test_a_most_favoured_customer_s_line_counts_only_while_it_is_charged() -> None:
    ended = contract_line(last_day=date(2025, 12, 31))
    offered = offer_of_quote(quote(line("5")), "FR", {})
    assert check_offer(offered, [towards(OTHER, BEST, lines=(ended,))], TODAY) == ()
    later = attrs.evolve(ended, id=LineId("2"), product=CALL, last_day=None)
    assert check_offer(offered, [towards(OTHER, BEST, lines=(ended, later))], TODAY) == ()
    current = attrs.evolve(ended, last_day=TODAY)
    assert len(check_offer(offered, [towards(OTHER, BEST, lines=(current,))], TODAY)) == 1


AT_12 = attrs.evolve(price(valid=IN_2027), price=eur("12"), citation="annex 3")


@pytest.mark.parametrize(
    ("offered", "starts", "found"),
    [
        ("10", None, None),
        ("10", date(2026, 12, 31), None),
        ("10", date(2027, 1, 1), ("annex 3", "12 EUR")),
        ("12", None, ("annex 2", "10 EUR")),
        ("12", date(2026, 12, 31), ("annex 2", "10 EUR")),
        ("12", date(2027, 1, 1), None),
        ("10", date(2025, 6, 1), None),  # a wish that has passed: what is agreed now counts
        ("9", date(2025, 6, 1), ("annex 2", "10 EUR")),
    ],
)
def test_a_service_of_next_year_is_offered_at_the_price_of_next_year(
    offered: str, starts: date | None, found: tuple[str, str] | None
) -> None:
    """docs/howto/check_an_offer: a price is held against the one of the day the offered service begins."""
    held = [running(attrs.evolve(price(valid=IN_2025), price=eur("9")), price(valid=IN_2026), AT_12)]
    wishes: dict[str, Any] = {} if starts is None else {"start_wanted_on": starts}
    for said in (quote(line(offered, service_first_day=starts)), quote(line(offered), **wishes)):
        offer = offer_of_quote(said, None, {})
        findings = check_offer(offer, held, TODAY)
        assert [(one.citation, one.agreed.en) for one in findings] == ([] if found is None else [found])
        assert PromiseIndex(held, TODAY).check_offer(offer) == findings


NEXT_YEAR = date(2027, 1, 1)
SAID_12 = attrs.evolve(price(), price=eur("12"), citation="annex 3")


@pytest.mark.parametrize(
    "held",
    [
        changed(running(price()), "2026-01-10", NEXT_YEAR, drops_citations=("annex 2",), adds=(SAID_12,)),
        changed(running(price()), "2026-01-10", NEXT_YEAR, kind=AmendmentKind.RESTATES,
                restated=Restatement(clauses=(SAID_12,))),
        running(price(valid=IN_2026), attrs.evolve(SAID_12, first_day=NEXT_YEAR)),
        changed(running(price(valid=IN_2026)), "2026-01-10", date(2026, 1, 12),
                adds=(attrs.evolve(SAID_12, first_day=NEXT_YEAR),)),
    ],
    ids=["amended", "restated", "begins later", "added, begins later"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("offered", "starts", "found"),
    [("10", None, None), ("12", None, "10 EUR"), ("10", NEXT_YEAR, "12 EUR"), ("12", NEXT_YEAR, None),
     ("10", date(2026, 12, 31), None), ("12", date(2026, 12, 31), "10 EUR")],
)  # fmt: skip
def test_a_price_agreed_for_next_year_counts_for_a_service_of_next_year(
    held: Contract, offered: str, starts: date | None, found: str | None
) -> None:
    offer = offer_of_quote(quote(line(offered, service_first_day=starts)), None, {})
    findings = check_offer(offer, [held], TODAY)
    assert [one.agreed.en for one in findings] == ([] if found is None else [found])
    assert PromiseIndex([held], TODAY).check_offer(offer) == findings


def test_a_price_agreed_for_later_is_not_known_before_it_was_recorded() -> None:
    held = changed(running(price()), "2026-01-20", NEXT_YEAR, drops_citations=("annex 2",), adds=(SAID_12,))
    offer = offer_of_quote(quote(line("10", service_first_day=NEXT_YEAR)), None, {})
    for day, found in ((date(2026, 1, 19), 0), (date(2026, 1, 20), 1)):
        assert len(check_offer(offer, [held], day)) == found


def test_a_price_that_an_amendment_takes_away_holds_until_then() -> None:
    ends = changed(running(price()), "2026-01-10", NEXT_YEAR, drops_citations=("annex 2",))
    (found,) = check_offer(offer_of_quote(quote(last_valid_day=NEXT_YEAR), None, {}), [ends], TODAY)
    assert (found.severity, found.agreed.en) == (Severity.WARNING, "10 EUR until 2026-12-31")
    assert check_offer(offer_of_quote(quote(last_valid_day=date(2026, 12, 31)), None, {}), [ends], TODAY) == ()
    best = towards(OTHER, BEST, price())
    lasts = attrs.evolve(changed(best, "2026-01-10", NEXT_YEAR, drops_citations=("annex 2",)), id=ContractId("C-9"))
    cheaper = offer_of_quote(quote(line("9")), None, {})
    assert [one.what for one in check_offer(cheaper, [lasts], TODAY)] == [
        one.what for one in check_offer(cheaper, [best], TODAY)
    ]


def test_a_tier_of_next_year_is_held_against_a_service_of_next_year() -> None:
    held = [running(price(valid=IN_2026), attrs.evolve(TIERED, valid=IN_2027))]
    offered = line("5", quantity=Decimal(10), service_first_day=date(2027, 1, 1))
    assert check_offer(offer_of_quote(quote(offered), None, {}), held, TODAY) == ()
    (found,) = check_offer(offer_of_quote(quote(attrs.evolve(offered, unit_price=eur("4"))), None, {}), held, TODAY)
    assert found.citation == "annex 3"


@pytest.mark.parametrize("starts", [None, date(2026, 2, 1)])
@pytest.mark.parametrize(("until", "revised"), [(date(2026, 5, 31), None), (date(2026, 6, 1), "revised on 2026-06-01")])
def test_a_revision_that_has_been_is_no_reason_against_a_price_promised_now(
    starts: date | None, until: date, revised: str | None
) -> None:
    held = running(
        PriceRevisionClause(every=YEAR, percent=Decimal(3), citation="art. 5")
    )  # revised on 1 June 2025, too
    wishes: dict[str, Any] = {} if starts is None else {"start_wanted_on": starts}
    offer = offer_of_quote(quote(**wishes), None, {}, Promise(prices_hold_until=until))
    assert [one.agreed.en for one in check_offer(offer, [held], TODAY)] == ([] if revised is None else [revised])


@pytest.mark.parametrize(
    ("within", "severity"),
    [
        (Tenor(days=29), Severity.ERROR), (Tenor(days=30), Severity.WARNING), (Tenor(days=60), Severity.WARNING),
        (Tenor(days=61), Severity.ERROR), (Tenor(months=1), Severity.WARNING), (Tenor(months=2), Severity.WARNING),
        (Tenor(months=3), Severity.ERROR), (None, None),
    ],
)  # fmt: skip
def test_thirty_days_end_of_month_are_not_thirty_days(within: Tenor | None, severity: Severity | None) -> None:
    """An invoice of 1 January may stay unpaid for 30 days, to the 31st; one of 2 January for 57, to 28 February."""
    held = running(PaymentClause(days=30, end_of_month=True, citation="art. 5"))
    found = check_offer(offer_of_quote(quote(payment_within=within), None, {}), [held], TODAY)
    assert [one.severity for one in found] == ([] if severity is None else [severity])
    assert all(one.agreed.en == "30 days, end of month" and one.agreed.fr == "30 jours, fin de mois" for one in found)


@pytest.mark.parametrize(
    ("offered", "found"),
    [("8", "12 EUR"), ("11", "12 EUR"), ("12", None)],
)
def test_of_a_most_favoured_customer_s_lines_the_dearest_comparable_one_counts(offered: str, found: str | None) -> None:
    """In whichever order they stand: a set-up fee, or a line in dollars, is no reason for silence."""
    lines = (
        contract_line("500"),
        contract_line("10", recurrence=MONTH),
        contract_line("144", recurrence=YEAR),
        attrs.evolve(contract_line(recurrence=MONTH), price=UnitPrice("99", "USD")),
    )
    offer = offer_of_quote(quote(line(offered, recurs_every=MONTH)), "FR", {})
    for order in permutations(lines):
        held = [towards(OTHER, BEST, lines=tuple(attrs.evolve(o, id=LineId(str(i))) for i, o in enumerate(order)))]
        findings = check_offer(offer, held, TODAY)
        assert [one.agreed.en for one in findings] == ([] if found is None else [found])
        assert PromiseIndex(held, TODAY).check_offer(offer) == findings


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (price(), quote(line("12"))),
        (PaymentClause(days=30, citation="art. 5"), quote(line(), payment_within=Tenor(days=60))),
    ],
    ids=["price", "payment"],
)
def test_a_clause_that_comes_into_force_later_binds_no_offer_before(clause: AnyClause, said: Quote) -> None:
    for first, found in ((TODAY, 1), (TODAY + timedelta(days=1), 0)):
        held = [running(attrs.evolve(clause, first_day=first))]
        offer = offer_of_quote(said, None, {})
        assert len(check_offer(offer, held, TODAY)) == len(PromiseIndex(held, TODAY).check_offer(offer)) == found


def test_a_restriction_holds_from_its_first_day_on() -> None:
    for first, found in ((TODAY, 1), (date(2026, 1, 16), 0)):
        held = [towards(OTHER, attrs.evolve(FRENCH, first_day=first))]
        offer = offer_of_quote(quote(), "FR", {})
        assert len(check_offer(offer, held, TODAY)) == len(PromiseIndex(held, TODAY).check_offer(offer)) == found


def test_a_promise_is_kept_to_whoever_took_the_place_of_the_party() -> None:
    mine = towards(OTHER, price())
    mine = attrs.evolve(mine, events=(*mine.events, e.PartyAssigned(at("2026-01-10"), "clm", to=ME)))
    offered = sale(lines=(OpportunityLine(id=LineId("1"), product=SEAT, unit_price=eur("9")),))
    for day, found in ((date(2026, 1, 9), 0), (date(2026, 1, 10), 1)):
        assert len(check_opportunity(offered, [mine], day)) == found
        assert len(PromiseIndex([mine], day).check_opportunity(offered)) == found


def test_a_notice_that_was_given_ends_the_contract_where_it_reached_whatever_is_amended_later() -> None:
    """docs/explanation/amendments: what is amended later moves no end that is settled."""
    notice = e.NonRenewalNotified(at("2025-02-15"), "clm", served_on=date(2025, 2, 15), side=Party.COUNTERPARTY)
    longer = NoticeClause(length=Tenor(months=6))
    held = changed(advance(running(), notice), "2025-03-10", date(2025, 3, 15), notice=longer)
    for starts, adds, found in (
        (date(2025, 5, 31), False, 1), (date(2025, 6, 1), False, 0),
        (date(2025, 5, 31), True, 0), (date(2025, 6, 1), True, 1),
    ):  # fmt: skip
        kind = OpportunityKind.EXPANSION if adds else None
        offered = sale(lines=(), renews=held.id, start_wanted_on=starts, kind=kind)
        for findings in (
            check_opportunity(offered, [held], date(2025, 4, 1)),
            PromiseIndex([held], date(2025, 4, 1)).check_opportunity(offered),
        ):
            assert len(findings) == found
            assert all("2025-05-31" in one.agreed.en for one in findings)


@pytest.mark.parametrize(
    ("held", "said", "severity"),
    [
        (advance(running(**ENDS), e.Archived(at("2026-01-10"), "clm")), "has ended", Severity.ERROR),
        (running(effective_on=Unknown("the page is missing")), "not known whether the frame", Severity.WARNING),
        (running(), None, None),
    ],
    ids=["archived", "unknown", "in force"],
)
def test_no_offer_is_made_in_silence_under_a_frame_that_may_not_hold(
    held: Contract, said: str | None, severity: Severity | None
) -> None:
    offered = sale(renews=held.id)
    found = check_opportunity(offered, [held], TODAY)
    assert [one.severity for one in found] == ([] if severity is None else [severity])
    assert all(said is not None and said in one.what.en for one in found)
    assert PromiseIndex([held], TODAY).check_opportunity(offered) == found


@pytest.mark.parametrize(
    ("held", "english", "french"),
    [
        (running(**ENDS), "its last term ended; its last day was 2025-05-31", "échu, dernier jour le 2025-05-31"),
        (advance(running(**ENDS), e.Archived(at("2026-01-10"), "clm")), "by Archived", "archivé"),
        (contract(), "new", "nouveau"),
    ],
    ids=["expired", "archived", "not signed"],
)
def test_how_a_frame_stands_is_said_in_both_languages(held: Contract, english: str, french: str) -> None:
    """In French it stood in English: "CT-024, sec. 2 : its last term ended"."""
    (found,) = check_opportunity(sale(renews=held.id), [held], TODAY)
    assert (found.agreed.en, found.agreed.fr) == (english, french)


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        ({}, ["still in force at the new start", "volume stays below"]),
        ({"quote": QuoteId("Q-1")}, []),
        ({"opportunity": OpportunityId("O")}, []),
        ({"quote": QuoteId("Q-2"), "opportunity": OpportunityId("P")}, ["still in force", "volume stays below"]),
    ],
)
def test_a_quote_does_not_replace_the_contract_that_came_of_it(origin: dict[str, Any], found: list[str]) -> None:
    """`WantedTerms.contract` is the contract that came of it."""
    held = running(COMMITTED, **origin)
    offered = quote(
        line(quantity=Decimal(5)), opportunity=OpportunityId("O"), contract=held.id, start_wanted_on=date(2026, 1, 1)
    )
    offer = offer_of_quote(offered, None, {})
    said = check_offer(offer, [held], TODAY)
    assert len(said) == len(found)
    assert all(any(words in one.what.en for one in said) for words in found)
    assert PromiseIndex([held], TODAY).check_offer(offer) == said
    draft = contract(**origin)
    assert len(check_offer(offer, [draft], TODAY)) == (1 if found else 0)


def test_an_offer_may_be_made_under_one_contract_and_replace_another() -> None:
    held = [running(**ENDS), attrs.evolve(running(), id=ContractId("C-3"))]
    both = attrs.evolve(
        offer_of_quote(quote(start_wanted_on=date(2026, 3, 1)), None, {}), under=held[0].id, replaces=held[1].id
    )
    found = check_offer(both, held, TODAY)
    assert [(one.contract, one.what.en.partition(" it is")[0]) for one in found] == [
        ("C-1", "the frame agreement"), ("C-3", "the contract to be replaced is still in force at the new start"),
    ]  # fmt: skip
    assert PromiseIndex(held, TODAY).check_offer(both) == found


def test_an_offer_is_held_against_what_was_recorded_by_the_day() -> None:
    """docs/explanation/two_axes: a question about a day is answered by what was recorded until then."""
    held = changed(running(), "2025-06-10", date(2025, 1, 1), adds=(price(),))
    offered = offer_of_quote(quote(line("9")), None, {})
    for day, found in ((date(2025, 6, 9), 0), (date(2025, 6, 10), 1)):
        assert len(check_offer(offered, [held], day)) == len(PromiseIndex([held], day).check_offer(offered)) == found


def test_an_opportunity_and_its_index_agree() -> None:
    held = [towards(OTHER, FRENCH), running(price())]
    offered = sale(lines=(OpportunityLine(id=LineId("1"), product=SEAT, unit_price=eur("9")),))
    found = check_opportunity(offered, held, TODAY, country="FR")
    assert len(found) == 2
    assert PromiseIndex(held, TODAY).check_opportunity(offered, country="FR") == found


def test_a_promise_cannot_be_both_limited_and_unlimited() -> None:
    with pytest.raises(ValueError, match="unlimited"):
        _ = Promise(liability=Money(1, "EUR"), unlimited=True)
