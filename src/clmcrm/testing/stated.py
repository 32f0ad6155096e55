"""What a check needs, and which checks try the statement of a system that says it does not have it.

A flag that is off is a statement too, and the host depends on it. A check that needs an ability is left out for a
system that says it has none, provided that another check of the same suite tries that statement; where none does,
or where nobody knows the flags before the run, it is skipped with the flag as the reason.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from attrs import field, frozen

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

_NEEDS: Final = "clmcrm_needs"
_INSTEAD: Final = "clmcrm_instead"
_KIT: Final = "clmcrm.testing"


@frozen
class Ability:
    """A flag by its `name`, and `missing`: why a system with these capabilities does not have it ("": it does)."""

    name: str
    missing: Callable[[Any], str] = field(eq=False)


@frozen
class LeftOut:
    """Stands in a suite in the place of a check that is not collected: the `ability` it needs, and `why` not."""

    ability: str
    why: str


def needs(*abilities: Ability) -> Callable[[F], F]:
    """The check is made where the system has all these abilities."""

    def mark(check: F) -> F:
        setattr(check, _NEEDS, (*_needed(check), *abilities))
        return check

    return mark


def each_needs(*abilities: Ability) -> Callable[[C], C]:
    """Every check of the class is made where the system has all these abilities, before any other that it needs."""

    def mark(suite: C) -> C:
        for check in vars(suite).values():
            if callable(check) and getattr(check, "__name__", "").startswith("test_"):
                setattr(check, _NEEDS, (*abilities, *_needed(check)))
        return suite

    return mark


def instead(ability: Ability, *, only: bool = True) -> Callable[[F], F]:
    """The check tries what a system says that does not have the ability; `only` where it does not."""

    def mark(check: F) -> F:
        setattr(check, _INSTEAD, (*_stood_for(check), ability.name))
        return needs(_lack_of(ability))(check) if only else check

    return mark


def missing(check: object, able: object) -> LeftOut | None:
    """The first thing that the check needs and the system does not have."""
    found = ((ability.name, ability.missing(able)) for ability in _needed(check))
    return next((LeftOut(name, why) for name, why in found if why), None)


def is_instead(check: object) -> bool:
    """Whether the check tries a statement."""
    return bool(_stood_for(check))


def leave_out(suite: type, able: object) -> dict[str, LeftOut]:
    """Take the checks out of the suite that do not apply to a system with these capabilities; returns them by name.

    One is taken out only when a check of the suite tries the system's statement instead. None: nothing is known.
    """
    checks = dict(checks_of(suite))
    tried = {name for check in checks.values() for name in _stood_for(check)}
    found: dict[str, LeftOut] = {}
    for name, check in checks.items():
        lack = None if able is None else missing(check, able)
        if lack is not None and (lack.ability in tried or _is_lack(lack.ability)):
            found[name] = lack
            setattr(suite, name, lack)
        elif isinstance(getattr(suite, name), LeftOut):
            setattr(suite, name, check)
    return found


def known_flags(suite: type) -> object:
    """The capabilities of the adapter under trial before anything runs; None when they cannot be told.

    A suite may name them (`declares`). Otherwise a fixture `adapter` that asks for no other fixture is called once:
    an adapter opens nothing by being built.
    """
    named = getattr(suite, "declares", None)
    if named is not None:
        return named
    fixture = getattr(suite, "adapter", None)
    function = getattr(fixture, "__wrapped__", fixture)
    if not inspect.isfunction(function) or str(function.__module__).startswith(_KIT):
        return None
    if inspect.isgeneratorfunction(function) or list(inspect.signature(function).parameters) != ["self"]:
        return None
    try:
        return getattr(function(suite()), "capabilities", None)
    except Exception:  # noqa: BLE001 - whatever it needs and does not find now, it is asked for again when it runs
        return None


def counted(suite: type, left_out: Mapping[str, LeftOut], times: int) -> dict[str, int]:
    """How many checks of the suite are left out, by flag; `times` is how often each would have been run."""
    checks = dict(checks_of(suite))
    found: Counter[str] = Counter()
    for name, lack in left_out.items():
        if not _is_lack(lack.ability):
            found[lack.ability] += _cases(checks[name], suite) * times
    return dict(sorted(found.items()))


def _cases(check: Callable[..., Any], suite: type) -> int:
    """How many cases a check is collected as."""
    cases = 1
    for mark in getattr(check, "pytestmark", ()):
        if mark.name == "parametrize":
            cases *= len(list(mark.args[1]))
    made: Callable[[], Sequence[str]] | None = getattr(suite, "kinds_made", None)
    return cases * (len(made()) if made is not None and asks_for("of_kind", check) else 1)


def asks_for(fixture: str, check: Callable[..., Any]) -> bool:
    """Whether the check has a parameter of that name."""
    return fixture in inspect.signature(check).parameters


def checks_of(suite: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The suite's checks as they were written, by name; one that is switched off by another value is none."""
    for name in dir(suite):
        if name.startswith("test_"):
            places = (vars(cls)[name] for cls in suite.__mro__ if name in vars(cls))
            check = next((place for place in places if not isinstance(place, LeftOut)), None)
            if callable(check):
                yield name, check


def _needed(check: object) -> tuple[Ability, ...]:
    return getattr(check, _NEEDS, ())


def _stood_for(check: object) -> tuple[str, ...]:
    return getattr(check, _INSTEAD, ())


_LACK: Final = "no "


def _lack_of(ability: Ability) -> Ability:
    def has(able: object) -> str:
        return "" if ability.missing(able) else f"{ability.name} is there, and tried by other checks"

    return Ability(f"{_LACK}{ability.name}", has)


def _is_lack(name: str) -> bool:
    return name.startswith(_LACK)
