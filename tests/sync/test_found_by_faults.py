"""What the fault rig found in the engine, each as the smallest story that shows it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.errors import AmbiguousError, InvalidRecord, TransientError
from clmcrm.ports.kept import Link
from clmcrm.ports.records import Creating, Feed, Precondition, Side
from clmcrm.ports.systems import Past
from clmcrm.sync.arbitration import exported_history
from clmcrm.sync.auditing import overwritten
from clmcrm.sync.open_steps import open_steps_in
from clmcrm.sync.ownership import Direction, OnDelete, Rules
from clmcrm.sync.parking import adopt
from clmcrm.sync.standard import standard_rules
from clmcrm.sync.steps import FieldChange, Op, Step


def _on_delete(policy: OnDelete) -> Rules:
    return Rules(kinds=tuple(evolve(kind, on_delete=policy) for kind in standard_rules()))


def _unknown(*, done: bool = False, late: bool = False) -> AmbiguousError:
    failure: Any = AmbiguousError("fake", "no reply")
    failure.too_late, failure.on_its_way = done, late
    return failure  # type: ignore[no-any-return] # the fake reads these marks


def _notes(pair: Any) -> str:
    return json.dumps([line for line in exported_history(pair.journal) if line["what"] == "note"])


def test_the_record_of_a_parked_creation_is_not_created_again_on_the_side_it_came_from(lab: Any) -> None:
    pair = lab.Pair(marks=False, creating=Creating.NONE)
    _ = pair.crm.add("contract", title="draft")
    pair.clm.failures = [_unknown(done=True)]
    pair.rules = Rules(kinds=tuple(evolve(k, direction=Direction.BOTH, derived=None, match=()) for k in pair.rules))
    _ = pair.run()
    for row in pair.clm.rows.values():
        row["mark"] = None
    for _ in range(3):
        _ = pair.run()
    assert len(pair.crm.living("contract")) == len(pair.clm.living("contract")) == 1


def test_a_first_run_in_parts_pairs_what_belongs_together(lab: Any) -> None:
    pair = lab.Pair()
    for n in range(6):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    for n in reversed(range(6)):
        _ = pair.clm.add("account", name=f"n{n}", country="FR")
    for _ in range(8):
        _ = pair.run(at_most=2, yes=True)
    assert len(pair.crm.living("account")) == len(pair.clm.living("account")) == 6


def test_a_listing_in_parts_has_every_records_turn(lab: Any) -> None:
    pair = lab.Pair(feed=Feed.NONE)
    lonely = [pair.crm.add("account", name=f"child {n}", country="FR") for n in range(3)]
    for key in lonely:
        pair.crm.edit("account", key, parent="nowhere")
    last = pair.crm.add("account", name="last", country="FR")
    for _ in range(6):
        _ = pair.run(at_most=2)
    assert [fields["name"] for fields in pair.clm.living("account").values()] == ["last"], last


def test_what_was_refused_is_not_sent_again_while_nothing_changes(lab: Any) -> None:
    pair = lab.Pair(feed=Feed.NONE)
    key = pair.crm.add("account", name="bad", country="FR")
    pair.clm.refuses = lambda write: "no" if getattr(write, "fields", {}).get("name") == "bad" else ""
    for _ in range(3):
        _ = pair.run()
    assert [what for what, _ in pair.clm.calls].count("write") == 1
    pair.crm.edit("account", key, name="good")
    _ = pair.settle()
    assert len(pair.clm.living("account")) == 1


def test_an_edit_that_gave_way_is_noted_though_the_reply_was_lost_and_the_system_spells_its_own_way(lab: Any) -> None:
    pair = lab.Pair()
    pair.clm.spelling = lambda fields: {**fields, "phone": str(fields.get("phone")).upper()}
    _ = pair.crm.add("account", name="n", country="FR", phone="a")
    _ = pair.settle()
    pair.clm.edit("account", "L1", phone="by hand")
    pair.clm.failures = [_unknown(done=True)]
    _ = pair.run()
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "A"
    assert "BY HAND" in _notes(pair)


def test_an_edit_archived_with_its_record_is_noted_where_only_the_past_tells_it(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.PROPAGATE), precondition=Precondition.NONE, history=True)
    _ = pair.crm.add("account", name="n", country="FR", phone="1")
    _ = pair.settle()
    pair.crm.delete("account", "A1")
    pair.clm.before_write = lambda: pair.clm.edit("account", "L1", phone="by hand")
    _ = pair.run(yes=True)
    assert pair.clm.living("account") == {}
    assert "by hand" in _notes(pair)


def test_a_removal_that_was_put_off_is_done_by_the_next_run(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.PROPAGATE))
    _ = pair.crm.add("account", name="n", country="FR")
    _ = pair.settle()
    pair.crm.delete("account", "A1")
    pair.clm.failures = [TransientError("fake", "429")]
    _ = pair.run(yes=True)
    assert pair.clm.living("account") != {}
    _ = pair.run(yes=True)
    assert pair.clm.living("account") == {}


def test_a_removal_whose_reply_was_lost_on_the_way_out_is_done_by_a_later_run(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.PROPAGATE))
    _ = pair.crm.add("account", name="n", country="FR")
    _ = pair.settle()
    pair.crm.delete("account", "A1")
    pair.clm.failures = [_unknown()]
    for _ in range(3):
        _ = pair.run(yes=True)
    assert pair.clm.living("account") == {}


def test_a_late_update_whose_precondition_still_holds_is_waited_for(lab: Any) -> None:
    pair = lab.Pair(longest_processing=timedelta(minutes=1))
    _ = pair.crm.add("account", name="n", country="FR", phone="a")
    _ = pair.settle()
    pair.clm.edit("account", "L1", phone="by hand")
    pair.clm.failures = [_unknown(late=True)]
    _ = pair.run()
    _ = pair.run()
    assert len(open_steps_in(pair.journal)) == 1
    pair.clm.land()
    pair.now += timedelta(minutes=2)
    _ = pair.settle()
    assert "by hand" in _notes(pair)


def test_an_adopted_record_is_merged_and_not_taken_to_hold_what_was_sent(lab: Any) -> None:
    pair = lab.Pair(marks=False, creating=Creating.NONE)
    _ = pair.crm.add("account", name="n", country="FR", billing_address="typed since")
    pair.clm.failures = [_unknown()]
    _ = pair.run()
    key = pair.clm.add("account", name="n", country="FR", billing_address="of old")
    [step] = open_steps_in(pair.journal)
    adopt(pair.journal, step.step_key, key, by="ops", why="looked", at=lab.noon)
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == "typed since"
    assert [conflict.name for conflict in pair.run().plan.conflicts] == ["billing_address"]


def test_what_a_resting_record_was_merged_into_rests_with_it(lab: Any) -> None:
    pair = lab.Pair(creating=Creating.LOOKUP, longest_processing=timedelta(minutes=1))
    _ = pair.crm.add("account", name="n", country="FR")
    pair.clm.failures = [_unknown(late=True)]
    _ = pair.run()
    heir = pair.crm.add("account", name="n", country="FR", phone="1")
    pair.crm.merge("account", "A1", heir)
    _ = pair.run()
    pair.clm.land()
    pair.now += timedelta(minutes=2)
    for _ in range(3):
        _ = pair.run(yes=True)
    assert len(pair.clm.living("account")) == 1
    assert {known.link.key(Side.CRM) for known in pair.agreed()} == {heir}


def test_a_record_that_ended_before_its_key_was_known_is_looked_at_again(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.PROPAGATE))
    _ = pair.crm.add("account", name="n", country="FR")
    pair.clm.after_write = lambda: pair.clm.delete("account", "L1")
    _ = pair.run()
    pair.clm.after_write = lambda: None
    pair.clm.feed.clear()
    report = pair.run(yes=True)
    assert [problem.what for problem in report.plan.problems] or pair.crm.living("account") == {}


def test_a_record_that_nobody_can_read_does_not_keep_the_others_of_a_run_in_parts_waiting(lab: Any) -> None:
    pair = lab.Pair(feed=Feed.DELTA)
    for n in range(2):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    _ = pair.run()
    whole = pair.clm._seen

    def torn(kind: str, key: str) -> Any:
        seen = whole(kind, key)
        return evolve(seen, fields={}, unreadable="$.employees: NaN") if key == "L1" else seen

    pair.clm._seen = torn
    pair.crm.edit("account", "A1", name="unread")
    pair.clm.edit("account", "L1", legal_name="unread")
    for n in range(2, 5):
        _ = pair.crm.add("account", name=f"n{n}", country="FR")
    for _ in range(8):
        _ = pair.run(at_most=1, yes=True)
    assert len(pair.clm.living("account")) == 5


def test_a_creation_on_its_way_stands_under_its_mark_before_its_origin_becomes_another_record(lab: Any) -> None:
    pair = lab.Pair(longest_processing=timedelta(minutes=1))
    _ = pair.crm.add("account", name="n", country="FR")
    pair.clm.failures = [_unknown(late=True)]
    _ = pair.run()
    heir = pair.crm.add("account", name="n", country="FR", phone="1")
    pair.crm.merge("account", "A1", heir)
    _ = pair.run()
    pair.clm.land()
    _ = pair.settle()
    assert len(pair.clm.living("account")) == 1
    assert {(known.link.crm, known.link.clm) for known in pair.agreed()} == {(heir, "L1")}


@pytest.mark.parametrize("policy", list(OnDelete))
def test_a_record_with_our_mark_whose_origin_has_ended_is_no_new_record(policy: OnDelete, lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(policy))
    _ = pair.crm.add("account", name="n", country="FR")
    _ = pair.settle()
    pair.journal = type(pair.journal)()  # everything we knew is lost
    pair.crm.delete("account", "A1")
    for _ in range(3):
        _ = pair.run(yes=True)
    assert pair.crm.living("account") == {}


def test_a_record_with_our_mark_belongs_to_what_its_origin_was_merged_into(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="n", country="FR")
    _ = pair.settle()
    pair.journal = type(pair.journal)()  # everything we knew is lost
    heir = pair.crm.add("account", name="other", country="DE")
    pair.crm.merge("account", "A1", heir)
    _ = pair.settle()
    assert {(known.link.crm, known.link.clm) for known in pair.agreed()} == {(heir, "L1")}
    assert len(pair.crm.living("account")) == len(pair.clm.living("account")) == 1


def test_a_record_with_our_mark_rests_as_long_as_its_origin_does(lab: Any) -> None:
    pair = lab.Pair()
    pair.clm.flags = evolve(pair.clm.flags, marks=False, creating=Creating.NONE)
    pair.rules = Rules(kinds=tuple(evolve(k, match=()) for k in pair.rules))
    pair.crm.failures = [_unknown(late=True)]
    pair.clm.failures = [_unknown()]  # a creation is open there: whatever is new may be the one it made
    _ = pair.clm.add("account", name="from the CLM", country="FR")
    _ = pair.crm.add("account", name="from the CRM", country="FR")
    _ = pair.run()
    pair.crm.before_changes = pair.crm.land
    for _ in range(3):
        _ = pair.run()
    assert [fields["name"] for fields in pair.clm.living("account").values()] == ["from the CLM"]


def test_in_parts_too_a_record_is_not_judged_without_those_that_were_merged_into_it(lab: Any) -> None:
    pair = lab.Pair(tells_merges=True)
    _ = pair.crm.add("account", name="n", country="FR")
    _ = pair.settle()
    heir = pair.crm.add("account", name="n", country="FR")
    others = [pair.crm.add("account", name=f"other {n}", country="FR") for n in range(4)]
    pair.crm.edit("account", heir, phone="1")
    pair.crm.merge("account", "A1", heir)
    pair.crm.feed[-2:] = reversed(pair.crm.feed[-2:])
    for _ in range(6):
        _ = pair.run(at_most=1, yes=True)
    assert len(pair.clm.living("account")) == 1 + len(others)


def test_a_created_record_that_was_merged_before_its_key_was_known_is_not_created_again(lab: Any) -> None:
    pair = lab.Pair(tells_merges=True)
    _ = pair.crm.add("account", name="n", country="FR")
    pair.clm.failures = [_unknown(done=True)]
    _ = pair.run()
    heir = pair.clm.add("account", name="heir", country="FR")
    pair.clm.merge("account", "L1", heir)
    _ = pair.settle()
    assert len(pair.crm.living("account")) == 1
    assert {(known.link.crm, known.link.clm) for known in pair.agreed()} == {("A1", heir)}


def test_a_key_that_was_used_in_a_forgotten_time_is_not_used_again(lab: Any) -> None:
    pair = lab.Pair(marks=False, creating=Creating.KEYED, key_window=timedelta(hours=6))
    _ = pair.crm.add("account", name="n", country="FR")
    _ = pair.settle()
    pair.journal = type(pair.journal)()  # everything we knew is lost
    pair.rules = Rules(kinds=(evolve(pair.rules.of("account"), match=(), direction=Direction.TO_CLM),))
    pair.clm.rows["account", "L1"]["mark"] = None
    pair.crm.edit("account", "A1", name="typed since")
    _ = pair.run()
    pair.clm.keys.clear()  # the system forgets it before we, who do not know when it was used, may count on that
    assert pair.run().parked == ("clm:account:crm:A1",)
    assert len(pair.clm.living("account")) == 1


def test_what_a_record_was_merged_into_is_kept_while_its_pair_waits_for_a_person(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.ARCHIVE), tells_merges=True)
    for name in ("one", "two"):
        _ = pair.crm.add("account", name=name, country="FR")
    _ = pair.settle()
    heir = pair.clm.add("account", name="heir", country="FR")
    pair.clm.merge("account", "L1", heir)
    pair.crm.delete("account", "A1")
    [conflict] = pair.run().plan.conflicts
    assert conflict.pair == "account:crm:A1"
    assert next(iter(pair.journal.agreed("account", [conflict.pair]))).link.clm == heir


def test_a_listing_that_lags_is_no_more_than_a_hint(lab: Any) -> None:
    pair = lab.Pair(feed=Feed.NONE, visible_lag=timedelta(seconds=20))
    _ = pair.crm.add("account", name="n", country="FR", billing_address="old")
    _ = pair.settle()
    listed = pair.clm.changes
    before = listed("account", None)
    pair.clm.changes = lambda kind, cursor: before if kind == "account" else listed(kind, cursor)
    pair.crm.edit("account", "A1", billing_address="new")
    _ = pair.run()
    _ = pair.run()  # the listing still shows the record as it was before our own write
    for side, key in ((pair.crm, "A1"), (pair.clm, "L1")):
        assert side.fields("account", key)["billing_address"] == "new"


def test_what_strangers_were_merged_into_waits_until_the_feed_tells_of_it(lab: Any) -> None:
    pair = lab.Pair(tells_merges=True)
    _ = pair.crm.add("account", name="known", country="FR")
    _ = pair.settle()
    stranger = pair.crm.add("account", name="stranger", country="FR")
    heir = pair.crm.add("account", name="known", country="FR")
    pair.crm.merge("account", stranger, heir)
    pair.crm.merge("account", "A1", heir)
    ahead, pair.crm.feed = pair.crm.feed, [("account", stranger)] * len(pair.crm.feed)
    _ = pair.run(yes=True)  # the feed tells of the stranger alone, while reads show that it was merged
    assert len(pair.clm.living("account")) == 1
    pair.crm.feed += ahead
    _ = pair.settle()
    assert len(pair.clm.living("account")) == 1


def test_records_merged_crosswise_on_both_sides_are_one_pair(lab: Any) -> None:
    pair = lab.Pair(tells_merges=True)
    for name in ("one", "two"):
        _ = pair.crm.add("account", name=name, country="FR")
    _ = pair.settle()
    pair.crm.merge("account", "A1", "A2")
    pair.clm.merge("account", "L2", "L1")
    _ = pair.settle()
    assert {(known.link.crm, known.link.clm) for known in pair.agreed()} == {("A2", "L1")}
    pair.crm.edit("account", "A2", name="three")
    report = pair.settle()
    assert report.plan.problems == ()
    assert pair.clm.fields("account", "L1")["name"] == "three"


def test_a_merge_into_a_record_without_counterpart_takes_the_counterpart_over(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.UNLINK), tells_merges=True)
    for name in ("kept", "left alone"):
        _ = pair.crm.add("account", name=name, country="FR")
    _ = pair.settle()
    pair.crm.delete("account", "A2")
    _ = pair.settle()
    pair.clm.merge("account", "L1", "L2")
    _ = pair.settle()
    assert {(known.link.crm, known.link.clm) for known in pair.agreed()} == {("A1", "L2")}


def test_a_created_record_that_was_edited_before_its_key_was_known_is_looked_at_again(lab: Any) -> None:
    pair = lab.Pair(marks=False, creating=Creating.KEYED, key_window=timedelta(hours=6))
    pair.rules = Rules(kinds=(evolve(pair.rules.of("account"), match=(), direction=Direction.TO_CLM),))
    _ = pair.crm.add("account", name="n", country="FR", billing_address="old")
    _ = pair.settle()
    pair.journal = type(pair.journal)()  # everything we knew is lost, and the key gives the old outcome again
    pair.clm.rows["account", "L1"]["mark"] = None
    pair.clm.edit("account", "L1", billing_address="new")
    for _ in range(3):
        _ = pair.run()
    assert pair.crm.fields("account", "A1")["billing_address"] == "new"


def test_what_ended_under_our_mark_is_not_taken_to_have_held_what_was_sent(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.PROPAGATE))
    _ = pair.crm.add("account", name="n", country="FR", billing_address="old")
    _ = pair.settle()
    pair.journal = type(pair.journal)()  # everything we knew is lost
    pair.clm.delete("account", "L1")
    pair.crm.edit("account", "A1", billing_address="typed since")
    pair.clm.feed.clear()
    pair.clm.failures = [_unknown(done=True)]
    _ = pair.run()
    _ = pair.settle()
    assert pair.crm.living("account") == {}
    assert "typed since" in _notes(pair)


def test_the_audit_is_made_up_for_though_the_record_has_ended_since(lab: Any) -> None:
    pair = lab.Pair(precondition=Precondition.NONE, history=True)
    _ = pair.crm.add("account", name="n", country="FR", billing_address="old")
    _ = pair.settle()
    pair.crm.edit("account", "A1", billing_address="new")
    pair.clm.before_write = lambda: pair.clm.edit("account", "L1", billing_address="by hand")
    pair.clm.failures = [_unknown(done=True)]
    _ = pair.run()
    pair.clm.before_write = lambda: None
    pair.clm.delete("account", "L1")
    _ = pair.run(yes=True)
    assert "by hand" in _notes(pair)


def test_a_record_that_may_be_what_a_parked_creation_made_is_taken_over_by_nobody_else(lab: Any) -> None:
    pair = lab.Pair(marks=False, creating=Creating.NONE, tells_merges=True)
    pair.rules = Rules(kinds=(evolve(pair.rules.of("account"), match=()),))
    _ = pair.crm.add("account", name="one", country="FR")
    _ = pair.settle()
    _ = pair.crm.add("account", name="two", country="FR")
    pair.clm.failures = [_unknown(done=True)]
    _ = pair.run()
    pair.clm.merge("account", "L1", "L2")
    _ = pair.run()
    [step] = open_steps_in(pair.journal)
    adopt(pair.journal, step.step_key, "L2", by="ops", why="looked", at=lab.noon)
    report = pair.settle()
    assert [known.link.pair for known in pair.agreed() if known.link.clm == "L2"] == ["account:crm:A2"]
    assert [problem.expected for problem in report.plan.problems] or pair.run().plan.idle


def test_what_belongs_to_another_pair_is_not_adopted(lab: Any) -> None:
    pair = lab.Pair(marks=False, creating=Creating.NONE)
    _ = pair.crm.add("account", name="one", country="FR")
    _ = pair.settle()
    _ = pair.crm.add("account", name="two", country="FR")
    pair.clm.failures = [_unknown()]
    _ = pair.run()
    [step] = open_steps_in(pair.journal)
    with pytest.raises(InvalidRecord, match="none of account:crm:A1"):
        adopt(pair.journal, step.step_key, "L1", by="ops", why="looked", at=lab.noon)


def test_an_edit_archived_with_a_record_of_which_the_journal_knows_nothing_is_noted(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.PROPAGATE), precondition=Precondition.NONE, history=True)
    _ = pair.crm.add("account", name="n", country="FR", phone="1")
    _ = pair.settle()
    pair.journal = type(pair.journal)()  # everything we knew is lost
    pair.crm.delete("account", "A1")
    pair.clm.before_write = lambda: pair.clm.edit("account", "L1", phone="by hand")
    for _ in range(3):
        _ = pair.run(yes=True)
    assert pair.clm.living("account") == {}
    assert "by hand" in _notes(pair)


@pytest.mark.parametrize("reply", ["comes", "is lost"])
def test_an_edit_archived_in_a_field_that_was_never_agreed_on_is_noted(lab: Any, reply: str) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.PROPAGATE), precondition=Precondition.NONE, history=True)
    _ = pair.crm.add("account", name="n", country="FR", billing_address="1, rue A")
    _ = pair.clm.add("account", name="n", country="FR", billing_address="2, rue B")
    report = pair.run()
    assert [conflict.name for conflict in report.plan.conflicts] == ["billing_address"], "a person is asked"
    pair.crm.delete("account", "A1")
    pair.clm.before_write = lambda: pair.clm.edit("account", "L1", billing_address="by hand")
    if reply == "is lost":
        pair.clm.failures = [_unknown(done=True)]
    for _ in range(3):
        _ = pair.run(yes=True)
    assert pair.clm.living("account") == {}
    assert "by hand" in _notes(pair)
    assert "L1" not in _notes(pair)


def test_a_creation_that_is_sent_again_rests_anew_from_that_attempt(lab: Any) -> None:
    pair = lab.Pair(longest_processing=timedelta(minutes=1))
    _ = pair.crm.add("account", name="first", country="FR")
    pair.clm.failures = [_unknown(), _unknown(late=True), _unknown()]
    _ = pair.run()
    pair.now += timedelta(seconds=50)
    _ = pair.run()  # not there, and sent again
    pair.now += timedelta(seconds=50)
    pair.crm.edit("account", "A1", name="second")
    _ = pair.run()  # the second attempt may still arrive
    assert [dict(step.sent)["name"] for step in open_steps_in(pair.journal)] == ["first"]
    pair.clm.land()
    _ = pair.settle()
    assert [each["name"] for each in pair.clm.living("account").values()] == ["second"]
    assert [each["name"] for each in pair.crm.living("account").values()] == ["second"]


@pytest.mark.parametrize(
    ("told", "noted"),
    [
        (("VALUE", "by hand", "VALUE", "later"), ["by hand"]),  # ours is the second one, which looks like what was seen
        (("VALUE", "by hand", "VALUE"), ["by hand"]),
        (("older", "VALUE", "VALUE"), []),
        (("VALUE", "by hand", "value", "later"), ["by hand"]),
    ],
    ids=["spelled as seen, edited since", "spelled as seen", "nothing between", "told as sent"],
)
def test_an_edit_is_noted_though_our_value_is_spelled_as_the_one_we_had_seen(
    told: tuple[str, ...], noted: list[str]
) -> None:
    change = FieldChange(name="phone", value="value", clm="VALUE")
    step = Step(op=Op.UPDATE, pair="p", kind="account", link=Link(pair="p", kind="account"), changes=(change,))
    past = [Past(key="L1", name="phone", value=value) for value in told]
    assert [note.value for note in overwritten(step, Side.CLM, {"phone": "value"}, past)] == noted


def test_what_lost_its_counterpart_and_was_merged_away_waits_until_the_feed_tells_of_the_merge(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.UNLINK), tells_merges=True)
    for name in ("left alone", "kept"):
        _ = pair.crm.add("account", name=name, country="FR")
    _ = pair.settle()
    pair.crm.delete("account", "A1")
    _ = pair.settle()
    pair.clm.merge("account", "L1", "L2")
    pair.clm.tombstones = True
    told, pair.clm.feed = pair.clm.feed, pair.clm.feed[:-2]  # it lags
    _ = pair.crm.add("account", name="new", country="FR")  # may be what became of A1: L1 is read
    _ = pair.run()
    pair.clm.feed[:] = told
    _ = pair.settle()
    assert [known.link.pair for known in pair.agreed() if known.link.clm == "L2"] == ["account:crm:A2"]


def test_what_was_merged_away_and_is_restored_beside_its_heir_is_reported(lab: Any) -> None:
    pair = lab.Pair(rules=_on_delete(OnDelete.UNLINK), tells_merges=True)
    for name in ("one", "two"):
        _ = pair.crm.add("account", name=name, country="FR")
    _ = pair.settle()
    pair.crm.delete("account", "A1")
    _ = pair.settle()
    pair.clm.merge("account", "L1", "L2")  # what led to A1 leads to the pair of A2 now
    _ = pair.settle()
    pair.crm.restore("account", "A1")
    for _ in range(2):
        report = pair.run()
        [problem] = report.plan.problems
        assert (problem.where, problem.expected.partition(",")[0]) == ("account:crm:A1", "a merge of A1 into A2 there")
    assert list(pair.clm.living("account")) == ["L2"], "it is not made anew beside the record it is a part of"
