"""`clmcrm connect` says what is missing for PandaDoc, and never shows the key."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clmcrm.adapters.pandadoc.definition import SENDER, mark_of
from clmcrm.cli.main import run
from clmcrm.testing.vendors.pandadoc.documents import Document
from clmcrm.testing.vendors.pandadoc.service import KEY, MEMBER, FakePandaDoc
from clmcrm.testing.vendors.serving import serving


def present() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def fake() -> FakePandaDoc:
    return FakePandaDoc(present, lag=timedelta(0), rendering=timedelta(0))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakePandaDoc) -> Iterator[Path]:
    monkeypatch.setenv("PANDADOC_KEY", KEY)
    with serving(fake) as origin:
        _ = (tmp_path / "clmcrm.toml").write_text(
            f'[systems.sign]\nvendor = "pandadoc"\naddress = "{origin}"\n'
            '[systems.sign.secrets]\nkey = { env = "PANDADOC_KEY" }\n',
            encoding="utf-8",
        )
        yield tmp_path


def told(folder: Path) -> tuple[int, str]:
    out = io.StringIO()
    code = run(["connect", "sign", "--config", str(folder / "clmcrm.toml")], out, out)
    assert KEY not in out.getvalue()
    return code, out.getvalue()


def put(fake: FakePandaDoc) -> None:
    """A document of ours."""
    data = {"name": "C-1", "metadata": {SENDER: mark_of("clmcrm")}}
    now = present()
    fake.documents["d"] = Document(
        id="d", data=data, content=b"", clock=present, keep=fake.lists.keep, created=now, made_at=now
    )


def test_an_account_that_is_well_is_said_to_be_well(folder: Path) -> None:
    code, said = told(folder)
    assert code == 0, said
    for words in ("configuration", "reached", "clock", "Acme, as sync@example.org (Admin)", "none of this sender"):
        assert words in said


def test_an_audit_trail_is_read_where_there_is_one(folder: Path, fake: FakePandaDoc) -> None:
    put(fake)
    code, said = told(folder)
    assert code == 0, said
    assert "read, 1 entries" in said


def test_a_key_that_may_not_read_the_trail_is_told_and_what_to_do(folder: Path, fake: FakePandaDoc) -> None:
    put(fake)
    fake.administrator = False
    code, said = told(folder)
    assert code == 3
    assert "You do not have permission" in said
    assert "audit=False" in said


def test_a_member_without_documents_is_told_by_the_role(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MEMBER, "role", "Collaborator")
    code, said = told(folder)
    assert code == 3
    assert "there is no document yet; Collaborator" in said


def test_a_refused_key_is_told_in_its_own_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANDADOC_KEY", "another")
    code, said = told(folder)
    assert code == 3
    assert "Authentication credentials are wrong" in said


def test_a_missing_key_says_where_it_is_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDADOC_KEY")
    code, said = told(folder)
    assert code == 3
    assert "PANDADOC_KEY" in said
