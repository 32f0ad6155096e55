"""Journeys, segments with their reasons, attribution and what campaigns bring."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_books import a_part

from clmcrm.adapters.outbox import Outbox
from clmcrm.crm.attribution import AttributionModel, attribute_revenue
from clmcrm.crm.campaign import Campaign, CampaignMember, CostItem, MarketingChannel, campaign_problems
from clmcrm.crm.journey import (
    AnyNode,
    AskPerson,
    AwaitSignal,
    ChooseWay,
    FrequencyCap,
    Journey,
    SendMessage,
    Signal,
    StepOutcome,
    StepTaken,
    Travel,
    WaitDays,
)
from clmcrm.crm.journey_run import Circumstances, JourneyRun, entered, run_journey
from clmcrm.crm.journey_standing import JourneyState, travel_standing
from clmcrm.crm.marketing_figures import CampaignResult, campaign_results
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.crm.segment import Both, Comparison, Condition, Either, Opposite, Stated, Where, fulfils
from clmcrm.crm.segment_reasons import explained
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Channel, Consent, PersonRole
from clmcrm.ports.channel import DeliveryState, OutboundChannel
from clmcrm.values.ids import AccountId, CampaignId, ContactId, JourneyId, LeadId, OpportunityId
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.span import Span

DAY = date(2026, 1, 1)
FRENCH = Where("country", Comparison.EQUALS, "FR")
NODES: tuple[AnyNode, ...] = (
    SendMessage(name="hello", channel=Channel.EMAIL, template="hello", then="listen"),
    AwaitSignal(name="listen", signal="replied", days=5, then="call", otherwise="where"),
    AskPerson(name="call", action="call them"),
    ChooseWay(name="where", condition=FRENCH, then="pause"),
    WaitDays(name="pause", days=10, then="again"),
    SendMessage(name="again", channel=Channel.EMAIL, template="again", needs_consent=False),
)
WELCOME = Journey(id=JourneyId("j"), name="Welcome", nodes=NODES, exits=("unsubscribed",), trigger="signed up")
FIRM = Account(id=AccountId("a"), name="Durand", country="FR")
YES = Consent(channel=Channel.EMAIL, given=True)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def travel(*signals: tuple[str, int], who: str = "a", **facts: Any) -> Travel:
    heard = tuple(Signal(name=name, on=day(n)) for name, n in signals)
    return Travel(**{"journey": "j", "account": who, "entered_on": DAY, "signals": heard, **facts})


def run(travels: list[Travel], n: int, *, consents: Any = (YES,), record: Any = FIRM, **facts: Any) -> JourneyRun:
    around = Circumstances(
        as_of=day(n),
        records={} if record is None else {t.traveller: record for t in travels},
        consents={t.traveller: consents for t in travels},
        **facts,
    )
    return run_journey(WELCOME, travels, around)


def daily(here: Travel, until: int, **facts: Any) -> tuple[Travel, list[tuple[int, str]]]:
    """The traveller after a run on each day, and what was done on which day."""
    done: list[tuple[int, str]] = []
    for n in range(until + 1):
        found = run([here], n, **facts)
        (here,) = found.travels
        done += [(n, action.content) for action in found.actions]
    return here, done


@pytest.mark.parametrize(
    ("signals", "record", "expected"),
    [
        # silent and French: asked again ten days after the five days of listening
        ((), FIRM, [(0, "hello"), (16, "again")]),
        ((("replied", 3),), FIRM, [(0, "hello"), (3, "call them")]),
        ((("replied", 5),), FIRM, [(0, "hello"), (5, "call them")]),
        # too late for the listening, so the other way
        ((("replied", 6),), FIRM, [(0, "hello"), (16, "again")]),
        ((), attrs.evolve(FIRM, country="DE"), [(0, "hello")]),
        ((), attrs.evolve(FIRM, country=None), [(0, "hello")]),
        ((), None, [(0, "hello")]),
        ((("unsubscribed", 9),), FIRM, [(0, "hello")]),
        ((("unsubscribed", 0),), FIRM, []),
    ],
)
def test_a_traveller_goes_the_way_the_chart_says(signals: Any, record: Any, expected: list[tuple[int, str]]) -> None:
    here, done = daily(travel(*signals), 30, record=record)
    assert done == expected
    gone = bool(signals) and signals[0][0] == "unsubscribed"
    assert travel_standing(WELCOME, here, day(30)).state is (JourneyState.LEFT if gone else JourneyState.FINISHED)


@pytest.mark.parametrize(
    ("done", "gone", "state"),
    [
        (4, 3, JourneyState.LEFT),
        (4, 4, JourneyState.FINISHED),
        (4, 9, JourneyState.FINISHED),
        (None, 9, JourneyState.LEFT),
    ],
)
@pytest.mark.parametrize("by_hand", [True, False])
def test_nobody_leaves_a_journey_that_was_over(
    done: int | None, gone: int, state: JourneyState, *, by_hand: bool
) -> None:
    call = Journey(id=JourneyId("j"), name="Call", nodes=(AskPerson(name="call", action="call"),), exits=("gone",))
    facts: dict[str, Any] = {"left_on": day(gone)} if by_hand else {}
    taken = () if done is None else (StepTaken(node="call", on=day(done)),)
    here = travel(*(() if by_hand else (("gone", gone),)), journey=call.id, taken=taken, **facts)
    assert travel_standing(call, here, day(20)).state is state


def test_a_run_that_comes_late_catches_up_once_and_a_second_run_does_nothing() -> None:
    late = run([travel()], 9)
    assert [a.content for a in late.actions] == ["hello"]
    again = run(list(late.travels), 9)
    assert (again.actions, again.travels) == ((), late.travels)
    # What follows is counted from the day it was really sent.
    assert travel_standing(WELCOME, late.travels[0], day(9)).due_on == day(15)


def test_a_lead_and_a_contact_of_one_id_are_two_travellers() -> None:
    """HubSpot and others count each kind by itself: what the lead allowed is no word of the contact."""
    lead = Travel(journey=JourneyId("j"), lead=LeadId("101"), entered_on=DAY)
    contact = Travel(journey=JourneyId("j"), contact=ContactId("101"), entered_on=DAY)
    around = Circumstances(
        as_of=DAY, records={}, consents={"lead/101": [YES]}, caps=(FrequencyCap(most=1, days=30),)
    )  # fmt: skip
    found = run_journey(WELCOME, [contact, lead], around)
    assert [(action.traveller, action.key) for action in found.actions] == [("lead/101", "j/lead/101/2026-01-01/0")]
    assert [(one.traveller, one.why) for one in found.held_back] == [("contact/101", "no consent is on record")]
    both = attrs.evolve(around, consents={"lead/101": [YES], "contact/101": [YES]})
    assert len({action.key for action in run_journey(WELCOME, [contact, lead], both).actions}) == 2


@pytest.mark.parametrize("name", ["records", "consents"])
def test_what_is_stated_under_a_bare_id_is_refused(name: str) -> None:
    facts: dict[str, Any] = {"records": {}, "consents": {}, name: {"ada": ()}}
    with pytest.raises(InvalidRecord, match="lead/ada or contact/ada or account/ada") as refused:
        Circumstances(as_of=DAY, **facts)
    assert (refused.value.field, refused.value.value) == (name, "ada")


def test_a_run_of_an_earlier_day_does_nothing_again_and_stops_nobody() -> None:
    """The job of yesterday is run once more after today's, which has caught up."""
    late = run([travel()], 9).travels
    again = run([*late, travel(who="b")], 8)
    assert [action.traveller for action in again.actions] == ["account/b"]
    assert again.travels[0] == late[0]


