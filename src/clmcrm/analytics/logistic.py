"""Logistic regression in a few lines: the weights that make what happened most likely, found by Newton's method.

Numbers here are estimates, so they are floats; money never comes by. The same examples give the same weights
on every machine, to the digits that are kept. Maximum likelihood with a ridge penalty: Hosmer and Lemeshow,
*Applied Logistic Regression*, chapter 2; le Cessie and van Houwelingen, Applied Statistics 41 (1992), 191.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf
from operator import mul
from typing import Final, TypeAlias

from clmcrm.errors import InvalidRecord

Row: TypeAlias = Sequence[float]
Fitted: TypeAlias = tuple[float, tuple[float, ...]]
"""The intercept, and one weight per column."""

Fitter: TypeAlias = Callable[[Sequence[Row], Sequence[bool], float], Fitted]
"""Finds the intercept and weights of rows and outcomes under a ridge penalty (none on the intercept)."""

_MOST_STEPS: Final = 50
_FARTHEST: Final = 30  # beyond this the chance is 0 or 1 to every digit that is kept
_TINY: Final = 1 / 10**9


def chance(log_odds: float) -> float:
    """The probability of that log odds, between 0 and 1.

    >>> chance(0)
    0.5
    """
    bounded = max(-_FARTHEST, min(_FARTHEST, log_odds))
    return 1 / (1 + exp(-bounded))


def fit_logistic(rows: Sequence[Row], outcomes: Sequence[bool], ridge: float = 1) -> Fitted:
    """The intercept and the weights for `rows` (columns of like scale) and what came of each.

    `ridge` (above zero) draws the weights towards zero, as one penalty of half its size times the sum of their
    squares would; it also keeps perfectly separated examples from running to infinity. Raises `InvalidRecord`
    without both outcomes among the examples, and for a `ridge` that is not above zero.

    >>> bias, (weight,) = fit_logistic([[0], [0], [1], [1]], [False, False, True, True])
    >>> weight > 0 > bias
    True
    """
    happened = sum(outcomes)
    if not 0 < happened < len(outcomes) or len(rows) != len(outcomes):
        raise InvalidRecord("fit_logistic", "outcomes", happened, "examples of both outcomes, one for each row")
    check_ridge(ridge)
    wide = [[1, *row] for row in rows]
    width = len(wide[0])
    weights: list[float] = [0] * width
    for _ in range(_MOST_STEPS):
        step = _newton_step(wide, outcomes, weights, ridge)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(abs(change) for change in step) < _TINY:
            break
    return weights[0], tuple(weights[1:])


def check_ridge(ridge: float) -> None:
    """Raise `InvalidRecord` unless `ridge` is a number above zero: without it, no weights need be the best ones.

    >>> check_ridge(-1)
    Traceback (most recent call last):
    clmcrm.errors.InvalidRecord: fit_logistic: ridge is -1; expected a finite number above zero
    """
    if not 0 < ridge < inf:
        raise InvalidRecord("fit_logistic", "ridge", ridge, "a finite number above zero")


def _newton_step(wide: Sequence[Row], outcomes: Sequence[bool], weights: Sequence[float], ridge: float) -> list[float]:
    """How far the weights have to move for the slope of the penalised likelihood to vanish."""
    width = len(weights)
    slope: list[float] = [0 if k == 0 else -ridge * weights[k] for k in range(width)]
    curve: list[list[float]] = [[ridge if j == k > 0 else 0 for k in range(width)] for j in range(width)]
    for row, outcome in zip(wide, outcomes, strict=True):
        p = chance(sum(map(mul, row, weights)))
        error = outcome - p
        spread = p * (1 - p)
        for j, value in enumerate(row):
            slope[j] += error * value
            scaled = spread * value
            line = curve[j]
            for k in range(j + 1):
                line[k] += scaled * row[k]
    for j in range(width):
        for k in range(j):
            curve[k][j] = curve[j][k]
    return _solved(curve, slope)


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a symmetric positive definite system, by elimination."""
    size = len(right)
    rows = [[*matrix[k], right[k]] for k in range(size)]
    for k in range(size):
        pivot = rows[k][k] if abs(rows[k][k]) > _TINY else _TINY
        for below in rows[k + 1 :]:
            factor = below[k] / pivot
            for column in range(k, size + 1):
                below[column] -= factor * rows[k][column]
    found: list[float] = [0] * size
    for k in reversed(range(size)):
        rest = sum(rows[k][j] * found[j] for j in range(k + 1, size))
        pivot = rows[k][k] if abs(rows[k][k]) > _TINY else _TINY
        found[k] = (rows[k][size] - rest) / pivot
    return found
