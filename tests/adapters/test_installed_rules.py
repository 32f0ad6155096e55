"""Calendars and regimes of other packages: found by entry point, usable by name everywhere, never fatal."""

from __future__ import annotations

import io
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from attrs import evolve

from clmcrm.adapters.installed_rules import CALENDARS, RULES, installed_catalogue
from clmcrm.analytics.portfolio import agenda
from clmcrm.bridge.feedback import contract_terms
from clmcrm.calendars.calendar import HolidayTable, Purpose
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.calendars.legal_time import after
from clmcrm.calendars.regimes.known import regime
from clmcrm.cli.main import run
from clmcrm.clm.day_expressions import After, Facts, OnDay, OnFact
from clmcrm.clm.days_found import DayFound, day_of
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.events import RecordedAsExecuted
from clmcrm.clm.governing_regime import governing_regime
from clmcrm.clm.kinds import Party
from clmcrm.clm.milestones import Milestone, MilestoneId, milestone_standing
from clmcrm.clm.notice import end_after_notice, last_day_in_force, next_notice_deadline
from clmcrm.clm.notice_kernel import compiled, fast_next_deadline
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind
from clmcrm.clm.stored_dates import StoredDates, stored_date_problems
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, TermClause
from clmcrm.values.ids import ObligationId
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity
from clmcrm.values.tenor import Tenor
from making import at, contract

# A package as a third party would write it: a law that moves a closed last day back, and its calendar.
SOURCE = """
from datetime import date
from attrs import evolve
from clmcrm.bridge.feedback import contract_terms
from clmcrm.calendars.calendar import HolidayTable, Purpose
from clmcrm.calendars.regimes.known import regime
from clmcrm.calendars.regimes.record import LastDayRule, WhenClosed
from clmcrm.values.wording import Wording

BACK = LastDayRule(when_closed=WhenClosed.PREVIOUS, rule=regime("DE_BGB").backward.rule)
RURITANIA = evolve(
    regime("DE_BGB"), name="XR_CC", place="XR", contracts_of="XR", calendar_place="XR", backward=BACK,
    title=Wording("Ruritanian Civil Code", "code civil ruritain"),
)

def calendar():
    return HolidayTable(
        name="XR public holidays", place="XR", purpose=Purpose.LEGAL, version="2026-1",
        holidays={date(2026, 9, 30): "Crown Day"},
    )

PI = 3.14
"""
POINTS = """
[clmcrm.calendars]
ruritania = ruritania:calendar
broken_calendar = ruritania_missing:calendar

[clmcrm.rules]
ruritania = ruritania:RURITANIA
broken = ruritania:NOT_THERE
wrong = ruritania:PI
"""


def notice(**changes: str | None) -> NoticeClause:
    return NoticeClause(length=Tenor(months=3), reference=NoticeReference.END_OF_TERM, **changes)  # type: ignore[arg-type] # by name


