"""Keeps a CRM and a CLM consistent: pull what changed, plan, apply, and let a person resolve conflicts.

The engine merges fields and knows neither wing; what it remembers lives in a journal. `plan` is pure and
`apply` writes; `synchronise` is one whole run.
"""

from __future__ import annotations

from clmcrm.sync.applying import apply
from clmcrm.sync.arbitration import (
    Conflict,
    Decision,
    exported_arbitration,
    exported_history,
    resolve,
    resolve_pairing,
)
from clmcrm.sync.flow import synchronise
from clmcrm.sync.ownership import (
    Direction,
    FieldRule,
    KindRules,
    OnConflict,
    OnDelete,
    Ownership,
    Passage,
    Rules,
)
from clmcrm.sync.parking import adopt, give_up
from clmcrm.sync.planning import plan
from clmcrm.sync.pulling import Pulled, pull, touch
from clmcrm.sync.reconciling import reconcile
from clmcrm.sync.reports import Ended, Line, Report
from clmcrm.sync.reviews import Review, review_queue
from clmcrm.sync.standard import standard_rules
from clmcrm.sync.standing import Case, StandingRule, standing_rule_of
from clmcrm.sync.steps import FieldChange, Note, Op, Plan, Step
from clmcrm.sync.undelivered import DeadLetter, dead_letters, replay

__all__ = [
    "Case",
    "Conflict",
    "DeadLetter",
    "Decision",
    "Direction",
    "Ended",
    "FieldChange",
    "FieldRule",
    "KindRules",
    "Line",
    "Note",
    "OnConflict",
    "OnDelete",
    "Op",
    "Ownership",
    "Passage",
    "Plan",
    "Pulled",
    "Report",
    "Review",
    "Rules",
    "StandingRule",
    "Step",
    "adopt",
    "apply",
    "dead_letters",
    "exported_arbitration",
    "exported_history",
    "give_up",
    "plan",
    "pull",
    "reconcile",
    "replay",
    "resolve",
    "resolve_pairing",
    "review_queue",
    "standard_rules",
    "standing_rule_of",
    "synchronise",
    "touch",
]
