"""What customers say when they are asked: CSAT, NPS and CES, as answers and as figures.

The rule of the file: a score outside its scale is refused, and one answer never counts in another's figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure, FigureDefinition, FigureValue
from clmcrm.values.ids import AccountId, CaseId, ContactId
from clmcrm.values.partial import Unknown
from clmcrm.values.record import Record
from clmcrm.values.span import Span
from clmcrm.values.validators import instance, maybe, member, plain_date, text
from clmcrm.values.wording import Wording


class Survey(StrEnum):
    """Which question was asked.

    CSAT: how satisfied, 1 to 5. NPS: how likely to recommend, 0 to 10 (Reichheld, Harvard Business Review,
    December 2003). CES: how easy it was, 1 to 7 (the second version, "CES 2.0", CEB 2013).
    """

    CSAT = "csat"
    NPS = "nps"
    CES = "ces"


SCALES: Final = {Survey.CSAT: (1, 5), Survey.NPS: (0, 10), Survey.CES: (1, 7)}
"""The lowest and the highest score of each question, both inside."""

_SATISFIED: Final = 4
_PROMOTES: Final = 9
_DETRACTS: Final = 6
_PERIOD: Final = Wording("by the day of the answer, both ends inside", "selon le jour de la réponse, bornes incluses")
_MISSING: Final = Wording(
    "nothing is left out: an answer always has its score and its day",
    "rien n'est écarté : une réponse a toujours sa note et son jour",
)

SATISFACTION: Final = FigureDefinition(
    name=Wording("customer satisfaction", "satisfaction client"),
    formula=Wording("answers of 4 or 5 / answers", "réponses de 4 ou 5 / réponses"),
    population=Wording("CSAT answers in the period", "réponses CSAT dans la période"),
    unit=Wording("share (0 to 1), four decimals", "part (0 à 1), quatre décimales"),
    period=_PERIOD,
    missing=_MISSING,
)

NET_PROMOTERS: Final = FigureDefinition(
    name=Wording("net promoter score", "score net de recommandation"),
    formula=Wording("100 x (answers of 9 or 10 - answers of 0 to 6) / answers", "100 x (9 ou 10 - 0 à 6) / réponses"),
    population=Wording("NPS answers in the period", "réponses NPS dans la période"),
    unit=Wording("points from -100 to 100, one decimal", "points de -100 à 100, une décimale"),
    period=_PERIOD,
    missing=_MISSING,
)

EFFORT: Final = FigureDefinition(
    name=Wording("customer effort", "effort client"),
    formula=Wording("sum of the scores / answers", "somme des notes / réponses"),
    population=Wording("CES answers in the period", "réponses CES dans la période"),
    unit=Wording("mean score from 1 to 7, two decimals", "note moyenne de 1 à 7, deux décimales"),
    period=_PERIOD,
    missing=_MISSING,
)

SERVICE_FIGURES: Final = (SATISFACTION, NET_PROMOTERS, EFFORT)
"""The figures of service, in the order of the page."""


@frozen(kw_only=True)
class SurveyAnswer(Record):
    """One answer: the `score` that `account` (by `contact`, about `case`, where stated) gave on the day `on`.

    Raises `InvalidRecord` for a score outside the question's scale.
    """

    survey: Survey = field(validator=member(Survey))
    score: int = field(validator=instance(int))
    on: date = field(validator=plain_date)
    account: AccountId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    case: CaseId | None = field(default=None, validator=maybe(text))
    comment: str = ""

    def __attrs_post_init__(self) -> None:
        low, high = SCALES[self.survey]
        if isinstance(self.score, bool) or not low <= self.score <= high:
            raise InvalidRecord(f"SurveyAnswer {self.survey.value}", "score", self.score, f"{low} to {high}")


def customer_satisfaction(answers: Iterable[SurveyAnswer], period: Span) -> Figure:
    """The share (0 to 1, four decimals) of the CSAT answers in `period` that were 4 or 5.

    >>> happy = SurveyAnswer(survey=Survey.CSAT, score=4, on=date(2026, 1, 5))
    >>> customer_satisfaction([happy], Span(date(2026, 1, 1))).value
    Decimal('1.0000')
    """
    scores = _scores(answers, Survey.CSAT, period)
    value = _mean([int(score >= _SATISFIED) for score in scores], 4, period)
    return SATISFACTION.result(value, "share", len(scores))


def net_promoter_score(answers: Iterable[SurveyAnswer], period: Span) -> Figure:
    """The NPS of `period`, from -100 to 100 with one decimal.

    >>> answers = [SurveyAnswer(survey=Survey.NPS, score=score, on=date(2026, 1, 5)) for score in (10, 9, 7, 6)]
    >>> net_promoter_score(answers, Span(date(2026, 1, 1))).value
    Decimal('25.0')
    """
    scores = _scores(answers, Survey.NPS, period)
    value = _mean([100 * ((score >= _PROMOTES) - (score <= _DETRACTS)) for score in scores], 1, period)
    return NET_PROMOTERS.result(value, "points", len(scores))


def customer_effort(answers: Iterable[SurveyAnswer], period: Span) -> Figure:
    """The mean CES of `period`, from 1 to 7 with two decimals.

    >>> str(customer_effort([], Span(date(2026, 1, 1))).value)
    'unknown: nobody answered in 2026-01-01/..'
    """
    scores = _scores(answers, Survey.CES, period)
    return EFFORT.result(_mean(scores, 2, period), "points", len(scores))


def _scores(answers: Iterable[SurveyAnswer], survey: Survey, period: Span) -> list[int]:
    return [answer.score for answer in answers if answer.survey is survey and answer.on in period]


def _mean(scores: list[int], places: int, period: Span) -> FigureValue:
    if not scores:
        return Unknown(f"nobody answered in {period}")
    mean: Decimal = round_to(Fraction(sum(scores), len(scores)), places)
    return mean
