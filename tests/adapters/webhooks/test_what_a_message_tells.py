"""From a genuine message to events: ids, kinds, ends and merges, and what is done about one that cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from vendors_posting import NOW, TARGET, b64, form_of, mac

from clmcrm.adapters.webhooks.documenso import Documenso
from clmcrm.adapters.webhooks.docuseal import DocuSeal
from clmcrm.adapters.webhooks.docusign import MOST_KEYS, DocuSign
from clmcrm.adapters.webhooks.dropbox_sign import DropboxSign
from clmcrm.adapters.webhooks.hubspot import HubSpot
from clmcrm.adapters.webhooks.inbox import MemoryInbox
from clmcrm.adapters.webhooks.ironclad import Ironclad
from clmcrm.adapters.webhooks.keys import Key, Window
from clmcrm.adapters.webhooks.message import Limits, Message
from clmcrm.adapters.webhooks.pandadoc import PandaDoc
from clmcrm.adapters.webhooks.receiving import Endpoint, Fate, receive
from clmcrm.adapters.webhooks.sqlite_inbox import SqliteInbox
from clmcrm.adapters.webhooks.standard import StandardWebhooks
from clmcrm.adapters.webhooks.verified import Scheme, Verified
from clmcrm.errors import InvalidRecord, WebhookRefused

SECRET = "a secret of thirty-two letters .."  # noqa: S105 - made up for these tests
KEYS = (Key("one", SECRET),)


def hubspot(events: Any, at: datetime = NOW) -> Message:
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    millis = str(int(at.timestamp() * 1000))
    signed = f"POST{TARGET}".encode() + body + millis.encode()
    signature = b64(mac(SECRET.encode(), signed))
    return Message(
        headers={"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": millis}, body=body
    )  # fmt: skip


def told_by_hubspot(events: Any) -> Verified:
    return HubSpot(keys=KEYS, target=TARGET).verify(hubspot(events), NOW)


def pandadoc(value: Any) -> Message:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Message(url=f"/in?signature={mac(SECRET.encode(), body).hex()}", headers={}, body=body)


def docusign(body: bytes, **more: str) -> Message:
    return Message(headers={"X-DocuSign-Signature-1": b64(mac(SECRET.encode(), body)), **more}, body=body)


def of(kind: str, **more: Any) -> dict[str, Any]:
    return {"subscriptionType": kind, "eventId": 1, "portalId": 5, "occurredAt": 1768469400000, **more}


def test_hubspot_tells_each_event_of_a_batch() -> None:
    verified = told_by_hubspot([of("deal.creation", objectId=7), of("company.deletion", objectId=8)])
    assert [(e.kind, e.object, e.key, e.gone) for e in verified.events] == [
        ("deal.creation", "deal", "7", False), ("company.deletion", "company", "8", True),
    ]  # fmt: skip
    assert verified.events[0].occurred_at == datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def test_hubspot_tells_which_records_a_merge_ended() -> None:
    merge = of("contact.merge", primaryObjectId=1, mergedObjectIds=[2, 3], newObjectId=9)
    verified = told_by_hubspot([merge])
    assert [(e.key, e.merged_into) for e in verified.events] == [("2", "9"), ("3", "9"), ("9", None)]


def test_hubspot_generic_events_name_the_type_by_number() -> None:
    assert told_by_hubspot([of("object.creation", objectTypeId="0-3", objectId=7)]).events[0].object == "0-3"


def test_hubspot_event_id_is_that_of_the_event_and_not_of_the_attempt() -> None:
    first, again = (told_by_hubspot([of("deal.creation", objectId=7, attemptNumber=n)]).events[0].id for n in (0, 1))
    other = told_by_hubspot([of("deal.creation", objectId=8)]).events[0].id
    assert first == again
    assert other != first


def test_pandadoc_tells_several_documents_at_once() -> None:
    value = [
        {"event": "document_state_changed", "data": {"id": "d1", "status": "document.sent"}},
        {"event": "document_deleted", "data": {"id": "d2"}},
        {"event": "template_updated", "data": {"id": "t1"}},
    ]
    events = PandaDoc(keys=KEYS).verify(pandadoc(value), NOW).events
    assert [(e.object, e.key, e.gone) for e in events] == [
        ("document", "d1", False), ("document", "d2", True), ("template", "t1", False),
    ]  # fmt: skip


def test_docusign_in_xml_tells_the_envelope_without_reading_entities() -> None:
    body = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><DocuSignEnvelopeInformation>'
        b"<EnvelopeStatus><TimeGenerated>2026-01-15T09:30:00.1234567</TimeGenerated>"
        b"<EnvelopeID>5c9f-77</EnvelopeID><Status>Completed</Status></EnvelopeStatus></DocuSignEnvelopeInformation>"
    )
    event = DocuSign(keys=KEYS).verify(docusign(body), NOW).events[0]
    assert (event.kind, event.object, event.key) == ("envelope-completed", "envelope", "5c9f-77")


def test_docusign_in_xml_tells_the_status_of_the_envelope_and_not_that_of_a_recipient() -> None:
    body = (
        b"<DocuSignEnvelopeInformation><EnvelopeStatus><RecipientStatuses>"
        b"<RecipientStatus><Type>Signer</Type><Status>Completed</Status></RecipientStatus>"
        b"<RecipientStatus><Type>Signer</Type><Status>Sent</Status></RecipientStatus></RecipientStatuses>"
        b"<TimeGenerated>2026-01-15T09:30:00.1234567</TimeGenerated><EnvelopeID>5c9f-77</EnvelopeID>"
        b"<Subject>Lease</Subject><UserName>Ann</UserName><Email>ann@example.org</Email><Status>Delivered</Status>"
        b"</EnvelopeStatus></DocuSignEnvelopeInformation>"
    )
    event = DocuSign(keys=KEYS).verify(docusign(body), NOW).events[0]
    assert (event.kind, event.key) == ("envelope-delivered", "5c9f-77")


def test_docusign_believes_any_of_its_keys_and_says_which() -> None:
    keys = (Key("spring", "another secret"), *KEYS)
    body = b'{"event":"envelope-sent","data":{"envelopeId":"e1"}}'
    assert DocuSign(keys=keys).verify(docusign(body), NOW).key_name == "one"


def test_dropbox_sign_body_is_not_covered_and_its_ids_are_only_hints() -> None:
    kind, seconds = "signature_request_signed", str(int(NOW.timestamp()))
    event = {
        "event_type": kind, "event_time": seconds, "event_hash": mac(SECRET.encode(), (seconds + kind).encode()).hex(),
    }  # fmt: skip
    for key in ("genuine", "written by somebody else"):
        message = form_of(json.dumps({"event": event, "signature_request": {"signature_request_id": key}}).encode())
        verified = DropboxSign(keys=KEYS).verify(message, NOW)
        assert verified.covers_body is False
        assert verified.events[0].key == key


def test_dropbox_sign_wants_to_hear_one_text() -> None:
    assert DropboxSign(keys=KEYS).reply.body == b"Hello API Event Received"


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "multipart"])
def test_dropbox_sign_reads_each_form_it_is_posted_in(content_type: str) -> None:
    from urllib.parse import urlencode  # noqa: PLC0415 - for this test alone

    kind, seconds = "signature_request_sent", str(int(NOW.timestamp()))
    hash_ = mac(SECRET.encode(), (seconds + kind).encode()).hex()
    payload = json.dumps({"event": {"event_type": kind, "event_time": seconds, "event_hash": hash_}})
    bodies = {"application/json": payload, "application/x-www-form-urlencoded": urlencode({"json": payload})}
    message = form_of(payload.encode())
    if content_type in bodies:
        message = Message(headers={"Content-Type": content_type}, body=bodies[content_type].encode())
    assert DropboxSign(keys=KEYS).verify(message, NOW).kind == kind


def test_documenso_is_a_ping_whatever_its_body_says() -> None:
    message = Message(headers={"X-Documenso-Secret": SECRET}, body=b'{"payload":{"id":7}}')
    verified = Documenso(keys=KEYS).verify(message, NOW)
    assert (verified.kind, verified.events[0].key) == ("ping", None)


def test_docuseal_uses_its_secret_as_text_prefix_and_all() -> None:
    secret, seconds, body = "whsec_" + b64(b"x" * 24), str(int(NOW.timestamp())), b'{"event_type":"form.completed"}'
    signature = mac(secret.encode(), f"{seconds}.".encode() + body).hex()
    message = Message(headers={"X-Docuseal-Signature": f"{seconds}.{signature}"}, body=body)
    assert DocuSeal(keys=(Key("k", secret),)).verify(message, NOW).events[0].object == "submitter"


POISON = [
    b"", b"null", b"[]", b"{}", b"\xff\xfe", b'{"event": NaN}', b"[" * 100_000, b'{"a":1,"a":2}', b'"\\ud800"',
    b"[[[[]]]]", b'[{"event": "\\ud800", "data": {"id": "\\ud800"}}]', b"9" * 5_000, b'[{"event": 7}]', b"<x/>",
    b'{"event": {"a": 1}, "subscriptionType": [], "type": {}, "event_type": null}', b"[{}" + b",{}" * 9_999 + b"]",
]  # fmt: skip


@pytest.mark.parametrize("body", POISON, ids=lambda body: repr(body[:24]))
@pytest.mark.parametrize("vendor", ["pandadoc", "docusign", "hubspot"])
def test_a_genuine_message_that_cannot_be_read_is_kept_and_answered_with_2xx(vendor: str, body: bytes) -> None:
    made: dict[str, tuple[Scheme, Message]] = {
        "pandadoc": (PandaDoc(keys=KEYS), pandadoc(body)),
        "docusign": (DocuSign(keys=KEYS), docusign(body)),
        "hubspot": (HubSpot(keys=KEYS, target=TARGET), hubspot(body)),
    }
    scheme, message = made[vendor]
    inbox = MemoryInbox()
    received = receive(Endpoint(system=vendor, scheme=scheme, inbox=inbox), message, NOW)
    if vendor == "hubspot" and not (body.startswith((b"[", b"{")) and body.endswith((b"]", b"}"))):
        assert received.reply.status == 400  # HubSpot posts nothing but arrays and objects
        return
    assert received.reply.status == 200, received.why
    arrivals = list(inbox.waiting())
    assert len(arrivals) == 1
    if received.verified is not None and received.verified.unread:
        assert arrivals[0].event.kind == "unreadable"


def test_a_message_is_taken_once_and_a_repeated_one_is_answered_as_well() -> None:
    inbox = MemoryInbox()
    endpoint = Endpoint(system="hubspot", scheme=HubSpot(keys=KEYS, target=TARGET), inbox=inbox)
    message = hubspot([of("deal.creation", objectId=7)])
    later = hubspot([of("deal.creation", objectId=7, attemptNumber=1), of("deal.creation", objectId=8)])
    fates = [receive(endpoint, each, NOW).fate for each in (message, message, later, later)]
    assert fates == [Fate.TAKEN, Fate.REPEATED, Fate.TAKEN, Fate.REPEATED]
    assert [arrival.event.key for arrival in inbox.waiting()] == ["7", "8"]


@pytest.mark.parametrize(("seconds", "fate"), [(-301, "stale"), (-300, ""), (0, ""), (300, ""), (301, "early")])
def test_five_minutes_in_both_directions_are_inside(seconds: int, fate: str) -> None:
    message = hubspot([of("deal.creation", objectId=7)], NOW + timedelta(seconds=seconds))
    endpoint = Endpoint(system="h", scheme=HubSpot(keys=KEYS, target=TARGET), inbox=MemoryInbox())
    assert receive(endpoint, message, NOW).reason == fate


def test_a_window_can_be_narrowed() -> None:
    scheme = HubSpot(keys=KEYS, target=TARGET, window=Window(past=timedelta(seconds=30)))
    with pytest.raises(WebhookRefused, match="more than 0:00:30 ago"):
        _ = scheme.verify(hubspot([of("deal.creation")], NOW - timedelta(seconds=31)), NOW)


def test_a_window_and_an_age_without_an_end_take_whatever_is_genuine() -> None:
    """`timedelta.max` is how a host says "never": no instant lies that far back."""
    ever = Window(past=timedelta.max, future=timedelta.max)
    for away in (timedelta(), timedelta(days=9_999), timedelta(days=-9_999)):
        ever.admit("any", NOW + away, NOW)
    old = pandadoc([{"event": "document_updated", "data": {"id": "d", "date_modified": "0001-01-01T00:00:00Z"}}])
    for oldest, fate in ((timedelta.max, "taken"), (timedelta(days=15), "refused")):
        sign = Endpoint(system="p", scheme=PandaDoc(keys=KEYS), inbox=MemoryInbox(), oldest=oldest)
        assert receive(sign, old, NOW).fate.value == fate


def test_a_key_counts_until_its_end_and_not_from_it_on() -> None:
    scheme = PandaDoc(keys=(Key("old", SECRET, until=NOW), Key("new", "the newer secret")))
    message = pandadoc([{"event": "document_updated"}])
    assert scheme.verify(message, NOW - timedelta(seconds=1)).key_name == "old"
    with pytest.raises(WebhookRefused):
        _ = scheme.verify(message, NOW)


def test_where_no_time_is_signed_the_time_in_the_body_bounds_a_replay() -> None:
    endpoint = Endpoint(system="docusign", scheme=DocuSign(keys=KEYS), inbox=MemoryInbox())
    body = json.dumps({"event": "envelope-sent", "generatedDateTime": "2025-12-31T09:29:59.0000000Z"}).encode()
    assert receive(endpoint, docusign(body), NOW).reason == "stale"
    assert receive(endpoint, docusign(body), NOW - timedelta(seconds=1)).fate is Fate.TAKEN


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (Message(headers={}, body=b"x" * 101), 413),
        (Message(url="/" + "x" * 101, headers={}, body=b""), 431),
        (Message(headers={"x": "y" * 101}, body=b""), 431),
        (Message(headers=[("x", "y")] * 6, body=b""), 431),
        (Message(method="GET", headers={}, body=b""), 405),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_looked_at(message: Message, status: int) -> None:
    limits = Limits(body_bytes=100, url_bytes=100, header_bytes=100, headers=5)
    endpoint = Endpoint(system="x", scheme=PandaDoc(keys=KEYS), inbox=MemoryInbox(), limits=limits)
    assert receive(endpoint, message, NOW).reply.status == status


def test_a_message_signed_with_every_key_that_a_docusign_account_may_have_is_taken() -> None:
    """Refused, it would hold back all that follows."""
    body = json.dumps({"event": "envelope-completed", "data": {"envelopeId": "e-1"}}).encode()
    secrets = [f"the HMAC key of number {number}" for number in range(1, MOST_KEYS + 1)]
    signed = {f"X-DocuSign-Signature-{n}": b64(mac(secret.encode(), body)) for n, secret in enumerate(secrets, 1)}
    usual = dict.fromkeys(("Host", "User-Agent", "Content-Type", "Content-Length", "Accept", "Expect", "Via"), "x")
    scheme = DocuSign(keys=(Key("the last one", secrets[-1]),))
    endpoint = Endpoint(system="docusign", scheme=scheme, inbox=MemoryInbox())
    assert receive(endpoint, Message(headers=signed | usual, body=body), NOW).fate is Fate.TAKEN


def test_a_scheme_that_fails_over_a_message_leads_to_no_5xx() -> None:
    class Broken(PandaDoc):
        def verify(self, message: Message, now: datetime) -> Verified:
            raise KeyError(message.url, now)

    received = receive(Endpoint(system="x", scheme=Broken(keys=KEYS), inbox=MemoryInbox()), pandadoc([]), NOW)
    assert (received.reply.status, received.reason) == (400, "unexpected")


@pytest.mark.parametrize("secret", ["\ud800a long secret", "a long \udce9 secret"])
def test_a_secret_that_no_bytes_can_hold_is_refused_and_not_shown(secret: str) -> None:
    """An environment variable in another encoding comes as such a text."""
    with pytest.raises(InvalidRecord, match="without half a surrogate pair") as refused:
        _ = Key("one", secret)
    error: BaseException | None = refused.value
    while error is not None:
        assert "long" not in repr(error)
        error = error.__cause__ or error.__context__
    assert "(hidden)" in str(refused.value)


def test_no_secret_is_shown_anywhere() -> None:
    schemes: list[Scheme] = [
        PandaDoc(keys=KEYS), DocuSign(keys=KEYS), Documenso(keys=KEYS), DocuSeal(keys=KEYS), DropboxSign(keys=KEYS),
        HubSpot(keys=KEYS, target=TARGET), StandardWebhooks(keys=(Key("k", "whsec_" + b64(SECRET.encode())),)),
    ]  # fmt: skip
    message = Message(headers={"X-Documenso-Secret": SECRET + "x"}, body=SECRET.encode(), url=f"/?signature={SECRET}")
    shown = [repr(KEYS), repr(message)]
    for scheme in schemes:
        shown.append(repr(scheme))
        received = receive(Endpoint(system="s", scheme=scheme, inbox=MemoryInbox()), message, NOW)
        shown.append(repr(received))
    strange: Any = bytearray(SECRET.encode())  # a buffer, as some stores of secrets give it
    for made in (
        lambda: Key("k", "short"),
        lambda: Key("k", strange),
        lambda: StandardWebhooks(keys=(Key("k", SECRET + "!"),)),
    ):
        with pytest.raises(InvalidRecord) as refusal:
            _ = made()
        shown.append(str(refusal.value))
    for text in shown:
        assert SECRET not in text
        assert "short'" not in text
        assert b64(SECRET.encode()) not in text


@pytest.mark.parametrize("keys", [(), (Key("a", SECRET), Key("a", SECRET * 2)), ["x"], None])
def test_a_scheme_needs_keys_with_names_of_their_own(keys: Any) -> None:
    with pytest.raises(InvalidRecord):
        _ = PandaDoc(keys=keys)


@pytest.mark.parametrize("keys", [[Key("a", SECRET)], ("canary-9",), "canary-9", None])
@pytest.mark.parametrize(("scheme", "name"), [
    (StandardWebhooks, "keys"), (StandardWebhooks, "public_keys"), (Ironclad, "keys"), (PandaDoc, "keys"),
])  # fmt: skip
def test_what_is_no_tuple_of_keys_is_refused_by_name_and_not_shown(scheme: Any, name: str, keys: Any) -> None:
    with pytest.raises(InvalidRecord, match=rf"{scheme.__name__}: {name} is '\(hidden\)'; expected a tuple of keys"):
        _ = scheme(**{name: keys})


def test_a_public_key_of_an_algorithm_nobody_knows_is_no_rsa_key() -> None:
    made = b"0\x0d0\x05\x06\x03\x2a\x03\x04\x03\x04\x00" + bytes(3)  # SubjectPublicKeyInfo of algorithm 1.2.3.4
    text = b"-----BEGIN PUBLIC KEY-----\n" + b64(made).encode() + b"\n-----END PUBLIC KEY-----\n"
    with pytest.raises(InvalidRecord, match="expected an RSA public key in PEM"):
        _ = Ironclad(keys=(Key("a", text),))


def test_a_header_with_two_values_is_refused_and_an_absent_one_is_none() -> None:
    message = Message(headers=[("X-A", "1"), ("x-a", "1")], body=b"")
    assert message.header("x-b") is None
    with pytest.raises(WebhookRefused, match="stands there 2 times"):
        _ = message.header("x-a")
    with pytest.raises(WebhookRefused, match="outside printable ASCII"):
        _ = evolve(message, headers={"x-a": "é"}).header("x-a")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'[{"event": "a", "event": "b"}]', "a key stands in an object twice"),
        (b'[{"event": "a", "data": NaN}]', "NaN is no JSON number"),
        (b"[]", "there are no events"),
        (b"\xff", "not JSON in UTF-8"),
    ],
)
def test_why_a_message_could_not_be_read_is_told(body: bytes, why: str) -> None:
    assert PandaDoc(keys=KEYS).verify(pandadoc(body), NOW).unread == why


@pytest.mark.parametrize("vendor", ["hubspot", "pandadoc"])
def test_one_event_of_a_batch_that_cannot_be_read_keeps_no_other_back(vendor: str) -> None:
    if vendor == "hubspot":
        scheme: Scheme = HubSpot(keys=KEYS, target=TARGET)
        message = hubspot([of("deal.creation", objectId=7), {"objectId": 8}, of("deal.creation", objectId=9)])
    else:
        scheme = PandaDoc(keys=KEYS)
        told = [
            {"event": "document_updated", "data": {"id": "7"}},
            {},
            {"event": "document_deleted", "data": {"id": "9"}},
        ]
        message = pandadoc(told)
    inbox = MemoryInbox()
    received = receive(Endpoint(system=vendor, scheme=scheme, inbox=inbox), message, NOW)
    assert (received.fate, received.reply.status) == (Fate.TAKEN, 200)
    assert received.why.startswith("2 of 3: ")
    assert [arrival.event.key for arrival in inbox.waiting()] == ["7", "9", None]
    assert [arrival.event.kind for arrival in inbox.waiting()][2] == "unreadable"


def test_the_one_event_that_can_be_read_and_the_rest_are_kept_apart() -> None:
    inbox = MemoryInbox()
    message = hubspot([of("deal.creation", objectId=7), {}])
    _ = receive(Endpoint(system="hubspot", scheme=HubSpot(keys=KEYS, target=TARGET), inbox=inbox), message, NOW)
    assert [arrival.event.kind for arrival in inbox.waiting()] == ["deal.creation", "unreadable"]


def docuseal(body: bytes) -> Message:
    seconds = str(int(NOW.timestamp()))
    signature = mac(SECRET.encode(), f"{seconds}.".encode() + body).hex()
    return Message(headers={"X-Docuseal-Signature": f"{seconds}.{signature}"}, body=body)


@pytest.mark.parametrize("stated", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("vendor", ["hubspot", "docuseal", "docusign", "pandadoc"])
def test_a_time_that_no_year_has_in_utc_is_none_and_holds_nothing_up(vendor: str, stated: str) -> None:
    senders: dict[str, tuple[Scheme, Message]] = {
        "hubspot": (HubSpot(keys=KEYS, target=TARGET), hubspot([of("deal.creation", objectId=7, occurredAt=stated)])),
        "docuseal": (
            DocuSeal(keys=KEYS),
            docuseal(json.dumps({"event_type": "form.viewed", "timestamp": stated, "data": {"id": 7}}).encode()),
        ),
        "docusign": (
            DocuSign(keys=KEYS),
            docusign(json.dumps({"event": "envelope-sent", "generatedDateTime": stated, "data": {}}).encode()),
        ),
        "pandadoc": (PandaDoc(keys=KEYS), pandadoc([{"event": "document_updated", "data": {"date_modified": stated}}])),
    }
    scheme, message = senders[vendor]
    inbox = SqliteInbox(":memory:")
    received = receive(Endpoint(system=vendor, scheme=scheme, inbox=inbox), message, NOW)
    assert (received.fate, received.reply.status) == (Fate.TAKEN, 200)
    assert [arrival.event.occurred_at for arrival in inbox.waiting()] == [None]
    inbox.close()


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        (DocuSeal(keys=KEYS), docuseal(b'{"event_type": ".viewed"}')),
        (DocuSeal(keys=KEYS), docuseal(b'{"event_type": " .viewed"}')),
        (DocuSign(keys=KEYS), docusign(b'{"event": "-sent"}')),
        (HubSpot(keys=KEYS, target=TARGET), hubspot([of("deal.creation", objectId=7), of(".creation", objectId=8)])),
    ],
)
def test_an_event_that_names_no_object_is_taken_and_called_by_its_whole_name(scheme: Scheme, message: Message) -> None:
    inbox = MemoryInbox()
    received = receive(Endpoint(system="one", scheme=scheme, inbox=inbox), message, NOW)
    assert (received.fate, received.reply.status, received.why) == (Fate.TAKEN, 200, "")
    told = [arrival.event for arrival in inbox.waiting()][-1]
    assert told.object == told.kind


LONG_AGO, TODAY = (NOW - timedelta(days=40)).isoformat(), NOW.isoformat()


@pytest.mark.parametrize(
    ("told", "fate"),
    [
        ([{"date_modified": LONG_AGO}, {"date_modified": TODAY}], Fate.TAKEN),
        ([{"date_modified": TODAY}, {"date_modified": LONG_AGO}], Fate.TAKEN),
        ([{}, {"date_modified": LONG_AGO}], Fate.REFUSED),
        ([{"date_modified": LONG_AGO, "action_date": TODAY}], Fate.TAKEN),
        ([{"date_modified": LONG_AGO, "action_date": LONG_AGO}], Fate.REFUSED),
    ],
)
def test_a_message_is_as_old_as_the_latest_that_it_tells(told: list[dict[str, str]], fate: Fate) -> None:
    """Not as its first event, nor as the last change of a document that a recipient completes weeks later."""
    events = [{"event": "recipient_completed", "data": {"id": f"d{n}", **data}} for n, data in enumerate(told)]
    place = Endpoint(system="pandadoc", scheme=PandaDoc(keys=KEYS), inbox=MemoryInbox())
    assert receive(place, pandadoc(events), NOW).fate is fate


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=Xx7", 'Multipart/Form-Data; Boundary="Xx7"', "multipart/form-data;boundary=Xx7;",
        "multipart/form-data; boundary=Xx7; charset=utf-8", 'multipart/form-data ; charset=utf-8; boundary="Xx7" ; a=b',
    ],
)  # fmt: skip
def test_a_form_is_read_however_its_content_type_is_written(content_type: str) -> None:
    """Parameters stand in any order (RFC 2045, 5.1), and names of any case."""
    seconds, kind = str(int(NOW.timestamp())), "signature_request_signed"
    event = {
        "event_time": seconds,
        "event_type": kind,
        "event_hash": mac(SECRET.encode(), (seconds + kind).encode()).hex(),
    }
    message = evolve(form_of(json.dumps({"event": event}).encode()), headers={"Content-Type": content_type})
    assert DropboxSign(keys=KEYS).verify(message, NOW).kind == kind


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=", "multipart/form-data; boundary=a<b"])
def test_a_form_without_a_boundary_is_refused(content_type: str) -> None:
    with pytest.raises(WebhookRefused, match="the content type is no form"):
        _ = DropboxSign(keys=KEYS).verify(evolve(form_of(b"{}"), headers={"Content-Type": content_type}), NOW)


def test_a_window_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(InvalidRecord, match="DropboxSign: window"):
        _ = DropboxSign(keys=KEYS, window=None)  # type: ignore[arg-type] # what is tried


@pytest.mark.parametrize("scheme", [PandaDoc(keys=KEYS), DropboxSign(keys=KEYS)])
def test_a_clock_without_a_zone_is_no_fault_of_the_message(scheme: Scheme) -> None:
    """A refusal would lose every genuine message, and tell the vendor and not the host."""
    place = Endpoint(system="any", scheme=scheme, inbox=MemoryInbox())
    with pytest.raises(InvalidRecord, match=r"now is .*; expected an instant with a time zone"):
        _ = receive(place, pandadoc([]), NOW.replace(tzinfo=None))
