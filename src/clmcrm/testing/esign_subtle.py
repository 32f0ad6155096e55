"""Checks of what a service tells beside the main road: ids nearly ours, each end in the feed, pages to the last."""

from __future__ import annotations

from attrs import evolve

from clmcrm.clm.signature import RecipientRole
from clmcrm.ports.records import Result
from clmcrm.testing.abilities import CANCELS, COPIES, TELLS
from clmcrm.testing.esign_base import NOBODY, REASON, EsignBase, complete, completed
from clmcrm.testing.esign_scene import DOCUMENT, Desk, Signatory
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.stated import needs

MANY = 12


class SubtleChecks(EsignBase):
    """Nothing is found by half an id, no end is left out of the feed, and no page loses its last line."""

    def test_an_id_that_is_nearly_ours_finds_nothing(self, table: Desk) -> None:
        """Another case, one character more or less."""
        request = table.request(1)
        _ = table.sent(request)
        table.settle()
        for near in (request.id.upper(), request.id[:-1], f"{request.id}0"):
            same(table.service.find(near), None, f"what {near!r} finds, which is nobody's id")

    @needs(CANCELS)
    def test_a_cancelled_request_is_still_found_by_our_id(self, table: Desk) -> None:
        """Its id is used up: it is not said to be free. The outcome names the request."""
        request = table.request(1)
        key = table.sent(request).key
        same(table.service.cancel(key, REASON).key, key, "the key in the outcome of a cancellation")
        table.settle()
        same(table.service.find(request.id), key, "the key our id finds after a cancellation")

    @needs(CANCELS)
    def test_what_could_not_be_cancelled_says_why(self, table: Desk) -> None:
        """In words for the person who has to look into it."""
        holds(table.service.cancel(NOBODY, REASON).why, "a cancellation of a request that is missing says why")

    @needs(COPIES)
    def test_who_gets_a_copy_is_part_of_the_request(self, table: Desk, hand: Signatory) -> None:
        """Nobody waits for an act of theirs, and without them it is another request under the same id."""
        first, second = table.request(1).recipients
        request = table.request(1, first, evolve(second, role=RecipientRole.COPY))
        key = table.sent(request).key
        table.settle()
        without = table.service.send(evolve(request, recipients=request.recipients[:1]), DOCUMENT)
        holds(without.result in (Result.REUSED, Result.REFUSED), "a request without its copy is another one")
        _ = hand.sign(key, first.email)
        holds(table.standing(request, key).complete, "a request is complete when its only signer has signed")

    def test_the_signed_document_is_another_than_the_one_sent(self, table: Desk, hand: Signatory) -> None:
        """And another for each request."""
        keys = [completed(table, hand, number)[1] for number in (1, 2)]
        table.settle()
        files = [table.service.files(key) for key in keys]
        documents = [each.document for each in files if each is not None]
        same(len(set(documents)), 2, "the different signed documents of two requests")


class SubtleFeedChecks(EsignBase):
    """The feed of a service leads to each end, and to its last page."""

    @needs(TELLS)
    def test_each_end_is_told(self, table: Desk, hand: Signatory) -> None:
        """A refusal, and the signature that completes a request."""
        refused, signed = table.request(1), table.request(2)
        keys = [table.sent(request).key for request in (refused, signed)]
        _ = hand.sign(keys[1], signed.recipients[0].email)
        cursor = table.pull().cursor
        _ = hand.decline(keys[0], refused.recipients[0].email, REASON)
        _ = hand.sign(keys[1], signed.recipients[1].email)
        told = table.pull(cursor).keys
        holds(keys[0] in told, "a refusal is told by the feed")
        holds(keys[1] in told, "a completion is told by the feed")

    @needs(TELLS, CANCELS)
    def test_a_cancellation_is_told(self, table: Desk) -> None:
        """Also our own."""
        key = table.sent(table.request(1)).key
        cursor = table.pull().cursor
        _ = table.service.cancel(key, REASON)
        holds(key in table.pull(cursor).keys, "a cancellation is told by the feed")

    @needs(TELLS)
    def test_every_key_it_tells_has_facts(self, table: Desk, hand: Signatory) -> None:
        """And each is told once in a page."""
        cursor = table.pull().cursor
        request = table.request(1)
        key = table.sent(request).key
        complete(request, key, hand)
        table.settle()
        page = table.service.touched(cursor)
        same(len(set(page.keys)), len(page.keys), "the different keys of one page")
        for told in page.keys:
            holds(table.service.facts(told), f"the request {told}, which the feed tells, has facts")

    @needs(TELLS)
    def test_a_last_page_that_is_full_loses_no_request(self, table: Desk) -> None:
        """As many requests as make the pages even: the last one is full, and nothing comes after it."""
        keys = {table.sent(table.request(number)).key for number in range(1, MANY + 1)}
        table.settle()
        first = table.service.touched(None)
        size = len(first.keys) if first.more else len(keys)
        missing = -len(table.pull().keys) % size
        keys |= {table.sent(table.request(MANY + number)).key for number in range(1, missing + 1)}
        same(sorted(keys - set(table.pull().keys)), [], "requests that a pull from scratch does not tell")
