"""The record of a negotiation: drafts, redlines, comments and concessions, each added and never changed.

Who holds the pen is not kept here: the contract's own events say it (`clmcrm.clm.negotiation`). The rule of the
file: an entry that makes no sense where the record stands is refused, with what would be possible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeAlias

import attrs
from attrs import field, frozen

from clmcrm.clm.kinds import Party
from clmcrm.clm.negotiation import Redline
from clmcrm.errors import InvalidRecord, StaleBase, TransitionNotAllowed
from clmcrm.values.ids import ContractId
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, flag, instance, instant, maybe, member, text

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SIDES: Final = (Party.OWN, Party.COUNTERPARTY)


@frozen(kw_only=True)
class Entry:
    """What every entry says of itself: when it was made, by whom and for which side (ours or the other)."""

    at: datetime = field(validator=instant)
    by: str = field(validator=text)
    side: Party = field(validator=member(Party))

    def __attrs_post_init__(self) -> None:
        if self.side not in _SIDES:
            raise InvalidRecord(type(self).__name__, "side", self.side.value, "own or counterparty")


@frozen(kw_only=True)
class DraftSent(Entry):
    """Draft number `version` went to the other side; `sha256` is the fingerprint of its text."""

    version: int = field(validator=count)
    sha256: str = field(validator=text)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not _SHA256.fullmatch(self.sha256):
            raise InvalidRecord("DraftSent", "sha256", self.sha256, "64 lower-case hex digits")


@frozen(kw_only=True)
class RedlineProposed(Entry):
    """The side asks for a change under the key `redline`, to the draft number `version` (None: not said)."""

    redline: str = field(validator=text)
    change: Redline = field(validator=instance(Redline))
    version: int | None = field(default=None, validator=maybe(count))


@frozen(kw_only=True)
class RedlineCountered(Entry):
    """The other side answers `redline` with a change of its own, under the new key `counter`.

    `version` is the draft the change was written against (None: not said).
    """

    redline: str = field(validator=text)
    counter: str = field(validator=text)
    change: Redline = field(validator=instance(Redline))
    version: int | None = field(default=None, validator=maybe(count))


@frozen(kw_only=True)
class RedlineAccepted(Entry):
    """The other side takes the change."""

    redline: str = field(validator=text)


@frozen(kw_only=True)
class RedlineRejected(Entry):
    """The other side refuses the change, for a reason (`why`; empty: none given)."""

    redline: str = field(validator=text)
    why: str = ""


@frozen(kw_only=True)
class RedlineWithdrawn(Entry):
    """The side that asked for the change no longer does."""

    redline: str = field(validator=text)


@frozen(kw_only=True)
class Commented(Entry):
    """A remark about a clause (`citation`; empty: the whole); `shared` with the other side or kept inside."""

    words: str = field(validator=text)
    citation: str = ""
    shared: bool = field(default=False, validator=flag)


@frozen(kw_only=True)
class Conceded(Entry):
    """The side gave way on `topic` to `position`: 0 is the playbook's preference, 1 its first fallback and so on.

    `position` None is beyond the last fallback. `role` is the hat in which `by` gave way; `redline` the change it
    answers (empty: none).
    """

    topic: str = field(validator=text)
    position: int | None = field(validator=maybe(count))
    role: str = ""
    citation: str = ""
    redline: str = ""


AnyEntry: TypeAlias = (
    DraftSent
    | RedlineProposed
    | RedlineCountered
    | RedlineAccepted
    | RedlineRejected
    | RedlineWithdrawn
    | Commented
    | Conceded
)
"""Every entry a negotiation can carry."""


@frozen(kw_only=True)
class Negotiation(Record):
    """The entries of the negotiation of `contract`, in the order they were made."""

    contract: ContractId = field(validator=text)
    entries: tuple[AnyEntry, ...] = field(default=(), validator=each(instance(Entry)))


class RedlineState(StrEnum):
    """What became of a change that was asked for."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    COUNTERED = "countered"


@frozen(kw_only=True)
class RedlineStanding:
    """A change asked for by `side` and where it stands; `answers` is the one it counters (empty: none)."""

    key: str
    side: Party
    change: Redline
    proposed_at: datetime
    state: RedlineState = RedlineState.OPEN
    answers: str = ""


def redlines(negotiation: Negotiation) -> tuple[RedlineStanding, ...]:
    """Every change asked for and where it stands, in the order in which they were asked for."""
    found: dict[str, RedlineStanding] = {}
    for entry in negotiation.entries:
        _note(found, entry)
    return tuple(found.values())


def last_draft(negotiation: Negotiation) -> DraftSent | None:
    """The draft that is on the table; None when none was sent."""
    return next((entry for entry in reversed(negotiation.entries) if isinstance(entry, DraftSent)), None)


