"""Fields of Odoo's without a canonical home: what is carried, how it is shown, and how it goes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from clmcrm.adapters.extras import EXTRAS, Carry, unfit_extras, values_back
from clmcrm.adapters.odoo.carrying import back, extras_of, left_out
from clmcrm.adapters.odoo.clm import OdooClm
from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.crm import account_kind
from clmcrm.adapters.odoo.loading import table
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.records import Json, Kind

NOBODY = Codes(countries={}, regions={}, languages={}, currencies={}, has_mobile=False)


def declared(kind: str, **told: Any) -> dict[str, Any]:
    return {"type": kind, "store": True, "readonly": False, **told}


FIELDS = {
    "name": declared("char"), "ref": declared("char"), "color": declared("integer"), "credit_limit": declared("float"),
    "employee": declared("boolean"), "user_id": declared("many2one"), "category_id": declared("many2many"),
    "date": declared("date"), "write_date": declared("datetime", readonly=True), "bank_ids": declared("one2many"),
    "image_1920": declared("binary"), "properties": declared("properties"),
    "company_type": declared("char", store=False), "x_own": declared("selection"), "x_odd": declared("barcode"),
}  # fmt: skip
HELD = account_kind([]).fitted(FIELDS)
ROW: dict[str, Any] = {
    "id": 7, "name": "Durand", "active": True, "ref": "K-7", "color": 0, "credit_limit": Decimal("12.50"),
    "employee": False, "user_id": {"id": 5, "name": "Eve"}, "category_id": [{"id": 9}, {"id": 2}], "date": False,
    "x_own": "b", "write_date": "2026-05-07 12:00:00",
}  # fmt: skip


def extra(name: str, raw: Json, system: str = VENDOR) -> Json:
    return {"system": system, "field": name, "raw": raw}


STORED = ["category_id", "color", "credit_limit", "date", "employee", "properties", "ref", "user_id", "x_own"]


@pytest.mark.parametrize(
    ("carry", "besides"),
    [
        ([], []), ([Carry.FILES], ["image_1920"]), ([Carry.COMPUTED], ["company_type"]), ([Carry.PARTS], ["bank_ids"]),
        (list(Carry), ["bank_ids", "company_type", "image_1920"]),
    ],
    ids=["the record's own", "files", "computed", "parts", "all"],
)  # fmt: skip
def test_what_a_record_stores_is_carried_and_the_rest_when_it_is_asked_for(
    carry: list[Carry], besides: list[str]
) -> None:
    held = evolve(account_kind([]), carry=frozenset(carry)).fitted(FIELDS)
    assert sorted(held.carried) == sorted([*STORED, *besides])
    lost = held.losses(FIELDS)
    assert lost["write_date"] == "read-only in Odoo"
    assert lost["x_odd"] == "of type barcode"
    asked = {name: why for name, why in lost.items() if why.startswith("carried when asked for")}
    assert sorted({*asked, *besides}) == ["bank_ids", "company_type", "image_1920"]
    assert held.binary is (Carry.FILES in carry)
    assert held.spec["ref"] == {}
    assert "fields" in held.spec["child_ids"]  # what the canonical fields need is read as before


def test_with_everything_asked_for_only_what_odoo_declares_read_only_is_left_out() -> None:
    known = {name: told for name, told in FIELDS.items() if name != "x_odd"}
    assert set(left_out(known, ["name"], list(Carry)).values()) == {"read-only in Odoo"}


def test_what_says_nothing_is_not_carried_and_the_rest_is_shown_raw() -> None:
    told = {one["field"]: one["raw"] for one in extras_of(ROW, HELD.carried)}  # type: ignore[index,call-overload] # objects
    assert told == {"ref": "K-7", "credit_limit": "12.5", "user_id": 5, "category_id": [2, 9], "x_own": "b"}
    seen = HELD.shown(ROW)
    assert not seen.unreadable
    assert seen.fields[EXTRAS] == extras_of(ROW, HELD.carried)


def test_extras_go_back_to_the_fields_they_came_from_and_only_where_they_differ() -> None:
    fields: dict[str, Json] = {
        "phone": "1", EXTRAS: [extra("ref", "K-8"), extra("user_id", 5), extra("industry", "x", "hubspot")]
    }  # fmt: skip
    assert HELD.why_not(ROW, fields, NOBODY) is None
    assert HELD.values(ROW, fields, NOBODY) == {"phone": "1", "ref": "K-8"}
    new = HELD.values(None, {"name": "x", EXTRAS: [extra("category_id", [2, 9])]}, NOBODY)
    told = table(["a"], [{"category_id": new["category_id"]}], FIELDS, {})
    assert (told.columns, told.lines) == (["id", "category_id/.id"], [["a", "2,9"]])


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("ref", None, False), ("color", None, 0), ("credit_limit", "0.10", Decimal("0.10")), ("credit_limit", None, 0),
        ("employee", True, True), ("user_id", None, False), ("category_id", None, [[6, 0, []]]),
    ],
    ids=["no text", "no number", "an amount", "no amount", "a flag", "nobody", "none of them"],
)  # fmt: skip
def test_each_type_has_its_own_form(name: str, raw: Json, value: Any) -> None:
    assert values_back(VENDOR, {EXTRAS: [extra(name, raw)]}, HELD.carried, back) == {name: value}


@pytest.mark.parametrize(
    "told",
    [
        extra("nope", "x"), extra("name", "x"), extra("color", "3"), extra("color", True), extra("credit_limit", "NaN"),
        extra("credit_limit", "ten"), extra("employee", "yes"), extra("user_id", 0), extra("user_id", "5"),
        extra("category_id", [0]), extra("category_id", 5), extra("ref", 7), "x", {"system": VENDOR},
        extra("credit_limit", "12345678901234567.89"), extra("credit_limit", "1E+400"),
    ],
    ids=[
        "unknown", "canonical", "text for a number", "flag for a number", "no number", "a word", "word for a flag",
        "id of nobody", "text for an id", "list of nobody", "no list", "number for a text", "no object", "no field",
        "too many digits", "infinite",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(told: Json) -> None:
    why = unfit_extras(VENDOR, {EXTRAS: [told]}, HELD.carried, back)
    assert why is not None
    assert EXTRAS in why
    assert HELD.why_not(ROW, {EXTRAS: [told]}, NOBODY) == why


WHOLE = evolve(account_kind([]), carry=frozenset(Carry)).fitted(FIELDS)
PROPERTIES: list[dict[str, Any]] = [
    {"name": "a1", "type": "many2one", "string": "Who", "comodel": "res.users", "value": [5, "Eve"]},
    {"name": "a2", "type": "float", "string": "Rate", "value": Decimal("12.50")},
    {"name": "a3", "type": "tags", "string": "Tags", "tags": [["t1", "One", 1], ["t2", "Two", 2]], "value": ["t2"]},
    {"name": "a4", "type": "boolean", "string": "Key account", "value": False},
    {"name": "a5", "type": "char", "string": "Without a value"},
    {"name": "a6", "type": "separator", "string": "Here"},
    {"name": "a7", "type": "many2many", "string": "Whom", "comodel": "res.users", "value": [[5, "Eve"], [6, "Ann"]]},
    {"name": "a8", "type": "selection", "string": "Size", "selection": [["s", "S"], ["m", "M"]], "value": "m"},
]
FULL: dict[str, Any] = {
    **ROW, "properties": PROPERTIES, "image_1920": "iVBORw0KGgo=", "bank_ids": [4, 3], "company_type": "company"
}  # fmt: skip


def raw_of(row: Mapping[str, Any]) -> dict[str, Json]:
    return {str(one["field"]): one["raw"] for one in extras_of(row, WHOLE.carried)}  # type: ignore[index,call-overload] # objects


def test_what_comes_back_unchanged_writes_nothing() -> None:
    assert len(raw_of(FULL)) == len(raw_of(ROW)) + 4
    fields: dict[str, Json] = {EXTRAS: extras_of(FULL, WHOLE.carried)}
    assert WHOLE.why_not(FULL, fields, NOBODY) is None
    assert WHOLE.values(FULL, fields, NOBODY) == {}


def test_a_changed_property_is_written_with_the_others_as_they_were() -> None:
    told = raw_of(FULL)["properties"]
    assert isinstance(told, list)
    changed = [{**one, "value": "13"} if isinstance(one, dict) and one["name"] == "a2" else one for one in told]
    fields: dict[str, Json] = {EXTRAS: [extra("properties", changed)]}
    assert WHOLE.why_not(FULL, fields, NOBODY) is None
    assert WHOLE.values(FULL, fields, NOBODY) == {
        "properties": {"a1": 5, "a2": Decimal(13), "a3": ["t2"], "a4": False, "a7": [5, 6], "a8": "m"}
    }
    assert WHOLE.values(FULL, {EXTRAS: [extra("properties", None)]}, NOBODY) == {"properties": False}


def test_properties_of_a_new_record_go_in_as_load_takes_them() -> None:
    new = WHOLE.values(None, {"name": "x", EXTRAS: [extra("properties", raw_of(FULL)["properties"])]}, NOBODY)
    told = table(["a"], [{"properties": new["properties"]}], FIELDS, {})
    cells = {one["name"]: one for one in json.loads(told.lines[0][1])}
    assert {name: cells[name]["value"] for name in cells} == {
        "a1": [{".id": "5"}], "a2": "12.5", "a3": "t2", "a4": False, "a7": [{".id": "5,6"}], "a8": "m"
    }  # fmt: skip
    assert (cells["a3"]["tags"], cells["a8"]["selection"]) == ([["t2", "t2", 0]], [["m", "m"]])


def test_records_that_name_this_one_are_shown_and_never_written() -> None:
    told: list[Json] = [extra("bank_ids", [3]), extra("ref", "K-8")]
    assert raw_of(FULL)["bank_ids"] == [3, 4]
    assert WHOLE.why_not(FULL, {EXTRAS: told}, NOBODY) is None
    assert WHOLE.values(FULL, {EXTRAS: told}, NOBODY) == {"ref": "K-8"}
    assert "bank_ids" not in WHOLE.values(None, {"name": "x", EXTRAS: told}, NOBODY)


def test_a_version_does_not_move_with_records_that_name_this_one_or_with_what_others_are_called() -> None:
    first = WHOLE.version(FULL)
    named = [{**PROPERTIES[0], "value": [5, "Eve Martin"]}, *PROPERTIES[1:]]
    assert WHOLE.version({**FULL, "bank_ids": [3, 4, 5], "properties": named}) == first
    other = [{**PROPERTIES[0], "value": [6, "Eve"]}, *PROPERTIES[1:]]
    assert WHOLE.version({**FULL, "properties": other}) != first
    assert WHOLE.version({**FULL, "image_1920": "iVBORw0KGgp="}) != first


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Durand\x00"}, {"billing_address": {"lines": ["1 rue Bleue\x00"]}}, {EXTRAS: [extra("ref", "\x00")]},
    ],
)  # fmt: skip
def test_a_text_that_the_database_cannot_store_is_refused_by_name(fields: dict[str, Json]) -> None:
    """One such record would keep all others of its call out: PostgreSQL's client refuses the whole statement."""
    why = HELD.why_not(ROW, fields, NOBODY)
    assert why is not None
    assert why.startswith(f"{next(iter(fields))}: a text with the character NUL")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("image_1920", "no base64"), ("image_1920", 7), ("bank_ids", ["4"]), ("properties", {"a1": 5}),
        ("properties", [{"name": "a1", "type": "char"}]), ("properties", [{"name": 1, "type": "char", "value": "x"}]),
        ("properties", [{"name": "a1", "type": "many2one", "value": "5"}]),
        ("properties", [{"name": "a1", "type": "tags", "value": "t1"}]),
        ("properties", [{"name": "a1", "type": "float", "value": "ten"}]),
        ("properties", [{"name": "a1", "type": "float", "value": "1E+400"}]),
        ("properties", [{"name": "a1", "type": "integer", "value": True}]), ("properties", ["a1"]),
    ],
    ids=[
        "no file", "number for a file", "texts for ids", "no list", "no value", "no name", "text for an id",
        "no list of tags", "a word", "infinite", "flag for a number", "no property",
    ],
)  # fmt: skip
def test_what_no_file_part_or_property_can_be_is_refused_by_name(name: str, raw: Json) -> None:
    why = WHOLE.why_not(FULL, {EXTRAS: [extra(name, raw)]}, NOBODY)
    assert why is not None
    assert name in why


def test_a_currency_that_somebody_chose_for_a_contract_stays_while_no_line_has_a_price() -> None:
    session = OdooSession("http://127.0.0.1:9", database="none", key=Secret("none"))
    held = OdooClm(session).kinds[Kind.CONTRACT]
    codes = evolve(NOBODY, currencies={"EUR": 126, "USD": 1})
    row = {"id": 7, "name": "Support", "partner_id": 3, "manual_currency_id": 1, "contract_line_ids": []}
    assert "manual_currency_id" not in held.values(row, {"title": "Care"}, codes)
    line: Json = {
        "id": "1", "position": 1, "description": "care", "quantity": "1", "first_day": "2026-06-01",
        "recurrence": "P1M", "price": {"amount": "10.00", "currency": "EUR"},
    }  # fmt: skip
    assert held.values(row, {"title": "Care", "lines": [line]}, codes)["manual_currency_id"] == 126
