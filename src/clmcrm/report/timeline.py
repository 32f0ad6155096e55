"""The renewal timeline: one bar per contract, its terms as segments, its notice window hatched.

The rule of the file: what the picture shows stands in the table below it too, lane by lane.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from clmcrm.clm.stage_words import stage_name
from clmcrm.report.lanes import Lane, NoticeWindow, Segment, Timeline, lane_label, names_of
from clmcrm.report.markup import Markup, joined, tag
from clmcrm.report.phrases import counted, counterparty_name, labelled, phrase, short_day, short_month
from clmcrm.report.sections import Cell, Column, Drawing, Section, Tone
from clmcrm.report.svg import DayScale, hatch, label, line, picture, rect, text_width
from clmcrm.values.ids import AccountId
from clmcrm.values.span import Span
from clmcrm.values.wording import Language

_WIDTH: Final = 1080
_LEFT: Final = 292
_RIGHT: Final = _WIDTH - 14
_TOP: Final = 84
_LANE: Final = 40
_BAR: Final = 16
_SMALL: Final = 11.5
_BOLD: Final = 14.5  # what 13 pixels of bold type need
_LEGEND_LINE: Final = 20
_NOTHING: Final = "-"
_MONTHS_SHOWN: Final = 550
_QUARTERS_SHOWN: Final = 2000


def timeline_drawing(
    timeline: Timeline, names: Mapping[AccountId, str], language: Language = "en", *, standalone: bool = False
) -> Drawing:
    """The picture of `timeline` and the table of the same facts; counterparties are called as in `names`.

    A `standalone` picture carries its style sheet and can be saved as an .svg file.
    """
    scale = DayScale(timeline.first_day, timeline.last_day, _LEFT, _RIGHT)
    legend, legend_lines = _legend(language)
    top = _TOP + _LEGEND_LINE * (legend_lines - 1)
    height = top + _LANE * len(timeline.lanes) + 12
    bottom = height - 12
    title = phrase(
        "timeline_of",
        language,
        contracts=counted("contracts_counted", len(timeline.lanes), language),
        first=short_day(timeline.first_day, language),
        last=short_day(timeline.last_day, language),
    )
    stripes = (rect(0, top + i * _LANE, _WIDTH, _LANE, "stripe") for i in range(0, len(timeline.lanes), 2))
    lanes = (
        _lane_marks(
            lane, top + i * _LANE, scale, as_of=timeline.as_of, who=_who(lane, names, language), language=language
        )
        for i, lane in enumerate(timeline.lanes)
    )
    drawn = picture(
        _WIDTH,
        height,
        hatch("notice-hatch"),
        legend,
        *stripes,
        joined(_axis(scale, top, bottom, language)),
        joined(lanes, "\n"),
        joined(_today(timeline.as_of, scale, top, bottom, language)),
        title=title,
        name="timeline",
        standalone=standalone,
    )
    return Drawing(picture=drawn, table=timeline_table(timeline, names, language))


def timeline_table(timeline: Timeline, names: Mapping[AccountId, str], language: Language = "en") -> Section:
    """The facts of the timeline, one row per contract, in the order of the lanes."""
    headings = ("contract", "counterparty", "stage", "terms", "safe_day", "day", "end")
    return Section(
        heading=phrase("timeline", language),
        columns=tuple(Column(heading=phrase(key, language)) for key in headings),
        rows=tuple(_row(lane, names, language) for lane in timeline.lanes),
    )


def _row(lane: Lane, names: Mapping[AccountId, str], language: Language) -> tuple[Cell, ...]:
    notice = lane.notice
    terms = Cell("; ".join(str(s.term) for s in lane.segments))
    if lane.why is not None:
        terms = Cell(lane.why.said(language), Tone.MUTED)
    return (
        Cell(lane_label(lane)),
        Cell(counterparty_name(lane.counterparty, names, language)),
        Cell(stage_name(lane.stage).said(language)),
        terms,
        Cell(str(notice.safe_day) if notice else _NOTHING),
        Cell(str(notice.last_day) if notice else _NOTHING),
        Cell(str(lane.ends_on) if lane.ends_on else _NOTHING),
    )


def _lane_marks(lane: Lane, top: float, scale: DayScale, *, as_of: date, who: str, language: Language) -> Markup:
    room = _LEFT - 26
    y = top + (_LANE - _BAR) / 2
    marks = [
        label(12, top + 17, lane_label(lane), room=room, css="strong", size=_BOLD),
        label(12, top + 32, who, room=room, css="small muted", size=_SMALL),
        *(_segment_mark(segment, y, scale, language) for segment in lane.segments),
    ]
    if lane.why is not None:
        marks.append(_why_mark(lane.why.said(language), top, scale, as_of))
    if lane.segments and lane.ends_on is not None and scale.first_day <= lane.ends_on <= scale.last_day:
        x = scale.stop(lane.ends_on)
        said = labelled(phrase("ended", language), short_day(lane.ends_on, language), language)
        marks.append(line(x, y - 5, x, y + _BAR + 5, "stop", title=said))
    if lane.notice is not None:
        marks.append(_notice_mark(lane.notice, y, scale, language))
    return tag("g", *marks, class_="lane", data_contract=lane.contract)


def _why_mark(why: str, top: float, scale: DayScale, as_of: date) -> Markup:
    """The reason for a missing bar, right of the today line, which it must not cross."""
    x = max(scale.start(as_of), scale.left) + 10
    return label(x, top + 25, why, room=scale.right - x, css="small muted", size=_SMALL)


def _who(lane: Lane, names: Mapping[AccountId, str], language: Language) -> str:
    stage = stage_name(lane.stage).said(language)
    who = names_of(lane, names)
    return f"{who} · {stage}" if who else stage


def _segment_mark(segment: Segment, y: float, scale: DayScale, language: Language) -> Markup:
    left, right = scale.start(segment.span.first_day), scale.stop(_last(segment.span))
    # As the key has it: the initial term, a renewal that runs or ran, and one to come.
    css = "bar" if not segment.index else "bar-alt" if segment.begun else "bar-open"
    name = phrase("renewal_term", language, index=segment.index) if segment.index else phrase("first_term", language)
    if segment.open_ended:
        name = phrase("indefinite_term", language)
    # Two pixels are kept free between two terms, so that they can be told apart without colour.
    said = labelled(name, segment.term, language)
    bar = rect(left, y, max(right - left - 2, 1), _BAR, css, title=said, radius=2)
    if not segment.open_ended or right < scale.right:
        return bar
    arrow = f"M {_RIGHT - 9} {y + 4} L {_RIGHT - 4} {y + _BAR / 2} L {_RIGHT - 9} {y + _BAR - 4}"
    return joined([bar, tag("path", d=arrow, class_="arrow")])


def _notice_mark(notice: NoticeWindow, y: float, scale: DayScale, language: Language) -> Markup:
    if notice.last_day < scale.first_day or notice.first_day > scale.last_day:
        return joined([])
    left, right = scale.start(notice.first_day), scale.stop(notice.last_day)
    span = Span(notice.first_day, notice.last_day)
    said = labelled(phrase("notice_window", language), span, language)
    marks = [
        rect(left, y + 3, right - left, _BAR - 6, "window"),
        tag("rect", tag("title", said), x=left, y=y + 3, width=max(right - left, 1), height=_BAR - 6,
            class_="hatched", fill="url(#notice-hatch)"),
    ]  # fmt: skip
    if scale.first_day <= notice.safe_day <= scale.last_day:
        x = scale.stop(notice.safe_day)
        safe = labelled(phrase("safe_day", language), short_day(notice.safe_day, language), language)
        marks.append(line(x, y - 4, x, y + _BAR + 4, "safe", title=safe))
    if notice.last_day <= scale.last_day:
        last = labelled(phrase("last_day_marker", language), short_day(notice.last_day, language), language)
        marks.append(_diamond(right, y + _BAR / 2, last))
    return joined(marks)


def _diamond(x: float, y: float, title: str) -> Markup:
    corners = f"{x:.1f},{y - 6:.1f} {x + 6:.1f},{y:.1f} {x:.1f},{y + 6:.1f} {x - 6:.1f},{y:.1f}"
    return tag("polygon", tag("title", title), points=corners, class_="last")


def _today(as_of: date, scale: DayScale, top: float, bottom: float, language: Language) -> Iterator[Markup]:
    if not scale.first_day <= as_of <= scale.last_day:
        return
    x = scale.start(as_of)
    said = phrase("today", language, day=short_day(as_of, language))
    # The label keeps inside the picture at both ends of the window.
    centre = min(max(x, scale.left + text_width(said, 12) / 2), scale.right - text_width(said, 12) / 2)
    yield line(x, top - 6, x, bottom, "today", title=said)
    yield label(centre, top - 34, said, css="today-label small mid")
    yield line(x, top - 30, x, top - 24, "today")


def _axis(scale: DayScale, top: float, bottom: float, language: Language) -> Iterator[Markup]:
    """Ticks by month, quarter or year, whichever leaves room for its names."""
    days = (scale.last_day - scale.first_day).days
    step = 1 if days <= _MONTHS_SHOWN else 3 if days <= _QUARTERS_SHOWN else 12
    for day in _firsts(scale, step):
        x = scale.start(day)
        first_of_year = day.month == 1
        yield line(x, top - 6, x, bottom, "grid-year" if first_of_year else "grid")
        name = str(day.year) if first_of_year else short_month(day, language)
        if x + text_width(name, _SMALL) < scale.right:
            yield label(x + 3, top - 10, name, css="small strong" if first_of_year else "small muted")
    yield line(scale.left, top, scale.right, top, "grid-strong")


def _firsts(scale: DayScale, step: int) -> Iterator[date]:
    """The first days of months (every `step`-th, counted from January) inside the scale."""
    for year in range(scale.first_day.year, scale.last_day.year + 1):
        firsts = (date(year, month, 1) for month in range(1, 13, step))
        yield from (day for day in firsts if scale.first_day <= day <= scale.last_day)


def _legend(language: Language) -> tuple[Markup, int]:
    """The key to the marks, and how many lines it takes."""
    entries = (
        ("first_term", rect(0, 0, 22, 10, "bar", radius=2)),
        ("renewal_terms", rect(0, 0, 22, 10, "bar-alt", radius=2)),
        ("expected", rect(0, 0, 22, 10, "bar-open", radius=2)),
        ("notice_window", tag("rect", x=0, y=0, width=22, height=10, class_="hatched", fill="url(#notice-hatch)")),
        ("safe_day", line(11, -3, 11, 13, "safe")),
        ("last_day_marker", _diamond(11, 5, phrase("last_day_marker", language))),
        ("ended", line(11, -3, 11, 13, "stop")),
    )
    x, lines, drawn = 12.0, 1, list[Markup]()
    for key, mark in entries:
        said = phrase(key, language)
        width = 28 + text_width(said, _SMALL)
        if x + width > _WIDTH:
            x, lines = 12.0, lines + 1
        place = f"translate({x:.1f} {12 + _LEGEND_LINE * (lines - 1)})"
        drawn.append(tag("g", mark, label(28, 9, said, css="small"), transform=place))
        x += width + 16
    return joined(drawn), lines


def _last(span: Span) -> date:
    return span.last_day or span.first_day
