"""One text for one value: equal values have one fingerprint, different ones have different ones."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clmcrm.clm.clauses import AnyClause
from clmcrm.clm.lines import ContractLine
from clmcrm.codec.records import from_json, to_json
from clmcrm.errors import InvalidRecord
from clmcrm.testing.strategies import records, values
from clmcrm.values.fingerprint import fingerprint, value_text
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.binary()
    | st.decimals(allow_nan=False, allow_infinity=False) | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


class Colour(StrEnum):
    RED = "red"


def shape(value: Any) -> Any:
    """The value with the type of each part, so that Python's own equality can tell what we tell apart."""
    if isinstance(value, dict):
        return ("dict", frozenset((shape(k), shape(v)) for k, v in value.items()))
    if isinstance(value, list | tuple):
        return (type(value).__name__, tuple(map(shape, value)))
    return (type(value).__name__, value)


@given(PLAIN, PLAIN)
def test_two_values_have_one_text_exactly_when_they_are_equal(one: Any, other: Any) -> None:
    assert (value_text(one) == value_text(other)) == (shape(one) == shape(other))


@given(st.lists(st.text(max_size=3), max_size=3), st.lists(st.text(max_size=3), max_size=3))
def test_neighbours_are_never_read_as_one(one: list[str], other: list[str]) -> None:
    assert (fingerprint(tuple(one)) == fingerprint(tuple(other))) == (one == other)


@given(values(AnyClause), values(AnyClause))
def test_different_clauses_have_different_fingerprints(one: Any, other: Any) -> None:
    assume(one != other)
    assert fingerprint(one) != fingerprint(other)


@given(records(ContractLine))
def test_a_record_that_was_written_and_read_back_has_the_same_fingerprint(line: ContractLine) -> None:
    assert fingerprint(from_json(ContractLine, to_json(line))) == fingerprint(line)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.0"), Decimal("1.000")),
        (Decimal("1E+2"), Decimal(100)),
        (Decimal("-0.0"), Decimal(0)),
        (Money(5, "EUR"), Money("5.00", "EUR")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (frozenset({"x", "y", "z"}), frozenset({"z", "y", "x"})),
        (datetime(2026, 5, 7, 12, tzinfo=UTC), datetime(2026, 5, 7, 14, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_equal_values_have_one_fingerprint(one: object, other: object) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True), (1, Decimal(1)), (1, "1"), ("red", Colour.RED), ((), []), (None, "none"), ("", None),
        (date(2026, 5, 7), "2026-05-07"), (Tenor(years=1), Tenor(months=12)), (Money(5, "EUR"), Money(5, "USD")),
        (("a", "b"), ("ab",)), (("a:b",), ("a", "b")), (Decimal("1E+30"), Decimal("1E+31")),
        (Decimal("0.10000000000000000000000000000000000001"), Decimal("0.1")),
    ],
)  # fmt: skip
def test_values_that_differ_have_two_fingerprints(one: object, other: object) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize("hours", [2, -2])
def test_an_instant_that_utc_does_not_reach_is_refused(hours: int) -> None:
    last = datetime(1, 1, 1, tzinfo=UTC) if hours > 0 else datetime(9999, 12, 31, 23, tzinfo=UTC)
    beyond = last.replace(tzinfo=timezone(timedelta(hours=hours)))
    with pytest.raises(InvalidRecord, match="in UTC"):
        _ = fingerprint((beyond,))
    assert fingerprint(last) == fingerprint(last.replace(tzinfo=timezone(timedelta(0))))


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), datetime(2026, 5, 7), object(), {"a": [0.1]}])  # noqa: DTZ001 - refused
def test_what_has_no_text_of_its_own_is_refused(value: object) -> None:
    with pytest.raises(InvalidRecord):
        _ = fingerprint(value)


def test_a_number_longer_than_python_writes_has_a_text_too() -> None:
    assert value_text(-(10**5000)) == f"int-1{'0' * 5000}"
    assert value_text((0, 7, -30)) == "tuple3(int0 int7 int-30)"


def test_another_process_with_other_hash_seeds_finds_the_same_fingerprint() -> None:
    program = (
        "from clmcrm.values.fingerprint import fingerprint; from clmcrm.values.money import Money; "
        "print(fingerprint((frozenset({'a', 'b', 'c', 'd'}), {'x': Money('1.50', 'EUR')})))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout.strip()
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert found == {fingerprint((frozenset("abcd"), {"x": Money("1.50", "EUR")}))}
