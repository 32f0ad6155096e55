"""Any value in any place of a reply: an answer or an error of ours, never a crash; and never a second sending."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from docusign_desk import ANN, DOCUMENT, ORIGIN, MovableClock, asked, desk_of
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.adapters.dropbox_sign.esign import DropboxSignEsign
from clmcrm.adapters.dropbox_sign.wire import DropboxSignSession
from clmcrm.adapters.navigator.reading import contract_of
from clmcrm.adapters.pandadoc.definition import Sending, Spot
from clmcrm.adapters.pandadoc.esign import PandaDocEsign
from clmcrm.adapters.pandadoc.wire import PandaDocSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AdapterError, AmbiguousError, InvalidRecord, TransientError
from clmcrm.ports.calls import Flow, Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors import dropbox_sign
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.pandadoc import service as pandadoc
from clmcrm.testing.vendors.serving import Fake, InProcess

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
    | st.sampled_from(["", "2026-01-01", "9" * 5000, "https://evil.example", "completed", "2026-01-15T09:30:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


class Twisting:
    """A fake whose answers to GET have one value replaced, the one at `place` among all of them."""

    def __init__(self, fake: Fake, place: int, value: Any) -> None:
        self._fake, self._place, self._value = fake, place, value
        self.on = False
        self.writes = 0

    def answer(self, request: Request) -> Reply:
        self.writes += request.method != "GET"
        reply = self._fake.answer(request)
        if not self.on or request.method != "GET" or not reply.body.startswith(b"{"):
            return reply
        told = json.loads(reply.body)
        spots = list(places(told))
        holder, name = spots[self._place % len(spots)]
        holder[name] = copy.deepcopy(self._value)
        return Reply(status=reply.status, headers=reply.headers, body=json.dumps(told).encode())


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    for name, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield node, name
        yield from places(inner)


def survives(run: Callable[[Flow[Any]], Any], *flows: Flow[Any]) -> None:
    for flow in flows:
        with suppress(AdapterError):
            _ = run(flow)


@given(st.integers(0, 400), JSON)
@example(117, "0")  # a list that names an envelope which is then not there
@example(229, "0")
def test_docusign_with_any_value_in_any_place(place: int, value: Any) -> None:
    clock = MovableClock()
    fake = FakeDocuSign(clock, lag=timedelta(0))
    twisting = Twisting(fake, place, value)
    run = Driver(InProcess(twisting, ORIGIN), desk_of(clock, calls=10**6), sleep=lambda _: None).run
    key = run(DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT)).send(asked(), DOCUMENT)).key
    fake.sign(key, ANN.email)
    twisting.on = True
    esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
    survives(
        run, esign.facts(key), esign.touched(None), esign.find("R-1"), esign.files(key), esign.facts_of([key]),
        esign.templates(), esign.cancel(key, "because"), esign.news(None),
    )  # fmt: skip


@given(st.integers(0, 400), JSON)
def test_dropbox_sign_with_any_value_in_any_place(place: int, value: Any) -> None:
    clock = MovableClock()
    fake = dropbox_sign.FakeDropboxSign(clock, lag=timedelta(0))
    twisting = Twisting(fake, place, value)
    run = Driver(InProcess(twisting, dropbox_sign.ORIGIN), Desk(clock=clock), sleep=lambda _: None).run
    session = DropboxSignSession(Secret(dropbox_sign.KEY))
    key = run(DropboxSignEsign(session).send(asked(), DOCUMENT)).key
    fake.sign(key, ANN.email)
    twisting.on = True
    esign = DropboxSignEsign(session)
    survives(run, esign.facts(key), esign.touched(None), esign.find("R-1"), esign.files(key))
    assert twisting.writes == 1


@given(st.integers(0, 400), JSON)
def test_pandadoc_with_any_value_in_any_place(place: int, value: Any) -> None:
    clock = MovableClock()
    fake = pandadoc.FakePandaDoc(clock, lag=timedelta(0), rendering=timedelta(0))
    twisting = Twisting(fake, place, value)
    run = Driver(InProcess(twisting, pandadoc.ORIGIN), Desk(clock=clock), sleep=lambda _: None).run
    session, sending = PandaDocSession(Secret(pandadoc.KEY)), Sending(spot=Spot(page=1))
    key = run(PandaDocEsign(session, sending).send(asked(), DOCUMENT)).key
    fake.sign(key, ANN.email)
    twisting.on, before = True, twisting.writes
    esign = PandaDocEsign(session, sending)
    survives(run, esign.facts(key), esign.touched(None), esign.find("R-1"), esign.files(key), esign.document(key))
    assert twisting.writes == before


class Closing:
    """Takes so many calls that write, and then no more."""

    def __init__(self, fake: Fake, most: int) -> None:
        self._fake, self._left = fake, most

    def answer(self, request: Request) -> Reply:
        if request.method != "GET":
            self._left -= 1
        return Reply(status=429) if self._left < 0 else self._fake.answer(request)


@pytest.mark.parametrize(("most", "failure"), [(0, TransientError), (1, AmbiguousError)], ids=["nothing", "a part"])
@pytest.mark.parametrize("service", ["docusign", "dropbox sign", "pandadoc"])
def test_requests_of_which_some_went_out_are_not_told_as_if_none_had(service: str, most: int, failure: Any) -> None:
    """Another process would send those again before a list shows them."""
    clock = MovableClock()
    many, desk = [(asked(f"R-{number}"), DOCUMENT) for number in range(3)], Desk(clock=clock)
    if service == "docusign":
        run = Driver(
            InProcess(Closing(FakeDocuSign(clock), most), ORIGIN), desk_of(clock, calls=10**6), sleep=lambda _: None
        ).run
        flow: Flow[Any] = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT)).send_all(many)
    elif service == "dropbox sign":
        inside = InProcess(Closing(dropbox_sign.FakeDropboxSign(clock), most), dropbox_sign.ORIGIN)
        run = Driver(inside, desk, sleep=lambda _: None).run
        flow = DropboxSignEsign(DropboxSignSession(Secret(dropbox_sign.KEY))).send_all(many)
    else:
        inside = InProcess(Closing(pandadoc.FakePandaDoc(clock), most), pandadoc.ORIGIN)
        run = Driver(inside, desk, sleep=lambda _: None).run
        flow = PandaDocEsign(PandaDocSession(Secret(pandadoc.KEY)), Sending(spot=Spot(page=1))).send_all(many)
    with pytest.raises(failure):
        run(flow)


@given(st.dictionaries(st.sampled_from([
    "title", "type", "parties", "languages", "provisions", "metadata", "linked_data", "source_name", "_links",
    "related_agreement_documents", "custom_provisions", "summary",
]), JSON, max_size=6), st.dictionaries(st.sampled_from([
    "effective_date", "expiration_date", "term_length", "renewal_type", "auto_renewal_term_length", "governing_law",
    "total_agreement_value", "total_agreement_value_currency_code", "liability_cap_multiplier", "jurisdiction",
    "liability_cap_duration", "payment_terms_due_date", "late_payment_fee_percent", "renewal_process_owner",
]), JSON, max_size=6))  # fmt: skip
def test_an_agreement_with_any_values_is_a_contract_or_refused_by_name(
    top: dict[str, Any], inside: dict[str, Any]
) -> None:
    row = {"id": "a-1", "provisions": inside, **top}
    with suppress(InvalidRecord):
        assert contract_of(row).id == "a-1"
