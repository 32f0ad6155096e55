"""A record as a system of ours keeps it, and what a place must do to keep it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from attrs import frozen

from clmcrm.ports.records import Fields


@frozen(kw_only=True)
class Row:
    """One record as it is kept.

    `number` is that of its last change and higher than every earlier one in the system; `mark` is the key
    of ours it was created under; `gone` says that it was removed, `merged_into` into which it was merged.
    """

    kind: str
    key: str
    fields: Fields
    number: int
    changed_at: datetime
    mark: str | None = None
    gone: bool = False
    merged_into: str | None = None


class Shelf(Protocol):
    """A place that keeps rows."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is kept inside is kept together, or not at all when the block raises."""
        ...

    def next_number(self) -> int:
        """A number above every number given before."""
        ...

    def row(self, kind: str, key: str) -> Row | None:
        """The row of that key, removed ones included."""
        ...

    def marked(self, kind: str, mark: str) -> Row | None:
        """The row created under `mark`, removed ones included."""
        ...

    def keep(self, row: Row) -> None:
        """Insert the row, or replace the one of its key."""
        ...

    def after(self, kind: str, number: int, limit: int | None = None) -> list[Row]:
        """The rows of `kind` above `number`, in the order of their numbers; at most `limit`."""
        ...
