"""Writing to a HubSpot: created once under our key, changed and archived by the hundred, item by item.

Our key is a unique property, so that creating twice is refused by HubSpot itself: what it refuses is looked up by the
key, and bound to where it is there. There is no precondition: who wrote between our reading and our writing is found
in the past of the properties (`clmcrm.adapters.hubspot.histories`), after the write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clmcrm.adapters.each_by_itself import (
    GONE,
    Outcomes,
    all_refused,
    firsts,
    in_waves,
    kind_by_kind,
    with_repeated,
)
from clmcrm.adapters.hubspot import deals
from clmcrm.adapters.hubspot.batches import TRACE, Done, sent
from clmcrm.adapters.hubspot.encoding import link_in, properties_for
from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.links import linked, make, spec_of, unmake
from clmcrm.adapters.hubspot.marks import as_value, mark_of
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Properties, Unwritable, text
from clmcrm.adapters.hubspot.reading import Reader
from clmcrm.adapters.hubspot.rows import by_keys, by_marks, is_key
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.setting_up import check_key
from clmcrm.adapters.hubspot.showing import live_only
from clmcrm.adapters.hubspot.wire import VENDOR, RefusedWhole
from clmcrm.adapters.hubspot.writing_terms import TermsWriter
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Kind, Outcome, Remove, Result, Update, Write

Row = Mapping[str, Any]


class Writer:
    """Writes through `session` what `reader` reads; `terms` writes the terms that other records carry."""

    def __init__(self, session: HubSpotSession, reader: Reader, terms: TermsWriter, creates: frozenset[str]) -> None:
        self._session, self._reader, self._terms, self._creates = session, reader, terms, creates
        self._checked: set[str] = set()

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself.

        Raises `AmbiguousError` for a call that fails when others of the batch were carried out.
        """
        writing = kind_by_kind(writes, self._reader.held, self._create, in_waves(self._change))
        return (yield from in_doubt_once_written(VENDOR, writing))

    # Creations: sent at once; what HubSpot refuses is looked up by our key, and bound to if it is there.

    def _create(self, held: HubSpotKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        if held.kind not in self._creates:
            why = f"{held.kind} is made in HubSpot itself"
            return all_refused(writes, why)
        yield from self.check(held)
        once = firsts(writes)
        if held.carrier:
            done = yield from self._terms.create(held, once)
        else:
            done = yield from self._created(held, once)
        return with_repeated(writes, done, once)

    def check(self, held: HubSpotKind) -> Flow[None]:
        """Make sure, once, that our key is a unique property there; raises `TerminalError` when it is not."""
        if held.path not in self._checked:
            yield from check_key(self._session, held)
            self._checked.add(held.path)

    def _created(self, held: HubSpotKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        portal = yield from self._reader.portal()
        done: Outcomes = {}
        inputs: dict[int, dict[str, Any]] = {}
        for place, one in writes.items():
            try:
                inputs[place] = {TRACE: str(place), **new_record(held, one, portal)}
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, why=refused.why)
        if not inputs:
            return done
        names = {as_value(one.mark): place for place, one in writes.items()}
        path = f"{held.path}/batch/create"
        try:
            told = yield from sent(self._session, path, inputs, Effect.KEYED, names=names, by=held.key, halve=False)
        except RefusedWhole:
            # Most often all of it is there already, after a reply was lost: look before anything is halved.
            bound = yield from self._bound(held, {place: writes[place] for place in inputs})
            done.update(bound)
            rest = {place: one for place, one in inputs.items() if place not in bound}
            told = Done()
            if rest:
                told = yield from sent(self._session, path, rest, Effect.KEYED, names=names, by=held.key)
        done.update({place: _written(row) for place, row in told.rows.items()})
        if told.why:
            bound = yield from self._bound(held, {place: writes[place] for place in told.why})
            for place, why in told.why.items():
                done[place] = bound.get(place) or Outcome(result=Result.REFUSED, why=why)
        return done

    def _bound(self, held: HubSpotKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        values = {as_value(one.mark): place for place, one in writes.items()}
        found = live_only((yield from by_marks(self._session, held, list(values), [held.key])))
        done: Outcomes = {}
        for row in found:
            place = next((p for p, one in writes.items() if mark_of(_key_in(held, row)) == one.mark), None)
            if place is not None:
                done[place] = Outcome(result=Result.BOUND, key=str(row["id"]), version=str(row.get("updatedAt") or ""))
        return done

    # Changes: sent at once; those that HubSpot refuses are looked for, so that a missing record is told as missing.

    def _change(self, held: HubSpotKind, writes: Mapping[int, Update | Remove]) -> Flow[Outcomes]:
        known = {place: one for place, one in writes.items() if is_key(one.key)}
        done: Outcomes = {}
        if len(known) < len(writes):
            done = {place: _missing(one.key) for place, one in writes.items() if place not in known}
        if held.carrier:
            return done | (yield from self._terms.change(held, known))
        updates = {place: one for place, one in known.items() if isinstance(one, Update)}
        if updates:
            done.update((yield from self._update(held, updates)))
        if len(updates) < len(known):
            removals = {place: one for place, one in known.items() if isinstance(one, Remove)}
            done.update((yield from self._remove(held, removals)))
        return done

    def _update(self, held: HubSpotKind, writes: Mapping[int, Update]) -> Flow[Outcomes]:
        portal = yield from self._reader.portal()
        done: Outcomes = {}
        inputs: dict[int, dict[str, Any]] = {}
        moves: dict[int, str] = {}
        is_deal, is_terms = held.kind == Kind.OPPORTUNITY, held.kind == Kind.CONTRACT_TERMS
        before = (yield from self._terms.before(held, [one.key for one in writes.values()])) if is_terms else {}
        for place, one in writes.items():
            key, fields = one.key, one.fields
            try:
                own = self._terms.properties(held, before.get(key, {}), fields) if is_terms else None
                properties = own or properties_for(held, fields, portal)
                link = None if held.link is None else link_in(held, fields)
                if is_deal:
                    deals.check_update(fields, portal)
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, key=key, why=refused.why)
                continue
            inputs[place] = {TRACE: str(place), "id": key, "properties": properties}
            if link is not None:
                moves[place] = link
        told = yield from self._updated(held, inputs)
        done.update({place: _written(row) for place, row in told.rows.items()})
        if told.why:
            done.update((yield from self._refused(held, {place: writes[place] for place in told.why}, told.why)))
        moved = {writes[place].key: link for place, link in moves.items() if done[place].ok}
        unmoved = yield from self._moved(held, moved)
        for place in moves:
            if writes[place].key in unmoved:
                why = f"its properties were written, its association was not: {unmoved[writes[place].key]}"
                done[place] = Outcome(result=Result.REFUSED, key=writes[place].key, why=why)
        return done

    def _updated(self, held: HubSpotKind, inputs: Mapping[int, dict[str, Any]]) -> Flow[Done]:
        """What became of the updates; one that has no property to write is only looked at."""
        writing = {place: one for place, one in inputs.items() if one["properties"]}
        looking = {str(one["id"]): place for place, one in inputs.items() if place not in writing}
        done = Done()
        if writing:
            names = {str(one["id"]): place for place, one in writing.items()}
            done = yield from sent(self._session, f"{held.path}/batch/update", writing, Effect.ONCE, names=names)
        if looking:
            found = live_only((yield from by_keys(self._session, held, list(looking), [held.key])))
            done.rows.update({looking[str(row["id"])]: row for row in found if str(row.get("id")) in looking})
            done.why.update({place: GONE for place in looking.values() if place not in done.rows})
        return done

    def _refused(self, held: HubSpotKind, writes: Mapping[int, Update], why: Mapping[int, str]) -> Flow[Outcomes]:
        found = live_only((yield from by_keys(self._session, held, [one.key for one in writes.values()], [held.key])))
        there = {str(row.get("id")) for row in found}
        return {
            place: Outcome(result=Result.REFUSED, key=one.key, why=why[place])
            if one.key in there
            else _missing(one.key)
            for place, one in writes.items()
        }

    def _moved(self, held: HubSpotKind, moves: Mapping[str, str]) -> Flow[dict[str, str]]:
        """Put associations where they belong; what HubSpot says of those it refused, by key.

        A record has one parent at most, so the old one goes first; where the new one is refused it is put back.
        """
        if not moves or held.link is None:
            return {}
        now = yield from linked(self._session, held.object, held.link, list(moves))
        off = {
            key: [other for other in now.get(key, []) if other != to]
            for key, to in moves.items()
            if not to or held.link.only
        }
        off = {key: others for key, others in off.items() if others}
        refused: dict[str, str] = {}
        if off:
            refused = yield from unmake(self._session, held.object, held.link, off)
        on = {key: to for key, to in moves.items() if to and to not in now.get(key, []) and key not in refused}
        if on:
            failed = yield from make(self._session, held.object, held.link, on)
            back = {key: off[key][0] for key in failed if key in off}
            if back:
                lost = yield from make(self._session, held.object, held.link, back)
                failed |= {key: f"{failed[key]}; and {back[key]} was not put back: {why}" for key, why in lost.items()}
            refused |= failed
        return refused

    def _remove(self, held: HubSpotKind, writes: Mapping[int, Remove]) -> Flow[Outcomes]:
        """Archived, once it is certain that they are there: HubSpot says yes to an id that never was, too."""
        found = live_only((yield from by_keys(self._session, held, [one.key for one in writes.values()], [held.key])))
        there = {str(row.get("id")) for row in found}
        going = [one.key for one in writes.values() if one.key in there]
        if going:
            body = {"inputs": [{"id": key} for key in going]}
            yield from self._session.post(f"{held.path}/batch/archive", body, effect=Effect.KEYED)
        return {
            place: Outcome(result=Result.DONE, key=one.key) if one.key in there else _missing(one.key)
            for place, one in writes.items()
        }


def new_record(held: HubSpotKind, one: Create, portal: Portal) -> dict[str, Any]:
    """The body that creates a record under our key; raises `Unwritable`."""
    properties = properties_for(held, one.fields, portal)
    properties[held.key] = as_value(one.mark)
    link = link_in(held, one.fields)
    associations = [spec_of(held.link, link)] if held.link is not None and link else []
    return {"properties": properties, "associations": associations}


_DONE: Final = Result.DONE


def _written(row: Row) -> Outcome:
    return Outcome(result=_DONE, key=str(row["id"]), version=str(row.get("updatedAt") or ""))


def _missing(key: str) -> Outcome:
    return Outcome(result=Result.MISSING, key=key, why=GONE)


def _key_in(held: HubSpotKind, row: Row) -> str | None:
    properties: Properties | None = row.get("properties")
    return None if properties is None else text(properties, held.key)
