"""From a service's facts to the contract's own events: those that follow and are not on record yet.

The rule of the file: asking twice gives nothing the second time. Facts that come late, twice or in another
order lead to the same events; facts about an earlier sending lead to none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import (
    AnyEvent,
    SentForSignature,
    SignatureDeclined,
    SignatureWithdrawn,
    Signed,
)
from clmcrm.clm.lifecycle import advance, possible_events
from clmcrm.clm.signature import RecipientRole, RecipientState, RequestState, SignatureFact, SignatureRequest
from clmcrm.clm.signature_standing import Place, SignatureStanding, is_done, signature_standing
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.instants import in_utc


def signature_events(
    contract: Contract, request: SignatureRequest, facts: Iterable[SignatureFact], *, recorded_at: datetime, by: str
) -> tuple[Signed | SignatureDeclined | SignatureWithdrawn, ...]:
    """The events to `advance` the contract with, in order; none for what it has on record already.

    They are recorded at `recorded_at`, vouched for by `by`; the day of a signature is the day it was placed,
    in the zone the service states it in (None where its act is only inferred). A signature whose stated level is
    too low does not count, nor does one by somebody the contract does not name as a signatory. The signature that
    would conclude the contract waits until the whole request is complete, its approvers and witnesses included;
    of a request that was declined or ended, no further signature follows.

    Nothing follows when the contract was not sent for signature, or when its last `SentForSignature` names
    another request in its note (`clmcrm.clm.signature_sending.sent_for_signature`). Raises `InvalidRecord` when
    `recorded_at` lies before the contract's last event.
    """
    since_sent = _since_sent(contract, request)
    if request.contract != contract.id or since_sent is None:
        return ()
    last = contract.events[-1].at
    if in_utc(recorded_at, "recorded_at") < in_utc(last, "at"):
        expected = f"{last.isoformat()}, the contract's last event, or later"
        raise InvalidRecord(f"events of request {request.id}", "recorded_at", recorded_at.isoformat(), expected)
    standing = signature_standing(request, facts)
    found: list[Signed | SignatureDeclined | SignatureWithdrawn] = []
    for event in _following(standing, recorded_at, by):
        if isinstance(event, Signed) and _on_record(event, since_sent):
            continue
        try:
            after = advance(contract, event)
        except TransitionNotAllowed:
            continue  # the contract has no room for it: everybody signed, or it was called back already
        if isinstance(event, Signed) and not standing.complete and not _awaits_more(after):
            continue
        contract = after
        found.append(event)
    return tuple(found)


def _awaits_more(contract: Contract) -> bool:
    # By everything on record: its events may have been written in zones where it is another day.
    return "Signed" in possible_events(contract, date.max)


def _since_sent(contract: Contract, request: SignatureRequest) -> list[AnyEvent] | None:
    """What is on record since this request went out; None when it did not, or another one did after it."""
    standing = not_undone(contract.events)
    sent = [place for place, event in enumerate(standing) if isinstance(event, SentForSignature)]
    if not sent or standing[sent[-1]].note not in ("", request.id):
        return None
    return standing[sent[-1] + 1 :]


def _on_record(signed: Signed, events: list[AnyEvent]) -> bool:
    return any(isinstance(e, Signed) and (e.side, e.signer) == (signed.side, signed.signer) for e in events)


def _following(
    standing: SignatureStanding, at: datetime, by: str
) -> list[Signed | SignatureDeclined | SignatureWithdrawn]:
    if standing.declined:
        return [SignatureDeclined(at, by, note=_refusal(standing))]
    if standing.ended:
        return [SignatureWithdrawn(at, by, note=_ending(standing))]
    signed = [p for p in standing.places if is_done(p) and p.recipient.role is RecipientRole.SIGNER]
    return [_signed(p, at, by) for p in sorted(signed, key=_moment) if _counts(standing, p)]


def _moment(place: Place) -> tuple[float, str]:
    at = place.acted_at or place.since
    return (0 if at is None else at.timestamp(), place.recipient.key)


def _counts(standing: SignatureStanding, place: Place) -> bool:
    """Whether the signature is of the level asked for, as far as the service states one."""
    return place.level is None or place.level.reaches(standing.request.level_of(place.recipient))


def _signed(place: Place, at: datetime, by: str) -> Signed:
    recipient = place.recipient
    acted_by = place.acted_by
    return Signed(
        at,
        by,
        side=recipient.side,
        signer=recipient.signs_as,
        signed_on=None if place.acted_at is None else place.acted_at.date(),
        note="" if acted_by == recipient.signs_as else f"signed by {acted_by}",
    )


def _refusal(standing: SignatureStanding) -> str:
    """Who refused and why, as far as the service says: with its first fact that gives a reason, if any does."""
    refusals = [
        (place.recipient.name, fact.reason)
        for place in standing.places
        if place.recipient.must_act
        for fact in place.facts
        if fact.state is RecipientState.DECLINED
    ] + [("", fact.reason) for fact in standing.whole if fact.state is RequestState.DECLINED]
    who, why = next((one for one in refusals if one[1]), refusals[0])
    who = who or refusals[0][0]
    return f"declined{' by ' + who if who else ''}: {why or 'no reason given'}"


def _ending(standing: SignatureStanding) -> str:
    reasons = [fact.reason for fact in standing.whole if fact.state is standing.state and fact.reason]
    return f"{standing.state.value}: {reasons[0] if reasons else 'no reason given'}"
