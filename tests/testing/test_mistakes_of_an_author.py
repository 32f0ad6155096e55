"""What the author of an adapter gets wrong at first is told in words: what a method gave, and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from limited_systems import FlowCrm

from clmcrm.adapters.memory import MemoryCrm
from clmcrm.adapters.rows import Row
from clmcrm.ports.records import Outcome, Page, Seen, Write
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing import CrmAdapterSuite
from clmcrm.testing.scene import Scene
from clmcrm.testing.ways import Way, answers_at_once, ways_of

pytest_plugins = ["pytester"]


class ChangesGivesAList(MemoryCrm):
    def changes(self, kind: str, cursor: str | None) -> Page:
        seen: Any = list(super().changes(kind, cursor).seen)
        return seen  # type: ignore[no-any-return] # on purpose, as below


class ReadGivesOneRecord(MemoryCrm):
    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        seen: Any = super().read(kind, keys)[0]
        return seen  # type: ignore[no-any-return]


class ReadGivesFields(MemoryCrm):
    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        fields: Any = tuple(seen.fields for seen in super().read(kind, keys))
        return fields  # type: ignore[no-any-return]


class WriteGivesOneOutcome(MemoryCrm):
    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        outcome: Any = super().write(writes)[0]
        return outcome  # type: ignore[no-any-return]


class WriteIsAFlow(MemoryCrm):
    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        flow: Any = FlowCrm().write(writes)
        return flow  # type: ignore[no-any-return]


class FindGivesAKey(MemoryCrm):
    def find(self, kind: str, mark: str) -> Seen | None:
        seen = super().find(kind, mark)
        key: Any = None if seen is None else seen.key
        return key  # type: ignore[no-any-return]


class VersionsAreNumbers(MemoryCrm):
    def _seen(self, row: Row) -> Seen:
        number: Any = row.number
        return evolve(super()._seen(row), version=number)


def looked_for(scene: Scene) -> object:
    return [scene.made(1), scene.find(1), scene.pull()]


@pytest.mark.parametrize(
    ("adapter", "told"),
    [
        (ChangesGivesAList, "`changes` returns one Page, and no list$"),
        (ReadGivesOneRecord, "`read` returns a tuple of Seen, and no Seen$"),
        (ReadGivesFields, "`read` returns a tuple of Seen, and none of dict$"),
        (WriteGivesOneOutcome, "`write` returns a tuple of Outcome, and no Outcome$"),
        (WriteIsAFlow, "`write` returns a tuple of Outcome, and no generator; .*annotate it as returning a Flow$"),
        (FindGivesAKey, "`find` returns one Seen, and no str$"),
        (VersionsAreNumbers, "a version is a text: found 1$"),
    ],
)
def test_a_method_that_gives_something_else_is_named_with_what_it_gave(
    adapter: Callable[[], RecordSystem], told: str
) -> None:
    suite = CrmAdapterSuite()
    with pytest.raises(AssertionError, match=told):
        _ = looked_for(suite.scene_of(adapter(), None, "account"))


def test_an_adapter_that_lacks_methods_is_told_which() -> None:
    class Half:
        system = "half"

        def changes(self, kind: str, cursor: str | None) -> Page:
            raise NotImplementedError

    half: Any = Half()
    with pytest.raises(AssertionError, match=r"RecordSystem`: found \['capabilities', 'read', 'find', 'write'\]"):
        CrmAdapterSuite().test_the_adapter_offers_the_port(half)


def test_a_person_that_lacks_methods_is_told_which() -> None:
    class Clerk:
        def edit(self) -> None:
            raise NotImplementedError

    clerk: Any = Clerk()
    with pytest.raises(pytest.fail.Exception, match="gives a Clerk, which lacks delete, merge"):
        _ = CrmAdapterSuite().scene_of(MemoryCrm(), clerk, "account")


def test_an_adapter_whose_methods_do_not_say_what_they_return_is_tried_through_both_drivers() -> None:
    class Delegating:
        def __init__(self) -> None:
            self._inner = FlowCrm()

        def changes(self, kind, cursor):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - it does not say
            return self._inner.changes(kind, cursor)

    class Suite(CrmAdapterSuite):
        @pytest.fixture
        def adapter(self) -> Delegating:
            return Delegating()

    assert not answers_at_once(Delegating)
    assert ways_of(Suite) == (Way.BLOCKING, Way.LOOP)


@pytest.mark.parametrize("taken", ["tests", "test_a.py"])
def test_tests_that_the_option_takes_for_its_file_are_told_apart_before_anything_runs(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "src"))
    _ = pytester.mkdir("tests")
    test = pytester.makepyfile(test_a="def test_a(): pass")
    done = pytester.runpytest_subprocess("-p", "clmcrm.testing.plugin", "--clmcrm-checks", taken)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: --clmcrm-checks={taken}: *write the option behind the tests*"])
    assert Path(test).read_text(encoding="utf-8") == "def test_a(): pass"
