"""A signature service that loses, repeats and reorders its messages, against a model too naive to be wrong."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from machine_steps import Counted, runs
from signing import ANN, BEN, awaiting, fact, hours, request, whole

from clmcrm.clm.events import SignatureDeclined, Signed
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.signature import Recipient, RecipientState, RequestState, SignatureFact
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_merge import merged
from clmcrm.clm.signature_standing import signature_standing

pytestmark = pytest.mark.machine
R, W = RecipientState, RequestState
CAT = Recipient(name="Cat", email="cat@other.example", side=Party.COUNTERPARTY, order=1, required=False)
PEOPLE = (ANN, BEN, CAT)
ASKED = request(*PEOPLE)
LATER = hours(1000)
STEPS = (R.SENT, R.DELIVERED, R.VIEWED, R.SIGNED, R.COMPLETED, R.DECLINED)


class Service(Counted):
    """The service keeps an outbox; what we know is what arrived, and the model is a list of all that arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox: list[SignatureFact] = []
        self.arrived: list[SignatureFact] = []
        self.known: tuple[SignatureFact, ...] = ()
        self.life = awaiting(ASKED)
        self.hour = 0

    def send(self, message: SignatureFact) -> None:
        self.hour += 1
        self.outbox.append(message)

    @rule(who=st.sampled_from(PEOPLE), step=st.sampled_from(STEPS))
    def somebody_acts(self, who: Recipient, step: RecipientState) -> None:
        self.send(fact(who, step, self.hour))

    @rule(step=st.sampled_from(list(W)))
    def the_whole_moves(self, step: RequestState) -> None:
        self.send(whole(step, self.hour))

    @rule(data=st.data())
    def a_message_arrives_in_any_order_and_perhaps_again(self, data: st.DataObject) -> None:
        if self.outbox:
            message = data.draw(st.sampled_from(self.outbox))
            self.arrived.append(message)
            self.known = merged(self.known, [message])

    @rule(data=st.data())
    def several_arrive_at_once(self, data: st.DataObject) -> None:
        if self.outbox:
            batch = data.draw(st.lists(st.sampled_from(self.outbox), max_size=4))
            self.arrived += batch
            self.known = merged(batch, self.known)

    @rule()
    def the_host_records_what_follows(self) -> None:
        for event in signature_events(self.life, ASKED, self.known, recorded_at=LATER, by="esign"):
            self.life = advance(self.life, event)  # never refused

    @invariant()
    def the_standing_is_what_a_naive_reader_finds(self) -> None:
        standing = signature_standing(ASKED, self.known)
        said = {(getattr(f, "email", "").lower(), getattr(f, "state", None)) for f in self.arrived}
        ann = {state for email, state in said if email == ANN.key}
        ben = {state for email, state in said if email == BEN.key}
        all_of_it = {state for email, state in said if not email}
        refused = R.DECLINED in ann or R.DECLINED in ben or W.DECLINED in all_of_it
        done = W.COMPLETED in all_of_it or (R.COMPLETED in ann and R.COMPLETED in ben)
        assert standing.declined == refused
        assert standing.complete == (done and not refused)
        assert standing.ended == (bool(all_of_it & {W.VOIDED, W.EXPIRED, W.DELETED}) and not done and not refused)

    @invariant()
    def nothing_is_on_record_twice_or_without_a_fact(self) -> None:
        signed = [event.signer for event in self.life.events if isinstance(event, Signed)]
        assert len(signed) == len(set(signed))
        completed = {getattr(f, "email", "").lower() for f in self.arrived if getattr(f, "state", None) is R.COMPLETED}
        inferred = any(getattr(f, "state", None) is W.COMPLETED for f in self.arrived)
        assert inferred or {f"{name.lower()}" for name in signed} <= {email.split("@")[0] for email in completed}
        if any(isinstance(event, SignatureDeclined) for event in self.life.events):
            assert signature_standing(ASKED, self.known).declined

    @invariant()
    def the_contract_is_signed_only_once_the_request_is_complete(self) -> None:
        if stage_of(self.life, LATER.date()).stage.value == "signed":
            states = {getattr(f, "state", None) for f in self.arrived}
            assert R.COMPLETED in states or W.COMPLETED in states


TestService = Service.TestCase
TestService.settings = runs(by_night=1_000, by_day=30)
