"""HubSpot's own client drives the fake account through its whole flow: what we prove ourselves against is honest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hubspot_desk import ready

from clmcrm.testing.vendors.hubspot.account import TOKEN, HubSpotAccount
from clmcrm.testing.vendors.serving import serving

hubspot: Any = pytest.importorskip("hubspot")
c: Any = pytest.importorskip("hubspot.crm.companies")
d: Any = pytest.importorskip("hubspot.crm.deals")
a: Any = pytest.importorskip("hubspot.crm.associations.v4")


class Client:
    """The client, each of its parts pointed at the fake."""

    def __init__(self, origin: str) -> None:
        self._origin, self._api = origin, hubspot.HubSpot(access_token=TOKEN)

    def part(self, path: str) -> Any:
        found: Any = self._api
        for name in path.split("."):
            found = getattr(found, name)
        found.api_client.configuration.host = self._origin
        return found


@pytest.fixture(scope="module")
def account() -> HubSpotAccount:
    return ready(HubSpotAccount())


@pytest.fixture(scope="module")
def client(account: HubSpotAccount) -> Iterator[Client]:
    with serving(account) as origin:
        yield Client(origin)


def test_a_batch_is_created_updated_upserted_read_and_archived(client: Client) -> None:
    batch = client.part("crm.companies.batch_api")
    new = [
        c.SimplePublicObjectBatchInputForCreate(properties={"name": f"C {n}", "clmcrm_key": f"v:{n}"}, associations=[])
        for n in range(3)
    ]
    made = batch.create(c.BatchInputSimplePublicObjectBatchInputForCreate(inputs=new)).results
    keys = {one.properties["clmcrm_key"]: one.id for one in made}
    assert sorted(keys) == ["v:0", "v:1", "v:2"]
    changes = [c.SimplePublicObjectBatchInput(id=keys["v:0"], properties={"phone": "1", "annualrevenue": "10.50"})]
    (changed,) = batch.update(c.BatchInputSimplePublicObjectBatchInput(inputs=changes)).results
    assert changed.properties["annualrevenue"] == "10.5"
    upserts = [
        c.SimplePublicObjectBatchInputUpsert(id=key, id_property="clmcrm_key", properties={"city": "Lyon"})
        for key in ("v:1", "v:9")
    ]
    told = batch.upsert(c.BatchInputSimplePublicObjectBatchInputUpsert(inputs=upserts)).results
    assert sorted(one.new for one in told) == [False, True]
    asked = c.BatchReadInputSimplePublicObjectId(
        inputs=[c.SimplePublicObjectId(id="v:0")], id_property="clmcrm_key", properties=["phone"],
        properties_with_history=["phone"],
    )  # fmt: skip
    (read,) = batch.read(asked).results
    assert read.properties["phone"] == "1"
    assert [one.value for one in read.properties_with_history["phone"]] == ["1"]
    batch.archive(c.BatchInputSimplePublicObjectId(inputs=[c.SimplePublicObjectId(id=keys["v:2"])]))
    listed = client.part("crm.companies.basic_api").get_page(limit=100, archived=True).results
    assert keys["v:2"] in {one.id for one in listed}


def test_one_bad_input_of_a_traced_batch_leaves_the_others(client: Client) -> None:
    inputs = [
        c.SimplePublicObjectBatchInputForCreate(properties=told, associations=[], object_write_trace_id=str(n))
        for n, told in enumerate([{"name": "good"}, {"numberofemployees": "many"}])
    ]
    told = client.part("crm.companies.batch_api").create(
        c.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
    )
    assert type(told).__name__ == "BatchResponseSimplePublicObjectWithErrors"
    assert [one.object_write_trace_id for one in told.results] == ["0"]
    assert told.errors[0].context["objectWriteTraceId"] == ["1"]


def test_without_traces_it_is_refused_whole(client: Client) -> None:
    inputs = [
        c.SimplePublicObjectBatchInputForCreate(properties=told, associations=[])
        for told in ({"name": "a"}, {"numberofemployees": "many"})
    ]
    with pytest.raises(c.ApiException) as refused:
        client.part("crm.companies.batch_api").create(c.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    assert (refused.value.status, "VALIDATION_ERROR" in refused.value.body) == (400, True)


def test_a_search_pages_and_stops_at_its_limits(client: Client, account: HubSpotAccount) -> None:
    for number in range(5):
        _ = account.add("deals", dealname=f"paged {number}", amount=str(number))
    search = client.part("crm.deals.search_api")
    rule = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    group = d.FilterGroup(filters=[d.Filter(property_name="amount", operator="GTE", value="1")])
    first = search.do_search(
        d.PublicObjectSearchRequest(filter_groups=[group], sorts=rule, limit=3, properties=["dealname"])
    )
    assert (first.total, len(first.results)) == (4, 3)
    rest = search.do_search(
        d.PublicObjectSearchRequest(filter_groups=[group], sorts=rule, limit=3, after=first.paging.next.after)
    )
    assert len(rest.results) == 1
    for wrong in ({"limit": 201}, {"limit": 200, "after": "9900"}, {"sorts": [*rule, *rule]}):
        with pytest.raises(d.ApiException):
            search.do_search(d.PublicObjectSearchRequest(**{"filter_groups": [], "limit": 1, **wrong}))


def test_associations_are_made_read_and_ended(client: Client, account: HubSpotAccount) -> None:
    contact, company = account.add("contacts", email="v4@example.org"), account.add("companies", name="v4")
    batch = client.part("crm.associations.v4.batch_api")
    spec = a.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)
    pair = a.PublicAssociationMultiPost(
        types=[spec], _from=a.PublicObjectId(id=contact.id), to=a.PublicObjectId(id=company.id)
    )
    before = contact.updated
    _ = batch.create("contacts", "companies", a.BatchInputPublicAssociationMultiPost(inputs=[pair]))
    assert contact.updated == before  # associations touch no modified date
    asked = a.BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[a.PublicFetchAssociationsBatchRequest(id=contact.id)]
    )
    (told,) = batch.get_page("contacts", "companies", asked).results
    assert {kind.type_id for one in told.to for kind in one.association_types} == {1, 279}
    gone = a.PublicAssociationMultiArchive(_from=a.PublicObjectId(id=contact.id), to=[a.PublicObjectId(id=company.id)])
    batch.archive("contacts", "companies", a.BatchInputPublicAssociationMultiArchive(inputs=[gone]))
    none = batch.get_page("contacts", "companies", asked)
    assert (none.results, none.num_errors) == ([], 1)


def test_a_merge_leaves_the_ids_with_the_survivor(client: Client, account: HubSpotAccount) -> None:
    loser, survivor = account.add("companies", name="loser"), account.add("companies", name="survivor")
    left = client.part("crm.companies.basic_api").merge(
        c.PublicMergeInput(object_id_to_merge=loser.id, primary_object_id=survivor.id)
    )
    assert (left.id, left.properties["hs_merged_object_ids"]) == (survivor.id, loser.id)


def test_pipelines_properties_and_a_token(client: Client, account: HubSpotAccount) -> None:
    stages = client.part("crm.pipelines.pipelines_api").get_all("deals").results[0].stages
    assert ("closedwon", "true") in {(one.id, one.metadata["isClosed"]) for one in stages}
    told = client.part("crm.properties.core_api").get_by_name("companies", "clmcrm_key")
    assert told.has_unique_value is True
    account.refresh_tokens["refresh-1"] = "nothing"
    canary = "app-canary"
    fresh = client.part("oauth.tokens_api").create(
        grant_type="refresh_token",
        client_id="i",
        client_secret=canary,
        refresh_token="refresh-1",  # noqa: S106 - a canary
    )
    assert fresh.access_token in account.tokens
