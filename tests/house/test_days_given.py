"""Whatever public function takes a day refuses an instant, a text and nothing, and names itself and the argument.

An instant passes every type checker, and where there is nothing to compare it with it would come back as an answer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

import clmcrm as cc

DAY = date(2026, 1, 15)
NO_DAYS: tuple[object, ...] = (datetime(2026, 1, 15, 10, tzinfo=UTC), "2026-01-15", 20260115, None)
"""What people pass for a day."""
ANNOTATIONS = ("date", "date | None")


def cases() -> Iterator[Any]:
    """Every public function with each of its arguments that is a day, and what is none."""
    for name in sorted(cc.__all__):
        function = getattr(cc, name)
        if not inspect.isfunction(function):
            continue
        for argument in inspect.signature(function).parameters.values():
            if argument.annotation in ANNOTATIONS:
                for value in NO_DAYS:
                    if value is not None or argument.annotation == "date":
                        yield pytest.param(function, argument.name, value, id=f"{name}-{argument.name}-{value}")


@pytest.mark.parametrize(("function", "argument", "value"), list(cases()))
def test_what_is_no_day_is_refused_at_the_door(function: Callable[..., object], argument: str, value: object) -> None:
    """Nothing else of the call is looked at before, so nothing else need be right."""
    asked = inspect.signature(function).parameters.values()
    given = {one.name: DAY if one.annotation == "date" else None for one in asked if one.default is one.empty}
    with pytest.raises(cc.InvalidRecord) as refused:
        function(**{**given, argument: value})
    error = refused.value
    assert (error.record, error.field, error.value) == (function.__name__, argument, value)
    assert "a day (datetime.date), without a time" in str(error)


def test_enough_of_them_are_tried() -> None:
    assert len(list(cases())) > 120
