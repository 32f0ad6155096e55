"""The best kept client of Pipedrive's version 2 drives the fake company: what we prove ourselves against is honest.

Pipedrive has no Python client of its own. The models of this one need Python 3.12, and cannot save an object with
custom fields; so its calls, pages and errors are tried, and of its models organizations and stages.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pipedrive_desk import ready

from clmcrm.testing.vendors.pipedrive.service import TOKEN, PipedriveService
from clmcrm.testing.vendors.serving import serving

client: Any = pytest.importorskip("pypipedrive.api")
needs_models = pytest.mark.skipif(sys.version_info < (3, 12), reason="the client's models need Python 3.12")


@pytest.fixture(scope="module")
def service() -> PipedriveService:
    return ready(PipedriveService())


@pytest.fixture(scope="module")
def origin(service: PipedriveService) -> Iterator[str]:
    with serving(service) as origin:
        yield origin


def api(origin: str, version: str = "v2", token: str = TOKEN) -> Any:
    made: Any = client.Api(api_token=token, version=version)
    made.endpoint_url = f"{origin}/{made.version}/"
    return made


def test_a_record_is_made_changed_read_and_deleted(service: PipedriveService, origin: str) -> None:
    code = next(code for code, one in service.records.customs["organizations"].items() if one.name == "clmcrm key")
    v2 = api(origin)
    body = {"name": "Durand", "address": {"value": "10 rue Bleue, Paris"}, "custom_fields": {code: "account:7"}}
    made = v2.post("organizations", json=body)
    assert made.success
    assert made.data["custom_fields"][code] == "account:7"
    key = made.data["id"]
    changed = v2.patch(f"organizations/{key}", json={"name": "Durand SAS"}).data
    assert (changed["name"], changed["address"]["value"]) == ("Durand SAS", "10 rue Bleue, Paris")
    (found,) = v2.get("organizations", params={"ids": str(key)}).data
    assert (found["update_time"][-1], found["is_deleted"]) == ("Z", False)
    (hit,) = v2.get(
        "itemSearch/field", params={"term": "account:7", "entity_type": "organization", "field": code, "match": "exact"}
    ).data
    assert hit["id"] == key
    assert v2.delete(f"organizations/{key}").data == {"id": key}
    assert v2.get("organizations", params={"ids": str(key)}).data == []
    assert v2.get(f"organizations/{key}").data["is_deleted"] is True


def test_its_iterator_reads_every_page(origin: str) -> None:
    v2 = api(origin)
    made = [v2.post("persons", json={"name": f"Ada {number}"}).data["id"] for number in range(7)]
    pages = list(v2.iterator("persons", params={"limit": 3}))
    assert [len(page.data) for page in pages] == [3, 3, 1]
    assert [row["id"] for row in v2.all("persons", params={"limit": 2}).data] == made


def test_deals_their_stages_and_their_bin(origin: str) -> None:
    v2 = api(origin)
    stages = v2.all("stages").data
    assert {one["pipeline_id"] for one in stages} == {one["id"] for one in v2.all("pipelines").data}
    deal = v2.post("deals", json={"title": "Licences", "value": 12.5, "currency": "EUR", "stage_id": stages[1]["id"]})
    key = deal.data["id"]
    won = v2.patch(f"deals/{key}", json={"status": "won"}).data
    assert (won["status"], won["lost_time"]) == ("won", None)
    assert won["close_time"] == won["won_time"] is not None
    _ = v2.delete(f"deals/{key}")
    assert [one["id"] for one in v2.all("deals", params={"status": "deleted"}).data] == [key]
    assert key not in [one["id"] for one in v2.all("deals").data]


def test_version_one_tells_the_past_and_merges(origin: str) -> None:
    v2, v1 = api(origin), api(origin, "v1")
    loser, survivor = (v2.post("organizations", json={"name": name}).data["id"] for name in ("Old", "New"))
    _ = v2.patch(f"organizations/{survivor}", json={"name": "Newer"})
    (change,) = v1.get(f"organizations/{survivor}/changelog").data
    assert (change["field_key"], change["old_value"], change["new_value"]) == ("name", "New", "Newer")
    _ = v1.put(f"organizations/{loser}/merge", json={"merge_with_id": survivor})
    assert v2.get(f"organizations/{loser}").data["is_deleted"] is True
    assert v1.get("users/me").data["company_domain"] == "durand"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (lambda v2: v2.post("organizations", json={"name": "x", "web": "y"}), 400),
        (lambda v2: v2.post("deals", json={"title": "x", "value": "12"}), 400),
        (lambda v2: v2.patch("deals/1", json={"expected_close_date": None}), 404),
        (lambda v2: v2.get("persons", params={"limit": 501}), 400),
        (lambda v2: v2.get("organizations/999999"), 404),
    ],
    ids=["unknown key", "number as text", "no such deal", "long page", "no such organization"],
)
def test_what_is_refused_is_an_error_of_the_client(origin: str, wrong: Any, status: int) -> None:
    with pytest.raises(client.exceptions.ApiException) as refused:
        _ = wrong(api(origin))
    assert refused.value.code == status
    assert (refused.value.success, bool(refused.value.error)) == (False, True)


def test_a_token_that_it_does_not_know(origin: str) -> None:
    with pytest.raises(client.exceptions.UnauthorizedException):
        _ = api(origin, token="nobody").get("deals")  # noqa: S106 - nobody's


@needs_models
def test_its_models_read_and_write(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    models: Any = pytest.importorskip("pypipedrive.models")
    monkeypatch.setenv("PIPEDRIVE_API_TOKEN", TOKEN)
    monkeypatch.setattr(client.Api, "build_url", lambda self, uri: f"{origin}/{self.version}/{uri}")
    made = models.Organizations(name="Durand", label_ids=[1])
    assert made.save().created
    again = models.Organizations.get(id=made.id)
    assert (again.name, again.is_deleted) == ("Durand", False)
    again.name = "Durand SAS"
    assert again.save().updated
    assert models.Organizations.get(id=made.id).name == "Durand SAS"
    assert [one.name for one in models.Organizations.all() if one.id == made.id] == ["Durand SAS"]
    assert {one.name for one in models.Stages.all()} >= {"Qualified"}
    assert made.delete()
