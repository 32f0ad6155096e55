"""A query that we write is read back as what was meant: whatever a value holds, it stays a value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.salesforce.soql import Both, Compared, Either, InQuery, OneOf, Query, in_pieces, literal, name
from clmcrm.errors import InvalidRecord
from clmcrm.testing.vendors.salesforce.soql_reading import Select, Where, read_soql

HOSTILE = st.sampled_from(
    ["' OR Name != '", "\\' OR 1=1 --", "\\", "'", '"', "\n", "x' LIMIT 1", "{q}", "%_", "\\'", "null", "a\\nb", "\b\f"]
)
TEXTS = st.text() | HOSTILE | st.builds("".join, st.lists(HOSTILE))
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}(__c)?", fullmatch=True).filter(
    lambda one: one.upper() not in {"AND", "OR", "NOT", "IN", "FROM", "WHERE", "ORDER", "LIMIT", "SELECT", "TRUE",
                                    "FALSE", "NULL", "BY", "ASC", "DESC"}
)  # fmt: skip
FIRST = datetime(1900, 1, 1)  # noqa: DTZ001 - hypothesis wants it so; the zone is given beside it
MOMENTS = st.datetimes(timezones=st.just(UTC), min_value=FIRST).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
VALUES = (
    TEXTS | st.booleans() | st.none() | st.integers(-(10**15), 10**15) | st.dates(min_value=date(1900, 1, 1)) | MOMENTS
    | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)
)  # fmt: skip


def conditions() -> st.SearchStrategy[Any]:
    single = st.builds(Compared, NAMES, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), VALUES) | st.builds(
        OneOf, NAMES, st.lists(VALUES, min_size=1, max_size=4).map(tuple)
    )
    parts = st.deferred(conditions_)
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return single | several.map(Both) | several.map(Either)


def conditions_() -> st.SearchStrategy[Any]:
    return st.recursive(
        st.builds(Compared, NAMES, st.just("="), VALUES) | st.builds(OneOf, NAMES, st.tuples(VALUES)),
        lambda inner: st.lists(inner, min_size=2, max_size=3).map(tuple).flatmap(
            lambda parts: st.sampled_from([Both(parts), Either(parts)])
        ),
        max_leaves=4,
    )  # fmt: skip


def meant(one: Any) -> Where:
    if isinstance(one, Compared):
        return Where(one.how, one.at, told(one.value))
    if isinstance(one, OneOf):
        return Where("in", one.at, [told(value) for value in one.values])
    return Where("and" if isinstance(one, Both) else "or", parts=tuple(meant(part) for part in one.parts))


def told(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(conditions(), st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_what_was_meant_is_read_back(condition: Any, fields: list[str]) -> None:
    query = Query(fields=fields, of="Account", where=condition, order=(fields[0],), most=7)
    read = read_soql(query.text())
    assert read == Select(
        fields=tuple(fields), of="Account", where=meant(condition), order=((fields[0], False),), most=7
    )


@given(st.lists(TEXTS, min_size=1, max_size=300))
def test_many_values_come_in_pieces_that_fit_an_address_and_lose_none(values: list[str]) -> None:
    pieces = list(in_pieces(Query(fields=("Id",), of="Account"), "Name", values))
    assert [value for _, part in pieces for value in part] == values
    assert [value for query, _ in pieces for value in read_soql(query.text()).where.value] == values  # type: ignore[union-attr] # there is one


def test_a_query_within_a_query_is_read_back() -> None:
    lines = Query(fields=("OpportunityId",), of="OpportunityLineItem", where=Compared("Quantity", ">", 1))
    query = Query(
        fields=("Id",), of="Opportunity", where=InQuery("Id", lines), children=(Query(fields=("Id",), of="Lines"),)
    )
    read = read_soql(query.text())
    assert read.where == Where("in", "Id", read_soql(lines.text()))
    assert read.children == (Select(fields=("Id",), of="Lines"),)


@pytest.mark.parametrize(
    "value",
    [Decimal("NaN"), Decimal("Infinity"), datetime.fromisoformat("2026-05-07T10:00"), 1.5, timedelta(1), b"x", ["a"]],
)
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRecord):
        _ = literal(value)


@pytest.mark.parametrize(
    "text", ["", "Id FROM User", "Na me", "Name'", "a..b", ".a", "1a", "Name)", "Näme", "a\n", "a" * 3 + "-"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = name(text)


def test_a_comparison_that_is_none_and_an_empty_list_are_refused() -> None:
    for condition in (Compared("Name", "= 'x' OR Name !=", "y"), OneOf("Name", ())):
        with pytest.raises(InvalidRecord):
            _ = Query(fields=("Id",), of="Account", where=condition).text()
