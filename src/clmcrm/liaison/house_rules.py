"""The rules of the main job: the engine's standard rules, made to know our records' fields."""

from __future__ import annotations

from attrs import evolve

from clmcrm.ports.records import Capabilities, Kind, Side
from clmcrm.sync.ownership import Direction, KindRules, Rules
from clmcrm.sync.standard import LOCAL, standard_rules


def main_job_rules() -> Rules:
    """Who owns which field when a CRM and a CLM of our records are joined.

    A contract keeps the provenance it was drafted with, points at accounts, units and people by
    reference, and is recognised by the opportunity it names; terms point at their account.

    >>> main_job_rules().of("contract").match
    (('opportunity',),)
    """
    standard = standard_rules()
    return Rules(kinds=tuple(_adapted(rules) for rules in standard))


def _adapted(rules: KindRules) -> KindRules:
    if rules.kind == Kind.CONTRACT:
        kept = {name: rule for name, rule in rules.fields.items() if name not in ("provenance", "extras")}
        return evolve(
            rules,
            fields={**kept, "refs": LOCAL},
            references={
                "counterparty": Kind.ACCOUNT,
                "own_unit": Kind.ORG_UNIT,
                "people.contact": Kind.CONTACT,
            },
            match=(("opportunity",),),
        )
    return rules


def fitted(rules: Rules, able: dict[Side, Capabilities]) -> Rules:
    """The rules for two systems that do not hold everything: what one has no place for stays where it is.

    Kinds that only one of them holds are left out, records are created only where that is possible, and a
    field that one side cannot hold is local to the other.
    """
    both = able[Side.CRM].kinds & able[Side.CLM].kinds
    return Rules(kinds=tuple(_fitted(kind, able) for kind in rules if kind.kind in both))


def _fitted(rules: KindRules, able: dict[Side, Capabilities]) -> KindRules:
    narrow = [held for side in Side if (held := able[side].holds.get(rules.kind)) is not None]
    open_to = [side for side in Side if rules.direction.creates_on(side) and rules.kind in able[side].creates]
    fields, default = rules.fields, rules.default
    if narrow:
        held_by_all = set[str].intersection(*map(set[str], narrow))
        fields = {name: rules.rule(name) for name in sorted(held_by_all)}
        default = LOCAL
    return evolve(rules, fields=fields, default=default, direction=_DIRECTIONS[frozenset(open_to)])


_DIRECTIONS = {
    frozenset(Side): Direction.BOTH,
    frozenset({Side.CLM}): Direction.TO_CLM,
    frozenset({Side.CRM}): Direction.TO_CRM,
    frozenset[Side](): Direction.NEITHER,
}
