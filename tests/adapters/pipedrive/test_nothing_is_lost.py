"""Every standard field of Pipedrive's objects has a place: it is mapped or carried, and survives a round trip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pipedrive_desk import PipedriveDesk

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.pipedrive import deal_products, deals, persons
from clmcrm.adapters.pipedrive.addresses import address_sent, address_shown
from clmcrm.adapters.pipedrive.company import Company, FieldDescription
from clmcrm.adapters.pipedrive.encoding import COMPUTED
from clmcrm.adapters.pipedrive.feed import in_ranges, ranges
from clmcrm.adapters.pipedrive.kinds import DEAL, ORGANIZATION, PERSON, PipedriveKind
from clmcrm.adapters.pipedrive.losses import loss_table
from clmcrm.adapters.pipedrive.marks import KEY
from clmcrm.adapters.pipedrive.plain import Unwritable
from clmcrm.adapters.pipedrive.rows import FIND
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.showing import seen
from clmcrm.adapters.pipedrive.wire import written
from clmcrm.codec.records import from_fields
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Call
from clmcrm.ports.records import Create, Json, Kind, Update
from clmcrm.testing.vendors.pipedrive.fields import FREQUENCIES, PHONE_LABELS, STANDARD, STATUSES

KINDS = {Kind.ACCOUNT: ORGANIZATION, Kind.CONTACT: PERSON, Kind.OPPORTUNITY: DEAL}
OWN = {"update_time", "stage_change_time", "add_time", "is_deleted"}
"""Times and the bin: they are a record's version, the day of its creation, and whether it is there."""

