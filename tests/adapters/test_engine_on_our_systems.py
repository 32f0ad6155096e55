"""The engine joins our own CRM and CLM: in memory and in one file that holds the journal too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from clmcrm.adapters.embedded import open_embedded
from clmcrm.adapters.memory import MemoryClm, MemoryCrm, ticking_clock
from clmcrm.adapters.shelf import ShelfSystem
from clmcrm.ports.journal import Journal
from clmcrm.ports.records import Outcome, Seen, Side, Write
from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.flow import synchronise
from clmcrm.sync.reports import Report
from clmcrm.sync.standard import standard_rules

Joined = tuple[ShelfSystem, ShelfSystem, Journal]
CLOCK = ticking_clock()


@pytest.fixture(params=["memory", "file"])
def joined(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Joined]:
    if request.param == "memory":
        yield MemoryCrm(), MemoryClm(), MemoryJournal()
        return
    with open_embedded(tmp_path / "all.sqlite") as both:
        yield both.crm, both.clm, SqliteJournal(both.connection)


def _run(joined: Joined) -> Report:
    crm, clm, journal = joined
    return synchronise({Side.CRM: crm, Side.CLM: clm}, journal, standard_rules(), clock=CLOCK)


def test_a_new_account_and_its_contact_appear_on_the_other_side(joined: Joined) -> None:
    crm, clm, _ = joined
    account = crm.add("account", {"name": "Durand", "website": "https://durand.example"})
    _ = crm.add("contact", {"family_name": "Byron", "account": account.key})
    _ = _run(joined)
    (copy,) = clm.changes("account", None).seen
    assert (copy.fields["name"], copy.fields["website"]) == ("Durand", "https://durand.example")
    (person,) = clm.changes("contact", None).seen
    assert (person.fields["family_name"], person.fields["account"]) == ("Byron", copy.key)


def test_an_edit_travels_and_a_settled_pair_is_left_alone(joined: Joined) -> None:
    crm, clm, _ = joined
    account = crm.add("account", {"name": "Durand"})
    _ = _run(joined)
    _ = crm.edit("account", account.key, {"name": "Durand SAS"})
    _ = _run(joined)
    (copy,) = clm.changes("account", None).seen
    assert copy.fields["name"] == "Durand SAS"
    before = (crm.changes("account", None), clm.changes("account", None))
    for _ in range(3):
        _ = _run(joined)
    assert (crm.changes("account", None), clm.changes("account", None)) == before


class _Listening(MemoryClm):
    """Remembers in which order it was read and written."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        self.heard.append("read")
        return super().read(kind, keys)

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        self.heard.append("write")
        return super().write(writes)


def test_an_update_that_is_answered_with_the_record_is_not_read_back_and_a_creation_is() -> None:
    crm, clm, journal = MemoryCrm(), _Listening(), MemoryJournal()
    account = crm.add("account", {"name": "Durand"})
    _ = _run((crm, clm, journal))
    assert clm.heard == ["write", "read"]
    _ = _run((crm, clm, journal))
    clm.heard.clear()
    _ = crm.edit("account", account.key, {"name": "Durand SAS"})
    _ = _run((crm, clm, journal))
    assert clm.heard == ["read", "write"]
    (known,) = journal.agreed("account")
    assert (known.shown_clm["name"], known.base["name"]) == ("Durand SAS", "Durand SAS")
