"""Completing a contract: the one move of its life that depends on what was done about its norms.

The rule of the file: a contract is completed when no obligation is open that does not survive it, by the
ledger as it was known on the day of the event.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.clm import guards
from clmcrm.clm.charts import Charts
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.events import Completed, Event
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.mandates import Mandate
from clmcrm.clm.norms.fulfilment import fulfilment_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.standing import Standing
from clmcrm.clm.transitions import CHARTS
from clmcrm.errors import InvalidRecord


def norms_discharged(
    ledger: NormLedger, *, disputes: Iterable[Dispute] = (), calendar: HolidayCalendar | None = None
) -> guards.Guard:
    """The guard that finds in `ledger` whether everything owed is discharged on the day of the event.

    It says what is still open, obligation by obligation; an empty text when nothing is.
    """
    contested = tuple(disputes)

    def all_norms_discharged(contract: Contract, _standing: Standing, event: Event) -> str:
        day = event.at.date()
        found = fulfilment_of(contract, ledger, day, disputes=contested, calendar=calendar)
        return "; ".join(why.en for why in found.why_not)

    return all_norms_discharged


def completed(
    contract: Contract,
    event: Completed,
    ledger: NormLedger,
    *,
    disputes: Iterable[Dispute] = (),
    calendar: HolidayCalendar | None = None,
    charts: Charts = CHARTS,
    now: datetime | None = None,
    mandates: Iterable[Mandate] | None = None,
) -> Contract:
    """The contract with `event` added, when its ledger says that nothing is owed any more.

    `calendar` is the one that due days are moved by (None: none is). Raises `InvalidRecord` for another
    contract's ledger, and what `clmcrm.clm.lifecycle.advance` raises: `TransitionNotAllowed` names each
    obligation that is still open.

    >>> from datetime import UTC, date
    >>> from clmcrm.clm.events import RecordedAsExecuted
    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.clm.lifecycle import stage_of
    >>> from clmcrm.values.ids import ContractId
    >>> sale = Contract(
    ...     id=ContractId("C"), title="sale", kind=ContractKind.SALES, effective_on=date(2026, 1, 5)
    ... )
    >>> sale = advance(sale, RecordedAsExecuted(datetime(2026, 1, 5, 9, tzinfo=UTC), "archive"))
    >>> ended = completed(sale, Completed(datetime(2026, 3, 1, 9, tzinfo=UTC), "ann"), NormLedger(contract=sale.id))
    >>> stage_of(ended, date(2026, 3, 1)).stage.value
    'completed'
    """
    if ledger.contract != contract.id:
        raise InvalidRecord(f"NormLedger {ledger.contract}", "contract", contract.id, ledger.contract)
    looking = norms_discharged(ledger, disputes=disputes, calendar=calendar)
    asking = charts.replacing(guards.all_norms_discharged, looking)
    return advance(contract, event, charts=asking, now=now, mandates=mandates)
