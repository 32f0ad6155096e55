"""Every exception the library raises, in one tree.

::

    ClmcrmError
    ├── InvalidRecord              a value that a record cannot hold (record, field, value, expected)
    │   └── CurrencyMismatch       two currencies where one is needed
    ├── RateMissing                no exchange rate for that pair on that day
    ├── DateRuleError              a rule of dates that cannot be applied
    │   ├── ContradictorySchedule  stubs, rolls or given dates that exclude one another
    │   ├── UnknownCalendar        no calendar of that name, purpose and place
    │   ├── OutsideCoverage        a day the calendar's data says nothing about
    │   └── UnknownRegime          no legal regime of that name
    ├── TransitionNotAllowed       an event the contract's stage does not permit
    ├── AccessRefused              a field that these roles may not see or change (record, field, who may)
    ├── BeyondAuthority            a concession that is not this person's to make (topic, clause, position, may)
    ├── StaleBase                  an amendment or a redline against a version that is no longer current
    ├── UnreadableInput            a file or mapping that cannot be read at all
    ├── MissingExtra               an optional package is needed (says the install line)
    ├── SyncError                  the engine refuses to go on
    │   ├── PlanRefused            too many deletes or overwrites, or an undecided conflict
    │   ├── JournalCorrupt         the journal contradicts itself: nothing is written (place)
    │   ├── JournalUnavailable     the journal cannot be read or written now (place, what, retryable)
    │   ├── LeaseHeld              another worker has this partition (partition, holder, until)
    │   └── LeaseLost              this worker has the partition no longer: nothing is written
    ├── WebhookRefused             an incoming message that is not believed (scheme, reason, status)
    └── AdapterError               a vendor's system (vendor, request_id, retryable)
        ├── TransientError         may succeed when tried again
        ├── AmbiguousError         it is not known whether the write happened
        └── TerminalError          will not succeed unchanged: permanent
            ├── Unsupported        the system says by a flag that it does not do this (flag)
            ├── RefusedError       the vendor understood it and does not take it (status)
            └── MalformedReply     a reply that nobody can read (path)

Problems in a user's *data* (a bad cell, a contradiction between a quote and a contract) are not raised:
they are returned as `clmcrm.values.problems.Problem` with their source, so that the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

__all__ = [
    "AccessRefused",
    "AdapterError",
    "AmbiguousError",
    "BeyondAuthority",
    "ClmcrmError",
    "ContradictorySchedule",
    "CurrencyMismatch",
    "DateRuleError",
    "InvalidRecord",
    "JournalCorrupt",
    "JournalUnavailable",
    "LeaseHeld",
    "LeaseLost",
    "MalformedReply",
    "MissingExtra",
    "OutsideCoverage",
    "PlanRefused",
    "RateMissing",
    "RefusedError",
    "StaleBase",
    "SyncError",
    "TerminalError",
    "TransientError",
    "TransitionNotAllowed",
    "UnknownCalendar",
    "UnknownRegime",
    "UnreadableInput",
    "Unsupported",
    "WebhookRefused",
]


class ClmcrmError(Exception):
    """The root: `except ClmcrmError` catches everything this library raises on purpose.

    Every error can be copied and pickled: a pool of processes and a task queue hand it on as it is.
    """

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.args), dict(vars(self))


def _again(kind: type[ClmcrmError], args: tuple[object, ...]) -> ClmcrmError:
    """The error without asking its own signature, which differs from class to class."""
    error = kind.__new__(kind)
    error.args = args
    return error


class InvalidRecord(ClmcrmError, ValueError):
    """A value that a record cannot hold.

    `record` names the class and, where it is known, the id; `field` the attribute; `value` what was
    given; `expected` what would be right, in words.
    """

    def __init__(self, record: str, field: str, value: object, expected: str) -> None:
        self.record = record
        self.field = field
        self.value = value
        self.expected = expected
        super().__init__(f"{record}: {field} is {_shown(value)}; expected {expected}")


def _shown(value: object) -> str:
    """The value as it is written; Python writes no number of more than 4,300 digits, and says so by an error."""
    try:
        return repr(value)
    except ValueError:
        return f"too long to be written: {type(value).__name__}"


class CurrencyMismatch(InvalidRecord):
    """Two amounts in different currencies met where one currency is needed; convert with dated rates.

    `record` names the record they met in ("Money" when it was in no record).
    """

    def __init__(self, left: str, right: str, record: str = "Money") -> None:
        self.left = left
        self.right = right
        super().__init__(record, "currency", right, f"{left}, or a conversion with a dated rate")


class RateMissing(ClmcrmError, LookupError):
    """No exchange rate from `source` to `target` is known on `on` or before it."""

    def __init__(self, source: str, target: str, on: date) -> None:
        self.source = source
        self.target = target
        self.on = on
        super().__init__(f"no rate from {source} to {target} on or before {on}; add one to the rate table")


class DateRuleError(ClmcrmError, ValueError):
    """A rule of dates that cannot be applied as it stands."""


class ContradictorySchedule(DateRuleError):
    """Stubs, rolls or explicitly given dates that exclude one another."""


class UnknownCalendar(DateRuleError, LookupError):
    """No calendar of that name, or none for that purpose and place; `known` lists what there is."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        listed = ", ".join(self.known) or "none"
        super().__init__(f"no calendar {name!r}; known calendars: {listed}")


