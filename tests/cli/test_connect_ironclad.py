"""`clmcrm connect` tries an Ironclad: what is missing is said in its own words, and no secret is ever shown."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clmcrm.cli.main import run
from clmcrm.testing.vendors.ironclad.company import TEMPLATE
from clmcrm.testing.vendors.ironclad.service import CLIENT, USER, FakeIronclad
from clmcrm.testing.vendors.serving import serving

TOLD = f"""
[systems.clm]
vendor = "ironclad"
options = {{ client = "{CLIENT[0]}", user = "{USER}", templates = "{TEMPLATE}", obligations = "yes" }}
secrets.client_secret = {{ env = "IRONCLAD_SECRET" }}
"""


@pytest.fixture
def fake() -> FakeIronclad:
    found = FakeIronclad()
    found.company.now = datetime.now(UTC)
    return found


@pytest.fixture
def served(fake: FakeIronclad) -> Iterator[str]:
    with serving(fake) as origin:
        yield origin


def connect(told: str, tmp_path: Path, address: str) -> tuple[int, str]:
    """Exit code, and all that was printed as JSON, in one line."""
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(told, encoding="utf-8")
    out = io.StringIO()
    code = run(["connect", "clm", "--config", str(file), "--address", address, "--json"], out, out)
    said = " ".join(out.getvalue().split())
    assert "canary" not in said
    return code, said


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRONCLAD_SECRET", CLIENT[1])


def test_a_company_that_is_ready_is_well(served: str, tmp_path: Path) -> None:
    code, said = connect(TOLD, tmp_path, served)
    assert (code, '"ok": false' in said) == (0, False), said
    assert f"let in by client credentials, contracts launched by {TEMPLATE}" in said


def test_what_is_missing_is_told(fake: FakeIronclad, served: str, tmp_path: Path) -> None:
    del fake.company.properties["clmcrmKey"]
    fake.scopes_missing = {"obligations"}
    fake.company.pass_time(timedelta(hours=1))
    code, said = connect(TOLD, tmp_path, served)
    assert code == 3
    for words in ("records have no such property", "insufficient scope for GET obligations", "clock by NTP"):
        assert words in said


def test_a_wrong_secret_is_told_in_ironclads_words(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRONCLAD_SECRET", "wrong-canary")
    code, said = connect(TOLD, tmp_path, served)
    assert code == 3
    assert said.count("invalid_client: invalid client") == 1  # the rest would say the same
    assert "compare client id and secret with the app" in said


@pytest.mark.parametrize("lacking", ["client", "user"])
def test_a_configuration_that_lacks_something_says_what(lacking: str, served: str, tmp_path: Path) -> None:
    code, said = connect(re.sub(rf'\b{lacking} = "[^"]*",', "", TOLD), tmp_path, served)
    assert code == 3
    assert "the secret client_secret, with the options client and user" in said
