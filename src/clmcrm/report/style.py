"""The look of every page and picture: one palette for light, one for dark, and the style sheets.

The rule of the file: colours have names, and only the palettes hold their values, so that contrast can be
checked by the numbers (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIGHT: Final[Mapping[str, str]] = {
    "page": "#f5f6f8",
    "surface": "#ffffff",
    "sunken": "#eef1f5",
    "ink": "#18202b",
    "muted": "#525d6c",
    "line": "#d8dde5",
    "mark": "#7c8796",
    "accent": "#1f4e8c",
    "on-accent": "#ffffff",
    "accent-soft": "#e3ecf8",
    "bar": "#3b6fb0",
    "bar-alt": "#6b93c6",
    "bar-open": "#dbe6f4",
    "notice": "#a63a00",
    "good": "#17653a",
    "good-soft": "#e2f3e9",
    "warn": "#7d4e00",
    "warn-soft": "#fdf0d5",
    "bad": "#a3182b",
    "bad-soft": "#fce6e8",
}
"""The colours of light mode by name."""

DARK: Final[Mapping[str, str]] = {
    "page": "#10141a",
    "surface": "#191f28",
    "sunken": "#222a35",
    "ink": "#e8ecf2",
    "muted": "#a5b0bf",
    "line": "#343e4c",
    "mark": "#7b8898",
    "accent": "#8db8f0",
    "on-accent": "#0d1622",
    "accent-soft": "#20344f",
    "bar": "#6fa1de",
    "bar-alt": "#4779b4",
    "bar-open": "#26364b",
    "notice": "#ff9d66",
    "good": "#7fd3a1",
    "good-soft": "#173425",
    "warn": "#f0be62",
    "warn-soft": "#3a2d12",
    "bad": "#ff98a3",
    "bad-soft": "#43191f",
}
"""The colours of dark mode by name."""

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

PICTURE_CSS: Final = """
.pic { font-family: var(--font); font-size: 13px; }
.pic text { fill: var(--ink); }
.pic .small { font-size: 11.5px; }
.pic .strong { font-weight: 600; }
.pic .muted { fill: var(--muted); }
.pic .end { text-anchor: end; }
.pic .mid { text-anchor: middle; }
.pic .ground { fill: var(--surface); }
.pic .stripe { fill: var(--sunken); }
.pic .grid { stroke: var(--line); stroke-width: 1; }
.pic .grid-strong { stroke: var(--mark); stroke-width: 1; }
.pic .bar { fill: var(--bar); }
.pic .bar-alt { fill: var(--bar-alt); }
.pic .bar-open { fill: var(--bar-open); stroke: var(--bar); stroke-width: 1; }
.pic .grid-year { stroke: var(--mark); stroke-width: 1; stroke-opacity: .6; }
.pic .window { fill: var(--surface); fill-opacity: .82; }
.pic .hatched { stroke: var(--notice); stroke-width: 1; }
.pic .hatch { stroke: var(--notice); stroke-width: 2; }
.pic .last { fill: var(--notice); }
.pic .safe { stroke: var(--notice); stroke-width: 2.5; }
.pic .stop { stroke: var(--ink); stroke-width: 2.5; }
.pic .today { stroke: var(--bad); stroke-width: 1.5; }
.pic .arrow { fill: none; stroke: var(--surface); stroke-width: 2; }
.pic .today-label { fill: var(--bad); font-weight: 600; }
.pic .kind-notice { fill: var(--notice); }
.pic .kind-end { fill: var(--mark); }
.pic .kind-obligation { fill: var(--bar); }
.pic .box { fill: var(--surface); stroke: var(--mark); stroke-width: 1.25; }
.pic .box-active { fill: var(--accent-soft); stroke: var(--accent); stroke-width: 1.25; }
.pic .box-ended { fill: var(--sunken); stroke: var(--mark); stroke-width: 1.25; }
.pic .box-current { fill: var(--accent); stroke: var(--accent); stroke-width: 1.25; }
.pic .on-current { fill: var(--on-accent); }
.pic .edge path { fill: none; stroke: var(--mark); stroke-width: 1.5; }
.pic .edge.dashed path, .pic .edge .dashed { stroke-dasharray: 5 4; }
.pic .edge.open path { stroke: var(--accent); stroke-width: 2.25; }
.pic .tip { fill: var(--mark); }
.pic .tip-open { fill: var(--accent); }
.pic .chip { fill: var(--surface); stroke: var(--mark); stroke-width: 1; }
.pic .chip-auto { fill: var(--sunken); stroke: var(--mark); stroke-width: 1; }
.pic .chip-text { font-size: 10px; font-weight: 600; text-anchor: middle; }
"""
"""The classes of every picture."""


def variables(palette: Mapping[str, str]) -> str:
    """The palette as CSS custom properties.

    >>> variables({"ink": "#000000"})
    '--ink: #000000;'
    """
    return " ".join(f"--{name}: {value};" for name, value in palette.items())


def root_css(selector: str) -> str:
    """The palettes on `selector`: light, and dark where the reader prefers it; print is always light.

    >>> root_css(":root").splitlines()[0][:18]
    ':root { --font: sy'
    """
    return (
        f"{selector} {{ --font: {FONT}; color-scheme: light dark; {variables(LIGHT)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ {selector} {{ {variables(DARK)} }} }}\n"
    )
