"""Before a document goes out for signature: whether the request fits the contract and what was approved.

Everything wrong is found at once. A request that does not fit is refused as a whole and in words, since what
has been sent to the other side cannot be taken back quietly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from clmcrm.clm.contract import Contract
from clmcrm.clm.documents import Document
from clmcrm.clm.events import SentForSignature
from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient, RecipientRole, SignatureLevel, SignatureRequest
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import DocumentId
from clmcrm.values.problems import Problem, Severity


def request_signature(
    contract: Contract,
    request_id: str,
    document: DocumentId,
    recipients: Sequence[Recipient],
    *,
    level: SignatureLevel = SignatureLevel.SIMPLE,
    least_level: SignatureLevel = SignatureLevel.SIMPLE,
    approved_sha256: str | None = None,
    expires_at: datetime | None = None,
    remind_after: int | None = None,
    remind_every: int | None = None,
) -> SignatureRequest:
    """A request to sign the contract's `document`, bound to its fingerprint.

    `least_level` is the level the law or the policy asks for; `approved_sha256` the fingerprint that was approved
    (None: approvals name none). Raises `InvalidRecord` naming everything that does not fit: see
    `signing_problems`.
    """
    found = next((d for d in contract.documents if d.id == document), None)
    if found is None or found.sha256 is None:
        ids = ", ".join(d.id for d in contract.documents if d.sha256 is not None) or "none"
        raise InvalidRecord(str(contract), "documents", document, f"a document with a fingerprint: {ids}")
    request = SignatureRequest(
        id=request_id,
        contract=contract.id,
        sha256=found.sha256,
        recipients=tuple(recipients),
        level=level,
        document=document,
        expires_at=expires_at,
        remind_after=remind_after,
        remind_every=remind_every,
    )
    wrong = [
        problem
        for problem in signing_problems(contract, request, least_level=least_level, approved_sha256=approved_sha256)
        if problem.severity is Severity.ERROR
    ]
    if wrong:
        raise InvalidRecord(
            f"SignatureRequest {request_id}", wrong[0].field, wrong[0].value, "; ".join(str(p) for p in wrong)
        )
    return request


def signing_problems(
    contract: Contract,
    request: SignatureRequest,
    *,
    least_level: SignatureLevel = SignatureLevel.SIMPLE,
    approved_sha256: str | None = None,
) -> tuple[Problem, ...]:
    """Everything about `request` that does not fit `contract` or what was approved.

    Every required signatory needs a required signer on its own side, and each side at least one; the document
    must be the contract's with its present fingerprint, and the approved one; no signature may be asked for
    below `least_level`. A signer who is none of the named signatories is a warning.
    """
    return (
        *_signatories(contract, request),
        *_document(contract, request, approved_sha256),
        *_levels(request, least_level),
    )


def sent_for_signature(request: SignatureRequest, at: datetime, by: str) -> SentForSignature:
    """The contract's event of having sent `request`; its note is the request's id, which ties facts to it."""
    return SentForSignature(at, by, note=request.id)


def _problem(request: SignatureRequest, field: str, value: str, what: str, expected: str) -> Problem:
    return Problem(
        where=f"request {request.id}", field=field, value=value, what=what, expected=expected, severity=Severity.ERROR
    )


def _signatories(contract: Contract, request: SignatureRequest) -> Iterator[Problem]:
    if request.contract != contract.id:
        yield _problem(request, "contract", request.contract, "is another contract", contract.id)
    signers = [r for r in request.recipients if r.role is RecipientRole.SIGNER]
    asked = {(r.side, r.signs_as) for r in signers if r.required}
    for person in contract.signatories:
        if person.required and (person.side, person.name) not in asked:
            expected = f"a required signer for {person.side.value} who signs as {person.name}"
            yield _problem(request, "recipients", person.name, "must sign and is not asked to", expected)
    for side in (Party.OWN, Party.COUNTERPARTY):
        if not any(r.side is side and r.required for r in signers):
            yield _problem(request, "recipients", side.value, "has nobody who must sign", "one signer or more")
    named = {(person.side, person.name) for person in contract.signatories}
    sides = {person.side for person in contract.signatories}
    for signer in signers:
        if signer.side in sides and (signer.side, signer.signs_as) not in named:
            yield Problem(
                where=f"request {request.id}",
                field="recipients",
                value=signer.signs_as,
                what="signs, but is none of the contract's signatories",
            )


def _document(contract: Contract, request: SignatureRequest, approved_sha256: str | None) -> Iterator[Problem]:
    if not any(_is_meant(document, request) for document in contract.documents):
        prints = ", ".join(d.sha256 for d in contract.documents if d.sha256) or "none"
        yield _problem(request, "sha256", request.sha256, "is no document of the contract", prints)
    if approved_sha256 is not None and approved_sha256 != request.sha256:
        yield _problem(request, "sha256", request.sha256, "is not the text that was approved", approved_sha256)


def _is_meant(document: Document, request: SignatureRequest) -> bool:
    return document.sha256 == request.sha256 and request.document in (None, document.id)


def _levels(request: SignatureRequest, least: SignatureLevel) -> Iterator[Problem]:
    for recipient in request.recipients:
        level = request.level_of(recipient)
        if recipient.role is RecipientRole.SIGNER and not level.reaches(least):
            what = f"is too low for {recipient.name}"
            yield _problem(request, "level", level.value, what, f"{least.value} or higher")
