"""Single terms shown on the opportunity that the contract came of, in fields of the org's choice.

They are written before the terms themselves: when the opportunity does not take them, the terms are refused with the
reason; while somebody else is writing it they are stale, so that both are planned anew. A term that no longer holds
empties its field, and terms that are removed empty them all: before they go, since afterwards nobody would know whose
they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.salesforce.collections import updated
from clmcrm.adapters.salesforce.kinds import Row, SalesforceKind
from clmcrm.adapters.salesforce.reading import Reader, is_id
from clmcrm.adapters.salesforce.terms import terms_shown
from clmcrm.adapters.terms_in_words import shown_term
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Create, Fields, Kind, Outcome, Remove, Result, Write


def on_opportunities(reader: Reader, held: SalesforceKind, writes: Mapping[int, Write]) -> Flow[dict[int, Outcome]]:
    """Show the terms of these writes on their opportunities; the outcomes of those that could not be shown."""
    places = reader.org.terms_on_opportunity
    if not held.own_terms or not places:
        return {}
    told = yield from _told(reader, held, writes)
    keys = {place: str(fields.get("opportunity") or "") for place, fields in told.items()}
    named = {place: key for place, key in keys.items() if is_id(key)}
    values: dict[int, dict[str, Any]] = {
        place: {at: shown_term(told[place].get(name)) for name, at in places.items()} for place in named
    }
    if not values:
        return {}
    opportunity = yield from reader.held(Kind.OPPORTUNITY)
    # A collection names a record once: of several contracts of one opportunity the last is shown that is not removed.
    by_end = sorted(named, key=lambda place: not isinstance(writes[place], Remove))
    last = {named[place]: place for place in by_end}
    found = yield from updated(reader, opportunity, {place: values[place] for place in last.values()}, named)
    shown = {place: found[last[key]] for place, key in named.items()}
    return {
        place: _unshown(writes[place], outcome, f"not shown on opportunity {named[place]}: {outcome.why}")
        for place, outcome in shown.items()
        if not outcome.ok and not (outcome.result is Result.MISSING and isinstance(writes[place], Remove))
    }


def _unshown(write: Write, outcome: Outcome, why: str) -> Outcome:
    key = "" if isinstance(write, Create) else write.key
    return Outcome(result=Result.STALE if outcome.result is Result.STALE else Result.REFUSED, key=key, why=why)


def _told(reader: Reader, held: SalesforceKind, writes: Mapping[int, Write]) -> Flow[dict[int, Fields]]:
    """The terms as they will be: an update states only what changes; of removed ones only the opportunity is left."""
    made: dict[int, Fields] = {place: one.fields for place, one in writes.items() if isinstance(one, Create)}
    changed = {place: one for place, one in writes.items() if not isinstance(one, Create)}
    rows = (yield from reader.rows(held, [one.key for one in changed.values()])) if changed else {}
    for place, one in changed.items():
        if one.key not in rows:
            continue
        before = _before(rows[one.key], reader)
        removed: Fields = {"opportunity": before.get("opportunity")}
        made[place] = removed if isinstance(one, Remove) else {**before, **one.fields}
    return made


def _before(row: Row, reader: Reader) -> Fields:
    try:
        return terms_shown(row, reader.org)
    except Misfit:
        return {}
