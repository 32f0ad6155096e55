"""The queue of questions that wait for a person: who should answer, since when, and until which day.

A question is asked when a plan is applied and its conflict is still open; it is asked anew when the values
it is about have changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Entry
from clmcrm.sync.arbitration import ASKED, Conflict
from clmcrm.sync.ownership import Rules
from clmcrm.values.validators import instance, instant, maybe, plain_date


@frozen(kw_only=True)
class Review:
    """A conflict that waits: `asked_at` since when (None: in no run yet), `due_on` the last day to answer.

    `due_on` is inside; None when the field's rule sets no deadline or nobody was asked yet.
    """

    conflict: Conflict = field(validator=instance(Conflict))
    asked_at: datetime | None = field(default=None, validator=maybe(instant))
    due_on: date | None = field(default=None, validator=maybe(plain_date))

    @property
    def role(self) -> str:
        """Who should decide."""
        return self.conflict.decides

    def is_overdue(self, as_of: date) -> bool:
        """Whether the last day to answer is over."""
        return self.due_on is not None and self.due_on < as_of


def review_queue(conflicts: Iterable[Conflict], journal: Journal, rules: Rules) -> tuple[Review, ...]:
    """The conflicts of a plan as questions: those with the nearest deadline first, then the longest waiting.

    Raises `InvalidRecord` where the `answer_days` of a field's rule end after the year 9999.
    """
    reviews = [_review(conflict, journal, rules) for conflict in conflicts]

    def urgency(review: Review) -> tuple[bool, str, str, str]:
        due = review.due_on.isoformat() if review.due_on else ""
        asked = review.asked_at.isoformat() if review.asked_at else "~"
        return review.due_on is None, due, asked, review.conflict.key

    return tuple(sorted(reviews, key=urgency))


def questions(conflicts: Iterable[Conflict], journal: Journal, now: datetime) -> tuple[Entry, ...]:
    """The history lines of conflicts that nobody was asked about yet, in the form they have now."""
    new = (conflict for conflict in conflicts if _asked_at(conflict, journal) is None)
    return tuple(Entry(at=now, pair=c.pair, what=ASKED, facts={**c.as_fields(), "key": c.key}) for c in new)


def _review(conflict: Conflict, journal: Journal, rules: Rules) -> Review:
    asked_at = _asked_at(conflict, journal)
    days = rules.of(conflict.kind).rule(conflict.name).answer_days
    try:
        due_on = None if asked_at is None or days is None else asked_at.date() + timedelta(days=days)
    except OverflowError as error:
        rule = f"FieldRule {conflict.kind}.{conflict.name}"
        raise InvalidRecord(rule, "answer_days", days, "so many days that they end before the year 10000") from error
    return Review(conflict=conflict, asked_at=asked_at, due_on=due_on)


def _asked_at(conflict: Conflict, journal: Journal) -> datetime | None:
    """When the question was last asked in exactly this form."""
    last: Entry | None = None
    for entry in journal.history(conflict.pair):
        if entry.what == ASKED and entry.facts.get("key") == conflict.key:
            last = entry
    same = last is not None and all(last.facts.get(n) == v for n, v in conflict.as_fields().items() if n != "decides")
    return last.at if last is not None and same else None