@pytest.fixture
def ruritania(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution: a module and its metadata on the path."""
    site = tmp_path / "site"
    info = site / "ruritania-1.2.dist-info"
    info.mkdir(parents=True)
    _ = (site / "ruritania.py").write_text(SOURCE, encoding="utf-8")
    _ = (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ruritania\nVersion: 1.2\n", encoding="utf-8")
    _ = (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    return site


@pytest.mark.usefixtures("ruritania")
def test_a_regime_and_a_calendar_of_an_installed_package_join_the_catalogue() -> None:
    catalogue = installed_catalogue().catalogue
    assert catalogue.calendar_for("XR").version == "2026-1"
    assert catalogue.regimes.named("XR_CC").title.fr == "code civil ruritain"
    assert set(BUILT_IN.calendars) <= set(catalogue.calendars)
    assert set(BUILT_IN.regimes.regimes) <= set(catalogue.regimes.regimes)
    assert "XR_CC" not in BUILT_IN.regimes.names


@pytest.mark.usefixtures("ruritania")
def test_a_broken_package_is_named_with_its_entry_point_and_the_rest_stands() -> None:
    installed = installed_catalogue()
    told = {problem.value: str(problem) for problem in installed.problems if "ruritania" in problem.value}
    assert set(told) == {"ruritania_missing:calendar", "ruritania:NOT_THERE", "ruritania:PI"}
    assert "broken_calendar of group clmcrm.calendars of ruritania 1.2" in told["ruritania_missing:calendar"]
    assert "ModuleNotFoundError" in told["ruritania_missing:calendar"]
    assert "AttributeError" in told["ruritania:NOT_THERE"]
    assert "gives a float; expected a Regime or a function giving one" in told["ruritania:PI"]
    assert "XR_CC" in installed.catalogue.regimes.names


@pytest.mark.usefixtures("ruritania")
@pytest.mark.parametrize(("place", "named"), [("XR", None), ("FR", "XR_CC"), (None, "XR_CC"), (None, "XR")])
def test_its_name_works_in_a_notice_clause_and_its_place_as_a_governing_place(
    place: str | None, named: str | None
) -> None:
    rules = installed_catalogue().catalogue
    clause = notice(regime=named)
    sample = contract(governing_place=place, notice=clause)
    assert governing_regime(sample, clause, rules.regimes) is rules.regimes.named("XR_CC")
    answer = next_notice_deadline(sample, date(2026, 1, 1), rules)
    assert isinstance(answer, Deadline)
    assert answer.law == "XR_CC"
    # 2026-02-28 is a Saturday: the law moves it back.
    assert answer.last_day == date(2026, 2, 27)
    assert fast_next_deadline(compiled(sample, rules), date(2026, 1, 1)) == answer.last_day
    assert end_after_notice(sample, date(2026, 2, 27), rules) == date(2026, 5, 31)
    assert end_after_notice(sample, date(2026, 2, 28), rules) == date(2027, 5, 31)


def test_without_the_package_the_clause_that_names_it_is_told() -> None:
    answer = next_notice_deadline(
        contract(notice=notice(regime="XR_CC", citation="art. 9")), date(2026, 1, 1), BUILT_IN
    )
    assert isinstance(answer, Unknown)
    assert answer.reason == "the notice clause (art. 9) names the regime 'XR_CC', which is not known"


@pytest.mark.usefixtures("ruritania")
def test_its_name_works_in_expressions_of_days_terms_milestones_and_obligations() -> None:
    rules = installed_catalogue().catalogue
    # 30 days from Monday 31 August 2026 end on Crown Day; a German-style law moves on to 1 October.
    due = After(start=OnDay(day=date(2026, 8, 31)), length=Tenor(days=30), regime="XR_CC")
    crown = rules.calendar_for("XR")
    found = day_of(due, Facts(), crown, regimes=rules.regimes)
    assert isinstance(found, DayFound)
    assert found.day == date(2026, 10, 1)
    assert isinstance(day_of(due, Facts(), crown), Unknown)

    standing = milestone_standing(
        Milestone(id=MilestoneId("M"), title="opening", due=due),
        date(2026, 9, 1), Facts(), calendar=crown, regimes=rules.regimes,
    )  # fmt: skip
    assert standing.due_on == date(2026, 10, 1)

    delivery = Obligation(
        id=ObligationId("O"), kind=ObligationKind.DELIVERY, title="delivery",
        obligor=Party.COUNTERPARTY, obligee=Party.OWN, due=DueOn(day=due),
    )  # fmt: skip
    until = After(start=OnFact(name="effective_on"), length=Tenor(years=3), first_day_counted=True, regime="XR_CC")
    signed = (RecordedAsExecuted(at("2024-05-20"), "ann"),)
    sample = contract(governing_place="XR", term=TermClause(until=until), obligations=(delivery,), events=signed)
    assert isinstance(last_day_in_force(sample, date(2026, 9, 1)), Unknown)
    coming = agenda((sample,), date(2026, 9, 1), date(2026, 12, 31), rules)
    assert [entry.day for entry in coming.entries if entry.what.en == "delivery"] == [date(2026, 10, 1)]
    assert contract_terms(sample, date(2026, 9, 1), rules).renews_on == date(2027, 6, 1)
    stored = StoredDates(system="vendor", ends_on=date(2027, 5, 31), renews_on=date(2027, 6, 1))
    assert stored_date_problems(sample, stored, date(2026, 9, 1), rules) == ()
    answer = next_notice_deadline(sample, date(2026, 9, 1), rules)
    assert isinstance(answer, Deadline)
    assert answer.ends_on == date(2027, 5, 31)


@pytest.mark.usefixtures("ruritania")
def test_it_counts_in_legal_time_as_a_value() -> None:
    rules = installed_catalogue().catalogue
    law = rules.regimes.named("XR_CC")
    assert regime("XR_CC", rules.regimes.regimes) is law
    assert after(date(2026, 8, 31), Tenor(days=30), law=law, calendar=rules.calendar_for("XR")).day == date(2026, 10, 1)
    # Its own calendar is not among ours: without one, no holidays are assumed, and the steps say so.
    bare = after(date(2026, 8, 31), Tenor(days=30), law=law)
    assert bare.day == date(2026, 9, 30)
    assert any("no calendar was given; assumed: Saturday, Sunday closed" in step.wording.en for step in bare.steps)


def test_a_law_derived_from_a_country_s_own_does_not_displace_it_unasked() -> None:
    house = evolve(regime("DE_BGB"), name="HOUSE")
    stricter = evolve(regime("DE_BGB"), calendar_place=None)
    rules = BUILT_IN.with_regimes(house)
    assert rules.regimes.of_contracts("DE") is regime("DE_BGB")
    assert BUILT_IN.with_regimes(stricter).regimes.of_contracts("DE-BY") is stricter


def points(*named: tuple[str, str, str]) -> tuple[EntryPoint, ...]:
    return tuple(EntryPoint(name=name, value=value, group=group) for name, value, group in named)


REGISTERED = HolidayTable(name="registered", place="FR", purpose=Purpose.LEGAL)


def registered() -> HolidayTable:
    return REGISTERED


def test_a_package_that_stands_in_for_a_rule_of_ours_says_so() -> None:
    here = f"{__name__}:registered"
    installed = installed_catalogue(points=points(("fr", here, CALENDARS)))
    assert installed.catalogue.calendar_for("FR") is REGISTERED
    (note,) = installed.problems
    assert note.severity is Severity.NOTE
    assert "stands in for another registered" in str(note)


def test_an_object_in_the_wrong_group_is_refused() -> None:
    installed = installed_catalogue(points=points(("fr", f"{__name__}:REGISTERED", RULES)))
    assert installed.catalogue == BUILT_IN
    (problem,) = installed.problems
    assert problem.severity is Severity.ERROR
    assert "gives a HolidayTable; expected a Regime" in str(problem)


def test_a_host_s_own_source_of_calendars_need_not_know_of_regimes() -> None:
    class Own:
        def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayTable:
            assert (place, purpose) == ("FR", Purpose.LEGAL)
            return REGISTERED

    answer = next_notice_deadline(contract(governing_place="FR"), date(2026, 1, 1), Own())
    assert isinstance(answer, Deadline)
    assert answer.law == "FR_CPC"


CSV = "id,title,effective,expiry,renewal,notice,law\nC-1,Upkeep,2024-06-01,2025-05-31,tacit 1 year,3 months,XR\n"
MAPPING = """
date_format = "YYYY-MM-DD"
bare_renewal = "repeated"
[columns]
id = "id"
title = "title"
effective = "effective"
expiry = "expiry"
renewal = "renewal"
notice = "notice"
law = "law"
[places]
XR = "XR"
"""


@pytest.mark.usefixtures("ruritania")
def test_the_command_line_counts_with_it_and_names_the_broken_ones(tmp_path: Path) -> None:
    _ = (tmp_path / "c.csv").write_text(CSV, encoding="utf-8")
    _ = (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    file, today = str(tmp_path / "f.sqlite"), ("--today", "2026-01-15")
    out, err = io.StringIO(), io.StringIO()
    _ = run(["load", str(tmp_path / "c.csv"), "--mapping", str(tmp_path / "m.toml"), "--file", file, *today], out, err)
    out, err = io.StringIO(), io.StringIO()
    _ = run(["deadlines", "--file", file, *today], out, err)
    assert "2026-02-27" in out.getvalue(), out.getvalue()
    assert "error: entry point broken of group clmcrm.rules of ruritania 1.2" in err.getvalue()
    out, err = io.StringIO(), io.StringIO()
    code = run(["doctor", "--file", file, *today], out, err)
    assert code != 0
    assert "update or uninstall that package" in out.getvalue()
