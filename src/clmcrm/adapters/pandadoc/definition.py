"""From a request to the document that PandaDoc is to send, and why some requests are refused before that.

The rule of the file: what PandaDoc cannot do as it was asked is refused with the reason, never done otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.sent_once import document_objections, id_bytes, kind_of, print_of, whole_days
from clmcrm.adapters.trees import Tree, tree_of, trees_of, word
from clmcrm.clm.signature import Authentication, Recipient, RecipientRole, SignatureLevel, SignatureRequest
from clmcrm.values.validators import count, flag, instance, maybe, positive_count, text

REQUEST: Final = "clmcrm_request"
PRINT: Final = "clmcrm_print"
SENDER: Final = "clmcrm_sender"
OWN_ID: Final = "clmcrm_id"
"""What of a document's metadata is ours: id and sender as words of letters and digits, the print, the id as it is."""

MOST_BYTES: Final = 50 * 1024 * 1024
"""The largest file (developers.pandadoc.com, "limits")."""
MOST_DAYS: Final = 180
"""The most days before a reminder, and between two (update auto-reminders)."""

_CHECKED: Final = frozenset({Authentication.EMAIL_LINK, Authentication.ID_DOCUMENT})


@frozen(kw_only=True)
class Spot:
    """Where signature fields are put that the document does not bring: on `page`, from its lower left corner.

    Each signer's field stands `height` above the one before. Lengths are PandaDoc's points.
    """

    page: int = field(validator=positive_count)
    left: int = field(default=40, validator=count)
    bottom: int = field(default=40, validator=count)
    width: int = field(default=160, validator=positive_count)
    height: int = field(default=40, validator=positive_count)


@frozen(kw_only=True)
class Sending:
    """How documents are sent.

    `sender` names this installation among others that use the workspace; `subject` may hold "{contract}", the
    contract's id, and `message` is the text of the mail. `spot` is where signers sign who have no field in the
    document (None: a document without their fields is refused). `qualified`: the account collects qualified
    signatures. `silent` sends no mail at all: recipients are reached some other way.
    """

    sender: str = field(default="clmcrm", validator=text)
    subject: str = field(default="Signature: {contract}", validator=text)
    message: str = ""
    spot: Spot | None = field(default=None, validator=maybe(instance(Spot)))
    qualified: bool = field(default=False, validator=flag)
    silent: bool = field(default=False, validator=flag)

    @property
    def levels(self) -> frozenset[SignatureLevel]:
        """The levels it can ask for."""
        more = {SignatureLevel.QUALIFIED} if self.qualified else set[SignatureLevel]()
        return frozenset({SignatureLevel.SIMPLE, *more})


def mark_of(sender: str, *more: str) -> str:
    """A name as a word that a filter takes as itself: letters and digits alone.

    >>> mark_of("acme", "R-1") == mark_of("acme", "R-1") != mark_of("acme", "r-1")
    True
    """
    return f"clmcrm{sha256(id_bytes(sender, *more)).hexdigest()}"


def objections(request: SignatureRequest, document: bytes, sending: Sending, now: datetime) -> Iterator[str]:
    """Why the request is not sent, each reason once; nothing when it may be."""
    yield from document_objections(request, document, "PandaDoc")
    if len(document) > MOST_BYTES:
        yield f"the document has {len(document)} bytes; PandaDoc takes {MOST_BYTES}"
    days = days_open(request, now)
    if isinstance(days, str):
        yield days
    if request.remind_after is not None:
        if max(request.remind_after, request.remind_every or 0) > MOST_DAYS:
            yield f"PandaDoc reminds after at most {MOST_DAYS} days"
        if sending.silent:
            yield "a document that is sent silently reminds nobody"
    addresses = [one.email.lower() for one in request.recipients]
    if len(set(addresses)) < len(addresses):
        yield "two recipients have one address; PandaDoc keeps one recipient for an address"
    for one in request.recipients:
        yield from _objections_to(one, request, sending)


def _objections_to(one: Recipient, request: SignatureRequest, sending: Sending) -> Iterator[str]:
    if one.role not in (RecipientRole.SIGNER, RecipientRole.COPY):
        yield f"{one.email}: the role {one.role.value} is not sent through this adapter"
    level = request.level_of(one)
    if level not in sending.levels:
        yield f"{one.email}: signatures of the level {level.value} are not collected as it is set up"
    if one.authentication is not None and one.authentication not in _CHECKED:
        yield f"{one.email}: {one.authentication.value} needs a number or a code, which the request does not hold"
    if one.role is RecipientRole.SIGNER and not one.required:
        yield f"{one.email}: PandaDoc has no signer whose act may be left out"


