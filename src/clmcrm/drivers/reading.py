"""A vendor's JSON, read strictly: what is torn, too large, too deep or not a number is an error that says where.

Numbers with a point become `Decimal`, never a float. An object that names a key twice, NaN, infinities and
half a surrogate pair are refused: each means that somebody else would read something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, cast

from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Reply

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_DEPTH: Final = 64
_JSON: Final = ("application/json", "+json")


def read_json(reply: Reply, vendor: str, where: str, *, most_bytes: int = MOST_BYTES) -> Any:  # noqa: ANN401 - JSON is
    """The value of a reply's JSON body; None for an empty one.

    `where` names the call in errors ("GET /v3/deals"). Raises `MalformedReply` with vendor, place and the
    vendor's request id.

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
            value = json.loads(
                body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_object
            )
            problem = _objection(value, surrogates=b"\\ud" in body or b"\\uD" in body)
    except UnicodeDecodeError as error:
        problem = f"no UTF-8 at byte {error.start}"
    except RecursionError:
        problem = f"more than {MOST_DEPTH} levels deep"
    except ValueError as error:  # torn, a key twice, NaN, a number of thousands of digits
        problem = str(error)
    if problem:
        raise MalformedReply(vendor, where, problem, reply.request_id)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


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