def test_the_outbox_sends_each_action_once_whatever_is_repeated() -> None:
    outbox = Outbox()
    assert isinstance(outbox, OutboundChannel)
    (action,) = run([travel()], 0).actions
    # The run is repeated as if its result had been lost, and so is the sending.
    (same,) = run([travel()], 0).actions
    states = [delivery.state for sent in (action, same, action) for delivery in outbox.send([sent])]
    assert states == [DeliveryState.SENT, DeliveryState.KNOWN, DeliveryState.KNOWN]
    assert len(outbox.actions) == 1
    (refused,) = outbox.send([attrs.evolve(action, content="something else")])
    assert refused.state is DeliveryState.REFUSED


@pytest.mark.parametrize(
    ("consents", "why"),
    [
        ((), "no consent is on record"),
        ((Consent(channel=Channel.PHONE, given=True),), "no consent is on record"),
        ((attrs.evolve(YES, given=False),), "refused"),
        ((YES, attrs.evolve(YES, given=False)), "refused"),
    ],
)
def test_a_message_without_consent_is_withheld_and_said(consents: Any, why: str) -> None:
    found = run([travel()], 0, consents=consents)
    assert found.actions == ()
    assert [(h.node, h.why, h.until) for h in found.held_back] == [("hello", why, None)]
    assert found.travels[0].taken[0].outcome is StepOutcome.WITHHELD
    # The last message needs no consent, but a refusal stops it all the same.
    _, done = daily(travel(), 30, consents=consents)
    assert done == ([] if why == "refused" else [(16, "again")])


