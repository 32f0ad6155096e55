"""The data of a fake environment: rows with their versions, what was deleted and merged; with Dataverse's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from clmcrm.testing.vendors.dataverse.checking import bound_of, checked, column_of, reasons_of, set_by_hand
from clmcrm.testing.vendors.dataverse.refusals import NOBODY, PAYLOAD, Refusal
from clmcrm.testing.vendors.dataverse.tables import CUSTOM, OTHERS, ColumnSaid, TableSaid, tables_of

Row = dict[str, Any]

BEGAN: Final = datetime(2026, 5, 7, 10, tzinfo=UTC)
USER: Final = "00000000-0000-0000-0005-000000000001"
CURRENCIES: Final = {"EUR": 2, "USD": 2, "JPY": 0, "TND": 3}
"""The currencies of the environment, with their decimals; the first is its base currency."""


@define
class EnvironmentData:
    """Everything an environment knows; every write takes a second, so that times differ as they do between people.

    `refused` holds names of accounts that a plug-in would refuse. `extra_key` is a column of account with an alternate
    key of the org's own.
    """

    custom: Mapping[str, str] = field(factory=lambda: dict(CUSTOM))
    now: datetime = BEGAN
    refused: set[str] = field(factory=set[str])
    keeps: timedelta = timedelta(days=7)
    tables: dict[str, TableSaid] = field(init=False)
    rows: dict[str, dict[str, Row]] = field(init=False)
    deleted: list[tuple[str, str, int]] = field(factory=list[tuple[str, str, int]])
    version: int = 1_000_000
    active: set[int] = field(factory=set[int])
    bin: dict[str, tuple[str, Row]] = field(factory=dict[str, tuple[str, Row]])
    currencies: dict[str, str] = field(factory=dict[str, str])
    _number: int = 0
    _unique: dict[tuple[str, str, str], str] = field(factory=dict[tuple[str, str, str], str])

    def __attrs_post_init__(self) -> None:
        self.tables = tables_of(self.custom)
        self.rows = {name: {} for name in self.tables}
        for code, decimals in CURRENCIES.items():
            row = {"isocurrencycode": code, "currencyname": code, "currencyprecision": decimals}
            self.currencies[code] = self.insert("transactioncurrency", row)

    def pass_time(self, length: timedelta = timedelta(seconds=1)) -> None:
        """Let the environment's clock go on."""
        self.now += length

    # Versions: a number for each change, given out when a transaction begins, visible when it ends.

    def next_version(self) -> int:
        """A new version."""
        self.version += 1
        return self.version

    def begin(self) -> int:
        """The version of a transaction that takes long; `update` with it ends the transaction."""
        found = self.next_version()
        self.active.add(found)
        return found

    @property
    def settled(self) -> int:
        """The version up to which every transaction has ended (min_active_rowversion, less one)."""
        return min(self.active, default=self.version + 1) - 1

    # Rows.

    def said(self, name: str) -> TableSaid:
        """The table of that name; raises `Refusal` for none."""
        if name not in self.tables:
            raise Refusal(404, "0x80060888", f"Resource not found for the segment '{name}'.")
        return self.tables[name]

    def of_set(self, entity_set: str) -> TableSaid:
        """The table of that entity set; raises `Refusal` for none."""
        found = next((one for one in self.tables.values() if one.set == entity_set), None)
        if found is None:
            raise Refusal(404, "0x80060888", f"Resource not found for the segment '{entity_set}'.")
        return found

    def insert(self, name: str, values: Mapping[str, Any], key: str | None = None) -> str:
        """The id of a new row; lookups are stated as `bound` names do, or as (table, id)."""
        said = self.said(name)
        row: Row = {one.name: False if one.type == "Boolean" else None for one in said.columns.values()}
        row.update(self._checked(said, values, None, creating=True))
        self._number += 1
        place = list(self.tables).index(name)
        found = key or row[said.id] or f"{place:08x}-0000-0000-0000-{self._number:012x}"
        row[said.id] = found
        if "statecode" in row:
            row["statecode"] = 0
            row["statuscode"] = 1 if row["statuscode"] is None else row["statuscode"]
        if "ownerid" in row and row["ownerid"] is None:
            row["ownerid"] = ("systemuser", USER)
        if "createdon" in row:
            row["createdon"] = self.stamp()
        self._stamped(row, self.next_version())
        self._derive(name, row)
        self.rows[name][found] = row
        self._index(name, row)
        self._touch_parent(name, row)
        return str(found)

    def update(self, name: str, key: str, values: Mapping[str, Any], version: int | None = None) -> None:
        """Change a row; `version` ends the transaction that `begin` began."""
        said, row = self.said(name), self.live(name, key)
        changed = self._checked(said, values, key, creating=False)
        if "statecode" in changed and "statuscode" not in changed:
            changed["statuscode"] = reasons_of(name, changed["statecode"])[0]
        state = changed.get("statecode", row.get("statecode"))
        if "statuscode" in changed and changed["statuscode"] not in reasons_of(name, state):
            code = changed["statuscode"]
            raise Refusal(400, "0x80048408", f"{code} is not a valid status code for state code {state} on {name}")
        self._unindex(name, row)
        row.update(changed)
        self._index(name, row)
        self._derive(name, row)
        self._stamped(row, self.next_version() if version is None else version)
        self.active.discard(version or 0)
        self._touch_parent(name, row)

    def delete(self, name: str, key: str) -> None:
        """Delete a row; what belonged to it is cut loose, lines of an opportunity go with it."""
        row = self.live(name, key)
        del self.rows[name][key]
        self._unindex(name, row)
        self.bin[key] = (name, row)
        self.deleted.append((name, key, self.next_version()))
        for child, said in self.tables.items():
            leading = [one.name for one in said.columns.values() if name in one.targets]
            for one in list(self.rows[child].values()) if leading else ():
                led = [at for at in leading if one[at] == (name, key)]
                if led and child == "opportunityproduct":
                    self.delete(child, one[said.id])
                elif led:
                    one.update(dict.fromkeys(led))
                    self._stamped(one, self.next_version())
        self._touch_parent(name, row)

    def restore(self, key: str) -> None:
        """Take a row out of the recycle bin."""
        name, row = self.bin.pop(key)
        self.rows[name][key] = row
        self._index(name, row)
        self._stamped(row, self.next_version())

    def merge(self, name: str, loser: str, survivor: str) -> None:
        """Merge a row into another: it is deactivated and names its master; its children move over."""
        row, kept = self.live(name, loser), self.live(name, survivor)
        for child, said in self.tables.items():
            for one in self.rows[child].values():
                for column in said.columns.values():
                    if column.is_lookup and one[column.name] == (name, loser) and column.name != "masterid":
                        one[column.name] = (name, survivor)
                        self._stamped(one, self.next_version())
        row.update(merged=True, masterid=(name, survivor), statecode=1, statuscode=2)
        self._stamped(row, self.next_version())
        self._stamped(kept, self.next_version())

    def live(self, name: str, key: str) -> Row:
        """The row; raises `Refusal` for one that is not there."""
        row = self.rows[name].get(key.lower())
        if row is None:
            raise Refusal(404, NOBODY, f"{name} With Id = {key} Does Not Exist")
        return row

    def forget(self, name: str, row: Row) -> None:
        """Undo what a row that was never made left behind."""
        self._unindex(name, row)

    def by_key(self, name: str, at: str, value: str) -> Row | None:
        """The row whose alternate key has that value, which is compared without regard to case."""
        return self.rows[name].get(self._unique.get((name, at, value.casefold()), ""))

    def stamp(self) -> datetime:
        """The present, in whole seconds, as the environment keeps it."""
        return self.now.replace(microsecond=0)

    def _stamped(self, row: Row, version: int) -> None:
        row["versionnumber"] = version
        row["modifiedon"] = self.stamp()

    def _index(self, name: str, row: Row) -> None:
        for one in self._keys(name):
            if row[one.name] is not None:
                self._unique[name, one.name, str(row[one.name]).casefold()] = row[self.tables[name].id]

    def _unindex(self, name: str, row: Row) -> None:
        for one in self._keys(name):
            _ = self._unique.pop((name, one.name, str(row[one.name]).casefold()), None)

    def _keys(self, name: str) -> Iterator[ColumnSaid]:
        return (one for one in self.tables[name].columns.values() if one.unique)

    # Values.

    def _checked(self, said: TableSaid, values: Mapping[str, Any], key: str | None, *, creating: bool) -> Row:
        made: Row = {}
        bound = said.bound()
        for name, value in values.items():
            if name.endswith("@odata.bind"):
                column, target = bound_of(said, bound, name.removesuffix("@odata.bind"))
                made[column.name] = self._led(target, value)
                continue
            column = column_of(said, name)
            if column.is_lookup and isinstance(value, tuple):
                made[name] = value
                continue
            if column.is_lookup:
                raise Refusal(400, PAYLOAD, f"An undeclared property '{name}' which only has property annotations")
            if not (column.created if creating else column.updated) and not set_by_hand(said, name):
                continue  # Dataverse leaves out what may not be written
            made[name] = self._value(said, column, value, key)
        if said.name == "account" and made.get("name") in self.refused:
            raise Refusal(400, "0x80040265", "An error occurred in the plug-in: this name is not wanted")
        self._round(said, made, key)
        return made

    def _led(self, target: str, value: Any) -> tuple[str, str] | None:  # noqa: ANN401 - JSON
        if value is None:
            return None
        entity_set = self.tables[target].set if target in self.tables else OTHERS[target]
        head, _, rest = str(value).lstrip("/").rpartition(f"{entity_set}(")
        key = rest.removesuffix(")").lower()
        if head not in ("", "api/data/v9.2/") or len(key) != 36:  # noqa: PLR2004 - a GUID
            raise Refusal(400, PAYLOAD, f"Invalid URI '{value}' in '@odata.bind'")
        if target in self.tables and key not in self.rows[target]:
            raise Refusal(404, NOBODY, f"{target} With Id = {key} Does Not Exist")
        return target, key

    def _value(self, said: TableSaid, column: ColumnSaid, value: Any, key: str | None) -> Any:  # noqa: ANN401 - JSON
        if value is None or value == "":
            return False if column.type == "Boolean" else None
        found = checked(said, column, value)
        if column.unique:
            other = self.by_key(said.name, column.name, str(found))
            if other is not None and other[said.id] != key:
                words = f"A record that has the attribute values {column.name} already exists. The entity key requires"
                raise Refusal(412, "0x80060892", f"{words} that this set of attributes contains unique values.")
        return found

    def _round(self, said: TableSaid, made: Row, key: str | None) -> None:
        """Amounts have the decimals of their currency, and a row with one has a currency."""
        amounts = [name for name in made if said.columns[name].type == "Money" and made[name] is not None]
        if not amounts or "transactioncurrencyid" not in said.columns:
            return
        before = None if key is None else self.rows[said.name][key]["transactioncurrencyid"]
        led = made.get("transactioncurrencyid") or before or ("transactioncurrency", self.currencies["EUR"])
        made["transactioncurrencyid"] = led
        decimals = self.rows["transactioncurrency"][led[1]]["currencyprecision"]
        for name in amounts:
            made[name] = made[name].quantize(Decimal(1).scaleb(-decimals))

    def _derive(self, name: str, row: Row) -> None:
        """What Dataverse computes by itself."""
        if name == "contact":
            row["fullname"] = " ".join(one for one in (row["firstname"], row["lastname"]) if one) or None
        if name == "opportunity":
            row["customerid"] = row["parentaccountid"] or row["parentcontactid"] or row["customerid"]
        if name == "opportunityproduct" and row["productid"] is not None:
            product = self.rows["product"].get(row["productid"][1])
            row["productname"] = row["productname"] if product is None else product["name"]
        for at in [one for one in row if one.endswith("_base")]:
            row[at] = row[at.removesuffix("_base")]

    def _touch_parent(self, name: str, row: Row) -> None:
        """Lines that have a price set the total of their opportunity, and its estimate where it is computed."""
        if name != "opportunityproduct" or row["opportunityid"] is None:
            return
        parent = self.rows["opportunity"].get(row["opportunityid"][1])
        lines = [one for one in self.rows[name].values() if one["opportunityid"] == row["opportunityid"]]
        total = sum(((one["priceperunit"] or Decimal(0)) * (one["quantity"] or 1) for one in lines), Decimal(0))
        if parent is not None and parent["totalamount"] != total:
            parent["totalamount"] = total
            if parent["isrevenuesystemcalculated"]:
                parent["estimatedvalue"] = total
            self._stamped(parent, self.next_version())
