"""A contract as it stood on a day: its accepted amendments applied in the order they take effect.

Two days are asked about. `day` is the one whose terms are wanted. `known_on` is what was on record by then: an
amendment counts only if its acceptance was recorded on or before it and not taken back by then. So a question
about last year, as it was known last year, has one answer for ever, whatever is backdated later.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from itertools import count
from typing import Final

import attrs

from clmcrm.clm.amendments import Amendment, AmendmentKind, LineChange, Restatement
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AmendmentAccepted
from clmcrm.clm.kinds import Party
from clmcrm.clm.lines import ContractLine
from clmcrm.values.days import check_days
from clmcrm.values.ids import AmendmentId, LineId

_ONE_DAY: Final = timedelta(days=1)


def accepted(contract: Contract, known_on: date | None = None) -> tuple[Amendment, ...]:
    """The accepted amendments in the order they take effect (then in the order of acceptance).

    Only those whose acceptance was recorded on or before `known_on` (None: up to now) and not undone by then.
    """
    if not contract.amendments:
        return ()
    standing = not_undone(contract.events, known_on or date.max)
    order = {e.amendment: i for i, e in enumerate(standing) if isinstance(e, AmendmentAccepted)}
    found = [a for a in contract.amendments if a.id in order]
    return tuple(sorted(found, key=lambda a: (a.effective_on, order[a.id])))


def current_version(contract: Contract) -> int:
    """How many amendments have been accepted so far, on top of the version the record began with."""
    return contract.version + len(accepted(contract))


def as_amended(contract: Contract, day: date, known_on: date | None = None) -> Contract:
    """The contract with every accepted amendment in force on `day` applied; the record itself is unchanged.

    An amendment that takes effect after `day` leaves no trace, so that asking about last year gives last
    year's terms for ever. `known_on` asks what was known then (None: everything on record).
    """
    check_days("as_amended", day=day)
    if known_on is not None:
        check_days("as_amended", known_on=known_on)
    result = contract
    for amendment in accepted(contract, known_on):
        if amendment.effective_on <= day:
            result = amended(result, amendment)
    return result


def next_amendment_id(contract: Contract) -> AmendmentId:
    """An id that no amendment of the contract has, derived from the contract's own: "C-1/A3"."""
    taken = {amendment.id for amendment in contract.amendments}
    ids = (AmendmentId(f"{contract.id}/A{number}") for number in count(len(taken) + 1))
    return next(one for one in ids if one not in taken)


def amended(contract: Contract, amendment: Amendment) -> Contract:
    """The contract with one amendment applied, whatever its day and its base."""
    result = contract
    if amendment.restated is not None:
        result = _restated(contract, amendment.restated, amendment.effective_on)
    kept = tuple(c for c in result.clauses if c.citation not in amendment.drops_citations)
    changes: dict[LineId, list[LineChange]] = {}
    for change in amendment.line_changes:
        changes.setdefault(change.line, []).append(change)
    lines = (reduce(_changed, changes.get(line.id, ()), line) for line in (*result.lines, *amendment.lines_added))
    result = attrs.evolve(
        result,
        term=amendment.term or result.term,
        renewal=amendment.renewal or result.renewal,
        notice=amendment.notice or result.notice,
        clauses=kept + amendment.adds,
        lines=tuple(_moved(line, amendment) for line in lines),
    )
    return _with_new_party(result, amendment)


def _restated(contract: Contract, new: Restatement, first_day: date) -> Contract:
    restated = {line.id: line for line in new.lines}
    known = {line.id for line in contract.lines}
    lines = [restated.get(line.id) or _ended(line, first_day - _ONE_DAY) for line in contract.lines]
    return attrs.evolve(
        contract,
        term=new.term,
        renewal=new.renewal,
        notice=new.notice,
        clauses=new.clauses,
        lines=(*lines, *(line for line in new.lines if line.id not in known)),
        special_terms=new.special_terms,
        governing_law=new.governing_law,
        governing_place=new.governing_place,
        total_value=new.total_value,
        annual_value=new.annual_value,
        recurring_value=new.recurring_value,
    )


def _changed(line: ContractLine, change: LineChange) -> ContractLine:
    return attrs.evolve(
        line,
        price=line.price if change.price is None else change.price,
        quantity=line.quantity if change.quantity is None else change.quantity,
        last_day=line.last_day if change.last_day is None else change.last_day,
    )


def _moved(line: ContractLine, amendment: Amendment) -> ContractLine:
    """The line brought to the common last day, or ended here where it goes on in another contract."""
    named = line.id in amendment.lots
    if amendment.aligned_to is not None:
        running = line.recurrence is not None and (line.last_day is None or line.last_day >= amendment.effective_on)
        aligned = named or (not amendment.lots and running)
        return attrs.evolve(line, last_day=amendment.aligned_to) if aligned else line
    if amendment.successor is not None and named:
        return _ended(line, amendment.effective_on - _ONE_DAY)
    return line


def _ended(line: ContractLine, last_day: date) -> ContractLine:
    """The line with `last_day` as its last, unless it ends before."""
    return line if line.last_day is not None and line.last_day <= last_day else attrs.evolve(line, last_day=last_day)


def _with_new_party(contract: Contract, amendment: Amendment) -> Contract:
    if amendment.kind is not AmendmentKind.ASSIGNS or amendment.lots:
        return contract
    if amendment.side is Party.OWN:
        return attrs.evolve(contract, own_unit=amendment.to_unit)
    return attrs.evolve(contract, counterparty=amendment.to_account)
