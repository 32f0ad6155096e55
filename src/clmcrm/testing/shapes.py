"""What a method of an adapter gives at all, before anything is looked up in it: a page, records, outcomes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Final, cast

from clmcrm.testing.expectations import holds

_HINT: Final = "; where its calls lead to the result later, annotate it as returning a Flow"


def gives_one(result: object, kind: type, method: str) -> None:
    """Fail unless the result is of that kind, with the method's name and what it gave.

    >>> gives_one(["A1"], str, "find")
    Traceback (most recent call last):
    AssertionError: `find` returns one str, and no list
    """
    what = f"`{method}` returns one {kind.__name__}, and no {type(result).__name__}"
    holds(isinstance(result, kind), f"{what}{_HINT if inspect.isgenerator(result) else ''}")


def gives_many(result: object, kind: type, method: str) -> None:
    """Fail unless the result is a sequence of that kind, with the method's name and what it gave.

    >>> gives_many("A1", str, "read")
    Traceback (most recent call last):
    AssertionError: `read` returns a tuple of str, and no str
    >>> gives_many((1,), str, "read")
    Traceback (most recent call last):
    AssertionError: `read` returns a tuple of str, and none of int
    """
    what = f"`{method}` returns a tuple of {kind.__name__}"
    given, hint = type(result).__name__, _HINT if inspect.isgenerator(result) else ""
    holds(isinstance(result, Sequence) and not isinstance(result, str), f"{what}, and no {given}{hint}")
    strange = [type(each).__name__ for each in cast("Sequence[object]", result) if not isinstance(each, kind)]
    holds(not strange, f"{what}, and none of {', '.join(strange[:1])}")
