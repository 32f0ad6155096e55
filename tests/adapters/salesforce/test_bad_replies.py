"""Replies that are torn, foreign, of the wrong type or hostile: no crash, no silent loss, nothing sent elsewhere."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from salesforce_suite import ORIGIN, crm_of, driver_of, fake_org

from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind, Precondition, Remove, Update, Write
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.salesforce.answering import TOKEN, FakeSalesforce
from clmcrm.testing.vendors.serving import InProcess

JSON = {"content-type": "application/json;charset=UTF-8"}
HTML = {"content-type": "text/html"}
ONE = Create(kind=Kind.ACCOUNT, mark="m", fields={"name": "A"})


def reply(value: Any, status: int = 200, headers: Mapping[str, str] = JSON) -> Reply:
    return Reply(status=status, headers=headers, body=value if isinstance(value, bytes) else json.dumps(value).encode())


def asked(answer: Callable[[Request], Reply | None], write: bool = False) -> tuple[AdapterError, FakeSalesforce]:
    """What comes of a read, or of a write, when the org answers like that; the org, to see what it was asked."""
    fake = fake_org()
    keys = [fake.data.insert("Account", {"Name": f"A{number}"}) for number in range(3)]
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    _ = driver.run(crm.read(Kind.ACCOUNT, keys))
    fake.override = answer
    with pytest.raises(AdapterError) as failure:
        _ = driver.run(crm.write([ONE])) if write else driver.run(crm.changes(Kind.ACCOUNT, None))
    assert TOKEN not in f"{failure.value!r}"
    return failure.value, fake


PAGE = {"totalSize": 1, "done": True, "records": []}
BAD_PAGES: dict[str, tuple[Any, int, Mapping[str, str], type[AdapterError]]] = {
    "a page for people": (b"<html>maintenance</html>", 200, HTML, MalformedReply),
    "a page for people that says it is JSON": (b"<html>maintenance</html>", 200, JSON, MalformedReply),
    "half JSON": (b'{"records":[{"Id":"0', 200, JSON, MalformedReply),
    "nothing": (b"", 200, JSON, MalformedReply),
    "a list": ([], 200, JSON, MalformedReply),
    "no records": ({"done": True}, 200, JSON, MalformedReply),
    "records that are no list": ({"done": True, "records": {}}, 200, JSON, MalformedReply),
    "records that are no objects": ({"done": True, "records": [1]}, 200, JSON, MalformedReply),
    "a record without an id": ({"done": True, "records": [{"Name": "A"}]}, 200, JSON, MalformedReply),
    "not whether there are more": ({"records": []}, 200, JSON, MalformedReply),
    "more, and nothing to go on from": (
        {"done": False, "records": [], "nextRecordsUrl": "/services/data/v62.0/query/01g-2"}, 200, JSON, MalformedReply
    ),
    "a success that is an error": (
        [{"errorCode": "INVALID_FIELD", "message": "No such column"}], 200, JSON, RefusedError
    ),
    "an error": ([{"errorCode": "API_DISABLED_FOR_ORG", "message": "no API"}], 403, JSON, RefusedError),
    "an error without a code": ({"message": "?"}, 400, JSON, RefusedError),
    "a quota that is used up": ([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}], 403, JSON, TransientError),
    "a redirect": (b"", 302, {"location": "https://evil.example/"}, AdapterError),
    "a busy server": (b"", 503, {}, TransientError),
    "NaN": (b'{"done":true,"records":[{"Id":"001000000000001AAA","AnnualRevenue":NaN}]}', 200, JSON, MalformedReply),
    "a member twice": (b'{"done":true,"done":false,"records":[]}', 200, JSON, MalformedReply),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_PAGES)
def test_a_bad_page_is_an_error_that_says_what_came(name: str) -> None:
    value, status, headers, kind = BAD_PAGES[name]
    failure, _ = asked(lambda _request: reply(value, status, headers))
    assert isinstance(failure, kind)
    assert failure.vendor == "salesforce"


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/services/data/v62.0/query/01g-2", "//evil.example/services/data/x", "@evil.example/x",
     "http://acme.my.salesforce.com/services/data/x", "https://acme.my.salesforce.com.evil.example/services/data/x",
     "https://[bad/services/data/", "/services/oauth2/revoke", "/services/data/../oauth2/x?y", "", None, 7],
)  # fmt: skip
def test_a_link_to_the_next_page_elsewhere_is_not_followed(link: Any) -> None:
    fake = fake_org()
    keys = [fake.data.insert("Account", {"Name": "A"})]
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    _ = driver.run(crm.read(Kind.ACCOUNT, keys))
    page = {"totalSize": 9, "done": False, "records": [], "nextRecordsUrl": link}
    told = [{"httpStatusCode": 200, "body": page, "referenceId": "part0", "httpHeaders": {}}]
    fake.override = lambda request: reply({"compositeResponse": told}) if request.method == "POST" else None
    before = len(fake.asked)
    with pytest.raises(AdapterError, match=r"leads to another origin|and no link to it"):
        _ = driver.run(crm.read(Kind.ACCOUNT, keys))
    assert all(request.path.startswith("/services/data/v62.0/") for request in fake.asked[before:])


BAD_WRITES: dict[str, tuple[Any, int, type[AdapterError]]] = {
    "no answers": ({}, 200, MalformedReply),
    "fewer answers than parts": ({"compositeResponse": []}, 200, MalformedReply),
    "a part without a status": ({"compositeResponse": [{}, {}]}, 200, MalformedReply),
    "a part that failed": (
        {"compositeResponse": [
            {"httpStatusCode": 400, "body": [{"errorCode": "INVALID_TYPE", "message": "x"}]},
            {"httpStatusCode": 200, "body": PAGE},
        ]}, 200, RefusedError,
    ),
    "fewer results than records": (
        {"compositeResponse": [{"httpStatusCode": 200, "body": []}, {"httpStatusCode": 200, "body": PAGE}]},
        200, MalformedReply,
    ),
    "a success that is not found afterwards": (
        {"compositeResponse": [
            {"httpStatusCode": 200, "body": [{"id": "001000000000001AAA", "success": True, "errors": []}]},
            {"httpStatusCode": 200, "body": PAGE},
        ]}, 200, AmbiguousError,
    ),
    "a broken server": (b"", 500, AmbiguousError),
}  # fmt: skip


@pytest.mark.parametrize("lost", ["Id", "SystemModstamp"])
@pytest.mark.parametrize("precondition", [Precondition.ROW, Precondition.NONE])
@pytest.mark.parametrize("write", ["create", "update", "remove"])
def test_a_row_without_what_every_row_has_is_a_typed_error(lost: str, precondition: Precondition, write: str) -> None:
    fake = fake_org()
    key = fake.data.insert("Account", {"Name": "A"})
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of(precondition=precondition)
    _ = driver.run(crm.read(Kind.ACCOUNT, [key]))
    whole = fake.answer

    def torn(request: Request) -> Reply:
        found = whole(request)
        told = json.loads(found.body) if b"compositeResponse" in found.body else {}
        rows = [one for part in told.get("compositeResponse", []) for one in _records(part)]
        for row in rows:
            del row[lost]
        return Reply(status=200, headers=found.headers, body=json.dumps(told).encode()) if rows else found

    fake.answer = torn  # type: ignore[method-assign] # the same org, torn
    seen = None
    with contextlib.suppress(MalformedReply):
        (seen,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    expected = "" if seen is None else seen.version
    deeds: dict[str, Write] = {
        "create": ONE,
        "update": Update(kind=Kind.ACCOUNT, key=key, fields={"name": "B"}, expected=expected),
        "remove": Remove(kind=Kind.ACCOUNT, key=key, expected=expected),
    }
    with contextlib.suppress(AdapterError):
        _ = driver.run(crm.write([deeds[write]]))


def _records(part: Mapping[str, Any]) -> list[Any]:
    body = part["body"]
    return body.get("records", []) if isinstance(body, dict) else []


@pytest.mark.parametrize("name", BAD_WRITES)
def test_a_bad_answer_to_a_write_is_never_taken_for_done(name: str) -> None:
    value, status, kind = BAD_WRITES[name]
    failure, _ = asked(lambda _request: reply(value, status), write=True)
    assert isinstance(failure, kind)


@pytest.mark.parametrize(
    ("field", "value"),
    [("AnnualRevenue", "lots"), ("AnnualRevenue", True), ("NumberOfEmployees", "1.5"), ("Name", 7), ("Name", ["A"]),
     ("CreatedDate", "yesterday"), ("CreatedDate", "2026-05-07T10:00:00"), ("BillingStreet", {"a": 1}),
     ("SystemModstamp", None), ("SystemModstamp", "2026-05-07"), ("CurrencyIsoCode", "XXY")],
)  # fmt: skip
def test_a_value_of_another_form_makes_its_record_unreadable_and_no_other(field: str, value: Any) -> None:
    fake = fake_org()
    good, bad = (fake.data.insert("Account", {"Name": name, "AnnualRevenue": 5}) for name in ("good", "bad"))

    def told(request: Request) -> Reply | None:
        if "/query?" not in request.path:
            return None
        fake.override = lambda _request: None
        page = json.loads(fake.answer(request).body)
        page["records"] = [row | ({field: value} if row["Id"] == bad else {}) for row in page["records"]]
        return reply(page)

    fake.override = told
    page = driver_of(InProcess(fake, ORIGIN)).run(crm_of().changes(Kind.ACCOUNT, None))
    seen = {one.key: one for one in page.seen}
    assert not seen[good].unreadable
    assert seen[bad].unreadable


def test_an_unknown_word_is_kept_beside_the_canonical_one() -> None:
    fake = fake_org()
    key = fake.data.insert("Account", {"Name": "A", "Type": "Galactic empire"})
    (seen,) = driver_of(InProcess(fake, ORIGIN)).run(crm_of().read(Kind.ACCOUNT, [key]))
    assert (seen.fields["kind"], seen.fields["kind_raw"]) == ("other", "Galactic empire")


def test_a_log_of_deletions_that_cannot_be_read_deletes_nothing() -> None:
    fake = fake_org()
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    page = driver.run(crm.changes(Kind.ACCOUNT, None))
    for body in ({}, {"deletedRecords": None}, {"deletedRecords": [], "latestDateCovered": "soon"}):
        fake.override = lambda request, body=body: reply(body) if "/deleted/" in request.path else None  # type: ignore[misc] # bound now
        with pytest.raises(MalformedReply):
            _ = driver.run(crm.changes(Kind.ACCOUNT, page.cursor))
    answer = {"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}
    fake.override = lambda request: reply([answer], 403) if "/deleted/" in request.path else None
    with pytest.raises(TerminalError):
        _ = driver.run(crm.changes(Kind.ACCOUNT, page.cursor))
