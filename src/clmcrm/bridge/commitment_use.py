"""How far the commitments to buy are used in the period that runs, as a CRM shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from attrs import frozen

from clmcrm.bridge.findings import percent, shown_number
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.clm.hindsight import as_recorded
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.price_clauses import VolumeCommitment
from clmcrm.clm.prices.commitments import Commitment, commitments
from clmcrm.clm.prices.in_force import came_into_force
from clmcrm.clm.prices.windows import Purchase
from clmcrm.clm.versions import as_amended
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.exact import exact_money, round_to
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import known
from clmcrm.values.span import Span
from clmcrm.values.wording import Language

_DECIMALS: Final = 4


@frozen(kw_only=True)
class CommitmentUse:
    """How far a volume commitment is used in the period that runs.

    `committed` and `counted` are in `unit` (a currency's code, or what is counted); `share` is how much of the
    minimum was bought (1 and more: reached; None: nothing is asked for). `last_day` ends the period (None: no
    end). `why_unknown` says why the figures are missing (empty: they are there).
    """

    contract: ContractId
    citation: str
    unit: str
    committed: str
    counted: str
    share: Decimal | None
    last_day: date | None
    why_unknown: str = ""

    def said(self, language: Language = "en") -> str:
        """One line for a person."""
        if self.why_unknown:
            unknown = "not known" if language == "en" else "inconnu"
            return f"{self.unit}: {unknown} ({self.why_unknown})"
        said = None if self.share is None else percent(self.share)
        used = "" if said is None else f", {said.said(language)}"
        if language == "fr":
            figures = f"{self.counted} sur {self.committed}".replace(".", ",")
            until = "" if self.last_day is None else f", période jusqu'au {self.last_day}"
            return f"{figures} {self.unit}{used}{until}"
        until = "" if self.last_day is None else f", period until {self.last_day}"
        return f"{self.counted} of {self.committed} {self.unit}{used}{until}"


def commitments_used(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None, *, purchases: Iterable[Purchase] = ()
) -> tuple[CommitmentUse, ...]:
    """Each commitment in force on `as_of` whose period runs on that day, in the contract's order, by its `purchases`.

    What was recorded of the contract after `as_of` does not count.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> commitments_used(Contract(id=ContractId("C"), title="NDA", kind=ContractKind.NDA), date(2026, 1, 1))
    ()
    """
    return tuple(_uses(as_recorded(contract, as_of), as_of, calendars, tuple(purchases)))


def _uses(
    contract: Contract, as_of: date, calendars: CalendarSource | None, purchases: tuple[Purchase, ...]
) -> Iterator[CommitmentUse]:
    first = known(contract.effective_on)
    last = last_day_in_force(contract, as_of, calendars)
    for clause in as_amended(contract, as_of).clauses:
        if not isinstance(clause, VolumeCommitment):
            continue
        unit = clause.unit or "units" if clause.amount is None else clause.amount.currency.code
        if first is None:
            yield _unknown(contract, clause, unit, "the first day of the contract is not known")
            continue
        life = Span(first, last if isinstance(last, date) and last >= first else None)
        try:
            since = came_into_force(contract, clause, as_of)
            counted = commitments(clause, purchases, life, as_of, from_day=since)
        except CurrencyMismatch:
            yield _unknown(contract, clause, unit, "a purchase is in another currency")
            continue
        except InvalidRecord as refused:
            yield _unknown(contract, clause, unit, f"{refused.record} does not state what is counted")
            continue
        running = [w for w in counted.windows if as_of in w.window.span]
        if running:
            yield _use(contract, clause, unit, running[-1])


def _use(contract: Contract, clause: VolumeCommitment, unit: str, window: Commitment) -> CommitmentUse:
    counted = window.counted + window.carried_in
    return CommitmentUse(
        contract=contract.id,
        citation=clause.citation,
        unit=unit,
        committed=_figure(clause, window.committed),
        counted=_figure(clause, counted),
        share=round_to(counted / window.committed, _DECIMALS) if window.committed else None,
        last_day=window.window.span.last_day,
    )


def _figure(clause: VolumeCommitment, value: Fraction) -> str:
    """What is counted: units, or an amount with the decimals of its currency."""
    return shown_number(value) if clause.amount is None else str(exact_money(value, clause.amount.currency).amount)


def _unknown(contract: Contract, clause: VolumeCommitment, unit: str, why: str) -> CommitmentUse:
    return CommitmentUse(
        contract=contract.id, citation=clause.citation, unit=unit, committed="", counted="", share=None,
        last_day=None, why_unknown=why,
    )  # fmt: skip
