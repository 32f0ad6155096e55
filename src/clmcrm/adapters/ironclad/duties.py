"""Obligations of Ironclad as duties of their contracts: read, shown, and never written.

They are a paid add-on, hence read only where they are asked for. Ironclad says neither who owes one nor to whom, so
either side may; a date is the day it is due, and what it says of the frequency stays among the extras, in its own
words. Source: developer.ironcladapp.com, obligations; support.ironcladapp.com, "Create and Manage Obligations".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
_TRIES: Final = 3
"""How often all are read anew when some are deleted meanwhile."""
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


class _Index:
    """Duties by the contract that each is of now."""

    def __init__(self, duties: Iterable[Duty] = ()) -> None:
        self._home: dict[str, str] = {}
        self._by_contract: dict[str, dict[str, Duty]] = {}
        for duty in duties:
            _ = self.keep(duty)

    def __len__(self) -> int:
        return len(self._home)

    def of(self, contract: str) -> Mapping[str, Duty]:
        """The duties of a contract by their ids."""
        return self._by_contract.get(contract, {})

    def keep(self, duty: Duty) -> list[str]:
        """Keep a duty where it belongs now; the contracts that it was or is of."""
        own = duty.obligation.id
        before = self._home.get(own, duty.contract)
        _ = self._by_contract.get(before, {}).pop(own, None)
        self._home[own] = duty.contract
        self._by_contract.setdefault(duty.contract, {})[own] = duty
        return [contract for contract in dict.fromkeys((before, duty.contract)) if contract]

    def without(self, other: _Index) -> list[str]:
        """The contracts of the duties that `other` does not have."""
        lost = [contract for own, contract in self._home.items() if own not in other._home]
        return [contract for contract in dict.fromkeys(lost) if contract]


class Duties:
    """The obligations of a company by their contract, read once and kept up to date; `due` is as in `duty_of`.

    Ironclad does not tell that one was deleted: when there are fewer than are kept, all are read again.
    """

    def __init__(self, *, due: str = DUE, zone: tzinfo | None = None, page: int = _PAGE) -> None:
        self._due, self._zone, self._page = due, zone, page
        self._index: _Index | None = None
        self.unreadable: dict[str, str] = {}

    def of(self, session: IroncladSession, contract: str) -> Flow[list[Json]]:
        """The obligations of a contract, by the id that people see of it, as fields of `Contract.obligations`."""
        index = self._index
        if index is None:  # kept once it is whole: others ask meanwhile, and a reading may fail
            index = yield from self._whole(session)
        return [to_fields(duty.obligation) for _, duty in sorted(index.of(contract).items())]

    def changed(self, session: IroncladSession, since: datetime | None) -> Flow[list[str]]:
        """The contracts of which an obligation was changed at `since` or later, or deleted; none for None."""
        if since is None:  # all are being read then
            return []
        duties, there = yield from self._since(session, since)
        index = _Index() if self._index is None else self._index
        touched = [contract for duty in duties for contract in index.keep(duty)]
        if self._index is not None and there < len(index) + len(self.unreadable):
            touched += index.without((yield from self._whole(session)))
        return list(dict.fromkeys(touched))

    def _whole(self, session: IroncladSession) -> Flow[_Index]:
        """Every duty there is, which are kept."""
        duties, _ = yield from self._since(session, None)
        self._index = _Index(duties)
        return self._index

    def _since(self, session: IroncladSession, since: datetime | None) -> Flow[tuple[list[Duty], int]]:
        """The duties changed since then, newest first, and how many there are in all.

        What cannot be read is kept with the reason in `unreadable`. A deletion meanwhile pulls what follows over the
        edge of a page that was read already: when there are fewer than a page before, all are read anew.
        """
        duties, there, moved = yield from self._paged(session, since)
        for _ in range(_TRIES):
            if not moved:
                break
            duties, there, moved = yield from self._paged(session, since)
        return [one for one in duties if since is None or one.changed_at is None or one.changed_at >= since], there

    def _paged(self, session: IroncladSession, since: datetime | None) -> Flow[tuple[list[Duty], int, bool]]:
        """The pages of one reading, how many duties there are in all, and whether they became fewer meanwhile."""
        found: list[Duty] = []
        if since is None:
            self.unreadable.clear()
        page, more, there, moved = 0, True, 0, False
        while more:
            before = there
            told, there = yield from self._listed(session, page)
            moved = moved or there < before
            for one in told:
                try:
                    found.append(duty_of(one, due=self._due, zone=self._zone))
                    _ = self.unreadable.pop(word(one, "id"), None)
                except ClmcrmError as problem:
                    self.unreadable[word(one, "id")] = str(problem)
            last = moment_of(word(told[-1], "lastUpdated")) if told else None
            older = since is not None and last is not None and last < since
            more = bool(told) and not older and (page + 1) * self._page < there
            page += 1
        return found, there, moved

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
