"""The conformance suite of a journal: what was saved is there, whole or not at all.

A third party gives the fixture `journal`, an empty journal, and where it outlives the process `reopened`,
which closes it and opens it again.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Entry, Hint, Link
from clmcrm.ports.records import Side
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.journal_scene import AT, VALUES, JournalBroke, agreed


class JournalSuite:
    """Subclass it in a test module and give the fixture `journal`."""

    @pytest.fixture
    def journal(self) -> Journal:
        """The journal under trial, empty: the one fixture that a subclass must give."""
        pytest.fail(f"{type(self).__name__} needs a fixture `journal` that returns an empty journal")

    @pytest.fixture
    def reopened(self) -> Callable[[], Journal]:
        """Closes the journal and opens it again; skipped where it does not outlive the process."""
        pytest.skip("no fixture `reopened` is given: the journal does not outlive the process")

    def test_the_journal_offers_the_port(self, journal: Journal) -> None:
        """Every method of the protocol."""
        holds(isinstance(journal, Journal), "the journal offers every method of the port")

    def test_an_empty_journal_remembers_nothing(self, journal: Journal) -> None:
        """No pair, no cursor, no line, no step, no decision, no hint."""
        found = (
            journal.agreed("account"), journal.history(), journal.open_steps(), journal.decisions(),
            journal.hints("account"),
        )  # fmt: skip
        holds(not any(list(each) for each in found), "an empty journal remembers nothing")
        same(journal.cursor(Side.CRM, "account"), None, "the cursor before the first pull")

    def test_agreed_values_come_back_equal(self, journal: Journal) -> None:
        """Links, aliases, values and what each side showed."""
        with journal.transaction():
            journal.save_agreed([agreed(1)])
        same(list(journal.agreed("account")), [agreed(1)], "the agreed values saved")

    def test_a_pair_without_a_record_on_one_side_comes_back(self, journal: Journal) -> None:
        """A key that is None stays None."""
        half = Agreed(link=Link(pair="account:crm:A1", kind="account", crm="A1"), base={})
        with journal.transaction():
            journal.save_agreed([half])
        same(list(journal.agreed("account")), [half], "the half pair saved")

    def test_pairs_come_ordered_by_pair(self, journal: Journal) -> None:
        """Whatever the order they were saved in."""
        with journal.transaction():
            journal.save_agreed(agreed(number) for number in (3, 1, 2))
        found = [each.link.pair for each in journal.agreed("account")]
        same(found, ["account:crm:A1", "account:crm:A2", "account:crm:A3"], "the order of the pairs")

    def test_a_pair_saved_again_is_replaced(self, journal: Journal) -> None:
        """Never doubled."""
        with journal.transaction():
            journal.save_agreed([agreed(1), agreed(2)])
        with journal.transaction():
            journal.save_agreed([agreed(1, base={"name": "New"})])
        same(list(journal.agreed("account")), [agreed(1, base={"name": "New"}), agreed(2)], "the pairs")

    def test_kinds_are_kept_apart(self, journal: Journal) -> None:
        """Each kind shows its own pairs."""
        with journal.transaction():
            journal.save_agreed([agreed(1), agreed(1, "contact")])
        same(list(journal.agreed("contact")), [agreed(1, "contact")], "the pairs of one kind")

    def test_chosen_pairs_come_alone(self, journal: Journal) -> None:
        """Those that are not known are left out, and no choice at all is no pair."""
        with journal.transaction():
            journal.save_agreed(agreed(number) for number in (1, 2, 3))
        chosen = ["account:crm:A3", "account:crm:A1", "nowhere"]
        same(list(journal.agreed("account", chosen)), [agreed(1), agreed(3)], "the pairs chosen")
        same(len(list(journal.agreed("account", []))), 0, "the number of pairs of an empty choice")

    def test_a_hint_waits_until_it_is_ended(self, journal: Journal) -> None:
        """Oldest first, each kind on its own."""
        with journal.transaction():
            journal.save_hints([_hint("b"), _hint("a"), _hint("c", kind="contact")])
        found = list(journal.hints("account"))
        same([hint.key for hint in found], ["b", "a"], "the keys hinted at")
        journal.end_hints([found[0].number])
        same([hint.key for hint in journal.hints("account")], ["a"], "the keys hinted at and not settled")
        same([hint.key for hint in journal.hints("contact")], ["c"], "the keys of another kind")

    def test_settling_an_old_hint_does_not_settle_a_newer_one(self, journal: Journal) -> None:
        """A record that changed again while it was settled stays remembered."""
        journal.save_hints([_hint("a")])
        (old,) = journal.hints("account")
        journal.save_hints([_hint("a")])
        (new,) = journal.hints("account")
        holds(new.number > old.number, "a hint given again has a higher number")
        journal.end_hints([old.number])
        same([hint.key for hint in journal.hints("account")], ["a"], "the keys hinted at and not settled")

    def test_a_later_hint_keeps_the_evidence_of_an_end(self, journal: Journal) -> None:
        """What a feed told about a deletion or a merge is kept until a read confirms it."""
        journal.save_hints([_hint("a", gone=True, merged_into="b")])
        journal.save_hints([_hint("a")])
        (found,) = journal.hints("account")
        same((found.gone, found.merged_into), (True, "b"), "the evidence of an end")

    def test_hints_of_the_two_sides_are_kept_apart(self, journal: Journal) -> None:
        """The same key on the other side is another record."""
        journal.save_hints([_hint("a"), _hint("a", side=Side.CLM)])
        same({hint.side for hint in journal.hints("account")}, set(Side), "the sides hinted at")

    def test_a_cursor_is_remembered_per_side_and_kind(self, journal: Journal) -> None:
        """And replaced by the next."""
        with journal.transaction():
            journal.save_cursor(Side.CRM, "account", "1")
            journal.save_cursor(Side.CRM, "account", "2")
            journal.save_cursor(Side.CLM, "account", "é|3")
        found = [journal.cursor(side, kind) for side in Side for kind in ("account", "contact")]
        same(found, ["2", None, "é|3", None], "the cursors")

    def test_the_history_is_kept_in_order(self, journal: Journal) -> None:
        """Oldest first, equal instants included, each with its facts."""
        lines = [Entry(at=AT, pair=f"p{n % 2}", what=f"step {n}", facts=VALUES) for n in range(6)]
        with journal.transaction():
            journal.save_entries(lines[:3])
        with journal.transaction():
            journal.save_entries(lines[3:])
        same(list(journal.history()), lines, "the history")
        same(list(journal.history("p1")), lines[1::2], "the history of one pair")
        same(list(journal.history("p9")), [], "the history of a pair that never was")

    def test_the_same_line_twice_is_two_lines(self, journal: Journal) -> None:
        """History is added to, never merged."""
        line = Entry(at=AT, pair="p", what="seen", facts={})
        with journal.transaction():
            journal.save_entries([line, line])
        same(list(journal.history()), [line, line], "the history")

    def test_an_instant_keeps_its_zone(self, journal: Journal) -> None:
        """What comes back is an instant, not a naive time."""
        with journal.transaction():
            journal.save_entries([Entry(at=AT, pair="p", what="seen", facts={})])
        (line,) = journal.history()
        holds(line.at.utcoffset() is not None, "the instant of a line has a zone")

    def test_a_step_is_open_until_it_is_ended(self, journal: Journal) -> None:
        """With what was to be written."""
        with journal.transaction():
            journal.begin_steps([("crm:p1", VALUES), ("clm:p1", {}), ("crm:p2", {})])
        with journal.transaction():
            journal.end_steps(["clm:p1", "crm:p2"])
        same(list(journal.open_steps()), [("crm:p1", VALUES)], "the open steps")

    def test_a_step_begun_again_is_replaced(self, journal: Journal) -> None:
        """One open step for one key."""
        with journal.transaction():
            journal.begin_steps([("crm:p1", VALUES)])
            journal.begin_steps([("crm:p1", {"name": "New"})])
        same(list(journal.open_steps()), [("crm:p1", {"name": "New"})], "the open steps")

    def test_ending_what_was_not_begun_is_no_error(self, journal: Journal) -> None:
        """A run that is repeated ends its steps twice."""
        with journal.transaction():
            journal.end_steps(["nothing"])
            journal.end_decisions(["nothing"])
            journal.set_aside("account", ["nothing"])
        same(list(journal.open_steps()), [], "the open steps")

    def test_a_decision_is_kept_until_it_is_applied(self, journal: Journal) -> None:
        """A later decision on the same conflict replaces the earlier one."""
        with journal.transaction():
            journal.save_decision("k1", VALUES)
            journal.save_decision("k1", {"take": "crm"})
            journal.save_decision("k2", {"take": "clm"})
        same(dict(journal.decisions()), {"k1": {"take": "crm"}, "k2": {"take": "clm"}}, "the decisions")
        with journal.transaction():
            journal.end_decisions(["k1"])
        same(dict(journal.decisions()), {"k2": {"take": "clm"}}, "the decisions not yet applied")

    def test_a_pair_set_aside_keeps_its_history(self, journal: Journal) -> None:
        """Only the agreed values are forgotten, and only those of its kind."""
        line = Entry(at=AT, pair=agreed(1).link.pair, what="seen", facts={})
        with journal.transaction():
            journal.save_agreed([agreed(1), agreed(2)])
            journal.save_entries([line])
        with journal.transaction():
            journal.set_aside("contact", [agreed(2).link.pair])
            journal.set_aside("account", [agreed(1).link.pair])
        same(list(journal.agreed("account")), [agreed(2)], "the pairs left")
        same(list(journal.history()), [line], "the history")

    def test_a_broken_transaction_leaves_everything_as_it_was(self, journal: Journal) -> None:
        """Pairs, cursors, lines, steps and decisions together."""
        _fill(journal, 1)
        before = _all_of(journal)
        with pytest.raises(JournalBroke):
            _break_after_saving(journal, 2)
        same(_all_of(journal), before, "the journal after a broken transaction")

    def test_a_broken_transaction_does_not_undo_the_one_before(self, journal: Journal) -> None:
        """And the next one works."""
        _fill(journal, 1)
        with pytest.raises(JournalBroke), journal.transaction():
            raise JournalBroke
        _fill(journal, 2)
        same(len(list(journal.agreed("account"))), 2, "the pairs after a broken transaction")

    def test_what_is_saved_inside_a_transaction_is_seen_inside_it(self, journal: Journal) -> None:
        """A run reads its own writes."""
        with journal.transaction():
            journal.save_agreed([agreed(1)])
            same(list(journal.agreed("account")), [agreed(1)], "the pairs inside the transaction")

    def test_many_pairs_come_back(self, journal: Journal) -> None:
        """All of them, once each."""
        with journal.transaction():
            journal.save_agreed(agreed(number) for number in range(2_000))
        found = [each.link.pair for each in journal.agreed("account")]
        same((len(found), len(set(found)), found), (2_000, 2_000, sorted(found)), "two thousand pairs")

    def test_saving_while_pairs_are_read_loses_none(self, journal: Journal) -> None:
        """A run saves pair by pair while it goes through them."""
        with journal.transaction():
            journal.save_agreed(agreed(number) for number in range(50))
        read: list[str] = []
        for each in journal.agreed("account"):
            read.append(each.link.pair)
            with journal.transaction():
                journal.save_agreed([Agreed(link=each.link, base={"name": "New"})])
        same(len(set(read)), 50, "the pairs read while they were saved")
        holds(all(each.base == {"name": "New"} for each in journal.agreed("account")), "every pair was saved")

    def test_what_a_later_version_kept_is_saved_again_unchanged(self, journal: Journal) -> None:
        """A field that is not known here survives reading and saving."""
        later = evolve(agreed(1), extras={"seen_by": ["a", 1, None]})
        journal.save_agreed([later])
        (found,) = journal.agreed("account")
        journal.save_agreed([evolve(found, base={"name": "New"})])
        (again,) = journal.agreed("account")
        same(again.extras, {"seen_by": ["a", 1, None]}, "the fields of a later version")

    def test_what_was_saved_is_there_after_a_restart(self, journal: Journal, reopened: Callable[[], Journal]) -> None:
        """The point of a journal."""
        _fill(journal, 1)
        before = _all_of(journal)
        same(_all_of(reopened()), before, "the journal after a restart")


def _hint(
    key: str, *, kind: str = "account", side: Side = Side.CRM, gone: bool = False, merged_into: str | None = None
) -> Hint:
    return Hint(kind=kind, side=side, key=key, gone=gone, merged_into=merged_into)


def _fill(journal: Journal, number: int) -> None:
    with journal.transaction():
        _save(journal, number)


def _break_after_saving(journal: Journal, number: int) -> None:
    with journal.transaction():
        _save(journal, number)
        raise JournalBroke


def _save(journal: Journal, number: int) -> None:
    journal.save_agreed([agreed(number)])
    journal.save_cursor(Side.CRM, "account", str(number))
    journal.save_entries([Entry(at=AT, pair="p", what=str(number), facts=VALUES)])
    journal.begin_steps([(f"crm:p{number}", VALUES)])
    journal.save_decision(f"k{number}", {"take": "crm"})
    journal.save_hints([_hint(f"a{number}", gone=True)])


def _all_of(journal: Journal) -> tuple[object, ...]:
    return (
        list(journal.agreed("account")), journal.cursor(Side.CRM, "account"), list(journal.history()),
        list(journal.open_steps()), sorted(key for key, _ in journal.decisions()), list(journal.hints("account")),
    )  # fmt: skip
