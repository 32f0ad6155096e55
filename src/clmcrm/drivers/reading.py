"""A vendor's JSON, read strictly: what is torn, too large, too deep or not a number is an error that says where.

Numbers with a point become `Decimal`, never a float. An object that names a key twice, NaN, infinities and
half a surrogate pair are refused: each means that somebody else would read something else. A list of empty
objects takes twenty times the memory of its text, so what a large body would take is estimated first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from sys import getsizeof
from typing import Any, Final, cast

from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Reply

MOST_BYTES: Final = 8 * 1024 * 1024
"""How long a body may be: what a page of records needs many times over, and little memory."""
MOST_MEMORY: Final = 48 * 1024 * 1024
"""How many bytes of memory a body may take once it is read, as estimated before it is."""
MOST_DEPTH: Final = 64
MOST_EXPONENT: Final = 400
"""How many digits a number may have before or behind its point; the largest float has 309."""
_SMALL: Final = 256 * 1024
"""A body of at most so many bytes cannot take too much, whatever it holds."""
_COSTS: Final = ((b"{", 240), (b"[", 80), (b",", 120))
"""What an object, a list and one more value take, in bytes."""
_JSON: Final = ("application/json", "+json")


def read_json(reply: Reply, vendor: str, where: str, *, most_bytes: int = MOST_BYTES) -> Any:  # noqa: ANN401 - JSON is
    """The value of a reply's JSON body; None for an empty one.

    `where` names the call in errors ("GET /v3/deals"). Raises `MalformedReply` with vendor, place and the
    vendor's request id: also for a body that is longer than `most_bytes`, or would take more than
    `MOST_MEMORY` once it is read.

    >>> read_json(Reply(status=200, body=b'{"amount": 10.10}'), "crm", "GET /deals")
    {'amount': Decimal('10.10')}
    >>> read_json(Reply(status=200, body=b'[1, NaN]'), "crm", "GET /deals")
    Traceback (most recent call last):
        ...
    clmcrm.errors.MalformedReply: crm: GET /deals: NaN is no JSON
    """
    body = reply.body
    if not body:
        return None
    problem = ""
    value: Any = None
    try:
        if len(body) > most_bytes:
            problem = f"{len(body)} bytes, more than {most_bytes}"
        else:
            said = body.decode("utf-8")
            problem = _too_much(body, said)
            if not problem:
                value = json.loads(said, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=_object)
                problem = _objection(value, surrogates=b"\\ud" in body or b"\\uD" in body)
    except UnicodeDecodeError as error:
        problem = f"no UTF-8 at byte {error.start}"
    except ArithmeticError:  # a Decimal's exponent has an end
        problem = "a number with an exponent that nobody can read"
    except RecursionError:
        problem = f"more than {MOST_DEPTH} levels deep"
    except ValueError as error:  # torn, a key twice, NaN, a number of thousands of digits
        problem = str(error)
    if problem:
        raise MalformedReply(vendor, where, problem, reply.request_id)
    return value


def _too_much(body: bytes, said: str) -> str:
    """Why a body would take too much memory; empty when it would not."""
    if len(body) <= _SMALL:
        return ""
    takes = len(body) + 2 * getsizeof(said) + sum(body.count(sign) * cost for sign, cost in _COSTS)
    return f"it would take {takes} bytes of memory, more than {MOST_MEMORY}" if takes > MOST_MEMORY else ""


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _decimal(text: str) -> Decimal:
    """The number; written out in full one of a high exponent would take minutes of whoever formats it."""
    number = Decimal(text)
    if not -MOST_EXPONENT <= number.adjusted() <= MOST_EXPONENT:
        raise ArithmeticError
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object names {twice!r} twice")
    return found


def _objection(value: Any, *, surrogates: bool) -> str:  # noqa: ANN401 - any JSON value
    """Why a value is not taken; level by level, so that no depth can exhaust anything."""
    level = [value]
    for _ in range(MOST_DEPTH + surrogates):  # texts are one level below what holds them
        if surrogates and not all(_whole(item) for item in level):
            return "half a surrogate pair in a text"
        level = _children(level, texts=surrogates)
        if not level:
            return ""
    return f"more than {MOST_DEPTH} levels deep"


def _children(level: list[Any], *, texts: bool) -> list[Any]:
    kinds = (dict, list, str) if texts else (dict, list)
    found: list[Any] = []
    for item in level:
        if type(item) is dict:
            parts = cast("dict[str, Any]", item)
            found += [child for child in parts.values() if type(child) in kinds]
            if texts:
                found += parts
        elif type(item) is list:
            elements = cast("Iterable[Any]", item)
            found += [child for child in elements if type(child) in kinds]
    return found


def _whole(item: object) -> bool:
    if not isinstance(item, str):
        return True
    return not any("\ud800" <= letter <= "\udfff" for letter in item)
