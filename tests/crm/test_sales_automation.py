"""Leads, prices, quotes, moves, follow-ups and owners: what sales people should not have to do by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
from clmcrm.crm.activity import Activity, ActivityKind, Direction
from clmcrm.crm.allocation import Seller, Territory, allocate
from clmcrm.crm.follow_ups import FollowUpReason, FollowUpRule, follow_ups, interactions
from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.lead_conversion import converted
from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import Opportunity, OpportunityStage, Split, StageChange
from clmcrm.crm.pipeline import Pipeline, Stage, move_problems, moved, open_moves
from clmcrm.crm.price_lists import list_price, price_book_problems
from clmcrm.crm.product import Price, PriceBook
from clmcrm.crm.quote import QuoteStatus
from clmcrm.crm.quoting import accepted, next_version, quote_of
from clmcrm.crm.sale_problems import reopenings, sale_problems
from clmcrm.crm.segment import Comparison, Where
from clmcrm.crm.stage_approvals import StageApproval
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Channel, Consent, Contact, may_contact
from clmcrm.values.ids import (
    AccountId,
    ActivityId,
    CampaignId,
    ContactId,
    LeadId,
    LineId,
    OpportunityId,
    PipelineId,
    PriceBookId,
    ProductId,
    QuoteId,
    StageId,
    TerritoryId,
    UserId,
)
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier

DAY = date(2026, 5, 7)
NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)

LEAD = Lead(
    id=LeadId("l"),
    name="Licences for Durand",
    given_name="Ada",
    family_name="Byron",
    company_name="Durand",
    industry="steel",
    emails=("ada@example.org",),
    consents=(Consent(channel=Channel.EMAIL, given=True),),
    owner=UserId("u"),
    status=LeadStatus.QUALIFIED,
    expected_amount=Money(900, "EUR"),
    campaign=CampaignId("fair"),
    source="fair",
)
STAGES = (
    Stage(id=StageId("closed"), name="Closed", stage=OpportunityStage.LOST, may_start=False),
    Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION),
    Stage(
        id=StageId("deal"),
        name="Deal",
        stage=OpportunityStage.NEGOTIATION,
        approver="director",
        approval_above=Money(1000, "EUR"),
    ),
    Stage(id=StageId("won"), name="Won", stage=OpportunityStage.WON, approver="director"),
)
PLAN = Pipeline(id=PipelineId("p"), name="Direct", stages=STAGES)


def test_a_lead_becomes_three_records_and_every_field_says_where_it_came_from() -> None:
    became = converted(
        LEAD, DAY, account=AccountId("a"), contact=ContactId("c"), opportunity=OpportunityId("o"), pipeline=PLAN
    )
    assert (became.account.name, became.account.industry) == ("Durand", "steel")
    assert became.contact is not None
    assert (became.contact.account, became.contact.consents) == ("a", LEAD.consents)
    sale = became.opportunity
    assert sale is not None
    assert (sale.amount, sale.campaign, sale.lead, sale.stage_id) == (Money(900, "EUR"), "fair", "l", "new")
    assert [role.contact for role in sale.contacts] == ["c"]
    assert became.lead.is_converted
    assert (became.lead.converted_on, became.lead.converted_opportunity) == (DAY, "o")
    traced = {trace.target: trace.source for trace in became.traces}
    assert traced["account.name"] == "lead.company_name"
    assert traced["opportunity.amount"] == "lead.expected_amount"
    for kind, record in (("account", became.account), ("contact", became.contact), ("opportunity", sale)):
        untraced = {"id", "account", "contacts", "stage", "stage_id", "stage_raw", "pipeline", "created_on", "currency"}
        for part in attrs.fields(type(record)):
            value = getattr(record, part.name)
            if (
                part.name not in untraced
                and value not in (part.default, None, ())
                and f"{kind}.{part.name}" not in traced
            ):
                assert isinstance(part.default, attrs.Factory) or value == part.default, part.name  # type: ignore[arg-type] # attrs types its Factory class as a function


def test_a_sale_begun_without_an_amount_has_the_currency_of_its_lead() -> None:
    for amount, code in ((None, "CHF"), (Money(900, "EUR"), "EUR")):
        lead = attrs.evolve(LEAD, currency="CHF", expected_amount=amount)
        became = converted(lead, DAY, account=AccountId("a"), opportunity=OpportunityId("o"))
        assert became.opportunity is not None
        assert quote_of(became.opportunity, QuoteId("q"), DAY).currency.code == code
        traced = {trace.target: trace.source for trace in became.traces}
        assert traced.get("opportunity.currency") == ("lead.currency" if amount is None else None)


@pytest.mark.parametrize("part", ["company_name", "name", "family_name", "given_name"])
def test_an_account_says_which_name_of_the_lead_it_has(part: str) -> None:
    named: dict[str, Any] = {part: "Byron"}
    became = converted(Lead(id=LeadId("l"), **named), DAY, account=AccountId("a"))
    assert became.account.name == "Byron"
    assert {trace.target: trace.source for trace in became.traces}["account.name"] == f"lead.{part}"


BY_MAIL, NO_MAIL = Consent(channel=Channel.EMAIL, given=True), Consent(channel=Channel.EMAIL, given=False)
BY_PHONE = Consent(channel=Channel.PHONE, given=True)


@pytest.mark.parametrize(
    ("known", "told", "kept", "problems"),
    [
        ((), (NO_MAIL, BY_PHONE), (NO_MAIL, BY_PHONE), 0),
        ((BY_PHONE,), (NO_MAIL,), (BY_PHONE, NO_MAIL), 0),
        ((BY_MAIL,), (NO_MAIL,), (BY_MAIL, NO_MAIL), 0),
        ((NO_MAIL,), (NO_MAIL,), (NO_MAIL,), 0),
        ((NO_MAIL,), (BY_MAIL,), (NO_MAIL,), 1),
        ((BY_PHONE,), (NO_MAIL, BY_MAIL), (BY_PHONE, NO_MAIL), 1),
        ((BY_PHONE,), (), (BY_PHONE,), 0),
    ],
)
def test_a_refusal_is_not_left_behind_with_the_lead(
    known: tuple[Consent, ...], told: tuple[Consent, ...], kept: tuple[Consent, ...], problems: int
) -> None:
    """As `may_contact` says: withdrawal and objection prevail, whichever record they stand on."""
    person = Contact(id=ContactId("c"), given_name="Ada", consents=known)
    lead = Lead(id=LeadId("l"), given_name="Ada", consents=told, status=LeadStatus.QUALIFIED)
    became = converted(lead, DAY, account=AccountId("a"), contact=person)
    assert became.contact is not None
    assert became.contact.consents == kept
    assert [problem.field for problem in became.problems] == ["consents"] * problems
    traced = [trace.source for trace in became.traces if trace.target == "contact.consents"]
    assert traced == ([] if kept == known else ["lead.consents"])
    if NO_MAIL in (*known, *told):
        assert may_contact(became.contact, Channel.EMAIL) is False


def test_what_an_existing_account_states_stays_and_the_difference_is_told() -> None:
    known = Account(id=AccountId("a"), name="Durand SAS", industry="iron", owner=UserId("v"))
    became = converted(LEAD, DAY, account=known, contact=ContactId("c"))
    assert (became.account.name, became.account.industry, became.account.owner) == ("Durand SAS", "iron", "v")
    assert became.account.lead_source == "fair"
    assert [str(problem) for problem in became.problems] == ["account a: industry 'iron' stays; the lead l says steel"]
    person = Contact(id=ContactId("c"), name="Ada Byron", account=AccountId("elsewhere"))
    with pytest.raises(InvalidRecord, match="the lead's account"):
        converted(LEAD, DAY, account=known, contact=person)


@pytest.mark.parametrize("status", [LeadStatus.CONVERTED, LeadStatus.DISQUALIFIED])
def test_a_lead_is_converted_once_and_never_after_it_was_disqualified(status: LeadStatus) -> None:
    with pytest.raises(TransitionNotAllowed, match=status.value):
        converted(attrs.evolve(LEAD, status=status), DAY, account=AccountId("a"))


def test_a_pipeline_in_which_no_sale_may_start_is_refused_and_not_left_aside() -> None:
    shut = attrs.evolve(PLAN, stages=tuple(attrs.evolve(stage, may_start=False) for stage in PLAN.stages))
    with pytest.raises(InvalidRecord, match="a stage in which a sale may start"):
        converted(LEAD, DAY, account=AccountId("a"), opportunity=OpportunityId("o"), pipeline=shut)


@pytest.mark.parametrize("closed", [OpportunityStage.WON, OpportunityStage.LOST])
def test_a_lead_never_becomes_a_sale_that_is_closed_already(closed: OpportunityStage) -> None:
    end = Stage(id=StageId("end"), name="End", stage=closed)
    begin = Stage(id=StageId("begin"), name="Begin", stage=OpportunityStage.QUALIFICATION)
    plan = Pipeline(id=PipelineId("p"), name="P", stages=(end, begin))
    found = converted(LEAD, DAY, account=AccountId("a"), opportunity=OpportunityId("o"), pipeline=plan).opportunity
    assert found is not None
    assert (found.stage_id, found.is_open) == ("begin", True)
    shut = attrs.evolve(plan, stages=(end, attrs.evolve(begin, may_start=False)))
    with pytest.raises(InvalidRecord, match="a stage in which a sale may start"):
        converted(LEAD, DAY, account=AccountId("a"), opportunity=OpportunityId("o"), pipeline=shut)


def test_a_firm_without_a_person_makes_no_contact() -> None:
    firm = Lead(id=LeadId("l"), company_name="Durand")
    assert converted(firm, DAY, account=AccountId("a")).contact is None
    with pytest.raises(InvalidRecord, match="a person's name"):
        converted(firm, DAY, account=AccountId("a"), contact=ContactId("c"))


BOOK = PriceBook(id=PriceBookId("std"), name="Standard", is_standard=True)


def price(amount: str, **facts: Any) -> Price:
    usual: dict[str, Any] = {"product": "p", "book": "std", "unit_price": UnitPrice(amount, "EUR")}
    return Price(**{**usual, **facts})


def asked(prices: list[Price], quantity: int = 1, day: date = DAY, **facts: Any) -> str:
    usual: dict[str, Any] = {"books": [BOOK], "prices": prices}
    found = list_price(ProductId("p"), Decimal(quantity), day, "EUR", **{**usual, **facts})
    return found.reason if isinstance(found, Unknown) else str(found.price.unit_price)


def test_the_price_with_the_highest_minimum_reached_counts() -> None:
    prices = [price("10"), price("9", minimum=Decimal(10)), price("8", minimum=Decimal(100))]
    assert [asked(prices, n) for n in (1, 9, 10, 99, 100)] == ["10 EUR", "10 EUR", "9 EUR", "9 EUR", "8 EUR"]
    assert asked(prices[1:], 9) == "p is sold from 10 on, and 9 are wanted"


def test_tiers_that_end_below_the_quantity_are_no_price() -> None:
    some = (PriceTier(up_to=Decimal(10), price=UnitPrice(5, "EUR")),)
    bounded = attrs.evolve(price("9"), unit_price=None, model=PriceModel.VOLUME, tiers=some)
    assert asked([bounded], 10) == "None"  # tiers have no one unit price
    assert "is sold up to 10, and 11 are wanted" in asked([bounded], 11)
    # What the tiers leave open another price may hold.
    assert asked([attrs.evolve(bounded, minimum=Decimal(5)), price("4")], 11) == "4 EUR"


def test_a_price_holds_on_both_its_ends_and_only_there() -> None:
    bounded = [price("10", first_day=DAY, last_day=DAY + timedelta(days=1))]
    days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    assert [asked(bounded, day=day)[:5] for day in days] == ["no pr", "10 EU", "10 EU", "no pr"]


def test_two_prices_that_could_both_apply_are_never_chosen_between() -> None:
    overlapping = [price("10"), price("11", first_day=DAY)]
    assert asked(overlapping) == "p has 2 prices on 2026-05-07: p in std at 10 EUR once, p in std at 11 EUR once"
    (problem,) = price_book_problems([BOOK], overlapping)
    assert (problem.where, problem.severity) == ("product p", Severity.ERROR)
    one_day = [price("10", last_day=DAY), price("11", first_day=DAY)]
    assert len(price_book_problems([BOOK], one_day)) == 1
    assert price_book_problems([BOOK], [one_day[0], price("11", first_day=DAY + timedelta(days=1))]) == ()
    monthly = price("1", recurs_every=Tenor(months=1))
    assert price_book_problems([BOOK], [price("10"), monthly]) == ()
    assert asked([price("10"), monthly]).startswith("p has 2 prices")
    assert asked([price("10"), monthly], every=Tenor(months=1)) == "1 EUR"


def test_a_higher_minimum_does_not_choose_between_rhythms_or_books() -> None:
    yearly, monthly = price("100", recurs_every=Tenor(years=1)), price("9", recurs_every=Tenor(months=1))
    many = attrs.evolve(monthly, minimum=Decimal(10))
    assert asked([yearly, monthly, many], 20) == (
        "p has 2 prices on 2026-05-07: p in std at 100 EUR every P1Y, p in std at 9 EUR every P1M"
    )
    assert asked([yearly, monthly, many], 20, every=Tenor(months=1)) == "9 EUR"
    other = attrs.evolve(BOOK, id=PriceBookId("web"), name="Web")
    found = asked([price("10"), price("8", book="web", minimum=Decimal(10))], 20, books=[BOOK, other])
    assert found.startswith("p has 2 prices")


@pytest.mark.parametrize("given", [datetime(2026, 5, 7, 12, tzinfo=UTC), "2026-05-07", None])
def test_a_quote_is_accepted_and_renewed_on_a_day(given: Any) -> None:
    sent = attrs.evolve(quote_of(SALE, QuoteId("q"), DAY, last_valid_day=DAY), status=QuoteStatus.SENT)
    with pytest.raises(InvalidRecord, match=r"accepted: on is .* without a time"):
        _ = accepted(sent, given)
    with pytest.raises(InvalidRecord, match=r"next_version: issued_on is .* without a time"):
        _ = next_version(sent, QuoteId("q2"), given)


def test_a_year_and_twelve_months_are_one_rhythm_however_a_price_writes_it() -> None:
    year, months = price("100", recurs_every=Tenor(years=1)), price("90", recurs_every=Tenor(months=12))
    assert asked([year], every=Tenor(months=12)) == "100 EUR"
    assert asked([year, attrs.evolve(months, minimum=Decimal(10))], 20) == "90 EUR"
    (problem,) = price_book_problems([BOOK], [year, months])
    assert problem.expected == "one price on a day"


@pytest.mark.parametrize(
    ("books", "prices", "what"),
    [
        ([BOOK, PriceBook(id=PriceBookId("b"), name="Other", is_standard=True)], [], "is a standard book while"),
        ([BOOK], [price("1", book="gone")], "is not among the price books"),
        ([attrs.evolve(BOOK, currency="USD")], [price("1")], "is not in the currency of Standard"),
        ([attrs.evolve(BOOK, last_day=DAY)], [price("1", first_day=date(2026, 6, 1))], "is never valid while"),
    ],
)
def test_books_that_contradict_one_another_are_found(books: list[PriceBook], prices: list[Price], what: str) -> None:
    (problem,) = price_book_problems(books, prices)
    assert what in problem.what
    assert price_book_problems(books[:1], [price("1")] if "standard" in what else []) == ()


def test_standard_books_may_follow_one_another_or_differ_in_currency() -> None:
    before = attrs.evolve(BOOK, last_day=date(2025, 12, 31))
    after = PriceBook(id=PriceBookId("new"), name="New", is_standard=True, first_day=date(2026, 1, 1))
    dollars = attrs.evolve(after, id=PriceBookId("usd"), currency="USD")
    euros = attrs.evolve(after, currency="EUR")
    assert price_book_problems([before, after], []) == ()
    assert price_book_problems([before, euros, dollars], []) == ()
    assert asked([price("1")], books=[before]) == "no standard price book is valid on 2026-05-07"


SALE = Opportunity(
    id=OpportunityId("o"),
    name="S",
    account=AccountId("a"),
    owner=UserId("u"),
    pipeline=PipelineId("p"),
    amount=Money(5000, "EUR"),
    stage=OpportunityStage.QUALIFICATION,
    stage_id=StageId("new"),
    initial_term=Tenor(years=1),
    lines=(OpportunityLine(id=LineId("1"), unit_price=UnitPrice(5, "EUR"), discount=Decimal("0.1")),),
)


def test_a_quote_takes_over_lines_and_wishes_and_names_where_they_came_from() -> None:
    quote = quote_of(SALE, QuoteId("q"), DAY, last_valid_day=date(2026, 6, 6))
    assert (quote.opportunity, quote.account, quote.initial_term) == ("o", "a", Tenor(years=1))
    assert [(line.opportunity_line, line.discount) for line in quote.lines] == [("1", Decimal("0.1"))]
    sent = attrs.evolve(quote, status=QuoteStatus.SENT)
    assert accepted(sent, date(2026, 6, 6)).accepted_on == date(2026, 6, 6)
    with pytest.raises(TransitionNotAllowed, match="lapsed after 2026-06-06"):
        accepted(sent, date(2026, 6, 7))
    with pytest.raises(TransitionNotAllowed):
        accepted(quote, DAY)
    old, new = next_version(sent, QuoteId("q2"), date(2026, 6, 1))
    assert (old.status, new.status, new.version, new.lines) == (
        QuoteStatus.SUPERSEDED,
        QuoteStatus.DRAFT,
        2,
        quote.lines,
    )
    with pytest.raises(TransitionNotAllowed):
        next_version(accepted(sent, DAY), QuoteId("q3"), DAY)
    with pytest.raises(TransitionNotAllowed, match="superseded"):  # there would be two second versions
        next_version(old, QuoteId("q3"), DAY)
    with pytest.raises(InvalidRecord, match="currency to quote in"):
        quote_of(Opportunity(id=OpportunityId("x"), name="X"), QuoteId("q"), DAY)


def approval(**facts: Any) -> StageApproval:
    usual: dict[str, Any] = {
        "opportunity": "o", "stage": "deal", "role": "director", "by": "boss", "at": NOON, "amount": Money(5000, "EUR"),
    }  # fmt: skip
    return StageApproval(**{**usual, **facts})


@pytest.mark.parametrize(
    ("approvals", "why"),
    [
        ([], "needs the approval of director"),
        ([approval(stage="won")], "needs the approval of director"),
        ([approval(opportunity="other")], "needs the approval of director"),
        ([approval(by="u")], "director must be somebody else"),
        ([approval(amount=Money(4000, "EUR"))], "for 4000.00 EUR and is now 5000.00 EUR"),
        ([approval(at=NOON + timedelta(hours=1))], "needs the approval of director"),
    ],
)
def test_a_move_waits_for_an_approval_that_holds(approvals: list[StageApproval], why: str) -> None:
    with pytest.raises(TransitionNotAllowed) as refusal:
        moved(SALE, PLAN, StageId("deal"), NOON, approvals=approvals)
    assert why in refusal.value.why[0]


def test_an_approved_move_is_made_and_small_sales_need_none() -> None:
    assert moved(SALE, PLAN, StageId("deal"), NOON, approvals=[approval()]).stage_id == "deal"
    small = attrs.evolve(SALE, amount=Money(1000, "EUR"))
    assert moved(small, PLAN, StageId("deal"), NOON).stage_id == "deal"
    # What cannot be compared is not waved through.
    for amount in (None, Money(1, "USD")):
        unclear = attrs.evolve(SALE, amount=amount, currency=None)
        assert move_problems(PLAN, StageId("new"), StageId("deal"), unclear)
    assert open_moves(PLAN, SALE) == ("closed",)
    assert open_moves(PLAN, SALE, [approval()]) == ("closed", "deal")
    with pytest.raises(InvalidRecord, match="approves above"):
        Stage(id=StageId("x"), name="X", stage=OpportunityStage.OPEN, approval_above=Money(1, "EUR"))


def change(stage: OpportunityStage, stage_id: str, day: int) -> StageChange:
    return StageChange(at=NOON + timedelta(days=day), stage=stage, stage_id=StageId(stage_id))


LOST_THEN_OPEN = (
    change(OpportunityStage.QUALIFICATION, "new", 0),
    change(OpportunityStage.LOST, "closed", 1),
    change(OpportunityStage.NEGOTIATION, "deal", 9),
)


def test_a_lost_sale_that_was_reopened_is_found_and_is_a_breach_only_where_it_is_forbidden() -> None:
    sale = attrs.evolve(
        SALE, stage=OpportunityStage.NEGOTIATION, stage_id=StageId("deal"), stage_history=LOST_THEN_OPEN
    )
    (again,) = reopenings(sale)
    assert (again.from_stage, again.reopened_at) == (OpportunityStage.LOST, NOON + timedelta(days=9))
    unknown = StageChange(at=again.closed_at, stage=OpportunityStage.UNKNOWN)
    between = attrs.evolve(sale, stage_history=(*LOST_THEN_OPEN[:2], unknown, *LOST_THEN_OPEN[2:]))
    assert reopenings(between) == (again,)
    (note,) = sale_problems([sale], DAY, [PLAN])
    assert (note.severity, "and reopened" in note.what) == (Severity.NOTE, True)
    strict = attrs.evolve(PLAN, allows_reopening=False)
    assert any("may not be left" in problem.what for problem in sale_problems([sale], DAY, [strict]))


def test_a_sale_was_closed_when_it_first_was_whatever_was_corrected_since() -> None:
    corrected = change(OpportunityStage.LOST, "closed", 5)
    sale = attrs.evolve(SALE, stage_history=(*LOST_THEN_OPEN[:2], corrected, *LOST_THEN_OPEN[2:]))
    (again,) = reopenings(sale)
    assert (again.closed_at, again.reopened_at) == (LOST_THEN_OPEN[1].at, LOST_THEN_OPEN[2].at)


def test_a_history_whose_end_nobody_knows_contradicts_nothing() -> None:
    unknown = attrs.evolve(change(OpportunityStage.UNKNOWN, "new", 9), stage_id=SALE.stage_id)
    assert sale_problems([attrs.evolve(SALE, stage_history=(unknown,))], DAY, [PLAN]) == ()


@pytest.mark.parametrize(
    ("facts", "field", "what"),
    [
        ({"amount": None, "currency": None, "lines": ()}, "amount", "is not stated"),
        ({"amount": Money(-1, "EUR")}, "amount", "is below zero"),
        ({"amount": Money(0, "EUR")}, "amount", "is zero"),
        ({"splits": (Split(owner=UserId("u"), portion=Decimal("0.4")),)}, "splits", "nobody is credited"),
        ({"stage": OpportunityStage.WON, "stage_id": "won"}, "closed_on", "is not stated"),
        ({"expected_close_on": date(2026, 5, 6)}, "expected_close_on", "has passed"),
        ({"created_on": DAY, "closed_on": date(2026, 5, 6)}, "closed_on", "before its creation"),
        ({"stage": OpportunityStage.UNKNOWN, "stage_id": None}, "stage", "is not known"),
        ({"lines": (OpportunityLine(id=LineId("1"), unit_price=UnitPrice(5, "USD")),)}, "lines", "one currency"),
        ({"recurring_amount": Money(1, "EUR"), "recurring_every": Tenor(months=1)}, "recurring_amount", "in a year"),
        ({"stage_history": LOST_THEN_OPEN[:2]}, "stage", "where its history ends"),
        ({"stage_id": "archive"}, "stage_id", "is not in the pipeline"),
        ({"stage_id": "deal"}, "stage", "is not what Deal stands for"),
    ],
)
def test_each_thing_wrong_with_a_sale_is_named(facts: dict[str, Any], field: str, what: str) -> None:
    assert sale_problems([SALE], DAY, [PLAN]) == ()
    found = sale_problems([attrs.evolve(SALE, **facts)], DAY, [PLAN])
    assert [(p.where, p.field) for p in found] == [("opportunity o", field)]
    assert what in found[0].what


def test_a_sale_in_another_currency_than_its_pipeline_is_named() -> None:
    dollars = attrs.evolve(PLAN, currency="USD")
    assert [p.field for p in sale_problems([SALE], DAY, [dollars])] == ["currency"]


def activity(key: str, kind: ActivityKind, day: int, direction: Direction | None = None, **facts: Any) -> Activity:
    usual: dict[str, Any] = {"account": "a", "started_at": datetime(2026, 5, day, 10, tzinfo=UTC), "owner": "u"}
    return Activity(id=ActivityId(key), kind=kind, direction=direction, **{**usual, **facts})


ANSWER = FollowUpRule(name="answer a mail", kind=ActivityKind.EMAIL, direction=Direction.INBOUND, days=2)


def test_a_mail_nobody_answered_falls_due_after_its_business_days() -> None:
    # Thursday 7 May 2026; two business days later is Monday the 11th.
    mail = activity("m", ActivityKind.EMAIL, 7, Direction.INBOUND)
    reply = activity("r", ActivityKind.EMAIL, 8, Direction.OUTBOUND)
    note = activity("n", ActivityKind.NOTE, 8)
    other = attrs.evolve(reply, account=AccountId("b"))
    on = date(2026, 5, 12)
    (due,) = follow_ups([mail, note, other], on, [ANSWER], calendar=MONDAY_TO_FRIDAY)
    assert (due.reason, due.due_on, due.owner) == (FollowUpReason.UNANSWERED, date(2026, 5, 11), "u")
    assert "answer a mail" in due.why.en
    assert follow_ups([mail], date(2026, 5, 11), [ANSWER], calendar=MONDAY_TO_FRIDAY) == ()
    assert follow_ups([mail, reply], on, [ANSWER], calendar=MONDAY_TO_FRIDAY) == ()
    # What is planned is no contact yet.
    later = activity("l", ActivityKind.CALL, 20, Direction.OUTBOUND)
    assert len(follow_ups([mail, later], on, [ANSWER], calendar=MONDAY_TO_FRIDAY)) == 1


@pytest.mark.parametrize(
    ("direction", "is_done", "spoke", "answers"),
    [
        (Direction.OUTBOUND, True, True, True),
        (Direction.OUTBOUND, None, True, True),
        (Direction.OUTBOUND, False, False, False),
        (None, False, False, False),
        # What the customer sent has reached us, whatever is still to be done about it.
        (Direction.INBOUND, False, True, False),
    ],
)
def test_a_call_that_was_planned_and_not_made_is_no_contact(
    direction: Direction | None, is_done: bool | None, spoke: bool, answers: bool
) -> None:
    mail = activity("m", ActivityKind.EMAIL, 7, Direction.INBOUND)
    call = activity("c", ActivityKind.CALL, 8, direction, is_done=is_done)
    assert [a.id for a in interactions([mail, call], AccountId("a"))] == ["c", "m"][not spoke :]
    owed = follow_ups([mail, call], date(2026, 5, 20), [ANSWER])
    assert len(owed) == (not answers)
    silent = follow_ups([call], date(2026, 5, 20), silence_days={AccountId("a"): 30})
    assert len(silent) == (not spoke)


def test_silence_and_overdue_tasks_are_named_longest_first() -> None:
    task = Activity(id=ActivityId("t"), kind=ActivityKind.TASK, due_on=date(2026, 5, 1))
    call = activity("c", ActivityKind.CALL, 1)
    limits = {AccountId("a"): 7, AccountId("b"): 7}
    found = follow_ups([task, call], date(2026, 5, 9), silence_days=limits)
    assert [(f.reason, f.account) for f in found] == [
        (FollowUpReason.OVERDUE, None),
        (FollowUpReason.SILENCE, "a"),
        (FollowUpReason.SILENCE, "b"),
    ]
    assert [f.account for f in follow_ups([call], date(2026, 5, 8), silence_days=limits)] == ["b"]


@pytest.mark.parametrize(
    ("days", "en", "fr"),
    [(0, "more than 0 days ago", "0 jour"), (1, "more than 1 day ago", "1 jour"), (2, "2 days ago", "2 jours")],
)
def test_a_silence_of_one_day_is_told_of_one_day(days: int, en: str, fr: str) -> None:
    call = activity("c", ActivityKind.CALL, 1)
    (silent,) = follow_ups([call], date(2026, 5, 9), silence_days={AccountId("a"): days})
    assert silent.why.en.endswith(en)
    assert silent.why.fr.endswith(f"plus de {fr}")


@pytest.mark.parametrize(
    ("facts", "seen", "owed"),
    [
        ({"is_done": True, "finished_at": datetime(2026, 5, 10, 9, tzinfo=UTC)}, 9, True),
        ({"is_done": True, "finished_at": datetime(2026, 5, 10, 9, tzinfo=UTC)}, 10, False),
        ({"is_done": True}, 9, False),
        # Planned anew is not done.
        ({"is_done": False, "started_at": datetime(2026, 5, 20, 9, tzinfo=UTC)}, 9, True),
        ({}, 1, False),
        ({}, 2, True),
    ],
)
def test_a_task_is_overdue_until_the_day_it_was_done(facts: dict[str, Any], seen: int, owed: bool) -> None:
    task = Activity(id=ActivityId("t"), kind=ActivityKind.TASK, due_on=date(2026, 5, 1), **facts)
    found = follow_ups([task], date(2026, 5, seen))
    assert [due.reason for due in found] == [FollowUpReason.OVERDUE] * owed


def test_interactions_come_latest_first_and_only_those_with_the_account() -> None:
    found = interactions(
        [
            activity("1", ActivityKind.CALL, 1),
            activity("2", ActivityKind.MEETING, 2),
            activity("3", ActivityKind.NOTE, 3),
            activity("4", ActivityKind.CALL, 4, account="b"),
            Activity(id=ActivityId("5"), kind=ActivityKind.CALL, account=AccountId("a")),
        ],
        AccountId("a"),
    )
    assert [a.id for a in found] == ["2", "1"]


NORTH = Territory(id=TerritoryId("n"), name="North", condition=Where("country", Comparison.EQUALS, "FR"))
SOUTH = Territory(id=TerritoryId("s"), name="South", condition=Where("country", Comparison.EQUALS, "ES"))
TEAM = (
    Seller(user=UserId("ada"), capacity=4, territories=(NORTH.id, SOUTH.id)),
    Seller(user=UserId("bob"), capacity=2, territories=(NORTH.id,)),
    Seller(user=UserId("eve"), capacity=9, territories=(NORTH.id,), available=False),
)


def firm(key: str, country: str | None = "FR") -> Account:
    return Account(id=AccountId(key), name=key, country=country)


def test_owners_are_chosen_by_load_with_the_reasons() -> None:
    found = allocate([firm(str(n)) for n in range(7)], TEAM, [NORTH, SOUTH], {UserId("ada"): 1})
    # loads: bob 0/2 first, then ada 1/4, bob 1/2 is more than ada 2/4? equal: the one with more room
    assert [a.owner for a in found] == ["bob", "ada", "ada", "bob", "ada", None, None]
    assert found[0].why.en == "North, with the smallest load: 0 of 2"
    assert {p.user: p.why.en for p in found[0].passed_over} == {"ada": "is more loaded: 1 of 4", "eve": "is away"}
    assert found[5].why.en == "nobody in North has room"
    assert {p.user: p.why.en for p in found[5].passed_over}[UserId("bob")] == "is full: 2 of 2"


def test_a_record_no_territory_takes_in_is_given_to_nobody_and_says_so() -> None:
    found = allocate([firm("a", "DE"), firm("b", None), firm("c", "ES")], TEAM, [NORTH, SOUTH])
    assert [a.owner for a in found] == [None, None, "ada"]
    assert found[0].why.en == "no territory takes it in"
    assert found[1].why.en == "it cannot be said whether it belongs to North, South"


@pytest.mark.parametrize(
    ("sellers", "what"),
    [
        ((TEAM[0], TEAM[0]), "each seller once"),
        ((attrs.evolve(TEAM[0], territories=(TerritoryId("x"),)),), "that is given"),
    ],
)
def test_a_team_that_cannot_be_is_refused(sellers: tuple[Seller, ...], what: str) -> None:
    with pytest.raises(InvalidRecord, match=what):
        allocate([], sellers, [NORTH])


def test_what_is_listed_twice_is_not_given_twice() -> None:
    with pytest.raises(InvalidRecord, match="each record once"):
        allocate([firm("1"), firm("2"), firm("1")], TEAM[:1], [NORTH, SOUTH])
    with pytest.raises(InvalidRecord, match="each territory once"):
        allocate([firm("1")], TEAM[:1], [NORTH, SOUTH, attrs.evolve(SOUTH, id=NORTH.id)])


@pytest.mark.parametrize("number", [-1, True, 0.5, "3"])
def test_a_seller_holds_a_whole_number_of_records(number: Any) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        allocate([firm("1")], TEAM[:1], [NORTH, SOUTH], {UserId("ada"): number})
    assert (refusal.value.record, refusal.value.value) == ("Seller ada", number)


@pytest.mark.parametrize("days", [-1, True, 0.5, "3"])
def test_a_silence_lasts_a_whole_number_of_days(days: Any) -> None:
    with pytest.raises(InvalidRecord, match="a whole number of zero or more"):
        follow_ups([], DAY, silence_days={AccountId("a"): days})


@given(st.lists(st.sampled_from(["FR", "ES", "DE", None]), max_size=12), st.randoms(use_true_random=False))
def test_allocation_never_overfills_and_ignores_the_order(countries: list[str | None], chance: Any) -> None:
    records = [firm(f"{n:02}", country) for n, country in enumerate(countries)]
    found = allocate(records, TEAM, [NORTH, SOUTH])
    for seller in TEAM:
        assert sum(a.owner == seller.user for a in found) <= seller.capacity
    shuffled, team = list(records), list(TEAM)
    chance.shuffle(shuffled)
    chance.shuffle(team)
    assert allocate(shuffled, team, [NORTH, SOUTH]) == found
