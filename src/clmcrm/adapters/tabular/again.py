"""A list that is loaded again: what its columns say is brought up to date, and nothing else is touched.

The rule of the file: a list has a say on what it has a column for. What was entered since (events, lines, an owner, an
amendment) is nobody's to take back by loading the list of the month before once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias, cast

from clmcrm.adapters.tabular.fields import Field
from clmcrm.adapters.tabular.layout import SYSTEM
from clmcrm.adapters.tabular.mapping import Mapping as Columns
from clmcrm.clm.kinds import ContractKind
from clmcrm.ports.records import Json

_Entries: TypeAlias = list[dict[str, Json]]

_FILLS: Final[dict[Field, tuple[str, ...]]] = {
    Field.NUMBER: ("number", "title"),
    Field.TITLE: ("title",),
    Field.KIND: ("kind", "kind_detail", "title"),
    Field.PARTIES: ("names_in_text",),
    Field.ACCOUNT: ("counterparty",),
    Field.AGREEMENT: ("executed_on",),
    Field.EXPIRY: ("term",),
    Field.TERM: ("term",),
    Field.RENEWAL: ("renewal",),
    Field.NOTICE: ("notice",),
    Field.LAW: ("governing_law", "governing_place"),
    Field.TOTAL_VALUE: ("total_value",),
    Field.ANNUAL_VALUE: ("annual_value",),
    Field.OWNER: ("owner",),
    Field.OPPORTUNITY: ("opportunity",),
    Field.PURCHASE_ORDER: ("purchase_order",),
}
"""What a column decides in a contract; the first day is decided by the columns that the mapping starts on."""

_ANSWERED: Final = {
    "clause_fact": {"is", "category", "answer", "quote"},
    "restriction": {"is", "kind", "binds", "quote"},
}
"""What the answers of a list give of a clause; one that holds more was entered by somebody."""


def loaded_again(
    kept: Mapping[str, Json], read: Mapping[str, Json], mapping: Columns, recorded_at: datetime | None = None
) -> dict[str, Json]:
    """What to write to a contract that is `kept` so that it says what its row was `read` as; empty for no change.

    Both are a contract's fields. What the `mapping` has no column for stays, and so do events, clauses, references and
    unread cells that did not come from a list. The day a contract was recorded as executed follows the row; where the
    row states none, the day of the first load stays, and `recorded_at` is not taken for one. None takes a field back.

    >>> from clmcrm.adapters.tabular.mapping import Mapping
    >>> columns = Mapping(columns={Field.ID: "id", Field.TITLE: "title", Field.NUMBER: "number"})
    >>> loaded_again({"title": "Lift", "number": "7", "owner": "U-1"}, {"title": "Lifts"}, columns)
    {'title': 'Lifts', 'number': None}
    """
    stated = {name: value for name, value in kept.items() if value is not None}
    decided = _decided(mapping, stated)
    becomes = {name: value if name in decided else stated.get(name, value) for name, value in read.items()}
    becomes |= dict.fromkeys(decided - read.keys())
    becomes["events"] = cast("Json", _events(_entries(stated, "events"), _entries(read, "events"), recorded_at))
    ours: dict[str, Callable[[Mapping[str, Json]], bool]] = {
        "refs": lambda one: one.get("system") == SYSTEM,
        "extras": lambda one: one.get("system") == SYSTEM,
        "provenance": lambda one: one.get("field") in decided,
    }
    if mapping.fact_suffix:
        ours["clauses"] = _from_a_list
    for name, own in ours.items():
        becomes[name] = cast("Json", [*_entries(read, name), *_others(stated, name, own)])
    said = {name: None if value == [] else value for name, value in becomes.items()}
    return {name: value for name, value in said.items() if value != stated.get(name)}


def _decided(mapping: Columns, kept: Mapping[str, Json]) -> set[str]:
    """The fields that the list has a column for."""
    decided = {name for key in mapping.columns for name in _FILLS.get(key, ())}
    if any(key in mapping.columns for key in mapping.start):
        decided.add("effective_on")
    if Field.TITLE in mapping.columns and kept.get("kind") == ContractKind.CUSTOM:
        decided.add("kind_detail")  # the document's name stands for the kind that no column says
    return decided


def _events(kept: _Entries, read: _Entries, recorded_at: datetime | None) -> _Entries:
    """The kept events, with the one that a list brought moved to the day its row now says."""
    own = [place for place, one in enumerate(kept) if _brought(one)]
    if not kept or not own or not read:
        return kept or read
    (now,) = read
    same = now["at"] == kept[own[0]]["at"]
    unsaid = recorded_at is not None and now["at"] == recorded_at.isoformat()
    return kept if same or unsaid else [*kept[: own[0]], now, *kept[own[0] + 1 :]]


def _brought(event: Mapping[str, Json]) -> bool:
    return event.get("is") == "recorded_as_executed" and str(event.get("by", "")).startswith(f"{SYSTEM}:")


def _from_a_list(clause: Mapping[str, Json]) -> bool:
    """Whether a clause holds what a list's answers give, and no more."""
    return clause.keys() <= _ANSWERED.get(str(clause.get("is")), set())


def _entries(fields: Mapping[str, Json], name: str) -> _Entries:
    """The list under a name; empty where there is none."""
    return cast("_Entries", fields.get(name) or [])


def _others(fields: Mapping[str, Json], name: str, ours: Callable[[Mapping[str, Json]], bool]) -> _Entries:
    """The entries under a name that are not of a list's making."""
    return [one for one in _entries(fields, name) if not ours(one)]
