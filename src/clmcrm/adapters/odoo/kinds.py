"""How one kind of record lives in Odoo: its model, what is read of it, and how it is shown and written."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from attrs import evolve, frozen

from clmcrm.adapters.extras import EXTRAS, Carry, Declared, carried, others, unfit_extras, without_extras
from clmcrm.adapters.odoo.carrying import FILES, back, changed_back, extras_of, left_out, told_of
from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.feed import moment_of
from clmcrm.adapters.odoo.plain import Row, differs, has_nul
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.ports.records import Fields, Json, Seen

_WHOLE: Final[Mapping[str, Any]] = {}


def never(_row: Row) -> bool:
    """For kinds without an archive."""
    return False


def archived(_row: Row) -> dict[str, Any]:
    """The values that archive a record, by the field that most of Odoo's models have for it."""
    return {"active": False}


@frozen(kw_only=True)
class OdooKind:
    """How one kind lives in Odoo.

    `model` holds it, `domain` picks its records out, `spec` is what is read of them (the form of `web_read`), and
    `watched` are the relations whose changes are changes of it, `parts` the models behind its fields of parts, and
    `needs` the fields without which nothing of it can be done. `fields` and `gone` show a row; `created`,
    `changed` and `removed` are the values to write, `refused` says why fields cannot be written (row None: a new
    record). `created` or `removed` None: people make or end such records in Odoo. `moved` names the action to call
    besides (None: none). `binary` says that a field of `spec` is a file, which some methods show only as its size.
    `at_once` is how many are written in one transaction.

    `written` are the fields of the model that canonical ones are written to (None: nothing else is carried);
    `carried` are the others with their types, once the server has described them; `carry` is what of them is asked for
    besides those that the record itself stores. `all_extras` says that there is
    room for other systems' extras too.
    """

    kind: str
    model: str
    domain: Sequence[object]
    spec: Mapping[str, Any]
    watched: Sequence[str] = ()
    parts: Mapping[str, str] = {}
    needs: Sequence[str] = ()
    fields: Callable[[Row], dict[str, Json]]
    gone: Callable[[Row], bool] = never
    created: Callable[[Fields, Codes], dict[str, Any]] | None = None
    changed: Callable[[Row, Fields, Codes], dict[str, Any]]
    removed: Callable[[Row], dict[str, Any]] | None = archived
    refused: Callable[[Row | None, Fields, Codes], str | None]
    moved: Callable[[Fields], str | None] | None = None
    binary: bool = False
    at_once: int = 1000
    written: frozenset[str] | None = None
    carried: Mapping[str, str] = {}
    carry: frozenset[Carry] = frozenset()
    all_extras: bool = False

    def fitted(self, declared: Declared) -> OdooKind:
        """The same with what the server's description of the model says: which fields are carried."""
        if self.written is None:
            return self
        own = carried(declared, self.written | frozenset(self.needs), self.losses(declared))
        spec = {**dict.fromkeys(own, _WHOLE), **self.spec}
        return evolve(self, carried=own, spec=spec, binary=self.binary or not FILES.isdisjoint(own.values()))

    def without(self, names: Collection[str]) -> OdooKind:
        """The same without the fields of these names, which are neither read nor carried."""
        kept = {name: kind for name, kind in self.carried.items() if name not in names}
        spec = {name: inner for name, inner in self.spec.items() if name in kept or name not in names}
        return evolve(self, carried=kept, spec=spec)

    def losses(self, declared: Declared) -> dict[str, str]:
        """Why a field is neither written by its canonical name nor carried, for each that is not."""
        return left_out(declared, frozenset(self.needs) | (self.written or frozenset()), self.carry)

    def values(self, row: Row | None, fields: Fields, codes: Codes) -> dict[str, Any]:
        """The values to write so that a record shows `fields`; `row` None: those of a new one."""
        own = self._own(fields)
        if row is not None:
            made = self.changed(row, own, codes)
        else:
            made = {} if self.created is None else self.created(own, codes)
        made = {**made, **changed_back(row, fields, self.carried)}
        return made if row is None else {name: value for name, value in made.items() if differs(row, name, value)}

    def why_not(self, row: Row | None, fields: Fields, codes: Codes) -> str | None:
        """Why these fields cannot be written, in words; None when they can."""
        spoilt = next((name for name, value in fields.items() if has_nul(value)), None)
        if spoilt is not None:
            return f"{spoilt}: a text with the character NUL cannot be kept: Odoo's database has no place for it"
        if EXTRAS in fields and self.written is not None:
            return unfit_extras(VENDOR, fields, self.carried, back) or self.refused(row, self._own(fields), codes)
        return self.refused(row, fields, codes)

    def _own(self, fields: Fields) -> Fields:
        """Without Odoo's own extras, which go to the fields they came from."""
        if EXTRAS not in fields or self.written is None:
            return fields
        rest = without_extras(fields)
        return {**rest, EXTRAS: others(VENDOR, fields)} if self.all_extras else rest

    def _fields(self, row: Row) -> dict[str, Json]:
        fields = self.fields(row)
        if self.written is not None:
            fields[EXTRAS] = [*others(VENDOR, fields), *extras_of(row, self.carried)]
        return fields

    def version(self, row: Row) -> str:
        """The version of the record that a row shows."""
        return version_of(told_of(row, self.carried))

    def shown(self, row: Row, mark: str | None = None) -> Seen:
        """The record; one that cannot be understood says why, and the others of its page go on."""
        seen = Seen(
            kind=self.kind,
            key=str(row["id"]),
            fields={},
            version=self.version(row),
            mark=mark,
            gone=self.gone(row),
            changed_at=moment_of(row.get("write_date")),
        )
        try:
            return evolve(seen, fields=self._fields(row))
        except (ArithmeticError, AssertionError, AttributeError, KeyError, TypeError, ValueError) as problem:
            return evolve(seen, unreadable=f"{self.model} {row['id']}: {type(problem).__name__}: {problem}")


def version_of(row: Row) -> str:
    """What a record's version is: its stamp, and a fingerprint of all that is read of it.

    Odoo shows its stamps in whole seconds, so that the stamp alone would not tell two edits of one second apart,
    and a changed part leaves the record's own stamp as it was.

    >>> version_of({"id": 1, "name": "a", "write_date": "2026-05-07 12:00:00"})
    '2026-05-07 12:00:00 cf541199f557d330'
    """
    told = json.dumps(row, sort_keys=True, default=str, separators=(",", ":"))
    return f"{row.get('write_date') or ''} {blake2b(told.encode(), digest_size=8).hexdigest()}"
