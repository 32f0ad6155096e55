"""What an approval is for: each field of a contract is content, or is listed with the reason why it is not."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from clmcrm.clm.content import CONTENT, NOT_CONTENT, changed_content, content_hash, content_of
from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.documents import Document
from clmcrm.clm.events import Requested
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind, Performance
from clmcrm.values.ids import AccountId, DocumentId, Extra, LineId, ObligationId, Ref, UserId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.tenor import Tenor
from making import at, contract

LINE = ContractLine(id=LineId("1"), description="seats", price=UnitPrice(10, "EUR"), recurrence=Tenor(months=1))
OWED = Obligation(
    id=ObligationId("O"), kind=ObligationKind.REPORT, title="report", obligor=Party.OWN, obligee=Party.COUNTERPARTY,
    due=DueOn(day=date(2026, 1, 1)),
)  # fmt: skip
PAPER = Document(id=DocumentId("D"), name="contract.pdf", sha256="ab" * 32)
BASE = contract(lines=(LINE,), obligations=(OWED,), documents=(PAPER,), total_value=Money(100, "EUR"))


def test_every_field_is_content_or_has_a_reason_not_to_be() -> None:
    names = {part.name for part in attrs.fields(Contract)}
    assert set(CONTENT) | set(NOT_CONTENT) == names
    assert not set(CONTENT) & set(NOT_CONTENT)
    assert all(NOT_CONTENT.values())
    assert set(content_of(BASE)) == set(CONTENT)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "repairs"},
        {"kind": ContractKind.LEASE},
        {"counterparty": AccountId("A-2")},
        {"total_value": Money(101, "EUR")},
        {"total_value": Money(100, "USD")},
        {"special_terms": "at cost"},
        {"governing_place": "FR"},
        {"approvals_needed": ("legal",)},
        {"conditions_precedent": ("guarantee",)},
        {"signatories": (Signatory(side=Party.OWN, name="Ann"),)},
        {"lines": (attrs.evolve(LINE, price=UnitPrice("10.01", "EUR")),)},
        {"lines": ()},
        {"obligations": (attrs.evolve(OWED, title="two reports"),)},
        {"documents": (attrs.evolve(PAPER, sha256="cd" * 32),)},
        {"effective_on": date(2024, 6, 2)},
        {"version": 1},
    ],
)
def test_a_changed_promise_is_another_content(change: dict[str, object]) -> None:
    after = attrs.evolve(BASE, **change)  # type: ignore[arg-type] # each row fits its field
    assert content_hash(after) != content_hash(BASE)
    assert changed_content(BASE, after) == tuple(change)


@pytest.mark.parametrize(
    "change",
    [
        {"number": "2026-1"},
        {"owner": UserId("U")},
        {"purchase_order": "PO-7"},
        {"refs": (Ref("hubspot", "deals", "1"),)},
        {"extras": (Extra("hubspot", "color", "red"),)},
        {"events": (Requested(at("2026-01-01"), "ann"),)},
        {"lines": (attrs.evolve(LINE, refs=(Ref("erp", "lines", "9"),), billed_until=date(2026, 1, 31)),)},
        {"documents": (attrs.evolve(PAPER, refs=(Ref("box", "files", "3"),)),)},
        {
            "obligations": (
                attrs.evolve(OWED, performances=(Performance(on=date(2026, 1, 1), for_due=date(2026, 1, 1)),)),
            )
        },
    ],
)
def test_what_follows_or_points_elsewhere_is_no_content(change: dict[str, object]) -> None:
    assert content_hash(attrs.evolve(BASE, **change)) == content_hash(BASE)  # type: ignore[arg-type] # as above
