"""What a plan says, in English and in French: its reasons, who wins, what becomes of a record.

The rule of the file: the engine words its reasons in English; each form it uses stands here beside its
French one. A reason that is not known here (a person's own words, a system's) is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from clmcrm.ports.records import Side
from clmcrm.sync.arbitration import conflict_key
from clmcrm.sync.ownership import Rules
from clmcrm.sync.steps import FieldChange, Op, Step
from clmcrm.values.wording import Language, Wording

_W = Wording

PLAN_PHRASES: Final[Mapping[str, Wording]] = {
    "title": _W("What a sync would write", "Ce qu'une synchronisation écrirait"),
    "undo_title": _W("What undoing would write", "Ce qu'une annulation écrirait"),
    "as_of": _W("As of {day}. Nothing has been written.", "Au {day}. Rien n'a été écrit."),
    "writes": _W("To write", "À écrire"),
    "writes_intro": _W(
        "Field by field: what each side has, what it becomes, whose value wins and why.",
        "Champ par champ\u00a0: ce que chaque côté contient, ce qu'il devient, quelle valeur l'emporte et pourquoi.",
    ),
    "conflicts": _W("Waits for a decision", "En attente de décision"),
    "conflicts_intro": _W(
        "Left alone on both sides until somebody decides: clmcrm resolve.",
        "Inchangé des deux côtés tant que personne n'a tranché\u00a0: clmcrm resolve.",
    ),
    "notes": _W("Edits that give way", "Modifications qui s'effacent"),
    "notes_intro": _W(
        "Kept in the journal; the field's owner keeps its value.",
        "Conservées au journal\u00a0; le propriétaire du champ garde sa valeur.",
    ),
    "problems": _W("Left alone", "Laissé en l'état"),
    "problems_intro": _W(
        "Data that contradicts itself or could not be understood.",
        "Données contradictoires ou incomprises.",
    ),
    "records": _W("Records to write", "Fiches à écrire"),
    "fields": _W("Fields to write", "Champs à écrire"),
    "overwritten": _W("Values replaced", "Valeurs remplacées"),
    "removed": _W("Records archived", "Fiches archivées"),
    "decide": _W("Decisions to take", "Décisions à prendre"),
    "guard": _W("Guard", "Garde-fou"),
    "refused": _W("refused without --yes", "refusé sans --yes"),
    "allowed": _W("passes", "passe"),
    "record": _W("Record", "Fiche"),
    "what": _W("What", "Action"),
    "goes_to": _W("Goes to", "Vers"),
    "field": _W("Field", "Champ"),
    "crm_has": _W("CRM has", "Le CRM a"),
    "clm_has": _W("CLM has", "Le CLM a"),
    "becomes": _W("Becomes", "Devient"),
    "wins": _W("Wins", "L'emporte"),
    "why": _W("Why", "Pourquoi"),
    "agreed": _W("Agreed", "Convenu"),
    "decides": _W("Who decides", "Qui décide"),
    "side": _W("Side", "Côté"),
    "edited_to": _W("Edited to", "Modifié en"),
    "stays": _W("Stays", "Reste"),
    "where": _W("Where", "Où"),
    "value": _W("Value", "Valeur"),
    "nothing": _W("There is nothing to write.", "Il n'y a rien à écrire."),
    "person": _W("a person", "une personne"),
    "agreed_value": _W("the agreed value", "la valeur convenue"),
    "earlier": _W("the earlier value", "la valeur antérieure"),
    "contents": _W("Contents", "Sommaire"),
    "skip": _W("Skip to the content", "Aller au contenu"),
}
"""Every phrase of a plan's page that does not come from its data."""

OPS: Final[Mapping[Op, Wording]] = {
    Op.CREATE: _W("create", "créer"),
    Op.UPDATE: _W("update", "modifier"),
    Op.REMOVE: _W("archive", "archiver"),
    Op.BIND: _W("link", "relier"),
    Op.UNLINK: _W("unlink", "délier"),
    Op.SETTLE: _W("note", "noter"),
}
"""What a step does, in a word."""

