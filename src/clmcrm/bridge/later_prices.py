"""The prices a contract has agreed for days to come, so that an offer for such a day is held against them.

The rule of the file: a price that an amendment takes away, or that begins later, is the same clause with the days on
which it holds written into it; what was not recorded by the day of the check is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, TypeAlias

import attrs

from clmcrm.clm.clauses import AnyClause
from clmcrm.clm.contract import Contract
from clmcrm.clm.price_clauses import PriceClause, TieredPriceClause
from clmcrm.clm.prices.in_force import Spell, spells
from clmcrm.clm.versions import accepted
from clmcrm.values.span import Span

AgreedPrice: TypeAlias = PriceClause | TieredPriceClause
"""A clause that says what a product costs."""

_Told: TypeAlias = Spell[PriceClause] | Spell[TieredPriceClause]
_ONE_DAY: Final = timedelta(days=1)


def prices_to_come(recorded: Contract, text: Contract, day: date) -> tuple[AnyClause, ...]:
    """The clauses in force on `day`, prices up to the day they are taken away; then the prices that begin later.

    `recorded` is the contract's first text with what was recorded by `day`, `text` the one of that day. What is in
    force and stays comes back as it is, in its order.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId, ProductId
    >>> from clmcrm.values.money import UnitPrice
    >>> later = PriceClause(product=ProductId("seat"), price=UnitPrice(12, "EUR"), first_day=date(2027, 1, 1))
    >>> frame = Contract(id=ContractId("C"), title="frame", kind=ContractKind.SALES, clauses=(later,))
    >>> [str(price.valid) for price in prices_to_come(frame, frame, date(2026, 11, 15))]
    ['2027-01-01/..']
    """
    begun = tuple(clause for clause in text.clauses if clause.begun_by(day))
    if len(begun) == len(text.clauses) and all(one.effective_on <= day for one in accepted(recorded)):
        return begun
    told: list[_Told] = [*spells(recorded, PriceClause, date.max), *spells(recorded, TieredPriceClause, date.max)]
    going = [spell for spell in told if spell.dropped_on is None or spell.dropped_on > day]
    kept = (_until_dropped(clause, going, day) for clause in begun)
    coming = (_within(one.clause, one.since, one.dropped_on) for one in going if one.since and one.since > day)
    return tuple(clause for clause in (*kept, *coming) if clause is not None)


def _until_dropped(clause: AnyClause, going: Iterable[_Told], day: date) -> AnyClause | None:
    if not isinstance(clause, AgreedPrice):
        return clause
    dropped = (one.dropped_on for one in going if one.clause == clause and (one.since is None or one.since <= day))
    dropped_on = next(dropped, None)
    if dropped_on is None:
        return clause
    return _within(clause, day if clause.valid is None else clause.valid.first_day, dropped_on)


def _within(clause: AgreedPrice, since: date, dropped_on: date | None) -> AgreedPrice | None:
    """The clause with the days on which it holds, from `since` to the eve of `dropped_on`; None where there is none."""
    valid = clause.valid or Span(since)
    ends = (valid.last_day, None if dropped_on is None else dropped_on - _ONE_DAY)
    first, last = max(since, valid.first_day), min((end for end in ends if end is not None), default=None)
    return None if last is not None and last < first else attrs.evolve(clause, valid=Span(first, last))
