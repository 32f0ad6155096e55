"""The life of an obligation as one table: from which states, by which cause, to where.

Rules of the table:

- It is walked once for each occurrence, in the order of days. What a day alone brings about (a deadline
  that passes) is computed and never recorded, so it makes no difference when, or how often, one looks.
- On one day the causes come in the order of `Cause`: what the beginning of the day brings, then what is done.
- A target of None leads back to the state before the suspension.
- Disputes are a region of their own: they may be opened and settled in every state and move none.

Sources: the norms of Symboleo (trigger, antecedent, power, survival), with cure and partial and late
performance added; `clmcrm.clm.performance` keeps the short form of the same chart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen

from clmcrm.values.wording import Wording


class ObligationState(StrEnum):
    """Where an occurrence of an obligation stands."""

    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    PENDING = "pending"
    LAPSED = "lapsed"
    IN_EFFECT = "in_effect"
    PART_PERFORMED = "part_performed"
    FULFILLED = "fulfilled"
    BREACHED = "breached"
    UNCURED = "uncured"
    CURED = "cured"
    LATE_FULFILLED = "late_fulfilled"
    SUSPENDED = "suspended"
    DISCHARGED = "discharged"
    TERMINATED = "terminated"


class Cause(StrEnum):
    """What moves an occurrence, in the order in which causes of one day are applied."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    RESUMED = "resumed"
    ANTECEDENT_TRUE = "trigger and antecedent true"
    ANTECEDENT_MISSED = "antecedent deadline passed"
    DEADLINE_PASSED = "deadline passed"
    BREACH_NOTIFIED = "breach notified"
    CURE_EXPIRED = "cure expired"
    CONTRACT_ENDED = "contract ended"
    SUSPENDED = "suspended"
    PERFORMED_IN_PART = "performed in part"
    PERFORMED_IN_TIME = "performed in full in time"
    PERFORMED_IN_CURE = "performed in full while the cure runs"
    PERFORMED_LATE = "performed in full later"
    DISCHARGED = "waived, released, set off or excused"


@frozen
class Move:
    """One row of the table; `guard` says in words what must hold (empty: nothing more)."""

    sources: frozenset[ObligationState]
    cause: Cause
    target: ObligationState | None
    guard: str = ""


_S = ObligationState
OPEN: Final = frozenset({_S.PENDING, _S.IN_EFFECT, _S.PART_PERFORMED, _S.BREACHED, _S.UNCURED, _S.SUSPENDED})
"""The states in which something may still be owed."""
RESTING: Final = frozenset({_S.IN_EFFECT, _S.PART_PERFORMED, _S.BREACHED, _S.UNCURED})
"""The states a suspension may overlay."""


def _from(*states: ObligationState) -> frozenset[ObligationState]:
    return frozenset(states)


OBLIGATION_CHART: Final[tuple[Move, ...]] = (
    Move(_from(_S.PROPOSED), Cause.CONFIRMED, _S.PENDING, "by a reviewer"),
    Move(_from(_S.PROPOSED), Cause.DISMISSED, _S.DISMISSED, "by a reviewer"),
    Move(_from(_S.PENDING), Cause.ANTECEDENT_TRUE, _S.IN_EFFECT, "contract in effect, or signed and due before"),
    Move(_from(_S.PENDING), Cause.ANTECEDENT_MISSED, _S.LAPSED),
    Move(_from(_S.IN_EFFECT, _S.PART_PERFORMED), Cause.PERFORMED_IN_TIME, _S.FULFILLED, "grace included"),
    Move(_from(_S.IN_EFFECT, _S.PART_PERFORMED), Cause.PERFORMED_IN_PART, _S.PART_PERFORMED),
    Move(_from(_S.IN_EFFECT, _S.PART_PERFORMED), Cause.DEADLINE_PASSED, _S.BREACHED, "grace included"),
    Move(_from(_S.BREACHED), Cause.PERFORMED_IN_PART, _S.BREACHED),
    Move(_from(_S.BREACHED), Cause.BREACH_NOTIFIED, _S.BREACHED, "starts the cure period where so agreed"),
    Move(_from(_S.BREACHED), Cause.PERFORMED_IN_CURE, _S.CURED, "the breach is kept"),
    Move(_from(_S.BREACHED, _S.UNCURED), Cause.PERFORMED_LATE, _S.LATE_FULFILLED, "the breach is kept"),
    Move(_from(_S.BREACHED), Cause.CURE_EXPIRED, _S.UNCURED, "after the notice where so agreed; fires remedies"),
    Move(_from(_S.UNCURED), Cause.BREACH_NOTIFIED, _S.UNCURED),
    Move(_from(_S.UNCURED), Cause.PERFORMED_IN_PART, _S.UNCURED),
    Move(RESTING, Cause.SUSPENDED, _S.SUSPENDED, "effect on days declared"),
    Move(_from(_S.SUSPENDED), Cause.RESUMED, None),
    Move(OPEN - {_S.SUSPENDED}, Cause.DISCHARGED, _S.DISCHARGED, "by the creditor"),
    Move(OPEN - {_S.SUSPENDED}, Cause.CONTRACT_ENDED, _S.TERMINATED, "not surviving"),
)
"""The whole table. What happens during a suspension is applied to the state it covers."""

