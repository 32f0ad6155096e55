"""The engine's promises, one by one."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.errors import AmbiguousError, PlanRefused, SyncError, TerminalError, TransientError
from clmcrm.ports.records import SIDES, Atomicity, Create, Creating, Feed, Page, Precondition, Remove, Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync import (
    Ended,
    FieldRule,
    OnDelete,
    Ownership,
    Rules,
    apply,
    plan,
    pull,
    resolve,
    standard_rules,
    touch,
)
from clmcrm.sync.following import TOGETHER
from clmcrm.sync.open_steps import open_steps_in
from clmcrm.sync.parking import give_up
from clmcrm.sync.undelivered import dead_letters, replay
from clmcrm.sync.undoing import undo, written

FR = {"country": "FR"}


def _with(kind: str, **changes: Any) -> Rules:
    return Rules(kinds=tuple(evolve(k, **changes) if k.kind == kind else k for k in standard_rules()))


def _lost() -> AmbiguousError:
    """A reply that is lost after the write was carried out."""
    error: Any = AmbiguousError("fake", "no reply")
    error.too_late = True
    return error  # type: ignore[no-any-return] # the fake reads this mark


def _linked(lab: Any, **options: Any) -> Any:
    """A pair of systems with one account on both sides, settled."""
    pair = lab.Pair(**options)
    _ = pair.crm.add("account", name="Durand", phone="1", billing_address="here")
    _ = pair.settle()
    return pair


# 1 the cursor


def test_the_cursor_never_moves_without_the_hints_behind_it(lab: Any) -> None:
    for k in range(40):
        pair = lab.Pair()
        for n in range(5):
            _ = pair.crm.add("account", name=f"n{n}")
        pair.crm.fuse = lab.Fuse(k)
        try:
            _ = pull(pair.systems, pair.journal, ["account"])
        except lab.PowerCutError:
            hinted = {hint.key for hint in pair.journal.hints("account")}
            passed = int(pair.journal.cursor(Side.CRM, "account") or 0)
            assert {key for _, key in pair.crm.feed[:passed]} <= hinted
            continue
        assert k > 2
        return
    raise AssertionError("the pull never ended")


class CountingJournal(MemoryJournal):
    """A journal that counts how often a cursor is saved."""

    saved = 0

    def save_cursor(self, side: Side, kind: str, cursor: str) -> None:
        self.saved += 1
        super().save_cursor(side, kind, cursor)


def _told_in_pages(lab: Any, pages: int) -> tuple[Any, CountingJournal]:
    """A CRM that tells its accounts page by page, and a journal that knows nothing of them."""
    pair, journal = lab.Pair(), CountingJournal()
    pair.crm.page = 1
    for n in range(pages):
        _ = pair.crm.add("account", name=f"n{n}")
    return pair, journal


@pytest.mark.parametrize(("pages", "commits"), [(1, 1), (TOGETHER, 1), (TOGETHER + 1, 2), (3 * TOGETHER, 3)])
def test_some_pages_are_kept_by_one_commit(lab: Any, pages: int, commits: int) -> None:
    pair, journal = _told_in_pages(lab, pages)
    _ = pull({Side.CRM: pair.crm}, journal, ["account"])
    assert journal.saved == commits
    assert journal.cursor(Side.CRM, "account") == str(pages)
    assert len(list(journal.hints("account"))) == pages
    _ = pull({Side.CRM: pair.crm}, journal, ["account"])
    assert journal.saved == commits


@pytest.mark.parametrize("page", [1, 3, TOGETHER, TOGETHER + 2])
def test_what_was_read_before_a_feed_failed_is_not_read_again(lab: Any, page: int) -> None:
    pair, journal = _told_in_pages(lab, 2 * TOGETHER)
    asked: list[str | None] = []
    honest = pair.crm.changes

    def changes(kind: str, cursor: str | None) -> Page:
        asked.append(cursor)
        if len(asked) == page + 1:
            raise TransientError("crm", "slow down")
        found: Page = honest(kind, cursor)
        return found

    pair.crm.changes = changes
    with pytest.raises(TransientError):
        _ = pull({Side.CRM: pair.crm}, journal, ["account"])
    assert journal.cursor(Side.CRM, "account") == str(page)
    assert len(list(journal.hints("account"))) == page
    _ = pull({Side.CRM: pair.crm}, journal, ["account"])
    assert asked[page:] == [str(n) for n in (page, *range(page, 2 * TOGETHER))]


def test_what_was_pulled_and_not_applied_is_pulled_again(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    first = pull(pair.systems, pair.journal, ["account"])
    second = pull(pair.systems, pair.journal, ["account"])
    assert first == second
    assert len(second.left) == 1


def test_an_edit_between_pull_and_apply_is_met_by_the_next_pull(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", phone="2")
    pulled = pull(pair.systems, pair.journal, ["account"])
    todo = plan(pulled.agreed, pulled.left, pulled.right, pair.rules)
    pair.crm.edit("account", "A1", phone="3")
    touch(pair.journal, Side.CRM, "account", ["A1"])
    _ = apply(todo, pair.systems, pair.journal, clock=lambda: lab.noon, hints=pulled.hints)
    assert pair.clm.fields("account", "L1")["phone"] == "2"
    assert [hint.key for hint in pair.journal.hints("account")] == ["A1"]
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "3"


def test_a_feed_that_does_not_advance_is_an_error_and_no_endless_loop(lab: Any) -> None:
    pair = lab.Pair()
    pair.crm.changes = lambda _kind, _cursor: Page(seen=(), cursor="7", more=True)
    with pytest.raises(SyncError, match="does not advance"):
        _ = pull(pair.systems, pair.journal, ["account"])
    assert pair.journal.cursor(Side.CRM, "account") == "7"


@pytest.mark.parametrize("circle", ["778", "7898", "abc" * 9 + "b"])
def test_a_feed_that_goes_in_a_circle_is_an_error_too(lab: Any, circle: str) -> None:
    pair = lab.Pair()
    cursors = itertools.cycle(circle)
    pair.crm.changes = lambda _kind, _cursor: Page(seen=(), cursor=next(cursors), more=True)
    with pytest.raises(SyncError, match="does not advance"):
        _ = pull(pair.systems, pair.journal, ["account"])


# 2 hints


@pytest.mark.parametrize("order", sorted(set(itertools.permutations([1, 1, 2, 3, 3]))))
def test_hints_may_come_twice_late_and_in_any_order(lab: Any, order: tuple[int, ...]) -> None:
    pair = lab.Pair()
    for n in range(3):
        _ = pair.crm.add("account", name=f"n{n}")
    _ = pair.settle()
    for n in order:
        pair.crm.rows["account", f"A{n}"]["fields"]["phone"] = f"new {n}"
        pair.crm.rows["account", f"A{n}"]["version"] += 1
        touch(pair.journal, Side.CRM, "account", [f"A{n}"])
    _ = pair.settle()
    assert {f["phone"] for f in pair.clm.living("account").values()} == {"new 1", "new 2", "new 3"}


def test_a_hint_without_a_change_writes_nothing(lab: Any) -> None:
    pair = _linked(lab)
    before = pair.written
    touch(pair.journal, Side.CLM, "account", ["L1", "nowhere"])
    report = pair.run()
    assert pair.written == before
    assert report.plan.steps == ()
    assert list(pair.journal.hints("account")) == []


def test_an_event_feed_is_read_again_and_a_query_is_not(lab: Any) -> None:
    for feed, expected in ((Feed.JOURNAL, True), (Feed.TIMESTAMP, False), (Feed.NONE, False)):
        pair = lab.Pair(feed=feed)
        _ = pair.crm.add("account", name="Durand")
        _ = pull(pair.systems, pair.journal, ["account"])
        assert (("read", 1) in pair.crm.calls) is expected


def test_a_system_without_a_feed_is_listed_in_full(lab: Any) -> None:
    pair = lab.Pair(feed=Feed.NONE)
    _ = pair.crm.add("account", name="Durand", phone="1")
    _ = pair.settle()
    pair.crm.edit("account", "A1", phone="2")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "2"


# 3 agreed values


def test_agreed_values_do_not_move_for_a_write_that_was_refused(lab: Any) -> None:
    pair = _linked(lab)
    pair.clm.refuses = lambda _: "no such phone"
    pair.crm.edit("account", "A1", phone="2")
    _ = pair.run()
    [known] = pair.agreed()
    assert (known.base["phone"], known.shown_crm["phone"]) == ("1", "1")


def test_agreed_values_move_field_by_field(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", phone="2", billing_address="crm")
    pair.clm.edit("account", "L1", billing_address="clm")
    report = pair.run()
    [known] = pair.agreed()
    assert known.base["phone"] == "2"
    assert known.base["billing_address"] == "here"
    assert [clash.name for clash in report.plan.conflicts] == ["billing_address"]


def test_a_third_value_is_agreed_only_when_both_sides_have_it(lab: Any) -> None:
    pair = _clashing(lab)
    clash = pair.run().plan.conflicts[0]
    _resolve(pair, clash, None, value="third", lab=lab)
    pair.clm.refuses = lambda _: "not now"
    _ = pair.run()
    [known] = pair.agreed()
    assert known.base["billing_address"] == "here"
    assert [key for key, _ in pair.journal.decisions()] == [clash.key]
    pair.clm.refuses = lambda _: ""
    replay(pair.journal, dead_letters(pair.journal), by="Ada", at=lab.noon)
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["billing_address"] == "third"
    assert pair.agreed()[0].base["billing_address"] == "third"
    assert list(pair.journal.decisions()) == []


def test_a_third_value_half_written_and_unheard_reaches_the_other_side_too(lab: Any) -> None:
    pair = _clashing(lab)
    _resolve(pair, pair.run().plan.conflicts[0], None, value="third", lab=lab)
    error = AmbiguousError("fake-crm", "connection lost")
    error.too_late = True  # type: ignore[attr-defined] # a note to the fake
    pair.crm.failures = [error]
    pair.clm.failures = [TransientError("fake-clm", "503")]
    _ = pair.run()
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == "third"
    assert pair.clm.fields("account", "L1")["billing_address"] == "third"
    assert list(pair.journal.decisions()) == []


def _clashing(lab: Any) -> Any:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", billing_address="crm")
    pair.clm.edit("account", "L1", billing_address="clm")
    return pair


def _resolve(pair: Any, clash: Any, choice: Any, *, lab: Any, value: Any = None) -> None:
    _ = resolve(clash, choice, by="Ada", why="I know", at=lab.noon, journal=pair.journal, value=value)


# 4 creation


def test_a_creation_that_was_carried_out_unheard_is_found_and_not_repeated(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    error = AmbiguousError("fake-clm", "connection lost")
    error.too_late = True  # type: ignore[attr-defined] # a note to the fake
    pair.clm.failures = [error]
    first = pair.run()
    assert [line.ended for line in first.lines] == [Ended.AMBIGUOUS]
    assert first.counts[Ended.AMBIGUOUS] == 1
    report = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]
    assert pair.agreed()[0].link.clm == "L1"
    assert report.complete


def test_a_creation_that_was_not_carried_out_is_tried_again_after_the_look_up(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    pair.clm.failures = [AmbiguousError("fake-clm", "connection lost")]
    _ = pair.run()
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]
    assert ("find", 1) in pair.clm.calls


def test_an_edit_of_the_record_before_it_was_found_is_kept(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", billing_address="here")
    error = AmbiguousError("fake-clm", "connection lost")
    error.too_late = True  # type: ignore[attr-defined] # a note to the fake
    pair.clm.failures = [error]
    _ = pair.run()
    pair.clm.edit("account", "L1", billing_address="there", legal_name="Durand SAS")
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == "there"
    assert pair.crm.fields("account", "A1")["legal_name"] == "Durand SAS"


def test_a_journal_that_was_lost_finds_its_pairs_again_by_their_marks(lab: Any) -> None:
    pair = lab.Pair()
    for n in range(7):
        _ = pair.crm.add("account", name=f"n{n}")
    _ = pair.settle()
    lost = lab.Pair()
    lost.crm, lost.clm = pair.crm, pair.clm
    before = lost.written
    _ = lost.settle()
    assert lost.written == before
    assert [a.link for a in lost.agreed()] == [a.link for a in pair.agreed()]


def test_a_bound_creation_merges_what_was_there_and_overwrites_nothing_unseen(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", billing_address="here")

    def meanwhile() -> None:
        pair.clm.before_write = lambda: None
        _ = pair.clm.add("account", mark="account:crm:A1", name="Durand", billing_address="there")

    pair.clm.before_write = meanwhile
    report = pair.run()
    assert [line.ended for line in report.lines] == [Ended.BOUND]
    after = pair.settle()
    assert [clash.name for clash in after.plan.conflicts] == ["billing_address"]
    assert pair.clm.fields("account", "L1")["billing_address"] == "there"


# 5 preconditions


def test_an_edit_in_the_last_moment_makes_the_write_stale_and_is_kept(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", phone="2")

    def meanwhile() -> None:
        pair.clm.before_write = lambda: None
        pair.clm.edit("account", "L1", legal_name="Durand SAS")

    pair.clm.before_write = meanwhile
    report = pair.run()
    assert [line.ended for line in report.lines] == [Ended.STALE]
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "2"
    assert pair.crm.fields("account", "A1")["legal_name"] == "Durand SAS"


def test_a_side_without_preconditions_is_named_and_checked_just_before(lab: Any) -> None:
    pair = _linked(lab, precondition=Precondition.NONE)
    pair.crm.edit("account", "A1", phone="2")
    pulled = pull(pair.systems, pair.journal, ["account"])
    todo = plan(pulled.agreed, pulled.left, pulled.right, pair.rules)
    pair.clm.edit("account", "L1", phone="9")
    report = apply(todo, pair.systems, pair.journal, clock=lambda: lab.noon)
    assert report.lossy == (Side.CLM,)
    assert [line.ended for line in report.lines] == [Ended.STALE]
    assert pair.clm.fields("account", "L1")["phone"] == "9"


def test_an_edit_just_after_the_write_is_not_taken_for_the_systems_own_spelling(lab: Any) -> None:
    pair = _linked(lab)

    def meanwhile() -> None:
        pair.clm.after_write = lambda: None
        pair.clm.edit("account", "L1", billing_address="typed at once")

    pair.crm.edit("account", "A1", billing_address="there")
    pair.clm.after_write = meanwhile
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == "typed at once"


# 6 open steps


def test_a_step_is_recorded_before_it_is_sent_and_only_once_per_pair_and_side(lab: Any) -> None:
    pair = _linked(lab)
    met: list[str] = []
    pair.clm.before_write = lambda: met.extend(key for key, _ in pair.journal.open_steps())
    pair.crm.edit("account", "A1", phone="2", industry="steel")
    _ = pair.run()
    assert met == ["clm:account:crm:A1"]
    assert list(pair.journal.open_steps()) == []


def test_nothing_is_tried_again_while_the_outcome_is_unknown(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    pair.clm.failures = [AmbiguousError("fake-clm", "connection lost")]
    _ = pair.run()
    report = pair.run(quarantine=timedelta(minutes=10))
    assert report.plan.steps == ()
    assert pair.clm.rows == {}
    assert len(list(pair.journal.open_steps())) == 1


@pytest.mark.parametrize("too_late", [False, True])
def test_a_look_up_that_fails_leaves_the_step_open_and_its_records_alone(lab: Any, too_late: bool) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    error = AmbiguousError("fake-clm", "connection lost")
    error.too_late = too_late  # type: ignore[attr-defined] # a note to the fake
    pair.clm.failures = [error]
    _ = pair.run()

    def down(*_: Any) -> Any:
        raise TransientError("fake-clm", "down")

    find, pair.clm.find = pair.clm.find, down
    assert pair.run().plan.steps == ()
    pair.clm.find = find
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]
    assert list(pair.crm.living("account")) == ["A1"]


def test_where_nothing_can_be_looked_up_the_step_is_parked_for_a_person(lab: Any) -> None:
    pair = lab.Pair(marks=False)
    _ = pair.crm.add("account", name="Durand")
    pair.clm.failures = [AmbiguousError("fake-clm", "connection lost")]
    _ = pair.run()
    for _ in range(3):
        report = pair.run()
        assert report.parked == ("clm:account:crm:A1",)
        assert pair.clm.rows == {}
    give_up(pair.journal, "clm:account:crm:A1", by="Ada", why="I looked", at=lab.noon)
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]
    assert [entry.facts["by"] for entry in pair.history("given up")] == ["Ada"]


def test_an_update_that_was_carried_out_unheard_is_acknowledged_by_what_is_shown(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", billing_address="there")
    error = AmbiguousError("fake-clm", "connection lost")
    error.too_late = True  # type: ignore[attr-defined] # a note to the fake
    pair.clm.failures = [error]
    _ = pair.run()
    pair.crm.edit("account", "A1", billing_address="elsewhere")
    report = pair.settle()
    assert report.plan.conflicts == ()
    assert pair.clm.fields("account", "L1")["billing_address"] == "elsewhere"


def test_open_steps_come_back_as_they_were_recorded(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", phone="2")
    pair.clm.failures = [AmbiguousError("fake-clm", "connection lost")]
    report = pair.run()
    [waiting] = open_steps_in(pair.journal)
    assert waiting.step == report.lines[0].step
    assert waiting.sent == {"phone": "2"}


# 7 ownership


def test_an_edit_against_ownership_is_restored_and_recorded(lab: Any) -> None:
    pair = _linked(lab)
    pair.clm.edit("account", "L1", phone="9")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "1"
    [note] = pair.history("note")
    assert (note.facts["name"], note.facts["side"], note.facts["value"]) == ("phone", "clm", "9")


def test_an_edit_of_a_derived_row_is_recorded_once_and_not_undone(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("contract", title="draft")
    _ = pair.settle()
    pair.crm.edit("contract", "A1", title="other")
    for _ in range(3):
        _ = pair.run()
    assert len(pair.history("note")) == 1
    assert pair.crm.fields("contract", "A1")["title"] == "other"
    assert pair.clm.fields("contract", "L1")["title"] == "draft"


def test_every_change_of_a_reviewed_field_waits_for_a_person(lab: Any) -> None:
    rules = _with("account", fields={"credit": FieldRule(owner=Ownership.REVIEW, decides="finance")})
    pair = lab.Pair(rules=rules)
    _ = pair.crm.add("account", name="Durand", credit="1")
    _ = pair.settle()
    pair.crm.edit("account", "A1", credit="2")
    report = pair.settle()
    assert [(clash.name, clash.decides) for clash in report.plan.conflicts] == [("credit", "finance")]
    assert pair.clm.fields("account", "L1")["credit"] == "1"


# 8 ends


def test_a_deletion_unlinks_and_the_other_record_is_not_created_anew(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.delete("account", "A1")
    _ = pair.settle()
    pair.clm.edit("account", "L1", phone="5")
    _ = pair.settle()
    assert pair.crm.living("account") == {}
    assert list(pair.clm.living("account")) == ["L1"]
    assert pair.agreed()[0].link.aliases == ((Side.CRM, "A1"),)


def test_a_restored_record_is_the_same_pair_again(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.delete("account", "A1")
    _ = pair.settle()
    pair.clm.edit("account", "L1", legal_name="Durand SAS")
    _ = pair.settle()
    pair.crm.restore("account", "A1")
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["legal_name"] == "Durand SAS"
    assert len(pair.agreed()) == 1


ENDED = list(itertools.product([OnDelete.ARCHIVE, OnDelete.PROPAGATE], SIDES))


def _archived(lab: Any, policy: OnDelete, side: Side, creating: Creating) -> Any:
    """A pair whose record on `side` was deleted, and the other archived with it."""
    keyed = creating is Creating.KEYED
    flags = {"creating": creating, "marks": not keyed, "key_window": timedelta(hours=6 if keyed else 0)}
    pair = _linked(lab, rules=_with("account", on_delete=policy), **flags)
    pair.systems[side].delete("account", KEYS[side])
    _ = pair.settle()
    assert pair.systems[side.other].living("account") == {}
    return pair


KEYS = {Side.CRM: "A1", Side.CLM: "L1"}


@pytest.mark.parametrize("creating", [Creating.UNIQUE, Creating.LOOKUP, Creating.KEYED])
@pytest.mark.parametrize(("policy", "side"), ENDED)
def test_a_record_that_is_restored_stays_and_gets_a_counterpart_once_more(
    lab: Any, policy: OnDelete, side: Side, creating: Creating
) -> None:
    """Never is it archived again because of the answer to an earlier creation, or of what lies in the archive."""
    pair = _archived(lab, policy, side, creating)
    for system in pair.systems.values():
        for row in system.rows.values():
            row["mark"] = None if row["gone"] else row["mark"]  # what is archived frees its mark
    pair.systems[side].restore("account", KEYS[side])
    pair.systems[side].edit("account", KEYS[side], phone="wanted again")
    _ = pair.settle()
    assert [list(each.living("account")) for each in pair.systems.values()] in ([["A1"], ["L2"]], [["A2"], ["L1"]])
    for system in pair.systems.values():
        [fields] = system.living("account").values()
        assert fields["phone"] == ("wanted again" if side is Side.CRM else fields["phone"])
    assert [known.link.key(side) for known in pair.agreed()] == [KEYS[side]]


@pytest.mark.parametrize("reply", ["comes", "is lost"])
@pytest.mark.parametrize("policy", [OnDelete.ARCHIVE, OnDelete.PROPAGATE])
def test_a_restored_record_is_not_bound_to_what_lies_in_the_archive(lab: Any, policy: OnDelete, reply: str) -> None:
    pair = _archived(lab, policy, Side.CRM, Creating.UNIQUE)
    pair.clm.tombstones = True
    pair.crm.restore("account", "A1")
    pair.crm.edit("account", "A1", phone="wanted again")
    if reply == "is lost":
        pair.clm.failures = [_lost()]
    for _ in range(4):
        _ = pair.run()
    assert pair.crm.fields("account", "A1")["phone"] == "wanted again"
    assert pair.clm.living("account") == {}
    [letter] = dead_letters(pair.journal)
    assert letter.why == "it answers with L1, which has ended there: restore it, or free our key"
    pair.clm.restore("account", "L1")
    _ = pair.settle()
    assert [(known.link.crm, known.link.clm) for known in pair.agreed()] == [("A1", "L1")]
    assert pair.clm.fields("account", "L1")["phone"] == "wanted again"


@pytest.mark.parametrize(("policy", "side"), ENDED)
def test_a_counterpart_made_once_more_is_linked_though_the_reply_was_lost(
    lab: Any, policy: OnDelete, side: Side
) -> None:
    pair = _archived(lab, policy, side, Creating.LOOKUP)
    pair.systems[side].restore("account", KEYS[side])
    pair.systems[side.other].failures = [_lost()]
    for _ in range(2):
        _ = pair.run()
    [known] = pair.agreed()
    assert known.link.key(side) == KEYS[side]
    assert [known.link.key(side.other)] == list(pair.systems[side.other].living("account"))


@pytest.mark.parametrize(("policy", "side"), ENDED)
def test_what_is_restored_on_both_sides_is_one_pair_again(lab: Any, policy: OnDelete, side: Side) -> None:
    pair = _archived(lab, policy, side, Creating.UNIQUE)
    for each, system in pair.systems.items():
        system.restore("account", KEYS[each])
    _ = pair.settle()
    assert [(known.link.crm, known.link.clm) for known in pair.agreed()] == [("A1", "L1")]
    assert [list(each.living("account")) for each in pair.systems.values()] == [["A1"], ["L1"]]


def test_a_record_entered_anew_takes_the_place_of_the_lost_one(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", **FR)
    _ = pair.settle()
    pair.clm.delete("account", "L1")
    _ = pair.settle()
    _ = pair.clm.add("account", name="Durand", legal_name="Durand SAS", **FR)
    _ = pair.settle()
    assert list(pair.crm.living("account")) == ["A1"]
    assert pair.crm.fields("account", "A1")["legal_name"] == "Durand SAS"
    assert [a.link.clm for a in pair.agreed()] == ["L2"]


def test_values_agreed_with_a_lost_record_do_not_count_for_its_successor(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", billing_address="here", **FR)
    _ = pair.settle()
    pair.clm.delete("account", "L1")
    _ = pair.settle()
    _ = pair.clm.add("account", name="Durand", billing_address="there", **FR)
    for _ in range(3):
        assert [clash.name for clash in pair.run().plan.conflicts] == ["billing_address"]
    assert pair.crm.fields("account", "A1")["billing_address"] == "here"


def test_archiving_follows_a_deletion_unless_the_record_was_edited(lab: Any) -> None:
    rules = _with("account", on_delete=OnDelete.ARCHIVE)
    pair = _linked(lab, rules=rules)
    pair.crm.delete("account", "A1")
    _ = pair.settle()
    assert pair.clm.living("account") == {}
    assert [known.link.ended for known in pair.agreed()] == [True]
    edited = _linked(lab, rules=rules)
    edited.crm.delete("account", "A1")
    edited.clm.edit("account", "L1", legal_name="new")
    report = edited.settle()
    assert [clash.name for clash in report.plan.conflicts] == ["(record)"]
    assert list(edited.clm.living("account")) == ["L1"]


@pytest.mark.parametrize(("choice", "living"), [(Side.CRM, []), (Side.CLM, ["L1"])])
def test_a_person_decides_between_a_deletion_and_an_edit(lab: Any, choice: Side, living: list[str]) -> None:
    pair = _linked(lab, rules=_with("account", on_delete=OnDelete.ARCHIVE))
    pair.crm.delete("account", "A1")
    pair.clm.edit("account", "L1", legal_name="new")
    _resolve(pair, pair.settle().plan.conflicts[0], choice, lab=lab)
    _ = pair.settle()
    assert list(pair.clm.living("account")) == living
    assert list(pair.journal.decisions()) == []
    assert pair.crm.living("account") == {}


def test_what_is_edited_after_the_decision_to_let_it_go_is_asked_about_again(lab: Any) -> None:
    pair = _linked(lab, rules=_with("account", on_delete=OnDelete.ARCHIVE))
    pair.crm.delete("account", "A1")
    pair.clm.edit("account", "L1", legal_name="new")
    [clash] = pair.settle().plan.conflicts
    assert (clash.left, clash.right) == ("gone", {"legal_name": "new"}), "the question says what was edited"
    _resolve(pair, clash, Side.CRM, lab=lab)
    pair.clm.edit("account", "L1", billing_address="typed since")
    [clash] = pair.settle().plan.conflicts
    assert clash.right == {"billing_address": "typed since", "legal_name": "new"}
    assert list(pair.clm.living("account")) == ["L1"]
    _resolve(pair, clash, Side.CRM, lab=lab)
    _ = pair.settle()
    assert pair.clm.living("account") == {}


def test_a_decision_to_let_a_record_go_ends_when_the_record_comes_back(lab: Any) -> None:
    pair = _linked(lab, rules=_with("account", on_delete=OnDelete.ARCHIVE))
    for _ in range(2):
        pair.crm.delete("account", "A1")
        pair.clm.edit("account", "L1", billing_address="there")
        [clash] = pair.settle().plan.conflicts  # asked each time anew
        _resolve(pair, clash, Side.CRM, lab=lab)
        pair.crm.restore("account", "A1")
        pair.clm.edit("account", "L1", billing_address="here")
        _ = pair.settle()
        assert list(pair.journal.decisions()) == []
    assert list(pair.clm.living("account")) == ["L1"]


def test_propagating_archives_an_edited_record_and_notes_the_edit(lab: Any) -> None:
    pair = _linked(lab, rules=_with("account", on_delete=OnDelete.PROPAGATE))
    pair.crm.delete("account", "A1")
    pair.clm.edit("account", "L1", legal_name="new")
    _ = pair.settle()
    assert pair.clm.living("account") == {}
    assert [note.facts["value"] for note in pair.history("note")] == ["new"]


def test_the_note_of_an_archived_edit_outlives_an_unheard_removal(lab: Any) -> None:
    pair = _linked(lab, rules=_with("account", on_delete=OnDelete.PROPAGATE))
    pair.crm.delete("account", "A1")
    pair.clm.edit("account", "L1", legal_name="new")
    error = AmbiguousError("fake-clm", "connection lost")
    error.too_late = True  # type: ignore[attr-defined] # a note to the fake
    pair.clm.failures = [error]
    _ = pair.run()
    _ = pair.settle()
    assert [known.link.ended for known in pair.agreed()] == [True]
    assert [note.facts["value"] for note in pair.history("note")] == ["new"]


def test_a_vanished_record_is_reported_until_there_is_evidence(lab: Any) -> None:
    pair = _linked(lab, rules=_with("account", on_delete=OnDelete.PROPAGATE))
    del pair.crm.rows["account", "A1"]
    pair.crm.feed.clear()
    touch(pair.journal, Side.CRM, "account", ["A1"])
    for _ in range(2):
        report = pair.run()
        assert len(report.plan.problems) == 1
    assert list(pair.clm.living("account")) == ["L1"]


def test_a_merge_keeps_the_pair_and_remembers_the_old_key(lab: Any) -> None:
    pair = _linked(lab)
    _ = pair.crm.add("contact", name="Ada", account="A1")
    _ = pair.settle()
    winner = pair.crm.add("account", name="Durand & Co")
    pair.crm.merge("account", "A1", winner)
    _ = pair.settle()
    [known] = pair.agreed()
    assert (known.link.crm, known.link.clm) == (winner, "L1")
    assert known.link.aliases == ((Side.CRM, "A1"),)
    assert pair.clm.fields("account", "L1")["name"] == "Durand & Co"
    assert len(pair.clm.living("account")) == 1


def test_two_pairs_that_became_one_record_are_proposed_for_merging_and_never_merged(lab: Any) -> None:
    pair = lab.Pair()
    _ = [pair.crm.add("account", name=name) for name in ("One", "Two")]
    _ = pair.settle()
    pair.crm.merge("account", "A1", "A2")
    report = pair.run()
    assert any("a merge of L1 into L2" in problem.expected for problem in report.plan.problems)
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1", "L2"]
    assert list(pair.crm.living("account")) == ["A2"]
    pair.clm.merge("account", "L1", "L2")
    _ = pair.settle()
    [known] = pair.agreed()
    assert set(known.link.aliases) == {(Side.CRM, "A1"), (Side.CLM, "L1")}


def test_references_to_a_merged_record_lead_to_the_survivor(lab: Any) -> None:
    pair = lab.Pair()
    _ = [pair.crm.add("account", name=name) for name in ("One", "Two")]
    _ = pair.settle()
    pair.crm.merge("account", "A1", "A2")
    _ = pair.settle()
    key = pair.crm.add("contact", name="Ada", account="A1")
    _ = pair.settle()
    [contact] = pair.clm.living("contact").values()
    assert contact["account"] == "L2"
    assert key


def test_a_mark_brings_its_origin_back_into_the_plan(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("opportunity", name="Big", contract=None)
    _ = pair.settle()
    assert pair.agreed("opportunity") == []
    assert list(pair.journal.hints("opportunity")) == []
    _ = pair.clm.add("opportunity", mark="opportunity:crm:A1", contract="K1")
    _ = pair.settle()
    assert pair.crm.fields("opportunity", "A1")["contract"] == "K1"


# 9 parents: see the planning; here the whole way


def test_a_hierarchy_arrives_whole_on_the_other_side(lab: Any) -> None:
    pair = lab.Pair()
    child = pair.crm.add("account", name="child")
    contact = pair.crm.add("contact", name="Ada", account=child)
    top = pair.crm.add("account", name="top")
    pair.crm.edit("account", child, parent=top)
    _ = pair.crm.add("contact", name="Bob", account=top, reports_to=contact)
    report = pair.run()
    assert report.complete
    assert report.counts[Ended.DONE] == 4
    names = {key: fields["name"] for key, fields in pair.clm.living("account").items()}
    [found] = [f for f in pair.clm.living("account").values() if f["name"] == "child"]
    assert names[found["parent"]] == "top"
    people = {f["name"]: key for key, f in pair.clm.living("contact").items()}
    assert pair.clm.fields("contact", people["Bob"])["reports_to"] == people["Ada"]


def test_what_hangs_on_a_refused_creation_waits(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="bad")
    _ = pair.crm.add("contact", name="Ada", account="A1")
    pair.clm.refuses = lambda write: "bad name" if dict(write.fields).get("name") == "bad" else ""
    report = pair.run()
    assert [line.ended for line in report.lines] == [Ended.REFUSED, Ended.WAITING]
    pair.clm.refuses = lambda _: ""
    replay(pair.journal, dead_letters(pair.journal), by="Ada", at=lab.noon)
    _ = pair.settle()
    assert len(pair.clm.living("contact")) == 1


# 10 the guard


def test_a_plan_that_removes_or_overwrites_too_much_is_refused_untouched(lab: Any) -> None:
    rules = _with("account", guard_percent=30, guard_floor=3, on_delete=OnDelete.ARCHIVE)
    pair = lab.Pair(rules=rules)
    for n in range(10):
        _ = pair.crm.add("account", name=f"n{n}", phone="1")
    _ = pair.settle()
    for n in range(4):
        pair.crm.delete("account", f"A{n + 1}")
    before = pair.written
    with pytest.raises(PlanRefused, match="4 deletes of 10 known pairs, more than 30 %"):
        _ = pair.run()
    assert pair.written == before
    _ = pair.run(percent=40)
    assert len(pair.clm.living("account")) == 6
    for n in range(4, 10):
        pair.crm.edit("account", f"A{n + 1}", phone="2")
    with pytest.raises(PlanRefused, match="6 overwrites of 6"):
        _ = pair.run()
    _ = pair.run(yes=True)
    assert {f["phone"] for f in pair.clm.living("account").values()} == {"2"}


def test_a_plan_below_the_floor_is_never_refused(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", phone="2")
    assert pair.run().plan.refusal(0) is None


# 11 poison


@pytest.mark.parametrize("flags", [{}, {"atomicity": Atomicity.ALL}])
def test_one_poisonous_record_does_not_stop_the_others(lab: Any, flags: dict[str, Any]) -> None:
    pair = lab.Pair(**flags)
    for n in range(11):
        _ = pair.crm.add("account", name=f"n{n}")
    pair.clm.refuses = lambda write: "bad" if dict(write.fields).get("name") == "n6" else ""
    report = pair.run()
    assert len(pair.clm.living("account")) == 10
    assert report.counts[Ended.REFUSED] == 1
    [letter] = dead_letters(pair.journal)
    assert (letter.step.pair, letter.why) == ("account:crm:A7", "bad")
    calls = len(pair.clm.calls)
    again = pair.run()
    assert again.lines == ()
    assert not any(what == "write" for what, _ in pair.clm.calls[calls:])


def test_a_record_that_cannot_be_understood_is_reported_and_the_others_go_on(lab: Any) -> None:
    pair = lab.Pair(feed=lab.Feed.DELTA)
    for n in range(3):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    whole = pair.crm._seen

    def torn(kind: str, key: str) -> Any:
        seen = whole(kind, key)
        return evolve(seen, fields={}, unreadable="$.employees: NaN (request r-9)") if key == "A2" else seen

    pair.crm._seen = torn
    for _ in range(2):
        report = pair.run()
        [problem] = report.plan.problems
        assert problem.where == "account:crm:A2"
        assert "as fake-crm shows it: $.employees: NaN (request r-9)" in problem.what
        assert not report.complete
    assert [fields["name"] for fields in pair.clm.living("account").values()] == ["n0", "n2"]
    pair.crm._seen = whole
    _ = pair.settle()
    assert len(pair.clm.living("account")) == 3
    pair.crm._seen = torn
    pair.clm.edit("account", "L3", legal_name="N SAS")
    pair.crm.edit("account", "A2", name="other")
    assert pair.run().plan.steps == ()  # the pair is left alone, whichever side was edited
    pair.crm._seen = whole
    _ = pair.settle()
    assert pair.clm.fields("account", "L3")["name"] == "other"
    assert pair.crm.fields("account", "A2")["legal_name"] == "N SAS"


def test_a_batch_rejected_as_a_whole_is_halved_down_to_the_poison(lab: Any) -> None:
    pair = lab.Pair()
    for n in range(5):
        _ = pair.crm.add("account", name=f"n{n}")
    write = pair.clm.write

    def rejecting(writes: Any) -> Any:
        if any(w.fields["name"] == "n3" for w in writes):
            raise TerminalError("fake-clm", "400 bad request")
        return write(writes)

    pair.clm.write = rejecting
    report = pair.run()
    assert report.counts[Ended.DONE] == 4
    assert report.counts[Ended.REFUSED] == 1
    assert [letter.step.pair for letter in dead_letters(pair.journal)] == ["account:crm:A4"]


def test_a_dead_letter_is_planned_anew_and_never_resent(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", phone="bad")
    pair.clm.refuses = lambda write: "bad" if write.fields.get("phone") == "bad" else ""
    _ = pair.run()
    pair.crm.edit("account", "A1", phone="good")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "good"
    assert dead_letters(pair.journal) == ()


def _locked(lab: Any) -> Any:
    """An account that was deleted in the CRM, and whose counterpart the CLM does not archive."""
    pair = _linked(lab, rules=_with("account", on_delete=OnDelete.ARCHIVE))
    pair.clm.refuses = lambda write: "locked" if isinstance(write, Remove) else ""
    pair.crm.delete("account", "A1")
    assert [line.ended for line in pair.run().lines] == [Ended.REFUSED]
    pair.clm.refuses = lambda _: ""
    return pair


@pytest.mark.parametrize("tombstones", [True, False])
def test_a_removal_that_was_refused_is_planned_anew_by_what_the_feed_had_told(lab: Any, tombstones: bool) -> None:
    pair = _locked(lab)
    pair.crm.tombstones = tombstones
    replay(pair.journal, dead_letters(pair.journal), by="Ann", at=lab.noon)
    report = pair.run()
    assert [(line.step.op.value, line.ended) for line in report.lines] == [("remove", Ended.DONE)]
    assert report.plan.problems == ()
    assert pair.clm.living("account") == {}


def test_a_replayed_removal_leaves_a_record_that_was_restored_alone(lab: Any) -> None:
    pair = _locked(lab)
    pair.crm.restore("account", "A1")
    _ = pair.settle()
    replay(pair.journal, dead_letters(pair.journal), by="Ann", at=lab.noon)
    assert pair.run().lines == ()
    assert list(pair.clm.living("account")) == ["L1"]


def test_a_replayed_removal_tells_nothing_of_a_record_that_came_since(lab: Any) -> None:
    pair = _locked(lab)
    [letter] = dead_letters(pair.journal)
    [known] = pair.agreed()
    with pair.journal.transaction():
        pair.journal.save_agreed([evolve(known, link=known.link.with_key(Side.CRM, "A9"))])
    replay(pair.journal, [letter], by="Ann", at=lab.noon)
    assert [hint.gone for hint in pair.journal.hints("account") if hint.key == "A9"] == [False]


def test_an_undo_that_was_refused_does_not_say_that_the_other_record_is_gone(lab: Any) -> None:
    pair = _linked(lab)
    pair.clm.refuses = lambda write: "locked" if isinstance(write, Remove) else ""
    back = undo(written(pair.journal), pair.systems, pair.journal, pair.rules)
    report = apply(back, pair.systems, pair.journal, clock=lambda: lab.noon)
    assert [(line.step.op.value, line.ended) for line in report.lines] == [("remove", Ended.REFUSED)]
    replay(pair.journal, dead_letters(pair.journal), by="Ann", at=lab.noon)
    assert [hint.gone for hint in pair.journal.hints("account")] == [False, False]


def test_a_kind_the_system_cannot_create_is_a_dead_letter(lab: Any) -> None:
    pair = lab.Pair(creates=frozenset())
    _ = pair.crm.add("account", name="Durand")
    assert [line.ended for line in pair.run().lines] == [Ended.REFUSED]
    assert [call for call in pair.clm.calls if call[0] == "write"] == []


# 12 round trips: what a system makes of a value


def test_a_system_that_spells_values_its_own_way_causes_no_echo(lab: Any) -> None:
    pair = lab.Pair()
    pair.clm.spelling = lambda fields: {
        name: value.upper() if isinstance(value, str) else value for name, value in fields.items()
    }
    _ = pair.crm.add("account", name="Durand", billing_address="rue Bleue")
    _ = pair.run()
    before = pair.written
    for _ in range(3):
        assert pair.run().plan.steps == ()
    pair.crm.edit("account", "A1", phone="ab", billing_address="rue Rouge")
    _ = pair.run()
    for _ in range(3):
        assert pair.run().plan.steps == ()
    assert pair.written == before + 1
    assert pair.crm.fields("account", "A1")["billing_address"] == "rue Rouge"
    pair.clm.edit("account", "L1", billing_address="quai vert")
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == "QUAI VERT"


def test_a_field_only_one_side_holds_is_sent_once(lab: Any) -> None:
    pair = lab.Pair()
    pair.clm.spelling = lambda fields: {n: v for n, v in fields.items() if n != "website"}
    _ = pair.crm.add("account", name="Durand", website="w")
    _ = pair.settle()
    assert pair.run().plan.steps == ()
    pair.crm.edit("account", "A1", website="v")
    assert pair.run().written == 1
    assert pair.run().plan.steps == ()


# and over all


def test_a_second_run_has_no_steps(lab: Any) -> None:
    pair = lab.Pair()
    for n in range(8):
        account = pair.crm.add("account", name=f"n{n}")
        _ = pair.clm.add("account", name=f"m{n}")
        _ = pair.crm.add("contact", name="Ada", account=account)
    _ = pair.run()
    before = pair.written
    for _ in range(10):
        report = pair.run()
        assert report.plan.steps == ()
    assert pair.written == before
    assert all(not list(pair.journal.hints(kind.kind)) for kind in pair.rules)


def test_batches_are_as_full_as_the_system_takes(lab: Any) -> None:
    pair = lab.Pair(batch_size=50)
    for n in range(120):
        _ = pair.crm.add("account", name=f"n{n}")
    _ = pair.run()
    assert [size for what, size in pair.clm.calls if what == "write"] == [50, 50, 20]


def test_a_system_that_cannot_be_reached_is_left_for_the_next_run(lab: Any) -> None:
    pair = lab.Pair()
    for n in range(12):
        _ = pair.crm.add("account", name=f"n{n}")
    pair.clm.failures = [TransientError("fake-clm", "503")]
    report = pair.run()
    assert report.counts[Ended.DEFERRED] == 12
    assert [what for what, _ in pair.clm.calls].count("write") == 1
    assert list(pair.journal.open_steps()) == []
    _ = pair.settle()
    assert len(pair.clm.living("account")) == 12


def test_a_plan_that_the_journal_has_outrun_is_not_carried_out(lab: Any) -> None:
    pair = _linked(lab)
    pair.crm.edit("account", "A1", phone="2")
    pulled = pull(pair.systems, pair.journal, ["account"])
    todo = plan(pulled.agreed, pulled.left, pulled.right, pair.rules)
    _ = apply(todo, pair.systems, pair.journal, clock=lambda: lab.noon)
    again = apply(todo, pair.systems, pair.journal, clock=lambda: lab.noon)
    assert [line.ended for line in again.lines] == [Ended.STALE]
    assert "journal has moved on" in again.lines[0].why


def test_a_side_without_a_writer_waits(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    pulled = pull(pair.systems, pair.journal, ["account"])
    todo = plan(pulled.agreed, pulled.left, pulled.right, pair.rules)
    report = apply(todo, {}, pair.journal, clock=lambda: lab.noon, hints=pulled.hints)
    assert [line.ended for line in report.lines] == [Ended.WAITING]
    assert len(list(pair.journal.hints("account"))) == 1


def test_every_step_is_in_the_report_and_in_the_history(lab: Any) -> None:
    pair = lab.Pair()
    for n in range(4):
        _ = pair.crm.add("account", name=f"n{n}")
    report = pair.run()
    assert [line.step for line in report.lines] == list(report.plan.steps)
    assert len(pair.history("create")) == 4
    assert isinstance(pair.clm.written[0], Create)
    assert report.as_fields()["lossy"] == []
