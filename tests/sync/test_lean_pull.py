"""A run reads only the pairs it has to know, and comes to the same plan as if it had read them all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clmcrm.errors import InvalidRecord
from clmcrm.ports.journal import ComparingJournal, Journal, KeyedJournal
from clmcrm.ports.records import Feed
from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync import plan, pull, synchronise
from clmcrm.sync.arbitration import decisions_in

KINDS = ("org_unit", "account", "contact")


class PlainJournal:
    """A journal with nothing but what the port asks for: it can neither find by key nor compare."""

    def __init__(self) -> None:
        kept = MemoryJournal()
        for name in sorted(name for name in dir(Journal) if not name.startswith("_")):
            setattr(self, name, getattr(kept, name))


def SqliteInMemory() -> SqliteJournal:  # noqa: N802 - stands for a class
    """A journal in SQL: it finds by key, and compares."""
    return SqliteJournal(":memory:")


JOURNALS = pytest.mark.parametrize("make", [PlainJournal, MemoryJournal, SqliteInMemory])

sides = st.sampled_from(["crm", "clm"])
steps = st.one_of(
    st.tuples(st.just("add"), sides, st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("edit"), sides, st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("move"), sides, st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("delete"), sides, st.integers(0, 5), st.just(0)),
    st.tuples(st.just("restore"), sides, st.integers(0, 5), st.just(0)),
    st.tuples(st.just("merge"), sides, st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("run"), sides, st.just(0), st.just(0)),
)


def _act(pair: Any, step: tuple[str, str, int, int]) -> None:
    what, side, first, second = step
    system = getattr(pair, side)
    living = sorted(system.living("account"))
    gone = sorted(key for (kind, key), row in system.rows.items() if kind == "account" and row["gone"])
    if what == "add":
        parent = {"parent": living[second % len(living)]} if living and second % 2 else {}
        _ = system.add("account", name=f"n{first}", country="FR", **parent)
    elif what == "run":
        _ = pair.run(yes=True)
    elif what == "restore" and gone:
        system.restore("account", gone[first % len(gone)])
    elif living:
        key, other = living[first % len(living)], living[second % len(living)]
        if what == "edit":
            system.edit("account", key, name=f"n{second}")
        elif what == "move":
            system.edit("account", key, parent=other)
        elif what == "delete":
            system.delete("account", key)
        elif what == "merge" and key != other:
            system.merge("account", key, other)


@JOURNALS
@settings(max_examples=settings().max_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.lists(steps, min_size=3, max_size=25))
def test_the_plan_is_the_same_as_from_all_pairs(lab: Any, make: Any, script: list[Any]) -> None:
    pair = lab.Pair(journal=make())
    for step in script:
        _act(pair, step)
    kinds = [kind.kind for kind in pair.rules]
    decisions = decisions_in(pair.journal)
    whole = pull(pair.systems, pair.journal, kinds)
    lean = pull(pair.systems, pair.journal, kinds, rules=pair.rules)
    assert (lean.left, lean.right, lean.hints) == (whole.left, whole.right, whole.hints)
    assert all(known in whole.agreed for known in lean.agreed)
    one = plan(whole.agreed, whole.left, whole.right, pair.rules, decisions)
    other = plan(lean.agreed, lean.left, lean.right, pair.rules, decisions, known=lean.known)
    assert json.dumps(one.as_fields()) == json.dumps(other.as_fields())
    assert one.refusal() == other.refusal()


@JOURNALS
def test_what_did_not_change_is_not_read_from_the_journal(lab: Any, make: Any) -> None:
    pair = lab.Pair(journal=make())
    for n in range(30):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    _ = pair.settle()
    pair.crm.edit("account", "A7", name="other", parent="A9")
    kinds = [kind.kind for kind in pair.rules]
    pulled = pull(pair.systems, pair.journal, kinds, rules=pair.rules)
    assert [known.link.crm for known in pulled.agreed] == ["A7", "A9"]
    assert len(pulled.left) == len(pulled.right) == 1


def test_the_guard_counts_all_pairs_and_not_only_those_met(lab: Any) -> None:
    for make in (PlainJournal, MemoryJournal, SqliteInMemory):
        pair = lab.Pair(journal=make())
        for n in range(200):
            _ = pair.crm.add("account", name=f"n{n}", country="FR")
        _ = pair.settle()
        for n in range(1, 31):
            pair.crm.edit("account", f"A{n}", name=f"other {n}")
        report = pair.run()
        assert report.plan.known["account"] == 200
        assert report.written == 30


def test_our_journals_say_whether_they_find_by_key() -> None:
    assert isinstance(PlainJournal(), Journal)
    assert not isinstance(PlainJournal(), KeyedJournal | ComparingJournal)
    assert isinstance(MemoryJournal(), KeyedJournal)
    assert isinstance(SqliteInMemory(), KeyedJournal)
    assert isinstance(SqliteInMemory(), ComparingJournal)


# current feeds


@pytest.mark.parametrize("feed", [Feed.DELTA, Feed.TIMESTAMP, Feed.NONE])
def test_a_listing_of_what_is_known_leaves_no_hint(lab: Any, feed: Feed) -> None:
    pair = lab.Pair(feed=feed)
    for n in range(7):
        _ = pair.crm.add("account", name=f"n{n}", country="FR", parent="A1" if n else None)
    _ = pair.settle()
    pair.crm.edit("account", "A5", name="n4")  # typed over with what it was
    before = len(pair.crm.calls)
    kinds = [kind.kind for kind in pair.rules]
    pulled = pull(pair.systems, pair.journal, kinds, rules=pair.rules)
    assert [*pulled.hints, *pulled.left, *pulled.right] == []
    assert all(what == "changes" for what, _ in pair.crm.calls[before:])


@pytest.mark.parametrize("feed", [Feed.DELTA, Feed.TIMESTAMP, Feed.NONE])
def test_a_listing_of_records_that_were_paired_by_identity_leaves_no_hint(lab: Any, feed: Feed) -> None:
    pair = lab.Pair(feed=feed)
    for n in range(4):
        _ = pair.crm.add("account", name=f"n{n}", country="FR", phone="01")
        _ = pair.clm.add("account", name=f"n{n}", country="FR", phone="01")
    _ = pair.settle()
    assert len(pair.clm.living("account")) == 4
    before = len(pair.clm.calls)
    pulled = pull(pair.systems, pair.journal, [kind.kind for kind in pair.rules], rules=pair.rules)
    assert [*pulled.hints, *pulled.left, *pulled.right] == []
    assert all(what == "changes" for what, _ in pair.clm.calls[before:])


@pytest.mark.parametrize("feed", [Feed.DELTA, Feed.NONE])
def test_a_listing_still_shows_every_change(lab: Any, feed: Feed) -> None:
    pair = lab.Pair(feed=feed)
    for n in range(4):
        _ = pair.crm.add("account", name=f"n{n}", country="FR", parent="A1" if n else None)
    _ = pair.settle()
    pair.crm.edit("account", "A2", parent="A3")
    pair.clm.edit("account", "L1", legal_name="Durand SAS")
    pair.crm.delete("account", "A4")
    kinds = [kind.kind for kind in pair.rules]
    pulled = pull(pair.systems, pair.journal, kinds, rules=pair.rules)
    assert {(hint.side.value, hint.key) for hint in pulled.hints} == {("crm", "A2"), ("crm", "A4"), ("clm", "L1")}


@pytest.mark.parametrize("feed", list(Feed))
@pytest.mark.parametrize("make", [MemoryJournal, SqliteInMemory])
def test_a_run_with_nothing_to_do_commits_nothing(lab: Any, make: Any, feed: Feed, monkeypatch: Any) -> None:
    pair = lab.Pair(feed=feed, journal=make())
    for n in range(7):  # more than a page
        _ = pair.crm.add("account", name=f"n{n}", country="FR", parent="A1" if n else None)
    _ = pair.settle()
    begun: list[None] = []
    transaction = pair.journal.transaction

    def counted() -> Any:
        begun.append(None)
        return transaction()

    monkeypatch.setattr(pair.journal, "transaction", counted)
    _ = pair.run()
    assert begun == []
    pair.crm.edit("account", "A2", name="other")
    _ = pair.run()
    assert begun != []


@pytest.mark.parametrize("make", [MemoryJournal, SqliteInMemory, PlainJournal])
def test_no_history_is_read_of_a_pair_that_was_never_refused(lab: Any, make: Any, monkeypatch: Any) -> None:
    pair = lab.Pair(feed=Feed.NONE, journal=make())
    for n in range(3):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    _ = pair.settle()
    pair.clm.refuses = lambda write: "bad" if dict(write.fields).get("name") == "bad" else ""
    pair.crm.edit("account", "A1", name="bad")
    _ = pair.run()
    read: list[str | None] = []
    history = pair.journal.history

    def noted(about: str | None = None) -> Any:
        read.append(about)
        return history(about)

    monkeypatch.setattr(pair.journal, "history", noted)
    pair.crm.edit("account", "A2", name="good")
    written = len(pair.clm.written)
    _ = pair.run()
    assert [write.key for write in pair.clm.written[written:]] == ["L2"], "what was refused is not sent again"
    assert read == (["account:crm:A1", "account:crm:A2"] if make is PlainJournal else ["account:crm:A1"])


# in parts


def test_a_large_first_run_goes_in_parts(lab: Any) -> None:
    pair = lab.Pair()
    for n in range(25):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    rounds = 0
    while True:
        rounds += 1
        report = pair.run(at_most=10)
        assert len(report.plan.steps) <= 10
        if not report.more:
            break
    assert rounds == 5  # 25 new records, and 20 of our creations that come back as hints
    assert len(pair.clm.living("account")) == 25


@pytest.mark.parametrize("wrong", [0, -1, True, 2.5])
def test_a_part_of_no_records_is_refused_and_not_for_ever_the_next_one(lab: Any, wrong: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="n", country="FR")
    expected = rf"at_most is {wrong}; expected a whole number of one or more"
    with pytest.raises(InvalidRecord, match=expected):
        _ = pull(pair.systems, pair.journal, ["account"], at_most=wrong)
    with pytest.raises(InvalidRecord, match=expected):
        _ = pair.run(at_most=wrong)
    assert pair.run(at_most=1).written == 1


def test_what_waits_does_not_keep_the_rest_from_its_turn(lab: Any) -> None:
    pair = lab.Pair()
    children = [pair.crm.add("account", name=f"child {n}", country="FR") for n in range(6)]
    parent = pair.crm.add("account", name="parent", country="FR")
    for key in children:
        pair.crm.edit("account", key, parent=parent)
    pair.crm.feed = [("account", key) for key in (*children, parent)]
    for _ in range(8):
        report = pair.run(at_most=3)
    assert not report.more
    assert len(pair.clm.living("account")) == 7
    assert evolve(report, plan=report.plan).complete
    assert synchronise(pair.systems, pair.journal, pair.rules, clock=lambda: lab.noon).lines == ()


def _both(pair: Any) -> tuple[Any, Any]:
    """The plan from all pairs, and from those concerned."""
    kinds = [kind.kind for kind in pair.rules]
    whole = pull(pair.systems, pair.journal, kinds)
    lean = pull(pair.systems, pair.journal, kinds, rules=pair.rules)
    one = plan(whole.agreed, whole.left, whole.right, pair.rules)
    other = plan(lean.agreed, lean.left, lean.right, pair.rules, known=lean.known)
    assert json.dumps(one.as_fields()) == json.dumps(other.as_fields())
    return other, lean


@JOURNALS
def test_a_pair_without_our_mark_is_found_by_either_key(lab: Any, make: Any) -> None:
    pair = lab.Pair(journal=make())
    for n in range(5):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
        _ = pair.clm.add("account", name=f"n{n}", country="FR")
    _ = pair.settle()
    pair.clm.edit("account", "L3", legal_name="N SAS")
    todo, lean = _both(pair)
    assert [known.link.clm for known in lean.agreed] == ["L3"]
    assert lab.ops(todo.steps) == [("update", "account:crm:A3", "crm")]


@JOURNALS
def test_a_pair_is_found_by_an_alias(lab: Any, make: Any) -> None:
    pair = lab.Pair(journal=make())
    for n in range(3):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    _ = pair.settle()
    pair.crm.merge("account", "A1", "A2")
    _ = pair.settle()
    pair.crm.restore("account", "A1")
    _ = _both(pair)
    pair.crm.delete("account", "A3")
    _ = pair.settle()
    pair.crm.restore("account", "A3")
    todo, _ = _both(pair)
    assert any(step.pair == "account:crm:A3" and step.op.value == "bind" for step in todo.steps)


@JOURNALS
def test_a_new_record_meets_those_that_lost_their_counterpart(lab: Any, make: Any) -> None:
    pair = lab.Pair(journal=make())
    for n in range(4):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    _ = pair.settle()
    pair.crm.delete("account", "A2")
    _ = pair.settle()
    _ = pair.crm.add("account", name="n1", country="FR")
    todo, lean = _both(pair)
    assert "account:crm:A2" in {known.link.pair for known in lean.agreed}
    assert lab.ops(todo.steps) == [("bind", "account:crm:A2", None)]


@JOURNALS
def test_a_circle_over_many_generations_is_seen(lab: Any, make: Any) -> None:
    pair = lab.Pair(journal=make())
    _ = pair.crm.add("account", name="n0", country="FR")
    for n in range(1, 6):
        _ = pair.crm.add("account", name=f"n{n}", country="FR", parent=f"A{n}")
    _ = pair.settle()
    pair.crm.edit("account", "A1", parent="A6")
    todo, _ = _both(pair)
    assert ["parent" in clash.why for clash in todo.conflicts] == [True]
