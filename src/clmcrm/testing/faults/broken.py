"""Rules of the library that are broken in a whole process: what the copies of the other tiers can be told to break."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

from attrs import evolve

from clmcrm.drivers.reading import read_json
from clmcrm.drivers.tokens import MemoryTokenShelf, Token
from clmcrm.ports.calls import Call
from clmcrm.testing.faults.swapping import Changes, replaced, swapped
from clmcrm.testing.faults.variants import SIMULATED
from clmcrm.testing.faults.wire import Wire


def _given(*, value: object) -> Callable[..., Any]:
    """A function that gives the same whatever it is asked."""

    def given(*_: object) -> Any:  # noqa: ANN401 - whatever the original gives
        return value

    return given


def _unsynchronised() -> Changes:
    original: Any = replaced("clmcrm.store.sqlite", "opened")

    def opened(place: str) -> sqlite3.Connection:
        db: sqlite3.Connection = original(place)
        _ = db.execute("PRAGMA synchronous = OFF")
        return db

    return {("clmcrm.store.sqlite", "opened"): opened}


def _foreign_links() -> Changes:
    def headers(_: object, call: Call) -> dict[str, str]:
        return {**call.headers, "Accept-Encoding": "identity"}

    return {("clmcrm.adapters._http:_Guard", "headers"): headers}


def _unpacked() -> Changes:
    raw: Any = replaced("httpx:Response", "iter_raw")

    def iter_raw(self: Any) -> Iterator[bytes]:  # noqa: ANN401 - as the original
        decoder = self._get_content_decoder()
        for chunk in raw(self):
            yield decoder.decode(chunk)
        yield decoder.flush()

    where = "clmcrm.adapters._http:_Guard"
    return {
        ("httpx:Response", "iter_raw"): iter_raw,
        (where, "opened"): _given(value=None),
        (where, "begun"): _given(value=None),
    }


def _unbounded() -> Changes:
    return {
        ("clmcrm.drivers.reading", "_too_much"): _given(value=""),
        ("clmcrm.testing.faults.strict", "read_json"): partial(read_json, most_bytes=1 << 40),
    }


def _refreshes_per_call() -> Changes:
    return {("clmcrm.drivers.tokens:MemoryTokenShelf", "claim"): _given(value=True)}


def _rotation_lost() -> Changes:
    original: Any = replaced("clmcrm.drivers.tokens:MemoryTokenShelf", "replace")

    def replace(self: MemoryTokenShelf, token: Token, generation: int) -> bool:
        kept: bool = original(self, evolve(token, refresh=self.read().refresh), generation)
        return kept

    return {("clmcrm.drivers.tokens:MemoryTokenShelf", "replace"): replace}


def _failed_saves_pass() -> Changes:
    original: Any = replaced("clmcrm.store.sqlite", "told")

    @contextmanager
    def told(what: str, place: str) -> Generator[None, None, None]:
        with original(what, place):
            try:
                yield
            except sqlite3.OperationalError:
                if what != "write":
                    raise

    return {("clmcrm.store.sqlite", "told"): told}


BROKEN: Final[dict[str, Callable[[], Changes]]] = {
    "no synchronisation": _unsynchronised,
    "foreign links followed": _foreign_links,
    "replies unpacked": _unpacked,
    "replies of any size": _unbounded,
    "refreshed per call": _refreshes_per_call,
    "rotation lost": _rotation_lost,
    "failed saves pass": _failed_saves_pass,
    **{variant.name: variant.changes for variant in SIMULATED if variant.wiring is Wire},
}
"""By name, what each of them changes."""


@contextmanager
def breaking(names: Iterable[str]) -> Generator[None, None, None]:
    """These rules are broken for as long as the block lasts."""
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(swapped(BROKEN[name]()))
        yield
