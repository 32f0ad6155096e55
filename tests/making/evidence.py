"""A contract with a past and its log, for the tests of what can be proved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

import attrs

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.documents import Document
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TermClause
from clmcrm.proof.log import EventLog, log_of
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, DocumentId, OpportunityId
from clmcrm.values.tenor import Tenor

ADA: Final = ("Ada Byron", "ada@example.org")
PDF: Final = b"%PDF-1.7 the signed contract"
CERTIFICATE: Final = b"%PDF-1.7 who signed when"


def salts(seed: str = "test") -> Iterator[bytes]:
    """Secrets that are the same in every run; a host takes random ones."""
    n = 0
    while True:
        yield sha256(f"{seed} {n}".encode()).digest()
        n += 1


def at(day: int) -> datetime:
    return datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(days=day)


def history() -> tuple[e.AnyEvent, ...]:
    return (
        e.Requested(at(0), "crm", opportunity=OpportunityId("O-1")),
        e.SubmittedForApproval(at(1), "Ada Byron"),
        e.Approved(at(2), "Grace Hopper", role="legal", note="as Ada Byron asked; see ada@example.org"),
        e.TurnPassed(at(3), "Ada Byron"),
        e.SentForSignature(at(4), "sign service"),
        e.Signed(at(5), "sign service", side=Party.OWN, signer="Grace Hopper", signed_on=date(2024, 1, 6)),
        e.Signed(at(6), "sign service", side=Party.COUNTERPARTY, signer="ADA BYRON", signed_on=date(2024, 1, 7)),
        e.Activated(at(7), "clm", effective_on=date(2024, 1, 8)),
        e.AmendmentAccepted(at(90), "clm", amendment=AmendmentId("A-1"), base_version=0, effective_on=date(2024, 5, 1)),
        e.NonRenewalNotified(at(200), "Ada Byron", side=Party.COUNTERPARTY, served_on=date(2024, 7, 19)),
    )


def past_contract(**changes: object) -> Contract:
    """A French contract of one year from 8 January 2024, signed by Ada Byron, not renewed."""
    made = Contract(
        id=ContractId("C-1"),
        number="2024/17",
        title="maintenance",
        kind=ContractKind.SALES,
        counterparty=AccountId("A-1"),
        governing_place="FR",
        effective_on=date(2024, 1, 8),
        term=TermClause(initial=Tenor(years=1)),
        renewal=RenewalClause(kind=RenewalKind.NONE),
        signatories=(
            Signatory(side=Party.OWN, name="Grace Hopper"),
            Signatory(side=Party.COUNTERPARTY, name="ADA BYRON", title="director"),
        ),
        documents=(
            Document(id=DocumentId("D-1"), name="../../contract with Ada Byron.pdf", sha256=sha256(PDF).hexdigest()),
            Document(id=DocumentId("D-2"), name="annex.pdf"),
        ),
        events=history(),
    )
    return attrs.evolve(made, **changes)  # type: ignore[arg-type] # the fields are named by the test


def past_log() -> EventLog:
    return log_of(past_contract(), salts())
