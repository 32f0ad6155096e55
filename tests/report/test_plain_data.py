from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from clmcrm.codec.records import to_json
from clmcrm.report.account_page import plain
from clmcrm.report.page import render_html
from clmcrm.report.plain_data import agenda_data, exposures_data, figure_data, section_data, timeline_data
from clmcrm.report.sections import section
from clmcrm.values.money import UnitPrice
from clmcrm.values.rates import Rate


def test_everything_survives_a_trip_through_json(portfolio: Any) -> None:
    for data in (
        agenda_data(portfolio.agenda, portfolio.names, "fr"),
        exposures_data(portfolio.exposures, portfolio.names),
        timeline_data(portfolio.timeline, portfolio.names),
        section_data(section("h", ("a",), (("b",),))),
    ):
        assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_entries_keep_their_days_steps_and_readings(portfolio: Any) -> None:
    data: Any = agenda_data(portfolio.agenda, portfolio.names)
    assert len(data["entries"]) == len(portfolio.agenda.entries)
    for shown, entry in zip(data["entries"], portfolio.agenda.entries, strict=True):
        assert (shown["day"], shown["safe_day"]) == (entry.day.isoformat(), entry.safe_day.isoformat())
        assert [step["what"] for step in shown["steps"]] == [step.what for step in entry.steps]
        assert (shown["deadline"] is None) == (entry.deadline is None)
    first = data["entries"][0]
    assert first["deadline"]["send_by"] == "2026-03-26"
    assert len(data["undated"]) == len(portfolio.agenda.undated)


def test_amounts_are_texts_with_their_currency(portfolio: Any) -> None:
    data: Any = exposures_data(portfolio.exposures, portfolio.names)
    assert data["by_counterparty"][0]["value"] == {"amount": "90000.00", "currency": "EUR"}
    assert data["whole"]["value"] == "394971.82"
    assert {rate["source"] for rate in data["whole"]["rates"]} == {"USD", "GBP", "JPY"}


# One rial in Kuwaiti dinars, as small as rates get: Python writes it 2.7E-7.
RIAL = Rate(source="IRR", target="KWD", on=date(2026, 1, 2), factor="0.00000027", by="a bank")


def test_no_number_is_written_with_an_exponent(portfolio: Any) -> None:
    whole = attrs.evolve(portfolio.exposures.whole, value=Decimal("1E+3"), rates=(RIAL,))
    data = figure_data(whole)
    assert data["value"] == "1000"
    assert isinstance(data["rates"], list)
    assert [rate["factor"] for rate in data["rates"] if isinstance(rate, dict)] == ["0.00000027"]


@pytest.mark.parametrize("value", [Decimal("1E+3"), Decimal("0.0000001"), UnitPrice("0.0000001", "EUR")])
def test_a_number_of_an_account_is_written_as_the_codec_writes_it(value: Any) -> None:
    assert plain(value, "en") == to_json(value)


def test_a_rate_has_the_comma_of_its_language(portfolio: Any) -> None:
    exposures = attrs.evolve(portfolio.exposures, whole=attrs.evolve(portfolio.exposures.whole, rates=(RIAL,)))
    report = attrs.evolve(portfolio.report, exposures=exposures)
    assert "<li>IRR to KWD: 0.00000027 on 2 January 2026 (a bank)</li>" in render_html(report)
    assert "0,00000027 au 2 janvier 2026 (a bank)</li>" in render_html(report, "fr")


def test_every_lane_is_there(portfolio: Any) -> None:
    data: Any = timeline_data(portfolio.timeline, portfolio.names)
    assert len(data["lanes"]) == len(portfolio.contracts)
    assert any(lane["why"] for lane in data["lanes"])
    framework = next(lane for lane in data["lanes"] if lane["number"] == "C-1006")
    (segment,) = framework["segments"]
    assert segment["open_ended"]
    assert (segment["first_day"], segment["last_day"]) == ("2025-10-01", "2027-09-30")
    assert segment["term"] == {"first_day": "2025-09-01", "last_day": None}
    assert any(lane["notice"] for lane in data["lanes"])


def test_the_rule_of_a_deadline_is_in_the_language_asked_for(portfolio: Any) -> None:
    data: Any = agenda_data(portfolio.agenda, {}, "fr")
    rules = [entry["deadline"]["rule"]["name"] for entry in data["entries"] if entry["deadline"]]
    assert rules
    assert all(" avant la " in rule for rule in rules)
