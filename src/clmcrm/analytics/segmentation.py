"""Accounts by how the relationship stands and how their contracts behave: nine cells, each with a next step.

Both axes are scorecards (`clmcrm.analytics.anticipation`) over documented facts, so every placing can be
recalculated by hand and lists what decided it. An axis of which nothing is known is unknown, never "open".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from clmcrm.analytics.anticipation import (
    RENEWAL_SCORECARD,
    Band,
    Feature,
    Likelihood,
    Reason,
    Scorecard,
    anticipate,
)
from clmcrm.values.ids import AccountId
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import instance, text
from clmcrm.values.wording import Wording

_KNOWN: Final = {feature.name: feature for feature in RENEWAL_SCORECARD.features}


def _bands(*bands: tuple[str | None, int, str]) -> tuple[Band, ...]:
    return tuple(Band(up_to=None if up is None else Decimal(up), points=p, meaning=m) for up, p, m in bands)


RELATIONSHIP: Final = Scorecard(
    name="relationship",
    likely_from=60,
    at_risk_below=45,
    features=(
        _KNOWN["days since last contact"],
        _KNOWN["overdue cases"],
        _KNOWN["open disputes"],
        Feature(
            name="satisfaction",
            meaning="the last answer on a scale from 0 to 10",
            unit="points",
            bands=_bands(("6", -15, "a detractor"), ("8", 0, "neither here nor there"), (None, 15, "a promoter")),
        ),
    ),
)
"""How close we are: contact, service, disputes, satisfaction."""

BEHAVIOUR: Final = Scorecard(
    name="contract behaviour",
    likely_from=60,
    at_risk_below=45,
    features=(
        _KNOWN["usage change"],
        _KNOWN["late payments"],
        _KNOWN["renewals so far"],
        Feature(
            name="commitment used",
            meaning="what was bought of the running commitment, as a share",
            unit="share",
            bands=_bands(
                ("0.7", -15, "well below the commitment"),
                ("1", 0, "about the commitment"),
                (None, 15, "beyond the commitment"),
            ),
        ),
    ),
)
"""What the contracts show: use, payment, renewals, commitments."""

NEXT_STEPS: Final[Mapping[tuple[Likelihood, Likelihood], Wording]] = {
    (Likelihood.LIKELY, Likelihood.LIKELY): Wording("offer more", "proposer une extension"),
    (Likelihood.LIKELY, Likelihood.OPEN): Wording("find out what would help them use more",
                                                  "chercher ce qui les aiderait à utiliser davantage"),
    (Likelihood.LIKELY, Likelihood.AT_RISK): Wording("fit the contract to their need before it ends",
                                                     "adapter le contrat au besoin avant son terme"),
    (Likelihood.OPEN, Likelihood.LIKELY): Wording("get to know them before the renewal",
                                                  "faire connaissance avant la reconduction"),
    (Likelihood.OPEN, Likelihood.OPEN): Wording("keep in touch", "garder le contact"),
    (Likelihood.OPEN, Likelihood.AT_RISK): Wording("ask why use or payment falls",
                                                   "demander pourquoi l'usage ou les paiements baissent"),
    (Likelihood.AT_RISK, Likelihood.LIKELY): Wording("settle what is open before it costs the contract",
                                                     "régler ce qui est ouvert avant que le contrat n'en souffre"),
    (Likelihood.AT_RISK, Likelihood.OPEN): Wording("win the relationship back", "reconquérir la relation"),
    (Likelihood.AT_RISK, Likelihood.AT_RISK): Wording("decide whether to save it, and who does",
                                                      "décider s'il faut le sauver, et qui s'en charge"),
}  # fmt: skip
"""What to do next, by the class of the relationship and the class of the behaviour."""


@frozen(kw_only=True)
class Placed:
    """Where an account stands on both axes, the next step, and what decided it (relationship first).

    An axis is unknown, with the reason, when none of its facts is known; the next step then says what to find
    out.
    """

    account: AccountId = field(validator=text)
    relationship: Likelihood | Unknown = field(validator=instance(Likelihood, Unknown))
    behaviour: Likelihood | Unknown = field(validator=instance(Likelihood, Unknown))
    next_step: Wording = field(validator=instance(Wording))
    reasons: tuple[Reason, ...] = ()


def placed(account: AccountId, facts: Mapping[str, Decimal]) -> Placed:
    """Where `account` stands; facts that belong to neither axis are left aside.

    >>> found = placed(AccountId("a"), {"open disputes": Decimal(1), "usage change": Decimal("0.2")})
    >>> found.relationship.value, found.behaviour.value, found.next_step.en
    ('at risk', 'likely to renew', 'settle what is open before it costs the contract')
    """
    relationship, near = _class(account, RELATIONSHIP, facts)
    behaviour, shown = _class(account, BEHAVIOUR, facts)
    if isinstance(relationship, Unknown) or isinstance(behaviour, Unknown):
        step = Wording("find out what is not known", "rechercher ce qui n'est pas connu")
    else:
        step = NEXT_STEPS[relationship, behaviour]
    return Placed(
        account=account, relationship=relationship, behaviour=behaviour, next_step=step, reasons=(*near, *shown)
    )  # fmt: skip


def cells(everybody: Iterable[Placed]) -> dict[tuple[str, str], tuple[AccountId, ...]]:
    """The accounts of each cell, by the words of both classes ("unknown" for one that is not known)."""
    found: dict[tuple[str, str], list[AccountId]] = {}
    for one in everybody:
        found.setdefault((_word(one.relationship), _word(one.behaviour)), []).append(one.account)
    return {cell: tuple(sorted(accounts)) for cell, accounts in sorted(found.items())}


def _class(
    account: AccountId, scorecard: Scorecard, facts: Mapping[str, Decimal]
) -> tuple[Likelihood | Unknown, tuple[Reason, ...]]:
    names = {feature.name for feature in scorecard.features}
    known = {name: value for name, value in facts.items() if name in names}
    if not known:
        return Unknown(f"nothing is known of its {scorecard.name}"), ()
    found = anticipate(account, known, scorecard)
    return found.likelihood, found.reasons


def _word(where: Likelihood | Unknown) -> str:
    return "unknown" if isinstance(where, Unknown) else where.value
