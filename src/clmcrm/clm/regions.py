"""What else is true of a contract beside its stage: its document, its data, its tie to the CRM.

The rule of the file: each of these regions has a table of its own and moves by itself; none of them ever
moves the stage, and the stage moves none of them. They are about the record and not about the agreement, so
what happens to them counts from the day it was recorded: an amendment that is backdated is still one that
nobody has compared yet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.clm import events as e
from clmcrm.clm.charts import name_of
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.documents import DocumentState
from clmcrm.values.days import check_days


class DataRegion(StrEnum):
    """Whether a person has compared the record with the document."""

    UNREVIEWED = "unreviewed"
    REVIEWED = "reviewed"


class CrmRegion(StrEnum):
    """How the contract stands to its record in the CRM."""

    UNLINKED = "unlinked"
    LINKED = "linked"
    CONFLICTING = "conflicting"


@frozen(kw_only=True)
class Regions:
    """The regions on a day.

    `document` is how far the furthest document is settled (None: there is no document); `conflicts` are
    what the CRM and the contract disagree about; `crm_key` the (system, key) of the tie (None: untied, or
    tied only by the opportunity it came from); `holds` the legal holds that last.
    """

    document: DocumentState | None
    data: DataRegion
    crm: CrmRegion
    crm_key: tuple[str, str] | None
    conflicts: tuple[str, ...]
    holds: tuple[str, ...]


State: TypeAlias = DataRegion | CrmRegion


@frozen
class RegionRow:
    """One row of a region's table: from `sources`, by an event of the class `cause`, to `target`.

    `condition` says in words when the row holds (empty: always).
    """

    sources: frozenset[State]
    cause: type[e.Event]
    target: State
    condition: str = ""


def _rows(target: State, sources: frozenset[State], *causes: type[e.Event], when: str = "") -> tuple[RegionRow, ...]:
    return tuple(RegionRow(sources, cause, target, when) for cause in causes)


_ANY_DATA: Final = frozenset[State](DataRegion)
_UNTIED: Final = frozenset[State]({CrmRegion.UNLINKED})
_AGREEING: Final = frozenset[State]({CrmRegion.LINKED})
_DISAGREEING: Final = frozenset[State]({CrmRegion.CONFLICTING})
_TIED: Final = _AGREEING | _DISAGREEING
_SAME: Final = "no other record is named yet"

DATA_ROWS: Final = (
    *_rows(DataRegion.REVIEWED, _ANY_DATA, e.DataReviewed),
    # Whatever changes the text makes the record something nobody has compared yet.
    *_rows(DataRegion.UNREVIEWED, _ANY_DATA, e.RecordedAsExecuted, e.Redrafted, e.AmendmentAccepted),
)
"""The data region's table."""

CRM_ROWS: Final = (
    *_rows(CrmRegion.LINKED, _UNTIED, e.LinkedToCrm),
    *_rows(CrmRegion.LINKED, _AGREEING, e.LinkedToCrm, when=_SAME),
    *_rows(CrmRegion.CONFLICTING, _DISAGREEING, e.LinkedToCrm, when=_SAME),
    *_rows(CrmRegion.UNLINKED, _TIED, e.UnlinkedFromCrm),
    *_rows(CrmRegion.CONFLICTING, _TIED, e.CrmConflictFound),
    *_rows(CrmRegion.LINKED, _DISAGREEING, e.CrmConflictSettled, when="it was the last one open"),
    *_rows(CrmRegion.CONFLICTING, _DISAGREEING, e.CrmConflictSettled, when="others are open"),
)
"""The table of the tie to the CRM."""


