"""The report as one HTML page that needs nothing else: no script, no network, no file beside it.

The rule of the file: what is drawn stands in a table too, and every day can be opened to see why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import attrs
from attrs import field, frozen

from clmcrm.analytics.exposure import Exposures
from clmcrm.analytics.portfolio import Agenda
from clmcrm.parties.access import Access
from clmcrm.report.charts import exposure_drawing, months_drawing
from clmcrm.report.lanes import Timeline
from clmcrm.report.markup import Markup, joined, prose, stylesheet, tag
from clmcrm.report.page_agenda import agenda_part, decisions_part, undated_section
from clmcrm.report.page_css import PAGE_CSS
from clmcrm.report.phrases import amount_words, counted, number_words, phrase, short_day
from clmcrm.report.sections import Card, Drawing, Part, Section, Tone, scrolling, table_html
from clmcrm.report.style import PICTURE_CSS, root_css
from clmcrm.report.timeline import timeline_drawing
from clmcrm.report.withholding import WORD, agenda_for, sees_exposures, sees_own_parts, timeline_for
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money
from clmcrm.values.validators import each, instance, maybe, plain_date, text
from clmcrm.values.wording import Language

_SOON_DAYS: Final = 30
_LATER_DAYS: Final = 90
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


@frozen(kw_only=True)
class Report:
    """Everything a report shows.

    `cards` are key figures (empty: those that follow from the agenda and the exposures). `exposures` and
    `timeline` are drawn when given. `names` call the counterparties. `sections` are further tables in the
    caller's own words (contradictions, a plan, problems), shown in their order. `assumptions` say in words
    which calendars, rates and sources were used.
    """

    title: str = field(validator=text)
    as_of: date = field(validator=plain_date)
    agenda: Agenda = field(validator=instance(Agenda))
    cards: tuple[Card, ...] = field(default=(), validator=each(instance(Card)))
    exposures: Exposures | None = field(default=None, validator=maybe(instance(Exposures)))
    timeline: Timeline | None = field(default=None, validator=maybe(instance(Timeline)))
    names: Mapping[AccountId, str] = field(factory=dict[AccountId, str], hash=False)
    sections: tuple[Section, ...] = field(default=(), validator=each(instance(Section)))
    assumptions: tuple[str, ...] = field(default=(), validator=each(text))


def render_html(report: Report, language: Language = "en", *, access: Access | None = None) -> str:
    """The whole page as HTML text; the same report gives the same bytes.

    With `access`, a word stands in the place of what its roles may not see: the caller's own cards, sections
    and assumptions too, unless the policy grants them (kind "report"). Raises `AccessRefused` when the days
    and contracts themselves may not be seen.

    >>> from clmcrm.values.wording import Language
    >>> empty = Agenda(first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), entries=(), undated=())
    >>> page = render_html(Report(title="Durand & Sons", as_of=date(2026, 1, 1), agenda=empty), "fr")
    >>> page.splitlines()[:2]
    ['<!DOCTYPE html>', '<html lang="fr"><head><meta charset="utf-8">']
    """
    report = _seen(report, access, language)
    parts = tuple(_parts(report, language, exposed=sees_exposures(access)))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        "\n",
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", report.title),
        stylesheet(root_css(":root") + PAGE_CSS + PICTURE_CSS),
    )
    body = tag(
        "body",
        tag("a", phrase("skip", language), href="#content", class_="skip"),
        _header(report, language),
        _contents(parts, language),
        tag(
            "main",
            _cards(report, language),
            joined((_part(part, i) for i, part in enumerate(parts, 1)), "\n"),
            id="content",
        ),
        _footer(report, language),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang=language)}\n"


def summary_cards(report: Report, language: Language = "en") -> tuple[Card, ...]:
    """The key figures that follow from the agenda and the exposures themselves."""
    notices = [e for e in report.agenda.entries if e.deadline is not None]
    cards = [
        Card(
            label=phrase("within", language, days=days),
            value=str(sum((e.safe_day - report.as_of).days <= days for e in notices)),
            tone=Tone.WARN if days == _SOON_DAYS else Tone.PLAIN,
        )
        for days in (_SOON_DAYS, _LATER_DAYS)
    ]
    if report.exposures is not None:
        whole = report.exposures.whole
        value = whole.value
        # A card may be narrower than its amount: here the currency may stand on a line of its own.
        shown = amount_words(value, language).replace("\u00a0", " ") if isinstance(value, Money) else str(value)
        note = counted("contracts_counted", whole.population, language)
        cards.append(Card(label=phrase("value", language), value=shown, note=note))
    unknown = sum(not undated.known for undated in report.agenda.undated)
    tone = Tone.BAD if unknown else Tone.GOOD
    cards.append(
        Card(label=phrase("undated", language), value=str(unknown), note=phrase("undated_unknown", language), tone=tone)
    )
    return tuple(cards)


def _seen(report: Report, access: Access | None, language: Language) -> Report:
    """The report with a word in the place of what may not be seen."""
    if access is None:
        return report
    word = WORD.said(language)
    sections = tuple(Section(heading=word, columns=(), empty=word) for _ in report.sections)
    seen = attrs.evolve(
        report,
        agenda=agenda_for(report.agenda, access, language),
        timeline=None if report.timeline is None else timeline_for(report.timeline, access, language),
        exposures=report.exposures if sees_exposures(access) else None,
        sections=report.sections if sees_own_parts(access, "sections") else sections,
        cards=report.cards if sees_own_parts(access, "cards") else (),
        assumptions=report.assumptions if sees_own_parts(access, "assumptions") else (word,) * bool(report.assumptions),
    )
    hidden = report.exposures is not None and seen.exposures is None
    cards = summary_cards(seen, language)
    value = Card(label=phrase("value", language), value=word)
    return attrs.evolve(seen, cards=(*cards[:-1], value, cards[-1])) if hidden and not seen.cards else seen


def _parts(report: Report, language: Language, *, exposed: bool) -> Iterator[Part]:
    """Each part of the page, in order."""
    names, agenda = report.names, report.agenda
    yield decisions_part(agenda, report.as_of, names, language)
    if report.timeline is not None:
        drawing = timeline_drawing(report.timeline, names, language)
        yield Part(heading=drawing.table.heading, content=_figure(drawing, language))
    yield agenda_part(agenda, report.as_of, names, language)
    drawing = months_drawing(agenda, language)
    paired = report.exposures is not None
    yield Part(heading=drawing.table.heading, content=_figure(drawing, language), narrow=paired)
    if report.exposures is not None:
        yield _exposures(report.exposures, names, language)
    elif not exposed:
        yield Part(heading=phrase("exposure", language), content=tag("p", WORD.said(language), class_="empty"))
    for section in (*report.sections, undated_section(agenda, language)):
        yield Part(heading=section.heading, content=_table(section, language))


def _part(part: Part, place: int) -> Markup:
    title = tag("h2", part.heading, id=f"part-{place}-heading")
    css = "narrow" if part.narrow else None
    return tag("section", title, part.content, id=f"part-{place}", class_=css, aria_labelledby=f"part-{place}-heading")


def _header(report: Report, language: Language) -> Markup:
    day = tag("time", short_day(report.as_of, language), datetime=str(report.as_of))
    before, _, after = phrase("as_of", language, day="\0").partition("\0")
    return tag("header", tag("h1", report.title), tag("p", before, day, after, class_="as-of"))


def _contents(parts: tuple[Part, ...], language: Language) -> Markup:
    links = (tag("li", tag("a", part.heading, href=f"#part-{i}")) for i, part in enumerate(parts, 1))
    return tag("nav", tag("ul", *links), aria_label=phrase("contents", language))


def _cards(report: Report, language: Language) -> Markup:
    cards = report.cards or summary_cards(report, language)
    return tag("ul", *(_card(card) for card in cards), class_="cards")


def _card(card: Card) -> Markup:
    note = (tag("span", card.note, class_="note"),) if card.note else ()
    name, value = tag("span", card.label, class_="name"), tag("span", card.value, class_="value")
    return tag("li", name, value, *note, class_=f"card card-{card.tone}")


def _figure(drawing: Drawing, language: Language) -> Markup:
    """The picture in a box that scrolls sideways, and its figures as a table that can be opened."""
    picture = scrolling(drawing.picture, drawing.table.heading)
    table = tag("details", tag("summary", phrase("data", language)), table_html(drawing.table, language), class_="data")
    return tag("figure", picture, table)


def _exposures(exposures: Exposures, names: Mapping[AccountId, str], language: Language) -> Part:
    drawing = exposure_drawing(exposures, names, language)
    whole = exposures.whole
    value = whole.value
    shown = amount_words(value, language) if isinstance(value, Money) else str(value)
    contracts = counted("contracts_counted", whole.population, language)
    said = phrase("exposure_of", language, total=shown, contracts=contracts)
    intro = tag("p", f"{said}. {phrase('exposure_rule', language)}", class_="intro")
    left: tuple[Markup, ...] = ()
    if whole.left_out:
        colon = phrase("colon", language)
        # A record's name may turn its direction (U+202E): that ends with it.
        reasons = ((tag("bdi", one.record), f"{colon}{one.said(language)}") for one in whole.left_out)
        listed = tag("ul", *(tag("li", record, prose(why, language)) for record, why in reasons))
        said = f"{phrase('left_out', language)}{colon}{len(whole.left_out)}"
        left = (tag("details", tag("summary", said), listed, class_="data"),)
    content = joined([intro, _figure(drawing, language), *left])
    return Part(heading=drawing.table.heading, content=content, narrow=True)


def _table(part: Section, language: Language) -> Markup:
    intro = (tag("p", prose(part.intro, language), class_="intro"),) if part.intro else ()
    return joined([*intro, table_html(part, language)])


def _footer(report: Report, language: Language) -> Markup:
    said = [*report.assumptions, *_rates(report, language), phrase("not_law", language)]
    listed = tag("ul", *(tag("li", prose(line, language)) for line in said))
    return tag("footer", tag("h2", phrase("assumptions", language)), listed)


def _rates(report: Report, language: Language) -> Iterator[str]:
    for rate in report.exposures.whole.rates if report.exposures is not None else ():
        yield phrase(
            "rate",
            language,
            source=rate.source,
            target=rate.target,
            factor=number_words(rate.factor, language),
            on=short_day(rate.on, language),
            by=rate.by,
        )
