"""Checks of how a request ends: cancelled for good, or complete with its files."""

from __future__ import annotations

from contextlib import suppress

import pytest

from clmcrm.clm.signature import (
    RecipientState,
)
from clmcrm.clm.signature_certificate import CompletionCertificate, completion_certificate
from clmcrm.clm.signature_merge import merged
from clmcrm.errors import TerminalError
from clmcrm.ports.records import Result
from clmcrm.testing.esign_base import NOBODY, REASON, EsignBase, completed, reasons
from clmcrm.testing.esign_scene import Desk, Signatory
from clmcrm.testing.expectations import holds, same


class CancellingChecks(EsignBase):
    """A cancelled request is over; a completed one stays complete."""

    @pytest.fixture
    def ending(self, table: Desk) -> Desk:
        """The table, where requests can be cancelled."""
        if not table.service.capabilities.cancels:
            pytest.skip("capabilities.cancels is False")
        return table

    def test_a_cancelled_request_is_told_as_ended(self, ending: Desk) -> None:
        """Voided, with the reason."""
        request = ending.request(1)
        key = ending.sent(request).key
        same(ending.service.cancel(key, REASON).result, Result.DONE, "the outcome of a cancellation")
        holds(ending.standing(request, key).ended, "a cancelled request has ended")
        holds(REASON in reasons(ending.facts(key)), "the reason of a cancellation is told")

    def test_a_second_cancellation_changes_nothing(self, ending: Desk) -> None:
        """It is good, and no second event."""
        key = ending.sent(ending.request(1)).key
        _ = ending.service.cancel(key, REASON)
        before = merged(ending.facts(key))
        holds(ending.service.cancel(key, "again").ok, "a second cancellation is good")
        same(merged(ending.facts(key)), before, "the facts after a second cancellation")

    def test_a_key_it_never_gave_cannot_be_cancelled(self, ending: Desk) -> None:
        """It is missing."""
        same(ending.service.cancel(NOBODY, REASON).result, Result.MISSING, "the outcome for an unknown key")

    def test_a_cancellation_leaves_the_other_requests(self, ending: Desk) -> None:
        """Only the one that was named ends."""
        key, other = (ending.sent(ending.request(number)).key for number in (1, 2))
        _ = ending.service.cancel(key, REASON)
        holds(not ending.standing(ending.request(2), other).ended, "the request beside the one that was cancelled")

    def test_a_cancelled_request_is_not_sent_again(self, ending: Desk) -> None:
        """Its id stays bound to it."""
        request = ending.request(1)
        key = ending.sent(request).key
        _ = ending.service.cancel(key, REASON)
        same(ending.sent(request, Result.BOUND).key, key, "what a late retry of the sending is bound to")
        holds(ending.standing(request, key).ended, "a cancelled request stays cancelled")

    def test_nobody_signs_a_cancelled_request(self, ending: Desk, hand: Signatory) -> None:
        """Whether trying is an error or nothing."""
        request = ending.request(1)
        key = ending.sent(request).key
        _ = ending.service.cancel(key, REASON)
        with suppress(TerminalError):
            _ = hand.sign(key, request.recipients[0].email)
        standing = ending.standing(request, key)
        holds(standing.ended, "a cancelled request stays cancelled")
        holds(standing.places[0].state is not RecipientState.COMPLETED, "nobody has signed a cancelled request")

    def test_a_completed_request_cannot_be_cancelled(self, ending: Desk, hand: Signatory) -> None:
        """The signatures exist: refused with the reason."""
        request, key = completed(ending, hand)
        outcome = ending.service.cancel(key, REASON)
        same(outcome.result, Result.REFUSED, "the outcome of cancelling a completed request")
        holds(outcome.why, "the refusal says why")
        holds(ending.standing(request, key).complete, "a completed request stays complete")


class FileChecks(EsignBase):
    """The signed document and its certificate are there when, and only when, it is complete."""

    def test_an_open_request_has_no_signed_document(self, table: Desk, hand: Signatory) -> None:
        """Not before the first signature and not after it."""
        request = table.request(1)
        key = table.sent(request).key
        same(table.service.files(key), None, "the files of a request that nobody has signed")
        _ = hand.sign(key, request.recipients[0].email)
        same(table.service.files(key), None, "the files of a request that one of two has signed")

    def test_a_cancelled_request_has_no_signed_document(self, table: Desk) -> None:
        """Nor a certificate."""
        if not table.service.capabilities.cancels:
            pytest.skip("capabilities.cancels is False")
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