def regions_of(contract: Contract, as_of: date, *, known_on: date | None = None) -> Regions:
    """The regions on `as_of`, by what was recorded on or before `known_on` (None: on or before `as_of`).

    A contract that names its opportunity begins linked. The documents are those the record holds now.
    """
    check_days("regions_of", as_of=as_of)
    if known_on is not None:
        check_days("regions_of", known_on=known_on)
    knowledge = as_of if known_on is None else known_on
    data, tie = DataRegion.UNREVIEWED, _Tie(contract.opportunity is not None)
    holds: list[str] = []
    latest = date.min
    for event in not_undone(contract.events, knowledge):
        latest = max(latest, event.at.date())  # none is known before the one ahead of it
        if latest > as_of:
            break
        if isinstance(event, e.DataReviewed):
            data = DataRegion.REVIEWED
        elif type(event) in _UNREVIEWING:
            data = DataRegion.UNREVIEWED
        elif isinstance(event, e.HoldPlaced):
            holds.append(event.hold)
        elif isinstance(event, e.HoldReleased):
            holds = [hold for hold in holds if hold != event.hold]
        else:
            tie.note(event)
    return Regions(
        document=furthest_document(contract),
        data=data,
        crm=tie.state,
        crm_key=tie.key,
        conflicts=tuple(tie.conflicts),
        holds=tuple(dict.fromkeys(holds)),
    )


def furthest_document(contract: Contract) -> DocumentState | None:
    """How far the furthest of the contract's documents is settled; None when it has none."""
    order = list(DocumentState)
    return max((document.state for document in contract.documents), key=order.index, default=None)


def region_refusal(contract: Contract, event: e.Event) -> str:
    """Why an event of these regions has no place now; an empty text when it has."""
    now = regions_of(contract, date.max)
    check = _CHECKS.get(type(event))
    why = "" if check is None else check(now, event)
    return f"{name_of(event)}: {why}" if why else ""


class _Tie:
    """The tie to the CRM while events are added up."""

    def __init__(self, linked: bool) -> None:  # noqa: FBT001 - the one thing it begins with
        self.linked = linked
        self.key: tuple[str, str] | None = None
        self.conflicts: list[str] = []

    @property
    def state(self) -> CrmRegion:
        if not self.linked:
            return CrmRegion.UNLINKED
        return CrmRegion.CONFLICTING if self.conflicts else CrmRegion.LINKED

    def note(self, event: e.Event) -> None:
        match event:
            case e.LinkedToCrm():
                self.linked, self.key = True, (event.system, event.key)
            case e.UnlinkedFromCrm():
                self.linked, self.key, self.conflicts = False, None, []
            case e.CrmConflictFound() if self.linked and event.what not in self.conflicts:
                self.conflicts.append(event.what)
            case e.CrmConflictSettled():
                self.conflicts = [what for what in self.conflicts if what != event.what]
            case _:
                pass


_UNREVIEWING: Final = frozenset(row.cause for row in DATA_ROWS if row.target is DataRegion.UNREVIEWED)


def _tied(now: Regions, _event: e.Event) -> str:
    return "" if now.crm is not CrmRegion.UNLINKED else "the contract is tied to no record in the CRM"


def _free(now: Regions, event: e.Event) -> str:
    if now.crm_key is None or not isinstance(event, e.LinkedToCrm) or now.crm_key == (event.system, event.key):
        return ""
    return f"it is tied to {now.crm_key[1]} in {now.crm_key[0]}: cut that tie first"


def _conflicting(now: Regions, event: e.Event) -> str:
    if isinstance(event, e.CrmConflictSettled) and event.what in now.conflicts:
        return ""
    return f"there is no open conflict about it; open are: {', '.join(now.conflicts) or 'none'}"


def _not_held(now: Regions, event: e.Event) -> str:
    if isinstance(event, e.HoldPlaced) and event.hold in now.holds:
        return f"the hold {event.hold} lasts already: give another one its own name"
    return ""


def _held(now: Regions, event: e.Event) -> str:
    if isinstance(event, e.HoldReleased) and event.hold in now.holds:
        return ""
    return f"there is no such hold; lasting are: {', '.join(now.holds) or 'none'}"


_CHECKS: Final[dict[type[e.Event], Callable[[Regions, e.Event], str]]] = {
    e.LinkedToCrm: _free,
    e.UnlinkedFromCrm: _tied,
    e.CrmConflictFound: _tied,
    e.CrmConflictSettled: _conflicting,
    e.HoldPlaced: _not_held,
    e.HoldReleased: _held,
}
