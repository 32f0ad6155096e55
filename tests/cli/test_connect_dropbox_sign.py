"""`clmcrm connect` says what is missing for Dropbox Sign, and never shows the key."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clmcrm.cli.main import run
from clmcrm.testing.vendors.dropbox_sign import KEY, FakeDropboxSign
from clmcrm.testing.vendors.serving import serving


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DROPBOX_SIGN_KEY", KEY)
    with serving(FakeDropboxSign(lambda: datetime.now(UTC))) as origin:
        _ = (tmp_path / "clmcrm.toml").write_text(
            f'[systems.sign]\nvendor = "dropbox_sign"\naddress = "{origin}"\n'
            '[systems.sign.secrets]\nkey = { env = "DROPBOX_SIGN_KEY" }\n',
            encoding="utf-8",
        )
        yield tmp_path


def told(folder: Path) -> tuple[int, str]:
    out = io.StringIO()
    code = run(["connect", "sign", "--config", str(folder / "clmcrm.toml")], out, out)
    assert KEY not in out.getvalue()
    return code, out.getvalue()


def test_an_account_that_is_well_is_said_to_be_well(folder: Path) -> None:
    code, said = told(folder)
    assert code == 0, said
    for words in ("configuration", "reached", "clock", "none in the account"):
        assert words in said


def test_a_refused_key_is_told_in_its_own_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DROPBOX_SIGN_KEY", "another")
    code, said = told(folder)
    assert code == 3
    assert "Unauthorized user" in said


def test_a_missing_key_says_where_it_is_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DROPBOX_SIGN_KEY")
    code, said = told(folder)
    assert code == 3
    assert "DROPBOX_SIGN_KEY" in said
