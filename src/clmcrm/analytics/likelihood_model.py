"""How likely an account is to renew or to expand, by a model that was fitted to what accounts have done.

The model is a logistic regression on documented features: its weights can be read, each answer lists what
moved it and by how much, and a feature nobody knows of an account moves nothing and is named. Fit it on your own
past, look at `clmcrm.analytics.evaluation` before you believe it, and keep the scorecard of
`clmcrm.analytics.anticipation` for when there is no past to learn from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import sqrt
from typing import Any, Final

import attrs
from attrs import field, frozen

from clmcrm.analytics.logistic import Fitter, chance, check_ridge, fit_logistic
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import less, plain_number, round_to
from clmcrm.values.ids import AccountId
from clmcrm.values.validators import count, each, exact, flag, instance, member, text
from clmcrm.values.wording import Wording

_KEPT: Final = 6
_SHOWN: Final = 4
_TOO_LARGE: Final = Decimal("1E+100")
"""Squares of what is smaller still fit a float."""


class Target(StrEnum):
    """What is anticipated."""

    RENEWAL = "renewal"
    EXPANSION = "expansion"


@frozen(kw_only=True)
class ModelFeature:
    """A column of the model: its `name`, what it means, its `unit`, and what people call it."""

    name: str = field(validator=text)
    meaning: str = field(validator=text)
    unit: str = field(validator=text)
    called: Wording = field(validator=instance(Wording))


def _known_numbers(inst: Example, attribute: attrs.Attribute[Any], value: Mapping[str, Decimal]) -> None:
    _check_numbers(f"Example {inst.account}", attribute.name, value)


def _check_numbers(record: str, called: str, facts: Mapping[str, Decimal]) -> None:
    """Refuse a fact that is no number to reckon with: one NaN among them would be a chance like any other."""
    for name, value in facts.items():
        given: object = value
        if not isinstance(given, Decimal) or not given.is_finite() or not -_TOO_LARGE < given < _TOO_LARGE:
            raise InvalidRecord(record, f"{called}[{name}]", value, "a finite Decimal of at most 100 digits")


@frozen(kw_only=True)
class Example:
    """What was known of an account before the day, and what came of it (`happened`).

    Raises `InvalidRecord` for a fact that is no finite Decimal.
    """

    account: AccountId = field(validator=text)
    facts: Mapping[str, Decimal] = field(hash=False, validator=_known_numbers)
    happened: bool = field(validator=flag)


@frozen(kw_only=True)
class Weighted:
    """A feature with its `weight` on the log odds for one spread (standard deviation) from its `average`."""

    feature: ModelFeature = field(validator=instance(ModelFeature))
    average: Decimal = field(validator=exact)
    spread: Decimal = field(validator=exact)
    weight: Decimal = field(validator=exact)


@frozen(kw_only=True)
class LikelihoodModel:
    """A fitted model: `bias` are the log odds of an average account, `examples` how many it learned from.

    Numbers are kept with six decimals, so that a model written down answers as it did. Raises `InvalidRecord` for
    two features of one name: the facts of both would be the same.
    """

    target: Target = field(validator=member(Target))
    bias: Decimal = field(validator=exact)
    weights: tuple[Weighted, ...] = field(validator=each(instance(Weighted)))
    examples: int = field(validator=count)

    def __attrs_post_init__(self) -> None:
        names = [one.feature.name for one in self.weights]
        if len(set(names)) < len(names):
            raise InvalidRecord("LikelihoodModel", "weights", names, "each feature once")

    @property
    def importance(self) -> tuple[Weighted, ...]:
        """The features by the size of their weight, greatest first: what moves accounts most, on the whole."""
        return tuple(sorted(self.weights, key=lambda w: (-abs(Fraction(w.weight)), w.feature.name)))


@frozen(kw_only=True)
class Because:
    """One reason: a feature's `value`, and by how much it moved the chance from where it would be on average."""

    feature: str
    value: Decimal
    points: Decimal
    wording: Wording


@frozen(kw_only=True)
class Forecast:
    """The chance (0 to 1, four decimals) of one account, its reasons (most first), and what nobody knows of it."""

    account: AccountId
    target: Target
    chance: Decimal
    reasons: tuple[Because, ...]
    unknown: tuple[str, ...]


@frozen(kw_only=True)
class WhatIf:
    """The chance as things are and as they would be; `gain` is the difference."""

    now: Forecast
    then: Forecast

    @property
    def gain(self) -> Decimal:
        """How much more likely it would be; below zero for less."""
        return less(self.then.chance, self.now.chance)


def fitted(
    target: Target,
    features: Sequence[ModelFeature],
    examples: Iterable[Example],
    *,
    ridge: float = 1,
    fitter: Fitter = fit_logistic,
) -> LikelihoodModel:
    """The model of `target` that `examples` teach.

    A fact that an example lacks counts as the average of those that have it; a feature that does not vary by a
    millionth of its unit moves nothing. `fitter` does the arithmetic
    (`clmcrm.adapters.scikit_learn.fit_with_scikit_learn` for very many examples). Raises `InvalidRecord`
    without examples of both outcomes, for a feature no example has a fact for or that stands there twice, and for a
    `ridge` that is not above zero.
    """
    check_ridge(ridge)
    seen = tuple(examples)
    scales = [_scale(feature, seen) for feature in features]
    rows = [
        [_standard(example.facts.get(f.name), *s) for f, s in zip(features, scales, strict=True)] for example in seen
    ]
    bias, weights = fitter(rows, [example.happened for example in seen], ridge)
    return LikelihoodModel(
        target=target,
        bias=_kept(bias),
        weights=tuple(
            Weighted(feature=f, average=_kept(mean), spread=_kept(spread), weight=_kept(weight))
            for f, (mean, spread), weight in zip(features, scales, weights, strict=True)
        ),
        examples=len(seen),
    )


