"""What the feed tells, and what it believes: pages, lines, deletions on proof, merges, gaps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from salesforce_suite import NEW, ORIGIN, crm_of, driver_of, fake_org

from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.drivers.driver import Driver
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Kind, Page, Seen
from clmcrm.testing.vendors.salesforce.data import OrgData
from clmcrm.testing.vendors.salesforce.guarded import JudgedOrg, judged
from clmcrm.testing.vendors.serving import InProcess

OVERLAP = timedelta(seconds=30)


class Org:
    """An org that people work in, read by our adapter."""

    def __init__(self, page: int = 10, **more: object) -> None:
        self.judge: JudgedOrg = judged(fake_org())
        self.data: OrgData = self.judge.org.data
        self.crm: SalesforceCrm = crm_of(overlap=OVERLAP, page=page, **more)
        self.driver: Driver = driver_of(InProcess(self.judge, ORIGIN))

    def page(self, kind: str, cursor: str | None) -> Page:
        return self.driver.run(self.crm.changes(kind, cursor))

    def pull(self, kind: str, cursor: str | None = None) -> tuple[dict[str, Seen], str]:
        told: dict[str, Seen] = {}
        while True:
            page = self.page(kind, cursor)
            told.update({seen.key: seen for seen in page.seen})
            cursor = page.cursor
            if not page.more:
                assert not self.judge.refused, self.judge.refused[0]
                return told, cursor

    def account(self, name: str = "A") -> str:
        self.data.pass_time()
        return self.data.insert("Account", {"Name": name})

    def later(self, length: timedelta = timedelta(minutes=5)) -> None:
        self.data.pass_time(length)


def test_thousands_of_rows_of_one_second_are_told_once_each() -> None:
    org = Org(page=800)
    made = {org.data.insert("Account", {"Name": f"A{number}"}) for number in range(2_401)}
    told, _ = org.pull(Kind.ACCOUNT)
    assert told.keys() == made
    assert org.judge.org.calls == 1 + 4


def test_terms_that_somebody_has_spoilt_are_told_by_their_own_name_and_stop_no_page() -> None:
    org = Org(page=1)
    account = org.account()
    for number in range(3):
        values = {"AccountId": account, "Status": "Draft", "clmcrm_Key__c": f"t:{number}"}
        _ = org.data.insert("Contract", {**values, "clmcrm_Terms__c": '{"rate":1.5}'})
    told, _ = org.pull(Kind.CONTRACT_TERMS)
    assert len(told) == 3
    for one in told.values():
        assert one.changed_at is not None
        assert one.unreadable.startswith("Contract: JSON: $.rate is 1.5")


def test_a_page_that_the_org_cuts_short_is_gone_on_with() -> None:
    org = Org(page=50)
    org.judge.org.page = 7  # wide records come in shorter pages than asked for
    made = {org.account(f"A{number}") for number in range(40)}
    told, _ = org.pull(Kind.ACCOUNT)
    assert told.keys() == made
    read = org.driver.run(org.crm.read(Kind.ACCOUNT, sorted(made)))  # by the links to the next pages
    assert {seen.key for seen in read} == made


def test_a_line_that_changed_alone_tells_its_opportunity() -> None:
    org = Org()
    sale = org.data.insert("Opportunity", {"Name": "S", **NEW})
    other = org.data.insert("Opportunity", {"Name": "T", **NEW})
    line = org.data.insert("OpportunityLineItem", {"OpportunityId": sale, "Quantity": 2, "UnitPrice": 5})
    org.later()
    told, cursor = org.pull(Kind.OPPORTUNITY)
    assert told.keys() == {sale, other}
    org.later()
    org.data.update("OpportunityLineItem", line, {"Description": "the good one"})  # no amount changes
    after, cursor = org.pull(Kind.OPPORTUNITY, cursor)
    assert after.keys() == {sale}
    assert after[sale].version != told[sale].version
    (shown,) = after[sale].fields["lines"]  # type: ignore[misc,str-unpack] # one line
    assert shown == {
        "id": line, "position": 1, "quantity": "2", "description": "the good one",
        "unit_price": {"amount": "5", "currency": "EUR"},
    }  # fmt: skip
    org.later()
    _, cursor = org.pull(Kind.OPPORTUNITY, cursor)  # once more, for it lies within the overlap
    assert org.pull(Kind.OPPORTUNITY, cursor)[0] == {}


def test_the_next_window_begins_when_the_rows_were_asked_for_however_long_their_children_take() -> None:
    def replied(hour: int, told: object) -> Reply:
        headers = {"date": f"Thu, 07 May 2026 {hour}:00:00 GMT", "content-type": "application/json"}
        return Reply(status=200, headers=headers, body=json.dumps(told).encode())

    line = {"Id": "00k000000000001AAA", "Quantity": 1}
    left = {"totalSize": 2, "done": False, "records": [line], "nextRecordsUrl": "/services/data/v62.0/query/01g-1"}
    stamp = "2026-05-07T09:00:00.000+0000"
    sale = {"Id": "006000000000001AAA", "SystemModstamp": stamp, "OpportunityLineItems": left}
    replies = [
        replied(10, {"fields": [{"name": "Id"}, {"name": "SystemModstamp"}]}),
        replied(11, {"totalSize": 1, "done": True, "records": [sale]}),
        replied(13, {"totalSize": 2, "done": True, "records": [line]}),
    ]
    flow = crm_of(overlap=OVERLAP).changes(Kind.OPPORTUNITY, None)
    _ = next(flow)
    for reply in replies[:-1]:
        _ = flow.send(reply)
    with pytest.raises(StopIteration) as end:
        _ = flow.send(replies[-1])
    since = datetime.fromisoformat(json.loads(end.value.value.cursor)[0])
    assert since == datetime(2026, 5, 7, 11, tzinfo=UTC) - OVERLAP


def test_a_person_who_joins_a_sale_or_takes_another_part_in_it_tells_it() -> None:
    org = Org(page=1)
    sales = [org.data.insert("Opportunity", {"Name": name, **NEW}) for name in "ST"]
    person = org.data.insert("Contact", {"LastName": "Byron"})
    org.later()
    _, cursor = org.pull(Kind.OPPORTUNITY)
    org.later()
    roles = [org.data.insert("OpportunityContactRole", {"OpportunityId": one, "ContactId": person}) for one in sales]
    told, cursor = org.pull(Kind.OPPORTUNITY, cursor)
    assert {key: seen.fields["contacts"] for key, seen in told.items()} == {
        key: [{"contact": person, "role": "other"}] for key in sales
    }
    org.later()
    _, cursor = org.pull(Kind.OPPORTUNITY, cursor)  # once more, for it lies within the overlap
    org.data.update("OpportunityContactRole", roles[1], {"Role": "Decision Maker"})
    told, _ = org.pull(Kind.OPPORTUNITY, cursor)
    assert told.keys() == {sales[1]}


def test_a_won_sale_is_won_whatever_its_stage_is_called() -> None:
    org = Org()
    for stage, canonical in (("Closed Won", "won"), ("Closed Lost", "lost"), ("Our own stage", "open")):
        key = org.data.insert("Opportunity", {**NEW, "Name": stage, "StageName": stage})
        (seen,) = org.driver.run(org.crm.read(Kind.OPPORTUNITY, [key]))
        assert (seen.fields["stage"], seen.fields["stage_raw"]) == (canonical, stage)
        assert seen.fields["closed_on"] == (None if canonical == "open" else "2026-12-31")


def test_a_deletion_is_told_whether_it_is_in_the_recycle_bin_or_purged() -> None:
    org = Org()
    kept, binned, purged = org.account(), org.account(), org.account()
    _, cursor = org.pull(Kind.ACCOUNT)
    org.later()
    org.data.delete("Account", binned)
    org.data.delete("Account", purged)
    org.data.purge("Account", purged)
    org.later(timedelta(minutes=1))  # the log counts whole minutes
    told, cursor = org.pull(Kind.ACCOUNT, cursor)
    assert {key for key, seen in told.items() if seen.gone} == {binned, purged}
    assert [
        seen.key for seen in org.driver.run(org.crm.read(Kind.ACCOUNT, [kept, binned, purged])) if not seen.gone
    ] == [kept]
    org.later()
    org.data.undelete("Account", binned)
    told, _ = org.pull(Kind.ACCOUNT, cursor)
    assert not told[binned].gone


def test_a_record_that_was_deleted_and_came_back_between_two_pulls_is_not_gone() -> None:
    org = Org()
    key = org.account()
    _, cursor = org.pull(Kind.ACCOUNT)
    org.later()
    org.data.delete("Account", key)
    org.data.undelete("Account", key)
    told, _ = org.pull(Kind.ACCOUNT, cursor)
    assert not told[key].gone


def test_a_merged_record_names_its_master_also_when_it_is_read_by_key_or_mark() -> None:
    org = Org()
    loser, survivor = org.account(), org.account()
    org.data.update("Account", loser, {"clmcrm_Key__c": "account:1"})
    _, cursor = org.pull(Kind.ACCOUNT)
    org.later()
    org.data.merge("Account", loser, survivor)
    org.later(timedelta(minutes=1))
    told, _ = org.pull(Kind.ACCOUNT, cursor)
    assert (told[loser].gone, told[loser].merged_into, told[survivor].gone) == (True, survivor, False)
    (read,) = org.driver.run(org.crm.read(Kind.ACCOUNT, [loser]))
    found = org.driver.run(org.crm.find(Kind.ACCOUNT, "account:1"))
    assert read == told[loser] == found


def test_an_empty_answer_and_lost_permissions_delete_nothing() -> None:
    org = Org()
    made = {org.account() for _ in range(3)}
    _, cursor = org.pull(Kind.ACCOUNT)
    org.later()
    rows, org.data.rows["Account"] = org.data.rows["Account"], {}  # the user may see none of them any more
    told, cursor = org.pull(Kind.ACCOUNT, cursor)
    assert told == {}
    assert org.driver.run(org.crm.read(Kind.ACCOUNT, sorted(made))) == ()
    org.data.rows["Account"] = rows


def test_deletions_that_the_log_does_not_reach_are_said_to_be_unknown() -> None:
    org = Org()
    key = org.account()
    _, cursor = org.pull(Kind.ACCOUNT)
    org.later(timedelta(days=1))
    org.data.delete("Account", key)
    org.later(timedelta(days=20))
    with pytest.raises(TerminalError, match="is not known: its log of deletions reaches back 15 days at most"):
        _ = org.pull(Kind.ACCOUNT, cursor)
    _ = org.pull(Kind.ACCOUNT)  # without a cursor it begins again
    allowed = crm_of(overlap=OVERLAP, accept_gap=True)
    page = org.driver.run(allowed.changes(Kind.ACCOUNT, cursor))
    assert not page.more


def test_a_log_that_was_purged_is_a_gap_too() -> None:
    org = Org()
    _ = org.account()
    _, cursor = org.pull(Kind.ACCOUNT)
    org.later(timedelta(hours=1))
    org.data.log_from = org.data.now
    org.later(timedelta(hours=1))
    with pytest.raises(TerminalError, match="Compare in full"):
        _ = org.pull(Kind.ACCOUNT, cursor)


def test_contracts_that_are_not_ours_are_no_terms_and_are_read_as_what_they_are() -> None:
    org = Org()
    customer = org.account()
    values = {"AccountId": customer, "StartDate": "2026-01-31", "ContractTerm": 1, "Status": "Activated"}
    contract = org.data.insert("Contract", values)
    assert org.pull(Kind.CONTRACT_TERMS)[0] == {}
    told, _ = org.pull("salesforce_contract")
    fields = told[contract].fields
    assert (fields["first_day"], fields["last_day"], fields["term_months"]) == ("2026-01-31", "2026-02-27", 1)
    order = org.data.insert(
        "Order", {"AccountId": customer, "ContractId": contract, "EffectiveDate": "2026-02-01", "Status": "Strange"}
    )
    asset = org.data.insert("Asset", {"Name": "Pump", "AccountId": customer, "Quantity": 3, "Price": 10})
    (seen,) = org.pull("order")[0].values()
    assert (seen.key, seen.fields["status"], seen.fields["status_raw"]) == (order, "unknown", "Strange")
    (seen,) = org.pull("asset")[0].values()
    assert (seen.key, seen.fields["quantity"]) == (asset, "3")
    assert seen.fields["price"] == {"amount": "10.00", "currency": "EUR"}


def test_a_record_that_cannot_be_understood_is_reported_and_the_others_are_told() -> None:
    org = Org()
    good, bad = org.account("good"), org.account("bad")
    org.data.rows["Account"][bad]["AnnualRevenue"] = "a lot"
    told, _ = org.pull(Kind.ACCOUNT)
    assert not told[good].unreadable
    assert "AnnualRevenue" in told[bad].unreadable
