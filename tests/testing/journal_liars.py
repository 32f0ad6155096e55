"""Journals that are wrong on purpose, each in one way; the suite must catch every one of them."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from clmcrm.ports.kept import Agreed, Entry, Hint
from clmcrm.ports.records import Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing import JournalSuite


class _Liar(MemoryJournal):
    pass


class KeepsBrokenTransactions(_Liar):
    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        yield


class ForgetsOrder(_Liar):
    def agreed(self, kind: str, pairs: Collection[str] | None = None) -> Iterator[Agreed]:
        yield from reversed(list(super().agreed(kind, pairs)))


class MixesKinds(_Liar):
    def set_aside(self, kind: str, pairs: Sequence[str]) -> None:
        for each in ("account", "contact"):
            super().set_aside(each, pairs)


class OneCursorForAll(_Liar):
    def save_cursor(self, side: Side, kind: str, cursor: str) -> None:
        for each in Side:
            super().save_cursor(each, kind, cursor)


class MergesEqualLines(_Liar):
    def save_entries(self, entries: Iterable[Entry]) -> None:
        known = list(self.history())
        for entry in entries:
            if entry not in known:
                super().save_entries([entry])
                known.append(entry)


class NeverEndsSteps(_Liar):
    def end_steps(self, keys: Sequence[str]) -> None:
        del keys


class SettlesNewHints(_Liar):
    def end_hints(self, numbers: Iterable[int]) -> None:
        highest = max(numbers, default=0)
        ended = {hint.key for hint in self.hints("account") if hint.number <= highest + 1}
        super().end_hints([hint.number for hint in self.hints("account") if hint.key in ended])


class ForgetsEnds(_Liar):
    def hints(self, kind: str) -> Iterator[Hint]:
        for hint in super().hints(kind):
            yield Hint(kind=hint.kind, side=hint.side, key=hint.key, number=hint.number)


class Honest(_Liar):
    """The control: nothing is wrong with it."""


class TestLiar(JournalSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=_Liar.__subclasses__(), ids=lambda liar: liar.__name__)
    def journal(self, request: pytest.FixtureRequest) -> MemoryJournal:
        liar: type[_Liar] = request.param
        return liar()
