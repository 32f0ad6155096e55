"""Microsoft's own client drives our fake through its whole flow, so that the fake is honest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clmcrm.testing.vendors.dataverse.answering import TOKEN, FakeDataverse
from clmcrm.testing.vendors.serving import serving

dataverse = pytest.importorskip("PowerPlatform.Dataverse.client")
errors = pytest.importorskip("PowerPlatform.Dataverse.core.errors")
credentials = pytest.importorskip("azure.core.credentials")
requests = pytest.importorskip("requests")
upserting = pytest.importorskip("PowerPlatform.Dataverse.models.upsert")


class Static:
    """A credential of Azure's form that always gives the same token."""

    def get_token(self, *scopes: str, **_more: Any) -> Any:
        assert all(scope.endswith("/.default") for scope in scopes)
        return credentials.AccessToken(TOKEN, 4_102_444_800)


@pytest.fixture
def fake() -> FakeDataverse:
    return FakeDataverse(page=3)


@pytest.fixture
def client(fake: FakeDataverse) -> Iterator[Any]:
    """The client, which insists on https: what it sends is carried to loopback in plain."""
    with serving(fake) as origin:
        host = origin.removeprefix("http://")
        fake.origin = f"https://{host}"

        class Plain(requests.adapters.HTTPAdapter):  # type: ignore[misc,name-defined] # of a package without types here
            def send(self, request: Any, **more: Any) -> Any:
                request.url = request.url.replace(f"https://{host}", f"http://{host}")
                return super().send(request, **more)

        with dataverse.DataverseClient(f"https://{host}", Static()) as client:
            client._session.trust_env = False
            client._session.mount(f"https://{host}", Plain())
            yield client


def test_records_are_made_read_changed_and_deleted(client: Any) -> None:
    key = client.records.create("account", {"name": 'O\'Neill & "Sons"', "revenue": 1500.5, "industrycode": 12})
    found = client.records.retrieve("account", key)
    assert (found["name"], found["revenue"], found["industrycode"]) == ('O\'Neill & "Sons"', 1500.5, 12)
    assert found.etag.startswith('W/"')
    client.records.update("account", key, {"telephone1": "1"})
    after = client.records.retrieve("account", key, select=["name", "telephone1"])
    assert (after["telephone1"], after.etag != found.etag) == ("1", True)
    client.records.delete("account", key)
    assert client.records.retrieve("account", key) is None  # it is told by a 404
    with pytest.raises(errors.HttpError) as gone:
        client.records.update("account", key, {"telephone1": "2"})
    assert (gone.value.status_code, gone.value.details["service_error_code"]) == (404, "0x80040217")


def test_many_records_are_made_changed_filtered_and_paged(client: Any, fake: FakeDataverse) -> None:
    names = [f"It's number {number}" for number in range(8)]
    keys = client.records.create("account", [{"name": name} for name in names])
    assert sorted(keys) == sorted(fake.data.rows["account"])
    client.records.update("account", keys, {"fax": "7"})
    pages = list(
        client.records.list_pages("account", select=["name"], filter="fax eq '7' and name ne 'x'", orderby=["name"])
    )
    assert [row["name"] for page in pages for row in page] == names
    assert len(pages) == 3
    few = client.records.list("account", filter="name eq 'It''s number 3'", top=1)
    assert [row["accountid"] for row in few] == [keys[3]]


def test_an_alternate_key_makes_a_record_and_then_changes_it(client: Any, fake: FakeDataverse) -> None:
    for name in ("first", "second"):
        item = upserting.UpsertItem(alternate_key={"clmcrm_key": "account~3a1"}, record={"name": name})
        client.records.upsert("account", [item])
    (row,) = fake.data.rows["account"].values()
    assert (row["clmcrm_key"], row["name"]) == ("account~3a1", "second")
    with pytest.raises(errors.HttpError) as double:
        client.records.create("account", {"name": "third", "clmcrm_key": "ACCOUNT~3A1"})
    assert (double.value.status_code, double.value.details["service_error_code"]) == (412, "0x80060892")


def test_a_batch_stops_at_the_first_error_or_goes_on_as_it_is_told(client: Any, fake: FakeDataverse) -> None:
    nobody = "00000000-0000-0000-0000-00000000ffff"
    for go_on, statuses in ((False, [204, 404]), (True, [204, 404, 204])):
        batch = client.batch.new()
        batch.records.create("account", {"name": "A"})
        batch.records.update("account", nobody, {"name": "B"})
        batch.records.create("account", {"name": "C"})
        told = batch.execute(continue_on_error=go_on)
        assert [one.status_code for one in told.responses] == statuses
        assert told.responses[1].error_code == "0x80040217"
        assert told.responses[0].entity_id in fake.data.rows["account"]
    assert [row["name"] for row in fake.data.rows["account"].values()] == ["A", "A", "C"]


def test_a_change_set_happens_whole_or_not_at_all(client: Any, fake: FakeDataverse) -> None:
    batch = client.batch.new()
    with batch.changeset() as changes:
        made = changes.records.create("account", {"name": "A"})
        _ = changes.records.create("contact", {"lastname": "B", "parentcustomerid_account@odata.bind": made})
    told = batch.execute()
    assert [one.status_code for one in told.responses] == [204, 204]
    (contact,) = fake.data.rows["contact"].values()
    assert contact["parentcustomerid"] == ("account", told.responses[0].entity_id)
    batch = client.batch.new()
    with batch.changeset() as changes:
        _ = changes.records.create("account", {"name": "C"})
        _ = changes.records.create("account", {"nonsense": "D"})
    told = batch.execute(continue_on_error=True)
    assert [one.status_code for one in told.responses] == [400]
    assert len(fake.data.rows["account"]) == 1


def test_what_is_wrong_is_said_as_dataverse_says_it(client: Any, fake: FakeDataverse) -> None:
    with pytest.raises(errors.HttpError) as refusal:
        client.records.create("account", {"nonsense": 1})
    assert refusal.value.details["service_error_code"] == "0x80048d19"
    with pytest.raises(errors.HttpError) as refusal:
        _ = list(client.records.list("account", filter="name eq"))
    assert refusal.value.status_code == 400
    fake.limited = 1
    with pytest.raises(errors.HttpError) as refusal:
        _ = client.records.retrieve("account", "00000000-0000-0000-0000-00000000ffff")
    assert (refusal.value.status_code, refusal.value.details["retry_after"]) == (429, 2)
    fake.tokens = set()
    with pytest.raises(errors.HttpError) as refusal:
        _ = list(client.records.list("account"))
    assert refusal.value.status_code == 401
