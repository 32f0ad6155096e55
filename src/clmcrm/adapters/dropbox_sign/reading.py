"""From a signature request, as Dropbox Sign shows it, to the facts it tells.

It keeps the instant of a signature and of the last look, none of a refusal. A signer has the request from the
instant at which those before them had signed; that a look was the last one is all that is known of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from json import dumps
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.dropbox_sign.wire import VENDOR, moment
from clmcrm.adapters.trees import Tree, is_list, is_tree, word
from clmcrm.clm.signature import RecipientFact, RecipientState, RequestFact, RequestState, SignatureFact
from clmcrm.clm.signature_vendors import word_list
from clmcrm.errors import MalformedReply
from clmcrm.values.partial import Unknown

_WORDS: Final = word_list("dropbox_sign", "signature status")
_ERROR: Final = "error_"


def signatures_of(request: Tree) -> list[Tree]:
    """The signers of a request."""
    found = request.get("signatures")
    return [one for one in found if is_tree(one)] if is_list(found) else []


def facts_of(request: Tree, now: datetime | None) -> tuple[SignatureFact, ...]:
    """Everything a request tells; `now` is Dropbox Sign's own clock, by which it has expired or not.

    Raises `MalformedReply` for a request without the instant of its creation.
    """
    made = moment(request, "created_at")
    if made is None:
        raise MalformedReply(VENDOR, "created_at", "a signature request without it")
    key, signers = word(request, "signature_request_id"), signatures_of(request)
    facts: list[SignatureFact] = [_whole(key, made, RequestState.SENT, "created_at")]
    for one in signers:
        facts += _of_signer(key, one, _since(one, signers, made))
    acts = [at for one in signers if (at := moment(one, "signed_at")) is not None]
    if request.get("is_complete") is True:
        names = tuple(word(one, "signer_email_address").lower() for one in signers)
        done = _whole(key, max(acts, default=made), RequestState.COMPLETED, "is_complete")
        facts.append(evolve(done, names=names if all(names) else ()))
    elif request.get("is_declined") is True:
        facts.append(_whole(key, latest_of(request), RequestState.DECLINED, "is_declined"))
    else:
        ends = moment(request, "expires_at")
        if ends is not None and now is not None and ends <= now:
            facts.append(_whole(key, ends, RequestState.EXPIRED, "expires_at"))
    return tuple(facts)


def latest_of(request: Tree) -> datetime:
    """The last instant that a request shows; it has one."""
    names = ("signed_at", "last_viewed_at")
    found = [at for one in signatures_of(request) for name in names if (at := moment(one, name)) is not None]
    made = moment(request, "created_at")
    return max([*found, *([] if made is None else [made])])


def version_of(request: Tree, now: datetime | None) -> str:
    """A fingerprint of a request's state, which changes with everything that happens to it."""
    ends = moment(request, "expires_at")
    expired = ends is not None and now is not None and ends <= now
    told: list[Any] = [request.get(name) for name in ("is_complete", "is_declined", "has_error")]
    for one in signatures_of(request):
        told += [
            one.get(n) for n in ("signature_id", "signer_email_address", "status_code", "signed_at", "last_viewed_at")
        ]
    return blake2b(dumps([expired, *told], default=str).encode(), digest_size=6).hexdigest()


def _since(signer: Tree, signers: list[Tree], made: datetime) -> datetime | None:
    """From when on a signer has the request; None while others come first."""
    order = signer.get("order")
    before = [
        one for one in signers if isinstance(order, int) and isinstance(one.get("order"), int) and one["order"] < order
    ]
    acts = [moment(one, "signed_at") for one in before]
    if any(at is None for at in acts):
        return None
    return max([made, *(at for at in acts if at is not None)])


def _of_signer(key: str, signer: Tree, since: datetime | None) -> Iterator[RecipientFact]:
    email = word(signer, "signer_email_address") or word(signer, "signature_id") or "a signer without an address"
    event = f"{key}/{word(signer, 'signature_id')}"
    said = word(signer, "status_code")

    def fact(
        at: datetime, state: RecipientState | Unknown, raw: str, reason: str = "", delegate: str = ""
    ) -> RecipientFact:
        name = word(signer, "signer_name") if state is RecipientState.COMPLETED else ""
        return RecipientFact(
            at=at, system=VENDOR, raw=raw, event=f"{event}/{raw}", reason=reason, state=state, name=name,
            email=word(signer, "reassigned_by") if delegate else email, delegate=delegate,
        )  # fmt: skip

    if since is not None:
        yield fact(since, RecipientState.SENT, "awaiting_signature")
    looked, signed = moment(signer, "last_viewed_at"), moment(signer, "signed_at")
    if looked is not None:
        yield fact(looked, RecipientState.VIEWED, "last_viewed_at")
    at = signed or looked or since
    if word(signer, "reassigned_by") and since is not None:
        yield fact(since, RecipientState.DELEGATED, "reassigned_by", word(signer, "reassignment_reason"), email)
    if at is None or not said:
        return
    if said.startswith(_ERROR):
        yield fact(
            at, RecipientState.BOUNCED if "email" in said else Unknown("an error", said), said, word(signer, "error")
        )
        return
    meant = _WORDS.state(said)
    # "expired" is told of the whole, by its instant.
    if meant is not RecipientState.WAITING and said != "expired" and isinstance(meant, RecipientState | Unknown):
        yield fact(at, meant, said, word(signer, "decline_reason") if meant is RecipientState.DECLINED else "")


def _whole(key: str, at: datetime, state: RequestState, raw: str) -> RequestFact:
    return RequestFact(at=at, system=VENDOR, raw=raw, event=f"{key}/{raw}", state=state)
