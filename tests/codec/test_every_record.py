"""Every record of the library, and everything a record holds, is written and read back equal."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, get_args

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clmcrm.clm
import clmcrm.crm
import clmcrm.parties
import clmcrm.values
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AnyEvent
from clmcrm.codec.canonical import canonical_text, read_json
from clmcrm.codec.known_forms import FORMS
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.codec.unions import KEYED, descendants
from clmcrm.crm.opportunity import Opportunity
from clmcrm.testing.strategies import records
from clmcrm.values.record import Record

for room in (clmcrm.values, clmcrm.parties, clmcrm.crm, clmcrm.clm):
    for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        _ = importlib.import_module(module.name)


def held_by(annotation: Any) -> Iterator[type]:
    """The classes an annotation names, at any depth."""
    if isinstance(annotation, type) and attrs.has(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from held_by(part)


def everything_under(*bases: type) -> set[type]:
    """The records derived from `bases`, and every class that is found in their fields."""
    found: set[type] = set()
    waiting = [cls for base in bases for cls in descendants(base)]
    while waiting:
        cls: Any = waiting.pop()
        if cls not in found and cls not in FORMS and cls not in KEYED and cls.__module__.startswith("clmcrm."):
            found.add(cls)
            held = [each for part in attrs.fields(attrs.resolve_types(cls)) for each in held_by(part.type)]
            waiting += [below for each in held for below in descendants(each)]
    return found


CLASSES = sorted(everything_under(Record), key=lambda cls: cls.__qualname__)


def test_contracts_events_and_sales_are_among_the_records_tried() -> None:
    assert {Contract, Opportunity, *get_args(AnyEvent)} <= set(CLASSES)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_record_comes_back_equal_through_its_canonical_text(cls: type, data: st.DataObject) -> None:
    record = data.draw(records(cls))
    text = canonical_text(to_fields(record))
    again = read_json(text)
    assert isinstance(again, dict)
    assert from_fields(cls, again) == record
    assert canonical_text(to_fields(from_fields(cls, again))) == text
    assert from_fields(cls, to_fields(record, whole=True)) == record