def forecast(model: LikelihoodModel, account: AccountId, facts: Mapping[str, Decimal]) -> Forecast:
    """The chance of `account` from what is known of it, with reasons.

    Raises `InvalidRecord` for a fact that is no feature of the model, or no finite Decimal.
    """
    names = [one.feature.name for one in model.weights]
    for name in facts:
        if name not in names:
            raise InvalidRecord(f"Forecast {account}", "facts", name, f"one of {', '.join(names)}")
    _check_numbers(f"Forecast {account}", "facts", facts)
    moves = {one.feature.name: _move(one, facts.get(one.feature.name)) for one in model.weights}
    log_odds = float(model.bias) + sum(moves.values())
    reasons = [
        _because(one, facts[one.feature.name], chance(log_odds) - chance(log_odds - moves[one.feature.name]))
        for one in model.weights
        if one.feature.name in facts
    ]
    return Forecast(
        account=account,
        target=model.target,
        chance=_shown(chance(log_odds)),
        reasons=tuple(sorted(reasons, key=lambda r: (-abs(Fraction(r.points)), r.feature))),
        unknown=tuple(name for name in names if name not in facts),
    )


def chance_of(model: LikelihoodModel, facts: Mapping[str, Decimal]) -> Decimal:
    """The chance alone (0 to 1, four decimals), for very many accounts; what is no feature is left aside.

    Raises `InvalidRecord` for a fact that is no finite Decimal.
    """
    _check_numbers("chance_of", "facts", facts)
    return _shown(chance(_log_odds(model, facts)))


def what_if(
    model: LikelihoodModel, account: AccountId, facts: Mapping[str, Decimal], changes: Mapping[str, Decimal]
) -> WhatIf:
    """What the chance would be if `changes` were the facts instead.

    The model has learned what goes together, not what causes what: read a gain as "accounts like that one".
    """
    return WhatIf(now=forecast(model, account, facts), then=forecast(model, account, {**facts, **changes}))


def recalibrated(model: LikelihoodModel, examples: Iterable[Example]) -> LikelihoodModel:
    """The model with its log odds stretched and shifted to fit `examples` it has not learned from.

    Platt's scaling (in *Advances in Large Margin Classifiers*, 1999): one slope and one shift, so that the order
    of accounts stays as it was. Raises `InvalidRecord` without both outcomes, and where the examples contradict that
    order or do not show any: no scaling that keeps it fits them.
    """
    seen = tuple(examples)
    scores = [[_log_odds(model, example.facts)] for example in seen]
    shift, (slope,) = fit_logistic(scores, [example.happened for example in seen], 1 / 10**6)
    if _kept(slope) <= 0:
        expected = "examples in which what the model holds more likely happened more often"
        raise InvalidRecord("LikelihoodModel", "examples", f"a slope of {_kept(slope)}", expected)
    return attrs.evolve(
        model,
        bias=_kept(shift + slope * float(model.bias)),
        weights=tuple(attrs.evolve(w, weight=_kept(slope * float(w.weight))) for w in model.weights),
    )


def _log_odds(model: LikelihoodModel, facts: Mapping[str, Decimal]) -> float:
    return float(model.bias) + sum(_move(one, facts.get(one.feature.name)) for one in model.weights)


def _move(one: Weighted, value: Decimal | None) -> float:
    return float(one.weight) * _standard(value, float(one.average), float(one.spread))


def _standard(value: Decimal | None, mean: float, spread: float) -> float:
    """How many spreads the value lies above the average; 0 for one that is not known."""
    return 0 if value is None or not spread else (float(value) - mean) / spread


def _scale(feature: ModelFeature, examples: Sequence[Example]) -> tuple[float, float]:
    values = [float(e.facts[feature.name]) for e in examples if feature.name in e.facts]
    if not values:
        raise InvalidRecord("LikelihoodModel", "features", feature.name, "a feature some example has a fact for")
    mean = sum(values) / len(values)
    spread = sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    # As they are kept, so that the model answers by what it was fitted to: the mean of three times 0.1 is not 0.1 in
    # floats, and a spread of nothing but that would make a feature of whether the fact is known.
    return float(_kept(mean)), float(_kept(spread))


def _because(one: Weighted, value: Decimal, moved: float) -> Because:
    points, average = _shown(moved), plain_number(round_to(Fraction(one.average), _SHOWN))
    size = round_to(abs(Fraction(points)) * 100, 1)
    en, fr = ("raises", "augmente") if points >= 0 else ("lowers", "réduit")
    called, shown = one.feature.called, plain_number(value)
    # The feature's own name may have a point in it: only the numbers are written in the French way.
    value_fr, average_fr, size_fr = (said.replace(".", ",") for said in (shown, average, str(size)))
    return Because(
        feature=one.feature.name,
        value=value,
        points=points,
        wording=Wording(
            f"{called.en} {shown} (average {average}) {en} the chance by {size} points",
            f"{called.fr} {value_fr} (moyenne {average_fr}) {fr} la probabilité de {size_fr} points",
        ),
    )


def _kept(value: float) -> Decimal:
    return round_to(Fraction(value), _KEPT)


def _shown(value: float) -> Decimal:
    return round_to(Fraction(value), _SHOWN)
