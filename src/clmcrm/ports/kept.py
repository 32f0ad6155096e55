"""What a journal keeps: pairs with what was agreed of them, hints at what changed, the history, and leases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from clmcrm.ports.records import CRM, SIDES, Fields, Json, Side
from clmcrm.values.validators import count, flag, instant, maybe, member, text


def plain_keys(keys: Iterable[tuple[Side, str]]) -> list[Json]:
    """Keys with their sides as plain JSON."""
    return [[side.value, key] for side, key in keys]


def keys_of(found: Iterable[Sequence[str]]) -> tuple[tuple[Side, str], ...]:
    """The keys that `plain_keys` wrote; raises `ValueError` for anything else."""
    return tuple([(Side(side), str(key)) for side, key in found])


@frozen(kw_only=True)
class Link:
    """Which record on one side is which on the other.

    `pair` is our own key, derived from the record's origin and never random; `crm` and `clm` are the
    systems' keys, None while there is no record on that side; `aliases` are keys that were merged into
    these or have ended, as (side, key). `merged` are those aliases that are known to have been merged: they go
    wherever these go.
    """

    pair: str = field(validator=text)
    kind: str = field(validator=text)
    crm: str | None = field(default=None, validator=maybe(text))
    clm: str | None = field(default=None, validator=maybe(text))
    aliases: tuple[tuple[Side, str], ...] = ()
    merged: tuple[tuple[Side, str], ...] = ()

    def key(self, side: Side) -> str | None:
        """The key on `side`, or None."""
        return self.crm if side is CRM else self.clm

    def with_key(self, side: Side, key: str | None) -> Link:
        """The same link with `key` on `side`."""
        return evolve(self, crm=key) if side is CRM else evolve(self, clm=key)

    def with_alias(self, side: Side, key: str) -> Link:
        """The same link with one more alias, of a record that has ended; aliases are kept sorted."""
        return evolve(self, aliases=tuple(sorted({*self.aliases, (side, key)})))

    def with_merged(self, keys: Iterable[tuple[Side, str]]) -> Link:
        """The same link with these as aliases that were merged.

        >>> one = Link(pair="account:crm:A1", kind="account", crm="A1").with_merged([(Side.CRM, "A2")])
        >>> one.aliases == one.merged == ((Side.CRM, "A2"),), one.without([(Side.CRM, "A2")]).merged
        (True, ())
        """
        new = set(keys)
        aliases, merged = sorted({*self.aliases, *new}), sorted({*self.merged, *new})
        return evolve(self, aliases=tuple(aliases), merged=tuple(merged))

    def without(self, aliases: Collection[tuple[Side, str]]) -> Link:
        """The same link without these aliases."""
        left, merged = ([each for each in some if each not in aliases] for some in (self.aliases, self.merged))
        return evolve(self, aliases=tuple(left), merged=tuple(merged))

    @property
    def ended(self) -> bool:
        """Whether neither side has a record any more."""
        return self.crm is None and self.clm is None

    def at_its_end(self) -> Link:
        """The link once both records have ended: their keys are aliases, so that one that comes back is known.

        >>> Link(pair="account:crm:A1", kind="account", crm="A1", clm="L1").at_its_end().aliases
        ((<Side.CLM: 'clm'>, 'L1'), (<Side.CRM: 'crm'>, 'A1'))
        """
        own = {(side, key) for side in SIDES if (key := self.key(side)) is not None}
        return evolve(self, crm=None, clm=None, aliases=tuple(sorted({*self.aliases, *own})))


@frozen(kw_only=True)
class Agreed:
    """What both sides last agreed on for one pair.

    `base` holds the canonical values both acknowledged; `shown` what each side then showed for the same
    fields, so that a system's own spelling of a phone number or a rounding is not taken for an edit.
    `extras` is what a later version of the library kept beside them: not understood here, and saved again
    unchanged.
    """

    link: Link
    base: Fields
    shown_crm: Fields = field(factory=dict[str, Json])
    shown_clm: Fields = field(factory=dict[str, Json])
    extras: Fields = field(factory=dict[str, Json], repr=False)

    def shown(self, side: Side) -> Fields:
        """What `side` last showed."""
        return self.shown_crm if side is CRM else self.shown_clm


@frozen(kw_only=True)
class Entry:
    """One line of the journal's history: what was done or decided, to which pair, when and why."""

    at: datetime = field(validator=instant)
    pair: str = field(validator=text)
    what: str = field(validator=text)
    facts: Fields


@frozen(kw_only=True)
class Hint:
    """A record that is known to have changed and is not yet settled: it is read again before any merge.

    `gone` and `merged_into` keep what the feed told about its end, until a read confirms it. `number` is
    given by the journal and grows with every hint, so that settling an old hint never settles a newer one.
    """

    kind: str = field(validator=text)
    side: Side = field(validator=member(Side))
    key: str = field(validator=text)
    gone: bool = field(default=False, validator=flag)
    merged_into: str | None = field(default=None, validator=maybe(text))
    number: int = field(default=0, validator=count)


@frozen(kw_only=True)
class Lease:
    """The right of `holder` to work on `partition` before the instant `until`.

    `token` grows with every grant of the partition: a worker that comes with an older one is refused.
    """

    partition: str = field(validator=text)
    holder: str = field(validator=text)
    token: int = field(validator=count)
    until: datetime = field(validator=instant)
