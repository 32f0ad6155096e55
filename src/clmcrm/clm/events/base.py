"""The fact that every event is: recorded at an instant, vouched for by somebody, and counted from a day."""

from __future__ import annotations

from datetime import date, datetime

from attrs import field, frozen

from clmcrm.values.validators import instant, text


@frozen
class Event:
    """A fact: recorded at `at`, vouched for by `by`, with a `note` for people."""

    at: datetime = field(validator=instant)
    by: str = field(validator=text)
    note: str = field(default="", kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day from which it counts: the day it speaks of, or the one it was recorded on."""
        return self.at.date()
