"""From a conflict to its decision, from a dead letter to its replay, from a write to its undo; and upkeep."""

from __future__ import annotations

import argparse
import io
import json
import shlex
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clmcrm.adapters.embedded import open_embedded
from clmcrm.cli import console as c
from clmcrm.cli import undo
from clmcrm.cli.main import run
from clmcrm.ports.kept import Entry, Link
from clmcrm.ports.records import Side
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.steps import Op, Step

TODAY = "2026-11-23"


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def told(*arguments: str | Path, err: io.StringIO | None = None) -> tuple[int, str, str]:
    out, err = io.StringIO(), err or io.StringIO()
    code = run([*(str(a) for a in arguments), "--today", TODAY], out, err)
    return code, out.getvalue(), err.getvalue()


def answered(*arguments: str | Path) -> tuple[int, Any]:
    code, out, err = told(*arguments, "--json")
    assert err == ""
    return code, json.loads(out)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert run(["demo", "--out", str(folder)], io.StringIO(), io.StringIO()) == c.DONE
    return folder / "company.sqlite"


@pytest.fixture
def file(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(demo, tmp_path / "company.sqlite"))


def _edit(file: Path, key: str, **fields: Any) -> None:
    with open_embedded(file) as both:
        _ = both.crm.edit("account", key, fields)


def _phone(file: Path, side: Side, key: str) -> Any:
    with open_embedded(file) as both:
        system = both.crm if side is Side.CRM else both.clm
        return system.read("account", [key])[0].fields["phone"]


def test_a_preview_says_who_wins_in_text_json_and_as_a_page(file: Path, tmp_path: Path) -> None:
    _edit(file, "A-105", phone="+33 1 00", legal_form="SASU")
    page = tmp_path / "plan.html"
    code, said, _ = told("sync", "--file", file, "--html", page)
    assert code == c.ATTENTION
    assert "only the CRM changed it" in said
    assert "the CRM changed it, but the CLM owns it: restored" in said
    _, data = answered("sync", "--file", file)
    wins = {row["field"]: (row["wins"], row["becomes"]) for row in data["preview"]}
    assert wins == {"phone": ("CRM", "+33 1 00"), "legal_form": ("CLM", "SAS")}
    assert "only the CRM changed it" in page.read_text(encoding="utf-8")
    _ = told("sync", "--file", file, "--html", page, "--language", "fr")
    assert "seul le CRM l&#39;a modifié" in page.read_text(encoding="utf-8")
    code, _, err = told("sync", "--file", file, "--html", tmp_path / "no" / "where.html")
    assert code == c.FAILED
    assert "where.html" in err


def test_progress_is_told_while_records_are_written(file: Path) -> None:
    _edit(file, "A-105", phone="+33 1 00")
    err = Terminal()
    code, _, _ = told("sync", "--apply", "--file", file, err=err)
    assert code == c.ATTENTION
    assert "round 1: 0 of 1 records written" in err.getvalue()
    assert "round 1: 1 of 1 records written" in err.getvalue()


def test_a_plan_that_overwrites_much_is_refused_without_yes(file: Path) -> None:
    with open_embedded(file) as both:
        keys = [seen.key for seen in both.crm.changes("account", None).seen if seen.fields.get("phone")]
        for key in sorted(set(keys))[:25]:
            _ = both.crm.edit("account", key, {"phone": f"new {key}"})
    _, said, _ = told("sync", "--file", file, "--guard", "5")
    assert "It will be refused without --yes: account: " in said
    code, _, err = told("sync", "--apply", "--file", file, "--guard", "5")
    assert code == c.FAILED
    assert "more than 5 %" in err
    _, plan = answered("sync", "--file", file)
    assert len(plan["preview"]) >= 20
    code, _, _ = told("sync", "--apply", "--file", file, "--guard", "5", "--yes")
    assert code == c.ATTENTION
    assert told("sync", "--file", file, "--guard", "101")[0] == c.USAGE


