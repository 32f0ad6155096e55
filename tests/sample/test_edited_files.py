"""A file that somebody edited wrongly is refused, by the file, the record and the field."""

from __future__ import annotations

import pytest

from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.ports.records import Kind
from clmcrm.sample.edits import read_edits
from clmcrm.sample.keys import Keys, read_both
from clmcrm.sample.shorthand import Table

DURAND = {"id": "A-1", "name": "Durand"}
EDIT = {
    "side": "crm", "kind": "account", "key": "A-1", "by": "pell", "why": "a slip", "set": {"phone": "1"},
}  # fmt: skip


def accounts(monkeypatch: pytest.MonkeyPatch, *held: Table) -> Keys:
    monkeypatch.setattr("clmcrm.sample.keys.tables", lambda *_: held)
    keys = Keys()
    _ = read_both(Account, "accounts.toml", Kind.ACCOUNT, keys)
    return keys


@pytest.mark.parametrize(
    ("table", "field"),
    [
        (DURAND, "clm"),
        ({**DURAND, "clm": "P-1", "only": "crm"}, "clm"),
        ({**DURAND, "clm": 1}, "clm"),
        ({**DURAND, "clm": "P-1", "parent": "A-9"}, "parent"),
        ({**DURAND, "clm": "P-1", "unit": "U-9"}, "unit"),
        ({**DURAND, "only": "crm", "colour": "blue"}, "$.colour"),
    ],
)
def test_wrong_record_is_refused(monkeypatch: pytest.MonkeyPatch, table: Table, field: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        _ = accounts(monkeypatch, table)
    assert refusal.value.record.startswith("accounts.toml: ")
    assert "A-1" in refusal.value.record
    assert refusal.value.field == field


def test_record_on_an_unknown_side_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        _ = accounts(monkeypatch, {**DURAND, "only": "erp"})
    assert refusal.value.field == "only"


def test_pairs_are_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = accounts(monkeypatch, {**DURAND, "clm": "P-1"}, {"id": "A-2", "name": "B", "only": "crm"})
    assert keys.of(Kind.ACCOUNT) == {"A-1": "P-1"}
    assert (keys.in_clm(Kind.ACCOUNT, "A-1"), keys.in_clm(Kind.ACCOUNT, "A-2")) == ("P-1", "A-2")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "blue"}, "colour"),
        ({"kind": "invoice"}, "kind"),
        ({"side": "erp"}, "side"),
        ({"set": "phone"}, "set"),
        ({"by": ""}, "by"),
        ({"new": "yes"}, "new"),
    ],
)
def test_wrong_edit_is_refused(monkeypatch: pytest.MonkeyPatch, change: Table, field: str) -> None:
    monkeypatch.setattr("clmcrm.sample.edits.tables", lambda *_: ({**EDIT, **change},))
    with pytest.raises(InvalidRecord) as refusal:
        _ = read_edits()
    assert refusal.value.field == field


def test_edit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clmcrm.sample.edits.tables", lambda *_: (EDIT,))
    (edit,) = read_edits()
    assert (edit.where, dict(edit.fields), edit.new) == ("crm account A-1", {"phone": "1"}, False)
