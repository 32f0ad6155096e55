"""Price revision: what a clause and a published index make of an agreed price, step by step, with sources.

The order is fixed: the index ratio, the share of it that is passed on, the cap and floor of one revision, the
ratchet, the cap and floor of all revisions, and last the rounding. A value that was not published on the day
is not used; a revision that cannot be computed is `Unknown`, and so is every price after it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from attrs import define, field, frozen

from clmcrm.calendars.months import day_in_month, month_number, nth
from clmcrm.clm.price_clauses import ComparedWith, PriceRevisionClause
from clmcrm.clm.prices.index_series import IndexSeries, IndexValue
from clmcrm.values.days import check_days
from clmcrm.values.exact import decimals_of, round_to
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.wording import Step, Wording

_HUNDRED: Final = 100
_MONTHS_IN_YEAR: Final = 12
_SHOWN_DECIMALS: Final = 6


@frozen(kw_only=True)
class Revision:
    """One revision: from `on` (counted) the price is `after`; `steps` say how, with each value's source.

    `compared` are the index values taken, the newest last (empty for a fixed percent).
    """

    on: date
    before: UnitPrice
    after: UnitPrice
    compared: tuple[IndexValue, ...]
    steps: tuple[Step, ...]


@frozen(kw_only=True)
class Revisions:
    """The revisions that could be computed, in order, from the `agreed` price.

    `stopped` says why the next one could not be (None: all are there).
    """

    agreed: UnitPrice
    done: tuple[Revision, ...] = ()
    stopped: Unknown | None = None

    @property
    def price(self) -> UnitPrice | Unknown:
        """The price after the last revision; `Unknown` when a revision that was due is missing."""
        if self.stopped is not None:
            return self.stopped
        return self.done[-1].after if self.done else self.agreed


def revision_days(clause: PriceRevisionClause, first_day: date, as_of: date) -> tuple[date, ...]:
    """The days prices are revised on, up to and with `as_of`: one period after the anchor, then every period.

    `first_day` is the contract's, the anchor unless the clause names another. Anchored, never chained.

    >>> from clmcrm.values.tenor import Tenor
    >>> yearly = PriceRevisionClause(every=Tenor(years=1), percent=Decimal(2))
    >>> [str(day) for day in revision_days(yearly, date(2024, 2, 29), date(2026, 12, 31))]
    ['2025-02-28', '2026-02-28']
    """
    check_days("revision_days", first_day=first_day, as_of=as_of)
    anchor = clause.anchor_on or first_day
    days: list[date] = []
    while (day := nth(anchor, clause.every, len(days) + 1)) <= as_of:
        days.append(day)
    return tuple(day for day in days if day > first_day)


def revisions(
    clause: PriceRevisionClause,
    agreed: UnitPrice,
    *,
    first_day: date,
    as_of: date,
    series: IndexSeries | None = None,
) -> Revisions:
    """Every revision of `agreed` from the contract's `first_day` up to `as_of`, by what was known then.

    `series` is the index the clause names (None for a fixed percent). A value counts when it was published by
    the day of the revision, or, where the clause settles later, by `as_of`. Percentages never mix with
    percentage points: the ratio of two levels is what moves the price.

    >>> from clmcrm.values.tenor import Tenor
    >>> clause = PriceRevisionClause(every=Tenor(years=1), percent=Decimal(3))
    >>> found = revisions(clause, UnitPrice(100, "EUR"), first_day=date(2024, 1, 1), as_of=date(2026, 1, 1))
    >>> [str(revision.after) for revision in found.done]
    ['103.00 EUR', '106.09 EUR']
    """
    check_days("revisions", first_day=first_day, as_of=as_of)
    done: list[Revision] = []
    for day in revision_days(clause, first_day, as_of):
        known_on = as_of if clause.settles_later else day
        found = _revision(_Known(clause, agreed, series, day, known_on), done)
        if isinstance(found, Unknown):
            return Revisions(agreed=agreed, done=tuple(done), stopped=found)
        done.append(found)
    return Revisions(agreed=agreed, done=tuple(done))


@define
class _Known:
    """What one revision starts from."""

    clause: PriceRevisionClause
    agreed: UnitPrice
    series: IndexSeries | None
    day: date
    known_on: date


def _revision(known: _Known, done: list[Revision]) -> Revision | Unknown:
    before = done[-1].after if done else known.agreed
    walk = _Walk(known.clause, known.day)
    ratio: Fraction | Unknown = Fraction(1)
    compared: tuple[IndexValue, ...] = ()
    if known.clause.percent is not None:
        start = before
        ratio = 1 + Fraction(known.clause.percent) / _HUNDRED
        walk.say(f"fixed change of {known.clause.percent} %", f"variation fixe de {known.clause.percent} %")
    else:
        found = _compared(known, done, walk)
        if isinstance(found, Unknown):
            return found
        ratio, compared = found
        start = known.agreed if known.clause.compares_with is ComparedWith.INITIAL else before
    exact = Fraction(start.amount) * walk.passed_on(ratio)
    walk.say(f"{start} becomes {_shown(exact)}", f"{start} devient {_shown(exact)}")
    exact = walk.bounded(exact, Fraction(before.amount), Fraction(known.agreed.amount))
    after = UnitPrice(walk.rounded(exact, known.agreed), known.agreed.currency)
    return Revision(on=known.day, before=before, after=after, compared=compared, steps=tuple(walk.steps))


def _compared(known: _Known, done: list[Revision], walk: _Walk) -> tuple[Fraction, tuple[IndexValue, ...]] | Unknown:
    """The ratio of the index now to the index at the start, and the values now."""
    base = _base(known, done)
    if isinstance(base, Unknown):
        return base
    start, on_base, where = base
    values = _values(known, _comparison_month(known.clause, known.day), on_base)
    if isinstance(values, Unknown):
        return values
    now = _mean(values)
    walk.say(f"starting index: {_shown(start)} ({where.en})", f"indice de départ : {_shown(start)} ({where.fr})")
    for value in values:
        walk.note(_source(value, known))
    ratio = now / start
    if known.clause.ratio_decimals is not None:
        ratio = Fraction(round_to(ratio, known.clause.ratio_decimals, known.clause.rounding))
    walk.say(
        f"ratio {_shown(now)} / {_shown(start)} = {_shown(ratio)}",
        f"rapport {_shown(now)} / {_shown(start)} = {_shown(ratio)}",
    )
    return ratio, values


def _base(known: _Known, done: list[Revision]) -> tuple[Fraction, str | None, Wording] | Unknown:
    """The value compared with, the reference base it stands on (None: its own), and where it comes from."""
    clause = known.clause
    if known.series is None or known.series.id != clause.index:
        given = "none was given" if known.series is None else f"{known.series.id} was given"
        return Unknown(f"the clause names the index {clause.index}; {given}")
    if clause.compares_with is ComparedWith.PREVIOUS and done:
        values = done[-1].compared
        return _mean(values), values[-1].base, Wording("the last revision's", "celui de la dernière révision")
    if clause.base_value is not None:
        # Only what was out by then: a base that comes later makes nothing unclear that was clear.
        bases = {found.base for found in known.series.prints if found.published_on <= known.known_on}
        base = clause.index_base or (None if len(bases) == 1 else "")
        return Fraction(clause.base_value), base, Wording("stated in the contract", "fixé au contrat")
    if clause.base_month is None:
        return Unknown("the clause states neither a base value nor a base month")
    found = _values(known, clause.base_month, clause.index_base or None)
    if isinstance(found, Unknown):
        return found
    said = [_source(value, known) for value in found]
    sources = Wording("; ".join(one.en for one in said), " ; ".join(one.fr for one in said))
    return _mean(found), found[-1].base, sources


def _comparison_month(clause: PriceRevisionClause, day: date) -> date:
    month = month_number(day) - clause.lag_months
    if clause.comparison_month is not None:
        month -= (month - (clause.comparison_month - 1)) % _MONTHS_IN_YEAR
    return day_in_month(month, 1)


def _values(known: _Known, month: date, base: str | None) -> tuple[IndexValue, ...] | Unknown:
    """The values that are averaged, oldest first: one, unless the clause asks for a mean.

    All stand on the base asked for, or on the oldest one's: links lead from a new base to an old one.
    """
    if known.series is None:
        raise AssertionError("no series: _base has refused it")
    found: list[IndexValue] = []
    for back in reversed(range(known.clause.average_of)):
        value = known.series.value(known.series.month_of(month, -back), known.known_on, known.clause.prints, base)
        if isinstance(value, Unknown):
            return value
        base = value.base
        found.append(value)
    return tuple(found)


def _mean(values: tuple[IndexValue, ...]) -> Fraction:
    return sum((value.value for value in values), Fraction(0)) / len(values)


def _source(value: IndexValue, known: _Known) -> Wording:
    """Which value it is, who published it when, and how it was carried over from another base."""
    series = known.series.id if known.series else ""
    publisher = known.series.source if known.series else ""
    found = value.printed
    links_en = "".join(f", times {link.factor} from {link.new} to {link.old}" for link in value.links)
    links_fr = "".join(f", multiplié par {link.factor} de {link.new} à {link.old}" for link in value.links)
    base = f" ({found.base})" if found.base else ""
    which = f"{series} {value.month:%Y-%m}: {found.value}{base}"
    return Wording(
        f"{which}, published by {publisher} on {found.published_on}{links_en}",
        f"{which}, publié par {publisher} le {found.published_on}{links_fr}",
    )


def _shown(value: Fraction) -> str:
    """At most six decimals, for reading only."""
    text = str(round_to(value, _SHOWN_DECIMALS)).rstrip("0")
    return text.removesuffix(".")


@define
class _Walk:
    """The steps from a ratio to a price, written down as they are taken."""

    clause: PriceRevisionClause
    day: date
    steps: list[Step] = field(factory=list[Step])

    def say(self, en: str, fr: str) -> None:
        self.note(Wording(en, fr))

    def note(self, wording: Wording) -> None:
        self.steps.append(Step(self.day, wording))

    def passed_on(self, ratio: Fraction) -> Fraction:
        """1 plus the part of the change that is passed on."""
        part = self.clause.share_of_change
        if part == 1:
            return ratio
        factor = 1 + Fraction(part) * (ratio - 1)
        self.say(f"{part} of the change is passed on: {_shown(factor)}", f"part répercutée {part} : {_shown(factor)}")
        return factor

    def bounded(self, exact: Fraction, before: Fraction, agreed: Fraction) -> Fraction:
        """`exact` inside the bounds of one revision, then the ratchet, then the bounds of all revisions."""
        clause = self.clause
        exact = self._between(exact, before, (clause.floor, clause.cap), _ONE)
        if clause.ratchet and exact < before:
            self.say(f"prices only rise: it stays {_shown(before)}", f"à la hausse seulement : reste {_shown(before)}")
            exact = before
        return self._between(exact, agreed, (clause.total_floor, clause.total_cap), _ALL)

    def _between(
        self, exact: Fraction, start: Fraction, bounds: tuple[Decimal | None, Decimal | None], scope: Wording
    ) -> Fraction:
        low, high = (None if bound is None else start * (1 + Fraction(bound) / _HUNDRED) for bound in bounds)
        if high is not None and exact > high:
            self.say(
                f"cap of {bounds[1]} % {scope.en}: {_shown(high)}",
                f"plafond de {bounds[1]} % {scope.fr} : {_shown(high)}",
            )
            return high
        if low is not None and exact < low:
            self.say(
                f"floor of {bounds[0]} % {scope.en}: {_shown(low)}",
                f"plancher de {bounds[0]} % {scope.fr} : {_shown(low)}",
            )
            return low
        return exact

    def rounded(self, exact: Fraction, agreed: UnitPrice) -> Decimal:
        """`exact` to the clause's decimals, or to those of the agreed price and at least the currency's."""
        decimals = self.clause.decimals
        if decimals is None:
            decimals = max(agreed.currency.decimals, decimals_of(agreed.amount))
        found = round_to(exact, decimals, self.clause.rounding)
        self.say(f"rounded to {decimals} decimals: {found}", f"arrondi à {decimals} décimales : {found}")
        return found


_ONE: Final = Wording("for one revision", "par révision")
_ALL: Final = Wording("over the contract", "sur le contrat")
