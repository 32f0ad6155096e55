"""The kit's pytest plugin: says how many checks an adapter was put through, and keeps it for the table of adapters.

pytest loads it by entry point, or by `-p clmcrm.testing.plugin`. It imports nothing of the library, and does
nothing at all unless `--clmcrm-checks` is given::

    pytest --clmcrm-checks                   # prints each suite with its checks, and why some were switched off
    pytest --clmcrm-checks=checks.json       # and adds them to that file, in place of earlier ones of that test

The file is plain JSON, sorted, without times: one entry for each test class, with what the adapter declares. A check
is run, or switched off with a reason (`why`), or left out (`absent`) because the adapter declares that it does not
have what the check needs, and another check tries that statement instead.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast

import pytest

OPTION: Final = "--clmcrm-checks"
PRINT_ONLY: Final = "-"
_MARK: Final = "clmcrm"
_KIT: Final = "clmcrm.testing."
_SUITES: Final = ("CrmAdapterSuite", "ClmAdapterSuite", "EsignSuite", "JournalSuite", "LeaseSuite", "RecordSystemSuite")
_TRIED: Final = ("adapter", "journal")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option."""
    parser.getgroup("clmcrm", "the conformance kit of clmcrm").addoption(
        OPTION,
        dest="clmcrm_checks",
        nargs="?",
        const=PRINT_ONLY,
        default=None,
        metavar="FILE",
        help="say how many checks each adapter was put through, and add them to FILE (JSON)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Listen, where it was asked for."""
    file = config.getoption("clmcrm_checks")
    if file is not None:
        _check_file(str(file))
        _ = config.pluginmanager.register(Checks(), "clmcrm-checks")


def _check_file(file: str) -> None:
    """Raise `UsageError` for a folder or a file that holds no counts: a test that the option has taken for its FILE."""
    path = Path(file)
    if file == PRINT_ONLY or not path.exists():
        return
    try:
        kept: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = None
    if not isinstance(kept, list):
        what = "is a folder" if path.is_dir() else "is no file that this option wrote"
        raise pytest.UsageError(
            f"{OPTION}={file}: {file} {what}; write the option behind the tests (pytest {file} {OPTION}), "
            f"or name a file for the counts ({OPTION}=checks.json)"
        )


class Checks:
    """What became of the kit's checks, by test class."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note beside the report which suite it belongs to, and what the adapter declares."""
        report = yield
        del call
        suite = suite_of(getattr(item, "cls", None))
        if suite and (report.when == "call" or report.outcome != "passed"):
            given: Mapping[str, Any] = getattr(item, "funcargs", {})
            tried = next((given[name] for name in _TRIED if name in given), None)
            left_out = getattr(item.cls, "counts_left_out", dict[str, int])  # type: ignore[attr-defined] # a class's item
            report.user_properties.append((_MARK, [suite, *_described(tried), left_out()]))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count, in the process that prints."""
        for name, value in report.user_properties:
            if name == _MARK:
                self._count(report, cast("list[Any]", value))

    def _count(self, report: pytest.TestReport, described: list[Any]) -> None:
        suite, system, able, left_out = described
        test = report.nodeid.rpartition("::")[0]
        entry = self._found.setdefault(
            test,
            {"test": test, "suite": suite, "system": "", "declares": {}, "outcomes": Counter(), "skipped": Counter(),
             "absent": left_out},
        )  # fmt: skip
        if system:
            entry.update(system=system, declares=able)
        entry["outcomes"][report.outcome] += 1
        if report.outcome == "skipped":
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            entry["skipped"][str(why).removeprefix("Skipped: ")] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Print the counts; write them where a file was named."""
        entries = [_plain(entry) for _, entry in sorted(self._found.items())]
        for line in lines_of(entries):
            terminalreporter.write_line(line)
        file = str(config.getoption("clmcrm_checks"))
        if file != PRINT_ONLY and entries:
            written = written_to(Path(file), entries)
            terminalreporter.write_line(f"clmcrm: {written} test classes in {file}")


def suite_of(cls: type | None) -> str:
    """The name of the kit's suite that a test class derives from; empty when it derives from none.

    >>> suite_of(int)
    ''
    """
    bases = [base for base in (cls.__mro__ if cls else ()) if base.__module__.startswith(_KIT)]
    return next((base.__name__ for base in bases if base.__name__ in _SUITES), bases[0].__name__ if bases else "")


def lines_of(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """The counts in words: a line for each test class, and one for each reason to skip."""
    lines: list[str] = []
    for entry in entries:
        name = entry["test"].rpartition("::")[2]
        counts = (
            f"{entry[what]} {what}" for what in ("passed", "failed", "skipped") if entry[what] or what == "passed"
        )
        lines.append(f"clmcrm: {name} ({entry['suite']}, {entry['system'] or 'no system'}): {entry['checks']} checks, "
                     f"{', '.join(counts)}")  # fmt: skip
        lines += [f"clmcrm:   switched off {times}: {why}" for why, times in entry["why"].items()]
        lines += [f"clmcrm:   stated and checked as absent, {name}: in the place of {times} checks"
                  for name, times in entry["absent"].items()]  # fmt: skip
    return lines


def written_to(path: Path, entries: Iterable[Mapping[str, Any]]) -> int:
    """How many test classes the file holds now: the new entries, and the old ones of other test classes."""
    old: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    whole: dict[str, Mapping[str, Any]] = {entry["test"]: entry for entry in (*old, *entries)}
    text = json.dumps([whole[test] for test in sorted(whole)], indent=1, sort_keys=True, ensure_ascii=False)
    _ = path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return len(whole)


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    outcomes, skipped = entry["outcomes"], entry["skipped"]
    return {
        "test": entry["test"], "suite": entry["suite"], "system": entry["system"], "declares": entry["declares"],
        "checks": sum(outcomes.values()), "passed": outcomes["passed"], "failed": outcomes["failed"],
        "skipped": outcomes["skipped"], "why": {why: skipped[why] for why in sorted(skipped)},
        "absent": entry["absent"],
    }  # fmt: skip


def _described(tried: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - whatever is under trial
    """The name of what is under trial and its flags, as JSON."""
    able: object = getattr(tried, "capabilities", None)
    system = str(getattr(tried, "system", "") or (type(tried).__name__ if tried is not None else ""))
    names = getattr(type(able), "__attrs_attrs__", ())
    return system, {part.name: _as_json(getattr(able, part.name)) for part in names}


def _as_json(value: Any) -> Any:  # noqa: ANN401 - a flag is anything
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset):
        flags: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType] # of whatever
        return sorted(str(_as_json(each)) for each in flags)
    if isinstance(value, Mapping):
        mapping: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType] # of whatever
        return {str(_as_json(key)): _as_json(each) for key, each in mapping.items()}
    return value
