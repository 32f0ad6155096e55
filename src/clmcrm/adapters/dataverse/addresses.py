"""Addresses: seven columns of a row that make one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.dataverse.parts import Row
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import ADDRESS, is_country_code, sent_value, shown_value, texts, unkept_address
from clmcrm.ports.records import Fields, Json

_LINES: Final = ("line1", "line2", "line3")
_ENDS: Final = {"city": "city", "stateorprovince": "region", "postalcode": "postal_code"}


@frozen(kw_only=True)
class AddressPart:
    """An address: the columns that begin with `prefix` ("address1").

    A street has three lines at most. A country is a code where the text is two capitals; else it is a word.
    """

    name: str
    prefix: str

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return (self.name,)

    @property
    def columns(self) -> Sequence[str]:
        """The seven columns."""
        return tuple(f"{self.prefix}_{end}" for end in (*_LINES, *_ENDS, "country"))

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The parts that are stated; None when none is."""
        del ground
        made: dict[str, Json] = {}
        lines: list[Json] = [line for end in _LINES if (line := self._text(row, end))]
        if lines:
            made["lines"] = lines
        for end, name in _ENDS.items():
            if self._text(row, end):
                made[name] = self._text(row, end)
        country = self._text(row, "country")
        if country:
            made["country" if is_country_code(country) else "country_name"] = country
        return {self.name: made or None}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """All seven columns, so that nothing of an earlier address stays."""
        del ground
        if self.name not in fields:
            return {}
        told = fields[self.name] if fields[self.name] is not None else {}
        if not isinstance(told, dict) or told.keys() - ADDRESS:
            raise Misfit(self.name, "is no address of lines, city, region, postal_code, country or country_name")
        lines = texts(self.name, told.get("lines"))
        if len(lines) > len(_LINES):
            raise Misfit(self.name, f"has {len(lines)} lines; a street of Dataverse has {len(_LINES)}")
        code, word = told.get("country"), told.get("country_name")
        bent = unkept_address({"country": code, "country_name": word})  # each of its lines has a column of its own
        if bent is not None:
            raise Misfit(self.name, bent)
        stated = {end: told.get(name) for end, name in _ENDS.items()}
        stated |= dict(zip(_LINES, [*lines, None, None, None], strict=False))
        stated["country"] = code if code is not None else word
        return {f"{self.prefix}_{end}": sent_value(self.name, "text", value) for end, value in stated.items()}

    def _text(self, row: Row, end: str) -> str | None:
        value = shown_value(f"{self.prefix}_{end}", "text", row.get(f"{self.prefix}_{end}"))
        return None if value is None else str(value)
