"""The short forms of what parties agree and do: terms, renewals, notices, due days, events.

A clause is a few words in any order, its citation last::

    term    "P1Y"  "P2Y minimum P1Y"  "until 2026-12-31 last_day"  "perpetual"
    renewal "tacit P1Y max 2 art. 9.1"  "option P1Y by counterparty"  "indefinite"  "none"
    notice  "P3M end_of_term art. 9.2"  "P60D window P120D"  "P3M receipt deemed 3 clear"
    due     "every P1M from 2025-01-31 until 2026-12-31 times 12"  "P30D after effective_date"  "P15D after OB-1"

An event is one line of a text: the day (its instant is noon, UTC), who says so, the event, its facts, and
a note after two dashes::

    2026-03-02 lind terminated ground=convenience last_day=2026-06-30 side=own -- moved to the new plan

A signature bears the day of its line unless ``signed_on`` says otherwise.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import date
from typing import Final

from attrs import frozen

from clmcrm.clm.obligations import Trigger
from clmcrm.clm.term_clauses import EndMeaning, NoticeEffect, NoticeReference, RenewalKind
from clmcrm.codec.canonical import MAX_DIGITS
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.sample.shorthand import day_fact, plain, written

_TENOR: Final = re.compile(r"P(\d+[YMWD])+")
_CITED: Final = frozenset({"art.", "cl.", "sec.", "§"})
_NOTE: Final = " -- "
_NOON: Final = "T12:00:00Z"
_LEADING: Final = frozenset({"is", "at", "by"})
"""What the first three words of an event say."""


@frozen
class Grammar:
    """The words of one kind of clause.

    `tag` is the clause's tag in canonical form and `length` the field that a bare length fills. A word of
    `alone` sets a field to a value; a word of `takes` sets a field to the word after it.
    """

    tag: str
    length: str
    alone: Mapping[str, tuple[str, Json]]
    takes: Mapping[str, str]

    def read(self, said: str) -> dict[str, Json]:
        """The canonical fields of a clause; raises `InvalidRecord` for a word that has no place."""
        words, citation = _cited(said)
        fields: dict[str, Json] = {"is": self.tag}
        while words:
            name, value = self._meaning(words, said)
            if name in fields:
                raise InvalidRecord("clause", "", said, f"one {name}, not two")
            fields[name] = value
        return fields if citation is None else {**fields, "citation": citation}

    def _meaning(self, words: list[str], said: str) -> tuple[str, Json]:
        """The field and the value that the next word (or two) of `words` stand for; they are taken off."""
        word = words.pop(0)
        if word in self.alone:
            return self.alone[word]
        if word in self.takes and words:
            return self.takes[word], _value(words.pop(0))
        if _TENOR.fullmatch(word):
            return self.length, word
        known = ", ".join([*self.alone, *(f"{taking} ..." for taking in self.takes)])
        raise InvalidRecord("clause", "", said, f"a length, {known}, not {word!r}")


TERM: Final = Grammar(
    "term_clause",
    "initial",
    {"perpetual": ("ends_on", {"perpetual": ""}), **{m.value: ("end_means", m.value) for m in EndMeaning}},
    {"until": "ends_on", "minimum": "minimum"},
)
"""The words of a term."""

RENEWAL: Final = Grammar(
    "renewal_clause", "length", {k.value: ("kind", k.value) for k in RenewalKind}, {"max": "times", "by": "by"}
)
"""The words of a renewal."""

NOTICE: Final = Grammar(
    "notice_clause",
    "length",
    {
        **{r.value: ("reference", r.value) for r in NoticeReference},
        **{e.value: ("effect", e.value) for e in NoticeEffect if e is not NoticeEffect.UNSAID},
        "clear": ("clear_days", True),
    },
    {"window": "not_before", "deemed": "deemed_days", "by": "by", "form": "form", "regime": "regime"},
)
"""The words of a notice."""

_EVERY: Final = Grammar("due_every", "every", {}, {"from": "first_on", "until": "last_day", "times": "times"})


def due(value: object) -> Json:
    """When an obligation is due: on a day, again and again, or a while after something.

    >>> due("P30D after effective_date")
    {'is': 'due_after', 'within': 'P30D', 'trigger': 'effective_date'}
    >>> due("every P1M from 2025-01-31")
    {'is': 'due_every', 'every': 'P1M', 'first_on': '2025-01-31'}
    """
    if isinstance(value, date):
        return {"is": "due_on", "day": plain("", value)}
    said = written(value)
    if said.startswith("every "):
        return _EVERY.read(said.removeprefix("every "))
    within, _, after = said.partition(" after ")
    if not after:
        return {"is": "due_on", "day": day_fact(said)}
    if after in {t.value for t in Trigger if t is not Trigger.OBLIGATION}:
        return {"is": "due_after", "within": within, "trigger": after}
    return {"is": "due_after", "within": within, "trigger": Trigger.OBLIGATION.value, "obligation": after}


def performance(said: str) -> Json:
    """What was done, for which due day, how much of it, and where the proof is.

    >>> performance("2026-10-02 for 2026-09-30 share 0.5 -- delivery note 12")
    {'on': '2026-10-02', 'for_due': '2026-09-30', 'share': '0.5', 'evidence': 'delivery note 12'}
    """
    facts, _, evidence = said.partition(_NOTE)
    words = facts.split()
    if len(words) not in (3, 5) or words[1] != "for" or words[3:4] not in ([], ["share"]):
        raise InvalidRecord("performance", "", said, "a day, for, the due day, and perhaps share and a number")
    fields: dict[str, Json] = {"on": words[0], "for_due": words[2]}
    if words[4:]:
        fields["share"] = words[4]
    return {**fields, "evidence": evidence} if evidence else fields


def signatory(said: str) -> Json:
    """Who must sign for a side.

    >>> signatory("own: Claire Aubry, Managing Director")
    {'side': 'own', 'name': 'Claire Aubry', 'title': 'Managing Director'}
    """
    side, _, rest = said.partition(": ")
    name, _, title = rest.partition(", ")
    if not name:
        raise InvalidRecord("signatory", "", said, "a side, a name and a title: own: Claire Aubry, Director")
    return {"side": side, "name": name, "title": title}


def events(value: object) -> Json:
    """The events of a text, one to a line.

    >>> events("2026-03-02 lind redrafted -- new annex")
    [{'is': 'redrafted', 'at': '2026-03-02T12:00:00Z', 'by': 'lind', 'note': 'new annex'}]
    """
    return [event(line.strip()) for line in written(value).splitlines() if line.strip()]


def event(line: str) -> dict[str, Json]:
    """One event; raises `InvalidRecord` for a line that is none, or says a fact twice.

    >>> event("2026-03-02 lind signed side=own")["signed_on"]
    '2026-03-02'
    """
    facts, _, note = line.partition(_NOTE)
    words = _words(facts)
    if len(words) < 3 or any("=" not in word for word in words[3:]):  # noqa: PLR2004 - day, person, event
        raise InvalidRecord("event", "", line, "a day, who says so, an event, and its facts as name=value")
    day, by, tag = words[:3]
    fields: dict[str, Json] = {"is": tag, "at": day + _NOON, "by": by}
    if tag == "signed":
        fields["signed_on"] = day
    given: set[str] = set()
    for word in words[3:]:
        name, _, said = word.partition("=")
        if name in given or name in _LEADING or (name == "note" and note):
            raise InvalidRecord("event", "", line, f"one {name}, not two")
        given.add(name)
        fields[name] = _value(said)
    return {**fields, "note": note} if note else fields


def _cited(said: str) -> tuple[list[str], str | None]:
    words = said.split()
    place = next((i for i, word in enumerate(words) if word in _CITED), None)
    return (words, None) if place is None else (words[:place], " ".join(words[place:]))


def _words(facts: str) -> list[str]:
    try:
        return shlex.split(facts)
    except ValueError:
        raise InvalidRecord("event", "", facts, "quotation marks in pairs") from None


def _value(word: str) -> Json:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= MAX_DIGITS else word
