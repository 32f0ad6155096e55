"""Ways to change a genuine message so that it must not be believed; each is drawn by a seeded generator.

A forger sees genuine messages, knows the schemes and how they are checked, and holds none of the keys.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from urllib.parse import quote

from attrs import evolve
from vendors_posting import LONG_AGO, NOW, Sender, b64, form_of, mac

from clmcrm.adapters.webhooks.message import Message

Forgery: TypeAlias = Callable[[random.Random, Sender, str], "Message | None"]
"""A forged message from a generator, the sender and the sender's secret (only to make genuine ones); None: n/a."""


def chance(seed: int | str) -> random.Random:
    """The same choices for the same seed."""
    return random.Random(seed)  # noqa: S311 - what must be repeatable cannot be secret


def say(*words: object) -> None:
    """Shown by pytest when a test fails, or with -s."""
    print(*words)  # noqa: T201 - as above


def genuine(rng: random.Random, sender: Sender, secret: str, at: datetime = NOW) -> Message:
    return sender.make(rng, at, secret)


def _swapped(message: Message, name: str, value: str) -> Message:
    headers = [(found, value if found == name else old) for found, old in message.headers]
    return evolve(message, headers=headers)


def _with_signature(message: Message, sender: Sender, change: Callable[[str], str]) -> Message | None:
    """The message with its signature changed, wherever this sender carries it; None when that changes nothing."""
    if sender.name == "pandadoc":
        path, _, signature = message.url.partition("?signature=")
        changed = evolve(message, url=f"{path}?signature={quote(change(signature), safe='')}")
    elif sender.name == "dropbox-sign":
        changed = _in_form(message, lambda event: event.update(event_hash=change(event["event_hash"])))
    elif sender.name == "ironclad-rsa":
        name = sender.deciding[0]
        proof = json.loads(message.header(name) or "{}")
        changed = _swapped(message, name, json.dumps(proof | {"signature": change(proof["signature"])}))
    else:
        name = sender.deciding[0]
        old = message.header(name) or ""
        lead = {"standard-webhooks": ",", "docuseal": "."}.get(sender.name, "")
        head, stop, tail = old.partition(lead) if lead else ("", "", old)
        changed = _swapped(message, name, head + stop + change(tail))
    return None if changed == message else changed


def _in_form(message: Message, change: Callable[[dict[str, str]], None]) -> Message:
    payload = message.body.partition(b"\r\n\r\n")[2].partition(b"\r\n--Xx7")[0]
    value = json.loads(payload)
    change(value["event"])
    return form_of(json.dumps(value).encode())


