"""Which role sees or may change which field of which kind of record: a policy as data, closed by default.

The rule of the file: what no grant names is withheld, and what is withheld says so in its place; it is never
left out, and never shown as if it were empty.

A pattern is a path of field names: "lines.*.price", where "*" is any item of a list or any key. It covers
the field it names and everything below it; "*" alone covers every field. What a read model computes from
other records' fields is seen only by those who may see all of these (`Derived`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, cast

import attrs
from attrs import field, frozen

from clmcrm.errors import AccessRefused, InvalidRecord
from clmcrm.values.validators import each, instance, text

Path: TypeAlias = tuple[str, ...]

ANY: Final = "*"
"""The step of a pattern that any item of a list, and any key, fits."""

WITHHELD: Final = "withheld"
"""The key of what stands in a withheld field's place: {"withheld": true}."""


def withheld() -> dict[str, bool]:
    """What stands in a withheld field's place: a value no field has, which JSON can hold."""
    return {WITHHELD: True}


def is_withheld(value: object) -> bool:
    """Whether `value` only says that a field is withheld.

    >>> is_withheld(withheld()), is_withheld(None), is_withheld("")
    (True, False, False)
    """
    return isinstance(value, Mapping) and dict(cast("Mapping[object, object]", value)) == withheld()


@frozen(kw_only=True)
class Grant:
    """What one role may do with one kind of record.

    `see` and `change` are patterns, `but` patterns taken out of both. To change a field is to see it too,
    so a pattern in `change` counts in `see` as well.
    """

    role: str = field(validator=text)
    kind: str = field(validator=text)
    see: tuple[str, ...] = field(default=(), validator=each(text))
    change: tuple[str, ...] = field(default=(), validator=each(text))
    but: tuple[str, ...] = field(default=(), validator=each(text))

    def covers(self, path: Path, *, change: bool = False) -> bool:
        """Whether the field and everything below it is granted."""
        patterns = self.change if change else (*self.see, *self.change)
        granted = any(_covers(pattern, path) for pattern in patterns)
        return granted and not any(_meets(pattern, path) for pattern in self.but)

    def names(self, path: Path) -> bool:
        """Whether the field itself is granted, whatever is taken out below it."""
        return any(_covers(pattern, path) for pattern in (*self.see, *self.change)) and not self._takes_out(path)

    def reaches_into(self, path: Path) -> bool:
        """Whether something below the field may be granted, though not all of it."""
        return any(_meets(pattern, path) for pattern in (*self.see, *self.change)) and not self._takes_out(path)

    def _takes_out(self, path: Path) -> bool:
        return any(_covers(pattern, path) for pattern in self.but)


@frozen(kw_only=True)
class Derived:
    """A read model's `field` (of `kind`) tells something of each of the `sources`, as (kind, pattern)."""

    kind: str = field(validator=text)
    field: str = attrs.field(validator=text)
    sources: tuple[tuple[str, str], ...] = attrs.field(validator=each(instance(tuple)))


