"""The three-way merge of one field, then of one record: what changed, whose value counts, and why.

A side is compared with what *it* last showed, not only with the agreed value: a system that spells a
phone number its own way has not edited it. A field a side does not show is taken to be as last agreed.
Nothing is ever overruled in silence: the result names the side whose edit gave way.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final, TypeAlias

from attrs import evolve, frozen

from clmcrm.ports.records import CLM, CRM, SIDES, Fields, Json, Side
from clmcrm.sync.ownership import FieldRule, KindRules, Ownership


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""A field that is not shown or was never agreed: not the same as null."""

Value: TypeAlias = "Json | Absent"


class Verdict(StrEnum):
    """How the merge of one field ends."""

    UNCHANGED = "unchanged"
    AGREED = "agreed"
    """Both sides show the same: nothing to write, the agreed value moves."""
    CRM = "crm"
    """The CRM's value is taken."""
    CLM = "clm"
    """The CLM's value is taken."""
    DECIDED = "decided"
    """A person's value is taken."""
    CONFLICT = "conflict"
    """A person must decide: nothing is written."""


@frozen(kw_only=True)
class Views:
    """All that is known of one field: what was agreed, what each side showed then and shows now."""

    base: Value = ABSENT
    crm: Value = ABSENT
    clm: Value = ABSENT
    shown_crm: Value = ABSENT
    shown_clm: Value = ABSENT

    def now(self, side: Side) -> Value:
        """What `side` shows now; the agreed value when it does not show the field."""
        current = self.crm if side is CRM else self.clm
        return self.base if current is ABSENT else current

    def before(self, side: Side) -> Value:
        """What `side` showed when the agreed value was agreed; that value when it did not show the field."""
        shown = self.shown_crm if side is CRM else self.shown_clm
        return self.base if shown is ABSENT else shown

    def changed(self, side: Side) -> bool:
        """Whether `side` shows something else than it last did."""
        current = self.crm if side is CRM else self.clm
        return current is not ABSENT and current != self.before(side)

    @property
    def editors(self) -> tuple[Side, ...]:
        """The sides that show something else than they last did."""
        crm, clm = self.changed(CRM), self.changed(CLM)
        if crm:
            return SIDES if clm else (CRM,)
        return (CLM,) if clm else ()


@frozen(kw_only=True)
class Merged:
    """The result for the field `name`: the `value` to agree on, the sides it must be written to, and why.

    `value` is `ABSENT` for a conflict. `overruled` is the side whose edit gives way, None when none does.
    """

    name: str
    views: Views
    verdict: Verdict
    why: str
    value: Value = ABSENT
    writes: tuple[Side, ...] = ()
    overruled: Side | None = None


def merge_field(name: str, views: Views, rule: FieldRule) -> Merged:
    """The three-way merge of one field.

    >>> views = Views(base="10", crm="12", clm="10")
    >>> merge_field("employees", views, FieldRule(owner=Ownership.CRM)).why
    'only the CRM changed it'
    >>> merge_field("employees", views, FieldRule(owner=Ownership.CLM)).overruled
    <Side.CRM: 'crm'>
    """
    changed = views.editors
    if not changed:
        why = "neither side changed it"
        return Merged(name=name, views=views, verdict=Verdict.UNCHANGED, why=why, value=views.base)
    alike = _alike(views)
    if alike is not ABSENT:
        return Merged(name=name, views=views, verdict=Verdict.AGREED, why="both show the same", value=alike)
    if rule.owner is Ownership.REVIEW:
        return _conflict(name, views, "every change of it is decided by a person")
    if views.base is ABSENT and _blanks(views):
        return _fill(name, views)
    if len(changed) == 1:
        return _one_sided(name, views, rule, changed[0])
    return _both(name, views, rule)


