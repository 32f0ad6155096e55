"""How one kind of record lives in Odoo: its model, what is read of it, and how it is shown and written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from attrs import evolve, frozen

from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.feed import moment_of
from clmcrm.adapters.odoo.plain import Row
from clmcrm.ports.records import Fields, Json, Seen


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

    def shown(self, row: Row, mark: str | None = None) -> Seen:
        """The record; one that cannot be understood says why, and the others of its page go on."""
        seen = Seen(
            kind=self.kind,
            key=str(row["id"]),
            fields={},
            version=version_of(row),
            mark=mark,
            gone=self.gone(row),
            changed_at=moment_of(row.get("write_date")),
        )
        try:
            return evolve(seen, fields=self.fields(row))
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
