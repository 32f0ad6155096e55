"""What crosses a port: records as plain JSON-ready fields, as one system shows them.

A port speaks canonical field names and canonical JSON: dates as "2026-05-07", instants with a zone,
amounts as {"amount": "10.00", "currency": "EUR"}, exact numbers as text, never a float. Translating a
vendor's own names and forms is the adapter's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import count, flag, instance, instant, maybe, member, text

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""A JSON value without floats: an exact number travels as text."""

Fields: TypeAlias = Mapping[str, Json]
"""A record's canonical fields; a field that is absent is one the system does not show."""


class Side(StrEnum):
    """The two systems that are kept consistent."""

    CRM = "crm"
    CLM = "clm"

    # An enum's own hash is a Python function; the text's is not, and sides are looked up for every field.
    __hash__ = str.__hash__

    @property
    def other(self) -> Side:
        """The opposite side."""
        return CLM if self is CRM else CRM


CRM: Final = Side.CRM
CLM: Final = Side.CLM
"""The two sides by names of their own: Python 3.11 takes long to find a member of an enum."""

SIDES: Final = (CRM, CLM)
"""Both sides, in the order in which they are always looked at; looping over the enum itself is slower."""


class Kind(StrEnum):
    """The kinds of record that travel."""

    ACCOUNT = "account"
    CONTACT = "contact"
    ORG_UNIT = "org_unit"
    OPPORTUNITY = "opportunity"
    CONTRACT = "contract"
    CONTRACT_TERMS = "contract_terms"


@frozen(kw_only=True)
class Seen:
    """A record as one system shows it now.

    `key` is that system's own; `version` is opaque and changes with every edit; `mark` is the key of ours
    it was created under (None when it was not created by us); `gone` says that it was deleted or archived;
    `merged_into` names the surviving key when it was merged away; `changed_at` is None if not told.
    `unreadable` says why the record could not be understood (the place in it, the vendor's request id), empty
    when it was: such a record is left alone and reported, and the others of its page go on. Its `mark` and `fields` are
    then what could be read of it; the more they say, the fewer new records wait because they may be this one.
    """

    kind: str = field(validator=text)
    key: str = field(validator=text)
    fields: Fields
    version: str = ""
    mark: str | None = field(default=None, validator=maybe(text))
    gone: bool = field(default=False, validator=flag)
    merged_into: str | None = field(default=None, validator=maybe(text))
    changed_at: datetime | None = field(default=None, validator=maybe(instant))
    unreadable: str = ""


@frozen(kw_only=True)
class Page:
    """Some of what changed: `seen` in the feed's order, the `cursor` to go on from, if there is `more`."""

    seen: tuple[Seen, ...]
    cursor: str
    more: bool = field(default=False, validator=flag)


@frozen(kw_only=True)
class Create:
    """Insert a record under our key `mark`, or bind to the one already there: never a blind second one.

    `idempotency_key` is derived (tenant, source record, deed): for a system that remembers such keys.
    """

    kind: str = field(validator=text)
    mark: str = field(validator=text)
    fields: Fields
    idempotency_key: str = ""


@frozen(kw_only=True)
class Update:
    """Set `fields` of the record `key`, only if its version is still `expected`; other fields stay."""

    kind: str = field(validator=text)
    key: str = field(validator=text)
    fields: Fields
    expected: str
    idempotency_key: str = ""


@frozen(kw_only=True)
class Remove:
    """Archive the record `key`, only if its version is still `expected`."""

    kind: str = field(validator=text)
    key: str = field(validator=text)
    expected: str
    idempotency_key: str = ""


Write: TypeAlias = Create | Update | Remove


class Result(StrEnum):
    """What became of one write."""

    DONE = "done"
    BOUND = "bound"
    """The record was there already under our mark: nothing was created."""
    STALE = "stale"
    """The version had moved on: nothing was written."""
    MISSING = "missing"
    """There is no such record (any more)."""
    REFUSED = "refused"
    """The system does not accept these values; `why` says so in its own words."""
    REUSED = "reused"
    """Our idempotency key was used before with other values: nothing was written."""

    __hash__ = str.__hash__


_WELL: Final = (Result.DONE, Result.BOUND)


@frozen(kw_only=True)
class Outcome:
    """What became of one write: the record's `key` and `version` after it, and `why` when it was not done.

    `shown` is the record of that version as far as the system's answer shows it (None: it does not): after an
    update it is then not read once more, and fields that it leaves out count as taken as they were sent.
    """

    result: Result = field(validator=member(Result))
    key: str = ""
    version: str = ""
    why: str = ""
    shown: Seen | None = field(default=None, validator=maybe(instance(Seen)), repr=False)

    @property
    def ok(self) -> bool:
        """Whether the record now stands as asked for, or stood there already under our mark."""
        return self.result in _WELL


