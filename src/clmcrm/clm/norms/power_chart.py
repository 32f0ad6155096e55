"""The life of a power as one table: dormant, exercisable in its window, exercised, expired.

Rules of the table: as in `clmcrm.clm.norms.obligation_chart`. A target of None leads back to the state before
the suspension. A power that may be used so often in each period sleeps until the next period begins.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen

from clmcrm.values.wording import Wording


class PowerState(StrEnum):
    """Where a power stands."""

    DORMANT = "dormant"
    EXERCISABLE = "exercisable"
    EXERCISED = "exercised"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class PowerCause(StrEnum):
    """What moves a power, in the order in which causes of one day are applied."""

    RESUMED = "resumed"
    CONTRACT_ENDED = "contract ended"
    OPENED = "trigger and antecedent true"
    PERIOD_BEGAN = "next period began"
    CLOSED = "window closed"
    SUSPENDED = "suspended"
    USED = "exercised"
    USED_FOR_PERIOD = "exercised for the last time in its period"
    USED_UP = "exercised for the last time"
    RELEASED = "given up by its holder"


@frozen
class PowerMove:
    """One row of the table; `guard` says in words what must hold (empty: nothing more)."""

    sources: frozenset[PowerState]
    cause: PowerCause
    target: PowerState | None
    guard: str = ""


_P = PowerState
_LIVING: Final = frozenset({_P.DORMANT, _P.EXERCISABLE})


def _from(*states: PowerState) -> frozenset[PowerState]:
    return frozenset(states)


POWER_CHART: Final[tuple[PowerMove, ...]] = (
    PowerMove(_from(_P.DORMANT), PowerCause.OPENED, _P.EXERCISABLE, "contract in effect"),
    PowerMove(_from(_P.DORMANT), PowerCause.PERIOD_BEGAN, _P.EXERCISABLE),
    PowerMove(_LIVING, PowerCause.CLOSED, _P.EXPIRED),
    PowerMove(_from(_P.EXERCISABLE), PowerCause.USED, _P.EXERCISABLE, "by its holder; uses are left"),
    PowerMove(_from(_P.EXERCISABLE), PowerCause.USED_FOR_PERIOD, _P.DORMANT, "by its holder"),
    PowerMove(_from(_P.EXERCISABLE), PowerCause.USED_UP, _P.EXERCISED, "by its holder"),
    PowerMove(_LIVING, PowerCause.SUSPENDED, _P.SUSPENDED, "effect on days declared"),
    PowerMove(_from(_P.SUSPENDED), PowerCause.RESUMED, None),
    PowerMove(_LIVING, PowerCause.RELEASED, _P.TERMINATED, "by its holder"),
    PowerMove(_LIVING, PowerCause.CONTRACT_ENDED, _P.TERMINATED, "not surviving"),
)
"""The whole table. What a day brings during a suspension is applied to the state it covers."""

POWER_STATE_WORDS: Final[dict[PowerState, Wording]] = {
    _P.DORMANT: Wording("dormant", "en sommeil"),
    _P.EXERCISABLE: Wording("exercisable", "ouvert"),
    _P.EXERCISED: Wording("exercised", "exercé"),
    _P.EXPIRED: Wording("expired", "expiré"),
    _P.SUSPENDED: Wording("suspended", "suspendu"),
    _P.TERMINATED: Wording("terminated", "éteint"),
}
"""Each state as people read it, of a power (in French, masculine)."""

POWER_WORDS: Final[dict[PowerCause, Wording]] = {
    PowerCause.RESUMED: Wording("the suspension ended", "fin de la suspension"),
    PowerCause.CONTRACT_ENDED: Wording("the contract had ended, and it does not survive", "le contrat a pris fin"),
    PowerCause.OPENED: Wording("it can be exercised", "il peut être exercé"),
    PowerCause.PERIOD_BEGAN: Wording("a new period began", "une nouvelle période commence"),
    PowerCause.CLOSED: Wording("its window had closed", "sa fenêtre est fermée"),
    PowerCause.SUSPENDED: Wording("it was suspended", "il est suspendu"),
    PowerCause.USED: Wording("it was exercised", "il a été exercé"),
    PowerCause.USED_FOR_PERIOD: Wording(
        "it was exercised for the last time in its period", "dernier exercice de la période"
    ),
    PowerCause.USED_UP: Wording("it was exercised for the last time", "dernier exercice possible"),
    PowerCause.RELEASED: Wording("its holder gave it up", "son titulaire y a renoncé"),
}
"""Each cause as people read it."""


def power_move_for(state: PowerState, cause: PowerCause) -> PowerMove | None:
    """The row that holds for `cause` in `state`, or None when the state has no such move."""
    return next((row for row in POWER_CHART if state in row.sources and row.cause is cause), None)


def power_causes_from(state: PowerState) -> tuple[str, ...]:
    """The causes that `state` has a row for, in the table's order."""
    return tuple(row.cause.value for row in POWER_CHART if state in row.sources)
