"""Reminders the law demands before a contract renews in silence, and the limits it sets to such terms.

Each rule is data with the days on which it is in force: a new version of a statute is a new entry, never a
branch in the code. What a rule applies to is said in words: whether a contract falls under it is for a
person to decide.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.legal_moments import window
from clmcrm.calendars.legal_results import LegalWindow
from clmcrm.calendars.months import forward
from clmcrm.calendars.reasoning import length, said
from clmcrm.values.source import Authority, Source
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import instance, maybe, text
from clmcrm.values.wording import Step, Wording


@frozen(kw_only=True)
class ReminderRule:
    """A reminder due not earlier than `opens` and not later than `closes` before the reference day.

    `reference` says which day that is, `applies_to` which contracts, `content` what the reminder must say
    and `breach` what follows when it is missing. The `source` bears the days on which the rule holds; a
    bound is None where it is not known here.
    """

    name: str = field(validator=text)
    place: str = field(validator=text)
    opens: Tenor = field(validator=instance(Tenor))
    closes: Tenor = field(validator=instance(Tenor))
    reference: Wording = field(validator=instance(Wording))
    applies_to: Wording = field(validator=instance(Wording))
    content: Wording = field(validator=instance(Wording))
    breach: Wording = field(validator=instance(Wording))
    source: Source = field(validator=instance(Source))


@frozen(kw_only=True)
class TermLimits:
    """What standard terms may fix for consumers: the longest first term, renewal and notice.

    `longest_renewal` None: no renewal for a fixed time, only into an indefinite term.
    `longest_notice_once_indefinite` bounds the notice that ends a contract so renewed; None where the law
    sets no such bound.
    """

    name: str = field(validator=text)
    place: str = field(validator=text)
    longest_first_term: Tenor = field(validator=instance(Tenor))
    longest_renewal: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    longest_notice: Tenor = field(validator=instance(Tenor))
    longest_notice_once_indefinite: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    applies_to: Wording = field(validator=instance(Wording))
    source: Source = field(validator=instance(Source))


def reminder_window(rule: ReminderRule, reference_day: date) -> LegalWindow:
    """The days on which the reminder may be sent, both ends inside, with the steps.

    `reference_day` is the day that `rule.reference` describes. A step warns when the rule is not in force
    on the last day of the window.

    >>> reminder_window(FR_L215_1, date(2026, 9, 15)).span
    Span(first_day=datetime.date(2026, 6, 15), last_day=datetime.date(2026, 8, 15))
    """
    found = window(reference_day, rule.opens, rule.closes, source=rule.source)
    steps = [Step(reference_day, rule.reference), *found.steps, Step(None, rule.applies_to)]
    last_day = found.span.last_day
    if last_day is not None and not rule.source.in_force(last_day):
        steps.append(
            Step(
                last_day,
                said(
                    f"caution: {rule.source.citation} is not in force on {{0}} as it stands here",
                    f"attention : {rule.source.citation} n'est pas en vigueur le {{0}} dans cette version",
                    last_day,
                ),
            )
        )
    return LegalWindow(span=found.span, source=found.source, steps=tuple(steps))


def reminder_rules(place: str, on: date, rules: tuple[ReminderRule, ...] | None = None) -> tuple[ReminderRule, ...]:
    """The reminder rules of `place` ("FR", "US-NY") in force on `on`, from `rules` (None: the built-in ones).

    >>> [rule.source.citation for rule in reminder_rules("FR", date(2015, 6, 1))]
    ['C. conso art. L136-1']
    """
    known = REMINDER_RULES if rules is None else rules
    return tuple(rule for rule in known if rule.place == place and rule.source.in_force(on))


def limit_breaches(
    limits: TermLimits,
    *,
    first_day: date,
    first_term: Tenor,
    notice: Tenor,
    renewal: Tenor | None = None,
    notice_once_indefinite: Tenor | None = None,
) -> tuple[Step, ...]:
    """What in these terms goes beyond `limits`, one step each; empty when nothing does.

    Lengths are compared by the day they reach from `first_day`. `notice` ends the first term; `renewal` is
    the fixed time for which the contract renews in silence, None where it does not or becomes indefinite,
    and `notice_once_indefinite` then ends it (None: it cannot become indefinite).

    >>> terms = {"first_term": Tenor(months=24), "renewal": Tenor(years=1), "notice": Tenor(months=1)}
    >>> [step.what for step in limit_breaches(DE_309_9, first_day=date(2026, 1, 1), **terms)]
    ['renewal for 1 year is not allowed: only for an indefinite time (BGB § 309 Nr. 9)']
    """
    found = [] if renewal is None or limits.longest_renewal is not None else [_no_renewal(renewal, limits)]
    bounded = (
        (Wording("a first term of", "une première durée de"), first_term, limits.longest_first_term),
        (Wording("renewal for", "un renouvellement pour"), renewal, limits.longest_renewal),
        (Wording("notice of", "un préavis de"), notice, limits.longest_notice),
        (
            Wording("once indefinite, notice of", "devenu à durée indéterminée, un préavis de"),
            notice_once_indefinite,
            limits.longest_notice_once_indefinite,
        ),
    )
    for subject, given, longest in bounded:
        if given is None or longest is None:
            continue
        if forward(first_day, given) > forward(first_day, longest):
            found.append(_too_long(subject, given, longest, limits.source))
    return tuple(found)


def _no_renewal(renewal: Tenor, limits: TermLimits) -> Step:
    span = length(renewal)
    return Step(
        None,
        Wording(
            f"renewal for {span.en} is not allowed: only for an indefinite time ({limits.source})",
            f"le renouvellement pour {span.fr} est exclu : seulement pour une durée indéterminée "
            f"({limits.source.citation})",
        ),
    )


def _too_long(subject: Wording, given: Tenor, longest: Tenor, source: Source) -> Step:
    span, most = length(given), length(longest)
    return Step(
        None,
        Wording(
            f"{subject.en} {span.en} is longer than {most.en} ({source})",
            f"{subject.fr} {span.fr} dépasse {most.fr} ({source.citation})",
        ),
    )


def _consumer_code(name: str, article: str, first_day: date, last_day: date | None, content: Wording) -> ReminderRule:
    return ReminderRule(
        name=name,
        place="FR",
        opens=Tenor(months=3),
        closes=Tenor(months=1),
        reference=Wording(
            "the last day on which the consumer may refuse the renewal",
            "le terme de la période autorisant le consommateur à rejeter la reconduction",
        ),
        applies_to=Wording(
            "fixed-term services to consumers (and non-professionals) that renew in silence",
            "services à durée déterminée aux consommateurs (et non-professionnels) à reconduction tacite",
        ),
        content=content,
        breach=Wording(
            "the consumer may end the contract free of charge at any time from the renewal; what was paid "
            "beyond is refunded within 30 days",
            "le consommateur peut mettre fin sans frais au contrat à tout moment dès la reconduction ; "
            "le trop-perçu est remboursé sous 30 jours",
        ),
        source=Source(
            citation=f"C. conso art. {article}",
            authority=Authority.STATUTE,
            first_day=first_day,
            last_day=last_day,
        ),
    )


_BOXED_DATE: Final = Wording(
    "in a dedicated letter or e-mail: that renewal may be refused, with the last day for it in a box",
    "par lettre ou courriel dédié : la faculté de ne pas reconduire et, dans un encadré, la date limite",
)
FR_L136_1: Final = _consumer_code(
    "FR-L136-1",
    "L136-1",
    date(2005, 7, 28),
    date(2016, 6, 30),
    Wording(
        "in writing: that renewal may be refused (with the date in a box since the law of 17 March 2014)",
        "par écrit : la faculté de ne pas reconduire (avec la date dans un encadré depuis la loi du 17 mars 2014)",
    ),
)
FR_L215_1_OF_2016: Final = _consumer_code("FR-L215-1-2016", "L215-1", date(2016, 7, 1), date(2017, 2, 22), _BOXED_DATE)
FR_L215_1: Final = _consumer_code("FR-L215-1", "L215-1", date(2017, 2, 23), None, _BOXED_DATE)

NY_GOL_5_903: Final = ReminderRule(
    name="NY-GOL-5-903",
    place="US-NY",
    opens=Tenor(days=30),
    closes=Tenor(days=15),
    reference=Wording(
        "the day by which the customer must give notice against renewal",
        "le jour limite auquel le client doit s'opposer au renouvellement",
    ),
    applies_to=Wording(
        "service, maintenance or repair of real or personal property, unless it renews for one month or less",
        "service, entretien ou réparation de biens, sauf renouvellement d'un mois ou moins",
    ),
    content=Wording(
        "written notice, served personally or by certified mail, that draws attention to the renewal clause",
        "avis écrit, remis en personne ou par courrier certifié, qui attire l'attention sur la clause",
    ),
    breach=Wording(
        "the renewal cannot be enforced against the customer",
        "le renouvellement n'est pas opposable au client",
    ),
    source=Source(citation="N.Y. General Obligations Law § 5-903", authority=Authority.STATUTE),
)
NY_GBS_521_B: Final = ReminderRule(
    name="NY-GBS-521-b",
    place="US-NY",
    opens=Tenor(days=60),
    closes=Tenor(days=15),
    reference=Wording("the day on which the contract ends", "le jour où le contrat prend fin"),
    applies_to=Wording(
        "credit card registration services that renew and bill in silence",
        "services d'enregistrement de cartes de crédit renouvelés et facturés tacitement",
    ),
    content=Wording(
        "by mail: the renewal term, its price and changes, and conspicuously how to refuse it",
        "par courrier : la durée, le prix et les changements, et de façon apparente comment refuser",
    ),
    breach=Wording(
        "no contract may provide for renewal and billing without it",
        "aucun contrat ne peut prévoir sans lui renouvellement et facturation",
    ),
    source=Source(citation="N.Y. General Business Law § 521-b", authority=Authority.STATUTE),
)
REMINDER_RULES: Final = (FR_L136_1, FR_L215_1_OF_2016, FR_L215_1, NY_GOL_5_903, NY_GBS_521_B)

_GERMAN_TERMS: Final = Wording(
    "standard terms with consumers on regular deliveries or services; the version of the day the contract "
    "was concluded",
    "conditions générales avec des consommateurs pour livraisons ou services réguliers ; version du jour de "
    "la conclusion du contrat",
)
DE_309_9_OF_2002: Final = TermLimits(
    name="DE-BGB-309-9-2002",
    place="DE",
    longest_first_term=Tenor(years=2),
    longest_renewal=Tenor(years=1),
    longest_notice=Tenor(months=3),
    applies_to=_GERMAN_TERMS,
    source=Source(
        citation="BGB § 309 Nr. 9 (old version)",
        authority=Authority.STATUTE,
        first_day=date(2002, 1, 1),
        last_day=date(2022, 2, 28),
    ),
)
DE_309_9: Final = TermLimits(
    name="DE-BGB-309-9",
    place="DE",
    longest_first_term=Tenor(years=2),
    longest_notice=Tenor(months=1),
    longest_notice_once_indefinite=Tenor(months=1),
    applies_to=_GERMAN_TERMS,
    source=Source(citation="BGB § 309 Nr. 9", authority=Authority.STATUTE, first_day=date(2022, 3, 1)),
)
TERM_LIMITS: Final = (DE_309_9_OF_2002, DE_309_9)
