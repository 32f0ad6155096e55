"""What Pipedrive makes of a person's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clmcrm.testing.vendors.pipedrive.refusals import invalid


def named(values: dict[str, Any], old: Mapping[str, Any]) -> None:
    """A person's name and its parts: one or the other is given, and the rest follows; raises `Refused` otherwise."""
    parts = {"first_name", "last_name"} & values.keys()
    if parts and "name" in values:
        raise invalid("Cannot set 'name' and 'first_name'/'last_name' at the same time")
    if "name" in values:
        first, _, last = str(values["name"]).partition(" ")
        values["first_name"], values["last_name"] = first, last or None
    elif parts:
        whole = [values.get(name, old.get(name)) for name in ("first_name", "last_name")]
        values["name"] = " ".join(one for one in whole if one)
    if not values.get("name", old.get("name")):
        raise invalid("name: is required")
