"""Single terms shown on the opportunity that the contract came of, in columns of the org's choice.

They are written before the terms themselves: when the opportunity does not take them, the terms are refused with the
reason; when it may take them later, the whole call is tried later. A term that no longer holds empties its column, and
terms that are removed empty them all: before they go, since afterwards nobody would know whose they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.adapters.dataverse.deeds import is_held_back
from clmcrm.adapters.dataverse.kinds import DataverseKind, Row
from clmcrm.adapters.dataverse.multipart import MOST, Part
from clmcrm.adapters.dataverse.odata import is_id, row_path
from clmcrm.adapters.dataverse.reading import Reader
from clmcrm.adapters.dataverse.session import error_of
from clmcrm.adapters.dataverse.terms import terms_shown
from clmcrm.adapters.dataverse.wire import BROKEN, VENDOR
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.terms_in_words import shown_term
from clmcrm.errors import TransientError
from clmcrm.ports.calls import Effect, Flow, Reply
from clmcrm.ports.records import Create, Fields, Kind, Outcome, Remove, Result, Write

_FAILED: Final = 300
_GONE: Final = 404


def on_opportunities(
    reader: Reader, held: DataverseKind, writes: Mapping[int, Write], rows: Mapping[str, Row]
) -> Flow[dict[int, Outcome]]:
    """Show the terms of these writes on their opportunities; the outcomes of those that could not be shown.

    `rows` are the terms as they stand, by key. Sent twice it does the same: the columns are ours alone. Raises
    `TransientError` when the environment takes no more for now, or breaks down over one.
    """
    places = reader.org.terms_on_opportunity
    if not held.own_terms or not places:
        return {}
    told = {place: found for place, one in writes.items() if (found := _told(reader, one, rows)) is not None}
    named = {place: str(fields.get("opportunity") or "") for place, fields in told.items()}
    # Of several contracts of one opportunity the last is shown that is not removed.
    by_end = sorted(named, key=lambda place: not isinstance(writes[place], Remove))
    keys = {place: named[place] for place in by_end if is_id(named[place])}
    if not keys:
        return {}
    opportunity = yield from reader.held(Kind.OPPORTUNITY)
    parts = [
        Part(
            method="PATCH",
            path=row_path(opportunity.known.set, key),
            body={at: shown_term(told[place].get(name)) for name, at in places.items()},
            headers={"If-Match": "*"},  # changed, and never made
        )
        for place, key in keys.items()
    ]
    answers: list[Reply] = []
    for start in range(0, len(parts), MOST):
        batch = yield from reader.session.batch(parts[start : start + MOST], effect=Effect.KEYED)
        answers += [reply for (reply,) in batch]
    return {
        place: Outcome(result=Result.REFUSED, why=_refusal(reply, f"not shown on opportunity {key}"))
        for (place, key), reply in zip(keys.items(), answers, strict=True)
        if reply.status >= _FAILED and not (reply.status == _GONE and isinstance(writes[place], Remove))
    }


def _refusal(reply: Reply, what: str) -> str:
    """Why an opportunity does not take its terms, in words; raises `TransientError` where it may take them later."""
    why = f"{what}: {error_of(reply)}"
    if reply.status >= BROKEN or is_held_back([reply]):
        raise TransientError(VENDOR, why, reply.request_id)
    return why


def _told(reader: Reader, one: Write, rows: Mapping[str, Row]) -> Fields | None:
    """The terms as they will be: an update states only what changes, and of removed ones only the opportunity is left.

    None for a removal of what is not there, or not readable.
    """
    if isinstance(one, Create):
        return one.fields
    try:
        before = terms_shown(rows[one.key.lower()], reader.ground)
    except (Misfit, KeyError):
        return None if isinstance(one, Remove) else one.fields
    return {"opportunity": before.get("opportunity")} if isinstance(one, Remove) else {**before, **one.fields}
