"""How likely an account is to renew: a scorecard anyone can recalculate by hand.

Every feature has its meaning, its bands and its points written down, and an answer lists what moved it. A
feature nobody knows moves nothing and is named. The score is a rank, not a probability, until
`back_test` on your own past renewals says what each class was worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.crm.activity import Activity
from clmcrm.crm.case import OVER, Case, SlaState, resolution_state
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure, FigureValue
from clmcrm.values.ids import AccountId
from clmcrm.values.instants import in_utc
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import count, each, exact, flag, instance, maybe, member, text

_TOP: Final = 100


class Likelihood(StrEnum):
    """The class a score falls in."""

    LIKELY = "likely to renew"
    OPEN = "open"
    AT_RISK = "at risk"


@frozen(kw_only=True)
class Band:
    """Values up to and including `up_to` (None: all higher ones) earn `points`, for the reason `meaning`."""

    up_to: Decimal | None = field(default=None, validator=maybe(exact))
    points: int = field(validator=instance(int))
    meaning: str = field(validator=text)


@frozen(kw_only=True)
class Feature:
    """One thing the scorecard looks at: `name`, what it means and in which unit, its rising `bands`.

    Raises `InvalidRecord` unless the bands rise and the last one is without a bound.
    """

    name: str = field(validator=text)
    meaning: str = field(validator=text)
    unit: str = field(validator=text)
    bands: tuple[Band, ...] = field(validator=each(instance(Band)))

    def __attrs_post_init__(self) -> None:
        bounds = [band.up_to for band in self.bands]
        known = [bound for bound in bounds[:-1] if bound is not None]
        if not bounds or bounds[-1] is not None or known != sorted(set(known)) or len(known) + 1 < len(bounds):
            raise InvalidRecord(f"Feature {self.name}", "bands", bounds, "rising bounds, the last one open")

    def band(self, value: Decimal) -> Band:
        """The band `value` falls in."""
        return next(band for band in self.bands if band.up_to is None or value <= band.up_to)


@frozen(kw_only=True)
class Scorecard:
    """Features, the `base` score of an account nothing is known of, and where the classes begin.

    A score of `likely_from` or more is LIKELY, one below `at_risk_below` AT_RISK; scores run from 0 to 100. Raises
    `InvalidRecord` for classes out of order, and for two features of one name: one fact would be two.
    """

    name: str = field(validator=text)
    base: int = field(default=50, validator=count)
    likely_from: int = field(default=65, validator=count)
    at_risk_below: int = field(default=40, validator=count)
    features: tuple[Feature, ...] = field(validator=each(instance(Feature)))

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.at_risk_below <= self.likely_from <= _TOP:
            said = (self.at_risk_below, self.likely_from)
            raise InvalidRecord(f"Scorecard {self.name}", "likely_from", said, "0 <= at risk <= likely <= 100")
        names = [feature.name for feature in self.features]
        if len(set(names)) < len(names):
            raise InvalidRecord(f"Scorecard {self.name}", "features", names, "each feature once")


@frozen(kw_only=True)
class Reason:
    """`points` that a feature's `value` gave or took, and what the band means."""

    feature: str
    value: Decimal
    points: int
    meaning: str


@frozen(kw_only=True)
class Anticipation:
    """The score of one account, its class, what moved it (most first) and what nobody knows of it."""

    account: AccountId = field(validator=text)
    score: int = field(validator=count)
    likelihood: Likelihood = field(validator=member(Likelihood))
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[str, ...] = ()


def _bands(*bands: tuple[str | None, int, str]) -> tuple[Band, ...]:
    return tuple(
        Band(up_to=None if up_to is None else Decimal(up_to), points=points, meaning=meaning)
        for up_to, points, meaning in bands
    )


RENEWAL_SCORECARD: Final = Scorecard(
    name="renewal, judgement weights",
    features=(
        Feature(
            name="usage change",
            meaning="use in the last quarter against the one before, as a share (-0.2 is a fifth less)",
            unit="share",
            bands=_bands(
                ("-0.25", -25, "use has fallen by a quarter or more"),
                ("-0.05", -10, "use is falling"),
                ("0.05", 5, "use is steady"),
                (None, 10, "use is growing"),
            ),
        ),
        Feature(
            name="days since last contact",
            meaning="days since the last activity with the account",
            unit="days",
            bands=_bands(
                ("30", 10, "in touch within a month"),
                ("90", 0, "in touch within a quarter"),
                (None, -15, "no contact for more than a quarter"),
            ),
        ),
        Feature(
            name="overdue cases",
            meaning="cases whose promised solution is overdue",
            unit="cases",
            bands=_bands(("0", 5, "no case is overdue"), ("2", -10, "overdue cases"), (None, -20, "many overdue")),
        ),
        Feature(
            name="open disputes",
            meaning="cases that have become a dispute and are not closed",
            unit="disputes",
            bands=_bands(("0", 0, "no dispute"), (None, -25, "a dispute is open")),
        ),
        Feature(
            name="late payments",
            meaning="invoices paid late, or unpaid and overdue, in the last twelve months",
            unit="invoices",
            bands=_bands(
                ("0", 5, "always paid in time"), ("2", -5, "paid late now and then"), (None, -15, "pays late")
            ),
        ),
        Feature(
            name="renewals so far",
            meaning="how often the contract has been renewed",
            unit="renewals",
            bands=_bands(("0", -5, "never renewed yet"), ("2", 5, "renewed before"), (None, 10, "renewed often")),
        ),
        Feature(
            name="price increase",
            meaning="the increase announced for the next term, as a share of the price",
            unit="share",
            bands=_bands(
                ("0", 0, "no increase"),
                ("0.05", -5, "an increase of up to 5 %"),
                (None, -15, "an increase above 5 %"),
            ),
        ),
    ),
)
"""A scorecard to begin with. Its points are a judgement, not measured: back-test them before use."""


