"""`clmcrm config show`: what holds for each configured system, and what it comes from; no secret is shown.

The environment goes before the file, so one look at the file alone does not say what a run will do. Nothing is
judged here: `clmcrm doctor` says what is wrong, and `clmcrm connect` tries it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import asdict, frozen

from clmcrm.adapters.configuration import FILE, SystemSettings, load_settings, variable
from clmcrm.adapters.declared.base_address import shown_address
from clmcrm.cli.connect_vendors import TAKEN, Taken
from clmcrm.cli.console import DONE, Console, system_today
from clmcrm.cli.looking_in import configured
from clmcrm.drivers.secrets import HIDDEN
from clmcrm.errors import ClmcrmError, UnreadableInput

NAME: Final = "config"
HELP: Final = "show what holds for each configured system and what it comes from, its secrets hidden"
TODAY = system_today

_UNSET: Final = "not set"
_UNSHOWN: Final = "not shown"


@frozen
class Setting:
    """One line: the `system`, the `setting`, its `value` as it may be shown, and what it comes from (`source`)."""

    system: str
    setting: str
    value: str
    source: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument("action", choices=["show"], help="show: every setting, and what it comes from")
    _ = parser.add_argument("system", metavar="SYSTEM", nargs="?", help="one system alone (default: all of them)")
    _ = parser.add_argument("--config", type=Path, default=FILE, help=f"the configuration (default: {FILE})")


def run(options: argparse.Namespace, console: Console) -> int:
    """Print every setting of the systems; nothing is asked of them."""
    settings = load_settings(options.config, os.environ)
    file = options.config.name
    every = [one for _, one in sorted(settings.items())]
    chosen = every if options.system is None else [configured(settings, options.system, file)]
    shown = [row for one in chosen for row in _settings(one, file)]
    console.answer([asdict(row) for row in shown])
    console.table(("system", "setting", "value", "from"), [(r.system, r.setting, r.value, r.source) for r in shown])
    return DONE


def _settings(one: SystemSettings, file: str) -> Iterator[Setting]:
    if one.vendor is not None:
        yield Setting(one.name, "vendor", one.vendor, file)
    else:
        yield Setting(one.name, "description", str(one.description), _variable_or(file, one.name, "description"))
    if one.address is None:
        own = "the description" if one.vendor is None else "the vendor"
        yield Setting(one.name, "address", _UNSET, f"that of {own} counts")
    else:
        yield Setting(one.name, "address", shown_address(one.address), _variable_or(file, one.name, "address"))
    taken = _taken(one)
    for name in sorted({*one.options, *taken.options}):
        yield from _option(one, name, taken, file)
    for name in sorted({*one.secrets, *taken.secrets}):
        yield _secret(one, name)


def _taken(one: SystemSettings) -> Taken:
    """What the system takes; nothing where its vendor is unknown or its description cannot be read."""
    if one.vendor is not None:
        return TAKEN.get(one.vendor, Taken((), ()))
    try:
        return Taken((), one.described().auth.secrets)
    except ClmcrmError:
        return Taken((), ())


def _option(one: SystemSettings, name: str, taken: Taken, file: str) -> Iterator[Setting]:
    """The line of an option that is set; the value of one that nobody takes is not shown, for it may be a secret."""
    if name not in taken.options:
        yield Setting(one.name, f"option {name}", _UNSHOWN, f"{file}; nobody takes it")
        return
    try:
        value = one.option(name, os.environ)
    except UnreadableInput as refused:
        yield Setting(one.name, f"option {name}", _UNSHOWN, str(refused))
        return
    if value is not None:
        yield Setting(one.name, f"option {name}", value, _variable_or(file, one.name, name))


def _secret(one: SystemSettings, name: str) -> Setting:
    try:
        found = one.secret(name, os.environ)
    except UnreadableInput as refused:
        return Setting(one.name, f"secret {name}", _UNSHOWN, str(refused))
    if found is None:
        return Setting(one.name, f"secret {name}", _UNSET, f"looked for in {one.where(name)}")
    kept = one.secrets.get(name)
    return Setting(one.name, f"secret {name}", HIDDEN, _variable_or(str(kept), one.name, "secret", name))


def _variable_or(otherwise: str, system: str, *names: str) -> str:
    """What a value comes from: the variable that goes before the file where it is set, else `otherwise`."""
    own = variable(system, *names)
    return f"the variable {own}" if os.environ.get(own, "").strip() else otherwise
