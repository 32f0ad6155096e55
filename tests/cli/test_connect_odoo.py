"""`clmcrm connect` tries an Odoo: a configuration that lacks something is told before anything is asked."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from clmcrm.adapters.configuration import load_settings
from clmcrm.adapters.extras import Carry
from clmcrm.adapters.odoo.clm import OdooClm
from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.system import FILES_AT_ONCE
from clmcrm.adapters.odoo.wire import Door
from clmcrm.cli.connect_odoo import odoo_system
from clmcrm.cli.main import run

WELL = """
[systems.erp]
vendor = "odoo"
address = "https://erp.example"
options = { database = "prod", side = "crm", contract_field = "x_contract", company = "1" }
secrets.key = { env = "ODOO_KEY" }
"""


def told(text: str, tmp_path: Path) -> Path:
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODOO_KEY", "key-canary")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WELL.replace("ODOO_KEY", "ODOO_NONE"), "the variable ODOO_NONE"),
        (WELL.replace('database = "prod", ', ""), "options.database"),
        (WELL.replace('"crm"', '"wall"'), "one of crm, contract, agreement"),
        (WELL.replace('company = "1"', 'company = "ours"'), "the company's number in Odoo"),
        (WELL.replace('address = "https://erp.example"', ""), "https://your-odoo.example"),
        (WELL.replace('company = "1"', 'carry = "files all"'), "some of files, computed, parts"),
    ],
    ids=["key", "database", "side", "company", "address", "what to carry"],
)
def test_what_is_missing_in_the_configuration_is_told(text: str, why: str, tmp_path: Path) -> None:
    out = io.StringIO()
    code = run(["connect", "erp", "--config", str(told(text, tmp_path)), "--json"], out, out)
    said = " ".join(out.getvalue().split())
    assert (code, why in said, "canary" in said) == (3, True, False), said


@pytest.mark.parametrize(
    ("text", "cls", "door"),
    [
        (WELL, OdooCrm, Door.JSON_2),
        (WELL.replace('"crm"', '"agreement"'), OdooClm, Door.JSON_2),
        (WELL.replace('company = "1"', 'login = "sync"'), OdooCrm, Door.JSON_RPC),
    ],
    ids=["crm", "agreement", "older"],
)
def test_each_side_is_opened_as_it_is_configured(text: str, cls: type, door: Door, tmp_path: Path) -> None:
    settings = load_settings(told(text, tmp_path), {})["erp"]
    system = odoo_system(settings, "https://erp.example")
    assert (type(system), system.session.door, system.session.database) == (cls, door, "prod")


@pytest.mark.parametrize("side", ["crm", "contract"])
def test_what_is_carried_besides_is_configured(side: str, tmp_path: Path) -> None:
    text = WELL.replace('"crm"', f'"{side}"').replace('company = "1"', 'carry = "files parts"')
    system = odoo_system(load_settings(told(text, tmp_path), {})["erp"], "https://erp.example")
    assert system.kinds["account"].carry == {Carry.FILES, Carry.PARTS}
    assert system.capabilities.batch_size == FILES_AT_ONCE  # a thousand images would not be flat memory
