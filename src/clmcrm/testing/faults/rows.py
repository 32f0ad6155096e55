"""A record as a fake system keeps it, and as it was when it changed."""

from __future__ import annotations

from attrs import define

from clmcrm.ports.records import Fields, Seen


@define(eq=False, kw_only=True)
class Row:
    """One record.

    `uid` tells which record of the truth it is, whatever becomes of its fields, `absorbed` which others were merged
    into it. `changed_at` is when its last change began, `shown_at` when listings show it, `made_at` when look-ups
    show the record (milliseconds); until then listings show what was `indexed` before, with its `changed_at`.
    `garbled` are the fields that no adapter can read as they stand. `looks` is the record as it is shown since it was
    last touched, None until somebody asks.
    """

    uid: str
    kind: str
    key: str
    fields: Fields
    version: int = 1
    mark: str | None = None
    gone: bool = False
    merged_into: str | None = None
    changed_at: int = 0
    shown_at: int = 0
    made_at: int = 0
    absorbed: frozenset[str] = frozenset()
    indexed: tuple[int, Seen] | None = None
    garbled: frozenset[str] = frozenset()
    looks: Seen | None = None

    @property
    def stands_for(self) -> frozenset[str]:
        """Every record of the truth that it is."""
        return self.absorbed | {self.uid}


@define(eq=False)
class Event:
    """A record as it was after one change, told from `shown_at` on."""

    shown_at: int
    key: str
    fields: Fields
    version: int
    gone: bool
    merged_into: str | None
    mark: str | None


def readable(row: Row) -> Fields:
    """The fields of a record that an adapter can read."""
    return {n: v for n, v in row.fields.items() if n not in row.garbled} if row.garbled else row.fields
