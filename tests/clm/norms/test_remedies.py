"""What a creditor has when a duty is not met: when it fires, what it comes to, what holds it, and what ends it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest
from making_norms import (
    DUE,
    duty,
    holding,
    ledger,
    march,
    noon,
    notified,
    performed,
    power,
    power_on,
    resumed,
    standing,
    suspended,
)

from clmcrm.clm.events import ClockEffect
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.commands import AddObligation
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.obligation_chart import ObligationState
from clmcrm.clm.norms.power_chart import PowerState
from clmcrm.clm.norms.remedy_standings import RemedyStanding, RemedyState
from clmcrm.clm.obligations import DueOn, Obligation
from clmcrm.clm.remedies import (
    CureStart,
    FixedFee,
    LateInterest,
    NewDuty,
    OpensPower,
    PowerId,
    RatePer,
    Remedy,
    RemedyConsequence,
    RemedyId,
    RemedyTrigger,
)
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import DisputeId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor

FEE = FixedFee(amount=Money(40, "EUR"))
# 1,000 EUR at 36.5 % a year is 1 EUR a day.
INTEREST = LateInterest(rate=Decimal("0.365"), per=RatePer.YEAR)
BREACH = RemedyTrigger.BREACH


def remedy(consequence: RemedyConsequence = FEE, **changes: object) -> Remedy:
    """A remedy that fires at the breach, changed as asked."""
    facts: dict[str, object] = {"id": RemedyId("R-1"), "title": "remedy", "consequence": consequence, "fires": BREACH}
    return Remedy(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses


def owing(*remedies: Remedy, **changes: object) -> Obligation:
    return duty(remedies=remedies or (remedy(),), **changes)


def found(of: Obligation, told: NormLedger, as_of: date) -> RemedyStanding:
    return standing(holding(of, power()), told, as_of).remedies[0]


def opened(on: date, dispute: str = "D-1") -> n.DisputeOpened:
    return n.DisputeOpened(at=noon(on), by="ann", norm="B-1", on=on, dispute=DisputeId(dispute))


def settled(on: date, dispute: str = "D-1") -> n.DisputeSettled:
    return n.DisputeSettled(at=noon(on), by="ann", norm="B-1", on=on, dispute=DisputeId(dispute))


def waived(on: date, name: str = "R-1") -> n.RemedyWaived:
    return n.RemedyWaived(at=noon(on), by="ann", norm="B-1", on=on, remedy=RemedyId(name))


def claimed(on: date, name: str = "R-1") -> n.AmountClaimed:
    return n.AmountClaimed(at=noon(on), by="ann", norm="B-1", on=on, remedy=RemedyId(name), amount=Money(40, "EUR"))


@pytest.mark.parametrize(
    ("of", "fires"),
    [
        (owing(), march(11)),
        (owing(grace=Tenor(days=5)), march(16)),
        # With a cure it fires when that has run out, unless the breach itself is enough.
        (owing(remedy(fires=RemedyTrigger.UNCURED), cure=Tenor(days=4)), march(15)),
        (owing(remedy(fires=BREACH), cure=Tenor(days=4)), march(11)),
    ],
)
def test_it_fires_on_the_day_that_follows_from_the_facts_whenever_it_is_asked(of: Obligation, fires: date) -> None:
    before = found(of, ledger(), fires - timedelta(days=1))
    assert (before.state, before.fired_on, before.amount) == (RemedyState.DORMANT, None, None)
    for days in (0, 1, 10, 400):
        after = found(of, ledger(), fires + timedelta(days=days))
        assert (after.state, after.fired_on, after.amount) == (RemedyState.FIRED, fires, Money(40, "EUR"))
        assert after.id == f"B-1:{DUE}:R-1"


@pytest.mark.parametrize(
    ("of", "notices", "fires"),
    [
        # Bound on the 20th, though due on the 10th: the first day late is the 20th, and four days more may cure.
        (owing(remedy(fires=RemedyTrigger.UNCURED), cure=Tenor(days=4)), (), march(24)),
        # The period after the last day allowed had begun, but not run out, when it bound.
        (owing(remedy(fires=RemedyTrigger.UNCURED), cure=Tenor(days=12)), (), date(2026, 4, 1)),
        # A notice from before the breach counts for nothing, and takes nothing from a later one.
        (
            owing(remedy(fires=RemedyTrigger.UNCURED), cure=Tenor(days=4), cure_from=CureStart.NOTICE),
            (15, 22),
            march(27),
        ),
        (owing(remedy(fires=RemedyTrigger.UNCURED)), (15, 22), march(23)),
    ],
)
def test_what_was_due_before_it_bound_is_cured_from_then_on(
    of: Obligation, notices: tuple[int, ...], fires: date
) -> None:
    unsigned = holding(of, effective_on=march(20), executed_on=Unknown("lost"))
    told = ledger(*(notified(march(day)) for day in notices))
    before, after = (standing(unsigned, told, fires + timedelta(days=days)) for days in (-1, 0))
    assert (before.state, before.remedies[0].state) == (ObligationState.BREACHED, RemedyState.DORMANT)
    assert (after.state, after.remedies[0].fired_on) == (ObligationState.UNCURED, fires)
    assert after.cure_until == fires - timedelta(days=1)


def test_nothing_fires_where_it_was_done_in_time() -> None:
    assert found(owing(), ledger(performed(march(10))), march(30)).state is RemedyState.DORMANT


def test_a_breach_that_was_cured_fires_only_what_the_breach_itself_sets_off() -> None:
    cured = ledger(performed(march(13)))
    uncured, breach = remedy(fires=RemedyTrigger.UNCURED), remedy(id=RemedyId("R-2"))
    one, other = standing(holding(owing(uncured, breach, cure=Tenor(days=4))), cured, march(30)).remedies
    assert (one.state, other.state) == (RemedyState.DORMANT, RemedyState.FIRED)


@pytest.mark.parametrize(
    ("entries", "as_of", "amount", "running"),
    [
        ((), march(11), 1, True),
        ((), march(20), 10, True),
        # What was paid on a day bears interest for it; then nothing grows any more.
        ((performed(march(15)),), march(15), 5, False),
        ((performed(march(15)),), march(30), 5, False),
        # A half from the day after.
        ((performed(march(14), "0.5"),), march(18), 6, True),
        ((performed(march(14), "0.5"), performed(march(18), "0.5")), march(30), 6, False),
        # Frozen from the 13th to before the 16th: three days bear none.
        ((suspended(march(13), ClockEffect.FREEZE), resumed(march(16))), march(20), 7, True),
    ],
)
def test_late_interest_grows_by_the_day_on_what_is_outstanding(
    entries: tuple[n.AnyEntry, ...], as_of: date, amount: int, running: bool
) -> None:
    of = found(owing(remedy(INTEREST)), ledger(*entries), as_of)
    assert (of.amount, of.running) == (Money(amount, "EUR"), running)


def test_interest_may_count_from_the_due_day_where_the_grace_does_not_spare_it() -> None:
    spared, counted = INTEREST, attrs.evolve(INTEREST, from_due_day=True)
    amounts = [
        found(owing(remedy(each), grace=Tenor(days=5)), ledger(), march(20)).amount for each in (spared, counted)
    ]
    assert amounts == [Money(5, "EUR"), Money(10, "EUR")]


def test_what_interest_comes_to_is_unknown_with_a_reason() -> None:
    none = found(owing(remedy(INTEREST), amount=None), ledger(), march(20)).amount
    other = attrs.evolve(INTEREST, cap=Money(5, "USD"))
    mixed = found(owing(remedy(other)), ledger(), march(20)).amount
    assert isinstance(none, Unknown)
    assert "states no amount" in none.reason
    assert isinstance(mixed, Unknown)
    assert "USD" in mixed.reason


def test_a_dispute_holds_it_until_it_is_settled() -> None:
    told = ledger(opened(march(5)), settled(march(20)))
    states = [found(owing(), told, march(day)).state for day in (10, 11, 19, 20)]
    assert states == [RemedyState.DORMANT, RemedyState.HELD, RemedyState.HELD, RemedyState.FIRED]
    assert found(owing(), told, march(30)).fired_on == march(20)
    assert found(owing(), ledger(opened(march(5))), march(30)).state is RemedyState.HELD
    assert found(owing(remedy(held_by_dispute=False)), told, march(11)).state is RemedyState.FIRED
    # A dispute that begins later takes nothing back.
    assert found(owing(), ledger(opened(march(15))), march(20)).fired_on == march(11)


def test_what_was_waived_is_so_from_that_day_on() -> None:
    told = ledger(waived(march(15)))
    before, after = found(owing(), told, march(14)), found(owing(), told, march(15))
    assert (before.state, after.state) == (RemedyState.FIRED, RemedyState.WAIVED)
    assert (after.fired_on, after.amount) == (None, None)
    assert after.why.en == "waived on 2026-03-15"


def test_the_first_claim_counts_and_one_that_came_too_early_is_set_aside() -> None:
    told = ledger(claimed(march(9)), claimed(march(14)), claimed(march(20)))
    of = standing(holding(owing()), told, march(30))
    assert of.remedies[0].claimed_on == march(14)
    (early,) = of.ignored
    assert early.entry == claimed(march(9))
    assert early.why.en == "the remedy was dormant then"


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ((opened(march(5)), settled(march(20)), claimed(march(15))), "held"),
        ((waived(march(12)), claimed(march(15))), "waived"),
        # On the day of the waiver there is nothing left to claim.
        ((claimed(march(15)), waived(march(15))), "waived"),
    ],
)
def test_a_claim_that_could_not_be_made_says_why(entries: tuple[n.AnyEntry, ...], word: str) -> None:
    of = standing(holding(owing()), ledger(*entries), march(30))
    assert of.remedies[0].claimed_on is None
    assert [each.why.en for each in of.ignored] == [f"the remedy was {word} then"]


def test_a_claim_made_before_it_was_waived_stands() -> None:
    of = standing(holding(owing()), ledger(claimed(march(12)), waived(march(15))), march(30))
    assert (of.remedies[0].state, of.remedies[0].claimed_on) == (RemedyState.WAIVED, march(12))
    assert of.ignored == ()


@pytest.mark.parametrize("entry", [waived(march(15), "R-9"), claimed(march(15), "R-9")])
def test_a_remedy_that_the_duty_does_not_have_is_named(entry: n.AnyEntry) -> None:
    of = standing(holding(owing()), ledger(entry), march(30))
    assert [(each.entry, each.why.en) for each in of.ignored] == [(entry, "the obligation has no such remedy")]


def test_a_further_duty_is_a_command_of_the_same_id_on_every_day() -> None:
    of = owing(remedy(NewDuty(title="a plan", within=Tenor(days=10), amount=Money(5, "EUR"))))
    commands = [found(of, ledger(), march(day)).command for day in (11, 12, 31)]
    assert found(of, ledger(), march(10)).command is None
    assert len(set(commands)) == 1
    (command,) = set(commands)
    assert isinstance(command, AddObligation)
    assert command.obligation.due == DueOn(day=march(21))
    assert (command.obligation.amount, command.obligation.obligor) == (Money(5, "EUR"), of.obligor)


def test_a_power_is_opened_on_the_day_it_fires_and_not_before() -> None:
    contract = holding(owing(remedy(OpensPower(power=PowerId("P-1")))), power())
    assert power_on(contract, ledger(), march(10)).state is not PowerState.EXERCISABLE
    assert power_on(contract, ledger(), march(11)).state is PowerState.EXERCISABLE
    assert standing(contract, ledger(), march(11)).remedies[0].opens == PowerId("P-1")


def test_two_remedies_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="remedies"):
        _ = owing(remedy(), remedy())
