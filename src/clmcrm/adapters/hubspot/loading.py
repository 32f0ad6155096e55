"""A first load: records made or overwritten by our key, a hundred to a call, without asking who wrote there meanwhile.

This is for data that nobody edits in HubSpot, or not yet. The engine never uses it: its creations bind, and overwrite
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from clmcrm.adapters.hubspot.batches import MOST, TRACE, sent
from clmcrm.adapters.hubspot.encoding import checked_properties, properties_as_json
from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.marks import as_value
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Unwritable
from clmcrm.adapters.hubspot.reading import Reader
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.setting_up import check_key
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Fields
from clmcrm.values.json_text import quoted


@frozen(kw_only=True)
class Loaded:
    """What a load did: HubSpot's key of each record by our key, those that are `new`, and why others were `refused`."""

    keys: Mapping[str, str]
    new: frozenset[str]
    refused: Mapping[str, str]


class Loader:
    """Loads records of one `kind` through `session`; associations are not loaded."""

    def __init__(self, session: HubSpotSession, reader: Reader, kind: str) -> None:
        self._session, self._reader = session, reader
        self._held = reader.held(kind)
        self._checked = False
        if self._held.carrier:
            raise TerminalError(VENDOR, f"{kind} is carried by other records there; it cannot be loaded")

    def load(self, rows: Mapping[str, Fields]) -> Flow[Loaded]:
        """Make or overwrite the records with these fields, by our key.

        Raises `TerminalError` for more than a hundred of them, or when our key is not unique there.
        """
        held = self._held
        if len(rows) > MOST:
            raise TerminalError(VENDOR, f"{len(rows)} records in one load, at most {MOST} are taken")
        if not self._checked:
            yield from check_key(self._session, held)
            self._checked = True
        portal = yield from self._reader.portal()
        marks = list(rows)
        refused: dict[str, str] = {}
        inputs: dict[int, str | dict[str, Any]] = {}
        names: dict[str, int] = {}
        for place, (mark, fields) in enumerate(rows.items()):
            own = as_value(mark)
            try:
                inputs[place] = _input(held, place, own, fields, portal)
            except Unwritable as unwritable:
                refused[mark] = unwritable.why
                continue
            names[own] = place
        if not inputs:
            return Loaded(keys={}, new=frozenset(), refused=refused)
        path = f"{held.path}/batch/upsert"
        told = yield from sent(self._session, path, inputs, Effect.KEYED, names=names, by=held.key)
        refused.update({marks[place]: why for place, why in told.why.items()})
        return Loaded(
            keys={marks[place]: str(row["id"]) for place, row in told.rows.items()},
            new=frozenset([marks[place] for place, row in told.rows.items() if row.get("new") is True]),
            refused=refused,
        )


def _input(held: HubSpotKind, place: int, own: str, fields: Fields, portal: Portal) -> str | dict[str, Any]:
    """What loads a record under the value `own` of our key; raises `Unwritable`.

    Our key is among the properties too: a result without a trace id is known by it.
    """
    said = properties_as_json(held, fields)
    if said is None:
        properties = checked_properties(held, fields, portal)
        properties[held.key] = own
        return {TRACE: str(place), "id": own, "idProperty": held.key, "properties": properties}
    mark, key = quoted(own), held.key
    return f'{{"{TRACE}":"{place}","id":{mark},"idProperty":"{key}","properties":{{{said},"{key}":{mark}}}}}'
