"""The end of a term as Odoo's date field states it: the last day in force, inside."""

from __future__ import annotations

from datetime import date, timedelta

from clmcrm.adapters.odoo.plain import Row, said
from clmcrm.ports.records import Json

_ONE = timedelta(days=1)


def last_day_of(term: Json) -> str | None:
    """The last day that a term clause states; None where it states none, or only a length.

    >>> last_day_of({"is": "term_clause", "ends_on": "2027-01-01", "end_means": "first_day_after"})
    '2026-12-31'
    """
    ends = term.get("ends_on") if isinstance(term, dict) else None
    if not isinstance(term, dict) or not isinstance(ends, str):
        return None
    after = term.get("end_means") == "first_day_after"
    return (date.fromisoformat(ends) - _ONE).isoformat() if after else ends


def term_in(row: Row, name: str) -> Json:
    """The term clause that a date field states; None when it is empty."""
    last = said(row.get(name))
    return None if last is None else {"is": "term_clause", "ends_on": last, "end_means": "last_day"}
