from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Archived, Completed, PartyAssigned, PartyLeft, RecordedAsExecuted, RenewalAgreed
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.stages import Stage
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TermClause
from clmcrm.report.lanes import Lane, Timeline, timeline_of
from clmcrm.report.timeline import timeline_drawing
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.tenor import Tenor

SVG = "{http://www.w3.org/2000/svg}"


def marks(drawn: str, css: str) -> list[ET.Element]:
    return [e for e in ET.fromstring(drawn).iter() if css in e.get("class", "").split()]  # noqa: S314 - our own markup


def lane_of(timeline: Timeline, number: str) -> Lane:
    return next(lane for lane in timeline.lanes if lane.number == number)


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def titles(element: ET.Element) -> list[str]:
    return [e.text or "" for e in element.iter(f"{SVG}title")]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_contract_has_one_lane_and_one_row(portfolio: Any, language: Any) -> None:
    drawing = timeline_drawing(portfolio.timeline, portfolio.names, language)
    drawn = [mark.get("data-contract") for mark in marks(drawing.picture, "lane")]
    assert sorted(str(i) for i in drawn) == sorted(contract.id for contract in portfolio.contracts)
    assert len(drawing.table.rows) == len(portfolio.contracts)


def test_a_window_may_reach_the_last_day_of_the_calendar(portfolio: Any) -> None:
    for first_day in (date(9999, 1, 1), date(9995, 1, 1), date(9000, 1, 1)):
        timeline = attrs.evolve(portfolio.timeline, first_day=first_day, last_day=date.max)
        drawn = timeline_drawing(timeline, portfolio.names).picture
        assert [e.text for e in marks(drawn, "strong") if e.text == str(first_day.year)]


def test_a_segment_has_the_colour_that_the_key_gives_it(portfolio: Any) -> None:
    """Every second renewal had the colour of the initial term, and an initial term to come that of a renewal."""
    drawing = timeline_drawing(portfolio.timeline, portfolio.names)
    colours = dict[str, set[int]]()
    for lane in portfolio.timeline.lanes:
        (mark,) = [m for m in marks(drawing.picture, "lane") if m.get("data-contract") == lane.contract]
        bars = [e for e in mark.iter(f"{SVG}rect") if e.get("class") in ("bar", "bar-alt", "bar-open")]
        for bar, segment in zip(bars, lane.segments, strict=True):
            expected = "bar" if segment.index == 0 else "bar-alt" if segment.begun else "bar-open"
            assert bar.get("class") == expected
            colours.setdefault(expected, set()).add(segment.index)
    assert {1, 2} <= colours["bar-alt"]
    key = {e[1].text: e[0].get("class") for e in ET.fromstring(drawing.picture).iter(f"{SVG}g") if e.get("transform")}  # noqa: S314 - our own markup
    assert (key["Initial term"], key["Renewals"]) == ("bar", "bar-alt")
    to_come = attrs.evolve(portfolio.timeline.lanes[0].segments[0], index=0, begun=False)
    lane = attrs.evolve(portfolio.timeline.lanes[0], segments=(to_come,))
    drawn = timeline_drawing(attrs.evolve(portfolio.timeline, lanes=(lane,)), portfolio.names).picture
    assert [len(marks(drawn, css)) for css in ("bar", "bar-open")] == [2, 1]  # one of each is the key's


def test_every_segment_is_drawn_once(portfolio: Any) -> None:
    drawing = timeline_drawing(portfolio.timeline, portfolio.names)
    for lane in portfolio.timeline.lanes:
        (mark,) = [m for m in marks(drawing.picture, "lane") if m.get("data-contract") == lane.contract]
        bars = [e for e in mark.iter(f"{SVG}rect") if e.get("class") in ("bar", "bar-alt", "bar-open")]
        assert len(bars) == len(lane.segments)


def test_a_lane_without_a_bar_says_why(portfolio: Any) -> None:
    for lane in portfolio.timeline.lanes:
        assert (lane.why is None) == bool(lane.segments)


def test_a_renewal_that_has_not_begun_is_drawn_open(portfolio: Any) -> None:
    lane = lane_of(portfolio.timeline, "C-1001")
    assert [segment.begun for segment in lane.segments] == [segment.index == 2 for segment in lane.segments]
    assert str(lane.segments[0].span) == "2025-10-01/2026-06-30"


