"""Checks of what a service tells: what happened as it happened, and which requests changed."""

from __future__ import annotations

from datetime import timedelta

from clmcrm.clm.signature import (
    RecipientFact,
    RecipientState,
    RequestFact,
    RequestState,
)
from clmcrm.clm.signature_merge import merged
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import TerminalError
from clmcrm.testing.abilities import ORDERS, TELLS
from clmcrm.testing.esign_base import NOBODY, REASON, EsignBase, complete, completed, reasons
from clmcrm.testing.esign_scene import Desk, Signatory
from clmcrm.testing.expectations import holds, raises, same
from clmcrm.testing.stated import instead, needs


class FactChecks(EsignBase):
    """What happened is told as it happened, and nothing that was told is taken back."""

    def test_a_sent_request_is_told_as_sent(self, table: Desk) -> None:
        """As a whole, and to those whose turn it is."""
        request = table.request(1)
        standing = table.standing(request, table.sent(request).key)
        holds(standing.state in (RequestState.SENT, RequestState.DELIVERED), "a request that was sent is told as sent")
        holds(standing.places[0].state is not RecipientState.WAITING, "the first recipient has it")

    @needs(ORDERS)
    def test_those_whose_turn_has_not_come_have_nothing(self, table: Desk) -> None:
        """Where the service keeps an order."""
        request = table.request(1)
        places = table.standing(request, table.sent(request).key).places
        same(places[1].state, RecipientState.WAITING, "the second recipient before the first has signed")

    def test_every_fact_says_where_it_comes_from(self, table: Desk) -> None:
        """The service's name and its own word."""
        for fact in table.facts(table.sent(table.request(1)).key):
            same(fact.system, table.service.system, "the system of a fact")
            holds(fact.raw, "a fact keeps the service's own word")

    def test_every_fact_is_a_record_of_ours(self, table: Desk) -> None:
        """It is written down and read back equal."""
        for fact in table.facts(table.sent(table.request(1)).key):
            holds(isinstance(fact, RecipientFact | RequestFact), "a fact is about a recipient or the request")
            same(from_fields(type(fact), to_fields(fact)), fact, "a fact read back")

    def test_facts_are_about_the_recipients_asked(self, table: Desk) -> None:
        """By their address or their id."""
        request = table.request(1)
        standing = table.standing(request, table.sent(request).key)
        same(standing.strangers, (), "facts about nobody on the request")

    def test_a_fingerprint_that_is_stated_is_the_one_sent(self, table: Desk) -> None:
        """A fact about another document is no fact about this one."""
        request = table.request(1)
        stated = {fact.sha256 for fact in table.facts(table.sent(request).key)} - {None}
        holds(stated <= {request.sha256}, "a fingerprint in a fact is the document's")

    def test_looking_twice_tells_the_same(self, table: Desk) -> None:
        """Looking is no event."""
        key = table.sent(table.request(1)).key
        same(merged(table.facts(key)), merged(table.facts(key)), "facts looked at twice")

    def test_a_key_it_never_gave_has_no_facts(self, table: Desk) -> None:
        """An error, and not a request without events."""
        raises(TerminalError, lambda: table.service.facts(NOBODY), "facts of an unknown key")
        raises(TerminalError, lambda: table.service.files(NOBODY), "files of an unknown key")

    def test_requests_are_not_mixed_up(self, table: Desk, hand: Signatory) -> None:
        """An act on one is none on the other."""
        one, other = table.request(1), table.request(2)
        keys = [table.sent(request).key for request in (one, other)]
        before = merged(table.facts(keys[1]))
        _ = hand.sign(keys[0], one.recipients[0].email)
        same(merged(table.facts(keys[1])), before, "the facts of the request beside the one that was signed")

    def test_a_view_is_told(self, table: Desk, hand: Signatory) -> None:
        """As viewed and no more."""
        request = table.request(1)
        key = table.sent(request).key
        _ = hand.view(key, request.recipients[0].email)
        place = table.standing(request, key).places[0]
        holds(place.state in (RecipientState.VIEWED, RecipientState.DELIVERED), "a view is told")

    def test_a_signature_is_told(self, table: Desk, hand: Signatory) -> None:
        """Of the one who signed, and the others still wait."""
        request = table.request(1)
        key = table.sent(request).key
        _ = hand.sign(key, request.recipients[0].email)
        standing = table.standing(request, key)
        holds(standing.places[0].state in (RecipientState.SIGNED, RecipientState.COMPLETED), "a signature is told")
        holds(not standing.complete, "a request with one signature of two is not complete")
        holds(standing.places[1].state is not RecipientState.COMPLETED, "who did not sign is not told as having signed")

    @needs(ORDERS)
    def test_the_next_in_the_order_gets_it_after_a_signature(self, table: Desk, hand: Signatory) -> None:
        """And not before."""
        request = table.request(1)
        key = table.sent(request).key
        _ = hand.sign(key, request.recipients[0].email)
        holds(table.standing(request, key).places[1].state is not RecipientState.WAITING, "the next one has it")

    def test_what_was_told_is_not_taken_back(self, table: Desk, hand: Signatory) -> None:
        """Earlier facts are still told later."""
        request = table.request(1)
        key = table.sent(request).key
        before = set(table.facts(key))
        complete(request, key, hand)
        same(sorted(before - set(table.facts(key)), key=str), [], "earlier facts that are told no more")

    def test_a_request_that_all_have_signed_iscomplete(self, table: Desk, hand: Signatory) -> None:
        """As a whole too, and not before its last signature."""
        request, key = completed(table, hand)
        standing = table.standing(request, key)
        holds(standing.complete, "a request that all have signed is complete")
        acts = [place.since for place in standing.places if place.since is not None]
        done = [fact.at for fact in standing.whole if fact.state is RequestState.COMPLETED]
        holds(done and min(done) >= max(acts), "it is complete at its last signature or later")

    def test_a_level_that_is_stated_was_asked_for(self, table: Desk, hand: Signatory) -> None:
        """A level is stated by the service and never lower than what was asked for."""
        request, key = completed(table, hand)
        for fact in table.facts(key):
            if isinstance(fact, RecipientFact) and fact.level is not None:
                holds(fact.level.reaches(request.level), "a stated level reaches the one asked for")
                holds(fact.state in (RecipientState.SIGNED, RecipientState.COMPLETED), "only an act has a level")

    def test_a_refusal_is_told_with_its_reason(self, table: Desk, hand: Signatory) -> None:
        """Character by character."""
        request = table.request(1)
        key = table.sent(request).key
        _ = hand.decline(key, request.recipients[0].email, REASON)
        standing = table.standing(request, key)
        holds(standing.declined, "a refusal is told")
        holds(not standing.complete, "a refused request is not complete")
        holds(REASON in reasons(table.facts(key)), "the reason of a refusal is told")

    def test_an_expired_request_is_told_as_expired(self, table: Desk) -> None:
        """From the instant that was asked for."""
        request = table.request(1)
        at = max(fact.at for fact in table.facts(table.sent(request).key)) + timedelta(days=1)
        second = table.request(2, expires_at=at)
        key = table.sent(second).key
        holds(not table.standing(second, key).ended, "a request is open before its end")
        _ = table.wait(timedelta(days=2))
        same(table.standing(second, key).state, RequestState.EXPIRED, "the state after the end")


