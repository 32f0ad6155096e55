"""Obligations of Ironclad as duties of their contracts: read, shown, and never written.

They are a paid add-on, hence read only where they are asked for. Ironclad says neither who owes one nor to whom, so
either side may; a date is the day it is due, and what it says of the frequency stays among the extras, in its own
words. Source: developer.ironcladapp.com, obligations; support.ironcladapp.com, "Create and Manage Obligations".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final

from attrs import field, frozen

from clmcrm.adapters.ironclad.feed import moment_of
from clmcrm.adapters.ironclad.session import IroncladSession
from clmcrm.adapters.ironclad.typed import read_typed
from clmcrm.adapters.ironclad.wire import VENDOR, NotThere, RefusedByIronclad, rows
from clmcrm.adapters.trees import Tree, tree_of, trees_of, word
from clmcrm.clm.kinds import Party
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind
from clmcrm.codec.records import from_json, to_fields
from clmcrm.errors import ClmcrmError, TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Json
from clmcrm.values.ids import Extra, ObligationId
from clmcrm.values.partial import DayFact, Unknown

PREFIX: Final = "userFacingObligations_"
DUE: Final = f"{PREFIX}dueDate"
"""The property of the due date, unless the company's is another."""

_UNDATED: Final = Unknown("Ironclad states no due date")
_PAGE: Final = 100
_NEWEST: Final = {"sortField": "lastUpdated", "sortDirection": "DESC"}


@frozen(kw_only=True)
class Duty:
    """An obligation with the id that people see of its contract ("IC-7"), and when it was changed last."""

    contract: str
    obligation: Obligation
    changed_at: datetime | None = field(default=None)


def duty_of(told: Tree, *, due: str = DUE, zone: tzinfo | None = None) -> Duty:
    """The duty that an obligation is; `due` is the property of its date.

    Raises `InvalidRecord` for one without an id or a name.

    >>> told = {"id": "o1", "name": "Report", "parentReadableId": "IC-7", "properties": {}}
    >>> duty_of(told).contract, duty_of(told).obligation.title
    ('IC-7', 'Report')
    """
    properties = tree_of(told, "properties")
    day: DayFact = _UNDATED
    read = read_typed(tree_of(properties, due), zone)
    if isinstance(read, str):
        day = from_json(DayFact, read)
    elif properties.get(due):
        day = Unknown("it is no date", str(tree_of(properties, due).get("value")))
    return Duty(
        contract=word(told, "parentReadableId"),
        changed_at=moment_of(word(told, "lastUpdated")),
        obligation=Obligation(
            id=ObligationId(word(told, "id")), kind=ObligationKind.OTHER, title=word(told, "name"),
            obligor=Party.EITHER, obligee=Party.EITHER, due=DueOn(day=day), extras=tuple(_extras(told, due, read)),
        ),
    )  # fmt: skip


def _extras(told: Tree, due: str, read: Json) -> Iterator[Extra]:
    for name, value in sorted(tree_of(told, "properties").items()):
        if name != due or read is None:
            yield Extra(VENDOR, f"properties.{name}", value)
    for name in ("ironcladId", "namedTypeIds"):
        if told.get(name):
            yield Extra(VENDOR, name, told[name])


class Duties:
    """The obligations of a company by their contract, read once and kept up to date; `due` is as in `duty_of`."""

    def __init__(self, *, due: str = DUE, zone: tzinfo | None = None, page: int = _PAGE) -> None:
        self._due, self._zone, self._page = due, zone, page
        self._by_contract: dict[str, dict[str, Duty]] | None = None
        self.unreadable: dict[str, str] = {}

    def of(self, session: IroncladSession, contract: str) -> Flow[list[Json]]:
        """The obligations of a contract, by the id that people see of it, as fields of `Contract.obligations`."""
        if self._by_contract is None:
            self._by_contract = {}
            for duty in (yield from self._since(session, None)):
                _ = self._keep(duty)
        found = self._by_contract.get(contract, {})
        return [to_fields(duty.obligation) for _, duty in sorted(found.items())]

    def changed(self, session: IroncladSession, since: datetime | None) -> Flow[list[str]]:
        """The contracts of which an obligation was changed at `since` or later; none for None, all being read then."""
        if since is None:
            return []
        touched: dict[str, None] = {}
        for duty in (yield from self._since(session, since)):
            for contract in self._keep(duty):
                touched[contract] = None
        return list(touched)

    def _keep(self, duty: Duty) -> list[str]:
        """Keep a duty where it belongs now; the contracts that it was or is of."""
        index = {} if self._by_contract is None else self._by_contract
        own = duty.obligation.id
        before = [contract for contract, known in index.items() if own in known and contract != duty.contract]
        for contract in before:
            _ = index[contract].pop(own)
        index.setdefault(duty.contract, {})[own] = duty
        return [*before, *([duty.contract] if duty.contract else [])]

    def _since(self, session: IroncladSession, since: datetime | None) -> Flow[list[Duty]]:
        """The duties changed since then, newest first; what cannot be read is kept with the reason in `unreadable`."""
        found: list[Duty] = []
        page, more = 0, True
        while more:
            told, there = yield from self._listed(session, page)
            for one in told:
                try:
                    found.append(duty_of(one, due=self._due, zone=self._zone))
                except ClmcrmError as problem:
                    self.unreadable[word(one, "id")] = str(problem)
            last = moment_of(word(told[-1], "lastUpdated")) if told else None
            older = since is not None and last is not None and last < since
            more = bool(told) and not older and (page + 1) * self._page < there
            page += 1
        return [one for one in found if since is None or one.changed_at is None or one.changed_at >= since]

    def _listed(self, session: IroncladSession, page: int) -> Flow[tuple[list[Tree], int]]:
        where = "GET /obligations"
        query = {"page": str(page), "pageSize": str(self._page), **_NEWEST}
        try:
            told, there = rows((yield from session.get("/obligations", query)), where)
        except RefusedByIronclad as refused:
            raise refused.error(where) from None
        except NotThere as refused:
            raise TerminalError(VENDOR, f"{where}: {refused.said}") from None
        return [*told], there


def due_days(obligations: Json) -> list[tuple[str, str]]:
    """The titles of obligations with a known day, by day: what is due.

    >>> due_days([{"title": "Report", "due": {"is": "due_on", "day": "2026-05-07"}}])
    [('2026-05-07', 'Report')]
    """
    found = trees_of({"of": obligations}, "of")
    days = [(tree_of(one, "due").get("day"), word(one, "title")) for one in found]
    return sorted((day, title) for day, title in days if isinstance(day, str))