def test_no_segment_reaches_past_the_last_day_in_force(portfolio: Any) -> None:
    for lane in portfolio.timeline.lanes:
        assert all(lane.ends_on is None or s.span.last_day <= lane.ends_on for s in lane.segments)
    assert lane_of(portfolio.timeline, "C-1009").ends_on == date(2026, 4, 30)
    assert lane_of(portfolio.timeline, "C-1010").ends_on == date(2025, 12, 31)


def test_a_notice_window_opens_today_or_when_it_was_agreed_to(portfolio: Any) -> None:
    at_once = lane_of(portfolio.timeline, "C-1003").notice
    assert at_once is not None
    assert (at_once.first_day, at_once.safe_day, at_once.last_day) == (
        portfolio.as_of,
        date(2027, 1, 8),
        date(2027, 1, 9),
    )


@pytest.mark.parametrize(
    ("as_of", "first_day"), [(date(2025, 11, 3), date(2025, 12, 14)), (date(2026, 1, 5), date(2026, 1, 5))]
)
def test_a_notice_window_is_drawn_from_its_opening_and_never_from_the_past(
    portfolio: Any, as_of: date, first_day: date
) -> None:
    # Two months to the end on 14 June 2026, and not more than six months before it.
    timeline = timeline_of(portfolio.contracts, as_of, date(2025, 10, 1), date(2026, 12, 31))
    window = lane_of(timeline, "C-1002").notice
    assert window is not None
    assert (window.first_day, window.last_day) == (first_day, date(2026, 4, 14))


def test_a_completed_contract_ends_on_the_day_it_was_completed(portfolio: Any) -> None:
    running = next(c for c in portfolio.contracts if c.number == "C-1008")
    done = Completed(datetime(2026, 2, 10, 9, tzinfo=UTC), "delivery")
    contract = attrs.evolve(running, events=(*running.events, done))
    (lane,) = timeline_of([contract], portfolio.as_of, date(2025, 10, 1), date(2026, 12, 31)).lanes
    assert lane.stage is Stage.COMPLETED
    assert lane.ends_on == date(2026, 2, 10)
    assert [str(segment.span) for segment in lane.segments] == ["2025-11-01/2026-02-10"]


def test_a_canceled_draft_is_not_drawn_as_in_force(portfolio: Any) -> None:
    lane = lane_of(portfolio.timeline, "C-1023")
    assert lane.stage is Stage.CANCELED
    assert lane.why is not None
    assert lane.why.en == "given up before signature"


def test_a_contract_that_was_put_away_is_drawn_as_it_was_before(portfolio: Any) -> None:
    window = date(2025, 10, 1), date(2026, 12, 31)
    draft = next(c for c in portfolio.contracts if c.number == "C-1023")
    (lane,) = timeline_of([advance(draft, Archived(noon(2, 20), "legal"))], portfolio.as_of, *window).lanes
    assert (lane.stage, lane.segments, lane.ends_on) == (Stage.ARCHIVED, (), None)
    assert lane.why is not None
    assert lane.why.en == "given up before signature"
    running = next(c for c in portfolio.contracts if c.number == "C-1008")
    events = (*running.events, Completed(noon(2, 10), "delivery"), Archived(noon(2, 20), "legal"))
    (lane,) = timeline_of([attrs.evolve(running, events=events)], portfolio.as_of, *window).lanes
    assert (lane.stage, lane.ends_on) == (Stage.ARCHIVED, date(2026, 2, 10))


def test_a_lane_is_called_by_the_account_that_took_the_place_of_the_party(portfolio: Any) -> None:
    running = next(c for c in portfolio.contracts if c.number == "C-1008")
    events = (*running.events, PartyLeft(noon(2, 10), "clm"), PartyAssigned(noon(2, 11), "clm", to=AccountId("new")))
    moved = attrs.evolve(running, events=events)
    for as_of, who in ((date(2026, 2, 9), running.counterparty), (date(2026, 2, 11), "new")):
        assert timeline_of([moved], as_of, as_of, as_of).lanes[0].counterparty == who


def test_a_renewal_agreed_later_is_not_seen_from_a_day_before() -> None:
    agreed = RenewalAgreed(noon(2, 10), "both", side=Party.EITHER, served_on=date(2026, 2, 10))
    contract = Contract(
        id=ContractId("C"), title="Lifts", kind=ContractKind.SALES, effective_on=date(2025, 3, 1),
        term=TermClause(initial=Tenor(years=1)), renewal=RenewalClause(kind=RenewalKind.EXPRESS, length=Tenor(years=1)),
        events=(RecordedAsExecuted(datetime(2025, 2, 1, tzinfo=UTC), "archive"), agreed),
    )  # fmt: skip
    for as_of, terms in ((date(2026, 2, 9), 1), (date(2026, 2, 10), 2)):
        (lane,) = timeline_of([contract], as_of, date(2025, 1, 1), date(2027, 12, 31)).lanes
        assert len(lane.segments) == terms