class TouchedChecks(EsignBase):
    """The feed leads to what changed."""

    @needs(TELLS)
    def test_a_pull_from_scratch_tells_every_request(self, table: Desk) -> None:
        """Each of them."""
        keys = {table.sent(table.request(number)).key for number in range(1, 13)}
        holds(keys <= set(table.pull().keys), "a pull from scratch tells every request")

    @needs(TELLS)
    def test_an_idle_feed_is_empty(self, table: Desk) -> None:
        """Looking is no event."""
        key = table.sent(table.request(1)).key
        cursor = table.pull().cursor
        _ = table.facts(key)
        holds(key not in table.pull(cursor).keys, "an idle feed tells nothing")

    @needs(TELLS)
    def test_a_new_request_is_told(self, table: Desk) -> None:
        """Also our own."""
        cursor = table.pull().cursor
        key = table.sent(table.request(1)).key
        holds(key in table.pull(cursor).keys, "a new request is told")

    @needs(TELLS)
    def test_an_act_is_told(self, table: Desk, hand: Signatory) -> None:
        """And the request that nothing happened to is not."""
        request = table.request(1)
        key, other = table.sent(request).key, table.sent(table.request(2)).key
        cursor = table.pull().cursor
        _ = hand.sign(key, request.recipients[0].email)
        told = table.pull(cursor).keys
        holds(key in told, "an act is told")
        holds(other not in told, "the request that nothing happened to is not told")

    @needs(TELLS)
    def test_an_old_cursor_still_tells_what_came_after_it(self, table: Desk) -> None:
        """A run that died before it saved its cursor starts again from the one before."""
        cursor = table.pull().cursor
        first = table.sent(table.request(1)).key
        _ = table.pull(cursor)
        second = table.sent(table.request(2)).key
        holds({first, second} <= set(table.pull(cursor).keys), "an old cursor tells both requests")

    @needs(TELLS)
    def test_a_cursor_it_never_gave_is_refused(self, table: Desk) -> None:
        """Never taken for the beginning or for the end."""
        raises(TerminalError, lambda: table.service.touched("conformance no such cursor"), "an unknown cursor")

    @instead(TELLS)
    def test_a_feed_it_does_not_have_is_refused(self, table: Desk) -> None:
        """Never answered as if nothing had happened."""
        _ = table.sent(table.request(1))
        raises(TerminalError, lambda: table.service.touched(None), "asking for the requests that changed")
        raises(TerminalError, lambda: table.service.touched("0"), "asking for them from a cursor")
