"""Edits under an access policy: each changed field must be one that somebody with these roles may change.

The rule of the file: an edit is compared with the record as it was, field by field; a field that was withheld
from its editor comes back as withheld and stays as it was. One refused field refuses the whole edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from clmcrm.errors import AccessRefused, InvalidRecord
from clmcrm.parties.access import ANY, Access, AccessPolicy, Path, is_withheld


class _Nothing:
    """There is no value on this side."""


_NOTHING: Final = _Nothing()


def refuse_edits(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    roles: Iterable[str],
    policy: AccessPolicy,
    *,
    kind: str,
    record: str,
) -> None:
    """Raise `AccessRefused`, naming record, field and who may, unless every change is allowed.

    Items of a list that have an "id" are compared with the item of the same id, others by their place. An
    item that comes or goes must be changeable in every field it has; a list whose order changes, or whose
    items have no ids and change in number, must be changeable as a whole. Raises `InvalidRecord` for a field
    that comes back as withheld though these roles see it.
    """
    access = Access(policy=policy, roles=frozenset(roles))
    for path in _changed(before, after, (), access, kind):
        if not access.may_change(kind, path):
            who = policy.who_may("change", kind, path)
            raise AccessRefused(record, ".".join(path), "change", access.roles, who)


def accepted_edit(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    roles: Iterable[str],
    policy: AccessPolicy,
    *,
    kind: str,
    record: str,
) -> dict[str, Any]:
    """The fields to keep: `after`, with what was withheld from its editor put back from `before`.

    Raises `AccessRefused` as `refuse_edits` does; nothing of the edit is kept then.
    """
    refuse_edits(before, after, roles, policy, kind=kind, record=record)
    return cast("dict[str, Any]", _restored(before, after))


def _changed(before: object, after: object, path: Path, access: Access, kind: str) -> Iterator[Path]:
    """The paths that differ, as deep as the two can be compared."""
    if _single(before) and _single(after) and _alike(before, after):
        return
    if is_withheld(after):
        absent = isinstance(before, _Nothing)
        if access.may_see(kind, path or (ANY,)):
            why = "the record has no such field" if absent else "the field was not withheld"
            raise InvalidRecord(kind, ".".join(path), after, f"a value: {why}")
        if not absent:
            return
    old, new = _named(before), _named(after)
    if old is not None and new is not None:
        for name, (one, other) in _paired(old, new).items():
            yield from _changed(one, other, (*path, name), access, kind)
        return
    items, others = _listed(before), _listed(after)
    if items is None or others is None:
        gone = (place for place, _ in _leaves(path, before))
        yield from dict.fromkeys((*gone, *_arriving(path, after, access, kind)))
        return
    told = _told_by_id(items) and _told_by_id(others)
    first, second = _keyed(items, told=told), _keyed(others, told=told)
    moved = [key for key in first if key in second] != [key for key in second if key in first]
    if moved or (not told and len(items) != len(others)):
        yield path
    for one, other in _paired(first, second).values():
        yield from _changed(one, other, (*path, ANY), access, kind)


def _leaves(path: Path, value: object) -> Iterator[tuple[Path, object]]:
    """Every single field in a value that comes or goes as a whole."""
    fields, items = _named(value), _listed(value)
    if fields and not is_withheld(value):
        for name, item in fields.items():
            yield from _leaves((*path, name), item)
    elif items:
        for item in items:
            yield from _leaves((*path, ANY), item)
    elif not isinstance(value, _Nothing):
        yield path, value


def _arriving(path: Path, after: object, access: Access, kind: str) -> Iterator[Path]:
    """Every single field of a value that comes; nothing in it can have been withheld from its editor."""
    for place, value in _leaves(path, after):
        if is_withheld(value) and access.may_see(kind, place):
            raise InvalidRecord(kind, ".".join(place), value, "a value: the record has no such field")
        yield place


def _restored(before: object, after: object) -> object:
    if is_withheld(after):
        return before
    old, new = _named(before), _named(after)
    if old is not None and new is not None:
        return {name: _restored(old.get(name), value) for name, value in new.items()}
    items, others = _listed(before), _listed(after)
    if items is None or others is None:
        return after
    told = _told_by_id(items) and _told_by_id(others)
    known = _keyed(items, told=told)
    return [_restored(known.get(key), value) for key, value in _keyed(others, told=told).items()]


def _paired(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    return {name: (old.get(name, _NOTHING), new.get(name, _NOTHING)) for name in dict.fromkeys((*old, *new))}


def _told_by_id(items: list[object]) -> bool:
    """Whether each item has an id of its own."""
    ids = [(_named(item) or {}).get("id") for item in items]
    return all(isinstance(one, str) for one in ids) and len(set(map(str, ids))) == len(ids)


def _keyed(items: list[object], *, told: bool) -> dict[str, object]:
    """The items by their id, or by their place."""
    return {str((_named(item) or {}).get("id") if told else place): item for place, item in enumerate(items)}


def _single(value: object) -> bool:
    return _named(value) is None and _listed(value) is None


def _alike(before: object, after: object) -> bool:
    """Whether both are one value; True is no 1, though Python finds them equal."""
    return before == after and isinstance(before, bool) is isinstance(after, bool)


def _named(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None


def _listed(value: object) -> list[object] | None:
    return list(cast("Iterable[object]", value)) if isinstance(value, list | tuple) else None
