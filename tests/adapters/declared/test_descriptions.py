"""A description is read strictly: what is wrong is named with its place, and what would be right."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path

import pytest

from clmcrm.adapters.declared.keys import SECTIONS, reference_page
from clmcrm.adapters.declared.reading import load_description, read_description
from clmcrm.adapters.declared.system import DeclaredSystem, budgets_of
from clmcrm.errors import InvalidRecord, TerminalError, UnreadableInput
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
        ('system = "acme"', 'system = " "', "system is empty: the system's name in refs"),
        ('with = "bearer"', 'with = "header"\nheader = "X Key"', "auth.header is no name of a header"),
        ("[replies]", '[headers]\n"X Y" = "x"\n[replies]', "headers.X Y is no header; expected printable ASCII, and a"),
        ("[replies]", "[replies]\nmissing = [404, 2000]", "replies.missing is [404, 2000]; expected a list of statu"),
        ("size = 5000", "size = 99999999999999999999", "expected a whole number from 0 to 1000000000"),
        ("overlap_s = 60", "overlap_s = 9999999999999", "overlap_s is 9999999999999; expected a whole number from"),
        ('key = "id"', 'key = ""', "kinds.account.key is ''; expected a path such as owner.email"),
        ('key = "id"', "key = []", "kinds.account.key is []; expected a path such as owner.email"),
        ('path = "archived", is', 'path = "", is', "kinds.account.gone.path is ''; expected a path"),
        ("is = true", "is = 2026-01-01", "kinds.account.gone.is is 2026-01-01; expected a text, a number, true or f"),
        ("is = true", "is = nan", "kinds.account.gone.is is NaN; expected a finite number"),
        ('param = "ids"\nsize = 10', 'param = "ids"\nsize = 0', "kinds.account.many.size is 0; expected at least 1"),
        ('path = "/companies"', 'path = "/companies/{key}"', "list.path is '/companies/{key}'; no key is known there"),
        ("quoted = true", 'quoted = true\nversion = "rev"', "writing.version is not used by if-match; it is for body"),
        ("quoted = true", "key_window_s = 60", "writing.key_window_s is not used by unique; it is for keyed"),
        ('paging = "keyset"', 'paging = "none"', "kinds.account.list.after_param is not used by paging none; it is"),
        ("size_param", 'page_param = "p"\nsize_param', "list.page_param is not used by paging keyset; it is for page"),
        ('form = "date", written', 'form = "date", pattern = "%m/%Y", written', "pattern is '%m/%Y'; expected day,"),
        ('form = "date", written', 'form = "date", pattern = "DD/MM", written', "pattern is 'DD/MM'; expected day,"),
        ('form = "date", written', 'form = "date", pattern = "%Q", written', "pattern is '%Q'; expected day, month"),
        ('form = "date", written', 'form = "date", epoch = "seconds", written', "epoch is not used by the form date"),
        (
            'form = "date", written', 'form = "date", pattern = "%d/%m/%Y", zone = "Europe/Paris", written',
            "kinds.account.fields.created_on.zone is not used with pattern",
        ),
        ('form = "whole"', 'values = { a = "b" }', "fields.employees.values is not used by the form text; it is for"),
        ('form = "whole"', "minor_units = true", "fields.employees.minor_units is not used by the form text; it is"),
        ('path = "headcount", form = "whole"', 'form = "constant", is = 2026-01-01', "employees.is is 2026-01-01; e"),
        ("lines = { path", 'lines = { unknown = "x", path', "billing_address.parts.lines.unknown is not used by the"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, told: str) -> None:
    assert old in ACME
    with pytest.raises(UnreadableInput) as refused:
        _ = read_description(ACME.replace(old, new, 1), "acme.toml")
    assert told in str(refused.value)
    assert str(refused.value).startswith("acme.toml: ")


def test_numbered_pages_need_a_size_for_a_short_page_is_the_last() -> None:
    paged = SMALL.replace('path = "/a" }', 'path = "/a", paging = "page", page_param = "p" }')
    with pytest.raises(UnreadableInput, match=r"kinds\.account\.list\.size is not given; paging by page needs it"):
        _ = read_description(paged)
    for more in ("size = 20", 'size_param = "n"'):
        _ = read_description(paged.replace('"p" }', f'"p", {more} }}'))


def test_a_number_in_a_description_stays_as_it_is_written() -> None:
    told = SMALL.replace('name = "n"', 'name = { form = "constant", is = 1.50 }').replace(
        'key = "id"', 'key = "id"\ngone = { path = "w", is = 1.5 }\nremove = { path = "/a/{key}", set = { w = 1.5 } }'
    )
    kind = read_description(told).kinds["account"]
    assert kind.fields["name"].constant == "1.50"
    assert kind.gone is not None
    assert kind.remove is not None
    assert (kind.gone.value, kind.remove.members) == (Decimal("1.5"), {"w": Decimal("1.5")})


@pytest.mark.parametrize(
    "value",
    ["true", "7", "9e999", "-1", "99999999999999999999", "nan", "2026-01-01", "[]", "[[]]", '"x"', "[1]", "{ a = 1 }"],
)
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


@pytest.mark.parametrize("told", ["9" * 5_000, "1e99999999999999999999", "[" * 100_000])
def test_a_value_that_no_reader_of_toml_takes_is_no_toml(told: str) -> None:
    with pytest.raises(UnreadableInput, match="is no TOML"):
        _ = read_description(f"system = {told}")


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


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://ann:canary-9@small.example", "'(not shown: it names a user)'"),
        ("https://canary-9@small.example/v1?x=1", "'(not shown: it names a user)'"),
        ("https://small.example/v1?key=canary-9", "'https://small.example/v1?(not shown)'"),
        ("https://small.example/v1#canary-9", "'https://small.example/v1#(not shown)'"),
        ("https://small.example/v1?", "'https://small.example/v1?(not shown)'"),
    ],
)
def test_an_address_with_a_password_or_a_token_in_it_is_refused_without_showing_it(address: str, told: str) -> None:
    """Paths are put behind the address: behind a question mark they would be part of the token."""
    with pytest.raises(UnreadableInput) as in_the_file:
        _ = read_description(SMALL.replace("https://small.example/v1", address))
    with pytest.raises(InvalidRecord) as as_argument:
        _ = DeclaredSystem(read_description(SMALL), address=address)
    for refused in (in_the_file, as_argument):
        assert f"address is {told}" in str(refused.value)
        assert "canary-9" not in str(refused.value) + repr(vars(refused.value))
