"""The evidence of a completed signature request: who signed what, when, from where and how they were identified.

The rule of the file: the certificate holds what the service stated and nothing else. What it did not state is
named as missing; a level of signature is never inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import field, frozen

from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import (
    Authentication,
    RecipientRole,
    RecipientState,
    SignatureFact,
    SignatureLevel,
    SignatureRequest,
)
from clmcrm.clm.signature_merge import merged
from clmcrm.clm.signature_standing import Place, SignatureStanding, is_done, signature_standing
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import Unknown
from clmcrm.values.record import Record
from clmcrm.values.validators import each, instance, instant, maybe, member, text

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@frozen(kw_only=True)
class CertifiedAct:
    """What one recipient did: who they are, who acted, the instants of each step (None: not stated).

    `level`, `authenticated_by` and `ip` are the service's statements (None or empty: it makes none).
    """

    name: str = field(validator=text)
    email: str = field(validator=text)
    side: Party = field(validator=member(Party))
    role: RecipientRole = field(validator=member(RecipientRole))
    acted_by: str = field(validator=text)
    sent_at: datetime | None = field(default=None, validator=maybe(instant))
    viewed_at: datetime | None = field(default=None, validator=maybe(instant))
    acted_at: datetime | None = field(default=None, validator=maybe(instant))
    level: SignatureLevel | None = field(default=None, validator=maybe(member(SignatureLevel)))
    authenticated_by: Authentication | None = field(default=None, validator=maybe(member(Authentication)))
    ip: str = ""


@frozen(kw_only=True)
class CompletionCertificate(Record):
    """The evidence of `request`: the service's `key` in `system`, the fingerprints, the acts, every fact.

    `sha256` is the document that was sent, `signed_sha256` the file that came back (None: not kept).
    """

    request: str = field(validator=text)
    contract: ContractId = field(validator=text)
    system: str = field(validator=text)
    key: str = field(validator=text)
    sha256: str = field(validator=text)
    signed_sha256: str | None = None
    completed_at: datetime = field(validator=instant)
    acts: tuple[CertifiedAct, ...] = field(validator=each(instance(CertifiedAct)))
    history: tuple[SignatureFact, ...] = field(default=(), validator=each(instance(SignatureFact)))

    def __attrs_post_init__(self) -> None:
        for name in ("sha256", "signed_sha256"):
            value: str | None = getattr(self, name)
            if value is not None and not _SHA256.fullmatch(value):
                raise InvalidRecord(f"CompletionCertificate {self.request}", name, value, "64 lower-case hex digits")

    @property
    def missing(self) -> tuple[str, ...]:
        """What the service did not state, as "Ann: ip": acts first, then the fingerprint of the signed file."""
        wanted = ("sent_at", "viewed_at", "acted_at", "level", "authenticated_by", "ip")
        signers = [act for act in self.acts if act.role is RecipientRole.SIGNER]
        found = [f"{act.name}: {name}" for act in signers for name in wanted if not getattr(act, name)]
        return (*found, *(() if self.signed_sha256 else ("signed_sha256",)))


def completion_certificate(
    request: SignatureRequest,
    facts: Iterable[SignatureFact],
    *,
    system: str,
    key: str,
    signed_sha256: str | None = None,
) -> CompletionCertificate | Unknown:
    """The certificate of a complete request; `Unknown` with the reason while it is not complete."""
    known = merged(facts)
    standing = signature_standing(request, known)
    if not standing.complete or standing.since is None:
        return Unknown(_why_not(standing))
    return CompletionCertificate(
        request=request.id,
        contract=request.contract,
        system=system,
        key=key,
        sha256=request.sha256,
        signed_sha256=signed_sha256,
        completed_at=standing.since,
        acts=tuple(_act(place) for place in standing.places if is_done(place)),
        history=known,
    )


def _why_not(standing: SignatureStanding) -> str:
    open_places = [p.recipient.name for p in standing.places if p.recipient.must_act and not is_done(p)]
    waiting = f"; not completed by: {', '.join(open_places)}" if open_places else ""
    return f"request {standing.request.id} is {standing.state.value}, not completed{waiting}"


def _act(place: Place) -> CertifiedAct:
    recipient = place.recipient
    return CertifiedAct(
        name=recipient.name,
        email=recipient.email,
        side=recipient.side,
        role=recipient.role,
        acted_by=place.acted_by,
        sent_at=place.at(RecipientState.SENT),
        viewed_at=place.at(RecipientState.VIEWED),
        acted_at=place.acted_at,
        level=place.level,
        authenticated_by=place.authenticated_by,
        ip=place.ip,
    )
