"""Every public record of the ground floor and the wings has a strategy, and what it draws survives the codec."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clmcrm
from clmcrm.codec.canonical import canonical_text, read_json
from clmcrm.codec.records import from_json, to_json
from clmcrm.crm.lead import Lead
from clmcrm.testing.strategies import records, values

ROOMS = {"values", "parties", "crm", "clm"}

# No records but equipment that verbs are handed: it is built by the host, never written down.
EQUIPMENT = {
    "ApprovalDesk": "a calendar and a table of rates",
    "ApprovalFacts": "a table of rates",
    "Chart": "classes of events",
    "Charts": "classes of events",
}


def public_records() -> list[type]:
    named = [getattr(clmcrm, name) for name in clmcrm.__all__ if name != "__version__"]
    classes = [each for each in named if isinstance(each, type) and attrs.has(each)]
    return sorted((c for c in classes if c.__module__.split(".")[1] in ROOMS), key=lambda cls: cls.__name__)


RECORDS = [cls for cls in public_records() if cls.__name__ not in EQUIPMENT]


def test_the_walk_meets_records_of_every_room() -> None:
    assert {cls.__module__.split(".")[1] for cls in RECORDS} == ROOMS
    assert len(RECORDS) > 100
    assert EQUIPMENT.keys() == {cls.__name__ for cls in public_records()} - {cls.__name__ for cls in RECORDS}


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_public_record_is_drawn_and_comes_back_equal(cls: type, data: st.DataObject) -> None:
    drawn = data.draw(values(cls))
    text = canonical_text({"drawn": to_json(drawn, cls)})
    again = read_json(text)
    assert isinstance(again, dict)
    assert from_json(cls, again["drawn"]) == drawn


def test_what_only_a_converted_lead_has_is_drawn() -> None:
    """A value that goes with one word of another field is not always left out."""
    drawn = list[Lead]()

    @settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(records(Lead))
    def draw(lead: Lead) -> None:
        drawn.append(lead)

    draw()
    for name in ("converted_on", "converted_account", "converted_contact", "converted_opportunity"):
        assert sum(getattr(lead, name) is not None for lead in drawn) >= 3, name
