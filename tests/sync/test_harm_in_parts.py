"""A run in parts is judged as the one run it is: its guard is not passed a few records at a time."""

from __future__ import annotations

from typing import Any

import pytest

from clmcrm.errors import PlanRefused, TransientError
from clmcrm.ports.journal import Journal
from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.ownership import FieldRule, KindRules, OnDelete, Ownership, Rules

ACCOUNT = "account"
MANY = 60
RULES = Rules(
    kinds=(
        KindRules(
            kind=ACCOUNT, default=FieldRule(owner=Ownership.SHARED), match=(("name",),), on_delete=OnDelete.ARCHIVE
        ),
    )
)


class PlainJournal:
    """A journal with nothing but what the port asks for: it counts nothing."""

    def __init__(self) -> None:
        kept = MemoryJournal()
        for name in sorted(name for name in dir(Journal) if not name.startswith("_")):
            setattr(self, name, getattr(kept, name))


@pytest.fixture(params=[PlainJournal, MemoryJournal, lambda: SqliteJournal(":memory:")])
def pair(request: pytest.FixtureRequest, lab: Any) -> Any:
    """Two systems that agree on sixty accounts: twelve is a fifth, and the floor is twenty."""
    both = lab.Pair(journal=request.param(), rules=RULES)
    for n in range(MANY):
        _ = both.crm.add(ACCOUNT, name=f"n{n}", phone="1")
    _ = both.settle()
    return both


def _edit(pair: Any, phone: str, count: int = MANY) -> None:
    for key in sorted(pair.crm.living(ACCOUNT))[:count]:
        pair.crm.edit(ACCOUNT, key, phone=phone)


def _to_the_end(pair: Any, at_most: int = 5, **options: Any) -> None:
    while pair.run(at_most=at_most, **options).more:
        pass


def _having(pair: Any, phone: str) -> int:
    return sum(row["phone"] == phone for row in pair.clm.living(ACCOUNT).values())


@pytest.mark.parametrize("at_most", [1, 19, 45])
def test_a_side_that_was_emptied_is_not_archived_in_parts_either(pair: Any, at_most: int) -> None:
    for key in list(pair.crm.living(ACCOUNT)):
        pair.crm.delete(ACCOUNT, key)
    for _ in range(3):
        with pytest.raises(PlanRefused, match=r"60 deletes of 60 known pairs, .* in other parts of the run"):
            _ = pair.run(at_most=at_most)
    assert len(pair.clm.living(ACCOUNT)) == MANY
    _to_the_end(pair, at_most, yes=True)
    assert pair.clm.living(ACCOUNT) == {}


def test_what_is_deleted_beside_is_not_told_to_come_once_more(pair: Any) -> None:
    for key in sorted(pair.crm.living(ACCOUNT))[:12]:
        pair.crm.delete(ACCOUNT, key)
        pair.crm.feed += [(ACCOUNT, key)] * 3
    _to_the_end(pair, 2)
    assert len(pair.clm.living(ACCOUNT)) == MANY - 12


def test_the_overwrites_of_all_parts_add_up(pair: Any) -> None:
    _edit(pair, "2")
    with pytest.raises(PlanRefused, match=r"20 overwrites of 60 known pairs, .* .15 of them in other parts"):
        _to_the_end(pair)
    with pytest.raises(PlanRefused, match="20 overwrites"):
        _to_the_end(pair)
    assert _having(pair, "2") == 15
    _to_the_end(pair, percent=100)
    assert _having(pair, "2") == MANY


def test_a_small_run_in_parts_is_not_refused_however_often_there_is_one(pair: Any) -> None:
    for n in range(2, 7):
        _edit(pair, str(n), 12)
        _to_the_end(pair)
        assert _having(pair, str(n)) == 12


def test_whoever_says_yes_answers_for_what_was_done(pair: Any) -> None:
    _edit(pair, "2", 40)
    for _ in range(3):
        assert pair.run(at_most=5).more
    assert pair.run(at_most=5, yes=True).more
    for _ in range(3):
        assert pair.run(at_most=5).more
    with pytest.raises(PlanRefused, match="15 of them"):
        _ = pair.run(at_most=5)


def test_a_run_that_is_whole_ends_one_in_parts(pair: Any) -> None:
    _edit(pair, "2", 17)
    for _ in range(2):
        assert pair.run(at_most=5).more
    _ = pair.run()
    assert _having(pair, "2") == 17
    _edit(pair, "3", 19)
    _to_the_end(pair)
    assert _having(pair, "3") == 19


def test_what_could_not_be_written_is_not_counted_again_and_again(pair: Any) -> None:
    _edit(pair, "2", 12)
    pair.clm.failures = [TransientError("clm", "busy")] * 9
    while pair.clm.failures:
        assert pair.run(at_most=5).more
    _to_the_end(pair)
    assert _having(pair, "2") == 12


def test_a_process_that_dies_in_every_part_does_not_pass_the_guard(pair: Any, lab: Any) -> None:
    def dies() -> None:
        raise lab.PowerCutError

    _edit(pair, "2")
    usual, pair.clm.after_write = pair.clm.after_write, dies
    for _ in range(3):
        with pytest.raises(lab.PowerCutError):
            _ = pair.run(at_most=5)
    pair.clm.after_write = usual
    with pytest.raises(PlanRefused, match="20 overwrites"):
        _to_the_end(pair)
    assert _having(pair, "2") == 15


@pytest.mark.parametrize("at_most", [1, 5, 40])
def test_what_ended_on_both_sides_is_settled_in_parts_too(pair: Any, at_most: int) -> None:
    for known in list(pair.journal.agreed(ACCOUNT))[:18]:
        pair.crm.delete(ACCOUNT, known.link.crm)
        pair.clm.delete(ACCOUNT, known.link.clm)
    runs = [pair.run(at_most=at_most, yes=True) for _ in range(18 if at_most == 1 else 4)]
    assert not runs[-1].more
    assert list(pair.journal.hints(ACCOUNT)) == []
    assert sum(not known.link.ended for known in pair.journal.agreed(ACCOUNT)) == MANY - 18
    assert sum(report.written for report in runs) == 0
