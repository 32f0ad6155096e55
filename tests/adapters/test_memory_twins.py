"""The systems in memory: no feed loses a record, and both places that keep rows behave alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from clmcrm.adapters.embedded import EmbeddedCrm
from clmcrm.adapters.memory import MEMORY_CRM, MemoryCrm, MemorySystem, ticking_clock
from clmcrm.adapters.shelf import ShelfSystem
from clmcrm.errors import TerminalError
from clmcrm.ports.records import Atomicity, Create, Feed, Remove, Result, Seen, Update

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CLOCKS: dict[str, Callable[[], Callable[[], datetime]]] = {
    "ticking": ticking_clock,
    "standing": lambda: lambda: NOON,
    "coarse": lambda: _coarse(ticking_clock()),
}
# What a person does, to which of the records there are, with which text.
DEEDS = st.lists(
    st.tuples(st.sampled_from(["add", "edit", "delete", "merge", "page"]), st.integers(0, 9), st.sampled_from("abc")),
    max_size=40,
)


def _coarse(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """A clock that shows whole minutes only."""
    return lambda: clock().replace(second=0)


def _live(crm: MemoryCrm) -> dict[str, Seen]:
    keys = [seen.key for seen in _all(crm)]
    return {seen.key: seen for seen in crm.read("account", keys) if not seen.gone}


def _all(crm: MemoryCrm) -> list[Seen]:
    page, found = crm.changes("account", None), list[Seen]()
    found += page.seen
    while page.more:
        page = crm.changes("account", page.cursor)
        found += page.seen
    return found


def _do(crm: ShelfSystem, keys: list[str], deed: str, number: int, text: str) -> None:
    """One deed of a person; one that is not possible is left."""
    try:
        if deed == "add":
            keys.append(crm.add("account", {"name": text}).key)
        elif not keys:
            return
        elif deed == "edit":
            _ = crm.edit("account", keys[number % len(keys)], {"name": text})
        elif deed == "delete":
            _ = crm.delete("account", keys[number % len(keys)])
        elif deed == "merge":
            _ = crm.merge("account", keys[number % len(keys)], keys[-1])
    except TerminalError:
        return


@pytest.mark.parametrize("feed", [Feed.JOURNAL, Feed.DELTA, Feed.TIMESTAMP])
@pytest.mark.parametrize("clock", CLOCKS)
@settings(max_examples=60)
@given(deeds=DEEDS)
def test_whoever_follows_the_feed_knows_the_truth(feed: Feed, clock: str, deeds: Any) -> None:
    crm = MemoryCrm(evolve(MEMORY_CRM, feed=feed), clock=CLOCKS[clock](), page_size=2)
    keys: list[str] = []
    known: dict[str, Seen] = {}
    cursor: str | None = None
    for deed, number, text in [*deeds, *[("page", 0, "")] * (len(deeds) + 2)]:
        _do(crm, keys, deed, number, text)
        if deed == "page":
            page = crm.changes("account", cursor)
            known |= {seen.key: seen for seen in page.seen}
            cursor = page.cursor
    assert {key: seen for key, seen in known.items() if not seen.gone} == _live(crm)
    assert {key for key, seen in known.items() if seen.gone} == set(keys) - _live(crm).keys()


@settings(max_examples=60)
@given(deeds=DEEDS)
def test_a_listing_without_a_feed_shows_the_truth(deeds: Any) -> None:
    crm = MemoryCrm(evolve(MEMORY_CRM, feed=Feed.NONE), page_size=2)
    keys: list[str] = []
    for deed, number, text in deeds:
        _do(crm, keys, deed, number, text)
    assert {seen.key: seen for seen in _all(crm)} == {
        seen.key: seen for seen in crm.read("account", keys) if not seen.gone
    }


WRITES = st.lists(
    st.one_of(
        st.builds(
            Create, kind=st.just("account"), mark=st.sampled_from("xyz"),
            fields=st.fixed_dictionaries({"name": st.sampled_from("abc")}),
        ),
        st.builds(
            Update, kind=st.just("account"), key=st.sampled_from(["account-1", "account-2", "account-3"]),
            fields=st.sampled_from([{"name": "d"}, {"name": "e"}, {"nonsense": 1}]),
            expected=st.sampled_from("123456"),
        ),
        st.builds(
            Remove, kind=st.just("account"), key=st.sampled_from(["account-1", "account-2"]),
            expected=st.sampled_from("1234"),
        ),
    ),
    max_size=5,
)  # fmt: skip


@pytest.mark.parametrize("atomicity", Atomicity)
@settings(max_examples=60, deadline=None)
@given(batches=st.lists(WRITES, max_size=5))
def test_memory_and_file_answer_alike(atomicity: Atomicity, batches: Any) -> None:
    twin = MemoryCrm(evolve(MEMORY_CRM, atomicity=atomicity), clock=lambda: NOON)
    file = EmbeddedCrm(":memory:", clock=lambda: NOON)
    file._capabilities = evolve(file.capabilities, atomicity=atomicity)
    for batch in batches:
        assert twin.write(batch) == file.write(batch)
        assert twin.changes("account", None) == file.changes("account", None)
        assert [twin.find("account", mark) for mark in "xyz"] == [file.find("account", mark) for mark in "xyz"]
    file.close()


@settings(max_examples=60)
@given(before=WRITES, batch=WRITES)
def test_a_batch_that_stands_or_falls_together_leaves_all_or_nothing(before: Any, batch: Any) -> None:
    crm = MemoryCrm(evolve(MEMORY_CRM, atomicity=Atomicity.ALL))
    _ = crm.write([write for write in before if isinstance(write, Create)])
    was = crm.changes("account", None)
    outcomes = crm.write(batch)
    if not all(outcome.ok for outcome in outcomes):
        assert not any(outcome.ok for outcome in outcomes)
        assert crm.changes("account", None) == was
    # The numbers go on where they were: what was undone has left no trace.
    assert crm.add("account", {"name": "z"}).version == str(int(crm.changes("account", None).cursor))


def test_a_batch_that_is_undone_does_not_make_a_key_forgotten_that_was_used_before() -> None:
    able = evolve(MEMORY_CRM, key_window=timedelta(hours=1), atomicity=Atomicity.ALL, marks=False)
    crm = MemoryCrm(able)
    once = Create(kind="account", mark="a", fields={"name": "Durand"}, idempotency_key="k")
    wrong = Create(kind="account", mark="b", fields={"no such field": "x"}, idempotency_key="other")
    (done,) = crm.write([once])
    assert [one.result for one in crm.write([once, wrong])] == [Result.REFUSED, Result.REFUSED]
    (again,) = crm.write([once])
    assert (again.result, again.key) == (Result.BOUND, done.key)
    assert len(_all(crm)) == 1


def test_an_edit_that_changes_nothing_is_no_news() -> None:
    crm = MemoryCrm()
    seen = crm.add("account", {"name": "Durand"})
    assert crm.edit("account", seen.key, {"name": "Durand"}) == seen
    assert crm.changes("account", seen.version).seen == ()


def test_a_merged_record_names_its_survivor_where_merges_are_told() -> None:
    for tells in (True, False):
        crm = MemoryCrm(evolve(MEMORY_CRM, tells_merges=tells))
        loser, survivor = (crm.add("account", {"name": name}) for name in ("A", "B"))
        _ = crm.merge("account", loser.key, survivor.key, {"website": "https://example.org"})
        (gone,) = crm.read("account", [loser.key])
        assert (gone.gone, gone.merged_into) == (True, survivor.key if tells else None)
        assert crm.read("account", [survivor.key])[0].fields == {"name": "B", "website": "https://example.org"}


def test_a_restored_record_is_live_again_and_told() -> None:
    crm = MemoryCrm()
    seen = crm.add("account", {"name": "Durand"})
    gone = crm.delete("account", seen.key)
    back = crm.restore("account", seen.key)
    assert (back.gone, back.fields) == (False, seen.fields)
    assert crm.changes("account", gone.version).seen == (back,)


def test_what_a_person_cannot_do_is_refused_in_words() -> None:
    crm = MemoryCrm()
    seen = crm.add("account", {"name": "Durand"}, key="A1")
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: crm.add("account", {"name": "Dupont"}, key="A1"), "account A1 exists already"),
        (lambda: crm.add("contract", {"title": "x"}), "no kind 'contract'"),
        (lambda: crm.add("account", {"nome": "x"}), "account has no field nome"),
        (lambda: crm.edit("account", "A9", {"name": "x"}), "there is no account A9"),
        (lambda: crm.edit("account", "A1", {"employees": 1.5}), r"\$\.employees is no canonical value"),  # type: ignore[dict-item] # a float
        (lambda: crm.merge("account", "A1", "A1"), "cannot be merged into itself"),
        (lambda: crm.delete("account", "A9"), "there is no account A9"),
        (lambda: crm.restore("account", "A1"), "no account A1 was removed"),
    ]
    for call, words in refused:
        with pytest.raises(TerminalError, match=words):
            _ = call()
    assert crm.changes("account", None).seen == (seen,)


def test_a_kind_without_a_list_of_fields_takes_any() -> None:
    system = MemorySystem("acme", MEMORY_CRM, known={})
    assert system.add("account", {"whatever": 1}).fields == {"whatever": 1}
    (outcome,) = system.write([Create(kind="account", mark="m", fields={"float": 1.5})])  # type: ignore[dict-item] # a float
    assert outcome.result is Result.REFUSED


def test_nobody_changes_a_record_behind_its_back() -> None:
    crm = MemoryCrm()
    address: Any = {"lines": ["12 rue Bleue"]}
    seen = crm.add("account", {"name": "Durand", "billing_address": address})
    address["lines"].append("Paris")
    shown: Any = crm.read("account", [seen.key])[0].fields
    shown["billing_address"]["lines"].append("Lyon")
    told: Any = crm.changes("account", None).seen[0].fields
    told["billing_address"]["lines"].append("Nice")
    assert crm.read("account", [seen.key])[0].fields["billing_address"] == {"lines": ["12 rue Bleue"]}


def test_a_record_asked_for_twice_is_shown_once() -> None:
    crm = MemoryCrm()
    seen = crm.add("account", {"name": "Durand"})
    assert crm.read("account", [seen.key, seen.key]) == (seen,)


@pytest.mark.parametrize("feed", Feed)
def test_a_page_that_holds_the_last_record_says_that_there_are_no_more(feed: Feed) -> None:
    crm = MemoryCrm(evolve(MEMORY_CRM, feed=feed), page_size=2)
    for name in ("A", "B"):
        _ = crm.add("account", {"name": name})
    page = crm.changes("account", None)
    assert (len(page.seen), page.more) == (2, False)


def _changed_twice_and_broken_off(crm: MemoryCrm, seen: Seen) -> None:
    with crm._shelf.transaction():
        _ = crm.edit("account", seen.key, {"name": "B"})
        _ = crm.edit("account", seen.key, {"name": "C"})
        _ = crm.write([Create(kind="account", mark="m", fields={"name": "D"})])
        raise RuntimeError


def test_a_broken_transaction_undoes_every_change_inside_it() -> None:
    crm = MemoryCrm()
    seen = crm.add("account", {"name": "A"})
    with pytest.raises(RuntimeError):
        _changed_twice_and_broken_off(crm, seen)
    assert crm.changes("account", None).seen == (seen,)
    assert crm.find("account", "m") is None
    assert crm.edit("account", seen.key, {"name": "B"}).version == "2"


@pytest.mark.parametrize("cursor", ["x", "[1]", '["a", "b"]', "{}", '["2026-13-01"]'])
def test_a_cursor_of_no_feed_is_refused(cursor: str) -> None:
    for feed in Feed:
        crm = MemoryCrm(evolve(MEMORY_CRM, feed=feed))
        _ = crm.add("account", {"name": "x"})
        if feed is Feed.NONE and cursor == '["2026-13-01"]':
            continue  # a listing goes on after any key
        with pytest.raises(TerminalError, match="is no cursor"):
            _ = crm.changes("account", cursor)


def test_the_clock_of_the_twins_moves_by_itself() -> None:
    clock = ticking_clock(NOON, timedelta(hours=1))
    assert [clock(), clock()] == [NOON, NOON + timedelta(hours=1)]


@pytest.mark.parametrize("make", [MemoryCrm, lambda: EmbeddedCrm(":memory:")], ids=["memory", "embedded"])
def test_a_key_that_a_person_chose_is_never_given_again(make: Callable[[], ShelfSystem]) -> None:
    crm = make()
    _ = crm.add("account", {"name": "Chosen"}, key="account-2")
    own = crm.add("account", {"name": "Own"})
    (made,) = crm.write([Create(kind="account", mark="m", fields={"name": "Ours"})])
    names = {seen.key: seen.fields["name"] for seen in crm.changes("account", None).seen}
    assert names == {"account-2": "Chosen", own.key: "Own", made.key: "Ours"}


@pytest.mark.parametrize(
    ("feed", "cursor"),
    [
        (Feed.JOURNAL, "9" * 30),
        (Feed.TIMESTAMP, '["2026-01-01"]'),
        (Feed.TIMESTAMP, '["2026-01-01T00:00:00+00:00", "2026-01-01", "k"]'),
        (Feed.NONE, "[" * 100_000),
    ],
    ids=["a number without end", "no zone", "no zone within a pull", "too deep"],
)
def test_a_cursor_that_was_never_given_is_a_typed_error(feed: Feed, cursor: str) -> None:
    memory = MemoryCrm(evolve(MEMORY_CRM, feed=feed))
    _ = memory.add("account", {"name": "x"})
    for crm in (memory, EmbeddedCrm(":memory:")) if feed is not Feed.JOURNAL else (EmbeddedCrm(":memory:"),):
        with pytest.raises(TerminalError):
            _ = crm.changes("account", cursor)


def test_a_key_that_sqlite_cannot_hold_is_a_typed_error() -> None:
    with pytest.raises(TerminalError, match="SQLite says"):
        _ = EmbeddedCrm(":memory:").read("account", ["\ud800"])
