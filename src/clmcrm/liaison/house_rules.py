"""The rules of the main job: the engine's standard rules, made to know our records' fields."""

from __future__ import annotations

from attrs import evolve

from clmcrm.ports.records import Kind
from clmcrm.sync.ownership import KindRules, Rules
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
