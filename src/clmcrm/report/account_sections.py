"""The parts of an account's page as titled tables and cards, drawn from what the reader may see.

The rule of the file: a cell is made of a field that was shown; one that was withheld says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from attrs import frozen

from clmcrm.bridge.account_access import AccountShown
from clmcrm.bridge.account_view import AccountView
from clmcrm.bridge.findings import offer_called, percent
from clmcrm.clm.stage_words import STAGES
from clmcrm.clm.stages import Stage
from clmcrm.parties.access import Shown, is_withheld
from clmcrm.report.phrases import amount_words, number_words, phrase, short_day
from clmcrm.report.sections import Card, Cell, Column, Section, Tone
from clmcrm.report.value_names import enum_words
from clmcrm.report.withholding import WORD
from clmcrm.values.money import Money
from clmcrm.values.wording import Language, Wording

_W: TypeAlias = Wording
_STAGES: Final = {stage.value: stage for stage in Stage}
"""The stages of contracts by their texts: terms hold texts, because a host may have stages of its own."""
_NUMERIC: Final = frozenset({"amount", "score", "employees"})
_FIGURES: Final = frozenset({"committed", "counted"})
"""Numbers that are kept as texts, with a point, because they are amounts or units."""


@frozen
class _Table:
    """How a part is drawn: its heading, whence its rows come, and its columns as (heading, field)."""

    heading: Wording
    rows: str
    columns: tuple[tuple[Wording, str], ...]
    intro: Wording | None = None


_TABLES: Final = (
    _Table(
        _W("What comes next", "Ce qui vient"), "days",
        ((_W("Day", "Jour"), "day"), (_W("What", "Quoi"), "what"), (_W("Kind", "Nature"), "kind"),
         (_W("Record", "Dossier"), "record")),
        _W("Notices, ends, duties, tasks and quotes, in time order; what has passed and is still open comes first.",
           "Préavis, termes, obligations, tâches et devis, par date\u00a0; "
           "ce qui est échu et encore ouvert vient d'abord."),
    ),
    _Table(
        _W("Contracts", "Contrats"), "contracts",
        ((_W("Contract", "Contrat"), "title"), (_W("Number", "Numéro"), "number"), (_W("Stage", "Étape"), "stage"),
         (_W("Ends", "Fin"), "ends_on"), (_W("Renews", "Reconduction"), "renews_on"),
         (_W("Notice by", "Préavis avant"), "notice_by"), (_W("Per year", "Par an"), "annual_value")),
    ),
    _Table(
        _W("Prices and restrictions", "Prix et restrictions"), "contracts",
        ((_W("Contract", "Contrat"), "title"), (_W("Prices", "Prix"), "prices"),
         (_W("Restrictions", "Restrictions"), "restrictions"),
         (_W("Payment days", "Jours de paiement"), "payment_days"),
         (_W("Why this notice day", "Pourquoi ce jour de préavis"), "notice_reason")),
    ),
    _Table(
        _W("Family of contracts", "Famille de contrats"), "family",
        ((_W("Contract", "Contrat"), "title"), (_W("Relation", "Lien"), "relation"), (_W("Parent", "Parent"), "parent"),
         (_W("Level", "Niveau"), "depth")),
    ),
    _Table(
        _W("Commitments", "Engagements"), "commitments",
        ((_W("Contract", "Contrat"), "contract"), (_W("Minimum", "Minimum"), "committed"),
         (_W("Counted", "Compté"), "counted"), (_W("Unit", "Unité"), "unit"), (_W("Used", "Consommé"), "share"),
         (_W("Period until", "Période jusqu'au"), "last_day"), (_W("Clause", "Clause"), "citation")),
    ),
    _Table(
        _W("Obligations on both sides", "Obligations des deux parties"), "duties",
        ((_W("Obligation", "Obligation"), "title"), (_W("Owed by", "Due par"), "owed_by"),
         (_W("Due", "Échéance"), "due_on"), (_W("Amount", "Montant"), "amount"),
         (_W("Overdue", "En retard"), "overdue"),
         (_W("Disputed", "Contestée"), "disputed"), (_W("Why", "Pourquoi"), "why")),
    ),
    _Table(
        _W("Contradictions", "Contradictions"), "findings",
        ((_W("What", "Quoi"), "what"), (_W("Offer", "Offre"), "offer"), (_W("Offered", "Offert"), "offered"),
         (_W("Agreed", "Convenu"), "agreed"), (_W("Contract", "Contrat"), "contract"),
         (_W("What to do", "Que faire"), "advice")),
        _W("What open sales and live quotes promise against contracts in force.",
           "Ce que les ventes ouvertes et les devis en cours promettent à l'encontre des contrats en vigueur."),
    ),
    _Table(
        _W("Pipeline", "Ventes en cours"), "opportunities",
        ((_W("Sale", "Vente"), "name"), (_W("Stage", "Étape"), "stage"), (_W("Amount", "Montant"), "amount"),
         (_W("Expected", "Attendue"), "expected_close_on"), (_W("Next step", "Prochaine étape"), "next_step")),
    ),
    _Table(
        _W("Quotes", "Devis"), "quotes",
        ((_W("Quote", "Devis"), "number"), (_W("Status", "État"), "status"), (_W("Total", "Total"), "stated_total"),
         (_W("Valid until", "Valable jusqu'au"), "last_valid_day")),
    ),
    _Table(
        _W("Cases", "Demandes"), "cases",
        ((_W("Case", "Demande"), "subject"), (_W("Status", "État"), "status"), (_W("Opened", "Ouverte"), "opened_at"),
         (_W("Closed", "Close"), "closed_at"), (_W("Dispute", "Litige"), "dispute")),
    ),
    _Table(
        _W("Disputes", "Litiges"), "disputes",
        ((_W("Dispute", "Litige"), "subject"), (_W("Contract", "Contrat"), "contract"),
         (_W("Clause", "Clause"), "citation"),
         (_W("Amount", "Montant"), "amount"), (_W("Opened", "Ouvert"), "opened_on")),
    ),
    _Table(
        _W("Invoices", "Factures"), "invoices",
        ((_W("Invoice", "Facture"), "id"), (_W("Amount", "Montant"), "amount"), (_W("Issued", "Émise"), "issued_on"),
         (_W("Due", "Échéance"), "due_on"), (_W("Paid", "Payée"), "paid_on")),
    ),
    _Table(
        _W("Satisfaction", "Satisfaction"), "satisfaction",
        ((_W("Measure", "Mesure"), "survey"), (_W("Score", "Note"), "score"), (_W("Day", "Jour"), "on")),
    ),
    _Table(
        _W("Interactions", "Échanges"), "activities",
        ((_W("Subject", "Objet"), "subject"), (_W("Kind", "Nature"), "kind"), (_W("When", "Quand"), "started_at"),
         (_W("Due", "Échéance"), "due_on"), (_W("By", "Par"), "owner")),
    ),
    _Table(
        _W("People", "Personnes"), "contacts",
        ((_W("Name", "Nom"), "full_name"), (_W("Function", "Fonction"), "job_title"),
         (_W("E-mail", "Courriel"), "emails"),
         (_W("Reports to", "Rend compte à"), "reports_to")),
    ),
    _Table(
        _W("Group", "Groupe"), "group",
        ((_W("Account", "Compte"), "name"), (_W("Under", "Rattaché à"), "parent"), (_W("Country", "Pays"), "country"),
         (_W("Kind", "Nature"), "kind")),
    ),
)  # fmt: skip
ALWAYS: Final = frozenset({"days", "contracts", "duties", "findings"})
"""The parts that are there even when they are empty: that nothing is open is an answer."""


def account_sections(shown: AccountShown, view: AccountView, language: Language) -> tuple[Section, ...]:
    """The parts of the page, in order; parts without rows are left out unless their emptiness is an answer."""
    made: list[Section] = []
    for table in _TABLES:
        rows: tuple[Shown, ...] = getattr(shown, table.rows)
        first = table is next(t for t in _TABLES if t.rows == table.rows)
        if rows or (table.rows in ALWAYS and first):
            made.append(_section(table, rows, language))
    if view.problems:
        columns = (_W("Where", "Où"), _W("Problem", "Problème"))
        made.append(
            Section(
                heading=_W("Problems in the records", "Problèmes dans les fiches").said(language),
                columns=tuple(Column(heading=c.said(language)) for c in columns),
                rows=tuple((Cell(p.where), Cell(str(p), Tone.BAD)) for p in view.problems),
            )
        )
    return tuple(made)


def account_cards(shown: AccountShown, view: AccountView, language: Language) -> tuple[Card, ...]:
    """The key figures: value per year, pipeline, unpaid, contradictions, and what comes next.

    How many records there are is told to everybody; how many of them are late or open is what they say.
    """
    sums = shown.sums.fields
    late = None if _hides(shown.days, "late") else sum(one.late for one in view.days)
    open_cases = None if _hides(shown.cases, "status", "opened_at", "closed_at") else len(view.open_cases)
    count = len(view.findings)

    def told(number: int | None) -> str:
        return WORD.said(language) if number is None else str(number)

    def amount(name: str) -> str:
        # A card may be narrower than its amount: here the currency may stand on a line of its own.
        return _text(sums[name], language).replace("\u00a0", " ") or "0"

    cards = [
        Card(label=_W("Value per year", "Valeur par an").said(language), value=amount("annual_value")),
        Card(label=_W("Open pipeline", "Ventes en cours").said(language), value=amount("pipeline")),
        Card(label=_W("Unpaid", "Impayé").said(language), value=amount("unpaid"),
             note=_overdue(sums["overdue"], language), tone=Tone.BAD if _some(sums["overdue"]) else Tone.PLAIN),
        Card(label=_W("Contradictions", "Contradictions").said(language), value=str(count),
             tone=Tone.BAD if count else Tone.GOOD),
        Card(label=_W("Passed and still open", "Échu et encore ouvert").said(language), value=told(late),
             tone=Tone.PLAIN if late is None else Tone.WARN if late else Tone.GOOD),
        Card(label=_W("Open cases and disputes", "Demandes et litiges ouverts").said(language),
             value=f"{told(open_cases)} + {len(view.disputes)}", tone=Tone.WARN if view.disputes else Tone.PLAIN),
    ]  # fmt: skip
    return tuple(cards)


def _hides(rows: Iterable[Shown], *names: str) -> bool:
    """Whether one of these fields is withheld in any of the rows."""
    return any(is_withheld(row.fields.get(name)) for row in rows for name in names)


def _section(table: _Table, rows: Iterable[Shown], language: Language) -> Section:
    columns = tuple(Column(heading=h.said(language), numeric=name in _NUMERIC) for h, name in table.columns)
    return Section(
        heading=table.heading.said(language),
        intro="" if table.intro is None else table.intro.said(language),
        columns=columns,
        rows=tuple(tuple(_cell(row.fields, name, language) for _, name in table.columns) for row in rows),
    )


def _cell(fields: Mapping[str, Any], name: str, language: Language) -> Cell:
    if name == "full_name":
        return Cell(_full_name(fields, language))
    value = fields.get(name)
    if is_withheld(value):
        return Cell(WORD.said(language), Tone.MUTED)
    if name == "counted" and value == "":
        return _uncounted(fields.get("why_unknown"), language)
    text = _in_column(name, value, language)
    if isinstance(value, bool):
        return Cell(text, Tone.BAD if value else Tone.PLAIN)
    tone = Tone.BAD if name in ("day", "due_on") and _is_late(fields) else Tone.PLAIN
    if name == "title" and isinstance(fields.get("depth"), int):
        text = "\u2003" * fields["depth"] + text
    if name in ("why", "notice_reason") and text:
        return Cell(_W("why", "pourquoi").said(language), more=tuple(text.split("; ")))
    return Cell(text, tone)


def _in_column(name: str, value: Any, language: Language) -> str:  # noqa: ANN401 - a shown field is anything
    """The value as it is said in the column of that field."""
    text = _text(value, language)
    if name in _FIGURES:
        return text.replace(".", ",") if language == "fr" else text
    if name == "offer":
        return offer_called(text).said(language)
    if name == "stage" and text in _STAGES:
        return STAGES[_STAGES[text]].said(language)
    if name == "share" and isinstance(value, Decimal):
        return percent(value).said(language)
    return text


def _uncounted(why: object, language: Language) -> Cell:
    """The place of a commitment's figure that is not known, with the reason where it may be seen."""
    more = (why,) if isinstance(why, str) and why else ()
    return Cell(phrase("undated_unknown", language), Tone.WARN, more=more)