def seen_by(negotiation: Negotiation, side: Party) -> Negotiation:
    """The negotiation as `side` may see it; the record itself is unchanged.

    Of the other side's entries, remarks kept inside are left out, and so are concessions: they tell positions of a
    playbook. Raises `InvalidRecord` for a side that is neither ours nor the other's.
    """
    if side not in _SIDES:
        raise InvalidRecord(f"negotiation of {negotiation.contract}", "side", side.value, "own or counterparty")
    shown = tuple(entry for entry in negotiation.entries if entry.side is side or not _inside(entry))
    return attrs.evolve(negotiation, entries=shown)


def _inside(entry: AnyEntry) -> bool:
    return isinstance(entry, Conceded) or (isinstance(entry, Commented) and not entry.shared)


def noted(negotiation: Negotiation, entry: AnyEntry) -> Negotiation:
    """The negotiation with `entry` added; the one passed in is unchanged.

    Raises `InvalidRecord` for an entry older than the last one, a draft whose number was sent before, a change that
    changes nothing, a key used before and one nobody used; `StaleBase` for a change to another draft than the one on
    the table; and `TransitionNotAllowed` where the redline is settled or is not this side's to answer or take back.
    Who holds the pen and who may concede are looked at by `clmcrm.clm.pen.written`.
    """
    name = f"negotiation of {negotiation.contract}"
    if negotiation.entries and entry.at.astimezone(UTC) < negotiation.entries[-1].at.astimezone(UTC):
        last = negotiation.entries[-1].at.isoformat()
        raise InvalidRecord(name, "entries", entry.at.isoformat(), f"{last} or later")
    known = {redline.key: redline for redline in redlines(negotiation)}
    if isinstance(entry, DraftSent):
        _check_draft(name, last_draft(negotiation), entry)
    elif isinstance(entry, RedlineProposed):
        _check_change(name, negotiation, known, entry.redline, entry)
    elif isinstance(entry, Conceded):
        if entry.redline:
            _ = _check_known(name, known, entry.redline)
    elif not isinstance(entry, Commented):
        _check_answer(name, known, entry)
        if isinstance(entry, RedlineCountered):
            _check_change(name, negotiation, known, entry.counter, entry)
    return attrs.evolve(negotiation, entries=(*negotiation.entries, entry))


def _check_draft(name: str, last: DraftSent | None, draft: DraftSent) -> None:
    if last is not None and draft.version <= last.version:
        raise InvalidRecord(name, "version", draft.version, f"a number above {last.version}, the last draft's")


def _check_change(
    name: str,
    negotiation: Negotiation,
    known: Mapping[str, RedlineStanding],
    key: str,
    entry: RedlineProposed | RedlineCountered,
) -> None:
    if key in known:
        raise InvalidRecord(name, "redline", key, "a new key")
    if entry.change.before == entry.change.after:
        raise InvalidRecord(name, "change", entry.change.after, "other words than before")
    if entry.version is None:
        return
    last = last_draft(negotiation)
    if last is None:
        raise InvalidRecord(name, "version", entry.version, "None: no draft was sent yet")
    if entry.version != last.version:
        raise StaleBase(f"redline {key} in the {name}", entry.version, last.version)


def _check_known(name: str, known: Mapping[str, RedlineStanding], key: str) -> RedlineStanding:
    if key not in known:
        raise InvalidRecord(name, "redline", key, f"one of its redlines: {', '.join(known) or 'none'}")
    return known[key]


_ANSWERS: Final[Mapping[type[Entry], RedlineState]] = {
    RedlineAccepted: RedlineState.ACCEPTED,
    RedlineRejected: RedlineState.REJECTED,
    RedlineWithdrawn: RedlineState.WITHDRAWN,
    RedlineCountered: RedlineState.COUNTERED,
}


def _check_answer(
    name: str,
    known: Mapping[str, RedlineStanding],
    entry: RedlineAccepted | RedlineRejected | RedlineCountered | RedlineWithdrawn,
) -> None:
    asked = _check_known(name, known, entry.redline)
    own = asked.side is entry.side
    possible = ("RedlineWithdrawn",) if own else ("RedlineAccepted", "RedlineRejected", "RedlineCountered")
    if asked.state is not RedlineState.OPEN:
        raise TransitionNotAllowed(f"redline {asked.key}", type(entry).__name__, asked.state.value, ())
    if own != isinstance(entry, RedlineWithdrawn):
        why = f"it was asked for by {asked.side.value}"
        raise TransitionNotAllowed(f"redline {asked.key}", type(entry).__name__, "open", possible, (why,))


def _note(found: dict[str, RedlineStanding], entry: AnyEntry) -> None:
    if isinstance(entry, RedlineProposed):
        found[entry.redline] = RedlineStanding(
            key=entry.redline, side=entry.side, change=entry.change, proposed_at=entry.at
        )
        return
    if isinstance(entry, DraftSent | Commented | Conceded):
        return
    if entry.redline in found:
        found[entry.redline] = attrs.evolve(found[entry.redline], state=_ANSWERS[type(entry)])
    if isinstance(entry, RedlineCountered):
        found[entry.counter] = RedlineStanding(
            key=entry.counter, side=entry.side, change=entry.change, proposed_at=entry.at, answers=entry.redline
        )
