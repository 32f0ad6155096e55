"""The shape of a vendor's status table: its published words, and the stages each of them stands for.

The rule of the file: a word holds every stage it is said of. The first word that holds a stage is the one
written for it, so the order of the words and of their stages is part of the table.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from clmcrm.clm.stages import Stage
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import each, flag, instance, member, text


class Vendor(StrEnum):
    """A system's field that holds a contract's status; one system may have several such fields."""

    SALESFORCE = "salesforce"
    SALESFORCE_CODE = "salesforce_code"
    HUBSPOT = "hubspot"
    NAVIGATOR = "navigator"
    IRONCLAD_RECORD = "ironclad_record"
    IRONCLAD_WORKFLOW = "ironclad_workflow"
    IRONCLAD_STEP = "ironclad_step"
    ODOO = "odoo"
    DYNAMICS = "dynamics"


@frozen(kw_only=True)
class Word:
    """One published status word.

    `holds` are the stages it is said of, the most usual first. `clear` says that whoever reads the word may
    take the first of them; a word that is said of several alike is not clear. `code` is the number the
    vendor also writes it with (empty: none).
    """

    word: str = field(validator=text)
    holds: tuple[Stage, ...] = field(validator=each(member(Stage)))
    clear: bool = field(default=True, validator=flag)
    code: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.holds:
            raise InvalidRecord(f"Word {self.word}", "holds", self.holds, "at least one stage")


@frozen(kw_only=True)
class StatusTable:
    """A vendor's words for a contract's status.

    `title` names system and field; `source` is where the words are published. `silent` are the stages the
    vendor has no word for: an empty status stands for them, and only for them. `pre_active`, `active` and
    `terminal` are the words for a host's own stage of that phase (empty: none).

    Raises `InvalidRecord` for a stage that nothing stands for, one that has a word and is silent too, a
    word that is listed twice (capitals do not count), and a phase's word that is not listed.
    """

    vendor: Vendor = field(validator=member(Vendor))
    title: str = field(validator=text)
    source: str = field(validator=text)
    words: tuple[Word, ...] = field(validator=each(instance(Word)))
    silent: tuple[Stage, ...] = field(default=(), validator=each(member(Stage)))
    pre_active: str
    active: str
    terminal: str

    def __attrs_post_init__(self) -> None:
        name = f"StatusTable {self.vendor}"
        held = {stage for word in self.words for stage in word.holds}
        for stage in Stage:
            if (stage in held) == (stage in self.silent):
                raise InvalidRecord(name, "words", stage, "a stage that one word or silence stands for, not both")
        spelt = [key for word in self.words for key in (word.word.casefold(), word.code) if key]
        if len(spelt) != len(set(spelt)):
            raise InvalidRecord(name, "words", spelt, "words that differ by more than capitals")
        for phase in ("pre_active", "active", "terminal"):
            said: str = getattr(self, phase)
            if said and said not in {word.word for word in self.words}:
                raise InvalidRecord(name, phase, said, "one of the words")