def _is_late(fields: Mapping[str, Any]) -> bool:
    return fields.get("late") is True or fields.get("overdue") is True


def _full_name(fields: Mapping[str, Any], language: Language) -> str:
    parts = [fields.get("name")] if fields.get("name") else [fields.get("given_name"), fields.get("family_name")]
    said = [WORD.said(language) if is_withheld(part) else part for part in parts if part]
    return " ".join(dict.fromkeys(str(part) for part in said))


def _text(value: Any, language: Language) -> str:  # noqa: ANN401 - a shown field is anything
    for kinds, say in _SAID:
        if isinstance(value, kinds):
            return say(value, language)
    return "" if value is None else str(value)


def _mapping_text(value: Mapping[str, Any], language: Language) -> str:
    if is_withheld(value):
        return WORD.said(language)
    if set(value) == {"en", "fr"}:
        return _text(value[language], language)
    return ", ".join(_text(one, language) for one in value.values() if one is not None)


_SAID: Final[tuple[tuple[Any, Callable[[Any, Language], str]], ...]] = (
    (Money, amount_words),
    (Wording, lambda value, language: value.said(language)),
    (Mapping, _mapping_text),
    (bool, lambda value, language: ("yes" if value else "no") if language == "en" else ("oui" if value else "non")),
    (Enum, lambda value, language: enum_words(value).said(language)),
    (datetime, lambda value, language: short_day(value.date(), language)),
    (date, short_day),
    (Decimal, number_words),
    ((list, tuple), lambda value, language: "; ".join(_text(one, language) for one in value)),
)


def _some(value: Any) -> bool:  # noqa: ANN401 - a shown field is anything
    return isinstance(value, list | tuple) and value not in ((), [])


def _overdue(value: object, language: Language) -> str:
    if not _some(value):
        return ""
    said = _text(value, language)
    return f"overdue {said}" if language == "en" else f"échu {said}"
