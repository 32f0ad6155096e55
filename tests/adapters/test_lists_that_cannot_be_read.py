"""A list by which is looked whether something was sent: what of it cannot be read is an error and never an absence.

Otherwise the request would go out a second time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from docusign_desk import DOCUMENT, ORIGIN, MovableClock, asked, desk_of

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.adapters.dropbox_sign.esign import DropboxSignEsign
from clmcrm.adapters.dropbox_sign.wire import DropboxSignSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Result
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors import dropbox_sign
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.serving import Fake, InProcess

Told = dict[str, Any]


class Twisting:
    """A fake whose lists of requests are changed by `twist`."""

    def __init__(self, fake: Fake, rows: str) -> None:
        self._fake, self._rows = fake, rows
        self.twist: Callable[[Told], object] = lambda told: told

    def answer(self, request: Request) -> Reply:
        reply = self._fake.answer(request)
        if request.method != "GET" or f'"{self._rows}"'.encode() not in reply.body:
            return reply
        told = json.loads(reply.body)
        _ = self.twist(told)
        return Reply(status=reply.status, headers=reply.headers, body=json.dumps(told).encode())


class Service:
    """One service of which a list is looked through, a month after a request was sent."""

    def __init__(self, name: str) -> None:
        self.clock, self.name = MovableClock(), name
        self.esign: Any
        if name == "docusign":
            self.fake: Any = FakeDocuSign(self.clock, lag=timedelta(0))
            self.rows, desk, origin = "envelopes", desk_of(self.clock, calls=10**6), ORIGIN
        else:
            self.fake = dropbox_sign.FakeDropboxSign(self.clock, lag=timedelta(0))
            self.rows, desk, origin = "signature_requests", Desk(clock=self.clock), dropbox_sign.ORIGIN
        self.twisting = Twisting(self.fake, self.rows)
        waits: Callable[[float], object] = lambda s: self.clock.advance(timedelta(seconds=s))  # noqa: E731 - one line
        self.run = Driver(InProcess(self.twisting, origin), desk, sleep=waits).run

    def another(self) -> Any:
        """An adapter that remembers nothing, as after a restart."""
        if self.name == "docusign":
            return DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
        return DropboxSignEsign(DropboxSignSession(Secret(dropbox_sign.KEY)))

    @property
    def sent(self) -> int:
        return len(self.fake.envelopes if self.name == "docusign" else self.fake.requests)


@pytest.fixture(params=["docusign", "dropbox sign"])
def service(request: pytest.FixtureRequest) -> Service:
    made = Service(request.param)
    assert made.run(made.another().send(asked(), DOCUMENT)).result is Result.DONE
    made.clock.advance(timedelta(days=30))  # DocuSign knows its transaction id no more
    return made


def each(service: Service, **new: object) -> Callable[[Told], object]:
    return lambda told: [row.update(new) for row in told[service.rows]]


def _one_mark_less(row: Told) -> object:
    if "metadata" in row:
        return row["metadata"].pop("clmcrm_request")
    return row["customFields"]["textCustomFields"].pop()


ROWS: dict[str, Callable[[Service], Callable[[Told], object]]] = {
    "a row that is null": lambda s: lambda told: told.update({s.rows: [None]}),
    "a row that is a text": lambda s: lambda told: told.update({s.rows: ["x"]}),
    "an id that is null": lambda s: each(s, envelopeId=None, signature_request_id=None),
    "an id of another form": lambda s: each(s, envelopeId="../x", signature_request_id="../x"),
    "no marks": lambda s: each(s, customFields=None, metadata=None),
    "marks without a name": lambda s: each(s, customFields={"textCustomFields": [{"value": "R-1"}]}, metadata=None),
    "one mark of several": lambda s: lambda told: [_one_mark_less(row) for row in told[s.rows]],
    "marks in no list": lambda s: each(s, customFields={"textCustomFields": 7}, metadata=7),
    "marks of another type": lambda s: each(s, customFields=[], metadata="x"),
    "no rows": lambda s: lambda told: told.update({s.rows: None}),
    "an object of rows": lambda s: lambda told: told.update({s.rows: {}}),
}


@pytest.mark.parametrize("wrong", ROWS)
def test_what_of_a_list_cannot_be_read_is_not_sent_again(service: Service, wrong: str) -> None:
    service.twisting.twist = ROWS[wrong](service)
    for flow in (
        service.another().send(asked(), DOCUMENT), service.another().find("R-1"),
        service.another().send_all([(asked(), DOCUMENT), (asked("R-2"), DOCUMENT)]),
    ):  # fmt: skip
        with pytest.raises(MalformedReply):
            _ = service.run(flow)
    assert service.sent == 1
    service.twisting.twist = lambda told: told
    assert service.run(service.another().send(asked(), DOCUMENT)).result is Result.BOUND


def test_a_list_that_does_not_count_its_pages_is_read_to_its_end() -> None:
    """The oldest of several under one id is bound, and it stands on the second page."""
    service = Service("dropbox sign")
    key = service.run(service.another().send(asked(), DOCUMENT)).key
    fake = service.fake
    for number in range(120):  # people copied it, metadata and all
        own = f"{number:040x}"
        fake.requests[own] = {
            **fake.requests[key], "signature_request_id": own,
            "created_at": fake.requests[key]["created_at"] + number + 1,
        }  # fmt: skip
        fake._seen[own] = [(at, {**row, **fake.requests[own]}) for at, row in fake._seen[key]]
    service.twisting.twist = lambda told: told.pop("list_info")
    assert service.run(service.another().find("R-1")) == key
    told: list[str] = []
    cursor, more = None, True
    while more:
        page = service.run(service.another().touched(cursor))
        told, cursor, more = [*told, *page.keys], page.cursor, page.more
    assert len(set(told)) == len(fake.requests)


def test_a_transaction_that_names_no_envelope_is_asked_after_nowhere() -> None:
    service = Service("docusign")
    assert service.run(service.another().send(asked(), DOCUMENT)).result is Result.DONE
    paths: list[str] = []
    answer = service.fake.answer

    def odd(request: Request) -> Reply:
        paths.append(request.path)
        reply: Reply = answer(request)
        if "transaction_ids" in request.path:
            told = json.loads(reply.body)
            for one in told["envelopeTransactionStatuses"]:
                one["envelopeId"] = "../users"
            return Reply(status=200, headers=reply.headers, body=json.dumps(told).encode())
        if '"envelopes"' in reply.body.decode("utf-8", "replace"):
            return Reply(status=200, headers=reply.headers, body=b'{"resultSetSize": "0"}')  # no list shows it yet
        return reply

    service.fake.answer = odd
    with pytest.raises(MalformedReply, match="no envelope"):
        _ = service.run(service.another().send(asked(), DOCUMENT))
    assert not any("users" in path for path in paths)
    assert service.sent == 1


ODD_CURSORS = [
    "", "x", "[1]", "{}", "[Infinity, {}, {}]", "[1e999,{},{}]", '["changed",null,null,1e999,null,{}]', "[" * 100_000,
    '["changed","2026-01-01T00:00:00",null,0,null,{}]', '["changed",null,null,0,null,{"a":"2026-01-01T00:00:00"}]',
    '["changed","0001-01-01T00:00:00+14:00",null,0,null,{}]',
]  # fmt: skip


@pytest.mark.parametrize("cursor", ODD_CURSORS, ids=lambda text: text[:40])
def test_a_cursor_that_was_never_given_is_a_typed_error(service: Service, cursor: str) -> None:
    with pytest.raises(TerminalError, match="is no cursor"):
        _ = service.run(service.another().touched(cursor))


def test_an_instant_of_the_year_1_which_stands_for_none_does_not_stop_the_feed() -> None:
    service = Service("docusign")
    for number in range(3):
        assert service.run(service.another().send(asked(f"R-{number}"), DOCUMENT)).ok
    names = ("createdDateTime", "sentDateTime", "initialSentDateTime", "lastModifiedDateTime")
    service.twisting.twist = each(service, recipients={}, **dict.fromkeys(names, "0001-01-01T00:00:00.0000000Z"))
    keys: list[str] = []
    cursor: str | None = None
    for _ in range(9):  # a pull of what changed, and one of what is still open
        page = service.run(DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT), page=2).touched(cursor))
        keys, cursor = [*keys, *page.keys], page.cursor
    assert set(keys) == set(service.fake.envelopes)
