"""What a legal regime of time is: rules as data, each in words and with the text or case it rests on.

A regime decides nothing by code of its own: the engine in `clmcrm.calendars.legal_time` reads the rules.
Where a text is silent the rule is `derived`, which every explanation says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import SUNDAY, WEEKEND
from clmcrm.values.source import Authority, Source
from clmcrm.values.validators import count, flag, instance, maybe, member, positive_count, text
from clmcrm.values.wording import Wording


class WhenClosed(StrEnum):
    """What becomes of a last day that is a Saturday, a Sunday or a holiday."""

    STAYS = "none"
    NEXT = "following"
    PREVIOUS = "preceding"


@frozen(kw_only=True)
class Rule:
    """One rule of a regime: what it says, in words, and its source."""

    wording: Wording = field(validator=instance(Wording))
    source: Source = field(validator=instance(Source))

    @property
    def citation(self) -> str:
        """The citation of the source."""
        return self.source.citation


@frozen(kw_only=True)
class LastDayRule:
    """What becomes of a last day that does not count (`when_closed`), by which `rule`."""

    when_closed: WhenClosed = field(validator=member(WhenClosed))
    rule: Rule = field(validator=instance(Rule))


@frozen(kw_only=True)
class HoursRule:
    """How hours run: `from_next_hour` leaves out the hour of the event; `when_closed` for the last day."""

    from_next_hour: bool = field(default=False, validator=flag)
    when_closed: WhenClosed = field(default=WhenClosed.STAYS, validator=member(WhenClosed))
    rule: Rule = field(validator=instance(Rule))


@frozen(kw_only=True)
class ShortPeriodRule:
    """Periods of up to `longest` days count business days only."""

    longest: int = field(validator=positive_count)
    rule: Rule = field(validator=instance(Rule))


@frozen(kw_only=True)
class LeastWorkingDaysRule:
    """A period of two days or more holds at least `working_days` working days."""

    working_days: int = field(validator=count)
    rule: Rule = field(validator=instance(Rule))


@frozen(kw_only=True)
class WorkingDayRule:
    """Which weekdays are never working days (0 is Monday) where the law counts "the n-th working day"."""

    closed_weekdays: frozenset[int]
    rule: Rule = field(validator=instance(Rule))


def derived(en: str, fr: str, citation: str) -> Rule:
    """A rule that no text states in so many words: our reading, marked as such.

    >>> derived("the day stays", "le jour reste", "silence of the text").source.derived
    True
    """
    return Rule(wording=Wording(en, fr), source=Source(citation=citation, authority=Authority.DERIVED))


NOTICE_IS_THE_INVERSE: Final = derived(
    "notice is in time on every day from which the period, counted forward, runs out by the last day",
    "le préavis est donné à temps tout jour à partir duquel le délai, compté vers l'avenir, "
    "expire au plus tard le dernier jour",
    "inverse of the forward rule; fits Cass. 3e civ. 8.3.2018, 17-11.312",
)
CLEAR_DAYS: Final = derived(
    "the whole period lies between the day of the act and the day of the event; neither is counted",
    "le délai entier sépare le jour de l'acte du jour de l'événement ; aucun des deux ne compte",
    'plain meaning of "clear" days',
)
SEVEN_DAYS: Final = derived(
    "a week is seven days, so the period ends on the same weekday as the event",
    "une semaine vaut sept jours : le délai finit le même jour de semaine que l'événement",
    "plain meaning of a week",
)
FIRST_DAY_COUNTED: Final = derived(
    "where the first day is counted, the period ends on the day before the corresponding one, or on the "
    "month's last day where that day is missing",
    "si le premier jour compte, le délai prend fin la veille du jour correspondant, ou le dernier jour "
    "du mois si ce jour n'existe pas",
    "counting the first day; cf. BGB § 187 (2), § 188 (2), (3)",
)
COUNTED_BACK: Final = derived(
    "counted backwards, the day of the event is not counted and the n-th day back is the last one",
    "à rebours, le jour de l'événement ne compte pas et le n-ième jour en arrière est le dernier",
    "mirror of the forward rule",
)
EVERY_OTHER_DAY_WORKS: Final = WorkingDayRule(
    closed_weekdays=WEEKEND,
    rule=derived(
        "a working day is a day on which the calendar is open",
        "un jour ouvrable est un jour d'ouverture du calendrier",
        "plain meaning of the words",
    ),
)
SATURDAY_WORKS: Final = frozenset({SUNDAY})
ELAPSED_HOURS: Final = HoursRule(
    rule=derived(
        "hours are counted as elapsed time",
        "les heures se comptent en temps écoulé",
        "plain meaning of hours",
    )
)


@frozen(kw_only=True)
class Regime:
    """A legal order's rules for computing time, each with its source.

    `place` is the ISO code, "EU", or "any" for principles that parties choose. `calendar_place` names the
    legal calendar assumed where the caller gives none (None: Saturdays and Sundays only); the assumption
    is stated in every result that rests on it. `weeks` None: the rule on months covers both. `contracts_of`
    is the ISO 3166 code of the place whose law of contracts this is: it counts there where a clause names no
    regime (None: it counts only where a clause names it).
    """

    name: str = field(validator=text)
    place: str = field(validator=text)
    title: Wording = field(validator=instance(Wording))
    event: Rule = field(validator=instance(Rule))
    days: Rule = field(validator=instance(Rule))
    months: Rule = field(validator=instance(Rule))
    missing_day: Rule = field(validator=instance(Rule))
    forward: LastDayRule = field(validator=instance(LastDayRule))
    backward: LastDayRule = field(validator=instance(LastDayRule))
    first_day_counted: Rule = field(default=FIRST_DAY_COUNTED, validator=instance(Rule))
    counted_back: Rule = field(default=COUNTED_BACK, validator=instance(Rule))
    clear: Rule = field(default=CLEAR_DAYS, validator=instance(Rule))
    notice: Rule = field(default=NOTICE_IS_THE_INVERSE, validator=instance(Rule))
    hours: HoursRule = field(default=ELAPSED_HOURS, validator=instance(HoursRule))
    working_day: WorkingDayRule = field(default=EVERY_OTHER_DAY_WORKS, validator=instance(WorkingDayRule))
    short_periods: ShortPeriodRule | None = field(default=None, validator=maybe(instance(ShortPeriodRule)))
    least_working_days: LeastWorkingDaysRule | None = field(
        default=None, validator=maybe(instance(LeastWorkingDaysRule))
    )
    weeks: Rule | None = field(default=None, validator=maybe(instance(Rule)))
    half_month: Rule | None = field(default=None, validator=maybe(instance(Rule)))
    named_days: Rule | None = field(default=None, validator=maybe(instance(Rule)))
    calendar_place: str | None = field(default=None, validator=maybe(text))
    contracts_of: str | None = field(default=None, validator=maybe(text))
    closed_weekdays: frozenset[int] = WEEKEND

    @property
    def week_rule(self) -> Rule:
        """The rule on periods in weeks: its own, or the one on months where that covers both."""
        return self.months if self.weeks is None else self.weeks

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the regime, in the order of a computation."""
        bound = (self.short_periods, self.least_working_days)
        optional = (*(part.rule for part in bound if part is not None), self.half_month, self.named_days)
        return (
            self.event,
            self.first_day_counted,
            self.days,
            self.week_rule,
            self.months,
            self.missing_day,
            self.forward.rule,
            self.counted_back,
            self.clear,
            self.notice,
            self.backward.rule,
            self.hours.rule,
            self.working_day.rule,
            *(rule for rule in optional if rule is not None),
        )
