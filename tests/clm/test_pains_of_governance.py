"""What users of other systems suffer from, about governance: one test for each, named after it."""

from __future__ import annotations

from datetime import date, timedelta

from clmcrm.clm import events as e
from clmcrm.clm.lifecycle import stage_of, standing_of
from clmcrm.clm.renewals import terms
from clmcrm.clm.situations import Situation, situations_of
from clmcrm.clm.standing import Standing
from clmcrm.clm.term_plans import TermKind
from clmcrm.values.partial import Unknown
from making import at, contract

RECORDED = e.RecordedAsExecuted(at("2024-05-20"), "archive")


def test_pain_12_scheduler_missed_days_renewals_neither_caught_up_nor_flagged() -> None:
    """pronamic/wp-pay-core#188: nobody looked for years; every renewal is there, and the missed notice is told."""
    life = contract(events=(RECORDED,))
    after = date(2029, 3, 1)  # the last look was on the first day
    found = terms(life, after)
    assert not isinstance(found, Unknown)
    renewals = [term for term in found if term.kind is TermKind.RENEWAL and term.span and term.span.first_day <= after]
    assert [term.span.first_day.year for term in renewals if term.span] == [2025, 2026, 2027, 2028]
    missed = [one for one in situations_of(life, after) if one.situation is Situation.NOTICE_MISSED]
    assert [one.day for one in missed] == [date(2029, 2, 28)]
    # k missed periods are k single steps: whoever looked every day finds the same.
    begun: Standing | None = None
    day = date(2024, 5, 20)
    while day <= after:
        begun = standing_of(life, day, begun=begun)
        day += timedelta(days=1)
    assert begun == standing_of(life, after)
    assert stage_of(life, after).stage.value == "in_effect"
