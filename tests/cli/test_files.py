"""What the command line replaces, and what it leaves as it is: files of other programs, copies, half-made ones."""

from __future__ import annotations

import codecs
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from clmcrm.cli import console as c
from clmcrm.cli.main import run

ROOT = Path(__file__).parents[2]
TODAY = "2026-11-23"
CSV = "id,title,effective date\nC-1,Spiżarnia Überwachung,2024-06-01\n"


def told(*arguments: str | Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run([str(a) for a in arguments], out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    (tmp_path / "contracts.csv").write_text(CSV, encoding="utf-8")
    file = tmp_path / "both.sqlite"
    code, _, err = told("load", tmp_path / "contracts.csv", "--file", file, "--today", TODAY)
    assert (code, err) == (c.DONE, "")
    return file


WRITERS = [["sync", "--html"], ["undo", "--since", "2026-01-01", "--html"], ["deadlines", "--ics"]]


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[0])
@pytest.mark.parametrize("named", ["both.sqlite", "contracts.csv"])
def test_a_page_and_a_calendar_replace_no_other_file(command: list[str], named: str, loaded: Path) -> None:
    """`clmcrm sync --html both.sqlite` made a page of the database: the contracts and the journal were gone."""
    before = (loaded.parent / named).read_bytes()
    code, out, err = told(*command, loaded.parent / named, "--file", loaded, "--today", TODAY)
    assert (code, out) == (c.FAILED, "")
    assert f"{named}: begins otherwise than" in err
    assert (loaded.parent / named).read_bytes() == before


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[0])
@pytest.mark.parametrize("there", ["nothing", "an empty file", "yesterday's"])
def test_a_page_and_a_calendar_replace_what_they_are(command: list[str], there: str, loaded: Path) -> None:
    place = loaded.parent / "shown"
    if there == "an empty file":
        place.touch()
    for _ in range(2 if there == "yesterday's" else 1):
        code, _, err = told(*command, place, "--file", loaded, "--today", TODAY)
        assert (code, err) == (c.DONE, "")
    assert place.read_bytes().startswith((b"<!DOCTYPE html>", b"BEGIN:VCALENDAR"))


def test_the_demo_leaves_a_copy_that_was_made_of_its_files(tmp_path: Path) -> None:
    """`clmcrm journal backup clmcrm-demo/company.sqlite.bak` was removed by the next demonstration."""
    folder = tmp_path / "out"
    folder.mkdir()
    for kept in ("company.sqlite.bak", "report.html.old"):
        (folder / kept).write_text("mine")
        code, _, err = told("demo", "--out", folder)
        assert (code, (folder / kept).read_text()) == (c.FAILED, "mine")
        assert f"holds {kept}, which is not the demo's" in err
        (folder / kept).unlink()
    for own in ("company.sqlite", "company.sqlite-wal", "company.sqlite-journal", "calendar.ics"):
        (folder / own).write_text("of an earlier one that was killed")
    assert told("demo", "--out", folder)[0] == c.DONE


