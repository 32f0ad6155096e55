"""A contradiction between what is offered and what was promised, in both languages, with both values."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs
from attrs import frozen

from clmcrm.bridge.offers import Offer
from clmcrm.clm.contract import Contract
from clmcrm.values.exact import round_to
from clmcrm.values.ids import ContractId
from clmcrm.values.problems import Severity
from clmcrm.values.validators import instance, maybe, member, text
from clmcrm.values.wording import Language, Wording

_SHOWN_DECIMALS: Final = 6


_KINDS_FR: Final = {"quote": "devis", "opportunity": "vente"}


@frozen(kw_only=True)
class Finding:
    """One contradiction: the offer says `offered`, the contract's clause `citation` says `agreed`.

    `field` is the offer's field it is about, `what` the contradiction in words, `advice` what to do; each is
    a `Wording`, English and French. `contract` is None for a rule of the house's own (a discount authority),
    which `citation` then names. `severity`: an ERROR breaks the clause, a WARNING may (a fact is missing or
    somebody must agree), a NOTE is to be looked at.
    """

    offer: str = attrs.field(validator=text)
    contract: ContractId | None = attrs.field(validator=maybe(text))
    citation: str
    field: Wording = attrs.field(validator=instance(Wording))
    offered: Wording = attrs.field(validator=instance(Wording))
    agreed: Wording = attrs.field(validator=instance(Wording))
    what: Wording = attrs.field(validator=instance(Wording))
    advice: Wording = attrs.field(validator=instance(Wording))
    severity: Severity = attrs.field(default=Severity.ERROR, validator=member(Severity))

    def said(self, language: Language = "en") -> str:
        """One line for a person, in `language`."""
        where = ", ".join(part for part in (self.contract, self.citation) if part)
        space = " " if language == "fr" else ""
        values = (
            f"{self.field.said(language)} {self.offered.said(language)}{space}; "
            f"{where}{space}: {self.agreed.said(language)}"
        )
        offer = offer_called(self.offer).said(language)
        return f"{offer}{space}: {self.what.said(language)} ({values}). {self.advice.said(language)}"

    def __str__(self) -> str:
        """One line for a person, in English."""
        return self.said("en")


def offer_called(offer: str) -> Wording:
    """The name of an offer as a finding holds it ("quote Q-1"), in both languages.

    >>> offer_called("quote Q-1").fr
    'devis Q-1'
    """
    kind, _, named = offer.partition(" ")
    return Wording(offer, f"{_KINDS_FR[kind]} {named}" if kind in _KINDS_FR else offer)


def same(words: object) -> Wording:
    """What reads alike in both languages: an amount, a day, a code, an id.

    >>> same(3).fr
    '3'
    """
    shown = str(words)
    return Wording(shown, shown)


def shown_number(value: Decimal | Fraction) -> str:
    """The number as a person reads it: as written, or with at most six decimals.

    >>> shown_number(Fraction(1, 3)), shown_number(Decimal("9.50"))
    ('0.333333', '9.50')
    """
    if isinstance(value, Decimal):
        return format(value, "f")
    if value.denominator == 1:
        return str(value.numerator)
    return format(round_to(value, _SHOWN_DECIMALS), "f").rstrip("0").rstrip(".")


def percent(share: Decimal | Fraction) -> Wording:
    """A share in percent, as each language writes it.

    >>> percent(Decimal("0.125"))
    Wording(en='12.5%', fr='12,5 %')
    """
    number = shown_number(Fraction(share) * 100)
    return Wording(f"{number}%", f"{number.replace('.', ',')} %")


def finding(
    offer: Offer,
    contract: Contract | None,
    citation: str,
    values: tuple[Wording, Wording, Wording],
    said: tuple[Wording, Wording],
    *,
    severity: Severity = Severity.ERROR,
) -> Finding:
    """The finding of `values` (field, offered, agreed) and what is `said` of them (what, advice)."""
    name, offered, agreed = values
    what, advice = said
    return Finding(
        offer=offer.name,
        contract=None if contract is None else contract.id,
        citation=citation,
        field=name,
        offered=offered,
        agreed=agreed,
        what=what,
        advice=advice,
        severity=severity,
    )
