"""JSON as text that is the same for the same value: keys sorted, no spaces, ASCII; what can be compared and hashed.

JSON of ours has no floats: an exact number is a text or a whole number. The encoder of the standard library in C is
made once here, and not once for every value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from json.encoder import encode_basestring_ascii
from types import NoneType
from typing import Any, Final, cast

quoted: Final = encode_basestring_ascii
"""A text as JSON, in ASCII whatever it holds; raises `TypeError` for anything else."""
PLAIN: Final = "plain JSON: text, whole numbers, true, false, null, lists and objects of these; an exact number as text"
"""What our JSON knows, as errors say it."""
_SCALARS: Final = frozenset({str, int, bool, NoneType})
_DEEP: Final = "(more levels than can be read)"
_PROBE: Final[dict[str, object]] = {"b": ["é\ud800", 1, None, True], "a": {}}


def json_writer(*, allow_nan: bool) -> Callable[[object], str]:
    """A function that writes a value as JSON, like `json.dumps` with sorted keys and no spaces.

    It takes a third less time than `json.JSONEncoder.encode`. How the encoder in C is made is not documented:
    where it is not to be had so, or answers otherwise, the documented way is taken. Without `allow_nan` a NaN
    or an infinity raises `ValueError`.

    >>> json_writer(allow_nan=False)({"b": 1, "a": None})
    '{"a":null,"b":1}'
    """
    plain = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=allow_nan)
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    try:
        whole: Any = make(None, plain.default, quoted, None, ":", ",", True, False, allow_nan)  # noqa: FBT003 - by position in C
        if "".join(whole(_PROBE, 0)) != plain.encode(_PROBE):
            return plain.encode
    except (TypeError, ValueError):
        return plain.encode
    return lambda value: "".join(whole(value, 0))


def strange(value: object, place: str) -> tuple[str, object] | None:
    """Where in `value`, which stands at `place`, is what our JSON does not know, and what that is; None for nowhere.

    >>> strange({"sizes": [1, 2.5]}, "fields")
    ('fields.sizes[1]', 2.5)
    >>> strange({"sizes": [1, "2.5", None]}, "fields") is None
    True
    """
    try:
        return _strange(value, place)
    except RecursionError:
        return place, _DEEP


def _strange(value: object, place: str) -> tuple[str, object] | None:
    if isinstance(value, dict):
        for name, each in cast("dict[object, object]", value).items():
            if type(name) is not str and not isinstance(name, str):
                return f"{place}, a name in it", name
            if type(each) not in _SCALARS and (found := _strange(each, f"{place}.{name}")):
                return found
        return None
    if isinstance(value, (list, tuple)):
        for number, each in enumerate(cast("list[object]", value)):
            if type(each) not in _SCALARS and (found := _strange(each, f"{place}[{number}]")):
                return found
        return None
    return None if value is None or isinstance(value, (str, int)) else (place, value)


class JsonText(Mapping[str, Any]):
    """A mapping whose JSON `text` is at hand: who keeps it takes the text, and it is read only when looked into.

    `text` is as `json_writer` writes it.

    >>> JsonText('{"a":null}') == {"a": None}
    True
    """

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        return self._fields()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields())

    def __len__(self) -> int:
        """How many names it has."""
        return len(self._fields())

    def __repr__(self) -> str:
        """The same as of a mapping that was read."""
        return repr(self._fields())

    def _fields(self) -> dict[str, Any]:
        found = self._read
        if found is None:
            found = self._read = cast("dict[str, Any]", json.loads(self.text))
        return found
