"""What a description says, as records; their attributes are named as the keys of the file are.

See `clmcrm.adapters.declared.keys` for what each one means. A path is a tuple of names; the empty one is the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

Path: TypeAlias = tuple[str, ...]
Query: TypeAlias = Mapping[str, str]
Table: TypeAlias = Mapping[str, Any]


def _nothing() -> dict[str, Any]:
    return {}


@frozen(kw_only=True)
class Signing:
    """How calls are signed; `secret` and `user` are names of secrets, never secrets."""

    scheme: str = "none"
    secret: str | None = None
    user: str | None = None
    header: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secrets it needs."""
        return tuple(name for name in (self.user, self.secret) if name is not None)


@frozen(kw_only=True)
class Replies:
    """What statuses and errors mean."""

    error: Path | None = None
    request_id: str | None = None
    missing: tuple[int, ...] = (404, 410)
    stale: tuple[int, ...] = (412,)
    taken: tuple[int, ...] = (409,)


@frozen(kw_only=True)
class Rate:
    """At most `size` calls in any `seconds`."""

    size: int
    seconds: int


@frozen(kw_only=True)
class Limits:
    """How much may be asked."""

    batch_size: int = 50
    timeout_s: int = 30
    windows: tuple[Rate, ...] = ()


@frozen(kw_only=True)
class Writing:
    """What writes can rely on."""

    precondition: str = "none"
    quoted: bool = False
    version: Path | None = None
    creating: str = "look-up"
    idempotency_header: str | None = None
    key_window_s: int = 0
    longest_processing_s: int = 60
    visible_lag_s: int = 0


@frozen(kw_only=True)
class Gone:
    """A record is gone when the value at `path` is `value`."""

    path: Path
    value: Any = True


@frozen(kw_only=True)
class Listing:
    """How the records of a kind are listed."""

    path: str
    rows: Path = ()
    query: Query = field(factory=_nothing)
    paging: str = "none"
    size: int = 100
    size_param: str | None = None
    since_param: str | None = None
    since_form: str = "iso"
    overlap_s: int = 600
    after_param: str | None = None
    cursor_param: str | None = None
    next: Path | None = None
    page_param: str | None = None
    first_page: int = 1
    page_step: int = 1
    tells_gone: bool = False


@frozen(kw_only=True)
class One:
    """How one record is read."""

    path: str
    record: Path = ()
    query: Query = field(factory=_nothing)


@frozen(kw_only=True)
class Many:
    """How several records are read in one call."""

    path: str
    param: str
    rows: Path = ()
    query: Query = field(factory=_nothing)
    join: str = ","
    size: int = 50


@frozen(kw_only=True)
class Finding:
    """How a record is looked up by our key."""

    path: str
    param: str
    rows: Path = ()
    query: Query = field(factory=_nothing)


@frozen(kw_only=True)
class Sending:
    """How a record is created or changed."""

    method: str
    path: str
    record: Path = ()
    inside: Path = ()


@frozen(kw_only=True)
class Removing:
    """How a record is archived or deleted: `members` are sent as the body, None sends none."""

    path: str
    method: str = "DELETE"
    members: Table | None = None


@frozen(kw_only=True)
class FieldMap:
    """One canonical field `name` and where and how the system keeps it."""

    name: str
    path: Path | None = None
    form: str = "text"
    written: str = "always"
    absent: str = "unshown"
    empty: str = "null"
    sent_as: str = "text"
    pattern: str | None = None
    zone: str | None = None
    epoch: str | None = None
    amount: Path | None = None
    currency: Path | None = None
    currency_is: str | None = None
    minor_units: bool = False
    values: Mapping[str, str] = field(factory=_nothing)
    unknown: str | None = None
    raw: str | None = None
    parts: tuple[FieldMap, ...] = ()
    constant: Any = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path it reads or writes."""
        own = tuple(path for path in (self.path, self.amount, self.currency) if path is not None)
        return own + tuple(path for part in self.parts for path in part.paths)


@frozen(kw_only=True)
class KindMap:
    """One kind of record: where its own facts stand, how it is asked for, and its fields."""

    name: str
    key: Path
    list: Listing
    one: One
    fields: Mapping[str, FieldMap]
    version: Path | None = None
    mark: Path | None = None
    changed: FieldMap | None = None
    gone: Gone | None = None
    merged_into: Path | None = None
    extras: bool = True
    many: Many | None = None
    find: Finding | None = None
    create: Sending | None = None
    update: Sending | None = None
    remove: Removing | None = None

    @property
    def written(self) -> frozenset[str]:
        """The canonical fields that an update can write."""
        return frozenset(
            name for name, one in self.fields.items() if one.written == "always" and one.form != "constant"
        )

    @property
    def known_paths(self) -> frozenset[Path]:
        """The paths in the record that something here stands for."""
        paths = [self.key, self.version, self.mark, self.merged_into]
        paths += [None if self.changed is None else self.changed.path, None if self.gone is None else self.gone.path]
        paths += [path for one in self.fields.values() for path in one.paths]
        return frozenset(path for path in paths if path)


@frozen(kw_only=True)
class Description:
    """A whole system."""

    system: str
    address: str
    kinds: Mapping[str, KindMap]
    auth: Signing = field(factory=Signing)
    headers: Mapping[str, str] = field(factory=_nothing)
    replies: Replies = field(factory=Replies)
    limits: Limits = field(factory=Limits)
    writing: Writing = field(factory=Writing)