def anticipate(
    account: AccountId, facts: Mapping[str, Decimal], scorecard: Scorecard = RENEWAL_SCORECARD
) -> Anticipation:
    """The score of `account` from `facts`, values by feature name; a feature without a fact moves nothing.

    Raises `InvalidRecord` for a fact that is no feature of the scorecard, or no finite Decimal.

    >>> found = anticipate(AccountId("a"), {"open disputes": Decimal(1)})
    >>> found.score, found.likelihood.value, found.reasons[0].meaning
    (25, 'at risk', 'a dispute is open')
    """
    features = {feature.name: feature for feature in scorecard.features}
    for name, value in facts.items():
        given: object = value
        if name not in features:
            raise InvalidRecord(f"Anticipation {account}", "facts", name, f"one of {', '.join(features)}")
        if not isinstance(given, Decimal) or not given.is_finite():
            raise InvalidRecord(f"Anticipation {account}", f"facts[{name}]", value, "a finite Decimal")
    reasons: list[Reason] = []
    for name, feature in features.items():
        if name in facts:
            band = feature.band(facts[name])
            reasons.append(Reason(feature=name, value=facts[name], points=band.points, meaning=band.meaning))
    score = min(max(scorecard.base + sum(reason.points for reason in reasons), 0), _TOP)
    return Anticipation(
        account=account,
        score=score,
        likelihood=_likelihood(score, scorecard),
        reasons=tuple(sorted(reasons, key=lambda r: (-abs(r.points), r.feature))),
        unknown=tuple(name for name in features if name not in facts),
    )


def _likelihood(score: int, scorecard: Scorecard) -> Likelihood:
    if score >= scorecard.likely_from:
        return Likelihood.LIKELY
    return Likelihood.AT_RISK if score < scorecard.at_risk_below else Likelihood.OPEN


def service_facts(
    account: AccountId, activities: Iterable[Activity], cases: Iterable[Case], at: datetime
) -> dict[str, Decimal]:
    """What the CRM's activities and cases say of `account` at the instant `at`, by feature name.

    Days are counted in the time zone of `at`. A case opened later is not known yet, and one that is over without
    an instant of its end is not open. Without any dated activity there is no fact about the last contact: a record
    that is missing is no proof of silence. Raises `InvalidRecord` for an `at` without a time zone.

    >>> now = datetime.fromisoformat("2026-05-07T09:00+02:00")
    >>> service_facts(AccountId("a"), [], [], now)
    {'overdue cases': Decimal('0'), 'open disputes': Decimal('0')}
    """
    # In one zone Python compares what the clocks show, and on the night they are put back the later may show less.
    now = in_utc(at)
    own = [case for case in cases if case.account == account and _begun(case.opened_at, now)]
    still_open = [case for case in own if _is_open(case, now)]
    overdue = [case for case in still_open if resolution_state(case, at) is SlaState.OVERDUE]
    disputes = [case for case in still_open if case.dispute is not None]
    facts = {"overdue cases": Decimal(len(overdue)), "open disputes": Decimal(len(disputes))}
    moments = [a.started_at for a in activities if a.account == account and a.started_at is not None]
    days: list[date] = [moment.astimezone(at.tzinfo).date() for moment in moments if _begun(moment, now)]
    if days:
        facts["days since last contact"] = Decimal((at.date() - max(days)).days)
    return facts


def _begun(moment: datetime | None, now: datetime) -> bool:
    return moment is None or in_utc(moment) <= now


def _is_open(case: Case, now: datetime) -> bool:
    return case.status not in OVER if case.closed_at is None else in_utc(case.closed_at) > now


@frozen(kw_only=True)
class Outcome:
    """What was anticipated for an account, and whether it did renew."""

    anticipated: Anticipation = field(validator=instance(Anticipation))
    renewed: bool = field(validator=flag)


def back_test(outcomes: Iterable[Outcome]) -> tuple[Figure, ...]:
    """For each class, the share of accounts that renewed (four decimals), LIKELY first.

    A scorecard is of use when the shares fall from class to class; a class nobody fell in is unknown.

    >>> lost = Outcome(anticipated=anticipate(AccountId("a"), {"open disputes": Decimal(1)}), renewed=False)
    >>> print(back_test([lost])[2])
    renewed among at risk: 0.0000 share (accounts renewed / accounts in the class; 1 counted, 0 left out)
    """
    seen = tuple(outcomes)
    return tuple(_renewed_share(c, [o for o in seen if o.anticipated.likelihood is c]) for c in Likelihood)


def _renewed_share(likelihood: Likelihood, outcomes: list[Outcome]) -> Figure:
    value: FigureValue = Unknown(f"no account was {likelihood.value}")
    if outcomes:
        renewed = sum(outcome.renewed for outcome in outcomes)
        value = round_to(Fraction(renewed, len(outcomes)), 4)
    return Figure(
        name=f"renewed among {likelihood.value}",
        value=value,
        unit="share",
        formula="accounts renewed / accounts in the class",
        population=len(outcomes),
    )
