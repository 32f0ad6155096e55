"""From a system's record to what the port shows of it: key, version, mark, fields, and what could not be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any, cast

from clmcrm.adapters.declared.description import KindMap, Path
from clmcrm.adapters.declared.forms import Misfit, instant_of, shown_fields
from clmcrm.adapters.declared.members import ABSENT, at, exact_json, plain, shown
from clmcrm.adapters.declared.wire import Wire
from clmcrm.errors import MalformedReply
from clmcrm.ports.records import Json, Seen

Row = Mapping[str, Any]


def seen_of(kind: KindMap, row: Row, wire: Wire, where: str) -> Seen:
    """The record as the port shows it; with `unreadable` where a value does not fit.

    Raises `MalformedReply` when it has no key: nothing could be said about whom it is.
    """
    key = key_of(kind, row)
    if key is None:
        raise MalformedReply(wire.system, where, f"a record without a key at {shown(kind.key)}")
    fields: dict[str, Json] = {}
    problems: list[str] = []
    for one in kind.fields.values():
        try:
            fields.update(shown_fields(one, row))
        except Misfit as misfit:
            problems.append(f"{one.name}: {misfit}")
    if kind.extras:
        fields["extras"] = _extras(kind, row, wire.system)
    version = version_of(kind, row)
    if version is None:
        problems.append(f"version: nothing at {shown(kind.version or ())}")
    try:
        changed_at = changed_of(kind, row)
    except Misfit as misfit:
        problems.append(f"changed: {misfit}")
        changed_at = None
    return Seen(
        kind=kind.name,
        key=key,
        fields=fields,
        version=version or "",
        mark=_text(row, kind.mark),
        gone=is_gone(kind, row),
        merged_into=_text(row, kind.merged_into),
        changed_at=changed_at,
        unreadable=wire.clean("; ".join(problems)),
    )


def key_of(kind: KindMap, row: Row) -> str | None:
    """The record's key; None when it has none."""
    return _text(row, kind.key)


def version_of(kind: KindMap, row: Row) -> str | None:
    """The record's version: the one it states, or a fingerprint of all its members where none is declared."""
    if kind.version is None:
        return blake2b(exact_json(dict(sorted(row.items()))).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return _text(row, kind.version)


def changed_of(kind: KindMap, row: Row) -> datetime | None:
    """When it was last changed, in UTC; None when that is not told. Raises `Misfit` for what is no instant."""
    found = ABSENT if kind.changed is None else at(row, kind.changed.path or ())
    if kind.changed is None or found in (ABSENT, None, ""):
        return None
    try:
        return instant_of(kind.changed, found)
    except (ValueError, OverflowError, InvalidOperation) as problem:
        raise Misfit(shown(kind.changed.path or ()), str(problem)[:200]) from None


def is_gone(kind: KindMap, row: Row) -> bool:
    """Whether the record says that it is archived."""
    if kind.gone is None:
        return False
    found = at(row, kind.gone.path)
    return type(found) is type(kind.gone.value) and found == kind.gone.value


def _text(row: Row, path: Path | None) -> str | None:
    found = ABSENT if path is None else at(row, path)
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        return None
    return str(plain(found)) or None


def _extras(kind: KindMap, row: Row, system: str) -> list[Json]:
    """What nothing in the description stands for: members, and inside a member what is left beside what is mapped."""
    left = sorted(_homeless(row, kind.known_paths, ()), key=lambda one: one[0])
    return [{"system": system, "field": ".".join(path), "raw": plain(value)} for path, value in left]


def _homeless(value: object, known: Collection[Path], here: Path) -> Iterator[tuple[Path, object]]:
    """What `value`, which stands at `here`, holds beside the paths that are known below it."""
    if () in known:
        return
    if isinstance(value, Mapping):
        items = list(cast("Mapping[str, object]", value).items())
    elif isinstance(value, list):
        items = [(str(place), one) for place, one in enumerate(cast("list[object]", value))]
    else:  # a bare value where the description expects members
        items = []
        if value is not None:
            yield here, value
    for name, one in items:
        inner = [path[1:] for path in known if path[0] == name]
        if inner:
            yield from _homeless(one, inner, (*here, name))
        else:
            yield (*here, name), one
