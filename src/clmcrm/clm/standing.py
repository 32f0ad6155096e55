"""Where a contract stands: its stages, and what the events so far add up to.

The rule of the file: a standing is computed by adding one event after another and is never stored. Time
is not an event; what a date alone brings about is worked out by `clmcrm.clm.lifecycle.stage_of`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

import attrs
from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import (
    Activated,
    AmendmentAccepted,
    Approved,
    Event,
    PartyAssigned,
    Redrafted,
    Rejected,
    Requested,
    Signed,
    Terminated,
    TurnPassed,
)
from clmcrm.clm.kinds import Party
from clmcrm.values.ids import AccountId
from clmcrm.values.partial import known


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


ACTIVE = frozenset({Stage.IN_EFFECT, Stage.SUSPENDED, Stage.UNASSIGNED})
PRE_ACTIVE = frozenset(
    {
        Stage.DRAFT,
        Stage.IN_APPROVAL,
        Stage.REJECTED,
        Stage.NEGOTIATING,
        Stage.AWAITING_SIGNATURE,
        Stage.SIGNATURE_DECLINED,
    }
)
TERMINAL = frozenset(
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


@frozen(kw_only=True)
class Standing:
    """What the events so far add up to.

    `since` is the day the stage was reached by an event (None before the first one). `approvals` are the
    (person, role) pairs still valid for the present text; `signed` the sides that have signed; `pen` who
    holds the draft; `version` how many amendments were accepted; `ending` a termination on record;
    `assigned_to` the account that took the counterparty's place (None: nobody did).
    """

    stage: Stage = Stage.NEW
    since: date | None = None
    author: str = ""
    approvals: tuple[tuple[str, str], ...] = ()
    signed: tuple[tuple[Party, str], ...] = ()
    pen: Party = Party.OWN
    version: int = 0
    ending: Terminated | None = None
    assigned_to: AccountId | None = None
    last: Event | None = None

    def after(self, event: Event, stage: Stage) -> Standing:
        """The standing once `event` has happened and led to `stage`."""
        moved = stage is not self.stage
        said = known(event.effective_on) if isinstance(event, Activated) else None
        since = (said or event.at.date()) if moved else self.since
        return attrs.evolve(self._noted(event), stage=stage, since=since, last=event)

    def _noted(self, event: Event) -> Standing:
        # The values differ in type by field; each is right beside its field's name.
        changes: dict[str, Any] = {}
        match event:
            case Requested():
                changes = {"author": event.by}
            case Approved():
                changes = {"approvals": (*self.approvals, (event.by, event.role))}
            case Redrafted() | Rejected():
                # A changed or refused text voids what was approved or signed before it.
                changes = {"approvals": (), "signed": (), "pen": Party.OWN}
            case Signed():
                changes = {"signed": (*self.signed, (event.side, event.signer))}
            case TurnPassed():
                changes = {"pen": event.to}
            case AmendmentAccepted():
                changes = {"version": self.version + 1}
            case Terminated():
                changes = {"ending": event}
            case PartyAssigned():
                changes = {"assigned_to": event.to}
            case _:
                pass
        return attrs.evolve(self, **changes)


def unapproved(contract: Contract, standing: Standing) -> tuple[str, ...]:
    """The roles whose approval is still missing; where no role is named, one approval is enough."""
    given = {role for _, role in standing.approvals}
    if contract.approvals_needed:
        return tuple(role for role in contract.approvals_needed if role not in given)
    return () if standing.approvals else ("one approval",)


def unsigned(contract: Contract, standing: Standing) -> tuple[str, ...]:
    """Who still has to sign: the required signatories by name, or the two sides when none is named."""
    required = [s for s in contract.signatories if s.required]
    if required:
        done = {name for _, name in standing.signed if name}
        # A signature without a name counts for its side when that side has one signatory only.
        sides = [side for side, name in standing.signed if not name]
        return tuple(
            s.name for s in required if s.name not in done and not _only_one(s.side, sides, [r.side for r in required])
        )
    signed = {side for side, _ in standing.signed}
    return tuple(side.value for side in (Party.OWN, Party.COUNTERPARTY) if side not in signed)


def _only_one(side: Party, nameless: list[Party], required: list[Party]) -> bool:
    return side in nameless and required.count(side) == 1
