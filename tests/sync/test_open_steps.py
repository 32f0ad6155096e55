"""Steps whose outcome is not known: how long they rest, what is sent again, and what waits for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.errors import AmbiguousError, InvalidRecord, JournalCorrupt, MalformedReply, RefusedError
from clmcrm.ports.records import Capabilities, Creating, Precondition
from clmcrm.sync import apply, plan, pull
from clmcrm.sync.deeds import idempotency_key
from clmcrm.sync.open_steps import keep_open, open_step_of, open_steps_in
from clmcrm.sync.parking import adopt, give_up
from clmcrm.sync.reports import Ended

MINUTE = timedelta(minutes=1)


def _failure(system: Any, **how: bool) -> AmbiguousError:
    error = AmbiguousError(system.name, "connection lost")
    for name, value in how.items():
        setattr(error, name, value)
    system.failures.append(error)
    return error


def _slow(lab: Any, **flags: Any) -> Any:
    given = {"creating": Creating.LOOKUP, "longest_processing": 10 * MINUTE, **flags}
    pair = lab.Pair(**given)
    _ = pair.crm.add("account", name="Durand")
    return pair


def test_a_creation_on_its_way_is_waited_for_and_never_doubled(lab: Any) -> None:
    pair = _slow(lab)
    _ = _failure(pair.clm, on_its_way=True)
    _ = pair.run()
    pair.now += 9 * MINUTE
    assert pair.run().plan.steps == ()
    pair.clm.land()
    pair.now += MINUTE
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]
    assert pair.agreed()[0].link.clm == "L1"


@pytest.mark.parametrize("creating", list(Creating))
def test_a_plan_that_is_applied_again_does_not_send_what_is_still_open(lab: Any, creating: Creating) -> None:
    keyed = {"key_window": 60 * MINUTE} if creating is Creating.KEYED else {}
    pair = _slow(lab, creating=creating, marks=creating in (Creating.UNIQUE, Creating.LOOKUP), **keyed)
    pulled = pull(pair.systems, pair.journal, [kind.kind for kind in pair.rules], rules=pair.rules)
    todo = plan(pulled.agreed, pulled.left, pulled.right, pair.rules, known=pulled.known)
    _ = _failure(pair.clm, too_late=True)
    told: dict[str, Any] = {"clock": lambda: pair.now, "hints": pulled.hints}
    assert [line.ended for line in apply(todo, pair.systems, pair.journal, **told).lines] == [Ended.AMBIGUOUS]
    calls = len(pair.clm.calls)
    [line] = apply(todo, pair.systems, pair.journal, **told).lines
    assert (line.ended, line.why) == (Ended.WAITING, "its earlier sending is not settled: pull and plan again")
    assert pair.clm.calls[calls:] == []
    assert list(pair.clm.living("account")) == ["L1"]
    assert [waiting.step.pair for waiting in open_steps_in(pair.journal)] == ["account:crm:A1"]
    assert [hint.key for hint in pair.journal.hints("account")] == ["A1"]


def test_a_plan_without_a_write_does_not_ask_what_is_open(lab: Any) -> None:
    pair = lab.Pair()
    reads: list[str] = []

    def asked() -> Any:
        reads.append("open")
        return iter(())

    pair.journal.open_steps = asked
    todo = plan([], [], [], pair.rules)
    _ = apply(todo, pair.systems, pair.journal, clock=lambda: pair.now)
    assert reads == []


def test_the_quarantine_counts_from_the_send_and_not_from_the_intent(lab: Any) -> None:
    pair = _slow(lab)
    error = _failure(pair.clm, on_its_way=True)

    def stall() -> None:  # the call leaves eight minutes after the step was recorded
        pair.now += 8 * MINUTE

    pair.clm.before_write = stall
    assert [line.ended for line in pair.run().lines] == [Ended.AMBIGUOUS]
    assert error.what == "connection lost"
    pair.clm.before_write = lambda: None
    [waiting] = open_steps_in(pair.journal)
    assert waiting.sent_at == waiting.at + 8 * MINUTE
    pair.now += 9 * MINUTE  # 17 minutes after the intent, 9 after the send
    assert pair.run().plan.steps == ()
    pair.clm.land()
    pair.now += MINUTE
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]


def test_a_step_whose_sender_died_is_counted_from_when_it_is_first_met(lab: Any) -> None:
    pair = _slow(lab)
    pair.clm.fuse = lab.Fuse()
    pair.clm.after_write = lambda: setattr(pair.clm.fuse, "left", 0)
    with pytest.raises(lab.PowerCutError):
        _ = pair.run()
    pair.clm.after_write = lambda: None
    pair.clm.lag.add(("account", "account:crm:A1"))
    [waiting] = open_steps_in(pair.journal)
    assert waiting.sent_at is None
    pair.now += 60 * MINUTE
    assert pair.run().plan.steps == ()
    assert open_steps_in(pair.journal)[0].sent_at == pair.now
    pair.now += 9 * MINUTE
    assert pair.run().plan.steps == ()
    pair.clm.lag.clear()
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]


def test_a_late_old_update_cannot_overtake_a_newer_one(lab: Any) -> None:
    pair = lab.Pair(precondition=Precondition.NONE, longest_processing=10 * MINUTE)
    _ = pair.crm.add("account", name="Durand", industry="steel")
    _ = pair.settle()
    pair.crm.edit("account", "A1", industry="glass")
    _ = _failure(pair.clm, on_its_way=True)
    _ = pair.run()
    pair.crm.edit("account", "A1", industry="paper")
    pair.now += 9 * MINUTE
    assert pair.run().plan.steps == ()
    pair.clm.land()
    pair.now += MINUTE
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["industry"] == "paper"


def test_with_a_precondition_an_update_needs_no_quarantine(lab: Any) -> None:
    pair = lab.Pair(longest_processing=10 * MINUTE)
    _ = pair.crm.add("account", name="Durand", industry="steel")
    _ = pair.settle()
    pair.crm.edit("account", "A1", industry="glass")
    _ = _failure(pair.clm, on_its_way=True)
    _ = pair.run()
    pair.crm.edit("account", "A1", industry="paper")
    _ = pair.settle()
    pair.clm.land()
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["industry"] == "paper"


def test_where_keys_are_honoured_the_same_body_goes_out_again_under_the_same_key(lab: Any) -> None:
    pair = lab.Pair(creating=Creating.KEYED, key_window=60 * MINUTE)
    _ = pair.crm.add("account", name="Durand")
    _ = _failure(pair.clm, too_late=True)
    _ = pair.run(tenant="acme")
    [waiting] = open_steps_in(pair.journal)
    pair.crm.edit("account", "A1", name="Durand SA")  # the body under the key stays as it was
    _ = pair.run(tenant="acme")
    assert len(pair.clm.keys) == 2
    assert waiting.idempotency_key in pair.clm.keys
    _ = pair.settle()
    assert pair.clm.living("account") == {"L1": {"name": "Durand SA"}}
    assert ("find", 1) not in pair.clm.calls


@pytest.mark.parametrize("status", [301, 307, 308, 401, 403, 404, 418])
def test_a_call_that_is_refused_says_nothing_of_what_an_earlier_attempt_made(lab: Any, status: int) -> None:
    pair = lab.Pair(creating=Creating.KEYED, key_window=60 * MINUTE, marks=False)
    _ = pair.crm.add("account", name="Durand")
    _ = _failure(pair.clm, too_late=True)
    _ = pair.run()
    pair.clm.failures = [RefusedError("fake-clm", "not now", status=status)]
    _ = pair.run()
    assert len(open_steps_in(pair.journal)) == 1
    _ = pair.settle()
    assert (list(pair.clm.living("account")), list(pair.crm.living("account"))) == (["L1"], ["A1"])


@pytest.mark.parametrize("status", [400, 409, 422])
def test_that_the_values_are_refused_says_that_an_earlier_attempt_made_nothing(lab: Any, status: int) -> None:
    pair = lab.Pair(creating=Creating.KEYED, key_window=60 * MINUTE, marks=False)
    _ = pair.crm.add("account", name="Durand")
    _ = _failure(pair.clm)
    _ = pair.run()
    pair.clm.failures = [RefusedError("fake-clm", "no such country", status=status) for _ in range(2)]
    [line] = pair.run().lines
    assert line.ended is Ended.REFUSED
    assert open_steps_in(pair.journal) == ()


def test_once_the_key_is_forgotten_a_person_looks(lab: Any) -> None:
    pair = lab.Pair(creating=Creating.KEYED, key_window=60 * MINUTE)
    _ = pair.crm.add("account", name="Durand")
    _ = _failure(pair.clm)
    _ = pair.run()
    pair.now += 60 * MINUTE
    for _ in range(3):
        assert pair.run().parked == ("clm:account:crm:A1",)
    assert pair.clm.rows == {}


def test_a_changed_body_under_a_spent_key_adopts_what_is_there_and_updates_it(lab: Any) -> None:
    pair = lab.Pair(creating=Creating.LOOKUP, key_window=60 * MINUTE)
    _ = pair.crm.add("account", name="Durand", industry="steel")
    _ = pair.settle()
    pair.journal = type(pair.journal)()  # everything we knew is lost
    pair.crm.edit("account", "A1", industry="glass")
    pair.clm.flags = evolve(pair.clm.flags, tells_deletes=True)
    hidden, pair.clm.feed = pair.clm.feed, []  # and its feed does not show the record yet
    report = pair.run()
    assert [line.ended for line in report.lines] == [Ended.BOUND]
    pair.clm.feed = hidden
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]
    assert pair.agreed()[0].link.clm == "L1"
    waiting = {conflict.name for conflict in pair.run().plan.conflicts}
    assert pair.clm.fields("account", "L1")["industry"] == "glass" or "industry" in waiting


def test_a_reply_that_nobody_can_read_is_looked_up_like_no_reply(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    error = MalformedReply("fake-clm", "$.results[0]", "not a mapping", "r-1")
    error.too_late = True  # type: ignore[attr-defined] # a note to the fake
    pair.clm.failures.append(error)
    assert [line.ended for line in pair.run().lines] == [Ended.AMBIGUOUS]
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]


def test_a_person_names_the_record_that_a_lost_creation_made(lab: Any) -> None:
    pair = lab.Pair(creating=Creating.NONE, marks=False)
    _ = pair.crm.add("account", name="Durand")
    _ = _failure(pair.clm, too_late=True)
    _ = pair.run()
    assert pair.run().parked == ("clm:account:crm:A1",)
    adopt(pair.journal, "clm:account:crm:A1", "L1", by="Ada", why="I looked", at=lab.noon)
    _ = pair.settle()
    assert list(pair.clm.living("account")) == ["L1"]
    assert pair.agreed()[0].link.clm == "L1"
    assert [entry.facts["found"] for entry in pair.history("adopted")] == ["L1"]


def test_only_an_open_step_can_be_given_up_or_adopted(lab: Any) -> None:
    pair = lab.Pair()
    with pytest.raises(KeyError):
        give_up(pair.journal, "clm:account:crm:A1", by="Ada", why="I looked", at=lab.noon)
    with pytest.raises(KeyError):
        adopt(pair.journal, "clm:account:crm:A1", "L1", by="Ada", why="I looked", at=lab.noon)


def test_an_open_step_that_makes_no_sense_stops_everything_before_anything_is_sent(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    with pair.journal.transaction():
        pair.journal.begin_steps([("clm:account:crm:A1", {"step": None})])
    with pytest.raises(JournalCorrupt, match="clm:account:crm:A1"):
        _ = pair.run()
    assert pair.written == 0


def test_an_open_step_comes_back_as_it_was_kept(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    _ = _failure(pair.clm)
    _ = pair.run(tenant="acme")
    [waiting] = open_steps_in(pair.journal)
    assert open_step_of(waiting.step_key, waiting.as_fields()) == waiting
    assert waiting.write.idempotency_key == idempotency_key("acme", waiting.step, waiting.sent)
    with pair.journal.transaction():
        keep_open(pair.journal, [waiting.sent_by(lab.noon)])
    assert open_steps_in(pair.journal) == (waiting.sent_by(lab.noon),)


def test_tenants_share_no_key(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand")
    _ = pair.crm.add("account", name="Martin")
    _ = _failure(pair.clm)
    _ = pair.run(tenant="acme")
    first, second = open_steps_in(pair.journal)
    keys = {idempotency_key(who, w.step, w.sent) for who in ("acme", "other", "") for w in (first, second)}
    assert len(keys) == 6


def test_an_update_has_a_key_of_its_own_for_each_version_and_body(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", industry="steel")
    _ = pair.settle()
    pair.crm.edit("account", "A1", industry="glass")
    _ = _failure(pair.clm)
    _ = pair.run()
    [waiting] = open_steps_in(pair.journal)
    one = idempotency_key("", waiting.step, waiting.sent)
    assert one == waiting.idempotency_key
    assert one != idempotency_key("", waiting.step, {"industry": "paper"})
    assert one != idempotency_key("", evolve(waiting.step, expected="7"), waiting.sent)


@pytest.mark.parametrize(
    ("flags", "field"),
    [
        ({"creating": Creating.UNIQUE, "marks": False}, "creating"),
        ({"creating": Creating.LOOKUP, "marks": False}, "creating"),
        ({"creating": Creating.KEYED}, "key_window"), ({"in_flight": 0}, "in_flight"),
        ({"longest_processing": -MINUTE}, "lengths of time"), ({"overlap": -MINUTE}, "lengths of time"),
    ],
)  # fmt: skip
def test_flags_that_contradict_one_another_are_refused(flags: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord, match=f"Capabilities: {field}"):
        _ = Capabilities(kinds=frozenset(), creates=frozenset(), **flags)


# 5 writes without a precondition


def _without_precondition(lab: Any, **flags: Any) -> Any:
    pair = lab.Pair(precondition=Precondition.NONE, **flags)
    _ = pair.crm.add("account", name="Durand", industry="steel")
    _ = pair.settle()
    pair.crm.edit("account", "A1", industry="glass")

    def race() -> None:
        pair.clm.before_write = lambda: None
        pair.clm.edit("account", "L1", industry="typed by hand")

    pair.clm.before_write = race
    return pair


def test_an_edit_that_a_write_covered_is_found_in_the_history_and_kept(lab: Any) -> None:
    pair = _without_precondition(lab, history=True)
    report = pair.run()
    assert report.lossy == ()
    assert [note.facts["value"] for note in pair.history("note")] == ["typed by hand"]
    assert pair.clm.fields("account", "L1")["industry"] == "glass"


def test_the_audit_is_made_up_for_when_the_reply_was_lost(lab: Any) -> None:
    pair = _without_precondition(lab, history=True)
    _ = _failure(pair.clm, too_late=True)
    _ = pair.run()
    _ = pair.settle()
    assert [note.facts["value"] for note in pair.history("note")] == ["typed by hand"]


def test_without_precondition_and_history_the_side_is_called_lossy(lab: Any) -> None:
    pair = _without_precondition(lab)
    report = pair.run()
    assert [side.value for side in report.lossy] == ["clm"]


def test_a_write_is_not_acknowledged_before_it_is_known_what_it_covered(lab: Any) -> None:
    pair = _without_precondition(lab, history=True)
    past = pair.clm.past

    def down(*_: Any) -> Any:
        raise AmbiguousError("fake-clm", "down")

    pair.clm.past = down
    assert [line.ended for line in pair.run().lines] == [Ended.AMBIGUOUS]
    assert pair.history("note") == []
    pair.clm.past = past
    _ = pair.settle()
    assert [note.facts["value"] for note in pair.history("note")] == ["typed by hand"]
    assert open_steps_in(pair.journal) == ()
