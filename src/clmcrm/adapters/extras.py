"""Fields of a vendor's that have no canonical home: carried in a record's `extras`, and written back unchanged.

Each extra names its system, its field and its raw value. Other systems' extras are not ours to write.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeAlias

from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields, Json

EXTRAS: Final = "extras"

Declared: TypeAlias = Mapping[str, Mapping[str, Any]]
"""A model's fields by name, as the server itself describes them."""

Back: TypeAlias = Callable[[str, Json], "tuple[bool, Any]"]
"""Whether a raw value fits a field of a type, and what to write then."""


class Carry(StrEnum):
    """What is carried besides the fields that a record itself holds; nothing of it unless it is asked for.

    `FILES`: images and other files, as base64. `COMPUTED`: fields that the server computes and lets be written.
    `PARTS`: the ids of the records that name this one, which hold the link; they are shown, and never written.
    """

    FILES = "files"
    COMPUTED = "computed"
    PARTS = "parts"


def carry_in(record: str, told: str | None) -> frozenset[Carry]:
    """What a configuration asks to carry, by names with spaces between; raises `InvalidRecord` for another name.

    >>> sorted(carry_in("system erp", "files parts")), carry_in("system erp", None)
    ([<Carry.FILES: 'files'>, <Carry.PARTS: 'parts'>], frozenset())
    """
    try:
        return frozenset(Carry(word) for word in (told or "").split())
    except ValueError:
        raise InvalidRecord(record, "options.carry", told, f"some of {', '.join(Carry)}") from None


def shown_extras(vendor: str, values: Iterable[tuple[str, Json]]) -> list[Json]:
    """Those of the values that say something, as extras, by name.

    >>> shown_extras("erp", [("ref", "K-7"), ("note", ""), ("tags", [])])
    [{'system': 'erp', 'field': 'ref', 'raw': 'K-7'}]
    """
    return [{"system": vendor, "field": name, "raw": raw} for name, raw in sorted(values) if raw not in (None, [], "")]


def others(vendor: str, fields: Fields) -> list[Json]:
    """Other systems' extras among the fields of a record."""
    told = fields.get(EXTRAS) or []
    items = told if isinstance(told, list) else []
    return [one for one in items if isinstance(one, dict) and one.get("system") != vendor]


def without_extras(fields: Fields) -> Fields:
    """The canonical fields alone."""
    return {name: value for name, value in fields.items() if name != EXTRAS}


def values_back(vendor: str, fields: Fields, types: Mapping[str, str], back: Back) -> dict[str, Any]:
    """What to write to the vendor's own fields; raises `ValueError` for one that is not carried or does not fit.

    >>> told = {"extras": [{"system": "erp", "field": "color", "raw": 3}, {"system": "else", "field": "x", "raw": 1}]}
    >>> values_back("erp", told, {"color": "integer"}, lambda kind, raw: (True, raw))
    {'color': 3}
    """
    told = fields.get(EXTRAS) or []
    if not isinstance(told, list):
        raise ValueError(f"{EXTRAS} is {told!r}; expected a list")  # noqa: TRY004 - one kind of failure for one reader
    values: dict[str, Any] = {}
    for one in told:
        if not isinstance(one, dict) or "field" not in one:
            raise ValueError(f"{EXTRAS} has {one!r}; expected a system, a field and its raw value")
        if one.get("system") != vendor:
            continue
        name, raw = str(one["field"]), one.get("raw")
        if name not in types:
            raise ValueError(f"{EXTRAS}: {name!r} is none of the fields that are carried")
        fits, value = back(types[name], raw)
        if not fits:
            raise ValueError(f"{EXTRAS}: {name} is {raw!r}, which does not fit a field of type {types[name]}")
        values[name] = value
    return values


def unfit_extras(vendor: str, fields: Fields, types: Mapping[str, str], back: Back) -> str | None:
    """Why the extras cannot be written back, in words; None when they can."""
    try:
        _ = values_back(vendor, fields, types, back)
    except ValueError as problem:
        return str(problem)
    return None


def loss_table(losses: Mapping[str, Mapping[str, str]]) -> str:
    """What does not survive read, record and write, for each model: its fields by the reason, in Markdown.

    >>> print(loss_table({"party": {"id": "read-only", "rec_name": "read-only"}}))
    | model | why | fields |
    | --- | --- | --- |
    | `party` | read-only | `id`, `rec_name` |
    """
    lines = ["| model | why | fields |", "| --- | --- | --- |"]
    for model, reasons in losses.items():
        lines += [f"| `{model}` | {why} | {_named(reasons, why)} |" for why in sorted(set(reasons.values()))]
    return "\n".join(lines)


def _named(reasons: Mapping[str, str], wanted: str) -> str:
    return ", ".join(f"`{name}`" for name, why in sorted(reasons.items()) if why == wanted)


def carried(declared: Declared, written: Collection[str], lost: Collection[str]) -> dict[str, str]:
    """The types of the fields that are carried: all that are neither `written` by canonical ones nor `lost`."""
    return {name: str(told.get("type")) for name, told in declared.items() if name not in written and name not in lost}
