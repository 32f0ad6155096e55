"""One envelope as DocuSign keeps it: who has it, what they did, and how each list saw it at the time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

GROUPS: Final = ("signers", "certifiedDeliveries", "carbonCopies", "witnesses", "notaries", "agents", "editors")
_ACTING: Final = ("signers", "certifiedDeliveries", "witnesses", "notaries")
_OPEN: Final = ("sent", "delivered")
_DAYS: Final = 120
"""How long an envelope stays open unless it says otherwise."""


class NotTheirTurn(Exception):
    """Nobody of that address has the envelope now."""


def stamp(at: datetime) -> str:
    """An instant with seven digits of a second, as DocuSign writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


class Envelope:
    """An envelope; `shown` is what it looks like, `trail` what was done with it."""

    def __init__(self, number: int, body: dict[str, Any], clock: Callable[[], datetime]) -> None:
        self.key = str(UUID(int=(0xD0C << 112) | number))
        self._clock = clock
        self.made_at = clock()
        self.transaction = str(body.get("transactionId", ""))
        self.trail: list[dict[str, Any]] = []
        self._seen: list[tuple[datetime, dict[str, Any]]] = []
        self.documents = body.get("documents") or [one.get("document") for one in body.get("compositeTemplates", [])]
        self.shown = self._first(body)
        self._log("Registered", "Sender", "sender")
        if body.get("status") == "sent":
            self._send()
        self._keep()

    def _first(self, body: dict[str, Any]) -> dict[str, Any]:
        recipients = _recipients(body)
        for group in GROUPS:
            for person in recipients.get(group, []):
                number = int(person["recipientId"]) if str(person.get("recipientId", "")).isdigit() else 0
                person["recipientIdGuid"] = str(UUID(int=(number << 64) | UUID(self.key).int & 0xFFFF))
                person["userId"] = str(UUID(int=(0xB0B << 112) | hash_of(person["email"])))
                person["status"] = "created"
                person["recipientType"] = group.removesuffix("s").lower()
                _ = person.pop("tabs", None)
        recipients["recipientCount"] = str(sum(len(recipients.get(group, [])) for group in GROUPS))
        notification: dict[str, Any] = body.get("notification") or {}
        expirations: dict[str, Any] = notification.get("expirations") or {}
        days = str(expirations.get("expireAfter") or _DAYS)
        fields: dict[str, Any] = copy.deepcopy(body.get("customFields") or {})
        for number, one in enumerate(fields.get("textCustomFields", []), start=1):
            one["fieldId"] = str(10_000 + number)
        return {
            "envelopeId": self.key, "status": "created", "emailSubject": body.get("emailSubject", ""),
            "createdDateTime": stamp(self.made_at), "statusChangedDateTime": stamp(self.made_at),
            "lastModifiedDateTime": stamp(self.made_at), "expireEnabled": "true", "expireAfter": days,
            "envelopeUri": f"/envelopes/{self.key}", "recipients": recipients, "customFields": fields,
        }  # fmt: skip

    def people(self, groups: tuple[str, ...] = GROUPS) -> list[dict[str, Any]]:
        """The recipients of these groups."""
        return [one for group in groups for one in self.shown["recipients"].get(group, [])]

    @property
    def is_open(self) -> bool:
        """Whether somebody may act on it."""
        return self.shown["status"] in _OPEN

    def look(self) -> None:
        """Notice that it has expired, if it has."""
        ends = self.shown.get("expireDateTime")
        if self.is_open and ends is not None and datetime.fromisoformat(ends) <= self._clock():
            self._status("voided", "voidedDateTime", at=datetime.fromisoformat(ends))
            self.shown["voidedReason"] = "Envelope has expired."
            self._log("Voided", "DocuSign", "")
            self._keep(datetime.fromisoformat(ends))

    def as_of(self, at: datetime) -> dict[str, Any] | None:
        """What it looked like at an instant; None before it was there."""
        return next((seen for since, seen in reversed(self._seen) if since <= at), None)

    # What people do.

    def view(self, email: str) -> None:
        """A recipient opens it; who only has to receive it has done their part."""
        person = self._whose_turn(email)
        if "deliveredDateTime" not in person:
            person["deliveredDateTime"], person["status"] = stamp(self._clock()), "delivered"
        self._log("Viewed", person["name"], person["userId"], ip="192.0.2.7")
        if person in self.people(("certifiedDeliveries",)):
            person["status"] = "completed"
        if all("deliveredDateTime" in one for one in self.people(_ACTING)) and self.shown["status"] == "sent":
            self._status("delivered", "deliveredDateTime")
        self._go_on()

    def sign(self, email: str) -> None:
        """A recipient signs; the last one completes the envelope."""
        self.view(email)
        person = next(one for one in self.people() if one["email"].lower() == email.lower() and _has(one))
        person["signedDateTime"], person["status"] = stamp(self._clock()), "completed"
        self._log("Signed", person["name"], person["userId"], ip="192.0.2.7")
        self._go_on()

    def decline(self, email: str, reason: str) -> None:
        """A recipient refuses, which ends the envelope."""
        person = self._whose_turn(email)
        person["declinedDateTime"], person["declinedReason"] = stamp(self._clock()), reason
        person["status"] = "declined"
        self._status("declined", "declinedDateTime")
        self._log("Declined", person["name"], person["userId"], ip="192.0.2.7")
        self._keep()

    def bounce(self, email: str, reason: str = "550 no such mailbox") -> None:
        """The mail to a recipient comes back."""
        person = self._whose_turn(email)
        person["status"], person["autoRespondedReason"] = "autoresponded", reason
        self._keep()

    def hand_on(self, email: str, name: str, address: str) -> None:
        """A recipient assigns the envelope to somebody else."""
        person = self._whose_turn(email)
        person["delegatedBy"] = {"Name": person["name"], "Email": person["email"], "UserId": person["userId"]}
        person["name"], person["email"] = name, address
        person["userId"] = str(UUID(int=(0xB0B << 112) | hash_of(address)))
        person["sentDateTime"] = stamp(self._clock())
        self._keep()

    def correct(self) -> None:
        """The sender takes it up to change it."""
        self._status("correct", "")
        self._log("Corrected", "Sender", "sender")
        self._keep()

    def void(self, reason: str) -> None:
        """The sender voids it."""
        self._status("voided", "voidedDateTime")
        self.shown["voidedReason"] = reason
        self._log("Voided", "Sender", "sender")
        self._keep()

    # How it is done.

    def _whose_turn(self, email: str) -> dict[str, Any]:
        self.look()
        for person in self.people():
            if self.is_open and person["email"].lower() == email.lower() and _has(person):
                return person
        raise NotTheirTurn(f"it is not the turn of {email} in {self.key}")

    def _send(self) -> None:
        self._status("sent", "sentDateTime")
        self.shown["initialSentDateTime"] = self.shown["sentDateTime"]
        ends = datetime.fromisoformat(self.shown["sentDateTime"]) + timedelta(days=int(self.shown["expireAfter"]))
        self.shown["expireDateTime"] = stamp(ends)
        self._log("Sent Invitations", "Sender", "sender")
        self._go_on()

    def _go_on(self) -> None:
        """Send it to those whose turn it is; complete it when nobody is left."""
        while True:
            left = [one for one in self.people() if one["status"] not in ("completed", "signed")]
            first = min((int(one.get("routingOrder", "1")) for one in left), default=0)
            turn = [one for one in left if int(one.get("routingOrder", "1")) == first]
            for one in turn:
                if one["status"] == "created":
                    one["sentDateTime"], one["status"] = stamp(self._clock()), "sent"
            copies = [one for one in turn if one in self.people(("carbonCopies",))]
            for one in copies:
                one["status"] = "completed"
            if not copies:
                break
        if not left:
            self._status("completed", "completedDateTime")
            self._log("Completed", "DocuSign", "")
        self._keep()

    def _status(self, status: str, field: str, at: datetime | None = None) -> None:
        told = stamp(at or self._clock())
        self.shown["status"], self.shown["statusChangedDateTime"] = status, told
        if field:
            self.shown[field] = told

    def _log(self, action: str, name: str, user: str, ip: str = "") -> None:
        told = {
            "logTime": stamp(self._clock()), "Source": "Web", "UserName": name, "UserId": user, "Action": action,
            "Message": f"{name}: {action}", "EnvelopeStatus": self.shown["status"], "ClientIPAddress": ip,
            "Information": "", "InformationLocalized": "", "GeoLocation": "", "Language": "en",
        }  # fmt: skip
        self.trail.append({"eventFields": [{"name": name, "value": value} for name, value in told.items()]})

    def _keep(self, at: datetime | None = None) -> None:
        now = at or self._clock()
        self.shown["lastModifiedDateTime"] = stamp(now)
        self._seen.append((now, copy.deepcopy(self.shown)))


def _recipients(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(body.get("recipients") or {})
    composite: list[dict[str, Any]] = body.get("compositeTemplates") or []
    inline: list[dict[str, Any]] = [one for each in composite for one in each.get("inlineTemplates", [])]
    for one in inline:
        groups: dict[str, list[Any]] = copy.deepcopy(one.get("recipients") or {})
        for group, people in groups.items():
            found.setdefault(group, []).extend(people)
    return found


def _has(person: dict[str, Any]) -> bool:
    return person["status"] in ("sent", "delivered", "autoresponded")


def hash_of(text: str) -> int:
    """A small number for a text, the same in every process."""
    return int.from_bytes(blake2b(text.lower().encode(), digest_size=8).digest(), "big")
