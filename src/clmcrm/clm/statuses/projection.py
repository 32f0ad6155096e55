"""From our stages to a vendor's status word and back, without losing what the vendor said.

The rule of the file: a raw word is never replaced by another that says the same, and a word that is not
published is never read as one that is. What cannot be decided is an `Unknown` with its reason.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from clmcrm.clm.stages import Stage
from clmcrm.clm.statuses.vendors import TABLES
from clmcrm.clm.statuses.words import StatusTable, Vendor, Word
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import Unknown

PHASES: Final = ("pre_active", "active", "terminal")
"""The phases a host's own stage may be in."""


@frozen(kw_only=True)
class StatusWord:
    """What to write into a vendor's status: its `word` and, where it numbers its words, its `code`.

    An empty word is an empty status: the vendor has no word for that stage. `shared` are the other stages
    that the same word is written for or read as: with none, the word alone brings the stage back.
    """

    vendor: Vendor
    word: str
    code: str = ""
    shared: tuple[Stage, ...] = ()

    def __str__(self) -> str:
        """The word."""
        return self.word


@frozen(kw_only=True)
class Reading:
    """What a vendor's raw status says: the `stage` where it says one, and every stage it may stand for.

    `raw` is kept as it came. `stage` is an `Unknown` where the word is said of several stages alike, is
    empty, or is none of the published ones; `candidates` then are what it leaves open.
    """

    vendor: Vendor
    raw: str
    stage: Stage | Unknown
    candidates: tuple[Stage, ...]


def to_vendor(stage: str, vendor: Vendor, phase: str | None = None) -> StatusWord:
    """The vendor's word for `stage`; every `Stage` has an answer.

    A host's own stage (any text that is no `Stage`) is written by its `phase`, "pre_active", "active" or
    "terminal". Raises `InvalidRecord` when it has none.

    >>> to_vendor(Stage.SUSPENDED, Vendor.HUBSPOT).word, to_vendor(Stage.SUSPENDED, Vendor.DYNAMICS).code
    ('PAUSED', '3')
    >>> str(to_vendor("in arbitration", Vendor.SALESFORCE, "active"))
    'Activated'
    """
    table = TABLES[vendor]
    ours = _stage(stage)
    if ours is None:
        return _of_phase(table, stage, phase)
    word = next((word for word in table.words if ours in word.holds), None)
    return _said(table, word, ours)


def from_vendor(vendor: Vendor, raw: str | int | None) -> Reading:
    """What the raw status says; None and an empty text are an empty status, a number is the vendor's code.

    Capitals and surrounding spaces do not count; `raw` keeps them.

    >>> from_vendor(Vendor.HUBSPOT, "PAUSED").stage
    <Stage.SUSPENDED: 'suspended'>
    >>> print(from_vendor(Vendor.NAVIGATOR, "ARCHIVING").stage)
    unknown: 'ARCHIVING' is none of the words that DocuSign Navigator, agreement status, publishes
    """
    table = TABLES[vendor]
    kept = "" if raw is None else str(raw)
    key = kept.strip().casefold()
    if not key:
        open_ = tuple(dict.fromkeys((*table.silent, Stage.UNKNOWN)))
        return Reading(vendor=vendor, raw=kept, stage=Unknown("no status is stated", kept), candidates=open_)
    word = next((word for word in table.words if key in (word.word.casefold(), word.code)), None)
    if word is None:
        reason = f"{kept!r} is none of the words that {table.title}, publishes"
        return Reading(vendor=vendor, raw=kept, stage=Unknown(reason, kept), candidates=(Stage.UNKNOWN,))
    if word.clear:
        return Reading(vendor=vendor, raw=kept, stage=word.holds[0], candidates=word.holds)
    listed = ", ".join(word.holds)
    unclear = Unknown(f"{word.word!r} is said of several stages alike: {listed}", kept)
    return Reading(vendor=vendor, raw=kept, stage=unclear, candidates=word.holds)


def word_for(stage: str, vendor: Vendor, last_raw: str | None, phase: str | None = None) -> str:
    """What to write back: `last_raw` verbatim while it still stands for `stage`, else the vendor's word.

    >>> word_for(Stage.IN_EFFECT, Vendor.ODOO, "upcoming-close"), word_for(Stage.EXPIRED, Vendor.ODOO, "to-renew")
    ('upcoming-close', 'closed')
    """
    written = to_vendor(stage, vendor, phase)
    if last_raw is None:
        return written.word
    ours = _stage(stage)
    reading = from_vendor(vendor, last_raw)
    if ours is None:
        return last_raw if _same_word(vendor, last_raw, written.word) else written.word
    return last_raw if ours in reading.candidates else written.word


def _same_word(vendor: Vendor, one: str, other: str) -> bool:
    return from_vendor(vendor, one).candidates == from_vendor(vendor, other).candidates


def _stage(stage: str) -> Stage | None:
    return Stage(stage) if stage in set(Stage) else None


def _of_phase(table: StatusTable, stage: str, phase: str | None) -> StatusWord:
    if phase not in PHASES:
        raise InvalidRecord(f"stage {stage}", "phase", phase, f"one of {', '.join(PHASES)}")
    said: str = getattr(table, phase)
    return _said(table, next((word for word in table.words if word.word == said), None), None)


def _said(table: StatusTable, word: Word | None, ours: Stage | None) -> StatusWord:
    if word is None:
        shared = tuple(stage for stage in table.silent if stage is not ours)
        return StatusWord(vendor=table.vendor, word="", shared=shared)
    others = tuple(stage for stage in word.holds if stage is not ours)
    return StatusWord(vendor=table.vendor, word=word.word, code=word.code, shared=others)
