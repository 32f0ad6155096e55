"""The RFC's own examples and dateutil's tests, through our import and our expansion."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Any

import pytest

from clmcrm.calendars.occurrences import occurrences
from clmcrm.calendars.rrule_reading import parse_rrule

FILE = "rrule_vectors.json"


def check(vector: Any) -> None:
    rule, _ = parse_rrule(vector["rrule"], date.fromisoformat(vector["dtstart"]))
    found = [day.isoformat() for day in islice(occurrences(rule), 10_000)]
    assert parse_rrule(str(rule), rule.first_day)[0] == rule
    if "expect" in vector:
        assert found == vector["expect"]
    else:
        head, tail = vector["expect_head"], vector["expect_tail"]
        assert found[: len(head)] == head
        assert found[-len(tail) :] == tail


@pytest.mark.vectors(FILE, "rfc5545_examples")
def test_rfc_example(vector: Any) -> None:
    check(vector)


@pytest.mark.vectors(FILE, "dateutil_tests")
def test_dateutil_test(vector: Any) -> None:
    check(vector)
