"""What Odoo names by number and we by code: countries, regions, languages, currencies. Read once per session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from clmcrm.adapters.odoo.plain import tag_of
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.ports.calls import Flow


@frozen
class Codes:
    """The numbers behind the codes; each look-up gives False, Odoo's nothing, for what is not there."""

    countries: Mapping[str, int]
    regions: Mapping[tuple[int, str], int]
    languages: Mapping[str, str]
    currencies: Mapping[str, int]
    has_mobile: bool

    def country(self, code: object) -> int | bool:
        """The country of an ISO 3166 code."""
        return self.countries.get(str(code), False)

    def region(self, country: int | bool, name: object) -> int | bool:  # noqa: FBT001 - False is Odoo's nothing
        """The region of that name or code in a country."""
        return self.regions.get((int(country), str(name)), False)

    def language(self, tag: object) -> str | bool:
        """Odoo's code of an installed language, however its tag is written ("fr-FR", "fr_fr")."""
        wanted = str(tag).replace("_", "-").casefold()
        return next((code for own, code in self.languages.items() if own.casefold() == wanted), False)

    def currency(self, code: object) -> int | bool:
        """The currency of an ISO 4217 code, if it is in use."""
        return self.currencies.get(str(code), False)


def read_codes(session: OdooSession) -> Flow[Codes]:
    """The codes of this Odoo."""
    countries = yield from _all(session, "res.country", {"code": {}})
    regions = yield from _all(session, "res.country.state", {"name": {}, "code": {}, "country_id": {}})
    languages = yield from session.ask("res.lang", "get_installed")
    currencies = yield from session.rows("res.currency", [["active", "=", True]], {"name": {}})
    partner = yield from session.fields("res.partner")
    return Codes(
        countries={str(row["code"]): int(row["id"]) for row in countries if row["code"]},
        regions={
            (int(row["country_id"]), str(row[name])): int(row["id"])
            for name in ("code", "name")
            for row in regions
            if row["country_id"]
        },
        languages={tag: str(code) for code, _ in languages if (tag := tag_of(str(code)))},
        currencies={str(row["name"]): int(row["id"]) for row in currencies},
        has_mobile="mobile" in partner,
    )


def _all(session: OdooSession, model: str, spec: Mapping[str, Any]) -> Flow[list[dict[str, Any]]]:
    return (yield from session.rows(model, [], spec))
