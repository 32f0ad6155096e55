"""Odoo with the OCA's `sign_oca` as an e-signature service: simple signatures behind a link, with a log.

A request and its signers are inserted or bound under our id in one transaction; it is then sent by the service's own
action, which does nothing the second time. Every act of a person leaves a row in its log, from which facts are told.
There is no order among signers, no end by a date, no declining, and no certificate besides the signed document.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any, Final

from clmcrm.adapters.odoo.feed import moment_of, stamp
from clmcrm.adapters.odoo.loading import BINDING, Types, table
from clmcrm.adapters.odoo.marks import MODULE, name_of
from clmcrm.adapters.odoo.partners import MODEL as PARTNER
from clmcrm.adapters.odoo.plain import Row, inner, key, parts, said
from clmcrm.adapters.odoo.reading import LONGEST
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import VENDOR, RefusedByServer, UnknownName, listed
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.windows import ids_of
from clmcrm.clm.signature import (
    RecipientFact,
    RecipientRole,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureFact,
    SignatureLevel,
    SignatureRequest,
)
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.forms import object_in
from clmcrm.codec.records import to_fields
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.esign import EsignCapabilities, SignedFiles, Touched
from clmcrm.ports.records import Creating, Outcome, Result

REQUEST: Final = "sign.oca.request"
LOG: Final = "sign.oca.request.log"
ROLE: Final = "sign.oca.role"
_KIND: Final = "signature"
_SPEC: Final[Mapping[str, Any]] = {
    "name": {}, "state": {}, "filename": {}, "create_date": {},
    "signer_ids": {"fields": {"partner_id": {"fields": {"email": {}, "name": {}}}, "signed_on": {}}},
}  # fmt: skip
_LOG_SPEC: Final[Mapping[str, Any]] = {"action": {}, "date": {}, "ip": {}, "signer_id": {}, "request_id": {}}
_DRAFT, _SIGNED, _CANCELED = "1_draft", "2_signed", "3_cancel"
_WHY: Final = "clmcrm: "
"""How the subject of the message begins that carries the reason of a cancellation."""


class OdooSign:
    """The e-signature side of an Odoo, asked through `session`; `overlap` is how far back its log is read again."""

    def __init__(self, session: OdooSession, *, overlap: timedelta = timedelta(minutes=10)) -> None:
        self._session, self._overlap = session, overlap
        self._role: int | None = None

    @property
    def system(self) -> str:
        """The service's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> EsignCapabilities:
        """What the service can and cannot do."""
        return EsignCapabilities(
            levels=frozenset({SignatureLevel.SIMPLE}),
            roles=frozenset({RecipientRole.SIGNER}),
            orders=False,
            creating=Creating.UNIQUE,
            certificates=False,
        )

    def send(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        """DONE when it is sent now, BOUND when it was sent before; REFUSED for what the service cannot do."""
        why = _unfit(request, document)
        if why is not None:
            return Outcome(result=Result.REFUSED, why=why)
        known = yield from self.find(request.id)
        number = int(known) if known is not None else (yield from self._made(request, document))
        (row,) = yield from self._rows([number])
        if row["filename"] != _file_of(request):
            why = "another request was sent under this id"
            return Outcome(result=Result.REUSED, key=str(number), why=why)
        if row["state"] != _DRAFT:
            return Outcome(result=Result.BOUND, key=str(number))
        _ = yield from self._session.ask(REQUEST, "action_send", [number], effect=Effect.KEYED)
        return Outcome(result=Result.DONE, key=str(number))

    def find(self, request_id: str) -> Flow[str | None]:
        """The service's key for what was sent under our id; None when nothing was."""
        try:
            told = yield from self._session.ask(
                "ir.model.data", "check_object_reference", module=MODULE, xml_id=name_of(_KIND, request_id)
            )
        except UnknownName:
            return None
        number = listed(told, "check_object_reference")[1]
        return str(number) if type(number) is int else None

    def facts(self, key: str) -> Flow[tuple[SignatureFact, ...]]:
        """What the log of a request says; raises `TerminalError` for a key that was never given."""
        numbers = ids_of([key], LONGEST)
        rows = (yield from self._rows(numbers)) if numbers else []
        if not rows:
            raise TerminalError(VENDOR, f"there is no request {key}")
        (row,) = rows
        log = yield from self._session.rows(LOG, [["request_id", "=", numbers[0]]], _LOG_SPEC)
        reason = ""
        if row["state"] == _CANCELED:
            reason = yield from self._reason(numbers[0])
        return tuple(_facts(row, log, reason))

    def touched(self, cursor: str | None) -> Flow[Touched]:
        """The requests with new rows in their logs since `cursor`."""
        since = _since(cursor)
        domain: list[object] = [] if since is None else [["date", ">=", stamp(since)]]
        log = yield from self._session.rows(LOG, domain, {"request_id": {}})
        now = server_time(self._session.last_date)
        if now is None:
            raise TerminalError(VENDOR, "its replies carry no readable date")
        keys = dict.fromkeys(told for one in log if (told := key(one.get("request_id"))) is not None)
        return Touched(keys=tuple(keys), cursor=(now - self._overlap).isoformat())

    def cancel(self, key: str, reason: str) -> Flow[Outcome]:
        """DONE when nobody may sign any more; the signers are sent the reason."""
        numbers = ids_of([key], LONGEST)
        rows = (yield from self._rows(numbers)) if numbers else []
        if not rows:
            return Outcome(result=Result.MISSING, key=key, why="there is no such request")
        (row,) = rows
        if row["state"] == _SIGNED:
            return Outcome(result=Result.REFUSED, key=key, why="it is signed by everybody")
        if row["state"] == _CANCELED:
            return Outcome(result=Result.DONE, key=key)
        people = [int(one["id"]) for signer in parts(row, "signer_ids") if (one := inner(signer, "partner_id"))]
        _ = yield from self._session.ask(
            REQUEST, "message_post", numbers, body=reason, subject=f"{_WHY}{reason}", partner_ids=people,
            effect=Effect.ONCE,
        )  # fmt: skip
        _ = yield from self._session.ask(REQUEST, "cancel", numbers, effect=Effect.ONCE)
        return Outcome(result=Result.DONE, key=key)

    def files(self, key: str) -> Flow[SignedFiles | None]:
        """The signed document; None while somebody has still to sign."""
        numbers = ids_of([key], LONGEST)
        told = yield from self._session.rows(REQUEST, [["id", "in", numbers]], {"state": {}, "data": {}})
        if not told or told[0]["state"] != _SIGNED:
            return None
        try:
            return SignedFiles(document=base64.b64decode(str(told[0]["data"]), validate=True))
        except binascii.Error:
            raise MalformedReply(VENDOR, "$.data", "is no base64") from None

    def _rows(self, ids: Sequence[int]) -> Flow[list[dict[str, Any]]]:
        return (yield from self._session.rows(REQUEST, [["id", "in", list(ids)]], _SPEC))

    def _made(self, request: SignatureRequest, document: bytes) -> Flow[int]:
        role = yield from self._signer_role()
        signers: list[list[Any]] = []
        for recipient in request.recipients:
            partner = yield from self._partner(recipient.name, recipient.email)
            signers.append([0, 0, {"partner_id": partner, "role_id": role}])
        values = {
            "name": f"{request.contract}: signature",
            "filename": _file_of(request),
            "data": base64.b64encode(document).decode(),
            "signer_ids": signers,
        }
        return (yield from self._bound(REQUEST, name_of(_KIND, request.id), values, "signer_ids"))

    def _partner(self, name: str, email: str) -> Flow[int]:
        """The person with that address, made when there is none."""
        address = email.strip().lower()
        found = yield from self._session.ask(
            PARTNER, "search", domain=[["email_normalized", "=", address], ["is_company", "=", False]], limit=1,
            order="id",
        )  # fmt: skip
        if found:
            return int(listed(found, "search")[0])
        return (yield from self._bound(PARTNER, name_of("signer", address), {"name": name, "email": email}))

    def _signer_role(self) -> Flow[int]:
        if self._role is None:
            found = yield from self._session.ask(ROLE, "search", domain=[], limit=1, order="id")
            self._role = int(found[0]) if found else None
        if self._role is None:
            raise TerminalError(VENDOR, "there is no role to sign in: an administrator adds one (Sign, Roles)")
        return self._role

    def _bound(self, model: str, name: str, values: Mapping[str, Any], within: str = "") -> Flow[int]:
        types = yield from self._session.fields(model)
        inside: dict[str, Types] = {}
        if within:
            inside[within] = yield from self._session.fields(f"{REQUEST}.signer")
        told = table([name], [values], types, inside)
        answer = yield from self._session.ask(
            model, "load", fields=told.columns, data=told.lines, context=BINDING, effect=Effect.KEYED
        )
        found = object_in(answer) or {}
        if not found.get("ids"):
            raise RefusedByServer(str(found.get("messages")))
        return int(listed(found["ids"], "load")[0])

    def _reason(self, number: int) -> Flow[str]:
        domain = [["model", "=", REQUEST], ["res_id", "=", number], ["subject", "=like", f"{_WHY}%"]]
        told = yield from self._session.rows("mail.message", domain, {"subject": {}})
        return next((str(one["subject"]).removeprefix(_WHY) for one in reversed(told)), "")


def _unfit(request: SignatureRequest, document: bytes) -> str | None:
    """Why the service cannot do it, in words; None when it can."""
    return next(_reasons(request, document), None)


def _reasons(request: SignatureRequest, document: bytes) -> Iterator[str]:
    people = request.recipients
    if sha256(document).hexdigest() != request.sha256:
        yield "the document is not the one with the request's fingerprint"
    for one in people:
        if one.role is not RecipientRole.SIGNER:
            yield f"{one.email}: the service knows signers only, no {one.role.value}"
    if any(request.level_of(one) is not SignatureLevel.SIMPLE for one in people):
        yield "the service collects simple signatures only"
    if len({one.order for one in people}) > 1:
        yield "the service keeps no order among the signers"
    if len({one.email.strip().lower() for one in people}) < len(people):
        yield "the service tells signers apart by their address"
    if request.expires_at is not None or request.remind_after is not None:
        yield "the service neither ends a request by itself nor reminds anybody"


def _file_of(request: SignatureRequest) -> str:
    """The name of the file: it tells requests and documents under one id apart."""
    told = canonical_text(to_fields(request)).encode()
    return f"contract-{blake2b(told, digest_size=12).hexdigest()}.pdf"


def _since(cursor: str | None) -> datetime | None:
    try:
        return None if cursor is None else datetime.fromisoformat(cursor).astimezone(UTC)
    except ValueError:
        raise TerminalError(VENDOR, f"{cursor!r} is no cursor of its requests") from None


_REQUESTS: Final = {"create": RequestState.CREATED, "validate": RequestState.SENT, "cancel": RequestState.VOIDED}
_PEOPLE: Final = {"view": RecipientState.VIEWED, "sign": RecipientState.COMPLETED}
"""What the log's actions mean; the others are steps of preparing the document."""


def _facts(row: Row, log: Sequence[Row], reason: str) -> list[SignatureFact]:
    signers = {int(one["id"]): inner(one, "partner_id") or {} for one in parts(row, "signer_ids")}
    facts: list[SignatureFact] = []
    for one in log:
        at, action = moment_of(one.get("date")), str(one.get("action"))
        if at is None:
            continue
        common: dict[str, Any] = {"at": at, "system": VENDOR, "raw": action, "event": f"log {one['id']}"}
        if action in _REQUESTS:
            why = reason if action == "cancel" else ""
            facts.append(RequestFact(state=_REQUESTS[action], reason=why, **common))
        if action == "validate":
            facts += [_person(person, RecipientState.SENT, "", common) for person in signers.values()]
        if action in _PEOPLE and (signer := key(one.get("signer_id"))) is not None:
            facts.append(_person(signers.get(int(signer), {}), _PEOPLE[action], said(one.get("ip")) or "", common))
    done = [at for one in parts(row, "signer_ids") if (at := moment_of(one.get("signed_on"))) is not None]
    if row["state"] == _SIGNED and done:
        facts.append(RequestFact(at=max(done), system=VENDOR, raw=_SIGNED, state=RequestState.COMPLETED))
    return facts


def _person(person: Row, state: RecipientState, ip: str, common: Mapping[str, Any]) -> RecipientFact:
    email, name = said(person.get("email")) or "unknown", said(person.get("name")) or ""
    return RecipientFact(email=email, name=name, state=state, ip=ip, **common)
