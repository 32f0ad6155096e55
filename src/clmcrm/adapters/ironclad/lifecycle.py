"""What a record or a workflow of Ironclad means for the life of its contract, as events.

A record appears in the repository with its execution. One that we know nothing else of was recorded as executed; one
that was requested through us went through Ironclad's review and its signatures meanwhile, and is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from clmcrm.adapters.ironclad.feed import moment_of
from clmcrm.adapters.ironclad.shapes import NAME, TYPE, Row
from clmcrm.adapters.ironclad.typed import day_of, read_typed
from clmcrm.adapters.ironclad.wire import VENDOR
from clmcrm.adapters.trees import is_list, is_tree, trees_of
from clmcrm.clm.kinds import ContractKind
from clmcrm.ports.records import Fields, Json

AGREED: Final = "agreementDate"
TERMINATED: Final = "standard_terminationEffectiveDate"
SUPERSEDED: Final = "standard_supersessionEffectiveDate"
SUCCESSOR: Final = "standard_supersedingRecordId"

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_BY: Final = {"by": VENDOR}
_DONE: Final = frozenset({"recorded_as_executed", "signed", "activated", "terminated", "superseded", "canceled"})
_SIGNING: Final[tuple[dict[str, Json], ...]] = (
    {"is": "sent_for_signature"},
    {"is": "signed", "side": "own"},
    {"is": "signed", "side": "counterparty"},
)
_REVIEWER: Final = "ironclad review"
"""Nobody approves what they submitted themselves."""
_UNSAID: Final = "Ironclad does not state the ground"
_KINDS: Final = frozenset(kind.value for kind in ContractKind)

Implied = Callable[[Row, Fields], dict[str, Json]]


def executed(zone: tzinfo | None) -> Implied:
    """The events of a record: those that the facts state, and what the record says beyond them."""

    def implied(row: Row, stored: Fields) -> dict[str, Json]:
        before = trees_of(stored, "events")
        agreed: Any = row.slots.get(AGREED)
        day = day_of(agreed.get("value") if is_tree(agreed) else None, zone)
        at = f"{day}T00:00:00Z" if day else row.stamp
        if not at:
            return {}
        at = _latest(at, *(str(one.get("at", "")) for one in before[-1:]))
        known = {str(one.get("is")) for one in before}
        events: list[Json] = [dict(one) for one in before]
        if not before:
            events.append({"is": "recorded_as_executed", "at": at, **_BY})
        elif not known & _DONE and (day or _from_workflow(row)):
            events += [{"at": at, **_BY, **one} for one in (*_review(stored), *_SIGNING) if one["is"] not in known]
        return {"events": [*events, *_ends(row, known, at, zone)]}

    return implied


def _latest(*stamps: str) -> str:
    """The latest of these instants, which may be written in different zones; what is none comes before all."""
    return max(stamps, key=lambda stamp: moment_of(stamp) or _EVER)


def _review(stored: Fields) -> list[dict[str, Json]]:
    """That it was submitted and approved: by each role that must approve it, or once."""
    told: Any = stored.get("approvals_needed")
    roles: list[Any] = told if is_list(told) and told else [""]
    approved: list[dict[str, Json]] = [{"is": "approved", "by": _REVIEWER, "role": role} for role in roles]
    return [{"is": "submitted_for_approval"}, *approved]


def _ends(row: Row, known: set[str], at: str, zone: tzinfo | None) -> list[Json]:
    """That it was terminated or superseded, from the day that Ironclad states."""
    found: list[Json] = []
    ended = read_typed(row.slots.get(TERMINATED), zone)
    if isinstance(ended, str) and not known & {"terminated", "superseded"}:
        day = _latest(at, f"{ended}T00:00:00Z")
        found.append({
            "is": "terminated", "at": day, **_BY, "ground": "convenience", "last_day": ended, "note": _UNSAID
        })  # fmt: skip
    replaced, successor = read_typed(row.slots.get(SUPERSEDED), zone), read_typed(row.slots.get(SUCCESSOR))
    if isinstance(replaced, str) and isinstance(successor, str) and not found and "superseded" not in known:
        day = _latest(at, f"{replaced}T00:00:00Z")
        found.append({"is": "superseded", "at": day, **_BY, "successor": successor, "from_day": replaced})
    return found


def _from_workflow(row: Row) -> bool:
    source: Any = row.besides.get("source")
    return is_tree(source) and source.get("type") == "workflow"


def in_progress(types: Mapping[str, str]) -> Implied:
    """What a workflow says without an attribute: its title, and by its template which kind of contract it is."""

    def implied(row: Row, stored: Fields) -> dict[str, Json]:
        del stored
        template = str(row.slots.get(TYPE) or "")
        found = types.get(template, "")
        kind = found if found in _KINDS else ContractKind.CUSTOM.value
        return {"title": row.slots.get(NAME) or f"workflow {row.key}", "kind": kind, "kind_detail": template}

    return implied
