"""`clmcrm doctor`: is everything here that the library needs? Each finding comes with what repairs it."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from clmcrm import __version__
from clmcrm.adapters.configuration import FILE, SystemSettings, load_settings
from clmcrm.adapters.installed_rules import installed_catalogue
from clmcrm.adapters.transports import trusted
from clmcrm.calendars.holidays.sourced import SourcedCalendar
from clmcrm.cli.checks import Check, tell
from clmcrm.cli.connect_vendors import TAKEN, misnamed
from clmcrm.cli.console import Console, file_option, system_today, utc_clock
from clmcrm.cli.files import opened, the_file
from clmcrm.errors import ClmcrmError, InvalidRecord, TransientError, UnreadableInput
from clmcrm.values.problems import Severity

NAME: Final = "doctor"
HELP: Final = "check versions, clock, time zones, calendars and the file; say what repairs what is wrong"
TODAY = system_today
_CORE: Final = ("attrs", "cattrs", "httpx", "python-dateutil", "typing-extensions", "tzdata")
_EXTRAS: Final = {"calendars": "holidays"}
_MADE_IN: Final = 2026  # no clock that is right says an earlier year; it may stand here unchanged
_OLDEST_SQLITE: Final = (3, 24)  # the first with INSERT ... ON CONFLICT DO UPDATE


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    file_option(parser)
    _ = parser.add_argument("--config", type=Path, default=FILE, help=f"the configuration (default: {FILE})")


def run(options: argparse.Namespace, console: Console) -> int:
    """Print every check; exit code 3 when one of them is not well."""
    checks = [
        *_versions(),
        _clock(),
        *_zones(),
        *_calendars(console),
        *_certificates(),
        *_file(options.file),
        *_systems(options.config),
    ]
    return tell(checks, console)


def _versions() -> Iterator[Check]:
    yield Check("clmcrm", __version__, ok=True)
    yield Check("Python", platform.python_version(), ok=True)  # pip has seen to it that it is new enough
    recent = sqlite3.sqlite_version_info >= _OLDEST_SQLITE
    yield Check("SQLite", sqlite3.sqlite_version, recent, "" if recent else "use a Python built with a newer SQLite")
    for name in _CORE:
        found = _installed(name)
        yield Check(name, found or "missing", found is not None, "" if found else "python -m pip install clmcrm")
    for extra, name in _EXTRAS.items():
        found = _installed(name)
        hint = "" if found else f'for more calendars: python -m pip install "clmcrm[{extra}]"'
        yield Check(f"extra {extra}", found or "not installed (optional)", ok=True, repair=hint)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _clock() -> Check:
    """Whether the clock may be right; how far it is from others' only `clmcrm connect` can tell."""
    now = utc_clock()
    ok = now.year >= _MADE_IN
    repair = "" if ok else f"this version is of {_MADE_IN}: set this machine's clock by NTP"
    return Check("clock", f"{now:%Y-%m-%d %H:%M} UTC", ok, repair)


def _zones() -> Iterator[Check]:
    try:
        _ = zoneinfo.ZoneInfo("Europe/Paris")
    except zoneinfo.ZoneInfoNotFoundError:
        yield Check("time zones", "no data", ok=False, repair="python -m pip install tzdata")
    else:
        yield Check("time zones", "present", ok=True)


def _calendars(console: Console) -> Iterator[Check]:
    """Whether each calendar's data reaches a year ahead, and whether each package that adds rules could be loaded."""
    installed = installed_catalogue()
    ahead = date(min(console.today.year + 1, MAXYEAR), 12, 31)
    for calendar in sorted(installed.catalogue.calendars, key=lambda one: one.name):
        if isinstance(calendar, SourcedCalendar) and calendar.years is not None:
            # Made of the lists of single years: its name says which, and none of them ever reaches ahead.
            found, repair = f"{calendar.version}, these years alone", "`institutions` adds the list of another year"
            yield Check(f"calendar {calendar.name}", found, ok=True, repair=repair)
            continue
        covered = calendar.first_day <= ahead <= calendar.last_day
        if ahead < calendar.first_day:
            found = f"{calendar.version}, from {calendar.first_day} on"
            repair = f"the day here is {console.today}: set the clock, or correct --today"
        else:
            found = f"{calendar.version}, until {calendar.last_day}"
            repair = "" if covered else "install a newer clmcrm, or pass a calendar of your own"
        yield Check(f"calendar {calendar.name}", found, covered, repair)
    for problem in installed.problems:
        ok = problem.severity is Severity.NOTE
        repair = "" if ok else "update or uninstall that package"
        yield Check(problem.where, f"{problem.value} {problem.what}", ok, repair)


