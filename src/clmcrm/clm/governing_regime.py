"""Which law counts the time of a contract's notice: the one its clause names, or that of its governing place.

The rule of the file: a name that is not known is an `Unknown` that names the clause; a place without a
regime for contracts has none, and the bare count (the inverse of the forward rule) then stands alone.
"""

from __future__ import annotations

from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.contract import Contract
from clmcrm.clm.term_clauses import NoticeClause
from clmcrm.errors import UnknownRegime
from clmcrm.values.partial import Unknown


def governing_regime(
    contract: Contract, clause: NoticeClause, regimes: Regimes = BUILT_IN_REGIMES
) -> Regime | Unknown | None:
    """The regime that counts the notice; None where neither the clause nor the place leads to one.

    A clause may name a regime ("FR_CPC", "US_FRCP6") or a place ("FR"); the governing place counts with or
    without its subdivision ("GB-ENG" as "GB"). `Unknown` names the clause whose regime is not among `regimes`.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> from clmcrm.values.tenor import Tenor
    >>> lease = Contract(id=ContractId("C"), title="t", kind=ContractKind.LEASE, governing_place="GB-ENG")
    >>> law = governing_regime(lease, NoticeClause(length=Tenor(months=3)))
    >>> law.title.en
    'contracts under English law'
    >>> print(governing_regime(lease, NoticeClause(length=Tenor(months=3), regime="XX", citation="art. 9")))
    unknown: the notice clause (art. 9) names the regime 'XX', which is not known
    """
    named = clause.regime
    if named is None:
        place = contract.governing_place
        return None if place is None else regimes.of_contracts(place)
    by_place = regimes.of_contracts(named)
    if by_place is not None:
        return by_place
    try:
        return regimes.named(named)
    except UnknownRegime:
        return Unknown(f"{named_clause(clause)} names the regime {named!r}, which is not known")


def named_clause(clause: NoticeClause) -> str:
    """How a reason names the notice clause: with its citation where it has one.

    >>> from clmcrm.values.tenor import Tenor
    >>> named_clause(NoticeClause(length=Tenor(days=30)))
    'the notice clause'
    """
    return f"the notice clause ({clause.citation})" if clause.citation else "the notice clause"
