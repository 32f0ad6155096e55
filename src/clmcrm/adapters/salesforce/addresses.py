"""Addresses: five fields of a record, or six with the country's code, that make one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from attrs import field, frozen

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import ADDRESS, is_country_code, sent_value, shown_value, unkept_address
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.parts import Row
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.ports.records import Fields, Json


@frozen(kw_only=True)
class AddressPart:
    """An address: five fields that begin with `prefix` ("Billing").

    A country is a code where the org keeps codes, and where the text is two capitals; else it is a word.
    """

    name: str
    prefix: str
    codes: bool = False
    children: Sequence[Query] = field(default=(), init=False)

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return (self.name,)

    @property
    def reads(self) -> Sequence[str]:
        """The five fields, and the country's code where there is one."""
        last = ("Country", "CountryCode") if self.codes else ("Country",)
        return tuple(f"{self.prefix}{end}" for end in ("Street", "City", "State", "PostalCode", *last))

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """The parts that are stated; None when none is."""
        del org
        made: dict[str, Json] = {}
        street = self._text(row, "Street")
        if street:
            made["lines"] = [line for line in street.splitlines() if line]
        for end, name in (("City", "city"), ("State", "region"), ("PostalCode", "postal_code")):
            if self._text(row, end):
                made[name] = self._text(row, end)
        country = self._text(row, "Country")
        code = self._text(row, "CountryCode") if self.codes else country if is_country_code(country) else None
        if code:
            made["country"] = code
        elif country:
            made["country_name"] = country
        return {self.name: made or None}

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """All five fields, so that nothing of an earlier address stays."""
        del org
        if self.name not in fields:
            return {}
        told = fields[self.name] if fields[self.name] is not None else {}
        if not isinstance(told, dict) or told.keys() - ADDRESS:
            raise Misfit(self.name, "is no address of lines, city, region, postal_code, country or country_name")
        lines = told.get("lines") or []
        if not isinstance(lines, list) or not all(isinstance(one, str) for one in lines):
            raise Misfit(self.name, "its lines are no list of lines")
        bent = unkept_address(told)
        if bent is not None:
            raise Misfit(self.name, bent)
        code, word = told.get("country"), told.get("country_name")
        ends = {
            "Street": "\n".join(cast("list[str]", lines)) or None,
            "City": sent_value(self.name, "text", told.get("city")),
            "State": sent_value(self.name, "text", told.get("region")),
            "PostalCode": sent_value(self.name, "text", told.get("postal_code")),
        }
        if self.codes:
            ends["CountryCode"] = sent_value(self.name, "text", code)
            if word is not None and code is None:
                raise Misfit(self.name, "the org takes a country's code only")
        else:
            ends["Country"] = sent_value(self.name, "text", code if code is not None else word)
        return {f"{self.prefix}{end}": value for end, value in ends.items()}

    def _text(self, row: Row, end: str) -> str | None:
        value = shown_value(f"{self.prefix}{end}", "long", row.get(f"{self.prefix}{end}"))
        return None if value is None else str(value)
