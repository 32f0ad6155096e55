"""Which contract stands under which: frame agreements, amendments, renewals and schedules as one tree.

A circle is reported with every contract in it and never walked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Relation
from clmcrm.parties.hierarchy import Hierarchy
from clmcrm.values.ids import ContractId
from clmcrm.values.problems import Problem

_TOP: Final = 0


@frozen(kw_only=True)
class FamilyMember:
    """A contract in the tree: `depth` 0 for a head; `relation` is how it stands to its parent (None: a head)."""

    contract: ContractId
    title: str
    parent: ContractId | None
    relation: Relation | None
    depth: int


@frozen(kw_only=True)
class ContractFamily:
    """The contracts in the order of the tree, parents before children, and what is wrong with it."""

    members: tuple[FamilyMember, ...]
    problems: tuple[Problem, ...]


def contract_family(contracts: Iterable[Contract]) -> ContractFamily:
    """The tree of `contracts`, heads and children by id; a contract whose parent is not given stands as a head.

    >>> contract_family([])
    ContractFamily(members=(), problems=())
    """
    held = {contract.id: contract for contract in contracts}
    tree = Hierarchy({id_: one.parent for id_, one in held.items()})
    in_circle = {id_ for ring in tree.circles() for id_ in ring}
    heads = [id_ for id_, one in sorted(held.items()) if one.parent not in held or id_ in in_circle]
    children: dict[ContractId, list[ContractId]] = {}
    for id_, one in sorted(held.items()):
        if one.parent in held and id_ not in in_circle and one.parent is not None:
            children.setdefault(one.parent, []).append(id_)

    def walk(id_: ContractId, depth: int) -> Iterator[FamilyMember]:
        one = held[id_]
        title = f"{one.number or one.id} {one.title}"
        yield FamilyMember(contract=id_, title=title, parent=one.parent, relation=one.relation, depth=depth)
        for child in children.get(id_, []):
            yield from walk(child, depth + 1)

    members = tuple(member for head in heads for member in walk(head, _TOP))
    return ContractFamily(members=members, problems=tree.problems())
