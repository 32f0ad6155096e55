"""What no service can send or undo as it was asked: refused in words or a typed error, before anybody gets a mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, ORIGIN, MovableClock, asked, desk_of

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.adapters.dropbox_sign.esign import DropboxSignEsign
from clmcrm.adapters.dropbox_sign.wire import DropboxSignSession
from clmcrm.adapters.memory_esign import MemoryEsign
from clmcrm.adapters.pandadoc.definition import Sending, Spot
from clmcrm.adapters.pandadoc.esign import PandaDocEsign
from clmcrm.adapters.pandadoc.wire import PandaDocSession
from clmcrm.clm.signature import RequestState
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import InvalidRecord, RefusedError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Result
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors import dropbox_sign
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.pandadoc import service as pandadoc
from clmcrm.testing.vendors.serving import Fake, InProcess

HALF = "A\ud800"


class Counting:
    """A fake, and how many calls that write it was asked."""

    def __init__(self, fake: Fake) -> None:
        self._fake, self.writes = fake, 0

    def answer(self, request: Request) -> Any:
        self.writes += request.method != "GET"
        return self._fake.answer(request)


class Service:
    """One of the three, its fake and a driver between them."""

    def __init__(self, name: str) -> None:
        self.clock = MovableClock()
        desk, at_once = Desk(clock=self.clock), dict[str, Any](lag=timedelta(0))
        self.esign: Any
        if name == "docusign":
            self.fake: Any = FakeDocuSign(self.clock, **at_once)
            desk, origin = desk_of(self.clock, calls=10**6), ORIGIN
            self.esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
        elif name == "pandadoc":
            self.fake, origin = pandadoc.FakePandaDoc(self.clock, **at_once, rendering=timedelta(0)), pandadoc.ORIGIN
            self.esign = PandaDocEsign(PandaDocSession(Secret(pandadoc.KEY)), Sending(spot=Spot(page=1)))
        else:
            self.fake, origin = dropbox_sign.FakeDropboxSign(self.clock, **at_once), dropbox_sign.ORIGIN
            self.esign = DropboxSignEsign(DropboxSignSession(Secret(dropbox_sign.KEY)))
        self.counted = Counting(self.fake)
        self.run: Callable[[Any], Any] = Driver(
            InProcess(self.counted, origin), desk, sleep=lambda s: self.clock.advance(timedelta(seconds=s))
        ).run


@pytest.fixture(params=["docusign", "pandadoc", "dropbox sign"])
def service(request: pytest.FixtureRequest) -> Service:
    return Service(request.param)


@pytest.mark.parametrize("address", [" ann@example.org", "ann@example.org ", "\tann@example.org"])
def test_an_address_with_spaces_around_it_is_refused_for_nobody_would_be_told_to_have_signed(
    service: Service, address: str
) -> None:
    outcome = service.run(service.esign.send(asked("R-1", evolve(ANN, email=address), BEN), DOCUMENT))
    assert (outcome.result, service.counted.writes) == (Result.REFUSED, 0)
    assert outcome.why == f"{address!r} is an address with spaces around it"


def test_an_id_that_no_bytes_can_hold_is_a_typed_error(service: Service) -> None:
    for flow in (service.esign.send(asked(HALF), DOCUMENT), service.esign.find(HALF)):
        with pytest.raises(InvalidRecord, match="half a surrogate pair"):
            service.run(flow)
    assert service.counted.writes == 0


@pytest.mark.parametrize("name", ["docusign", "pandadoc"])
def test_a_reason_that_no_bytes_can_hold_is_refused(name: str) -> None:
    service = Service(name)
    key = service.run(service.esign.send(asked(), DOCUMENT)).key
    outcome = service.run(service.esign.cancel(key, HALF))
    assert (outcome.result, outcome.why) == (Result.REFUSED, "a reason is text without half a surrogate pair")
    assert service.run(service.esign.cancel(key, "remplacé")).result is Result.DONE


@pytest.mark.parametrize("days", [{"remind_after": 1000}, {"remind_after": 1, "remind_every": 1000}])
def test_docusign_reminds_nobody_of_an_envelope_that_has_ended(days: dict[str, Any]) -> None:
    service = Service("docusign")
    outcome = service.run(service.esign.send(asked(**days), DOCUMENT))
    assert (outcome.result, service.counted.writes) == (Result.REFUSED, 0)
    assert outcome.why.startswith("it reminds after more than 999 days")


def test_an_end_in_the_year_9999_does_not_stop_dropbox_signs_feed() -> None:
    service = Service("dropbox sign")
    ends = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    key = service.run(service.esign.send(asked(expires_at=ends), DOCUMENT)).key
    assert service.run(service.esign.touched(None)).keys == (key,)
    assert service.run(service.esign.facts(key))


def test_a_request_in_memory_that_has_ended_is_not_voided_after_its_end() -> None:
    clock = MovableClock()
    esign = MemoryEsign(clock=clock)
    key = esign.send(asked(expires_at=clock() + timedelta(days=1)), DOCUMENT).key
    clock.advance(timedelta(days=2))
    assert esign.cancel(key, "late").result is Result.DONE
    states = [getattr(fact, "state", None) for fact in esign.facts(key)]
    assert RequestState.EXPIRED in states
    assert RequestState.VOIDED not in states


@pytest.mark.parametrize("key", ["", " ", "long\nkey", "long\r\nx: y", "lo\u00e9ng", "long\ud800"], ids=ascii)
@pytest.mark.parametrize("session", [PandaDocSession, DropboxSignSession])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(session: Callable[[Secret], Any], key: str) -> None:
    with pytest.raises(InvalidRecord, match="one line of printable ASCII") as refused:
        _ = session(Secret(key))
    assert "lo" not in str(refused.value.value)


NOTHING_YET: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "docusign": (lambda: DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT)), {"resultSetSize": "0", "totalSetSize": "0"}),
    "pandadoc": (lambda: PandaDocEsign(PandaDocSession(Secret(pandadoc.KEY))), {"results": []}),
    "dropbox sign": (
        lambda: DropboxSignEsign(DropboxSignSession(Secret(dropbox_sign.KEY))), {"signature_requests": []},
    ),
}  # fmt: skip


def sent_to(name: str, status: int, error: dict[str, Any]) -> Any:
    """What comes of two requests whose look-ups find nothing, and each of whose sendings is answered so."""
    make, nothing = NOTHING_YET[name]
    flow = make().send_all([(asked("R-1"), DOCUMENT), (asked("R-2"), DOCUMENT)])
    date = {"date": "Thu, 15 Jan 2026 09:30:00 GMT"}
    try:
        call = next(flow)
        while True:
            found = Reply(status=200, headers=date, body=json.dumps(nothing).encode())
            refused = Reply(status=status, headers=date, body=json.dumps(error).encode())
            call = flow.send(found if call.method == "GET" else refused)
    except StopIteration as end:
        return end.value


@pytest.mark.parametrize("name", NOTHING_YET)
def test_a_key_that_is_not_accepted_any_more_refuses_no_request_by_itself(name: str) -> None:
    """Told as refused they would wait for somebody to change them; what has to be changed is the key."""
    with pytest.raises(RefusedError, match=r"401|wrong") as refused:
        sent_to(name, 401, {"errorCode": "401 wrong token", "type": "401 wrong key"})
    assert refused.value.status == 401


@pytest.mark.parametrize("name", NOTHING_YET)
def test_what_a_service_does_not_take_is_refused_one_by_one(name: str) -> None:
    outcomes = sent_to(name, 400, {"errorCode": "INVALID", "type": "validation_error"})
    assert [one.result for one in outcomes] == [Result.REFUSED] * 2