def test_a_conflict_is_listed_decided_and_carried_out(file: Path) -> None:
    code, found = answered("conflicts", "--file", file)
    assert code == c.ATTENTION
    [conflict] = found["conflicts"]
    key = conflict["key"]
    assert key == "account:crm:A-106#billing_address"
    _, said, _ = told("conflicts", "--file", file)
    assert f"clmcrm resolve '{key}'" in said
    code, _, err = told("resolve", key, "--take", "crm", "--file", file)
    assert (code, "say why" in err) == (c.USAGE, True)
    code, _, err = told("resolve", "account:crm:A-9#x", "--take", "crm", "--because", "so", "--file", file)
    assert (code, key in err) == (c.FAILED, True)
    code, decision = answered("resolve", key, "--take", "crm", "--because", "moved", "--by", "ann", "--file", file)
    assert (code, decision["by"], decision["why"]) == (c.DONE, "ann", "moved")
    _, plan = answered("sync", "--file", file)
    assert [row["wins"] for row in plan["preview"]] == ["a person"]
    _ = told("sync", "--apply", "--file", file)
    _, found = answered("conflicts", "--file", file)
    assert found["conflicts"] == []


def test_the_line_that_decides_can_be_pasted_whatever_the_key(tmp_path: Path) -> None:
    file = tmp_path / "both.sqlite"
    with open_embedded(file) as both:
        _ = both.crm.add("account", {"name": "O'Neil", "country": "IE"}, key="O'N 1")
        _ = SqliteJournal(both.connection)
    assert told("sync", "--apply", "--file", file)[0] == c.DONE
    with open_embedded(file) as both:
        (account,) = both.clm.changes("account", None).seen
        for side, key, city in ((both.crm, "O'N 1", "Cork"), (both.clm, account.key, "Dublin")):
            _ = side.edit("account", key, {"billing_address": {"city": city, "country": "IE"}})
    (line,) = [line for line in told("conflicts", "--file", file)[1].splitlines() if line.startswith("Decide one: ")]
    words = shlex.split(line.removeprefix("Decide one: clmcrm "))
    assert words[1] == "account:crm:O'N 1#billing_address"
    assert told(*words, "--file", file)[0] == c.DONE


def test_a_third_value_and_a_pairing_can_be_decided(file: Path) -> None:
    key = "account:crm:A-106#billing_address"
    value = '{"city":"Lens","country":"FR"}'
    code, decision = answered("resolve", key, "--value", value, "--because", "both wrong", "--file", file)
    assert (code, decision["value"]["city"]) == (c.DONE, "Lens")
    assert told("resolve", key, "--value", "1.5", "--because", "x", "--file", file)[0] == c.USAGE
    code, decision = answered("resolve", "account:crm:A-131", "--distinct", "--because", "others", "--file", file)
    assert (code, decision["value"]) == (c.DONE, "(distinct)")
    _, found = answered("conflicts", "--file", file)
    assert not any("A-131" in problem for problem in found["problems"])


def _clm_key(file: Path, crm_key: str) -> str:
    journal = SqliteJournal(file)
    link = next(known.link for known in journal.agreed("account", [f"account:crm:{crm_key}"]))
    journal.close()
    return link.clm or ""


@pytest.mark.parametrize(
    ("record", "chosen", "why"),
    [
        ("account:crm:A-131", ["--pair-with", "C-17"], "--pair-with: the CLM has no account C-17"),
        ("account:crm:A-131", ["--pair-with", "A-104"], "; A-104 on the CRM is {A-104} there"),
        ("account:crm:A-131", ["--pair-with", "{A-104}"], "{A-104} belongs to A-104 on the CRM already; merge A-104"),
        ("account:crm:A-999", ["--distinct"], "the CRM has no account A-999"),
        ("account:crm:A-106#billing_address", ["--distinct"], "the CRM has no account A-106#billing_address"),
        ("account:crm:A-104", ["--distinct"], "it belongs to {A-104} on the CLM already"),
        ("acount:crm:A-131", ["--distinct"], "no 'acount' is paired by a person; such are org_unit, account, contact"),
        ("A-131", ["--distinct"], "expected kind, side and key"),
    ],
)
def test_a_pairing_that_cannot_be_carried_out_is_refused_and_not_kept(
    record: str, chosen: list[str], why: str, file: Path
) -> None:
    """Kept, such a decision was passed over, and the sync made the copy that the person had ruled out."""
    held = {"{A-104}": _clm_key(file, "A-104")}
    for mark, key in held.items():
        chosen, why = [word.replace(mark, key) for word in chosen], why.replace(mark, key)
    code, out, err = told("resolve", record, *chosen, "--because", "so", "--file", file)
    assert (code, out) == (c.FAILED, "")
    assert why in err
    journal = SqliteJournal(file)
    assert not list(journal.decisions())
    journal.close()


