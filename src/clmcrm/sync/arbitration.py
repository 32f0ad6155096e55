"""What only a person can decide, and the memory of who decided what, when and why.

A decision holds for exactly the values it was taken on: when a side moves on, the question is asked again. When the
question goes away, the decision ends with it, and the history says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, cast

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Entry, Hint, Link
from clmcrm.ports.records import Fields, Json, Side
from clmcrm.sync.directory import hints_of
from clmcrm.values.json_text import PLAIN, strange
from clmcrm.values.validators import instant, text

RECORD: Final = "(record)"
"""The `name` of a conflict about the whole record: it is gone on one side and was edited on the other."""

PAIRING: Final = "(pairing)"
"""The `name` of a decision about which record of the other side a record belongs to."""

DISTINCT: Final = "(distinct)"
"""The decision that a record has no counterpart yet, whatever it resembles."""


ASKED: Final = "asked"
"""The history line that says since when a conflict has been waiting."""

_ENDING: Final = frozenset({"unlink", "remove"})
"""The history lines after which a pair may be no more."""

ARBITRATION: Final = frozenset({ASKED, "decision", "note", "given up", "adopted"})
ARBITRATION_COLUMNS: Final = (
    "kind", "name", "base", "left", "right", "value", "kept", "side", "decides", "by", "role", "why",
)  # fmt: skip


def conflict_key(pair: str, name: str) -> str:
    """The key under which a decision about the field `name` of `pair` is kept.

    >>> conflict_key("account:crm:A1", "billing_address")
    'account:crm:A1#billing_address'
    """
    return f"{pair}#{name}"


@frozen(kw_only=True)
class Conflict:
    """A field (or `RECORD`) on which a person must decide.

    `base` is the agreed value, `left` the CRM's and `right` the CLM's, None also where there is none; about a whole
    `RECORD` one is "gone", the other what was edited, by field. `decides` says who should, `why` how it came about.
    """

    pair: str = field(validator=text)
    kind: str = field(validator=text)
    name: str = field(validator=text)
    base: Json = None
    left: Json = None
    right: Json = None
    decides: str = ""
    why: str = ""

    @property
    def key(self) -> str:
        """The key its decision is kept under."""
        return conflict_key(self.pair, self.name)

    def as_fields(self) -> Fields:
        """The conflict as plain JSON."""
        return {
            "pair": self.pair, "kind": self.kind, "name": self.name, "base": self.base,
            "left": self.left, "right": self.right, "decides": self.decides, "why": self.why,
        }  # fmt: skip

    def __str__(self) -> str:
        """One line for a person."""
        shown = f"agreed {self.base!r}, CRM {self.left!r}, CLM {self.right!r}"
        return f"{self.pair}: {self.name}: {self.why} ({shown}); {self.decides} decides"


@frozen(kw_only=True)
class Decision:
    """What a person decided: the `value` that holds, `by` whom, `why`, and on which `left` and `right`.

    `role` is what the person decided as, empty when it was not said.

    For a conflict about the whole `RECORD` the value is the side that is right ("crm" or "clm"); for a
    `PAIRING` it is the other side's key, or `DISTINCT`.
    """

    key: str = field(validator=text)
    value: Json
    by: str = field(validator=text)
    why: str = field(validator=text)
    at: datetime = field(validator=instant)
    left: Json = None
    right: Json = None
    role: str = ""

    def fits(self, left: Json, right: Json) -> bool:
        """Whether both sides still show what was decided on, or already what was decided."""
        return left in (self.left, self.value) and right in (self.right, self.value)

    def as_fields(self) -> Fields:
        """The decision as plain JSON."""
        return {
            "key": self.key, "value": self.value, "by": self.by, "why": self.why,
            "at": self.at.isoformat(), "left": self.left, "right": self.right, "role": self.role,
        }  # fmt: skip


def decision_of(fields: Fields) -> Decision:
    """The decision that `Decision.as_fields` wrote."""
    return Decision(
        key=str(fields["key"]),
        value=fields["value"],
        by=str(fields["by"]),
        why=str(fields["why"]),
        at=datetime.fromisoformat(str(fields["at"])),
        left=fields["left"],
        right=fields["right"],
        role=str(fields.get("role", "")),
    )


def resolve(
    conflict: Conflict,
    choice: Side | None,
    *,
    by: str,
    why: str,
    at: datetime,
    journal: Journal,
    value: Json = None,
    role: str = "",
) -> Decision:
    """Decide a conflict for the side `choice`, or with None for a third `value`; kept for the next plan.

    `role` is what the person decides as. Returns the decision. Raises `InvalidRecord` when `by` or `why` is
    empty, a conflict about the whole record is answered with a third value, the value is one that no journal keeps, or
    the pair has ended since: nothing would ever follow from the decision.
    """
    if conflict.name == RECORD:
        if choice is None:
            raise InvalidRecord(f"Conflict {conflict.key}", "choice", choice, "a side: the record is one's")
        chosen: Json = choice.value
    else:
        chosen = value if choice is None else (conflict.left if choice is Side.CRM else conflict.right)
        wrong = strange(chosen, "value")
        if wrong is not None:
            raise InvalidRecord(f"Conflict {conflict.key}", *wrong, PLAIN)
    decision = Decision(
        key=conflict.key, value=chosen, by=by, why=why, at=at,
        left=conflict.left, right=conflict.right, role=role,
    )  # fmt: skip
    links = [known.link for known in journal.agreed(conflict.kind, [conflict.pair])]
    if _has_ended(journal, conflict.pair, links):
        raise InvalidRecord(f"Conflict {conflict.key}", "pair", conflict.pair, "a pair that has not ended")
    _keep(journal, conflict.pair, decision, [hint for link in links for hint in hints_of(link)])
    return decision


def resolve_pairing(
    record: str, counterpart: str | None, *, by: str, why: str, at: datetime, journal: Journal
) -> Decision:
    """Decide which record of the other side `record` ("account:crm:A1") belongs to; None: to none.

    `record` is kind, side and key, as the problem names it; `counterpart` the other side's key. Returns
    the decision: the next plan pairs the two, or treats the record as new. Where the counterpart is not there, or has
    another one, nothing is created in its stead: each plan says so until another decision is made. Of two that
    contradict each other the later counts. Raises `InvalidRecord` for a `record` of another form.
    """
    chosen = DISTINCT if counterpart is None else counterpart
    decision = Decision(key=conflict_key(record, PAIRING), value=chosen, by=by, why=why, at=at)
    hint = _hint_at(record)
    other = [] if counterpart is None else [Hint(kind=hint.kind, side=hint.side.other, key=counterpart)]
    _keep(journal, record, decision, [hint, *other])
    return decision


def decisions_in(journal: Journal) -> tuple[Decision, ...]:
    """Every decision that is not yet applied, sorted by key."""
    found = (decision_of(fields) for _, fields in journal.decisions())
    return tuple(sorted(found, key=lambda decision: decision.key))


def exported_history(journal: Journal, pair: str | None = None) -> Iterator[Fields]:
    """The journal's lines as plain JSON, oldest first; of one pair when it is given."""
    for entry in journal.history(pair):
        yield {
            "at": entry.at.isoformat(),
            "pair": entry.pair,
            "what": entry.what,
            "facts": cast("Json", dict(entry.facts)),
        }