def test_a_cap_makes_a_message_wait_and_counts_every_journey() -> None:
    cap = FrequencyCap(most=1, days=7)
    other = travel(journey=JourneyId("other"), taken=(StepTaken(node="x", on=DAY, channel=Channel.EMAIL),))
    around: dict[str, Any] = {"caps": (cap,), "other_travels": (other,)}
    found = run([travel()], 3, **around)
    assert (found.actions, found.travels[0].taken) == ((), ())
    assert [(h.why, h.until) for h in found.held_back] == [("at most 1 message in 7 days", day(7))]
    assert run([travel()], 6, **around).actions == ()
    assert len(run([travel()], 7, **around).actions) == 1
    phone = attrs.evolve(cap, channel=Channel.PHONE)
    assert len(run([travel()], 3, caps=(phone,), other_travels=(other,)).actions) == 1
    # Of two caps that forbid it, the longer one says when it may go.
    for caps in ((cap, attrs.evolve(cap, days=30)), (attrs.evolve(cap, days=30), cap)):
        (held,) = run([travel()], 3, caps=caps, other_travels=(other,)).held_back
        assert (held.why, held.until) == ("at most 1 message in 30 days", day(30))
    (soon,) = run([travel()], 0, caps=(attrs.evolve(cap, days=1),), other_travels=(other,)).held_back
    assert soon.why == "at most 1 message in 1 day"
    # Of two journeys' travellers who are one and the same, only one is written to.
    two = run([travel(), travel(entered_on=day(1))], 1, caps=(cap,))
    assert (len(two.actions), len(two.held_back)) == (1, 1)


@a_part(of=2)
@given(st.lists(st.integers(0, 25), max_size=6), st.integers(1, 3), st.integers(1, 12))
def test_no_window_ever_holds_more_messages_than_the_cap(entries: list[int], most: int, days: int) -> None:
    cap = FrequencyCap(most=most, days=days)
    travels = [travel(entered_on=day(n)) for n in entries]
    sent: list[int] = []
    for n in range(45):
        found = run(travels, n, caps=(cap,))
        travels = list(found.travels)
        sent += [n for action in found.actions if action.channel is not None]
    assert all(sum(begin <= n < begin + days for n in sent) <= most for begin in range(45))
    keys = [step.node for t in travels for step in t.taken]
    assert len(keys) >= len(sent)


@given(st.lists(st.integers(-9, 30), max_size=6), st.integers(1, 3), st.integers(1, 8))
def test_a_message_waits_for_the_first_day_on_which_no_window_is_full(sent: list[int], most: int, days: int) -> None:
    """Also for an earlier day than that on which another journey wrote: what is far off forbids nothing today."""

    def fits(n: int) -> bool:
        windows = range(n - days + 1, n + 1)
        return all(sum(begin <= 10 + other < begin + days for other in sent) < most for begin in windows)

    first = next(n for n in range(10, 99) if fits(n))
    wrote = [(StepTaken(node="x", on=day(10 + n), channel=Channel.EMAIL),) for n in sent]
    others = tuple(travel(journey=JourneyId("other"), entered_on=day(0), taken=step) for step in wrote)
    found = run([travel(entered_on=day(10))], 10, caps=(FrequencyCap(most=most, days=days),), other_travels=others)
    expected = [] if first == 10 else [day(first)]
    assert [held.until for held in found.held_back] == expected
    assert len(found.actions) == (first == 10)


