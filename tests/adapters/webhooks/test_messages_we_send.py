"""Webhooks out: believed by our own verifier and by others', tried for days, never to an address of one's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vendors_posting import b64

from clmcrm.adapters.webhooks.addresses import checked_url
from clmcrm.adapters.webhooks.delivering import (
    SCHEDULE,
    Answered,
    Deliveries,
    Delivery,
    MemoryDeliveries,
    State,
    after_attempt,
    deliver,
    deliveries_of,
)  # fmt: skip
from clmcrm.adapters.webhooks.keys import Key
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.outgoing import CONTENT_TYPES, Announcement, Destination, Form, Post, body_of, post_of
from clmcrm.adapters.webhooks.standard import StandardWebhooks
from clmcrm.errors import InvalidRecord, WebhookRefused

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
OLD, NEW = Key("old", "whsec_" + b64(b"o" * 24)), Key("new", "whsec_" + b64(b"n" * 24))
SIGNED = Announcement(
    id="C-9-signed", type="contract.signed", source="/clmcrm/acme", occurred_at=AT, subject="C-9",
    data={"value": {"amount": "10.00", "currency": "EUR"}},
)  # fmt: skip


def destination(**more: Any) -> Destination:
    return Destination(**({"name": "erp", "url": "https://erp.example.com/in", "keys": (NEW,)} | more))


def as_received(post: Post) -> Message:
    return Message(url=post.url, headers=post.headers, body=post.body)


@pytest.mark.parametrize("form", list(Form))
def test_our_own_verifier_believes_what_we_send(form: Form) -> None:
    post = post_of(destination(form=form), SIGNED.id, body_of(SIGNED, form), AT)
    verified = StandardWebhooks(keys=(NEW,)).verify(as_received(post), AT)
    event = verified.events[0]
    assert (event.id, event.kind, event.object, event.key) == ("C-9-signed", "contract.signed", "contract", "C-9")
    assert event.occurred_at == AT


def test_the_package_standardwebhooks_believes_what_we_send(monkeypatch: pytest.MonkeyPatch) -> None:
    package = pytest.importorskip("standardwebhooks.webhooks", reason="standardwebhooks is in the group tests")
    now = datetime.now(UTC)  # the package reads the clock itself
    post = post_of(destination(), SIGNED.id, body_of(SIGNED), now)
    assert package.Webhook(NEW.secret.decode()).verify(post.body, dict(post.headers))["type"] == "contract.signed"


def test_the_package_cloudevents_reads_what_we_send() -> None:
    package = pytest.importorskip("cloudevents.v1.http", reason="cloudevents is in the group tests")
    post = post_of(destination(form=Form.CLOUD_EVENT), SIGNED.id, body_of(SIGNED, Form.CLOUD_EVENT), AT)
    read = package.from_http(dict(post.headers), post.body)
    assert (read["id"], read["source"], read["type"], read["subject"]) == (
        "C-9-signed", "/clmcrm/acme", "contract.signed", "C-9",
    )  # fmt: skip
    assert read.data == {"value": {"amount": "10.00", "currency": "EUR"}}


def test_while_a_key_is_replaced_both_sign() -> None:
    post = post_of(destination(keys=(OLD, NEW)), SIGNED.id, b"{}", AT)
    for key in (OLD, NEW):
        assert StandardWebhooks(keys=(key,)).verify(as_received(post), AT).key_name == key.name
    ended = Key("old", OLD.secret, until=AT)
    with pytest.raises(WebhookRefused):
        _ = StandardWebhooks(keys=(OLD,)).verify(
            as_received(post_of(destination(keys=(ended, NEW)), SIGNED.id, b"{}", AT)), AT
        )  # fmt: skip


def test_no_message_goes_out_unsigned() -> None:
    with pytest.raises(InvalidRecord, match="a key in use"):
        _ = post_of(destination(keys=(Key("old", OLD.secret, until=AT),)), SIGNED.id, b"{}", AT)


@pytest.mark.parametrize("own", ["a.b", "", " ", "a b", "é", "a\nb"])
def test_an_id_that_could_not_be_told_apart_from_the_time_is_refused(own: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = Announcement(id=own, type="t", source="/s", occurred_at=AT)


def test_the_body_is_the_same_for_the_same_announcement_and_json_only() -> None:
    assert body_of(SIGNED) == body_of(SIGNED)
    with pytest.raises(InvalidRecord):
        _ = body_of(Announcement(id="x", type="t", source="/s", occurred_at=AT, data={"a": object()}))  # type: ignore[dict-item] # wrong on purpose


@pytest.mark.parametrize(("name", "value"), [("subject", 9), ("subject", None), ("data", None), ("data", [1])])
def test_an_announcement_of_another_form_is_refused_by_name(name: str, value: object) -> None:
    whole: dict[str, Any] = {"id": "x", "type": "t", "source": "/s", "occurred_at": AT}
    with pytest.raises(InvalidRecord, match=f"Announcement x: {name} is|Announcement: {name} is"):
        _ = Announcement(**whole | {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "contract\nsigned"), ("type", "a\x7f"), ("type", "\ud800"), ("subject", "C\x00"),
        ("subject", "\ufdd0"), ("subject", "\U0001ffff"), ("subject", "\x85"), ("source", "my app"),
        ("source", "a\nb"), ("source", "/a%zz"), ("source", "/é"),
        ("source", "//[::1"), ("source", '/a"b'), ("source", "/a\\b"),
        ("occurred_at", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))),
        ("occurred_at", datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12)))),
    ],
    ids=repr,
)  # fmt: skip
def test_what_a_cloud_event_cannot_hold_is_refused_by_name(name: str, value: object) -> None:
    """CloudEvents 1.0.2: `source` is a URI reference; texts hold no controls and no half of a surrogate pair."""
    whole: dict[str, Any] = {"id": "x", "type": "t", "source": "/s", "occurred_at": AT, name: value}
    with pytest.raises(InvalidRecord, match=f"Announcement: {name} is"):
        _ = Announcement(**whole)


@pytest.mark.parametrize(
    "source", ["/clmcrm/acme", "https://acme.example/crm?a=b#c", "urn:uuid:6e8bc430", "acme", "a%20b"]
)
def test_every_uri_reference_is_a_source(source: str) -> None:
    told = body_of(
        Announcement(id="x", type="t", source=source, occurred_at=AT, subject="Düsseldorf 7"), Form.CLOUD_EVENT
    )
    assert (json.loads(told)["source"], json.loads(told)["subject"]) == (source, "Düsseldorf 7")


@pytest.mark.parametrize(
    "data",
    [{1: "a", "1": "b"}, {"a": {None: 1, "null": 2}}, {"a": "\ud800"}, {"\udfff": 1}, {"a": float("inf")}],
    ids=repr,
)
def test_data_that_its_receiver_could_not_read_is_refused(data: Any) -> None:
    for form in Form:
        with pytest.raises(InvalidRecord, match="Announcement x: data is"):
            _ = body_of(Announcement(id="x", type="t", source="/s", occurred_at=AT, data=data), form)


@pytest.mark.parametrize(("before", "after"), [(Form.STANDARD, Form.CLOUD_EVENT), (Form.CLOUD_EVENT, Form.STANDARD)])
def test_a_body_is_called_what_it_is_when_its_destination_wants_another_form_by_now(before: Form, after: Form) -> None:
    (waiting,) = deliveries_of(SIGNED, [destination(form=before)], AT)
    post = post_of(destination(form=after), waiting.id, waiting.body, AT)
    assert post.headers["content-type"] == CONTENT_TYPES[before]


def run(kept: Deliveries, answers: dict[str, Answered], now: datetime, **places: Destination) -> tuple[Delivery, ...]:
    """Drive `deliver` as a host does; `answers` by the URL posted to."""
    steps = deliver(kept, places, now)
    try:
        post = next(steps)
        while True:
            post = steps.send(answers[post.url])
    except StopIteration as done:
        return tuple(done.value)


def kept_for(*places: Destination) -> MemoryDeliveries:
    kept = MemoryDeliveries()
    kept.add(deliveries_of(SIGNED, places, AT))
    return kept


def test_a_delivery_is_tried_for_three_days_and_then_given_up() -> None:
    erp = destination()
    kept, now, times = kept_for(erp), AT, []
    while delivery := next(iter(kept.due(AT + timedelta(days=99), 1)), None):
        assert delivery.next_at is not None
        now = delivery.next_at
        times.append(now - AT)
        _ = run(kept, {erp.url: Answered(500)}, now, erp=erp)
    assert len(times) == len(SCHEDULE) + 1
    assert timedelta(days=3) < times[-1] < timedelta(days=4)
    (last,) = kept.by_key.values()
    assert (last.state, last.why, last.attempts) == (State.GIVEN_UP, "answered 500", 10)


def test_a_delivery_that_was_taken_is_not_sent_again() -> None:
    erp = destination()
    kept = kept_for(erp)
    assert run(kept, {erp.url: Answered(204)}, AT, erp=erp)[0].state is State.DELIVERED
    assert not kept.due(AT + timedelta(days=99), 9)
    kept.add(deliveries_of(SIGNED, [erp], AT))  # announced once more by a run that was repeated
    assert not kept.due(AT + timedelta(days=99), 9)


def test_each_attempt_bears_the_same_id_and_body_and_a_time_of_its_own() -> None:
    erp = destination()
    (delivery,) = deliveries_of(SIGNED, [erp], AT)
    posts = [post_of(erp, delivery.id, delivery.body, AT + timedelta(hours=n)) for n in range(3)]
    assert len({(post.body, post.headers["webhook-id"]) for post in posts}) == 1
    assert len({post.headers["webhook-timestamp"] for post in posts}) == 3


def test_an_attempt_late_in_a_slow_run_is_signed_at_its_own_time() -> None:
    """Twenty receivers that let us wait for a minute each: at the last one the run began twenty minutes ago."""
    places = {f"r{n}": destination(name=f"r{n}", url=f"https://r{n}.example.com/in") for n in range(20)}
    kept, now = kept_for(*places.values()), AT
    steps = deliver(kept, places, AT, clock=lambda: now)
    post = next(steps)
    done: tuple[Delivery, ...] = ()
    while not done:
        seen = StandardWebhooks(keys=(NEW,)).verify(as_received(post), now)  # refuses what is five minutes old
        assert seen.event_id == SIGNED.id
        now += timedelta(minutes=1)
        try:
            post = steps.send(Answered(None))
        except StopIteration as end:
            done = end.value
    assert len(done) == len(places)
    for number, delivery in enumerate(done, 1):
        assert delivery.next_at is not None
        assert delivery.next_at >= AT + timedelta(minutes=number) + SCHEDULE[0]


def test_one_destination_that_is_down_does_not_hold_back_the_other() -> None:
    erp, crm = destination(), destination(name="crm", url="https://crm.example.com/in")
    kept = kept_for(erp, crm)
    done = run(kept, {erp.url: Answered(None), crm.url: Answered(200)}, AT, erp=erp, crm=crm)
    assert [(d.destination, d.state) for d in done] == [("erp", State.WAITING), ("crm", State.DELIVERED)]


def test_a_destination_whose_keys_have_ended_is_sent_nothing_and_does_not_hold_back_the_other() -> None:
    """Its deliveries are the longest due: whoever stopped at them would never come to any other."""
    erp = destination(keys=(Key("old", OLD.secret, AT),))
    crm = destination(name="crm", url="https://crm.example.com/in")
    kept = kept_for(erp, crm)
    done = run(kept, {crm.url: Answered(200)}, AT, erp=erp, crm=crm)
    assert [(d.destination, d.state, d.attempts) for d in done] == [
        ("erp", State.WAITING, 1), ("crm", State.DELIVERED, 1)
    ]  # fmt: skip
    assert "no key of the destination is in use" in done[0].why
    while delivery := next(iter(kept.due(AT + timedelta(days=99), 1)), None):
        assert delivery.next_at is not None
        _ = run(kept, {}, delivery.next_at, erp=erp)
    assert {d.state for d in kept.by_key.values()} == {State.GIVEN_UP, State.DELIVERED}


def test_a_destination_that_is_gone_is_given_up() -> None:
    erp = destination()
    assert run(kept_for(erp), {erp.url: Answered(410)}, AT, erp=erp)[0].state is State.GIVEN_UP
    assert run(kept_for(erp), {}, AT)[0].why == "there is no such destination any more"


@given(st.integers(100, 599), st.integers(-(10**6), 10**9), st.integers(0, 12))
def test_no_answer_makes_us_hurry_or_wait_for_more_than_a_day_and_a_tenth(status: int, wait: int, made: int) -> None:
    (fresh,) = deliveries_of(SIGNED, [destination()], AT)
    before = Delivery(
        id=fresh.id, destination="erp", body=b"", made_at=AT, next_at=AT, attempts=made
    )  # fmt: skip
    after = after_attempt(before, Answered(status, timedelta(seconds=wait)), AT)
    assert (after.state is State.DELIVERED) == (200 <= status < 300)
    assert after.attempts == made + 1
    assert (after.next_at is None) == (after.state is not State.WAITING)
    if after.next_at is not None:
        assert SCHEDULE[made] <= after.next_at - AT <= timedelta(hours=24) * 11 / 10


PRIVATE = [
    "http://example.com/", "ftp://example.com/", "https://", "https:///x", "//example.com", "example.com",
    "https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://a.localhost/", "https://intranet/",
    "https://db.internal/", "https://x.local/", "https://router.home.arpa/",
    "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://2130706433/", "https://0x7f000001/",
    "https://0x7f.1/", "https://017700000001/", "https://0177.0.0.1/", "https://0/", "https://0.0.0.0/",
    "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/", "https://0xA9FEA9FE/", "https://100.64.0.1/", "https://224.0.0.1/", "https://255.255.255.255/",
    "https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/",
    "https://[fec0::1]/", "https://[::ffff:0:7f00:1]/", "https://[5f00::1]/", "https://[4000::1]/", "https://[3fff::1]/",
    "https://[2002:7f00:1::]/", "https://user@example.com/", "https://user:pw@example.com/", "https://a@127.0.0.1/",
    "https://example.com\\@127.0.0.1/", "https://exam ple.com/", "https://ex\u00e4mple.com/", "https://①②⑦.⓪.⓪.①/",
    "https://example.com:99999/", "https://[::1/", "https://1.2.3.4.5/", "https://256.256.256.256/", "https://a..b.com/",
    "https://192.0.0.192/", "https://192.88.99.1/", "https://168.63.129.16/", "https://0xA83F8110/", "https://app.test/",
    "https://kubernetes.default.svc/", "https://wiki.private/", "https://x.invalid/", "https://x.onion./",
    "https://127.0.0.1.:443/", "https://08.1.1.1/", "https://example.com/\n", "https://" + "a" * 3000 + ".com/",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE, ids=lambda url: repr(url)[:40])
def test_nothing_is_sent_to_an_address_of_ones_own_network(url: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = destination(url=url)


@pytest.mark.parametrize(
    "url",
    ["https://example.com/", "https://example.com:8443/in?token=x", "https://8.8.8.8/", "https://[2606:4700::1]/"],
)
def test_public_addresses_are_allowed(url: str) -> None:
    assert checked_url(url) == url


def test_private_addresses_are_allowed_on_request() -> None:
    assert destination(url="http://127.0.0.1:8000/in", private=True).url == "http://127.0.0.1:8000/in"


def test_no_secret_of_a_destination_is_shown() -> None:
    place = destination(url="https://erp.example.com/in?token=canary")
    post = post_of(place, SIGNED.id, body_of(SIGNED), AT)
    for shown in (repr(place), repr(post), repr(SIGNED)):
        assert "canary" not in shown
        assert NEW.secret.decode() not in shown
    with pytest.raises(InvalidRecord) as refusal:
        _ = destination(url="http://erp.example.com/in?token=canary")
    assert "canary" not in str(refusal.value)
    assert json.loads(post.body)["data"]["value"]["amount"] == "10.00"


@pytest.mark.parametrize("own", ["a.b", "", "a b", "é", "a\r\nwebhook-id: b"])
def test_no_id_is_sent_that_could_not_be_told_apart(own: str) -> None:
    """Not from a list of the host's either: our own receiver would refuse it, or read another header in it."""
    with pytest.raises(InvalidRecord, match="message_id is"):
        _ = post_of(destination(), own, b"{}", AT)
    with pytest.raises(InvalidRecord, match="Delivery"):
        _ = Delivery(id=own, destination="erp", body=b"{}", made_at=AT, next_at=AT)


