"""Each header goes out once, whatever its spelling; and no spelling or beginning of a secret comes back in words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.declared.reading import read_description
from clmcrm.adapters.declared.system import DeclaredSystem
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import InvalidRecord, RefusedError, UnreadableInput
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create

TOKEN = 'tok"en\\with+every/kind of=sign'  # noqa: S105 - not a secret


def description(headers: str = "", auth: str = 'with = "bearer"\nsecret = "token"', writing: str = "") -> str:
    return f"""
        system = "acme"
        address = "https://crm.example/v1"
        [auth]
        {auth}
        [headers]
        {headers}
        [writing]
        {writing}
        [kinds.account]
        key = "id"
        list = {{ path = "/accounts", rows = "data" }}
        one = {{ path = "/accounts/{{key}}" }}
        create = {{ path = "/accounts" }}
        find = {{ path = "/accounts", rows = "data", param = "ref" }}
        mark = "ref"
        fields = {{ name = "company", employees = {{ path = "headcount", form = "whole" }} }}
    """


def system(text: str, **secrets: str) -> DeclaredSystem:
    return DeclaredSystem(read_description(text), {name: Secret(value) for name, value in secrets.items()})


def told(crm: DeclaredSystem, status: int, body: bytes) -> Any:
    """What comes of one page: the page, or the error."""
    flow = crm.changes("account", None)
    _ = next(flow)
    try:
        flow.send(Reply(status=status, body=body))
    except StopIteration as end:
        return end.value
    except RefusedError as refused:
        return refused
    raise AssertionError("it asks for more")


@pytest.mark.parametrize("spelling", ["Accept", "accept", "ACCEPT"])
def test_a_header_of_the_description_goes_in_the_place_of_ours(spelling: str) -> None:
    call: Any = next(
        system(description(f'{spelling} = "application/vnd.acme+json"'), token="t" * 9).changes("account", None)
    )
    assert [value for name, value in call.headers.items() if name.lower() == "accept"] == ["application/vnd.acme+json"]


def test_a_content_type_of_the_description_is_that_of_what_is_sent() -> None:
    text = description(
        'Content-Type = "application/vnd.api+json"',
        writing='creating = "keyed"\nidempotency_header = "Idempotency-Key"\nkey_window_s = 60',
    )
    flow = system(text, token="t" * 9).write([Create(kind="account", fields={"name": "Durand"}, mark="m-1")])
    asked: Any = next(flow)
    call: Any = next(asked.flows[0]) if hasattr(asked, "flows") else asked
    names = [name.lower() for name in call.headers]
    assert len(set(names)) == len(names)
    assert (call.headers["content-type"], call.headers["idempotency-key"]) == ("application/vnd.api+json", "m-1")


@pytest.mark.parametrize(
    ("headers", "auth", "writing", "where"),
    [
        ('X-Team = "a"\nx-team = "b"', 'with = "none"', "", "headers.x-team is given as X-Team too"),
        (
            'x-key = "a"', 'with = "header"\nheader = "X-Key"\nsecret = "token"', "",
            "headers.x-key is what auth.header names",
        ),
        (
            'X-Once = "a"', 'with = "none"', 'creating = "keyed"\nidempotency_header = "x-once"\nkey_window_s = 60',
            "headers.X-Once is what writing.idempotency_header names",
        ),
    ],
)  # fmt: skip
def test_two_headers_of_one_name_are_refused_by_their_place(headers: str, auth: str, writing: str, where: str) -> None:
    with pytest.raises(UnreadableInput, match=where):
        _ = read_description(description(headers, auth, writing))


def test_a_user_with_a_colon_is_refused_for_its_name_would_end_there() -> None:
    """RFC 7617, 2: a user-id that holds a colon is invalid."""
    with pytest.raises(InvalidRecord, match="a user's name without one") as refused:
        _ = system(description(auth='with = "basic"\nuser = "who"\nsecret = "token"'), who="ann:1", token="t" * 9)
    assert "ann" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"said": TOKEN}), json.dumps({"error": [TOKEN, 1]}), f"you sent {TOKEN}",
        f"/login?k={quote(TOKEN, safe='')}", f"/login?k={quote_plus(TOKEN)}",
    ],
)  # fmt: skip
def test_no_spelling_of_a_secret_is_shown(body: str) -> None:
    crm = system(description(), token=TOKEN)
    refused = told(crm, 400, body.encode())
    assert "***" in str(refused)
    assert not any(part in str(refused) for part in ("tok", "every", "kind", "sign"))


@given(st.integers(0, 80), st.sampled_from([TOKEN, "abcdefghijklmnopqrstuvwxyz0123456789"]))
def test_a_secret_that_is_cut_off_in_an_unreadable_value_is_not_shown_in_part(before: int, token: str) -> None:
    row = {"id": "7", "company": "Durand", "headcount": "." * before + token}
    page = told(system(description(), token=token), 200, json.dumps({"data": [row]}).encode())
    shown = page.seen[0].unreadable
    assert "headcount" in shown
    assert token[:8] not in shown
    assert json.dumps(token)[1:9] not in shown
