"""HTML and SVG as nested tags; the one place where text becomes markup.

The rule of the file: a plain `str` is escaped, only `Markup` passes as it is, and `Markup` is made by
nothing but `tag`, `joined` and the two functions of this file. So no title, name or clause can ever
add an element.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from clmcrm.values.wording import Language

# Characters that neither XML 1.0 nor HTML allows, not even as a reference.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ISO_DAY: Final = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b", re.ASCII)
_BESIDE_A_SIGN: Final = re.compile(r"(?<=\S) (?=[:;!?%»](?:\W|$))|(?<=«) ")
_VOID: Final = frozenset({"br", "col", "hr", "img", "link", "meta"})
_NAMES: Final = {"class_": "class", "for_": "for"}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    """`text` with everything that could be read as markup replaced; usable between tags and in attributes.

    >>> escaped('Durand & "Sons" <b>')
    'Durand &amp; &quot;Sons&quot; &lt;b&gt;'
    """
    if isinstance(text, Markup):
        return text
    clean = _FORBIDDEN.sub("\ufffd", text)
    pairs = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"), ("\r", "&#13;"))
    for plain, reference in pairs:
        clean = clean.replace(plain, reference)
    return Markup(clean)


def tag(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """The element `name` with `children` in it.

    An attribute's underscores become hyphens (`class_` is `class`); one that is None is left out, and
    numbers are written with at most one decimal.

    >>> tag("text", "a < b", class_="label", x=2.0, data_key=None)
    '<text class="label" x="2">a &lt; b</text>'
    """
    parts = [name]
    for key, value in attributes.items():
        if value is not None:
            shown = value if isinstance(value, str) else number(value)
            parts.append(f'{_NAMES.get(key, key.replace("_", "-"))}="{escaped(shown)}"')
    opening = f"<{' '.join(parts)}>"
    if name in _VOID:
        return Markup(opening)
    return Markup(f"{opening}{joined(children)}</{name}>")


def joined(children: Iterable[str], between: str = "") -> Markup:
    """`children` one after another, the plain ones escaped, with `between` (escaped too) in between.

    >>> joined(["1 < 2", tag("b", "!")])
    '1 &lt; 2<b>!</b>'
    """
    return Markup(escaped(between).join(escaped(child) for child in children))


def prose(text: str, language: Language = "en") -> Markup:
    r"""`text` escaped, with every ISO date in a `<time>` element, so that no line breaks inside one.

    In French no line begins with the sign that ends a word there (`: ; ! ? % »`), and none ends with `«`.

    >>> prose("ends 2026-03-31 & not later")
    'ends <time datetime="2026-03-31">2026-03-31</time> &amp; not later'
    >>> prose("dès ce jour : pas avant", "fr")
    'dès ce jour\xa0: pas avant'
    """
    parts = _ISO_DAY.split(_BESIDE_A_SIGN.sub("\u00a0", text) if language == "fr" else text)
    return joined(tag("time", part, datetime=part) if i % 2 and _is_day(part) else part for i, part in enumerate(parts))


def _is_day(text: str) -> bool:
    """Whether there is such a day: a number such as CT-2024-13-45 only looks like one."""
    try:
        _ = date.fromisoformat(text)
    except ValueError:
        return False
    return True


def stylesheet(css: str) -> Markup:
    """The `<style>` element of `css`, which is our own text and holds no `<`.

    >>> stylesheet("p { margin: 0 }")
    '<style>p { margin: 0 }</style>'
    """
    assert "<" not in css  # noqa: S101 - style sheets are constants of this package
    return Markup(f"<style>{css}</style>")


def number(value: float) -> str:
    """`value` with at most one decimal, the same text on every machine.

    >>> number(12.04), number(-0.01), number(7)
    ('12', '0', '7')
    """
    shown = f"{value:.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown
