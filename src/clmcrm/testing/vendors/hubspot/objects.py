"""The endpoints of one object: singly, in batches with partial success, listed, searched and merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from clmcrm.testing.vendors.hubspot import pipelines
from clmcrm.testing.vendors.hubspot.associations import Associations
from clmcrm.testing.vendors.hubspot.records import Record, Records, Shot
from clmcrm.testing.vendors.hubspot.refusals import Refused, invalid, not_found
from clmcrm.testing.vendors.hubspot.schema import DEFAULTS, stamp
from clmcrm.testing.vendors.hubspot.searching import search

MOST: Final = 100
MOST_PAST: Final = 50
TRACE: Final = "objectWriteTraceId"
Body = dict[str, Any]
Query = Mapping[str, list[str]]


class Objects:
    """What the API does with records; `currencies` are those of the account."""

    def __init__(self, records: Records, links: Associations, currencies: tuple[str, ...]) -> None:
        self._records, self._links, self._currencies = records, links, currencies
        self.merges_mint = False
        self.conflicts_whole = False
        self.trace = True
        self.resolves_merged = frozenset({"contacts"})

    # What is done to one record.

    def create(self, name: str, properties: Mapping[str, Any], associations: Sequence[Any] = ()) -> Record:
        """A new record, with its associations; raises `Refused`, and makes none."""
        if name == "deals":
            pipelines.check(dict(properties), self._currencies)
        made = self._records.create(name, properties)
        try:
            for one in associations:
                self._links.made_with(name, made.id, one, self._links.targets(name))
        except Refused:
            self._records.archive(made)
            del self._records.of(name)[made.id]
            raise
        if name == "deals":
            pipelines.computed(self._records, made, "")
        return made

    def update(self, record: Record, properties: Mapping[str, Any]) -> None:
        """Set properties of a record; raises `Refused`, and sets none."""
        before = record.properties.get("dealstage", "")
        if record.object == "deals":
            pipelines.check({**properties}, self._currencies, record.properties.get("pipeline", ""))
        self._records.update(record, properties)
        if record.object == "deals":
            pipelines.computed(self._records, record, before)

    def merge(self, name: str, loser: str, survivor: str) -> Record:
        """Merge one record into another; the one that is left, which may be a new one."""
        gone, kept = self._records.live(name, loser), self._records.live(name, survivor)
        self._links.move(name, loser, survivor)
        self._records.merge(gone, kept)
        if not self.merges_mint:
            return kept
        unique = {one.name for one in self._records.schema.of(name).values() if one.unique or one.computed}
        carried = {key: value for key, value in kept.properties.items() if key not in unique and value}
        keys = {key: value for key, value in kept.properties.items() if self._records.schema.of(name)[key].unique}
        merged = kept.properties.get("hs_merged_object_ids", "")
        self._records.archive(kept)
        del self._records.of(name)[kept.id]
        minted = self._records.create(name, {**carried, **keys})
        self._links.move(name, kept.id, minted.id)
        self._records.merged[name, kept.id] = self._records.merged[name, gone.id] = minted.id
        self._records.compute(minted, {"hs_merged_object_ids": f"{merged};{kept.id}"})
        return minted

    # Single requests.

    def created(self, name: str, body: Body) -> Body:
        """POST of one record."""
        made = self.create(name, body.get("properties") or {}, body.get("associations") or ())
        return self.told(made, list(made.properties))

    def patched(self, name: str, key: str, body: Body) -> Body:
        """PATCH of one record."""
        record = self._records.live(name, key)
        self.update(record, body.get("properties") or {})
        return self.told(record, list(body.get("properties") or {}))

    def shown_by(self, name: str, key: str, query: Query) -> Body:
        """GET of one record."""
        by = query.get("idProperty", [""])[0]
        record = self._records.by_value(name, by, key) if by else self._named(name, key)
        if record is None or (record.archived_at is not None) is not (is_archived(query)):
            raise not_found(name, key)
        return self.told(record, _listed(query, "properties"), _listed(query, "propertiesWithHistory"))

    def listed(self, name: str, query: Query, link: str) -> Body:
        """GET of a page of records, live or archived ones, by id."""
        limit = int(query.get("limit", ["10"])[0])
        if not 1 <= limit <= MOST:
            raise invalid(f"limit {limit}: must be between 1 and {MOST}")
        archived = is_archived(query)
        after = int(query.get("after", ["0"])[0])
        found = [
            one for one in self._records.of(name).values()
            if int(one.id) > after and (one.archived_at is not None) is archived
        ]  # fmt: skip
        found.sort(key=lambda one: int(one.id))
        told: Body = {"results": [self.told(one, _listed(query, "properties")) for one in found[:limit]]}
        if len(found) > limit:
            told["paging"] = {"next": {"after": found[limit - 1].id, "link": link}}
        return told

    def search(self, name: str, body: Body, link: str) -> Body:
        """POST of a search."""
        found, total, after = search(self._records, name, body)
        asked = [str(one) for one in cast("list[Any]", body.get("properties") or [])]
        told: Body = {"total": total, "results": [self.told(record, asked, shot=shot) for record, shot in found]}
        if after is not None:
            told["paging"] = {"next": {"after": after, "link": link}}
        return told

    def merged_by(self, name: str, body: Body) -> Body:
        """POST of a merge."""
        left = self.merge(name, str(body.get("objectIdToMerge")), str(body.get("primaryObjectId")))
        return self.told(left, list(left.properties))

    # Batches.

    def batch(self, name: str, deed: str, body: Body, *, archived: bool, partial: bool) -> tuple[int, Any]:
        """POST of a batch; `partial`: whether this version of the API tells each item's own outcome."""
        inputs = cast("list[Body]", body.get("inputs") or [])
        deeds: dict[str, Callable[[str, Body, Body], tuple[Record, list[str], Body]]] = {
            "create": self._create_item, "update": self._update_item, "upsert": self._upsert_item,
        }  # fmt: skip
        if deed == "read":
            return self._read(name, body, inputs, archived=archived)
        if not 1 <= len(inputs) <= MOST:
            raise invalid(f"inputs: {len(inputs)}, must be between 1 and {MOST}")
        if deed == "archive":
            for one in inputs:
                record = self._records.of(name).get(str(one.get("id")))
                if record is not None and record.archived_at is None:
                    self._records.archive(record)
            return 204, None
        if deed not in deeds:
            raise Refused(404, "OBJECT_NOT_FOUND", f"batch/{deed}: no such resource")
        self._no_doubles(inputs, deed)
        each = partial and all(one.get(TRACE) for one in inputs)
        self._whole(name, deed, inputs, each=each)
        return self._each(name, inputs, deeds[deed], 201 if deed == "create" else 200, body)

    def _whole(self, name: str, deed: str, inputs: Sequence[Body], *, each: bool) -> None:
        """Raise what refuses the batch as a whole, before anything of it is done."""
        for one in inputs:
            refused = self._trial(name, deed, one)
            if refused is not None and (not each or refused.whole):
                raise refused

    def _trial(self, name: str, deed: str, one: Body) -> Refused | None:
        """What an input would be refused for; nothing is done."""
        try:
            record = None
            if deed == "update":
                record = self._target(name, one)
            elif deed == "upsert":
                record = self._records.by_value(name, str(one.get("idProperty")), str(one.get("id")))
            self._records.try_out(name, one.get("properties") or {}, record)
            if name == "deals":
                now = "" if record is None else record.properties.get("pipeline", "")
                pipelines.check(dict(one.get("properties") or {}), self._currencies, now)
        except Refused as refused:
            if self.conflicts_whole and "CONFLICTING_UNIQUE_VALUE" in refused.message:
                refused.whole, refused.status, refused.category = True, 409, "CONFLICT"
            return refused
        return None

    def _each(self, name: str, inputs: Sequence[Body], do: Any, right: int, body: Body) -> tuple[int, Any]:  # noqa: ANN401 - as in batch
        results: list[Body] = []
        errors: list[Body] = []
        for one in inputs:
            try:
                record, asked, more = do(name, one, body)
            except Refused as refused:
                if one.get(TRACE):
                    refused.context[TRACE] = [str(one[TRACE])]
                errors.append(refused.item())
                continue
            trace = {TRACE: one[TRACE]} if one.get(TRACE) and self.trace else {}
            results.append(self.told(record, asked) | more | trace)
        times = {"startedAt": stamp(self._records.clock.now), "completedAt": stamp(self._records.clock.now)}
        # No order is promised, so none is kept.
        told: Body = {"status": "COMPLETE", "results": results[::-1], **times}
        if errors:
            return 207, {**told, "numErrors": len(errors), "errors": errors}
        return right, told

    def _create_item(self, name: str, one: Body, body: Body) -> tuple[Record, list[str], Body]:
        del body
        made = self.create(name, one.get("properties") or {}, one.get("associations") or ())
        return made, list(made.properties), {}

    def _update_item(self, name: str, one: Body, body: Body) -> tuple[Record, list[str], Body]:
        del body
        record = self._target(name, one)
        self.update(record, one.get("properties") or {})
        return record, list(one.get("properties") or {}), {}

    def _upsert_item(self, name: str, one: Body, body: Body) -> tuple[Record, list[str], Body]:
        del body
        by, value = str(one.get("idProperty")), str(one.get("id"))
        record = self._records.by_value(name, by, value)
        properties: dict[str, Any] = one.get("properties") or {}
        if record is None:
            made = self.create(name, {by: value, **properties})
            return made, list(made.properties), {"new": True}
        self.update(record, properties)
        return record, list(properties), {"new": False}

    def _target(self, name: str, one: Body) -> Record:
        by, key = one.get("idProperty"), str(one.get("id"))
        if not by:
            return self._records.live(name, key)
        record = self._records.by_value(name, str(by), key)
        if record is None:
            raise not_found(name, key)
        return record

    def _read(self, name: str, body: Body, inputs: Sequence[Body], *, archived: bool) -> tuple[int, Any]:
        past = [str(one) for one in cast("list[Any]", body.get("propertiesWithHistory") or [])]
        most = MOST_PAST if past else MOST
        if not 1 <= len(inputs) <= most:
            raise invalid(f"inputs: {len(inputs)}, must be between 1 and {most}")
        by = body.get("idProperty")
        asked = [str(one) for one in cast("list[Any]", body.get("properties") or [])]
        results: list[Body] = []
        lost: list[str] = []
        for one in inputs:
            key = str(one.get("id"))
            record = self._records.by_value(name, str(by), key) if by else self._named(name, key)
            if record is None or (record.archived_at is not None) is not archived:
                lost.append(key)
            else:
                results.append(self.told(record, [*asked, *([str(by)] if by else [])], past))
        told: Body = {"status": "COMPLETE", "results": results[::-1]}
        if not lost:
            return 200, told
        error = Refused(404, "OBJECT_NOT_FOUND", "Could not get some objects, they may be deleted or not exist.",
                        context={"ids": lost})  # fmt: skip
        return 207, {**told, "numErrors": 1, "errors": [error.item()]}

    def _named(self, name: str, key: str) -> Record | None:
        """The record of an id; where the object resolves them, the survivor for the id of one merged away."""
        if name in self.resolves_merged:
            while (name, key) in self._records.merged:
                key = self._records.merged[name, key]
        return self._records.of(name).get(key)

    def _no_doubles(self, inputs: Sequence[Body], deed: str) -> None:
        keys = [str(one.get("id")) for one in inputs] if deed != "create" else []
        if len(set(keys)) != len(keys):
            raise invalid("Duplicate IDs found in batch input", whole=True)

    def told(self, record: Record, asked: Sequence[str], past: Sequence[str] = (), shot: Shot | None = None) -> Body:
        """A record as a reply tells it: what was asked for, and what always is."""
        properties = record.properties if shot is None else shot.properties
        known = self._records.schema.of(record.object)
        names = dict.fromkeys([*DEFAULTS[record.object], *(one for one in asked if one in known)])
        told: Body = {
            "id": record.id,
            "properties": {one: properties.get(one) or None for one in names},
            "createdAt": stamp(record.created),
            "updatedAt": stamp(record.updated if shot is None else shot.updated),
            "archived": record.archived_at is not None,
        }
        if record.archived_at is not None:
            told["archivedAt"] = stamp(record.archived_at)
        if past:
            told["propertiesWithHistory"] = {
                one: [
                    {"value": value, "timestamp": stamp(at), "sourceType": "INTEGRATION", "sourceId": "1"}
                    for at, value in reversed(record.past.get(one, []))
                ]
                for one in past
                if one in known
            }
        return told


def is_archived(query: Query) -> bool:
    """Whether archived records are asked for; the vendor's own client writes "True"."""
    return query.get("archived", [""])[0].lower() == "true"


def _listed(query: Query, name: str) -> list[str]:
    return [one for told in query.get(name, []) for one in told.split(",") if one]
