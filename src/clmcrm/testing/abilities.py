"""The flags of record systems and e-signature services as abilities that a check may need."""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.clm.signature import RecipientRole, SignatureLevel
from clmcrm.ports.esign import EsignCapabilities
from clmcrm.ports.records import NO_TIME, Atomicity, Capabilities, Creating, Feed, Fields, Json, Kind, Precondition
from clmcrm.testing import samples
from clmcrm.testing.stated import Ability

MORE_FIELDS: Final[dict[str, dict[str, Json]]] = {
    Kind.CONTACT: {"account": "1"},
    Kind.CONTRACT: {"effective_on": "2026-05-07", "term": {"unknown": "not legible"}, "counterparty": "1"},
}
"""Fields that some checks need besides those of the samples."""


def _when(holds: bool, why: str) -> str:  # noqa: FBT001 - the condition itself
    return "" if holds else why


def _precondition(able: Capabilities) -> str:
    return _when(able.precondition is not Precondition.NONE, "capabilities.precondition is none")


def _keys(able: Capabilities) -> str:
    return _when(able.key_window > NO_TIME, "capabilities.key_window is zero")


def _marks(able: Capabilities) -> str:
    return _when(able.marks, "capabilities.marks is False")


def _feed(able: Capabilities) -> str:
    return _when(able.feed is not Feed.NONE, "capabilities.feed is none")


def _deletes(able: Capabilities) -> str:
    return _when(able.tells_deletes, "capabilities.tells_deletes is False")


def _merges(able: Capabilities) -> str:
    return _when(able.tells_merges, "capabilities.tells_merges is False")


def _history(able: Capabilities) -> str:
    return _when(able.history, "capabilities.history is False")


def _lag(able: Capabilities) -> str:
    return _when(able.visible_lag > NO_TIME, "capabilities.visible_lag is zero")


def _items(able: Capabilities) -> str:
    return _when(able.atomicity is Atomicity.ITEM, "capabilities.atomicity is all, not item")


def _other_kinds(able: Capabilities) -> str:
    return _when(len(able.kinds) > 1, "capabilities.kinds names one kind only")


def _unique(able: Capabilities | EsignCapabilities) -> str:
    creation = able.creation if isinstance(able, Capabilities) else able.creating
    return _when(creation is Creating.UNIQUE, "capabilities.creating is not unique")


def _writes(able: Capabilities) -> str:
    return _when(bool(able.creates), "capabilities.creates is empty: it is only read")


WRITES: Final = Ability("writes", _writes)
PRECONDITION: Final = Ability("precondition", _precondition)
KEYS: Final = Ability("key_window", _keys)
MARKS: Final = Ability("marks", _marks)
FEED: Final = Ability("feed", _feed)
DELETES: Final = Ability("tells_deletes", _deletes)
MERGES: Final = Ability("tells_merges", _merges)
HISTORY: Final = Ability("history", _history)
LAG: Final = Ability("visible_lag", _lag)
ITEMS: Final = Ability("atomicity", _items)
OTHER_KINDS: Final = Ability("kinds", _other_kinds)
UNIQUE: Final = Ability("creating", _unique)


def batches_of(size: int) -> Ability:
    """Whether a batch holds as many writes as the check needs."""
    why = f"capabilities.batch_size is below {size}"
    return Ability("batch_size", lambda able: _when(able.batch_size >= size, why))


BATCHES: Final = batches_of(3)


def creates(kind: str) -> Ability:
    """Whether records of the kind can be made."""
    return Ability("creates", lambda able: _when(kind in able.creates, f"capabilities.creates does not name {kind}"))


CREATES: Final = creates("")
"""The flag itself, whatever the kind."""


def kinds_made(able: Capabilities) -> frozenset[str]:
    """The kinds of which records can be made: by the adapter, or by a person all it holds where it is only read."""
    return able.creates or able.kinds


def creates_any(*kinds: str, least: int) -> Ability:
    """Whether records of so many of the kinds can be made."""

    def missing(able: Capabilities) -> str:
        found = able.creates & set(kinds) if kinds else able.creates
        return _when(len(found) >= least, f"capabilities.creates names fewer than {least} kinds")

    return Ability("creates", missing)


def place_for(kind: str, *names: str) -> Ability:
    """Whether the kind has a place for all these fields."""

    def missing(able: Capabilities) -> str:
        held = able.holds.get(kind)
        lost = [name for name in names if held is not None and name not in held]
        return _when(not lost, f"capabilities.holds has no place for {', '.join(lost)} of {kind}")

    return Ability("holds", missing)


PLACES: Final = place_for("")
"""The flag itself, whatever the fields."""


def placeless(kind: str, able: Capabilities) -> Fields:
    """Fields of our samples that the system says it has no place for."""
    held, known = able.holds.get(kind), FIELDS.get(kind, frozenset[str]())
    ours = {**samples.sample(kind, 1), **MORE_FIELDS.get(kind, {})}
    return {
        name: value
        for name, value in ours.items()
        if held is not None and name not in held and name in known and value not in (None, [])
    }


def _everything(able: Capabilities) -> str:
    found = [kind for kind in able.creates & able.holds.keys() if kind in samples.NAMES and placeless(kind, able)]
    return _when(bool(found), "capabilities.holds leaves no field of the samples out")


LEAVES_FIELDS_OUT: Final = Ability("fields without a place", _everything)


def _orders(able: EsignCapabilities) -> str:
    return _when(able.orders, "capabilities.orders is False")


def _cancels(able: EsignCapabilities) -> str:
    return _when(able.cancels, "capabilities.cancels is False")


def _tells(able: EsignCapabilities) -> str:
    return _when(able.feed, "capabilities.feed is False")


def _levels(able: EsignCapabilities) -> str:
    return _when(bool(frozenset(SignatureLevel) - able.levels), "capabilities.levels names every level")


def _roles(able: EsignCapabilities) -> str:
    return _when(bool(frozenset(RecipientRole) - able.roles), "capabilities.roles names every role")


def _copies(able: EsignCapabilities) -> str:
    return _when(RecipientRole.COPY in able.roles, "capabilities.roles does not name copy")


COPIES: Final = Ability("copies", _copies)
ORDERS: Final = Ability("orders", _orders)
CANCELS: Final = Ability("cancels", _cancels)
TELLS: Final = Ability("feed", _tells)
LACKS_A_LEVEL: Final = Ability("levels", _levels)
LACKS_A_ROLE: Final = Ability("roles", _roles)
