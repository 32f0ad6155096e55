"""What persons have done in one system since both last agreed: records entered, fields changed.

An edit is data like the rest: it changes nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar, cast

from attrs import field, frozen

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields, Side
from clmcrm.sample.files import canonical, tables
from clmcrm.sample.shorthand import Table
from clmcrm.values.record import Record
from clmcrm.values.validators import flag, member, text

R = TypeVar("R", bound=Record)

_FILE: Final = "edits.toml"
_KEYS: Final = frozenset({"by", "key", "kind", "new", "set", "side", "why"})


@frozen(kw_only=True)
class Edit:
    """A person (`by`) set `fields` of the record `key`, or entered it (`new`), for the reason `why`.

    `fields` are canonical ones, without the key.
    """

    side: Side = field(validator=member(Side))
    kind: str = field(validator=text)
    key: str = field(validator=text)
    fields: Fields
    new: bool = field(default=False, validator=flag)
    by: str = field(validator=text)
    why: str = field(validator=text)

    @property
    def where(self) -> str:
        """The record it is about: "crm account A-104"."""
        return f"{self.side.value} {self.kind} {self.key}"


def read_edits() -> tuple[Edit, ...]:
    """The edits of the sample, in the order in which they were made; raises `InvalidRecord`."""
    return tuple(_edit(table) for table in tables(_FILE, "edit"))


def edited(records: Iterable[R], cls: type[R], edits: Iterable[Edit], side: Side, kind: str) -> tuple[R, ...]:
    """The records once the edits of `side` and `kind` are made; raises `InvalidRecord` for one that fails."""
    held = {str(to_fields(record)["id"]): record for record in records}
    for edit in edits:
        if (edit.side, edit.kind) == (side, kind):
            held[edit.key] = _made(edit, cls, held.get(edit.key))
    return tuple(held.values())


def _made(edit: Edit, cls: type[R], before: R | None) -> R:
    if (before is None) is not edit.new:
        raise InvalidRecord(f"{_FILE}: {edit.where}", "new", edit.new, "true exactly for a record that is not there")
    fields = {} if before is None else to_fields(before)
    try:
        return from_fields(cls, {**fields, **edit.fields, "id": edit.key})
    except InvalidRecord as problem:
        raise InvalidRecord(f"{_FILE}: {edit.where}", problem.field, problem.value, problem.expected) from None


def _edit(table: Table) -> Edit:
    where = f"{_FILE}: {table.get('key', 'an edit')}"
    for name in table.keys() - _KEYS:
        raise InvalidRecord(where, name, table[name], f"no such key; an edit has {', '.join(sorted(_KEYS))}")
    kind, side, values = table.get("kind"), table.get("side"), table.get("set")
    if not isinstance(kind, str) or kind not in RECORDS:
        raise InvalidRecord(where, "kind", kind, f"one of {', '.join(RECORDS)}")
    if not isinstance(side, str) or side not in set(Side):
        raise InvalidRecord(where, "side", side, f"one of {', '.join(Side)}")
    if not isinstance(values, dict):
        raise InvalidRecord(where, "set", values, "a table of fields")
    facts = {name: table.get(name) for name in ("key", "by", "why")}
    fields = canonical(RECORDS[kind], cast("Table", values), where)
    return Edit(side=Side(side), kind=kind, fields=fields, new=cast("bool", table.get("new", False)), **_texts(facts))


def _texts(facts: Table) -> dict[str, str]:
    """The facts as they are: the record itself refuses what is no text."""
    return cast("dict[str, str]", dict(facts))
