"""From a request of `sign_oca` and its log to facts: every act of a person leaves a row there.

Source: OCA/sign 19.0, `sign_oca/models/sign_oca_request.py`, read and tried: the states of a request and the actions of
its log. Any other word is an `Unknown` that keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clmcrm.adapters.odoo.feed import moment_of
from clmcrm.adapters.odoo.plain import Row, inner, key, parts, said
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.clm.signature import RecipientFact, RecipientState, RequestFact, RequestState, SignatureFact
from clmcrm.values.partial import Unknown

DRAFT: Final = "1_draft"
SIGNED: Final = "2_signed"
CANCELED: Final = "3_cancel"
STATES: Final = frozenset({"0_sent", DRAFT, SIGNED, CANCELED})
"""What a request's `state` may be."""

_REQUESTS: Final = {"create": RequestState.CREATED, "validate": RequestState.SENT, "cancel": RequestState.VOIDED}
_PEOPLE: Final = {"view": RecipientState.VIEWED, "sign": RecipientState.COMPLETED}
_PREPARING: Final = frozenset({"add_field", "edit_field", "delete_field", "configure"})
ACTIONS: Final = frozenset({*_REQUESTS, *_PEOPLE, *_PREPARING})
"""What a log's `action` may be; the steps of preparing a document say nothing of how far it is."""


def facts_of(row: Row, log: Sequence[Row], reason: str) -> list[SignatureFact]:
    """The facts of a request with its signers; `reason` is that of its cancellation.

    A request that is marked as signed while a signer has no instant of signing is not taken for one that everybody
    signed. A row of the log without an instant is left out.
    """
    signers = {number: inner(one, "partner_id") or {} for one in parts(row, "signer_ids") if (number := key(one))}
    facts: list[SignatureFact] = []
    for one in log:
        at, action = moment_of(one.get("date")), said(one.get("action")) or "nothing"
        if at is None:
            continue
        common: dict[str, Any] = {"at": at, "system": VENDOR, "raw": action, "event": f"log {one['id']}"}
        if action in _REQUESTS:
            facts.append(RequestFact(state=_REQUESTS[action], reason=reason if action == "cancel" else "", **common))
        if action == "validate":
            facts += [_person(person, RecipientState.SENT, "", common) for person in signers.values()]
        if action in _PEOPLE and (signer := key(one.get("signer_id"))) is not None:
            facts.append(_person(signers.get(signer, {}), _PEOPLE[action], said(one.get("ip")) or "", common))
        if action not in ACTIONS:
            facts.append(RequestFact(state=Unknown("an action that sign_oca does not have", action), **common))
    return facts + _of_whole(row, [fact.at for fact in facts])


def _of_whole(row: Row, told: Sequence[datetime]) -> list[SignatureFact]:
    """What the request's own state says that its log does not."""
    state = said(row.get("state")) or "nothing"
    signed = [moment_of(one.get("signed_on")) for one in parts(row, "signer_ids")]
    done = [at for at in signed if at is not None]
    if state == SIGNED and done and len(done) == len(signed):
        return [RequestFact(at=max(done), system=VENDOR, raw=state, state=RequestState.COMPLETED)]
    why = "it is marked as signed, and not everybody has" if state == SIGNED else "a state that sign_oca does not have"
    if (state in STATES and state != SIGNED) or not (told or done):
        return []
    return [RequestFact(at=max([*told, *done]), system=VENDOR, raw=state, state=Unknown(why, state))]


def _person(person: Row, state: RecipientState, ip: str, common: Mapping[str, Any]) -> RecipientFact:
    email, name = said(person.get("email")) or "unknown", said(person.get("name")) or ""
    return RecipientFact(email=email, name=name, state=state, ip=ip, **common)
