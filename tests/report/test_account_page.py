"""The page of an account: offline, in both languages, escaped, and with nothing that may not be seen."""

from __future__ import annotations

import json
import re
from datetime import date
from enum import Enum
from typing import Any

import attrs
import pytest
from attrs import evolve
from one_account import AMENDMENT, DAY, DURAND, FRAME, RECORDS

from clmcrm.bridge.account_access import EVERYTHING, account_shown
from clmcrm.bridge.account_view import account_view
from clmcrm.bridge.next_days import DayKind, NextDay
from clmcrm.clm.kinds import Party, Relation
from clmcrm.clm.stages import Stage
from clmcrm.crm.activity import ActivityKind
from clmcrm.crm.case import Case, CaseStatus
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.crm.quote import QuoteStatus
from clmcrm.crm.satisfaction import Survey
from clmcrm.parties.access import Access, AccessPolicy, Grant
from clmcrm.parties.accounts import AccountKind
from clmcrm.parties.house_access import HOUSE_ACCESS
from clmcrm.report.account_page import AccountPage, account_data, render_account
from clmcrm.report.account_sections import account_cards, account_sections
from clmcrm.report.lanes import timeline_of
from clmcrm.report.sections import Cell, Tone
from clmcrm.report.value_names import enum_words, is_named
from clmcrm.values.wording import Language

VIEW = account_view(DURAND, DAY, records=RECORDS, whole_group=True)
TIMELINE = timeline_of([FRAME, AMENDMENT], DAY, date(2025, 1, 1), date(2028, 12, 31))
EN, FR = render_account(VIEW, timeline=TIMELINE), render_account(VIEW, "fr", timeline=TIMELINE)


def seen_by(role: str) -> Access:
    return Access(policy=HOUSE_ACCESS, roles={role})


@pytest.mark.parametrize("page", [EN, FR])
def test_the_page_needs_nothing_else_and_escapes_what_it_shows(page: str) -> None:
    assert "Durand &amp; Fils &lt;SAS&gt;" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "default-src" in page
    assert page.count("<main") == page.count("<h1") == 1
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_every_part_has_rows_for_every_record() -> None:
    for heading in ("What comes next", "Contracts", "Family of contracts", "Commitments", "Obligations on both sides",
                    "Contradictions", "Pipeline", "Quotes", "Cases", "Disputes", "Invoices", "Satisfaction",
                    "Interactions", "People", "Group"):  # fmt: skip
        assert f">{heading}</h2>" in EN
    invoices = EN[EN.index(">Invoices</h2>") : EN.index(">Satisfaction</h2>")]
    assert invoices.count("<tr>") == 1 + len(VIEW.invoices)


def test_the_page_speaks_french() -> None:
    assert '<html lang="fr">' in FR
    for words in (
        "Ce qui vient",
        "Obligations des deux parties",
        "dénoncer 2024-17",
        "37,5\u00a0%",
        "en vigueur",
        "nous",
    ):
        assert words in FR
    assert "What comes next" not in FR


SHOWN = (OpportunityStage, QuoteStatus, CaseStatus, ActivityKind, AccountKind, DayKind, Party, Relation, Survey, Stage)


@pytest.mark.parametrize("value", [value for kind in SHOWN for value in kind], ids=repr)
def test_every_value_a_page_shows_has_its_words(value: Enum) -> None:
    assert is_named(value)
    assert "_" not in enum_words(value).en + enum_words(value).fr


def test_terms_and_statuses_are_french_on_a_french_page() -> None:
    for french in (
        "proposition",
        "en traitement",
        "appel",
        "en vigueur",
        "exclusivité, nous oblige",
        "par tranches",
    ):
        assert french in FR
    assert "vente 200 more seats" in FR
    for english in ("opportunity 200", "quote Q-2026-1", "proposal", "working", "in_effect", "binds us", "graduated"):
        assert english not in FR
    assert "exclusivity binds us" in EN


def commitment_cells(language: Language, access: Access = EVERYTHING, **facts: Any) -> list[Cell]:
    """The cells of the one commitment of a view, with `facts` of it changed."""
    use = evolve(VIEW.commitments[0], **facts)
    view = evolve(VIEW, commitments=(use,))
    tables = account_sections(account_shown(view, access), view, language)
    (row,) = next(table for table in tables if table.heading in ("Commitments", "Engagements")).rows
    return list(row)


@pytest.mark.parametrize(("language", "said"), [("en", ["1500.50", "0.25"]), ("fr", ["1500,50", "0,25"])])
def test_the_figures_of_a_commitment_have_the_comma_of_their_language(language: Language, said: list[str]) -> None:
    cells = commitment_cells(language, committed="1500.50", counted="0.25", citation="art. 4.2")
    assert [cell.text for cell in cells[1:3]] == said
    assert cells[-1].text == "art. 4.2"


