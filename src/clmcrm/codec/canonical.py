"""Canonical JSON: one text for one value, so that texts can be compared, signed and hashed.

Keys sorted, no spaces, no escapes that UTF-8 does not need, and no floats: an exact number travels as
text. Reading is strict: what two programs could read differently (a repeated key, NaN, 1e999, half a
surrogate pair) is refused, and so is what is too large or too deep to be honest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final, NoReturn, cast

from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.ports.records import Fields, Json

MAX_DEPTH: Final = 64
"""How deeply lists and objects may stand inside one another."""

MAX_BYTES: Final = 64 * 2**20
"""The longest text that is read, in bytes (or characters, for a text already decoded)."""

MAX_DIGITS: Final = 40
"""The longest number that is read."""


def is_clean(text: str) -> bool:
    r"""Whether `text` can be written as UTF-8: it holds no half of a surrogate pair.

    >>> is_clean("Société"), is_clean("\ud800")
    (True, False)
    """
    if text.isascii():
        return True
    try:
        _ = text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_json(value: object, path: str = "$") -> None:
    """Raise `InvalidRecord` (its field is the path) unless `value` is JSON without floats.

    >>> check_json({"lines": ["a", 1.5]})
    Traceback (most recent call last):
    clmcrm.errors.InvalidRecord: JSON: $.lines[1] is 1.5; expected an exact number as text, never a float
    """
    _check(value, path, MAX_DEPTH)


def _check(value: object, path: str, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    expected = _scalar_fault(value)
    if expected:
        raise InvalidRecord("JSON", path, value, expected)
    if isinstance(value, str | int):
        return
    if depth == 0:
        raise InvalidRecord("JSON", path, "…", f"at most {MAX_DEPTH} levels of nesting")
    for step, item in _items(value, path):
        _check(item, step, depth - 1)


def _scalar_fault(value: object) -> str:
    """What would be right instead of this value, or nothing when it is right (or holds others)."""
    if isinstance(value, str):
        return "" if is_clean(value) else "text without half a surrogate pair"
    if isinstance(value, int):
        return "" if abs(value) < 10**MAX_DIGITS else f"a number of at most {MAX_DIGITS} digits"
    if isinstance(value, float):
        return "an exact number as text, never a float"
    return "" if isinstance(value, list | Mapping) else "text, a whole number, true, false, null, a list, an object"


def _items(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield f"{path}[{index}]", item
        return
    for key, item in cast("Mapping[object, object]", value).items():
        if not isinstance(key, str) or not is_clean(key):
            raise InvalidRecord("JSON", path, key, "a key that is clean text")
        yield f"{path}.{key}", item


def canonical_text(value: Json | Fields) -> str:
    """The one text of a JSON value: keys sorted, no spaces, non-ASCII letters as they are.

    Raises `InvalidRecord` naming the path of a float or of anything else that JSON cannot hold exactly.

    >>> canonical_text({"name": "Société", "lines": [1, True, None]})
    '{"lines":[1,true,null],"name":"Société"}'
    """
    check_json(value)
    plain = dict(value) if isinstance(value, Mapping) else value
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict)


def digest(value: Json | Fields) -> str:
    """The SHA-256 of the canonical text as UTF-8, in 64 lower-case hexadecimal digits.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    return sha256(canonical_text(value).encode()).hexdigest()


def read_json(
    source: str | bytes, where: str = "JSON", *, floats_as_text: bool = False, max_bytes: int = MAX_BYTES
) -> Json:
    """The value of a JSON text (UTF-8 when given as bytes); `where` names it in errors.

    Raises `UnreadableInput` for anything that is not strict JSON: a repeated key, NaN, a number with a
    fraction or an exponent (with `floats_as_text` it is kept as the text that stood there), more than
    `max_bytes`, `MAX_DEPTH` levels or `MAX_DIGITS` digits, half a surrogate pair, text after the end.

    >>> read_json('{"amount": 1.10}', floats_as_text=True)
    {'amount': '1.10'}
    """
    if len(source) > max_bytes:
        raise UnreadableInput(where, f"is longer than {max_bytes} bytes")
    try:
        text = source if isinstance(source, str) else source.decode()
        value = cast("Json", _decoder(where, floats_as_text=floats_as_text).decode(text))
        check_json(value)
    except InvalidRecord as problem:
        raise UnreadableInput(where, f"{problem.field}: expected {problem.expected}") from None
    except UnicodeDecodeError as problem:
        raise UnreadableInput(where, f"is not UTF-8 text (byte {problem.start})") from None
    except json.JSONDecodeError as problem:
        at = f"line {problem.lineno}, column {problem.colno}"
        raise UnreadableInput(where, f"is not JSON: {problem.msg} ({at})") from None
    except RecursionError:
        raise UnreadableInput(where, f"has more than {MAX_DEPTH} levels of nesting") from None
    return value


def _decoder(where: str, *, floats_as_text: bool) -> json.JSONDecoder:
    def refuse(token: str) -> NoReturn:
        shown = token if len(token) <= MAX_DIGITS else f"{token[:MAX_DIGITS]}…"
        raise UnreadableInput(where, f"holds the number {shown}; expected a whole number, or text")

    def fraction(token: str) -> str:
        return token if floats_as_text and len(token) <= MAX_DIGITS else refuse(token)

    def whole(token: str) -> int:
        return int(token) if len(token.removeprefix("-")) <= MAX_DIGITS else refuse(token)

    def keyed(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            repeated = next(key for (key, n) in Counter(key for key, _ in pairs).items() if n > 1)
            raise UnreadableInput(where, f"holds the key {repeated!r} twice in one object")
        return found

    return json.JSONDecoder(object_pairs_hook=keyed, parse_float=fraction, parse_int=whole, parse_constant=refuse)
