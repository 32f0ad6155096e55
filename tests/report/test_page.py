from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest

from clmcrm.analytics.exposure import exposure
from clmcrm.analytics.portfolio import Agenda, Undated, agenda
from clmcrm.calendars.adjustments import Convention
from clmcrm.clm.stage_words import STAGES
from clmcrm.errors import InvalidRecord
from clmcrm.report import phrases
from clmcrm.report.page import Report, render_html, summary_cards
from clmcrm.report.phrases import DECISIONS, KINDS, PHRASES
from clmcrm.report.plain_data import agenda_data
from clmcrm.report.plan_phrases import OPS, PLAN_PHRASES
from clmcrm.report.sections import Card, Cell, Column, Section, Tone, section
from clmcrm.report.tables import agenda_table
from clmcrm.values.ids import ContractId
from clmcrm.values.rates import RateTable
from clmcrm.values.wording import Wording

VOID = {"meta", "br", "hr", "img", "link", "col", "input"}
EMPTY = Agenda(first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), entries=(), undated=())
NO_RATES = RateTable([])


class Page(HTMLParser):
    """The elements of a page, checked for balance while they are read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def plain(self) -> str:
        """All its words, with ordinary spaces where a line must not break."""
        return "".join(self.words).replace("\u00a0", " ")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def classed(self, css: str) -> list[dict[str, str | None]]:
        return [a for _, a in self.elements if css in (a.get("class") or "").split()]


@pytest.fixture(scope="module", params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def text(portfolio: Any, language: Any) -> str:
    return render_html(portfolio.report, language)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_page_is_balanced_and_says_its_language(page: Page, language: str) -> None:
    assert page.all("html") == [{"lang": language}]
    assert len(page.all("title")) >= 1
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1


def test_the_page_needs_nothing_from_outside(text: str, page: Page) -> None:
    assert page.all("script") == []
    assert page.all("link") == []
    assert page.all("img") == []
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset", "xlink:href"):
            value = attributes.get(name)
            assert value is None or value.startswith("#")
    css = re.sub(r"url\(#[a-z-]+\)", "", text)
    assert "url(" not in css
    assert re.findall(r"https?://[^\"< ]*", text) == ["http://www.w3.org/2000/svg"] * 3


def test_every_id_is_there_once_and_every_reference_finds_one(page: Page) -> None:
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        href = attributes.get("href")
        referred = [href[1:]] if href else []
        referred += (attributes.get("aria-labelledby") or "").split()
        assert set(referred) <= set(ids)


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_table_has_headed_columns_and_rows_and_a_caption(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table")) > 5
    assert {a.get("scope") for a in page.all("th")} == {"col", "row"}


def test_every_picture_has_a_name_and_can_be_scrolled_by_keyboard(page: Page) -> None:
    for attributes in page.all("svg"):
        assert attributes["role"] == "img"
        assert attributes["aria-labelledby"]
    assert all(a.get("tabindex") == "0" and a.get("aria-label") for a in page.classed("scroll"))


def test_every_entry_of_the_agenda_has_a_row_that_can_be_opened(portfolio: Any, page: Page) -> None:
    rows = [a for a in page.all("tr") if (a.get("class") or "").startswith("kind-")]
    assert len(rows) == len(portfolio.agenda.entries) > 20


def test_every_step_of_every_entry_can_be_read(portfolio: Any, page: Page, language: Any) -> None:
    words = page.plain
    for entry in portfolio.agenda.entries:
        for step in entry.steps:
            assert step.said(language) in words


def test_the_next_decisions_are_led_by_the_earliest_safe_day(portfolio: Any, page: Page) -> None:
    assert len(page.classed("decision")) == 6
    safe = sorted(e.safe_day for e in portfolio.agenda.entries if e.deadline)[:6]
    times = [a["datetime"] for _, a in page.elements if "datetime" in a]
    assert times[1] == str(safe[0])


def test_what_has_no_date_is_listed_with_its_reason(portfolio: Any, page: Page) -> None:
    words = page.plain
    assert len(portfolio.agenda.undated) >= 3
    language = page.elements[0][1]["lang"]
    assert all(undated.said(language) in words for undated in portfolio.agenda.undated)


def test_the_sections_of_the_caller_are_shown_in_their_order(page: Page) -> None:
    words = "".join(page.words)
    assert words.index("What the quote promised") < words.index("CRM wins")
    assert len(page.classed("tone-bad")) >= 2


def test_hostile_texts_stay_texts(portfolio: Any) -> None:
    hostile = '</title><script>alert(1)</script><img src="http://x.example/" onerror=alert(1)>'
    report = attrs.evolve(
        portfolio.report,
        title=hostile,
        sections=(section(hostile, (hostile, "b"), ((hostile, Cell(hostile, more=(hostile,))),), intro=hostile),),
        assumptions=(hostile,),
        cards=(Card(label=hostile, value=hostile, note=hostile),),
        names=dict.fromkeys(portfolio.names, hostile),
    )
    page = Page(render_html(report))
    assert page.all("script") == []
    assert page.all("img") == []
    assert hostile in "".join(page.words)


def test_a_text_that_turns_its_direction_does_not_turn_the_day_and_the_amount_beside_it(portfolio: Any) -> None:
    """An unclosed U+202E goes on to the end of its block: 1,200.00 EUR would read RUE 00.002,1."""
    turned = Wording("Rent \u202e", "Loyer \u202e")
    agenda = portfolio.report.agenda
    entries = tuple(attrs.evolve(entry, what=turned, title="Lease \u202e") for entry in agenda.entries)
    text = render_html(attrs.evolve(portfolio.report, agenda=attrs.evolve(agenda, entries=entries), timeline=None))
    table = text[text.index('class="agenda"') : text.index("</table>", text.index('class="agenda"'))]
    assert table.count("\u202e") == 2 * len(entries)
    assert table.count("\u202e</bdi>") == 2 * len(entries)
    assert "\u202e: " not in text
    decisions = text[text.index('class="decisions"') : text.index("</ol>", text.index('class="decisions"'))]
    assert decisions.count("Rent \u202e</bdi>") == decisions.count("<h3>") > 0


def test_the_same_report_gives_the_same_bytes(portfolio: Any, text: str, language: Any) -> None:
    assert render_html(attrs.evolve(portfolio.report), language) == text


def test_french_pages_hold_no_english_phrase(portfolio: Any) -> None:
    words = "".join(Page(render_html(portfolio.report, "fr")).words)
    for key in ("decisions", "agenda", "timeline", "exposure", "undated", "why", "assumptions", "not_law"):
        assert PHRASES[key].fr in words
        assert PHRASES[key].en not in words


@pytest.mark.parametrize("table", [PHRASES, KINDS, DECISIONS, STAGES])
def test_both_languages_take_the_same_facts(table: Any) -> None:
    for wording in table.values():
        assert set(re.findall(r"{(\w+)}", wording.en)) == set(re.findall(r"{(\w+)}", wording.fr))


@pytest.mark.parametrize("table", [PHRASES, KINDS, DECISIONS, STAGES, PLAN_PHRASES, OPS])
def test_no_french_line_begins_with_a_punctuation_mark(table: Any) -> None:
    assert [wording.fr for wording in table.values() if re.search(" [:;?!»]|« ", wording.fr)] == []


def test_no_line_of_a_french_page_begins_with_a_punctuation_mark(portfolio: Any) -> None:
    """The sentences of the engines, with an ordinary space there, broke before their colons."""
    odd = section("t", ("c",), (("le temps se compte selon : 5 % ; « non »",), ("a:b; ratio 1 :2",)))
    page = Page(render_html(attrs.evolve(portfolio.report, sections=(odd,)), "fr"))
    told = [words for words in page.words if words.strip() and words != "a:b; ratio 1 :2" and ":root" not in words]
    assert [words for words in told if re.search(r" [:;!?%»]|« ", words)] == []
    assert "le temps se compte selon\xa0: 5\xa0%\xa0; «\xa0non\xa0»" in told
    assert "a:b; ratio 1 :2" in page.words  # no end of a word: left as it is written
    english = Page(render_html(attrs.evolve(portfolio.report, sections=(odd,))))
    assert "le temps se compte selon : 5 % ; « non »" in english.words


def test_every_phrase_is_said_somewhere() -> None:
    room = Path(phrases.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in room.glob("*.py"))
    # Once where it is defined, and at least once where it is said; that of one goes with that of several.
    assert {key.removesuffix("_one") for key in PHRASES if key.endswith("_one")} <= PHRASES.keys()
    assert [key for key in PHRASES if len(re.findall(f"[\"']{key.removesuffix('_one')}[\"']", source)) < 2] == []


def test_an_empty_report_says_that_nothing_is_due() -> None:
    page = Page(render_html(Report(title="Nothing", as_of=date(2026, 1, 1), agenda=EMPTY)))
    assert PHRASES["no_entries"].en in page.words


def test_a_safe_day_that_has_passed_is_said_in_words(portfolio: Any) -> None:
    late = attrs.evolve(portfolio.report, as_of=date(2026, 3, 28))
    assert "safe day passed 2 days ago" in "".join(Page(render_html(late)).words)


@pytest.mark.parametrize(
    ("left", "english", "french"),
    [
        (2, "2 days left", "2 jours restants"),
        (1, "1 day left", "1 jour restant"),
        (0, "0 days left", "0 jour restant"),
        (-1, "safe day passed 1 day ago", "date sûre dépassée de 1 jour"),
        (-2, "safe day passed 2 days ago", "date sûre dépassée de 2 jours"),
    ],
)
def test_one_day_is_not_several(portfolio: Any, left: int, english: str, french: str) -> None:
    first = min((e for e in portfolio.agenda.entries if e.deadline is not None), key=lambda entry: entry.safe_day)
    near = attrs.evolve(portfolio.agenda, entries=(first,))
    report = Report(title="t", as_of=first.safe_day - timedelta(days=left), agenda=near)
    assert f">{english}<" in render_html(report)
    assert f">{french}<" in render_html(report, "fr")


@pytest.mark.parametrize(
    ("language", "several", "one"),
    [
        ("en", ["The next 2 notices,", "2 contracts", "over 2 contracts", "2 contracts from"],
               ["The next notice,", "1 contract", "over 1 contract", "1 contract from"]),
        ("fr", ["Les 2 prochains préavis,", "2 contrats", "pour 2 contrats", "2 contrats du"],
               ["Le prochain préavis,", "1 contrat", "pour 1 contrat", "1 contrat du"]),
    ],
)  # fmt: skip
def test_one_notice_and_one_contract_are_not_several(
    portfolio: Any, language: Any, several: list[str], one: list[str]
) -> None:
    for count, said in ((2, several), (1, one)):
        noticed = [entry for entry in portfolio.agenda.entries if entry.deadline is not None][:count]
        whole = attrs.evolve(portfolio.exposures.whole, population=count)
        report = attrs.evolve(
            portfolio.report,
            agenda=attrs.evolve(portfolio.agenda, entries=tuple(noticed)),
            exposures=attrs.evolve(portfolio.exposures, whole=whole),
            timeline=attrs.evolve(portfolio.timeline, lanes=portfolio.timeline.lanes[:count]),
        )
        page = render_html(report, language)
        for words in said:
            assert re.search(rf"{words}(?!s)", page), words


def test_nothing_is_several_in_english_and_none_is_one_in_french() -> None:
    report = Report(
        title="t", as_of=date(2026, 1, 1), agenda=EMPTY, exposures=exposure([], date(2026, 1, 1), NO_RATES, "EUR")
    )
    assert "over 0 contracts." in render_html(report)
    assert "pour 0 contrat." in render_html(report, "fr")


def test_cards_count_notices_by_their_safe_day(portfolio: Any) -> None:
    values = {card.label: card.value for card in summary_cards(portfolio.report)}
    assert values["Notices within 30 days"] == "5"
    assert values["Value per year"] == "394,971.82 EUR"


def test_a_card_of_what_is_not_known_is_good_only_when_all_is_known() -> None:
    unknown = Undated(contract=ContractId("c"), number="", title="t", reason="r", known=False)
    for undated, tone in (((), Tone.GOOD), ((unknown,), Tone.BAD)):
        agenda = attrs.evolve(EMPTY, undated=undated)
        assert summary_cards(Report(title="t", as_of=date(2026, 1, 1), agenda=agenda))[-1].tone is tone


def test_why_there_is_no_date_is_said_in_the_language_of_the_page(portfolio: Any) -> None:
    said = {undated.why for undated in portfolio.agenda.undated if undated.known}
    page = Page(render_html(portfolio.report, "fr")).plain
    table = agenda_table(portfolio.agenda, {}, "fr", width=1000)
    data = json.dumps(agenda_data(portfolio.agenda, {}, "fr"), ensure_ascii=False)
    assert Wording("it is not renewed: it ends by itself", "pas de reconduction : il prend fin seul") in said
    for why in said:
        assert why.fr in page
        assert why.en not in page
        assert why.fr in table
        assert why.fr in data


def test_why_a_contract_is_left_out_of_a_sum_is_said_in_the_language_of_the_page(portfolio: Any) -> None:
    left_out = portfolio.exposures.whole.left_out
    english, french = (Page(render_html(portfolio.report, language)).plain for language in ("en", "fr"))
    assert {left.said("fr") for left in left_out} >= {"pas en vigueur : projet", "aucune ligne récurrente en cours"}
    for left in left_out:
        assert f": {left.reason}" in english
        assert f" : {left.said('fr')}" in french
        assert (left.why is None) == left.reason.startswith("its stage is not known")


def test_that_no_calendar_is_known_is_said_in_the_language_of_the_page(portfolio: Any) -> None:
    lifts = portfolio.contracts[0]
    owed = tuple(attrs.evolve(one, convention=Convention.FOLLOWING) for one in lifts.obligations)
    found = agenda([attrs.evolve(lifts, obligations=owed)], portfolio.as_of, portfolio.agenda.last_day)
    report = attrs.evolve(portfolio.report, agenda=found)
    assert "no calendar is known for its place" in render_html(report)
    page = render_html(report, "fr")
    assert (
        "Safety report\u00a0: ses échéances se règlent sur les jours ouvrés, et aucun calendrier n&#39;est connu"
        in page
    )
    assert "no calendar is known for its place" not in page


def test_what_is_left_out_of_a_sum_has_the_colon_of_its_language(portfolio: Any) -> None:
    assert re.search(r"<summary>Left out of the sum: \d+<", render_html(portfolio.report))
    assert re.search("<summary>Non compris dans la somme\u00a0: \\d+<", render_html(portfolio.report, "fr"))


@pytest.mark.parametrize("cell", ["a text", None, 7])
def test_what_is_no_cell_is_refused_before_anything_is_drawn(cell: Any) -> None:
    with pytest.raises(InvalidRecord, match=r"Section Plan: rows is .*; expected a Cell"):
        _ = Section(heading="Plan", columns=(Column(heading="a"),), rows=((cell,),))
    if not isinstance(cell, str):
        with pytest.raises(InvalidRecord, match="Cell: text is"):
            _ = Cell(cell)


def test_a_row_with_too_few_cells_is_refused() -> None:
    with pytest.raises(InvalidRecord) as caught:
        _ = Section(heading="h", columns=(Column(heading="a"), Column(heading="b")), rows=((Cell("1"),),))
    assert caught.value.field == "rows"
