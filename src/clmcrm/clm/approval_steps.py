"""The steps of an approval and those who may take them, as data that is recorded when a draft is submitted.

The rules of the file:

- A step has *seats*: each role and each named person on it is one. `ALL` asks for every seat, `ANY` for one,
  `QUORUM` for so many different people.
- Steps of a lower order come first; those of an equal order run side by side.
- A person is not an account. Names are compared without regard to case and spaces, and each account that was
  declared for a person is that person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.adjustments import nth_business_day
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import forward
from clmcrm.errors import InvalidRecord
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import count, each, instance, maybe, member, plain_date, positive_count, text
from clmcrm.values.wording import Language, Wording

_INVISIBLE: Final = (
    ("\u034f", "\u034f"),
    ("\u115f", "\u1160"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\u2065", "\u2065"),
    ("\u2800", "\u2800"),
    ("\ufe00", "\ufe0f"),
    ("\ufff0", "\ufff8"),
    ("\U000e0000", "\U000e0fff"),
)
"""Besides those of format: what Unicode calls default ignorable, in compatible form, and the blank Braille sign."""


class ApprovalMode(StrEnum):
    """How many of a step's seats have to approve."""

    ALL = "all"
    ANY = "any"
    QUORUM = "quorum"


@frozen(kw_only=True)
class ApprovalStep:
    """One step: who has to approve, in which place of the order, and why.

    `roles` and `people` are its seats; without any, everybody but the authors may take it, once. `quorum` is
    how many different people it takes in mode `QUORUM`. It is to be taken `within` a length of time, or within
    so many `business_days`, of the day it was reached (None both: no deadline); after that it may go to one
    of `escalates_to`, roles or people, whose approval then concludes it.
    """

    name: str = field(validator=text)
    order: int = field(default=0, validator=count)
    roles: tuple[str, ...] = field(default=(), validator=each(text))
    people: tuple[str, ...] = field(default=(), validator=each(text))
    mode: ApprovalMode = field(default=ApprovalMode.ALL, validator=member(ApprovalMode))
    quorum: int | None = field(default=None, validator=maybe(positive_count))
    why: Wording | str = field(default="", validator=instance(Wording, str))
    within: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    business_days: int | None = field(default=None, validator=maybe(positive_count))
    escalates_to: tuple[str, ...] = field(default=(), validator=each(text))

    def __attrs_post_init__(self) -> None:
        if (self.quorum is not None) != (self.mode is ApprovalMode.QUORUM):
            raise InvalidRecord(f"ApprovalStep {self.name}", "quorum", self.quorum, "a number with mode quorum only")
        if self.within is not None and self.business_days is not None:
            given = f"{self.within} and {self.business_days}"
            raise InvalidRecord(f"ApprovalStep {self.name}", "within", given, "a length of time or business days")
        seats = [plain_name(seat) for seat in (*self.roles, *self.people, *self.escalates_to)]
        if len(set(seats)) < len(seats):
            raise InvalidRecord(f"ApprovalStep {self.name}", "roles", ", ".join(seats), "each seat once")
        if not self.roles and self.quorum is not None and self.people and self.quorum > len(self.people):
            most = f"at most {len(self.people)}, the people named"
            raise InvalidRecord(f"ApprovalStep {self.name}", "quorum", self.quorum, most)

    @property
    def seats(self) -> tuple[str, ...]:
        """The roles, then the people named."""
        return (*self.roles, *self.people)

    def requires(self, role: str) -> bool:
        """Whether the step is complete only once `role` has approved, an escalation aside.

        >>> ApprovalStep(name="both", roles=("legal", "finance")).requires("Finance")
        True
        >>> ApprovalStep(name="one", roles=("legal", "finance"), mode=ApprovalMode.ANY).requires("finance")
        False
        """
        named = plain_name(role) in map(plain_name, self.roles)
        return named and (self.mode is ApprovalMode.ALL or len(self.seats) == 1)

    def why_said(self, language: Language = "en") -> str:
        """Why the step is asked for, in `language` where it is worded in both."""
        return self.why.said(language) if isinstance(self.why, Wording) else self.why

    def last_day(self, reached_on: date, calendar: HolidayCalendar | None = None) -> date | None:
        """The last day, itself inside, to take the step that was reached on `reached_on`; None without a deadline.

        Raises `InvalidRecord` where it is counted in business days and there is no `calendar`.

        >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
        >>> step = ApprovalStep(name="legal", roles=("legal",), business_days=3)
        >>> step.last_day(date(2026, 5, 7), MONDAY_TO_FRIDAY)
        datetime.date(2026, 5, 12)
        """
        if self.within is not None:
            return forward(reached_on, self.within)
        if self.business_days is None:
            return None
        if calendar is None:
            raise InvalidRecord(f"ApprovalStep {self.name}", "calendar", None, "a calendar to count business days on")
        return nth_business_day(reached_on, self.business_days, calendar)


