"""Fields of Odoo's without a canonical home: what is carried, how it is shown, and how it goes back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clmcrm.adapters.extras import EXTRAS, unfit_extras, values_back
from clmcrm.adapters.odoo.carrying import back, extras_of, left_out
from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.crm import account_kind
from clmcrm.adapters.odoo.loading import table
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.ports.records import Json

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


def test_what_odoo_lets_be_written_is_carried_and_the_rest_says_why_not() -> None:
    assert sorted(HELD.carried) == [
        "category_id", "color", "credit_limit", "date", "employee", "ref", "user_id", "x_own",
    ]  # fmt: skip
    assert left_out(FIELDS, ["name"]) == {
        "write_date": "read-only in Odoo", "bank_ids": "records of their own", "image_1920": "a file",
        "properties": "defined by another record", "company_type": "computed from others", "x_odd": "of type barcode",
    }  # fmt: skip
    assert HELD.spec["ref"] == {}
    assert "fields" in HELD.spec["child_ids"]  # what the canonical fields need is read as before


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
    ],
    ids=[
        "unknown", "canonical", "text for a number", "flag for a number", "no number", "a word", "word for a flag",
        "id of nobody", "text for an id", "list of nobody", "no list", "number for a text", "no object", "no field",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(told: Json) -> None:
    why = unfit_extras(VENDOR, {EXTRAS: [told]}, HELD.carried, back)
    assert why is not None
    assert EXTRAS in why
    assert HELD.why_not(ROW, {EXTRAS: [told]}, NOBODY) == why
