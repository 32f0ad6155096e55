"""Money that was agreed and not asked for: price revisions nobody applied, commitments nobody used up.

The rule of the file: what cannot be computed is named; it is never taken for nothing lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

import attrs

from clmcrm.clm.amendments import Amendment
from clmcrm.clm.contract import Contract
from clmcrm.clm.figure_definitions import MISSED_UPLIFTS, UNUSED_COMMITMENTS
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.norms.contract_life import contract_life
from clmcrm.clm.price_clauses import ComparedWith, PriceRevisionClause, VolumeCommitment
from clmcrm.clm.prices.commitments import commitments
from clmcrm.clm.prices.in_force import Spell, came_into_force, lines_on, spells
from clmcrm.clm.prices.index_series import IndexSeries
from clmcrm.clm.prices.indexation import revisions
from clmcrm.clm.prices.windows import Purchase
from clmcrm.clm.stages import ACTIVE, Phase
from clmcrm.clm.versions import accepted, as_amended
from clmcrm.errors import InvalidRecord
from clmcrm.values.conversion import DatedAmount, in_one_currency
from clmcrm.values.currencies import Currency
from clmcrm.values.days import check_days
from clmcrm.values.exact import exact_money
from clmcrm.values.figures import Figure, LeftOut
from clmcrm.values.ids import ContractId, LineId
from clmcrm.values.money import Money, UnitPrice, total
from clmcrm.values.partial import Unknown, known
from clmcrm.values.rates import RateTable
from clmcrm.values.span import Span
from clmcrm.values.yearly import per_year

_ONE_DAY: Final = timedelta(days=1)

NO_SERIES: Final[Mapping[str, IndexSeries]] = {}
"""No index at all: only fixed percentages can be followed."""


def missed_uplift(
    contract: Contract, line: ContractLine, as_of: date, series: Mapping[str, IndexSeries] = NO_SERIES
) -> Money | Unknown | None:
    """What a year of `line` would bring more at the price its revision clause leads to on `as_of`.

    None where no revision clause is in force or the line does not recur; zero where the price in force is
    the revised one or more. Revisions are counted from the clause's anchor or the contract's first day, whenever
    the line begins. A price agreed by an amendment (a new price, a line it adds, all terms anew) stands until the
    next revision day after it, and no price is revised before its line begins or the clause is in force.
    """
    clause = next(_revision_clauses(as_amended(contract, as_of), as_of), None)
    if clause is None or line.recurrence is None:
        return None
    expected = _revised_price(contract, clause, line, as_of, series)
    if isinstance(expected, Unknown):
        return expected
    missing = Fraction(expected.amount) - Fraction(line.price.amount)
    if missing <= 0:
        return Money(0, line.price.currency)
    units = Fraction(line.quantity) * (1 - Fraction(line.discount))
    return per_year(exact_money(missing * units, line.price.currency), line.recurrence)


def _revised_price(
    contract: Contract, clause: PriceRevisionClause, line: ContractLine, as_of: date, series: Mapping[str, IndexSeries]
) -> UnitPrice | Unknown:
    first_day = known(contract.effective_on)
    anchor_on = clause.anchor_on or first_day
    if anchor_on is None:
        return Unknown("the first day its revisions are counted from is not known")
    anew_on = _agreed_anew_on(contract, line, as_of)
    stands_from = max((day for day in (anew_on or first_day, line.first_day) if day is not None), default=anchor_on)
    from_start = anew_on is None or anew_on == first_day
    if not from_start and clause.percent is None and clause.compares_with is ComparedWith.INITIAL:
        return Unknown(f"its price was agreed anew on {anew_on}, and the clause compares with the first index")
    since = came_into_force(contract, clause, as_of)
    if since is not None:
        if (anew_on is None or anew_on < since) and _revised_before(contract, since):
            return Unknown(f"its price was agreed under another revision clause, which held until {since}")
        # On the day it comes into force a clause holds already.
        stands_from = max(stands_from, since - _ONE_DAY)
    index = None if clause.index is None else series.get(clause.index)
    if clause.index is not None and index is None:
        return Unknown(f"the index {clause.index} is not given")
    price = line.price if anew_on is not None else _first_price(contract, line)
    anchored = attrs.evolve(clause, anchor_on=anchor_on)
    return revisions(anchored, price, first_day=stands_from, as_of=as_of, series=index).price


def _revision_clauses(contract: Contract, day: date) -> Iterator[PriceRevisionClause]:
    """The contract's revision clauses that have begun by `day`, in its order."""
    for clause in contract.clauses:
        if isinstance(clause, PriceRevisionClause) and clause.begun_by(day):
            yield clause


def _revised_before(contract: Contract, since: date) -> bool:
    """Whether a revision clause was in force on the day before `since`."""
    eve = since - _ONE_DAY
    return any(True for _ in _revision_clauses(as_amended(contract, eve), eve))


def _agreed_anew_on(contract: Contract, line: ContractLine, as_of: date) -> date | None:
    """The day of the last amendment that states a price for the line; None where the first one still holds."""
    found = (a.effective_on for a in reversed(accepted(contract)) if a.effective_on <= as_of and _prices(a, line.id))
    return next(found, None)


