"""What was done or is to be done with a customer: calls, mails, meetings, tasks, notes.

An activity happens at an instant or falls due on a day; which of the two, its kind says.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import (
    AccountId,
    ActivityId,
    CampaignId,
    CaseId,
    ContactId,
    ContractId,
    LeadId,
    OpportunityId,
    UserId,
)
from clmcrm.values.instants import in_utc
from clmcrm.values.record import Record
from clmcrm.values.validators import each, flag, instant, maybe, member, plain_date, text


class ActivityKind(StrEnum):
    """What kind of activity it is."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    TASK = "task"
    NOTE = "note"
    LETTER = "letter"
    OTHER = "other"


class Direction(StrEnum):
    """Who began: INBOUND the customer, OUTBOUND we."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@frozen(kw_only=True)
class Activity(Record):
    """One activity and what it is about.

    `started_at` and `finished_at` are when it took (or will take) place, `due_on` the day a task falls
    due, `is_done` whether it is over. `contacts` are the customer's people who took part. None always
    means that it is not stated or does not apply.

    Raises `InvalidRecord` when it ends before it begins.
    """

    id: ActivityId = field(validator=text)
    kind: ActivityKind = field(default=ActivityKind.OTHER, validator=member(ActivityKind))
    kind_raw: str | None = field(default=None, validator=maybe(text))
    subject: str | None = field(default=None, validator=maybe(text))
    body: str | None = field(default=None, validator=maybe(text))
    owner: UserId | None = field(default=None, validator=maybe(text))
    direction: Direction | None = field(default=None, validator=maybe(member(Direction)))
    started_at: datetime | None = field(default=None, validator=maybe(instant))
    finished_at: datetime | None = field(default=None, validator=maybe(instant))
    due_on: date | None = field(default=None, validator=maybe(plain_date))
    is_done: bool | None = field(default=None, validator=maybe(flag))
    status_raw: str | None = field(default=None, validator=maybe(text))
    priority: str | None = field(default=None, validator=maybe(text))
    location: str | None = field(default=None, validator=maybe(text))
    account: AccountId | None = field(default=None, validator=maybe(text))
    contacts: tuple[ContactId, ...] = field(default=(), validator=each(text))
    lead: LeadId | None = field(default=None, validator=maybe(text))
    opportunity: OpportunityId | None = field(default=None, validator=maybe(text))
    contract: ContractId | None = field(default=None, validator=maybe(text))
    case: CaseId | None = field(default=None, validator=maybe(text))
    campaign: CampaignId | None = field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        start, end = self.started_at, self.finished_at
        if start is not None and end is not None and in_utc(end) < in_utc(start):
            raise InvalidRecord(f"Activity {self.id}", "finished_at", end, f"{start} or later")

    def overdue(self, as_of: date) -> bool:
        """Whether it fell due before `as_of` and is not known to have been done by then.

        >>> Activity(id=ActivityId("t"), due_on=date(2026, 5, 1)).overdue(date(2026, 5, 2))
        True
        """
        done_later = self.finished_at is not None and self.finished_at.date() > as_of
        return self.due_on is not None and self.due_on < as_of and (self.is_done is not True or done_later)
