"""The named days of a contract that its expressions speak of: signature, effect, events, obligations.

The rule of the file: a name that nothing is recorded under is missing, and whoever asks is told its name.
"""

from __future__ import annotations

import re
from typing import Final

from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.day_expressions import EFFECTIVE_ON, EXECUTED_ON, Facts
from clmcrm.clm.due_days import Anchors, agreed_day
from clmcrm.clm.obligations import done_on
from clmcrm.values.partial import DayFact, Unknown

_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OWN_END: Final = Unknown("the contract's own last day is what is asked for")


def contract_facts(contract: Contract, regimes: Regimes = BUILT_IN_REGIMES) -> Facts:
    """The contract's named days.

    "effective_on" and "executed_on"; "event:activated" and so on, the day the last event of that class
    was recorded, unless it was taken back; "due:ID" and "done:ID", the agreed day of an obligation that is due
    once and the day it was performed in full. `regimes` are those that expressions of those days may name.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> print(contract_facts(Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA))["event:signed"])
    unknown: 'event:signed' is not recorded
    """
    days: dict[str, DayFact] = {EFFECTIVE_ON: contract.effective_on, EXECUTED_ON: contract.executed_on}
    for event in not_undone(contract.events):
        days[f"event:{_WORD.sub('_', type(event).__name__).lower()}"] = event.at.date()
    if contract.obligations:
        anchors = Anchors(
            executed_on=contract.executed_on,
            effective_on=contract.effective_on,
            last_day=_OWN_END,
            others=contract.obligations,
            facts=Facts(days.copy()),
        )
        for obligation in contract.obligations:
            days[f"due:{obligation.id}"] = agreed_day(obligation, anchors, regimes=regimes)
            days[f"done:{obligation.id}"] = done_on(obligation)
    return Facts(days)
