"""What a committee decided once for all cases of a kind: sales, legal, procurement and IT as data.

A standing rule answers conflicts before anybody is asked. It never works in silence: the edit that gives
way is noted with the rule's name, and the rule says who made it, when, and until when it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import cast

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields, Json, Side
from clmcrm.values.validators import each, maybe, member, plain_date, text


class Case(StrEnum):
    """Which conflicts a standing rule is about."""

    ANY = "any"
    BOTH_CHANGED = "both changed it"
    FIRST_PAIRING = "they differ at the first pairing"
    REVIEWED = "a change of a reviewed field"


@frozen(kw_only=True)
class StandingRule:
    """In the `case` given, the side `takes` is right about `fields` (empty: all) of `kind`.

    `made_by` are the roles that agreed on it, `made_on` the day, `last_day` the last one on which it holds
    (inside; None: until it is withdrawn).

    >>> rule = StandingRule(name="R1", kind="account", fields=("billing_address",), takes=Side.CLM,
    ...     made_by=("sales", "legal"), made_on=date(2026, 1, 5), why="the signed address counts")
    >>> rule.holds_on(date(2026, 1, 4)), rule.holds_on(date(2026, 1, 5))
    (False, True)
    """

    name: str = field(validator=text)
    kind: str = field(validator=text)
    takes: Side = field(validator=member(Side))
    made_by: tuple[str, ...] = field(validator=each(text))
    made_on: date = field(validator=plain_date)
    why: str = field(validator=text)
    fields: tuple[str, ...] = field(default=(), validator=each(text))
    case: Case = field(default=Case.ANY, validator=member(Case))
    last_day: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if not self.made_by:
            raise InvalidRecord(f"StandingRule {self.name}", "made_by", self.made_by, "at least one role")
        if self.last_day is not None and self.last_day < self.made_on:
            raise InvalidRecord(f"StandingRule {self.name}", "last_day", self.last_day, f"{self.made_on} or later")

    def holds_on(self, as_of: date) -> bool:
        """Whether it holds on that day."""
        return self.made_on <= as_of and (self.last_day is None or as_of <= self.last_day)

    def is_about(self, kind: str, name: str, case: Case) -> bool:
        """Whether it answers this conflict."""
        named = not self.fields or name in self.fields
        return self.kind == kind and named and self.case in (Case.ANY, case)

    @property
    def reason(self) -> str:
        """Why its side is right, with its name and who made it."""
        return f"standing rule {self.name} of {', '.join(self.made_by)} ({self.made_on}): {self.why}"

    def as_fields(self) -> Fields:
        """The rule as plain JSON."""
        last = None if self.last_day is None else self.last_day.isoformat()
        return {
            "name": self.name, "kind": self.kind, "fields": list(self.fields), "case": self.case.value,
            "takes": self.takes.value, "made_by": list(self.made_by), "made_on": self.made_on.isoformat(),
            "last_day": last, "why": self.why,
        }  # fmt: skip


def standing_rule_of(fields: Fields) -> StandingRule:
    """The rule that `StandingRule.as_fields` wrote, or that a committee typed into a file.

    `fields`, `case` and `last_day` may be left out. Raises `InvalidRecord` for anything else that is missing
    or makes no sense.
    """
    try:
        last = fields.get("last_day")
        return StandingRule(
            name=str(fields["name"]),
            kind=str(fields["kind"]),
            fields=tuple(str(name) for name in cast("list[Json]", fields.get("fields") or [])),
            case=Case(str(fields.get("case") or Case.ANY.value)),
            takes=Side(str(fields["takes"])),
            made_by=tuple(str(role) for role in cast("list[Json]", fields["made_by"])),
            made_on=date.fromisoformat(str(fields["made_on"])),
            last_day=None if last is None else date.fromisoformat(str(last)),
            why=str(fields["why"]),
        )
    except KeyError as missing:
        raise InvalidRecord("StandingRule", str(missing.args[0]), None, "a value") from None
    except (TypeError, ValueError) as problem:
        if isinstance(problem, InvalidRecord):
            raise
        raise InvalidRecord("StandingRule", "fields", str(problem), "the form that as_fields writes") from None


def answering(rules: Iterable[StandingRule], kind: str, name: str, case: Case) -> StandingRule | None:
    """The first rule that answers the conflict; None when nobody has decided it once for all."""
    return next((rule for rule in rules if rule.is_about(kind, name, case)), None)
