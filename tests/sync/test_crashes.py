"""The process dies at every single point where it can; the next run finds the rest and doubles nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from machine_steps import NIGHTLY

from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal


def _breaking(make: Callable[[], Any], fuse: Any) -> Any:
    """A journal that may die before a commit (all of it is lost) and after it (all of it is kept)."""
    journal = make()
    whole = journal.transaction

    @contextmanager
    def transaction() -> Iterator[None]:
        with whole():
            yield
            fuse.touch()
        fuse.touch()

    journal.transaction = transaction
    return journal


def _world(lab: Any, make: Callable[[], Any]) -> Any:
    """Two systems with something of everything to do, and a fuse that both systems and the journal share."""
    fuse = lab.Fuse()
    pair = lab.Pair(journal=_breaking(make, fuse), batch_size=2)
    pair.crm.fuse = pair.clm.fuse = fuse
    for n in range(3):
        _ = pair.crm.add("account", name=f"n{n}", country="FR", phone="1", billing_address="here")
    _ = pair.crm.add("contact", name="Ada", account="A1")
    _ = pair.settle()
    pair.crm.edit("account", "A1", phone="2", billing_address="there")
    pair.clm.edit("account", "L1", legal_name="N0 SAS")
    pair.clm.edit("account", "L2", phone="against ownership")
    pair.crm.delete("account", "A3")
    _ = pair.crm.add("account", name="child", parent="A1")
    _ = pair.clm.add("account", name="both", country="FR", legal_name="Both SAS")
    _ = pair.crm.add("account", name="both", country="FR", industry="steel")
    _ = pair.clm.add("contact", name="Bob", account="L2")
    _ = pair.crm.add("contract", title="draft", account="A1")
    return pair


def _outcome(pair: Any) -> Any:
    """What a person would see in both systems, apart from versions and generated keys."""
    names = {
        **{key: fields.get("name") for key, fields in pair.crm.living("account").items()},
        **{key: fields.get("name") for key, fields in pair.clm.living("account").items()},
    }

    def told(value: Any) -> Any:
        return names.get(value, value) if isinstance(value, str) else value

    return [
        sorted(
            str(sorted((name, told(value)) for name, value in fields.items()))
            for fields in system.living(kind).values()
        )
        for system in (pair.crm, pair.clm)
        for kind in ("account", "contact", "contract")
    ]


# By day every third place with SQLite, which takes longer; by night every one.
JOURNALS: list[Any] = [(MemoryJournal, 1), (lambda: SqliteJournal(":memory:"), 1 if NIGHTLY else 3)]


@pytest.mark.parametrize(("make", "every"), JOURNALS, ids=["memory", "sqlite"])
def test_wherever_the_process_dies_nothing_is_lost_and_nothing_doubled(
    lab: Any, make: Callable[[], Any], every: int
) -> None:
    whole = _world(lab, make)
    _ = whole.settle()
    expected = _outcome(whole)
    deaths = 0
    for k in range(0, 10_000, every):
        pair = _world(lab, make)
        pair.crm.fuse.left = k
        try:
            _ = pair.run(yes=True)
        except lab.PowerCutError:
            deaths += 1
        else:
            break
        _ = pair.settle()
        assert _outcome(pair) == expected, f"died at {k}"
        assert list(pair.journal.open_steps()) == []
        before = pair.written
        for _ in range(2):
            assert pair.run().lines == ()
        assert pair.written == before
        getattr(pair.journal, "close", lambda: None)()
    assert deaths * every > 60


def test_dying_twice_on_the_way_is_no_worse(lab: Any) -> None:
    whole = _world(lab, MemoryJournal)
    _ = whole.settle()
    expected = _outcome(whole)
    for first in range(0, 90, 7):
        for second in range(0, 60, 7):
            pair = _world(lab, MemoryJournal)
            for k in (first, second):
                pair.crm.fuse.left = k
                try:
                    _ = pair.run(yes=True)
                except lab.PowerCutError:
                    continue
            pair.crm.fuse.left = None
            _ = pair.settle()
            assert _outcome(pair) == expected, f"died at {first}, then at {second}"


def test_no_note_of_an_overruled_edit_is_lost_in_a_crash(lab: Any) -> None:
    for k in range(200):
        pair = _world(lab, MemoryJournal)
        pair.crm.fuse.left = k
        with contextlib.suppress(lab.PowerCutError):
            _ = pair.run(yes=True)
        ended = pair.crm.fuse.left is not None
        pair.crm.fuse.left = None
        _ = pair.settle()
        values = [note.facts["value"] for note in pair.history("note")]
        assert "against ownership" in values, f"died at {k}"
        if ended:
            return
    raise AssertionError("the run never ended")
