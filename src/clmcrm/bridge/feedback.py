"""What the salesperson sees of a contract before promising anything: its terms, in the CRM's own place.

Every value is computed from the contract on a day; nothing is typed in, and the CRM never edits it.
"""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.bridge.clause_words import commitment_words, price_words, renewal_words, restriction_words
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.calendars.regimes.known import regimes_of
from clmcrm.clm.clauses import PaymentClause, Restriction
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.hindsight import as_known, as_recorded
from clmcrm.clm.lifecycle import StageOn, stage_of
from clmcrm.clm.notice import last_day_in_force, next_notice_deadline
from clmcrm.clm.price_clauses import VolumeCommitment
from clmcrm.clm.prices.in_force import annual_recurring_value
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.stages import Phase, Stage
from clmcrm.clm.versions import as_amended
from clmcrm.parties.access import Access, Shown
from clmcrm.values.days import check_days
from clmcrm.values.ids import AccountId, ContractId, OpportunityId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown, known
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class ContractTerms:
    """A contract as a salesperson needs it.

    `account` is the one on the other side, after assignments. `ends_on` is the last day in force as far as it is
    settled (None: no end in sight, or not known); `renews_on` the first day of the next term if nobody gives
    notice (None: none follows by itself). `notice_by` is the last day for a notice and `notice_safe_by` the day
    that is safe under every reading, both None when there is none: `notice_reason` then says why, and otherwise
    how the day was found. What is said comes in English and French.
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
    renewal: Wording | None = None
    notice_by: date | None = None
    notice_safe_by: date | None = None
    notice_reason: Wording | None = None
    prices: tuple[Wording, ...] = ()
    commitments: tuple[Wording, ...] = ()
    restrictions: tuple[Wording, ...] = ()
    payment_days: int | None = None
    annual_value: tuple[Money, ...] = field(default=())


def contract_terms(contract: Contract, as_of: date, calendars: CalendarSource | None = None) -> ContractTerms:
    """The terms of `contract` as they stand on `as_of`, by what was recorded until then.

    A commitment or a restriction that begins later, or is over, is none of them.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> contract_terms(Contract(id=ContractId("C"), title="NDA", kind=ContractKind.NDA), date(2026, 1, 1)).stage
    'new'
    """
    check_days("contract_terms", as_of=as_of)
    contract = as_recorded(contract, as_of)
    current = as_amended(contract, as_of)
    stage = stage_of(contract, as_of)
    notice = notice_on(contract, stage, as_of, calendars)
    end = last_day_in_force(contract, as_of, calendars)
    by = notice if isinstance(notice, Deadline) else None
    begun = [clause for clause in current.clauses if clause.begun_by(as_of)]
    payment = next((c for c in begun if isinstance(c, PaymentClause)), None)
    return ContractTerms(
        id=contract.id,
        number=contract.number,
        title=contract.title,
        account=counterparty_on(contract, as_of),
        opportunity=contract.opportunity,
        stage=stage.stage.value,
        effective_on=known(contract.effective_on),
        ends_on=_ends_on(stage, end),
        renews_on=None if _is_over(stage) or isinstance(end, Unknown) else _renews_on(contract, as_of, end, calendars),
        renewal=renewal_words(current.renewal),
        notice_by=by.last_day if by else None,
        notice_safe_by=by.safe_day if by else None,
        notice_reason=_reason(notice),
        prices=tuple(price_words(contract, as_of)),
        commitments=tuple(commitment_words(c) for c in begun if isinstance(c, VolumeCommitment)),
        restrictions=tuple(restriction_words(c) for c in begun if isinstance(c, Restriction) and c.holds_on(as_of)),
        payment_days=payment.days if payment else None,
        annual_value=annual_recurring_value(contract, as_of),
    )


def notice_on(
    contract: Contract, stage: StageOn, as_of: date, calendars: CalendarSource | None = None
) -> Deadline | NoDeadline | Unknown:
    """The next notice deadline of `contract`, which is in `stage` on `as_of`; a contract that is over has none.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> nda = Contract(id=ContractId("C"), title="NDA", kind=ContractKind.NDA)
    >>> notice_on(nda, StageOn(stage=Stage.COMPLETED, since=None, why=""), date(2026, 1, 1)).reason.fr
    'le contrat est terminé'
    """
    if _is_over(stage):
        return NoDeadline(contract=contract.id, reason=Wording("the contract is over", "le contrat est terminé"))
    return next_notice_deadline(contract, as_of, calendars)


def terms_shown(terms: ContractTerms, access: Access) -> Shown:
    """The terms as somebody with that `access` sees them: what may not be seen is withheld in its place.

    >>> from clmcrm.parties.house_access import HOUSE_ACCESS
    >>> terms = ContractTerms(id=ContractId("C"), title="secret", stage="draft")
    >>> shown = terms_shown(terms, Access(policy=HOUSE_ACCESS, roles={"it"}))
    >>> shown.fields["stage"], shown.fields["title"]
    ('draft', {'withheld': True})
    """
    return access.visible(terms, "contract_terms")


def _reason(notice: Deadline | NoDeadline | Unknown) -> Wording:
    if isinstance(notice, NoDeadline):
        return notice.reason
    if isinstance(notice, Unknown):
        return Wording(f"not known: {notice.reason}", f"inconnu : {notice.reason}")
    return Wording.later(
        lambda: "; ".join(step.said("en") for step in notice.steps),
        lambda: "; ".join(step.said("fr") for step in notice.steps),
    )


def _is_over(stage: StageOn) -> bool:
    return stage.stage.phase in (Phase.ENDED, Phase.ARCHIVED)


def _ends_on(stage: StageOn, end: date | Unknown | None) -> date | None:
    """The last day in force; a contract that was completed ends no later than on that day."""
    days = [end] if isinstance(end, date) else []
    if stage.stage is Stage.COMPLETED and stage.since is not None:
        days.append(stage.since)
    return min(days, default=None)


def _renews_on(contract: Contract, as_of: date, end: date | None, calendars: CalendarSource | None) -> date | None:
    """The first day of the term after the running one; None when none follows, or its `end` cuts that one short."""
    plan = term_plan(as_known(contract, as_of), regimes_of(calendars))
    if isinstance(plan, Unknown):
        return None
    index = plan.index_on(as_of)
    following = None if index is None else plan.term(index + 1)
    if following is None or (end is not None and (following.last_day is None or end < following.last_day)):
        return None
    return known(following.first_day)
