"""The conformance kit against a running Tryton, run by the driver that blocks and by the one in a loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

import pytest
from serving_tryton import running
from tryton_desk import TrytonDesk

from clmcrm.adapters.transports import AsyncHttpTransport, HttpTransport
from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.drivers.blocking import Blocking
from clmcrm.ports.calls import Call, Reply
from clmcrm.ports.records import Fields, Kind, Seen, Update
from clmcrm.testing import CrmAdapterSuite

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesk]:
    with running(tmp_path_factory.mktemp("tryton")) as server:
        yield TrytonDesk(server)


@pytest.fixture(scope="module")
def web(desk: TrytonDesk) -> Iterator[HttpTransport]:
    with HttpTransport({VENDOR: desk.server.url}) as transport:
        yield transport


def whole(desk: TrytonDesk) -> TrytonCrm:
    # All parties are accounts here: those that the kit makes are in no category.
    return TrytonCrm(desk.session, overlap=timedelta(seconds=2), page=10)


class Clerk:
    """Somebody who edits by hand in Tryton: fields by way of our adapter, deletions by the server's own means."""

    def __init__(self, desk: TrytonDesk, blocking: Blocking) -> None:
        self._desk, self._blocking = desk, blocking

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        (seen,) = self._blocking.read(kind, [key])
        (outcome,) = self._blocking.write([Update(kind=kind, key=key, fields=fields, expected=seen.version)])
        assert outcome.ok, outcome.why
        return self._blocking.read(kind, [key])[0]

    def delete(self, kind: str, key: str) -> Seen:
        (seen,) = self._blocking.read(kind, [key])
        assert kind == Kind.ACCOUNT
        self._desk.do("party.party", "delete", [int(key)])
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        """By Tryton's own wizard for parties."""
        run, ask = self._desk.driver.run, self._desk.session.call
        # The wizard asks whether parties of different names are the same; the person says yes.
        of = {
            "active_model": "party.party",
            "active_id": int(loser),
            "active_ids": [int(loser)],
            "_skip_warnings": True,
        }
        number, first, _ = run(ask("wizard.party.replace.create"))
        given = {first: {"source": int(loser), "destination": int(survivor)}}
        _ = run(ask("wizard.party.replace.execute", number, given, "replace", context=of))
        return self._blocking.read(kind, [survivor])[0]


class TrytonSuite(CrmAdapterSuite):
    kinds = (Kind.ACCOUNT, Kind.CONTRACT_TERMS)  # type: ignore[assignment] # fewer than a CRM may have
    many: ClassVar[int] = 25

    def sample(self, kind: str, number: int) -> Fields:
        if kind == Kind.CONTRACT_TERMS:
            return {"title": f"Conformance {number}", "number": f"C-{number}", "annual_value": None, "account": "1"}
        return {
            "name": f"Conformance {number}",
            "website": f"https://example.org/{number}",
            "billing_address": {"lines": [f"{number} rue Bleue"], "postal_code": "75009", "city": "Paris"},
            "language": None,
        }

    @pytest.fixture
    def person(self, desk: TrytonDesk) -> Clerk:
        return Clerk(desk, Blocking(whole(desk), desk.driver.run))


class OpenedForEachCall:
    """The transport of a loop that is closed again after each call, so that no test leaves a connection behind."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, call: Call, within: timedelta) -> Reply:
        async with AsyncHttpTransport({VENDOR: self._url}) as transport:
            return await transport.send(call, within)


class TestTryton(TrytonSuite):
    @pytest.fixture
    def adapter(self, desk: TrytonDesk) -> TrytonCrm:
        return whole(desk)

    @pytest.fixture
    def transport(self, web: HttpTransport) -> HttpTransport:
        return web

    @pytest.fixture
    def async_transport(self, desk: TrytonDesk) -> OpenedForEachCall:
        return OpenedForEachCall(desk.server.url)
