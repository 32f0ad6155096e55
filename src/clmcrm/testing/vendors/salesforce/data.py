"""The data of a fake org: records, their history, what was deleted and merged; with the org's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from clmcrm.testing.vendors.salesforce.checking import checked
from clmcrm.testing.vendors.salesforce.objects import (
    CASCADES,
    HISTORIES,
    PREFIXES,
    FieldSaid,
    ObjectSaid,
    objects_of,
)
from clmcrm.testing.vendors.salesforce.refusals import Refusal

Row = dict[str, Any]

BEGAN: Final = datetime(2026, 5, 7, 10, tzinfo=UTC)
USER: Final = "005000000000001AAA"
STAGES: Final = {
    "Closed Won": (True, True, "Closed", 100),
    "Closed Lost": (True, False, "Omitted", 0),
    "Negotiation/Review": (False, False, "BestCase", 90),
    "Proposal/Price Quote": (False, False, "BestCase", 75),
}
"""Of a stage: whether it is closed, won, its forecast category, its probability; another one is open and young."""
CUSTOM: Final = {
    "Account": "clmcrm_Key__c:string:255#",
    "Contact": "clmcrm_Key__c:string:255#",
    "Opportunity": "clmcrm_Key__c:string:255# clmcrm_Contract__c:string:255",
    "Contract": "clmcrm_Key__c:string:255# clmcrm_Terms__c:textarea:131072",
}
"""The fields that our set-up page asks for."""


@define
class OrgData:
    """Everything an org knows; every write takes a second, so that times differ as they do between people.

    `busy` counts, by id or by our key, how often a record is still locked by somebody else; `doubles` holds names
    of accounts that a duplicate rule would refuse. `tracked` is whether field history is kept.
    """

    multi_currency: bool = False
    custom: Mapping[str, str] = field(factory=lambda: dict(CUSTOM))
    now: datetime = BEGAN
    tracked: bool = True
    busy: dict[str, int] = field(factory=dict[str, int])
    doubles: set[str] = field(factory=set[str])
    objects: dict[str, ObjectSaid] = field(init=False)
    rows: dict[str, dict[str, Row]] = field(init=False)
    log: list[tuple[str, str, datetime]] = field(factory=list[tuple[str, str, datetime]])
    log_from: datetime | None = None
    _number: int = 0
    _unique: dict[tuple[str, str, str], str] = field(factory=dict[tuple[str, str, str], str])

    def __attrs_post_init__(self) -> None:
        self.objects = objects_of(self.custom, multi_currency=self.multi_currency)
        self.rows = {name: {} for name in self.objects}

    def pass_time(self, length: timedelta = timedelta(seconds=1)) -> None:
        """Let the org's clock go on."""
        self.now += length

    def said(self, name: str) -> ObjectSaid:
        """The object of that name; raises `Refusal` for none."""
        if name not in self.objects:
            raise Refusal("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return self.objects[name]

    def insert(self, name: str, values: Mapping[str, Any]) -> str:
        """The id of a new record."""
        said = self.said(name)
        row: Row = {one.name: False if one.type == "boolean" else None for one in said.fields.values()}
        row.update(self._checked(said, values, None))
        for one in said.fields.values():
            if one.required and row[one.name] is None:
                raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{one.name}]", one.name)
        if name == "Account" and row["Name"] in self.doubles:
            raise Refusal("DUPLICATES_DETECTED", "You're creating a duplicate record. Use one of these records?")
        self._number += 1
        key = f"{PREFIXES[name]}{self._number:012d}AAA"
        stamp = self.stamp()
        row.update(Id=key, CreatedDate=stamp, LastModifiedDate=stamp, SystemModstamp=stamp, CreatedById=USER)
        row["LastModifiedById"] = USER
        if "OwnerId" in row and row["OwnerId"] is None:
            row["OwnerId"] = USER
        if "CurrencyIsoCode" in row and row["CurrencyIsoCode"] is None:
            row["CurrencyIsoCode"] = "EUR"
        self._derive(name, row)
        self.rows[name][key] = row
        self._index(name, row)
        self._touch_parent(name, row)
        return key

    def update(self, name: str, key: str, values: Mapping[str, Any], at: datetime | None = None) -> None:
        """Change a record; `at` is when the transaction began, if it took long."""
        said, row = self.said(name), self.live(name, key)
        before = dict(row)
        changed = self._checked(said, values, key)
        for one in said.fields.values():
            if one.required and one.name in changed and changed[one.name] is None:
                raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{one.name}]", one.name)
        row.update(changed)
        row["SystemModstamp"] = row["LastModifiedDate"] = self.stamp(at)
        if before.get("StageName") != row.get("StageName"):
            row["LastStageChangeDate"] = row["SystemModstamp"]
        self._derive(name, row)
        self._index(name, row)
        self._keep_history(name, key, before, changed)
        self._touch_parent(name, row)

    def delete(self, name: str, key: str) -> None:
        """Put a record into the recycle bin, with what belongs to it."""
        row = self.live(name, key)
        self._end(name, row)
        for child, parent in CASCADES.get(name, ()):
            for one in list(self.rows[child].values()):
                if one[parent] == key and not one["IsDeleted"]:
                    self.delete(child, one["Id"])
        self._touch_parent(name, row)

    def undelete(self, name: str, key: str) -> None:
        """Take a record out of the recycle bin."""
        row = self.rows[name][key]
        row["IsDeleted"], row["SystemModstamp"] = False, self.stamp()

    def purge(self, name: str, key: str) -> None:
        """Empty the recycle bin of a record: only the log of deletions still knows it."""
        del self.rows[name][key]

    def merge(self, name: str, loser: str, survivor: str) -> None:
        """Merge a record into another: it goes to the recycle bin and names its master; its children move over."""
        row, kept = self.live(name, loser), self.live(name, survivor)
        for child, parent in CASCADES.get(name, ()):
            for one in self.rows[child].values():
                if one[parent] == loser:
                    one[parent] = survivor
                    one["SystemModstamp"] = self.stamp()
        self._end(name, row)
        row["MasterRecordId"] = survivor
        kept["SystemModstamp"] = kept["LastModifiedDate"] = self.stamp()

    def live(self, name: str, key: str) -> Row:
        """The record; raises `Refusal` for one that is deleted or never was."""
        row = self.rows[name].get(key)
        if row is None:
            if not key.startswith(PREFIXES[name]):
                raise Refusal("MALFORMED_ID", f"{name} ID: id value of incorrect type: {key}", "Id")
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row["IsDeleted"]:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def by_key(self, name: str, at: str, value: str) -> Iterator[Row]:
        """The live records whose unique field holds that value."""
        row = self.rows[name].get(self._unique.get((name, at, value), ""))
        if row is not None and row[at] == value and not row["IsDeleted"]:
            yield row

    def stamp(self, at: datetime | None = None) -> datetime:
        """The present, in whole seconds, as the org keeps it."""
        return (at or self.now).replace(microsecond=0)

    def _index(self, name: str, row: Row) -> None:
        for one in self.objects[name].fields.values():
            if one.unique and row[one.name] is not None:
                self._unique[name, one.name, row[one.name]] = row["Id"]

    def _end(self, name: str, row: Row) -> None:
        row["IsDeleted"], row["SystemModstamp"] = True, self.stamp()
        row["LastModifiedDate"] = row["SystemModstamp"]
        self.log.append((name, row["Id"], self.now))

    def _checked(self, said: ObjectSaid, values: Mapping[str, Any], key: str | None) -> Row:
        locked = key if key is not None else str(values.get("clmcrm_Key__c"))
        if self.busy.get(locked, 0) > 0:
            self.busy[locked] -= 1
            raise Refusal("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        made: Row = {}
        for name, value in values.items():
            if name in ("attributes", "Id", "id"):
                continue
            one = said.fields.get(name)
            if one is None:
                raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {said.name}", name)
            if not one.written:
                words = "Unable to create/update fields: "
                raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", f"{words}{name}. Please check the security", name)
            made[name] = self._value(said, one, value, key)
        return made

    def _value(self, said: ObjectSaid, one: FieldSaid, value: Any, key: str | None) -> Any:  # noqa: ANN401 - JSON
        if value is None or value == "":
            return False if one.type == "boolean" else None
        found = checked(one, value)
        if isinstance(found, str) and one.type == "reference" and not self._there(found):
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", one.name)
        if one.unique:
            for other in self.by_key(said.name, one.name, found):
                if other["Id"] != key:
                    words = f"duplicate value found: {one.name} duplicates value on record with id: {other['Id']}"
                    raise Refusal("DUPLICATE_VALUE", words)
        return found

    def _there(self, key: str) -> bool:
        if key.startswith("005"):
            return True
        name = next((name for name, prefix in PREFIXES.items() if key.startswith(prefix)), None)
        if name is None:
            return len(key) in (15, 18)  # an object this fake does not keep: a price book, a campaign
        row = self.rows[name].get(key)
        return row is not None and not row["IsDeleted"]

    def _derive(self, name: str, row: Row) -> None:
        """What the org computes by itself."""
        if name == "Opportunity":
            closed, won, category, share = STAGES.get(row["StageName"], (False, False, "Pipeline", 10))
            row.update(IsClosed=closed, IsWon=won, ForecastCategory=category)
            row["Probability"] = Decimal(share) if row["Probability"] is None else row["Probability"]
        if name == "Contract":
            row["Status"] = row["Status"] or "Draft"
            row["StatusCode"] = {"Activated": "Activated", "In Approval Process": "InApproval"}.get(
                row["Status"], "Draft"
            )
            start, months = row["StartDate"], row["ContractTerm"]
            if start is not None and months is not None:
                row["EndDate"] = _end_of(date.fromisoformat(start), int(months)).isoformat()

    def _touch_parent(self, name: str, row: Row) -> None:
        """Lines that have a price set the amount of their opportunity."""
        if name != "OpportunityLineItem":
            return
        parent = self.rows["Opportunity"].get(row["OpportunityId"])
        lines = [one for one in self.rows[name].values() if one["OpportunityId"] == row["OpportunityId"]]
        live = [one for one in lines if not one["IsDeleted"]]
        total = sum(((one["UnitPrice"] or Decimal(0)) * one["Quantity"] for one in live), Decimal(0))
        if parent is not None and live and parent["Amount"] != total:
            parent["Amount"] = total
            parent["SystemModstamp"] = parent["LastModifiedDate"] = self.stamp()

    def _keep_history(self, name: str, key: str, before: Row, changed: Row) -> None:
        table = HISTORIES.get(name)
        if table is None or not self.tracked:
            return
        kept, parent = table
        for at, value in changed.items():
            if before[at] != value:
                _ = self.insert(kept, {parent: key, "Field": at, "OldValue": before[at], "NewValue": value})


def _end_of(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = start.day
    while True:
        try:
            return date(year, month + 1, day) - timedelta(days=1)
        except ValueError:
            day -= 1
