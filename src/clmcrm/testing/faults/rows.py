"""A record as a fake system keeps it."""

from __future__ import annotations

from attrs import define

from clmcrm.ports.records import Fields


@define(eq=False, kw_only=True)
class Row:
    """One record.

    `uid` tells which record of the truth it is, whatever becomes of its fields; `changed_at` is when its last
    change began, `shown_at` when feeds by time show it, `made_at` when look-ups do (milliseconds).
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
