"""A new account that looks like one already there is not copied to the other side: somebody looks first.

Copying it would make one duplicate into two. It is held, with what refers to it, until a person says that
it is another company (`resolve_pairing(record, None)`) or merges the two where they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from clmcrm.liaison.book import everything_flow
from clmcrm.liaison.views import record_of
from clmcrm.parties.accounts import Account
from clmcrm.parties.duplicates import LikelyDuplicates, likely_duplicates
from clmcrm.ports.calls import Flow, finished
from clmcrm.ports.records import Kind, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.arbitration import PAIRING, Decision, conflict_key
from clmcrm.sync.directory import derived_pair
from clmcrm.sync.pulling import Pulled
from clmcrm.sync.steps import Op, Plan
from clmcrm.values.problems import Problem

Held = Mapping[tuple[Side, str], Problem]


def likely_doubles(
    todo: Plan, sides: Mapping[Side, AnySystem], decisions: Iterable[Decision]
) -> dict[tuple[Side, str], Problem]:
    """The accounts this plan would copy although they look like another one of the same system.

    Of several new ones that look alike the first by key is copied and the others are held. An account that a
    person said is another company is not held.
    """
    return finished(likely_doubles_flow(todo, sides, decisions))


def likely_doubles_flow(
    todo: Plan, sides: Mapping[Side, AnySystem], decisions: Iterable[Decision]
) -> Flow[dict[tuple[Side, str], Problem]]:
    """The same as `likely_doubles`, as a flow for a driver."""
    decided = {decision.key for decision in decisions}
    held: dict[tuple[Side, str], Problem] = {}
    for side in Side:
        new = _new_accounts(todo, side)
        if new:
            alike = yield from _alike(sides[side], side, new)
            asked = {key for key in new if conflict_key(derived_pair(Kind.ACCOUNT, side, key), PAIRING) not in decided}
            held.update({(side, key): problem for key, problem in alike.items() if key in asked})
    return held


def without(pulled: Pulled, held: Held) -> Pulled:
    """What was pulled without the held accounts; their hints stay open, so that the next run sees them again."""

    def kept(side: Side, rows: Iterable[Seen]) -> tuple[Seen, ...]:
        return tuple(row for row in rows if row.kind != Kind.ACCOUNT or (side, row.key) not in held)

    hints = tuple(hint for hint in pulled.hints if hint.kind != Kind.ACCOUNT or (hint.side, hint.key) not in held)
    return evolve(pulled, left=kept(Side.CRM, pulled.left), right=kept(Side.CLM, pulled.right), hints=hints)


def _new_accounts(todo: Plan, side: Side) -> set[str]:
    """The keys on `side` of the accounts that the plan creates on the other one."""
    keys = (
        step.link.key(side)
        for step in todo.steps
        if step.op is Op.CREATE and step.kind == Kind.ACCOUNT and step.side is side.other
    )
    return {key for key in keys if key is not None}


def _alike(system: AnySystem, side: Side, new: set[str]) -> Flow[dict[str, Problem]]:
    shown = yield from everything_flow(system, Kind.ACCOUNT)
    read = (record_of(Account, seen, system.system) for seen in shown)
    held: dict[str, Problem] = {}
    for group in likely_duplicates([account for account in read if isinstance(account, Account)]):
        if group.against:
            continue
        first = next((key for key in group.accounts if key not in new), group.accounts[0])
        for key in group.accounts:
            if key in new and key != first:
                held[key] = _problem(system, side, key, first, group)
    return held


def _problem(system: AnySystem, side: Side, key: str, other: str, group: LikelyDuplicates) -> Problem:
    reasons = "; ".join(str(reason) for reason in group.reasons)
    return Problem(
        where=f"{system.system} account {key}",
        field="account",
        value=derived_pair(Kind.ACCOUNT, side, key),
        what=f"looks like {other} ({reasons}) and was not copied",
        expected="the two merged, or a decision that they are different",
    )
