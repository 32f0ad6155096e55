"""No forged message is ever believed: every way to forge, over every scheme, from a seed that is printed."""

from __future__ import annotations

import hmac
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from forging import FORGERIES, Forgery, chance, ended_secret, say
from hypothesis import settings
from vendors_posting import NOW, SENDERS, Sender

from clmcrm.adapters.webhooks.inbox import MemoryInbox
from clmcrm.adapters.webhooks.keys import Key
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reasons import Reason
from clmcrm.adapters.webhooks.receiving import Endpoint, Fate, receive
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told

_ = pytest.importorskip("cryptography", reason="Ironclad's sender signs with the extra webhooks")

FAST, NIGHTLY = 2_000, 100_000


def wanted() -> int:
    """How many forged messages: many more under the nightly profile."""
    return NIGHTLY if settings.default.max_examples >= 1_000 else FAST  # type: ignore[union-attr] # a profile is loaded


@pytest.fixture
def seed() -> int:
    """CLMCRM_SEED repeats a run; printed when a test fails."""
    found = int(os.environ.get("CLMCRM_SEED", "20260115"))
    say(f"CLMCRM_SEED={found}")
    return found


def endpoint_of(sender: Sender, secret: str) -> Endpoint:
    old = Key("old", sender.key(ended_secret(sender)), until=NOW - timedelta(days=1))
    keys = (old, Key("other", sender.key("4" if sender.name == "ironclad-rsa" else sender.secret(chance("other")))))
    return Endpoint(
        system=sender.name, scheme=sender.scheme((*keys, Key("new", sender.key(secret)))), inbox=MemoryInbox()
    )


def forged(rng: random.Random, number: int) -> Iterator[tuple[Forgery, Sender, Endpoint, Message]]:
    """So many forged messages, over all senders and all ways in turn."""
    made = 0
    places = [(sender, secret, endpoint_of(sender, secret)) for sender in SENDERS for secret in [sender.secret(rng)]]
    while made < number:
        for forge in FORGERIES:
            for sender, secret, endpoint in places:
                message = forge(rng, sender, secret)
                if message is not None:
                    made += 1
                    yield forge, sender, endpoint, message


def test_no_forged_message_is_believed(seed: int) -> None:
    rng = chance(seed)
    tried: Counter[str] = Counter()
    for forge, sender, endpoint, message in forged(rng, wanted()):
        received = receive(endpoint, message, NOW)
        tried[sender.name] += 1
        assert received.fate is Fate.REFUSED, (forge.__name__, sender.name, message.headers, message.url, message.body)
        assert received.reason != Reason.UNEXPECTED, received.why
        assert 400 <= received.reply.status < 500
        assert not list(endpoint.inbox.waiting())
    say(sum(tried.values()), "forged messages refused:", dict(tried))
    assert set(tried) == {sender.name for sender in SENDERS}


@pytest.mark.parametrize("sender", SENDERS, ids=lambda sender: sender.name)
def test_the_same_sender_is_believed_when_nothing_is_forged(sender: Sender, seed: int) -> None:
    rng = chance(seed)
    secret = sender.secret(rng)
    endpoint = endpoint_of(sender, secret)
    for _ in range(40):
        received = receive(endpoint, sender.make(rng, NOW, secret), NOW)
        assert received.fate is Fate.TAKEN, received.why
        assert received.verified is not None
        assert received.verified.key_name == "new"
        covered = (received.verified.covers_body, received.verified.covers_time)
        assert covered == (sender.body_signed, sender.time_signed)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_every_way_to_forge_applies_to_some_sender(forge: Forgery, seed: int) -> None:
    rng = chance(seed)
    assert any(forge(rng, sender, sender.secret(rng)) for sender in SENDERS for _ in range(5))


@dataclass(frozen=True)
class Gullible:
    """A scheme that takes the word of whoever posts."""

    name: str = "gullible"
    reply: Reply = ACCEPTED

    def verify(self, message: Message, now: datetime) -> Verified:
        event = Event(id=str(hash((message, now))), kind="any", object="any")
        return told(self.name, "none", (event,), event.id, body=True, time=True)


def test_a_scheme_that_believes_everything_is_found_out(seed: int) -> None:
    believed = Counter(
        receive(replaced(endpoint), message, NOW).fate for _, _, endpoint, message in forged(chance(seed), 200)
    )
    assert believed[Fate.TAKEN] > 150


def replaced(endpoint: Endpoint) -> Endpoint:
    return evolve(endpoint, scheme=Gullible())


@pytest.mark.parametrize("sender", [s for s in SENDERS if s.name != "ironclad-rsa"], ids=lambda sender: sender.name)
@pytest.mark.parametrize("fits", ["first", "last", "none"])
def test_as_many_comparisons_are_made_whichever_key_fits(
    sender: Sender, fits: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All by `hmac.compare_digest`, and none left out after a hit: the time says nothing about the keys."""
    made: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def counted(left: bytes, right: bytes) -> bool:
        made.append((left, right))
        return compare(left, right)

    rng = chance(seed)
    secrets = [sender.secret(rng) for _ in range(3)]
    secret = {"first": secrets[0], "last": secrets[2], "none": sender.secret(rng)}[fits]
    scheme = sender.scheme(tuple(Key(str(number), each) for number, each in enumerate(secrets)))
    message = sender.make(chance(1), NOW, secret)
    spellings = 2 if sender.name == "hubspot-v3" and "%2F" in message.url else 1
    given = 2 if sender.name == "docusign-connect" else 1
    monkeypatch.setattr(hmac, "compare_digest", counted)
    endpoint = Endpoint(system="s", scheme=scheme, inbox=MemoryInbox())
    assert (receive(endpoint, message, NOW).fate is Fate.TAKEN) == (fits != "none")
    assert len(made) == 3 * spellings * given
