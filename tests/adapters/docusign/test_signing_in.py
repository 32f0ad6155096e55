"""Tokens by JWT, renewed once when they end; and the account's address, believed only on a configured host."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ORIGIN, MovableClock

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.grant import (
    ACCOUNT_SERVER,
    DEVELOPMENT,
    HOSTS,
    NO_TOKEN,
    JwtGrant,
    RefreshGrant,
    found_account,
)
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.adapters.docusign_wire import VENDOR, instant
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError, TerminalError
from clmcrm.ports.calls import Call, Reply, finished
from clmcrm.testing.vendors.docusign.account_server import CLIENT, USER, FakeAccountServer
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.serving import InProcess

_ = pytest.importorskip("cryptography", reason="cryptography is in the extra docusign")


def key_pair() -> tuple[str, bytes]:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an optional package
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public


PRIVATE, PUBLIC = key_pair()


class Both:
    """The account server and the account, each at its own origin."""

    def __init__(self, server: InProcess, account: InProcess) -> None:
        self._server, self._account = server, account

    def send(self, call: Call, within: timedelta) -> Reply:
        return (self._server if call.vendor == ACCOUNT_SERVER else self._account).send(call, within)


class Room:
    def __init__(self, base_uri: str = ORIGIN) -> None:
        self.clock = MovableClock()
        self.fake = FakeDocuSign(self.clock)
        self.fake.tokens.clear()
        self.server = FakeAccountServer(self.fake, PUBLIC, host="account-d.docusign.com", base_uri=base_uri)
        self.grant = JwtGrant(client=CLIENT, user=USER, key=Secret(PRIVATE), clock=self.clock, server=DEVELOPMENT)
        self.transport = Both(InProcess(self.server, DEVELOPMENT), InProcess(self.fake, ORIGIN))

    def run(self, flow: Any, token: Token | None = None) -> Any:
        authorities = {}
        if token is not None:
            authority = Authority(vendor=VENDOR, shelf=MemoryTokenShelf(token), renew=self.grant.renew)
            authorities = {VENDOR: authority}
        desk = Desk(clock=self.clock, authorities=authorities)
        return Driver(self.transport, desk, sleep=lambda _: None).run(flow)


def test_a_token_is_issued_for_an_assertion_and_the_account_is_found() -> None:
    room = Room()
    token = room.run(room.grant.renew(NO_TOKEN))
    found = room.run(found_account(token, server=DEVELOPMENT))
    assert (found.id, found.base_uri) == (ACCOUNT, ORIGIN)
    assert token.expires_at is not None
    esign = DocuSignEsign(DocuSignSession(found.base_uri, found.id))
    assert room.run(esign.find("R-1"), token) is None


def test_a_token_that_ended_is_renewed_once_and_the_question_is_asked_again() -> None:
    room = Room()
    token = room.run(room.grant.renew(NO_TOKEN))
    room.server.end_tokens()
    esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
    assert room.run(esign.find("R-1"), token) is None
    assert room.server.issued == 2


def test_who_has_not_consented_is_told_so_in_docusigns_word() -> None:
    room = Room()
    room.server.consented = False
    with pytest.raises(RefusedError, match="consent_required"):
        _ = room.run(room.grant.renew(NO_TOKEN))
    assert room.grant.consent_url("https://app.example/back").startswith(f"{DEVELOPMENT}/oauth/auth?response_type=code")


@pytest.mark.parametrize("wrong", [{"client": "other"}, {"user": "other"}, {"scopes": ("impersonation",)}])
def test_an_assertion_of_somebody_else_is_refused(wrong: dict[str, Any]) -> None:
    room = Room()
    with pytest.raises(RefusedError, match=r"invalid_(grant|scope)"):
        _ = room.run(evolve(room.grant, **wrong).renew(NO_TOKEN))


def test_an_assertion_by_another_key_is_refused() -> None:
    room = Room()
    with pytest.raises(RefusedError, match="invalid_grant"):
        _ = room.run(evolve(room.grant, key=Secret(key_pair()[0])).renew(NO_TOKEN))


@pytest.mark.parametrize("key", ["", "no key", PUBLIC.decode()], ids=["nothing", "a word", "a public key"])
def test_what_is_no_private_key_is_refused_without_being_shown(key: str) -> None:
    grant = evolve(Room().grant, key=Secret(key))
    with pytest.raises(InvalidRecord) as refused:
        _ = finished(grant.renew(NO_TOKEN))
    assert not key or key not in str(refused.value)


@pytest.mark.parametrize(
    "base_uri",
    [
        "https://evil.example", "https://demo.docusign.net.evil.example", "http://demo.docusign.net",
        "https://demo.docusign.net@evil.example", "", "//demo.docusign.net", "javascript:alert(1)",
        "https://[demo.docusign.net",
    ],
)  # fmt: skip
def test_an_account_at_a_host_nobody_configured_is_refused(base_uri: str) -> None:
    room = Room(base_uri)
    token = room.run(room.grant.renew(NO_TOKEN))
    with pytest.raises(TerminalError, match="none of the configured hosts"):
        _ = room.run(found_account(token, server=DEVELOPMENT, hosts=HOSTS))


def test_an_account_the_user_does_not_have_is_named_with_those_they_have() -> None:
    room = Room()
    token = room.run(room.grant.renew(NO_TOKEN))
    with pytest.raises(TerminalError, match=f"no account 7; known: {ACCOUNT}"):
        _ = room.run(found_account(token, server=DEVELOPMENT, account="7"))


def test_a_refresh_token_is_spent_and_replaced() -> None:
    asked: list[Call] = []

    class Server:
        def send(self, call: Call, within: timedelta) -> Reply:
            del within
            asked.append(call)
            return Reply(status=200, body=b'{"access_token": "a2", "refresh_token": "r2", "expires_in": 28800}')

    clock = MovableClock()
    grant = RefreshGrant(client=CLIENT, secret=Secret("very secret"), clock=clock)
    driver = Driver(Server(), Desk(clock=clock), sleep=lambda _: None)
    fresh = driver.run(grant.renew(Token(access=Secret("a1"), refresh=Secret("r1"))))
    assert (fresh.access.reveal(), fresh.refresh and fresh.refresh.reveal()) == ("a2", "r2")
    assert asked[0].body == b"grant_type=refresh_token&refresh_token=r1"
    assert "very secret" not in repr(asked[0]) + repr(grant)
    with pytest.raises(TerminalError, match="log in again"):
        _ = driver.run(grant.renew(Token(access=Secret("a1"))))


@pytest.mark.parametrize("base_uri", ["", "ftp://demo.docusign.net", "https://[demo.docusign.net", "https://x/path"])
def test_a_session_at_no_address_is_a_typed_error(base_uri: str) -> None:
    with pytest.raises(InvalidRecord, match="base_uri"):
        _ = DocuSignSession(base_uri, ACCOUNT)


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "yesterday", "24:00"])
def test_an_instant_that_no_calendar_holds_in_utc_is_a_typed_error(told: str) -> None:
    with pytest.raises(MalformedReply, match="is no instant"):
        _ = instant({"sentDateTime": told}, "sentDateTime")
