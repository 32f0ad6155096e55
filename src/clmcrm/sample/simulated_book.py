"""A simulated book of customers whose truth is known: what a forecast may be judged by.

Each account's true chance is drawn from planted drivers, with a threshold and a saturation that no linear model
has; some features are noise that moves nothing, and some facts are missing. The same seed gives the same book.
"""
# ruff: noqa: PLR2004 - the planted truth is made of numbers

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import exp
from random import Random
from typing import Final

from attrs import frozen

from clmcrm.analytics.evaluation import Judged
from clmcrm.analytics.likelihood_model import Example, Target
from clmcrm.values.exact import round_to
from clmcrm.values.ids import AccountId

RENEWAL_DRIVERS: Final = ("usage change", "open disputes", "price increase", "satisfaction", "days since last contact")
"""What moves renewals in the simulated book, in no order."""

EXPANSION_DRIVERS: Final = ("commitment used", "usage change", "satisfaction", "open disputes")
NOISE: Final = ("employees",)
"""What moves nothing."""

_PLACES: Final = 4
_MISSING: Final = 0.05


@frozen(kw_only=True)
class SimulatedBook:
    """Examples, and for each account its true chance; `seed` and `target` say how to make it again."""

    seed: int
    target: Target
    examples: tuple[Example, ...]
    truth: Mapping[AccountId, Decimal]

    def oracle(self, examples: tuple[Example, ...] | list[Example]) -> tuple[Judged, ...]:
        """What somebody who knew the true chances would have forecast: the best anybody can do."""
        return tuple(
            Judged(account=e.account, chance=self.truth[e.account], happened=e.happened) for e in examples
        )  # fmt: skip


def simulated_book(seed: int, accounts: int = 6000, target: Target = Target.RENEWAL) -> SimulatedBook:
    """A book of `accounts` accounts.

    >>> simulated_book(1, 10) == simulated_book(1, 10)
    True
    """
    lots = Random(f"{target.value} {seed}")  # noqa: S311 - a simulation, not a secret
    examples: list[Example] = []
    truth: dict[AccountId, Decimal] = {}
    for n in range(accounts):
        account = AccountId(f"S-{n}")
        facts = _drawn(lots)
        odds = _renewal(facts) if target is Target.RENEWAL else _expansion(facts)
        true = 1 / (1 + exp(-odds))
        truth[account] = round_to(Fraction(true), _PLACES)
        known = {
            name: round_to(Fraction(value), _PLACES) for name, value in facts.items() if lots.random() >= _MISSING
        }  # fmt: skip
        examples.append(Example(account=account, facts=known, happened=lots.random() < true))
    return SimulatedBook(seed=seed, target=target, examples=tuple(examples), truth=truth)


def _drawn(lots: Random) -> dict[str, float]:
    return {
        "usage change": max(-1.0, min(1.5, lots.gauss(0.02, 0.22))),
        "days since last contact": lots.expovariate(1 / 45),
        "overdue cases": float(sum(lots.random() < 0.15 for _ in range(4))),
        "open disputes": float(lots.random() < 0.12),
        "late payments": float(sum(lots.random() < 0.2 for _ in range(4))),
        "renewals so far": float(int(lots.expovariate(0.5))),
        "price increase": 0.0 if lots.random() < 0.4 else lots.uniform(0.0, 0.12),
        "satisfaction": max(0.0, min(10.0, lots.gauss(7.2, 1.8))),
        "commitment used": max(0.0, lots.gauss(0.85, 0.3)),
        "employees": lots.lognormvariate(0.5, 0.8),
    }


def _renewal(facts: Mapping[str, float]) -> float:
    """The true log odds: contact saturates after half a year, an increase hurts more above 5 percent."""
    steep = max(0.0, facts["price increase"] - 0.05)
    return (
        1.3
        + 3.2 * facts["usage change"]
        - 1.6 * facts["open disputes"]
        - 8.0 * facts["price increase"]
        - 6.0 * steep
        + 0.32 * (facts["satisfaction"] - 7.2)
        - 0.008 * min(facts["days since last contact"], 180.0)
        - 0.1 * facts["overdue cases"]
        + 0.08 * min(facts["renewals so far"], 5.0)
    )


def _expansion(facts: Mapping[str, float]) -> float:
    return (
        -1.6
        + 3.0 * (min(facts["commitment used"], 1.4) - 0.85)
        + 2.5 * facts["usage change"]
        + 0.35 * (facts["satisfaction"] - 7.2)
        - 0.8 * facts["open disputes"]
    )
