"""Single values and values of a union are written and read outside a record too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.clause import Clause
from clmcrm.clm.clauses import AnyClause, PaymentClause
from clmcrm.clm.events import AnyEvent, Approved, Event, Signed
from clmcrm.clm.kinds import Party
from clmcrm.codec.canonical import canonical_text, read_json
from clmcrm.codec.records import from_json, to_fields, to_json
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account, AccountKind
from clmcrm.testing.strategies import day_facts, end_facts, records, values
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money
from clmcrm.values.partial import DayFact, EndFact
from clmcrm.values.tenor import Tenor

AT = datetime(2026, 5, 7, 10, tzinfo=UTC)


def test_an_event_written_as_one_of_many_carries_its_tag() -> None:
    event = Approved(AT, "jane", version=2)
    written = to_json(event, AnyEvent)
    assert written == {"is": "approved", "at": "2026-05-07T10:00:00+00:00", "by": "jane", "version": 2}
    assert from_json(AnyEvent, written) == event
    assert to_json(event, Event) == written
    assert from_json(Event, written) == event


def test_a_clause_is_read_as_what_its_tag_says_and_as_nothing_else() -> None:
    written = to_json(PaymentClause(days=30), AnyClause)
    assert written == {"is": "payment_clause", "days": 30}
    assert from_json(AnyClause, written) == from_json(Clause, written) == PaymentClause(days=30)
    for tag in ("account", "no_such_clause", "Clause", "", 3, None, ["payment_clause"]):
        with pytest.raises(InvalidRecord):
            _ = from_json(AnyClause, {"is": tag, "days": 30})
    with pytest.raises(InvalidRecord, match=r"payment_clause"):
        _ = from_json(AnyClause, {"days": 30})


@given(values(AnyEvent))
def test_every_event_comes_back_from_a_union(event: Any) -> None:
    assert from_json(AnyEvent, to_json(event, AnyEvent)) == event


@given(day_facts(), end_facts())
def test_facts_come_back_from_their_unions(day: Any, end: Any) -> None:
    assert from_json(DayFact, to_json(day, DayFact)) == day
    assert from_json(EndFact, to_json(end, EndFact)) == end


@given(records(Account))
def test_a_record_is_written_alike_by_both_ways(account: Account) -> None:
    assert to_json(account) == to_fields(account)
    assert from_json(Account, to_json(account)) == account


def test_a_literal_stands_in_a_union_beside_a_number() -> None:
    kind: Any = Literal["all", "none"] | int
    assert [to_json(value, kind) for value in ("all", 3)] == ["all", 3]
    assert [from_json(kind, raw) for raw in ("none", 0)] == ["none", 0]
    with pytest.raises(InvalidRecord):
        _ = to_json("some", kind)


def test_a_list_stands_in_a_union_beside_a_single_value() -> None:
    kind: Any = tuple[str, ...] | int | None
    assert [to_json(value, kind) for value in (("a",), 3, None)] == [["a"], 3, None]
    assert [from_json(kind, raw) for raw in (["a"], 3, None)] == [("a",), 3, None]


def test_a_tagged_value_has_nothing_beside_it() -> None:
    kind: Any = Tenor | AccountKind | str
    assert from_json(kind, {"is": "account_kind", "value": "partner"}) is AccountKind.PARTNER
    for raw in ({"is": "tenor"}, {"is": "tenor", "value": "P3M", "x": 1}, {"is": "tenor", "value": 3}):
        with pytest.raises(InvalidRecord):
            _ = from_json(kind, raw)


def test_zero_is_written_in_one_way() -> None:
    assert [to_json(Decimal(zero)) for zero in ("0", "-0", "0.00", "-0.0", "0E+5", "0E-5")] == ["0"] * 6


@given(
    st.datetimes(),
    st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))
    | st.integers(-86_000, 86_000).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_an_instant_comes_back_whatever_its_zone_or_is_not_written(moment: datetime, offset: timedelta) -> None:
    given_at = moment.replace(tzinfo=timezone(offset))
    try:
        written = to_json(given_at)
    except InvalidRecord:
        assert offset.microseconds
        return
    read: datetime = from_json(datetime, written)
    assert (read, read.utcoffset()) == (given_at, offset)


@given(st.decimals(allow_nan=False, allow_infinity=False) | st.integers(-30_000, 30_000).map(Decimal(1).scaleb))
def test_a_raw_number_comes_back_or_is_not_written(number: Decimal) -> None:
    try:
        written = to_json([number], object)
    except InvalidRecord:
        assert len(str(number)) > 128 or abs(number.adjusted()) >= 9_900
        return
    (read,) = from_json(object, written)
    assert read.as_tuple() == number.as_tuple()


@given(st.integers(-(10**41), 10**41))
def test_a_whole_number_comes_back_or_is_not_written(number: int) -> None:
    assert from_json(int, to_json(number % 10**39)) == number % 10**39
    try:
        written = to_fields(Account(id=AccountId("a"), name="A", employees=abs(number)))
    except InvalidRecord as refused:
        assert refused.field == "$.employees"  # noqa: PT017 - one number is written, another refused
        return
    assert read_json(canonical_text(written)) == written


@given(st.builds(Tenor, years=st.integers(0), months=st.integers(0), weeks=st.integers(0), days=st.integers(1)))
def test_a_length_comes_back_or_is_not_written(length: Tenor) -> None:
    try:
        written = to_json(length)
    except InvalidRecord:
        assert max(length.years, length.months, length.weeks, length.days) >= 10**7
        return
    assert from_json(Tenor, written) == length


@pytest.mark.parametrize(
    ("value", "kind", "path"),
    [
        (Decimal("1." + "1" * 200), object, "$"),
        (Decimal("1E+10000"), object, "$"),
        (Tenor(days=10**7), Tenor, "$"),
        (10**40, int, "$"),
        (-(10**100), int, "$"),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(microseconds=1))), datetime, "$"),
        (time(17, tzinfo=UTC), time, "$"),
        (Decimal("1." + "1" * 200), Decimal, "$"),
        ("text", int, "$"),
        (3, AccountId, "$"),
        (date(2026, 1, 1), Money | Tenor, "$"),
        (Money(1, "EUR"), Account, "$"),
        ({"a": 1.5}, object, "$.a"),
        (("a", "b"), tuple[str], "$"),
        (3, tuple[str, ...], "$"),
        (1.5, float, "$"),
        (AT, date, "$"),
        ("2026-01-01", date, "$"),
        (1, bool, "$"),
        ("yes", bool, "$"),
    ],
)
def test_what_cannot_be_written_is_refused(value: Any, kind: Any, path: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        _ = to_json(value, kind)
    assert caught.value.field == path


@pytest.mark.parametrize(
    ("kind", "raw", "path"),
    [
        (tuple[AnyEvent, ...], [{"is": "signed", "at": "2026-05-07T10:00:00Z", "by": "x"}], "$[0].side"),
        (dict[str, Tenor], {"first": "P3M", "second": "soon"}, "$.second"),
        (Signed, {"at": "2026-05-07T10:00:00Z", "by": "x", "side": "own", "signed_on": 3}, "$.signed_on"),
        (bytes, "x", "$"),
        (int, 10**40, "$"),
        (object, {"a": {"$number": "1", "unit": "kg"}}, "$"),
    ],
)
def test_what_cannot_be_read_names_its_path(kind: Any, raw: Any, path: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        _ = from_json(kind, raw)
    assert caught.value.field == path


def test_a_signature_is_read_with_its_side() -> None:
    raw = {"is": "signed", "at": "2026-05-07T10:00:00Z", "by": "x", "side": "own"}
    assert from_json(AnyEvent, raw) == Signed(AT, "x", side=Party.OWN)
