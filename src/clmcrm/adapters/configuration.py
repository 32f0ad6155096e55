"""Which systems a company uses and where their secrets are: constructor over environment over `clmcrm.toml`.

The file names secrets and never holds one: each is a variable of the environment or a file. A value that looks
like a secret in the wrong place is refused without being repeated.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from attrs import field, frozen

from clmcrm.adapters.declared.description import Description
from clmcrm.adapters.declared.reading import load_description
from clmcrm.adapters.declared.system import DeclaredSystem
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import InvalidRecord, UnreadableInput

FILE: Final = Path("clmcrm.toml")
"""Where the configuration is looked for unless it is said otherwise."""

_KEYS: Final = ("description", "vendor", "address", "options", "secrets")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Of what the parser says only the place: its words may hold a part of the file.
_PLACE: Final = re.compile(r"\((at line [0-9]+, column [0-9]+|at end of document)\)$")
_SOURCES: Final = ("env", "file")
_MOST_BYTES: Final = 1 << 20
_NO_SECRETS: Final[Mapping[str, Secret]] = {}


@frozen
class SecretSource:
    """Where a secret is kept: the variable `env`, or the file at `file`; exactly one of them."""

    env: str | None = None
    file: Path | None = None

    def __str__(self) -> str:
        """In words, for a person who looks for it."""
        return f"the variable {self.env}" if self.env is not None else f"the file {self.file}"


@frozen(kw_only=True)
class SystemSettings:
    """One configured system: its `name`, and either the file that describes it or the `vendor` we have an adapter for.

    `address` is where it is (None: the description's or the vendor's own), `options` what its adapter takes.
    """

    name: str
    description: Path | None = None
    vendor: str | None = None
    address: str | None = None
    options: Mapping[str, str] = field(factory=dict[str, str])
    secrets: Mapping[str, SecretSource] = field(factory=dict[str, SecretSource])

    def described(self) -> Description:
        """The description, read from its file; raises `UnreadableInput` when it cannot be, or there is none."""
        if self.description is None:
            raise UnreadableInput(FILE.name, f"systems.{self.name} is a {self.vendor}; nothing describes it")
        return load_description(self.description)

    def option(self, name: str, environment: Mapping[str, str]) -> str | None:
        """What the adapter takes under that name; None when it is not given.

        `CLMCRM_<SYSTEM>_<NAME>` in the environment goes before the file; an empty one counts as none.
        """
        return _set_in(environment, variable(self.name, name)) or self.options.get(name)

    def secret(self, name: str, environment: Mapping[str, str]) -> Secret | None:
        """The secret of that name; None when it is not there.

        `CLMCRM_<SYSTEM>_SECRET_<NAME>` in the environment goes before what the file says; an empty one counts as none.
        Line breaks at its end, and the mark that some editors put at the beginning of a file, do not count.
        """
        told = _set_in(environment, variable(self.name, "secret", name))
        source = self.secrets.get(name)
        if told is None and source is not None and source.env is not None:
            told = _set_in(environment, source.env)
        if told is None and source is not None and source.file is not None:
            try:
                told = source.file.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError):
                return None
        told = None if told is None else told.rstrip("\r\n")
        return Secret(told) if told else None

    def where(self, name: str) -> str:
        """Where the secret of that name is looked for, in words."""
        own = f"the variable {variable(self.name, 'secret', name)}"
        return f"{own} or {self.secrets[name]}" if name in self.secrets else own


def variable(system: str, *names: str) -> str:
    """The variable of the environment that goes before the file.

    >>> variable("acme-crm", "secret", "token")
    'CLMCRM_ACME_CRM_SECRET_TOKEN'
    """
    whole = "_".join(("clmcrm", system, *names)).upper()
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in whole)


def _set_in(environment: Mapping[str, str], name: str) -> str | None:
    """The value of a variable; None when it is not set, or empty, as wrappers of containers leave it."""
    return environment.get(name) or None


def load_settings(path: Path, environment: Mapping[str, str]) -> dict[str, SystemSettings]:
    """The systems that the file at `path` configures, by name, after the environment had its say.

    `CLMCRM_<SYSTEM>_ADDRESS` and `CLMCRM_<SYSTEM>_DESCRIPTION` go before the file; paths in it are relative to
    its folder. An empty variable counts as none. Raises `UnreadableInput` for a file that is missing or wrong, and
    for two systems whose variables have the same names.
    """
    called = path.name or str(path)  # a folder such as "." has no name
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableInput(called, f"a configuration has at most {_MOST_BYTES} bytes")
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as refused:
        raise UnreadableInput(called, f"cannot be opened: {refused.strerror or refused}") from None
    except UnicodeDecodeError:
        raise UnreadableInput(path.name, "is not UTF-8, as TOML must be") from None
    except (ValueError, RecursionError) as broken:  # no TOML, or a number of thousands of digits
        at = _PLACE.search(str(broken))
        where = f" ({at[1]})" if at else ""
        raise UnreadableInput(
            path.name, f"is no TOML{where}; a line of it is not repeated here, for it may hold a secret"
        ) from None
    for name in told:
        if name != "systems":
            raise UnreadableInput(path.name, f"no {name!r} is known; a system stands under [systems.NAME]")
    systems = _table(path, "systems", told.get("systems", {}))
    _told_apart(path, systems)
    return {name: _settings(path, name, one, environment) for name, one in systems.items()}


def _told_apart(path: Path, systems: Iterable[str]) -> None:
    """What is set for one system must not be taken for another's: a secret would go to the wrong address."""
    called: dict[str, str] = {}
    for name in systems:
        other = called.setdefault(variable(name), name)
        if other != name:
            what = f"systems.{other} and systems.{name} would share the variables {variable(name)}_...; rename one"
            raise UnreadableInput(path.name, what)


