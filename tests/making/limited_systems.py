"""Honest systems with the limits that real vendors have: a feed that lags, slow transactions, calls to make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Final

from attrs import evolve

from clmcrm.adapters.keyset import asking, page_of
from clmcrm.adapters.memory import MEMORY_CRM, MemoryCrm
from clmcrm.adapters.memory_esign import MemoryEsign
from clmcrm.clm.signature import SignatureFact, SignatureRequest
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow, Reply
from clmcrm.ports.esign import EsignCapabilities, SignedFiles, Touched
from clmcrm.ports.records import Capabilities, Create, Creating, Feed, Fields, Outcome, Page, Result, Seen, Write

LAG = timedelta(seconds=10)
KEY_WINDOW = timedelta(hours=24)
TICK = timedelta(milliseconds=1)

LAGGING = evolve(MEMORY_CRM, visible_lag=LAG, creating=Creating.LOOKUP)
RACING = evolve(MEMORY_CRM, feed=Feed.TIMESTAMP, overlap=timedelta(seconds=60))
KEYED = evolve(MEMORY_CRM, marks=False, creating=Creating.KEYED, key_window=KEY_WINDOW)
FLOWING = evolve(MEMORY_CRM, in_flight=4)


class Clocked(MemoryCrm):
    """A CRM whose clock stands still but for a tick at each reading, and is moved by `advance`."""

    def __init__(self, capabilities: Capabilities, page_size: int = 10) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)
        super().__init__(capabilities, clock=self._tick, page_size=page_size)

    def _tick(self) -> datetime:
        self._now += TICK
        return self._now

    def advance(self, length: timedelta) -> None:
        self._now += length


class LaggingCrm(Clocked):
    """What was changed less than `lag` ago is neither found nor told; the feed waits for it."""

    lag = LAG

    def __init__(self) -> None:
        super().__init__(LAGGING)

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        seen = tuple(takewhile(self._is_visible, page.seen))
        if seen == page.seen:
            return page
        return Page(seen=seen, cursor=seen[-1].version if seen else cursor or "0")

    def find(self, kind: str, mark: str) -> Seen | None:
        seen = super().find(kind, mark)
        return seen if seen is not None and self._is_visible(seen) else None

    def _is_visible(self, seen: Seen) -> bool:
        return seen.changed_at is not None and seen.changed_at + self.lag <= self._now


class RacingCrm(Clocked):
    """A feed by time beside transactions that bear the time of their beginning."""

    reads_again = RACING.overlap

    def __init__(self) -> None:
        super().__init__(RACING)

    def changes(self, kind: str, cursor: str | None) -> Page:
        self._hold(kind)
        try:
            ask = asking(cursor, self.reads_again)
        except ValueError as problem:
            raise TerminalError(self.system, str(problem)) from None
        rows = sorted(self._shelf.after(kind, 0), key=lambda row: (row.changed_at, row.key))
        left = [row for row in rows if ask.at is None or (row.changed_at, row.key) > (ask.at, ask.after or "")]
        told = [self._seen(row) for row in left[:10]]
        return page_of(cursor, told, more=len(left) > len(told), overlap=self.reads_again)

    def edit_slowly(self, kind: str, key: str, fields: Fields, meanwhile: Callable[[], object]) -> Seen:
        began = self._tick()
        _ = meanwhile()
        row = self._live(kind, key)
        number = self._shelf.next_number()
        kept = evolve(row, fields={**row.fields, **fields}, number=number, changed_at=began)
        self._shelf.keep(kept)
        return self._seen(kept)


class KeyedCrm(Clocked):
    """A CRM without marks that remembers idempotency keys for a day."""

    def __init__(self, capabilities: Capabilities = KEYED) -> None:
        super().__init__(capabilities)


YES: Final = b'{"yes": true}'


def heard(system: str, reply: Reply) -> None:
    """Raise unless the server said yes."""
    if (reply.status, reply.body) != (200, YES):
        raise MalformedReply(system, "$", f"status {reply.status}, and no yes")


class Echo:
    """A transport whose server says yes to everything; it counts what it was sent."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, call: Call, within: timedelta) -> Reply:  # noqa: ARG002 - it says yes whatever it is sent
        self.sent += 1
        return Reply(status=200, body=YES)


def _call(path: str, effect: Effect = Effect.NONE) -> Call:
    return Call(method="POST", url=f"https://crm.example/{path}", vendor="flowing", effect=effect)


class FlowCrm:
    """A CRM whose every method makes a call first; what it keeps is kept in memory, and asked for after a yes."""

    def __init__(self) -> None:
        self._inner = MemoryCrm(FLOWING, page_size=10)

    def hear(self, reply: Reply) -> None:
        heard(self.system, reply)

    @property
    def system(self) -> str:
        return "flowing"

    @property
    def capabilities(self) -> Capabilities:
        return FLOWING

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        self.hear((yield _call("changes")))
        return self._inner.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        self.hear((yield _call("read")))
        return self._inner.read(kind, keys)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        self.hear((yield _call("find")))
        return self._inner.find(kind, mark)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        self.hear((yield _call("write", Effect.ONCE)))
        return self._inner.write(writes)


class LooksThenInserts(FlowCrm):
    """Says that it keeps marks apart by itself, and looks the mark up before it inserts: a gap between the two."""

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        creations = [write for write in writes if isinstance(write, Create)]
        found = {}
        for each in creations:
            found[each.mark] = yield from self.find(each.kind, each.mark)
        self.hear((yield _call("write", Effect.ONCE)))
        outcomes: list[Outcome] = []
        for write in writes:
            seen = found.get(write.mark) if isinstance(write, Create) else None
            if seen is not None:
                outcomes.append(Outcome(result=Result.BOUND, key=seen.key, version=seen.version))
            elif isinstance(write, Create):
                outcomes.append(self._inserted(write))
            else:
                outcomes += self._inner.write([write])
        return tuple(outcomes)

    def _inserted(self, write: Create) -> Outcome:
        (outcome,) = self._inner.write([write])
        if outcome.result is Result.BOUND:
            seen = self._inner.add(write.kind, write.fields)
            return Outcome(result=Result.DONE, key=seen.key, version=seen.version)
        return outcome


class FlowEsign:
    """A signature service whose every method makes a call first."""

    def __init__(self, inner: MemoryEsign) -> None:
        self.inner = inner

    def hear(self, reply: Reply) -> None:
        heard(self.system, reply)

    @property
    def system(self) -> str:
        return self.inner.system

    @property
    def capabilities(self) -> EsignCapabilities:
        return self.inner.capabilities

    def send(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        self.hear((yield _call("send", Effect.KEYED)))
        return self.inner.send(request, document)

    def find(self, request_id: str) -> Flow[str | None]:
        self.hear((yield _call("find")))
        return self.inner.find(request_id)

    def facts(self, key: str) -> Flow[tuple[SignatureFact, ...]]:
        self.hear((yield _call("facts")))
        return self.inner.facts(key)

    def touched(self, cursor: str | None) -> Flow[Touched]:
        self.hear((yield _call("touched")))
        return self.inner.touched(cursor)

    def cancel(self, key: str, reason: str) -> Flow[Outcome]:
        self.hear((yield _call("cancel", Effect.KEYED)))
        return self.inner.cancel(key, reason)

    def files(self, key: str) -> Flow[SignedFiles | None]:
        self.hear((yield _call("files")))
        return self.inner.files(key)