@frozen(kw_only=True)
class AccessPolicy:
    """A house's grants, and what its read models are made of."""

    grants: tuple[Grant, ...] = field(validator=each(instance(Grant)))
    derived: tuple[Derived, ...] = field(default=(), validator=each(instance(Derived)))

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role the policy speaks of, in the order of their names."""
        return tuple(sorted({grant.role for grant in self.grants}))

    def may_see(self, role: str, kind: str, field: str | Path) -> bool:
        """Whether `role` sees the whole of `field`; what no grant names is not seen."""
        return Access(policy=self, roles=frozenset({role})).may_see(kind, field)

    def may_change(self, role: str, kind: str, field: str | Path) -> bool:
        """Whether `role` may change the whole of `field`; it must see it, too."""
        return Access(policy=self, roles=frozenset({role})).may_change(kind, field)

    def who_may(self, deed: str, kind: str, field: str | Path) -> tuple[str, ...]:
        """The roles that may "see" or "change" the whole of `field`."""
        asked = self.may_change if deed == "change" else self.may_see
        return tuple(role for role in self.roles if asked(role, kind, field))


@frozen(kw_only=True)
class Shown:
    """A record as somebody may see it: its `fields` by name, and the paths `withheld` from them.

    A withheld field is there, with `withheld()` for its value; the items of a list are counted as "*".
    """

    fields: Mapping[str, Any] = field(hash=False)
    withheld: tuple[str, ...]


def _as_set(roles: Iterable[str]) -> frozenset[str]:
    return frozenset(roles)


@frozen(kw_only=True)
class Access:
    """Somebody who looks: the policy of the house, and the roles this person has, which add up.

    Raises `InvalidRecord` for a role the policy does not speak of: a misspelt role would silently see less.
    """

    policy: AccessPolicy = field(validator=instance(AccessPolicy))
    roles: frozenset[str] = field(converter=_as_set)

    def __attrs_post_init__(self) -> None:
        for role in sorted(self.roles - set(self.policy.roles)):
            raise InvalidRecord("Access", "roles", role, f"one of {', '.join(self.policy.roles)}")

    def may_see(self, kind: str, field: str | Path) -> bool:
        """Whether one of the roles sees the whole of `field` of a record of that kind."""
        return self._whole(kind, _steps(field))

    def may_change(self, kind: str, field: str | Path) -> bool:
        """Whether one of the roles may change the whole of `field`."""
        path = _steps(field)
        granted = any(grant.covers(path, change=True) for grant in self._grants(kind))
        return granted and self._whole(kind, path)

    def require(self, kind: str, field: str, record: str) -> None:
        """Raise `AccessRefused` unless the whole of `field` may be seen."""
        if not self.may_see(kind, field):
            raise AccessRefused(record, field, "see", self.roles, self.policy.who_may("see", kind, field))

    def visible(self, fields: object, kind: str) -> Shown:
        """`fields` (a mapping, or a record with its fields by name) with what may not be seen withheld."""
        hidden: dict[str, None] = {}
        shown = {name: self._shown(value, kind, (name,), hidden) for name, value in (_children(fields) or {}).items()}
        return Shown(fields=shown, withheld=tuple(hidden))

    def _grants(self, kind: str) -> Iterator[Grant]:
        return (grant for grant in self.policy.grants if grant.kind == kind and grant.role in self.roles)

    def _whole(self, kind: str, path: Path) -> bool:
        granted = any(grant.covers(path) for grant in self._grants(kind))
        return granted and all(self._sources_seen(one) for one in self._told_by(kind, path, below=True))

    def _sources_seen(self, one: Derived) -> bool:
        return all(self._whole(kind, _steps(pattern)) for kind, pattern in one.sources)

    def _told_by(self, kind: str, path: Path, *, below: bool) -> Iterator[Derived]:
        for one in self.policy.derived:
            if one.kind == kind and (_meets(one.field, path) if below else _covers(one.field, path)):
                yield one

    def _shown(self, value: object, kind: str, path: Path, hidden: dict[str, None]) -> object:
        if self._whole(kind, path):
            return value
        children = _children(value)
        # What holds nothing has nothing to take out below it: only the field itself counts.
        granted = any(grant.reaches_into(path) if children else grant.names(path) for grant in self._grants(kind))
        told = all(self._sources_seen(one) for one in self._told_by(kind, path, below=False))
        if not granted or not told:
            hidden[".".join(path)] = None
            return withheld()
        if not children:
            return value
        is_list = isinstance(value, list | tuple)
        steps = ((ANY if is_list else name, name) for name in children)
        shown = {name: self._shown(children[name], kind, (*path, step), hidden) for step, name in steps}
        return list(shown.values()) if is_list else shown


def _children(value: object) -> dict[str, object] | None:
    """What lies below a value, by its name or its place; None for a single value."""
    if isinstance(value, Mapping):
        return {str(name): item for name, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return {str(place): item for place, item in enumerate(cast("Iterable[object]", value))}
    if attrs.has(type(value)):
        parts = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
        return {part.name: getattr(value, part.name) for part in parts}
    return None


def _steps(path: str | Path) -> Path:
    """The steps of a path; one whose names may have dots of their own is given as its steps."""
    return tuple(path.split(".")) if isinstance(path, str) else path


def _covers(pattern: str, path: Path) -> bool:
    """Whether the pattern names the field, or one that it lies in."""
    steps = _steps(pattern)
    return len(steps) <= len(path) and all(step in (ANY, other) for step, other in zip(steps, path, strict=False))


def _meets(pattern: str, path: Path) -> bool:
    """Whether the pattern names the field, one it lies in, or something inside it."""
    return all(ANY in (step, other) or step == other for step, other in zip(_steps(pattern), path, strict=False))
