"""Every standard property of HubSpot's objects has a place: it is mapped or carried, and survives a round trip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hubspot_desk import OBJECTS, HubSpotDesk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.hubspot import companies, deals, line_items
from clmcrm.adapters.hubspot.encoding import COMPUTED
from clmcrm.adapters.hubspot.kinds import COMPANY, CONTACT, DEAL, HubSpotKind
from clmcrm.adapters.hubspot.losses import loss_table
from clmcrm.adapters.hubspot.marks import as_value, mark_of
from clmcrm.adapters.hubspot.searches import Filter, by_id, since
from clmcrm.adapters.hubspot.wire import written
from clmcrm.codec.records import from_fields
from clmcrm.ports.records import Create, Kind
from clmcrm.testing.vendors.hubspot.schema import STANDARD, Property

KINDS = {Kind.ACCOUNT: COMPANY, Kind.CONTACT: CONTACT, Kind.OPPORTUNITY: DEAL}
OWN = {"hs_object_id", "hs_createdate", "hs_lastmodifieddate", "lastmodifieddate", "hs_merged_object_ids"}
"""Ids and times: they are a record's key, version and day of creation."""

SAMPLES = {"number": "12.5", "date": "2026-05-07", "datetime": "2026-05-07T09:30:00.000Z", "string": 'Ä text, "quoted"'}
SPECIAL = {
    "email": "ada@example.org", "pipeline": "default", "dealstage": "contractsent", "deal_currency_code": "EUR",
    "hs_language": "fr", "numberofemployees": "12", "country": "FR", "closedate": "2026-05-07T10:00:00.000Z",
    "annualrevenue": "12.5", "amount": "12.5",
}  # fmt: skip


def value_of(told: Property) -> str:
    return SPECIAL.get(told.name) or (told.options[0] if told.options else SAMPLES[told.type])


def writable(held: HubSpotKind) -> dict[str, str]:
    return {
        name: value_of(told)
        for name, told in STANDARD[held.object].items()
        if not told.computed and name not in OWN and name not in COMPUTED
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_standard_property_is_mapped_or_carried(kind: Kind) -> None:
    held = KINDS[kind]
    known = {*held.mapped, *held.carried}
    assert set(STANDARD[held.object]) - OWN - known == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_survives_read_record_write(kind: Kind) -> None:
    """Read, made a record of ours, written to a record that has nothing: the same properties stand there."""
    desk = HubSpotDesk()
    held, wanted = KINDS[kind], writable(KINDS[kind])
    key = desk.account.add(held.object, **wanted).id
    there = {name: desk.account.records.of(held.object)[key].properties[name] for name in wanted}
    seen = desk.seen(kind, key)
    _ = from_fields(RECORDS[kind], {**{n: v for n, v in seen.fields.items() if v is not None}, "id": key})
    assert held.writable is not None
    fields = {name: value for name, value in seen.fields.items() if name in held.writable}
    _ = fields.pop("currency", None)
    if kind == Kind.CONTACT:
        desk.account.delete(OBJECTS[kind], key)  # its address is unique
    (outcome,) = desk.blocking.write([Create(kind=kind, mark="copy", fields=fields)])
    assert outcome.ok, outcome.why
    copy = desk.account.records.of(held.object)[outcome.key].properties
    assert {name: copy.get(name) for name in wanted} == there


def test_the_page_names_every_loss() -> None:
    """The table of losses in the documentation is the one that the adapter's own tables give."""
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_hubspot.md"
    assert loss_table() in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("values", "table"),
    [
        (STANDARD["companies"]["type"].options, {*companies.KINDS}),
        (STANDARD["deals"]["hs_manual_forecast_category"].options, {*deals.FORECASTS}),
        (
            STANDARD["line_items"]["recurringbillingfrequency"].options,
            {*line_items.RHYTHMS},
        ),
    ],
)
def test_the_tables_are_total_over_hubspots_own_values(values: tuple[str, ...], table: set[str]) -> None:
    assert set(values) == table


def test_an_unknown_value_is_kept_verbatim() -> None:
    desk = HubSpotDesk()
    key = desk.account.add("deals", dealname="x", dealtype="partnerled").id
    seen = desk.seen(Kind.OPPORTUNITY, key).fields
    assert (seen["kind"], seen["kind_raw"]) == (None, "partnerled")


@given(st.text(), st.text(min_size=1), st.integers(0, 10**12))
@example('x\', "operator": "HAS_PROPERTY', '\\"}]}],"limit":10000,"x":[{"y":"', 7)
def test_what_stands_in_a_filter_is_data(value: str, name: str, above: int) -> None:
    """Read back, the question has the filters that were asked for, with these very texts, and nothing else."""
    read: Mapping[str, Any] = json.loads(written(by_id([Filter(name, "EQ", value)], ["name"], above=above, most=10)))
    (group,) = read["filterGroups"]
    assert group["filters"][0] == {"propertyName": name, "operator": "EQ", "value": value}
    assert group["filters"][1:] == (
        [{"propertyName": "hs_object_id", "operator": "GT", "value": str(above)}] if above else []
    )
    assert (read["limit"], set(read)) == (10, {"filterGroups", "sorts", "properties", "limit"})


@settings(max_examples=3 * settings().max_examples)
@given(st.text(max_size=40), st.text(max_size=40))
@example("A", "^a")
@example("İ", "i̇")
@example("ẞ", "\N{KELVIN SIGN}")
def test_marks_stay_apart_without_regard_to_case(one: str, other: str) -> None:
    assert mark_of(as_value(one)) == (one or None)
    if one != other:
        assert as_value(one) != as_value(other)
    if one != other and one.isascii() and other.isascii():
        assert as_value(one).lower() != as_value(other).lower()


@given(
    st.integers(0, 7_000_000_000_000_000).map(lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us))
)
def test_a_moment_in_a_filter_is_never_later_than_the_moment(moment: datetime) -> None:
    told = since("hs_lastmodifieddate", moment).value
    assert told is not None
    assert 0 <= moment.timestamp() * 1000 - int(told) < 1.5
