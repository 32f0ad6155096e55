"""Where a rule comes from: the text, who vouches for it, and the days on which it holds."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.validators import maybe, member, plain_date, text


class Authority(StrEnum):
    """Who vouches for a rule, strongest first."""

    STATUTE = "statute"
    COURT = "court"
    CONTRACT = "contract"
    DOCTRINE = "doctrine"
    DERIVED = "derived"


@frozen(kw_only=True)
class Source:
    """A rule's origin: `citation` (an article, a case, a clause), its `authority`, when it is in force.

    `first_day` and `last_day` are both inside; None where no bound is known. `derived` marks a reading of
    ours that no text states in so many words: it is not legal advice.

    Raises `InvalidRecord` for a last day before the first: the rule would hold on no day.
    """

    citation: str = field(validator=text)
    authority: Authority = field(validator=member(Authority))
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if self.first_day is not None and self.last_day is not None and self.last_day < self.first_day:
            raise InvalidRecord(f"Source {self.citation}", "last_day", self.last_day, f"{self.first_day} or later")

    @property
    def derived(self) -> bool:
        """Whether the rule is our reading rather than a text's own words."""
        return self.authority is Authority.DERIVED

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on `day`; raises `InvalidRecord` for what is no day."""
        check_days("Source.in_force", day=day)
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    def __str__(self) -> str:
        """The citation, marked when it is derived."""
        return f"{self.citation} (derived)" if self.derived else self.citation
