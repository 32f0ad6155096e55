"""Small signature requests and facts for the tests of the contract wing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.documents import Document, DocumentState
from clmcrm.clm.events import Approved, Requested, SubmittedForApproval
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.signature import (
    Recipient,
    RecipientFact,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureRequest,
)
from clmcrm.clm.signature_sending import sent_for_signature
from clmcrm.values.ids import ContractId, DocumentId
from making import at, contract

PRINT = "ab" * 32
ANN = Recipient(name="Ann", email="ann@own.example", side=Party.OWN, order=0)
BEN = Recipient(name="Ben", email="Ben@other.example", side=Party.COUNTERPARTY, order=1)
START = datetime(2026, 5, 4, 9, tzinfo=UTC)


def request(*recipients: Recipient, **changes: object) -> SignatureRequest:
    """A request to Ann (first) and Ben (second), changed as asked."""
    facts: dict[str, object] = {
        "id": "R-1",
        "contract": ContractId("C-1"),
        "sha256": PRINT,
        "recipients": recipients or (ANN, BEN),
    }
    return SignatureRequest(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses


def hours(count: float) -> datetime:
    """The instant that many hours after the request went out."""
    return START + timedelta(hours=count)


def fact(who: Recipient | str, state: RecipientState, after: float, **more: object) -> RecipientFact:
    """A fact about a recipient, so many hours after the start."""
    email = who if isinstance(who, str) else who.email
    return RecipientFact(email=email, state=state, at=hours(after), **more)  # type: ignore[arg-type] # as above


def whole(state: RequestState, after: float, **more: object) -> RequestFact:
    """A fact about the whole request, so many hours after the start."""
    return RequestFact(state=state, at=hours(after), **more)  # type: ignore[arg-type] # as above


def awaiting(asked: SignatureRequest | None = None, **changes: object) -> Contract:
    """A contract from 2027 on, with Ann and Ben as signatories, that went out for signature on 4 May 2026."""
    life = contract(
        signatories=(Signatory(side=Party.OWN, name="Ann"), Signatory(side=Party.COUNTERPARTY, name="Ben")),
        documents=(Document(id=DocumentId("D-1"), name="contract.pdf", state=DocumentState.FINAL, sha256=PRINT),),
        **({"effective_on": date(2027, 1, 1)} | changes),
    )
    for event in (
        Requested(at("2026-05-01"), "eve"),
        SubmittedForApproval(at("2026-05-01"), "eve"),
        Approved(at("2026-05-02"), "legal"),
        sent_for_signature(asked or request(), START, "eve"),
    ):
        life = advance(life, event)
    return life