@a_part(of=2)
@given(st.lists(st.integers(0, 40), max_size=8), st.integers(0, 8), st.booleans())
def test_how_often_it_is_run_does_not_change_where_a_waiting_traveller_stands(
    runs: list[int], replied: int, hears: bool
) -> None:
    """Runs in between change nothing but the day on which what was due is done."""
    signals = (("replied", replied),) if hears else ()
    here = travel(*signals)
    for n in sorted({0, *runs}):
        (here,) = run([here], n).travels
    (here,) = run([here], 40).travels
    (here,) = run([here], 60).travels
    assert travel_standing(WELCOME, here, day(60)).state is JourneyState.FINISHED
    assert [s.node for s in here.taken] == (
        ["hello", "call"] if hears and replied <= 5 else ["hello", "where", "again"]
    )


def test_a_step_the_chart_has_no_place_for_is_not_passed_over() -> None:
    odd = travel(taken=(StepTaken(node="again", on=DAY),))
    assert travel_standing(WELCOME, odd, DAY).state is JourneyState.LOST
    too_many = travel(("replied", 1), taken=tuple(StepTaken(node=n, on=day(2)) for n in ("hello", "call", "call")))
    assert travel_standing(WELCOME, too_many, day(9)).state is JourneyState.LOST


@pytest.mark.parametrize(
    ("nodes", "what"),
    [
        ((), "at least one node"),
        ((AskPerson(name="a", action="x"), AskPerson(name="a", action="x")), "each name once"),
        ((AskPerson(name="a", action="x", then="b"),), "a node of the journey"),
        ((AskPerson(name="a", action="x"), AskPerson(name="b", action="x")), "nodes that a way leads to"),
        ((AskPerson(name="a", action="x", then="b"), AskPerson(name="b", action="x", then="a")), "a wait on the way"),
    ],
)
def test_a_chart_that_cannot_work_is_refused(nodes: tuple[AnyNode, ...], what: str) -> None:
    with pytest.raises(InvalidRecord, match=what):
        Journey(id=JourneyId("j"), name="J", nodes=nodes)


def test_a_round_with_a_wait_on_it_is_allowed_and_a_trigger_lets_each_one_enter_once() -> None:
    monthly = (AskPerson(name="a", action="x", then="b"), WaitDays(name="b", days=30, then="a"))
    assert len(Journey(id=JourneyId("j"), name="J", nodes=monthly).nodes) == 2
    who = travel()
    heard = [(who, Signal(name="signed up", on=day(n))) for n in (4, 2)] + [(who, Signal(name="other", on=DAY))]
    assert [t.entered_on for t in entered(WELCOME, heard)] == [day(2)]
    # A lead and a contact may have one id: systems count each kind by itself.
    both = (travel(account=None, lead=LeadId("7")), travel(account=None, contact=ContactId("7")))
    began = entered(WELCOME, [(who, Signal(name="signed up", on=DAY)) for who in both])
    assert [(t.lead, t.contact) for t in began] == [(None, "7"), ("7", None)]