def days_open(request: SignatureRequest, now: datetime) -> int | str | None:
    """How many days the document stays open; see `whole_days`."""
    return whole_days(request, now, "PandaDoc")


def parts_of(request: SignatureRequest, document: bytes, sending: Sending) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """The two parts of the form that makes the document: its data as JSON, and the file."""
    name = request.document or request.contract
    data = {
        "name": name,
        "recipients": _recipients(request),
        "metadata": {
            REQUEST: mark_of(sending.sender, request.id), PRINT: print_of(request), SENDER: mark_of(sending.sender),
            OWN_ID: request.id,
        },
        "parse_form_fields": False,
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False), {"file": (f"{name}.{kind_of(document)}", document)}


def _recipients(request: SignatureRequest) -> list[Tree]:
    signers = signers_of(request)
    orders = sorted({one.order for one in signers})
    made: list[Tree] = []
    for one in request.recipients:
        first, _, last = one.name.partition(" ")
        told: dict[str, Any] = {"email": one.email, "first_name": first, "last_name": last.strip()}
        if one.role is RecipientRole.SIGNER:
            told["role"] = role_of(signers.index(one))
            if len(orders) > 1:
                told["signing_order"] = orders.index(one.order) + 1
        if one.authentication is Authentication.ID_DOCUMENT:
            told["verification_settings"] = {"verification_place": "before_open", "id_verification": {"enabled": True}}
        made.append(told)
    return made


def signers_of(request: SignatureRequest) -> list[Recipient]:
    """Those who sign, in the request's order."""
    return [one for one in request.recipients if one.role is RecipientRole.SIGNER]


def role_of(place: int) -> str:
    """The role of a signer by their place among the signers, from 0: what a tag in the document names.

    >>> role_of(0)
    'signer1'
    """
    return f"signer{place + 1}"


def without_field(request: SignatureRequest, details: Tree) -> dict[str, str]:
    """The signers who have nothing to sign in the document: PandaDoc's id of each by their role.

    The id is empty for one whom the document does not show.
    """
    fields = [one for one in trees_of(details, "fields") if word(one, "type") == "signature"]
    signing = {word(tree_of(one, "assigned_to"), "id") for one in fields}
    ids = {word(one, "email").lower(): word(one, "id") for one in trees_of(details, "recipients")}
    found = {role_of(place): ids.get(one.email.lower(), "") for place, one in enumerate(signers_of(request))}
    return {role: key for role, key in found.items() if not key or key not in signing}


def fields_at(spot: Spot, without: Mapping[str, str]) -> Tree:
    """The fields that give these signers something to sign, one above the other."""
    return {
        "fields": [
            {
                "type": "signature",
                "assigned_to": key,
                "settings": {"required": True},
                "layout": {
                    "page": spot.page,
                    "position": {
                        "offset_x": spot.left,
                        "offset_y": spot.bottom + (int(role.removeprefix("signer")) - 1) * spot.height,
                        "anchor_point": "bottomleft",
                    },
                    "style": {"width": spot.width, "height": spot.height},
                },
            }
            for role, key in without.items()
        ]
    }


def settings_of(request: SignatureRequest, days: int | None) -> Tree:
    """The settings that differ from the account's own; empty when none does."""
    told: dict[str, Any] = {} if days is None else {"expires_in": days}
    if any(request.level_of(one) is SignatureLevel.QUALIFIED for one in signers_of(request)):
        told["qualified_electronic_signature"] = True
    return told


def reminders_of(request: SignatureRequest) -> Tree:
    """When PandaDoc is to remind; empty when it is not."""
    if request.remind_after is None:
        return {}
    every = {} if request.remind_every is None else {"recurrence_frequency_days": request.remind_every}
    return {
        "enabled": True,
        "delivery_method": "email",
        "initial_delay_days": request.remind_after,
        "is_recurring": request.remind_every is not None,
        **every,
    }


def mail_of(request: SignatureRequest, sending: Sending) -> Tree:
    """The body that sends the document: nobody but those who were asked may sign."""
    told = {"message": sending.message} if sending.message else {}
    return {
        **told,
        "subject": sending.subject.replace("{contract}", request.contract),
        "silent": sending.silent,
        "forwarding_settings": {"forwarding_allowed": False, "forwarding_with_reassigning_allowed": False},
    }
