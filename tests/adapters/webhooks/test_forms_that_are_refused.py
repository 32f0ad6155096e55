"""Messages that are signed rightly and refused for their form, and reasons that are told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from vendors_posting import NOW, TARGET, b64, mac

from clmcrm.adapters.webhooks.asymmetric import canonical_base64
from clmcrm.adapters.webhooks.delivering import LONGEST_WAIT, Answered, after_attempt, deliveries_of
from clmcrm.adapters.webhooks.documenso import Documenso
from clmcrm.adapters.webhooks.hubspot import HubSpot
from clmcrm.adapters.webhooks.inbox import MemoryInbox
from clmcrm.adapters.webhooks.keys import Key, Window
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.outgoing import Announcement, Destination
from clmcrm.adapters.webhooks.receiving import Endpoint
from clmcrm.adapters.webhooks.standard import StandardWebhooks, signature_v1
from clmcrm.adapters.webhooks.verified import Scheme
from clmcrm.errors import InvalidRecord, WebhookRefused

KEY = Key("k", "whsec_" + b64(b"k" * 24))
SECONDS = int(NOW.timestamp())


def reason(scheme: Scheme, message: Message) -> str:
    with pytest.raises(WebhookRefused) as refusal:
        _ = scheme.verify(message, NOW)
    return refusal.value.reason


def standard(own: str, after: str = "") -> Message:
    headers = {
        "webhook-id": own, "webhook-timestamp": str(SECONDS),
        "webhook-signature": signature_v1(KEY, own, SECONDS, b"{}") + after,
    }  # fmt: skip
    return Message(headers=headers, body=b"{}")


def test_an_id_with_a_full_stop_is_refused_though_it_is_signed() -> None:
    scheme = StandardWebhooks(keys=(KEY,))
    assert scheme.verify(standard("a-b"), NOW).event_id == "a-b"
    assert reason(scheme, standard("a.b")) == "malformed"


@pytest.mark.parametrize("after", [" ", "  v1,x", " v1,x" * 32])
def test_a_list_of_signatures_has_one_space_between_two_and_32_at_most(after: str) -> None:
    assert reason(StandardWebhooks(keys=(KEY,)), standard("a", after)) == "malformed"


@pytest.mark.parametrize("query", ["a=[1", "a={", 'a="', "a=]"])
def test_a_query_that_could_be_the_start_of_the_body_is_refused_though_it_is_signed(query: str) -> None:
    millis = str(SECONDS * 1000)
    signature = b64(mac(KEY.secret, f"POST{TARGET}?{query}[{{}}]{millis}".encode()))
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": millis}
    message = Message(url=f"/in?{query}", headers=headers, body=b"[{}]")
    assert reason(HubSpot(keys=(KEY,), target=TARGET), message) == "malformed"


@pytest.mark.parametrize(
    "target",
    ["crm.example/in", "/in", "https://crm.example/in?a=1", "https://crm.example/in#a", "https://crm.example/ in"],
)
def test_a_target_under_which_no_message_would_be_believed_is_refused(target: str) -> None:
    with pytest.raises(InvalidRecord, match="HubSpot: target is"):
        _ = HubSpot(keys=(Key("a", "the client secret"),), target=target)


def test_an_older_signature_alone_is_told_apart_from_none() -> None:
    scheme = HubSpot(keys=(KEY,), target=TARGET)
    assert reason(scheme, Message(headers={"X-HubSpot-Signature": "00"}, body=b"[]")) == "downgrade"
    assert reason(scheme, Message(headers={}, body=b"[]")) == "unsigned"


def test_an_empty_secret_is_no_secret() -> None:
    assert reason(Documenso(keys=(KEY,)), Message(headers={"X-Documenso-Secret": ""}, body=b"{}")) == "unsigned"


@pytest.mark.parametrize(
    ("text", "raw"), [("AA==", b"\0"), ("AB==", None), ("AA", None), ("AA==\n", None), ("é", None)]
)
def test_base64_is_taken_in_its_one_right_spelling(text: str, raw: bytes | None) -> None:
    assert canonical_base64(text) == raw


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (timedelta(seconds=-9), timedelta(seconds=5), timedelta(seconds=6)),
        (timedelta(hours=3), timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=9), LONGEST_WAIT, LONGEST_WAIT),
    ],
)
def test_a_receiver_may_ask_for_a_longer_wait_up_to_a_day(
    status: int, asked: timedelta, least: timedelta, most: timedelta
) -> None:
    place = Destination(name="erp", url="https://erp.example.com/", keys=(KEY,))
    told = Announcement(id="e", type="t", source="/s", occurred_at=NOW)
    (delivery,) = deliveries_of(told, [place], NOW)
    after = after_attempt(delivery, Answered(status, asked), NOW)
    assert after.next_at is not None
    assert least <= after.next_at - NOW <= most


@pytest.mark.parametrize("secret", ["a sécret of Documenso's", " a secret with a blank", "a secret\tof two parts"])
def test_a_secret_that_no_header_carries_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(InvalidRecord, match="as a header carries it") as refused:
        _ = Documenso(keys=(Key("one", secret),))
    assert secret not in str(refused.value)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_breaks_at_the_end_of_a_secret_do_not_count(end: str) -> None:
    """A file of one secret ends with one: every genuine message was refused as forged."""
    assert Key("one", "a secret from a file" + end) == Key("one", "a secret from a file")
    assert Key("one", b"bytes as they are\n").secret == b"bytes as they are\n"


def test_an_id_of_blanks_is_none() -> None:
    assert reason(StandardWebhooks(keys=(KEY,)), standard("  ")) == "unsigned"


def test_a_length_below_zero_is_refused_by_name() -> None:
    """Every genuine message would be refused as stale."""
    for below in (timedelta(seconds=-1), 300):
        for name in ("past", "future"):
            with pytest.raises(InvalidRecord, match=f"Window: {name} is .*; expected a timedelta of zero or more"):
                _ = Window(**{name: below})  # type: ignore[arg-type] # what is tried
        with pytest.raises(InvalidRecord, match="Endpoint: oldest is"):
            _ = Endpoint(system="d", scheme=Documenso(keys=(KEY,)), inbox=MemoryInbox(), oldest=below)  # type: ignore[arg-type] # as above
    assert Window(past=timedelta(0)).past == timedelta(0)