def test_a_commitment_that_cannot_be_counted_says_why_in_its_row() -> None:
    facts: dict[str, Any] = {
        "committed": "",
        "counted": "",
        "share": None,
        "last_day": None,
        "why_unknown": "it lacks a day",
    }
    assert commitment_cells("en", **facts)[2] == Cell("not known", Tone.WARN, more=("it lacks a day",))
    assert commitment_cells("fr", **facts)[2] == Cell("inconnu", Tone.WARN, more=("it lacks a day",))
    seen = Grant(role="r", kind="commitment_use", see=("contract", "counted"))
    access = Access(policy=AccessPolicy(grants=(seen,)), roles={"r"})
    assert commitment_cells("en", access, **facts)[2].more == ()
    assert commitment_cells("en", access, counted="7")[2] == Cell("7")


def test_json_holds_the_same_records() -> None:
    data = account_data(VIEW)
    back = json.loads(json.dumps(data))
    assert back == data
    assert [row["id"] for row in back["contracts"]] == ["C-1", "C-2", "C-3"]
    assert back["sums"]["pipeline"] == [{"amount": "24000.00", "currency": "EUR"}]
    assert back["days"][0]["what"] == "they owe: set-up fee"
    assert back["cases"][0]["opened_at"] == "2025-11-20T12:00:00+00:00"
    assert account_data(VIEW, "fr")["days"] != data["days"]


def test_a_role_sees_the_frame_and_a_word_for_the_rest() -> None:
    page = render_account(VIEW, access=seen_by("it"))
    assert "withheld" in page
    for secret in ("set-up fee", "ada@durand.example", "24,000", "Durand"):
        assert secret not in page
    shown = json.dumps(account_data(VIEW, access=seen_by("legal")))
    assert "24000.00" not in shown  # the amount of a sale is none of legal's business
    assert "24000.00" in json.dumps(account_data(VIEW, access=seen_by("management")))


@pytest.mark.parametrize(("kind", "fields", "cards"), [
    ("next_day", ("late",), {"Passed and still open": "withheld"}),
    ("case", ("status",), {"Open cases and disputes": "withheld + 1"}),
    ("case", ("opened_at",), {"Open cases and disputes": "withheld + 1"}),
])  # fmt: skip
def test_how_many_are_late_or_open_is_withheld_with_what_says_so(
    kind: str, fields: tuple[str, ...], cards: dict[str, str]
) -> None:
    parts = {"next_day": attrs.fields(NextDay), "case": attrs.fields(Case)}[kind]
    others = tuple(part.name for part in parts if part.name not in fields)
    grants = [evolve(grant, see=others) if grant.kind == kind else grant for grant in EVERYTHING.policy.grants]
    some = Access(policy=AccessPolicy(grants=tuple(grants)), roles=EVERYTHING.roles)
    told, whole = (
        {card.label: card.value for card in account_cards(account_shown(VIEW, access), VIEW, "en")}
        for access in (some, EVERYTHING)
    )
    assert whole["Passed and still open"] == str(sum(one.late for one in VIEW.days)) != "0"
    assert whole["Open cases and disputes"] == f"{len(VIEW.open_cases)} + {len(VIEW.disputes)}"
    assert told == whole | cards


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_repl_and_a_notebook_show_it(language: Language) -> None:
    page = AccountPage(view=VIEW, language=language, timeline=TIMELINE)
    assert repr(page).startswith("AccountPage(Durand & Fils <SAS>: ")
    cell = page._repr_html_()
    assert "<style" not in cell
    assert "2024-17" in cell
    assert page.html() == (EN if language == "en" else FR)
    hidden = AccountPage(view=VIEW, language=language, access=seen_by("it"))
    assert "Durand" not in repr(hidden) + hidden._repr_html_() + json.dumps(hidden.data())


def test_a_name_does_not_steer_the_terminal_of_a_repl() -> None:
    named = evolve(VIEW, account=evolve(VIEW.account, name="Dur\x1b[2Jand\nFils\u202e"))
    assert repr(AccountPage(view=named)).startswith("AccountPage(Dur[2Jand Fils: Value per year ")
    assert "\n" not in repr(AccountPage(view=named))


def test_an_empty_view_says_so() -> None:
    page = render_account(account_view(FRAME_ONLY, DAY))
    assert ">What comes next</h2>" in page
    assert ">Invoices</h2>" not in page
    # "Aucun" would be of the wrong gender under "Obligations".
    assert '<p class="empty">Néant.</p>' in render_account(account_view(FRAME_ONLY, DAY), "fr")


FRAME_ONLY = VIEW.group[0]
