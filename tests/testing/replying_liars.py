"""Adapters that take for an answer what is none, each in one way; the kit must catch every one of them.

Not collected by itself: `test_liars_are_caught.py` runs these suites and looks at what fails.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from limited_systems import Echo, FlowCrm, FlowEsign

from clmcrm.adapters.memory_esign import MEMORY_ESIGN, MemoryEsign
from clmcrm.clm.signature import SignatureFact, SignatureRequest
from clmcrm.errors import ClmcrmError
from clmcrm.ports.calls import Call, Flow, Reply
from clmcrm.ports.records import Create, Outcome, Page, Result, Seen, Write
from clmcrm.testing import EsignSuite, RecordSystemSuite


class TakesA404ForNothingNew(FlowCrm):
    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        try:
            return (yield from super().changes(kind, cursor))
        except ClmcrmError as error:
            if "status 404" not in str(error):
                raise
            return Page(seen=(), cursor=cursor or "0")


class TakesAPageForNoRecord(FlowCrm):
    """Whatever it does not understand says to it that the record is not there."""

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        try:
            return (yield from super().read(kind, keys))
        except ClmcrmError as error:
            if "no yes" not in str(error):
                raise
            return ()


class FindsNothingInAnythingElse(FlowCrm):
    """So that what is there is created once more."""

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        try:
            return (yield from super().find(kind, mark))
        except ClmcrmError as error:
            if "no yes" not in str(error):
                raise
            return None


class RaisesWhatItsParserRaises(FlowCrm):
    def hear(self, reply: Reply) -> None:
        assert json.loads(reply.body)["yes"], "no yes"


class SaysDoneAtStatus200(FlowCrm):
    """A page that asks for a password comes with that status too."""

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        call = Call(method="POST", url="https://crm.example/write", vendor="flowing")
        reply: Reply = yield call
        if reply.status != 200:
            self.hear(reply)
        return self._inner.write(writes)


class AnswersACreationWithoutAKey(FlowCrm):
    """The reply holds no record, and the creation is said to be done."""

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        try:
            return (yield from super().write(writes))
        except ClmcrmError as error:
            if "status 200" not in str(error) or not any(isinstance(write, Create) for write in writes):
                raise
            return tuple(Outcome(result=Result.DONE) for _ in writes)


class HonestListener(FlowCrm):
    """A control: nothing is wrong with it."""


LIARS = (
    TakesA404ForNothingNew, TakesAPageForNoRecord, FindsNothingInAnythingElse, RaisesWhatItsParserRaises,
    SaysDoneAtStatus200, AnswersACreationWithoutAKey, HonestListener,
)  # fmt: skip


class TestReplyingLiar(RecordSystemSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=LIARS, ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> FlowCrm:
        liar: type[FlowCrm] = request.param
        return liar()

    @pytest.fixture
    def transport(self) -> Echo:
        return Echo()


class _Signing(FlowEsign):
    def __init__(self) -> None:
        super().__init__(MemoryEsign(MEMORY_ESIGN))


class TakesAPageForNoFacts(_Signing):
    def facts(self, key: str) -> Flow[tuple[SignatureFact, ...]]:
        try:
            return (yield from super().facts(key))
        except ClmcrmError as error:
            if "no yes" not in str(error):
                raise
            return ()


class SaysSentAtStatus200(_Signing):
    def send(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        reply: Reply = yield Call(method="POST", url="https://esign.example/send", vendor="flowing")
        if reply.status != 200:
            self.hear(reply)
        return self.inner.send(request, document)


class HonestSigningListener(_Signing):
    """A control: nothing is wrong with it."""


class TestReplyingSigningLiar(EsignSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=_Signing.__subclasses__(), ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> FlowEsign:
        liar: type[_Signing] = request.param
        return liar()

    @pytest.fixture
    def transport(self) -> Echo:
        return Echo()

    @pytest.fixture
    def signatory(self, adapter: FlowEsign) -> MemoryEsign:
        return adapter.inner
