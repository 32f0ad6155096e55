from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.errors import InvalidRecord
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Entry, Hint, Link
from clmcrm.ports.records import Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)


def _pair(pair: str, /, *, kind: str = "account", **base: Any) -> Agreed:
    link = Link(pair=pair, kind=kind, crm="A" + pair, clm=None, aliases=((Side.CLM, "old"),))
    return Agreed(link=link, base=base, shown_crm=base, shown_clm={})


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    if request.param == "memory":
        yield MemoryJournal()
        return
    kept = SqliteJournal(tmp_path / "j.sqlite")
    yield kept
    kept.close()


def _everything(journal: Journal) -> Any:
    return [
        list(journal.agreed("account")), journal.cursor(Side.CRM, "account"), list(journal.history()),
        list(journal.open_steps()), list(journal.decisions()), list(journal.hints("account")),
    ]  # fmt: skip


def _fill(journal: Journal, tag: str) -> None:
    journal.save_agreed([_pair(tag, name=tag)])
    journal.save_cursor(Side.CRM, "account", tag)
    journal.save_entries([Entry(at=NOON, pair=tag, what="note", facts={"t": tag})])
    journal.begin_steps([(tag, {"t": tag})])
    journal.save_decision(tag, {"t": tag})
    journal.save_hints([Hint(kind="account", side=Side.CRM, key=tag)])


def test_both_journals_satisfy_the_port(journal: Journal) -> None:
    assert isinstance(journal, Journal)


def test_pairs_come_back_as_saved_ordered_and_by_kind(journal: Journal) -> None:
    pairs = [_pair("b", name="é\ud800"), _pair("a", rows=[{"x": None}], flag=True, n=3)]
    journal.save_agreed([*pairs, _pair("c", kind="contact")])
    assert list(journal.agreed("account")) == [pairs[1], pairs[0]]
    assert list(journal.agreed("account", ["b", "nowhere"])) == [pairs[0]]
    assert list(journal.agreed("account", [])) == []
    journal.set_aside("account", ["a"])
    assert [a.link.pair for a in journal.agreed("account")] == ["b"]


def test_a_pair_saved_again_replaces_the_earlier(journal: Journal) -> None:
    journal.save_agreed([_pair("a", v=1)])
    journal.save_agreed([_pair("a", v=2)])
    assert [a.base for a in journal.agreed("account")] == [{"v": 2}]


