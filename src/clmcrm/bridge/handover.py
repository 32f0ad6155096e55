"""What a sale has promised, rewritten as lines and clauses of a contract, one to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import attrs

from clmcrm.clm.clauses import AnyClause, ClauseFact, PaymentClause
from clmcrm.clm.lines import BillingTiming, ContractLine
from clmcrm.clm.price_clauses import TieredPriceClause
from clmcrm.clm.renewals import legal_last_day
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.crm.lines import RampStep, SalesLine
from clmcrm.crm.wanted import WantedTerms
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import less, product_of
from clmcrm.values.ids import LineId
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tiers import PriceModel, PriceTier
from clmcrm.values.validators import describe
from clmcrm.values.wording import Wording

_ONE_DAY: Final = timedelta(days=1)


def contract_lines(
    lines: Sequence[SalesLine], starts_on: date | None = None
) -> tuple[tuple[ContractLine, ...], tuple[Wording, ...]]:
    """The contract's lines, and in words what could not become one (a line without a price of its own) or is lost.

    `starts_on` is the day the sale begins, from which a line counts its term when it has no day of its own; where there
    is neither, its term says no last day, which is said.
    Optional lines were not chosen and are left out, and so is a step of a ramp that begins after its line has ended,
    which is said. A line priced by tiers has its price in a clause
    (`tier_clauses`), since what it costs follows from what is used; what the clause has no room for is said.
    """
    made: list[ContractLine] = []
    problems: list[Wording] = []
    for line in lines:
        if getattr(line, "is_optional", False):
            continue
        if line.tiers and line.product is not None:
            problems.extend(_no_room(line, starts_on) if _net_tiers(line) else [_too_long(line)])
            continue
        if line.unit_price is None or line.tiers:
            problems.append(_no_price(line))
            continue
        base = _line(line, starts_on)
        made.extend(_ramped(line, base, starts_on))
        problems.extend((*_lost_term(line, starts_on), *_lost_steps(line, base)))
    return tuple(made), tuple(problems)


def tier_clauses(lines: Sequence[SalesLine], starts_on: date | None = None) -> tuple[TieredPriceClause, ...]:
    """The price clauses of the chosen lines that are priced by tiers, tier by tier as they were offered.

    A discount that is a share is taken off each tier, exactly; a line that this gives more digits than a price holds
    has no clause, which `contract_lines` says. A price holds on the line's own days of service, where it has any;
    `starts_on` is as for `contract_lines`.
    """
    return tuple(
        TieredPriceClause(product=line.product, model=line.price_model, tiers=tiers, valid=_valid(line, starts_on))
        for line in lines
        if line.product is not None and not getattr(line, "is_optional", False) and (tiers := _net_tiers(line))
    )


def _net_tiers(line: SalesLine) -> tuple[PriceTier, ...]:
    """The tiers less the line's discount; none where a price cannot hold what is left."""
    if not line.discount:
        return line.tiers
    kept = less(Decimal(1), line.discount)
    try:
        return tuple(
            attrs.evolve(tier, price=UnitPrice(product_of(tier.price.amount, kept), tier.price.currency))
            for tier in line.tiers
        )
    except InvalidRecord:
        return ()


def _too_long(line: SalesLine) -> Wording:
    return Wording(
        f"line {line.id} is priced by tiers, which less its discount have more digits than a price holds",
        f"la ligne {line.id} est tarifée par tranches qui, remise déduite, ont trop de décimales pour un prix",
    )


def _valid(line: SalesLine, starts_on: date | None) -> Span | None:
    """The days on which the line's price holds; None where it names none, or no first one."""
    if line.service_first_day is None and line.service_last_day is None and line.term is None:
        return None
    first = line.service_first_day or starts_on
    return None if first is None else Span(first, line.service_last_day or _end_of_term(line, starts_on))


