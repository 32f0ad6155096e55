"""Everything Navigator read comes in, exactly; its dates are computed again; and nothing is ever written."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from docusign_desk import MovableClock, judged, needs_descriptions, validator

from clmcrm.adapters.navigator.agreements import BUDGETS, HOLDS, NavigatorAgreements, raw_of
from clmcrm.adapters.navigator.checks import date_problems
from clmcrm.adapters.navigator.leaves import NESTED, exact
from clmcrm.adapters.navigator.provisions import FACTS, PAYMENT_DAYS, RENEWALS
from clmcrm.adapters.navigator.reading import SYSTEM, contract_of
from clmcrm.clm.clauses import ClauseFact, LiabilityCap, PaymentClause
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause, TerminationRight
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.errors import AdapterError, MalformedReply, RefusedError, TerminalError, Unsupported
from clmcrm.liaison.views import record_of
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind, Remove, Result, Update, Write
from clmcrm.ports.systems import FlowSystem
from clmcrm.testing.closed.right_values import CannotMake, Maker
from clmcrm.testing.vendors.navigator import ACCOUNT, ORIGIN, TOKEN, FakeNavigator
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.values.ids import Ref
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor

NAVIGATOR = "docusign_navigator.json"


def agreement(number: int = 1, **provisions: Any) -> dict[str, Any]:
    return {"id": f"48e593bd-73e8-455f-92e7-{number:012d}", "title": f"Agreement {number}", "provisions": provisions}


WHOLE: dict[str, Any] = {
    **agreement(
        7, effective_date="2024-09-01T00:00:00+02:00", expiration_date="2027-08-31T00:00:00+02:00",
        execution_date="2024-08-15T11:45:00+02:00", term_length="P3Y", total_agreement_value=150000.5,
        total_agreement_value_currency_code="USD", annual_agreement_value=50000,
        annual_agreement_value_currency_code="USD", assignment_type="YES_WITH_CONDITIONS",
        assignment_change_of_control="NO_OR_CONSENT_REQUIRED", assignment_termination_rights="YES",
        governing_law="California", jurisdiction="San Francisco", nda_type="MUTUAL",
        confidentiality_obligation_period="P5Y", payment_terms_due_date="THIRTY_DAYS",
        can_charge_late_payment_fees=True, late_payment_fee_percent=1.5, price_cap_percent_increase=5,
        liability_cap_fixed_amount=100000, liability_cap_currency_code="USD", liability_cap_multiplier=1.5,
        liability_cap_duration="P1Y", renewal_type="AUTO_RENEW", renewal_notice_period="P90D",
        renewal_notice_date="2027-06-03T00:00:00+02:00", auto_renewal_term_length="P1Y",
        renewal_extension_period="P6M", renewal_process_owner="199b3cc9-ec67-47a5-9dff-04ff091d4ca3",
        renewal_additional_info="ask first", termination_period_for_cause="P30D",
        termination_period_for_convenience="P3M",
    ),
    "type": "Master services agreement", "category": "Services", "status": "COMPLETE", "file_name": "msa.pdf",
    "summary": "A summary.", "review_status": "COMPLETE", "review_completed_at": "2024-10-17T14:30:00Z",
    "parties": [{"id": "p-1", "name_in_agreement": "ACME, INC"}, {"id": "p-2", "preferred_name": "Tally"}],
    "languages": ["en-US"], "source_name": "Docusign eSign", "source_id": "8ade6915-d04b-40d6-bb6f-9c6ba6aa1bb5",
    "source_account_id": "3b324aff", "document_id": "d-1", "custom_provisions": {"Uplift": 2.5, "Nested": {"a": [1]}},
    "related_agreement_documents": {"parent_agreement_document_id": "77b85334-6da9-4f08-a516-f8f029d8c3c5"},
    "linked_data": [{"application_name": "Salesforce", "object_name": "Opportunity", "record_id": "006"}],
    "metadata": {"created_at": "2024-02-01T00:00:00Z", "created_by": "u-1", "modified_at": "2024-10-17T14:30:59Z"},
    "_links": {"document": {"href": f"{ORIGIN}/documents/7"}},
}  # fmt: skip


class Room:
    def __init__(self, rows: list[dict[str, Any]], *, page: int = 100, most: int = 100, **more: Any) -> None:
        self.fake = FakeNavigator(rows, most=most)
        self.front = judged(self.fake, NAVIGATOR)
        self.transport = InProcess(self.front, ORIGIN)
        self.source = NavigatorAgreements(ACCOUNT, origin=ORIGIN, page=page, **more)
        shelf = MemoryTokenShelf(Token(access=Secret(TOKEN)))
        authority = Authority(vendor=SYSTEM, shelf=shelf, renew=lambda _: iter(()))  # type: ignore[arg-type,return-value] # never renewed
        desk = Desk(
            clock=MovableClock(), budgets=Budgets(BUDGETS), authorities={SYSTEM: authority}, policy=Policy(tries=1)
        )
        self.run = Driver(self.transport, desk, sleep=lambda _: None).run

    def pull(self) -> list[Any]:
        seen: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.run(self.source.changes(Kind.CONTRACT, cursor))
            seen += page.seen
            cursor = page.cursor
            if not page.more:
                return seen


def parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(row), parse_float=Decimal)
    return found


# What comes in.


def test_every_provision_has_its_place() -> None:
    seen = contract_of(parsed(WHOLE))
    assert seen.term == TermClause(initial=Tenor(years=3), ends_on=date(2027, 8, 31))
    assert seen.renewal == RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1))
    assert seen.notice == NoticeClause(length=Tenor(days=90))
    assert (seen.executed_on, seen.effective_on) == (date(2024, 8, 15), date(2024, 9, 1))
    assert (seen.total_value, seen.annual_value) == (Money("150000.50", "USD"), Money(50000, "USD"))
    assert (seen.kind, seen.kind_detail, seen.governing_law) == (
        ContractKind.CUSTOM,
        "Master services agreement",
        "California",
    )
    assert seen.names_in_text == ("ACME, INC", "Tally")
    assert seen.parent == "77b85334-6da9-4f08-a516-f8f029d8c3c5"
    assert seen.ref("docusign") == Ref("docusign", "envelope", "8ade6915-d04b-40d6-bb6f-9c6ba6aa1bb5")
    assert seen.ref("Salesforce") == Ref("Salesforce", "Opportunity", "006")
    assert PaymentClause(days=30) in seen.clauses
    assert TerminationRight(for_cause=True, notice=Tenor(days=30)) in seen.clauses
    assert TerminationRight(notice=Tenor(months=3)) in seen.clauses
    assert LiabilityCap(amount=Money(100000, "USD")) in seen.clauses
    assert LiabilityCap(multiple=Decimal("1.5"), per=Tenor(years=1)) in seen.clauses
    answers = {fact.category: fact.answer for fact in seen.clauses if isinstance(fact, ClauseFact)}
    assert answers == {
        "Assignment": "YES_WITH_CONDITIONS", "Change Of Control": "NO_OR_CONSENT_REQUIRED",
        "Assignment Termination Rights": "YES", "Confidentiality Obligation Period": "P5Y",
        "Jurisdiction": "San Francisco", "NDA Type": "MUTUAL", "Late Payment Fees": "yes",
        "Late Payment Fee Percent": "1.5", "Price Cap Percent Increase": "5",
    }  # fmt: skip


def test_what_no_field_of_ours_holds_is_kept_as_it_was() -> None:
    room = Room([WHOLE])
    (seen,) = room.pull()
    kept = raw_of(seen)
    assert kept["provisions.renewal_notice_date"] == "2027-06-03T00:00:00+02:00"
    assert kept["provisions.effective_date"] == "2024-09-01T00:00:00+02:00"  # its hour and zone
    assert kept["custom_provisions"] == {"Uplift": "2.5", "Nested": {"a": [1]}}
    assert kept["provisions.renewal_extension_period"] == "P6M"
    assert kept["status"] == "COMPLETE"
    assert "provisions.term_length" not in kept
    read = record_of(contract_of(parsed(WHOLE)).__class__, seen, SYSTEM)
    assert to_fields(read)["renewal"] == {"is": "renewal_clause", "kind": "tacit", "length": "P1Y"}
    assert set(seen.fields) <= HOLDS


def test_the_kinds_of_an_account_are_those_it_was_told() -> None:
    room = Room([WHOLE], kinds={"master services agreement": ContractKind.SALES})
    assert room.pull()[0].fields["kind"] == "sales"


@pytest.mark.parametrize("code", sorted(PAYMENT_DAYS))
def test_every_code_of_payment_terms_is_days_or_a_fact_or_silence(code: str) -> None:
    seen = contract_of(agreement(payment_terms_due_date=code))
    days = PAYMENT_DAYS[code]
    if days is not None:
        assert seen.clauses == (PaymentClause(days=days),)
    elif code == "SILENT":
        assert (seen.clauses, dict(kept_of(seen))["provisions.payment_terms_due_date"]) == ((), "SILENT")
    else:
        assert seen.clauses == (ClauseFact(category="Payment Terms", answer=code),)


@needs_descriptions
def test_our_codes_are_those_of_the_description() -> None:
    schemas = validator(NAVIGATOR).description.tree["components"]["schemas"]
    values = {
        name: set(schemas[name]["properties"]["values"]["default"]) for name in schemas if name.endswith("Options")
    }
    assert set(PAYMENT_DAYS) == values["PaymentTermsDueDateOptions"]
    assert set(RENEWALS) == values["RenewalTypeOptions"]


@needs_descriptions
@pytest.mark.parametrize("seed", range(60))
def test_every_value_that_the_description_declares_has_a_field_or_is_kept(seed: int) -> None:
    description = validator(NAVIGATOR).description
    try:
        row = Maker(description, random.Random(seed)).value(  # noqa: S311 - what must be repeatable
            {"$ref": "#/components/schemas/Agreement"}, 0
        )
    except CannotMake:
        pytest.skip("no agreement can be made from this seed")
    seen = contract_of(parsed(row))
    kept = dict(kept_of(seen))
    for path, value in leaves_of(parsed(row)):
        if path in kept:
            assert kept[path] == exact(value), path
        else:
            assert path in HELD, (path, value)
    assert from_fields(type(seen), to_fields(seen)) == seen


HELD = {
    "id", "title", "file_name", "type", "languages", "related_agreement_documents.parent_agreement_document_id",
    *(f"provisions.{name}" for name in (
        "term_length", "renewal_type", "renewal_notice_period", "auto_renewal_term_length", "renewal_extension_period",
        "renewal_process_owner", "governing_law", "termination_period_for_cause", "termination_period_for_convenience",
        "payment_terms_due_date", "total_agreement_value", "total_agreement_value_currency_code",
        "annual_agreement_value", "annual_agreement_value_currency_code", "liability_cap_fixed_amount",
        "liability_cap_currency_code", "liability_cap_multiplier", "liability_cap_duration", *FACTS,
    )),
}  # fmt: skip
"""The values that a field of ours may hold whole; every other one is kept."""


def kept_of(seen: Any) -> Iterator[tuple[str, Any]]:
    for one in seen.extras:
        yield one.field, one.raw


def leaves_of(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        inner = value.items() if name in NESTED and isinstance(value, dict) else [(None, value)]
        for key, one in inner:
            if one not in (None, "", [], {}):
                yield (name if key is None else f"{name}.{key}"), one


# What is only half known stays so.


@pytest.mark.parametrize(
    ("provisions", "why"),
    [
        ({}, "Navigator extracted none"),
        ({"renewal_type": "PERPETUAL"}, "a renewal type that is not documented"),
        ({"renewal_type": "AUTO_RENEW"}, "the length of a further term was not extracted"),
        ({"renewal_type": "OPTION_TO_RENEW", "renewal_extension_period": "PT5H"}, "was not extracted"),
        ({"renewal_type": "EVERGREEN", "auto_renewal_term_length": "P1Y"}, "renewed or without end?"),
    ],
)
def test_a_renewal_that_is_not_clear_is_unknown_with_its_reason(provisions: dict[str, Any], why: str) -> None:
    seen = contract_of(agreement(**provisions))
    assert isinstance(seen.renewal, Unknown)
    assert why in str(seen.renewal)
    assert {path for path, _ in kept_of(seen)} == {f"provisions.{name}" for name in provisions}


@pytest.mark.parametrize("length", ["P0D", "PT24H", "P1.5W", "P-3M", "three years", "P"])
def test_a_length_that_cannot_be_counted_is_unknown_and_kept(length: str) -> None:
    seen = contract_of(agreement(term_length=length, renewal_notice_period=length))
    assert isinstance(seen.term, Unknown)
    assert isinstance(seen.notice, Unknown)
    assert (seen.term.raw, seen.notice.raw) == (length, length)
    assert dict(kept_of(seen))["provisions.term_length"] == length


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2024-09-01T00:00:00+02:00", date(2024, 9, 1)),
        ("2024-09-01T00:00:00", date(2024, 9, 1)),
        ("2024-09-01", date(2024, 9, 1)),
        ("2024-08-31T22:00:00Z", date(2024, 8, 31)),
        ("2024-09-01T00:00:00.000-0800", date(2024, 9, 1)),
    ],
)
def test_a_day_is_the_day_that_is_written(told: str, day: date) -> None:
    assert contract_of(agreement(effective_date=told)).effective_on == day


def test_with_a_zone_a_moment_in_utc_is_the_day_it_was_there() -> None:
    row = agreement(effective_date="2024-08-31T22:00:00Z")
    assert contract_of(row, zone=ZoneInfo("Europe/Paris")).effective_on == date(2024, 9, 1)


@pytest.mark.parametrize("told", ["31/08/2024", 7, "2024-02-30", "", "soon"])
def test_what_is_no_date_is_unknown_and_kept(told: Any) -> None:
    seen = contract_of(agreement(effective_date=told))
    assert isinstance(seen.effective_on, Unknown)
    assert told == "" or dict(kept_of(seen))["provisions.effective_date"] == told


@pytest.mark.parametrize(
    ("told", "zone"), [("0001-01-01T00:00:00Z", "America/New_York"), ("9999-12-31T23:59:59Z", "Europe/Paris")]
)
def test_a_day_that_no_calendar_holds_in_the_zone_is_unknown_and_kept(told: str, zone: str) -> None:
    """Such as the least date of .NET, which stands for none."""
    seen = contract_of(agreement(expiration_date=told, term_length="P1Y"), zone=ZoneInfo(zone))
    assert isinstance(seen.term, TermClause)
    assert isinstance(seen.term.ends_on, Unknown)
    assert dict(kept_of(seen))["provisions.expiration_date"] == told


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(1.005, "USD"), (5, None), (None, "USD"), (5, "XXXX"), ("many", "USD"), (True, "USD"), ("1_000", "USD")],
)
def test_an_amount_that_is_none_is_kept_and_no_money(amount: Any, currency: Any) -> None:
    row = agreement(total_agreement_value=amount, total_agreement_value_currency_code=currency)
    seen = contract_of(parsed(row))
    assert seen.total_value is None
    kept = dict(kept_of(seen))
    for name, value in row["provisions"].items():
        assert value is None or kept[f"provisions.{name}"] == exact(parsed({"a": value})["a"])


@pytest.mark.parametrize("amount", [0, -5])
def test_a_cap_of_nought_or_less_is_no_clause_and_is_kept(amount: int) -> None:
    row = agreement(
        liability_cap_fixed_amount=amount, liability_cap_currency_code="USD", liability_cap_multiplier=amount,
        liability_cap_duration="P1Y",
    )  # fmt: skip
    seen = contract_of(row)
    assert seen.clauses == ()
    assert dict(kept_of(seen)) == {f"provisions.{name}": value for name, value in row["provisions"].items()}


# Its dates, computed again.


def test_a_notice_date_that_does_not_follow_from_the_clauses_is_flagged() -> None:
    problems = date_problems(contract_of(parsed(WHOLE)), date(2026, 1, 15))
    texts = [str(one) for one in problems]
    assert any("navigator notice date '2027-06-03'" in one and "expected" in one for one in texts), texts


def test_a_notice_date_that_follows_is_not_flagged() -> None:
    found = date_problems(contract_of(parsed(WHOLE)), date(2026, 1, 15))
    (right,) = [one.expected for one in found if "notice date" in one.field]
    row = parsed(WHOLE)
    row["provisions"]["renewal_notice_date"] = f"{right[:10]}T00:00:00Z"
    assert not [one for one in date_problems(contract_of(row), date(2026, 1, 15)) if "notice date" in one.field]


def test_a_notice_date_of_the_first_term_is_named_as_such_in_a_later_term() -> None:
    row = agreement(
        effective_date="2020-01-01", term_length="P1Y", renewal_type="AUTO_RENEW", auto_renewal_term_length="P1Y",
        renewal_notice_period="P3M", renewal_notice_date="2020-09-30T00:00:00Z",
    )  # fmt: skip
    assert any("first term" in str(one) for one in date_problems(contract_of(row), date(2026, 1, 15)))


def test_an_end_that_does_not_follow_from_the_length_is_flagged() -> None:
    row = agreement(effective_date="2024-09-01", expiration_date="2029-09-01", term_length="P3Y")
    assert any("2029-09-01" in str(one) for one in date_problems(contract_of(row), date(2026, 1, 15)))


def test_a_day_that_was_written_as_a_moment_is_flagged() -> None:
    row = agreement(effective_date="2024-08-31T22:00:00Z")
    assert any("is a moment and not a day" in str(one) for one in date_problems(contract_of(row), date(2026, 1, 15)))


def test_the_dates_of_an_account_that_writes_utc_are_compared_as_they_were_read() -> None:
    row = agreement(
        effective_date="2025-05-31T22:00:00Z", expiration_date="2026-05-30T22:00:00Z", renewal_type="AUTO_RENEW",
        auto_renewal_term_length="P1Y", renewal_notice_period="P3M", renewal_notice_date="2026-02-27T23:00:00Z",
    )  # fmt: skip
    paris = ZoneInfo("Europe/Paris")
    assert date_problems(contract_of(row, zone=paris), date(2026, 1, 15), zone=paris) == ()


# The list, and what it proves.


def test_it_is_a_source_and_says_so() -> None:
    room = Room([WHOLE])
    source: FlowSystem = room.source
    able = source.capabilities
    assert able.kinds == {"contract"}
    assert not any((able.creates, able.tells_deletes, able.tells_merges, able.marks))
    writes: list[Write] = [
        Create(kind=Kind.CONTRACT, mark="m", fields={}), Update(kind=Kind.CONTRACT, key="k", fields={}, expected=""),
        Remove(kind=Kind.CONTRACT, key="k", expected=""),
    ]  # fmt: skip
    outcomes = room.run(source.write(writes))
    assert {outcome.result for outcome in outcomes} == {Result.REFUSED}
    with pytest.raises(Unsupported, match="keeps none"):
        _ = room.run(source.find(Kind.CONTRACT, "m"))
    assert room.transport.calls == 0
    with pytest.raises(TerminalError, match="does not hold account"):
        _ = room.run(source.changes(Kind.ACCOUNT, None))


def test_a_thousand_agreements_are_ten_calls() -> None:
    room = Room([agreement(number) for number in range(1000)])
    seen = room.pull()
    assert (len({one.key for one in seen}), room.transport.calls) == (1000, 10)
    assert room.front.refused == []


def test_the_version_changes_with_the_agreement_and_not_with_the_reply() -> None:
    room = Room([WHOLE, agreement(8)])
    first = {one.key: one.version for one in room.pull()}
    assert {one.key: one.version for one in room.pull()} == first
    (read,) = room.run(room.source.read(Kind.CONTRACT, [WHOLE["id"], "48e593bd-73e8-455f-92e7-00000000ffff"]))
    assert read.version == first[WHOLE["id"]]
    room.fake.rows[0]["provisions"]["price_cap_percent_increase"] = 6
    second = {one.key: one.version for one in room.pull()}
    assert {key for key in first if first[key] != second[key]} == {WHOLE["id"]}


def test_an_agreement_that_cannot_be_read_is_shown_as_such_and_the_others_go_on() -> None:
    row = {**agreement(2), "parties": 7, "languages": [1], "metadata": {"modified_at": "yesterday"}}
    seen = Room([agreement(1), row, agreement(3)]).pull()
    assert [bool(one.unreadable) for one in seen] == [False, True, False]
    assert "yesterday" in seen[1].unreadable


@pytest.mark.parametrize("hostile", ["html", "torn", "error in 200", "list", "foreign link", "no token", "no data"])
def test_what_is_no_list_is_an_error_and_deletes_nothing(hostile: str) -> None:
    room = Room([WHOLE])
    room.fake.hostile = hostile
    with pytest.raises(AdapterError) as refused:
        _ = room.pull()
    assert TOKEN not in str(refused.value)


NEXT = "https://api.docusign.com/v1/accounts/1/agreements?ctoken=x"


@pytest.mark.parametrize(
    "links",
    [{"next": NEXT}, {"next": {"href": 7}}, {"next": {"href": ""}}, {"next": {}}, {"next": [NEXT]}, NEXT, 7],
    ids=str,
)
def test_what_is_no_link_to_the_next_page_is_not_taken_for_the_end(links: object) -> None:
    """The description has an object with an address, or null; pages behind another thing would never be told."""
    flow = NavigatorAgreements(ACCOUNT, origin=ORIGIN).changes(Kind.CONTRACT, None)
    _ = next(flow)
    told = json.dumps({"data": [], "_links": links}).encode()
    with pytest.raises(MalformedReply, match="no link to a page"):
        _ = flow.send(Reply(status=200, headers={"content-type": "application/json"}, body=told))


@pytest.mark.parametrize(
    "told", [{}, {"_links": None}, {"_links": {}}, {"_links": {"next": None, "self": {"href": NEXT}}}]
)
def test_a_page_without_a_link_to_a_next_one_is_the_last(told: dict[str, object]) -> None:
    flow = NavigatorAgreements(ACCOUNT, origin=ORIGIN).changes(Kind.CONTRACT, None)
    _ = next(flow)
    with pytest.raises(StopIteration) as end:
        _ = flow.send(
            Reply(
                status=200, headers={"content-type": "application/json"}, body=json.dumps({"data": [], **told}).encode()
            )
        )
    assert not end.value.value.more


@pytest.mark.parametrize("href", ["http://[::1", "//[x?ctoken=1"])
def test_a_link_that_is_no_address_is_a_typed_error(href: str) -> None:
    flow = NavigatorAgreements(ACCOUNT, origin=ORIGIN).changes("contract", None)
    _ = next(flow)
    told = json.dumps({"data": [], "_links": {"next": {"href": href}}})
    with pytest.raises(MalformedReply, match="no address"):
        _ = flow.send(Reply(status=200, headers={"content-type": "application/json"}, body=told.encode()))


def test_a_link_to_another_host_is_named_and_its_token_not_used() -> None:
    room = Room([WHOLE])
    room.fake.hostile = "foreign link"
    with pytest.raises(MalformedReply, match=r"another host: 'evil\.example'"):
        _ = room.pull()
    assert room.transport.calls == 1


def test_a_list_that_goes_round_in_circles_is_an_error() -> None:
    room = Room([WHOLE])
    room.fake.hostile = "endless"
    with pytest.raises(MalformedReply, match="the next page is this one"):
        _ = room.pull()


@pytest.mark.parametrize("cursor", ["", "x", "[]", "[1]", '["a","b"]', "{}"])
def test_a_cursor_it_never_gave_is_refused(cursor: str) -> None:
    if cursor == "":
        return
    with pytest.raises(TerminalError, match="no cursor"):
        _ = Room([WHOLE]).run(NavigatorAgreements(ACCOUNT, origin=ORIGIN).changes(Kind.CONTRACT, cursor))


def test_a_lost_permission_is_an_error_and_no_absence() -> None:
    room = Room([WHOLE])
    other = NavigatorAgreements("another", origin=ORIGIN)
    with pytest.raises(RefusedError):
        _ = room.run(other.changes(Kind.CONTRACT, None))


@pytest.mark.parametrize("told", ["2024-W05", "2024W05", "2024-W05T00:00:00Z", "2024-09", "202409", "2024"])
def test_a_date_without_a_day_is_unknown_with_its_words(told: str) -> None:
    """Python reads a week as its Monday; the agreement does not say so."""
    seen = contract_of({"id": "a-1", "provisions": {"effective_date": told, "execution_date": told}})
    assert seen.effective_on == seen.executed_on == Unknown("it is no date", told)
    assert [one.raw for one in seen.extras] == [told, told]


def test_a_day_of_a_week_is_a_day() -> None:
    assert contract_of({"id": "a-1", "provisions": {"effective_date": "2024-W05-3"}}).effective_on == date(2024, 1, 31)
