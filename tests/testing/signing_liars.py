"""E-signature services that are wrong on purpose, each in one way; the suite must catch every one of them.

Not collected by itself: `test_liars_are_caught.py` runs this suite and looks at what fails.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from clmcrm.adapters.memory import ticking_clock
from clmcrm.adapters.memory_esign import MemoryEsign
from clmcrm.clm.signature import RecipientFact, RecipientState, RequestState, SignatureFact, SignatureRequest
from clmcrm.errors import TerminalError
from clmcrm.ports.esign import SignedFiles, Touched
from clmcrm.ports.records import Outcome, Result
from clmcrm.testing import EsignSuite
from clmcrm.testing.ways import Wait


class _Liar(MemoryEsign):
    def __init__(self) -> None:
        self._ticks = ticking_clock(step=timedelta(milliseconds=1))
        self._moved = timedelta(0)
        super().__init__(clock=self._moved_clock, page_size=5)

    def _moved_clock(self) -> datetime:
        return self._ticks() + self._moved

    def advance(self, length: timedelta) -> None:
        self._moved += length


class SendsAgain(_Liar):
    def _bound(self, sent: object, request: SignatureRequest, document: bytes) -> Outcome:
        return self._opened(request, document)


class RemindsWhenAskedAgain(_Liar):
    """A retry of the sending sends every recipient another message."""

    def send(self, request: SignatureRequest, document: bytes) -> Outcome:
        outcome = super().send(request, document)
        if outcome.result is Result.BOUND:
            self._tell(outcome.key, RequestState.SENT)
        return outcome


class SendsWhateverItGets(_Liar):
    def _objection(self, request: SignatureRequest, document: bytes) -> str:
        return ""


class BindsAnythingUnderAnId(_Liar):
    def _bound(self, sent: object, request: SignatureRequest, document: bytes) -> Outcome:
        return Outcome(result=Result.BOUND, key=self._keys[request.id])


class ForgetsOurIds(_Liar):
    def find(self, request_id: str) -> str | None:
        return None


class SendsToEverybodyAtOnce(_Liar):
    """Says that it keeps an order."""

    def send(self, request: SignatureRequest, document: bytes) -> Outcome:
        outcome = super().send(request, document)
        if outcome.result is Result.DONE:
            sent = self._sent[outcome.key]
            for recipient in request.recipients[1:]:
                self._add(outcome.key, self._fact(sent, recipient, RecipientState.SENT))
        return outcome


class TellsTheLastFactOnly(_Liar):
    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        return super().facts(key)[-1:]


class TellsUnknownRequestsAsEmpty(_Liar):
    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        try:
            return super().facts(key)
        except TerminalError:
            return ()


class InfersALevel(_Liar):
    """States a level for those who only received the document."""

    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        level = self._looked_at(key).request.level
        return tuple(evolve(f, level=level) if isinstance(f, RecipientFact) else f for f in super().facts(key))


class LosesTheReason(_Liar):
    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        return tuple(evolve(fact, reason="") for fact in super().facts(key))


class SaysCancelledAndGoesOn(_Liar):
    def cancel(self, key: str, reason: str) -> Outcome:
        return Outcome(result=Result.DONE if key in self._sent else Result.MISSING, key=key)


class CancelsWhatIsComplete(_Liar):
    def cancel(self, key: str, reason: str) -> Outcome:
        outcome = super().cancel(key, reason)
        return evolve(outcome, result=Result.DONE, why="") if outcome.result is Result.REFUSED else outcome


class VoidsTwice(_Liar):
    def cancel(self, key: str, reason: str) -> Outcome:
        outcome = super().cancel(key, reason)
        if outcome.ok:
            self._tell(key, RequestState.VOIDED, reason=reason)
        return outcome


class HandsOutDrafts(_Liar):
    """Gives a document before everybody has signed."""

    def files(self, key: str) -> SignedFiles | None:
        return super().files(key) or SignedFiles(document=self._sent[key].document)


class StampsEachDownload(_Liar):
    def files(self, key: str) -> SignedFiles | None:
        files = super().files(key)
        return files and evolve(files, document=files.document + self._next_event().encode())


class IssuesNoCertificate(_Liar):
    def files(self, key: str) -> SignedFiles | None:
        files = super().files(key)
        return files and evolve(files, certificate=None)


class TellsEveryRequestEachTime(_Liar):
    def touched(self, cursor: str | None) -> Touched:
        page = super().touched(cursor)
        return evolve(super().touched(None), cursor=page.cursor, more=False) if not page.keys else page


class StopsAfterOnePage(_Liar):
    def touched(self, cursor: str | None) -> Touched:
        return evolve(super().touched(cursor), more=False)


class NeverExpires(_Liar):
    def send(self, request: SignatureRequest, document: bytes) -> Outcome:
        return super().send(evolve(request, expires_at=None), document)


class Honest(_Liar):
    """The control: nothing is wrong with it."""


class TestLiar(EsignSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=_Liar.__subclasses__(), ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> _Liar:
        liar: type[_Liar] = request.param
        return liar()

    @pytest.fixture
    def wait(self, adapter: _Liar) -> Wait:
        return adapter.advance
