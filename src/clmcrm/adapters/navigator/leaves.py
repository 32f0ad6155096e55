"""An agreement as Navigator shows it, value by value: each is taken by a field of ours or kept among the extras.

A value counts as taken only when our field says all that it said; a day that was written with an hour and a zone
is used and kept as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final, cast

from clmcrm.adapters.iso_days import moment_written
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.money import Money
from clmcrm.values.partial import DayFact, Unknown
from clmcrm.values.tenor import Tenor

NESTED: Final = ("provisions", "related_agreement_documents", "metadata", "_links")
"""The objects whose members are values of their own; any other object is one value."""

OF_THE_REPLY: Final = ("request_id", "response_timestamp", "response_duration_ms")
"""What an agreement's `metadata` says of the reply that shows it: other values each time, and no news of it."""

NOT_EXTRACTED: Final = Unknown("Navigator extracted none")

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NO_TIME: Final = timedelta(0)


class Leaves:
    """The values of one agreement by their paths ("provisions.effective_date"), and which of them were taken.

    >>> leaves = Leaves({"id": "a", "provisions": {"term_length": "P3Y", "renewal_type": None}})
    >>> str(leaves.tenor("provisions.term_length")), leaves.left()
    ('P3Y', {'id': 'a'})
    """

    def __init__(self, agreement: Mapping[str, Any], zone: tzinfo | None = None) -> None:
        self._zone = zone
        self._values: dict[str, Any] = {}
        self._taken: set[str] = set()
        for name, value in agreement.items():
            if name in NESTED and is_tree(value):
                self._values |= {f"{name}.{key}": one for key, one in value.items()}
            else:
                self._values[name] = value

    def left(self) -> dict[str, Json]:
        """What no field of ours took, by path; values that say nothing are left out, exact numbers are texts."""
        return {
            path: exact(value)
            for path, value in self._values.items()
            if path not in self._taken and value not in (None, "", [], {})
        }

    def raw(self, path: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value at a path as it is, not taken; None when there is none."""
        return self._values.get(path)

    def take(self, path: str) -> None:
        """Say that a field of ours holds the value."""
        self._taken.add(path)

    def text(self, path: str) -> str:
        """A text, taken; empty when there is none, or when it is no text (which is then kept)."""
        value = self.raw(path)
        if not isinstance(value, str):
            return ""
        if value == value.strip():
            self.take(path)
        return value.strip()

    def day(self, path: str) -> DayFact:
        """The day of a date, as it is written there, or in the zone that was given; the whole text is kept.

        `Unknown` with the reason for what is no date, and for none.
        """
        value = self.raw(path)
        if value is None:
            return NOT_EXTRACTED
        told = value if isinstance(value, str) else ""
        try:
            day = self._there(moment_written(told)).date()
        except (ValueError, OverflowError):  # in the zone it may lie before the year 1, or after the year 9999
            return Unknown("it is no date", str(value))
        if _DAY.fullmatch(told):
            self.take(path)
        return day

    def tenor(self, path: str) -> Tenor | None:
        """A length of time in its own units, taken; None for none, and for one that we cannot count (kept)."""
        value = self.raw(path)
        try:
            found = Tenor.parse(value) if isinstance(value, str) else None
        except InvalidRecord:
            return None
        if found is not None and str(found) == value:
            self.take(path)
        return found

    def number(self, path: str) -> Decimal | None:
        """A number, exactly, not taken; None for none and for what is no number."""
        value = self.raw(path)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        try:
            # Decimal itself reads other scripts' digits, and underscores anywhere.
            found = Decimal(value) if isinstance(value, str) and value.isascii() and "_" not in value else None
        except ArithmeticError:
            return None
        return found if found is not None and found.is_finite() else None

    def money(self, path: str, currency: str) -> Money | None:
        """An amount with the currency at another path, both taken; None when one is missing or they do not fit."""
        amount, code = self.number(path), self.raw(currency)
        if amount is None or not isinstance(code, str):
            return None
        try:
            found = Money(amount, code)
        except InvalidRecord:
            return None
        self.take(path)
        self.take(currency)
        return found

    def _there(self, at: datetime) -> datetime:
        return at.astimezone(self._zone) if self._zone is not None and at.tzinfo is not None else at

    def is_moment(self, path: str) -> bool:
        """Whether a date has an hour other than midnight there: its day may then be another one elsewhere."""
        value = self.raw(path)
        try:
            at = self._there(moment_written(value)) if isinstance(value, str) else None
        except (ValueError, OverflowError):
            return False
        return at is not None and (at - at.replace(hour=0, minute=0, second=0, microsecond=0)) != _NO_TIME


def exact(value: Any) -> Json:  # noqa: ANN401 - any JSON value
    """A JSON value without floats: exact numbers become texts.

    >>> exact({"share": Decimal("0.10"), "of": [1, True, None]})
    {'share': '0.10', 'of': [1, True, None]}
    """
    if isinstance(value, Decimal):
        return str(value)
    if is_tree(value):
        return {key: exact(one) for key, one in value.items()}
    if is_list(value):
        return [exact(one) for one in value]
    return cast("Json", value)
