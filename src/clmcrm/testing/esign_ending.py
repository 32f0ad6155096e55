"""Checks of how a request ends: cancelled for good, or complete with its files."""

from __future__ import annotations

from contextlib import suppress

from clmcrm.clm.signature import (
    RecipientState,
)
from clmcrm.clm.signature_certificate import CompletionCertificate, completion_certificate
from clmcrm.clm.signature_merge import merged
from clmcrm.errors import TerminalError
from clmcrm.ports.records import Result
from clmcrm.testing.abilities import CANCELS
from clmcrm.testing.esign_base import NOBODY, REASON, EsignBase, complete, completed, reasons
from clmcrm.testing.esign_scene import Desk, Signatory
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.stated import instead, needs


class CancellingChecks(EsignBase):
    """A cancelled request is over; a completed one stays complete."""

    @needs(CANCELS)
    def test_a_cancelled_request_is_told_as_ended(self, table: Desk) -> None:
        """Voided, with the reason."""
        request = table.request(1)
        key = table.sent(request).key
        same(table.service.cancel(key, REASON).result, Result.DONE, "the outcome of a cancellation")
        holds(table.standing(request, key).ended, "a cancelled request has ended")
        holds(REASON in reasons(table.facts(key)), "the reason of a cancellation is told")

    @needs(CANCELS)
    def test_a_second_cancellation_changes_nothing(self, table: Desk) -> None:
        """It is good, and no second event."""
        key = table.sent(table.request(1)).key
        _ = table.service.cancel(key, REASON)
        before = merged(table.facts(key))
        holds(table.service.cancel(key, "again").ok, "a second cancellation is good")
        same(merged(table.facts(key)), before, "the facts after a second cancellation")

    @needs(CANCELS)
    def test_a_key_it_never_gave_cannot_be_cancelled(self, table: Desk) -> None:
        """It is missing."""
        same(table.service.cancel(NOBODY, REASON).result, Result.MISSING, "the outcome for an unknown key")

    @needs(CANCELS)
    def test_a_cancellation_leaves_the_other_requests(self, table: Desk) -> None:
        """Only the one that was named ends."""
        key, other = (table.sent(table.request(number)).key for number in (1, 2))
        _ = table.service.cancel(key, REASON)
        holds(not table.standing(table.request(2), other).ended, "the request beside the one that was cancelled")

    @needs(CANCELS)
    def test_a_cancelled_request_is_not_sent_again(self, table: Desk) -> None:
        """Its id stays bound to it."""
        request = table.request(1)
        key = table.sent(request).key
        _ = table.service.cancel(key, REASON)
        same(table.sent(request, Result.BOUND).key, key, "what a late retry of the stable is bound to")
        holds(table.standing(request, key).ended, "a cancelled request stays cancelled")

    @needs(CANCELS)
    def test_nobody_signs_a_cancelled_request(self, table: Desk, hand: Signatory) -> None:
        """Whether trying is an error or nothing."""
        request = table.request(1)
        key = table.sent(request).key
        _ = table.service.cancel(key, REASON)
        with suppress(TerminalError):
            _ = hand.sign(key, request.recipients[0].email)
        standing = table.standing(request, key)
        holds(standing.ended, "a cancelled request stays cancelled")
        holds(standing.places[0].state is not RecipientState.COMPLETED, "nobody has signed a cancelled request")

    @needs(CANCELS)
    def test_a_completed_request_cannot_be_cancelled(self, table: Desk, hand: Signatory) -> None:
        """The signatures exist: refused with the reason."""
        request, key = completed(table, hand)
        outcome = table.service.cancel(key, REASON)
        same(outcome.result, Result.REFUSED, "the outcome of cancelling a completed request")
        holds(outcome.why, "the refusal says why")
        holds(table.standing(request, key).complete, "a completed request stays complete")

    @instead(CANCELS)
    def test_what_cannot_be_cancelled_is_refused_and_stays_open(self, table: Desk) -> None:
        """With the reason why not, nothing is told to anybody, and no key is good."""
        request = table.request(1)
        key = table.sent(request).key
        before = merged(table.facts(key))
        _not_cancelled(table, key)
        same(merged(table.facts(key)), before, "the facts after a cancellation that was refused")
        holds(not table.standing(request, key).ended, "a request that was not cancelled is open")
        _not_cancelled(table, NOBODY)

    @instead(CANCELS)
    def test_a_request_that_was_not_cancelled_is_signed_by_all(self, table: Desk, hand: Signatory) -> None:
        """The refusal changes nothing for those who sign."""
        request = table.request(1)
        key = table.sent(request).key
        _not_cancelled(table, key)
        complete(request, key, hand)
        holds(table.standing(request, key).complete, "a request that was not cancelled can be completed")


class FileChecks(EsignBase):
    """The signed document and its certificate are there when, and only when, it is complete."""

    def test_an_open_request_has_no_signed_document(self, table: Desk, hand: Signatory) -> None:
        """Not before the first signature and not after it."""
        request = table.request(1)
        key = table.sent(request).key
        same(table.service.files(key), None, "the files of a request that nobody has signed")
        _ = hand.sign(key, request.recipients[0].email)
        same(table.service.files(key), None, "the files of a request that one of two has signed")

    @needs(CANCELS)
    def test_a_cancelled_request_has_no_signed_document(self, table: Desk) -> None:
        """Nor a certificate."""
        key = table.sent(table.request(1)).key
        _ = table.service.cancel(key, REASON)
        same(table.service.files(key), None, "the files of a cancelled request")

    def test_a_completed_request_has_its_files(self, table: Desk, hand: Signatory) -> None:
        """The document always, the certificate where the service issues one."""
        _, key = completed(table, hand)
        table.settle()
        files = table.service.files(key)
        holds(files is not None and files.document, "a completed request has its signed document")
        wanted = table.service.capabilities.certificates
        same(files is not None and bool(files.certificate), wanted, "whether it has a certificate")

    def test_the_files_are_the_same_each_time(self, table: Desk, hand: Signatory) -> None:
        """Byte by byte: a fingerprint taken today holds tomorrow."""
        _, key = completed(table, hand)
        table.settle()
        same(table.service.files(key), table.service.files(key), "files fetched twice")

    def test_two_requests_have_two_signed_documents(self, table: Desk, hand: Signatory) -> None:
        """The proof of one is not the proof of the other."""
        keys = [completed(table, hand, number)[1] for number in (1, 2)]
        table.settle()
        first, second = (table.service.files(key) for key in keys)
        holds(first != second, "two requests have two sets of files")

    def test_facts_and_files_make_our_certificate(self, table: Desk, hand: Signatory) -> None:
        """With the fingerprint of what came back, and every act."""
        request, key = completed(table, hand)
        facts, files = table.facts(key), table.service.files(key)
        print_of = None if files is None else files.sha256
        proof = completion_certificate(request, facts, system=table.service.system, key=key, signed_sha256=print_of)
        holds(isinstance(proof, CompletionCertificate), f"facts and files make our certificate: {proof}")
        assert isinstance(proof, CompletionCertificate)  # noqa: S101 - for type checkers: it was just made sure
        same([act.email for act in proof.acts], [r.email for r in request.recipients], "the acts certified")


def _not_cancelled(table: Desk, key: str) -> None:
    """Fail unless cancelling is refused aloud: by the outcome, or by a typed error."""
    try:
        outcome = table.service.cancel(key, REASON)
    except TerminalError:
        return
    holds(outcome.result in (Result.REFUSED, Result.MISSING), f"cancelling is refused, and not {outcome.result}")
    holds(outcome.why, "the refusal says why")
