"""Who decides about which field: the rules a synchronisation follows, as plain data.

Every kind of record has one `KindRules`; every field has one owner, listed or by default. Nothing here
looks at a record: the merge does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import Factory, evolve, field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import CLM, CRM, Side
from clmcrm.sync.standing import StandingRule
from clmcrm.values.validators import count, each, instance, maybe, member, text


class Ownership(StrEnum):
    """Who owns a field."""

    CRM = "crm"
    CLM = "clm"
    SHARED = "shared"
    """Either side may edit it; `OnConflict` says what happens when both did."""
    REVIEW = "review"
    """A person decides about every change."""
    LOCAL = "local"
    """It stays on its side: never compared, never sent (a system's own key, its own timestamps)."""

    __hash__ = str.__hash__

    @property
    def side(self) -> Side | None:
        """The one side that owns it, or None when no side does."""
        return _OWNING.get(self)


_OWNING: Final = {Ownership.CRM: CRM, Ownership.CLM: CLM}


class OnConflict(StrEnum):
    """What happens when both sides edited a shared field differently."""

    ASK = "ask"
    CRM = "crm"
    CLM = "clm"

    __hash__ = str.__hash__

    @property
    def side(self) -> Side | None:
        """The side whose value is taken, or None when a person is asked."""
        return _PREFERRED.get(self)


_PREFERRED: Final = {OnConflict.CRM: CRM, OnConflict.CLM: CLM}


class Passage(StrEnum):
    """Whether a field's values may be written to a side."""

    OPEN = "open"
    IF_BLANK = "if blank"
    """Only where that side shows nothing yet: what a person typed there stays."""
    REVIEW = "review"
    """A person decides about every value before it is written there."""
    CLOSED = "closed"
    """Never: the two sides may differ, and neither is put right."""


@frozen(kw_only=True)
class FieldRule:
    """The owner of a field, what to do `on_conflict`, and who `decides` when a person must.

    `to_crm` and `to_clm` say whether its values may be written to that side at all. A decision is expected
    within `answer_days` days of the question (None: no deadline).

    >>> FieldRule(owner=Ownership.CRM).owner.side
    <Side.CRM: 'crm'>
    """

    owner: Ownership = field(validator=member(Ownership))
    on_conflict: OnConflict = field(default=OnConflict.ASK, validator=member(OnConflict))
    decides: str = field(default="the owner of the record", validator=text)
    to_crm: Passage = field(default=Passage.OPEN, validator=member(Passage))
    to_clm: Passage = field(default=Passage.OPEN, validator=member(Passage))
    answer_days: int | None = field(default=None, validator=maybe(count))

    def passage(self, side: Side) -> Passage:
        """Whether its values may be written to `side`."""
        return self.to_crm if side is CRM else self.to_clm


class Direction(StrEnum):
    """On which side records may be created for a record of the other."""

    BOTH = "both"
    TO_CLM = "to clm"
    TO_CRM = "to crm"
    NEITHER = "neither"

    def creates_on(self, side: Side) -> bool:
        """Whether records may be created on `side`.

        >>> Direction.TO_CLM.creates_on(Side.CLM), Direction.TO_CLM.creates_on(Side.CRM)
        (True, False)
        """
        return self is Direction.BOTH or self.value == f"to {side.value}"


class OnDelete(StrEnum):
    """What a deletion on one side means for the other."""

    UNLINK = "unlink"
    """The other record stays, and is not created anew on the side it left."""
    ARCHIVE = "archive"
    """The other record is archived, unless it was edited since: then a person decides."""
    PROPAGATE = "propagate"
    """The other record is archived even if it was edited; the edit is noted."""


@frozen
class AllBut:
    """All names but these: what stays on its side where whatever is not listed does."""

    names: frozenset[str]

    def __contains__(self, name: str) -> bool:
        return name not in self.names

    def isdisjoint(self, names: Iterable[str]) -> bool:
        """Whether none of `names` is among them.

        >>> AllBut(frozenset({"name"})).isdisjoint(["name"]), AllBut(frozenset({"name"})).isdisjoint(["phone"])
        (True, False)
        """
        return self.names.issuperset(names)


def _local_fields(rules: KindRules) -> frozenset[str] | AllBut:
    if rules.default.owner is Ownership.LOCAL:
        return AllBut(frozenset(name for name, rule in rules.fields.items() if rule.owner is not Ownership.LOCAL))
    return frozenset(name for name, rule in rules.fields.items() if rule.owner is Ownership.LOCAL)


def _referring(rules: KindRules) -> frozenset[str]:
    return frozenset(path.partition(".")[0] for path in rules.references)


@frozen(kw_only=True)
class KindRules:
    """The rules of one kind.

    `fields` lists owners, `default` holds for the rest. `direction` says where records may be created;
    `derived` names a side whose rows are computed from other records and which is never written to.
    `references` maps a field (dotted inside lists and mappings: "parties.account") to the kind it points
    at; `match` are groups of fields that identify a record when two are paired for the first time, the
    strongest first. `guard_percent` of the known pairs may be removed or overwritten in one plan, and a
    plan with fewer than `guard_floor` such steps is never refused. Raises `InvalidRecord` when the
    direction would write to the derived side.
    """

    kind: str = field(validator=text)
    default: FieldRule = field(validator=instance(FieldRule))
    fields: Mapping[str, FieldRule] = field(factory=dict[str, FieldRule])
    direction: Direction = field(default=Direction.BOTH, validator=member(Direction))
    derived: Side | None = field(default=None, validator=maybe(member(Side)))
    references: Mapping[str, str] = field(factory=dict[str, str])
    match: tuple[tuple[str, ...], ...] = field(default=(), validator=each(each(text)))
    on_delete: OnDelete = field(default=OnDelete.UNLINK, validator=member(OnDelete))
    guard_percent: int = field(default=20, validator=count)
    guard_floor: int = field(default=20, validator=count)
    local: frozenset[str] | AllBut = field(
        init=False, repr=False, eq=False, default=Factory(_local_fields, takes_self=True)
    )
    """The fields that stay on their side: the listed ones, and the others where that is the default."""
    referring: frozenset[str] = field(init=False, repr=False, eq=False, default=Factory(_referring, takes_self=True))
    """The fields in which a reference may stand: most records have none of them, which is quickly seen."""

    def __attrs_post_init__(self) -> None:
        if self.derived is not None and self.direction.creates_on(self.derived):
            raise InvalidRecord(
                f"KindRules {self.kind}", "direction", self.direction.value, f"never to the {self.derived}"
            )

    def rule(self, name: str) -> FieldRule:
        """The rule of the field `name`; the default when it is not listed."""
        return self.fields.get(name, self.default)

    def writable(self, side: Side) -> bool:
        """Whether `side` may be written to at all."""
        return self.derived is not side


def _by_name(rules: Rules) -> Mapping[str, KindRules]:
    return {known.kind: known for known in rules.kinds}


@frozen(kw_only=True)
class Rules:
    """The rules of every kind that travels, in the order in which kinds are paired and created.

    `standing` are a committee's rules, the first that fits answers; a plan follows all of them, whatever
    the day: take those that hold with `on`.

    Raises `InvalidRecord` for a kind that is listed twice.
    """

    kinds: tuple[KindRules, ...] = field(validator=each(instance(KindRules)))
    standing: tuple[StandingRule, ...] = field(default=(), validator=each(instance(StandingRule)))
    _named: Mapping[str, KindRules] = field(
        init=False, repr=False, eq=False, default=Factory(_by_name, takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        names = [k.kind for k in self.kinds]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise InvalidRecord("Rules", "kinds", twice, "each kind once")

    def __iter__(self) -> Iterator[KindRules]:
        return iter(self.kinds)

    def on(self, as_of: date) -> Rules:
        """The same rules, with only those standing rules that hold on that day."""
        return evolve(self, standing=tuple(rule for rule in self.standing if rule.holds_on(as_of)))

    def of(self, kind: str) -> KindRules:
        """The rules of `kind`; raises `InvalidRecord` naming the known kinds when there are none."""
        known = self._named.get(kind)
        if known is not None:
            return known
        raise InvalidRecord("Rules", "kind", kind, "one of " + ", ".join(k.kind for k in self.kinds))