def test_an_account_whose_counterpart_went_away_after_the_decision_is_not_copied(file: Path) -> None:
    with open_embedded(file) as both:
        _ = both.clm.add("account", {"name": "Bernard froid", "country": "FR"}, key="L-9")
    paired = ("resolve", "account:crm:A-131", "--pair-with", "L-9", "--because", "the same", "--file", file)
    assert told(*paired)[0] == c.DONE
    with open_embedded(file) as both:
        _ = both.clm.delete("account", "L-9")
    _, plan = answered("sync", "--file", file)
    assert not [row for row in plan["preview"] if row["record"] == "account:crm:A-131"]
    _, found = answered("conflicts", "--file", file)
    assert any("was said to be L-9 on the CLM" in problem for problem in found["problems"])


@pytest.mark.parametrize("value", ["12", '"Lens"', '{"city": 5}', '{"town": "Lens"}'])
def test_a_third_value_that_the_field_cannot_hold_is_refused(value: str, file: Path) -> None:
    key = "account:crm:A-106#billing_address"
    code, _, err = told("resolve", key, "--value", value, "--because", "so", "--file", file)
    assert (code, "--value: billing_address" in err) == (c.FAILED, True)
    assert len(answered("conflicts", "--file", file)[1]["conflicts"]) == 1
    assert told("resolve", key, "--value", "null", "--because", "none", "--file", file)[0] == c.DONE


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ('{"city": "Lens", "city": "Lille", "country": "FR"}', "holds the key 'city' twice in one object"),
        ("[" * 100_000, "levels of nesting"),
        ("9" * 5_000, "holds the number 999"),
        ("1.5", "holds the number 1.5; expected a whole number, or text"),
        ("NaN", "holds the number NaN"),
        ('{"city"', "is not JSON"),
    ],
)
def test_a_value_that_says_two_things_or_cannot_be_read_is_refused(
    value: str, why: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a key written twice the second was kept without a word; deep nesting ended in a traceback."""
    code, _, _ = told(
        "resolve", "account:crm:A-106#billing_address", "--value", value, "--because", "x", "--file", file
    )
    said = capsys.readouterr().err
    assert (code, why in said, len(said) < 1_000) == (c.USAGE, True, True)
    assert answered("conflicts", "--file", file)[1]["conflicts"]


def test_a_conflict_that_was_decided_already_says_by_whom(file: Path) -> None:
    chosen = ("resolve", "account:crm:A-106#billing_address", "--take", "crm", "--by", "ann", "--file", file)
    assert told(*chosen, "--because", "they moved")[0] == c.DONE
    code, _, err = told(*chosen, "--because", "again")
    assert (code, "ann decided it already" in err, "they moved" in err) == (c.FAILED, True, True)


def test_a_dead_letter_is_shown_and_planned_again(file: Path) -> None:
    pair = "account:crm:A-105"
    journal = SqliteJournal(file)
    link = next(known.link for known in journal.agreed("account", [pair]))
    step = Step(op=Op.UPDATE, pair=pair, kind="account", side=Side.CLM, key=link.clm, link=link)
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    facts = {**step.as_fields(), "why": "no such postcode"}
    journal.save_entries([Entry(at=at, pair=pair, what="dead letter", facts=facts)])
    journal.close()
    code, said, _ = told("replay", "--file", file)
    assert code == c.ATTENTION
    assert "no such postcode" in said
    code, _, err = told("replay", "account:crm:nobody", "--file", file)
    assert (code, "no dead letter" in err) == (c.FAILED, True)
    code, data = answered("replay", pair, "--apply", "--file", file)
    assert (code, data["replayed"]) == (c.DONE, True)
    assert told("replay", "--file", file)[1] == "No dead letters.\n"
    journal = SqliteJournal(file)
    assert any(hint.key == "A-105" for hint in journal.hints("account"))
    journal.close()
    assert isinstance(link, Link)


def test_a_write_is_taken_back_after_it_was_shown(file: Path, tmp_path: Path) -> None:
    pair = "account:crm:A-105"
    journal = SqliteJournal(file)
    key = next(known.link.clm for known in journal.agreed("account", [pair])) or ""
    journal.close()
    old = _phone(file, Side.CLM, key)
    _edit(file, "A-105", phone="wrong number")
    start = datetime.now(UTC).isoformat()
    _ = told("sync", "--apply", "--file", file)
    assert _phone(file, Side.CLM, key) == "wrong number"
    chosen = ("undo", "--record", pair, "--since", start, "--file", file)
    code, said, _ = told(*chosen, "--html", tmp_path / "undo.html")
    assert code == c.DONE
    assert "Nothing was written" in said
    assert "What undoing would write" in (tmp_path / "undo.html").read_text(encoding="utf-8")
    assert _phone(file, Side.CLM, key) == "wrong number"
    assert told(*chosen, "--apply")[0] == c.USAGE
    code, done = answered(*chosen, "--apply", "--because", "wrong", "--by", "ann")
    assert (code, [line["ended"] for line in done["lines"]]) == (c.DONE, ["done"])
    assert _phone(file, Side.CLM, key) == old
    _, plan = answered("sync", "--file", file)
    assert plan["preview"] == []
    journal = SqliteJournal(file)
    [line] = [line for line in journal.history(pair) if line.what == "undo"]
    assert (line.facts["by"], line.facts["why"]) == ("ann", "wrong")
    journal.close()


def test_an_undo_that_breaks_off_keeps_who_began_it_and_why(tmp_path: Path) -> None:
    """Of the records that were taken back before Ctrl-C, or before the journal failed, nobody could say why."""
    table, file = tmp_path / "many.csv", tmp_path / "both.sqlite"
    _ = table.write_text("id,title\n" + "".join(f"M-{i:03},t\n" for i in range(150)), encoding="utf-8")
    assert told("load", table, "--file", file)[0] == c.DONE
    assert told("sync", "--apply", "--file", file)[0] == c.DONE
    with closing(sqlite3.connect(file)) as trap, trap:
        _ = trap.execute(
            "CREATE TRIGGER trap BEFORE INSERT ON journal_entry WHEN NEW.what = 'remove' "
            "AND (SELECT count(*) FROM journal_entry WHERE what = 'remove') >= 120 "
            "BEGIN SELECT RAISE(ABORT, 'the disk fails'); END"
        )
    everything = ("undo", "--since", "2020-01-01", "--yes", "--because", "wrong list", "--by", "Eve", "--file", file)
    assert told(*everything, "--apply")[0] == c.FAILED
    with closing(sqlite3.connect(file)) as looked_at, looked_at:
        done = {pair for (pair,) in looked_at.execute("SELECT pair FROM journal_entry WHERE what = 'remove'")}
        told_why = {
            pair: json.loads(facts)
            for pair, facts in looked_at.execute("SELECT pair, facts FROM journal_entry WHERE what = 'undo'")
        }
        _ = looked_at.execute("DROP TRIGGER trap")
    assert 0 < len(done) < 150
    assert told_why.keys() == done
    assert {(facts["by"], facts["why"]) for facts in told_why.values()} == {("Eve", "wrong list")}


def test_an_undo_of_everything_is_refused_and_nothing_chosen_is_a_usage_error(file: Path) -> None:
    code, _, err = told("undo", "--file", file)
    assert (code, "--record" in err) == (c.USAGE, True)
    code, out, err = told("undo", "--record", "account:crm:A-1o5", "--file", file)
    assert (code, out, "nothing was written to such a record" in err) == (c.FAILED, "", True)
    code, _, err = told("undo", "--since", "2026-01-01", "--apply", "--because", "all", "--file", file)
    assert code == c.FAILED
    assert "deletes of" in err
    assert told("undo", "--since", "yesterday", "--file", file)[0] == c.USAGE


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ("2026-11-29", "2026-11-29T00:00:00+00:00"),
        ("2026-11-29T08:30", "2026-11-29T08:30:00+00:00"),
        ("2026-11-29 08:30", "2026-11-29T08:30:00+00:00"),
        ("2026-11-29T08:30+02:00", "2026-11-29T08:30:00+02:00"),
    ],
)
def test_the_hour_from_which_to_undo_is_kept_however_it_is_parted_from_the_day(said: str, since: str) -> None:
    parser = argparse.ArgumentParser()
    undo.add_options(parser)
    assert parser.parse_args(["--since", said]).since.isoformat() == since


def test_the_journal_is_backed_up_verified_compacted_exported_and_imported(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    assert told("journal", "backup", copy, "--file", file)[0] == c.DONE
    code, health = answered("journal", "verify", "--file", copy)
    assert (code, health["sound"]) == (c.DONE, True)
    code, sizes = answered("journal", "compact", "--file", copy)
    assert (code, sizes["bytes_after"] <= sizes["bytes_before"]) == (c.DONE, True)
    code, kept = answered("journal", "export", tmp_path / "j.jsonl", "--file", file)
    assert code == c.DONE
    code, moved = answered("journal", "import", tmp_path / "j.jsonl", "--file", tmp_path / "new.sqlite")
    assert (code, moved["lines"]) == (c.DONE, kept["lines"] - 1)
    assert answered("conflicts", "--file", copy)[1] == answered("conflicts", "--file", file)[1]


@pytest.mark.parametrize("order", ["backup {to} --file {of}", "backup --file {of} {to}", "--file {of} backup {to}"])
def test_a_commands_options_stand_anywhere(order: str, file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    assert told("journal", *(word.format(to=copy, of=file) for word in order.split()))[0] == c.DONE
    assert copy.exists()


def test_a_file_named_beside_verify_and_compact_is_the_one_looked_at(file: Path, tmp_path: Path) -> None:
    """`clmcrm journal verify BACKUP` is what the words about a damaged file advise."""
    damaged = tmp_path / "backup.sqlite"
    body = bytearray(file.read_bytes())
    body[4096 * 3 : 4096 * 3 + 200] = b"\xff" * 200
    _ = damaged.write_bytes(bytes(body))
    code, health = answered("journal", "verify", damaged, "--file", file)
    assert (code, health["sound"]) == (c.FAILED, False)
    assert answered("journal", "verify", "--file", file)[1]["sound"]
    code, _, err = told("journal", "compact", damaged, "--file", file)
    assert (code, "backup.sqlite" in err) == (c.FAILED, True)
    assert told("journal", "verify", tmp_path / "none.sqlite", "--file", file)[0] == c.FAILED


def test_a_page_that_says_nothing_was_written_is_not_made_of_what_is_written(file: Path, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    _edit(file, "A-105", phone="+33 1 00")
    chosen = [["sync"], ["undo", "--record", "account:crm:A-105", "--because", "wrong"]]
    for command in chosen:
        code, _, err = told(*command, "--apply", "--html", page, "--file", file)
        assert (code, "without --apply" in err, page.exists()) == (c.USAGE, True, False)
    assert len(answered("sync", "--file", file)[1]["preview"]) == 1


def test_a_run_that_leaves_questions_does_not_say_that_all_is_consistent(file: Path) -> None:
    said = told("sync", "--apply", "--file", file)[1]
    assert said.endswith("both sides are consistent but for what waits.\n")
    assert "There is nothing to write." in told("sync", "--file", file)[1]
    assert "Fiches à écrire\u00a0: 0; Champs" in told("sync", "--language", "fr", "--file", file)[1]


def test_an_option_that_would_do_nothing_is_not_taken(file: Path) -> None:
    """A replay keeps who asked for it; a reason it was given was dropped."""
    assert told("replay", "--apply", "--because", "mended", "--file", file)[0] == c.USAGE


def test_upkeep_names_what_is_wrong(file: Path, tmp_path: Path) -> None:
    assert "name a file" in told("journal", "backup", "--file", file)[2]
    (tmp_path / "there").write_text("x")
    for action in ("backup", "export"):
        code, _, err = told("journal", action, tmp_path / "there", "--file", file)
        assert (code, "exists already" in err) == (c.FAILED, True)
    assert "cannot be read" in told("journal", "import", tmp_path / "none", "--file", tmp_path / "n.sqlite")[2]
    assert not (tmp_path / "n.sqlite").exists()
    (tmp_path / "latin").write_bytes(b"\xe9\n")
    assert "UTF-8" in told("journal", "import", tmp_path / "latin", "--file", tmp_path / "n.sqlite")[2]
    body = bytearray(file.read_bytes())
    body[4096 * 3 : 4096 * 3 + 200] = b"\xff" * 200
    _ = file.write_bytes(bytes(body))
    code, health = answered("journal", "verify", "--file", file)
    assert (code, health["sound"]) == (c.FAILED, False)
    assert told("journal", "verify", "--file", file)[1].count("company.sqlite") >= 1
