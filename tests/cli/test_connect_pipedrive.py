"""`clmcrm connect` tries a Pipedrive: what is missing is said in its own words, and no secret is ever shown."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pipedrive_desk import now, ready

from clmcrm.cli.main import run
from clmcrm.testing.vendors.pipedrive.service import TOKEN, PipedriveService
from clmcrm.testing.vendors.serving import serving

OWN = """
[systems.crm]
vendor = "pipedrive"
options = { terms = "deal" }
secrets.token = { env = "PIPEDRIVE_TOKEN" }
"""
OAUTH = """
[systems.crm]
vendor = "pipedrive"
options = { client = "app" }
secrets.refresh = { env = "PIPEDRIVE_REFRESH" }
secrets.client_secret = { env = "PIPEDRIVE_SECRET" }
"""


@pytest.fixture
def service() -> PipedriveService:
    service = ready(PipedriveService(tick=timedelta(0)))
    service.clock.now = now()
    return service


@pytest.fixture
def served(service: PipedriveService) -> Iterator[str]:
    with serving(service) as origin:
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
        ("PIPEDRIVE_TOKEN", TOKEN), ("PIPEDRIVE_REFRESH", "refresh-canary"), ("PIPEDRIVE_SECRET", "app-canary")
    ):  # fmt: skip
        monkeypatch.setenv(name, value)


def test_a_company_that_is_ready_is_well(service: PipedriveService, served: str, tmp_path: Path) -> None:
    service.windows.tokens = 30_000
    code, said = connect(OWN, tmp_path, served)
    assert (code, '"ok": false' in said) == (0, False), said
    assert "Pipedrive, let in by a user's API token, terms on the deal" in said
    assert "Durand, Europe/Paris, EUR" in said
    assert "29918 left today" in said
    assert {method for method, _ in service.asked} == {"GET"}


def test_what_is_missing_is_told(service: PipedriveService, served: str, tmp_path: Path) -> None:
    service.records.customs["organizations"].clear()
    service.forbidden = {"persons", "itemSearch"}
    service.clock.advance(timedelta(hours=1))
    code, said = connect(OWN, tmp_path, served)
    assert code == 3
    for words in (
        "organizations have no custom field 'clmcrm key'", "Scope and URL mismatch", "set_up makes it",
        "search:read", "set this machine's clock by NTP",
    ):  # fmt: skip
        assert words in said, words


def test_a_token_that_pipedrive_does_not_know(service: PipedriveService, served: str, tmp_path: Path) -> None:
    service.tokens.clear()
    code, said = connect(OWN, tmp_path, served)
    assert (code, "unauthorized access" in said, "personal preferences" in said) == (3, True, True)


def test_oauth_gets_its_token_by_itself(service: PipedriveService, served: str, tmp_path: Path) -> None:
    service.refresh_tokens["refresh-canary"] = ""
    code, said = connect(OAUTH, tmp_path, served)
    assert (code, "let in by OAuth" in said) == (0, True), said
    code, said = connect(OAUTH, tmp_path, served)
    assert (code, "refresh token is invalid" in said) == (3, True)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (OWN.replace("deal", "wall"), "one of deal, organization"),
        (OWN.replace("PIPEDRIVE_TOKEN", "PIPEDRIVE_NONE"), "with the option client"),
    ],
    ids=["a place that is none", "no secret"],
)
def test_a_configuration_that_lacks_something_is_told_before_anything_is_asked(
    told: str, why: str, served: str, service: PipedriveService, tmp_path: Path
) -> None:
    code, said = connect(told, tmp_path, served)
    assert (code, why in said, service.asked) == (3, True, [])


def test_a_token_server_whose_address_is_none_is_said_to_be_none(served: str, tmp_path: Path) -> None:
    told = OAUTH.replace('client = "app"', 'client = "app", login = "oauth.pipedrive.com"')
    code, said = connect(told, tmp_path, served)
    assert code == 3
    assert "'oauth.pipedrive.com' is no address" in said
