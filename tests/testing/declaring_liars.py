"""Adapters that lie about what they declare beyond the rest: lag, overlap, keys, past values, places for fields.

Not collected by itself: `test_liars_are_caught.py` runs these checks and looks at what fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from attrs import evolve
from limited_systems import (
    KEY_WINDOW,
    KEYED,
    Clocked,
    Echo,
    FlowCrm,
    KeyedCrm,
    LaggingCrm,
    LooksThenInserts,
    RacingCrm,
)

from clmcrm.adapters.memory import MEMORY_CRM
from clmcrm.adapters.rows import Row
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Capabilities, Create, Fields, Kind, Outcome, Page, Precondition, Update, Write
from clmcrm.ports.systems import Past
from clmcrm.testing.declared import DeclaredChecks, KeyChecks
from clmcrm.testing.history_checks import HistoryChecks
from clmcrm.testing.ways import Wait

HELD = frozenset({"name", "website"})
HOLDING = evolve(MEMORY_CRM, holds={Kind.ACCOUNT: HELD})
PAST = evolve(MEMORY_CRM, precondition=Precondition.NONE, history=True)


class LagsLongerThanItSays(LaggingCrm):
    lag = timedelta(seconds=60)


class StepsOverWhatLags(LaggingCrm):
    """The feed does not show what is young, and its cursor goes past it."""

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = Clocked.changes(self, kind, cursor)
        return evolve(page, seen=tuple(seen for seen in page.seen if self._is_visible(seen)))


class SaysOverlapAndReadsOnlyOn(RacingCrm):
    reads_again = timedelta(0)


class _Holding(Clocked):
    """Its rules know every field; what it declares to hold is another matter."""

    able: Capabilities = HOLDING

    def __init__(self) -> None:
        super().__init__(MEMORY_CRM)
        self._capabilities = self.able


class BendsWhatItCannotHold(_Holding):
    """A field without a place is put into another form and shown."""

    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        bent = {n: v if n in HELD or v is None else str(v) for n, v in fields.items()}
        return super()._inserted(kind, bent, key=key, mark=mark)


class PutsItElsewhere(_Holding):
    """A field without a place is added to the name."""

    def _objection(self, kind: str, fields: Fields) -> str:
        return "" if kind == Kind.ACCOUNT else super()._objection(kind, fields)

    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        rest = " ".join(str(v) for n, v in sorted(fields.items()) if n not in HELD and v is not None)
        kept = {n: v for n, v in fields.items() if n in HELD}
        kept["name"] = f"{kept.get('name', '')} {rest}".strip()
        return super()._inserted(kind, kept, key=key, mark=mark)


class HoldsLessThanItSays(_Holding):
    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        return super()._inserted(kind, {n: v for n, v in fields.items() if n != "website"}, key=key, mark=mark)


class HoldsFieldsOfNobody(_Holding):
    able = evolve(MEMORY_CRM, holds={Kind.ACCOUNT: HELD | {"web_site"}})


class ForgetsKeys(KeyedCrm):
    def _written(self, write: Write) -> Outcome:
        return super()._written(evolve(write, idempotency_key=""))


class ForgetsKeysEarly(KeyedCrm):
    """Says a day, remembers an hour."""

    def __init__(self) -> None:
        super().__init__(evolve(KEYED, key_window=timedelta(hours=1)))
        self._capabilities = evolve(KEYED, key_window=KEY_WINDOW)


class TakesAnyBodyUnderAKey(KeyedCrm):
    """Only the key is looked at: another body is answered as if it were the first."""

    def _written(self, write: Write) -> Outcome:
        known = getattr(self, "_answers", {})
        self._answers = known
        if write.idempotency_key not in known:
            known[write.idempotency_key] = super()._written(evolve(write, idempotency_key=""))
        outcome: Outcome = known[write.idempotency_key]
        return outcome


class SendsAgainWhatItRemembers(KeyedCrm):
    """A write under a known key is carried out once more on the same record."""

    def _written(self, write: Write) -> Outcome:
        outcome = super()._written(write)
        row = self._shelf.row(write.kind, outcome.key)
        if isinstance(write, Create) and row is not None:
            _ = self._changed(row, fields={**row.fields, **write.fields})
        return outcome


class TellsTheLastValueOnly(Clocked):
    def __init__(self) -> None:
        super().__init__(PAST)

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        last = {(past.key, past.name): past for past in super().past(kind, keys)}
        return tuple(last.values())


class TellsThePastBackwards(Clocked):
    def __init__(self) -> None:
        super().__init__(PAST)

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        return tuple(reversed(super().past(kind, keys)))


class MissesOurOwnWrites(Clocked):
    """Only persons' edits are in its history."""

    def __init__(self) -> None:
        super().__init__(PAST)
        self._ours: list[tuple[str, object]] = []

    def _updated(self, row: Row, write: Update) -> Outcome:
        self._ours += [(row.key, value) for value in write.fields.values()]
        return super()._updated(row, write)

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        return tuple(past for past in super().past(kind, keys) if (past.key, past.value) not in self._ours)


class TellsEverybodysPast(Clocked):
    def __init__(self) -> None:
        super().__init__(PAST)

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        told = super().past(kind, [seen.key for seen in self.changes(kind, None).seen])
        return told if keys else ()


class HonestLagging(LaggingCrm):
    """A control: nothing is wrong with it."""


class HonestRacing(RacingCrm):
    """A control: nothing is wrong with it."""


class HonestKeyed(KeyedCrm):
    """A control: nothing is wrong with it."""


class HonestPast(Clocked):
    """A control: nothing is wrong with it."""

    def __init__(self) -> None:
        super().__init__(PAST)


class HonestHolding(Clocked):
    """A control: nothing is wrong with it."""

    def __init__(self) -> None:
        super().__init__(HOLDING)


LIARS = (
    LagsLongerThanItSays, StepsOverWhatLags, SaysOverlapAndReadsOnlyOn, BendsWhatItCannotHold, PutsItElsewhere,
    HoldsLessThanItSays, HoldsFieldsOfNobody, ForgetsKeys, ForgetsKeysEarly, TakesAnyBodyUnderAKey,
    SendsAgainWhatItRemembers, TellsTheLastValueOnly, TellsThePastBackwards, MissesOurOwnWrites, TellsEverybodysPast,
    HonestLagging, HonestRacing, HonestKeyed, HonestPast, HonestHolding,
)  # fmt: skip


class TestLiar(DeclaredChecks, KeyChecks, HistoryChecks):
    """The checks of what is declared, once for each of them."""

    @pytest.fixture(params=LIARS, ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> Clocked:
        liar: type[Clocked] = request.param
        return liar()  # type: ignore[call-arg] # each gives its own capabilities

    @pytest.fixture
    def wait(self, adapter: Clocked) -> Wait:
        return adapter.advance


class BatchesGetInEachOthersWay(FlowCrm):
    """Says that it takes four batches at once, and answers each with the outcomes of the last."""

    def __init__(self) -> None:
        super().__init__()
        self._last: Sequence[Write] = ()

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        self._last = writes
        _ = yield from self.read(writes[0].kind, [])
        return (yield from super().write(self._last))


class HonestFlow(FlowCrm):
    """A control: nothing is wrong with it."""


class TestFlowLiar(DeclaredChecks):
    """The same for adapters whose methods are flows."""

    @pytest.fixture(params=[LooksThenInserts, BatchesGetInEachOthersWay, HonestFlow], ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> FlowCrm:
        liar: type[FlowCrm] = request.param
        return liar()

    @pytest.fixture
    def transport(self) -> Echo:
        return Echo()
