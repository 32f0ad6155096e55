"""`clmcrm config show` says what holds and what it comes from, and shows no secret."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from clmcrm.cli.main import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "declared" / "acme.toml"
CANARY = "canary-5d1e"
FILE = f"""
[systems.sales]
vendor = "hubspot"
[systems.sales.options]
terms = "deal"
tokn = "{CANARY}"
[systems.sales.secrets]
token = {{ env = "HS_TOKEN" }}
refresh = {{ file = "refresh" }}

[systems.acme]
description = "acme.toml"
address = "https://ann:{CANARY}@acme.example/?key={CANARY}"
"""


@pytest.fixture(autouse=True)
def _a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _ = Path("clmcrm.toml").write_text(FILE, encoding="utf-8")
    _ = Path("acme.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    _ = Path("refresh").write_text(f"{CANARY}\n", encoding="utf-8")


def shown(*arguments: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Value and source by system and setting; the canary is looked for in both forms of the answer."""
    out = io.StringIO()
    assert run(["config", "show", *arguments], out, out) == 0
    assert CANARY not in out.getvalue()
    answer = io.StringIO()
    assert run(["config", "show", *arguments, "--json"], answer, answer) == 0
    assert CANARY not in answer.getvalue()
    rows: list[Any] = json.loads(answer.getvalue())
    return {(row["system"], row["setting"]): (row["value"], row["source"]) for row in rows}


def test_what_the_file_says_holds_where_no_variable_goes_before_it(tmp_path: Path) -> None:
    found = shown()
    assert found["sales", "vendor"] == ("hubspot", "clmcrm.toml")
    assert found["sales", "option terms"] == ("deal", "clmcrm.toml")
    assert found["sales", "address"] == ("not set", "that of the vendor counts")
    assert found["sales", "secret refresh"] == ("***", "the file refresh")
    assert found["sales", "secret token"] == (
        "not set", "looked for in the variable CLMCRM_SALES_SECRET_TOKEN or the variable HS_TOKEN",
    )  # fmt: skip
    assert found["acme", "description"] == ("acme.toml", "clmcrm.toml")
    assert found["acme", "address"] == ("(not shown: it names a user)", "clmcrm.toml")


@pytest.mark.parametrize(
    ("variable", "value", "setting", "shows"),
    [
        ("CLMCRM_SALES_ADDRESS", "https://api.example", ("sales", "address"), "https://api.example"),
        ("CLMCRM_SALES_TERMS", "contract", ("sales", "option terms"), "contract"),
        ("CLMCRM_SALES_CLIENT", "c-1", ("sales", "option client"), "c-1"),
        ("CLMCRM_SALES_SECRET_TOKEN", CANARY, ("sales", "secret token"), "***"),
        ("CLMCRM_ACME_DESCRIPTION", "other.toml", ("acme", "description"), "other.toml"),
    ],
)
def test_a_variable_goes_before_the_file_and_is_named(
    variable: str, value: str, setting: tuple[str, str], shows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert shown()[setting] == (shows, f"the variable {variable}")
    monkeypatch.setenv(variable, "  ")
    assert shown().get(setting, ("", ""))[1] != f"the variable {variable}"


def test_the_variable_that_the_file_names_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HS_TOKEN", CANARY)
    assert shown("sales")["sales", "secret token"] == ("***", "the variable HS_TOKEN")
    assert {system for system, _ in shown("sales")} == {"sales"}


def test_an_option_that_nobody_takes_is_not_shown() -> None:
    assert shown()["sales", "option tokn"] == ("not shown", "clmcrm.toml; nobody takes it")


def test_what_is_no_text_is_said_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLMCRM_SALES_SECRET_TOKEN", f"{CANARY}\udcff")
    value, source = shown()["sales", "secret token"]
    assert value == "not shown"
    assert "CLMCRM_SALES_SECRET_TOKEN: is no text of UTF-8" in source


def test_a_system_that_is_not_there_and_a_file_that_is_not() -> None:
    err = io.StringIO()
    assert run(["config", "show", "nobody"], err, err) == 1
    assert "no system 'nobody'; configured are acme, sales" in err.getvalue()
    missing = io.StringIO()
    assert run(["config", "show", "--config", "elsewhere.toml"], missing, missing) == 1
    assert "elsewhere.toml: there is no such file" in missing.getvalue()
