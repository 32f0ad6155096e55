"""Checks of replies that are no answers: a page of somebody else's, nothing at all, an object without what is asked.

They come from proxies, from log-in pages, from an address that has moved. Taken for an answer they say that nothing
changed, that no record is there, that a write was done. An adapter says instead that it did not understand, by one of
the library's errors.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Run
from clmcrm.errors import ClmcrmError
from clmcrm.ports.calls import Call, Reply, answered
from clmcrm.ports.records import Create
from clmcrm.ports.systems import AnySystem
from clmcrm.testing.abilities import WRITES
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds
from clmcrm.testing.outcomes import answered_each
from clmcrm.testing.scene import Scene
from clmcrm.testing.stated import needs
from clmcrm.testing.ways import Awaited, Way, driven

NOT_FOUND: Final = 404
_PAGE: Final = b"<!doctype html><title>Please log in</title>"
_HTML: Final = {"content-type": "text/html"}

NO_ANSWERS: Final[Mapping[str, Reply]] = {
    "status 404 and a page in HTML": Reply(status=NOT_FOUND, headers=_HTML, body=_PAGE),
    "status 200 and a page in HTML": Reply(status=200, headers=_HTML, body=_PAGE),
    "status 200 and an empty object": Reply(status=200, headers={"content-type": "application/json"}, body=b"{}"),
    "status 200 and no body": Reply(status=200),
}
"""What is sent in the place of an answer, by what it is called in a failure."""


class SaysTheSame:
    """A transport that gives the same reply to every call."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def send(self, call: Call, within: timedelta) -> Reply:
        """That reply."""
        del call, within
        return self._reply


@contextmanager
def saying(reply: Reply, way: Way, desk: Desk) -> Generator[Run]:
    """What runs a flow whose calls are all given this reply."""
    transport = SaysTheSame(reply)
    with driven(way, transport, Awaited(transport), desk) as run:
        yield run


NO_RESULT: Final = object()
"""Stands for the result of a method that raised an error of the library."""


def asked(run: Run, answer: Callable[[], object], what: str) -> Any:  # noqa: ANN401 - whatever the method gives
    """What a method gives, or `NO_RESULT` when it raises an error of the library; fails for any other error."""
    try:
        return run(answered(answer()))
    except ClmcrmError:
        return NO_RESULT
    except Exception as error:
        name = type(error).__name__
        raise AssertionError(f"{what} raises an error of clmcrm.errors, and no {name}: {error}") from error


class ReplyChecks(SuiteBase):
    """What is no answer is an error, and neither silence nor news."""

    def test_a_reply_that_is_no_answer_is_not_understood(
        self, adapter: AnySystem, scene: Scene, way: Way, driver_desk: Desk
    ) -> None:
        """By reading: nothing is told to be unchanged, or not to be there. Status 404 may mean the record."""
        makes_calls(way)
        kind, key, mark = scene.kind, scene.made(1).key, scene.mark(1)
        for name, reply in NO_ANSWERS.items():
            with saying(reply, way, driver_desk) as run:
                page = asked(run, lambda: adapter.changes(kind, None), f"`changes` at {name}")
                holds(page is NO_RESULT, f"`changes` at {name} is an error, and no page: found {page!r}")
                read = asked(run, lambda: adapter.read(kind, [key]), f"`read` at {name}")
                found = asked(run, lambda: adapter.find(kind, mark), f"`find` at {name}")
                for method, result in (("read", read), ("find", found)):
                    missing = reply.status == NOT_FOUND and not result
                    holds(result is NO_RESULT or missing, f"`{method}` at {name} is an error: found {result!r}")

    @needs(WRITES)
    def test_a_reply_that_is_no_answer_says_of_no_write_that_it_was_done(
        self, adapter: AnySystem, scene: Scene, way: Way, driver_desk: Desk
    ) -> None:
        """Raised, or an outcome with a reason; an update and a removal may be answered by a status alone."""
        makes_calls(way)
        made = scene.made(1)
        for name, reply in NO_ANSWERS.items():
            with saying(reply, way, driver_desk) as run:
                for write in (scene.create(2), scene.update(made, scene.renamed("New")), scene.remove(made)):
                    what = f"a {type(write).__name__} at {name}"
                    outcomes = asked(run, partial(adapter.write, [write]), what)
                    if outcomes is not NO_RESULT:
                        (outcome,) = answered_each([write], outcomes)
                        by_status = reply.body != _PAGE and not isinstance(write, Create)
                        holds(not outcome.ok or by_status, f"{what} is not done: found {outcome!r}")


def makes_calls(way: Way) -> None:
    """Skips the check for an adapter that answers at once."""
    if way is Way.DIRECT:
        pytest.skip("the adapter answers at once: it makes no calls")