def _prices(amendment: Amendment, line: LineId) -> bool:
    """Whether the amendment states a price for the line: a new one, with a line it adds, or with all terms anew."""
    restated = () if amendment.restated is None else amendment.restated.lines
    changed = (change.line for change in amendment.line_changes if change.price is not None)
    return line in {*changed, *(added.id for added in (*amendment.lines_added, *restated))}


def _first_price(contract: Contract, line: ContractLine) -> UnitPrice:
    return next((first.price for first in contract.lines if first.id == line.id), line.price)


def missed_uplifts(
    contracts: Iterable[Contract],
    as_of: date,
    code: str | Currency,
    rates: RateTable | None = None,
    series: Mapping[str, IndexSeries] = NO_SERIES,
) -> Figure:
    """What the revisions that were due and not applied would bring per year, in the currency `code`.

    Only contracts in effect on `as_of` count, at that day's rates; where it is not known whether one is, its lines are
    left out by name. `series` are the published indices by name.

    >>> missed_uplifts([], date(2026, 1, 1), "EUR").value
    Money('0.00', 'EUR')
    """
    check_days("missed_uplifts", as_of=as_of)
    items: list[DatedAmount] = []
    left_out: list[LeftOut] = []
    for contract in contracts:
        found_on = stage_of(contract, as_of)
        unsure = found_on.stage.phase is Phase.UNKNOWN
        if found_on.stage not in ACTIVE and not unsure:
            continue
        for line in lines_on(contract, as_of):
            missed = missed_uplift(contract, line, as_of, series)
            record = f"{contract}, line {line.id}"
            if unsure and missed is not None:
                reason = f"its stage on {as_of} is not known: {found_on.why}"
                left_out.append(LeftOut(record=record, reason=reason))
            elif isinstance(missed, Unknown):
                left_out.append(LeftOut(record=record, reason=missed.reason))
            elif missed is not None:
                items.append(DatedAmount(record=record, amount=missed, on=as_of))
    found = in_one_currency(items, code, rates)
    value = total((money for _, money in found.amounts), code)
    missing = (*left_out, *found.left_out)
    return MISSED_UPLIFTS.result(value, value.currency.code, len(found.amounts), missing, found.rates)


def unused_commitments(
    contracts: Iterable[Contract],
    purchases: Mapping[ContractId, Sequence[Purchase]],
    as_of: date,
    code: str | Currency,
    rates: RateTable | None = None,
    *,
    by: Party = Party.COUNTERPARTY,
) -> Figure:
    """What is due for the shortfalls of the windows that are over on `as_of`, in the currency `code`.

    `purchases` by contract; a contract that is not in it is left out, because nothing is known of what it
    bought. `by` is the side that committed itself. Rates are those of the last day of each window. A commitment
    that an amendment dropped is due for the windows that were over by then; the one it was dropped in is left out,
    because nobody says what is due for a part of it.

    >>> unused_commitments([], {}, date(2026, 1, 1), "EUR").value
    Money('0.00', 'EUR')
    """
    check_days("unused_commitments", as_of=as_of)
    items: list[DatedAmount] = []
    left_out: list[LeftOut] = []
    for contract in contracts:
        for spell in spells(contract, VolumeCommitment, as_of):
            if spell.clause.by is by:
                found = _shortfalls(contract, spell, purchases.get(contract.id), as_of, Money(0, code))
                if isinstance(found, Unknown):
                    left_out.append(LeftOut(record=str(contract), reason=found.reason))
                else:
                    items.extend(found[0])
                    left_out.extend(found[1])
    converted = in_one_currency(items, code, rates)
    value = total((money for _, money in converted.amounts), code)
    missing = (*left_out, *converted.left_out)
    return UNUSED_COMMITMENTS.result(value, value.currency.code, len(converted.amounts), missing, converted.rates)


def _shortfalls(
    contract: Contract,
    spell: Spell[VolumeCommitment],
    bought: Sequence[Purchase] | None,
    as_of: date,
    nothing: Money,
) -> tuple[list[DatedAmount], list[LeftOut]] | Unknown:
    if bought is None:
        return Unknown("its purchases are not given")
    life = contract_life(contract, as_of)
    first_day = known(contract.effective_on)
    if isinstance(life.from_day, Unknown):
        return life.from_day
    if first_day is None:
        return Unknown("its first day is not known")
    try:
        days = Span(first_day, _last_day(life.last_day, first_day))
        until = min(as_of, spell.dropped_on or as_of)
        found = commitments(spell.clause, bought, days, until, from_day=spell.since)
    except InvalidRecord as refusal:
        return Unknown(str(refusal))
    items: list[DatedAmount] = []
    left_out: list[LeftOut] = []
    for window in found.windows:
        record = f"{contract}, window {window.window.span}"
        last = window.window.span.last_day
        if not window.over or last is None:
            if spell.dropped_on is not None and window.window.span.first_day < spell.dropped_on:
                left_out.append(LeftOut(record=record, reason=f"its commitment was dropped on {spell.dropped_on}"))
            continue
        if isinstance(window.true_up, Unknown):
            left_out.append(LeftOut(record=record, reason=window.true_up.reason))
        else:
            items.append(DatedAmount(record=record, amount=window.true_up or nothing, on=last))
    return items, left_out


def _last_day(fact: object, first_day: date) -> date | None:
    return fact if isinstance(fact, date) and fact >= first_day else None
