"""Adapters that installed packages register, found by entry point and loaded when they are asked for.

A package names its adapter in the group "clmcrm.adapters"::

    [project.entry-points."clmcrm.adapters"]
    acme = "acme_crm:AcmeCrm"

Listing imports nothing of those packages: one that is broken stands in the list like the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, cast

from attrs import field, frozen

from clmcrm.errors import TerminalError
from clmcrm.values.validators import instance, text

ADAPTERS: Final = "clmcrm.adapters"
"""The group of entry points that name an adapter's class, or a function that makes one."""


@frozen(kw_only=True)
class InstalledAdapter:
    """An adapter that a package registers: its `name`, and the `package` with its version (empty: not known)."""

    name: str = field(validator=text)
    package: str = ""
    point: EntryPoint = field(validator=instance(EntryPoint), repr=False)

    def load(self) -> Callable[..., Any]:
        """What makes the adapter: its class or function, imported now.

        Raises `TerminalError` that names the entry point and the cause when it cannot be imported or called.
        """
        where = f"entry point {self.point.value!r} of {self.package or 'an unknown package'}"
        try:
            found: object = self.point.load()
        except Exception as failure:
            why = f"{where} cannot be loaded: {type(failure).__name__}: {failure}"
            raise TerminalError(self.name, why) from failure
        if not callable(found):
            expected = "a class or a function that makes an adapter"
            raise TerminalError(self.name, f"{where} gives a {type(found).__name__}; expected {expected}")
        return cast("Callable[..., Any]", found)


def installed_adapters(points: Iterable[EntryPoint] | None = None) -> tuple[InstalledAdapter, ...]:
    """Every adapter that is registered, by name and then by package; none of them is imported.

    `points` None: the entry points of the running environment in the group "clmcrm.adapters".

    >>> installed_adapters(points=())
    ()
    """
    found = entry_points(group=ADAPTERS) if points is None else points
    adapters = {
        (point.name, point.value): InstalledAdapter(
            name=point.name, package=f"{point.dist.name} {point.dist.version}" if point.dist else "", point=point
        )
        for point in found
    }
    return tuple(sorted(adapters.values(), key=lambda adapter: (adapter.name, adapter.package, adapter.point.value)))


def installed_adapter(name: str, points: Iterable[EntryPoint] | None = None) -> Callable[..., Any]:
    """What makes the adapter of that name: `installed_adapter("acme")(url=..., token=...)`.

    Raises `TerminalError` when no package registers the name (it lists those there are), when two packages do,
    or when the one that does cannot be loaded.
    """
    known = installed_adapters(points)
    named = [adapter for adapter in known if adapter.name == name]
    if not named:
        listed = ", ".join(dict.fromkeys(adapter.name for adapter in known)) or "none"
        raise TerminalError(name, f"no installed package registers this adapter; registered: {listed}")
    if len(named) > 1:
        packages = " and ".join(adapter.package or adapter.point.value for adapter in named)
        raise TerminalError(name, f"more than one package registers this adapter: {packages}; keep one of them")
    return named[0].load()