def test_two_destinations_of_one_name_are_refused() -> None:
    """The list has one delivery for a name and an id: the second destination would never be sent anything."""
    with pytest.raises(InvalidRecord, match=r"destinations is \['erp', 'erp'\]"):
        _ = deliveries_of(SIGNED, [destination(), destination(url="https://crm.example.com/in")], AT)


def test_nothing_is_given_up_because_a_destination_stands_under_another_name() -> None:
    erp = destination()
    kept = kept_for(erp)
    with pytest.raises(InvalidRecord, match="destinations is 'ERP'; expected 'erp'"):
        _ = next(deliver(kept, {"ERP": erp}, AT))
    assert [delivery.state for delivery in kept.by_key.values()] == [State.WAITING]


def test_an_answer_or_a_clock_of_another_form_is_refused_by_name() -> None:
    """Found only after the message was sent, it would be sent again by every run."""
    for wrong in ("200", 204.5, True, -1):
        with pytest.raises(InvalidRecord, match="Answered: status is"):
            _ = Answered(wrong)  # type: ignore[arg-type] # what is tried
    with pytest.raises(InvalidRecord, match="Answered: retry_after is"):
        _ = Answered(503, 120)  # type: ignore[arg-type] # what is tried
    erp, naive = destination(), AT.replace(tzinfo=None)
    for attempts in (
        deliver(kept_for(erp), {"erp": erp}, naive),
        deliver(kept_for(erp), {"erp": erp}, AT, clock=lambda: naive),
    ):
        with pytest.raises(InvalidRecord, match="deliver: now is"):
            _ = next(attempts)
    attempts = deliver(kept_for(erp), {"erp": erp}, AT)
    _ = next(attempts)
    with pytest.raises(InvalidRecord, match="an Answered for each Post"):
        _ = next(attempts)
