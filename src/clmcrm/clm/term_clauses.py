"""How long a contract runs, how it is renewed, and how and when it may be left: the clauses about its term."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum

from attrs import field, frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.day_expressions import DayExpression, Expression
from clmcrm.clm.kinds import Party
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import NOT_STATED, EndFact, PartialDate, Perpetual, Unknown
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import (
    count,
    flag,
    instance,
    maybe,
    member,
)


class EndMeaning(StrEnum):
    """What a stated end date means: the last day inside, or the first day after."""

    LAST_DAY = "last_day"
    FIRST_DAY_AFTER = "first_day_after"
    UNSAID = "unsaid"


@frozen(kw_only=True)
class TermClause(Clause):
    """How long the contract runs at first: a length, a stated end, or both; or a rule for its last day.

    With a length and a stated end, the stated end wins (`clmcrm.clm.stored_dates.term_contradictions` says
    whether they agree). `until` is the last day by a rule, such as the earlier of two days; it stands in
    place of a stated end and wins over a length. `minimum` is how long nobody may leave, from the first day
    (None: no minimum apart from the term itself). `end_means` says how the stated end is to be read;
    `UNSAID` leaves both readings open, and deadlines then carry the spread.
    """

    initial: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    ends_on: EndFact = field(default=NOT_STATED, validator=instance(date, PartialDate, Perpetual, Unknown))
    end_means: EndMeaning = field(default=EndMeaning.UNSAID, validator=member(EndMeaning))
    minimum: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    until: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))

    def __attrs_post_init__(self) -> None:
        if self.until is not None and isinstance(self.ends_on, date):
            raise InvalidRecord("TermClause", "until", self.until, f"no rule beside the stated end {self.ends_on}")


class RenewalKind(StrEnum):
    """What happens when a term ends and nobody says anything more than the clause asks for."""

    NONE = "none"
    TACIT = "tacit"
    EXPRESS = "express"
    MUTUAL = "mutual"
    OPTION = "option"
    INDEFINITE = "indefinite"


@frozen(kw_only=True)
class RenewalClause(Clause):
    """Whether and for how long the contract goes on after a term.

    `TACIT`: renews unless notice is given. `EXPRESS`: ends unless the one who may says so; `OPTION`: the
    same for one side alone; `MUTUAL`: only if both agree. `INDEFINITE`: goes on without an end until
    notice. `length` is the length of each further term (required unless NONE or INDEFINITE), `times` how
    many renewals there may be at most (0 or more; None: as many as come). `by` is who may renew or object.
    """

    kind: RenewalKind = field(validator=member(RenewalKind))
    length: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    times: int | None = field(default=None, validator=maybe(count))
    by: Party = field(default=Party.EITHER, validator=member(Party))

    def __attrs_post_init__(self) -> None:
        needs_length = self.kind not in (RenewalKind.NONE, RenewalKind.INDEFINITE)
        if needs_length and self.length is None:
            raise InvalidRecord(
                "RenewalClause", "length", None, f"the length of each further term ({self.kind} renewal)"
            )


class NoticeReference(StrEnum):
    """What the notice period is counted back from."""

    END_OF_TERM = "end_of_term"
    RENEWAL_DATE = "renewal_date"
    UNSAID = "unsaid"
    """Before the end or before the renewal: the clause leaves it open, and the two differ by one day."""
    ANNIVERSARY = "anniversary"
    END_OF_MONTH = "end_of_month"
    END_OF_QUARTER = "end_of_quarter"
    END_OF_HALF_YEAR = "end_of_half_year"
    END_OF_YEAR = "end_of_year"
    ANY_TIME = "any_time"


class NoticeEffect(StrEnum):
    """When a notice counts as given."""

    RECEIPT = "receipt"
    DISPATCH = "dispatch"
    UNSAID = "unsaid"


@frozen(kw_only=True)
class NoticeClause(Clause):
    """How long before what a notice must be given, and how it is counted.

    `length` is at least; `not_before` opens a window (notice may not be given more than that long
    before). `effect` says whether receipt or dispatch counts; `deemed_days` is how many business days
    after dispatch a letter counts as received (None: not agreed). `cut_off` with `zone` (an IANA name) is
    the hour after which a delivery counts for the next day. `clear_days` counts full days between.
    `regime` names the legal regime that computes time, by its own name ("FR_CPC") or its place ("FR", "DE");
    None: the law of the contract's governing place (`clmcrm.clm.governing_regime`).
    """

    length: Tenor = field(validator=instance(Tenor))
    reference: NoticeReference = field(default=NoticeReference.UNSAID, validator=member(NoticeReference))
    not_before: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    effect: NoticeEffect = field(default=NoticeEffect.UNSAID, validator=member(NoticeEffect))
    deemed_days: int | None = field(default=None, validator=maybe(count))
    cut_off: time | None = None
    zone: str | None = None
    clear_days: bool = field(default=False, validator=flag)
    regime: str | None = None
    by: Party = field(default=Party.EITHER, validator=member(Party))
    form: str = ""


@frozen(kw_only=True)
class TerminationRight(Clause):
    """A right to end the contract early, with `notice` (None: at once) and, for cause, a `cure` period."""

    by: Party = field(default=Party.EITHER, validator=member(Party))
    for_cause: bool = field(default=False, validator=flag)
    notice: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    cure: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