class OutsideCoverage(DateRuleError):
    """A day the calendar's data says nothing about; `first_day` and `last_day` bound what it covers."""

    def __init__(self, calendar: str, day: date, first_day: date, last_day: date) -> None:
        self.calendar = calendar
        self.day = day
        self.first_day = first_day
        self.last_day = last_day
        super().__init__(f"calendar {calendar} covers {first_day} to {last_day}, not {day}")


class UnknownRegime(DateRuleError, LookupError):
    """No legal regime of that name; `known` lists the names there are."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(f"no regime {name!r}; known regimes: {', '.join(self.known) or 'none'}")


class TransitionNotAllowed(ClmcrmError):
    """An event that the record's stage does not permit.

    `record` names the record, `event` what was tried, `stage` where it stands, `why` the guards that
    refused (empty when the stage has no such move at all) and `possible` the events that are open.
    """

    def __init__(self, record: str, event: str, stage: str, possible: Iterable[str], why: Iterable[str] = ()) -> None:
        self.record = record
        self.event = event
        self.stage = stage
        self.possible = tuple(possible)
        self.why = tuple(why)
        reason = f" ({'; '.join(self.why)})" if self.why else ""
        options = ", ".join(self.possible) or "nothing"
        super().__init__(f"{record}: {event} is not possible in stage {stage}{reason}; possible now: {options}")


class AccessRefused(ClmcrmError, PermissionError):
    """A field that the given roles may not see or change; nothing was shown or written.

    `record` names the record, `field` the path of the field, `deed` is "see" or "change", `roles` who asked
    and `who_may` which roles may (empty: none).
    """

    def __init__(self, record: str, field: str, deed: str, roles: Iterable[str], who_may: Iterable[str]) -> None:
        self.record = record
        self.field = field
        self.deed = deed
        self.roles = tuple(sorted(roles))
        self.who_may = tuple(sorted(who_may))
        asked = ", ".join(self.roles) or "nobody in particular"
        allowed = ", ".join(self.who_may) or "no role"
        super().__init__(f"{record}: {asked} may not {deed} {field}; {allowed} may")


class BeyondAuthority(ClmcrmError, PermissionError):
    """A concession that the person has no authority to make; nothing was noted.

    `record` names the negotiation, `topic` the topic of the playbook, `clause` the citation (empty: none) and
    `position` what was given way to, in words; `who` is the person, `roles` the person's hats, `may` the furthest
    position the person may concede, in words (None: nothing on this topic), and `who_may` the roles that may.
    """

    def __init__(
        self,
        record: str,
        topic: str,
        clause: str,
        position: str,
        *,
        who: str,
        roles: Iterable[str],
        may: str | None,
        who_may: Iterable[str],
    ) -> None:
        self.record = record
        self.topic = topic
        self.clause = clause
        self.position = position
        self.who = who
        self.roles = tuple(sorted(roles))
        self.may = may
        self.who_may = tuple(who_may)
        where = f"{topic} ({clause})" if clause else topic
        hats = ", ".join(self.roles) or "no role"
        most = "nothing on this topic" if may is None else f"at most: {may}"
        allowed = " or ".join(self.who_may) or "nobody"
        super().__init__(
            f"{record}: {who} ({hats}) may not concede {where}: {position}; {who} may concede {most}; {allowed} may"
        )


class StaleBase(ClmcrmError):
    """An amendment (or a redline) against version `base` of a contract (or a draft) whose version is `current`."""

    def __init__(self, record: str, base: int, current: int) -> None:
        self.record = record
        self.base = base
        self.current = current
        super().__init__(f"{record}: written against version {base}, but version {current} is current")


class UnreadableInput(ClmcrmError, ValueError):
    """A file that cannot be read at all: `where` names it, `what` says why and what would be right."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}")


