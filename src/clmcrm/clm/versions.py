"""A contract as it stood on a day: its accepted amendments applied in the order they take effect."""

from __future__ import annotations

from datetime import date

import attrs

from clmcrm.clm.amendments import Amendment, LineChange
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AmendmentAccepted
from clmcrm.clm.lines import ContractLine
from clmcrm.values.ids import AmendmentId


def accepted(contract: Contract) -> tuple[Amendment, ...]:
    """The accepted amendments in the order they take effect (then in the order of acceptance)."""
    order = {e.amendment: i for i, e in enumerate(contract.events) if isinstance(e, AmendmentAccepted)}
    found = [a for a in contract.amendments if a.id in order]
    return tuple(sorted(found, key=lambda a: (a.effective_on, order[a.id])))


def current_version(contract: Contract) -> int:
    """How many amendments have been accepted so far, on top of the version the record began with."""
    return contract.version + len(accepted(contract))


def as_amended(contract: Contract, day: date) -> Contract:
    """The contract with every accepted amendment in force on `day` applied; the record itself is unchanged.

    An amendment that takes effect after `day` leaves no trace, so that asking about last year gives last
    year's terms for ever.
    """
    result = contract
    for amendment in accepted(contract):
        if amendment.effective_on <= day:
            result = amended(result, amendment)
    return result


def next_amendment_id(contract: Contract) -> AmendmentId:
    """An id for a further amendment, derived from the contract's own: "C-1/A3"."""
    return AmendmentId(f"{contract.id}/A{len(contract.amendments) + 1}")


def amended(contract: Contract, amendment: Amendment) -> Contract:
    """The contract with one amendment applied, whatever its day and its base."""
    kept = tuple(c for c in contract.clauses if c.citation not in amendment.drops_citations)
    changes = {change.line: change for change in amendment.line_changes}
    lines = tuple(_changed(line, changes.get(line.id)) for line in contract.lines)
    return attrs.evolve(
        contract,
        term=amendment.term or contract.term,
        renewal=amendment.renewal or contract.renewal,
        notice=amendment.notice or contract.notice,
        clauses=kept + amendment.adds,
        lines=lines + amendment.lines_added,
    )


def _changed(line: ContractLine, change: LineChange | None) -> ContractLine:
    if change is None:
        return line
    return attrs.evolve(
        line,
        price=line.price if change.price is None else change.price,
        quantity=line.quantity if change.quantity is None else change.quantity,
        last_day=line.last_day if change.last_day is None else change.last_day,
    )
