"""Checks of sending: once under our id, and what does not fit is refused before anybody receives it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import (
    Recipient,
    RecipientFact,
    RecipientRole,
    RecipientState,
    SignatureLevel,
)
from clmcrm.clm.signature_merge import merged
from clmcrm.drivers.blocking import Run
from clmcrm.ports.calls import answered, together
from clmcrm.ports.esign import EsignPort
from clmcrm.ports.records import Result
from clmcrm.testing.abilities import LACKS_A_LEVEL, LACKS_A_ROLE, ORDERS, UNIQUE
from clmcrm.testing.esign_base import EsignBase
from clmcrm.testing.esign_scene import DOCUMENT, Desk
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.stated import instead, needs
from clmcrm.testing.ways import now


class SendingChecks(EsignBase):
    """A request is sent once under our id, and what does not fit is refused before anybody receives it."""

    def test_the_adapter_offers_the_port(self, adapter: Any) -> None:  # noqa: ANN401 - as above
        """It has the methods of a service and a name."""
        holds(isinstance(adapter, EsignPort), "the adapter offers the methods of an e-signature service")
        holds(adapter.system, "the adapter has a name")

    def test_a_request_is_sent(self, table: Desk) -> None:
        """The outcome names the service's key."""
        holds(table.sent(table.request(1)).key, "a request that was sent has a key")

    def test_a_request_is_found_by_our_id(self, table: Desk) -> None:
        """The way back after a lost reply."""
        outcome = table.sent(table.request(1))
        table.settle()
        same(table.service.find(table.request(1).id), outcome.key, "the key our id finds")

    def test_an_id_that_nobody_used_finds_nothing(self, table: Desk) -> None:
        """Neither another request nor an error."""
        _ = table.sent(table.request(1))
        same(table.service.find(table.request(2).id), None, "what an unused id finds")

    def test_a_second_sending_binds(self, table: Desk) -> None:
        """A retry after a lost reply sends nothing."""
        first = table.sent(table.request(1))
        same(table.sent(table.request(1), Result.BOUND).key, first.key, "the request a second sending is bound to")

    def test_a_second_sending_tells_nobody_anything(self, table: Desk) -> None:
        """No recipient gets a second message."""
        key = table.sent(table.request(1)).key
        before = merged(table.facts(key))
        _ = table.sent(table.request(1), Result.BOUND)
        same(merged(table.facts(key)), before, "the facts after a second sending")

    def test_two_ids_are_two_requests(self, table: Desk) -> None:
        """Whatever else is the same."""
        holds(table.sent(table.request(1)).key != table.sent(table.request(2)).key, "two ids make two requests")

    @pytest.mark.parametrize("end", ["a", "A", ":a", "é", "x" * 60])
    def test_ids_that_differ_a_little_are_two_requests(self, table: Desk, end: str) -> None:
        """Letters, case, punctuation and length count."""
        request = table.request(1)
        other = evolve(request, id=f"{request.id}{end}")
        holds(table.sent(request).key != table.sent(other).key, "two ids that look alike make two requests")
        table.settle()
        holds(table.service.find(other.id) != table.service.find(request.id), "each id finds its own")

    def test_an_id_used_again_for_another_document_is_refused(self, table: Desk) -> None:
        """Nobody signs what was not shown to them."""
        request = table.request(1)
        key = table.sent(request).key
        other = b"another document"
        wrong = evolve(request, sha256="e0b5c0d5c2a4f2f0a4ea2c2f0f9ff2e4e6ad4bd8ed41f6b1d04a64b1b1b3b2c1")
        outcome = table.service.send(wrong, other)
        holds(outcome.result in (Result.REUSED, Result.REFUSED), "another document under the same id is refused")
        holds(outcome.why, "the refusal says why")
        table.settle()
        same(table.service.find(request.id), key, "the key our id finds afterwards")

    def test_an_id_used_again_for_other_recipients_is_refused(self, table: Desk) -> None:
        """As REUSED, and nobody new receives it."""
        request = table.request(1)
        key = table.sent(request).key
        eve = Recipient(name="Eve", email="eve@example.org", side=Party.OWN)
        outcome = table.sent(evolve(request, recipients=(*request.recipients[:1], eve)), Result.REUSED)
        holds(outcome.why, "the refusal says why")
        told = {fact.email for fact in table.facts(key) if isinstance(fact, RecipientFact)}
        holds("eve@example.org" not in told, "nobody new receives it")

    def test_a_document_with_another_fingerprint_is_refused(self, table: Desk) -> None:
        """What was approved is what is sent."""
        request = table.request(1)
        outcome = table.service.send(request, DOCUMENT + b" ")
        same(outcome.result, Result.REFUSED, "the outcome of a document with another fingerprint")
        holds(outcome.why, "the refusal says why")
        same(table.service.find(request.id), None, "what a refused sending leaves")

    @needs(LACKS_A_LEVEL)
    def test_a_level_it_cannot_collect_is_refused(self, table: Desk) -> None:
        """Never quietly lowered."""
        missing = sorted(frozenset(SignatureLevel) - table.service.capabilities.levels)
        request = evolve(table.request(1), level=missing[0])
        holds(table.sent(request, Result.REFUSED).why, "the refusal says why")
        same(table.service.find(request.id), None, "what a refused sending leaves")

    @needs(LACKS_A_LEVEL)
    def test_a_level_of_one_recipient_that_it_cannot_collect_is_refused(self, table: Desk) -> None:
        """One signature too low is too low."""
        missing = sorted(frozenset(SignatureLevel) - table.service.capabilities.levels)
        first, second = table.request(1).recipients
        request = evolve(table.request(1), recipients=(first, evolve(second, level=missing[0])))
        holds(table.sent(request, Result.REFUSED).why, "the refusal says why")

    @needs(LACKS_A_ROLE)
    def test_a_role_it_does_not_know_is_refused(self, table: Desk) -> None:
        """A notary is no signer and no copy."""
        missing = sorted(frozenset(RecipientRole) - table.service.capabilities.roles)
        extra = Recipient(name="Ida", email="ida@example.org", side=Party.OWN, role=missing[0])
        request = table.request(1)
        outcome = table.sent(evolve(request, recipients=(*request.recipients, extra)), Result.REFUSED)
        holds(outcome.why, "the refusal says why")

    def test_a_request_that_nobody_must_sign_is_refused(self, table: Desk) -> None:
        """It could never end."""
        copies = tuple(evolve(r, role=RecipientRole.COPY) for r in table.request(1).recipients)
        _ = table.sent(evolve(table.request(1), recipients=copies), Result.REFUSED)
        _ = table.sent(evolve(table.request(2), recipients=()), Result.REFUSED)

    def test_a_request_that_has_expired_is_refused(self, table: Desk) -> None:
        """It is not sent to be void at once."""
        past = now() - timedelta(days=10_000)
        _ = table.sent(table.request(1, expires_at=past), Result.REFUSED)

    @needs(UNIQUE)
    def test_two_sendings_at_once_send_once(self, table: Desk, run: Run) -> None:
        """Where the service itself keeps ids apart; side by side where the adapter's methods are flows."""
        service, request = table.service.unwaited, table.request(1)
        first, second = run(together([answered(service.send(request, DOCUMENT)) for _ in range(2)]))
        same(first.key, second.key, "the request that two sendings at once are about")
        same(sorted([first.result, second.result]), [Result.BOUND, Result.DONE], "their outcomes")

    @instead(UNIQUE)
    def test_two_sendings_at_once_are_answered_as_what_they_did(self, table: Desk, run: Run) -> None:
        """Two requests may go out where ids are only looked up, but neither of the two is denied."""
        table.settle()
        service, request = table.service.unwaited, table.request(1)
        first, second = run(together([answered(service.send(request, DOCUMENT)) for _ in range(2)]))
        apart = [Result.DONE, Result.DONE] if first.key != second.key else [Result.BOUND, Result.DONE]
        same(sorted([first.result, second.result]), apart, "the outcomes of two sendings at once")
        for outcome in (first, second):
            holds(table.standing(request, outcome.key).places, "what was sent is told of")
        found = table.service.find(request.id)
        holds(found in (first.key, second.key), "our id finds one that was sent")
        same(table.sent(request, Result.BOUND).key, found, "the request a later sending is bound to")

    @instead(LACKS_A_LEVEL, only=False)
    def test_every_level_it_names_is_taken(self, table: Desk) -> None:
        """Each can be asked for."""
        for number, level in enumerate(sorted(table.service.capabilities.levels), 1):
            _ = table.sent(evolve(table.request(number), level=level))

    @instead(LACKS_A_ROLE, only=False)
    def test_every_role_it_names_is_taken(self, table: Desk) -> None:
        """Each beside two signers, and the request is about all of them."""
        for number, role in enumerate(sorted(table.service.capabilities.roles), 1):
            extra = Recipient(name="Ida", email="ida@example.org", side=Party.OWN, role=role)
            request = table.request(number, *table.request(number).recipients, extra)
            holds(table.standing(request, table.sent(request).key).strangers == (), f"a {role} is on the request")

    @instead(ORDERS)
    def test_an_order_it_does_not_keep_is_refused(self, table: Desk) -> None:
        """Never dropped: who should wait would have it at once."""
        request = table.request(1)
        first, second = request.recipients
        ordered = (evolve(first, order=0), evolve(second, order=1))
        outcome = table.sent(evolve(request, recipients=ordered), Result.REFUSED)
        holds(outcome.why, "the refusal says why")
        table.settle()
        same(table.service.find(request.id), None, "what a refused sending leaves")

    @instead(ORDERS)
    def test_all_have_it_at_once_where_no_order_is_kept(self, table: Desk) -> None:
        """Nobody waits for anybody."""
        request = table.request(1)
        places = table.standing(request, table.sent(request).key).places
        holds(all(place.state is not RecipientState.WAITING for place in places), "every recipient has it")