_NO_ROOM: Final[Mapping[str, tuple[str, str]]] = {
    "description": ("description", "désignation"), "quantity": ("quantity", "quantité"), "unit": ("unit", "unité"),
    "list_price": ("list price", "prix catalogue"), "discount_amount": ("discount in money", "remise en montant"),
    "tax": ("tax", "taxe"), "recurs_every": ("rhythm", "rythme"), "in_advance": ("time of billing", "terme à échoir"),
    "billing_anchor_on": ("billing day", "jour de facturation"), "ramp": ("later steps", "étapes ultérieures"),
    "parent_line": ("bundle", "lot"),
}  # fmt: skip
"""What a line may state and the price clause of its tiers cannot say, in words."""


def _no_room(line: SalesLine, starts_on: date | None) -> Iterator[Wording]:
    """What a line priced by tiers states and its price clause cannot say."""
    defaults = {part.name: part.default for part in attrs.fields(SalesLine)}
    lost: list[tuple[str, str]] = [told for name, told in _NO_ROOM.items() if getattr(line, name) != defaults[name]]
    if _valid(line, starts_on) is None and (line.service_last_day is not None or line.term is not None):
        lost.append(("last day, having no first", "dernier jour, faute de premier"))
    if lost:
        english, french = ", ".join(en for en, _ in lost), ", ".join(fr for _, fr in lost)
        yield Wording(
            f"line {line.id} is priced by tiers, and their clause has no room for its {english}",
            f"la ligne {line.id} est tarifée par tranches, et leur clause ne peut dire : {french}",
        )


def _no_price(line: SalesLine) -> Wording:
    if line.tiers:
        return Wording(
            f"line {line.id} is priced by tiers, which need a product for their price clause",
            f"la ligne {line.id} est tarifée par tranches, qui exigent un produit pour leur clause de prix",
        )
    return Wording(f"line {line.id} has no price", f"la ligne {line.id} n'a pas de prix")


def term_clause(wishes: WantedTerms) -> TermClause | Unknown:
    """How long the contract shall run at first."""
    if wishes.initial_term is None:
        return Unknown("the sale does not state an initial term")
    return TermClause(initial=wishes.initial_term, minimum=wishes.minimum_term)


def renewal_clause(wishes: WantedTerms, said_by: str | None = None) -> RenewalClause | Unknown:
    """Whether it shall go on after that; raises `InvalidRecord` for a kind of renewal nobody knows.

    `said_by` is the record an error names ("quote Q-1"); None names the wishes themselves.
    """
    wanted = wishes.renewal_wanted
    if wanted is None:
        return Unknown("the sale does not state a renewal")
    try:
        kind = RenewalKind(wanted)
    except ValueError:
        expected = ", ".join(kind.value for kind in RenewalKind)
        raise InvalidRecord(said_by or describe(wishes), "renewal_wanted", wanted, expected) from None
    if kind in (RenewalKind.NONE, RenewalKind.INDEFINITE):
        return RenewalClause(kind=kind)
    if wishes.renewal_term is None:
        return Unknown(f"a {kind.value} renewal is wanted, but not for how long", wanted)
    return RenewalClause(kind=kind, length=wishes.renewal_term, times=wishes.max_renewals)


def notice_clause(wishes: WantedTerms) -> NoticeClause | Unknown:
    """How long before its end notice must be given."""
    if wishes.notice_wanted is None:
        return Unknown("the sale does not state a notice period")
    return NoticeClause(length=wishes.notice_wanted)


def handed_clauses(wishes: WantedTerms) -> tuple[AnyClause, ...]:
    """The payment terms: as a clause where they are whole days, and always in the source's own words."""
    clauses: list[AnyClause] = []
    within = wishes.payment_within
    if within is not None and not within.whole_months:
        clauses.append(PaymentClause(days=within.loose_days, quote=wishes.payment_terms or ""))
    elif within is not None or wishes.payment_terms:
        words = wishes.payment_terms or (within.words if within else "")
        clauses.append(ClauseFact(category="Payment terms", answer=words))
    if wishes.billing_account is not None:
        clauses.append(ClauseFact(category="Invoiced account", answer=wishes.billing_account))
    return tuple(clauses)


