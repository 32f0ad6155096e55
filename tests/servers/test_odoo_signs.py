"""Two signers at a running Odoo with `sign_oca`: sent once under our id, signed by link, told and handed out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from attrs import evolve
from odoo_desk import OdooDesk
from serving_odoo import running

from clmcrm.adapters.odoo.sign import OdooSign
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient, RecipientFact, RecipientState, RequestFact, RequestState, SignatureRequest
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Call, Effect
from clmcrm.ports.records import Result
from clmcrm.values.ids import ContractId

pytestmark = [pytest.mark.servers, pytest.mark.slow]

ANN = Recipient(name="Ann Own", email="ann@own.example", side=Party.OWN)
BOB = Recipient(name="Bob Durand", email="Bob@durand.example", side=Party.COUNTERPARTY)


def a_pdf() -> bytes:
    """A document of one empty page, with a table of its objects as every reader expects."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R >>",
        b"<< /Length 0 >>\nstream\n\nendstream",
    ]
    out, places = BytesIO(), []
    _ = out.write(b"%PDF-1.4\n")
    for number, one in enumerate(objects, 1):
        places.append(out.tell())
        _ = out.write(b"%d 0 obj\n%s\nendobj\n" % (number, one))
    table = out.tell()
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    _ = out.write(b"xref\n0 5\n0000000000 65535 f \n%s" % rows)
    _ = out.write(b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


PDF = a_pdf()
REQUEST = SignatureRequest(
    id="signature:contract:1", contract=ContractId("C-1"), sha256=sha256(PDF).hexdigest(), recipients=(ANN, BOB)
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdooDesk]:
    with running(tmp_path_factory.mktemp("odoo")) as server:
        made = OdooDesk(server)
        if not made.do("sign.oca.role", "search", domain=[]):
            _ = made.create("sign.oca.role", name="Signer")
        yield made


@pytest.fixture
def service(desk: OdooDesk) -> OdooSign:
    return OdooSign(desk.session(), overlap=timedelta(seconds=2))


def by_link(desk: OdooDesk, key: str, email: str, deed: str, **given: Any) -> Any:
    """What the person with that address does behind the link that was mailed to them, without any key."""
    domain = [["request_id", "=", int(key)], ["partner_id.email", "=ilike", email]]
    ((number, token),) = [
        (row["id"], row["access_token"])
        for row in desk.do("sign.oca.request.signer", "search_read", domain=domain, fields=["access_token"])
    ]
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": given}).encode()
    call = Call(
        method="POST", url=f"{desk.server.url}/sign_oca/{deed}/{number}/{token}", vendor=VENDOR, body=body,
        headers={"content-type": "application/json", "x-odoo-database": desk.database}, effect=Effect.ONCE,
    )  # fmt: skip
    reply = desk.driver.run(_one(call))
    answer = json.loads(reply.body)
    assert "error" not in answer, answer
    return answer["result"]


def _one(call: Call) -> Any:
    return (yield call)


def test_two_signers_sign_what_was_sent_once(desk: OdooDesk, service: OdooSign) -> None:
    run = desk.driver.run
    sent = run(service.send(REQUEST, PDF))
    assert sent.result is Result.DONE, sent.why
    assert run(service.send(REQUEST, PDF)) == evolve(sent, result=Result.BOUND)
    assert run(service.find(REQUEST.id)) == sent.key
    assert desk.do("sign.oca.request", "search_count", domain=[]) == 1
    assert run(service.files(sent.key)) is None

    _ = by_link(desk, sent.key, ANN.email, "info")
    _ = by_link(desk, sent.key, ANN.email, "sign", items={})
    facts = run(service.facts(sent.key))
    assert not [fact for fact in facts if isinstance(fact, RequestFact) and fact.state is RequestState.COMPLETED]
    _ = by_link(desk, sent.key, BOB.email, "sign", items={})

    facts = run(service.facts(sent.key))
    people = {
        state: {fact.email.lower() for fact in facts if isinstance(fact, RecipientFact) and fact.state is state}
        for state in (RecipientState.SENT, RecipientState.VIEWED, RecipientState.COMPLETED)
    }
    both = {ANN.key, BOB.key}
    assert people == {
        RecipientState.SENT: both, RecipientState.VIEWED: {ANN.key}, RecipientState.COMPLETED: both,
    }  # fmt: skip
    states = [fact.state for fact in facts if isinstance(fact, RequestFact)]
    assert states == [RequestState.CREATED, RequestState.SENT, RequestState.COMPLETED]
    files = run(service.files(sent.key))
    assert files is not None
    assert files.document.startswith(b"%PDF")
    assert run(service.cancel(sent.key, "too late")).result is Result.REFUSED
    assert run(service.touched(None)).keys == (sent.key,)


def test_a_cancelled_request_can_be_signed_by_nobody(desk: OdooDesk, service: OdooSign) -> None:
    run = desk.driver.run
    other = evolve(REQUEST, id="signature:contract:2")
    sent = run(service.send(other, PDF))
    cursor = run(service.touched(None)).cursor
    reason = "Prix erroné, « voir » l'avenant"
    assert [run(service.cancel(sent.key, reason)).result for _ in range(2)] == [Result.DONE, Result.DONE]
    with pytest.raises(AssertionError, match="cannot be signed"):
        _ = by_link(desk, sent.key, BOB.email, "sign", items={})
    assert sent.key in run(service.touched(cursor)).keys
    voided = [fact for fact in run(service.facts(sent.key)) if fact.raw == "cancel"]
    assert [fact.reason for fact in voided] == [reason]


def test_what_the_service_cannot_do_is_refused(desk: OdooDesk, service: OdooSign) -> None:
    run = desk.driver.run
    assert run(service.send(REQUEST, b"another")).result is Result.REFUSED
    ordered = evolve(REQUEST, id="signature:contract:3", recipients=(ANN, evolve(BOB, order=1)))
    assert run(service.send(ordered, PDF)).result is Result.REFUSED
    assert run(service.find("signature:contract:3")) is None
    changed = evolve(REQUEST, recipients=(ANN,))
    assert run(service.send(changed, PDF)).result is Result.REUSED
    assert run(service.cancel("987654", "no such")).result is Result.MISSING
    with pytest.raises(TerminalError, match="no request"):
        _ = run(service.facts("987654"))