@pytest.mark.parametrize("today", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_refused_before_an_earlier_demo_goes(today: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "report.html").write_text("of an earlier one")
    code, out, err = told("demo", "--out", folder, "--today", today)
    assert (code, out) == (c.FAILED, "")
    assert "lies outside years 1 to 9999" in err
    assert (folder / "report.html").read_text() == "of an earlier one"


@pytest.mark.parametrize("today", ["0001-01-01", "9999-12-31"])
def test_the_doctor_answers_on_every_day(today: str, tmp_path: Path) -> None:
    code, out, err = told("doctor", "--file", tmp_path / "none.sqlite", "--today", today, "--json")
    assert (code, err) == (c.ATTENTION, "")
    assert any(not check["ok"] for check in json.loads(out) if check["what"].startswith("calendar "))


@pytest.mark.parametrize("command", ["load contracts.csv", "journal import journal.jsonl"])
def test_nothing_is_put_beside_the_tables_of_another_program(command: str, loaded: Path) -> None:
    assert told("journal", "export", loaded.parent / "journal.jsonl", "--file", loaded)[0] == c.DONE
    other = loaded.parent / "other.db"
    with closing(sqlite3.connect(other)) as theirs:
        _ = theirs.execute("CREATE TABLE mine (a)")
    before = other.read_bytes()
    *words, source = command.split()
    code, _, err = told(*words, loaded.parent / source, "--file", other)
    assert (code, "other.db: is a database, but holds no CRM" in err) == (c.FAILED, True)
    assert other.read_bytes() == before
    empty = loaded.parent / "empty.sqlite"
    empty.touch()
    assert told(*words, loaded.parent / source, "--file", empty)[0] == c.DONE


@pytest.mark.parametrize("command", ["load contracts.csv", "journal import journal.jsonl", "status", "sync"])
def test_a_folder_and_a_place_in_none_are_named_as_what_they_are(command: str, loaded: Path) -> None:
    """They ended in "embedded: /nowhere/x.sqlite: SQLite says: unable to open database file"."""
    assert told("journal", "export", loaded.parent / "journal.jsonl", "--file", loaded)[0] == c.DONE
    words = [str(loaded.parent / word) if "." in word else word for word in command.split()]
    code, _, err = told(*words, "--file", loaded.parent)
    assert (code, err.endswith(f"{loaded.parent}: is a folder; name a file in it\n")) == (c.FAILED, True)
    code, _, err = told(*words, "--file", loaded.parent / "nowhere" / "x.sqlite")
    expected = "there is no such file" if len(words) == 1 else f"there is no folder {loaded.parent / 'nowhere'}"
    assert (code, f"x.sqlite: {expected}" in err) == (c.FAILED, True)
    assert not (loaded.parent / "nowhere").exists()


@pytest.mark.parametrize("cut", [b"\xe9\n", b"{}\n", b"id,title\n", None])
def test_an_import_that_is_refused_leaves_no_file(cut: bytes | None, loaded: Path) -> None:
    whole = loaded.parent / "journal.jsonl"
    assert told("journal", "export", whole, "--file", loaded)[0] == c.DONE
    source = loaded.parent / "cut.jsonl"
    _ = source.write_bytes(whole.read_bytes()[:-80] if cut is None else cut)
    code, _, err = told("journal", "import", source, "--file", loaded.parent / "new.sqlite")
    assert (code, "cut.jsonl" in err) == (c.FAILED, True)
    assert [path.name for path in loaded.parent.glob("new.sqlite*")] == []
    # What is there already stays, whatever becomes of the import.
    code, _, _ = told("journal", "import", source, "--file", loaded)
    assert (code, loaded.exists()) == (c.FAILED, True)


@pytest.mark.skipif(sys.platform == "win32", reason="a process has no such limit there")
def test_an_export_that_breaks_off_leaves_no_file(loaded: Path) -> None:
    """Half an export stood in the way of the next one, which replaces nothing."""
    many = loaded.parent / "many.csv"
    _ = many.write_text("id,title\n" + "".join(f"M-{i},t\n" for i in range(60)), encoding="utf-8")
    assert told("load", many, "--file", loaded, "--today", TODAY)[0] == c.DONE
    assert told("sync", "--apply", "--file", loaded, "--today", TODAY)[0] == c.DONE
    target = loaded.parent / "journal.jsonl"
    asked = f'ulimit -f 80; exec "{sys.executable}" -m clmcrm journal export "{target}" --file "{loaded}"'
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(["sh", "-c", asked], check=False, capture_output=True, text=True, env=env)
    assert (done.returncode, "journal.jsonl: cannot be written (File too large)" in done.stderr) == (c.FAILED, True)
    assert not target.exists()
    assert told("journal", "export", target, "--file", loaded)[0] == c.DONE


def shown(encoding: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": encoding}
    asked = [sys.executable, "-m", "clmcrm", *map(str, arguments)]
    return subprocess.run(asked, check=False, capture_output=True, env=env)


@pytest.mark.parametrize(
    ("encoding", "title"), [("ascii", "Spi\\u017carnia \\xdcberwachung"), ("cp1252", "Spi\\u017carnia Überwachung")]
)
def test_a_letter_that_the_output_lacks_ends_nothing(encoding: str, title: str, loaded: Path) -> None:
    """As on Windows, where a pipe takes cp1252: the list broke off in a traceback, and so did `sync --apply`."""
    done = shown(encoding, "deadlines", "--contracts", "--file", loaded, "--today", TODAY)
    assert (done.returncode, done.stderr) == (c.DONE, b"")
    assert title.encode(encoding) in done.stdout
    done = shown(encoding, "deadlines", "--contracts", "--json", "--file", loaded, "--today", TODAY)
    assert (done.returncode, done.stderr) == (c.DONE, b"")
    assert json.loads(done.stdout.decode(encoding))[0]["contract"] == "C-1 Spiżarnia Überwachung"


@pytest.mark.skipif(sys.platform == "win32", reason="file names are text there")
def test_a_file_name_that_is_no_text_ends_nothing(loaded: Path) -> None:
    page = os.fsdecode(os.fsencode(loaded.parent) + b"/n\xe9.html")
    done = shown("utf-8:strict", "sync", "--html", page, "--file", loaded, "--today", TODAY)
    assert (done.returncode, done.stderr) == (c.DONE, b"")
    assert b"n\\udce9.html" in done.stdout
    assert Path(page).exists()


def poured(given: bytes, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    asked = [sys.executable, "-m", "clmcrm", "load", *map(str, arguments), "--today", TODAY, "--json"]
    return subprocess.run(asked, check=False, capture_output=True, env=env, input=given)


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe has no such name there")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("named", ["-", "/dev/stdin"])
def test_a_list_that_comes_through_a_pipe_is_loaded(named: str, encoding: str, tmp_path: Path) -> None:
    """`clmcrm load /dev/stdin` read the beginning away while it looked, and then found no header."""
    file = tmp_path / "both.sqlite"
    given = CSV.replace("Spiżarnia", "Cave à vin").encode(encoding)
    done = poured(given, named, "--file", file)
    told_of = 1 if encoding == "cp1252" else 0  # that it is not UTF-8
    assert (done.returncode, done.stderr) == (c.ATTENTION if told_of else c.DONE, b"")
    facts = json.loads(done.stdout)
    assert (facts["created"], len(facts["problems"])) == (1, told_of)
    done = poured(given, named, "--file", file)
    assert json.loads(done.stdout)["unchanged"] == 1
    listed = told("deadlines", "--contracts", "--file", file, "--today", TODAY)[1]
    assert "Cave à vin Überwachung" in listed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "its first row names no columns"),
        (b"PK\x03\x04", "it is a workbook or an archive; save the sheet as CSV"),
        (
            codecs.BOM_UTF16_LE + b"a",
            "it is not in the encoding it was read in: 'utf-16-le'",
        ),
    ],
)
def test_a_pipe_that_holds_no_list_is_named(given: bytes, said: str, tmp_path: Path) -> None:
    done = poured(given, "-", "--file", tmp_path / "both.sqlite")
    assert (done.returncode, done.stderr.decode().startswith(f"clmcrm load: stdin: {said}")) == (c.FAILED, True)
    assert not (tmp_path / "both.sqlite").exists()
