"""Journals that find pairs by key: all of them pass the same suite, and plans use the index and not the list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from clmcrm.errors import JournalCorrupt
from clmcrm.ports.kept import Agreed, Hint, Link
from clmcrm.ports.records import Fields, Side
from clmcrm.store.encoding import agreed_text, is_shown, key_text
from clmcrm.store.memory import MemoryJournal
from clmcrm.store.postgres import PostgresJournal
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.testing.journal_scene import agreed
from clmcrm.testing.keyed_suite import KeyedJournalSuite


class TestMemoryJournal(KeyedJournalSuite):
    @pytest.fixture
    def journal(self) -> MemoryJournal:
        return MemoryJournal()


class TestSqliteJournal(KeyedJournalSuite):
    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[SqliteJournal]:
        journal = SqliteJournal(tmp_path / "j.sqlite")
        yield journal
        journal.close()


@pytest.mark.servers
class TestPostgresJournal(KeyedJournalSuite):
    @pytest.fixture
    def journal(self, database: str) -> Iterator[PostgresJournal]:
        journal = PostgresJournal(database)
        yield journal
        journal.close()


@pytest.mark.parametrize("column", ["crm = '\"B1\"'", "clm = 'null'"])
def test_a_key_that_was_changed_from_outside_is_corrupt(column: str) -> None:
    journal = SqliteJournal(":memory:")
    journal.save_agreed([agreed(1)])
    _ = journal._db.execute(f"UPDATE journal_agreed SET {column}")  # noqa: S608 - a constant
    with pytest.raises(JournalCorrupt, match="account:crm:A1"):
        _ = list(journal.agreed("account"))


def test_an_alias_that_was_changed_from_outside_is_corrupt() -> None:
    journal = SqliteJournal(":memory:")
    journal.save_agreed([agreed(1)])
    _ = journal._db.execute("UPDATE journal_alias SET pair = 'other'")
    with pytest.raises(JournalCorrupt, match=r"alias .* of pair other"):
        _ = list(journal.leading_to("account", Side.CRM, ["OLD1"]))
    with pytest.raises(JournalCorrupt, match="alias"):
        _ = list(journal.aliases("account"))


@pytest.mark.parametrize("name", ["crm_keys", "clm_keys", "alias_keys", "agreed_lonely"])
def test_a_look_up_by_key_searches_an_index(name: str) -> None:
    journal = SqliteJournal(":memory:")
    sql: str = getattr(journal._sql, name)
    whole = sql if name == "agreed_lonely" else f"{sql}?)"
    plan = " ".join(row[3] for row in journal._db.execute(f"EXPLAIN QUERY PLAN {whole}", ("x",) * whole.count("?")))
    index = {"alias_keys": "sqlite_autoindex_journal_alias_1", "agreed_lonely": "journal_agreed_lonely"}
    assert plan.startswith(f"SEARCH journal_{'alias' if name == 'alias_keys' else 'agreed'}")
    assert index.get(name, f"journal_agreed_{name[:3]}") in plan


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=3)
    | st.sampled_from(["shown_crm", '"shown_clm":']),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "shown_crm", "shown_clm"]), inner)
    ),
    max_leaves=4,
)
fields = st.dictionaries(
    st.sampled_from(["a", "b", "clm", "shown_crm", "shown_clm", "format"]), json_values, max_size=3
)
keys = st.none() | st.sampled_from(["A1", '"', "null", "é", ',"crm":"A1"'])
extras = st.dictionaries(st.sampled_from(["aa", "bb", "format", "zz"]), json_values, max_size=2)


pairs = st.builds(
    lambda base, shown, crm, clm, extra: Agreed(
        link=Link(pair="p", kind="account", crm=crm, clm=clm), base=base, extras=extra,
        shown_crm=base if shown[0] is None else shown[0], shown_clm=base if shown[1] is None else shown[1],
    ),
    fields, st.tuples(st.none() | fields, st.none() | fields), keys, keys, st.just({}) | extras,
)  # fmt: skip


@settings(max_examples=3 * settings().max_examples)
@given(known=pairs, other=st.none() | fields, side=st.sampled_from(Side))
def test_what_the_text_tells_is_what_reading_the_pair_tells(known: Agreed, other: Fields | None, side: Side) -> None:
    link, last = known.link, known.shown(side)
    now = last if other is None else other
    told = is_shown(agreed_text(known), side, now, "account", "p", (key_text(link.crm), key_text(link.clm)))
    assert not told or json.dumps(now, sort_keys=True) == json.dumps(last, sort_keys=True)
    if last is known.base and now is last and not known.extras:
        assert told or "shown_" in json.dumps(known.shown(side.other))


hints = st.builds(
    Hint, kind=st.sampled_from(["account", "contact"]), side=st.sampled_from(Side), key=st.sampled_from("123"),
    gone=st.booleans(), merged_into=st.none() | st.sampled_from(["1", "2"]),
)  # fmt: skip


@given(batches=st.lists(st.lists(hints, max_size=6), max_size=3))
def test_hints_saved_together_are_the_same_as_one_after_another(batches: list[list[Hint]]) -> None:
    together, single = SqliteJournal(":memory:"), MemoryJournal()
    for batch in batches:
        together.save_hints(batch)
        for hint in batch:
            single.save_hints([hint])
    for kind in ("account", "contact"):
        left, right = ([evolve(hint, number=0) for hint in journal.hints(kind)] for journal in (together, single))
        assert left == right
    together.close()


@pytest.mark.parametrize("side", list(Side))
def test_the_agreed_value_is_not_what_a_side_shows_that_spells_it_its_own_way(side: Side) -> None:
    link = Link(pair="p", kind="account", crm="A1", clm="C1")
    known = Agreed(link=link, base={"n": 1}, shown_crm={"n": "1"}, shown_clm={"n": "one"})
    texts = (key_text(link.crm), key_text(link.clm))
    assert not is_shown(agreed_text(known), side, {"n": 1}, "account", "p", texts)


@given(moved=st.lists(st.booleans(), min_size=1, max_size=8))
def test_what_is_told_of_a_record_does_not_depend_on_those_before_it(moved: list[bool]) -> None:
    journal, old, new = SqliteJournal(":memory:"), {"n": "old"}, {"n": "new"}
    links = [Link(pair=f"p{n}", kind="account", crm=f"A{n}", clm=f"L{n}") for n in range(len(moved))]
    pairs = [Agreed(link=link, base=old, shown_crm=old, shown_clm=old) for link in links]
    journal.save_agreed(pairs)
    asked = [(f"A{n}", new if edited else old) for n, edited in enumerate(moved)]
    for known, edited, told in zip(pairs, moved, journal.as_shown("account", Side.CRM, asked), strict=True):
        assert told == known if edited else told in (True, known)
    assert journal.as_shown("account", Side.CRM, [(key, old) for key, _ in asked]) == [True] * len(moved)
    journal.close()


def test_after_a_record_that_has_changed_one_is_read_and_then_texts_are_compared_again() -> None:
    journal, old = SqliteJournal(":memory:"), {"n": "old"}
    links = [Link(pair=f"p{n}", kind="account", crm=f"A{n}", clm=f"L{n}") for n in range(3)]
    journal.save_agreed(Agreed(link=link, base=old, shown_crm=old, shown_clm=old) for link in links)
    told = journal.as_shown("account", Side.CRM, [("A0", {"n": "new"}), ("A1", old), ("A2", old)])
    assert [each is True for each in told] == [False, False, True]
    journal.close()
