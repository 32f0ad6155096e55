"""Every record of the library, whatever room it is in, is written and read back equal."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clmcrm.clm
import clmcrm.crm
import clmcrm.parties
import clmcrm.values
from clmcrm.clm.reading_amounts import NumberFormat
from clmcrm.clm.reading_dates import DateFormat
from clmcrm.clm.transitions import Transition
from clmcrm.codec.canonical import canonical_text, read_json
from clmcrm.codec.forms import FORMS
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.codec.unions import KEYED
from clmcrm.crm.segment import Selection
from clmcrm.testing.strategies import records


def record_classes(*rooms: ModuleType) -> Iterator[type]:
    """The attrs classes that the modules of these rooms define."""
    for room in rooms:
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if isinstance(value, type) and attrs.has(value) and value.__module__ == module.__name__:
                    yield value


# Values with a form of their own are no records; the others are no data: an engine's table and its answer,
# and how somebody else's columns are written.
NO_RECORDS = {*FORMS, *KEYED, Transition, Selection, DateFormat, NumberFormat}
ROOMS = (clmcrm.values, clmcrm.parties, clmcrm.crm, clmcrm.clm)
CLASSES = sorted(set(record_classes(*ROOMS)) - NO_RECORDS, key=lambda cls: cls.__qualname__)


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
