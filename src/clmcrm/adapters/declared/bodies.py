"""What is sent: the members that make a record show the canonical fields, and why it may not be possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from clmcrm.adapters.declared.description import FieldMap, KindMap, Path, Sending
from clmcrm.adapters.declared.forms import Misfit, written_values
from clmcrm.adapters.declared.members import ABSENT, at, placed, shown, without
from clmcrm.codec.canonical import check_json
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Create, Fields

Row = dict[str, Any]


def refusal(kind: KindMap, fields: Fields, *, new: bool) -> str | None:
    """Why these fields cannot be written, in words; None when they can."""
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        return str(problem)
    for name, value in fields.items():
        one = kind.fields.get(name)
        if one is None:
            return f"the description of {kind.name} has no place for {name}"
        if one.written == "never" or (one.written == "create" and not new):
            return f"{name} of {kind.name} is not written there"
        try:
            _ = written_values(one, value)
        except Misfit as misfit:
            return str(misfit)
    return None


def path_of(kind: KindMap, name: str) -> tuple[Path, ...]:
    """The paths behind a canonical field."""
    return kind.fields[name].paths


def created_body(kind: KindMap, one: Create) -> Row:
    """The members of a new record that carries our key; raises `Misfit` for a value that has no place there."""
    body = _with_fields(kind, one.fields, {})
    return body if kind.mark is None else _set("mark", kind.mark, one.mark, body)


def changed_body(kind: KindMap, sending: Sending, fields: Fields, row: Row | None) -> Row:
    """The members that change, or with PUT and POST the whole record as it was read, changed.

    Raises `Misfit` for a value that has no place in the record, or that PATCH would not empty.
    """
    _check_currencies(kind, fields, row or {})
    if sending.method != "PATCH":
        whole = _with_fields(kind, fields, dict(row or {}))
        return placed(sending.inside, whole, {})
    for name, value in fields.items():
        if any(told is ABSENT and len(path) == 1 for path, told in written_values(kind.fields[name], value)):
            raise Misfit(name, "is emptied by leaving it out, and PATCH leaves such a member as it is")
    touched = {path[0] for name in fields for path in path_of(kind, name)}
    # A member that holds others is sent whole: what a system does to the rest of it is its own affair.
    before = {name: value for name, value in (row or {}).items() if name in touched}
    return placed(sending.inside, _with_fields(kind, fields, before), {})


def share_a_currency(kind: KindMap, fields: Fields) -> bool:
    """Whether an amount among these fields has its currency where another one has it that is not among them."""
    return any(True for _ in _beside(kind, fields))


def _beside(kind: KindMap, fields: Fields) -> Iterator[tuple[FieldMap, FieldMap]]:
    """Each amount that is written with each that is not, where the currency of both stands in one place."""
    for name in fields:
        one = kind.fields[name]
        for other in kind.fields.values() if one.currency is not None else ():
            if other.currency == one.currency and other.name not in fields:
                yield one, other


def _check_currencies(kind: KindMap, fields: Fields, row: Row) -> None:
    """Raise `Misfit` for an amount whose currency would become that of another one, which is in another."""
    for one, other in _beside(kind, fields):
        told = dict(written_values(one, fields[one.name])).get(one.currency or ())
        code = at(row, one.currency or ())
        if told not in (None, code) and at(row, other.amount or ()) not in (ABSENT, None, ""):
            raise Misfit(one.name, f"is in {told}, and {other.name} beside it in {code}: they have one currency there")


def _with_fields(kind: KindMap, fields: Fields, body: Row) -> Row:
    placed_by: dict[Path, tuple[str, object]] = {}
    for name, value in fields.items():
        for path, told in written_values(kind.fields[name], value):
            other, there = placed_by.setdefault(path, (name, told))
            if there != told:
                raise Misfit(name, f"puts {told!r} at {shown(path)}, where {other} puts {there!r}")
            body = _set(name, path, told, body)
    return body


def _set(name: str, path: Path, told: object, body: Row) -> Row:
    try:
        return cast("Row", without(path, body)) if told is ABSENT else placed(path, told, body)
    except ValueError as problem:  # the record holds something else there than the description says
        raise Misfit(name, str(problem)) from None
