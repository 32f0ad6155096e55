"""What the salesperson sees of a contract before promising anything: its terms, in the CRM's own place.

Every value is computed from the contract on a day; nothing is typed in, and the CRM never edits it.
"""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.calendars.regimes.known import regimes_of
from clmcrm.clm.clauses import PaymentClause, Restriction, TieredPriceClause, VolumeCommitment
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import last_day_in_force, next_notice_deadline
from clmcrm.clm.prices.in_force import agreed_prices, annual_recurring_value
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.versions import as_amended
from clmcrm.parties.access import Access, Shown
from clmcrm.values.ids import AccountId, ContractId, OpportunityId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown, known
from clmcrm.values.tiers import PriceTier


@frozen(kw_only=True)
class ContractTerms:
    """A contract as a salesperson needs it.

    `ends_on` is the last day in force as far as it is settled (None: no end in sight, or not known);
    `renews_on` the first day of the next term if nobody gives notice. `notice_by` is the last day for a
    notice and `notice_safe_by` the day that is safe under every reading, both None when there is none:
    `notice_reason` then says why, and otherwise how the day was found. Texts are in English.
    """

    id: ContractId
    number: str = ""
    title: str
    account: AccountId | None = None
    opportunity: OpportunityId | None = None
    stage: str
    effective_on: date | None = None
    ends_on: date | None = None
    renews_on: date | None = None
    renewal: str = ""
    notice_by: date | None = None
    notice_safe_by: date | None = None
    notice_reason: str = ""
    prices: tuple[str, ...] = ()
    commitments: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()
    payment_days: int | None = None
    annual_value: tuple[Money, ...] = field(default=())


def contract_terms(contract: Contract, as_of: date, calendars: CalendarSource | None = None) -> ContractTerms:
    """The terms of `contract` as they stand on `as_of`.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> contract_terms(Contract(id=ContractId("C"), title="NDA", kind=ContractKind.NDA), date(2026, 1, 1)).stage
    'new'
    """
    current = as_amended(contract, as_of)
    stage = stage_of(contract, as_of)
    notice = next_notice_deadline(contract, as_of, calendars)
    end = last_day_in_force(contract, as_of, calendars)
    by = notice if isinstance(notice, Deadline) else None
    payment = next((c for c in current.clauses if isinstance(c, PaymentClause)), None)
    return ContractTerms(
        id=contract.id,
        number=contract.number,
        title=contract.title,
        account=contract.counterparty,
        opportunity=contract.opportunity,
        stage=stage.stage.value,
        effective_on=known(contract.effective_on),
        ends_on=end if isinstance(end, date) else None,
        renews_on=_renews_on(current, as_of, calendars) if by is not None else None,
        renewal=_renewal_words(current),
        notice_by=by.last_day if by else None,
        notice_safe_by=by.safe_day if by else None,
        notice_reason=_reason(notice),
        prices=tuple(_price_words(contract, as_of)),
        commitments=tuple(_commitment_words(c) for c in current.clauses if isinstance(c, VolumeCommitment)),
        restrictions=tuple(_restriction_words(c) for c in current.clauses if isinstance(c, Restriction)),
        payment_days=payment.days if payment else None,
        annual_value=annual_recurring_value(contract, as_of),
    )


def terms_shown(terms: ContractTerms, access: Access) -> Shown:
    """The terms as somebody with that `access` sees them: what may not be seen is withheld in its place.

    >>> from clmcrm.parties.house_access import HOUSE_ACCESS
    >>> terms = ContractTerms(id=ContractId("C"), title="secret", stage="draft")
    >>> shown = terms_shown(terms, Access(policy=HOUSE_ACCESS, roles={"it"}))
    >>> shown.fields["stage"], shown.fields["title"]
    ('draft', {'withheld': True})
    """
    return access.visible(terms, "contract_terms")


def _reason(notice: object) -> str:
    if isinstance(notice, Deadline):
        return "; ".join(step.said("en") for step in notice.steps)
    if isinstance(notice, Unknown):
        return f"not known: {notice.reason}"
    return str(notice)


def _renews_on(contract: Contract, as_of: date, calendars: CalendarSource | None) -> date | None:
    """The first day of the term after the running one; None when none follows."""
    plan = term_plan(contract, regimes_of(calendars))
    if isinstance(plan, Unknown):
        return None
    index = plan.index_on(as_of)
    following = None if index is None else plan.term(index + 1)
    return None if following is None else known(following.first_day)


def _renewal_words(contract: Contract) -> str:
    renewal = contract.renewal
    if isinstance(renewal, Unknown):
        return f"not known: {renewal.reason}"
    length = f" by {renewal.length.words}" if renewal.length else ""
    times = "" if renewal.times is None else f", at most {renewal.times} times"
    return f"{renewal.kind.value}{length}{times}"


def _price_words(contract: Contract, as_of: date) -> list[str]:
    words: list[str] = []
    for agreed in agreed_prices(contract, as_of):
        clause = agreed.clause
        until = f" until {clause.valid.last_day}" if clause.valid and clause.valid.last_day else ""
        most = "" if clause.max_discount is None else f", at most {clause.max_discount:%} off"
        words.append(f"{agreed.product}: {clause.price}{until}{most}{_cited(clause.citation)}")
    for tiered in as_amended(contract, as_of).clauses:
        if isinstance(tiered, TieredPriceClause) and (tiered.valid is None or as_of in tiered.valid):
            tiers = ", ".join(_tier_words(tier) for tier in tiered.tiers)
            words.append(f"{tiered.product}: {tiered.model.value}, {tiers}{_cited(tiered.citation)}")
    return words


def _tier_words(tier: PriceTier) -> str:
    return f"{tier.price} beyond" if tier.up_to is None else f"{tier.price} up to {tier.up_to}"


def _commitment_words(clause: VolumeCommitment) -> str:
    what = str(clause.amount) if clause.amount else f"{clause.quantity} {clause.unit or 'units'}"
    return f"{clause.by.value} buys at least {what} per {clause.per.words}{_cited(clause.citation)}"


def _restriction_words(clause: Restriction) -> str:
    where = f" in {', '.join(clause.territories)}" if clause.territories else ""
    products = f" for {', '.join(clause.products)}" if clause.products else ""
    kind = clause.kind.value.replace("_", " ")
    return f"{kind} binds {clause.binds.value}{where}{products}{_cited(clause.citation)}"


def _cited(citation: str) -> str:
    return f" ({citation})" if citation else ""
