"""What belonged together and does not any more, though nothing was deleted.

A sale that became a contract is reopened, or lost after all; a contract that came of a sale names it no longer. Both
records stay as they are. Whoever runs the main job is told once what there is to do: the run that tells it also parts
the two, and the journal keeps under which keys they belonged together, should they do so again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.ports.journal import Journal, keyed
from clmcrm.ports.kept import Link
from clmcrm.ports.records import Kind, Seen, Side
from clmcrm.values.problems import Problem


@frozen
class Partings:
    """Tells what has parted, by the links that the `journal` keeps.

    `ends` says whether the draft of a sale that is not won any more may be told as ended; not so under rules that would
    then take the contract with it, for its sale was not deleted.
    """

    journal: Journal
    ends: bool = True

    def no_longer_won(self, system: str, sales: Iterable[Seen]) -> tuple[list[Seen], list[Problem]]:
        """What becomes of the drafts of `sales` of the CRM `system`, none of which is shown as won now.

        Nothing for a sale that no contract of the CLM is linked with. A sale that cannot be read is not taken for one
        that is not won: its draft is `unreadable` too.

        >>> from clmcrm.store.memory import MemoryJournal
        >>> open_sale = Seen(kind="opportunity", key="O-1", fields={"stage": "proposal"})
        >>> Partings(MemoryJournal()).no_longer_won("crm", [open_sale])
        ([], [])
        """
        shown = {seen.key: seen for seen in sales}
        rows: list[Seen] = []
        problems: list[Problem] = []
        for key, link in sorted(self._links(Kind.CONTRACT, Side.CRM, shown.keys()).items()):
            sale = shown[key]
            if sale.unreadable:
                why = f"opportunity {key}: {sale.unreadable}"
                rows.append(Seen(kind=Kind.CONTRACT, key=key, fields={}, version=sale.version, unreadable=why))
                continue
            problems.append(_sale_to_look_at(system, sale, link))
            if self.ends:
                rows.append(Seen(kind=Kind.CONTRACT, key=key, fields={}, version=sale.version, gone=True))
        return rows, problems

    def no_longer_named(self, system: str, shown: Iterable[tuple[Seen, Contract]]) -> tuple[list[Seen], list[Problem]]:
        """What becomes of the links back of these contracts of the CLM `system`, as they are shown and understood.

        Nothing for one that names the sale it is linked with, or one that was merged into that. One that names another
        stays linked as it is, and that is told whenever it is seen to have changed.
        """
        contracts = {seen.key: (seen, contract) for seen, contract in shown}
        rows: list[Seen] = []
        problems: list[Problem] = []
        for key, link in sorted(self._links(Kind.OPPORTUNITY, Side.CLM, contracts.keys()).items()):
            seen, contract = contracts[key]
            if contract.opportunity == link.crm or (Side.CRM, contract.opportunity) in link.aliases:
                continue
            problems.append(_contract_to_look_at(system, contract, link))
            if contract.opportunity is None:
                rows.append(Seen(kind=Kind.OPPORTUNITY, key=key, fields={}, version=seen.version, gone=True))
        return rows, problems

    def _links(self, kind: Kind, side: Side, keys: Collection[str]) -> dict[str, Link]:
        """The links of these keys on `side` with a record on the other."""
        if not keys:
            return {}
        journal = self.journal
        known = journal.leading_to(kind, side, keys) if keyed(journal) else journal.agreed(kind)
        links = [agreed.link for agreed in known if agreed.link.key(side.other) is not None]
        return {key: link for link in links if (key := link.key(side)) is not None and key in keys}


def _sale_to_look_at(system: str, sale: Seen, link: Link) -> Problem:
    name, stage = sale.fields.get("name"), sale.fields.get("stage")
    return Problem(
        where=f"{system} opportunity {name} ({sale.key})" if name else f"{system} opportunity {sale.key}",
        field="stage",
        value=stage if isinstance(stage, str) else "",
        what=f"is not won any more; its contract {link.clm} stays in the CLM as it is",
        expected="the sale won again, or the contract withdrawn in the CLM by whoever owns it",
    )


def _contract_to_look_at(system: str, contract: Contract, link: Link) -> Problem:
    return Problem(
        where=f"{system} contract {contract.title} ({contract.id})",
        field="opportunity",
        value=contract.opportunity or "",
        what=f"is not {link.crm}, the sale that the CRM joins with this contract; both stay as they are",
        expected=f"{link.crm} in the CLM, or the contract taken off {link.crm} in the CRM by whoever owns it",
    )
