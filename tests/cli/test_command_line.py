"""The command line as a person uses it: real files, exit codes, JSON, closed pipes and Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from clmcrm.adapters.embedded import open_embedded
from clmcrm.cli import console as c
from clmcrm.cli import doctor
from clmcrm.cli.main import COMMANDS, run

ROOT = Path(__file__).parents[2]
TODAY = "2026-11-23"
CSV = (
    "number;titre;date d'effet;échéance;reconduction;préavis\n"
    "C-1;Maintenance;01/06/2024;31/05/2025;reconduction tacite 1 an;3 mois\n"
    "C-2;Location;01/06/2024;31/05/2025;reconduction tacite 1 an;\n"
    "C-3;Nettoyage;31/02/2024;;reconduction tacite 1 an;3 mois\n"
)
MAPPING = """
date_format = "DD/MM/YYYY"
bare_renewal = "repeated"
[columns]
id = "number"
title = "titre"
effective = "date d'effet"
expiry = "échéance"
renewal = "reconduction"
notice = "préavis"
"""


def told(*arguments: str | Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run([str(a) for a in arguments], out, err)
    return code, out.getvalue(), err.getvalue()


def answered(*arguments: str | Path) -> tuple[int, Any]:
    code, out, err = told(*arguments, "--json")
    assert err == ""
    return code, json.loads(out)


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    (tmp_path / "contracts.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "both.sqlite"
    code, _, _ = told(
        "load", tmp_path / "contracts.csv", "--mapping", tmp_path / "mapping.toml", "--file", file, "--today", TODAY
    )
    assert code == c.ATTENTION
    return file


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "out"
    code, out, err = told("demo", "--out", folder)
    assert (code, err) == (c.DONE, "")
    return folder, out


def test_the_demo_leaves_a_report_a_calendar_and_a_picture(demo: tuple[Path, str]) -> None:
    folder, out = demo
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"(src|href|action)=.?https?:|@import|url[(](?!#)", page)
    assert (folder / "calendar.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert ET.parse(folder / "lifecycle.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own file
    for said in ("Next notice deadlines", "Annual value in force", "contradict a contract", "waits for a person"):
        assert said in out


def test_the_demo_replaces_its_own_files_and_nobody_else_s(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = demo
    assert told("demo", "--out", folder)[0] == c.DONE
    (tmp_path / "precious.txt").write_text("mine")
    code, _, err = told("demo", "--out", tmp_path)
    assert code == c.FAILED
    assert "precious.txt" in err
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_the_demo_is_the_same_every_time(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = demo
    _ = told("demo", "--out", tmp_path / "again")
    for name in ("report.html", "calendar.ics", "lifecycle.svg"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_demo_in_french_has_no_english_heading_and_advice(tmp_path: Path) -> None:
    folder = tmp_path / "fr"
    code, out, err = told("demo", "--out", folder, "--language", "fr")
    assert (code, err) == (c.DONE, "")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    for french in ("Promesses qui contredisent un contrat", "Ce que la synchronisation a écrit, champ par champ"):
        assert french in headings
    for english in ("Promises that", "What the sync", "Edits that", "Doubtful records", "Use the agreed price"):
        assert english not in page
    assert "Sunday" not in page
    assert "Appliquer le prix convenu" in page + out


def test_what_the_demo_left_can_be_looked_at_with_the_other_commands(demo: tuple[Path, str]) -> None:
    file = demo[0] / "company.sqlite"
    code, status = answered("status", "--file", file, "--today", TODAY)
    assert (code, status["conflicts"], status["to_write"]) == (c.ATTENTION, 1, 0)
    assert status["held"]["clm"]["contract"] == sum(status["stages"].values())
    code, plan = answered("sync", "--file", file, "--today", TODAY)
    assert (code, len(plan["conflicts"])) == (c.ATTENTION, 1)
    code, done = answered("sync", "--apply", "--file", file, "--today", TODAY)
    assert (code, [len(r["lines"]) for r in done["rounds"]]) == (c.ATTENTION, [0])
    code, coming = answered("deadlines", "--file", file, "--today", TODAY)
    assert code == c.DONE
    days = [entry["day"] for entry in coming["entries"]]
    assert days == sorted(days)
    assert min(days) >= TODAY


def test_load_keeps_every_row_and_names_every_cell_it_could_not_read(loaded: Path, tmp_path: Path) -> None:
    code, facts = answered(
        "load", tmp_path / "contracts.csv", "--mapping", tmp_path / "mapping.toml", "--file", loaded, "--today", TODAY
    )
    assert code == c.ATTENTION
    assert (facts["rows"], facts["contracts"], facts["unchanged"], facts["deadlines"]) == (3, 3, 3, 1)
    assert any(p["value"] == "31/02/2024" for p in facts["problems"])
    assert set(facts["without_deadline"]) == {"C-2", "C-3"}


def test_load_brings_a_changed_row_up_to_date(loaded: Path, tmp_path: Path) -> None:
    changed = CSV.replace("3 mois\nC-2", "2 mois\nC-2")
    (tmp_path / "contracts.csv").write_text(changed, encoding="utf-8")
    _, facts = answered(
        "load", tmp_path / "contracts.csv", "--mapping", tmp_path / "mapping.toml", "--file", loaded, "--today", TODAY
    )
    assert (facts["updated"], facts["unchanged"]) == (1, 2)
    _, coming = answered("deadlines", "--file", loaded, "--today", TODAY)
    (notice,) = [e for e in coming["entries"] if e["kind"] == "notice"]
    assert notice["day"] == "2027-03-31"


def test_what_is_loaded_again_is_unchanged_though_a_field_went_away(tmp_path: Path) -> None:
    """A field that was taken back is shown as null by the store: it is no change each time."""
    table, file = tmp_path / "c.csv", tmp_path / "both.sqlite"
    again = ("load", table, "--file", file, "--today", TODAY)
    for row in ("C-1,Maintenance,hearsay", "C-1,Maintenance,2026-01-01"):  # an unread cell is kept among the extras
        table.write_text(f"id,title,effective date\n{row}\n", encoding="utf-8")
        _ = told(*again)
    _, counts = answered(*again)
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (0, 0, 1)


def test_load_names_the_columns_it_did_not_take(tmp_path: Path) -> None:
    table = tmp_path / "c.csv"
    table.write_text("id,title,Vertragsende\nC-1,Wartung,2026-12-31\n", encoding="utf-8")
    _, said, _ = told("load", table, "--dry-run", "--today", TODAY)
    assert "not mapped: 1 of 3 columns (Vertragsende), kept as they are" in said


def test_a_file_of_which_no_column_is_recognised_is_refused(tmp_path: Path) -> None:
    table, file = tmp_path / "c.csv", tmp_path / "both.sqlite"
    table.write_text("foo,bar\n1,2\n", encoding="utf-8")
    code, _, err = told("load", table, "--file", file)
    assert (code, "none of its columns is recognised ('foo', 'bar')" in err) == (c.FAILED, True)
    assert not file.exists()


def test_a_folder_that_is_no_table_is_named() -> None:
    assert told("load", ".")[2] == "clmcrm load: .: cannot be opened: Is a directory\n"


def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "contracts.csv").write_text(CSV, encoding="utf-8")
    _, said, _ = told("load", tmp_path / "contracts.csv", "--dry-run", "--file", tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()
    assert said.endswith("Nothing was kept: without --dry-run it is.\n")


def test_a_load_says_how_to_go_on(tmp_path: Path) -> None:
    """It named the list of another file, and not what a list in other forms needs."""
    (tmp_path / "c.csv").write_text("id,title,effective date\nC-1,Lift,01.06.2024\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text('date_format = "DD.MM.YYYY"\n[columns]\nid = "id"\neffective = "effective date"\n')
    for file in (tmp_path / "both.sqlite", tmp_path / "our contracts.sqlite"):
        code, said, _ = told("load", tmp_path / "c.csv", "--file", file, "--today", TODAY)
        assert (code, "other forms of days and amounts: --mapping FILE.toml" in said) == (c.ATTENTION, True)
        *words, named = shlex.split(said.splitlines()[-1].partition("clmcrm ")[2])
        assert (words, named) == (["deadlines", "--contracts", "--file"], str(file))
        code, said, _ = told("load", tmp_path / "c.csv", "--mapping", tmp_path / "m.toml", "--file", file)
        assert (code, "--mapping" in said) == (c.DONE, False)


def test_deadlines_are_listed_explained_and_exported(loaded: Path, tmp_path: Path) -> None:
    code, out, _ = told("deadlines", "--file", loaded, "--today", TODAY, "--explain", "--ics", tmp_path / "c.ics")
    assert code == c.DONE
    assert "2027-02-28" in out
    assert "3 months from 2027-02-28 run out on 2027-05-28" in out
    assert b"BEGIN:VEVENT" in (tmp_path / "c.ics").read_bytes()
    french = told("deadlines", "--file", loaded, "--today", TODAY, "--explain", "--language", "fr")[1]
    assert "le délai de 3 mois" in french


def test_each_contract_has_its_day_or_its_reason(loaded: Path) -> None:
    _, rows = answered("deadlines", "--contracts", "--file", loaded, "--today", TODAY)
    assert len(rows) == 3
    assert all(row["last_day"] or row["why"] for row in rows)


def test_each_contract_is_explained_where_that_is_asked_for(loaded: Path) -> None:
    """`--contracts --explain` gave the table alone, and the list of contracts no safe day."""
    asked = ("deadlines", "--contracts", "--explain", "--file", loaded, "--today", TODAY)
    _, rows = answered(*asked)
    days = [(row["last_day"], row["safe_day"], bool(row["steps"])) for row in rows]
    assert days == [("2027-02-28", "2027-02-28", True), (None, None, False), (None, None, False)]
    said = told(*asked)[1]
    assert "\nC-1 Maintenance: 3 months before the end of the term\n  2024-06-01: the contract takes effect\n" in said
    assert rows[0]["steps"][0] == {"day": "2024-06-01", "what": "the contract takes effect"}
    assert said.endswith("\nWith a notice deadline to come: 1 of 3 contracts\n")
    french = told(*asked, "--language", "fr")[1]
    assert ("le contrat prend effet" in french, "  inconnu : " in french) == (True, True)
    _, short = answered("deadlines", "--contracts", "--file", loaded, "--today", TODAY)
    assert [set(row) for row in short] == [{"contract", "last_day", "safe_day", "why"}] * 3
    for text in (told(*asked, "--as", "it")[1], json.dumps(answered(*asked, "--as", "it")[1])):
        assert ("withheld" in text, "takes effect" in text, "Maintenance" in text) == (True, False, False)


@pytest.mark.parametrize(
    ("today", "last_day", "why"),
    [
        ("2020-09-30", "2020-09-30", "3 months before the end of the term"),
        ("2020-10-01", "2021-09-30", "3 months before the end of the term"),
        # Three renewals: the notices of 2020, 2021 and 2022 stop one each.
        ("2022-10-01", "2022-09-30", "the last deadline was 2022-09-30, for the term ending 2022-12-31"),
        ("2026-11-23", "2022-09-30", "the last permitted renewal has been reached"),
    ],
)
def test_a_contract_without_a_deadline_ahead_has_the_last_one_there_was(
    today: str, last_day: str, why: str, tmp_path: Path
) -> None:
    """The first one of all stood there, beside the words "the last deadline was 2022-09-30"."""
    table, file = tmp_path / "c.csv", tmp_path / "both.sqlite"
    terms = "C-1,Lift,2020-01-01,2020-12-31,3 successive 1 year,3 months"
    _ = table.write_text(f"id,title,effective date,expiration date,renewal,notice\n{terms}\n")
    assert told("load", table, "--file", file, "--today", TODAY)[0] == c.DONE
    _, (row,) = answered("deadlines", "--contracts", "--file", file, "--today", today)
    assert (row["last_day"], row["why"]) == (last_day, why)
    said = told("deadlines", "--contracts", "--file", file, "--today", today)[1].splitlines()[-1]
    counts = "1 of 1 contract" if last_day >= today else "0 of 1 contract; with one that has passed: 1"
    assert said == f"With a notice deadline to come: {counts}"


@pytest.mark.parametrize("asked", [(), ("--contracts",), ("--json",), ("--contracts", "--json"), ("--due", "0")])
def test_a_contract_that_cannot_be_read_is_missed_by_name(asked: tuple[str, ...], loaded: Path) -> None:
    """It was left out of the list of deadlines without a word, with exit code 0."""
    file = ("--file", loaded, "--today", TODAY)
    assert told("deadlines", *asked, *file)[0] == c.DONE
    with open_embedded(loaded) as both:
        _ = both.clm.edit("contract", "C-1", {"effective_on": "in June"})
    code, out, err = told("deadlines", *asked, *file)
    assert (code, err) == (c.ATTENTION, "")
    assert "contract C-1" in out
    assert "effective_on 'in June' cannot be understood" in out
    code, out, _ = told("deadlines", *asked, "--as", "it", *file)
    assert (code, "contract C-1" in out, "in June" in out) == (c.ATTENTION, True, False)


def test_what_cannot_be_read_waits_once_in_every_command_and_every_time(loaded: Path) -> None:
    """The status counted it twice, `sync` named it the first time only, and then both sides were consistent."""
    with open_embedded(loaded) as both:
        _ = both.clm.edit("contract", "C-1", {"effective_on": "in June"})
    file = ("--file", loaded, "--today", TODAY)
    for command in (
        ("status",),
        ("sync",),
        ("conflicts",),
        ("sync", "--apply"),
        ("status",),
        ("sync",),
        ("sync", "--apply"),
    ):
        code, out, _ = told(*command, *file)
        assert (code, "1 problem wait" in out or out.count("'in June'") == 1) == (c.ATTENTION, True)
    _, facts = answered("status", *file)
    (problem,) = facts["problems"]
    assert problem.startswith("contract_terms:clm:C-1: ")


@pytest.mark.parametrize("held", ["[1]", "12", "null", '"x"', "{x"])
def test_a_row_that_holds_no_fields_is_named(held: str, loaded: Path) -> None:
    with closing(sqlite3.connect(loaded)) as spoilt, spoilt:
        _ = spoilt.execute("UPDATE clm_records SET fields = ? WHERE key = 'C-1'", (held,))
    for command in ("deadlines", "status", "sync", "conflicts"):
        code, _, err = told(command, "--file", loaded, "--today", TODAY)
        assert (code, "the row of contract C-1 is damaged" in err) == (c.FAILED, True)


def test_a_deadline_that_a_settled_end_came_before_is_none(demo: tuple[Path, str]) -> None:
    """AT-2023-055 was ended on 2025-09-30, and was listed with the 2026-05-31 on which it could have been."""
    _, rows = answered("deadlines", "--contracts", "--file", demo[0] / "company.sqlite", "--today", TODAY)
    last = {row["contract"].split()[0]: row["last_day"] for row in rows}
    assert (last["AT-2023-055"], last["AT-2022-091"], last["AT-2021-008"]) == (None, "2025-10-31", "2025-01-30")
    # The notice must reach the other side: the letter leaves three business days before.
    (posted,) = [row for row in rows if row["contract"].startswith("AT-2024-016 ")]
    assert (posted["last_day"], posted["safe_day"]) == ("2026-11-30", "2026-11-25")
    ended = [row for row in rows if "is already settled" in row["why"] and row["last_day"]]
    assert [row for row in ended if row["last_day"] > row["why"].split()[3]] == []
    assert ended


@pytest.mark.parametrize(("days", "code"), [("96", c.DONE), ("97", c.ATTENTION)])
def test_due_deadlines_have_an_exit_code_of_their_own(loaded: Path, days: str, code: int) -> None:
    # The one deadline, 2027-02-28, is 97 days after 2026-11-23.
    assert told("deadlines", "--due", days, "--file", loaded, "--today", TODAY)[0] == code


def test_what_is_due_is_told_however_the_list_is_cut(loaded: Path) -> None:
    file = ("--file", loaded, "--today", TODAY)
    assert told("deadlines", "--days", "10", "--due", "97", *file)[0] == c.ATTENTION
    assert told("deadlines", "--contracts", "--due", "97", *file)[0] == c.ATTENTION
    assert told("deadlines", "--contracts", "--due", "96", *file)[0] == c.DONE


def test_a_place_that_cannot_be_written_to_is_named(loaded: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "c.ics"
    code, _, err = told("deadlines", "--ics", nowhere, "--file", loaded, "--today", TODAY)
    assert (code, err) == (c.FAILED, f"clmcrm deadlines: {nowhere}: No such file or directory\n")


def test_the_doctor_finds_nothing_wrong_where_nothing_is(loaded: Path, tmp_path: Path) -> None:
    config = tmp_path / "none.toml"
    code, checks = answered("doctor", "--file", loaded, "--config", config, "--today", TODAY)
    assert [check for check in checks if not check["ok"]] == []
    assert code == c.DONE


@pytest.mark.parametrize("held", ["a database of somebody else's", "nothing"])
@pytest.mark.parametrize("command", ["status", "deadlines", "sync", "conflicts", "doctor", "journal verify", "undo"])
def test_a_database_of_another_program_is_refused_and_left_as_it_is(held: str, command: str, tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as other:
        if held != "nothing":
            _ = other.execute("CREATE TABLE mine (a)")
    before = file.read_bytes()
    more = ["--record", "account:crm:A-1"] if command == "undo" else []
    more += ["--json"] if command == "doctor" else []
    code, out, err = told(*command.split(), *more, "--file", file)
    assert code == (c.ATTENTION if command == "doctor" else c.FAILED)
    assert "other.db: is a database, but holds no CRM" in (out if command == "doctor" else err)
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", ["status", "deadlines", "sync"])
def test_a_file_that_is_no_database_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    code, _, err = told(command, "--file", tmp_path / "notes.txt")
    assert (code, "notes.txt: SQLite says: file is not a database" in err) == (c.FAILED, True)


def test_the_doctor_advises_no_backup_for_a_file_that_is_only_not_ours(tmp_path: Path) -> None:
    _, checks = answered("doctor", "--file", tmp_path, "--today", TODAY)
    (one,) = [check for check in checks if check["what"] == f"file {tmp_path}"]
    assert one["repair"] == "name the file of `clmcrm load` or `clmcrm demo` with --file"


def test_the_doctor_tells_a_clock_that_stands_far_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It advised a newer version for every calendar, of which all begin later than the clock says."""
    monkeypatch.setattr(doctor, "utc_clock", lambda: datetime(1970, 1, 1, 0, 5, tzinfo=UTC))
    code, checks = answered("doctor", "--file", tmp_path / "none.sqlite", "--today", "1970-01-01")
    assert code == c.ATTENTION
    wrong = {check["what"]: check for check in checks if not check["ok"]}
    assert wrong["clock"]["found"] == "1970-01-01 00:05 UTC"
    assert wrong["clock"]["repair"] == "this version is of 2026: set this machine's clock by NTP"
    assert {check["repair"] for what, check in wrong.items() if what != "clock"} == {
        "the day here is 1970-01-01: set the clock, or correct --today"
    }


