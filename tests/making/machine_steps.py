"""How many steps the state machines took: counted here, printed at the end of a run.

`python -m pytest -m machine --hypothesis-profile=nightly` (without -n) runs them all and shows the figures.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant

STEPS: Counter[str] = Counter()
"""Steps by machine, those of failing and shrunk runs among them."""

NIGHTLY = settings().max_examples > 1_000
LENGTH = 40


def runs(by_night: int, by_day: int) -> settings:
    """Settings for that many lives of `LENGTH` steps at most."""
    return settings(
        max_examples=by_night if NIGHTLY else by_day,
        stateful_step_count=LENGTH,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


class Counted(RuleBasedStateMachine):
    """A machine whose steps are counted: invariants run once at the beginning, then after each step."""

    def __init__(self) -> None:
        super().__init__()
        STEPS[type(self).__name__] -= 1

    @invariant()
    def a_step_is_counted(self) -> None:
        STEPS[type(self).__name__] += 1


def summary() -> list[str]:
    """One line for each machine that ran, and one for all."""
    lines = [f"{name}: {count:,} steps" for name, count in sorted(STEPS.items())]
    return [*lines, f"in all: {sum(STEPS.values()):,} steps"] if lines else []
