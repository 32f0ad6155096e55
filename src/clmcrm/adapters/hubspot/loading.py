"""A first load: records made or overwritten by our key, a hundred to a call, without asking who wrote there meanwhile.

This is for data that nobody edits in HubSpot, or not yet. The engine never uses it: its creations bind, and overwrite
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clmcrm.adapters.hubspot.batches import MOST, sent
from clmcrm.adapters.hubspot.encoding import properties_for
from clmcrm.adapters.hubspot.marks import as_value
from clmcrm.adapters.hubspot.properties import Unwritable
from clmcrm.adapters.hubspot.reading import Reader
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.setting_up import check_key
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Outcome, Result


class Loader:
    """Loads records of one `kind` through `session`; associations are not loaded."""

    def __init__(self, session: HubSpotSession, reader: Reader, kind: str) -> None:
        self._session, self._reader = session, reader
        self._held = reader.held(kind)
        self._checked = False
        if self._held.carrier:
            raise TerminalError(VENDOR, f"{kind} is carried by other records there; it cannot be loaded")

    def load(self, writes: Sequence[Create]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per record, in order: BOUND for one that was there and is overwritten, DONE for a new one.

        Raises `TerminalError` for more than a hundred records, for one key twice, or when our key is not unique there.
        """
        held = self._held
        if len(writes) > MOST or len({one.mark for one in writes}) != len(writes):
            raise TerminalError(VENDOR, f"{len(writes)} records in one load: at most {MOST}, each under its own key")
        if not self._checked:
            yield from check_key(self._session, held)
            self._checked = True
        portal = yield from self._reader.portal()
        done: dict[int, Outcome] = {}
        inputs: dict[int, dict[str, Any]] = {}
        for place, one in enumerate(writes):
            try:
                properties = properties_for(held, one.fields, portal)
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, why=refused.why)
                continue
            inputs[place] = {"id": as_value(one.mark), "idProperty": held.key, "properties": properties}
        if inputs:
            told = yield from sent(self._session, f"{held.path}/batch/upsert", inputs, Effect.KEYED)
            for place, row in told.rows.items():
                result = Result.DONE if row.get("new") is True else Result.BOUND
                done[place] = Outcome(result=result, key=str(row["id"]), version=str(row.get("updatedAt") or ""))
            done.update({place: Outcome(result=Result.REFUSED, why=why) for place, why in told.why.items()})
        return tuple(done[place] for place in range(len(writes)))
