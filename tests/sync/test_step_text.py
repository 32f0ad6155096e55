"""What the journal keeps of a step is one text, the same as its fields would be; and keys stay what they were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.errors import InvalidRecord
from clmcrm.ports.kept import Link
from clmcrm.ports.records import Side
from clmcrm.store.encoding import decoded, encoded
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync.acknowledging import entry
from clmcrm.sync.deeds import idempotency_key
from clmcrm.sync.merge import ABSENT
from clmcrm.sync.open_steps import OpenStep, keep_open, open_steps_in
from clmcrm.sync.step_text import step_facts, step_text
from clmcrm.sync.steps import FieldChange, Note, Op, Step, step_of
from clmcrm.values.json_text import JsonText

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
texts = st.sampled_from(["a", 'é"\\', "\ud800", "account:crm:A1", "%s{}"])
plain = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts
json_values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2), max_leaves=4
)
values: Any = json_values | st.just(ABSENT)
changes = st.builds(FieldChange, name=texts, value=values, crm=values, clm=values, why=st.just("") | texts)
links = st.builds(
    Link, pair=texts, kind=texts, crm=st.none() | texts, clm=st.none() | texts,
    aliases=st.lists(st.tuples(st.sampled_from(Side), texts), max_size=2).map(tuple),
)  # fmt: skip
steps = st.builds(
    Step, op=st.sampled_from(Op), pair=texts, kind=texts, side=st.none() | st.sampled_from(Side),
    key=st.none() | texts, expected=st.just("") | texts, changes=st.lists(changes, max_size=3).map(tuple), link=links,
    fresh=st.booleans(), why=st.just("") | texts, decisions=st.lists(texts, max_size=2).map(tuple),
)  # fmt: skip


@given(step=steps)
def test_a_steps_text_is_that_of_its_fields_to_the_letter(step: Step) -> None:
    assert step_text(step) == encoded(step.as_fields())
    assert step_facts(step) == step.as_fields()


@given(step=steps, sent=st.dictionaries(texts, json_values), key=st.just("") | texts, text=st.booleans())
def test_an_open_step_is_kept_as_its_fields_say(step: Step, sent: Any, key: str, text: bool) -> None:
    note = Note(pair="p", kind="account", name="a", side=Side.CRM)
    for more in ({}, {"reused": True}, {"sent_at": NOON}, {"notes": (note,)}):
        known: Any = {"step_key": "k", "step": step, "sent": sent, "at": NOON, "idempotency_key": key, **more}
        opened = OpenStep(**known, text=step_text(step) if text else None)
        assert encoded(opened.facts()) == encoded(opened.as_fields())


def test_a_value_that_is_no_json_is_named_by_the_journal() -> None:
    wrong: Any = object()
    change = FieldChange(name="a", value=wrong)
    step = Step(op=Op.UPDATE, pair="p", kind="account", link=Link(pair="p", kind="account"), changes=(change,))
    opened = OpenStep(step_key="k", step=step, at=NOON, text=step_text(step))
    with pytest.raises(InvalidRecord, match="plain JSON"):
        keep_open(MemoryJournal(), [opened])


def test_a_line_of_the_history_can_be_looked_into_before_it_is_kept() -> None:
    step = Step(op=Op.UPDATE, pair="p", kind="account", link=Link(pair="p", kind="account"))
    line = entry(step, NOON)
    assert (line.facts["op"], len(line.facts), step_of(line.facts)) == ("update", len(step.as_fields()), step)
    assert line == entry(step, NOON, text=step_text(step))
    journal = MemoryJournal()
    journal.save_entries([line])
    assert list(journal.history()) == [line]


def test_an_open_step_is_read_back_without_its_text() -> None:
    step = Step(op=Op.UPDATE, pair="p", kind="account", side=Side.CLM, link=Link(pair="p", kind="account"))
    journal = MemoryJournal()
    opened = OpenStep(step_key=step.step_key, step=step, sent={"a": 1}, at=NOON, text=step_text(step))
    keep_open(journal, [opened])
    assert open_steps_in(journal) == (opened,)


@given(value=st.dictionaries(texts, json_values))
def test_a_written_mapping_equals_the_one_that_is_read(value: Any) -> None:
    text = encoded(value)
    written = JsonText(text)
    assert (written, repr(written), list(written)) == (decoded(text, ""), repr(decoded(text, "")), sorted(value))
    assert encoded(written) is text


LINK = Link(pair="account:crm:A1", kind="account", crm="A1", clm="L1")
KEYS: list[Any] = [
    # Derived by the first version that derived any: a system may remember them for as long as it likes.
    (Op.CREATE, None, "", {"name": "Durand"}, "clmcrm-9f4d9130bafc9544a4c52a9ac1c3ab7aba3782aa"),
    (
        Op.UPDATE, "L1", "7", {"name": 'Été "x"', "n": None, "l": [1, {"a": True}]},
        "clmcrm-548b4d9eaddade05d20b95a1a683bcb0eb1c6753",
    ),
    (Op.REMOVE, "L1", "", {}, "clmcrm-7c9dfcdffa74e03b182e46e8ce5e6721ae79bad8"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "key", "expected", "sent", "known"), KEYS, ids=["create", "update", "remove"])
def test_a_deed_keeps_the_key_it_had_in_earlier_versions(
    op: Op, key: Any, expected: str, sent: Any, known: str
) -> None:
    step = Step(op=op, pair=LINK.pair, kind="account", side=Side.CLM, key=key, expected=expected, link=LINK)
    assert idempotency_key("acme é", step, sent) == known
