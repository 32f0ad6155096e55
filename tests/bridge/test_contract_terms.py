"""What the CRM is told of a contract's days: by its stage, its renewal and whoever is on the other side now."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest
from one_account import DAY, FRAME, STRANGER, in_force, noon

from clmcrm.bridge.commitment_use import commitments_used
from clmcrm.bridge.contract_card import card_fields, card_note, contract_card
from clmcrm.bridge.feedback import contract_terms
from clmcrm.bridge.service import entitlement_of
from clmcrm.bridge.support_promises import support_clause
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment, LineChange
from clmcrm.clm.clauses import PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Purpose
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.price_clauses import VolumeCommitment
from clmcrm.clm.service_clauses import SupportClause
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind
from clmcrm.values.ids import AmendmentId, EntitlementId, LineId
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

DRAFT = attrs.evolve(FRAME, events=(), effective_on=date(2025, 6, 1), obligations=())
RUNNING = in_force(DRAFT, "2025-05-20")
YEAR = Tenor(years=1)
EN: Final = EntitlementId("E-1")


def renewing(kind: RenewalKind, times: int | None = None) -> Contract:
    return attrs.evolve(RUNNING, renewal=RenewalClause(kind=kind, length=YEAR, times=times))


def requested() -> Contract:
    return advance(DRAFT, e.Requested(noon("2025-05-01"), "sales"))


@pytest.mark.parametrize(
    ("over", "ends_on"),
    [
        (advance(RUNNING, e.Completed(noon("2025-08-02"), "clm")), date(2025, 8, 2)),
        (advance(RUNNING, e.Rescinded(noon("2025-08-02"), "court", note="fraud")), None),
        (advance(requested(), e.Canceled(noon("2025-05-02"), "sales")), None),
    ],
)
def test_a_contract_that_is_over_has_no_notice_and_no_renewal(over: Contract, ends_on: date | None) -> None:
    terms = contract_terms(over, DAY)
    assert (terms.notice_by, terms.renews_on, terms.ends_on) == (None, None, ends_on)
    assert terms.notice_reason is not None
    assert terms.notice_reason.en == "the contract is over"
    card = contract_card(over, DAY)
    assert (card.purpose, card.steps, card.commitments) == (None, (), ())
    assert card_fields(card)["notice_by"] == ""


def test_what_is_not_signed_is_owed_by_nobody_and_uses_up_no_commitment() -> None:
    card = contract_card(attrs.evolve(requested(), obligations=FRAME.obligations), DAY)
    assert (card.duties, card.commitments) == ((), ())


def test_a_tacit_renewal_comes_whether_or_not_a_notice_is_still_possible() -> None:
    """The last deadline has passed, or the notice period is not known: the contract renews all the same."""
    once = contract_terms(renewing(RenewalKind.TACIT, times=1), date(2026, 4, 1))
    assert (once.notice_by, once.renews_on, once.ends_on) == (None, date(2026, 6, 1), date(2027, 5, 31))
    unsaid = contract_terms(attrs.evolve(RUNNING, notice=Unknown("the page is missing")), DAY)
    assert (unsaid.notice_by, unsaid.renews_on) == (None, date(2026, 6, 1))


def test_a_settled_end_is_not_renewed_over() -> None:
    told = advance(
        RUNNING, e.NonRenewalNotified(noon("2025-12-01"), "sales", served_on=date(2025, 12, 1), side=Party.OWN)
    )
    assert (contract_terms(told, DAY).ends_on, contract_terms(told, DAY).renews_on) == (date(2026, 5, 31), None)
    cut = e.Terminated(noon("2025-12-01"), "both", ground=e.Ground.MUTUAL, last_day=date(2026, 9, 30))
    assert contract_terms(advance(RUNNING, cut), DAY).renews_on is None
    late = advance(
        RUNNING, e.NonRenewalNotified(noon("2026-04-01"), "sales", served_on=date(2026, 4, 1), side=Party.OWN)
    )
    found = contract_terms(late, date(2026, 4, 2))
    assert (found.renews_on, found.ends_on) == (date(2026, 6, 1), date(2027, 5, 31))


def test_a_renewal_agreed_later_is_not_told_of_a_day_before() -> None:
    agreed = e.RenewalAgreed(noon("2026-02-10"), "both", side=Party.EITHER, served_on=date(2026, 2, 10))
    contract = advance(renewing(RenewalKind.EXPRESS), agreed)
    assert contract_terms(contract, date(2026, 2, 9)).renews_on is None
    assert contract_terms(contract, date(2026, 2, 10)).renews_on == date(2026, 6, 1)


@pytest.mark.parametrize("kind", [RenewalKind.EXPRESS, RenewalKind.OPTION, RenewalKind.MUTUAL])
def test_a_renewal_that_must_be_asked_for_is_not_called_a_notice_to_leave(kind: RenewalKind) -> None:
    card = contract_card(renewing(kind), DAY)
    assert card.purpose is Purpose.RENEW
    assert "Ask for the renewal by 2026-02-28" in card_note(card, DAY)
    assert "Demander le renouvellement au plus tard le 2026-02-28" in card_note(card, DAY, "fr")


def test_the_account_is_the_one_that_took_the_place_of_the_party() -> None:
    moved = advance(FRAME, e.PartyLeft(noon("2025-09-01"), "clm"))
    moved = advance(moved, e.PartyAssigned(noon("2025-09-02"), "clm", to=STRANGER.id))
    assert contract_terms(moved, date(2025, 8, 31)).account == FRAME.counterparty
    assert contract_terms(moved, DAY).account == STRANGER.id


def amended(held: Contract, recorded: str, effective: date, **changes: Any) -> Contract:
    new = Amendment(id=AmendmentId("A-1"), title="changed", base_version=0, effective_on=effective, **changes)
    event = e.AmendmentAccepted(noon(recorded), "clm", amendment=new.id, base_version=0, effective_on=effective)
    return advance(attrs.evolve(held, amendments=(new,)), event)


BACKDATED = amended(
    RUNNING,
    "2025-10-01",
    date(2025, 7, 1),
    drops_citations=("art. 3", "art. 4", "art. 5", "annex 2"),
    adds=(PaymentClause(days=60, citation="art. 5"), SupportClause(citation="annex 4", response_minutes=60)),
    line_changes=(LineChange(line=LineId("1"), price=UnitPrice("99", "EUR")),),
    renewal=RenewalClause(kind=RenewalKind.NONE),
)


def test_what_is_recorded_later_changes_no_answer_about_a_day_before() -> None:
    """docs/explanation/two_axes: the answer is the same for ever, whatever is recorded later."""
    for day, same in ((date(2025, 9, 30), True), (date(2025, 10, 1), False)):
        assert (contract_terms(BACKDATED, day) == contract_terms(RUNNING, day)) is same
        assert (contract_card(BACKDATED, day) == contract_card(RUNNING, day)) is same
        assert (commitments_used(BACKDATED, day) == commitments_used(RUNNING, day)) is same
        assert (support_clause(BACKDATED, day) is None) is same
        assert (entitlement_of(BACKDATED, EN, day) == entitlement_of(RUNNING, EN, day)) is same


def test_a_restriction_or_a_commitment_is_told_only_while_it_holds() -> None:
    valid = Span(date(2025, 6, 1), date(2025, 12, 31))
    alone = Restriction(kind=RestrictionKind.EXCLUSIVITY, valid=valid, citation="art. 4")
    later = Restriction(kind=RestrictionKind.PRODUCT, first_day=date(2026, 1, 1), citation="art. 7")
    buys = VolumeCommitment(per=YEAR, quantity=Decimal(5), first_day=date(2026, 1, 1), citation="art. 3")
    held = attrs.evolve(RUNNING, clauses=(alone, later, buys))
    for day, restricted, committed in (
        (date(2025, 12, 31), ("exclusivity binds us (art. 4)",), ()),
        (date(2026, 1, 1), ("product binds us (art. 7)",), ("they buy at least 5 units per 1 year (art. 3)",)),
    ):
        terms = contract_terms(held, day)
        assert tuple(one.en for one in terms.restrictions) == restricted
        assert tuple(one.en for one in terms.commitments) == committed
