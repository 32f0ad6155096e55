"""A step as the JSON text that a journal keeps: what `Step.as_fields` says, put together without a mapping in between.

Every step is kept twice, open before it is sent and in the history after; its text is made once.
"""

from __future__ import annotations

from typing import Final

from clmcrm.ports.kept import Link, plain_keys
from clmcrm.ports.records import Fields
from clmcrm.sync.merge import ABSENT, Value
from clmcrm.sync.steps import FieldChange, Step
from clmcrm.values.json_text import JsonText, json_writer, quoted

_FLAGS: Final = {False: "false", True: "true"}
_write: Final = json_writer(allow_nan=False)


def value_text(value: Value) -> str:
    """A value as JSON; nearly all are texts. Raises what the JSON encoder raises for what is no JSON."""
    return quoted(value) if type(value) is str else _write(value)


def step_text(step: Step) -> str | None:
    """The step as JSON, to the letter as its `as_fields` would be written; None where a value is no JSON.

    >>> from clmcrm.store.encoding import encoded
    >>> from clmcrm.sync.steps import Op
    >>> step = Step(op=Op.UNLINK, pair="p", kind="account", link=Link(pair="p", kind="account"))
    >>> step_text(step) == encoded(step.as_fields())
    True
    """
    side = "null" if step.side is None else quoted(step.side)
    decisions = ",".join([quoted(key) for key in step.decisions]) if step.decisions else ""
    try:
        changes = ",".join([_change_text(change) for change in step.changes])
        return (
            f'{{"changes":[{changes}],"decisions":[{decisions}],"expected":{value_text(step.expected)},'
            f'"fresh":{_FLAGS[step.fresh]},"key":{value_text(step.key)},"kind":{quoted(step.kind)},'
            f'"link":{_link_text(step.link)},"op":{quoted(step.op)},"pair":{quoted(step.pair)},"side":{side},'
            f'"why":{quoted(step.why)}}}'
        )
    except (TypeError, ValueError, RecursionError):
        return None


def step_facts(step: Step, text: str | None = None) -> Fields:
    """What a journal keeps of the step; `text` is its `step_text`, where that was made already."""
    written = text or step_text(step)
    # What is no JSON goes on as it is: the journal says which value, and what would be right.
    return step.as_fields() if written is None else JsonText(written)


def _change_text(change: FieldChange) -> str:
    return (
        f"{{{_told('clm', change.clm)}{_told('crm', change.crm)}"
        f'"name":{quoted(change.name)},{_told("value", change.value)}"why":{quoted(change.why)}}}'
    )


def _told(name: str, value: Value) -> str:
    return "" if value is ABSENT else f'"{name}":{value_text(value)},'


def _link_text(link: Link) -> str:
    aliases = _write(plain_keys(link.aliases)) if link.aliases else "[]"
    merged = f',"merged":{_write(plain_keys(link.merged))}' if link.merged else ""
    return f'{{"aliases":{aliases},"clm":{value_text(link.clm)},"crm":{value_text(link.crm)}{merged}}}'
