"""Odoo with the OCA's `sign_oca` as an e-signature service: simple signatures behind a link, with a log.

A request and its signers are inserted or bound under our id in one transaction; it is then sent by the service's own
action, which does nothing the second time. Every act of a person leaves a row in its log, from which facts are told.
There is no order among signers, no end by a date, no declining, and no certificate besides the signed document.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from clmcrm.adapters.odoo.feed import stamp
from clmcrm.adapters.odoo.loading import BINDING, Types, table
from clmcrm.adapters.odoo.marks import MODULE, name_of
from clmcrm.adapters.odoo.partners import MODEL as PARTNER
from clmcrm.adapters.odoo.plain import Row, parts, said
from clmcrm.adapters.odoo.plain import key as key_of
from clmcrm.adapters.odoo.reading import LONGEST
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.sign_asked import file_of, reasons
from clmcrm.adapters.odoo.sign_log import CANCELED, DRAFT, SIGNED, facts_of
from clmcrm.adapters.odoo.wire import VENDOR, NotAllowed, RecordsMissing, RefusedByServer, UnknownName, listed
from clmcrm.adapters.sent_once import kind_of
from clmcrm.adapters.server_clock import kept_bound, server_time
from clmcrm.adapters.windows import ids_of
from clmcrm.clm.signature import RecipientRole, SignatureFact, SignatureLevel, SignatureRequest
from clmcrm.codec.forms import object_in
from clmcrm.errors import MalformedReply, RefusedError, TerminalError
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
_REFUSALS: Final = (NotAllowed, RecordsMissing, RefusedByServer)
T = TypeVar("T")
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
        """DONE when it is sent now, BOUND when it was sent before.

        REFUSED for what the service cannot do, and, in the server's words, for what it does not let the user do.
        """
        why = next(reasons(request, document), None)
        if why is not None:
            return Outcome(result=Result.REFUSED, why=why)
        try:
            return (yield from self._sent(request, document))
        except _REFUSALS as refused:
            return Outcome(result=Result.REFUSED, why=str(refused))

    def find(self, request_id: str) -> Flow[str | None]:
        """The service's key for what was sent under our id, archived or not; None when nothing was."""
        return (yield from _typed(self._found(request_id)))

    def facts(self, key: str) -> Flow[tuple[SignatureFact, ...]]:
        """What the log of a request says; raises `TerminalError` for a key that was never given."""
        return (yield from _typed(self._facts(key)))

    def touched(self, cursor: str | None) -> Flow[Touched]:
        """The requests with new rows in their logs since `cursor`; raises `TerminalError` for one it never gave."""
        since = _since(cursor)
        domain: list[object] = [] if since is None else [["date", ">=", stamp(since)]]
        log = yield from _typed(self._session.rows(LOG, domain, {"request_id": {}}))
        now = server_time(self._session.last_date)
        if now is None:
            raise TerminalError(VENDOR, "its replies carry no readable date")
        keys = dict.fromkeys(told for one in log if (told := key_of(one.get("request_id"))) is not None)
        return Touched(keys=tuple(keys), cursor=(now - self._overlap).isoformat())

    def cancel(self, key: str, reason: str) -> Flow[Outcome]:
        """DONE when nobody may sign any more; the signers are sent the reason, once also when it is asked again."""
        row = yield from _typed(self._row(key))
        if row is None:
            return Outcome(result=Result.MISSING, key=key, why="there is no such request")
        if row["state"] == SIGNED:
            return Outcome(result=Result.REFUSED, key=key, why="it is signed by everybody")
        if row["state"] == CANCELED:
            return Outcome(result=Result.DONE, key=key)
        people = [int(who) for one in parts(row, "signer_ids") if (who := key_of(one.get("partner_id"))) is not None]
        try:
            # An earlier try may have mailed it and lost the reply, or been refused the rest.
            if (yield from self._reason(row["id"])) != reason:
                _ = yield from self._session.ask(
                    REQUEST, "message_post", [row["id"]], body=reason, subject=f"{_WHY}{reason}", partner_ids=people,
                    effect=Effect.ONCE,
                )  # fmt: skip
            _ = yield from self._session.ask(REQUEST, "cancel", [row["id"]], effect=Effect.ONCE)
        except _REFUSALS as refused:
            return Outcome(result=Result.REFUSED, key=key, why=str(refused))
        return Outcome(result=Result.DONE, key=key)

    def files(self, key: str) -> Flow[SignedFiles | None]:
        """The signed document; None while somebody has still to sign.

        Raises `TerminalError` for a key that was never given, and `MalformedReply` for what is no PDF.
        """
        row = yield from _typed(self._row(key, {"state": {}, "data": {}}))
        if row is None:
            raise TerminalError(VENDOR, f"there is no request {key}")
        if row["state"] != SIGNED:
            return None
        try:
            document = base64.b64decode(said(row.get("data")) or "", validate=True)
        except ValueError:  # binascii.Error among them
            raise MalformedReply(VENDOR, f"{REQUEST} {key}: $.data", "is no base64") from None
        if kind_of(document) != "pdf":
            raise MalformedReply(VENDOR, f"{REQUEST} {key}: $.data", "is no PDF")
        return SignedFiles(document=document)

    # How it is done.

    def _sent(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        known = yield from self._found(request.id)
        number = known if known is not None else str((yield from self._made(request, document)))
        row = yield from self._row(number)
        if row is None:
            raise TerminalError(VENDOR, f"request {number} is not there any more")
        if row.get("filename") != file_of(request):
            return Outcome(result=Result.REUSED, key=number, why="another request was sent under this id")
        if row["state"] != DRAFT:
            return Outcome(result=Result.BOUND, key=number)
        _ = yield from self._session.ask(REQUEST, "action_send", [row["id"]], effect=Effect.KEYED)
        return Outcome(result=Result.DONE, key=number)

    def _found(self, request_id: str) -> Flow[str | None]:
        try:
            told = yield from self._session.ask(
                "ir.model.data", "check_object_reference", module=MODULE, xml_id=name_of(_KIND, request_id),
                context={"active_test": False},
            )  # fmt: skip
        except UnknownName:
            return None
        _, *number = listed(told, "check_object_reference") or [None]
        return key_of(number[0]) if number else None

    def _facts(self, own: str) -> Flow[tuple[SignatureFact, ...]]:
        row = yield from self._row(own)
        if row is None:
            raise TerminalError(VENDOR, f"there is no request {own}")
        log = yield from self._session.rows(LOG, [["request_id", "=", row["id"]]], _LOG_SPEC)
        reason = (yield from self._reason(row["id"])) if row["state"] == CANCELED else ""
        return tuple(facts_of(row, log, reason))

    def _row(self, own: str, spec: Mapping[str, Any] = _SPEC) -> Flow[Row | None]:
        """The request of a key, with its state; None when there is none."""
        numbers = ids_of([own], LONGEST)
        rows = (yield from self._session.rows(REQUEST, [["id", "in", numbers]], spec)) if numbers else []
        found = next((row for row in rows if row["id"] in numbers), None)
        if found is not None and said(found.get("state")) is None:
            raise MalformedReply(VENDOR, f"{REQUEST} {own}: $.state", "is no state")
        return found

    def _made(self, request: SignatureRequest, document: bytes) -> Flow[int]:
        role = yield from self._signer_role()
        signers: list[list[Any]] = []
        for recipient in request.recipients:
            partner = yield from self._partner(recipient.name, recipient.email)
            signers.append([0, 0, {"partner_id": partner, "role_id": role}])
        values = {
            "name": f"{request.contract}: signature",
            "filename": file_of(request),
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
            return _first(found, "search")
        return (yield from self._bound(PARTNER, name_of("signer", address), {"name": name, "email": email}))

    def _signer_role(self) -> Flow[int]:
        if self._role is None:
            found = yield from self._session.ask(ROLE, "search", domain=[], limit=1, order="id")
            self._role = _first(found, "search") if found else None
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
        return _first(found["ids"], "load")

    def _reason(self, number: int) -> Flow[str]:
        domain = [["model", "=", REQUEST], ["res_id", "=", number], ["subject", "=like", f"{_WHY}%"]]
        told = yield from self._session.rows("mail.message", domain, {"subject": {}})
        return next((subject.removeprefix(_WHY) for one in reversed(told) if (subject := said(one.get("subject")))), "")


def _typed(flow: Flow[T]) -> Flow[T]:
    """The same flow, where a refusal is an error of this library's: `RefusedError` in the server's own words."""
    try:
        return (yield from flow)
    except _REFUSALS as refused:
        raise RefusedError(VENDOR, str(refused)) from None


def _first(value: object, reply_of: str) -> int:
    """The first id of a list; raises `MalformedReply` when there is none."""
    found = next(iter(listed(value, reply_of)), None)
    if type(found) is not int or found < 1:
        raise MalformedReply(VENDOR, "$[0]", f"{reply_of} gave no id")
    return found


def _since(cursor: str | None) -> datetime | None:
    try:
        return kept_bound(cursor)
    except (ValueError, OverflowError):
        raise TerminalError(VENDOR, f"{(cursor or '')[:80]!r} is no cursor of its requests") from None
