from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from clmcrm.analytics.exposure import Exposure, Exposures
from clmcrm.analytics.portfolio import Agenda, Entry, EntryKind
from clmcrm.report.charts import exposure_drawing, months_drawing
from clmcrm.values.figures import Figure
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.money import Money
from clmcrm.values.wording import Wording

SVG = "{http://www.w3.org/2000/svg}"


def rects(drawn: str, prefix: str) -> list[ET.Element]:
    found = ET.fromstring(drawn).iter(f"{SVG}rect")  # noqa: S314 - our own markup
    return [e for e in found if e.get("class", "").startswith(prefix) and e.find(f"{SVG}title") is not None]


def exposures(*amounts: str) -> Exposures:
    rows = tuple(
        Exposure(counterparty=AccountId(f"a{i}"), value=Money(amount, "EUR"), contracts=1)
        for i, amount in enumerate(amounts)
    )
    whole = Figure(name="value", value=Decimal(0), unit="EUR", formula="sum", population=len(rows))
    return Exposures(by_counterparty=rows, whole=whole)


def entries(*days: date) -> Agenda:
    made = tuple(
        Entry(
            day=day,
            safe_day=day,
            kind=EntryKind.NOTICE,
            contract=ContractId("c"),
            number="",
            title="t",
            counterparty=None,
            what=Wording("w", "w"),
        )
        for day in days
    )
    return Agenda(first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), entries=made, undated=())


DUE = entries(date(2026, 3, 1))


def test_every_counterparty_has_a_bar_and_a_row(portfolio: Any) -> None:
    drawing = exposure_drawing(portfolio.exposures, portfolio.names)
    count = len(portfolio.exposures.by_counterparty)
    assert count > 5
    assert len(rects(drawing.picture, "bar")) == count == len(drawing.table.rows)


def test_bars_are_as_long_as_their_amounts_are_large() -> None:
    drawn = exposure_drawing(exposures("200", "100", "50"), {}).picture
    widths = [float(e.get("width", "0")) for e in rects(drawn, "bar")]
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.01)
    assert widths[0] / widths[2] == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize("amounts", [(), ("0",), ("0", "0")])
def test_nothing_at_stake_is_drawn_without_a_bar_of_length(amounts: tuple[str, ...]) -> None:
    drawing = exposure_drawing(exposures(*amounts), {})
    assert all(float(e.get("width", "0")) <= 1 for e in rects(drawing.picture, "bar"))


@pytest.mark.parametrize("amounts", [("100", "-50"), ("-10", "-500"), ("0", "-500")])
def test_an_amount_below_zero_has_no_bar_and_stands_where_bars_begin(amounts: tuple[str, ...]) -> None:
    # A line's discount by amount may be more than its price.
    drawn = exposure_drawing(exposures(*amounts), {}).picture
    below = [amount.startswith("-") or amount == "0" for amount in amounts]
    widths = [float(e.get("width", "0")) for e in rects(drawn, "bar")]
    assert [width <= 1 for width in widths] == below
    said = [e for e in ET.fromstring(drawn).iter(f"{SVG}text") if e.get("class") == "muted"]  # noqa: S314 - our own markup
    start = float(rects(drawn, "bar")[0].get("x", "0"))
    assert all(start < float(e.get("x", "0")) < 508 for e in said)


def test_the_bars_of_the_months_add_up_to_the_entries(portfolio: Any) -> None:
    drawing = months_drawing(portfolio.agenda)
    counts = [int((e.findtext(f"{SVG}title") or "0").rpartition(": ")[2]) for e in rects(drawing.picture, "kind-")]
    assert sum(counts) == len(portfolio.agenda.entries)
    assert sum(int(row[-1].text) for row in drawing.table.rows) == len(portfolio.agenda.entries)


def test_the_titles_of_bars_have_the_colon_of_their_language() -> None:
    for drawn, prefix in ((exposure_drawing(exposures("5"), {}, "fr"), "bar"), (months_drawing(DUE, "fr"), "kind-")):
        assert ["\u00a0: " in (e.findtext(f"{SVG}title") or "") for e in rects(drawn.picture, prefix)] == [True]


def test_the_bars_of_the_months_are_as_high_as_their_counts() -> None:
    drawn = months_drawing(entries(date(2026, 3, 1), *[date(2026, 5, 1)] * 4)).picture
    one, four = (float(e.get("height", "0")) for e in rects(drawn, "kind-"))
    assert four / one == pytest.approx(4, rel=0.1)


def test_every_month_has_a_row_even_an_empty_one() -> None:
    drawing = months_drawing(entries(date(2026, 3, 1)))
    assert [row[-1].text for row in drawing.table.rows] == ["0", "0", "1", *["0"] * 9]


def test_an_entry_past_the_end_of_the_agenda_is_still_shown() -> None:
    # An obligation's period of grace may reach past the agenda's last day.
    drawing = months_drawing(entries(date(2027, 1, 10)))
    assert drawing.table.rows[-1][0].text == "Jan 2027"


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 23, 99, 100, 101, 999])
def test_the_scale_has_at_most_six_lines_and_covers_every_bar(count: int) -> None:
    drawn = ET.fromstring(months_drawing(entries(*[date(2026, 5, 1)] * count)).picture)  # noqa: S314 - our own markup
    lines = [e for e in drawn.iter(f"{SVG}line") if (e.get("class") or "").startswith("grid")]
    assert 2 <= len(lines) <= 6
    tops = [float(e.get("y", "0")) for e in drawn.iter(f"{SVG}rect")]
    assert all(top >= min(float(e.get("y1", "0")) for e in lines) for top in tops[3:])


def test_thirty_years_of_months_do_not_crowd_their_names() -> None:
    agenda = Agenda(first_day=date(2026, 1, 1), last_day=date(2055, 12, 31), entries=(), undated=())
    drawn = ET.fromstring(months_drawing(agenda).picture)  # noqa: S314 - our own markup
    xs = [float(e.get("x", "0")) for e in drawn.iter(f"{SVG}text") if "mid" in (e.get("class") or "").split()]
    assert len(xs) >= 3
    assert all(b - a >= 30 for a, b in pairwise(xs))