def opened_system(
    settings: SystemSettings,
    environment: Mapping[str, str],
    *,
    address: str | None = None,
    secrets: Mapping[str, Secret] = _NO_SECRETS,
) -> DeclaredSystem:
    """The configured system; `address` and `secrets` given here go before everything else.

    Raises `UnreadableInput` for a description that cannot be read, and `InvalidRecord` for a secret that is
    missing, with where it was looked for.
    """
    described = settings.described()
    found = dict(secrets)
    for name in described.auth.secrets:
        if name not in found:
            secret = settings.secret(name, environment)
            if secret is None:
                expected = f"it in {settings.where(name)}"
                raise InvalidRecord(f"system {settings.name}", f"secret {name}", "missing", expected)
            found[name] = secret
    return DeclaredSystem(described, found, address=address or settings.address)


def _settings(path: Path, name: str, told: object, environment: Mapping[str, str]) -> SystemSettings:
    where = f"systems.{name}"
    table = _table(path, where, told)
    for key in table:
        if key not in _KEYS:
            raise UnreadableInput(path.name, f"{where}.{key} is no key; known are {', '.join(_KEYS)}")
    vendor = table.get("vendor")
    if vendor is not None and (not isinstance(vendor, str) or "description" in table):
        raise UnreadableInput(path.name, f"{where}.vendor is a vendor's name, and stands for a description")
    description = _set_in(environment, variable(name, "description")) or table.get("description")
    address = _set_in(environment, variable(name, "address")) or table.get("address")
    if not isinstance(description, str) and vendor is None:
        what = f"{where} has no vendor and no description; expected one of them"
        raise UnreadableInput(path.name, what)
    if isinstance(description, str) and not _is_path(description):
        raise UnreadableInput(path.name, f"{where}.description is no path; expected that of a TOML file")
    if address is not None and not isinstance(address, str):
        raise UnreadableInput(path.name, f"{where}.address is no text; expected https://host/path")
    sources = _table(path, f"{where}.secrets", table.get("secrets", {}))
    return SystemSettings(
        name=name,
        description=path.parent / description if isinstance(description, str) and vendor is None else None,
        vendor=vendor,
        address=address,
        options=_options(path, f"{where}.options", table.get("options", {})),
        secrets={key: _source(path, f"{where}.secrets.{key}", one) for key, one in sources.items()},
    )


def _is_path(told: str) -> bool:
    """Whether a text may name a file: it is not empty, and without what no name of a file can hold."""
    return bool(told.strip()) and "\0" not in told


def _options(path: Path, where: str, told: object) -> dict[str, str]:
    found = _table(path, where, told)
    for name, value in found.items():
        if not isinstance(value, str):
            raise UnreadableInput(path.name, f"{where}.{name} is no text; expected it between quotation marks")
    return {name: str(value) for name, value in found.items()}


def _source(path: Path, where: str, told: object) -> SecretSource:
    said: Mapping[str, Any] = cast("Mapping[str, Any]", told) if isinstance(told, dict) else {}
    if len(said) != 1 or next(iter(said)) not in _SOURCES or not isinstance(next(iter(said.values())), str):
        right = 'expected { env = "NAME" } or { file = "PATH" }, never the secret itself'
        raise UnreadableInput(path.name, f"{where} is not shown; {right}")
    if "env" in said and not _VARIABLE.fullmatch(said["env"]):
        what = f"{where}.env is no name of a variable, and is not shown; expected letters, digits and _"
        raise UnreadableInput(path.name, what)
    if "file" in said:
        if not _is_path(said["file"]):
            raise UnreadableInput(path.name, f"{where}.file is no path, and is not shown; expected that of a file")
        return SecretSource(file=path.parent / said["file"])
    return SecretSource(env=said["env"])


def _table(path: Path, where: str, told: object) -> dict[str, object]:
    if not isinstance(told, dict):
        raise UnreadableInput(path.name, f"{where} is no table")
    return cast("dict[str, object]", told)