_REASONS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(english), french)
    for english, french in (
        (r"neither side changed it", "aucun côté ne l'a modifié"),
        (r"both show the same", "les deux affichent la même valeur"),
        (r"only the (\w+) changed it", r"seul le \1 l'a modifié"),
        (
            r"only the (\w+) changed it; what the (\w+) had may not pass to the (\w+)",
            r"seul le \1 l'a modifié ; ce qu'avait le \2 ne peut passer au \3",
        ),
        (r"the (\w+) has none yet", r"le \1 n'en a pas encore"),
        (
            r"the (\w+) changed it, but the (\w+) owns it: restored",
            r"le \1 l'a modifié, mais le \2 en décide : rétabli",
        ),
        (r"both changed it; the (\w+) owns it", r"modifié des deux côtés ; le \1 en décide"),
        (r"both changed it; the (\w+) is preferred", r"modifié des deux côtés ; le \1 est préféré"),
        (r"both changed it, to different values", "modifié des deux côtés, différemment"),
        (
            r"they differ at the first pairing; the (\w+) owns it",
            r"différents à l'appariement ; le \1 en décide",
        ),
        (
            r"they differ at the first pairing; the (\w+) is preferred",
            r"différents à l'appariement ; le \1 est préféré",
        ),
        (r"they differ at the first pairing, to different values", "différents à l'appariement"),
        (r"every change of it is decided by a person", "toute modification est décidée par une personne"),
        (
            r"every value that goes to the (\w+) is decided by a person",
            r"toute valeur destinée au \1 est décidée par une personne",
        ),
        (r"(.+) would close a circle of (\w+)", r"\1 fermerait un cercle de \2"),
        (r"(.+) let it go: (.*)", r"abandon décidé par \1 : \2"),
        (r"as on the (\w+)", r"comme dans le \1"),
        (r"it is new on the (\w+)", r"nouveau dans le \1"),
        (r"it is gone on the (\w+)", r"n'existe plus dans le \1"),
        (r"no side has the record any more", "aucun côté n'a plus la fiche"),
        (
            r"edited on the (\w+), but archived with its counterpart",
            r"modifié dans le \1, archivé avec son pendant",
        ),
        (r"gone on the (\w+), while (.+) changed on the (\w+)", r"disparu du \1 alors que \2 a changé dans le \3"),
        (r"a person paired them", "apparié par une personne"),
        (
            r"a person paired them; (.+) had said otherwise: (.*)",
            r"apparié par une personne ; \1 avait dit autrement : \2",
        ),
        (r"(.+) is asked no more; (.+) had decided: (.*)", r"\1 n'est plus demandé ; \2 avait décidé : \3"),
        (r"(.+) decided: (.*)", r"décision de \1 : \2"),
        (r"undone: it was written on ([\d-]+)", r"annulé : écrit le \1"),
        (r"undone: it was created on ([\d-]+)", r"annulé : créé le \1"),
    )
)


_EXCESS: Final = re.compile(r"(\w+): (\d+) (deletes|overwrites) of (\d+) known pairs, more than (\d+) %")
_HARMS: Final = {"deletes": "suppressions", "overwrites": "remplacements"}


def plan_phrase(key: str, language: Language, **facts: object) -> str:
    """The phrase `key` in `language` with `facts` put in.

    >>> plan_phrase("writes", "fr")
    'À écrire'
    """
    return PLAN_PHRASES[key].said(language).format(**facts)


def reason(why: str, language: Language) -> str:
    """The engine's reason in `language`; as it stands when its form is not known.

    >>> reason("only the CRM changed it", "fr")
    "seul le CRM l'a modifié"
    >>> reason("legal said so", "fr")
    'legal said so'
    """
    if language == "fr":
        for english, french in _REASONS:
            found = english.fullmatch(why)
            if found:
                return found.expand(french)
    return why


def refusal_words(refusal: str, language: Language) -> str:
    r"""Why the guard refuses a plan, in `language`; a part whose form is not known stays as it stands.

    >>> refusal_words("account: 30 deletes of 40 known pairs, more than 20 %", "fr")
    'account\xa0: 30 suppressions pour 40 paires connues, plus de 20\xa0%'
    """
    return refusal if language == "en" else "\u00a0; ".join(map(_excess, refusal.split("; ")))


def _excess(part: str) -> str:
    found = _EXCESS.fullmatch(part)
    if found is None:
        return part
    kind, count, harm, known, percent = found.groups()
    return f"{kind}\u00a0: {count} {_HARMS[harm]} pour {known} paires connues, plus de {percent}\u00a0%"


def winner(step: Step, change: FieldChange, rules: Rules) -> Wording:
    """Whose value a field becomes: a side's, a person's, the owner's agreed one, or the one before an undo.

    >>> from clmcrm.ports.kept import Link
    >>> from clmcrm.sync.standard import standard_rules
    >>> change = FieldChange(name="name", value="Durand SA", crm="Durand SA", clm="Durand")
    >>> step = Step(op=Op.UPDATE, pair="p", kind="account", side=Side.CLM, changes=(change,),
    ...             link=Link(pair="p", kind="account"))
    >>> winner(step, change, standard_rules()).en
    'CRM'
    """
    if conflict_key(step.pair, change.name) in step.decisions:
        return PLAN_PHRASES["person"]
    if change.why.startswith("undone: "):
        return PLAN_PHRASES["earlier"]
    giver = step.side.other if step.side else None
    if giver is not None and change.seen(giver) == change.value:
        return _side(giver)
    owner = rules.of(step.kind).rule(change.name).owner.side
    return PLAN_PHRASES["agreed_value"] if owner is None else _side(owner)


def _side(side: Side) -> Wording:
    name = side.value.upper()
    return Wording(name, name)