def _line(line: SalesLine, starts_on: date | None) -> ContractLine:
    assert line.unit_price is not None  # noqa: S101 - the caller has checked it
    is_flat = line.price_model is PriceModel.FLAT
    timing = BillingTiming.ARREARS if line.in_advance is False else BillingTiming.ADVANCE
    return ContractLine(
        id=line.id,
        description=line.description or line.product or f"line {line.id}",
        product=line.product,
        # A flat price is paid once however many there are: times the quantity it would be another price.
        quantity=Decimal(1) if is_flat else line.quantity,
        unit=_unit(line, line.quantity),
        price=line.unit_price,
        list_price=line.list_price,
        discount=line.discount or Decimal(0),
        discount_amount=line.discount_amount,
        tax=line.tax,
        recurrence=line.recurs_every,
        timing=timing,
        first_day=line.service_first_day,
        last_day=line.service_last_day or _end_of_term(line, starts_on),
        anchor_on=line.billing_anchor_on,
        ramp=line.ramp_key or "",
        parent=line.parent_line,
        refs=line.refs,
        extras=line.extras,
    )


def _unit(line: SalesLine, quantity: Decimal) -> str:
    if line.price_model is PriceModel.FLAT:
        return f"flat for {quantity} {line.unit or 'units'}"
    return line.unit or ""


def _end_of_term(line: SalesLine, starts_on: date | None) -> date | None:
    first = line.service_first_day or starts_on
    return None if line.term is None or first is None else legal_last_day(first, line.term)


def _ramped(line: SalesLine, base: ContractLine, starts_on: date | None) -> list[ContractLine]:
    """The line and one more for each step of its ramp, each ending the day before the next begins.

    A step on or before the line's first day holds from that day on; one after its last day holds on none.
    """
    lines = [base]
    begins = base.first_day or starts_on
    for number, step in enumerate(line.ramp, start=1):
        if _is_too_late(step, base):
            break
        before = lines.pop()
        in_time = begins is None or begins < step.first_day
        if in_time:
            lines.append(attrs.evolve(before, last_day=step.first_day - _ONE_DAY, ramp=line.ramp_key or line.id))
        is_flat = line.price_model is PriceModel.FLAT
        lines.append(
            attrs.evolve(
                before,
                id=LineId(f"{line.id}/{number}") if in_time else before.id,
                first_day=step.first_day if in_time else base.first_day,
                last_day=base.last_day,
                quantity=before.quantity if step.quantity is None or is_flat else step.quantity,
                unit=before.unit if step.quantity is None else _unit(line, step.quantity),
                price=before.price if step.unit_price is None else step.unit_price,
                ramp=line.ramp_key or line.id,
            )
        )
    return lines


def _is_too_late(step: RampStep, base: ContractLine) -> bool:
    return base.last_day is not None and step.first_day > base.last_day


def _lost_term(line: SalesLine, starts_on: date | None) -> Iterator[Wording]:
    """The term of a line that nobody can count: a contract's line has days only."""
    if line.term is None or line.service_last_day is not None or (line.service_first_day or starts_on) is not None:
        return
    yield Wording(
        f"line {line.id} runs for {line.term.words}, and no first day says from when",
        f"la ligne {line.id} court pendant {line.term.said('fr')}, et aucun premier jour ne dit à partir de quand",
    )


def _lost_steps(line: SalesLine, base: ContractLine) -> Iterator[Wording]:
    """The steps of a ramp that begin when the line is over."""
    for step in line.ramp:
        if _is_too_late(step, base):
            yield Wording(
                f"line {line.id} ends on {base.last_day}, before its step of {step.first_day}",
                f"la ligne {line.id} prend fin le {base.last_day}, avant son étape du {step.first_day}",
            )
