"""Powers: the window, how often, who, and the command that a use asks the host to carry out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

import pytest
from making_norms import discharged, holding, ledger, march, noon, power, power_on, resumed, suspended, used

from clmcrm.clm import events as e
from clmcrm.clm.day_expressions import After, OnDay, OnFact
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.norms import commands as c
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.diagrams import power_dot, power_edges, power_mermaid
from clmcrm.clm.norms.power_chart import POWER_CHART, POWER_WORDS, PowerCause, PowerState
from clmcrm.clm.norms.power_standings import OPENS
from clmcrm.clm.norms.recording import record
from clmcrm.clm.powers import (
    AllowsAudit,
    AllowsStepIn,
    AssignsPlace,
    EndsContract,
    PowerConsequence,
    PowerKind,
    RenewsTerm,
    ResetsPrice,
)
from clmcrm.clm.remedies import NewDuty
from clmcrm.clm.stages import Stage
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.ids import AccountId, LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from making import at

S = PowerState
MONTH = Tenor(months=1)
# Opens on 5 March, closes on 20 March.
WINDOW = {"trigger": OnDay(day=march(5)), "closes": OnDay(day=march(20))}
ON_EVENT = {"trigger": OnFact(name="control"), "closes": After(start=OnFact(name=OPENS), length=Tenor(days=30))}
MONTHLY = {"trigger": OnDay(day=march(5)), "times": 1, "per": MONTH}
Case: TypeAlias = tuple[Mapping[str, object], tuple[n.AnyEntry, ...], date, S]


def control(day: int) -> n.Happened:
    return n.Happened(at=noon(march(day)), by="ann", fact="control", on=march(day))


def gone(day: int) -> n.Discharged:
    return discharged(march(day), norm="P-1", how="released")


FREEZE = e.ClockEffect.FREEZE
RESTS = (suspended(march(10), norm="P-1"), resumed(march(14), norm="P-1"))
FROZEN = (suspended(march(10), FREEZE, norm="P-1"), resumed(march(14), norm="P-1"))
IDLE = (suspended(march(10), e.ClockEffect.NONE, norm="P-1"), resumed(march(14), norm="P-1"))
ROWS: dict[str, Case] = {
    "dormant before its window": (WINDOW, (), march(4), S.DORMANT),
    "dormant, trigger true": (WINDOW, (), march(5), S.EXERCISABLE),
    "dormant: the event has not happened": (ON_EVENT, (), march(30), S.DORMANT),
    "dormant, the event happens": (ON_EVENT, (control(7),), march(7), S.EXERCISABLE),
    "dormant, its window closes before it opens": (
        WINDOW | {"antecedent": OnFact(name="control")}, (), march(21), S.EXPIRED,
    ),
    "exercisable on its last day": (WINDOW, (), march(20), S.EXERCISABLE),
    "exercisable, window closed": (WINDOW, (), march(21), S.EXPIRED),
    "exercisable, exercised for the last time": (WINDOW, (used(march(6)),), march(30), S.EXERCISED),
    "exercisable, exercised, uses left": (WINDOW | {"times": 2}, (used(march(6)),), march(7), S.EXERCISABLE),
    "exercised as often as one likes": (WINDOW | {"times": None}, (used(march(6)),), march(7), S.EXERCISABLE),
    "exercised for this period": (MONTHLY, (used(march(6)),), date(2026, 4, 4), S.DORMANT),
    "next period began": (MONTHLY, (used(march(6)),), date(2026, 4, 5), S.EXERCISABLE),
    "exercisable, suspended": (WINDOW, (suspended(march(10), norm="P-1"),), march(30), S.SUSPENDED),
    "dormant, suspended": (WINDOW, (suspended(march(1), norm="P-1"),), march(2), S.SUSPENDED),
    "suspended, resumed: back to dormant": (
        ON_EVENT, (suspended(march(1), norm="P-1"), resumed(march(3), norm="P-1")), march(3), S.DORMANT,
    ),
    "suspended, resumed: back to exercisable": (WINDOW, RESTS, march(14), S.EXERCISABLE),
    "the window is longer by the days it rested": (WINDOW, RESTS, march(24), S.EXERCISABLE),
    "and no longer than that": (WINDOW, RESTS, march(25), S.EXPIRED),
    "frozen days are not counted either": (WINDOW, FROZEN, march(24), S.EXERCISABLE),
    "declared without effect on days": (WINDOW, IDLE, march(21), S.EXPIRED),
    "released by its holder": (WINDOW, (gone(6),), march(7), S.TERMINATED),
    "a use by the other side does not count": (WINDOW, (used(march(6), Party.COUNTERPARTY),), march(7), S.EXERCISABLE),
    "a use before the window counts for nothing": (WINDOW, (used(march(4)),), march(7), S.EXERCISABLE),
    "a use while it rests counts for nothing": (WINDOW, (*RESTS, used(march(11))), march(20), S.EXERCISABLE),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_of_the_chart_leads_where_it_says(row: str) -> None:
    changes, entries, as_of, state = ROWS[row]
    assert power_on(holding(power(**changes)), ledger(*entries), as_of).state is state


@pytest.mark.parametrize(("survives", "state"), [(False, S.TERMINATED), (True, S.EXERCISABLE)])
def test_what_does_not_survive_ends_with_the_contract(survives: bool, state: S) -> None:
    ending = e.Terminated(at("2026-03-01"), "ann", ground=e.Ground.MUTUAL, last_day=march(9))
    ended = advance(holding(power(**WINDOW, survives=survives)), ending)
    assert power_on(ended, ledger(), march(9)).state is S.EXERCISABLE
    assert power_on(ended, ledger(), march(10)).state is state


def test_a_power_without_a_trigger_opens_with_the_contract() -> None:
    found = power_on(holding(power()), ledger(), march(1))
    assert (found.state, found.first_day, found.last_day) == (S.EXERCISABLE, date(2024, 6, 1), None)


def test_an_unknown_window_says_why() -> None:
    found = power_on(holding(power(**ON_EVENT)), ledger(), march(30))
    assert isinstance(found.first_day, Unknown)
    assert "control" in found.why.en


def test_a_suspended_power_was_suspended_since_its_suspension() -> None:
    of, told = holding(power(**WINDOW)), (suspended(march(10), norm="P-1"),)
    assert power_on(of, ledger(*told), march(30)).since == march(10)
    assert power_on(of, ledger(), march(30)).since != march(10)


def test_a_suspended_contract_does_not_suspend_the_power_to_end_it() -> None:
    resting = advance(
        holding(power(**WINDOW)), e.Suspended(at("2026-03-01"), "ann", from_day=march(1), note="a strike")
    )
    assert power_on(resting, ledger(), march(6)).state is S.EXERCISABLE


TO_USE: dict[str, tuple[PowerKind, PowerConsequence, dict[str, Any], type[object]]] = {
    "terminate": (
        PowerKind.TERMINATE, EndsContract(ground=e.Ground.CAUSE, notice=Tenor(days=30)), {}, c.TerminateContract,
    ),
    "renew": (PowerKind.RENEW, RenewsTerm(), {}, c.RenewTerm),
    "step in": (PowerKind.STEP_IN, AllowsStepIn(), {}, c.StepIn),
    "audit": (PowerKind.AUDIT, AllowsAudit(after=Tenor(days=10)), {}, c.StartAudit),
    "price reset": (
        PowerKind.PRICE_RESET, ResetsPrice(line=LineId("1")), {"price": UnitPrice("9.5", "EUR")}, c.ResetPrice,
    ),
    "assign": (PowerKind.ASSIGN, AssignsPlace(), {"to": AccountId("A-2")}, c.AssignContract),
    "a further duty": (
        PowerKind.AUDIT, NewDuty(title="pay the audit", within=MONTH, amount=Money(50, "EUR")), {}, c.AddObligation,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TO_USE, ids=str)
def test_a_use_asks_for_its_typed_command_and_changes_nothing_itself(kind: str) -> None:
    sort, consequence, more, command = TO_USE[kind]
    of = holding(power(kind=sort, consequence=consequence, **WINDOW))
    told = record(ledger(), used(march(6), **more), of)
    found = power_on(of, told, march(7))
    assert [type(each) for each in found.commands] == [command]
    assert found.commands[0].id == "P-1@2026-03-06"
    assert power_on(of, told, march(30)).commands == found.commands, "the same command whenever one looks"
    assert stage_of(of, march(30)).stage is Stage.IN_EFFECT, "nothing was carried out"


def test_a_termination_is_carried_out_by_the_host_through_advance() -> None:
    ends = EndsContract(ground=e.Ground.CAUSE, notice=Tenor(days=30))
    of = holding(power(kind=PowerKind.TERMINATE, consequence=ends, **WINDOW))
    told = record(ledger(), used(march(6), note="no delivery since January"), of)
    command = power_on(of, told, march(6)).commands[0]
    event = c.event_of(command, noon(march(6)), "ann")
    assert isinstance(event, e.Terminated)
    assert event.last_day == date(2026, 4, 5)
    assert stage_of(advance(of, event), date(2026, 4, 6)).stage is Stage.TERMINATED


def test_two_uses_of_one_day_are_two_commands_and_keep_their_ids() -> None:
    of = holding(power(kind=PowerKind.STEP_IN, consequence=AllowsStepIn(), times=3, **WINDOW))
    told = record(record(ledger(), used(march(6)), of), used(march(6), note="the other site"), of)
    ids = ["P-1@2026-03-06", "P-1@2026-03-06/2"]
    assert [command.id for command in power_on(of, told, march(6)).commands] == ids
    later = record(told, used(march(7)), of)
    assert [command.id for command in power_on(of, later, march(9)).commands] == [*ids, "P-1@2026-03-07"]


def carried_out(kind: str) -> e.AnyEvent | None:
    sort, consequence, more, _ = TO_USE[kind]
    of = power(kind=sort, consequence=consequence, holder=Party.COUNTERPARTY, against=Party.OWN)
    command = c.command_for(holding().id, of, used(march(6), Party.COUNTERPARTY, **more))
    assert command is not None
    return c.event_of(command, noon(march(6)), "ann")


def test_each_command_has_its_event_where_the_lifecycle_has_one() -> None:
    kinds = {kind: type(carried_out(kind)).__name__ for kind in TO_USE}
    assert kinds == {
        "terminate": "Terminated", "renew": "RenewalAgreed", "assign": "PartyAssigned", "step in": "NoneType",
        "audit": "NoneType", "price reset": "NoneType", "a further duty": "NoneType",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (used(march(4)), "it was dormant"),
        (used(march(21)), "it was expired since 2026-03-21"),
        (used(march(6), Party.COUNTERPARTY), "only its holder"),
    ],
)
def test_exercising_outside_the_window_is_refused_with_the_state(entry: n.PowerExercised, why: str) -> None:
    of, told = holding(power(**WINDOW)), ledger()
    with pytest.raises(TransitionNotAllowed, match=why) as refused:
        _ = record(told, entry, of)
    assert refused.value.event == "PowerExercised"
    assert told.entries == ()


def test_the_second_use_of_a_power_for_one_use_is_refused() -> None:
    of = holding(power(**WINDOW))
    once = record(ledger(), used(march(6)), of)
    with pytest.raises(TransitionNotAllowed, match="it was exercised since 2026-03-06"):
        _ = record(once, used(march(7)), of)


@pytest.mark.parametrize(("kind", "missing"), [("assign", "to whom"), ("price reset", "at which price")])
def test_a_use_must_say_what_its_consequence_needs(kind: str, missing: str) -> None:
    sort, consequence, _, _ = TO_USE[kind]
    with pytest.raises(TransitionNotAllowed, match=missing):
        _ = record(ledger(), used(march(6)), holding(power(kind=sort, consequence=consequence, **WINDOW)))


def test_a_power_has_the_consequence_of_its_kind() -> None:
    with pytest.raises(InvalidRecord, match="EndsContract or NewDuty"):
        _ = power(kind=PowerKind.TERMINATE, consequence=RenewsTerm())
    with pytest.raises(InvalidRecord, match="how often in each period"):
        _ = power(times=None, per=MONTH)


def test_every_state_is_reached_and_the_drawings_hold_every_move() -> None:
    reached = {row.target for row in POWER_CHART} | {S.DORMANT}
    assert set(S) <= reached
    assert {row.cause for row in POWER_CHART} == set(PowerCause) == set(POWER_WORDS)
    assert power_mermaid().count("-->") == len(power_edges()) + 1
    assert power_dot().count("->") == len(power_edges())
