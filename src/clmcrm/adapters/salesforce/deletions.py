"""What was deleted, and what was merged away: told only on proof.

The log of deletions (getDeleted) reaches back 15 days at most and may have been purged; what was deleted before is not
known, and that is said. A record that the log names and that is there again (undeleted) is not gone. Which record a
merged one went into stands in MasterRecordId, as long as the loser is in the recycle bin.
Source: REST API Developer Guide, "sObject Get Deleted"; SOAP API Developer Guide, getDeleted().
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from attrs import frozen

from clmcrm.adapters.field_forms import instant
from clmcrm.adapters.salesforce.kinds import SalesforceKind
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.adapters.salesforce.wire import VENDOR
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.errors import MalformedReply, RefusedError
from clmcrm.ports.calls import Flow

LAG: Final = timedelta(minutes=1)
"""How long a deletion may take to stand in the log: it counts whole minutes."""
LONGEST: Final = timedelta(days=15)
"""How far back the log of deletions reaches, at most."""
_MINUTE: Final = timedelta(minutes=1)
_SAFE: Final = LONGEST - timedelta(minutes=5)
_REFUSED: Final = ("INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT")


@frozen
class Deleted:
    """The ids that the log names, and until when it is complete; `known` False: the log does not reach back so far."""

    ids: tuple[str, ...]
    until: datetime
    known: bool = True


def deleted_since(session: SalesforceSession, kind: SalesforceKind, since: datetime, now: datetime) -> Flow[Deleted]:
    """What the log says was deleted from `since` to the last whole minute before `now`: seconds do not count there."""
    if now - since > _SAFE:
        return Deleted((), now, known=False)
    end = now.replace(second=0, microsecond=0)
    start = min(since.replace(second=0, microsecond=0), end - 2 * _MINUTE)
    path = f"/sobjects/{kind.object}/deleted/?start={_sent(start)}&end={_sent(end)}"
    try:
        told = yield from session.ask("GET", path)
    except RefusedError as refused:
        if any(code in refused.what for code in _REFUSED):
            return Deleted((), now, known=False)
        raise
    return _read(told, since, end, path.partition("?")[0])


def _sent(moment: datetime) -> str:
    return quote(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"), safe="")


def _read(told: object, since: datetime, end: datetime, where: str) -> Deleted:
    found = told if is_tree(told) else {}
    rows = found.get("deletedRecords")
    if not is_list(rows):
        raise MalformedReply(VENDOR, where, "no deletedRecords")
    ids = tuple(str(one["id"]) for one in rows if is_tree(one) and one.get("id"))
    try:
        covered = found.get("latestDateCovered")
        earliest = found.get("earliestDateAvailable")
        until = end if covered is None else min(instant(covered), end)
        known = earliest is None or instant(earliest) <= since.replace(second=0, microsecond=0) + _MINUTE
    except (ValueError, OverflowError) as problem:
        raise MalformedReply(VENDOR, where, str(problem)) from None
    return Deleted(ids, until, known=known)