class MissingExtra(ClmcrmError, ImportError):
    """An optional package is needed for `purpose`; `install` is the line that brings it."""

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra = extra
        self.purpose = purpose
        self.install = f'python -m pip install "clmcrm[{extra}]"'
        super().__init__(f"{purpose} needs the extra {extra!r}; install it with: {self.install}")


class SyncError(ClmcrmError):
    """The sync engine refuses to go on; nothing was written for the item concerned."""


class PlanRefused(SyncError):
    """The plan is larger or more destructive than its guard allows; nothing was written."""


class JournalCorrupt(SyncError):
    """The journal contradicts itself; nothing is written until a person decides.

    `what` says where and how; `place` names the file or database, None when it is not known.
    """

    def __init__(self, what: str, place: str | None = None) -> None:
        self.what = what
        self.place = place
        super().__init__(f"{place}: {what}" if place else what)


class JournalUnavailable(SyncError):
    """The journal at `place` cannot be read or written now; what was begun was undone.

    `what` is the store's own words with what helps; `retryable` tells whether waiting alone can help (a
    lock, a lost connection) or somebody must act first (a full disk, a file that was removed).
    """

    def __init__(self, place: str, what: str, *, retryable: bool) -> None:
        self.place = place
        self.what = what
        self.retryable = retryable
        super().__init__(f"journal {place}: {what}")


class LeaseHeld(SyncError):
    """`holder` works on `partition` until `until`: step back, and try again after that."""

    def __init__(self, partition: str, holder: str, until: datetime) -> None:
        self.partition = partition
        self.holder = holder
        self.until = until
        super().__init__(f"partition {partition} is held by {holder} until {until.isoformat(timespec='seconds')}")


class LeaseLost(SyncError):
    """The lease of `holder` on `partition` ran out or was taken over: nothing was written.

    Whatever was sent and not acknowledged stays an open step, which the next holder looks up first.
    """

    def __init__(self, partition: str, holder: str, why: str) -> None:
        self.partition = partition
        self.holder = holder
        self.why = why
        super().__init__(f"{holder} holds partition {partition} no longer: {why}; nothing was written")


class WebhookRefused(ClmcrmError):
    """An incoming message that is not believed; nothing was stored.

    `scheme` names how it should have been signed, `reason` in one word why it was refused ("stale"), `what`
    says it in a sentence, `status` is the HTTP status to answer with. No secret and no part of the message
    stands in any of them.
    """

    def __init__(self, scheme: str, reason: str, what: str, status: int = 401) -> None:
        self.scheme = scheme
        self.reason = reason
        self.what = what
        self.status = status
        super().__init__(f"{scheme}: {what}")


class AdapterError(ClmcrmError):
    """A vendor's system did not do as asked: `vendor`, `request_id` (None if it gave none), `retryable`."""

    retryable = False

    def __init__(self, vendor: str, what: str, request_id: str | None = None) -> None:
        self.vendor = vendor
        self.what = what
        self.request_id = request_id
        tail = f" (request {request_id})" if request_id else ""
        super().__init__(f"{vendor}: {what}{tail}")


class TransientError(AdapterError):
    """The call failed and may succeed when tried again; nothing was changed."""

    retryable = True


class AmbiguousError(AdapterError):
    """It is not known whether the write happened: look it up by its key before any retry."""


class TerminalError(AdapterError):
    """The call will not succeed unchanged; nothing was changed."""


class Unsupported(TerminalError):
    """The system was asked for what its capabilities say it does not have: `flag` names which of them.

    >>> str(Unsupported("acme", "history", "it tells no past values"))
    'acme: it tells no past values (capabilities.history)'
    """

    def __init__(self, vendor: str, flag: str, what: str) -> None:
        self.flag = flag
        super().__init__(vendor, f"{what} (capabilities.{flag})")


class RefusedError(TerminalError):
    """The vendor understood the call and does not take it: `status` is its HTTP status."""

    def __init__(self, vendor: str, what: str, request_id: str | None = None, *, status: int = 0) -> None:
        self.status = status
        super().__init__(vendor, what, request_id)


class MalformedReply(TerminalError):
    """A reply that is torn, too large, too deep or wrongly typed: `path` says where in it.

    After a write it says nothing about whether the write happened; such a step is looked up.
    """

    def __init__(self, vendor: str, path: str, what: str, request_id: str | None = None) -> None:
        self.path = path
        super().__init__(vendor, f"{path}: {what}", request_id)
