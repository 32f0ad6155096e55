"""`clmcrm connect` of a Salesforce: what is missing is said in Salesforce's words, and no secret is shown."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clmcrm.cli.main import run
from clmcrm.testing.vendors.salesforce.answering import FakeSalesforce
from clmcrm.testing.vendors.salesforce.data import CUSTOM, OrgData
from clmcrm.testing.vendors.serving import serving

SECRET = "canary-client-secret-77c0"  # noqa: S105 - a canary, looked for in every output
TOKEN = "canary-access-token-18ab"  # noqa: S105 - as above


@pytest.fixture
def org(monkeypatch: pytest.MonkeyPatch) -> FakeSalesforce:
    monkeypatch.setenv("SF_SECRET", SECRET)
    fake = FakeSalesforce(OrgData())
    fake.unlock = lambda form: TOKEN if form.get("client_secret") == SECRET else None
    return fake


@pytest.fixture
def config(org: FakeSalesforce, tmp_path: Path) -> Iterator[Path]:
    with serving(org) as origin:
        org.origin = origin
        file = tmp_path / "clmcrm.toml"
        _ = file.write_text(
            f'[systems.crm]\nvendor = "salesforce"\naddress = "{origin}"\n'
            '[systems.crm.options]\nclient = "3MVG"\ncurrency = "EUR"\n'
            '[systems.crm.secrets]\nclient_secret = { env = "SF_SECRET" }\n',
            encoding="utf-8",
        )
        yield file


def told(config: Path) -> tuple[int, str]:
    out = io.StringIO()
    code = run(["connect", "crm", "--config", str(config)], out, out)
    for canary in (SECRET, TOKEN):
        assert canary not in out.getvalue()
    return code, out.getvalue()


def test_what_is_well_is_said_to_be_well(org: FakeSalesforce, config: Path) -> None:
    org.data.now = datetime.now(UTC)
    code, said = told(config)
    assert code == 0, said
    for words in (
        "let in by client credentials",
        "reached",
        "the token is accepted",
        "Account.clmcrm_Key__c",
        "unique",
    ):
        assert words in said


def test_a_missing_field_and_a_clock_that_is_wrong_are_said(org: FakeSalesforce, config: Path) -> None:
    org.data = OrgData(custom={**CUSTOM, "Contract": "clmcrm_Key__c:string:255#"})
    code, said = told(config)
    assert code == 3
    assert "Contract.clmcrm_Terms__c" in said
    assert "s apart" in said


def test_a_refused_secret_is_said_in_salesforces_words(org: FakeSalesforce, config: Path) -> None:
    org.unlock = lambda _form: None
    code, said = told(config)
    assert code == 3
    assert "invalid_grant: authentication failure" in said


@pytest.mark.parametrize(
    ("line", "words"),
    [('currency = "EUR"\n', "options.currency"), ('client = "3MVG"\n', "options.client"),
     ('client_secret = { env = "SF_SECRET" }\n', "secrets")],
)  # fmt: skip
def test_what_is_not_configured_is_named(config: Path, line: str, words: str) -> None:
    _ = config.write_text(config.read_text(encoding="utf-8").replace(line, ""), encoding="utf-8")
    code, said = told(config)
    assert code == 3
    assert words in said
