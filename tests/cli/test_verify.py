"""`clmcrm verify` as a person who received a file uses it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from evidence import past_contract, past_log

from clmcrm.cli import console as c
from clmcrm.cli.main import run
from clmcrm.proof.log import export_log
from clmcrm.proof.pack import evidence_pack

LOG = past_log()


def told(*arguments: str | Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run(["verify", *map(str, arguments)], out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "log.jsonl").write_bytes(export_log(LOG))
    (tmp_path / "pack.zip").write_bytes(evidence_pack(past_contract(), LOG))
    (tmp_path / "head.json").write_text(LOG.head.as_text(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["log.jsonl", "pack.zip"])
def test_a_whole_file_is_said_to_be_whole_and_how_far_it_is_vouched_for(folder: Path, name: str) -> None:
    code, out, _ = told(folder / name, "--head", folder / "head.json")
    assert (code, "10 entries of contract C-1, 10 of them vouched for" in out) == (c.DONE, True)
    code, out, _ = told(folder / name)
    assert (code, "No head from outside" in out) == (c.DONE, True)
    code, out, _ = told(folder / name, "--head", folder / "head.json", "--json")
    assert json.loads(out)["sound"] is True


@pytest.mark.parametrize("name", ["log.jsonl", "pack.zip"])
def test_a_tampered_file_is_refused_with_the_entry(folder: Path, name: str) -> None:
    path = folder / name
    if name == "log.jsonl":
        path.write_bytes(path.read_bytes().replace(b"2024-01-06", b"2024-01-07", 1))
    else:
        forged = export_log(LOG).replace(b"2024-01-06", b"2024-01-07", 1)
        path.write_bytes(evidence_pack(past_contract(), LOG).replace(export_log(LOG), forged))
    code, out, err = told(path)
    assert code == c.FAILED
    assert "entry 5" in out if name == "log.jsonl" else "CRC" in err


def test_a_cut_off_end_shows_with_a_head_only(folder: Path) -> None:
    path = folder / "log.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    assert told(path)[0] == c.DONE
    code, out, _ = told(path, "--head", folder / "head.json", "--json")
    assert code == c.FAILED
    assert json.loads(out)["log"]["position"] == 8


def test_a_file_that_is_not_there_or_no_head_is_an_error(folder: Path) -> None:
    code, _, err = told(folder / "missing.zip")
    assert (code, "missing.zip" in err) == (c.FAILED, True)
    code, _, err = told(folder / "log.jsonl", "--head", folder / "log.jsonl")
    assert (code, "log.jsonl" in err) == (c.FAILED, True)
