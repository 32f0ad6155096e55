"""What of a request `sign_oca` can do as it was asked, and the name of the file by which it is known again.

The rule of the file: what the service cannot do as it was asked is refused with the reason, never done otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from clmcrm.adapters.sent_once import document_objections, kind_of
from clmcrm.clm.signature import Authentication, Recipient, RecipientRole, SignatureLevel, SignatureRequest
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import to_fields

_BY_LINK: Final = (None, Authentication.EMAIL_LINK)


def reasons(request: SignatureRequest, document: bytes) -> Iterator[str]:
    """Why the service cannot do it, in words; nothing when it can."""
    people = request.recipients
    yield from document_objections(request, document, "Odoo")
    if kind_of(document) != "pdf":
        yield "the document is no PDF, and sign_oca signs nothing else"
    for one in people:
        yield from _reasons_of(one, request)
    if len({one.order for one in people}) > 1:
        yield "the service keeps no order among the signers"
    if len({one.email.strip().lower() for one in people}) < len(people):
        yield "the service tells signers apart by their address"
    if request.expires_at is not None or request.remind_after is not None:
        yield "the service neither ends a request by itself nor reminds anybody"


def _reasons_of(one: Recipient, request: SignatureRequest) -> Iterator[str]:
    if one.role is not RecipientRole.SIGNER:
        yield f"{one.email}: the service knows signers only, no {one.role.value}"
    if request.level_of(one) is not SignatureLevel.SIMPLE:
        yield f"{one.email}: the service collects simple signatures only"
    if one.authentication not in _BY_LINK:
        yield f"{one.email}: the service checks nobody beyond the link that it mails"
    if not one.required:
        yield f"{one.email}: the service has no signer whose act may be left out"


def file_of(request: SignatureRequest) -> str:
    """The name of the file: it tells requests and documents under one id apart."""
    told = canonical_text(to_fields(request)).encode()
    return f"contract-{blake2b(told, digest_size=12).hexdigest()}.pdf"