FINAL: Final = frozenset(ObligationState) - OPEN - {_S.PROPOSED}
"""The states nothing leads out of."""

STATE_WORDS: Final[dict[ObligationState, Wording]] = {
    _S.PROPOSED: Wording("proposed", "proposée"),
    _S.DISMISSED: Wording("dismissed", "écartée"),
    _S.PENDING: Wording("pending", "en attente"),
    _S.LAPSED: Wording("lapsed", "caduque"),
    _S.IN_EFFECT: Wording("in effect", "en vigueur"),
    _S.PART_PERFORMED: Wording("performed in part", "exécutée en partie"),
    _S.FULFILLED: Wording("fulfilled", "exécutée"),
    _S.BREACHED: Wording("breached", "inexécutée à l'échéance"),
    _S.UNCURED: Wording("uncured", "inexécutée, délai de réparation passé"),
    _S.CURED: Wording("cured", "exécutée dans le délai de réparation"),
    _S.LATE_FULFILLED: Wording("fulfilled late", "exécutée en retard"),
    _S.SUSPENDED: Wording("suspended", "suspendue"),
    _S.DISCHARGED: Wording("discharged", "libérée par le créancier"),
    _S.TERMINATED: Wording("ended with the contract", "éteinte avec le contrat"),
}
"""Each state as people read it, of an obligation (in French, feminine)."""

CAUSE_WORDS: Final[dict[Cause, Wording]] = {
    Cause.CONFIRMED: Wording("a reviewer confirmed it", "confirmée par un relecteur"),
    Cause.DISMISSED: Wording("a reviewer dismissed it", "écartée par un relecteur"),
    Cause.RESUMED: Wording("the suspension ended", "fin de la suspension"),
    Cause.ANTECEDENT_TRUE: Wording("it took effect", "elle prend effet"),
    Cause.ANTECEDENT_MISSED: Wording(
        "its condition had not come true in time: it was never owed",
        "sa condition ne s'est pas réalisée à temps : elle n'a jamais été due",
    ),
    Cause.DEADLINE_PASSED: Wording("the last day allowed had passed: breach", "dernier jour passé : manquement"),
    Cause.BREACH_NOTIFIED: Wording("the breach was notified", "le manquement a été notifié"),
    Cause.CURE_EXPIRED: Wording("it was not cured in time", "le manquement n'a pas été réparé à temps"),
    Cause.CONTRACT_ENDED: Wording("the contract had ended, and it does not survive", "le contrat a pris fin"),
    Cause.SUSPENDED: Wording("it was suspended", "elle est suspendue"),
    Cause.PERFORMED_IN_PART: Wording("performed in part", "exécutée en partie"),
    Cause.PERFORMED_IN_TIME: Wording("performed in full, in time", "exécutée entièrement et à temps"),
    Cause.PERFORMED_IN_CURE: Wording(
        "performed late, within the cure period: cured, and the breach stays on record",
        "exécutée en retard, dans le délai de réparation : le manquement reste inscrit",
    ),
    Cause.PERFORMED_LATE: Wording(
        "performed late: the breach stays on record", "exécutée en retard : le manquement reste inscrit"
    ),
    Cause.DISCHARGED: Wording("the creditor gave it up", "le créancier y a renoncé"),
}
"""Each cause as people read it."""


def move_for(state: ObligationState, cause: Cause) -> Move | None:
    """The row that holds for `cause` in `state`, or None when the state has no such move."""
    return next((row for row in OBLIGATION_CHART if state in row.sources and row.cause is cause), None)


def causes_from(state: ObligationState) -> tuple[str, ...]:
    """The causes that `state` has a row for, in the table's order."""
    covered = RESTING if state is _S.SUSPENDED else frozenset[ObligationState]()
    found = (row.cause.value for row in OBLIGATION_CHART if state in row.sources or covered & row.sources)
    return tuple(dict.fromkeys(found))
