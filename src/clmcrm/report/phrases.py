"""The fixed phrases of a report in English and French, and amounts and days as each language writes them.

The rule of the file: every phrase has both languages (a `Wording`), and every phrase the report shows
that does not come from the data stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from clmcrm.analytics.portfolio import EntryKind
from clmcrm.clm.deadlines import Purpose
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money
from clmcrm.values.wording import Language, Wording, day_words

_W = Wording

PHRASES: Final[Mapping[str, Wording]] = {
    "agenda": _W("Deadlines", "Échéances"),
    "agenda_intro": _W(
        "Every notice, end and obligation from {first} to {last}, both inside. The safe day is in time under "
        "every reading of the clause.",
        "Chaque préavis, fin et obligation du {first} au {last} inclus. La date sûre est à temps dans toutes "
        "les lectures de la clause.",
    ),
    "amount": _W("Amount", "Montant"),
    "as_of": _W("As of {day}", "Situation au {day}"),
    "assumptions": _W("Sources and assumptions", "Sources et hypothèses"),
    "by_month": _W("Coming up, by month", "À venir, par mois"),
    "by_month_of": _W(
        "Entries of the agenda from {first} to {last}: {count}",
        "Entrées de l'agenda du {first} au {last}\u00a0: {count}",
    ),
    "colon": _W(": ", "\u00a0: "),
    "contents": _W("On this page", "Sur cette page"),
    "contract": _W("Contract", "Contrat"),
    "contracts": _W("Contracts", "Contrats"),
    "contracts_counted": _W("{count} contracts", "{count} contrats"),
    "contracts_counted_one": _W("{count} contract", "{count} contrat"),
    "counterparty": _W("Counterparty", "Cocontractant"),
    "data": _W("The same figures as a table", "Les mêmes chiffres en tableau"),
    "day": _W("Last day", "Dernier jour"),
    "days_late": _W("safe day passed {count} days ago", "date sûre dépassée de {count} jours"),
    "days_late_one": _W("safe day passed {count} day ago", "date sûre dépassée de {count} jour"),
    "days_left": _W("{count} days left", "{count} jours restants"),
    "days_left_one": _W("{count} day left", "{count} jour restant"),
    "decisions": _W("What needs a decision next", "Les prochaines décisions"),
    "decisions_intro": _W(
        "The next {count} notices, by the day on which a notice is safe.",
        "Les {count} prochains préavis, par date sûre de notification.",
    ),
    "decisions_intro_one": _W(
        "The next notice, with the day on which it is safe.",
        "Le prochain préavis, avec sa date sûre de notification.",
    ),
    "end": _W("Ends on", "Échoit le"),
    "ended": _W("Last day in force", "Dernier jour en vigueur"),
    "expected": _W("Renewal to come, if nobody gives notice", "Reconduction à venir, sauf préavis"),
    "exposure": _W("Exposure by counterparty", "Exposition par cocontractant"),
    "exposure_rule": _W(
        "The sum over contracts in effect of each recurring line's amount per year; one-off lines are not counted.",
        "La somme, sur les contrats en vigueur, du montant annuel de chaque ligne récurrente\u00a0; les lignes "
        "uniques ne comptent pas.",
    ),
    "exposure_of": _W(
        "Annual recurring value in force, {total} over {contracts}",
        "Valeur récurrente annuelle en vigueur, {total} pour {contracts}",
    ),
    "first_term": _W("Initial term", "Terme initial"),
    "indefinite_term": _W("No fixed end", "Sans terme fixe"),
    "kind": _W("Kind", "Nature"),
    "last_day_marker": _W("Last day for notice", "Dernier jour pour notifier"),
    "left_out": _W("Left out of the sum", "Non compris dans la somme"),
    "lifecycle": _W("The life of a contract", "La vie d'un contrat"),
    "month": _W("Month", "Mois"),
    "moves": _W(
        "Moves by number; dashed: follows from facts or the date",
        "Mouvements par numéro\u00a0; en tirets\u00a0: découle des faits ou de la date",
    ),
    "no_entries": _W("Nothing is due in this period.", "Rien n'est dû sur cette période."),
    "none": _W("None.", "Néant."),
    "not_law": _W(
        "Computed from the contracts as recorded; it is not legal advice.",
        "Calculé d'après les contrats enregistrés\u00a0; ceci n'est pas un avis juridique.",
    ),
    "notice_window": _W("Notice window", "Fenêtre de préavis"),
    "rate": _W("{source} to {target}: {factor} on {on} ({by})", "{source} en {target}\u00a0: {factor} au {on} ({by})"),
    "readings": _W("Readings of the clause", "Lectures de la clause"),
    "reason": _W("Reason", "Motif"),
    "renewal_term": _W("Renewal {index}", "Reconduction {index}"),
    "renewal_terms": _W("Renewals", "Reconductions"),
    "rule": _W("Rule: {name} ({citation})", "Règle\u00a0: {name} ({citation})"),
    "safe_day": _W("Safe day", "Date sûre"),
    "same_day": _W("same day", "même jour"),
    "send_by": _W("A letter must leave by {day}.", "La lettre doit partir au plus tard le {day}."),
    "skip": _W("Skip to the content", "Aller au contenu"),
    "stage": _W("Stage", "Étape"),
    "status": _W("Status", "Situation"),
    "terms": _W("Terms", "Termes"),
    "timeline": _W("Terms and notice windows", "Termes et fenêtres de préavis"),
    "timeline_of": _W("{contracts} from {first} to {last}", "{contracts} du {first} au {last}"),
    "today": _W("as of {day}", "au {day}"),
    "total": _W("Total", "Total"),
    "undated": _W("Without a date", "Sans date"),
    "undated_intro": _W(
        "What has no day, and why: either there is none, or it is not known.",
        "Ce qui n'a pas de date, et pourquoi\u00a0: il n'y en a pas, ou elle n'est pas connue.",
    ),
    "undated_known": _W("nothing to watch", "rien à surveiller"),
    "undated_unknown": _W("not known", "inconnu"),
    "unknown_counterparty": _W("not stated", "non indiqué"),
    "value": _W("Value per year", "Valeur par an"),
    "what": _W("What", "Objet"),
    "why": _W("Why this day", "Pourquoi ce jour"),
    "within": _W("Notices within {days} days", "Préavis sous {days} jours"),
}  # fmt: skip
"""Every fixed phrase by its key."""

KINDS: Final[Mapping[EntryKind, Wording]] = {
    EntryKind.NOTICE: _W("Notice", "Préavis"),
    EntryKind.END: _W("End", "Fin"),
    EntryKind.OBLIGATION: _W("Obligation", "Obligation"),
}
"""What an entry of the agenda is called."""

DECISIONS: Final[Mapping[Purpose, Wording]] = {
    Purpose.STOP_RENEWAL: _W("Let it renew, or give notice", "Laisser reconduire, ou notifier"),
    Purpose.RENEW: _W("Renew it, or let it end", "Renouveler, ou laisser échoir"),
    Purpose.LEAVE: _W("Stay, or give notice to leave", "Rester, ou donner congé"),
}
"""What is to be decided before a notice deadline."""

_SHORT_MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}


def phrase(key: str, language: Language, **facts: object) -> str:
    """The phrase `key` in `language` with `facts` put in.

    >>> phrase("days_left", "fr", count=3)
    '3 jours restants'
    """
    return PHRASES[key].said(language).format(**facts)


def counted(key: str, count: int, language: Language) -> str:
    """The phrase `key` said of `count` things: as of one for one, and in French for none.

    >>> counted("contracts_counted", 1, "en"), counted("contracts_counted", 0, "fr")
    ('1 contract', '0 contrat')
    """
    singular = count == 1 or (count == 0 and language == "fr")
    return phrase(f"{key}_one" if singular else key, language, count=count)


def labelled(name: str, value: object, language: Language) -> str:
    r"""`name` and `value` with the colon of the language between them.

    >>> labelled("Date sûre", "26 mars 2026", "fr")
    'Date sûre\xa0: 26 mars 2026'
    """
    return f"{name}{phrase('colon', language)}{value}"


def short_month(day: date, language: Language) -> str:
    """The month of `day`, short.

    >>> short_month(date(2026, 7, 1), "fr")
    'juil.'
    """
    return _SHORT_MONTHS[language][day.month - 1]


def short_day(day: date, language: Language) -> str:
    """`day` without its weekday, as the language writes it.

    >>> short_day(date(2026, 5, 7), "en")
    '7 May 2026'
    """
    return day_words(day, language).partition(" ")[2]


def weekday(day: date, language: Language) -> str:
    """The weekday of `day`.

    >>> weekday(date(2026, 5, 7), "fr")
    'jeudi'
    """
    return day_words(day, language).partition(" ")[0]


def amount_words(money: Money, language: Language) -> str:
    r"""`money` grouped by thousands as the language does, followed by the currency's code.

    >>> amount_words(Money("1234567.50", "EUR"), "en")
    '1,234,567.50\xa0EUR'
    """
    shown = f"{money.amount:,}"
    if language == "fr":
        shown = shown.replace(",", "\u202f").replace(".", ",")
    return f"{shown}\u00a0{money.currency}"


def number_words(number: Decimal, language: Language) -> str:
    """`number` in digits, without an exponent, with the decimal mark of the language.

    >>> number_words(Decimal("1.0842"), "fr"), number_words(Decimal("2.7E-7"), "en")
    ('1,0842', '0.00000027')
    """
    shown = f"{number:f}"
    return shown.replace(".", ",") if language == "fr" else shown


def counterparty_name(account: AccountId | None, names: Mapping[AccountId, str], language: Language) -> str:
    """The account's name, its id where no name is known, and the phrase for "not stated" when it is None.

    >>> counterparty_name(AccountId("a-1"), {}, "en")
    'a-1'
    """
    return phrase("unknown_counterparty", language) if account is None else names.get(account, account)
