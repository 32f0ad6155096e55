"""A figure with everything needed to trust it: its formula, how many records it counts, which it does not.

A figure that cannot be worked out is `Unknown` with the reason, never zero; a number or a sum of nothing is zero, with
a population of none. Two currencies never meet in one without the rates that joined them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeAlias

import attrs
from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate
from clmcrm.values.validators import count, each, flag, instance, maybe, text
from clmcrm.values.wording import Language, Wording

FigureValue: TypeAlias = Decimal | Money | Unknown
"""What a figure may be: a number in its unit, an amount, or unknown for a reason."""


@frozen(kw_only=True)
class LeftOut:
    """A `record` (named so that it can be found) that a figure does not count, and the `reason`.

    `reason` is in English; `why` says it in both languages, where there are words for both (None: there are not).

    >>> LeftOut(record="contract C-1", reason="it is new", why=Wording("it is new", "il est nouveau")).said("fr")
    'il est nouveau'
    """

    record: str = field(validator=text)
    reason: str = field(validator=text)
    why: Wording | None = field(default=None, validator=maybe(instance(Wording)))

    def said(self, language: Language) -> str:
        """The reason in `language`, or in English where there are no other words for it."""
        return self.reason if self.why is None else self.why.said(language)

    def __str__(self) -> str:
        """Record and reason."""
        return f"{self.record}: {self.reason}"


def _is_value(inst: Figure, attribute: attrs.Attribute[Any], value: object) -> None:
    """A number that is none (NaN, an infinity) would be shown, compared and added like one that was worked out."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidRecord(
            f"Figure {inst.name}", attribute.name, value, "a finite Decimal, or Unknown with the reason"
        )
    instance(Decimal, Money, Unknown)(inst, attribute, value)


@frozen(kw_only=True)
class Figure:
    """A named figure.

    `value` is in `unit` ("share", "days", "EUR", "EUR per day"); `formula` says in words how it comes
    about; `population` is how many records it counts and `left_out` the ones it does not, with reasons;
    `rates` are the exchange rates it used, each once. Raises `InvalidRecord` for a `value` that is no finite number.

    >>> half = Decimal("0.5")
    >>> rate = Figure(name="win rate", value=half, unit="share", formula="won / closed", population=2)
    >>> str(rate)
    'win rate: 0.5 share (won / closed; 2 counted, 0 left out)'
    """

    name: str = field(validator=text)
    value: FigureValue = field(validator=_is_value)
    unit: str = field(validator=text)
    formula: str = field(validator=text)
    population: int = field(validator=count)
    left_out: tuple[LeftOut, ...] = field(default=(), validator=each(instance(LeftOut)))
    rates: tuple[Rate, ...] = field(default=(), validator=each(instance(Rate)))

    @property
    def number(self) -> Decimal | None:
        """The bare number (an amount without its currency); None when the figure is unknown."""
        if isinstance(self.value, Unknown):
            return None
        return self.value.amount if isinstance(self.value, Money) else self.value

    def __str__(self) -> str:
        """One line for a person."""
        shown = f"{self.value:f} {self.unit}" if isinstance(self.value, Decimal) else str(self.value)
        counted = f"{self.population} counted, {len(self.left_out)} left out"
        return f"{self.name}: {shown} ({self.formula}; {counted})"


@frozen(kw_only=True)
class FigureDefinition:
    """What a figure means, once for all its results, in both languages.

    `name` is what people call it, `formula` how it comes about, `population` which records it counts, `unit`
    what it is measured in, `period` which day decides whether a record lies in the period (or how the day
    asked about counts), `missing` what happens to a record that lacks a fact. `additive` says that the parts
    of a partition of the records sum to the whole; shares, means and ratios are not additive.
    """

    name: Wording = field(validator=instance(Wording))
    formula: Wording = field(validator=instance(Wording))
    population: Wording = field(validator=instance(Wording))
    unit: Wording = field(validator=instance(Wording))
    period: Wording = field(validator=instance(Wording))
    missing: Wording = field(validator=instance(Wording))
    additive: bool = field(default=False, validator=flag)

    @property
    def key(self) -> str:
        """The English name, by which a result is tied to its definition."""
        return self.name.en

    def result(
        self,
        value: FigureValue,
        unit: str,
        population: int,
        left_out: Iterable[LeftOut] = (),
        rates: Iterable[Rate] = (),
    ) -> Figure:
        """A result of this figure: `value` in `unit`, over `population` records, with what it leaves out."""
        return Figure(
            name=self.name.en,
            value=value,
            unit=unit,
            formula=self.formula.en,
            population=population,
            left_out=tuple(left_out),
            rates=tuple(dict.fromkeys(rates)),
        )