def merge_record(
    base: Fields, shown: tuple[Fields, Fields], now: tuple[Fields, Fields], rules: KindRules
) -> tuple[Merged, ...]:
    """Every field that is not simply unchanged, sorted by name; nothing when both records look as before.

    `shown` and `now` are what the CRM and the CLM showed and show, in this order.

    >>> from clmcrm.sync.standard import standard_rules
    >>> old, new = {"name": "Durand"}, {"name": "Durand SA"}
    >>> [merged] = merge_record(old, (old, old), (new, old), standard_rules().of("account"))
    >>> merged.name, merged.value, merged.writes
    ('name', 'Durand SA', (<Side.CLM: 'clm'>,))
    """
    crm, clm = now
    shown_crm, shown_clm = shown
    if crm == shown_crm and clm == shown_clm:
        return ()
    results: list[Merged] = []
    names = _moved(crm, shown_crm, base) | _moved(clm, shown_clm, base)
    for name in sorted(names):
        views = Views(
            base=base.get(name, ABSENT),
            crm=crm.get(name, ABSENT),
            clm=clm.get(name, ABSENT),
            shown_crm=shown_crm.get(name, ABSENT),
            shown_clm=shown_clm.get(name, ABSENT),
        )
        results.append(merge_field(name, views, rules.rule(name)))
    return tuple(results)


def decided(conflict: Merged, value: Json, why: str) -> Merged:
    """The conflict settled with a person's `value`, to be written wherever something else is shown.

    >>> clash = merge_field("x", Views(base=1, crm=2, clm=3), FieldRule(owner=Ownership.SHARED))
    >>> decided(clash, 2, "said so").writes
    (<Side.CLM: 'clm'>,)
    """
    writes = tuple(side for side in SIDES if conflict.views.now(side) != value)
    return evolve(conflict, verdict=Verdict.DECIDED, value=value, writes=writes, why=why)


def blank(value: Value) -> bool:
    """Whether there is nothing in it: not shown, null, an empty text, list or mapping.

    >>> blank(None), blank([]), blank(0), blank(False)
    (True, True, False, False)
    """
    return value is ABSENT or value is None or value in ("", [], {})


def _moved(now: Fields, shown: Fields, base: Fields) -> set[str]:
    """The fields a side shows otherwise than before: only these can have changed."""
    if now == shown:
        return set()
    return {
        name
        for name, value in now.items()
        if (value != shown[name] if name in shown else name not in base or value != base[name])
    }


def _alike(views: Views) -> Value:
    crm, clm = views.now(CRM), views.now(CLM)
    if crm == clm:
        return crm
    if not (blank(crm) and blank(clm)):
        return ABSENT
    # A null on one side and nothing at all on the other is no difference anyone could act on, nor is it at first that
    # one has a null and the other an empty text.
    if crm is ABSENT or views.base is ABSENT:
        return crm if clm is ABSENT else clm
    return crm if clm is ABSENT else ABSENT


def _blanks(views: Views) -> bool:
    return blank(views.now(CRM)) or blank(views.now(CLM))


def _fill(name: str, views: Views) -> Merged:
    giver = CLM if blank(views.now(CRM)) else CRM
    return _take(name, views, giver, f"the {giver.other.upper()} has none yet")


_TAKEN: Final = {Side.CRM: Verdict.CRM, Side.CLM: Verdict.CLM}
ALONE: Final = {side: f"only the {side.upper()} changed it" for side in SIDES}
"""Why an edit is taken that the other side has not answered with one of its own."""


def _take(name: str, views: Views, giver: Side, why: str, overruled: Side | None = None) -> Merged:
    return Merged(
        name=name,
        views=views,
        verdict=_TAKEN[giver],
        why=why,
        value=views.now(giver),
        writes=(giver.other,),
        overruled=overruled,
    )


def _conflict(name: str, views: Views, why: str) -> Merged:
    return Merged(name=name, views=views, verdict=Verdict.CONFLICT, why=why)


def _one_sided(name: str, views: Views, rule: FieldRule, editor: Side) -> Merged:
    owner = rule.owner.side
    if owner is None or owner is editor:
        return _take(name, views, editor, ALONE[editor])
    why = f"the {editor.upper()} changed it, but the {owner.upper()} owns it: restored"
    merged = _take(name, views, owner, why, overruled=editor)
    # The agreed value, not the owner's own spelling of it, is what the editor once acknowledged.
    return merged if views.base is ABSENT else evolve(merged, value=views.base)


def _both(name: str, views: Views, rule: FieldRule) -> Merged:
    first = "they differ at the first pairing" if views.base is ABSENT else "both changed it"
    owner, preferred = rule.owner.side, rule.on_conflict.side
    if owner is not None:
        return _take(name, views, owner, f"{first}; the {owner.upper()} owns it", overruled=owner.other)
    if preferred is not None:
        why = f"{first}; the {preferred.upper()} is preferred"
        return _take(name, views, preferred, why, overruled=preferred.other)
    return _conflict(name, views, f"{first}, to different values")