def test_a_transaction_that_raises_leaves_nothing(journal: Journal) -> None:
    _fill(journal, "before")
    was = _everything(journal)

    def fail() -> None:
        with journal.transaction():
            _fill(journal, "inside")
            journal.set_aside("account", ["before"])
            journal.end_steps(["before"])
            journal.end_decisions(["before"])
            journal.end_hints([1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert _everything(journal) == was
    _fill(journal, "after")
    assert len(list(journal.agreed("account"))) == 2


def test_an_inner_transaction_can_fail_alone(journal: Journal) -> None:
    def fail() -> None:
        with journal.transaction():
            journal.save_cursor(Side.CRM, "account", "inner")
            raise LookupError("on purpose")

    with journal.transaction():
        journal.save_cursor(Side.CLM, "account", "outer")
        with pytest.raises(LookupError, match="on purpose"):
            fail()
    assert journal.cursor(Side.CLM, "account") == "outer"
    assert journal.cursor(Side.CRM, "account") is None


def test_an_outer_failure_undoes_what_inner_transactions_saved(journal: Journal) -> None:
    def fail() -> None:
        with journal.transaction():
            with journal.transaction():
                journal.save_cursor(Side.CRM, "account", "inner")
            raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        fail()
    assert journal.cursor(Side.CRM, "account") is None


def test_settling_an_old_hint_does_not_settle_a_newer_one(journal: Journal) -> None:
    journal.save_hints([Hint(kind="account", side=Side.CRM, key="A1")])
    [old] = journal.hints("account")
    journal.save_hints([Hint(kind="account", side=Side.CRM, key="A1")])
    journal.end_hints([old.number])
    [new] = journal.hints("account")
    assert new.number > old.number
    journal.end_hints([new.number])
    assert list(journal.hints("account")) == []


def test_hint_numbers_are_never_used_again(journal: Journal) -> None:
    journal.save_hints([Hint(kind="account", side=Side.CRM, key="A1")])
    [old] = journal.hints("account")
    journal.end_hints([old.number])
    journal.save_hints([Hint(kind="account", side=Side.CRM, key="A1")])
    [new] = journal.hints("account")
    assert new.number > old.number


def test_the_evidence_of_an_end_outlives_a_bare_hint(journal: Journal) -> None:
    journal.save_hints([Hint(kind="account", side=Side.CRM, key="A1", gone=True, merged_into="A2")])
    journal.save_hints([Hint(kind="account", side=Side.CRM, key="A1")])
    [hint] = journal.hints("account")
    assert (hint.gone, hint.merged_into) == (True, "A2")


def test_hints_come_oldest_first_and_by_kind(journal: Journal) -> None:
    for key in ("b", "a"):
        journal.save_hints([Hint(kind="account", side=Side.CLM, key=key)])
    journal.save_hints([Hint(kind="contact", side=Side.CLM, key="c")])
    assert [hint.key for hint in journal.hints("account")] == ["b", "a"]


def test_steps_stay_open_until_they_are_ended(journal: Journal) -> None:
    journal.begin_steps([("crm:b", {"n": 1}), ("crm:a", {"n": 2})])
    journal.begin_steps([("crm:b", {"n": 3})])
    assert list(journal.open_steps()) == [("crm:a", {"n": 2}), ("crm:b", {"n": 3})]
    journal.end_steps(["crm:a", "crm:never"])
    assert list(journal.open_steps()) == [("crm:b", {"n": 3})]


def test_a_later_decision_replaces_the_earlier(journal: Journal) -> None:
    journal.save_decision("k", {"v": 1})
    journal.save_decision("k", {"v": 2})
    assert list(journal.decisions()) == [("k", {"v": 2})]
    journal.end_decisions(["k"])
    assert list(journal.decisions()) == []


def test_the_history_is_kept_in_order_and_by_pair(journal: Journal) -> None:
    entries = [Entry(at=NOON, pair=pair, what="note", facts={"n": n}) for n, pair in enumerate("aba")]
    journal.save_entries(entries)
    assert list(journal.history()) == entries
    assert list(journal.history("a")) == [entries[0], entries[2]]


def test_reading_goes_on_while_the_journal_is_written(journal: Journal) -> None:
    journal.save_agreed([_pair(f"p{n:04d}") for n in range(1200)])
    met = []
    for n, pair in enumerate(journal.agreed("account")):
        if n % 100 == 0:
            journal.save_agreed([pair])
        met.append(pair.link.pair)
    assert met == [f"p{n:04d}" for n in range(1200)]
    assert len(list(journal.agreed("account", met))) == 1200


def test_what_is_no_plain_json_is_refused_and_nothing_saved(journal: Journal) -> None:
    wrong: Any = {"at": NOON}
    with pytest.raises(InvalidRecord, match="plain JSON"):
        journal.save_decision("k", wrong)
    nan: Any = {"n": float("nan")}
    with pytest.raises(InvalidRecord, match="plain JSON"):
        journal.begin_steps([("good", {}), ("bad", nan)])
    assert list(journal.open_steps()) == []


@pytest.mark.parametrize("wrong", [1.5, [1.5], {"a": {"b": -1e30}}, {1: "a"}, {1.5}, b"a"], ids=str)
def test_what_could_not_be_read_again_is_never_written(journal: Journal, wrong: Any) -> None:
    fields: Any = {"n": wrong}
    link = _pair("p1").link
    saves: list[Callable[[], None]] = [
        lambda: journal.save_agreed([Agreed(link=link, base=fields)]),
        lambda: journal.save_agreed([Agreed(link=link, base={}, shown_crm=fields)]),
        lambda: journal.save_decision("k", fields),
        lambda: journal.begin_steps([("k", fields)]),
        lambda: journal.save_entries([Entry(at=NOON, pair="p1", what="note", facts=fields)]),
    ]
    for save in saves:
        with pytest.raises(InvalidRecord, match=r"journal: fields\.n.* is .*; expected plain JSON"):
            save()
    assert [*journal.agreed("account"), *journal.decisions(), *journal.open_steps(), *journal.history()] == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("make", [MemoryJournal, lambda: SqliteJournal(":memory:")], ids=["memory", "sqlite"])
@given(fields=st.dictionaries(st.text(), json_values))
def test_any_json_comes_back_as_it_was(make: Callable[[], Any], fields: dict[str, Any]) -> None:
    journal = make()
    journal.save_agreed([_pair("a", **{f"f{k}": v for k, v in fields.items()})])
    [kept] = journal.agreed("account")
    assert kept.base == {f"f{k}": v for k, v in fields.items()}
    getattr(journal, "close", lambda: None)()
