"""Checks of replies to an e-signature adapter that are no answers: nothing is signed, sent or over by them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from clmcrm.drivers.attempts import Desk as DriverDesk
from clmcrm.ports.esign import EsignPort
from clmcrm.ports.records import Creating
from clmcrm.testing.esign_base import REASON, EsignBase
from clmcrm.testing.esign_scene import DOCUMENT, Desk
from clmcrm.testing.expectations import holds
from clmcrm.testing.replies import NO_ANSWERS, NO_RESULT, NOT_FOUND, asked, makes_calls, saying
from clmcrm.testing.ways import Way


class EsignReplyChecks(EsignBase):
    """What is no answer is an error, and neither silence nor news."""

    def test_a_reply_that_is_no_answer_is_not_understood(
        self, adapter: EsignPort, table: Desk, way: Way, driver_desk: DriverDesk
    ) -> None:
        """Of a request that is open: no fact, no change, no file is told. Status 404 may mean the request."""
        makes_calls(way)
        request = table.request(1)
        key = table.sent(request).key
        table.settle()
        looks: dict[str, Callable[[], object]] = {
            "facts": partial(adapter.facts, key),
            "touched": partial(adapter.touched, None),
            "find": partial(adapter.find, request.id),
            "files": partial(adapter.files, key),
        }
        for name, reply in NO_ANSWERS.items():
            with saying(reply, way, driver_desk) as run:
                for method, look in looks.items():
                    result = asked(run, look, f"`{method}` at {name}")
                    missing = reply.status == NOT_FOUND and method in ("find", "files") and result is None
                    holds(result is NO_RESULT or missing, f"`{method}` at {name} is an error: found {result!r}")

    def test_a_reply_that_is_no_answer_says_that_nothing_was_sent_or_cancelled(
        self, adapter: EsignPort, table: Desk, way: Way, driver_desk: DriverDesk
    ) -> None:
        """Raised, or an outcome with a reason; a cancellation may be answered by a status alone."""
        makes_calls(way)
        key, request = table.sent(table.request(1)).key, table.request(2)
        if table.service.capabilities.creating is Creating.LOOKUP:
            table.settle()
        for name, reply in NO_ANSWERS.items():
            with saying(reply, way, driver_desk) as run:
                sent = asked(run, partial(adapter.send, request, DOCUMENT), f"`send` at {name}")
                holds(sent is NO_RESULT or (not sent.ok and sent.why), f"`send` at {name} is not done: found {sent!r}")
                over = asked(run, partial(adapter.cancel, key, REASON), f"`cancel` at {name}")
                by_status = reply.status != NOT_FOUND and not reply.body.startswith(b"<")
                holds(over is NO_RESULT or not over.ok or by_status, f"`cancel` at {name} is not done: found {over!r}")
