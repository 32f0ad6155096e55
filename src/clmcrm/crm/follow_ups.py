"""What is to be done next with a customer: overdue tasks, interactions nobody followed up, silences.

The rule of the file: a follow-up is owed when a rule says so and nothing that came later answers it; each
one names the interaction and the rule it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import EVERY_DAY, HolidayCalendar
from clmcrm.calendars.months import add_days
from clmcrm.crm.activity import Activity, ActivityKind, Direction
from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.ids import AccountId, ActivityId, UserId
from clmcrm.values.instants import in_utc
from clmcrm.values.validators import instance, maybe, member, positive_count, text
from clmcrm.values.wording import Wording

CONTACTS: Final = frozenset({ActivityKind.CALL, ActivityKind.EMAIL, ActivityKind.MEETING, ActivityKind.LETTER})
"""The kinds of activity in which somebody spoke with the customer."""


class FollowUpReason(StrEnum):
    """Why something is to be done."""

    OVERDUE = "a task is overdue"
    UNANSWERED = "an interaction was not followed up"
    SILENCE = "the account was not contacted for too long"


@frozen(kw_only=True)
class FollowUpRule:
    """After an activity of `kind` (and `direction`, None: either) we get in touch within `days`.

    The days are business days of the calendar that is given; the day of the activity does not count.
    """

    name: str = field(validator=text)
    kind: ActivityKind = field(validator=member(ActivityKind))
    direction: Direction | None = field(default=None, validator=maybe(member(Direction)))
    days: int = field(validator=positive_count)

    def asks(self, activity: Activity) -> bool:
        """Whether the rule is about `activity`."""
        return activity.kind is self.kind and self.direction in {None, activity.direction}


@frozen(kw_only=True)
class FollowUp:
    """Something to do for `account` (None: for nobody in particular) by `due_on`, for a reason in words.

    `activity` is the task or interaction it comes from (None for a silence), `owner` who should do it.
    """

    reason: FollowUpReason = field(validator=member(FollowUpReason))
    account: AccountId | None
    owner: UserId | None
    activity: ActivityId | None
    due_on: date
    why: Wording = field(validator=instance(Wording))


def moment(activity: Activity) -> datetime | None:
    """When the activity was over, else when it began; None when it states neither.

    >>> moment(Activity(id=ActivityId("a"))) is None
    True
    """
    return activity.finished_at or activity.started_at


def interactions(activities: Iterable[Activity], account: AccountId) -> tuple[Activity, ...]:
    """What passed between us and `account`, the latest first; tasks, notes and undated activities are no part.

    Neither is what we planned and is said not to be done, whatever its hour: nobody spoke with anybody.

    >>> interactions([], AccountId("a"))
    ()
    """
    dated = [(moment(a), a) for a in activities if a.account == account and _is_contact(a)]
    known = [(in_utc(at), a) for at, a in dated if at is not None]
    return tuple(a for _, a in sorted(known, key=lambda pair: (pair[0], pair[1].id), reverse=True))


def _is_contact(activity: Activity) -> bool:
    """Whether somebody spoke: of the right kind, and no plan of ours; what the customer began reached us anyhow."""
    is_plan = activity.is_done is False and activity.direction is not Direction.INBOUND
    return activity.kind in CONTACTS and not is_plan


def follow_ups(
    activities: Iterable[Activity],
    as_of: date,
    rules: Sequence[FollowUpRule] = (),
    *,
    silence_days: Mapping[AccountId, int] | None = None,
    calendar: HolidayCalendar = EVERY_DAY,
) -> tuple[FollowUp, ...]:
    """Everything that is to be done and was not done by `as_of`, the longest overdue first.

    Overdue tasks; interactions whose rule ran out before `as_of` without a later contact by us with the account;
    accounts of `silence_days` that were not in touch for more than so many calendar days. Future interactions do not
    count as contact, nor do those of ours that are said not to be done; a task planned for later, or done later, is
    overdue all the same. `calendar` counts the days of the rules (every day by default). Raises `InvalidRecord` for a
    number of `silence_days` that is no whole number of zero or more.

    >>> from clmcrm.values.ids import ActivityId
    >>> task = Activity(id=ActivityId("t"), kind=ActivityKind.TASK, subject="call back", due_on=date(2026, 5, 1))
    >>> [due.why.en for due in follow_ups([task], date(2026, 5, 3))]
    ['call back was due on 2026-05-01']
    """
    check_days("follow_ups", as_of=as_of)
    given = list(activities)
    known = [a for a in given if not _is_later(a, as_of)]
    found = [*_overdue(given, as_of), *_unanswered(known, as_of, rules, calendar)]
    found += _silent(known, as_of, silence_days or {})
    return tuple(sorted(found, key=lambda f: (f.due_on, list(FollowUpReason).index(f.reason), f.activity or "")))


def _is_later(activity: Activity, as_of: date) -> bool:
    at = moment(activity)
    return at is not None and at.date() > as_of


def _overdue(activities: Iterable[Activity], as_of: date) -> list[FollowUp]:
    found: list[FollowUp] = []
    for activity in activities:
        if activity.due_on is not None and activity.overdue(as_of):
            what = activity.subject or activity.id
            found.append(
                FollowUp(
                    reason=FollowUpReason.OVERDUE,
                    account=activity.account,
                    owner=activity.owner,
                    activity=activity.id,
                    due_on=activity.due_on,
                    why=Wording(f"{what} was due on {activity.due_on}", f"{what} était dû le {activity.due_on}"),
                )
            )
    return found


def _unanswered(
    activities: Sequence[Activity], as_of: date, rules: Sequence[FollowUpRule], calendar: HolidayCalendar
) -> list[FollowUp]:
    found: list[FollowUp] = []
    for activity in activities:
        at = moment(activity)
        rule = next((rule for rule in rules if rule.asks(activity)), None)
        if rule is None or at is None or activity.account is None:
            continue
        due_on = _after(at.date(), rule.days, calendar)
        if due_on < as_of and not _answered(activity, at, activities):
            what = activity.subject or activity.kind.value
            why = Wording(
                f"{what} of {at.date()} was not followed up by {due_on} ({rule.name})",
                f"{what} du {at.date()} sans suite au {due_on} ({rule.name})",
            )
            found.append(
                FollowUp(
                    reason=FollowUpReason.UNANSWERED,
                    account=activity.account,
                    owner=activity.owner,
                    activity=activity.id,
                    due_on=due_on,
                    why=why,
                )
            )
    return found


def _after(day: date, days: int, calendar: HolidayCalendar) -> date:
    while days:
        day = add_days(day, 1)
        days -= calendar.why_closed(day) is None
    return day


def _answered(activity: Activity, at: datetime, activities: Iterable[Activity]) -> bool:
    """Whether we were in touch with the same account afterwards."""
    for other in activities:
        then = moment(other)
        about = other.account == activity.account and _is_contact(other) and other.id != activity.id
        if about and then is not None and in_utc(then) > in_utc(at) and other.direction is not Direction.INBOUND:
            return True
    return False


def _check_limit(account: AccountId, days: object) -> None:
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise InvalidRecord(f"account {account}", "silence_days", days, "a whole number of zero or more")


def _silent(activities: Iterable[Activity], as_of: date, limits: Mapping[AccountId, int]) -> list[FollowUp]:
    found: list[FollowUp] = []
    known = list(activities)
    for account, days in sorted(limits.items()):
        _check_limit(account, days)
        last = next(iter(interactions(known, account)), None)
        at = None if last is None else moment(last)
        if last is None or at is None:
            why = Wording("no contact is on record", "aucun contact enregistré")
            due_on = as_of
        else:
            due_on = add_days(at.date(), days)
            en, fr = "day" if days == 1 else "days", "jour" if days in {0, 1} else "jours"
            why = Wording(
                f"the last contact was on {at.date()}, more than {days} {en} ago",
                f"le dernier contact date du {at.date()}, plus de {days} {fr}",
            )
        if last is None or due_on < as_of:
            found.append(
                FollowUp(
                    reason=FollowUpReason.SILENCE,
                    account=account,
                    owner=None if last is None else last.owner,
                    activity=None,
                    due_on=due_on,
                    why=why,
                )
            )
    return found
