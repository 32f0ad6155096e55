"""Being let in by client credentials, against the fake: the token is renewed when it ends, once, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from dataverse_suite import ORIGIN, crm_of

from clmcrm.adapters.dataverse.tokens import client_credentials, origins
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Kind
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.serving import InProcess

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
SECRET = "canary-secret-91d2"  # noqa: S105 - a canary, looked for in every output


def authority() -> Authority:
    return client_credentials(
        ORIGIN, tenant="acme.example", client_id="app", client_secret=Secret(SECRET), login=ORIGIN
    )


def driver(fake: FakeDataverse, signs: Authority) -> Driver:
    desk = Desk(clock=lambda: NOON, authorities={"dataverse": signs})
    return Driver(InProcess(fake, ORIGIN), desk, sleep=lambda _: None)


def test_client_credentials_let_the_app_in_and_renew_a_token_that_ended() -> None:
    fake, given = FakeDataverse(), list[Mapping[str, str]]()

    def unlock(form: Mapping[str, str]) -> str:
        given.append(form)
        return f"token-{len(given)}"

    fake.unlock = unlock
    run, crm = driver(fake, authority()).run, crm_of()
    assert run(crm.changes(Kind.ACCOUNT, None)).seen == ()
    assert given == [
        {"grant_type": "client_credentials", "client_id": "app", "client_secret": SECRET, "scope": f"{ORIGIN}/.default"}
    ]
    assert any(request.path == "/acme.example/oauth2/v2.0/token" for request in fake.asked)
    fake.tokens = {"another"}  # the token has ended
    assert run(crm.changes(Kind.ACCOUNT, None)).seen == ()
    assert len(given) == 2


def test_many_workers_renew_a_token_once() -> None:
    fake, given = FakeDataverse(), list[str]()

    def unlock(form: Mapping[str, str]) -> str:
        given.append(form["client_id"])
        return f"token-{len(given)}"

    fake.unlock = unlock
    run, crm = driver(fake, authority()).run, crm_of()
    _ = run(crm.changes(Kind.ACCOUNT, None))
    fake.tokens = set()
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: run(crm.changes(Kind.ACCOUNT, None)), range(8)))
    assert {page.seen for page in pages} == {()}
    assert len(given) == 2


def test_a_refusal_says_why_in_microsofts_words_and_shows_no_secret() -> None:
    signs = authority()
    with pytest.raises(RefusedError, match="invalid_client: AADSTS7000215: Invalid client secret") as refusal:
        _ = driver(FakeDataverse(), signs).run(crm_of().changes(Kind.ACCOUNT, None))
    assert SECRET not in f"{refusal.value!r} {signs!r}"
    assert "Trace ID" not in str(refusal.value)


@pytest.mark.parametrize("body", [b"{}", b'{"access_token": 7}', b'{"access_token": "a\\nb"}', b"[]", b""])
def test_a_reply_without_a_token_is_malformed(body: bytes) -> None:
    fake = FakeDataverse()
    headers = {"content-type": "application/json"}
    fake.override = lambda request: (
        Reply(status=200, headers=headers, body=body) if request.path.endswith("/token") else None
    )
    with pytest.raises(MalformedReply, match="no access_token"):
        _ = driver(fake, authority()).run(crm_of().changes(Kind.ACCOUNT, None))


@pytest.mark.parametrize("tenant", ["", "acme/../common", "a b", "acme?x", "#"])
def test_a_tenant_that_is_none_is_refused(tenant: str) -> None:
    with pytest.raises(InvalidRecord, match="a directory's id or domain"):
        _ = client_credentials(ORIGIN, tenant=tenant, client_id="app", client_secret=Secret(SECRET))


def test_both_addresses_are_known_to_the_transport() -> None:
    assert origins(ORIGIN) == {
        "dataverse": ORIGIN, "dataverse-login": "https://login.microsoftonline.com"
    }  # fmt: skip
