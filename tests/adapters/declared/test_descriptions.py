"""A description is read strictly: what is wrong is named with its place, and what would be right."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from clmcrm.adapters.declared.keys import SECTIONS, reference_page
from clmcrm.adapters.declared.reading import load_description, read_description
from clmcrm.adapters.declared.system import DeclaredSystem, budgets_of
from clmcrm.errors import TerminalError, UnreadableInput
from clmcrm.ports.records import Creating, Feed, Precondition

ROOT = Path(__file__).parents[3]
ACME = (ROOT / "examples" / "declared" / "acme.toml").read_text(encoding="utf-8")
SMALL = """
system = "small"
address = "https://small.example/v1"
[kinds.account]
key = "id"
list = { path = "/a" }
one = { path = "/a/{key}" }
[kinds.account.fields]
name = "n"
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('system = "acme"', 'sytem = "acme"', "sytem is no key; known are system, address"),
        ('address = "https://api.acme.example/v1"', 'address = "ftp://x"', "address is 'ftp://x'"),
        ('address = "https://api.acme.example/v1"', 'address = "https://u:p@x"', "expected https://host/path"),
        ('with = "bearer"', 'with = "magic"', "auth.with is not shown; known are none, bearer, basic, header"),
        ('secret = "token"', "", "auth.secret is not given; bearer needs it"),
        ('secret = "token"', 'secret = "sk-12 34"', "the secret itself does not belong in this file"),
        ("[replies]", '[headers]\nAuthorization = "x"\n[replies]', "carries a secret; name it in [auth] instead"),
        ("batch_size = 25", "batch_size = 0", "limits.batch_size is 0; expected at least 1"),
        ("batch_size = 25", "batch_size = true", "limits.batch_size is True; expected a whole number"),
        ("size = 5000", "size = 0", "limits.windows.0 allows nothing"),
        ('creating = "unique"', 'creating = "keyed"', "creating keyed needs both"),
        ('precondition = "if-match"', 'precondition = "body"', "writing.version is not given"),
        ("[kinds.account]", "[kinds.acount]", "kinds.acount is no kind; known are account"),
        ('version = "revision"', "", "kinds.account.version is not given; the precondition if-match needs it"),
        ('key = "id"', 'key = "id."', "kinds.account.key is 'id.'; expected a path such as owner.email"),
        ('paging = "keyset"', 'paging = "keyed"', "list.paging is 'keyed'; known are none, keyset"),
        ('after_param = "after_id"', "", "kinds.account.list.after_param is not given; paging by keyset needs it"),
        ('path = "/companies/{key}"', 'path = "/companies"', "kinds.account.one.path is '/companies'; expected {key}"),
        ('path = "/companies"', 'path = "companies?x=1"', "list.path is 'companies?x=1'; expected a path that begins"),
        ('name = "company_name"', 'nmae = "x"', "kinds.account.fields.nmae is no field of account; known are"),
        ('form = "whole"', 'form = "float"', "fields.employees.form is 'float'; known are text, key, number, whole"),
        (', currency = "turnover.currency"', "", "fields.revenue needs either currency (a path) or currency_is"),
        ('amount = "turnover.value", ', "", "kinds.account.fields.revenue.amount is not given; a money needs it"),
        ('form = "date", written', 'form = "date", zone = "Europe/Atlantis", written', "zone is 'Europe/Atlantis'"),
        ('changed = "updated_at"', "", "kinds.account.changed is not given; since_param needs the instant"),
        ("[writing]", "[writing]\nvisible_lag_s = 3600", "expected at least writing.visible_lag_s, 3600, or what"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, told: str) -> None:
    assert old in ACME
    with pytest.raises(UnreadableInput) as refused:
        _ = read_description(ACME.replace(old, new, 1), "acme.toml")
    assert told in str(refused.value)
    assert str(refused.value).startswith("acme.toml: ")


@pytest.mark.parametrize("value", ["true", "7", '"x"', "[1]", "{ a = 1 }"])
@pytest.mark.parametrize("place", [(s, k.name) for s, keys in SECTIONS.items() for k in keys if "*" not in s])
def test_no_value_of_any_key_crashes_the_reader(place: tuple[str, str], value: str) -> None:
    section, name = place
    told = SMALL.replace(f"\n{name} =", "\n# =")
    head = f"{name} = {value}\n" if not section else ""
    tail = "" if not section else f"\n[{section}]\n{name} = {value}\n"
    if section == "limits.windows":
        tail = f"\n[[limits.windows]]\n{name} = {value}\n"
    with contextlib.suppress(UnreadableInput):
        _ = read_description(head + told + tail)


@pytest.mark.parametrize("text", ["", "[", "system = 1\nsystem = 2", "a" * 100, "[kinds]\n" * 2])
def test_what_is_no_description_is_refused(text: str) -> None:
    with pytest.raises(UnreadableInput):
        _ = read_description(text)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="cannot be opened"):
        _ = load_description(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    _ = broken.write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableInput, match="UTF-8"):
        _ = load_description(broken)


def test_a_secret_written_where_it_does_not_belong_is_not_repeated() -> None:
    for old, new in (('with = "bearer"', 'with = "canary-5512"'), ("[replies]", "[headers]\nX = 7\n[replies]")):
        with pytest.raises(UnreadableInput) as refused:
            _ = read_description(ACME.replace(old, new, 1))
        assert "canary-5512" not in str(refused.value)


def test_the_reference_page_is_the_table_that_the_reader_obeys() -> None:
    page = (ROOT / "docs" / "reference" / "described_systems.md").read_text(encoding="utf-8")
    assert page == reference_page(), "run docs/generate.py"
    assert all(f"| `{key.name}` |" in page for keys in SECTIONS.values() for key in keys)


def test_the_flags_promise_no_more_than_the_description() -> None:
    able = DeclaredSystem(read_description(SMALL)).capabilities
    assert (able.feed, able.precondition, able.creation) == (Feed.NONE, Precondition.NONE, Creating.NONE)
    assert (able.creates, able.marks, able.tells_deletes, able.tells_merges) == (frozenset(), False, False, False)
    assert able.holds == {"account": frozenset({"name"})}


def test_the_rate_windows_become_budgets() -> None:
    (budget,) = budgets_of(read_description(ACME))
    assert (budget.vendor, budget.size, budget.per.total_seconds()) == ("acme", 5000, 10)


def test_a_kind_that_is_not_described_is_an_error() -> None:
    system = DeclaredSystem(read_description(SMALL))
    with pytest.raises(TerminalError, match="does not hold contract; it holds account"):
        next(system.changes("contract", None))
