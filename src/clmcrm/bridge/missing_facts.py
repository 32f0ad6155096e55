"""What a draft contract still lacks, why, and who has to say it.

The rule of the file: a gap is named with the one who can fill it, in English and French, and never filled in here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import attrs
from attrs import field, frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.price_clauses import TieredPriceClause
from clmcrm.values.ids import UserId
from clmcrm.values.partial import Unknown, why_not
from clmcrm.values.validators import instance, maybe, text
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class Missing:
    """A field of the draft that nobody has stated yet: the `reason`, and the role that `owner` names can state it.

    `person` is the one in that role where the sale names one (None: nobody is named).
    """

    field: str = field(validator=text)
    reason: Wording = attrs.field(validator=instance(Wording))
    owner: str = attrs.field(validator=text)
    person: UserId | None = attrs.field(default=None, validator=maybe(text))

    @property
    def why(self) -> str:
        """The reason in English."""
        return self.reason.en


SALES: Final = "sales"
"""The role that knows what was sold, to whom and from when."""
LEGAL: Final = "legal"
"""The role that chooses the law, the template and who signs."""
BOTH: Final = "sales and legal"
"""Both have to agree on it."""

_UNSTATED: Final = {
    "term": "la vente n'indique pas de durée initiale",
    "renewal": "la vente n'indique pas de reconduction, ou pas sa durée",
    "notice": "la vente n'indique pas de préavis",
}


def gaps_in(contract: Contract, seller: UserId | None) -> Iterator[Missing]:
    """The facts the draft still lacks; `seller` is named for those that the one who sold can state."""
    if contract.counterparty is None:
        reason = Wording("the opportunity names no account", "l'opportunité ne nomme aucun compte")
        yield Missing(field="counterparty", reason=reason, owner=SALES, person=seller)
    if not isinstance(contract.effective_on, date):
        why = why_not(contract.effective_on)
        reason = Wording(f"the start is not known: {why}", "la date de début n'est pas connue")
        yield Missing(field="effective_on", reason=reason, owner=SALES, person=seller)
    if not contract.lines and not any(isinstance(clause, TieredPriceClause) for clause in contract.clauses):
        reason = Wording("there is nothing to deliver or to charge", "il n'y a rien à livrer ni à facturer")
        yield Missing(field="lines", reason=reason, owner=SALES, person=seller)
    if contract.governing_place is None:
        reason = Wording("the governing law is not chosen", "le droit applicable n'est pas choisi")
        yield Missing(field="governing_place", reason=reason, owner=LEGAL)
    unsigned = {Party.OWN, Party.COUNTERPARTY} - {signatory.side for signatory in contract.signatories}
    if unsigned:
        yield Missing(field="signatories", reason=_nobody_signs(unsigned), owner=LEGAL)
    for name in ("term", "renewal", "notice"):
        clause = getattr(contract, name)
        if isinstance(clause, Unknown):
            reason = Wording(clause.reason, _UNSTATED[name])
            yield Missing(field=name, reason=reason, owner=BOTH, person=seller)


def _nobody_signs(unsigned: set[Party]) -> Wording:
    if len(unsigned) > 1:
        return Wording("nobody is named to sign", "personne n'est désigné pour signer")
    if Party.OWN in unsigned:
        return Wording("nobody of ours is named to sign", "personne de chez nous n'est désigné pour signer")
    return Wording(
        "nobody is named to sign for the counterparty", "aucun signataire n'est désigné chez le cocontractant"
    )


def no_template(contract: Contract) -> Missing:
    """That none of the templates offered is of the contract's kind and language."""
    kind, language = contract.kind.value, ", ".join(contract.languages)
    reason = Wording(
        f"no template of kind {kind}" + (f" in {language}" if language else ""),
        f"aucun modèle de type {kind}" + (f" en {language}" if language else ""),
    )
    return Missing(field="template", reason=reason, owner=LEGAL)
