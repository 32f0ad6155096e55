"""Does what is offered contradict what was promised? Each finding names the clause and both values.

Two kinds of contract matter to an offer: those with the same account (prices, discounts, payment terms,
renewals that cannot be left), and those with others that bind us (exclusivity, most favoured customer).
Only contracts in force on the day count; silence means that nothing contradicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from attrs import frozen

from clmcrm.bridge.offers import Names, Offer, OfferLine, offer_of_opportunity, offer_of_quote
from clmcrm.clm.clauses import PaymentClause, PriceClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.stages import ACTIVE, Stage
from clmcrm.clm.versions import as_amended
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.values.ids import ContractId
from clmcrm.values.problems import Severity


@frozen(kw_only=True)
class Finding:
    """One contradiction: the offer says `offered`, the contract's clause `citation` says `agreed`.

    `field` is the offer's field it is about, `what` the contradiction in words, `advice` what to do.
    """

    offer: str
    contract: ContractId
    citation: str
    field: str
    offered: str
    agreed: str
    what: str
    advice: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """One line for a person."""
        where = f"{self.contract}, {self.citation}" if self.citation else self.contract
        return f"{self.offer}: {self.what} ({self.field} {self.offered}; {where}: {self.agreed}). {self.advice}"


def check_quote(
    quote: Quote,
    contracts: Iterable[Contract],
    as_of: date,
    *,
    country: str | None = None,
    names: Names | None = None,
) -> tuple[Finding, ...]:
    """Every contradiction between `quote` and the contracts in force on `as_of`.

    `country` is where the offer is delivered (ISO 3166; None: not known, and then a restriction to a
    territory is reported as one to look at); `names` call the other customers in what is found.
    """
    return _check(offer_of_quote(quote, country, names or {}), contracts, as_of)


def check_opportunity(
    opportunity: Opportunity,
    contracts: Iterable[Contract],
    as_of: date,
    *,
    country: str | None = None,
    names: Names | None = None,
) -> tuple[Finding, ...]:
    """Every contradiction between an opportunity's lines and wishes and the contracts in force on `as_of`."""
    return _check(offer_of_opportunity(opportunity, country, names or {}), contracts, as_of)


def _check(offer: Offer, contracts: Iterable[Contract], as_of: date) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for contract in contracts:
        stage = stage_of(contract, as_of).stage
        current = as_amended(contract, as_of)
        own = contract.counterparty == offer.account and offer.account is not None
        if own and stage is Stage.EXPIRED and contract.id == offer.under:
            found.append(_expired(offer, contract, as_of))
        if stage not in ACTIVE:
            continue
        if own:
            found.extend(_with_the_account(offer, current, as_of))
        else:
            found.extend(_with_others(offer, current, as_of))
    return tuple(found)


def _with_the_account(offer: Offer, contract: Contract, as_of: date) -> Iterator[Finding]:
    for clause in contract.clauses:
        if isinstance(clause, PriceClause):
            yield from _prices(offer, contract, clause, as_of)
        elif isinstance(clause, PaymentClause):
            yield from _payment(offer, contract, clause)
        elif isinstance(clause, Restriction):
            yield from _restricted(offer, contract, clause, as_of)
    yield from _renewal_lock(offer, contract, as_of)


def _with_others(offer: Offer, contract: Contract, as_of: date) -> Iterator[Finding]:
    for clause in contract.clauses:
        if not isinstance(clause, Restriction) or not _binds_us(clause, as_of):
            continue
        if clause.kind is RestrictionKind.EXCLUSIVITY:
            yield from _exclusivity(offer, contract, clause)
        elif clause.kind is RestrictionKind.MOST_FAVOURED_CUSTOMER:
            yield from _most_favoured(offer, contract, clause, as_of)


def _prices(offer: Offer, contract: Contract, clause: PriceClause, as_of: date) -> Iterator[Finding]:
    for line in _lines_for(offer, (clause.product,)):
        if clause.valid is not None and as_of not in clause.valid:
            if clause.valid.last_day is not None and clause.valid.last_day < as_of and line.price == clause.price:
                yield _finding(
                    offer, contract, clause.citation,
                    (f"price of {line.product}", str(line.price), f"{clause.price} until {clause.valid.last_day}"),
                    what="the agreed price is no longer valid",
                    advice="Use a current price or have the clause extended.",
                )  # fmt: skip
            continue
        yield from _price_of_line(offer, contract, clause, line)


def _price_of_line(offer: Offer, contract: Contract, clause: PriceClause, line: OfferLine) -> Iterator[Finding]:
    name = f"price of {line.product}"
    if line.price is not None and line.price.currency != clause.price.currency:
        yield _finding(
            offer, contract, clause.citation, (name, str(line.price), str(clause.price)),
            what="the currency is not the agreed one", advice="Quote in the contract's currency.",
        )  # fmt: skip
        return
    if line.price is not None and line.price.amount != clause.price.amount:
        higher = line.price.amount > clause.price.amount
        yield _finding(
            offer, contract, clause.citation, (name, str(line.price), str(clause.price)),
            what=f"the price is {'above' if higher else 'below'} the agreed one",
            advice="Use the agreed price, or amend the contract first.",
        )  # fmt: skip
    net = line.net_price
    if clause.floor is not None and net is not None and net < clause.floor.amount:
        yield _finding(
            offer, contract, clause.citation, (name, f"{net} {clause.floor.currency} net", str(clause.floor)),
            what="the price after discount is under the agreed floor", advice="Lower the discount.",
        )  # fmt: skip
    if clause.max_discount is not None and line.discount > clause.max_discount:
        yield _finding(
            offer, contract, clause.citation,
            (f"discount on {line.product}", f"{line.discount:%}", f"at most {clause.max_discount:%}"),
            what="the discount is above the agreed one", advice="Lower the discount, or amend the contract first.",
        )  # fmt: skip


