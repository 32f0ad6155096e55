"""The view of an account as a page, as JSON, and as what a REPL and a notebook show.

The rule of the file: everything is drawn from the view as the reader may see it, and a word stands in the place of
what is withheld. The page needs nothing else: no script, no network, no file beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast

import attrs
from attrs import field, frozen

from clmcrm.bridge.account_access import EVERYTHING, AccountShown, account_shown
from clmcrm.bridge.account_view import AccountView
from clmcrm.parties.access import Access, Shown, is_withheld
from clmcrm.report.account_sections import account_cards, account_sections
from clmcrm.report.lanes import Timeline
from clmcrm.report.markup import Markup, joined, prose, stylesheet, tag
from clmcrm.report.monospace import one_line
from clmcrm.report.page_css import PAGE_CSS
from clmcrm.report.phrases import phrase, short_day
from clmcrm.report.plain_data import Plain
from clmcrm.report.sections import Card, Section, scrolling, table_html
from clmcrm.report.style import PICTURE_CSS, root_css
from clmcrm.report.timeline import timeline_drawing
from clmcrm.report.withholding import timeline_for
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.validators import instance, maybe
from clmcrm.values.wording import Language, Wording

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


@frozen(kw_only=True, repr=False)
class AccountPage:
    """A view to look at: `access` None shows everything, `timeline` is drawn when given.

    A notebook shows its cards and the next days; `html()` is the whole page.
    """

    view: AccountView = field(validator=instance(AccountView))
    language: Language = "en"
    access: Access | None = field(default=None, validator=maybe(instance(Access)))
    timeline: Timeline | None = field(default=None, validator=maybe(instance(Timeline)))

    def html(self) -> str:
        """The whole page as HTML text; the same view gives the same bytes."""
        return render_account(self.view, self.language, access=self.access, timeline=self.timeline)

    def data(self) -> dict[str, Plain]:
        """The view as plain dicts and lists, ready for `json.dumps`."""
        return account_data(self.view, self.language, access=self.access)

    def __repr__(self) -> str:
        """One line: the account, what runs, and what comes next, as far as it may be seen."""
        shown = account_shown(self.view, self.access or EVERYTHING)
        cards = "; ".join(f"{card.label} {card.value}" for card in account_cards(shown, self.view, self.language))
        return one_line(f"AccountPage({_title(shown, self.language)}: {cards})")

    def _repr_html_(self) -> str:
        """What a notebook shows: the cards, and the days that come next."""
        shown = account_shown(self.view, self.access or EVERYTHING)
        days = account_sections(shown, self.view, self.language)[0]
        cards = account_cards(shown, self.view, self.language)
        # No style sheet: it would restyle the notebook around it.
        figures = tag("ul", *(tag("li", card.label, " ", tag("strong", card.value)) for card in cards))
        return tag("div", tag("h3", _title(shown, self.language)), figures, table_html(days, self.language))


def render_account(
    view: AccountView, language: Language = "en", *, access: Access | None = None, timeline: Timeline | None = None
) -> str:
    """The view as one HTML page, offline, printable and readable aloud.

    With `access`, a word stands in the place of what its roles may not see.

    >>> from clmcrm.parties.accounts import Account
    >>> view = AccountView(account=Account(id="a", name="Durand & Sons"), as_of=date(2026, 1, 1))
    >>> "Durand &amp; Sons" in render_account(view, "fr")
    True
    """
    shown = account_shown(view, access or EVERYTHING)
    title = _title(shown, language)
    sections = account_sections(shown, view, language)
    parts = [(section.heading, _table(section, language)) for section in sections]
    if timeline is not None:
        names = {member.id: member.name for member in view.group}
        drawing = timeline_drawing(timeline_for(timeline, access, language), names, language)
        parts.insert(1, (drawing.table.heading, _figure(drawing.picture, drawing.table, language)))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        stylesheet(root_css(":root") + PAGE_CSS + PICTURE_CSS),
    )
    body = tag(
        "body",
        tag("a", phrase("skip", language), href="#content", class_="skip"),
        _header(title, view.as_of, language),
        _contents([heading for heading, _ in parts], language),
        tag(
            "main",
            _cards(account_cards(shown, view, language)),
            joined((_part(heading, content, i) for i, (heading, content) in enumerate(parts, 1)), "\n"),
            id="content",
        ),
        tag("footer", tag("p", phrase("not_law", language))),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang=language)}\n"


def account_data(view: AccountView, language: Language = "en", *, access: Access | None = None) -> dict[str, Plain]:
    """The view as plain dicts and lists: days and instants are ISO texts, amounts texts beside their currency.

    With `access`, what its roles may not see is {"withheld": true}. Problems in the records name records and
    fields only, and are told to everybody.
    """
    shown = account_shown(view, access or EVERYTHING)
    made: dict[str, Plain] = {"as_of": None if view.as_of is None else str(view.as_of)}
    for attribute in attrs.fields(AccountShown):
        value: Shown | tuple[Shown, ...] = getattr(shown, attribute.name)
        if isinstance(value, Shown):
            made[attribute.name] = plain(value.fields, language)
        else:
            made[attribute.name] = [plain(row.fields, language) for row in value]
    made["problems"] = [str(problem) for problem in view.problems]
    return made


def plain(value: object, language: Language) -> Plain:
    """A value as JSON can hold it, texts in `language`.

    >>> plain(Money(3, "EUR"), "en")
    {'amount': '3.00', 'currency': 'EUR'}
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Wording):
        return value.said(language)
    if isinstance(value, Money | UnitPrice):
        return {"amount": f"{value.amount:f}", "currency": value.currency.code}
    if isinstance(value, Decimal):
        return f"{value:f}"  # never 1E+3: a reader takes digits
    if isinstance(value, Mapping):
        return _mapping(cast("Mapping[str, object]", value), language)
    return _several(value, language)


