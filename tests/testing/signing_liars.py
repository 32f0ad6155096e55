"""E-signature services that are wrong on purpose, each in one way; the suite must catch every one of them.

Not collected by itself: `test_liars_are_caught.py` runs this suite and looks at what fails.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from clmcrm.adapters.memory import ticking_clock
from clmcrm.adapters.memory_esign import MemoryEsign
from clmcrm.clm.signature import (
    RecipientFact,
    RecipientRole,
    RecipientState,
    RequestState,
    SignatureFact,
    SignatureRequest,
)
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


class FindsByTheBeginning(_Liar):
    """Its search knows no end of a text."""

    def find(self, request_id: str) -> str | None:
        return super().find(request_id) or super().find(request_id[:-1])


class ForgetsTheIdOfWhatIsCancelled(_Liar):
    def find(self, request_id: str) -> str | None:
        key = super().find(request_id)
        return None if key is None or self._has(key, RequestState.VOIDED) else key

    def _has(self, key: str, *states: object) -> bool:
        return any(getattr(fact, "state", None) in states for fact in self.facts(key))


class CancelsWithoutAKey(_Liar):
    def cancel(self, key: str, reason: str) -> Outcome:
        return evolve(super().cancel(key, reason), key="")


class MissesWithoutAReason(_Liar):
    def cancel(self, key: str, reason: str) -> Outcome:
        return evolve(super().cancel(key, reason), why="")


class LeavesCopiesOut(_Liar):
    def send(self, request: SignatureRequest, document: bytes) -> Outcome:
        signers = tuple(each for each in request.recipients if each.role is not RecipientRole.COPY)
        return super().send(evolve(request, recipients=signers), document)


class HandsOutTheSameDraft(_Liar):
    def files(self, key: str) -> SignedFiles | None:
        files = super().files(key)
        return None if files is None else evolve(files, document=b"%PDF-1.7 as it was sent")


class TellsAKeyTwice(_Liar):
    def touched(self, cursor: str | None) -> Touched:
        told = super().touched(cursor)
        return evolve(told, keys=(*told.keys, *told.keys))


class TellsStrangers(_Liar):
    """Keys of which it knows nothing."""

    def touched(self, cursor: str | None) -> Touched:
        told = super().touched(cursor)
        return evolve(told, keys=(*told.keys, "envelope-0")) if told.keys else told


class TellsNoEnds(_Liar):
    """Its feed is of requests that are open."""

    def touched(self, cursor: str | None) -> Touched:
        told = super().touched(cursor)
        return told if cursor is None else evolve(told, keys=tuple(key for key in told.keys if not self._over(key)))

    def _over(self, key: str) -> bool:
        ends = (RequestState.COMPLETED, RecipientState.DECLINED)
        return any(getattr(fact, "state", None) in ends for fact in self.facts(key))


class TellsNoCancellations(TellsNoEnds):
    def _over(self, key: str) -> bool:
        return any(getattr(fact, "state", None) is RequestState.VOIDED for fact in self.facts(key))


class LosesTheLastOfAFullPage(_Liar):
    def touched(self, cursor: str | None) -> Touched:
        told = super().touched(cursor)
        return told if told.more or len(told.keys) < 5 else evolve(told, keys=told.keys[:-1])


class GoesOnForEver(_Liar):
    """There is always more, and always another cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._pages = 0

    def touched(self, cursor: str | None) -> Touched:
        self._pages += 1
        told = super().touched(None if cursor is None else cursor.partition("/")[0])
        return evolve(told, cursor=f"{told.cursor}/{self._pages}", more=True)


class Honest(_Liar):
    """The control: nothing is wrong with it."""


class TestLiar(EsignSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=(*_Liar.__subclasses__(), TellsNoCancellations), ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> _Liar:
        liar: type[_Liar] = request.param
        return liar()

    @pytest.fixture
    def wait(self, adapter: _Liar) -> Wait:
        return adapter.advance
