"""What a CRM shows of a contract beyond its terms: how far commitments are used, what is open, what is disputed.

The rule of the file: it is read only, and computed from the contract on a day. The same content comes as fields
(for a CRM's own columns), as a note (for its activity stream) and, in `clmcrm.report.account_page`, as a card.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from attrs import frozen

from clmcrm.bridge.commitment_use import CommitmentUse, commitments_used
from clmcrm.bridge.feedback import ContractTerms, contract_terms, notice_on
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, Purpose
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.obligation_standings import ObligationStanding
from clmcrm.clm.norms.obligation_standings import Phase as DuePhase
from clmcrm.clm.notice import calendar_of
from clmcrm.clm.prices.windows import Purchase
from clmcrm.clm.stage_words import stage_name_of
from clmcrm.clm.stages import Phase
from clmcrm.clm.versions import as_amended
from clmcrm.values.ids import ContractId, ObligationId
from clmcrm.values.money import Money
from clmcrm.values.wording import Language, Step, Wording


@frozen(kw_only=True)
class OpenDuty:
    """What is still owed under a contract: by whom, what, until when (None: not known, `why` says why)."""

    contract: ContractId
    obligation: ObligationId
    owed_by: Party
    title: str
    due_on: date | None
    overdue: bool
    disputed: bool
    amount: Money | None
    why: Wording


@frozen(kw_only=True)
class ContractCard:
    """Everything the CRM shows of one contract.

    `steps` are the reasons of the next notice day, in order, and `purpose` what that notice brings about (None: there
    is no such day).
    """

    terms: ContractTerms
    purpose: Purpose | None = None
    steps: tuple[Step, ...]
    commitments: tuple[CommitmentUse, ...]
    duties: tuple[OpenDuty, ...]
    disputes: tuple[Dispute, ...]

    def owed_by(self, party: Party) -> tuple[OpenDuty, ...]:
        """What that side still owes, alone or like the other one."""
        return tuple(duty for duty in self.duties if duty.owed_by in {party, Party.EITHER, Party.BOTH})


def contract_card(
    contract: Contract,
    as_of: date,
    calendars: CalendarSource | None = None,
    *,
    purchases: Iterable[Purchase] = (),
    disputes: Iterable[Dispute] = (),
    ledger: NormLedger | None = None,
) -> ContractCard:
    """What the CRM shows of `contract` on `as_of`.

    `purchases` are what was bought under it and `ledger` what was recorded of its obligations (None: only what
    the obligations themselves say); disputes over other contracts are passed over, and so are closed ones.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> card = contract_card(Contract(id=ContractId("C"), title="NDA", kind=ContractKind.NDA), date(2026, 1, 1))
    >>> card.terms.stage, card.duties
    ('new', ())
    """
    stage = stage_of(contract, as_of)
    notice = notice_on(contract, stage, as_of, calendars)
    running = stage.stage.phase in (Phase.SIGNED, Phase.ACTIVE, Phase.UNKNOWN)
    mine = tuple(d for d in disputes if d.contract == contract.id and d.open_on(as_of))
    return ContractCard(
        terms=contract_terms(contract, as_of, calendars),
        purpose=notice.purpose if isinstance(notice, Deadline) else None,
        steps=notice.steps if isinstance(notice, Deadline) else (),
        commitments=commitments_used(contract, as_of, calendars, purchases=purchases) if running else (),
        duties=open_duties(contract, as_of, calendars, disputes=mine, ledger=ledger),
        disputes=mine,
    )


def open_duties(
    contract: Contract,
    as_of: date,
    calendars: CalendarSource | None = None,
    *,
    disputes: Sequence[Dispute] = (),
    ledger: NormLedger | None = None,
) -> tuple[OpenDuty, ...]:
    """What both sides still owe on `as_of`, by due day, what is not dated last; nothing before it is signed."""
    if stage_of(contract, as_of).stage.phase is Phase.BEFORE:
        return ()
    told = ledger or NormLedger(contract=contract.id)
    reading = norms_of(contract, told, as_of, disputes=disputes, calendar=calendar_of(contract, calendars))
    current = {one.id: one for one in as_amended(contract, as_of).obligations}
    found = [
        _duty(contract, standing, current[standing.obligation].title, current[standing.obligation].obligor)
        for standing in reading.obligations
        if standing.open and standing.obligation in current
    ]
    return tuple(sorted(found, key=lambda duty: (duty.due_on or date.max, duty.obligation)))


def _duty(contract: Contract, standing: ObligationStanding, title: str, owed_by: Party) -> OpenDuty:
    return OpenDuty(
        contract=contract.id,
        obligation=standing.obligation,
        owed_by=owed_by,
        title=title,
        due_on=standing.due_on if isinstance(standing.due_on, date) else None,
        overdue=standing.phase is DuePhase.OVERDUE,
        disputed=bool(standing.disputes),
        amount=standing.outstanding,
        why=standing.why,
    )


def card_fields(card: ContractCard, language: Language = "en") -> dict[str, str]:
    """The card as texts by field name, for columns of a CRM's own; an empty text where there is nothing.

    Days are ISO 8601, several entries are parted by a line break, and texts are in `language`.
    """
    terms = card.terms
    return {
        "contract": terms.id,
        "stage": terms.stage,
        "ends_on": _day(terms.ends_on),
        "renews_on": _day(terms.renews_on),
        "notice_by": _day(terms.notice_by),
        "notice_safe_by": _day(terms.notice_safe_by),
        "notice_reason": "" if terms.notice_reason is None else terms.notice_reason.said(language),
        "prices": "\n".join(price.said(language) for price in terms.prices),
        "commitments": "\n".join(use.said(language) for use in card.commitments),
        "restrictions": "\n".join(one.said(language) for one in terms.restrictions),
        "payment_days": "" if terms.payment_days is None else str(terms.payment_days),
        "annual_value": "\n".join(str(money) for money in terms.annual_value),
        "we_owe": "\n".join(duty_line(duty, language) for duty in card.owed_by(Party.OWN)),
        "they_owe": "\n".join(duty_line(duty, language) for duty in card.owed_by(Party.COUNTERPARTY)),
        "disputes": "\n".join(dispute.subject for dispute in card.disputes),
    }


def card_note(card: ContractCard, as_of: date, language: Language = "en") -> str:
    """The card as a note of a few lines, as of the day it was computed for."""
    terms, french = card.terms, language == "fr"
    head = f"{terms.number or terms.id} {terms.title}"
    stage = stage_name_of(terms.stage).said(language)
    state = f"au {as_of} : {stage}" if french else f"on {as_of}: {stage}"
    lines = [f"{head}, {state}"]
    if terms.notice_by is not None:
        said = _notice_said(card.purpose, language)
        safe = "" if terms.notice_safe_by == terms.notice_by else f" ({terms.notice_safe_by})"
        lines.append(f"{said} {terms.notice_by}{safe}")
        lines += [f"  {step.said(language)}" for step in card.steps]
    lines += [f"- {price.said(language)}" for price in terms.prices]
    lines += [f"- {use.said(language)}" for use in card.commitments]
    lines += [f"- {restriction.said(language)}" for restriction in terms.restrictions]
    ours, theirs = ("Nous devons", "Ils doivent") if french else ("We owe", "They owe")
    lines += [f"- {ours}{' :' if french else ':'} {duty_line(d, language)}" for d in card.owed_by(Party.OWN)]
    lines += [f"- {theirs}{' :' if french else ':'} {duty_line(d, language)}" for d in card.owed_by(Party.COUNTERPARTY)]
    lines += [f"- {'Litige :' if french else 'Dispute:'} {dispute.subject}" for dispute in card.disputes]
    return "\n".join(lines)


def _notice_said(purpose: Purpose | None, language: Language) -> str:
    if purpose is Purpose.RENEW:
        return "Demander le renouvellement au plus tard le" if language == "fr" else "Ask for the renewal by"
    return "Dénoncer au plus tard le" if language == "fr" else "Give notice by"


def duty_line(duty: OpenDuty, language: Language) -> str:
    """One duty on one line: what, until when, how much, and whether it is late or disputed."""
    french = language == "fr"
    undated = "échéance inconnue" if french else "no day known"
    parts = [duty.title, undated if duty.due_on is None else str(duty.due_on)]
    if duty.amount is not None:
        parts.append(str(duty.amount))
    if duty.overdue:
        parts.append("en retard" if french else "overdue")
    if duty.disputed:
        parts.append("contesté" if french else "disputed")
    return ", ".join(parts)


def _day(day: date | None) -> str:
    return "" if day is None else str(day)
