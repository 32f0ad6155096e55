"""The records of a company: values, custom fields, what changed in them, what search shows of them yet."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define, field

from clmcrm.testing.closed.description import is_tree
from clmcrm.testing.vendors.pipedrive.fields import (
    CONTACT_SYNC,
    STANDARD,
    Custom,
    code_for,
    custom_taken,
    taken,
)
from clmcrm.testing.vendors.pipedrive.refusals import Refused, invalid, not_found

FIRST: Final = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
KEPT: Final = timedelta(days=30)
"""How long the bin keeps a record."""
NOUNS: Final = {"organizations": "Organization", "persons": "Person", "deals": "Deal"}


class Clock:
    """The company's time: it moves by `tick` with every request, and as far as it is told to."""

    def __init__(self, tick: timedelta = timedelta(seconds=1)) -> None:
        self.now, self.step = FIRST, tick

    def tick(self) -> None:
        """A request came."""
        self.now += self.step

    def advance(self, length: timedelta) -> None:
        """Let time pass."""
        self.now += length


def stamp(moment: datetime) -> str:
    """An instant as version 2 tells it: to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@define
class Record:
    """One record. `past` holds every change of a value with its time; `index` what search shows from when on."""

    id: int
    object: str
    values: dict[str, Any]
    customs: dict[str, Any] = field(factory=dict[str, Any])
    updated: datetime = FIRST
    deleted_at: datetime | None = None
    past: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    index: list[tuple[datetime, dict[str, Any]]] = field(factory=list[tuple[datetime, dict[str, Any]]])
    products: list[dict[str, Any]] = field(factory=list[dict[str, Any]])


class Records:
    """All records of a company, and the fields they have."""

    def __init__(self, clock: Clock, search_lag: timedelta, *, contact_sync: bool) -> None:
        self.clock, self.search_lag, self.contact_sync = clock, search_lag, contact_sync
        self.customs: dict[str, dict[str, Custom]] = {name: {} for name in STANDARD}
        self._all: dict[str, dict[int, Record]] = {name: {} for name in STANDARD}
        self._held: dict[tuple[str, int], Record] = {}
        self._last = 100

    def of(self, object_name: str) -> dict[int, Record]:
        """The records of an object by id, those in the bin included."""
        return self._all[object_name]

    def need(self, object_name: str, name: str, kind: str = "varchar") -> str:
        """A new custom field; its key."""
        code = code_for(object_name, name, len(self.customs[object_name]))
        self.customs[object_name][code] = Custom(code=code, name=name, type=kind)
        return code

    def there(self, object_name: str, key: int) -> Record:
        """The record of an id, in the bin or not; raises `Refused` when there is none (any more)."""
        found = self.of(object_name).get(key)
        if found is None or (found.deleted_at is not None and self.clock.now - found.deleted_at >= KEPT):
            raise not_found(NOUNS[object_name])
        return found

    def live(self, object_name: str, key: int) -> Record:
        """The record of an id that is not in the bin; raises `Refused` when there is none."""
        found = self.there(object_name, key)
        if found.deleted_at is not None:
            raise not_found(NOUNS[object_name])
        return found

    def create(self, object_name: str, values: Mapping[str, Any], customs: Mapping[str, Any]) -> Record:
        """A new record with values that were checked."""
        self._last += 1
        now = self.clock.now
        made = Record(id=self._last, object=object_name, values={**values, "add_time": stamp(now)}, updated=now)
        made.customs = dict(customs)
        self.of(object_name)[made.id] = made
        self._index(made)
        return made

    def update(self, record: Record, values: Mapping[str, Any], customs: Mapping[str, Any]) -> None:
        """Set values that were checked; what changes is written into the changelog."""
        for name, value in values.items():
            self._log(record, name, record.values.get(name), value)
        for code, value in customs.items():
            self._log(record, code, record.customs.get(code), value)
        record.values.update(values)
        record.customs.update(customs)
        self.touch(record)

    def touch(self, record: Record) -> None:
        """The record changed just now."""
        record.updated = self.clock.now
        self._index(record)

    def delete(self, record: Record) -> None:
        """Into the bin."""
        record.deleted_at = self.clock.now
        record.updated = self.clock.now

    def merge(self, object_name: str, loser: int, survivor: int) -> Record:
        """Put one record into another, which keeps its own values and gains those it has not; no trace of it stays."""
        gone, kept = self.live(object_name, loser), self.live(object_name, survivor)
        values = {name: value for name, value in gone.values.items() if kept.values.get(name) in (None, "", [])}
        customs = {code: value for code, value in gone.customs.items() if kept.customs.get(code) in (None, "")}
        self.update(kept, values, customs)
        for other in [one for name in ("persons", "deals") for one in self.of(name).values()]:
            if object_name == "organizations" and other.values.get("org_id") == loser:
                self.update(other, {"org_id": survivor}, {})
        self.delete(gone)
        return kept

    def checked(self, object_name: str, body: Mapping[str, Any], *, new: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        """The values and custom fields of a body, as they are kept; raises `Refused`."""
        known = STANDARD[object_name]
        values: dict[str, Any] = {}
        for name, value in body.items():
            if name == "custom_fields":
                continue
            if name not in known or not known[name].write:
                raise invalid(f"Unknown key '{name}'")
            if object_name == "persons" and name in CONTACT_SYNC and not self.contact_sync:
                raise Refused(403, f"Contact sync is not enabled: {name} cannot be set", "ERR_FORBIDDEN")
            values[name] = taken(name, known[name], value)
        required = {"organizations": "name", "deals": "title"}.get(object_name)
        if required and ((new and not values.get(required)) or values.get(required, "-") == ""):
            raise invalid(f"{required}: is required")
        return values, self._customs(object_name, body.get("custom_fields", {}))

    def shown(self, object_name: str) -> list[Record]:
        """The records as lists show them, by id: one whose change is held back as it was before."""
        found = self.of(object_name).values()
        return sorted((self._held.get((object_name, one.id), one) for one in found), key=lambda one: one.id)

    def indexed(self, record: Record) -> Mapping[str, Any] | None:
        """The custom fields of a record as search shows them yet; None while it does not show the record."""
        at = self.clock.now - self.search_lag
        return next((customs for since, customs in reversed(record.index) if since <= at), None)

    @contextmanager
    def held_back(self, object_name: str, key: int) -> Generator[None]:
        """Lists show nothing that happens to this record until the block ends."""
        self._held[object_name, key] = deepcopy(self.of(object_name)[key])
        try:
            yield
        finally:
            del self._held[object_name, key]

    def _customs(self, object_name: str, told: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        if not is_tree(told):
            raise invalid("custom_fields: The value is not a valid 'object'")
        known = self.customs[object_name]
        for code in told:
            if code not in known:
                raise invalid(f"custom_fields: Unknown key '{code}'")
        return {code: custom_taken(known[code], value) for code, value in told.items()}

    def _log(self, record: Record, name: str, old: Any, new: Any) -> None:  # noqa: ANN401 - any JSON value
        if old != new:
            record.past.insert(
                0,
                {
                    "field_key": name, "old_value": old, "new_value": new, "actor_user_id": 7,
                    "time": f"{self.clock.now:%Y-%m-%d %H:%M:%S}", "change_source": "api",
                    "change_source_user_agent": None, "is_bulk_update_flag": False,
                },
            )  # fmt: skip

    def _index(self, record: Record) -> None:
        record.index.append((self.clock.now, dict(record.customs)))
