"""A first guess at a mapping from the header alone, in English and French, for a person to look at.

The rule of the file: a column is recognised by its whole name, not by a word in it, and a column that could
mean two things is left alone. The order of day and month is guessed only where the header's language
settles it (French); an English header leaves the ISO order until one is declared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from clmcrm.adapters.tabular.cells import Sheet
from clmcrm.adapters.tabular.fields import AMOUNTS, LENGTHS, QUOTED, BareRenewal, Field
from clmcrm.adapters.tabular.mapping import Mapping
from clmcrm.clm.reading_amounts import PLAIN, NumberFormat
from clmcrm.clm.reading_dates import ISO, DateFormat
from clmcrm.clm.reading_lengths import UNIT_WORDS, Unit
from clmcrm.clm.reading_words import column_key
from clmcrm.errors import UnreadableInput

_ENGLISH: Final = {
    Field.ID: ("id", "contract id", "key", "filename", "file name", "file", "reference", "ref", "record id", "uid"),
    Field.NUMBER: ("number", "contract number", "contract no", "no", "agreement number", "contract ref"),
    Field.TITLE: (
        "title", "name", "contract name", "contract title", "document name", "document title", "agreement name",
        "subject", "description",
    ),
    Field.KIND: ("kind", "type", "contract type", "agreement type", "category", "document type"),
    Field.PARTIES: (
        "parties", "party", "counterparty", "counterparty name", "counter party", "supplier", "vendor", "customer",
        "client", "company", "account name", "other party",
    ),
    Field.ACCOUNT: ("account id", "account", "customer id", "supplier id", "vendor id", "counterparty id"),
    Field.AGREEMENT: (
        "agreement date", "signature date", "signing date", "date signed", "signed on", "signed", "execution date",
        "executed on", "contract date",
    ),
    Field.EFFECTIVE: (
        "effective date", "effective on", "effective", "start date", "start", "commencement date", "begin date",
        "beginning", "valid from", "contract start date", "contract start", "from",
    ),
    Field.EXPIRY: (
        "expiration date", "expiry date", "expiration", "expiry", "expires on", "expires", "end date", "end",
        "contract end date", "contract end", "termination date", "valid to", "valid until", "until", "to",
    ),
    Field.TERM: ("term", "initial term", "duration", "length", "term length", "contract term", "contract length"),
    Field.RENEWAL: (
        "renewal term", "renewal", "renewals", "renewal period", "auto renewal", "automatic renewal", "auto renew",
        "renewal terms", "tacit renewal",
    ),
    Field.NOTICE: (
        "notice period to terminate renewal", "notice period", "notice", "termination notice", "renewal notice",
        "cancellation notice", "cancellation period", "non renewal notice",
    ),
    Field.LAW: ("governing law", "law", "applicable law", "jurisdiction"),
    Field.TOTAL_VALUE: (
        "total value", "contract value", "total contract value", "tcv", "value", "amount", "total amount", "total",
    ),
    Field.ANNUAL_VALUE: ("annual value", "annual contract value", "acv", "annual amount", "yearly value", "per year"),
    Field.CURRENCY: ("currency", "currency code", "ccy"),
    Field.OWNER: ("owner", "contract owner", "responsible", "manager", "contract manager"),
    Field.OPPORTUNITY: ("opportunity", "opportunity id", "deal id", "deal"),
    Field.PURCHASE_ORDER: ("purchase order", "po", "po number", "purchase order number"),
}  # fmt: skip
_FRENCH: Final = {
    Field.ID: ("identifiant", "id contrat", "cle", "fichier", "nom du fichier", "nom de fichier"),
    Field.NUMBER: (
        "numero", "numero de contrat", "numero du contrat", "n", "n contrat", "n de contrat", "n du contrat",
        "no contrat", "ref contrat", "reference contrat", "reference du contrat",
    ),
    Field.TITLE: (
        "titre", "intitule", "nom", "objet", "objet du contrat", "intitule du contrat", "nom du contrat",
        "titre du contrat", "libelle", "designation",
    ),
    Field.KIND: ("nature", "type de contrat", "type du contrat", "nature du contrat", "categorie"),
    Field.PARTIES: (
        "cocontractant", "cocontractants", "partie", "fournisseur", "prestataire", "client", "societe", "tiers",
        "partenaire", "raison sociale",
    ),
    Field.ACCOUNT: ("compte", "code client", "code fournisseur", "identifiant client", "id client", "code tiers"),
    Field.AGREEMENT: ("date de signature", "signature", "signe le", "date signature", "date du contrat"),
    Field.EFFECTIVE: (
        "date d effet", "prise d effet", "date de prise d effet", "date de debut", "debut", "date debut",
        "entree en vigueur", "date d entree en vigueur", "debut du contrat", "date de debut du contrat", "effet",
    ),
    Field.EXPIRY: (
        "date d echeance", "echeance", "date echeance", "date de fin", "fin", "date fin", "date d expiration",
        "fin du contrat", "date de fin du contrat", "date de fin de contrat", "terme", "date de terme",
        "echeance du contrat",
    ),
    Field.TERM: ("duree", "duree initiale", "duree du contrat", "periode initiale", "duree d engagement", "engagement"),
    Field.RENEWAL: (
        "reconduction", "tacite reconduction", "reconduction tacite", "renouvellement", "renouvellement tacite",
        "modalites de reconduction", "duree de reconduction", "periode de reconduction",
        "renouvellement automatique", "duree de renouvellement",
    ),
    Field.NOTICE: (
        "preavis", "delai de preavis", "duree de preavis", "duree du preavis", "preavis de resiliation",
        "delai de resiliation", "preavis de denonciation", "delai de denonciation",
    ),
    Field.LAW: ("droit applicable", "loi applicable", "droit", "loi"),
    Field.TOTAL_VALUE: (
        "montant", "montant total", "valeur", "valeur totale", "montant du contrat", "montant ht", "montant total ht",
        "valeur du contrat",
    ),
    Field.ANNUAL_VALUE: ("montant annuel", "valeur annuelle", "montant annuel ht", "loyer annuel"),
    Field.CURRENCY: ("devise", "monnaie", "code devise"),
    Field.OWNER: ("responsable", "gestionnaire", "proprietaire", "responsable du contrat"),
    Field.OPPORTUNITY: ("opportunite", "affaire", "id opportunite"),
    Field.PURCHASE_ORDER: ("bon de commande", "numero de commande", "commande", "n de commande"),
}  # fmt: skip
_ANSWER: Final = " answer"
_FACT_SUFFIX: Final = "-Answer"
_PAIRS: Final = 3
_NAMED: Final = 5
_BY_ITSELF: Final = ("tacit", "tacite", "auto", "automatic", "automatique")
_BRACKETED: Final = re.compile(r"\(([^()]{0,40})\)")
_BESIDE_A_UNIT: Final = frozenset({"in", "en", "nb", "nombre", "number", "no", "of", "de", "calendar"})
"""What may stand before a unit in brackets: "(en mois)", "(number of days)"."""
_CURRENCY_SIGNS: Final = {"€": "EUR", "eur": "EUR", "usd": "USD", "gbp": "GBP", "£": "GBP", "chf": "CHF"}
_FRENCH_DATES: Final = DateFormat("DD/MM/YYYY")
_FRENCH_NUMBERS: Final = NumberFormat("1 234,56")


def meant(mapping: Mapping | None, sheet: Sheet) -> Mapping:
    r"""What the columns of `sheet` mean: the `mapping` as it was declared, or, where that is None, the guess.

    Raises `UnreadableInput` when no column means anything: each row would be a contract about which nothing is known.
    Nothing is guessed beside what is declared.

    >>> from clmcrm.adapters.tabular.cells import open_sheet
    >>> meant(None, open_sheet("Durée;Prix\n")).columns
    {<Field.TERM: 'term'>: 'Durée'}
    """
    found = guess_mapping(sheet.columns) if mapping is None else mapping
    if found.columns or found.quotes or found.fact_suffix:
        return found
    shown = ", ".join(repr(name) for name in sheet.columns[:_NAMED])
    more = f" and {len(sheet.columns) - _NAMED} more" if len(sheet.columns) > _NAMED else ""
    if mapping is None:
        what = f"none of its columns is recognised ({shown}{more}); say in a mapping what they mean"
    else:
        what = f"the mapping says of none of its columns what it means ({shown}{more}); name them under [columns]"
    raise UnreadableInput(sheet.name, what)


def guess_mapping(header: Sequence[str]) -> Mapping:
    """The mapping that the column names suggest; fields that no column names are left out.

    Names are compared without case, accents and stray spaces. A unit or currency in brackets
    ("Préavis (mois)", "Montant (€)") is taken up; columns named "X" and "X-Answer" are taken for a quote and
    its answer.

    >>> guessed = guess_mapping(["N° contrat", "Date d'effet", "Échéance", "Préavis (mois)"])
    >>> guessed.columns[Field.EXPIRY], guessed.units[Field.NOTICE].value, guessed.date_format.text
    ('Échéance', 'months', 'DD/MM/YYYY')
    """
    keys = {column_key(name): name for name in reversed(header)}
    columns = {key: name for key in Field if (name := _column_of(key, header)) is not None}
    french = sum(_bare(name, key) in _FRENCH[key] for key, name in columns.items())
    in_french = 2 * french > len(columns)
    pairs = {name: keys[answer] for key, name in keys.items() if (answer := f"{key}{_ANSWER}") in keys}
    renewal = columns.get(Field.RENEWAL, "")
    by_itself = in_french or not set(_BY_ITSELF).isdisjoint(column_key(renewal).split())
    return Mapping(
        columns=columns,
        quotes=_quotes(columns, pairs),
        date_format=_FRENCH_DATES if in_french else ISO,
        number_format=_FRENCH_NUMBERS if in_french else PLAIN,
        currency=_currency(columns),
        bare_renewal=BareRenewal.REPEATED if renewal and by_itself else BareRenewal.ONCE,
        units={key: unit for key, name in columns.items() if key in LENGTHS and (unit := _unit(name)) is not None},
        fact_suffix=_FACT_SUFFIX if len(pairs) >= _PAIRS else "",
    )


def _column_of(key: Field, header: Sequence[str]) -> str | None:
    """The column that says it best: an answer before its quote, then in the order of the known names."""
    known = (*_ENGLISH[key], *_FRENCH[key])
    bare = ((name, _bare(name, key)) for name in header)
    found = [(not _is_answer(name), known.index(plain), name) for name, plain in bare if plain in known]
    return min(found)[2] if found else None


def _bare(name: str, key: Field) -> str:
    """The name without brackets and without "answer"; of a length also without the unit at its end."""
    plain = column_key(_BRACKETED.sub(" ", name)).removesuffix(_ANSWER)
    head, _, last = plain.rpartition(" ")
    if key not in LENGTHS or not head or last not in UNIT_WORDS:
        return plain
    return head.removesuffix(" en").removesuffix(" in")


def _is_answer(name: str) -> bool:
    return column_key(name).endswith(_ANSWER)


def _unit(name: str) -> Unit | None:
    """The unit that the name ends with or has in brackets; None where these say more than a unit.

    "(business days)" is no unit on the calendar, "(days or months)" and "(fin de mois)" are none at all.
    """
    inside = _BRACKETED.search(name)
    words = column_key(inside[1] if inside else name).split()
    if not words or len(words[-1]) <= 1 or (inside and not _BESIDE_A_UNIT.issuperset(words[:-1])):
        return None
    return UNIT_WORDS.get(words[-1])


def _quotes(columns: dict[Field, str], pairs: dict[str, str]) -> dict[Field, str]:
    """The quote columns beside the answers that were recognised; a term's words stand beside its end."""
    quote_of = {answer: quote for quote, answer in pairs.items()}
    found: dict[Field, str] = {}
    for key in sorted(QUOTED):
        answer = columns.get(Field.EXPIRY if key is Field.TERM and Field.TERM not in columns else key, "")
        if answer in quote_of:
            found[key] = quote_of[answer]
    return found


def _currency(columns: dict[Field, str]) -> str:
    """The one currency that the amounts' column names state; empty when none or two are."""
    named: set[str] = set()
    for key in AMOUNTS & columns.keys():
        inside = _BRACKETED.search(columns[key])
        sign = inside[1].strip().casefold() if inside else ""
        named |= {_CURRENCY_SIGNS[sign]} if sign in _CURRENCY_SIGNS else set()
    return named.pop() if len(named) == 1 else ""
