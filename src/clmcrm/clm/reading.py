"""Renewal and notice clauses from a reader's answers: "successive 1 year", "10 successive 1 year", "90 days".

The rule of the file: an answer becomes a clause or an `Unknown` with its reason. What an answer leaves open
(who may renew, from what a notice is counted back) is the caller's to declare, never ours to guess.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from clmcrm.clm.reading_lengths import MOST_YEARS, UNIT_WORDS, Unit, length_at, number_at, read_tenor
from clmcrm.clm.reading_words import REDACTED, fold, says_perpetual, shown, single, tokens
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor

# Five spellings of "successive" in one column of real answers; "consecutive" says the same.
_SUCCESSIVE: Final = re.compile(r"suc{1,2}e?s{1,2}i[vn]e?(ly|ment|s)?|consecuti(ve|ves|f|fs)")
_NOT_RENEWED: Final = frozenset(
    {
        "none", "no", "no renewal", "not renewable", "not renewed", "non renewable", "non", "aucun", "aucune",
        "aucune reconduction", "pas de reconduction", "sans reconduction", "non renouvelable", "non reconductible",
    }
)  # fmt: skip
_RENEWAL_FILLERS: Final = frozenset(
    {
        "renewal", "renewals", "renewed", "renewable", "renew", "renews", "term", "terms", "period", "periods", "of",
        "for", "each", "additional", "further", "up", "to", "times", "time", "x", "every", "an", "a", "the", "by", ":",
        "reconduction", "reconductions", "reconduit", "renouvellement", "renouvellements", "renouvelable", "periode",
        "periodes", "par", "pour", "de", "d", "des", "chacune", "chacun", "fois", "jusqu", "supplementaire",
        "supplementaires", "chaque",
    }
)  # fmt: skip
# "par périodes de 12 mois", "for further one-year terms": more than one, however many.
_MANY: Final = frozenset({"renewals", "terms", "periods", "reconductions", "renouvellements", "periodes"})
# "up to 3 renewals of a year" counts them; "up to 3 years" is no length.
_BOUNDING: Final = frozenset({"up", "jusqu"})
# Between two numbers they make a range: "2 to 5", "2 à 5", "2-5".
_RANGING: Final = frozenset({"to", "a"})
_HYPHENATED: Final = re.compile(r"[0-9] ?- ?[0-9]")
_APART: Final = "|"  # no token of an answer: values are cut at it
# "twenty one-year terms" are twenty of them, "twenty-one-year terms" of twenty-one years.
_TWENTY_ONE_YEAR: Final = re.compile(r"(ty) (?=(one|two|three|four|five|six|seven|eight|nine)-(year|month|week|day)\b)")
_KIND_WORDS: Final = {
    **dict.fromkeys(
        ("automatic", "automatically", "auto", "tacit", "tacitly", "tacite", "tacitement", "automatique"),
        RenewalKind.TACIT,
    ),
    **dict.fromkeys(("express", "expresse", "expressement"), RenewalKind.EXPRESS),
    **dict.fromkeys(("option", "optional", "optionnel", "optionnelle"), RenewalKind.OPTION),
    **dict.fromkeys(("mutual", "mutually"), RenewalKind.MUTUAL),
}
_NOTICE_FILLERS: Final = frozenset(
    {
        "notice", "prior", "written", "in", "writing", "advance", "before", "at", "least", "minimum", "of", "the",
        "end", "preavis", "de", "d", "au", "moins", "avant", "l", "la", "le", "echeance", "terme", "fin", "ecrit",
    }
)  # fmt: skip
# "6 months, at least 30 days" is no sum of the two.
_AT_LEAST: Final = frozenset({"least", "minimum", "moins"})
_CLEAR: Final = frozenset({"clear", "franc", "francs"})
_MOST_TIMES: Final = 999
_MONTHS_IN_YEAR: Final = 12
_DAYS_IN_MONTH: Final = 30
_NO_RENEWAL: Final = "is no renewal such as 'successive 1 year', '2 years' or '10 successive 1 year'"

# Bounded gaps keep the search linear in the text's length.
_RENEWS: Final = r"(renew|exten[ds]|continu|prolong|reconduct|recondui|renouvel)"
_TACIT: Final = re.compile(
    rf"(automati|tacit)\w{{0,12}}.{{0,80}}?{_RENEWS}|{_RENEWS}\w{{0,12}}.{{0,80}}?(automati|tacit)"
    r"|unless (either|any|one|a|the|each) .{0,160}?(notice|notif|notify)|unless written notice|sauf denonciation"
)
_BY_ITSELF: Final = r"(par )?(automati|tacit)\w{0,12}"
# What may stand between a "not" and what is not done: "not be subject to", "ne peut faire l'objet d'une".
_BETWEEN: Final = (
    r"be|being|provide|subject|to|for|any|an|a|event|case|shall|will|this|the|agreement|contract|term|extended|renewed|or"
    r"|de|d|l|une|il|se|est|sera|seront|peut|pourra|pourront|saurait|etre|faire|objet|prolonge|par|voie"
)
# "shall not automatically renew", "no automatic renewal", "not renewed unless", "sans tacite reconduction",
# "non renouvelable par tacite reconduction"; "ne ... que" is no "not".
_NOT_TACIT: Final = re.compile(
    rf"\b(not|never|no|without|non|ne|sans|pas|aucune?)( ({_BETWEEN})){{0,8}} ({_BY_ITSELF}( {_RENEWS}\w{{0,12}})?"
    rf"|{_RENEWS}\w{{0,12}}( {_BY_ITSELF}|.{{0,40}}?\bunless))\b(?! que\b)"
)
_MUTUAL: Final = re.compile(
    r"mutual|commun accord|accord des parties|(agree|consent)\w{0,6} in writing|(expressly|parties may|parties) agree"
    r"|written (consent|agreement)|parties may (renew|extend)"
)
_OPTION: Final = re.compile(
    rf"(?<!\bno )(\boption\b|\bright to (annually )?{_RENEWS})|\bmay\b(?! not\b).{{0,160}}?\b{_RENEWS}"
    rf"|\bdiscretion\b|\bfaculte de {_RENEWS}"
)
_SEVERAL: Final = re.compile(
    r"successive|consecutive|subsequent (one|two|three|five|ten|annual)|(year|month) to (year|month)|renewal periods"
    r"|then.?current|(any|each|every) (renewal|renewed|subsequent|extension|extended)|(year|month) (terms|periods)"
    r"|periodes? successives?|d annee en annee"
)
_MOST_WORDS: Final = 20_000


@frozen(kw_only=True)
class RenewalWords:
    """What a clause's own words say about the renewal.

    `kind` is None where they say nothing that is recognised; `several` is True where they speak of more
    than one renewal.
    """

    kind: RenewalKind | None
    several: bool


def renewal_words(text: str) -> RenewalWords:
    """What the clause `text` says, by its words: whether the renewal comes by itself, and whether it repeats.

    A cross-check on an answer, no reading of law: "automatically renew" and "unless either party gives
    notice" say tacit, "mutual" and "agree in writing" mutual, "option", "may extend" and "right to renew"
    option, in this order. What is said not to come by itself is not tacit.

    >>> renewal_words("This Agreement shall automatically renew for successive one (1) year terms.").kind.value
    'tacit'
    >>> renewal_words("At its option, the Buyer may extend this Agreement by two years.").kind.value
    'option'
    """
    words = fold(text[:_MOST_WORDS])
    kinds = ((_MUTUAL, RenewalKind.MUTUAL), (_OPTION, RenewalKind.OPTION))
    found = next((kind for pattern, kind in kinds if pattern.search(words)), None)
    if _TACIT.search(_NOT_TACIT.sub(" ", words)):
        found = RenewalKind.TACIT
    return RenewalWords(kind=found, several=_SEVERAL.search(words) is not None)


def read_renewal(
    text: str,
    kind: RenewalKind = RenewalKind.TACIT,
    *,
    bare_times: int | None = 1,
    unit: Unit | None = None,
) -> RenewalClause | Unknown:
    """The renewal clause `text` answers with, of the declared `kind` unless the answer names one itself.

    "successive 1 year" and "1 year periods": as often as it comes; "10 successive 1 year" and "2 5 years": at most
    10 and 2 times; a bare "2 years": `bare_times` (None: as often as it comes); "perpetual": goes on indefinitely;
    "none": no renewal. A bare number counts `unit`. `Unknown` with the reason otherwise: also for "up to 2 years",
    which bounds a renewal and does not say how long it is.

    >>> clause = read_renewal("2 successive 10 years")
    >>> clause.times, str(clause.length), read_renewal("successine 1 year").times
    (2, 'P10Y', None)
    >>> read_renewal("5 years; 2 years").reason
    "several values in one cell: '5 years' and '2 years'"
    """
    return single(text, lambda value: _renewal(value, kind, bare_times, unit))


def _renewal(value: str, kind: RenewalKind, bare_times: int | None, unit: Unit | None) -> RenewalClause | Unknown:
    if fold(value) in _NOT_RENEWED:
        return RenewalClause(kind=RenewalKind.NONE, quote=value)
    if says_perpetual(value):
        return RenewalClause(kind=RenewalKind.INDEFINITE, quote=value)
    words = _without_commas(_with_one(tokens(_TWENTY_ONE_YEAR.sub(rf"\1 {_APART} ", fold(value)))))
    named = {_KIND_WORDS[word] for word in words if word in _KIND_WORDS}
    why = _why_refused(value, words, named)
    if why:
        return Unknown(why, value)
    rest = _without_fillers(words)
    found = _counted_length(rest, unit)
    if found is None or (found[0] is None and not _BOUNDING.isdisjoint(words)):
        return Unknown(_no_renewal(value, found, silent=bool(named) and not rest), value)
    times, length = found
    if times is None and not any(_SUCCESSIVE.fullmatch(word) or word in _MANY for word in words):
        times = bare_times
    if times is not None and times * _months(length) > _MONTHS_IN_YEAR * MOST_YEARS:
        return Unknown(f"{times} renewals of {length.words} lead beyond any calendar", value)
    return RenewalClause(kind=next(iter(named), kind), length=length, times=times, quote=value)


def _no_renewal(value: str, found: object, *, silent: bool) -> str:
    """Why the words are no renewal; `found` is the length they name (None: none)."""
    if found is not None:
        return f"{shown(value)} says how long a renewal is at most, and neither how long nor how often"
    return "it renews, but for how long is not said" if silent else f"{shown(value)} {_NO_RENEWAL}"


def _with_one(words: list[str]) -> list[str]:
    """The words with "a year" as "one year": left out as a filler, it would let "3 renewals of a year" run 3 years."""
    after = (*words[1:], "")  # one more than no words at all
    return ["one" if word == "a" and unit in UNIT_WORDS else word for word, unit in zip(words, after, strict=False)]


def _without_commas(words: list[str]) -> list[str]:
    """The words without a comma beside one that counts nothing: "tacite, 1 an". Between two numbers it stays."""
    nothing = _RENEWAL_FILLERS | _KIND_WORDS.keys()
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    return [word for before, word, after in around if word != "," or nothing.isdisjoint((before, after))]


def _why_refused(value: str, words: list[str], named: set[RenewalKind]) -> str:
    """Why the answer is not read at all; an empty text when it is."""
    if REDACTED in words:
        return "it is redacted"
    if len(named) > 1:
        return f"{shown(value)} names two kinds of renewal"
    return f"{shown(value)} names a range, and not one length" if _is_range(value, words) else ""


def _is_range(value: str, words: list[str]) -> bool:
    """Whether two numbers are the ends of a range: "2 to 5 years", "de 2 à 5 ans", "2-5 years"."""
    between = (place for place, word in enumerate(words) if place and word in _RANGING)
    return _HYPHENATED.search(value) is not None or any(
        _is_number(words, place + 1)
        and (words[place - 1] == ")" or words[place - 1] in UNIT_WORDS or _is_number(words, place - 1))
        for place in between
    )


def _is_number(words: list[str], place: int) -> bool:
    return not isinstance(number_at(words, place), Unknown)


def _without_fillers(words: list[str]) -> list[str]:
    """The numbers and units; "an" stays where it is the French unit, after a number.

    Two numbers that a filler stood between stay apart: "twenty terms of one year" are not twenty-one years.
    """
    kept: list[str] = []
    apart = False
    for word in words:
        unit = word == "an" and bool(kept)
        if not unit and (word in _RENEWAL_FILLERS or word in _KIND_WORDS or _SUCCESSIVE.fullmatch(word)):
            apart = True
            continue
        if apart and _is_number(kept[-1:], 0) and _is_number([word], 0):
            kept.append(_APART)
        kept.append(word)
        apart = False
    return kept


def _counted_length(words: list[str], unit: Unit | None) -> tuple[int | None, Tenor] | None:
    """How many times and for how long; None when the words say something else."""
    plain = length_at(words, 0, unit)
    if not isinstance(plain, Unknown):
        return (None, plain[0]) if plain[1] == len(words) else None
    counted = number_at(words, 0)
    if isinstance(counted, Unknown):
        return None
    times, after = counted
    after += words[after : after + 1] == [_APART]
    length = length_at(words, after, unit)
    if isinstance(length, Unknown) or length[1] != len(words) or times % 1 or not 0 < times <= _MOST_TIMES:
        return None
    return int(times), length[0]


def _months(length: Tenor) -> int:
    """The length in months, days rounded down: a bound, not a conversion."""
    return length.whole_months + length.loose_days // _DAYS_IN_MONTH


def read_notice(
    text: str,
    reference: NoticeReference = NoticeReference.UNSAID,
    unit: Unit | None = None,
) -> NoticeClause | Unknown:
    """The notice clause `text` answers with, counted back from the declared `reference`.

    A bare number counts `unit`. `Unknown` with the reason for an empty or blacked-out cell, for several
    lengths that differ, for a length that another one bounds and for business days.

    >>> read_notice("90 days").length.words, read_notice("180 days / 6 months").reason
    ('90 days', "several values in one cell: '180 days' and '6 months'")
    """
    return single(text, lambda value: _notice(value, reference, unit), between="/")


def _notice(value: str, reference: NoticeReference, unit: Unit | None) -> NoticeClause | Unknown:
    words = tokens(fold(value).replace("not less than", "").replace("no less than", ""))
    counted = [word for word in words if word not in _NOTICE_FILLERS and word not in _CLEAR]
    if not counted:
        return Unknown(f"{shown(value)} is no notice period such as 90 days or 3 months", value)
    if _is_bounded(words):
        return Unknown(f"{shown(value)} names a length and a least one, and not one notice period", value)
    length = read_tenor(" ".join(counted).replace("- ", "-"), unit)  # a minus sign stays with its number
    if isinstance(length, Unknown):
        return Unknown(length.reason, value)
    return NoticeClause(length=length, reference=reference, clear_days=not _CLEAR.isdisjoint(words), quote=value)


def _is_bounded(words: list[str]) -> bool:
    """Whether a least length follows another length."""
    for place, word in enumerate(words):
        if word in _AT_LEAST and not UNIT_WORDS.keys().isdisjoint(words[:place]):
            onward = [later for later in words[place + 1 :] if later not in _NOTICE_FILLERS]
            if _is_number(onward, 0):
                return True
    return False
