"""A document of the fake PandaDoc: made some seconds after it was taken, sent, looked at, signed, refused, over.

Each act leaves an entry in the audit trail, whose instants have no fractions of a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from attrs import define, field

from clmcrm.errors import TerminalError

OPEN: Final = frozenset({"document.sent", "document.viewed"})
BY_HAND: Final = {2: "document.completed", 10: "document.paid", 11: "document.voided", 12: "document.declined"}
ENTRIES: Final = {2: 18, 10: 20, 11: 19, 12: 27}
POSSIBLE: Final = {
    "document.draft": {2, 10, 12}, "document.sent": {2, 11, 12}, "document.viewed": {2, 11, 12},
    "document.completed": {12}, "document.waiting_pay": {10, 12}, "document.voided": {2, 10, 12},
    "document.declined": {2, 10},
}  # fmt: skip
"""Which statuses may be set by hand in which (status change, the table of its description)."""

_TAG: Final = re.compile(rb"[\[{](?:signature|s):(\w+?)_*[\]}]")
_DAYS: Final = 60
_UNKNOWN: Final = 4
"""A quarter of the time that a document takes to be made PandaDoc does not know it at all."""


class NotTheirTurn(TerminalError):
    """Nobody of that address may act on the document now."""


def named(*parts: object) -> str:
    """An id as PandaDoc makes them: 22 letters and digits, the same for the same parts."""
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()[:22]


def iso(at: datetime | None) -> str | None:
    """An instant as PandaDoc writes it."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@define(kw_only=True)
