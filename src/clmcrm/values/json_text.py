"""JSON as text that is the same for the same value: keys sorted, no spaces, ASCII; what can be compared and hashed.

The encoder of the standard library in C is made once here, and not once for every value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any, Final, cast

quoted: Final = encode_basestring_ascii
"""A text as JSON, in ASCII whatever it holds; raises `TypeError` for anything else."""
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