ADDRESS = {
    "value": "Bleustraße 10, 1010 Wien, Österreich", "route": "Bleustraße", "street_number": "10", "locality": "Wien",
    "sublocality": "Innere Stadt", "subpremise": "3", "postal_code": "1010", "country": "Österreich",
    "admin_area_level_1": "Wien", "admin_area_level_2": None, "formatted_address": "Bleustraße 10/3, 1010 Wien",
}  # fmt: skip
EMAILS = [
    {"value": "home@example.org", "primary": False, "label": "home"},
    {"value": "ada@example.org", "primary": True, "label": "Assistant"},
    {"value": "not an address", "primary": False, "label": "work"},
]
PHONES = [
    {"value": "+33 1", "primary": False, "label": "Reception"},
    {"value": "+33 6", "primary": True, "label": "mobile"},
]
VALUES: dict[str, dict[str, Any]] = {
    "organizations": {
        "name": 'Ä text, "quoted"', "owner_id": 9, "visible_to": 7, "label_ids": [3, 1], "address": ADDRESS,
        "website": "https://durand.example", "linkedin": "https://linkedin.example/durand", "industry": 2,
        "annual_revenue": Decimal("12.5"), "employee_count": 12,
    },
    "persons": {
        "first_name": "Zoé", "last_name": "Durand", "owner_id": 9, "org_id": None, "emails": EMAILS, "phones": PHONES,
        "visible_to": 5, "label_ids": [3], "job_title": "Buyer", "notes": "met in May", "birthday": "1990-05-07",
        "im": [{"value": "zoe", "primary": True, "label": "skype"}], "postal_address": ADDRESS,
    },
    "deals": {
        "title": "Licences", "owner_id": 9, "person_id": None, "org_id": None, "pipeline_id": 2, "stage_id": 22,
        "value": Decimal("1194.75"), "currency": "USD", "is_archived": True, "archive_time": "2026-05-07 09:30:00",
        "status": "lost", "probability": Decimal("12.5"), "lost_reason": "no budget", "visible_to": 1,
        "lost_time": "2026-05-06T10:00:00Z", "close_time": "2026-05-06T10:00:00Z", "won_time": None,
        "expected_close_date": "2026-05-31", "label_ids": [2, 4],
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_standard_field_is_mapped_or_carried(kind: Kind) -> None:
    held = KINDS[kind]
    assert set(STANDARD[held.object]) - OWN - {*held.mapped, *held.carried} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_survives_read_record_write(kind: Kind) -> None:
    """Read, made a record of ours, written to a record that has nothing: the same values stand there."""
    desk = PipedriveDesk()
    held = KINDS[kind]
    own = desk.service.add("organizations", name="Durand").id
    person = desk.service.add("persons", name="Ada").id
    wanted = {n: v for n, v in VALUES[held.object].items() if n != "won_time"}
    wanted |= {n: v for n, v in (("org_id", own), ("person_id", person)) if n in wanted}
    made = desk.service.add(held.object, **wanted)
    seen = desk.seen(kind, str(made.id))
    assert not seen.unreadable
    _ = from_fields(RECORDS[kind], {**{n: v for n, v in seen.fields.items() if v is not None}, "id": seen.key})
    fields = {name: value for name, value in seen.fields.items() if held.writable and name in held.writable}
    (outcome,) = desk.blocking.write([Create(kind=kind, mark="copy", fields=fields)])
    assert outcome.ok, outcome.why
    copy = desk.service.records.of(held.object)[int(outcome.key)].values
    known = [name for name, told in STANDARD[held.object].items() if told.write and name not in OWN]
    assert {name: copy.get(name) for name in known} == {name: made.values.get(name) for name in known}
    assert desk.seen(kind, outcome.key).fields["extras"] == seen.fields["extras"]


def test_the_page_names_every_loss() -> None:
    """The table of losses in the documentation is the one that the adapter's own tables give."""
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_pipedrive.md"
    assert loss_table() in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_set_by_pipedrive_is_what_its_reference_says(kind: Kind) -> None:
    held: PipedriveKind = KINDS[kind]
    read_only = {name for name, told in STANDARD[held.object].items() if not told.write}
    assert {name for name in held.carried if name in COMPUTED} == read_only & set(held.carried)


@pytest.mark.parametrize(
    ("values", "table"),
    [
        (STATUSES, {*deals.STATUSES}),
        (FREQUENCIES, {*deal_products.RHYTHMS}),
        (PHONE_LABELS, {*persons.LABELS}),
    ],
    ids=["statuses", "frequencies", "labels"],
)
def test_the_tables_are_total_over_pipedrives_own_values(values: tuple[str, ...], table: set[str]) -> None:
    assert set(values) == table


def test_an_unknown_value_is_kept_verbatim() -> None:
    desk = PipedriveDesk()
    deal = desk.service.add("deals", title="x")
    deal.values["status"] = "paused"
    person = desk.service.add("persons", name="x", phones=[{"value": "1", "label": "Satellite"}])
    seen = desk.seen(Kind.OPPORTUNITY, str(deal.id)).fields
    assert (seen["stage"], seen["stage_raw"], seen["stage_id"]) == ("unknown", "paused", "11")
    phones = desk.seen(Kind.CONTACT, str(person.id)).fields
    assert phones["phones"] == [{"number": "1", "kind": "other"}]
    assert "Satellite" in json.dumps(phones["extras"])


def test_labels_of_numbers_and_addresses_that_stay_are_kept() -> None:
    """A list is replaced whole by each write; what is not replaced keeps its label, and what is no address stays."""
    desk = PipedriveDesk()
    made = desk.service.add("persons", name="Ada", emails=EMAILS, phones=PHONES)
    fields: dict[str, Json] = {
        "emails": ["new@example.org", "ada@example.org"],
        "phones": [{"number": "+33 1", "kind": "other"}, {"number": "+33 6", "kind": "home"}],
    }
    (outcome,) = desk.blocking.write([Update(kind=Kind.CONTACT, key=str(made.id), fields=fields, expected="")])
    assert outcome.ok, outcome.why
    kept = [(one["value"], one["label"], one["primary"]) for one in made.values["emails"]]
    assert kept == [
        ("new@example.org", "work", True), ("ada@example.org", "Assistant", False), ("not an address", "work", False)
    ]  # fmt: skip
    assert [(one["value"], one["label"]) for one in made.values["phones"]] == [
        ("+33 1", "Reception"),
        ("+33 6", "home"),
    ]


def asked(flow: Any) -> Call:
    """The first call that a flow makes."""
    call = flow.send(None)
    assert isinstance(call, Call)
    return call


@given(st.text(min_size=1), st.text(min_size=1))
@example("x&limit=1#", "../../v1/users")
@example("a\r\nHost: evil.example", "deal&match=middle")
def test_what_stands_in_a_question_is_data(term: str, entity: str) -> None:
    """Read back, the question has the values that were given, and nothing else."""
    session = PipedriveSession(Secret("x"))
    call = asked(session.get(FIND, [("term", term), ("entity_type", entity)], tokens=20))
    parts = urlsplit(call.url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"https://api.pipedrive.com{FIND}"
    assert parse_qs(parts.query, keep_blank_values=True) == {"term": [term], "entity_type": [entity]}
    assert not parts.fragment


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_a_body_says_what_was_given_to_the_last_digit(value: Any) -> None:
    assert same(json.loads(written(value), parse_float=Decimal), value)


def same(read: Any, given_: Any) -> bool:
    if isinstance(given_, Mapping):
        return read.keys() == given_.keys() and all(same(read[name], given_[name]) for name in given_)
    if isinstance(given_, list):
        return len(read) == len(given_) and all(map(same, read, given_))
    return bool(read == given_)


@given(
    st.builds(
        lambda lines, parts: {**({"lines": lines} if lines else {}), **parts},
        st.lists(st.text("aé 1,", min_size=1).filter(str.strip), max_size=3),
        st.fixed_dictionaries(
            {}, optional={
                "city": st.just("Paris"), "region": st.just("IDF"), "postal_code": st.just("75009"),
                "country": st.just("FR"),
            }
        ),
    )
)  # fmt: skip
def test_an_address_of_ours_comes_back_as_it_was(address: dict[str, Json]) -> None:
    sent = address_sent(address, "billing_address")
    assert (address_shown(sent) if sent else None) == (address or None)


@given(st.sets(st.integers(1, 400)))
def test_ids_come_back_from_their_ranges(ids: set[int]) -> None:
    assert in_ranges(ranges(ids)) == ids


@pytest.mark.parametrize(
    "amount",
    ["0.1", "9999999999999.99", "-0.01", "123456789012345", "99999999999999.99", "0.1000000000000000055"],
)
def test_a_number_that_a_double_cannot_hold_is_refused(amount: str) -> None:
    fields: dict[str, Json] = {"amount": {"amount": amount, "currency": "EUR"}}
    if Decimal(repr(float(amount))) == Decimal(amount):
        assert deals.changed(fields, Company(), {})["value"] == Decimal(amount)
    else:
        with pytest.raises(Unwritable, match="do not keep so many digits"):
            _ = deals.changed(fields, Company(), {})


def test_whose_a_record_is_that_nobody_can_read_is_told() -> None:
    key = FieldDescription(code="a1", name=KEY, type="varchar", custom=True)
    company = Company(fields={ORGANIZATION.object: (key,)})
    row = {"id": 1, "employee_count": "many", "custom_fields": {"a1": "account:clm:L1"}}
    odd = seen(ORGANIZATION, row, company)
    assert odd.unreadable
    assert odd.mark == "account:clm:L1"
