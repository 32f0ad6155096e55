"""What a company has in Ironclad: its schema, and its objects with their past, so that lists may lag behind."""

from __future__ import annotations

import copy
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define, field

RECORDS: Final = "records"
ENTITIES: Final = "entities"
WORKFLOWS: Final = "workflows"
OBLIGATIONS: Final = "obligations"

RECORD_TYPES: Final = ("contract", "nda", "orderForm", "imported")
PROPERTIES: Final[Mapping[str, str]] = {
    "counterpartyName": "string", "counterpartyAddress": "address", "agreementDate": "date", "effectiveDate": "date",
    "expirationDate": "date", "standard_initialTermLength": "duration", "standard_renewalType": "string",
    "otherRenewalType": "string", "standard_renewalTermLength": "duration", "standard_renewalsRemaining": "number",
    "standard_renewalOptOutDate": "date", "standard_renewalOptOutPeriod": "duration",
    "standard_terminationNoticePeriod": "duration", "standard_terminatedDate": "date",
    "standard_terminationEffectiveDate": "date", "standard_terminatingRecordId": "string",
    "standard_supersededDate": "date", "standard_supersessionEffectiveDate": "date",
    "standard_supersedingRecordId": "string", "standard_timesRenewed": "number", "contractValue": "monetary_amount",
    "entity_reference": "reference", "workflowId": "string", "additionalNotes": "string", "contactEmail": "email",
    "autoRenews": "boolean", "regions": "array", "liability": "clause", "paymentTerms": "playbookClause",
    "governingLaw": "string", "clmcrmKey": "string", "clmcrmFacts": "string",
}  # fmt: skip
ENTITY_PROPERTIES: Final[Mapping[str, str]] = {
    "entity_externalID": "string", "entity_businessType": "string", "entity_alternativeNames": "array",
    "entity_website": "string", "entity_employees": "number", "entity_revenue": "monetary_amount",
    "entity_address": "address", "entity_email": "email", "entity_founded": "date", "entity_notice": "duration",
    "entity_public": "boolean", "entity_clmcrmKey": "string", "entity_clmcrmFacts": "string",
}  # fmt: skip
RELATIONS: Final = ("customer", "vendor", "partner", "landlord")
FORM: Final[Mapping[str, str]] = {
    "counterpartyName": "string", "entity_reference": "entity", "agreementDate": "date", "effectiveDate": "date",
    "standard_initialTermLength": "duration", "contractValue": "monetaryAmount", "paperSource": "string",
    "clmcrmKey": "string", "clmcrmFacts": "string",
}  # fmt: skip
"""The launch form: it knows fewer fields than the repository."""
TEMPLATE: Final = "600b296c3e15a234ab88f884"

_READABLE: Final = {RECORDS: "IC", ENTITIES: "ENTITY", WORKFLOWS: "IC", OBLIGATIONS: "OB"}
_START: Final = datetime(2026, 11, 2, 9, tzinfo=UTC)
_TICK: Final = timedelta(milliseconds=1)


@define(kw_only=True)
class Kept:
    """One object with everything it was: from when on, and as what (None: deleted)."""

    id: str
    place: str
    past: list[tuple[datetime, dict[str, Any] | None]] = field(factory=list[tuple[datetime, dict[str, Any] | None]])

    def at(self, moment: datetime) -> dict[str, Any] | None:
        """What it was then; None before it was there, and after it was deleted."""
        return next((told for since, told in reversed(self.past) if since <= moment), None)


class Company:
    """A company; `lag` is how late its lists are. Nothing here knows of calls, tokens or pages."""

    def __init__(self, *, lag: timedelta = timedelta(0)) -> None:
        self.now, self.lag = _START, lag
        self.types = {name: {"displayName": name} for name in RECORD_TYPES}
        self.properties = dict(PROPERTIES)
        self.entity_properties = dict(ENTITY_PROPERTIES)
        self.relations = {f"rel-{number}": name for number, name in enumerate(RELATIONS, 1)}
        self.forms: dict[str, dict[str, str]] = {TEMPLATE: dict(FORM)}
        self.unpublished: set[str] = set()
        self.hidden: set[str] = set()
        self._kept: dict[str, Kept] = {}
        self._numbers = dict.fromkeys(_READABLE, 0)
        self._held: dict[str, datetime] = {}

    def pass_time(self, length: timedelta = timedelta(seconds=1)) -> None:
        """Let time go by."""
        self.now += length

    def add(self, place: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """Somebody makes an object; what Ironclad itself gives it is added."""
        self._numbers[place] += 1
        number = self._numbers[place]
        own = f"{place[:4]}0000-0000-4000-8000-{number:012d}".replace("reco", "7ec0").replace("enti", "e417")
        whole = {"id": own, "ironcladId": f"{_READABLE[place]}-{number}", **copy.deepcopy(dict(told))}
        self._kept[own] = Kept(id=own, place=place)
        return self._written(own, whole)

    def edit(self, own: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        """Somebody sets top-level values of an object."""
        return self._written(own, {**self.one(own), **values})

    def set_properties(self, own: str, **typed: Any) -> dict[str, Any]:  # noqa: ANN401 - typed properties, or None
        """Somebody sets properties of an object; None takes one away."""
        properties = {**self.one(own)["properties"], **typed}
        return self.edit(own, properties={name: one for name, one in properties.items() if one is not None})

    def delete(self, own: str) -> None:
        """Somebody deletes an object: it leaves no trace in any list."""
        self.now += _TICK
        self._kept[own].past.append((self.now, None))

    def one(self, own: str) -> dict[str, Any]:
        """The object as it is now, by its id or the one that people see; raises `KeyError`."""
        found = self._kept.get(own) or next((k for k in self._kept.values() if _readable(k) == own), None)
        told = None if found is None else found.at(self.now)
        if told is None:
            raise KeyError(own)
        return copy.deepcopy(told)

    def place_of(self, own: str) -> str:
        """Where an object stands; empty for one that never was."""
        found = self._kept.get(own) or next((k for k in self._kept.values() if _readable(k) == own), None)
        return "" if found is None else found.place

    def listed(self, place: str) -> list[dict[str, Any]]:
        """The objects of a place as its lists show them: as they were a while ago."""
        then = self.now - self.lag
        found = [one.at(then) for one in self._kept.values() if one.place == place and one.id not in self.hidden]
        return [copy.deepcopy(one) for one in found if one is not None]

    def alive(self, place: str) -> list[dict[str, Any]]:
        """The objects of a place as they are now."""
        found = [one.at(self.now) for one in self._kept.values() if one.place == place]
        return [copy.deepcopy(one) for one in found if one is not None]

    @contextmanager
    def held_back(self, own: str) -> Generator[None]:
        """What is written to an object inside has the time at which it began."""
        self.now += _TICK
        self._held[own] = self.now
        yield
        _ = self._held.pop(own, None)

    def _written(self, own: str, whole: dict[str, Any]) -> dict[str, Any]:
        self.now += _TICK
        whole["lastUpdated"] = stamp(self._held.get(own, self.now))
        self._kept[own].past.append((self.now, whole))
        return copy.deepcopy(whole)


def _readable(kept: Kept) -> str:
    return next((str(told["ironcladId"]) for _, told in kept.past if told is not None), "")


def stamp(moment: datetime) -> str:
    """An instant as Ironclad writes it.

    >>> stamp(datetime(2026, 11, 2, 9, tzinfo=UTC))
    '2026-11-02T09:00:00.000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
