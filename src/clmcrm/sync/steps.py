"""A plan is a value: what would be done, field by field and with its reason, before anything is done.

Steps speak in pairs, not in keys: a reference to a record that is created by the same plan is filled in
when that record has its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.ports.kept import Agreed, Link, keys_of, plain_keys
from clmcrm.ports.records import CRM, SIDES, Fields, Json, Side
from clmcrm.sync.arbitration import Conflict, Decision, conflict_key
from clmcrm.sync.merge import ABSENT, Value, blank
from clmcrm.sync.ownership import Rules
from clmcrm.values.problems import Problem
from clmcrm.values.validators import maybe, member, text


class Op(StrEnum):
    """What a step does, in the order in which steps are carried out."""

    UNLINK = "unlink"
    """Journal only: a side has no record any more."""
    BIND = "bind"
    """Journal only: two records are one pair, or a key has a successor."""
    SETTLE = "settle"
    """Journal only: both sides show the same, or an edit is noted that cannot be undone."""
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"

    # As for `Side`: an enum's own hash is a function in Python.
    __hash__ = str.__hash__

    @property
    def remote(self) -> bool:
        """Whether it writes to a system."""
        return self in _REMOTE


_REMOTE: Final = frozenset({Op.CREATE, Op.UPDATE, Op.REMOVE})
_ENDING: Final = frozenset({Op.REMOVE, Op.UNLINK})
DELETES: Final = "deletes"
_TEXTS: Final = {each: each.value for each in (*Op, *SIDES)}
"""An enum's `value` is looked up by a function in Python, and every step is written twice."""
ORDER: Final = {op: place for place, op in enumerate(Op)}


@frozen(kw_only=True)
class FieldChange:
    """One field of a step: the canonical `value` to agree on, what each side shows now, and why."""

    name: str = field(validator=text)
    value: Value
    crm: Value = ABSENT
    clm: Value = ABSENT
    why: str = ""

    def seen(self, side: Side) -> Value:
        """What `side` shows now; `ABSENT` when it does not show the field."""
        return self.crm if side is CRM else self.clm

    def overwrites(self, side: Side) -> bool:
        """Whether writing it to `side` replaces something that is not blank."""
        seen = self.crm if side is CRM else self.clm
        return seen != self.value and not blank(seen)

    def as_fields(self) -> dict[str, Json]:
        """The change as plain JSON; what is absent is left out."""
        known: dict[str, Json] = {"name": self.name, "why": self.why}
        if self.value is not ABSENT:
            known["value"] = self.value
        if self.crm is not ABSENT:
            known["crm"] = self.crm
        if self.clm is not ABSENT:
            known["clm"] = self.clm
        return known