def exported_arbitration(journal: Journal, pair: str | None = None) -> Iterator[Fields]:
    """Who was asked and when, who decided what and why, and whose edit gave way: one flat row per line.

    Every row has the same columns; what does not apply is None. Oldest first; of one pair when it is given.
    """
    for entry in journal.history(pair):
        if entry.what in ARBITRATION:
            facts = {
                **entry.facts,
                "name": entry.facts.get("name") or str(entry.facts.get("key", "")).rpartition("#")[2],
            }
            row: dict[str, Json] = {"at": entry.at.isoformat(), "pair": entry.pair, "what": entry.what}
            yield {**row, **{column: facts.get(column) for column in ARBITRATION_COLUMNS}}


def _has_ended(journal: Journal, pair: str, links: Iterable[Link]) -> bool:
    """Whether the journal knows that the pair is over; one that was never kept may be about to begin."""
    kept = list(links)
    return all(link.ended for link in kept) and (
        bool(kept) or any(line.what in _ENDING for line in journal.history(pair))
    )


def _hint_at(record: str) -> Hint:
    kind, _, rest = record.partition(":")
    side, _, key = rest.partition(":")
    if side not in tuple(Side) or not kind or not key:
        raise InvalidRecord("Decision", "record", record, 'kind, side and key, as in "account:crm:A1"')
    return Hint(kind=kind, side=Side(side), key=key)


def _keep(journal: Journal, pair: str, decision: Decision, hints: Iterable[Hint]) -> None:
    """Keep a decision, and have the records it is about planned again."""
    fields = decision.as_fields()
    with journal.transaction():
        journal.save_hints(hints)
        journal.save_decision(decision.key, fields)
        journal.save_entries([Entry(at=decision.at, pair=pair, what="decision", facts=fields)])
