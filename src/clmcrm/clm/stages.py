"""The stages of a contract's life, and the phase that each belongs to.

The rule of the file: what a date brings about depends on the phase and not on the stage, so that a stage
a host adds ends, expires and is replaced like ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import instance, maybe, member, text
from clmcrm.values.wording import Wording


class Phase(StrEnum):
    """What a stage means for the parties: nothing promised yet, signed, in force, over, put away, not known."""

    BEFORE = "before"
    SIGNED = "signed"
    ACTIVE = "active"
    ENDED = "ended"
    ARCHIVED = "archived"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """The stages of a contract's life."""

    NEW = "new"
    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    REJECTED = "rejected"
    NEGOTIATING = "negotiating"
    AWAITING_SIGNATURE = "awaiting_signature"
    SIGNATURE_DECLINED = "signature_declined"
    SIGNED = "signed"
    IN_EFFECT = "in_effect"
    SUSPENDED = "suspended"
    UNASSIGNED = "unassigned"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    RESCINDED = "rescinded"
    SUPERSEDED = "superseded"
    NOVATED = "novated"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ARCHIVED = "archived"
    UNKNOWN = "unknown"

    @property
    def phase(self) -> Phase:
        """The phase the stage belongs to.

        >>> Stage.SUSPENDED.phase, Stage.EXPIRED.phase
        (<Phase.ACTIVE: 'active'>, <Phase.ENDED: 'ended'>)
        """
        return _PHASES[self]


ACTIVE: Final = frozenset({Stage.IN_EFFECT, Stage.SUSPENDED, Stage.UNASSIGNED})
PRE_ACTIVE: Final = frozenset(
    {
        Stage.DRAFT,
        Stage.IN_APPROVAL,
        Stage.REJECTED,
        Stage.NEGOTIATING,
        Stage.AWAITING_SIGNATURE,
        Stage.SIGNATURE_DECLINED,
    }
)
TERMINAL: Final = frozenset(
    {
        Stage.EXPIRED,
        Stage.TERMINATED,
        Stage.RESCINDED,
        Stage.SUPERSEDED,
        Stage.NOVATED,
        Stage.COMPLETED,
        Stage.CANCELED,
    }
)

_PHASES: Final = {
    **dict.fromkeys(Stage, Phase.BEFORE),
    **dict.fromkeys(ACTIVE, Phase.ACTIVE),
    **dict.fromkeys(TERMINAL, Phase.ENDED),
    Stage.SIGNED: Phase.SIGNED,
    Stage.ARCHIVED: Phase.ARCHIVED,
    Stage.UNKNOWN: Phase.UNKNOWN,
}


@frozen(kw_only=True)
class HostStage:
    """A stage that a host adds to its chart: its name, its `phase`, and what people call it.

    `called` None shows the name itself, with spaces for underscores. Raises `InvalidRecord` for the name of
    a stage of ours: two meanings under one name would be told apart by nobody.

    >>> print(HostStage(value="legal_review", phase=Phase.BEFORE).title.en)
    legal review
    """

    value: str = field(validator=text)
    phase: Phase = field(validator=member(Phase))
    called: Wording | None = field(default=None, validator=maybe(instance(Wording)))

    def __attrs_post_init__(self) -> None:
        if self.value in set(Stage):
            raise InvalidRecord("HostStage", "value", self.value, "a name that is not one of the library's stages")

    @property
    def title(self) -> Wording:
        """What people call it, in both languages."""
        said = self.value.replace("_", " ")
        return self.called or Wording(said, said)


AnyStage: TypeAlias = Stage | HostStage
"""A stage of ours or of a host's."""

_ORDER: Final = {stage: index for index, stage in enumerate(Stage)}


def in_order(stages: Iterable[AnyStage]) -> list[AnyStage]:
    """Stages as a life passes them, a host's own after ours by name.

    >>> in_order({Stage.SIGNED, Stage.DRAFT})
    [<Stage.DRAFT: 'draft'>, <Stage.SIGNED: 'signed'>]
    """
    return sorted(stages, key=_place)


def _place(stage: AnyStage) -> tuple[int, str]:
    return (_ORDER[stage], "") if isinstance(stage, Stage) else (len(_ORDER), stage.value)