def _payment(offer: Offer, contract: Contract, clause: PaymentClause) -> Iterator[Finding]:
    if offer.payment_days is not None and offer.payment_days != clause.days:
        yield _finding(
            offer, contract, clause.citation,
            ("payment terms", f"{offer.payment_days} days", f"{clause.days} days"),
            what="the payment terms are not the agreed ones",
            advice="Use the agreed terms, or amend the contract first.",
        )  # fmt: skip


def _restricted(offer: Offer, contract: Contract, clause: Restriction, as_of: date) -> Iterator[Finding]:
    """A territory or product this account's own contract excludes."""
    if not _in_force(clause, as_of) or clause.kind not in (RestrictionKind.TERRITORY, RestrictionKind.PRODUCT):
        return
    if clause.kind is RestrictionKind.PRODUCT:
        for line in _lines_for(offer, clause.products):
            yield _finding(
                offer, contract, clause.citation, ("product", str(line.product), "may not be supplied"),
                what="the product is restricted", advice="Take the line out, or have the restriction lifted.",
            )  # fmt: skip
    elif offer.country is not None and clause.territories and offer.country not in clause.territories:
        allowed = ", ".join(clause.territories)
        yield _finding(
            offer, contract, clause.citation, ("country", offer.country, f"only {allowed}"),
            what="the country is outside the agreed territory", advice="Extend the territory first.",
        )  # fmt: skip


def _renewal_lock(offer: Offer, contract: Contract, as_of: date) -> Iterator[Finding]:
    """A start before the running contract it replaces can end."""
    end = last_day_in_force(contract, as_of)
    starts = offer.starts_on
    if starts is None or offer.replaces != contract.id:
        return
    if end is None or (isinstance(end, date) and starts <= end):
        until = "no end in sight" if end is None else f"in force until {end}"
        yield _finding(
            offer, contract, "", ("start", str(starts), until),
            what="the contract to be replaced is still in force at the new start",
            advice="Start later, or agree on an early end.",
        )  # fmt: skip


def _exclusivity(offer: Offer, contract: Contract, clause: Restriction) -> Iterator[Finding]:
    if clause.territories and offer.country is not None and offer.country not in clause.territories:
        return
    lines = _lines_for(offer, clause.products) if clause.products else offer.lines
    unsure = bool(clause.territories) and offer.country is None
    where = ", ".join(clause.territories) or "everywhere"
    for line in lines:
        yield _finding(
            offer, contract, clause.citation,
            ("product", f"{line.product or line.id} in {offer.country or 'an unknown country'}",
             f"exclusive to {offer.called(contract.counterparty)} in {where}"),
            what="the product is promised exclusively to another customer",
            advice="Find out the country first." if unsure else "Do not offer it there.",
            severity=Severity.WARNING if unsure else Severity.ERROR,
        )  # fmt: skip


def _most_favoured(offer: Offer, contract: Contract, clause: Restriction, as_of: date) -> Iterator[Finding]:
    agreed = {c.product: c for c in contract.clauses if isinstance(c, PriceClause)}
    for line in _lines_for(offer, clause.products) if clause.products else offer.lines:
        price = agreed.get(line.product) if line.product else None
        net = line.net_price
        if price is None or net is None or line.price is None or (price.valid and as_of not in price.valid):
            continue
        if line.price.currency == price.price.currency and net < price.price.amount:
            yield _finding(
                offer, contract, clause.citation,
                (f"price of {line.product}", f"{net} {price.price.currency} net", str(price.price)),
                what=f"the price undercuts {offer.called(contract.counterparty)}, who was promised the best one",
                advice="Raise the price, or grant it there too.",
            )  # fmt: skip


def _expired(offer: Offer, contract: Contract, as_of: date) -> Finding:
    stage = stage_of(contract, as_of)
    return _finding(
        offer, contract, "", ("frame agreement", str(offer.under), stage.why),
        what="the frame agreement it is made under has ended", advice="Renew the frame agreement first.",
    )  # fmt: skip


def _lines_for(offer: Offer, products: Sequence[str]) -> tuple[OfferLine, ...]:
    return tuple(line for line in offer.lines if line.product in products)


def _in_force(clause: Restriction, as_of: date) -> bool:
    return clause.valid is None or as_of in clause.valid


def _binds_us(clause: Restriction, as_of: date) -> bool:
    return clause.binds in (Party.OWN, Party.BOTH) and _in_force(clause, as_of)


def _finding(
    offer: Offer,
    contract: Contract,
    citation: str,
    values: tuple[str, str, str],
    *,
    what: str,
    advice: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    name, offered, agreed = values
    return Finding(
        offer=offer.name,
        contract=contract.id,
        citation=citation,
        field=name,
        offered=offered,
        agreed=agreed,
        what=what,
        advice=advice,
        severity=severity,
    )
