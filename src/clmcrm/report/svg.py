"""A few primitives that every picture is drawn with: scale, text that fits, bars, lines, legend.

The rule of the file: coordinates are pixels from the top left corner; each mark that stands for a record
carries a `<title>` that says what it is.
"""

from __future__ import annotations

from datetime import date
from itertools import accumulate, takewhile
from typing import Final

from attrs import frozen

from clmcrm.report.markup import Markup, joined, stylesheet, tag
from clmcrm.report.style import PICTURE_CSS, root_css

# Advance widths in thousandths of the font size, by class of letter: slightly wider than the widest of the
# usual sans-serif fonts, so that a text that is said to fit does.
_WIDTHS: Final = {
    letter: width
    for letters, width in (
        ("ijl.,:;|'!", 290),
        ("ft()[]{}/ rI-\u00a0\u202f", 390),
        ("Jacskvxyz?", 560),
        ("bdeghnopqu0123456789L_+=<>~", 625),
        ("ABCEFGKNPRSTUVXYZ&", 720),
        ("DHOQ", 790),
        ("mwMW@%", 960),
    )
    for letter in letters
}
_OTHER: Final = 700
_WIDE: Final = 1050
_FIRST_WIDE: Final = "\u1100"
_ELLIPSIS: Final = "…"


@frozen
class DayScale:
    """Days to pixels: `first_day` starts at `left`, and `last_day` ends at `right` (it is inside).

    >>> scale = DayScale(date(2026, 1, 1), date(2026, 1, 10), 0, 100)
    >>> scale.start(date(2026, 1, 2)), scale.stop(date(2026, 1, 10))
    (10.0, 100.0)
    """

    first_day: date
    last_day: date
    left: float
    right: float

    def start(self, day: date) -> float:
        """Where `day` begins, held inside the scale."""
        return self._at((day - self.first_day).days)

    def stop(self, day: date) -> float:
        """Where `day` ends, held inside the scale."""
        return self._at((day - self.first_day).days + 1)

    def _at(self, days: int) -> float:
        whole = (self.last_day - self.first_day).days + 1
        return self.left + (self.right - self.left) * min(max(days, 0), whole) / whole


def text_width(text: str, size: float = 13) -> float:
    """About how wide `text` is in pixels at font size `size`; an upper bound for common fonts.

    >>> text_width("mm") > text_width("ii")
    True
    """
    return sum(map(_advance, text)) * size / 1000


def _advance(letter: str) -> int:
    return _WIDTHS.get(letter, _WIDE if letter >= _FIRST_WIDE else _OTHER)


def fitted(text: str, room: float, size: float = 13) -> str:
    """`text`, shortened with an ellipsis where it is wider than `room` pixels.

    >>> fitted("Maintenance of lifts", 60), fitted("Lifts", 60)
    ('Mainte…', 'Lifts')
    """
    if text_width(text, size) <= room:
        return text
    widths = accumulate(map(_advance, text), initial=_advance(_ELLIPSIS))
    kept = sum(1 for _ in takewhile(lambda width: width * size / 1000 <= room, widths)) - 1
    return text[: max(kept, 0)].rstrip() + _ELLIPSIS


def label(x: float, y: float, text: str, *, room: float | None = None, css: str = "", size: float = 13) -> Markup:
    """`text` with its baseline at `y`; where it is cut to `room`, its `<title>` holds all of it."""
    shown = text if room is None else fitted(text, room, size)
    whole = () if shown == text else (tag("title", text),)
    return tag("text", *whole, shown, x=x, y=y, class_=css or None)


def rect(x: float, y: float, width: float, height: float, css: str, *, title: str = "", radius: float = 0) -> Markup:
    """A rectangle of the class `css`."""
    inside = (tag("title", title),) if title else ()
    return tag("rect", *inside, x=x, y=y, width=max(width, 0), height=height, rx=radius or None, class_=css)


def line(x1: float, y1: float, x2: float, y2: float, css: str, *, title: str = "") -> Markup:
    """A straight line of the class `css`."""
    inside = (tag("title", title),) if title else ()
    return tag("line", *inside, x1=x1, y1=y1, x2=x2, y2=y2, class_=css)


def hatch(name: str) -> Markup:
    """The definition of a hatched pattern, to be used as `fill="url(#name)"`."""
    stroke = line(0, 0, 0, 7, "hatch")
    pattern = tag(
        "pattern", stroke, id=name, width=7, height=7, patternUnits="userSpaceOnUse", patternTransform="rotate(45)"
    )
    return tag("defs", pattern)


def picture(width: float, height: float, *marks: str, title: str, name: str, standalone: bool = False) -> Markup:
    """The `<svg>` of `marks`, called `title`; `name` prefixes its ids and must be unique on its page.

    A `standalone` one carries its own style sheet and ground, and can be saved as a file.
    """
    heading = tag("title", title, id=f"{name}-title")
    own = (stylesheet(root_css(".pic") + PICTURE_CSS), rect(0, 0, width, height, "ground")) if standalone else ()
    return tag(
        "svg",
        heading,
        *own,
        joined(marks, "\n"),
        xmlns="http://www.w3.org/2000/svg",
        class_="pic",
        role="img",
        aria_labelledby=f"{name}-title",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=width,
        height=height,
    )
