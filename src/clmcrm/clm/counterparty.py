"""Who stands on the other side of a contract on a day, after assignments."""

from __future__ import annotations

from datetime import date

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import PartyAssigned
from clmcrm.clm.notice import standing_events
from clmcrm.clm.versions import as_amended
from clmcrm.values.ids import AccountId


def counterparty_on(contract: Contract, day: date) -> AccountId | None:
    """The account on the other side on `day`, by what was recorded up to then; None when it is not stated.

    The account that took the place of a party by an event stands for it, else the one an amendment names.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> nda = Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA, counterparty=AccountId("A"))
    >>> counterparty_on(nda, date(2026, 1, 1))
    'A'
    """
    assigned = [e.to for e in standing_events(contract, day) if isinstance(e, PartyAssigned) and e.happened_on <= day]
    return assigned[-1] if assigned else as_amended(contract, day, day).counterparty
