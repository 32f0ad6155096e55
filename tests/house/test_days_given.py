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
from clmcrm.analytics.clm_return import own_figures
from clmcrm.analytics.cohorts import Membership, cohorts
from clmcrm.analytics.customer_view import agreed_facts
from clmcrm.proof.erasure_requests import ErasureGround, ErasureRequest, decide_erasure
from clmcrm.proof.retention import HOUSE_RETENTION, LegalHold, kept_of
from clmcrm.values.currencies import currency
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.money import Money
from clmcrm.values.rates import RateTable
from clmcrm.values.source import Authority, Source

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


TABLE, NOW_EURO = RateTable([]), Money(1, "EUR")
MEMBER = Membership(account=AccountId("a"), first_day=DAY)
HOLD = LegalHold(matter="a claim", placed_on=DAY)
ASKED = ErasureRequest(subject="s", names=("Ada",), asked_on=DAY, ground=ErasureGround.OBJECTION)
SUPPLIER = cc.Account(id=AccountId("a"), name="Durand")
MADE = cc.Contract(id=ContractId("C-1"), title="supply", kind=cc.ContractKind.SALES)
RULE = Source(citation="art. 1", authority=Authority.STATUTE)

# Those of the rooms below: what is called, the name it gives itself, and its argument.
IN_ROOMS: list[tuple[Callable[[Any], object], str, str]] = [
    (lambda day: TABLE.convert(NOW_EURO, "EUR", day), "RateTable.convert", "on"),
    (lambda day: currency("USD").valid_on(day), "Currency.valid_on", "day"),
    (RULE.in_force, "Source.in_force", "day"),
    (lambda day: cohorts([], day), "cohorts", "as_of"),
    (MEMBER.there_on, "Membership.there_on", "day"),
    (lambda day: own_figures([], [], day, TABLE, "EUR"), "own_figures", "as_of"),
    (lambda day: agreed_facts(SUPPLIER, [], day, "EUR"), "agreed_facts", "as_of"),
    (lambda day: HOLD.binds(ContractId("C-1"), day), "LegalHold.binds", "as_of"),
    (lambda day: kept_of(MADE, day), "kept_of", "as_of"),
    (lambda day: decide_erasure(ASKED, [], HOUSE_RETENTION, [], day), "decide_erasure", "as_of"),
]


@pytest.mark.parametrize(("call", "name", "argument"), IN_ROOMS, ids=[name for _, name, _ in IN_ROOMS])
@pytest.mark.parametrize("value", NO_DAYS)
def test_the_rooms_below_ask_for_a_day_too(
    call: Callable[[Any], object], name: str, argument: str, value: object
) -> None:
    """Where nothing had to be compared an instant was taken for a day, and elsewhere the error was Python's own."""
    with pytest.raises(cc.InvalidRecord) as refused:
        call(value)
    error = refused.value
    assert (error.record, error.field, error.value) == (name, argument, value)
    assert call(DAY) is not None
