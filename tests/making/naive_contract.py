"""A contract's life read a second time, by a clerk with an index card: no table, no standing, no term plan.

Nothing is shared with the library, not even its enums: the clerk knows words and days. The rules are those of
the contract that `CARD` describes, written out; the ends of its terms and the last days for a notice are
literals from a calendar. It is slow and meant to be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

ONE_DAY = timedelta(days=1)
# One-year terms from 1 June 2024, three months' notice: each term's last day for a notice, and its end.
NOTICES = [
    (date(2025, 2, 28), date(2025, 5, 31)), (date(2026, 2, 28), date(2026, 5, 31)),
    (date(2027, 2, 28), date(2027, 5, 31)), (date(2028, 2, 29), date(2028, 5, 31)),
    (date(2029, 2, 28), date(2029, 5, 31)), (date(2030, 2, 28), date(2030, 5, 31)),
]  # fmt: skip
FIRST_END = NOTICES[0][1]
TO_SIGNATURE = (
    "Requested", "RecordedAsExecuted", "SubmittedForApproval", "Approved", "Rejected", "Recalled", "Redrafted",
    "TurnPassed", "SentForSignature", "Signed", "SignatureDeclined", "SignatureWithdrawn",
)  # fmt: skip
BESIDE = (
    "DataReviewed", "LinkedToCrm", "UnlinkedFromCrm", "CrmConflictFound", "CrmConflictSettled",
    "HoldPlaced", "HoldReleased",
)  # fmt: skip
ENDING = ("Archived", "Completed", "NonRenewalNotified", "Novated", "Rescinded", "Superseded", "Terminated")
IN_FORCE = ("in_effect", "suspended", "unassigned")
BEFORE = ("draft", "in_approval", "rejected", "negotiating", "awaiting_signature", "signature_declined")
OVER = ("expired", "terminated", "rescinded", "superseded", "novated", "completed", "canceled")


@dataclass(frozen=True)
class Note:
    """What the clerk wrote down: what happened (`kind`), recorded at `at` by `by`, about the day `on`."""

    kind: str
    at: datetime
    by: str
    on: date
    said: str = ""
    other: date | None = None
    reason: bool = True

    @property
    def written(self) -> date:
        """The day of the record."""
        return self.at.date()


@dataclass
class Card:
    """What the contract says: since when, renewed or not, what must be met and who must approve."""

    first_day: date | None = date(2024, 6, 1)
    renewed: bool = True
    conditions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass
class Reading:
    """Where the clerk is while reading the notes of a life, day after day."""

    card: Card
    stage: str = "new"
    since: date | None = None
    authors: set[str] = field(default_factory=set)
    asked_by: set[str] = field(default_factory=set)
    approved: list[tuple[str, str]] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    pen: str = "own"
    met: dict[str, date] = field(default_factory=dict)
    holds: set[str] = field(default_factory=set)
    ends: list[date] = field(default_factory=list)
    ended_by_word: Note | None = None
    replaced: list[Note] = field(default_factory=list)
    lost: list[Note] = field(default_factory=list)

    def reach(self, stage: str, since: date) -> None:
        self.stage, self.since = stage, since

    def end(self) -> date | None:
        own = FIRST_END if self.card.first_day is not None and not self.card.renewed else None
        return min([*self.ends, *([own] if own else [])], default=None)

    def let_time_pass(self, day: date) -> None:
        """Whatever the calendar alone brings about by `day`."""
        moved = True
        while moved:
            moved = self.one_turn(day)

    def one_turn(self, day: date) -> bool:
        before = self.stage
        if self.stage == "signed":
            self.begin_or_be_over(day)
        elif self.stage in IN_FORCE:
            end = self.end()
            if end is not None and end < day:
                self.come_to_an_end(end + ONE_DAY)
        elif self.stage == "expired" and self.replaced:
            note = self.replaced[-1]
            assert note.other is not None
            assert self.since is not None
            since = max(self.since, note.other)
            if since <= day:
                self.reach("superseded" if note.kind == "Superseded" else "novated", since)
        return self.stage != before

    def begin_or_be_over(self, day: date) -> None:
        """What comes first: that it takes effect, or the end that was agreed before it did."""
        if all(each in self.met for each in self.card.conditions):
            first = self.card.first_day
            begins = date.min if first is None else max([first, *self.met.values()])
        else:
            begins = date.max
        over_by = date.max
        if self.ended_by_word is not None and self.ended_by_word.other is not None and self.since is not None:
            over_by = max(self.ended_by_word.other + ONE_DAY, self.since)
        if over_by < date.max and over_by <= begins:
            if over_by <= day:
                self.reach("terminated", over_by)
        elif begins < date.max:
            self.take_effect(day)

    def take_effect(self, day: date) -> None:
        if self.card.first_day is None:
            assert self.since is not None
            self.reach("unknown", self.since)
        else:
            since = max([self.card.first_day, *self.met.values()])
            if since <= day:
                self.reach("in_effect", since)

    def come_to_an_end(self, since: date) -> None:
        newer = [note for note in self.replaced if note.other is not None and note.other <= since]
        if newer:
            self.reach("superseded" if newer[-1].kind == "Superseded" else "novated", since)
        elif self.ended_by_word is not None and self.ended_by_word.other < since:  # type: ignore[operator] # it says a day
            self.reach("terminated", since)
        else:
            self.reach("expired", since)

    # One long list of rules on purpose: it is read against the table and shares nothing with it.
    def why_not(self, note: Note) -> str:  # noqa: C901, PLR0911, PLR0912 - see above
        """Why this cannot happen now; an empty text when it can."""
        kind, stage = note.kind, self.stage
        if kind in BESIDE:
            return ""
        if kind in ("Requested", "RecordedAsExecuted"):
            return "" if stage == "new" else "already there"
        if kind == "SubmittedForApproval":
            return "" if stage == "draft" else "no draft"
        if kind == "Approved":
            if stage != "in_approval":
                return "nobody asked"
            if note.by in self.asked_by:
                return "own text"
            if self.card.roles and (note.said not in self.card.roles or note.said in [r for _, r in self.approved]):
                return "no seat"
            return "twice" if note.by in [who for who, _ in self.approved] else ""
        if kind in ("Rejected", "Recalled"):
            return "" if stage == "in_approval" and (note.reason or kind == "Recalled") else "no"
        if kind == "Redrafted":
            return "" if stage in ("rejected", "negotiating", "signature_declined") else "no"
        if kind == "TurnPassed":
            return "" if stage == "negotiating" and note.said != self.pen else "no"
        if kind == "SentForSignature":
            return "" if stage == "negotiating" else "no"
        if kind == "Signed":
            return "" if stage == "awaiting_signature" and {"own", "counterparty"} - set(self.sides) else "no"
        if kind in ("SignatureDeclined", "SignatureWithdrawn"):
            return "" if stage == "awaiting_signature" and note.reason else "no"
        if kind == "Activated":
            if stage == "in_effect":
                return ""
            first = note.other or self.card.first_day
            if set(self.card.conditions) - set(self.met) and not note.reason:
                return "no"
            return "" if stage in ("signed", "unknown") and first is not None and first <= note.written else "no"
        if kind == "ConditionMet":
            return "" if stage == "signed" and note.said in self.card.conditions and note.said not in self.met else "no"
        if kind == "Suspended":
            return "" if stage == "in_effect" and note.reason else "no"
        if kind == "Resumed":
            return "" if stage == "suspended" else "no"
        if kind == "PartyLeft":
            return "" if stage == "in_effect" else "no"
        if kind == "PartyAssigned":
            return "" if stage in ("in_effect", "unassigned") else "no"
        if kind == "NonRenewalNotified":
            return "" if stage in IN_FORCE and self.card.renewed else "no"
        if kind == "CureDemanded":
            return "" if stage in IN_FORCE and note.reason else "no"
        if kind == "Terminated":
            return "" if stage in (*IN_FORCE, "signed") else "no"
        if kind == "Rescinded":
            return "" if stage == "in_effect" and note.reason else "no"
        if kind in ("Superseded", "Novated"):
            return "" if stage in (*IN_FORCE, "expired") else "no"
        if kind == "PerformanceContinued":
            return "" if stage == "expired" else "no"
        if kind == "Completed":
            return "" if stage in IN_FORCE else "no"
        if kind == "Canceled":
            return "" if stage in BEFORE else "no"
        if kind == "Archived":
            return "" if stage in OVER and not self.holds else "no"
        raise AssertionError(kind)

    def take(self, day: date, note: Note) -> None:  # noqa: C901, PLR0912, PLR0915 - as above
        """Read one note on the day from which it counts."""
        self.let_time_pass(day)
        # What was recorded is not judged again by reasons, only by whether there is room for it.
        if not self.room_for(note):
            self.lost.append(note)
            return
        kind = note.kind
        if kind == "Requested":
            self.authors.add(note.by)
            self.reach("draft", day)
        elif kind == "RecordedAsExecuted":
            self.reach("signed", day)
        elif kind == "SubmittedForApproval":
            self.asked_by, self.approved = {*self.authors, note.by}, []
            self.reach("in_approval", day)
        elif kind == "Approved":
            self.approved.append((note.by, note.said))
            if set(self.card.roles) <= {role for _, role in self.approved}:
                self.reach("negotiating", day)
        elif kind == "Rejected":
            self.approved, self.sides, self.pen = [], [], "own"
            self.reach("rejected", day)
        elif kind == "Recalled":
            self.approved = []
            self.reach("draft", day)
        elif kind == "Redrafted":
            self.authors.add(note.by)
            self.approved, self.sides, self.pen = [], [], "own"
            self.reach("draft", day)
        elif kind == "TurnPassed":
            self.pen = note.said
        elif kind == "SentForSignature":
            self.reach("awaiting_signature", day)
        elif kind == "Signed":
            self.sides.append(note.said)
            if {"own", "counterparty"} <= set(self.sides):
                self.reach("signed", day)
        elif kind == "SignatureDeclined":
            self.sides = []
            self.reach("signature_declined", day)
        elif kind == "SignatureWithdrawn":
            self.sides = []
            self.reach("negotiating", day)
        elif kind == "Activated" and self.stage != "in_effect":
            self.reach("in_effect", day)
        elif kind == "ConditionMet":
            self.met[note.said] = note.on
        elif kind == "Suspended":
            self.reach("suspended", day)
        elif kind == "Resumed":
            self.reach("in_effect", day)
        elif kind == "PartyLeft":
            self.reach("unassigned", day)
        elif kind == "PartyAssigned" and self.stage == "unassigned":
            self.reach("in_effect", day)
        elif kind == "NonRenewalNotified" and self.card.first_day is not None:
            self.ends.append(next(end for last, end in NOTICES if note.on <= last))
        elif kind == "Terminated":
            self.ended_by_word = note
            assert note.other is not None
            self.ends.append(note.other)
        elif kind == "Rescinded":
            self.reach("rescinded", day)
        elif kind in ("Superseded", "Novated"):
            self.replaced.append(note)
            assert note.other is not None
            self.ends.append(note.other - ONE_DAY)
        elif kind == "Completed":
            self.reach("completed", day)
        elif kind == "Canceled":
            self.reach("canceled", day)
        elif kind == "Archived":
            self.reach("archived", day)
        elif kind == "HoldPlaced":
            self.holds.add(note.said)
        elif kind == "HoldReleased":
            self.holds.discard(note.said)

    def room_for(self, note: Note) -> bool:
        """Whether the stage has such a move at all."""
        willing = Reading(Card(first_day=date.min, conditions=(note.said,)), stage=self.stage)
        easy = Note(note.kind, note.at, "somebody", note.on, "" if note.kind == "TurnPassed" else note.said)
        return not willing.why_not(easy)


def standing_notes(notes: list[Note], known_on: date) -> list[Note]:
    """The notes heard by `known_on`, without those taken back by then."""
    kept: list[Note] = []
    for note in notes:
        if note.written > known_on:
            break
        if note.kind == "Undone":
            _ = kept.pop()
        else:
            kept.append(note)
    return kept


def with_days(notes: list[Note]) -> list[tuple[date, Note]]:
    """Each note with the day from which it counts: none before the last step to the signature."""
    found: list[tuple[date, Note]] = []
    floor = date.min
    for note in notes:
        day = max(note.on, floor)
        floor = day if note.kind in TO_SIGNATURE else floor
        found.append((day, note))
    return found


def read(card: Card, notes: list[Note], as_of: date, known_on: date) -> Reading:
    """What the clerk says about `as_of` after the notes heard by `known_on`."""
    reading = Reading(card)
    dated = with_days(standing_notes(notes, known_on))
    for day in sorted({day for day, _ in dated if day <= as_of}):
        for own, note in dated:
            if own == day:
                reading.take(day, note)
    reading.let_time_pass(as_of)
    return reading


def allowed(card: Card, notes: list[Note], note: Note) -> bool:
    """Whether the clerk would let this be added at the end of the notes."""
    kept = standing_notes(notes, date.max)
    day = with_days([*kept, note])[-1][0]
    before = read(card, notes, day, date.max)
    if note.kind == "Undone":
        theirs = not kept or kept[-1].kind not in ("Approved", "Rejected") or kept[-1].by == note.by
        return bool(kept) and before.stage != "archived" and theirs
    if before.why_not(note) or _beside(kept, note):
        return False
    if note.kind in ENDING:  # what was announced for a later day is overtaken, and loses nothing by it
        kept = [each for own, each in with_days(kept) if own <= note.written]
    at_last = read(card, [*kept, note], date(2031, 1, 1), date.max).lost
    return not set(at_last) - set(read(card, kept, date(2031, 1, 1), date.max).lost)


@dataclass
class Beside:
    """What is true of the record beside the stage."""

    reviewed: bool = False
    tied: bool = False
    key: str = ""
    conflicts: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)


def seen_beside(notes: list[Note], as_of: date, known_on: date) -> Beside:
    """As `beside`, where what was taken back only after `as_of` but by `known_on` is gone as well."""
    found = Beside()
    for note in standing_notes(notes, known_on):
        if note.written <= as_of:
            _note_beside(found, note)
    return found


def _note_beside(found: Beside, note: Note) -> None:
    if note.kind == "DataReviewed":
        found.reviewed = True
    elif note.kind in ("Redrafted", "RecordedAsExecuted"):
        found.reviewed = False
    elif note.kind == "LinkedToCrm":
        found.tied, found.key = True, note.said
    elif note.kind == "UnlinkedFromCrm":
        found.tied, found.key, found.conflicts = False, "", []
    elif note.kind == "CrmConflictFound" and note.said not in found.conflicts:
        found.conflicts.append(note.said)
    elif note.kind == "CrmConflictSettled":
        found.conflicts.remove(note.said)
    elif note.kind == "HoldPlaced":
        found.holds.append(note.said)
    elif note.kind == "HoldReleased":
        found.holds.remove(note.said)


def _beside(kept: list[Note], note: Note) -> str:
    now = Beside()
    for each in kept:
        _note_beside(now, each)
    refused = {
        "LinkedToCrm": now.tied and now.key not in ("", note.said),
        "UnlinkedFromCrm": not now.tied,
        "CrmConflictFound": not now.tied,
        "CrmConflictSettled": note.said not in now.conflicts,
        "HoldPlaced": note.said in now.holds,
        "HoldReleased": note.said not in now.holds,
    }
    return "no" if refused.get(note.kind, False) else ""
