"""What a legal computation answers: the day (or instant, or span), the rule that decided, and the steps.

Answers keep the name and version of the calendar they rest on, so that they can be recomputed.
"""

from __future__ import annotations

from datetime import date, datetime

from attrs import field, frozen

from clmcrm.calendars.regimes.record import Rule
from clmcrm.values.source import Source
from clmcrm.values.span import Span
from clmcrm.values.validators import each, instance, instant, maybe, plain_date, text
from clmcrm.values.wording import Step


@frozen(kw_only=True)
class LegalDay:
    """A `day` under a `law` (the regime's name), the `rule` that decided it, and every step.

    `calendar` names the calendar relied on with its version; None when no calendar was needed.
    """

    day: date = field(validator=plain_date)
    law: str = field(validator=text)
    rule: Rule = field(validator=instance(Rule))
    steps: tuple[Step, ...] = field(validator=each(instance(Step)))
    calendar: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class LegalInstant:
    """An instant `at` which a period of hours ends; otherwise as `LegalDay`."""

    at: datetime = field(validator=instant)
    law: str = field(validator=text)
    rule: Rule = field(validator=instance(Rule))
    steps: tuple[Step, ...] = field(validator=each(instance(Step)))
    calendar: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class LegalWindow:
    """A `span` within which an act must be done, both ends inside, with the `source` of the window."""

    span: Span = field(validator=instance(Span))
    source: Source = field(validator=instance(Source))
    steps: tuple[Step, ...] = field(validator=each(instance(Step)))
