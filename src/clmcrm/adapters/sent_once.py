"""What every e-signature service is asked for the same way: that a request goes out once, and as it was approved."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from clmcrm.clm.signature import SignatureRequest
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import to_fields
from clmcrm.ports.records import Outcome, Result

_KINDS: Final = ((b"%PDF-", "pdf"), (b"PK\x03\x04", "docx"))


def print_of(request: SignatureRequest) -> str:
    """The fingerprint of a request: who signs what, in which order and until when."""
    return sha256(canonical_text(to_fields(request)).encode()).hexdigest()


def kind_of(document: bytes) -> str:
    """Whether a document is a "pdf" or a "docx", by its first bytes; empty for anything else.

    >>> kind_of(b"%PDF-1.7"), kind_of(b"text")
    ('pdf', '')
    """
    return next((kind for start, kind in _KINDS if document.startswith(start)), "")


def is_document_of(request: SignatureRequest, document: bytes) -> bool:
    """Whether the document is the one that the request names by its fingerprint."""
    return sha256(document).hexdigest() == request.sha256


def document_objections(request: SignatureRequest, document: bytes, service: str) -> Iterator[str]:
    """What keeps any service from sending the document: another fingerprint, nobody who acts, another kind of file."""
    if not is_document_of(request, document):
        yield "the document does not have the fingerprint asked for"
    if not any(recipient.must_act for recipient in request.recipients):
        yield "nobody is asked to act"
    if not kind_of(document):
        yield f"the document is neither a PDF nor a DOCX; {service} would convert it to something nobody approved"


def sent_before(request: SignatureRequest, document: bytes, *, key: str, kept: str) -> Outcome:
    """The outcome where something was sent under our id: BOUND to `key` when its fingerprint `kept` is ours."""
    if kept == print_of(request) and is_document_of(request, document):
        return Outcome(result=Result.BOUND, key=key)
    return Outcome(result=Result.REUSED, key=key, why=f"another request was sent under the id {request.id}")
