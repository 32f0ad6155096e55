"""A customer's case: what they complain of or ask, how fast it must be answered, and what it led to.

Deadlines are the source's own instants; whether they were met is worked out from what happened. A case
that has become a dispute over a contract names both.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.crm.service_hours import ClockPause
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import (
    AccountId,
    AssetId,
    CaseId,
    ClauseId,
    ContactId,
    ContractId,
    DisputeId,
    EntitlementId,
    ProductId,
    UserId,
)
from clmcrm.values.instants import in_utc
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, flag, instance, instant, maybe, member, plain_date, text


class CaseStatus(StrEnum):
    """Where a case stands; UNKNOWN keeps the source's own word beside it."""

    NEW = "new"
    WORKING = "working"
    WAITING_FOR_CUSTOMER = "waiting for the customer"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    UNKNOWN = "unknown"


OVER: Final = frozenset({CaseStatus.RESOLVED, CaseStatus.CLOSED})
"""The statuses of a case that is over."""


class SlaState(StrEnum):
    """Whether a promised reaction came in time; STOPPED while the clock does not run.

    UNKNOWN: the case is over, and nobody says since when, or when it was first answered.
    """

    MET = "met"
    LATE = "late"
    RUNNING = "running"
    OVERDUE = "overdue"
    STOPPED = "stopped"
    NOT_PROMISED = "not promised"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Entitlement(Record):
    """What support an account may claim: under which contract, from which to which day (both inside).

    `response_minutes` and `resolution_minutes` are working minutes as the contract counts them;
    `cases_left` None means that the number of cases is not limited or not stated.
    """

    id: EntitlementId = field(validator=text)
    name: str = field(validator=text)
    account: AccountId = field(validator=text)
    contract: ContractId | None = field(default=None, validator=maybe(text))
    product: ProductId | None = field(default=None, validator=maybe(text))
    asset: AssetId | None = field(default=None, validator=maybe(text))
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))
    response_minutes: int | None = field(default=None, validator=maybe(count))
    resolution_minutes: int | None = field(default=None, validator=maybe(count))
    cases_left: int | None = field(default=None, validator=maybe(count))

    def covers(self, day: date) -> bool:
        """Whether a case opened on `day` may claim it: the day lies inside and cases are left."""
        begun = self.first_day is None or self.first_day <= day
        return begun and (self.last_day is None or day <= self.last_day) and self.cases_left != 0


@frozen(kw_only=True)
class Case(Record):
    """A case, as the union of what service systems know.

    `sla_started_at` is when the promised times began to run, `response_due_at` and `resolution_due_at` the
    last instants for the first answer and the solution, `responded_at` and `closed_at` when they came.
    `is_stopped` says that the clock does not run, as the source says; `pauses` are when it stood, for clocks
    that are counted here (`clmcrm.crm.case_clocks`). `clause` is the contract clause it turns on, `dispute`
    the dispute it led to. None always means that it is not stated.

    Raises `InvalidRecord` when it was closed before it was opened or is its own parent.
    """

    id: CaseId = field(validator=text)
    number: str | None = field(default=None, validator=maybe(text))
    subject: str | None = field(default=None, validator=maybe(text))
    description: str | None = field(default=None, validator=maybe(text))
    kind: str | None = field(default=None, validator=maybe(text))
    origin: str | None = field(default=None, validator=maybe(text))
    reason: str | None = field(default=None, validator=maybe(text))
    priority: str | None = field(default=None, validator=maybe(text))
    status: CaseStatus = field(default=CaseStatus.UNKNOWN, validator=member(CaseStatus))
    status_raw: str | None = field(default=None, validator=maybe(text))
    account: AccountId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    owner: UserId | None = field(default=None, validator=maybe(text))
    product: ProductId | None = field(default=None, validator=maybe(text))
    asset: AssetId | None = field(default=None, validator=maybe(text))
    parent: CaseId | None = field(default=None, validator=maybe(text))
    entitlement: EntitlementId | None = field(default=None, validator=maybe(text))
    contract: ContractId | None = field(default=None, validator=maybe(text))
    clause: ClauseId | None = field(default=None, validator=maybe(text))
    dispute: DisputeId | None = field(default=None, validator=maybe(text))
    opened_at: datetime | None = field(default=None, validator=maybe(instant))
    closed_at: datetime | None = field(default=None, validator=maybe(instant))
    sla_started_at: datetime | None = field(default=None, validator=maybe(instant))
    response_due_at: datetime | None = field(default=None, validator=maybe(instant))
    responded_at: datetime | None = field(default=None, validator=maybe(instant))
    resolution_due_at: datetime | None = field(default=None, validator=maybe(instant))
    is_stopped: bool = field(default=False, validator=flag)
    pauses: tuple[ClockPause, ...] = field(default=(), validator=each(instance(ClockPause)))

    def __attrs_post_init__(self) -> None:
        opened, closed = self.opened_at, self.closed_at
        if opened is not None and closed is not None and in_utc(closed) < in_utc(opened):
            raise InvalidRecord(f"Case {self.id}", "closed_at", closed, f"{opened} or later")
        if self.parent == self.id:
            raise InvalidRecord(f"Case {self.id}", "parent", self.parent, "another case")


def response_state(case: Case, at: datetime) -> SlaState:
    """Whether the first answer came in time, seen from the instant `at`; it came at the latest when the case ended.

    So a case that was closed in time and tells of no answer was answered in time, and one that was closed later, or is
    over since nobody says when, is unknown.

    >>> response_state(Case(id=CaseId("c")), datetime.fromisoformat("2026-01-01T09:00+00:00")).value
    'not promised'
    """
    if case.responded_at is not None:
        return _state(case, case.response_due_at, case.responded_at, at)
    return unless_told(case, _state(case, case.response_due_at, case.closed_at, at))


def unless_told(case: Case, state: SlaState) -> SlaState:
    """What `state` of the first answer is known, where it was counted to the end of a case that tells of no answer."""
    over_late = state is SlaState.LATE or (over_undated(case) and state is not SlaState.NOT_PROMISED)
    return SlaState.UNKNOWN if over_late else state


def resolution_state(case: Case, at: datetime) -> SlaState:
    """Whether the solution came in time, seen from the instant `at`; unknown where `over_undated`.

    >>> noon = datetime.fromisoformat("2026-01-01T12:00+00:00")
    >>> resolution_state(Case(id=CaseId("c"), resolution_due_at=noon), noon).value
    'running'
    """
    state = _state(case, case.resolution_due_at, case.closed_at, at)
    return SlaState.UNKNOWN if over_undated(case) and state is not SlaState.NOT_PROMISED else state


def over_undated(case: Case) -> bool:
    """Whether the case is over by its status, and nobody says since when."""
    return case.closed_at is None and case.status in OVER


def _state(case: Case, due_at: datetime | None, done_at: datetime | None, at: datetime) -> SlaState:
    if due_at is None:
        return SlaState.NOT_PROMISED
    now, due = in_utc(at), in_utc(due_at)
    done = None if done_at is None else in_utc(done_at)
    if done is not None and done <= now:
        return SlaState.MET if done <= due else SlaState.LATE
    if case.is_stopped:
        return SlaState.STOPPED
    return SlaState.RUNNING if now <= due else SlaState.OVERDUE