@frozen(kw_only=True)
class Step:
    """One thing to do to one pair, on one `side` (None: in the journal only).

    `key` and `expected` are the record's key and the version it must still have; `link` is the pair's
    link when the step is done (its keys both None: the pair is forgotten); `fresh` says that values agreed
    earlier no longer count, because the record is another one. `decisions` are the keys of the decisions
    it carries out.
    """

    op: Op = field(validator=member(Op))
    pair: str = field(validator=text)
    kind: str = field(validator=text)
    side: Side | None = field(default=None, validator=maybe(member(Side)))
    key: str | None = None
    expected: str = ""
    changes: tuple[FieldChange, ...] = ()
    link: Link
    fresh: bool = False
    why: str = ""
    decisions: tuple[str, ...] = ()

    @property
    def fields(self) -> Fields:
        """What would be written, with pairs in the place of references."""
        return {c.name: c.value for c in self.changes if c.value is not ABSENT}

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why, field by field."""
        return {c.name: c.why for c in self.changes}

    @property
    def step_key(self) -> str:
        """The key it is kept under while it is open: one per pair and side."""
        return f"{self.side or 'journal'}:{self.pair}"

    def without(self, names: Collection[str]) -> Step:
        """The same step without these fields, and without the decisions about them."""
        gone = {conflict_key(self.pair, name) for name in names}
        return evolve(
            self,
            changes=tuple(change for change in self.changes if change.name not in names),
            decisions=tuple(key for key in self.decisions if key not in gone),
        )

    def as_fields(self) -> dict[str, Json]:
        """The step as plain JSON."""
        link = self.link
        return {
            "op": _TEXTS[self.op], "pair": self.pair, "kind": self.kind,
            "side": None if self.side is None else _TEXTS[self.side], "key": self.key,
            "expected": self.expected, "changes": [c.as_fields() for c in self.changes],
            "link": _plain_link(link),
            "fresh": self.fresh, "why": self.why, "decisions": list(self.decisions),
        }  # fmt: skip

    def __str__(self) -> str:
        """One line for a person."""
        where = f" on the {self.side.upper()}" if self.side else ""
        what = "; ".join(f"{c.name} = {c.value!r} ({c.why})" for c in self.changes)
        return f"{self.op} {self.pair}{where}: {self.why or what}"


@frozen(kw_only=True)
class Note:
    """An edit that gave way: `side` showed `value`, `kept` holds instead, and `why`."""

    pair: str = field(validator=text)
    kind: str = field(validator=text)
    name: str = field(validator=text)
    side: Side = field(validator=member(Side))
    value: Json = None
    kept: Json = None
    why: str = ""

    def concerns(self, step: Step) -> bool:
        """Whether it is about what the step did."""
        named = any(change.name == self.name for change in step.changes)
        return self.pair == step.pair and (named or step.op is Op.REMOVE)

    def as_fields(self) -> Fields:
        """The note as plain JSON."""
        return {
            "pair": self.pair, "kind": self.kind, "name": self.name, "side": self.side.value,
            "value": self.value, "kept": self.kept, "why": self.why,
        }  # fmt: skip


@frozen(kw_only=True)
class Plan:
    """All that is to be done, and all that is not done and why.

    `conflicts` wait for a person; `notes` are edits that gave way; `problems` are doubtful data, left
    alone; `waiting` are the records (kind, side, key) to look at again next time; `before` holds the
    agreed values the plan was made from, `decisions` those its steps carry out by key, `known` the number of
    pairs per kind, `elsewhere` the `harm` of the other parts of the run, done or told to come.
    """

    rules: Rules = field(repr=False)
    steps: tuple[Step, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    waiting: tuple[tuple[str, Side, str], ...] = ()
    before: Mapping[str, Agreed] = field(factory=dict[str, Agreed], repr=False)
    decisions: Mapping[str, Decision] = field(factory=dict[str, Decision], repr=False)
    known: Mapping[str, int] = field(factory=dict[str, int])
    elsewhere: Mapping[tuple[str, str], int] = field(factory=dict[tuple[str, str], int], repr=False)

    @property
    def idle(self) -> bool:
        """Whether nothing is to be written to either system."""
        return not any(step.op.remote for step in self.steps)

    @property
    def harm(self) -> Mapping[tuple[str, str], int]:
        """How many steps delete, and how many overwrite: by kind and by `deletes` or `overwrites`."""
        return Counter([(step.kind, harm) for step in self.steps if (harm := harm_of(step))])

    def refusal(self, percent: int | None = None) -> str | None:
        """Why the plan is too destructive to be applied unasked, in words; None when it is not.

        Removals and unlinks count as deletes, updates that replace something as overwrites. `percent`
        stands in for each kind's own guard.
        """
        reasons = [self._excess(kind, harm, count, percent) for (kind, harm), count in sorted(self.harm.items())]
        return "; ".join(reason for reason in reasons if reason) or None

    def _excess(self, kind: str, harm: str, count: int, percent: int | None) -> str:
        rules = self.rules.of(kind)
        allowed = rules.guard_percent if percent is None else percent
        known, elsewhere = self.known.get(kind, 0), self.elsewhere.get((kind, harm), 0)
        count += elsewhere
        if count < rules.guard_floor or count * 100 <= known * allowed:
            return ""
        said = f"{kind}: {count} {harm} of {known} known pairs, more than {allowed} %"
        return f"{said} ({elsewhere} of them in other parts of the run)" if elsewhere else said

    def as_fields(self) -> Fields:
        """The plan as plain JSON, the same for the same input."""
        return {
            "steps": [dict(step.as_fields()) for step in self.steps],
            "conflicts": [dict(conflict.as_fields()) for conflict in self.conflicts],
            "notes": [dict(note.as_fields()) for note in self.notes],
            "problems": [str(problem) for problem in self.problems],
            "waiting": [[kind, side.value, key] for kind, side, key in self.waiting],
        }


def harm_of(step: Step) -> str:
    """Whether the step `deletes` or `overwrites`; empty where it does neither."""
    side = step.side
    if step.op is Op.UPDATE and side is not None:
        for change in step.changes:
            if change.overwrites(side):
                return "overwrites"
    return DELETES if step.op in _ENDING else ""


def _plain_link(link: Link) -> dict[str, Json]:
    known: dict[str, Json] = {"crm": link.crm, "clm": link.clm, "aliases": plain_keys(link.aliases)}
    return {**known, "merged": plain_keys(link.merged)} if link.merged else known


def step_of(fields: Fields) -> Step:
    """The step that `Step.as_fields` wrote."""
    link = cast("dict[str, Any]", fields["link"])
    side, key = fields["side"], fields["key"]
    return Step(
        op=Op(str(fields["op"])),
        pair=str(fields["pair"]),
        kind=str(fields["kind"]),
        side=None if side is None else Side(str(side)),
        key=None if key is None else str(key),
        expected=str(fields["expected"]),
        changes=tuple(_change_of(change) for change in cast("list[Fields]", fields["changes"])),
        link=Link(
            pair=str(fields["pair"]), kind=str(fields["kind"]),
            crm=link["crm"], clm=link["clm"],
            aliases=keys_of(link["aliases"]), merged=keys_of(link.get("merged", ())),
        ),
        fresh=bool(fields["fresh"]),
        why=str(fields["why"]),
        decisions=tuple(str(k) for k in cast("list[Json]", fields["decisions"])),
    )  # fmt: skip


def note_of(fields: Fields) -> Note:
    """The note that `Note.as_fields` wrote."""
    return Note(
        pair=str(fields["pair"]), kind=str(fields["kind"]), name=str(fields["name"]), side=Side(str(fields["side"])),
        value=fields["value"], kept=fields["kept"], why=str(fields["why"]),
    )  # fmt: skip


def _change_of(fields: Fields) -> FieldChange:
    return FieldChange(
        name=str(fields["name"]),
        value=fields.get("value", ABSENT),
        crm=fields.get("crm", ABSENT),
        clm=fields.get("clm", ABSENT),
        why=str(fields["why"]),
    )


def plain(value: Value) -> Json:
    """The value, or None where there is none."""
    return None if value is ABSENT else value
