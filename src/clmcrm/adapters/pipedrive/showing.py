"""From one of Pipedrive's records to what the port shows, extras included.

Times are told to the second, so two edits within one have the same; a version is the time of change, and a digest of
what the record says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.pipedrive import terms
from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.kinds import PipedriveKind
from clmcrm.adapters.pipedrive.plain import Row, instant, key_of, text
from clmcrm.adapters.pipedrive.wire import VENDOR
from clmcrm.adapters.trees import tree_of
from clmcrm.codec.canonical import canonical_text
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json, Seen

_UNKNOWN: Final = "(no id)"


def is_gone(row: Row) -> bool:
    """Whether the record is in the bin: Pipedrive keeps it there for thirty days, and says so."""
    return row.get("is_deleted") is True or row.get("status") == "deleted"


def live_only(found: Sequence[Row]) -> list[Row]:
    """The rows that are not in the bin."""
    return [row for row in found if not is_gone(row)]


def mark_of(held: PipedriveKind, row: Row, company: Company) -> str | None:
    """Our key on a record; None when it carries none."""
    return own_text(held, row, company, held.key)


def own_text(held: PipedriveKind, row: Row, company: Company, name: str) -> str | None:
    """The text of a custom field of ours; None when it is empty, not told, or no text."""
    code = company.code(held.object, name)
    value: object = None if code is None else tree_of(row, "custom_fields").get(code)
    return value if isinstance(value, str) and value else None


def seen(held: PipedriveKind, row: Row, company: Company) -> Seen:
    """The record as the port shows it, but for its lines.

    A record with a value that nobody can read is shown with the reason (`unreadable`), and the others go on.
    """
    key = key_of(row.get("id")) or _UNKNOWN
    blank = Seen(kind=held.kind, key=key, fields={}, gone=is_gone(row))
    try:
        mark = mark_of(held, row, company)
        blank = evolve(blank, mark=mark)
        updated = text(row, "update_time") or text(row, "add_time") or ""
        if held.carrier:
            _check_there(held, company)
        fields = canonical(held, row, company)
        return evolve(
            blank,
            fields=fields,
            version=f"{updated}.{_digest(fields, mark)}",
            changed_at=instant(updated) if updated else None,
            gone=blank.gone or (held.carrier and mark is None),
        )
    except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError, InvalidRecord) as problem:
        return evolve(blank, unreadable=f"{held.object} {key}: {problem}")


def _check_there(held: PipedriveKind, company: Company) -> None:
    """Raise `ValueError` where one of our fields on what carries a record is not found, or twice.

    Terms without our key are gone. Without the field of our key nobody knows that of any.
    """
    for name in held.own:
        if company.code(held.object, name) is None:
            raise ValueError(f"the company has no custom field {name!r}, or more than one")


def canonical(held: PipedriveKind, row: Row, company: Company) -> dict[str, Json]:
    """The canonical fields of a record; raises `ValueError` for a value that nobody can read."""
    if held.carrier:
        return terms.terms_in(own_text(held, row, company, terms.TERMS))
    fields = held.shown(row, company)
    for name, raw in held.custom.items():
        code = company.code(held.object, raw)
        if code is not None:  # renamed, removed, or twice there: then it is not shown, which is not to be empty
            fields[name] = _custom_text(row, code, raw)
    fields["extras"] = [
        {"system": VENDOR, "field": raw, "raw": _raw(value)}
        for raw in held.carried
        if (value := row.get(raw)) is not None and value not in ("", [], {})
    ]
    return fields


def _custom_text(row: Row, code: str, name: str) -> str | None:
    """The text of a custom field; raises `ValueError` for an option, a number or an amount: it is not nothing."""
    value: object = tree_of(row, "custom_fields").get(code)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"custom field {name!r} is {value!r}; expected a text")
    return value or None


def gone(held: PipedriveKind, row: Row) -> Seen:
    """A record that is known to be in the bin."""
    return Seen(kind=held.kind, key=key_of(row.get("id")) or _UNKNOWN, fields={}, gone=True)


def _digest(fields: Mapping[str, Json], mark: str | None) -> str:
    return blake2b(f"{canonical_text(dict(fields))}\n{mark or ''}".encode(), digest_size=8).hexdigest()


def _raw(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_exact)


def _exact(value: object) -> object:
    """An exact number for JSON: as a number where nothing is lost, else as a text."""
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    raise TypeError(value)