def test_doctor_names_what_is_wrong_and_what_repairs_it(tmp_path: Path) -> None:
    code, checks = answered("doctor", "--file", tmp_path / "none.sqlite", "--today", TODAY)
    assert all(check["found"] for check in checks)
    assert all(check["ok"] or check["repair"] for check in checks)
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database at all, only text" * 100)
    code, checks = answered("doctor", "--file", tmp_path / "broken.sqlite", "--today", TODAY)
    assert code == c.ATTENTION
    assert any(not check["ok"] and "broken.sqlite" in check["what"] for check in checks)


@pytest.mark.parametrize("command", ["status", "sync", "deadlines"])
def test_a_missing_file_is_named_with_what_makes_one(command: str, tmp_path: Path) -> None:
    code, out, err = told(command, "--file", tmp_path / "none.sqlite")
    assert (code, out) == (c.FAILED, "")
    assert "none.sqlite" in err
    assert "clmcrm load" in err
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["status", "--today", "tomorrow"],
        ["deadlines", "--days", "x"],
        ["deadlines", "--days", "-5"],
        ["deadlines", "--due", "9999999999"],
    ],
)
def test_a_command_line_nobody_understands_is_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(*arguments)[0] == c.USAGE
    assert "usage: clmcrm" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["undo"], "say what to take back: --record, --since, or both"),
        (["undo", "--since", "2026-01-01", "--apply"], "--because: say why"),
        (["undo", "--since", "2026-01-01", "--because", "so", "--apply", "--html", "p.html"], "--html: the page shows"),
        (["sync", "--apply", "--html", "p.html"], "--html: the page shows"),
        (["resolve", "account:crm:A-1#name", "--take", "crm"], "--because: say why"),
        (["journal", "backup"], "name a file: clmcrm journal backup FILE"),
        (["journal", "export"], "name a file: clmcrm journal export"),
        (["journal", "import"], "name a file: clmcrm journal import"),
    ],
)
def test_options_that_lack_something_are_a_usage_error_too(arguments: list[str], said: str, tmp_path: Path) -> None:
    """They ended with 1, as what is refused does: a script took the mistake for a failure."""
    command = arguments[0]
    code, out, err = told(*arguments, "--file", tmp_path / "none.sqlite")
    assert (code, out) == (c.USAGE, "")
    assert err.startswith(f"usage: clmcrm {command} ")
    assert f"\nclmcrm {command}: error: {said}" in err


