"""How a check says what it found and what it wanted, in words the author of an adapter can act on."""

from __future__ import annotations

from collections.abc import Callable

from clmcrm.errors import ClmcrmError


def holds(condition: object, promise: str) -> None:
    """Fail with the promise that was broken unless `condition` is true.

    >>> holds(1 + 1 == 2, "sums are right")
    """
    __tracebackhide__ = True
    if not condition:
        raise AssertionError(promise)


def same(found: object, wanted: object, promise: str) -> None:
    """Fail with both values unless they are equal.

    >>> same(1, 2, "the first version is kept")
    Traceback (most recent call last):
    AssertionError: the first version is kept: found 1, wanted 2
    """
    __tracebackhide__ = True
    if found != wanted:
        raise AssertionError(f"{promise}: found {found!r}, wanted {wanted!r}")


def raises(kind: type[ClmcrmError], call: Callable[[], object], promise: str) -> None:
    """Fail unless `call` raises `kind`.

    >>> from clmcrm.values.tenor import Tenor
    >>> from clmcrm.errors import InvalidRecord
    >>> raises(InvalidRecord, lambda: Tenor.parse("soon"), "words are refused")
    """
    __tracebackhide__ = True
    try:
        found = call()
    except kind:
        return
    raise AssertionError(f"{promise}: found {found!r}, wanted a {kind.__name__}")
