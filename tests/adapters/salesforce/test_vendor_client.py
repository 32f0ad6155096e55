"""The best-known client of Salesforce drives our fake through its whole flow, so that the fake is honest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from salesforce_suite import fake_org

from clmcrm.testing.vendors.salesforce.answering import TOKEN, FakeSalesforce
from clmcrm.testing.vendors.serving import serving

simple_salesforce = pytest.importorskip("simple_salesforce")
requests = pytest.importorskip("requests")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


def over_http(host: str) -> Any:
    """The client insists on https: this carries what it sends to loopback in plain."""

    class Plain(requests.adapters.HTTPAdapter):  # type: ignore[misc,name-defined] # of a package without types here
        def send(self, request: Any, **more: Any) -> Any:
            request.url = request.url.replace(f"https://{host}", f"http://{host}")
            return super().send(request, **more)

    session = requests.Session()
    session.trust_env = False
    session.mount(f"https://{host}", Plain())
    return session


@pytest.fixture
def org() -> FakeSalesforce:
    return fake_org(page=3)


@pytest.fixture
def client(org: FakeSalesforce) -> Iterator[Any]:
    with serving(org) as origin:
        host = origin.removeprefix("http://")
        session = over_http(host)
        yield simple_salesforce.Salesforce(
            session_id=TOKEN, instance_url=f"https://{host}", session=session, version="62.0"
        )
        session.close()


def test_records_are_made_read_changed_and_deleted(client: Any) -> None:
    made = client.Account.create({"Name": 'O\'Neill & "Sons"', "AnnualRevenue": 1500.5})
    assert made["success"] is True
    assert client.Account.get(made["id"])["AnnualRevenue"] == 1500.5
    assert client.Account.update(made["id"], {"Phone": "1"}) == 204
    assert client.Account.upsert("clmcrm_Key__c/account:1", {"Name": "By key"}) == 201
    assert client.Account.upsert("clmcrm_Key__c/account:1", {"Name": "By key again"}) == 200
    assert client.Account.get_by_custom_id("clmcrm_Key__c", "account:1")["Name"] == "By key again"
    assert client.Account.delete(made["id"]) == 204
    with pytest.raises(simple_salesforce.SalesforceResourceNotFound):
        _ = client.Account.get(made["id"])


def test_what_is_wrong_is_said_as_salesforce_says_it(client: Any) -> None:
    with pytest.raises(simple_salesforce.SalesforceMalformedRequest) as refusal:
        _ = client.Account.create({"Nonsense": 1})
    assert refusal.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(simple_salesforce.SalesforceMalformedRequest) as refusal:
        _ = client.query("SELECT Id FROM Account WHERE")
    assert refusal.value.content[0]["errorCode"] == "MALFORMED_QUERY"
    client.session_id = "ended"
    client.headers["Authorization"] = "Bearer ended"
    with pytest.raises(simple_salesforce.SalesforceExpiredSession):
        _ = client.query("SELECT Id FROM Account")


def test_queries_are_escaped_paged_and_show_the_deleted_on_request(client: Any, org: FakeSalesforce) -> None:
    names = [f"It's \\ number {number}" for number in range(8)]
    keys = [client.Account.create({"Name": name})["id"] for name in names]
    wanted = simple_salesforce.format_soql(
        "SELECT Id, Name FROM Account WHERE Name IN {names} ORDER BY Name", names=names
    )
    found = client.query_all(wanted)
    assert [row["Name"] for row in found["records"]] == names
    assert (found["totalSize"], found["done"]) == (8, True)
    _ = client.Account.delete(keys[0])
    assert client.query("SELECT Id FROM Account")["totalSize"] == 7
    assert client.query("SELECT Id, IsDeleted FROM Account", include_deleted=True)["totalSize"] == 8
    at = org.data.now
    org.data.pass_time(timedelta(minutes=1))  # the log counts whole minutes
    told = client.Account.deleted(at - timedelta(minutes=5), org.data.now)
    assert [one["id"] for one in told["deletedRecords"]] == [keys[0]]


def test_the_objects_are_described(client: Any) -> None:
    fields = {one["name"]: one for one in client.Account.describe()["fields"]}
    assert (fields["clmcrm_Key__c"]["unique"], fields["clmcrm_Key__c"]["externalId"]) == (True, True)
    assert fields["SystemModstamp"]["updateable"] is False


def test_collections_and_composites_have_one_result_for_each(client: Any) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("A", "", "C")]
    told = client.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": records})
    assert [one["success"] for one in told] == [True, False, True]
    assert told[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    old = {"If-Unmodified-Since": "Thu, 07 May 2020 10:00:00 GMT"}
    parts = [
        {"method": "PATCH", "url": f"/services/data/v62.0/sobjects/Account/{told[0]['id']}", "referenceId": "one",
         "body": {"Phone": "1"}, "httpHeaders": old},
        {"method": "GET", "url": "/services/data/v62.0/query?q=SELECT+Id+FROM+Account", "referenceId": "two"},
    ]  # fmt: skip
    answer = client.restful("composite", method="POST", json={"compositeRequest": parts})["compositeResponse"]
    assert [one["httpStatusCode"] for one in answer] == [412, 200]
    assert answer[1]["body"]["totalSize"] == 2


def test_a_job_inserts_and_tells_what_failed(client: Any, org: FakeSalesforce) -> None:
    org.data.doubles.add("B")
    records = [{"Name": name, "clmcrm_Key__c": f"account:{name}"} for name in "ABC"]
    (told,) = client.bulk2.Account.insert(records=records)
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (3, 1)
    failed = client.bulk2.Account.get_failed_records(told["job_id"])
    assert "DUPLICATES_DETECTED" in failed
    assert client.bulk2.Account.get_unprocessed_records(told["job_id"]).strip() in ("", '"sf__Id"')
    assert "account:A" in client.bulk2.Account.get_successful_records(told["job_id"])


def test_a_reply_tells_how_many_calls_are_used(client: Any) -> None:
    _ = client.query("SELECT Id FROM Account")
    assert client.api_usage["api-usage"].used >= 1
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