def _certificates() -> Iterator[Check]:
    """Whether the certificates that calls believe can be read: those the environment names, or the library's own."""
    named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    try:
        _ = trusted()
    except InvalidRecord as unread:
        yield Check("certificates", str(unread), ok=False, repair="correct or unset the variable it names")
    else:
        yield Check("certificates", named or "those that come with the library", ok=True)


def _file(path: Path) -> Iterator[Check]:
    if not path.exists():
        yield Check(f"file {path}", "not there yet", ok=True, repair="`clmcrm load contracts.csv` makes one")
        return
    try:
        with opened(the_file(path)):
            yield Check(f"file {path}", "opens, and its pages are sound", ok=True)
    except ClmcrmError as refused:
        yield Check(f"file {path}", str(refused), ok=False, repair=_file_repair(path, refused))


def _file_repair(path: Path, refused: ClmcrmError) -> str:
    """What helps: not every file that cannot be opened is damaged."""
    if path.is_dir() or isinstance(refused, UnreadableInput):
        return "name the file of `clmcrm load` or `clmcrm demo` with --file"
    if isinstance(refused, TransientError):
        return "another process has it: try again later"
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.absolute().parent, os.W_OK):
        return "give this process the right to write to it and to its folder"
    return "restore it from a backup"


def _systems(config: Path) -> Iterator[Check]:
    """Whether each configured system has a description that can be read, and its secrets; none of them is asked."""
    if not config.exists():
        yield Check(f"systems in {config}", "not there (optional)", ok=True)
        return
    try:
        settings = load_settings(config, os.environ)
    except ClmcrmError as refused:
        yield Check(f"systems in {config}", str(refused), ok=False, repair="correct the file")
        return
    for name, one in sorted(settings.items()):
        wrong = list(misnamed(one))
        if wrong:
            yield from (Check(f"system {name}", check.found, ok=False, repair=check.repair) for check in wrong)
            continue
        try:
            # A vendor's are those that the file names; where it names none, one of those that the vendor takes will do.
            wanted = tuple(sorted(one.secrets)) if one.vendor is not None else one.described().auth.secrets
            choice = TAKEN[one.vendor].secrets if one.vendor is not None and not wanted else ()
        except ClmcrmError as refused:
            yield Check(f"system {name}", str(refused), ok=False, repair="correct the description")
            continue
        try:
            yield _secrets(one, wanted, choice)
        except UnreadableInput as refused:
            yield Check(f"system {name}", str(refused), ok=False, repair="set it anew, in UTF-8")


def _secrets(one: SystemSettings, wanted: Sequence[str], choice: Sequence[str]) -> Check:
    """Whether all of the secrets `wanted` are there, and one of those to choose from, if there are any."""
    found = {name: one.secret(name, os.environ) is not None for name in (*wanted, *choice)}
    missing = [name for name in wanted if not found[name]]
    if not any(found[name] for name in choice):
        missing += choice
    there = f"{one.vendor or 'described'}, its secrets are there"
    which = "one of " if len(choice) > 1 else ""
    return Check(
        f"system {one.name}",
        f"no secret: {which}{', '.join(missing)}" if missing else there,
        ok=not missing,
        repair=f"set {which}{'; '.join(map(one.where, missing))}"
        if missing
        else f"`clmcrm connect {one.name}` tries it",
    )
