"""Replies as no vendor should give them: what a hostile server makes of a true one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any, Final, cast

from attrs import evolve

from clmcrm.testing.faults.service import OK, Answer

MEGABYTE: Final = 1 << 20
PAGE: Final = b"<!doctype html><html><body><h1>We will be back soon</h1></body></html>"
GZIP: Final = (("content-encoding", "gzip"),)
_ODD: Final[tuple[Any, ...]] = (7, 1.5, True, [], {}, [None], {"a": {"b": []}}, -(2**70), "\ud800", 10**30)
_OTHER: Final = ("{elsewhere}/crm/changes", "{own}@{elsewhere_host}/crm/changes", "//{elsewhere_host}/crm/changes")


@cache
def _bomb(layers: int) -> bytes:
    """A few hundred kilobytes, or with two layers a few hundred bytes, that unpack to as many megabytes."""
    packed = bytes(96 * MEGABYTE)
    for _ in range(layers):
        packed = gzip.compress(packed, 6)
    return packed


def prepare() -> None:
    """Make beforehand what takes long to make: nobody is to wait for it."""
    for layers in (1, 2):
        _ = _bomb(layers)


def _parsed(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    return json.loads(answer.body or b"null")


def _nan(answer: Answer, dice: Random) -> Answer:
    """A number that is none, beside what is true."""
    value = dice.choice((b"NaN", b"Infinity", b"-Infinity", b"9" * 5000, b"1e9999999999999999999", b"0x1F"))
    if answer.body.startswith(b"{"):
        return evolve(answer, body=b'{"total": ' + value + b", " + answer.body[1:])
    return evolve(answer, body=b"[" + value + b", " + answer.body[1:])


def _retyped(answer: Answer, dice: Random) -> Answer:
    """One value in the reply has another type."""
    told = _parsed(answer)
    holders = _holders(told)
    odd = dice.choice(_ODD)
    if not holders:
        return evolve(answer, body=json.dumps(odd).encode())
    holder, place = dice.choice(holders)
    before = holder[place]
    if type(before) is type(odd):
        odd = None if isinstance(before, dict | list) else [odd]
    holder[place] = odd
    return evolve(answer, body=json.dumps(told).encode())


def _holders(told: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    """Every place in a JSON value, as what holds it and where."""
    found: list[tuple[Any, Any]] = []
    items: list[tuple[Any, Any]] = []
    if isinstance(told, dict):
        items = list(cast("dict[str, Any]", told).items())
    elif isinstance(told, list):
        items = list(enumerate(cast("list[object]", told)))
    for place, inner in items:
        found += [(told, place), *_holders(inner)]
    return found


def _doubled(answer: Answer, dice: Random) -> Answer:
    name = dice.choice(("cursor", "key", "seen"))
    body = f'{{"{name}": "1", "seen": [], "cursor": "1", "more": false, "{name}": "2"}}'
    return evolve(answer, body=body.encode())


def _cut(answer: Answer, dice: Random) -> Answer:
    return evolve(answer, body=answer.body[: dice.randrange(max(1, len(answer.body)))])


def _deep(answer: Answer, dice: Random) -> Answer:
    opening = dice.choice((b"[", b'{"a":'))
    return evolve(answer, body=opening * dice.choice((70, 5_000, 200_000)))


def _large(answer: Answer, dice: Random) -> Answer:
    """Longer than anybody needs: one long text, or very many small values."""
    size = dice.choice((4, 24, 31, 60))
    part = dice.choice((b"0", b"[],", b"{},", b'"a",', b" ", b"1,"))
    return evolve(answer, body=(part * (MEGABYTE // len(part) + 1))[:MEGABYTE], times=size)


def _large_list(answer: Answer, dice: Random) -> Answer:
    """A long list that is sound JSON."""
    part = dice.choice((b"[],", b"{},", b"1,", b'"a",', b'{"a":1},', b"null,"))
    count = dice.choice((1, 8, 31)) * MEGABYTE // len(part)
    return evolve(answer, body=b"[" + part * count + b"null]")


def _packed(answer: Answer, dice: Random) -> Answer:
    how = dice.choice(("bomb", "gzip", "br", "deflate", "unlabelled", "twice"))
    if how == "bomb":
        return evolve(answer, body=_bomb(1), headers=GZIP)
    if how == "twice":
        return evolve(answer, body=_bomb(2), headers=(("content-encoding", "gzip, gzip"),))
    packed = gzip.compress(answer.body)
    label = {"unlabelled": ()}.get(how, (("content-encoding", how),))
    return evolve(answer, body=packed, headers=label)


def _text(answer: Answer, dice: Random) -> Answer:
    bad = dice.choice((b"", b"\xff\xfe" + answer.body, b"\xef\xbb\xbf" + answer.body, b"null", b'"\\ud800"', b"\x00"))
    return evolve(answer, body=bad)


def _headers(answer: Answer, dice: Random) -> Answer:
    headers = dice.choice((
        (("x-long", "a" * 200_000),),
        tuple((f"x-{number}", "a") for number in range(400)),
        (("x-request-id", "\x7f\x01 <script>"),),
        (("content-length", "3"),),
        (("transfer-encoding", "chunked"),),
    ))  # fmt: skip
    return evolve(answer, headers=headers)


def _later(answer: Answer, dice: Random) -> Answer:
    after = dice.choice(("-5", "99999999999999999999", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", "9" * 5000))
    return evolve(answer, status=dice.choice((429, 503)), headers=(("retry-after", after),))


def _redirected(answer: Answer, dice: Random) -> Answer:
    """Done, and "see there": what a form in a browser is answered."""
    return evolve(answer, status=dice.choice((302, 303)), body=b"", headers=(("location", "/crm/changes"),))


AFTER: Final[dict[str, Callable[[Answer, Random], Answer]]] = {
    "a number that is none": _nan, "another type": _retyped, "a name twice": _doubled, "cut": _cut, "deep": _deep,
    "large": _large, "a long list": _large_list, "packed": _packed, "no text": _text, "headers": _headers,
    "see there": _redirected,
}  # fmt: skip
"""What may become of a true reply, once what was asked for has been done."""


def instead(dice: Random, own: str, elsewhere: str) -> Answer:
    """What may be answered where nothing was done."""
    roll = dice.choice(("page", "page", "error", "redirect", "redirect", "later"))
    if roll == "page":
        status = dice.choice((OK, 200, 403, 404, 500, 502, 503, 530, 418))
        return Answer(status=status, body=PAGE, headers=(("content-type", "text/html"),))
    if roll == "error":
        return Answer(body=b'{"error": {"code": "LIMIT", "message": "quota of the day is used up"}}')
    if roll == "later":
        return _later(Answer(), dice)
    target = dice.choice((f"{elsewhere}/crm/changes", f"{own}/crm/changes", "/clm/write", "file:///etc/passwd"))
    return Answer(status=dice.choice((301, 302, 303, 307, 308)), headers=(("location", target),))


def led_away(answer: Answer, dice: Random, own: str, elsewhere: str) -> Answer:
    """A page whose link to the next one leads to another host."""
    told = _parsed(answer)
    if not isinstance(told, dict):
        return answer
    host = elsewhere.partition("://")[2]
    link = dice.choice(_OTHER).format(own=own, elsewhere=elsewhere, elsewhere_host=host)
    page = {**cast("dict[str, Any]", told), "more": True, "next": link}
    return evolve(answer, body=json.dumps(page).encode())
