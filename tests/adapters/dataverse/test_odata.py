"""A query that we write is read back as what was meant: whatever a value holds, it stays a value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clmcrm.adapters.dataverse.marks import as_value, mark_of
from clmcrm.adapters.dataverse.multipart import ChangeSet, Part, answers_in, batch_of
from clmcrm.adapters.dataverse.odata import (
    Both,
    Compared,
    Either,
    OneOf,
    Query,
    in_pieces,
    key_path,
    literal,
    name,
    row_path,
)
from clmcrm.adapters.dataverse.wire import own_link
from clmcrm.errors import InvalidRecord, TerminalError
from clmcrm.ports.calls import Reply
from clmcrm.testing.vendors.dataverse.batching import batch_reply, read_batch
from clmcrm.testing.vendors.dataverse.odata_reading import Where, read_filter, read_target

HOSTILE = st.sampled_from(
    ["' or name ne '", "''", "'", '"', "\n", "x'&$top=1", "{q}", "%27", "\\", "null", ") or (1 eq 1", "#", "?", "/",
     "+", "\r\n--batch_", "&$filter=", "%2F", "a)/x("]
)  # fmt: skip
TEXTS = st.text(st.characters(codec="utf-8")) | HOSTILE | st.builds("".join, st.lists(HOSTILE))
WORDS = {"and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "true", "false", "null"}
NAMES = st.from_regex(r"_?[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda one: one.lower() not in WORDS)
FIRST = datetime(1900, 1, 1)  # noqa: DTZ001 - hypothesis wants it so; the zone is given beside it
MOMENTS = st.datetimes(timezones=st.just(UTC), min_value=FIRST).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
VALUES = (
    TEXTS | st.booleans() | st.none() | st.integers(-(10**15), 10**15) | st.dates(min_value=date(1900, 1, 1)) | MOMENTS
    | st.uuids() | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)
)  # fmt: skip
SINGLE = st.builds(Compared, NAMES, st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), VALUES) | st.builds(
    OneOf, NAMES, st.lists(TEXTS, min_size=1, max_size=4).map(tuple)
)
CONDITIONS: st.SearchStrategy[Any] = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3)
        .map(tuple)
        .flatmap(lambda parts: st.sampled_from([Both(parts), Either(parts)]))
    ),
    max_leaves=4,
)


FEW = settings(max_examples=max(settings.default.max_examples // 4, 5))  # type: ignore[union-attr] # a profile is loaded


def meant(one: Any) -> Where:
    if isinstance(one, Compared):
        return Where(one.how, one.at, told(one.value))
    if isinstance(one, OneOf):
        return Where("in", one.at, list(one.values))
    return Where("and" if isinstance(one, Both) else "or", parts=tuple(meant(part) for part in one.parts))


def told(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


@FEW
@given(CONDITIONS, st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_what_was_meant_is_read_back(condition: Any, fields: list[str]) -> None:
    text = Query(of="accounts", fields=fields, where=condition, order=(fields[0],), most=7).text()
    target = read_target(text)
    assert (target.segments, target.key) == (("accounts",), None)
    assert set(target.options) == {"$select", "$filter", "$orderby", "$top"}
    assert (target.options["$select"], target.options["$top"]) == (",".join(fields), "7")
    assert read_filter(target.options["$filter"]) == meant(condition)


@FEW
@given(TEXTS.filter(bool))
def test_a_key_in_an_address_is_read_back(value: str) -> None:
    target = read_target(key_path("accounts", "clmcrm_key", value))
    assert target.segments == ("accounts",)
    assert target.options == {}
    at, _, quoted = str(target.key).partition("=")
    assert (at, quoted[1:-1].replace("''", "'")) == ("clmcrm_key", value)


@FEW
@given(st.lists(TEXTS, min_size=1, max_size=100))
def test_many_values_come_in_pieces_and_lose_none(values: list[str]) -> None:
    pieces = [read_target(one.text()) for one in in_pieces(Query(of="accounts"), "name", values)]
    assert [value for one in pieces for value in read_filter(one.options["$filter"]).value] == values


def test_a_long_list_is_cut_to_what_an_address_takes() -> None:
    keys = [str(UUID(int=number)) for number in range(2_000)]
    pieces = [one.text() for one in in_pieces(Query(of="accounts"), "accountid", keys)]
    assert len(pieces) > 1
    assert max(map(len, pieces)) < 32_768


@given(TEXTS, TEXTS)
def test_marks_stay_apart_without_regard_to_case_and_in_signs_that_an_address_takes(one: str, other: str) -> None:
    assert mark_of(as_value(one)) == (one or None)
    assert set(as_value(one)) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_~")
    if one != other:
        assert as_value(one).casefold() != as_value(other).casefold()


@FEW
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_batch_is_read_back_request_by_request(groups: list[list[str]]) -> None:
    items = [
        Part(method="PATCH", path="accounts(1)", body={"name": one[0]}, headers={"If-Match": "*"})
        if len(one) == 1
        else ChangeSet([Part(method="PATCH", path="accounts(1)", body={"name": text}) for text in one])
        for one in groups
    ]
    kind, body = batch_of(items, "/api/data/v9.2")
    read = read_batch(kind, body)
    assert [len(item) for item in read] == [len(one) for one in groups]
    replies = [
        (item[0].in_changes, [(part, Reply(status=200, headers={"X": "1"}, body=part.body)) for part in item])
        for item in read
    ]
    told_kind, told_body = batch_reply(replies)
    answers = answers_in(Reply(status=200, headers={"content-type": told_kind}, body=told_body), "POST /$batch")
    assert [[reply.body for reply in one] for one in answers] == [[part.body for part in item] for item in read]
    assert batch_of(items, "/api/data/v9.2") == (kind, body)


@pytest.mark.parametrize(
    "value",
    [Decimal("NaN"), Decimal("Infinity"), datetime.fromisoformat("2026-05-07T10:00"), 1.5, timedelta(1), b"x", ["a"]],
    ids=["nan", "infinity", "no-zone", "float", "length", "bytes", "list"],
)
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRecord):
        _ = literal(value)


@pytest.mark.parametrize(
    "text", ["", "name eq 'x'", "na me", "name'", "a//b", "/a", "1a", "name)", "näme", "a\n", "a-b", "__a"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = name(text)


@pytest.mark.parametrize("key", ["", "1", "1) or (1 eq 1", "00000000-0000-0000-0000-00000000000g", "a" * 36])
def test_what_is_no_id_is_refused(key: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = row_path("accounts", key)


def test_a_comparison_that_is_none_and_an_empty_list_are_refused() -> None:
    for condition in (Compared("name", "eq 'x' or name ne", "y"), OneOf("name", ()), OneOf("name", (1,))):  # type: ignore[arg-type] # on purpose
        with pytest.raises(InvalidRecord):
            _ = Query(of="accounts", where=condition).text()


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/api/data/v9.2/accounts?$skiptoken=1", "//evil.example/api/data/v9.2/accounts?x=1",
     "http://acme.crm4.dynamics.com/api/data/v9.2/accounts?x=1", "@evil.example/accounts?x=1",
     "https://acme.crm4.dynamics.com.evil.example/api/data/v9.2/accounts?x=1",
     "https://acme.crm4.dynamics.com@evil.example/api/data/v9.2/accounts?x=1",
     "https://acme.crm4.dynamics.com/api/data/v9.2/systemusers?x=1", "https://[bad/accounts?x",
     "https://acme.crm4.dynamics.com/api/data/v9.2/accounts/../systemusers?x=1",
     "https://acme.crm4.dynamics.com/api/data/v9.2/accounts", "accounts?x=1#y/../z", ""],
)  # fmt: skip
def test_a_link_elsewhere_is_not_followed(link: str) -> None:
    origin, path = "https://acme.crm4.dynamics.com", "/api/data/v9.2/accounts"
    if link.startswith("accounts"):
        assert own_link(link, origin, path, "GET /accounts") == "x=1"
        return
    with pytest.raises(TerminalError):
        _ = own_link(link, origin, path, "GET /accounts")
