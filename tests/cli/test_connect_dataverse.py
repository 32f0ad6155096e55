"""`clmcrm connect` of a Dataverse: what is missing is said in Microsoft's words, and no secret is shown."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clmcrm.cli.main import run
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.dataverse.data import EnvironmentData
from clmcrm.testing.vendors.dataverse.tables import CUSTOM
from clmcrm.testing.vendors.serving import serving

SECRET = "canary-client-secret-77c0"  # noqa: S105 - a canary, looked for in every output
TOKEN = "canary-access-token-18ab"  # noqa: S105 - as above


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDataverse:
    monkeypatch.setenv("DV_SECRET", SECRET)
    fake = FakeDataverse()
    fake.unlock = lambda form: TOKEN if form.get("client_secret") == SECRET else None
    return fake


@pytest.fixture
def config(fake: FakeDataverse, tmp_path: Path) -> Iterator[Path]:
    with serving(fake) as origin:
        fake.origin = origin
        file = tmp_path / "clmcrm.toml"
        _ = file.write_text(
            f'[systems.crm]\nvendor = "dataverse"\naddress = "{origin}"\n'
            f'[systems.crm.options]\nclient = "app"\ntenant = "acme.example"\ncurrency = "EUR"\nlogin = "{origin}"\n'
            '[systems.crm.secrets]\nclient_secret = { env = "DV_SECRET" }\n',
            encoding="utf-8",
        )
        yield file


def told(config: Path) -> tuple[int, str]:
    out = io.StringIO()
    code = run(["connect", "crm", "--config", str(config)], out, out)
    for canary in (SECRET, TOKEN):
        assert canary not in out.getvalue()
    return code, out.getvalue()


def test_what_is_well_is_said_to_be_well(fake: FakeDataverse, config: Path) -> None:
    fake.data.now = datetime.now(UTC)
    code, said = told(config)
    assert code == 0, said
    for words in ("let in by client credentials", "reached", "the token is accepted", "account.clmcrm_key", "Active"):
        assert words in said


def test_a_missing_table_and_a_clock_that_is_wrong_are_said(fake: FakeDataverse, config: Path) -> None:
    own = {name: said for name, said in CUSTOM.items() if name != "clmcrm_contractterm"}
    fake.data = EnvironmentData(custom=own)
    code, said = told(config)
    assert code == 3
    assert "create the table clmcrm_contractterm" in said
    assert "s apart" in said


def test_a_refused_secret_is_said_in_microsofts_words(fake: FakeDataverse, config: Path) -> None:
    fake.unlock = lambda _form: None
    code, said = told(config)
    assert code == 3
    assert "AADSTS7000215" in said
    assert "its value, not its id" in said


@pytest.mark.parametrize(
    ("line", "words"),
    [('currency = "EUR"\n', "options.currency"), ('client = "app"\n', "options.client"),
     ('tenant = "acme.example"\n', "options.tenant"), ('client_secret = { env = "DV_SECRET" }\n', "client_secret")],
    ids=["currency", "client", "tenant", "secret"],
)  # fmt: skip
def test_what_is_not_configured_is_named(config: Path, line: str, words: str) -> None:
    _ = config.write_text(config.read_text(encoding="utf-8").replace(line, ""), encoding="utf-8")
    code, said = told(config)
    assert code == 3
    assert words in said