def _several(value: object, language: Language) -> Plain:
    """A list, a record's fields, or the text of what is neither."""
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(one, language) for one in cast("tuple[object, ...]", value)]
    if attrs.has(type(value)):
        parts = attrs.fields(cast("type[Any]", type(value)))
        return {part.name: plain(getattr(value, part.name), language) for part in parts}
    return value.isoformat() if isinstance(value, date) else str(value)


def _mapping(value: Mapping[str, object], language: Language) -> Plain:
    if is_withheld(value):
        return {"withheld": True}
    if set(value) == {"en", "fr"}:
        return plain(value[language], language)
    return {str(key): plain(one, language) for key, one in value.items()}


def _title(shown: AccountShown, language: Language) -> str:
    name = shown.account.fields.get("name")
    withheld = "withheld" if language == "en" else "non communiqué"
    return name if isinstance(name, str) else withheld


def _header(title: str, as_of: date | None, language: Language) -> Markup:
    if as_of is None:
        return tag("header", tag("h1", title))
    day = tag("time", short_day(as_of, language), datetime=str(as_of))
    before, _, after = phrase("as_of", language, day="\0").partition("\0")
    return tag("header", tag("h1", title), tag("p", before, day, after, class_="as-of"))


def _contents(headings: list[str], language: Language) -> Markup:
    links = (tag("li", tag("a", heading, href=f"#part-{i}")) for i, heading in enumerate(headings, 1))
    return tag("nav", tag("ul", *links), aria_label=phrase("contents", language))


def _cards(cards: tuple[Card, ...]) -> Markup:
    return tag("ul", *(_card(card) for card in cards), class_="cards")


def _card(card: Card) -> Markup:
    note = (tag("span", prose(card.note), class_="note"),) if card.note else ()
    name, value = tag("span", card.label, class_="name"), tag("span", card.value, class_="value")
    return tag("li", name, value, *note, class_=f"card card-{card.tone}")


def _part(heading: str, content: Markup, place: int) -> Markup:
    title = tag("h2", heading, id=f"part-{place}-heading")
    return tag("section", title, content, id=f"part-{place}", aria_labelledby=f"part-{place}-heading")


def _table(section: Section, language: Language) -> Markup:
    intro = (tag("p", prose(section.intro, language), class_="intro"),) if section.intro else ()
    return joined([*intro, table_html(section, language)])


def _figure(picture: Markup, table: Section, language: Language) -> Markup:
    data = tag("details", tag("summary", phrase("data", language)), table_html(table, language), class_="data")
    return tag("figure", scrolling(picture, table.heading), data)
