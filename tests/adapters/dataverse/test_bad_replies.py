"""Replies that are torn, foreign, of the wrong type or hostile: no crash, no silent loss, nothing sent elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from dataverse_suite import ORIGIN, crm_of, driver_of

from clmcrm.adapters.dataverse.crm import DataverseCrm
from clmcrm.adapters.dataverse.session import DataverseSession
from clmcrm.errors import AdapterError, AmbiguousError, InvalidRecord, MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.dataverse.answering import TOKEN, FakeDataverse
from clmcrm.testing.vendors.serving import InProcess

JSON = {"content-type": "application/json; odata.metadata=minimal"}
HTML = {"content-type": "text/html"}
BATCH = {"content-type": "multipart/mixed; boundary=b"}
BASE = f"{ORIGIN}/api/data/v9.2"
KEY = "00000000-0000-0000-0000-000000000001"
ONE = Create(kind=Kind.ACCOUNT, mark="m", fields={"name": "A"})


def reply(value: Any, status: int = 200, headers: Mapping[str, str] = JSON) -> Reply:
    return Reply(status=status, headers=headers, body=value if isinstance(value, bytes) else json.dumps(value).encode())


def asked(answer: Callable[[Request], Reply | None], *, write: bool = False) -> tuple[AdapterError, FakeDataverse]:
    """What comes of a pull, or of a write, when it is answered like that; the environment, to see what it was asked."""
    fake = FakeDataverse()
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    _ = driver.run(crm.read(Kind.ACCOUNT, [KEY]))
    fake.override = answer
    with pytest.raises(AdapterError) as failure:
        _ = driver.run(crm.write([ONE])) if write else driver.run(crm.changes(Kind.ACCOUNT, None))
    assert TOKEN not in f"{failure.value!r}"
    return failure.value, fake


BAD_PAGES: dict[str, tuple[Any, int, Mapping[str, str], type[AdapterError]]] = {
    "a page for people": (b"<html>maintenance</html>", 200, HTML, MalformedReply),
    "a page for people that says it is JSON": (b"<html>maintenance</html>", 200, JSON, MalformedReply),
    "half JSON": (b'{"value":[{"accountid":"0', 200, JSON, MalformedReply),
    "nothing": (b"", 200, JSON, MalformedReply),
    "a list": ([], 200, JSON, MalformedReply),
    "no rows": ({"@odata.deltaLink": f"{BASE}/accounts?$deltatoken=1"}, 200, JSON, MalformedReply),
    "rows that are no list": ({"value": {}}, 200, JSON, MalformedReply),
    "rows that are no objects": ({"value": [1]}, 200, JSON, MalformedReply),
    "a row without an id": ({"value": [{"name": "A"}]}, 200, JSON, MalformedReply),
    "a row without a tag": ({"value": [{"accountid": KEY}]}, 200, JSON, MalformedReply),
    "a row with a tag that is none": ({"value": [{"accountid": KEY, "@odata.etag": "7"}]}, 200, JSON, MalformedReply),
    "a deletion of nothing": ({"value": [{"@odata.context": "x/$deletedEntity"}]}, 200, JSON, MalformedReply),
    "a link of no text": ({"value": [], "@odata.nextLink": 7}, 200, JSON, MalformedReply),
    "neither link": ({"value": []}, 200, JSON, AdapterError),
    "a success that is an error": ({"error": {"code": "0x80040217", "message": "no"}}, 200, JSON, RefusedError),
    "an error": ({"error": {"code": "0x80040220", "message": "no privilege"}}, 403, JSON, RefusedError),
    "an error without a code": ({"error": {"message": "?"}}, 400, JSON, RefusedError),
    "an error that is a text": ({"error": "no"}, 400, JSON, RefusedError),
    "a failure without words": (b"", 400, JSON, RefusedError),
    "a database that is busy": ({"error": {"code": "0x80044151", "message": "SQL timeout"}}, 400, JSON, TransientError),
    "a redirect": (b"", 302, {"location": "https://evil.example/"}, AdapterError),
    "a busy server": (b"", 503, {}, TransientError),
    "NaN": (b'{"value":[{"accountid":"x","revenue":NaN}]}', 200, JSON, MalformedReply),
    "a member twice": (b'{"value":[],"value":[]}', 200, JSON, MalformedReply),
}


@pytest.mark.parametrize("name", BAD_PAGES)
def test_a_bad_page_is_an_error_that_says_what_came(name: str) -> None:
    value, status, headers, kind = BAD_PAGES[name]
    failure, _ = asked(lambda _request: reply(value, status, headers))
    assert isinstance(failure, kind)
    assert failure.vendor == "dataverse"


@pytest.mark.parametrize("which", ["next", "delta"])
@pytest.mark.parametrize(
    "link",
    ["https://evil.example/api/data/v9.2/accounts?$skiptoken=1", "//evil.example/api/data/v9.2/accounts?x=1",
     "http://acme.crm4.dynamics.com/api/data/v9.2/accounts?x=1", f"{BASE}/systemusers?x=1", f"{BASE}/accounts", ""],
)  # fmt: skip
def test_a_link_elsewhere_is_not_followed_and_not_kept(which: str, link: str) -> None:
    failure, fake = asked(lambda _request: reply({"value": [], f"@odata.{which}Link": link}))
    assert isinstance(failure, AdapterError)
    assert all(request.path.startswith("/api/data/v9.2/") for request in fake.asked)


def test_a_cursor_cannot_lead_elsewhere_either() -> None:
    fake = FakeDataverse()
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    cursor = '["account","rows","x=1&y=https://evil.example/",null]'
    with pytest.raises(AdapterError, match="no delta link"):
        _ = driver.run(crm.changes(Kind.ACCOUNT, cursor))
    assert fake.asked[-1].path == "/api/data/v9.2/accounts?x=1&y=https://evil.example/"


def part(status: int, body: str = "", head: str = "Content-Type: application/json") -> bytes:
    return (f"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 {status} X\r\n{head}\r\n\r\n{body}\r\n").encode()


END = b"--b--\r\n"
NO_REPLY = b"--b\r\nContent-Type: application/http\r\n\r\nhello\r\n--b--"
BROKE = '{"error":{"code":"0x80040216","message":"broken"}}'
BAD_WRITES: dict[str, tuple[Any, int, Mapping[str, str], type[AdapterError]]] = {
    "JSON in place of a batch": ({}, 200, JSON, MalformedReply),
    "a page for people": (b"<html>", 200, HTML, MalformedReply),
    "no parts": (END, 200, BATCH, MalformedReply),
    "no boundary": (part(204) + END, 200, {"content-type": "multipart/mixed"}, MalformedReply),
    "another boundary": (part(204) + END, 200, {"content-type": "multipart/mixed; boundary=c"}, MalformedReply),
    "a torn batch": (part(201, '{"accountid":"0'), 200, BATCH, MalformedReply),
    "one part too many": (part(204) + part(204) + END, 200, BATCH, MalformedReply),
    "a part that is no reply": (NO_REPLY, 200, BATCH, MalformedReply),
    "a part with half JSON": (part(201, '{"accountid":') + END, 200, BATCH, MalformedReply),
    "a part with a row without an id": (part(201, '{"name": "A"}') + END, 200, BATCH, MalformedReply),
    "a part with a list": (part(201, "[]") + END, 200, BATCH, MalformedReply),
    "a creation that tells no key": (part(204) + END, 200, BATCH, AmbiguousError),
    "a part that broke": (part(500, BROKE) + END, 200, BATCH, AmbiguousError),
    "a broken server": (b"", 500, {}, AmbiguousError),
    "a batch that is refused": ({"error": {"code": "0x80060888", "message": "too many"}}, 400, JSON, RefusedError),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_WRITES)
def test_a_bad_answer_to_a_write_is_never_taken_for_done(name: str) -> None:
    value, status, headers, kind = BAD_WRITES[name]
    failure, _ = asked(lambda _request: reply(value, status, headers), write=True)
    assert isinstance(failure, kind)


def test_a_creation_that_shows_no_row_is_done_under_the_key_it_tells() -> None:
    fake = FakeDataverse()
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    _ = driver.run(crm.read(Kind.ACCOUNT, [KEY]))
    told = part(204, "", f"OData-EntityId: {BASE}/accounts({KEY.upper()})") + END
    fake.override = lambda _request: reply(told, 200, BATCH)
    (outcome,) = driver.run(crm.write([ONE]))
    assert (outcome.ok, outcome.key, outcome.version) == (True, KEY, "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("revenue", "lots"), ("revenue", True), ("numberofemployees", "1.5"), ("name", 7), ("name", ["A"]),
     ("createdon", "yesterday"), ("createdon", "2026-05-07T10:00:00"), ("address1_line1", {"a": 1}),
     ("modifiedon", None), ("modifiedon", "2026-05-07"), ("_transactioncurrencyid_value", KEY),
     ("_ownerid_value", "x"), ("customertypecode", "3x"), ("donotemail", 1), ("statecode", "open")],
)  # fmt: skip
def test_a_value_of_another_form_makes_its_record_unreadable_and_no_other(field: str, value: Any) -> None:
    fake = FakeDataverse()
    kind, table = (Kind.CONTACT, "contact") if field == "donotemail" else (Kind.ACCOUNT, "account")
    named = "lastname" if kind == Kind.CONTACT else "name"
    good, bad = (fake.data.insert(table, {named: name}) for name in ("good", "bad"))
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    _ = driver.run(crm.read(kind, [KEY]))

    def told(request: Request) -> Reply:
        fake.override = lambda _request: None
        page = json.loads(fake.answer(request).body)
        page["value"] = [row | ({field: value} if row[f"{table}id"] == bad else {}) for row in page["value"]]
        return reply(page)

    fake.override = told
    seen = {one.key: one for one in driver.run(crm.changes(kind, None)).seen}
    assert not seen[good].unreadable
    assert seen[bad].unreadable


@pytest.mark.parametrize(
    "description",
    [{}, [], {"Attributes": []}, {"Attributes": {}, "EntitySetName": "accounts", "PrimaryIdAttribute": "accountid"},
     {"Attributes": [{"LogicalName": "name", "IsValidForRead": True}], "EntitySetName": None}],
    ids=["empty", "list", "no-columns", "no-list", "no-set"],
)  # fmt: skip
def test_a_table_that_is_not_described_is_an_error(description: Any) -> None:
    fake = FakeDataverse()
    told: list[Any] = [description, {"value": []}, {"value": []}]
    body = b"".join(part(200, json.dumps(one)) for one in told) + END
    fake.override = lambda _request: reply(body, 200, BATCH)
    with pytest.raises(MalformedReply):
        _ = driver_of(InProcess(fake, ORIGIN)).run(crm_of().read(Kind.ACCOUNT, [KEY]))


def test_a_session_takes_an_address_and_no_more() -> None:
    for url in ("acme.crm4.dynamics.com", "ftp://acme.crm4.dynamics.com", "https://user:x@acme.example", "https://"):
        with pytest.raises(InvalidRecord):
            _ = DataverseSession(url)
    with pytest.raises(InvalidRecord, match="1 to 5000"):
        _ = DataverseCrm(DataverseSession(ORIGIN), crm_of().org, page=5_001)


@pytest.mark.parametrize("parent", ["account", "contact"])
def test_a_parent_that_does_not_say_what_it_is_is_not_taken_for_an_account(parent: str) -> None:
    """A customer is an account or a contact; a server is free to leave out the annotation that was wished for."""
    fake = FakeDataverse()
    values = {"name": "A"} if parent == "account" else {"lastname": "A"}
    key = fake.data.insert("contact", {"lastname": "B", "parentcustomerid": (parent, fake.data.insert(parent, values))})
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    (seen,) = driver.run(crm.read(Kind.CONTACT, [key]))
    assert (seen.unreadable, seen.fields["account"] is None) == ("", parent == "contact")

    def plain(request: Request) -> Reply:
        fake.override = lambda _request: None
        page = json.loads(fake.answer(request).body)
        named = "_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"
        page["value"] = [{name: one for name, one in row.items() if name != named} for row in page["value"]]
        return reply(page)

    fake.override = plain
    told = {one.key: one for one in driver.run(crm.changes(Kind.CONTACT, None)).seen}
    assert "does not say of which table it is" in told[key].unreadable
    assert "account" not in told[key].fields
