"""Odoo's rows as our records and back: stages, addresses, facts beside fields, and the lines of the OCA."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odoo_rows import lead

from clmcrm.adapters.odoo import leads, oca_lines, partners
from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.feed import changed_in, ids_in, known_in, runs_of
from clmcrm.adapters.odoo.loading import table
from clmcrm.adapters.odoo.marks import MODULE, Marks, mark_in, name_of
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.adapters.windows import Window, window_at
from clmcrm.codec.records import from_fields
from clmcrm.crm.opportunity import Opportunity
from clmcrm.errors import TerminalError
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Fields, Json
from clmcrm.values.tenor import Tenor

CODES = Codes(
    countries={"FR": 75, "US": 233},
    regions={(233, "CA"): 5, (233, "California"): 5},
    languages={"en-US": "en_US", "fr-FR": "fr_FR"},
    currencies={"EUR": 1},
    has_mobile=False,
)


def order(number: int, state: str, *lines: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "state": state, "currency_id": {"id": 1, "name": "EUR"}, "order_line": list(lines)}


def line(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number, "sequence": 10, "display_type": False, "name": f"line {number}", "product_id": 3,
        "product_uom_qty": Decimal("2.0"), "product_uom_id": {"id": 1, "name": "Units"}, "discount": 0,
        "price_unit": Decimal("99.5"), "is_downpayment": False, **values,
    }  # fmt: skip


def shown(**values: Any) -> dict[str, Json]:
    return leads.opportunity_fields(lead(**values), leads.STAGES, "x_contract", UTC)


@pytest.mark.parametrize(
    ("values", "stage", "gone"),
    [
        ({}, "discovery", False),
        ({"stage_id": {"id": 9, "name": "Our own", "is_won": False}}, "open", False),
        ({"stage_id": False}, "open", False),
        ({"won_status": "won"}, "won", False),
        ({"won_status": "lost", "active": False}, "lost", False),
        ({"active": False}, "discovery", True),
    ],
)
def test_each_of_odoos_ways_of_standing_has_one_of_ours(values: dict[str, Any], stage: str, *, gone: bool) -> None:
    row = lead(**values)
    assert shown(**values)["stage"] == stage
    assert leads.is_gone(row) is gone


def test_up_to_series_17_won_and_lost_follow_from_the_stage() -> None:
    older = {name: value for name, value in lead().items() if name != "won_status"}
    assert leads.is_won({**older, "stage_id": {"id": 1, "name": "x", "is_won": True}, "probability": 100})
    assert leads.is_lost({**older, "active": False, "probability": Decimal(0)})
    assert not leads.is_lost({**older, "active": False})


def test_an_opportunity_is_one_of_ours_with_the_lines_of_confirmed_orders_only() -> None:
    fields = shown(
        won_status="won",
        order_ids=[
            order(2, "draft", line(20)),
            order(1, "sale", line(11, discount=Decimal("10.0")), line(12, display_type="line_note")),
        ],
    )
    sale = from_fields(Opportunity, {**stated(fields), "id": "4"})
    assert [(one.description, one.quantity, one.discount) for one in sale.lines] == [
        ("line 11", Decimal(2), Decimal("0.1"))
    ]
    assert (str(sale.amount), sale.account, sale.probability) == ("1000.50 EUR", "8", Decimal("0.125"))


def test_the_day_of_closing_is_told_where_the_zone_says() -> None:
    row = lead(won_status="won")
    assert leads.opportunity_fields(row, {}, None, UTC)["closed_on"] == "2026-12-31"
    assert leads.opportunity_fields(row, {}, None, timezone(timedelta(hours=1)))["closed_on"] == "2027-01-01"
    assert shown()["closed_on"] is None


@pytest.mark.parametrize("tag", ["fr-FR", "fr_FR", "fr-fr", "FR-fr"])
def test_a_language_is_known_however_its_tag_is_written(tag: str) -> None:
    """Tags are told apart without regard to case (RFC 5646, 2.1.1); a hyphen or an underscore says the same here."""
    fields: Fields = {"name": "Durand", "language": tag}
    assert partners.unwritable_account({"id": 1}, fields, CODES) is None
    assert partners.changed_account({"id": 1}, fields, CODES)["lang"] == "fr_FR"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"legal_name": "Durand SAS"}, "no place"),
        ({"name": ""}, "needs one"),
        ({"name": 7}, "no text"),
        ({"parent": "A-1"}, "no key"),
        ({"language": "xx"}, "not installed"),
        ({"billing_address": {"lines": ["1", "2", "3"]}}, "2 lines"),
        ({"billing_address": {"country": "XX"}}, "country XX"),
        ({"billing_address": {"country": "FR", "region": "CA"}}, "region 'CA'"),
        ({"billing_address": {"country_name": "France"}}, "no code"),
    ],
)
def test_what_odoo_cannot_hold_is_refused_by_name(fields: Fields, why: str) -> None:
    assert why in (partners.unwritable_account({"id": 1}, fields, CODES) or "")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"stage": ["won"]}, "Odoo keeps stage of an opportunity by itself"),
        ({"stage": {"won": 1}}, "Odoo keeps stage of an opportunity by itself"),
        ({"stage": "open"}, "Odoo keeps stage of an opportunity by itself"),
        ({"contract": 7}, "contract is 7; expected a text"),
    ],
)
def test_what_an_opportunity_of_odoo_does_not_take_is_refused_by_name(fields: Fields, why: str) -> None:
    assert leads.unwritable(lead(), fields, "x_contract") == why
    assert leads.unwritable(lead(), {"stage": "won"}, "x_contract") is None


ILL_FORMED: dict[str, list[Json]] = {
    "phones": ["01", 7, {"number": "01"}, ["01"], [{"kind": "office"}], [{"number": 1}]],
    "emails": ["a@b.example", 7, [7], [None], {"a@b.example": 1}],
    "address": ["Lyon", 7, ["Lyon"], {"lines": "1"}, {"lines": [1]}, {"city": 7}, {"town": "Lyon"}],
}


@pytest.mark.parametrize(("name", "told"), [(name, one) for name, all_ in ILL_FORMED.items() for one in all_], ids=str)
def test_what_is_of_no_form_of_ours_is_refused_by_name(name: str, told: Json) -> None:
    fields: dict[str, Json] = {"name": "Ada", name: told}
    assert (partners.unwritable_contact(None, fields, CODES) or "").startswith(f"{name}: ")
    if name == "address":
        fields = {"name": "Durand", "billing_address": told}
        assert (partners.unwritable_account(None, fields, CODES) or "").startswith("billing_address: ")


def test_an_address_of_a_company_goes_there_and_back() -> None:
    told: dict[str, Json] = {
        "lines": ["1 Main St", "Floor 2"], "city": "Paris", "postal_code": "9", "region": "CA", "country": "US",
    }  # fmt: skip
    values = partners.new_account({"name": "A", "billing_address": told, "shipping_address": {"city": "Lyon"}}, CODES)
    assert values["state_id"] == 5
    row = {
        **values, "id": 1, "state_id": {"id": 5, "name": "CA"}, "country_id": {"id": 233, "code": "US"},
        "child_ids": [{"id": 2, **values["child_ids"][0][2]}],
    }  # fmt: skip
    fields = partners.account_fields(row)
    assert (fields["billing_address"], fields["shipping_address"]) == (told, {"city": "Lyon"})


@pytest.mark.parametrize("every", ["P1D", "P10D", "P2W", "P1M", "P3M", "P18M", "P1Y", "P2Y"])
def test_a_rhythm_goes_there_and_back(every: str) -> None:
    told = oca_lines.rhythm_of(Tenor.parse(every))
    assert told is not None
    assert str(oca_lines.tenor_of(*told)) == every


def test_every_rhythm_of_series_19_has_one_of_ours() -> None:
    assert all(oca_lines.tenor_of(rule, 1) is not None for rule in oca_lines.RHYTHMS)


def oca_line(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number, "sequence": number, "display_type": False, "name": f"fee {number}", "product_id": False,
        "quantity": Decimal("1.0"), "uom_id": False, "price_unit": Decimal("10.0"), "discount": Decimal("0.0"),
        "recurring_rule_type": "monthly", "recurring_interval": 1, "recurring_invoicing_type": "post-paid",
        "date_start": "2026-01-31", "date_end": False, "is_canceled": False, "last_date_invoiced": False, **values,
    }  # fmt: skip


def oca_contract(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"id": 1, "currency_id": {"id": 1, "name": "EUR"}, oca_lines.FIELD: list(lines)}


@pytest.mark.parametrize("rule", ["monthlylastday", "quarterly", "semesterly"])
def test_a_line_keeps_the_rule_it_has_until_its_rhythm_becomes_another_one(rule: str) -> None:
    row = oca_contract(oca_line(5, recurring_rule_type=rule))
    (line,) = cast("list[dict[str, Json]]", oca_lines.lines_of(row, {}))
    assert oca_lines.commands_for(row, {"lines": [line]}) == []
    (dearer,) = oca_lines.commands_for(row, {"lines": [{**line, "price": {"amount": "12.00", "currency": "EUR"}}]})
    assert (dearer[:2], dearer[2]["price_unit"]) == ([1, 5], Decimal("12.00"))
    assert "recurring_rule_type" not in dearer[2]
    (yearly,) = oca_lines.commands_for(row, {"lines": [{**line, "recurrence": "P1Y"}]})
    assert (yearly[2]["recurring_rule_type"], yearly[2]["recurring_interval"]) == ("yearly", 1)


def test_a_line_of_a_rule_that_nobody_knows_is_neither_shown_nor_written_over_nor_deleted() -> None:
    row = oca_contract(oca_line(5, recurring_rule_type="fortnightly"), oca_line(6))
    (line,) = cast("list[dict[str, Json]]", oca_lines.lines_of(row, {}))
    assert line["id"] == "odoo-6"
    assert oca_lines.commands_for(row, {"lines": [line]}) == []
    assert oca_lines.commands_for(row, {"lines": []}) == [[2, 6, 0]]


def test_what_the_oca_would_invoice_wrongly_stays_out_of_its_lines() -> None:
    price: dict[str, Json] = {"amount": "1.00", "currency": "EUR"}
    recurring: dict[str, Json] = {"id": "1", "description": "a", "price": price, "recurrence": "P1M"}
    whole: dict[str, Json] = {"effective_on": "2026-01-31"}
    assert oca_lines.stands_in_odoo(recurring, whole)
    assert oca_lines.stands_in_odoo({**recurring, "price": {**price, "amount": "1234567890123.45"}}, whole)
    assert not oca_lines.stands_in_odoo(recurring, {"effective_on": {"unknown": "not said", "raw": ""}})
    assert not oca_lines.stands_in_odoo({**recurring, "recurrence": None}, whole)
    assert not oca_lines.stands_in_odoo({**recurring, "recurrence": "P1M1D"}, whole)
    assert not oca_lines.stands_in_odoo({**recurring, "discount": "0.12345"}, whole)
    # A double-precision number would show them as others, and what stands in Odoo is what holds.
    assert not oca_lines.stands_in_odoo({**recurring, "quantity": "0.12345678901234567"}, whole)
    assert not oca_lines.stands_in_odoo({**recurring, "price": {**price, "amount": "12345678901234567.89"}}, whole)


@given(st.sets(st.integers(1, 2000)))
def test_runs_hold_the_ids_they_were_made_of(ids: set[int]) -> None:
    assert set(ids_in(runs_of(ids))) == ids


@given(st.sets(st.integers(1, 200)), st.integers(0, 10**6))
def test_a_cursor_is_the_window_it_was_made_of(ids: set[int], after: int) -> None:
    at = datetime(2026, 5, 7, 12, 0, 1, tzinfo=UTC)
    window = Window(since=at, after=after, until=at, beside=runs_of(ids))
    assert window_at(VENDOR, window.text()) == window
    assert known_in(window) == ids
    # The second it begins with is read whole: Odoo's `>` would skip it.
    assert ["write_date", ">=", "2026-05-07 12:00:01"] in changed_in([], (), window)


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '["2026-01-01T00:00:00+00:00",0,null,"9-1"]', "[1,2,3,4]"])
def test_a_cursor_that_was_never_given_is_refused(cursor: str) -> None:
    with pytest.raises(TerminalError):
        _ = known_in(window_at(VENDOR, cursor))


@given(st.text(min_size=1, max_size=80))
def test_a_mark_comes_back_from_its_external_id(mark: str) -> None:
    try:
        _ = mark.encode()
    except UnicodeEncodeError:
        return
    name = name_of("account", mark)
    assert name.isascii()
    assert "." not in name
    assert mark_in("account", [{"xmlid": f"{MODULE}.{name}"}]) == mark
    assert mark_in("contact", [{"xmlid": f"{MODULE}.{name}"}]) is None


def test_a_mark_is_asked_for_once_and_what_was_not_answered_is_asked_again() -> None:
    marks, name = Marks(), name_of("account", "account:clm:7")
    marks.learn("account", [1, 2, 3], [{"id": 1, "xmlids": [{"xmlid": f"{MODULE}.{name}"}]}, {"id": 2, "xmlids": []}])
    assert [marks.of("account", number) for number in (1, 2, 3)] == ["account:clm:7", None, None]
    assert marks.unknown("account", [1, 2, 3]) == [3]
    assert marks.unknown("contact", [1]) == [1]
    marks.learn("account", [3], [{"id": 4, "xmlids": []}, "half", {"id": "3"}])  # not asked for, and no rows
    assert marks.unknown("account", [3, 4]) == [3, 4]


def test_a_memory_of_marks_that_is_full_forgets_none_that_it_has_just_said_to_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clmcrm.adapters.odoo.marks._MOST", 2)
    marks = Marks()

    def told(*ids: int) -> dict[int, str | None]:
        asked = marks.unknown("account", ids)
        rows = [{"id": n, "xmlids": [{"xmlid": f"{MODULE}.{name_of('account', f'a:{n}')}"}]} for n in asked]
        marks.learn("account", asked, rows)
        return {n: marks.of("account", n) for n in ids}

    for ids in [(1, 2), (2, 3), (3, 4), (1, 2, 3, 4, 5), (5, 1)]:
        assert told(*ids) == {n: f"a:{n}" for n in ids}


@given(st.lists(st.text(max_size=10), min_size=1, max_size=4))
def test_each_record_keeps_its_lines_in_the_table(names: list[str]) -> None:
    values = [{"name": name, "parts": [[0, 0, {"of": name}]] * place} for place, name in enumerate(names)]
    told = table([f"x{k}" for k in range(len(names))], values, {}, {"parts": {}})
    assert [told.record_at(number) for number in range(len(told.lines))] == [
        place for place in range(len(names)) for _ in range(max(1, place))
    ]
    assert json.loads(json.dumps(told.lines)) == told.lines
