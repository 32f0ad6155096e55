"""What the stages of a contract's life are called, in English and French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.clm.stages import AnyStage, Stage
from clmcrm.values.wording import Wording

STAGES: Final[Mapping[Stage, Wording]] = {
    Stage.NEW: Wording("new", "nouveau"),
    Stage.DRAFT: Wording("draft", "projet"),
    Stage.IN_APPROVAL: Wording("in approval", "en approbation"),
    Stage.REJECTED: Wording("rejected", "refusé"),
    Stage.NEGOTIATING: Wording("negotiating", "en négociation"),
    Stage.AWAITING_SIGNATURE: Wording("awaiting signature", "en signature"),
    Stage.SIGNATURE_DECLINED: Wording("signature declined", "signature refusée"),
    Stage.SIGNED: Wording("signed", "signé"),
    Stage.IN_EFFECT: Wording("in effect", "en vigueur"),
    Stage.SUSPENDED: Wording("suspended", "suspendu"),
    Stage.UNASSIGNED: Wording("unassigned", "sans titulaire"),
    Stage.EXPIRED: Wording("expired", "échu"),
    Stage.TERMINATED: Wording("terminated", "résilié"),
    Stage.RESCINDED: Wording("rescinded", "annulé"),
    Stage.SUPERSEDED: Wording("superseded", "remplacé"),
    Stage.NOVATED: Wording("novated", "nové"),
    Stage.COMPLETED: Wording("completed", "achevé"),
    Stage.CANCELED: Wording("canceled", "abandonné"),
    Stage.ARCHIVED: Wording("archived", "archivé"),
    Stage.UNKNOWN: Wording("unknown", "inconnu"),
}
"""What a stage of ours is called, of a contract (in French, masculine)."""


def stage_name(stage: AnyStage) -> Wording:
    """What a stage is called; a host's own says so itself.

    >>> stage_name(Stage.SIGNED).fr
    'signé'
    """
    return STAGES[stage] if isinstance(stage, Stage) else stage.title


def stage_name_of(code: str) -> Wording:
    """What the stage with that `value` is called; one that is none of ours shows it with spaces for underscores.

    >>> stage_name_of("in_effect").fr, stage_name_of("legal_review").fr
    ('en vigueur', 'legal review')
    """
    said = code.replace("_", " ")
    return STAGES[Stage(code)] if code in set(Stage) else Wording(said, said)