class Document:
    """One document; `clock` is PandaDoc's, `made_at` when it will be made, `keep` is told of every change."""

    id: str
    data: dict[str, Any]
    content: bytes
    clock: Callable[[], datetime]
    keep: Callable[[Document], None]
    created: datetime
    made_at: datetime
    status: str = "document.uploaded"
    modified: datetime = field(init=False)
    sent: datetime | None = None
    completed: datetime | None = None
    ends: datetime | None = None
    deleted: bool = False
    approval: bool = False
    recipients: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    fields: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    trail: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    linked: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    settings: dict[str, Any] = field(factory=dict[str, Any])
    reminders: dict[str, Any] = field(factory=dict[str, Any])
    mail: dict[str, Any] = field(factory=dict[str, Any])

    def __attrs_post_init__(self) -> None:
        self.modified = self.created
        self.recipients = [_recipient(self.id, one) for one in self.data.get("recipients", [])]
        self.settings = {
            "language": "en-US", "qualified_electronic_signature": False, "expires_in": _DAYS, "suggest_edits": False,
        }  # fmt: skip
        self.reminders = {"enabled": False, "delivery_method": "email", "initial_delay_days": 5, "is_recurring": False}
        self.noted(1, "sync@example.org")
        self.changed(self.created)

    # What time brings.

    @property
    def known(self) -> bool:
        """Whether PandaDoc shows it at all: not at once."""
        return self.clock() >= self.created + (self.made_at - self.created) / _UNKNOWN

    def settle(self) -> None:
        """Whatever was to happen by now has happened."""
        now = self.clock()
        if self.status == "document.uploaded" and now >= self.made_at:
            self.status = "document.error" if b"%broken" in self.content else "document.draft"
            roles = [found.decode() for found in _TAG.findall(self.content)]
            self.fields += [
                _field(one, f"tag{place}", {}) for place, one in enumerate(self.recipients) if one["role"] in roles
            ]
            self.changed(self.made_at)
        if self.status in OPEN and self.ends is not None and self.ends <= now:
            self.status = "document.voided"
            self.noted(13, "system@pandadoc.com", at=self.ends)
            self.changed(self.ends)

    def changed(self, at: datetime | None = None) -> None:
        """It changed, now or at an instant."""
        self.modified = at or self.clock()
        self.keep(self)

    # What the sender does.

    def send(self, mail: dict[str, Any]) -> None:
        """It goes out, or to its approval first."""
        now = self.clock()
        self.mail = mail
        if self.approval and self.status == "document.draft":
            self.status = "document.waiting_approval"
            self.noted(3, "sync@example.org")
        else:
            self.status, self.sent = "document.sent", now
            self.ends = now + timedelta(days=self.settings["expires_in"])
            self.noted(6, "sync@example.org")
        self.changed(now)

    def approve(self) -> None:
        """The sender's own approval is given."""
        self.status = "document.approved"
        self.noted(4, "boss@example.org")
        self.changed()

    def take_up(self) -> None:
        """It goes back to draft, which clears its signatures (move document to draft); its trail stays."""
        self.status = "document.draft"
        for one in self.recipients:
            one["has_completed"], one["signature_date"] = False, None
        self.changed()

    def by_hand(self, status: int, note: str) -> None:
        """Its status is set by its sender."""
        self.status = BY_HAND[status]
        now = self.clock()
        self.completed = now if status in (2, 10) else self.completed
        self.noted(ENTRIES[status], "sync@example.org", note)
        self.changed(now)

    def add_field(self, given: dict[str, Any]) -> None:
        """A field is put on it."""
        one = next(r for r in self.recipients if r["id"] == given["assigned_to"])
        self.fields.append(_field(one, f"field{len(self.fields)}", given["layout"]) | {"type": given["type"]})
        self.changed()

    # What its recipients do.

    def view(self, email: str) -> None:
        """A recipient opens it."""
        _ = self.turn(email)
        self.status = "document.viewed"
        self.noted(8, email)
        self.changed()

    def sign(self, email: str, *, qualified: bool = False) -> None:
        """A recipient signs it."""
        one = self.turn(email)
        if not any(f["assigned_to"]["id"] == one["id"] and f["type"] == "signature" for f in self.fields):
            raise NotTheirTurn("pandadoc", f"{email} has no field to sign in {self.id}")
        self.view(email)
        one["has_completed"], one["signature_date"] = True, iso(self.clock())
        self.noted(55 if qualified else 9, email)
        if all(r["has_completed"] for r in self.recipients if r["recipient_type"] == "signer"):
            self.status, self.completed = "document.completed", self.clock()
            self.noted(7, "system@pandadoc.com")
        self.changed()

    def decline(self, email: str, reason: str) -> None:
        """A recipient refuses."""
        _ = self.turn(email)
        self.status = "document.declined"
        self.noted(43, email, reason)
        self.changed()

    def turn(self, email: str) -> dict[str, Any]:
        """The recipient of that address, where it is their turn."""
        self.settle()
        waiting = [r for r in self.recipients if r["recipient_type"] == "signer" and not r["has_completed"]]
        first = min((r["signing_order"] or 0 for r in waiting), default=0)
        for one in waiting if self.status in OPEN and not self.deleted else []:
            if one["email"].lower() == email.lower() and (one["signing_order"] or 0) == first:
                return one
        raise NotTheirTurn("pandadoc", f"it is not the turn of {email} in {self.id}")

    def noted(self, action: int, email: str, reason: str | None = None, *, at: datetime | None = None) -> None:
        """An entry in its trail."""
        told = (at or self.clock()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.trail.append(
            {
                "id": named(self.id, "trail", len(self.trail)), "user": {"id": named(email), "email": email},
                "action": action, "reason": reason, "date_created": told, "ip_address": "203.0.113.7",
            }
        )  # fmt: skip

    # How it is shown.

    @property
    def row(self) -> dict[str, Any]:
        """As a list and the status show it."""
        return {
            "id": self.id, "name": self.data.get("name", ""), "status": self.status, "uuid": self.id,
            "date_created": iso(self.created), "date_modified": iso(self.modified), "version": "2",
            "date_completed": iso(self.completed), "expiration_date": iso(self.ends),
        }  # fmt: skip

    @property
    def details(self) -> dict[str, Any]:
        """In detail."""
        person = {
            "id": named("sync"),
            "email": "sync@example.org",
            "first_name": "Sync",
            "last_name": "",
            "avatar": None,
        }
        return {
            **{name: told for name, told in self.row.items() if name != "uuid"}, "date_sent": iso(self.sent),
            "content_date_modified": iso(self.created), "recipients": self.recipients, "fields": self.fields,
            "metadata": self.data.get("metadata") or {}, "tags": self.data.get("tags", []), "tokens": [],
            "linked_objects": self.linked, "grand_total": {"amount": "0", "currency": "EUR"}, "lock": None,
            "template": None, "folder_uuid": None, "approval_execution": None, "ref_number": "MTMJR-FEUQB",
            "autonumbering_sequence_name_prefix": None, "pricing": {}, "tables": [], "images": [], "texts": [],
            "created_by": {**person, "membership_id": named("member")}, "sent_by": person if self.sent else None,
        }  # fmt: skip


def _recipient(document: str, given: dict[str, Any]) -> dict[str, Any]:
    role = given.get("role") or ""
    return {
        "id": named(document, given.get("email")), "contact_id": named("contact", given.get("email")),
        "first_name": given.get("first_name") or "", "last_name": given.get("last_name") or "",
        "email": given.get("email"), "phone": "", "recipient_type": "signer" if role else "CC", "role": role,
        "roles": [role] if role else [], "signing_order": given.get("signing_order"), "has_completed": False,
        "signature_date": None, "delivery_methods": {"email": True, "sms": False}, "type": "recipient",
        "redirect": {"is_enabled": False, "url": None}, "avatar": None,
        "verification_settings": given.get("verification_settings"),
        "shared_link": f"https://app.pandadoc.com/document/{named('link', document, given.get('email'))}",
    }  # fmt: skip


def _field(recipient: dict[str, Any], name: str, layout: dict[str, Any]) -> dict[str, Any]:
    keys = (
        "id", "first_name", "last_name", "email", "phone", "recipient_type", "has_completed", "signing_order",
        "delivery_methods", "redirect", "type", "role", "roles",
    )  # fmt: skip
    whole = named(recipient["id"], name)
    return {
        "uuid": f"{whole[:8]}-{whole[8:12]}-4000-8000-{whole[:12]}", "name": "Signature", "title": "", "value": {},
        "placeholder": "Signature", "field_id": name, "type": "signature", "is_filled": False,
        "assigned_to": {key: recipient[key] for key in keys}, **({"layout": layout} if layout else {}),
    }  # fmt: skip
