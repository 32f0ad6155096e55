"""What a stage does not say: one row for each situation, with the day it turns on."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.situations import Horizon, Situation, SituationOn, situations_of
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TermClause
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from making import at, contract

S = Situation
RECORDED = e.RecordedAsExecuted(at("2024-05-20"), "archive")
TACIT = contract(events=(RECORDED,))
ONCE = contract(events=(RECORDED,), renewal=RenewalClause(kind=RenewalKind.NONE))
NOTIFIED = e.NonRenewalNotified(at("2025-02-01"), "ann", side=Party.OWN, served_on=date(2025, 2, 1))
MUTUAL = e.Terminated(at("2025-02-01"), "ann", ground=e.Ground.MUTUAL, last_day=date(2025, 4, 30))
WENT_ON = e.PerformanceContinued(at("2025-06-10"), "ann", from_day=date(2025, 6, 2))


def found(life: Contract, day: str, **more: object) -> dict[Situation, SituationOn]:
    on = situations_of(life, date.fromisoformat(day), **more)  # type: ignore[arg-type] # each row is what a caller may pass
    order = list(Situation)
    assert [one.situation for one in on] == sorted((one.situation for one in on), key=order.index)
    assert all(one.why.en and one.why.fr for one in on)
    return {one.situation: one for one in on}


@pytest.mark.parametrize(
    ("life", "day", "expected"),
    [
        (TACIT, "2024-05-25", {S.UPCOMING: "2024-06-01"}),
        (TACIT, "2024-06-01", {S.NOTICE_WINDOW_OPEN: "2025-02-28"}),
        (TACIT, "2025-01-27", {S.NOTICE_WINDOW_OPEN: "2025-02-28"}),
        (TACIT, "2025-01-28", {S.NOTICE_WINDOW_CLOSING: "2025-02-28"}),
        (TACIT, "2025-02-28", {S.NOTICE_WINDOW_CLOSING: "2025-02-28"}),
        (TACIT, "2025-03-01", {S.NOTICE_MISSED: "2025-02-28", S.NOTICE_WINDOW_OPEN: "2026-02-28"}),
        (TACIT, "2025-05-31", {S.NOTICE_MISSED: "2025-02-28", S.NOTICE_WINDOW_OPEN: "2026-02-28"}),
        (TACIT, "2025-06-01", {S.NOTICE_WINDOW_OPEN: "2026-02-28"}),
        (ONCE, "2025-02-28", {}),
        (ONCE, "2025-03-01", {S.EXPIRING: "2025-05-31"}),
        (ONCE, "2025-06-01", {}),
        (attrs.evolve(ONCE, events=(RECORDED, WENT_ON)), "2025-06-09", {}),
        (attrs.evolve(ONCE, events=(RECORDED, WENT_ON)), "2025-06-10", {S.HOLDOVER: "2025-06-02"}),
        (
            attrs.evolve(TACIT, events=(RECORDED, NOTIFIED)),
            "2025-03-01",
            {S.RENEWAL_BLOCKED: "2025-05-31", S.EXPIRING: "2025-05-31"},
        ),
        (
            attrs.evolve(ONCE, events=(RECORDED, MUTUAL)),
            "2025-02-02",
            {S.ENDING: "2025-04-30", S.EXPIRING: "2025-04-30"},
        ),
        (
            contract(events=(RECORDED,), renewal=RenewalClause(kind=RenewalKind.INDEFINITE)),
            "2026-01-01",
            {S.EVERGREEN: None},
        ),
        (contract(events=(RECORDED,), effective_on=Unknown("blacked out")), "2025-01-01", {S.UNKNOWN: None}),
        (contract(events=(RECORDED,), term=Unknown("the page is missing")), "2025-01-01", {S.UNKNOWN: None}),
        (contract(), "2025-01-01", {}),
    ],
)  # fmt: skip
def test_a_contract_is_in_these_situations(life: Contract, day: str, expected: dict[Situation, str | None]) -> None:
    on = found(life, day)
    turning = {which: one.day and one.day.isoformat() for which, one in on.items()}
    if S.EVERGREEN in expected or S.UNKNOWN in expected:
        turning = {which: turning[which] for which in turning if which in expected}
    assert turning == expected


def test_what_is_unknown_says_why_in_both_languages() -> None:
    lost = contract(events=(RECORDED,), term=Unknown("the page is missing"))
    why = found(lost, "2025-01-01")[S.UNKNOWN].why
    assert "the page is missing" in why.en
    assert why.fr.startswith("inconnu : ")


def test_a_horizon_says_from_when_on_an_end_is_near() -> None:
    near = Horizon(expiring=Tenor(days=10), closing=Tenor(days=1))
    assert S.EXPIRING not in found(ONCE, "2025-05-20", horizon=near)
    assert S.EXPIRING in found(ONCE, "2025-05-21", horizon=near)
    assert S.NOTICE_WINDOW_OPEN in found(TACIT, "2025-02-26", horizon=near)
    assert S.NOTICE_WINDOW_CLOSING in found(TACIT, "2025-02-27", horizon=near)


def test_an_overdue_look_finds_every_missed_renewal_behind_it() -> None:
    assert stage_of(TACIT, date(2031, 3, 1)).stage.value == "in_effect"
    assert set(found(TACIT, "2031-03-01")) == {S.NOTICE_MISSED, S.NOTICE_WINDOW_OPEN}
    assert TermClause(initial=Tenor(years=1)) == TACIT.term
