"""`clmcrm connect` tries a HubSpot: what is missing is said in its own words, and no secret is ever shown."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hubspot_desk import now, ready

from clmcrm.cli.main import run
from clmcrm.testing.vendors.hubspot.account import TOKEN, HubSpotAccount
from clmcrm.testing.vendors.serving import serving

PRIVATE = """
[systems.crm]
vendor = "hubspot"
options = { terms = "deal" }
secrets.token = { env = "HUBSPOT_TOKEN" }
"""
OAUTH = """
[systems.crm]
vendor = "hubspot"
options = { client = "app" }
secrets.refresh = { env = "HUBSPOT_REFRESH" }
secrets.client_secret = { env = "HUBSPOT_SECRET" }
"""


@pytest.fixture
def account() -> HubSpotAccount:
    account = ready(HubSpotAccount())
    account.clock.now = now()
    return account


@pytest.fixture
def served(account: HubSpotAccount) -> Iterator[str]:
    with serving(account) as origin:
        yield origin


def connect(told: str, tmp_path: Path, address: str) -> tuple[int, str]:
    """Exit code, and all that was printed as JSON, in one line."""
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(told, encoding="utf-8")
    out = io.StringIO()
    code = run(["connect", "crm", "--config", str(file), "--address", address, "--json"], out, out)
    said = " ".join(out.getvalue().split())
    assert "canary" not in said
    return code, said


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("HUBSPOT_TOKEN", TOKEN), ("HUBSPOT_REFRESH", "refresh-canary"), ("HUBSPOT_SECRET", "app-canary")
    ):  # fmt: skip
        monkeypatch.setenv(name, value)


def test_an_account_that_is_ready_is_well(served: str, tmp_path: Path) -> None:
    code, said = connect(PRIVATE, tmp_path, served)
    assert (code, '"ok": false' in said) == (0, False), said
    assert "HubSpot, let in by a private app's token, terms on the deal" in said
    assert "won: Closed Won, Signed" in said


def test_what_is_missing_is_told(account: HubSpotAccount, served: str, tmp_path: Path) -> None:
    account.schema.make_common("companies", "clmcrm_key")
    account.scopes_missing = {"line_items"}
    account.clock.advance(timedelta(hours=1))
    code, said = connect(PRIVATE, tmp_path, served)
    assert code == 3
    for words in ("is not unique", "crm.objects.line_items.read", "set this machine's clock by NTP"):
        assert words in said


def test_a_token_that_hubspot_does_not_know(account: HubSpotAccount, served: str, tmp_path: Path) -> None:
    account.tokens.clear()
    code, said = connect(PRIVATE, tmp_path, served)
    assert (code, "Authentication credentials not found" in said) == (3, True)


def test_oauth_gets_its_token_by_itself(account: HubSpotAccount, served: str, tmp_path: Path) -> None:
    account.refresh_tokens["refresh-canary"] = ""
    code, said = connect(OAUTH, tmp_path, served)
    assert (code, "let in by OAuth" in said) == (0, True), said
    account.refresh_tokens.clear()
    code, said = connect(OAUTH, tmp_path, served)
    assert (code, "refresh token" in said) == (3, True)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (PRIVATE.replace("deal", "wall"), "one of deal, company, contract"),
        (PRIVATE.replace("HUBSPOT_TOKEN", "HUBSPOT_NONE"), "with the option client"),
    ],
)
def test_a_configuration_that_lacks_something_is_told_before_anything_is_asked(
    told: str, why: str, served: str, account: HubSpotAccount, tmp_path: Path
) -> None:
    code, said = connect(told, tmp_path, served)
    assert (code, why in said, account.asked) == (3, True, [])
