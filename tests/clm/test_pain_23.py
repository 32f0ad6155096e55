"""Pain 23: signature events lost or stale with routing order, and a correction or void after completion.

docusealco/docuseal#443 (a signer's message with an order set), #335; peopledoc/django-docusign#72 (stale state).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

from signing import ANN, BEN, awaiting, fact, hours, request, whole

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Signed
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.signature import RecipientState, RequestState, SignatureFact
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_findings import signature_findings
from clmcrm.clm.signature_standing import signature_standing

R, W = RecipientState, RequestState
FACTS: tuple[SignatureFact, ...] = (
    fact(ANN, R.VIEWED, 1),
    fact(ANN, R.COMPLETED, 2),
    fact(BEN, R.SENT, 2),
    fact(BEN, R.COMPLETED, 5),
    whole(W.COMPLETED, 5),
)


def arriving(batches: Iterable[tuple[SignatureFact, ...]]) -> Contract:
    """The contract after the messages came in, one batch an hour, each looked at with all that came before."""
    life = awaiting()
    known: tuple[SignatureFact, ...] = ()
    for number, batch in enumerate(batches):
        known += batch
        for event in signature_events(life, request(), known, recorded_at=hours(10 + number), by="esign"):
            life = advance(life, event)
    return life


def signatures(life: Contract) -> set[tuple[str, str]]:
    return {(event.signer, str(event.signed_on)) for event in life.events if isinstance(event, Signed)}


def test_pain_23_messages_out_of_the_routing_order_lose_no_signature() -> None:
    """Ann signs before Ben; in each of the 120 orders of arrival, one by one, both signatures stand once.

    Where the completion of the whole is heard of before Ben's own act, his day is not known yet and is not made up;
    the standing has it as soon as his own message is there.
    """
    full = signature_standing(request(), FACTS)
    for order in permutations(FACTS):
        life = arriving((each,) for each in order)
        signed = [event for event in life.events if isinstance(event, Signed)]
        assert sorted(event.signer for event in signed) == ["Ann", "Ben"]
        assert {str(event.signed_on) for event in signed} <= {"2026-05-04", "None"}
        own_first = [order.index(FACTS[4]) > order.index(FACTS[n]) for n in (1, 3)]
        assert all(own_first) == all(event.signed_on is not None for event in signed)
        assert stage_of(life, hours(20).date()).stage.value == "signed"
        assert signature_standing(request(), order) == full


def test_pain_23_a_late_message_of_an_earlier_state_leaves_nothing_stale() -> None:
    """A message that Ben's mail went out, delivered after he signed, does not make him unsigned."""
    late = arriving([(FACTS[1], FACTS[3], FACTS[4]), (FACTS[2],), (FACTS[0], FACTS[2])])
    assert signatures(late) == signatures(arriving([FACTS]))
    standing = signature_standing(request(), (FACTS[1], FACTS[3], FACTS[4], FACTS[2]))
    assert (standing.complete, standing.waiting_for) == (True, ())


def test_pain_23_a_lost_message_is_made_good_by_the_completion_and_said() -> None:
    life = arriving([(FACTS[1],), (FACTS[4],)])
    assert signatures(life) == {("Ann", "2026-05-04"), ("Ben", "None")}  # he signed; the day nobody told us
    found = signature_findings(signature_standing(request(), (FACTS[1], FACTS[4])))
    assert "act_inferred" in {finding.issue.value for finding in found}


def test_pain_23_a_correction_or_a_void_after_completion_undoes_no_signature() -> None:
    """Whichever arrives first: the signatures exist, the contract stays signed, and a person is told."""
    for state, issue in (
        (W.VOIDED, "ended_after_completion"),
        (W.DELETED, "ended_after_completion"),
        (W.CORRECTED, "corrected_after_act"),
    ):
        after = whole(state, 8, reason="wrong annex")
        life = arriving([FACTS, (after,)])
        assert stage_of(life, hours(20).date()).stage.value == "signed"
        assert signatures(life) == signatures(arriving([FACTS]))
        together = [signature_standing(request(), facts) for facts in ((*FACTS, after), (after, *FACTS))]
        assert together[0] == together[1]
        assert together[0].complete
        assert issue in {finding.issue.value for finding in signature_findings(together[0])}
