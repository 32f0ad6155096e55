"""Replies that are torn, foreign, of the wrong type or hostile: no crash, no silent loss, nothing sent elsewhere."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from ironclad_desk import IroncladDesk

from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind, Result, Update
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.ironclad.company import ENTITIES, RECORDS
from clmcrm.testing.vendors.ironclad.service import ORIGIN, TOKEN

JSON = "application/json"


def reply(value: Any, status: int = 200, kind: str = JSON) -> Reply:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Reply(status=status, headers={"content-type": kind}, body=body)


ROW = {"id": "e1", "ironcladId": "ENTITY-1", "name": "Durand", "status": "active", "lastUpdated": "x", "properties": {}}
BAD: dict[str, tuple[Any, int, str, type[AdapterError]]] = {
    "a page for people": (b"<html>maintenance</html>", 200, "text/html", MalformedReply),
    "half JSON": (b'{"list": [{"id": "e', 200, JSON, MalformedReply),
    "nothing": (b"", 200, JSON, MalformedReply),
    "a list": ([ROW], 200, JSON, MalformedReply),
    "a text": ("busy", 200, JSON, MalformedReply),
    "no list": ({"count": 3}, 200, JSON, MalformedReply),
    "no count": ({"list": [ROW]}, 200, JSON, MalformedReply),
    "a count below none": ({"list": [], "count": -1}, 200, JSON, MalformedReply),
    "a list of texts": ({"list": ["e1"], "count": 1}, 200, JSON, MalformedReply),
    "a row without an id": ({"list": [{"name": "x"}], "count": 1}, 200, JSON, MalformedReply),
    "NaN": (b'{"list": [{"id": "e1", "x": NaN}], "count": 1}', 200, JSON, MalformedReply),
    "a member twice": (b'{"list": [], "list": [], "count": 0}', 200, JSON, MalformedReply),
    "an error in a success": ({"code": "INVALID_PARAM", "message": "bad filter"}, 200, JSON, RefusedError),
    "a list that is not found": ({"code": "NOT_FOUND", "message": "no such list"}, 404, JSON, TerminalError),
    "a page for people, not found": (b"<html>404</html>", 404, "text/html", RefusedError),
    "forbidden": ({"code": "FORBIDDEN", "message": "access forbidden"}, 403, JSON, RefusedError),
    "a broken server": (b"", 500, JSON, TransientError),
    "too many calls": ({"code": "TOO_MANY_REQUESTS", "message": "slow down"}, 429, JSON, TransientError),
    "a redirect": (b"", 302, JSON, AdapterError),
}  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.CONTRACT])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_list_is_an_error_that_says_what_came(name: str, kind: Kind) -> None:
    value, status, content, expected = BAD[name]
    desk = IroncladDesk()
    desk.fake.override = lambda request: None if "types" in request.path else reply(value, status, content)
    with pytest.raises(AdapterError) as failure:
        _ = desk.blocking.changes(kind, None)
    assert isinstance(failure.value, expected)
    assert TOKEN not in f"{failure.value!r}"


def test_a_row_that_nobody_can_read_is_told_and_the_others_go_on() -> None:
    """Facts that are no facts any more, because a person wrote into them."""
    desk = IroncladDesk()
    good = desk.company.add(RECORDS, {"name": "Good", "type": "nda", "properties": {}})["id"]
    for facts in ("[1]", "{torn", '"text"'):
        told = {"clmcrmFacts": {"type": "string", "value": facts}}
        _ = desk.company.add(RECORDS, {"name": "Bad", "type": "nda", "properties": told})
    seen = desk.blocking.changes(Kind.CONTRACT, None).seen
    assert [one.key for one in seen if not one.unreadable] == [good]
    assert len([one for one in seen if one.unreadable]) == 3


def test_odd_values_are_no_crash() -> None:
    """Stamps, statuses, types and properties of any JSON type."""
    desk = IroncladDesk()
    odd: list[Any] = [None, 7, [], {}, "x", True]
    rows: list[dict[str, Any]] = []
    for number, value in enumerate(odd):
        names = ("name", "type", "lastUpdated", "parentId", "contractStatus", "source", "links", "properties")
        rows += [{"id": f"r{number}{name}", name: value} for name in names]
        rows.append({"id": f"p{number}", "properties": {"effectiveDate": value, "contractValue": {"type": value}}})
        typed = {"type": "monetary_amount", "value": value}
        rows.append({"id": f"v{number}", "properties": {"contractValue": typed, "agreementDate": typed}})
    whole = {"list": rows, "count": len(rows)}
    desk.fake.override = lambda request: reply(whole) if request.path.startswith("/public/api/v1/records?") else None
    seen = desk.blocking.changes(Kind.CONTRACT, None).seen
    assert {one.key for one in seen} == {row["id"] for row in rows}


BAD_WRITES: dict[str, tuple[Any, int, type[AdapterError]]] = {
    "a success that is empty": (b"", 200, AmbiguousError),
    "a success that is torn": (b'{"id": "e', 201, AmbiguousError),
    "a success without an id": ({"name": "A"}, 201, AmbiguousError),
    "a success that is a page": (b"<html>", 200, AmbiguousError),
    "a broken server": (b"", 500, AmbiguousError),
    "a gateway that gave up": (b"<html>", 504, AmbiguousError),
}


@pytest.mark.parametrize("name", BAD_WRITES)
def test_a_bad_answer_to_a_creation_is_never_taken_for_done(name: str) -> None:
    value, status, expected = BAD_WRITES[name]
    desk = IroncladDesk()
    desk.fake.override = lambda request: reply(value, status) if request.method == "POST" else None
    with pytest.raises(expected):
        _ = desk.blocking.write([Create(kind=Kind.ACCOUNT, mark="m", fields={"name": "A"})])


def test_an_answer_about_another_object_is_never_taken_for_done() -> None:
    desk = IroncladDesk()
    own = desk.company.add(ENTITIES, {"name": "A", "status": "active", "namedTypeIds": [], "properties": {}})["id"]
    seen = desk.seen(Kind.ACCOUNT, own)
    desk.fake.override = lambda request: reply(ROW) if request.method == "PATCH" else None
    with pytest.raises(AmbiguousError, match="another object"):
        _ = desk.blocking.write([Update(kind=Kind.ACCOUNT, key=own, fields={"name": "B"}, expected=seen.version)])


def test_links_in_replies_are_never_followed() -> None:
    """Attachments and signatures carry addresses; no call goes anywhere but to the configured origin."""
    desk = IroncladDesk()
    link = "https://evil.example/steal"
    _ = desk.company.add(
        RECORDS,
        {"name": "A", "type": "nda", "properties": {}, "attachments": {"signedCopy": {"filename": "a", "href": link}}},
    )
    (seen,) = desk.blocking.changes(Kind.CONTRACT, None).seen
    assert not seen.unreadable
    assert all(one.path.startswith("/public/api/v1/") for one in desk.fake.asked)
    assert desk.clm.system == "ironclad"
    assert ORIGIN.startswith("https://")


def test_what_is_not_there_and_what_may_not_be_read_prove_no_deletion() -> None:
    desk = IroncladDesk()
    own = [desk.company.add(RECORDS, {"name": n, "type": "nda", "properties": {}})["id"] for n in "abc"]
    cursor = desk.blocking.changes(Kind.CONTRACT, None).cursor
    desk.company.hidden.add(own[0])
    desk.company.delete(own[1])
    desk.company.pass_time(timedelta(hours=1))
    assert [one for one in desk.blocking.changes(Kind.CONTRACT, cursor).seen if one.gone] == []
    found = {one.key: one for one in desk.blocking.read(Kind.CONTRACT, own)}
    assert set(found) == {own[0], own[2]}
    assert "access forbidden" in found[own[0]].unreadable
    for key, result in zip(own, (Result.REFUSED, Result.MISSING), strict=False):
        (outcome,) = desk.blocking.write([Update(kind=Kind.CONTRACT, key=key, fields={"title": "x"}, expected="")])
        assert outcome.result is result
    desk.fake.override = lambda _request: reply(b"<html>gone</html>", 404, "text/html")
    with pytest.raises(RefusedError):
        _ = desk.blocking.read(Kind.CONTRACT, own)


def test_a_key_is_one_segment_of_a_path() -> None:
    desk = IroncladDesk()
    asked: list[Request] = desk.fake.asked
    assert desk.blocking.read(Kind.CONTRACT, ["../entities", "a/b?c#d"]) == ()
    assert [one.path.partition("?")[0] for one in asked[-2:]] == [
        "/public/api/v1/records/..%2Fentities", "/public/api/v1/records/a%2Fb%3Fc%23d"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "path"), [(Kind.CONTRACT, "records/metadata"), (Kind.ACCOUNT, "entities/relationship-types")]
)
def test_a_declaration_that_is_not_shown_is_a_refusal_and_no_missing_record(kind: Kind, path: str) -> None:
    made = IroncladDesk()
    rows: dict[Kind, tuple[str, dict[str, Any]]] = {
        Kind.CONTRACT: (RECORDS, {"type": "nda"}), Kind.ACCOUNT: (ENTITIES, {"status": "active", "namedTypeIds": []})
    }  # fmt: skip
    where, own = rows[kind]
    key = made.company.add(where, {"name": "A", "properties": {}, **own})["id"]
    version = made.seen(kind, key).version
    desk = IroncladDesk(made.fake)  # one that has read nothing of what the company declared
    gone = {"code": "NOT_FOUND", "message": "no such path"}
    desk.fake.override = lambda request: reply(gone, 404) if path in request.path else None
    field = "title" if kind is Kind.CONTRACT else "name"
    creation = {"title": "B", "kind": "nda"} if kind is Kind.CONTRACT else {"name": "B"}
    for ask in (
        lambda: desk.blocking.changes(kind, None), lambda: desk.blocking.read(kind, [key]),
        lambda: desk.blocking.write([Update(kind=kind, key=key, fields={field: "B"}, expected=version)]),
        lambda: desk.blocking.write([Create(kind=kind, mark="m", fields=creation)]),
    ):  # fmt: skip
        with pytest.raises(AdapterError, match=f"{path}: the company has none"):
            _ = ask()
    desk.fake.override = lambda _request: None
    assert desk.seen(kind, key).fields[field] in ("A", "B")


@pytest.mark.parametrize("told", [7, "x", {"list": 7}, {"list": [7, None]}, {"list": {}}], ids=repr)
def test_relationship_types_of_another_form_are_none(told: Any) -> None:
    desk = IroncladDesk()
    own = desk.company.add(ENTITIES, {"name": "A", "status": "active", "namedTypeIds": ["t"], "properties": {}})["id"]
    desk.fake.override = lambda request: reply(told) if "relationship-types" in request.path else None
    try:
        (seen,) = desk.blocking.changes(Kind.ACCOUNT, None).seen
    except MalformedReply:
        return
    assert (seen.key, seen.fields["name"]) == (own, "A")


@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.CONTRACT])
@pytest.mark.parametrize(
    "cursor",
    [
        "", "7", "[]", "[" * 9999, '[null,null,"rows",0,Infinity,"",0,false]',
        '[null,null,"rows",1e400,null,"",0,false]',
        '["2026-01-01T00:00:00",null,"rows",0,null,"",0,false]', '[null,null,"rows",-1,null,"",0,false]',
        '["0001-01-01T00:00:00+14:00",null,"rows",0,null,"",0,false]',
        '[null,"0001-01-01T00:00:00+00:00","rows",0,null,"",0,false]', '[null,null,"else",0,null,"",0,false]',
    ],
    ids=lambda text: str(text)[:40],
)  # fmt: skip
def test_a_cursor_that_was_never_given_is_a_typed_error(kind: Kind, cursor: str) -> None:
    with pytest.raises(TerminalError, match="is no cursor"):
        _ = IroncladDesk().blocking.changes(kind, cursor)
