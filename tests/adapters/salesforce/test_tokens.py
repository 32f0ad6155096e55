"""The three ways to be let in, against the fake org: the token is renewed when it ends, and never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from salesforce_suite import ORIGIN, crm_of, fake_org

from clmcrm.adapters.salesforce.tokens import client_credentials, jwt_bearer, origins, refresh_token
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError, TerminalError
from clmcrm.ports.records import Kind
from clmcrm.testing.vendors.salesforce.answering import FakeSalesforce
from clmcrm.testing.vendors.serving import InProcess

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
SECRET = "canary-secret-91d2"  # noqa: S105 - a canary, looked for in every output


def driver(fake: FakeSalesforce, authority: Authority) -> Driver:
    desk = Desk(clock=lambda: NOON, authorities={"salesforce": authority})
    return Driver(InProcess(fake, ORIGIN), desk, sleep=lambda _: None)


def test_client_credentials_let_the_app_in_and_renew_a_session_that_ended() -> None:
    fake, given = fake_org(), list[Mapping[str, str]]()

    def unlock(form: Mapping[str, str]) -> str:
        given.append(form)
        return f"token-{len(given)}"

    fake.unlock = unlock
    authority = client_credentials(ORIGIN, client_id="app", client_secret=Secret(SECRET), instance=ORIGIN)
    run, crm = driver(fake, authority).run, crm_of()
    assert run(crm.changes(Kind.ACCOUNT, None)).seen == ()
    assert given == [{"grant_type": "client_credentials", "client_id": "app", "client_secret": SECRET}]
    fake.tokens = {"another"}  # the session has ended
    assert run(crm.changes(Kind.ACCOUNT, None)).seen == ()
    assert len(given) == 2


def test_an_assertion_says_who_for_how_long_and_is_signed() -> None:
    _ = pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - an optional package
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 - as above

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    fake, given = fake_org(), list[Mapping[str, str]]()

    def unlock(form: Mapping[str, str]) -> str:
        given.append(form)
        return "token"

    fake.unlock = unlock
    authority = jwt_bearer(
        ORIGIN, client_id="app", user="sync@acme.example", key=Secret(pem), instance=ORIGIN, clock=lambda: NOON
    )
    _ = driver(fake, authority).run(crm_of().changes(Kind.ACCOUNT, None))
    (form,) = given
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, body, signature = form["assertion"].split(".")
    assert json.loads(decoded(head))["alg"] == "RS256"
    assert json.loads(decoded(body)) == {
        "iss": "app", "sub": "sync@acme.example", "aud": ORIGIN, "exp": int(NOON.timestamp()) + 180
    }  # fmt: skip
    private.public_key().verify(decoded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_key_that_is_none_is_refused_and_not_shown() -> None:
    _ = pytest.importorskip("cryptography")
    with pytest.raises(InvalidRecord, match="an RSA private key in PEM") as refusal:
        _ = jwt_bearer(ORIGIN, client_id="a", user="b", key=Secret(SECRET), instance=ORIGIN, clock=lambda: NOON)
    assert SECRET not in str(refusal.value)


def test_a_refresh_token_that_rotates_is_replaced() -> None:
    fake, given = fake_org(), list[str]()

    def unlock(form: Mapping[str, str]) -> str:
        given.append(form["refresh_token"])
        return f"token-{len(given)}"

    fake.unlock = unlock
    authority = refresh_token(ORIGIN, client_id="app", refresh=Secret("first"), instance=ORIGIN)
    _ = driver(fake, authority).run(crm_of().changes(Kind.ACCOUNT, None))
    assert given == ["first"]
    assert authority.shelf.read().generation == 1


def test_a_refusal_says_why_in_salesforces_words_and_shows_no_secret() -> None:
    authority = client_credentials(ORIGIN, client_id="app", client_secret=Secret(SECRET), instance=ORIGIN)
    with pytest.raises(RefusedError, match="invalid_grant: authentication failure") as refusal:
        _ = driver(fake_org(), authority).run(crm_of().changes(Kind.ACCOUNT, None))
    assert SECRET not in f"{refusal.value!r} {authority!r}"


def test_a_token_of_another_org_is_refused() -> None:
    fake = fake_org()
    fake.unlock, fake.origin = lambda _form: "token", "https://other.my.salesforce.com"
    authority = client_credentials(ORIGIN, client_id="app", client_secret=Secret(SECRET), instance=ORIGIN)
    with pytest.raises(TerminalError, match=r"the token is for https://other\.my\.salesforce\.com"):
        _ = driver(fake, authority).run(crm_of().changes(Kind.ACCOUNT, None))


@pytest.mark.parametrize(
    "there", ["https://ACME.my.salesforce.com", f"{ORIGIN}:443", f"{ORIGIN}/", f"{ORIGIN}/services/data"]
)
def test_an_org_is_known_however_its_address_is_written(there: str) -> None:
    fake = fake_org()
    fake.unlock, fake.origin = lambda _form: "token", there
    authority = client_credentials(ORIGIN, client_id="app", client_secret=Secret(SECRET), instance=ORIGIN)
    assert driver(fake, authority).run(crm_of().changes(Kind.ACCOUNT, None)).seen == ()


@pytest.mark.parametrize("there", ["https://[acme", "", "acme.my.salesforce.com", "https://acme.my.salesforce.com:x"])
def test_an_address_of_an_org_that_is_none_is_a_typed_error(there: str) -> None:
    fake = fake_org()
    fake.unlock, fake.origin = lambda _form: "token", there
    authority = client_credentials(ORIGIN, client_id="app", client_secret=Secret(SECRET), instance=ORIGIN)
    with pytest.raises(MalformedReply, match="instance_url is "):
        _ = driver(fake, authority).run(crm_of().changes(Kind.ACCOUNT, None))


def test_a_token_that_no_header_carries_is_a_typed_error() -> None:
    fake = fake_org()
    fake.unlock = lambda _form: "tökén"
    authority = client_credentials(ORIGIN, client_id="app", client_secret=Secret(SECRET), instance=ORIGIN)
    with pytest.raises(MalformedReply, match="no access_token"):
        _ = driver(fake, authority).run(crm_of().changes(Kind.ACCOUNT, None))


def test_both_addresses_are_known_to_the_transport() -> None:
    assert origins(ORIGIN, "https://login.salesforce.com").keys() == {"salesforce", "salesforce-login"}
