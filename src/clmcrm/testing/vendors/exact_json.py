"""JSON as servers write it: numbers digit by digit, in the form that their language gives them."""

from __future__ import annotations

from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

from clmcrm.testing.closed.description import is_list, is_tree

_WORDS: Final = {None: "null", True: "true", False: "false"}


class Double(Decimal):
    """A number that is written as Java writes a double: always a point, an exponent from ten millions on."""

    def json(self) -> str:
        """The text of the number.

        >>> Double("1000").json(), Double("12345678.5").json(), Double("0").json()
        ('1000.0', '1.23456785E7', '0.0')
        """
        if self and abs(self) >= 10**7:
            sign, digits, exponent = self.normalize().as_tuple()
            tail = "".join(map(str, digits[1:])) or "0"
            return f"{'-' if sign else ''}{digits[0]}.{tail}E{int(exponent) + len(digits) - 1}"
        text = format(self, "f")
        return text if "." in text else f"{text}.0"


def as_json(value: Any) -> str:  # noqa: ANN401, PLR0911 - JSON: one return for each type
    """JSON text with exact numbers; a `Double` as Java writes one."""
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, Double):
        return value.json()
    if isinstance(value, Decimal):
        return format(value, "f")
    if is_tree(value):
        return "{" + ",".join([f"{encode_basestring(name)}:{as_json(one)}" for name, one in value.items()]) + "}"
    if is_list(value):
        return "[" + ",".join([as_json(one) for one in value]) + "]"
    return str(value)
