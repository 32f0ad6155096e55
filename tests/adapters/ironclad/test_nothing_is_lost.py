"""Every property of every type has a place: it is mapped or carried, and survives a round trip unchanged."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ironclad_desk import ACCOUNTS, CONTRACTS, TYPES, IroncladDesk

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.ironclad import accounts, contracts
from clmcrm.adapters.ironclad.contracts import RENEWALS
from clmcrm.adapters.ironclad.formulas import LONGEST, Equals, any_of, in_turns
from clmcrm.adapters.ironclad.losses import loss_table, losses
from clmcrm.adapters.ironclad.marks import as_value, mark_of
from clmcrm.adapters.ironclad.objects import attribute, record_row, workflow_row
from clmcrm.adapters.ironclad.shapes import NAME, PARENT, TYPE, Row, Shape
from clmcrm.adapters.ironclad.shapes import TYPES as RELATION
from clmcrm.adapters.ironclad.typed import FORMS, alike, read_typed, write_typed
from clmcrm.adapters.ironclad.wire import written
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.ports.records import Create, Json, Kind, Update
from clmcrm.testing.strategies import records
from clmcrm.testing.vendors.ironclad.company import ENTITIES, ENTITY_PROPERTIES, PROPERTIES
from clmcrm.testing.vendors.ironclad.company import RECORDS as PLACE
from clmcrm.testing.vendors.ironclad.formulas import read_formula

SAMPLES: dict[str, Any] = {
    "string": 'Ä text, "quoted"', "email": "ada@example.org", "number": Decimal("12.5"), "boolean": False,
    "date": "2018-05-08T00:00:00-07:00", "duration": "P10Y3M2W1D",
    "monetary_amount": {"currency": "USD", "amount": Decimal("25.37")},
    "address": {"lines": ["325 5th Street", "Suite 200"], "locality": "Paris", "region": "IDF", "postcode": "75009",
                "country": "FR"},
    "array": ["red", "blue"], "playbookClause": "Standard",
    "clause": {"source": "ai", "clauseType": "remedies", "clauseText": "The laws of California."},
}  # fmt: skip
SPECIAL: dict[str, Any] = {"standard_renewalType": "Auto-Renew", "clmcrmKey": "x", "clmcrmFacts": "{}"}
OURS = {"clmcrmKey", "clmcrmFacts", "entity_clmcrmKey", "entity_clmcrmFacts"}

RECORD_MODEL = {
    "id", "ironcladId", "type", "name", "lastUpdated", "properties", "attachments", "links", "parentId",
    "parentLinkType", "childIds", "contractStatus", "source", "amendments",
}  # fmt: skip
ENTITY_MODEL = {"id", "ironcladId", "name", "status", "lastUpdated", "properties", "namedTypeIds", "parentId"}


def typed(known: dict[str, str], reference: str) -> dict[str, Any]:
    """A value for each property of a schema."""
    told = {name: {"type": kind, "value": SPECIAL.get(name, SAMPLES.get(kind))} for name, kind in known.items()}
    return {
        name: one if one["type"] != "reference" else {"type": "reference", "value": {"recordId": reference}}
        for name, one in told.items()
        if name not in OURS
    }


@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.CONTRACT])
def test_every_property_survives_read_record_write(kind: Kind) -> None:
    """Read, made a record of ours, written to an object that has nothing: the same properties stand there."""
    desk = IroncladDesk()
    entity = desk.company.add(
        ENTITIES, {"name": "Durand", "status": "active", "namedTypeIds": ["rel-2"],
                   "properties": typed(dict(ENTITY_PROPERTIES), "")},
    )  # fmt: skip
    place, own = ENTITIES, entity["id"]
    if kind == Kind.CONTRACT:
        parent = desk.company.add(PLACE, {"name": "Frame", "type": "contract", "properties": {}})
        told = desk.company.add(
            PLACE, {"name": "Whole", "type": "orderForm", "parentId": parent["id"], "parentLinkType": "amendment",
                    "properties": typed(dict(PROPERTIES), entity["id"])},
        )  # fmt: skip
        place, own = PLACE, told["id"]
    seen = desk.seen(kind, own)
    stated = {name: value for name, value in seen.fields.items() if value is not None}
    record = from_fields(RECORDS[kind], {**stated, "id": own})
    fields = {name: one for name, one in to_fields(record).items() if name not in ("id", "events")}
    (outcome,) = desk.blocking.write([Create(kind=kind, mark="copy", fields=fields)])
    assert outcome.ok, outcome.why
    first, copy = desk.company.one(own), desk.company.one(outcome.key)
    assert set(first["properties"]) == set(copy["properties"]) - OURS
    for name, one in first["properties"].items():
        assert alike(one, copy["properties"][name]), name
    for name in ("name", "type", "status", "namedTypeIds", "parentId", "parentLinkType"):
        assert first.get(name) == copy.get(name), name
    assert desk.company.place_of(outcome.key) == place


@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.CONTRACT])
def test_what_is_written_back_as_it_was_read_changes_nothing(kind: Kind) -> None:
    """Not a byte of a property, however it is written there, and no call at all."""
    desk = IroncladDesk()
    entity = desk.company.add(
        ENTITIES,
        {"name": "D", "status": "active", "namedTypeIds": [], "properties": typed(dict(ENTITY_PROPERTIES), "")},
    )
    own = entity["id"]
    if kind == Kind.CONTRACT:
        told = {"name": "W", "type": "nda", "properties": typed(dict(PROPERTIES), own)}
        own = desk.company.add(PLACE, told)["id"]
    seen = desk.seen(kind, own)
    fields = {name: one for name, one in seen.fields.items() if name not in ("events", "obligations")}
    before = desk.company.one(own)
    sent = [one for one in desk.fake.asked if one.method != "GET"]
    (outcome,) = desk.blocking.write([Update(kind=kind, key=own, fields=fields, expected=seen.version)])
    assert outcome.ok, outcome.why
    assert [one for one in desk.fake.asked if one.method != "GET"] == sent
    assert desk.company.one(own) == before


def test_an_update_of_one_field_touches_no_other_property() -> None:
    desk = IroncladDesk()
    own = desk.company.add(PLACE, {"name": "W", "type": "nda", "properties": typed(dict(PROPERTIES), "e")})["id"]
    before = desk.company.one(own)["properties"]
    seen = desk.seen(Kind.CONTRACT, own)
    update = Update(kind=Kind.CONTRACT, key=own, fields={"total_value": None}, expected=seen.version)
    (outcome,) = desk.blocking.write([update])
    assert outcome.ok
    after = desk.company.one(own)["properties"]
    assert {name: one for name, one in before.items() if name != "contractValue"} == after


def test_every_part_of_a_record_and_an_entity_has_a_place() -> None:
    taken = {"id", "type", "name", "lastUpdated", "properties", "parentId", "parentLinkType"}
    assert RECORD_MODEL - taken == set(losses("records")) - {"*.originalValue"}
    assert ENTITY_MODEL - taken - {"status"} == set(losses("entities")) - {"*.originalValue"}


def test_the_page_names_every_loss() -> None:
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_ironclad.md"
    assert loss_table() in page.read_text(encoding="utf-8")


def test_every_renewal_type_of_ironclads_has_a_meaning() -> None:
    assert set(RENEWALS) == {"Auto-Renew", "Optional Extension", "Evergreen", "None", "Other"}


@pytest.mark.parametrize("own", [*RENEWALS, "Auto-Renew by Fax"])
def test_a_renewal_type_survives_and_an_unknown_one_is_kept_verbatim(own: str) -> None:
    shape = contracts.contract_shape(TYPES, CONTRACTS, default_type="contract", zone=None)
    row = record_row({"id": "r", "properties": {"standard_renewalType": {"type": "string", "value": own}}}, "clmcrmKey")
    shown = shape.stored(row)
    assert shape.created({"renewal": shown["renewal"], "title": "t"})["standard_renewalType"]["value"] == own
    assert own in RENEWALS or shown["renewal"] == {"unknown": "Ironclad does not say how it is renewed", "raw": own}


LENGTH = {"type": "duration", "value": "P1Y"}


@pytest.mark.parametrize("own", ["Evergreen", "None", "Other", "Rolling"])
def test_a_length_of_a_further_term_that_no_renewal_of_ours_says_is_carried_and_stays(own: str) -> None:
    """DOMAIN.md 1: it was nowhere, and a change of the renewal took it away."""
    desk = IroncladDesk()
    properties = {"standard_renewalType": {"type": "string", "value": own}, "standard_renewalTermLength": LENGTH}
    key = desk.company.add(PLACE, {"name": "W", "type": "nda", "properties": properties})["id"]
    seen = desk.seen(Kind.CONTRACT, key)
    carried = [(one["field"], one["raw"]) for one in cast("Any", seen.fields["extras"])]
    assert ("properties.standard_renewalTermLength", LENGTH) in carried
    assert "length" not in cast("Any", seen.fields["renewal"])
    other = "none" if own == "Evergreen" else "indefinite"
    renewal: Json = {"is": "renewal_clause", "kind": other}
    change = Update(kind=Kind.CONTRACT, key=key, fields={"renewal": renewal}, expected=seen.version)
    (outcome,) = desk.blocking.write([change])
    assert outcome.ok, outcome.why
    after = desk.company.one(key)["properties"]
    assert after["standard_renewalType"]["value"] == ("None" if own == "Evergreen" else "Evergreen")
    assert after["standard_renewalTermLength"] == LENGTH
    tacit: Json = {"is": "renewal_clause", "kind": "tacit", "length": "P2Y"}
    again = Update(kind=Kind.CONTRACT, key=key, fields={"renewal": tacit}, expected=outcome.version)
    assert desk.blocking.write([again])[0].ok
    assert desk.company.one(key)["properties"]["standard_renewalTermLength"]["value"] == "P2Y"
    shown = desk.seen(Kind.CONTRACT, key).fields
    assert (shown["renewal"], LENGTH["type"] in str(shown["extras"])) == (tacit, False)


def test_what_cannot_be_read_as_its_type_is_carried_and_never_touched() -> None:
    """An amount in a currency that is none, a date that is none, a duration in hours."""
    odd = {
        "contractValue": {"type": "monetary_amount", "value": {"amount": Decimal("1.5"), "currency": "???"}},
        "effectiveDate": {"type": "date", "value": "next spring"},
        "standard_initialTermLength": {"type": "duration", "value": "PT5H"},
        "expirationDate": {"type": "date", "value": "2027-01-31T00:00:00Z"},
    }
    desk = IroncladDesk()
    own = desk.company.add(PLACE, {"name": "Odd", "type": "nda", "properties": odd})["id"]
    seen = desk.seen(Kind.CONTRACT, own)
    extras: Any = seen.fields["extras"]
    carried = {one["field"]: one["raw"] for one in extras}
    assert seen.fields["total_value"] is None
    assert carried["properties.contractValue"]["value"]["amount"] == {"$number": "1.5"}
    assert {"properties.effectiveDate", "properties.standard_initialTermLength"} <= set(carried)
    assert seen.fields["term"] == {"is": "term_clause", "ends_on": "2027-01-31"}
    change = Update(kind=Kind.CONTRACT, key=own, fields={"title": "New"}, expected=seen.version)
    assert desk.blocking.write([change])[0].ok
    assert desk.company.one(own)["properties"] == odd


def test_amounts_as_texts_and_numbers_are_the_same() -> None:
    right: list[Any] = ["25.3", Decimal("25.30"), "25.30"]
    for amount in right:
        told = {"type": "monetary_amount", "value": {"amount": amount, "currency": "USD"}}
        assert read_typed(told) == {"amount": "25.30", "currency": "USD"}
    wrong: list[Any] = [True, "12,5", "NaN", None, []]
    for amount in wrong:
        assert read_typed({"type": "monetary_amount", "value": {"amount": amount, "currency": "USD"}}) is None


@pytest.mark.parametrize(
    ("value", "zone", "day"),
    [
        ("2018-05-08T00:00:00-07:00", None, "2018-05-08"), ("2018-05-08", None, "2018-05-08"),
        ("2018-05-07T22:00:00.000Z", None, "2018-05-07"), ("2018-05-07T22:00:00.000Z", "Europe/Paris", "2018-05-08"),
        ("2018-05-08T07:00:00Z", "America/Los_Angeles", "2018-05-08"), ("8/5/2018", None, None), (1525737600, None, None),  # noqa: E501 - a table
    ],
    ids=["zone", "day", "utc", "utc in Paris", "utc in Los Angeles", "words", "number"],
)  # fmt: skip
def test_a_day_is_the_day_that_was_meant(value: Any, zone: str | None, day: str | None) -> None:
    assert read_typed({"type": "date", "value": value}, None if zone is None else ZoneInfo(zone)) == day


@settings(max_examples=30)
@given(st.dates())
def test_a_day_comes_back_from_every_zone(day: Any) -> None:
    for zone in (None, ZoneInfo("Europe/Paris"), ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Apia")):
        assert read_typed(write_typed("date", day.isoformat(), zone), zone) == day.isoformat()


def row_of(slots: dict[str, Any]) -> Row:
    return Row(key="r", own="r", slots=slots)


ACCOUNT_SHAPE = accounts.account_shape(accounts.KINDS, ACCOUNTS, None)
CONTRACT_SHAPE = contracts.contract_shape(TYPES, CONTRACTS, default_type="contract", zone=None)
SPECIALS = (NAME, TYPE, PARENT, RELATION, "#link")


def survives(shape: Shape, fields: dict[str, Any]) -> None:
    """Written to slots, sent as JSON, read back: the same fields."""
    if shape.refused(None, fields) is not None:
        return
    slots = shape.created(fields)
    sent = {
        slot: one if slot in SPECIALS else json.loads(written(one), parse_float=Decimal) for slot, one in slots.items()
    }
    shown = shape.stored(row_of(sent))
    again = {
        name: one for name, one in shown.items() if one not in (None, [], "", {}) and one != shape.empties.get(name)
    }
    told = {
        name: one for name, one in fields.items() if one not in (None, [], "", {}) and one != shape.empties.get(name)
    }
    _ = again.setdefault("extras", told.get("extras", []))
    for name, value in told.items():
        assert again.get(name) == value, name


@settings(max_examples=8)
@given(records(Contract))
def test_any_contract_survives(contract: Contract) -> None:
    """Whatever it states, in properties or in the facts."""
    fields = {name: one for name, one in to_fields(contract).items() if name not in ("id", "extras")}
    survives(CONTRACT_SHAPE, fields)


@settings(max_examples=25)
@given(records(Account))
def test_any_account_survives(account: Account) -> None:
    left_out = ("id", "extras", "active", "merged_into")
    survives(ACCOUNT_SHAPE, {name: one for name, one in to_fields(account).items() if name not in left_out})


def test_a_workflow_shows_its_attributes_as_a_record_would() -> None:
    told = {
        "id": "w", "title": "T", "template": "t", "status": "active", "step": "Review",
        "attributes": {"fee": {"currency": "USD", "amount": 5}, "length": {"years": 1, "days": 4}, "ours": True,
                       "parent": "ENTITY-1", "empty": ""},
        "schema": {"fee": {"type": "monetaryAmount"}, "length": {"type": "duration"}, "parent": {"type": "entity"}},
    }  # fmt: skip
    slots = workflow_row(told).slots
    assert slots["fee"] == {"type": "monetary_amount", "value": {"currency": "USD", "amount": 5}}
    assert slots["length"] == {"type": "duration", "value": "P1Y4D"}
    assert slots["ours"] == {"type": "boolean", "value": True}
    assert slots["parent"] == {"type": "reference", "value": {"recordId": "ENTITY-1"}}
    assert {name: attribute(slots[name]) for name in ("fee", "length", "ours", "parent")} == {
        name: one
        for name, one in told["attributes"].items()  # type: ignore[attr-defined] # a dict of dicts
        if name != "empty"
    }


# Formulas and keys: values in them are data.


@settings(max_examples=30)
@given(st.text(max_size=60), st.lists(st.text(max_size=30), min_size=1, max_size=5))
@example("x'), NotEqual([a], '", ['"', "~41~", "A", "a"])
def test_any_key_of_ours_asks_for_itself_alone(mark: str, others: list[str]) -> None:
    """The formula, read back, holds for an object with that key and for no other."""
    if not mark:
        return
    formula = any_of([Equals("clmcrmKey", as_value(mark))])
    for other in [mark, *others]:
        assert read_formula(formula)({"clmcrmKey": as_value(other)}.get) is (other == mark)
    assert mark_of(as_value(mark)) == mark
    assert as_value(mark) == as_value(mark).lower()


@pytest.mark.parametrize("value", ["a'b", 'a"b', "a\\b", "a\nb", "a'), IsEmpty([x]"])
def test_a_text_that_a_formula_cannot_say_safely_is_not_asked(value: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = Equals("clmcrmKey", value)


@pytest.mark.parametrize("name", ["a]", "a], 'x'), Equals([b", "", "1a", "a b", "ä"])
def test_a_property_that_is_none_is_not_asked(name: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = Equals(name, "x")


@settings(max_examples=30)
@given(st.lists(st.text("abc:", min_size=1, max_size=300), min_size=1, max_size=80), st.integers(1, 100))
def test_formulas_fit_an_address_and_ask_for_every_key(keys: list[str], most: int) -> None:
    turns = in_turns([Equals("k", key) for key in keys], most)
    assert [one.value for turn in turns for one in turn] == keys
    assert all(len(turn) <= most and len(any_of(turn)) <= LONGEST for turn in turns)


def test_every_type_with_a_form_reads_what_it_writes() -> None:
    for kind in FORMS:
        value = read_typed({"type": kind, "value": {"recordId": "r"} if kind == "reference" else SAMPLES.get(kind)})
        assert value is not None, kind
        assert read_typed(write_typed(kind, value)) == value


@pytest.mark.parametrize("lines", ["1 rue de la Paix", 5, {"a": 1}, ["1 rue", 7], True])
def test_lines_of_an_address_that_are_none_are_no_address_and_no_crash(lines: Any) -> None:
    assert read_typed({"type": "address", "value": {"lines": lines, "locality": "Paris"}}) is None
    assert read_typed({"type": "address", "value": {"lines": [None, "", "1 rue"]}}) == {"lines": ["1 rue"]}
    if not isinstance(lines, list):
        assert write_typed("address", {"lines": lines}) is None


@pytest.mark.parametrize("zone", [None, ZoneInfo("Europe/Paris")])
@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "0000-01-01"])
def test_a_day_that_is_none_is_not_written(day: str, zone: ZoneInfo | None) -> None:
    assert write_typed("date", day, zone) is None