def test_a_term_is_said_whole_where_the_window_cuts_it(portfolio: Any) -> None:
    """What the window's edge cuts off is no end of a term, and a term without an end has none."""
    drawing = timeline_drawing(portfolio.timeline, portfolio.names)
    rows = {row[0].text: row[3].text for row in drawing.table.rows}
    # Begun on 2023-07-01 for a year, renewed by the year; drawn from 2025-10-01 to 2027-09-30.
    assert rows["C-1001 Lift maintenance, head office and both plants"] == (
        "2025-07-01/2026-06-30; 2026-07-01/2027-06-30; 2027-07-01/2028-06-30"
    )
    # Without an end after its first year.
    assert rows["C-1006 Framework agreement"] == "2025-09-01/.."
    (mark,) = [m for m in marks(drawing.picture, "lane") if m.get("data-contract") == "c-6"]
    assert "No fixed end: 2025-09-01/.." in titles(mark)
    (ended,) = [text for name, text in rows.items() if name.startswith("C-1010 ")]
    assert ended == "2025-01-01/2025-12-31"


def test_the_days_of_a_notice_stand_in_the_titles_of_its_marks(portfolio: Any) -> None:
    drawing = timeline_drawing(portfolio.timeline, portfolio.names)
    (mark,) = [m for m in marks(drawing.picture, "lane") if m.get("data-contract") == "c-1"]
    assert "Notice window: 2026-03-16/2026-03-31" in titles(mark)
    assert "Safe day: 26 March 2026" in titles(mark)
    assert "Last day for notice: 31 March 2026" in titles(mark)


def test_the_titles_of_marks_have_the_colon_of_their_language(portfolio: Any) -> None:
    drawing = timeline_drawing(portfolio.timeline, portfolio.names, "fr")
    said = [text for mark in marks(drawing.picture, "lane") for text in titles(mark) if ":" in text]
    assert "Date sûre\u00a0: 26 mars 2026" in said
    assert any(text.startswith("Terme initial\u00a0: ") for text in said)
    assert [text for text in said if "\u00a0: " not in text] == []


def test_the_today_line_is_drawn_only_inside_the_window(portfolio: Any) -> None:
    def lines(first_day: date, last_day: date) -> int:
        timeline = timeline_of(portfolio.contracts[:1], portfolio.as_of, first_day, last_day)
        return len(marks(timeline_drawing(timeline, {}).picture, "today"))

    assert lines(date(2026, 1, 1), date(2026, 12, 31)) > 0
    assert lines(date(2027, 1, 1), date(2027, 12, 31)) == 0


@pytest.mark.parametrize(
    ("last_day", "ticks"), [(date(2026, 12, 31), 12), (date(2029, 12, 31), 16), (date(2045, 12, 31), 20)]
)
def test_long_windows_have_ticks_by_quarter_or_year(last_day: date, ticks: int) -> None:
    timeline = timeline_of((), date(2026, 1, 1), date(2026, 1, 1), last_day)
    drawn = timeline_drawing(timeline, {}).picture
    assert len(marks(drawn, "grid")) + len(marks(drawn, "grid-year")) == ticks


def test_no_label_of_the_axis_touches_the_next(portfolio: Any) -> None:
    drawn = ET.fromstring(timeline_drawing(portfolio.timeline, portfolio.names, "fr").picture)  # noqa: S314 - our own markup
    axis = [e for e in drawn.findall(f"{SVG}text") if "mid" not in e.get("class", "")]
    xs = sorted(float(e.get("x", "0")) for e in axis)
    assert all(b - a > 30 for a, b in pairwise(xs))


def test_an_old_contract_with_short_terms_shows_only_the_window() -> None:
    contract = Contract(
        id=ContractId("c"),
        title="Weekly",
        kind=ContractKind.SALES,
        effective_on=date(2000, 1, 3),
        term=TermClause(initial=Tenor(weeks=1)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(weeks=1)),
    )
    timeline = timeline_of([contract], date(2026, 1, 5), date(2026, 1, 1), date(2026, 1, 31))
    assert timeline.lanes[0].why is not None  # a draft: nothing has happened to it yet
