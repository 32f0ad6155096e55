"""Who stands on the other side of a contract on a day, after assignments."""

from __future__ import annotations

from datetime import date

from clmcrm.clm import succession
from clmcrm.clm.contract import Contract
from clmcrm.values.ids import AccountId


def counterparty_on(contract: Contract, day: date) -> AccountId | None:
    """The account on the other side on `day`, by what was recorded up to then; None when it is not stated.

    The account that took the place of a party last stands for it, whether by an event or by an amendment.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> nda = Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA, counterparty=AccountId("A"))
    >>> counterparty_on(nda, date(2026, 1, 1))
    'A'
    """
    return succession.counterparty_on(contract, day, known_on=day)
