"""Writing contract terms: onto the deal or company that carries them, or as a contract of HubSpot's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.each_by_itself import Outcomes
from clmcrm.adapters.hubspot import terms
from clmcrm.adapters.hubspot.batches import TRACE, sent
from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.marks import as_value, mark_of
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Sent, Unwritable, text
from clmcrm.adapters.hubspot.rows import by_keys, by_marks, is_key
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.showing import live_only
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Fields, Json, Kind, Outcome, Remove, Result, Update

Row = Mapping[str, Any]
_NOBODY: Final = Portal()
_NO_TERMS: Final = "there are no such terms (any more)"


class TermsWriter:
    """Writes terms at `place`, through `session`."""

    def __init__(self, session: HubSpotSession, place: TermsPlace) -> None:
        self._session, self._place = session, place

    def before(self, held: HubSpotKind, keys: Sequence[str]) -> Flow[dict[str, Fields]]:
        """What terms of these keys say now; nothing for any other kind."""
        if held.kind != Kind.CONTRACT_TERMS:
            return {}
        found = yield from by_keys(self._session, held, keys, [terms.TERMS])
        return {str(row.get("id")): _terms_in(row) for row in live_only(found)}

    def properties(self, held: HubSpotKind, before: Fields, fields: Fields) -> Sent | None:
        """The properties that change terms; None for any other kind. Raises `Unwritable`."""
        if held.kind != Kind.CONTRACT_TERMS:
            return None
        at_home = {} if held.carrier else terms.contract_properties({**before, **fields})
        return {**terms.changed(before, fields), **at_home}

    def create(self, held: HubSpotKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        """Put terms onto the records that are to carry them, unless they stand somewhere already."""
        bound = yield from self._standing(held, writes)
        done = dict(bound)
        carriers = {place: one.fields.get(terms.ON[self._place]) for place, one in writes.items() if place not in bound}
        wanted = [key for key in carriers.values() if isinstance(key, str)]
        found = yield from by_keys(self._session, held, wanted, [held.key])
        there = {str(row.get("id")): row for row in live_only(found)}
        inputs: dict[int, dict[str, Any]] = {}
        taken: set[str] = set()
        for place, key in carriers.items():
            one = writes[place]
            try:
                self._free(held, key, there, taken)
                properties = {**terms.changed({}, one.fields), held.key: as_value(one.mark)}
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, why=refused.why)
                continue
            taken.add(str(key))
            inputs[place] = {TRACE: str(place), "id": str(key), "properties": properties}
        done.update((yield from self._sent(held, inputs)))
        return done

    def change(self, held: HubSpotKind, writes: Mapping[int, Update | Remove]) -> Flow[Outcomes]:
        """Change terms, or take them away from what carries them."""
        found = yield from by_keys(self._session, held, [one.key for one in writes.values()], [held.key, terms.TERMS])
        there = {str(row.get("id")): row for row in live_only(found) if _mark_in(held, row) is not None}
        done: Outcomes = {}
        inputs: dict[int, dict[str, Any]] = {}
        for place, one in writes.items():
            if one.key not in there:
                done[place] = Outcome(result=Result.MISSING, key=one.key, why=_NO_TERMS)
                continue
            try:
                properties = self._changed(_terms_in(there[one.key]), one)
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, key=one.key, why=refused.why)
                continue
            inputs[place] = {TRACE: str(place), "id": one.key, "properties": properties}
        told = yield from self._sent(held, inputs)
        undone = {place: one for place, one in told.items() if not one.ok}
        return {**done, **told, **(yield from self._refused(held, undone, writes))}

    def _refused(self, held: HubSpotKind, refused: Outcomes, writes: Mapping[int, Update | Remove]) -> Flow[Outcomes]:
        """Changes that HubSpot refused, by the key of their record; missing where it has gone in the meantime."""
        if not refused:
            return {}
        found = yield from by_keys(self._session, held, [writes[place].key for place in refused], [held.key])
        there = {str(row.get("id")) for row in live_only(found)}
        return {
            place: evolve(one, key=writes[place].key)
            if writes[place].key in there
            else Outcome(result=Result.MISSING, key=writes[place].key, why=_NO_TERMS)
            for place, one in refused.items()
        }

    def _changed(self, before: Fields, one: Update | Remove) -> Sent:
        if isinstance(one, Remove):
            return terms.emptied()
        on = terms.ON[self._place]
        if on in one.fields and one.fields[on] != one.key:
            raise Unwritable(f"{on} is {one.fields[on]!r}; the terms stay on {one.key}, which carries them")
        return terms.changed(before, one.fields)

    def _standing(self, held: HubSpotKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        found = yield from by_marks(self._session, held, [as_value(one.mark) for one in writes.values()], [held.key])
        by_mark = {_mark_in(held, row): row for row in live_only(found)}
        return {
            place: Outcome(result=Result.BOUND, key=str(row["id"]), version=str(row.get("updatedAt") or ""))
            for place, one in writes.items()
            if (row := by_mark.get(one.mark)) is not None
        }

    def _free(self, held: HubSpotKind, key: Json, there: Mapping[str, Row], taken: set[str]) -> None:
        """Raise `Unwritable` when that record cannot carry terms."""
        on = terms.ON[self._place]
        if not isinstance(key, str) or not is_key(key) or key not in there:
            raise Unwritable(
                f"{on} is {key!r}; the terms name none of the account's {held.object} that could carry them"
            )
        if key in taken or _mark_in(held, there[key]) is not None:
            raise Unwritable(f"{on} {key} carries the terms of another contract already")

    def _sent(self, held: HubSpotKind, inputs: Mapping[int, dict[str, Any]]) -> Flow[Outcomes]:
        if not inputs:
            return {}
        names = {str(one["id"]): place for place, one in inputs.items()}
        told = yield from sent(self._session, f"{held.path}/batch/update", inputs, Effect.ONCE, names=names)
        done = {
            place: Outcome(result=Result.DONE, key=str(row.get("id")), version=str(row.get("updatedAt") or ""))
            for place, row in told.rows.items()
        }
        why = {place: Outcome(result=Result.REFUSED, why=said) for place, said in told.why.items()}
        return {**done, **why}


def _terms_in(row: Row) -> Fields:
    try:
        return terms.shown(row.get("properties") or {}, _NOBODY)
    except (ValueError, AttributeError):
        return {}


def _mark_in(held: HubSpotKind, row: Row) -> str | None:
    return mark_of(text(row.get("properties") or {}, held.key))