@frozen(kw_only=True)
class Approver:
    """Somebody who may approve: the `name`, the `roles` held, and every account that is the same person.

    `stand_in_by` are those who may name a stand-in for them, besides themselves: for an absence that nobody
    saw coming.
    """

    name: str = field(validator=text)
    roles: tuple[str, ...] = field(default=(), validator=each(text))
    accounts: tuple[str, ...] = field(default=(), validator=each(text))
    stand_in_by: tuple[str, ...] = field(default=(), validator=each(text))


@frozen
class Delegation:
    """`giver` lets `to` approve for them from `first_day` to `last_day`, both inside."""

    giver: str = field(validator=text)
    to: str = field(validator=text)
    first_day: date = field(validator=plain_date)
    last_day: date = field(validator=plain_date)

    def __attrs_post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise InvalidRecord("Delegation", "last_day", self.last_day, f"{self.first_day} or later")

    def lasts_on(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return self.first_day <= day <= self.last_day

    def overlaps(self, other: Delegation) -> bool:
        """Whether both are in force on some day."""
        return self.first_day <= other.last_day and other.first_day <= self.last_day


def plain_name(name: str) -> str:
    """A name as it is compared: compatible characters made one, no invisible ones, any case and spacing alike.

    >>> plain_name("  Ann\u00a0SMITH "), plain_name("mailto:Ann@Own.Example")
    ('ann smith', 'ann@own.example')
    """
    seen = "".join(char for char in unicodedata.normalize("NFKC", name) if not _is_invisible(char))
    folded = " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())
    return folded.removeprefix("mailto:").strip()


def _is_invisible(char: str) -> bool:
    """Whether nothing is seen of a character: a mark of format or control, a filler, a selector of variants."""
    if unicodedata.category(char) in ("Cf", "Cc"):
        return not char.isspace()
    return any(first <= char <= last for first, last in _INVISIBLE)


class People:
    """Who is who among the approvers of a round, and who holds which role.

    With nobody declared, each name is a person of its own and any role may be claimed. Raises `InvalidRecord`
    for an account that two people share: nobody could say who acted.
    """

    def __init__(self, approvers: Iterable[Approver]) -> None:
        self._roles: dict[str, frozenset[str]] = {}
        self._namers: dict[str, tuple[str, ...]] = {}
        accounts: dict[str, str] = {}
        for approver in approvers:
            person = plain_name(approver.name)
            for account in (approver.name, *approver.accounts):
                key = plain_name(account)
                if accounts.setdefault(key, person) != person or (account is approver.name and person in self._roles):
                    raise InvalidRecord(f"Approver {approver.name}", "accounts", account, "an account of one person")
            self._roles[person] = frozenset(map(plain_name, approver.roles))
            self._namers[person] = approver.stand_in_by
        self._accounts: Mapping[str, str] = accounts

    @property
    def declared(self) -> bool:
        """Whether anybody is declared at all."""
        return bool(self._roles)

    def person(self, account: str) -> str:
        """The person an account or a name belongs to; the plain name itself where it is nobody's."""
        key = plain_name(account)
        return self._accounts.get(key, key)

    def is_declared(self, account: str) -> bool:
        """Whether the account is a declared person's."""
        return self.person(account) in self._roles

    def knows(self, account: str) -> bool:
        """Whether the person is declared; everybody is known where nobody is declared."""
        return not self._roles or self.is_declared(account)

    def is_one(self, account: str, other: str) -> bool:
        """Whether both accounts are the same person's."""
        return self.person(account) == self.person(other)

    def holds(self, account: str, role: str) -> bool:
        """Whether the person holds `role`; anybody may claim it where nobody is declared."""
        return not self._roles or plain_name(role) in self._roles.get(self.person(account), frozenset())

    def holders(self, role: str) -> tuple[str, ...]:
        """The declared people who hold `role`, sorted, by their plain names."""
        return tuple(sorted(person for person, roles in self._roles.items() if plain_name(role) in roles))

    def may_name_stand_in(self, account: str, giver: str) -> bool:
        """Whether `account` may delegate what `giver` may approve."""
        namers = self._namers.get(self.person(giver), ())
        return self.is_one(account, giver) or any(self.is_one(account, namer) for namer in namers)


NO_PEOPLE: Final = People(())
"""Nobody is declared: names alone tell people apart."""