def _flipped(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice("ABCXYZabcxyz0189+/") + text[at + 1 :]


def signature_character(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    return _with_signature(genuine(rng, sender, secret), sender, lambda text: _flipped(rng, text))


def signature_truncated(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    return _with_signature(genuine(rng, sender, secret), sender, lambda text: text[: rng.randrange(len(text))])


def signature_of_another(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    if sender.name in ("documenso", "dropbox-sign"):
        return None  # its signature is the same for every body
    one, other = genuine(rng, sender, secret), genuine(rng, sender, secret)
    return None if one.body == other.body else evolve(one, headers=other.headers, url=other.url)


def signature_in_other_letters(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    way = rng.choice((str.swapcase, str.upper, str.lower, str.title))
    return _with_signature(genuine(rng, sender, secret), sender, way)


def signature_in_other_encoding(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    def change(text: str) -> str:
        try:
            raw = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text + "==")
        except ValueError:
            raw = text.encode()
        url_safe = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return rng.choice((raw.hex(), b64(raw), url_safe, b64(raw).rstrip("=")))

    return _with_signature(genuine(rng, sender, secret), sender, change)


def signature_padded(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    extra = rng.choice((" ", "=", "\t", "\0", "%00", "\n", "é", "A", "\r\nx: y"))
    lead = rng.random() < 0.5
    return _with_signature(genuine(rng, sender, secret), sender, lambda text: extra + text if lead else text + extra)


def signature_empty_or_nonsense(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    what = rng.choice(("", "null", "undefined", "true", "0", "[]", "*", "{signature}", "None", "=" * 44, "0" * 64))
    return _with_signature(genuine(rng, sender, secret), sender, lambda _: what)


def signature_by_a_weak_rule(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    """Hashes without a key, under an empty key, by a guessed key: what a careless check would take."""
    message = genuine(rng, sender, secret)
    body, guess = message.body, rng.choice((b"", b"secret", sender.name.encode(), b"\0" * 32))
    raw = rng.choice((hashlib.sha256(body).digest(), mac(guess, body), hashlib.sha256(guess + body).digest()))
    return _with_signature(message, sender, lambda _: rng.choice((raw.hex(), b64(raw))))


def header_removed(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    if not sender.deciding:
        return None
    name = rng.choice(sender.deciding)
    message = genuine(rng, sender, secret)
    return evolve(message, headers=[pair for pair in message.headers if pair[0] != name])


def header_doubled(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    message = genuine(rng, sender, secret)
    if sender.name == "pandadoc":
        again = message.url.partition("?")[2]
        return evolve(message, url=message.url + rng.choice(("&signature=0", "&signature=", f"&{again}")))
    if not sender.deciding:
        return None
    name = rng.choice(sender.deciding)
    value = rng.choice((message.header(name) or "", "x", ""))
    headers = [(name, value), *message.headers] if rng.random() < 0.5 else [*message.headers, (name.upper(), value)]
    return evolve(message, headers=headers)


def time_or_id_changed(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    message = genuine(rng, sender, secret)
    shift = rng.choice((-1, 1)) * rng.randrange(1, 10**6)
    if sender.name == "dropbox-sign":

        def move(event: dict[str, str]) -> None:
            event["event_time"] = str(int(event["event_time"]) + shift)

        return _in_form(message, move)
    if sender.name == "docuseal":
        seconds, _, tail = (message.header("x-docuseal-signature") or "").partition(".")
        return _swapped(message, "x-docuseal-signature", f"{int(seconds) + shift}.{tail}")
    others = sender.deciding[1:]
    if not others:
        return None
    name = rng.choice(others)
    old = message.header(name) or ""
    new = str(int(old) + shift) if old.isdigit() else _flipped(rng, old)
    return None if new == old else _swapped(message, name, new)


def time_malformed(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    what = rng.choice(("", "-1", "1e9", "NaN", "٠١٢", "99999999999999999999", " 1", "1 ", "0x10", "1_000", "+5"))
    message = genuine(rng, sender, secret)
    if sender.name == "dropbox-sign":
        return _in_form(message, lambda event: event.update(event_time=what))
    if sender.name == "docuseal":
        tail = (message.header("x-docuseal-signature") or "").partition(".")[2]
        return _swapped(message, "x-docuseal-signature", f"{what}.{tail}")
    name = {"standard-webhooks": "webhook-timestamp", "hubspot-v3": "x-hubspot-request-timestamp"}.get(sender.name)
    return None if name is None else _swapped(message, name, what)


def stale(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    if sender.name == "documenso":
        return None  # no time in it at all
    return genuine(rng, sender, secret, NOW - LONG_AGO - timedelta(seconds=rng.randrange(10**7)))


def early(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    if not sender.time_signed:
        return None
    return genuine(rng, sender, secret, NOW + timedelta(seconds=301 + rng.randrange(10**7)))


def just_outside(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    if sender.name not in ("standard-webhooks", "hubspot-v3", "docuseal"):
        return None
    return genuine(rng, sender, secret, NOW + rng.choice((-1, 1)) * timedelta(seconds=rng.randrange(301, 400)))


def key_of_another(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    if sender.name == "ironclad-rsa":
        return genuine(rng, sender, str(7 + rng.randrange(2)))
    return genuine(rng, sender, sender.secret(rng))


def key_that_ended(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    """Signed with the old key, whose end has come (the scheme knows it under the number 6, or as "old")."""
    return genuine(rng, sender, ended_secret(sender))


def ended_secret(sender: Sender) -> str:
    if sender.name == "ironclad-rsa":
        return "6"
    return sender.secret(chance(f"ended {sender.name}"))


def method_changed(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    method = rng.choice(("GET", "PUT", "PATCH", "DELETE", "post", "POST ", "HEAD", "OPTIONS"))
    return evolve(genuine(rng, sender, secret), method=method)


def downgraded(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    message = genuine(rng, sender, secret)
    if sender.name == "hubspot-v3":
        old = message.header("x-hubspot-signature") or ""
        if rng.random() < 0.5:
            return _swapped(message, "x-hubspot-signature-v3", old)
        return evolve(message, headers=[pair for pair in message.headers if pair[0] != "x-hubspot-signature-v3"])
    if sender.name == "standard-webhooks":
        signature = message.header("webhook-signature") or ""
        other = rng.choice(("v2,", "v1a,", "v0,", "V1,", "", ",", "v1 ,", "v1,v1,"))
        return _swapped(message, "webhook-signature", other + signature.removeprefix("v1,"))
    if sender.name == "docusign-connect":
        return _swapped(message, "x-authorization-digest", rng.choice(("HMACSHA1", "NONE", "SHA256", "")))
    if sender.name == "ironclad-rsa":
        proof = json.loads(message.header("x-ironclad-webhook-verification") or "{}")
        change = rng.choice(
            ({"signAlgorithm": "sha1"}, {"signAlgorithm": "none"}, {"signAlgorithm": None}, {"encoding": "hex"},
             {"signAlgorithm": ["sha256"]}, {"encoding": None}, {"nonce": 7}, {"nonce": ""}, {"signature": None})
        )  # fmt: skip
        return _swapped(message, "x-ironclad-webhook-verification", json.dumps(proof | change))
    return None


def _standard_moved(message: Message, count: int) -> Message:
    own, seconds = message.header("webhook-id") or "", message.header("webhook-timestamp") or ""
    if count % 2:
        return _swapped(evolve(message, body=f"{seconds}.".encode() + message.body), "webhook-timestamp", own)
    return _swapped(evolve(message, body=f"{seconds}.".encode() + message.body), "webhook-id", "")


def _hubspot_moved(message: Message, count: int) -> Message:
    millis = message.header("x-hubspot-request-timestamp") or ""
    if count % 2:
        moved = evolve(message, body=message.body[:-count])
        return _swapped(moved, "x-hubspot-request-timestamp", message.body[-count:].decode() + millis)
    url = message.url + ("" if "?" in message.url else "?") + message.body[:count].decode()
    return evolve(message, url=url, body=message.body[count:])


def _ironclad_moved(message: Message, count: int) -> Message:
    name = "x-ironclad-webhook-event-id"
    own = message.header(name) or ""
    if count % 2:
        return _swapped(evolve(message, body=own[-count:].encode() + message.body), name, own[:-count])
    return _swapped(evolve(message, body=message.body[count:]), name, own + message.body[:count].decode())


def _docuseal_moved(message: Message, count: int) -> Message:
    seconds, _, tail = (message.header("x-docuseal-signature") or "").partition(".")
    moved = evolve(message, body=f"{seconds[-count:]}.".encode() + message.body)
    return _swapped(moved, "x-docuseal-signature", f"{seconds[:-count]}.{tail}")


_MOVED: Final = {
    "standard-webhooks": _standard_moved, "hubspot-v3": _hubspot_moved, "ironclad-rsa": _ironclad_moved,
    "docuseal": _docuseal_moved,
}  # fmt: skip


def parts_moved(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    """The same signed bytes, or nearly, told apart in another place."""
    move = _MOVED.get(sender.name)
    return None if move is None else move(genuine(rng, sender, secret), rng.randrange(1, 12))


def address_changed(rng: random.Random, sender: Sender, secret: str) -> Message | None:
    if sender.name != "hubspot-v3":
        return None
    message = genuine(rng, sender, secret)
    more = rng.choice(("x=1", "%20", "tenant=b", "/", "a=[", 'a="', "tenant=a%2Fb&a=1", "é"))
    return evolve(message, url=message.url + ("&" if "?" in message.url else "?") + more)


def _of_body(change: Callable[[random.Random, bytes], bytes]) -> Forgery:
    def forge(rng: random.Random, sender: Sender, secret: str) -> Message | None:
        if not sender.body_signed:
            return None
        message = genuine(rng, sender, secret)
        body = change(rng, message.body)
        return None if body == message.body else evolve(message, body=body)

    forge.__name__ = change.__name__
    return forge


def bit_flipped(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + bytes([body[at] ^ (1 << rng.randrange(8))]) + body[at + 1 :]


def byte_added(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body) + 1)
    return body[:at] + rng.choice((b" ", b"\n", b"\0", b"0", b"\xff", b"}")) + body[at:]


def byte_lost(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + body[at + 1 :]


def truncated(rng: random.Random, body: bytes) -> bytes:
    return body[: rng.randrange(len(body))]


def written_anew(rng: random.Random, body: bytes) -> bytes:
    return json.dumps(json.loads(body), indent=rng.choice((None, 1, 2)), sort_keys=rng.random() < 0.5).encode()


def in_another_code(rng: random.Random, body: bytes) -> bytes:
    way = rng.choice(("utf-16", "utf-32", "utf-8-sig", "gzip", "base64"))
    if way == "gzip":
        return gzip.compress(body)
    return base64.b64encode(body) if way == "base64" else body.decode().encode(way)


def doubled(rng: random.Random, body: bytes) -> bytes:
    return body + rng.choice((b"", b"\n", b",")) + body


def another_record(rng: random.Random, body: bytes) -> bytes:
    digits = [at for at, byte in enumerate(body) if chr(byte).isdigit()]
    at = rng.choice(digits)
    return body[:at] + str((int(chr(body[at])) + rng.randrange(1, 10)) % 10).encode() + body[at + 1 :]


FORGERIES: Final[tuple[Forgery, ...]] = (
    signature_character, signature_truncated, signature_of_another, signature_in_other_letters,
    signature_in_other_encoding, signature_padded, signature_empty_or_nonsense, signature_by_a_weak_rule,
    header_removed, header_doubled, time_or_id_changed, time_malformed, stale, early, just_outside,
    key_of_another, key_that_ended, method_changed, downgraded, parts_moved, address_changed,
    *map(_of_body, (bit_flipped, byte_added, byte_lost, truncated, written_anew, in_another_code, doubled)),
    _of_body(another_record),
)  # fmt: skip
"""Every way to forge."""
