"""The records of an account: their properties with history, what search shows of them yet, and what was merged."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define, field

from clmcrm.testing.vendors.hubspot.refusals import Refused, invalid, not_found
from clmcrm.testing.vendors.hubspot.schema import MODIFIED, Schema, stamp

FIRST: Final = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_TICK: Final = timedelta(milliseconds=1)
_MOST_PAST: Final = 20


class Clock:
    """The account's time: it moves by a millisecond with every request, and as far as it is told to."""

    def __init__(self, first: datetime = FIRST) -> None:
        self.now = first

    def tick(self) -> None:
        """A request came."""
        self.now += _TICK

    def advance(self, length: timedelta) -> None:
        """Let time pass."""
        self.now += length


@define
class Shot:
    """A record as it was from some instant on."""

    at: datetime
    properties: dict[str, str]
    archived: bool
    updated: datetime


@define
class Record:
    """One record; `past` holds each property's values with their times, the oldest first."""

    id: str
    object: str
    created: datetime
    properties: dict[str, str] = field(factory=dict[str, str])
    past: dict[str, list[tuple[datetime, str]]] = field(factory=dict[str, list[tuple[datetime, str]]])
    shots: list[Shot] = field(factory=list[Shot])
    updated: datetime = FIRST
    archived_at: datetime | None = None
    trace: str | None = None


class Records:
    """All records of an account."""

    def __init__(self, schema: Schema, clock: Clock, search_lag: timedelta) -> None:
        self.schema, self.clock, self.search_lag = schema, clock, search_lag
        self.merged: dict[tuple[str, str], str] = {}
        self._all: dict[str, dict[str, Record]] = {}
        self._unique: dict[tuple[str, str, str], str] = {}
        self._held: dict[tuple[str, str], datetime] = {}
        self._last = 1_000

    def of(self, object_type: str) -> dict[str, Record]:
        """The records of an object, by id, archived ones included."""
        _ = self.schema.of(object_type)
        return self._all.setdefault(object_type, {})

    def live(self, object_type: str, key: str) -> Record:
        """The record of that id; raises `Refused` when there is none, or it is archived."""
        found = self.of(object_type).get(key)
        if found is None or found.archived_at is not None:
            raise not_found(object_type, key)
        return found

    def by_value(self, object_type: str, name: str, value: str) -> Record | None:
        """The live record with that value of a unique property, whatever its case; raises `Refused` for another."""
        known = self.schema.of(object_type).get(name)
        if known is None or not known.unique:
            raise invalid(f"Unable to perform update/upsert by non-unique {object_type} property {name}")
        key = self._unique.get((object_type, name, value.strip().lower()))
        return None if key is None else self.of(object_type)[key]

    def create(self, object_type: str, properties: Mapping[str, Any]) -> Record:
        """A new record; raises `Refused` for values that are not taken."""
        taken = self._taken(object_type, properties, None)
        self._last += 1
        made = Record(id=str(self._last), object=object_type, created=self.clock.now)
        self.of(object_type)[made.id] = made
        created = stamp(made.created)
        own = {"hs_object_id": made.id, "createdate": created, "hs_createdate": created}
        self._keep(made, {**own, **taken})
        return made

    def update(self, record: Record, properties: Mapping[str, Any]) -> None:
        """Set properties of a record; raises `Refused`, and sets none, for a value that is not taken."""
        self._keep(record, self._taken(record.object, properties, record))

    def compute(self, record: Record, values: Mapping[str, str]) -> None:
        """Set properties that HubSpot computes."""
        self._keep(record, dict(values))

    def archive(self, record: Record) -> None:
        """Into the recycling bin; its unique values are free again."""
        record.archived_at = record.updated = self.clock.now
        self._shoot(record)
        for name, value in record.properties.items():
            _ = self._unique.pop((record.object, name, value.strip().lower()), None)

    def merge(self, loser: Record, survivor: Record) -> None:
        """Put one record into another: it is gone without a trace, but for its id in the survivor."""
        self.archive(loser)
        del self.of(loser.object)[loser.id]
        self.merged[loser.object, loser.id] = survivor.id
        ids = [*filter(None, survivor.properties.get("hs_merged_object_ids", "").split(";")), loser.id]
        for name, value in loser.properties.items():
            if not survivor.properties.get(name) and not self.schema.of(loser.object)[name].unique:
                self._keep(survivor, {name: value})
        self._keep(survivor, {"hs_merged_object_ids": ";".join(ids)})

    def indexed(self, object_type: str) -> Iterable[tuple[Record, Shot]]:
        """The live records as search shows them yet."""
        lagging = self.clock.now - self.search_lag
        for record in self.of(object_type).values():
            until = min(lagging, self._held.get((object_type, record.id), lagging))
            shot = next((one for one in reversed(record.shots) if one.at <= until), None)
            if shot is not None and not shot.archived:
                yield record, shot

    def try_out(self, object_type: str, properties: Mapping[str, Any], record: Record | None) -> None:
        """Raise `Refused` for properties that would not be taken; nothing is set."""
        _ = self._taken(object_type, properties, record)

    @contextmanager
    def held_back(self, object_type: str, key: str) -> Generator[None]:
        """Search shows nothing that happens to this record until the block ends."""
        self._held[object_type, key] = self.clock.now
        try:
            yield
        finally:
            del self._held[object_type, key]

    def _taken(self, object_type: str, properties: Mapping[str, Any], record: Record | None) -> dict[str, str]:
        known = self.schema.of(object_type)
        taken: dict[str, str] = {}
        for name, value in properties.items():
            if name not in known:
                raise invalid(f'Property "{name}" does not exist', sub="PROPERTY_DOESNT_EXIST")
            if not isinstance(value, str):
                raise invalid(f"Invalid input JSON: Cannot deserialize {name} from {type(value).__name__}", whole=True)
            taken[name] = known[name].taken(value)
            if known[name].unique and value:
                self._free(object_type, name, value, record)
        return taken

    def _free(self, object_type: str, name: str, value: str, record: Record | None) -> None:
        holder = self._unique.get((object_type, name, value.strip().lower()))
        if holder is None or (record is not None and holder == record.id):
            return
        if (object_type, name) == ("contacts", "email"):
            # Known to refuse a whole batch, with trace ids or without.
            raise Refused(409, "CONFLICT", f"Contact already exists. Existing ID: {holder}", whole=True)
        raise invalid(f'{holder} already has that value. ("error":"CONFLICTING_UNIQUE_VALUE","name":"{name}")')

    def _keep(self, record: Record, taken: Mapping[str, str]) -> None:
        now = self.clock.now
        known = self.schema.of(record.object)
        for name, value in taken.items():
            old = record.properties.get(name, "")
            if known[name].unique:
                _ = self._unique.pop((record.object, name, old.strip().lower()), None)
                if value:
                    self._unique[record.object, name, value.strip().lower()] = record.id
            if old != value:
                record.past.setdefault(name, []).append((now, value))
                del record.past[name][:-_MOST_PAST]
            record.properties[name] = value
        record.updated = now
        record.properties[MODIFIED.get(record.object, "hs_lastmodifieddate")] = stamp(now)
        self._shoot(record)

    def _shoot(self, record: Record) -> None:
        now = self.clock.now
        shot = Shot(now, dict(record.properties), record.archived_at is not None, record.updated)
        if record.shots and record.shots[-1].at == now:
            _ = record.shots.pop()
        record.shots.append(shot)
        old = [one for one in record.shots if one.at <= now - self.search_lag]
        if len(old) > 1 and not self._held:
            record.shots = record.shots[len(old) - 1 :]