@pytest.mark.parametrize("given", [["deadlines", "--exlpain"], ["load", "a.csv", "b.csv"], ["status", "--all"]])
def test_what_a_command_does_not_know_is_told_with_what_it_knows(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The usage that was shown named the commands, and none of the options."""
    assert told(*given)[0] == c.USAGE
    said = capsys.readouterr().err
    assert said.startswith(f"usage: clmcrm {given[0]} [-h] [--json]")
    assert said.endswith(f"clmcrm {given[0]}: error: unrecognized arguments: {given[-1]}\n")


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert told("--help")[0] == c.DONE
    assert "clmcrm COMMAND --help" in capsys.readouterr().out
    for command in COMMANDS:
        assert told(command.NAME, "--help")[0] == c.DONE
        said = capsys.readouterr().out
        assert "--json" in said
        assert "--today" in said
        assert "of the demo: 2026-11-23" in " ".join(said.split())


def process(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "clmcrm", *arguments]


SURROUNDINGS = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}


def test_a_reader_that_goes_away_is_no_error(demo: tuple[Path, str]) -> None:
    asked = process("deadlines", "--explain", "--file", str(demo[0] / "company.sqlite"), "--today", TODAY)
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=SURROUNDINGS) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        _ = running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read()
        assert running.wait(60) in (c.PIPE_CLOSED, c.DONE)
    assert said == b""


def test_ctrl_c_ends_quietly_and_keeps_what_was_finished(tmp_path: Path) -> None:
    # A pipe that is never filled: the load waits for its first row until it is stopped.
    pipe = tmp_path / "endless.csv"
    os.mkfifo(pipe)
    asked = process("load", str(pipe), "--file", str(tmp_path / "both.sqlite"))
    # Whoever runs the tests in the background has Ctrl-C ignored; this program hears it all the same.
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=SURROUNDINGS, preexec_fn=listening  # noqa: PLW1509 - one call, no lock
    ) as running:  # fmt: skip
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                _ = running.wait(2)
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == c.INTERRUPTED
    assert b"Traceback" not in said


def test_a_process_without_an_output_ends_with_its_exit_code(tmp_path: Path) -> None:
    """As a service may be started: Python then has no standard output at all."""
    line = f'exec "{sys.executable}" -m clmcrm doctor --file "{tmp_path / "none.sqlite"}" >&-'
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=env, check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (c.DONE, b"")
    line = line.replace("doctor", "status") + " 2>&-"
    assert subprocess.run(["sh", "-c", line], cwd=tmp_path, env=env, check=False).returncode == c.FAILED


def test_the_module_and_the_script_are_one_command() -> None:
    shown = subprocess.run(process("--version"), capture_output=True, text=True, check=True, env=SURROUNDINGS)
    assert shown.stdout.startswith("clmcrm ")


def test_deadlines_as_a_role_withhold_what_it_may_not_see(demo: tuple[Path, str], tmp_path: Path) -> None:
    file = demo[0] / "company.sqlite"
    ics = tmp_path / "it.ics"
    _, whole = answered("deadlines", "--file", file, "--today", TODAY)
    _, sales = answered("deadlines", "--file", file, "--today", TODAY, "--as", "sales")
    assert sales == whole
    _, short = answered("deadlines", "--file", file, "--today", TODAY, "--as", "it", "--ics", ics)
    titles = {entry["title"] for entry in whole["entries"]}
    assert len(short["entries"]) == len(whole["entries"])
    assert all(entry["title"] == {"withheld": True} for entry in short["entries"])
    _, table, _ = told("deadlines", "--file", file, "--today", TODAY, "--as", "it", "--explain")
    _, listed, _ = told("deadlines", "--file", file, "--today", TODAY, "--as", "it", "--contracts")
    for text in (json.dumps(short), table, listed, ics.read_text(encoding="utf-8")):
        assert [title for title in titles if title in text] == []
        assert "withheld" in text
    code, _, _ = told("deadlines", "--file", file, "--as", "nobody")
    assert code == c.USAGE
