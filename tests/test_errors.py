"""Errors travel: out of a pool of processes, through a task queue, into a copy."""

from __future__ import annotations

import copy
import inspect
import pickle
from datetime import UTC, date, datetime
from typing import Any

import pytest

import clmcrm.errors
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import PartialDate

_GIVEN: dict[str, Any] = {
    "known": ("b", "a"), "possible": ["sign"], "why": ["no price"], "roles": ["sales"], "who_may": ["legal"],
    "on": date(2026, 1, 1), "day": date(2026, 1, 1), "first_day": date(2026, 1, 1), "last_day": date(2026, 1, 2),
    "until": datetime(2026, 1, 1, tzinfo=UTC), "base": 1, "current": 2, "status": 418, "retryable": True, "value": 7,
}  # fmt: skip
ERRORS = [
    kind
    for _, kind in inspect.getmembers(clmcrm.errors, inspect.isclass)
    if issubclass(kind, clmcrm.errors.ClmcrmError)
]


def _made(kind: type[Exception]) -> Exception:
    ours = [base for base in kind.__mro__ if issubclass(base, clmcrm.errors.ClmcrmError)]
    if not any("__init__" in vars(base) for base in ours):
        return kind("what went wrong")
    names = list(inspect.signature(kind).parameters.values())
    keyed = {p.name: _GIVEN.get(p.name, p.name) for p in names if p.kind is p.KEYWORD_ONLY}
    plain = [_GIVEN.get(p.name, p.name) for p in names if p.kind is p.POSITIONAL_OR_KEYWORD]
    return kind(*plain, **keyed)


@pytest.mark.parametrize("kind", ERRORS, ids=[kind.__name__ for kind in ERRORS])
def test_every_error_is_the_same_after_a_pickle_and_a_copy(kind: type[Exception]) -> None:
    error = _made(kind)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own
        assert type(again) is kind
        assert str(again) == str(error)
        assert vars(again) == vars(error)
        assert again.args == error.args


def test_a_number_too_long_to_be_written_is_told_all_the_same() -> None:
    error = InvalidRecord("PartialDate", "year", 10**5000, "a year from 1 to 9999")
    assert str(error) == "PartialDate: year is too long to be written: int; expected a year from 1 to 9999"
    with pytest.raises(InvalidRecord, match="too long to be written"):
        _ = PartialDate(year=-(10**5000))
