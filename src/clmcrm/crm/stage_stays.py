"""How long sales stand in each stage, read from their histories.

The rule of the file: a stay begins with the change into a stage and ends with the next change; the last one
goes on. What the history does not say is not guessed.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from attrs import evolve, frozen

from clmcrm.crm.opportunity import OPEN_STAGES, Opportunity, OpportunityStage, StageChange
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import StageId
from clmcrm.values.instants import in_utc


@frozen(kw_only=True)
class Stay:
    """A sale stood in `stage` (`stage_id` in its pipeline, None when not recorded) from `since`.

    `until` is the instant it left, None while it is there.
    """

    stage: OpportunityStage
    stage_id: StageId | None
    since: datetime
    until: datetime | None

    def days(self, at: datetime) -> int:
        """Whole days (of 24 hours) from `since` to the end of the stay, or to `at` while it lasts."""
        return (in_utc(self.until or at) - in_utc(self.since)) // timedelta(days=1)


def history_until(opportunity: Opportunity, at: datetime) -> Opportunity:
    """`opportunity` with the changes of its stage up to `at` only; everything else is as it is now.

    >>> from clmcrm.values.ids import OpportunityId
    >>> sale = Opportunity(id=OpportunityId("o"), name="S")
    >>> history_until(sale, datetime.fromisoformat("2026-05-07T10:00+02:00")) == sale
    True
    """
    until = in_utc(at)
    return evolve(opportunity, stage_history=tuple(c for c in opportunity.stage_history if in_utc(c.at) <= until))


def changes_before(opportunity: Opportunity, at: datetime) -> tuple[StageChange, ...]:
    """The changes of its stage before a move at `at`; for a closed sale of which none is kept, that it was closed.

    Raises `InvalidRecord` where `stage_since`, or the day of closing when nothing else is kept, lies after `at`.

    >>> from datetime import date
    >>> from clmcrm.values.ids import OpportunityId
    >>> lost = Opportunity(id=OpportunityId("o"), name="S", stage=OpportunityStage.LOST, closed_on=date(2026, 5, 7))
    >>> [change.stage.value for change in changes_before(lost, datetime.fromisoformat("2026-05-08T10:00+02:00"))]
    ['lost']
    """
    name, since, closed_on = f"Opportunity {opportunity.id}", opportunity.stage_since, opportunity.closed_on
    if since is not None and in_utc(at) < in_utc(since):
        raise InvalidRecord(name, "stage_since", since, f"{at}, the move, or earlier")
    if opportunity.stage_history or not opportunity.is_closed:
        return opportunity.stage_history
    if since is None:
        if closed_on is None:
            return ()
        if at.date() < closed_on:
            raise InvalidRecord(name, "closed_on", closed_on, f"{at.date()}, the day of the move, or earlier")
        # The day began in UTC, or where `at` is when that is earlier: the move came after it.
        since = min(datetime.combine(closed_on, time(), zone) for zone in (UTC, at.tzinfo))
    return (
        StageChange(at=since, stage=opportunity.stage, stage_id=opportunity.stage_id, stage_raw=opportunity.stage_raw),
    )


def stays(opportunity: Opportunity) -> tuple[Stay, ...]:
    """Every stay of `opportunity` in time order; a change into the stage it stood in already is no new one.

    >>> from clmcrm.values.ids import OpportunityId
    >>> stays(Opportunity(id=OpportunityId("o"), name="S"))
    ()
    """
    found: list[Stay] = []
    for change in opportunity.stage_history:
        last = found[-1] if found else None
        if last is not None and (last.stage, last.stage_id) == (change.stage, change.stage_id):
            continue
        if last is not None:
            found[-1] = Stay(stage=last.stage, stage_id=last.stage_id, since=last.since, until=change.at)
        found.append(Stay(stage=change.stage, stage_id=change.stage_id, since=change.at, until=None))
    return tuple(found)


def stage_durations(opportunity: Opportunity, until: datetime) -> dict[OpportunityStage, timedelta]:
    """How long `opportunity` has stood in each open stage, from its history up to `until`.

    Returns to a stage add up; time in a closed or unknown stage is not counted. Raises `InvalidRecord` for
    an `until` before the last change.

    >>> from clmcrm.values.ids import OpportunityId
    >>> now = datetime.fromisoformat("2026-05-07T10:00+02:00")
    >>> stage_durations(Opportunity(id=OpportunityId("o"), name="S"), now)
    {}
    """
    changes, last = opportunity.stage_history, in_utc(until, "until")
    if changes and last < in_utc(changes[-1].at):
        raise InvalidRecord(f"Opportunity {opportunity.id}", "until", until, f"{changes[-1].at} or later")
    ends = [*(in_utc(change.at) for change in changes[1:]), last]
    spent: dict[OpportunityStage, timedelta] = {}
    for change, end in zip(changes, ends, strict=False):
        if change.stage in OPEN_STAGES:
            spent[change.stage] = spent.get(change.stage, timedelta(0)) + (end - in_utc(change.at))
    return spent