class Feed(StrEnum):
    """How a system tells what changed."""

    JOURNAL = "journal"
    DELTA = "delta"
    TIMESTAMP = "timestamp"
    NONE = "none"


class Precondition(StrEnum):
    """Whether a write can be made to depend on the version."""

    ROW = "row"
    NONE = "none"


class Atomicity(StrEnum):
    """What happens to the rest of a batch when one item fails."""

    ITEM = "item"
    ALL = "all"


class Creating(StrEnum):
    """What keeps a creation from happening twice; it decides what is done when its outcome is not known."""

    UNIQUE = "unique"
    """The system inserts or binds under our mark in one call: it may be asked again at once."""
    KEYED = "keyed"
    """The system remembers our idempotency key for `key_window`, but nothing can be looked up by our mark:
    the same body is sent again under the same key within the window; after it, a person decides."""
    LOOKUP = "look-up"
    """We look the mark up and then insert: a slow earlier call may still surface, so we wait first."""
    NONE = "none"
    """Nothing: a creation whose outcome is not known is parked for a person and never sent again."""


NO_TIME: Final = timedelta(0)


@frozen(kw_only=True)
class Capabilities:
    """What a system can and cannot do; the engine and the conformance kit follow it.

    `kinds` are the kinds it holds, `creates` the ones it can insert (none at all: it is only read, and refuses
    every write); `tells_deletes` and `tells_merges` say whether its feed does; `marks` whether a created record
    can be found again by our key. `creating` says more about that (None: `UNIQUE` with marks, `NONE` without).

    `longest_processing` is how long after a send the system may still carry a write out, `visible_lag` how
    long until a write shows in look-ups and feeds, `overlap` how far back its feed must be read again,
    `key_window` how long it remembers an idempotency key (zero: it takes none). `history` says that it
    tells past values, for the audit where there is no precondition; `in_flight` how many batches it takes
    side by side. `holds` names the canonical fields a kind has a place for; a kind that is not listed takes
    them all. Raises `InvalidRecord` for flags that contradict one another.
    """

    kinds: frozenset[str]
    creates: frozenset[str]
    feed: Feed = field(default=Feed.JOURNAL, validator=member(Feed))
    precondition: Precondition = field(default=Precondition.ROW, validator=member(Precondition))
    atomicity: Atomicity = field(default=Atomicity.ITEM, validator=member(Atomicity))
    tells_deletes: bool = field(default=True, validator=flag)
    tells_merges: bool = field(default=False, validator=flag)
    marks: bool = field(default=True, validator=flag)
    batch_size: int = 100
    creating: Creating | None = field(default=None, validator=maybe(member(Creating)))
    longest_processing: timedelta = field(default=NO_TIME, validator=instance(timedelta))
    visible_lag: timedelta = field(default=NO_TIME, validator=instance(timedelta))
    overlap: timedelta = field(default=NO_TIME, validator=instance(timedelta))
    key_window: timedelta = field(default=NO_TIME, validator=instance(timedelta))
    history: bool = field(default=False, validator=flag)
    in_flight: int = field(default=1, validator=count)
    holds: Mapping[str, frozenset[str]] = field(factory=dict[str, frozenset[str]])

    def __attrs_post_init__(self) -> None:
        lengths = (self.longest_processing, self.visible_lag, self.overlap, self.key_window)
        if min(lengths) < NO_TIME:
            raise InvalidRecord("Capabilities", "lengths of time", str(min(lengths)), "none below zero")
        if self.in_flight < 1:
            raise InvalidRecord("Capabilities", "in_flight", self.in_flight, "at least one")
        if self.creating in (Creating.UNIQUE, Creating.LOOKUP) and not self.marks:
            raise InvalidRecord("Capabilities", "creating", self.creation.value, "marks, by which a record is found")
        if self.creating is Creating.KEYED and self.key_window == NO_TIME:
            raise InvalidRecord("Capabilities", "key_window", str(self.key_window), "how long a key is remembered")

    @property
    def creation(self) -> Creating:
        """What keeps a creation from happening twice.

        >>> Capabilities(kinds=frozenset(), creates=frozenset(), marks=False).creation.value
        'none'
        """
        if self.creating is not None:
            return self.creating
        return Creating.UNIQUE if self.marks else Creating.NONE

    @property
    def quarantine(self) -> timedelta:
        """How long after a send a look-up may still miss what it did."""
        return self.longest_processing + self.visible_lag