def test_a_signal_is_heard_once_however_often_it_is_waited_for() -> None:
    """One answer is no answer to the message that followed it; on a round, it would send without end."""
    nodes: tuple[AnyNode, ...] = (
        SendMessage(name="mail", channel=Channel.EMAIL, template="t", then="listen"),
        AwaitSignal(name="listen", signal="clicked", days=7, then="mail"),
    )
    plan = Journey(id=JourneyId("j"), name="J", nodes=nodes)
    sent: list[int] = []
    here = travel(("clicked", 3), ("clicked", 3), ("clicked", 9))
    for n in range(30):
        found = run_journey(plan, [here], Circumstances(as_of=day(n), records={}, consents={"account/a": [YES]}))
        (here,) = found.travels
        sent += [n] * len(found.actions)
    assert sent == [0, 3, 3, 9]
    assert travel_standing(plan, here, day(30)).state is JourneyState.FINISHED


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"account": None}, "contact"),
        ({"lead": "l"}, "contact"),
        ({"taken": (StepTaken(node="hello", on=date(2025, 1, 1)),)}, "taken"),
        ({"taken": (StepTaken(node="a", on=day(2)), StepTaken(node="b", on=day(1)))}, "taken"),
    ],
)
def test_an_impossible_travel_is_refused(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        travel(**facts)
    assert refusal.value.field == field


BIG = Where("employees", Comparison.MORE, 100)


@pytest.mark.parametrize(
    ("condition", "answer", "decided"),
    [
        (Both((FRENCH, BIG)), None, ["employees is not stated"]),
        (Both((Opposite(FRENCH), BIG)), False, ["country is FR; wanted: equals FR"]),
        (Either((FRENCH, BIG)), True, ["country is FR; wanted: equals FR"]),
        (Either((Opposite(FRENCH), Stated("industry"))), False,
         ["country is FR; wanted: equals FR", "industry is not stated"]),
        (Both(()), True, ["no condition"]),
    ],
)  # fmt: skip
def test_a_verdict_names_the_parts_that_decided(condition: Condition, answer: bool | None, decided: list[str]) -> None:
    verdict = explained(FIRM, condition)
    assert verdict.answer is answer
    assert [small.said.en for small in verdict.decided_by] == decided
    assert all(small.said.fr for small in verdict.decided_by)


SMALL: st.SearchStrategy[Condition] = st.sampled_from(
    [FRENCH, BIG, Stated("industry"), Where("name", Comparison.CONTAINS, "ur")]
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    SMALL,
    lambda inner: st.one_of(
        st.builds(Both, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Either, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Opposite, inner),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_the_reasons_never_say_anything_else_than_the_segment(condition: Condition) -> None:
    verdict = explained(FIRM, condition)
    assert verdict.answer is fulfils(FIRM, condition)
    assert verdict.decided_by


def campaign(key: str, *answers: tuple[str, int], **facts: Any) -> Campaign:
    members = tuple(
        CampaignMember(contact=ContactId(who), has_responded=True, responded_on=day(n)) for who, n in answers
    )
    return Campaign(id=CampaignId(key), name=key, members=members, **facts)


def sale(cents: int = 10_000, **facts: Any) -> Opportunity:
    usual: dict[str, Any] = {
        "stage": OpportunityStage.WON,
        "amount": Money(Decimal(cents) / 100, "EUR"),
        "closed_on": day(21),
        "contacts": (PersonRole(contact=ContactId("ada")),),
    }
    return Opportunity(id=OpportunityId("o"), name="S", **{**usual, **facts})


THREE = (campaign("fair", ("ada", 0)), campaign("mail", ("ada", 7), ("ada", 14)), campaign("call", ("ada", 21)))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (AttributionModel.LINEAR, {"fair": "25.00", "mail": "50.00", "call": "25.00"}),
        (AttributionModel.POSITION, {"fair": "40.00", "mail": "20.00", "call": "40.00"}),
        # weights 1/8, 1/4 + 1/2, 1 of 15/8
        (AttributionModel.TIME_DECAY, {"fair": "6.67", "mail": "40.00", "call": "53.33"}),
        (AttributionModel.FIRST, {"fair": "100.00"}),
        (AttributionModel.LAST, {"call": "100.00"}),
    ],
)
def test_each_model_over_four_answers_as_worked_by_hand(model: AttributionModel, expected: dict[str, str]) -> None:
    found = attribute_revenue([sale()], THREE, model)
    assert {str(c.campaign): str(c.amount.amount) for c in found.credits} == expected


@pytest.mark.parametrize("model", ["first answer", "PRIMARY", None])
def test_the_words_of_a_model_are_no_model(model: Any) -> None:
    """They were credited as the model at the end of the list is."""
    with pytest.raises(InvalidRecord, match=r"one of AttributionModel\.PRIMARY"):
        attribute_revenue([sale()], [], model)


@pytest.mark.parametrize("days", [0, True, 1.5])
def test_a_half_life_is_a_whole_number_of_days(days: Any) -> None:
    with pytest.raises(InvalidRecord, match="a whole number of one day or more"):
        attribute_revenue([], [], AttributionModel.TIME_DECAY, half_life_days=days)


def test_a_lead_is_not_the_contact_of_the_same_id() -> None:
    """Odoo and HubSpot number each kind of record by itself."""
    member = CampaignMember(lead=LeadId("ada"), has_responded=True, responded_on=day(1))
    fair = Campaign(id=CampaignId("fair"), name="fair", members=(member,))
    cases: tuple[tuple[dict[str, Any], str | None], ...] = (({}, None), ({"contacts": (), "lead": "ada"}, "fair"))
    for facts, earned in cases:
        (credit,) = attribute_revenue([sale(**facts)], [fair], AttributionModel.LINEAR).credits
        assert credit.campaign == earned


def test_two_answers_share_alike_by_position_and_a_lead_is_heard_too() -> None:
    two = [campaign("fair", ("ada", 0)), campaign("mail", ("ada", 1))]
    found = attribute_revenue([sale()], two, AttributionModel.POSITION)
    assert [str(c.amount.amount) for c in found.credits] == ["50.00", "50.00"]
    lead = Campaign(
        id=CampaignId("web"),
        name="web",
        members=(CampaignMember(lead=LeadId("l"), has_responded=True, responded_on=DAY),),
    )
    (credit,) = attribute_revenue([sale(contacts=(), lead=LeadId("l"))], [lead], AttributionModel.LINEAR).credits
    assert credit.campaign == "web"
    with pytest.raises(InvalidRecord):
        attribute_revenue([], [], AttributionModel.TIME_DECAY, half_life_days=0)


@given(
    st.integers(0, 10**7),
    st.lists(st.tuples(st.sampled_from(["fair", "mail", "call"]), st.integers(0, 5000)), max_size=6),
    st.integers(1, 400),
)
def test_credits_sum_to_the_revenue_under_every_model(
    cents: int, answers: list[tuple[str, int]], half_life: int
) -> None:
    campaigns = [campaign(key, *(("ada", n) for k, n in answers if k == key)) for key in ("fair", "mail", "call")]
    for model in AttributionModel:
        closed = sale(cents, closed_on=day(5000))
        found = attribute_revenue([closed], campaigns, model, half_life_days=half_life)
        assert total((c.amount for c in found.credits), "EUR") == closed.amount


def cost(amount: str, n: int | None = 5, code: str = "EUR", channel: MarketingChannel | None = None) -> CostItem:
    return CostItem(label="stand", amount=Money(amount, code), on=None if n is None else day(n), channel=channel)


YEAR = Span(DAY, date(2026, 12, 31))


def results(*campaigns: Campaign, rates: RateTable | None = None, sales: Any = None) -> dict[str, CampaignResult]:
    found = campaign_results(campaigns, [sale()] if sales is None else sales, YEAR, "EUR", rates)
    return {result.campaign: result for result in found}


def test_a_campaigns_return_is_what_it_earned_over_what_it_cost() -> None:
    fair = campaign("fair", ("ada", 0), currency="EUR", spend=(cost("40"), cost("1", None), cost("9", 400)))
    found = results(fair)["fair"]
    assert (found.spent, found.revenue, found.returned.value) == (
        Money(40, "EUR"),
        Money(100, "EUR"),
        Decimal("1.5000"),
    )
    assert [left.record for left in found.returned.left_out] == ["campaign fair, cost stand"]
    assert (found.cost_per_answer.value, found.answer_rate.value) == (Money(40, "EUR"), Decimal("1.0000"))


def test_a_campaign_counts_its_parts_and_a_circle_is_an_error() -> None:
    whole = campaign("whole", currency="EUR", spend=(cost("10"),))
    part = campaign("part", ("ada", 0), currency="EUR", spend=(cost("15"),), parent=CampaignId("whole"))
    found = results(whole, part)
    assert (found["whole"].spent, found["whole"].returned.number) == (Money(25, "EUR"), Decimal(3))
    assert found["part"].spent == Money(15, "EUR")
    with pytest.raises(InvalidRecord, match="a chain that ends"):
        results(attrs.evolve(whole, parent=CampaignId("part")), part)


def test_a_cost_without_a_rate_makes_the_return_unknown_not_high() -> None:
    dollars = campaign("fair", ("ada", 0), currency="USD", spend=(cost("10", code="USD"),))
    assert results(dollars)["fair"].returned.value == Unknown("not every cost could be converted")
    assert results(dollars)["fair"].cost_per_answer.value == Unknown("not every cost could be converted")
    rate = Rate(source="USD", target="EUR", on=DAY, factor="0.5", by="test")
    assert results(dollars, rates=RateTable([rate]))["fair"].returned.number == 19
    assert results(campaign("free"))["free"].returned.value == Unknown("no spending is stated for the period")
    gift = campaign("gift", ("ada", 0), currency="EUR", spend=(cost("0"),))
    assert results(gift)["gift"].returned.value == Unknown(
        "the spending stated for the period is 0.00 EUR, not above zero"
    )
    assert results(gift)["gift"].cost_per_answer.value == Money(0, "EUR")
    assert isinstance(results(campaign("free"))["free"].answer_rate.value, Unknown)


def test_a_cost_without_a_rate_is_never_told_small() -> None:
    whole = campaign("whole", currency="EUR", spend=(cost("10"),))
    part = campaign("part", currency="USD", spend=(cost("900", code="USD"),), parent=CampaignId("whole"))
    assert results(whole, part)["whole"].spent is None
    rate = Rate(source="USD", target="EUR", on=DAY, factor="0.5", by="test")
    assert results(whole, part, rates=RateTable([rate]))["whole"].spent == Money(460, "EUR")


def test_a_sale_that_cannot_be_placed_is_named_and_not_lost() -> None:
    fair = campaign("fair", ("ada", 0), currency="EUR", spend=(cost("40"),))
    others = [
        sale(closed_on=None), sale(stage=OpportunityStage.UNKNOWN), sale(closed_on=None, stage=OpportunityStage.LOST),
        sale(closed_on=day(400)), sale(-4_000),
    ]  # fmt: skip
    sales = [attrs.evolve(one, id=OpportunityId(f"o{n}")) for n, one in enumerate(others)]
    found = results(fair, sales=sales)["fair"]
    assert [str(left) for left in found.returned.left_out] == [
        "opportunity o0: it is closed and its day is not stated",
        "opportunity o1: nothing is known of its stage",
        "opportunity o4: its amount is below zero: -40.00 EUR",
    ]
    assert found.revenue == Money(0, "EUR")


def test_money_is_told_by_channel_and_what_does_not_fit_is_named() -> None:
    mixed = Campaign(
        id=CampaignId("m"),
        name="Fair",
        currency="EUR",
        channels=(MarketingChannel.EVENT,),
        first_day=DAY,
        last_day=day(10),
        budget=(cost("100", channel=MarketingChannel.EVENT),),
        spend=(
            cost("90", channel=MarketingChannel.EVENT),
            cost("20", channel=MarketingChannel.SOCIAL),
            cost("1", 11),
            cost("-2"),
        ),
    )
    by_channel = {key: (c.budgeted, c.spent) for key, c in mixed.by_channel().items()}
    assert by_channel == {
        MarketingChannel.EVENT: (Money(100, "EUR"), Money(90, "EUR")),
        MarketingChannel.SOCIAL: (None, Money(20, "EUR")),
        None: (None, Money(-1, "EUR")),
    }
    assert [problem.what for problem in campaign_problems(mixed)] == [
        "is more than the budget, 100.00 EUR",
        "is on social, which the campaign does not run on",
        "of 2026-01-12 lies outside the campaign's days",
        "is below zero: -2.00 EUR",
    ]
