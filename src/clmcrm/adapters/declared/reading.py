"""A description out of a TOML file: strict, so that what is misspelt or contradictory is an error before any call.

The rule of the file: everything wrong is an `UnreadableInput` that names the place in the file, what was found
and what would be right. A value whose key may hold a secret is never repeated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path as FilePath
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.adapters.declared import description as d
from clmcrm.adapters.declared.base_address import origin_below, shown_address
from clmcrm.adapters.declared.forms import word_sent
from clmcrm.adapters.declared.keys import NEEDED, SECTIONS, Key
from clmcrm.adapters.declared.members import plain
from clmcrm.adapters.declared.sense import objection
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.ports.records import Kind
from clmcrm.values.currencies import currency

_MOST_BYTES: Final = 1 << 20
_MOST_DEPTH: Final = 4
_MOST: Final = 1_000_000_000
"""The largest whole number: as seconds, longer than any system remembers."""
_FAILED: Final = range(300, 600)


def load_description(path: FilePath) -> d.Description:
    """The description in the TOML file at `path`.

    Raises `UnreadableInput` for a file that is missing, no TOML, larger than a megabyte, or that describes
    nothing that could work.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableInput(path.name, f"a description has at most {_MOST_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as refused:
        raise UnreadableInput(path.name, f"cannot be opened: {refused.strerror or refused}") from None
    except UnicodeDecodeError:
        raise UnreadableInput(path.name, "is not UTF-8, as TOML must be") from None
    return read_description(text, path.name)


def read_description(text: str, name: str = "description") -> d.Description:
    """The description that the TOML `text` holds; `name` is what errors call it.

    >>> read_description('system = "acme"')
    Traceback (most recent call last):
    ...
    clmcrm.errors.UnreadableInput: description: address is not given: where the system is; nothing is ever sent to \
another origin
    """
    try:
        told: dict[str, object] = tomllib.loads(text, parse_float=Decimal)  # a number stays as it is written
    except InvalidOperation:
        raise UnreadableInput(name, "is no TOML that can be read: a number is beyond reason") from None
    except (ValueError, RecursionError) as broken:  # no TOML, or a number of thousands of digits
        raise UnreadableInput(name, f"is no TOML: {broken}") from None
    try:
        found = _description(told)
    except _Wrong as wrong:
        raise UnreadableInput(name, f"{wrong.where}{wrong.what}") from None
    senseless = objection(found)
    if senseless is not None:
        raise UnreadableInput(name, "".join(senseless))
    return found


class _Wrong(Exception):
    """What is wrong, and where in the file."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(where, what)


def _description(told: Mapping[str, object]) -> d.Description:
    top = _section("", "", told)
    if not str(top["system"]).isprintable():
        raise _Wrong("system", f" is {str(top['system'])[:80]!r}; expected a name in one line")
    address = str(top["address"]).rstrip("/")
    if "{" in address or "}" in address:
        raise _Wrong("address", f" is {shown_address(address)!r}; nothing is filled in there, write it out")
    try:
        _ = origin_below(address)
    except ValueError as problem:
        raise _Wrong("address", f" is {shown_address(address)!r}: {problem}; expected https://host/path") from None
    auth = _section("auth", "auth", top["auth"] or {"with": "none"})
    limits = _section("limits", "limits", top["limits"] or {})
    rates = [_section("limits.windows", f"limits.windows.{n}", one) for n, one in enumerate(limits.pop("windows"))]
    kinds = cast("Mapping[str, object]", top["kinds"])
    if not kinds:
        raise _Wrong("kinds", " is empty; expected at least one kind, such as [kinds.account]")
    return d.Description(
        system=str(top["system"]),
        address=address,
        auth=d.Signing(scheme=auth.pop("with"), **auth),
        headers=_texts_of("headers", top["headers"] or {}),
        replies=d.Replies(**_section("replies", "replies", top["replies"] or {})),
        limits=d.Limits(windows=tuple(d.Rate(**rate) for rate in rates), **limits),
        writing=d.Writing(**_section("writing", "writing", top["writing"] or {})),
        kinds={kind: _kind(kind, one) for kind, one in kinds.items()},
    )


_PLACES: Final[Mapping[str, Callable[..., object]]] = {
    "list": d.Listing, "one": d.One, "many": d.Many, "find": d.Finding, "create": d.Sending, "update": d.Sending,
}  # fmt: skip


def _kind(name: str, told: object) -> d.KindMap:
    where = f"kinds.{name}"
    if name not in tuple(Kind):
        raise _Wrong(where, f" is no kind; known are {', '.join(Kind)}")
    values = _section("kinds.*", where, told)
    for part, make in _PLACES.items():
        if values[part] is not None:
            inner = _section(f"kinds.*.{part}", f"{where}.{part}", values[part])
            if "query" in inner:
                inner["query"] = _texts_of(f"{where}.{part}.query", inner["query"] or {})
            values[part] = make(**inner)
    if values["remove"] is not None:
        inner = _section("kinds.*.remove", f"{where}.remove", values["remove"])
        values["remove"] = d.Removing(members=_json(f"{where}.remove.set", inner.pop("set")), **inner)
    if values["gone"] is not None:
        inner = _section("kinds.*.gone", f"{where}.gone", values["gone"])
        values["gone"] = d.Gone(path=inner["path"], value=_json(f"{where}.gone.is", inner["is"]))
    if values["changed"] is not None:
        values["changed"] = _field("changed", f"{where}.changed", {"form": "instant", **_opened(values["changed"])})
    values["fields"] = _fields(name, f"{where}.fields", values["fields"])
    _check_page_size(values["list"], cast("Mapping[str, Any]", told)["list"], f"{where}.list.size")
    return d.KindMap(name=name, **values)


def _check_page_size(listing: d.Listing, told: Mapping[str, object], where: str) -> None:
    """Refuse numbered pages of a size that is not known: a short page is taken for the last one."""
    if listing.paging == "page" and listing.size_param is None and "size" not in told:
        raise _Wrong(where, " is not given; paging by page needs it or size_param, for a shorter page is the last one")


def _opened(told: object) -> dict[str, object]:
    return dict(cast("Mapping[str, object]", told)) if isinstance(told, dict) else {"path": told}


def _fields(kind: str, where: str, told: Mapping[str, object]) -> dict[str, d.FieldMap]:
    known = FIELDS.get(kind)
    for name in told:
        if known is not None and name not in known:
            raise _Wrong(f"{where}.{name}", f" is no field of {kind}; known are {', '.join(sorted(known))}")
    made = {name: _field(name, f"{where}.{name}", one) for name, one in told.items()}
    for name, one in made.items():
        if one.raw is not None and known is not None and one.raw not in known:
            raise _Wrong(f"{where}.{name}.raw", f" is no field of {kind}; known are {', '.join(sorted(known))}")
        if one.raw in made:
            raise _Wrong(f"{where}.{name}.raw", f" is {one.raw!r}, which has a place of its own: leave one of both out")
    return made


def _field(name: str, where: str, told: object, depth: int = 0) -> d.FieldMap:
    if depth > _MOST_DEPTH:
        raise _Wrong(where, f" is more than {_MOST_DEPTH} groups deep")
    values = _section("kinds.*.fields.*", where, _opened(told))
    constant = plain(_json(f"{where}.is", values.pop("is")))
    values["values"] = _texts_of(f"{where}.values", values["values"] or {})
    parts = cast("Mapping[str, object]", values["parts"] or {})
    values["parts"] = tuple(_field(part, f"{where}.parts.{part}", one, depth + 1) for part, one in parts.items())
    made = d.FieldMap(name=name, constant=constant, **values)
    _check_field(made, where)
    return made


def _check_field(made: d.FieldMap, where: str) -> None:
    """Refuse a field whose keys do not fit its form."""
    needed = {"money": ("amount",), "group": ("parts",), "constant": ("constant",)}.get(made.form, ("path",))
    for key in needed:
        if getattr(made, key) in (None, (), {}):
            raise _Wrong(f"{where}.{'is' if key == 'constant' else key}", f" is not given; a {made.form} needs it")
    if made.form == "money" and (made.currency is None) == (made.currency_is is None):
        raise _Wrong(where, " needs either currency (a path) or currency_is (a code)")
    _check_words(made, where)
    try:
        if made.zone is not None:
            _ = ZoneInfo(made.zone)
    except (ValueError, OSError, KeyError):  # a zone that is not found is a KeyError
        raise _Wrong(f"{where}.zone", f" is {made.zone!r}; expected a name such as Europe/Paris") from None
    try:
        if made.currency_is is not None:
            _ = currency(made.currency_is)
    except InvalidRecord as refused:
        raise _Wrong(f"{where}.currency_is", f" is {refused.value!r}; expected {refused.expected}") from None


def _check_words(made: d.FieldMap, where: str) -> None:
    """Refuse an enum without words, or with one that cannot be sent as it says."""
    if made.form == "enum" and not made.values:
        raise _Wrong(f"{where}.values", " is not given; an enum lists the system's words and what they mean")
    if made.form != "enum" and made.sent_as == "flag":
        raise _Wrong(f"{where}.sent_as", " is flag, which is for an enum; true or false alone is the form flag")
    try:
        _ = [word_sent(made, word) for word in made.values]
    except (ValueError, InvalidOperation):
        wanted = "true or false" if made.sent_as == "flag" else "numbers"
        raise _Wrong(f"{where}.values", f" cannot be sent as {made.sent_as}; expected {wanted}") from None


def _section(section: str, where: str, told: object) -> dict[str, Any]:
    """The values of a table, defaults filled in; refuses keys that are not known, and values that do not fit."""
    if not isinstance(told, dict):
        raise _Wrong(where, f" is {_shown(where, told)}; expected a table")
    keys, given = SECTIONS[section], cast("Mapping[str, object]", told)
    names = [key.name for key in keys]
    prefix = f"{where}." if where else ""
    for name in given:
        if name not in names:
            raise _Wrong(f"{prefix}{name}", f" is no key; known are {', '.join(names)}")
    values: dict[str, Any] = {}
    for key in keys:
        if key.name in given:
            values[key.name] = _value(key, f"{prefix}{key.name}", given[key.name])
        elif key.default is NEEDED:
            raise _Wrong(f"{prefix}{key.name}", f" is not given: {key.what}")
        else:
            values[key.name] = key.default
    return values


def _value(key: Key, where: str, told: object) -> object:
    """The value in its form; raises `_Wrong` when it does not fit."""
    if key.choices and told not in key.choices:
        raise _Wrong(where, f" is {_shown(where, told)}; known are {', '.join(key.choices)}")
    if key.form == "path":
        return _path(where, told, whole=key.default == ())
    if key.form == "text" and key.name not in _MAY_BE_EMPTY and isinstance(told, str) and not told.strip():
        raise _Wrong(where, f" is empty: {key.what}")
    if key.form in ("statuses", "tables"):
        return _listed(key, where, told)
    if key.form == "whole" and type(told) is int and 0 <= told <= _MOST:
        return told
    if _fits(key.form, told):
        return told
    raise _Wrong(where, f" is {_shown(where, told)}; expected {_EXPECTED[key.form]}")


_MAY_BE_EMPTY: Final = ("join",)


def _listed(key: Key, where: str, told: object) -> tuple[object, ...]:
    shown = repr(told)[:80]
    items = tuple(cast("list[object]", told)) if isinstance(told, list) else None
    if items is None or (key.form == "statuses" and not all(type(one) is int and one in _FAILED for one in items)):
        raise _Wrong(where, f" is {shown}; expected {_EXPECTED[key.form]}")
    return items


def _fits(form: str, told: object) -> bool:
    kinds: Mapping[str, type] = {"text": str, "flag": bool, "table": dict, "any": object}
    return form in kinds and isinstance(told, kinds[form])


_EXPECTED: Final = {
    "text": "a text", "flag": "true or false", "table": "a table", "whole": f"a whole number from 0 to {_MOST}",
    "statuses": "a list of statuses of failure such as [404, 410]", "tables": "a list of tables",
}  # fmt: skip


def _path(where: str, told: object, *, whole: bool) -> d.Path:
    """The path; the empty one only where it can mean the `whole`."""
    if isinstance(told, str):
        return _names(where, told, told.split(".") if told or not whole else [])
    return _names(where, told, cast("list[object]", told) if isinstance(told, list) and (told or whole) else [None])


def _names(where: str, told: object, parts: Sequence[object]) -> d.Path:
    if not all(isinstance(part, str) and part for part in parts):
        raise _Wrong(where, f" is {_shown(where, told)}; expected a path such as owner.email, or a list of texts")
    return tuple(str(part) for part in parts)


def _json(where: str, told: object) -> Any:  # noqa: ANN401 - any JSON value
    """A value as JSON can hold it; refuses the dates of TOML, and what is no number."""
    if isinstance(told, Mapping):
        return {name: _json(f"{where}.{name}", one) for name, one in cast("Mapping[str, object]", told).items()}
    if isinstance(told, list):
        return [_json(where, one) for one in cast("list[object]", told)]
    if isinstance(told, Decimal) and not told.is_finite():
        raise _Wrong(where, f" is {told}; expected a finite number")
    if told is not None and not isinstance(told, str | bool | int | Decimal):
        raise _Wrong(where, f" is {told}; expected a text, a number, true or false: JSON has no dates")
    return told


def _texts_of(where: str, told: object) -> dict[str, str]:
    table = cast("Mapping[str, object]", told)
    for name, value in table.items():
        if not isinstance(value, str):
            raise _Wrong(f"{where}.{name}", f" is {_shown(where, value)}; expected a text")
    return {name: str(value) for name, value in table.items()}


def _shown(where: str, value: object) -> str:
    """A wrong value in an error, unless somebody may have put a secret there."""
    if where.startswith(("auth", "headers")):
        return "not shown"
    return str(value) if isinstance(value, Decimal) else repr(value)[:80]
