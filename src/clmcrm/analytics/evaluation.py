"""How good forecasts were: on examples the model has not seen, in figures that say what they count.

AUC: the chance that an account it happened to was ranked above one it did not happen to, ties counting half
(Hanley and McNeil, Radiology 143 (1982), 29). Calibration error: the mean distance, over groups of equal size,
between what was forecast and how often it came true (Naeini and others, AAAI 2015). Brier score: the mean
squared error (Monthly Weather Review 78 (1950), 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from typing import Final

from attrs import field, frozen

from clmcrm.analytics.likelihood_model import Example, LikelihoodModel, chance_of
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure, FigureValue
from clmcrm.values.ids import AccountId
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import flag, share, text

_PLACES: Final = 4
_PARTS: Final = 10**6


@frozen(kw_only=True)
class Judged:
    """What was forecast for an account (0 to 1), and whether it happened.

    Raises `InvalidRecord` for a chance outside 0 to 1.
    """

    account: AccountId = field(validator=text)
    chance: Decimal = field(validator=share)
    happened: bool = field(validator=flag)


@frozen(kw_only=True)
class CalibrationBin:
    """A group of accounts of like forecast: the mean forecast, how often it happened, how many they are."""

    forecast: Decimal
    happened: Decimal
    size: int


def split(examples: Iterable[Example], held_back: Decimal, salt: str = "") -> tuple[list[Example], list[Example]]:
    """The examples to learn from and the share `held_back` to judge by, decided by each account's own id.

    An account is always on the same side, however often its examples come and in whatever order; another
    `salt` gives another split. Raises `InvalidRecord` for a share outside 0 to 1.
    """
    given: object = held_back  # a caller without type checks may hand over anything
    if not isinstance(given, Decimal) or not given.is_finite() or not 0 <= given <= 1:
        raise InvalidRecord("split", "held_back", held_back, "a Decimal from 0 to 1 (never a float)")
    learn: list[Example] = []
    judge: list[Example] = []
    for example in examples:
        place = int(sha256(f"{salt}/{example.account}".encode()).hexdigest(), 16) % _PARTS
        (judge if place < Fraction(held_back) * _PARTS else learn).append(example)
    return learn, judge


def judged(model: LikelihoodModel, examples: Iterable[Example]) -> tuple[Judged, ...]:
    """What `model` forecasts for `examples`, beside what happened."""
    return tuple(Judged(account=e.account, chance=chance_of(model, e.facts), happened=e.happened) for e in examples)


def ranking(outcomes: Sequence[Judged]) -> Figure:
    """The AUC: 0.5 is no better than chance, 1 perfect.

    >>> good = Judged(account=AccountId("a"), chance=Decimal("0.9"), happened=True)
    >>> bad = Judged(account=AccountId("b"), chance=Decimal("0.2"), happened=False)
    >>> ranking([good, bad]).value
    Decimal('1.0000')
    """
    ordered = sorted(outcomes, key=lambda o: o.chance)
    yes = sum(o.happened for o in ordered)
    no = len(ordered) - yes
    value: FigureValue = Unknown("it needs accounts of both outcomes")
    if yes and no:
        won, below, start = Fraction(0), 0, 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end].chance == ordered[start].chance:
                end += 1
            tied = sum(o.happened for o in ordered[start:end])
            fallen = end - start - tied
            won += tied * (below + Fraction(fallen, 2))
            below += fallen
            start = end
        value = round_to(won / (yes * no), _PLACES)
    return Figure(
        name="ranking (AUC)", value=value, unit="share", population=len(ordered),
        formula="pairs of a yes and a no that were ranked rightly / all such pairs, ties count half",
    )  # fmt: skip


def calibration(outcomes: Sequence[Judged], groups: int = 10) -> tuple[CalibrationBin, ...]:
    """The outcomes in `groups` of equal size by their forecast, lowest first; fewer when there are fewer.

    Raises `InvalidRecord` for less than one group, and for what is no whole number of them.

    >>> calibration([Judged(account=AccountId("a"), chance=Decimal("0.2"), happened=False)])[0].forecast
    Decimal('0.2000')
    """
    return tuple(
        CalibrationBin(forecast=round_to(forecast, _PLACES), happened=round_to(happened, _PLACES), size=size)
        for forecast, happened, size in _groups(outcomes, groups)
    )


def _groups(outcomes: Sequence[Judged], groups: int) -> list[tuple[Fraction, Fraction, int]]:
    """Each group's mean forecast, how often it happened, and its size, exactly."""
    given: object = groups
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise InvalidRecord("calibration", "groups", groups, "a whole number of groups, one or more")
    ordered = sorted(outcomes, key=lambda o: (o.chance, o.account))
    cuts = [len(ordered) * k // groups for k in range(groups + 1)]
    parts = [ordered[first:last] for first, last in pairwise(cuts) if last > first]
    return [
        (
            sum((Fraction(o.chance) for o in part), Fraction(0)) / len(part),
            Fraction(sum(o.happened for o in part), len(part)),
            len(part),
        )
        for part in parts
    ]


def calibration_error(outcomes: Sequence[Judged], groups: int = 10) -> Figure:
    """The mean distance between forecast and frequency over the groups of `calibration`, by their size."""
    value: FigureValue = Unknown("there is no outcome")
    found = _groups(outcomes, groups)
    if found:
        apart = sum((abs(forecast - happened) * size for forecast, happened, size in found), Fraction(0))
        value = round_to(apart / len(outcomes), _PLACES)
    return Figure(
        name="calibration error", value=value, unit="share", population=len(outcomes),
        formula=f"mean of |forecast - happened| over {groups} groups of equal size",
    )  # fmt: skip


def brier_score(outcomes: Sequence[Judged]) -> Figure:
    """The mean squared distance between forecast and outcome: 0 perfect, 0.25 for always saying one half."""
    value: FigureValue = Unknown("there is no outcome")
    if outcomes:
        squares = sum(((Fraction(o.chance) - o.happened) ** 2 for o in outcomes), Fraction(0))
        value = round_to(squares / len(outcomes), _PLACES)
    return Figure(
        name="Brier score", value=value, unit="share", population=len(outcomes),
        formula="mean of (forecast - outcome) squared",
    )  # fmt: skip
