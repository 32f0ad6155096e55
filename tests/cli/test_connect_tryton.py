"""`clmcrm connect` tries a Tryton: a configuration that lacks something is told before anything is asked."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from clmcrm.adapters.configuration import load_settings
from clmcrm.adapters.extras import Carry
from clmcrm.adapters.tryton.crm import FILES_AT_ONCE
from clmcrm.cli.connect_tryton import tryton_system
from clmcrm.cli.main import run
from clmcrm.ports.records import Kind

WELL = """
[systems.erp]
vendor = "tryton"
address = "https://erp.example"
options = { database = "crm", user = "sync", company = "1", category = "Customer" }
secrets.password = { env = "TRYTON_PASSWORD" }
"""


def told(text: str, tmp_path: Path) -> Path:
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRYTON_PASSWORD", "word-canary")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WELL.replace("TRYTON_PASSWORD", "TRYTON_NONE"), "the variable TRYTON_NONE"),
        (WELL.replace('database = "crm", ', ""), "the options database and user"),
        (WELL.replace('company = "1"', 'company = "ours"'), "the company's number in Tryton"),
        (WELL.replace('address = "https://erp.example"', ""), "https://your-tryton.example"),
        (WELL.replace('company = "1"', 'carry = "all"'), "some of files, computed, parts"),
    ],
    ids=["password", "database", "company", "address", "what to carry"],
)
def test_what_is_missing_in_the_configuration_is_told(text: str, why: str, tmp_path: Path) -> None:
    out = io.StringIO()
    code = run(["connect", "erp", "--config", str(told(text, tmp_path)), "--json"], out, out)
    said = " ".join(out.getvalue().split())
    assert (code, why in said, "canary" in said) == (3, True, False), said


def test_the_category_picks_the_customers(tmp_path: Path) -> None:
    for text, domain in (
        (WELL, (["categories.name", "=", "Customer"],)), (WELL.replace(', category = "Customer"', ""), ()),
    ):  # fmt: skip
        crm = tryton_system(load_settings(told(text, tmp_path), {})["erp"], "https://erp.example")
        assert crm.kinds[Kind.ACCOUNT].domain == domain
        assert "canary" not in repr(crm.session)


def test_what_is_carried_besides_is_configured(tmp_path: Path) -> None:
    text = WELL.replace('company = "1"', 'carry = "files parts"')
    crm = tryton_system(load_settings(told(text, tmp_path), {})["erp"], "https://erp.example")
    assert crm.kinds[Kind.ACCOUNT].carry == {Carry.FILES, Carry.PARTS}
    assert crm.capabilities.batch_size == FILES_AT_ONCE  # a thousand files would not be flat memory
