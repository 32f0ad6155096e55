"""What a reader may not see is taken out before anything is drawn, and a word stands in its place.

The rule of the file: every renderer draws what comes out of here and nothing else. Days, kinds and contract
ids are the frame of a report: who may not see these gets no report at all (`AccessRefused`).
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from clmcrm.analytics.portfolio import Agenda, Entry, Undated
from clmcrm.clm.deadlines import Deadline, Reading, Rule
from clmcrm.parties.access import Access
from clmcrm.report.lanes import Lane, Timeline
from clmcrm.report.phrases import amount_words
from clmcrm.values.ids import AccountId
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Language, Step, Wording

WORD: Final = Wording("withheld", "non communiqué")
"""What stands in a withheld field's place."""

_FRAME: Final = ("day", "safe_day", "kind", "contract")
_LANE_FRAME: Final = ("contract", "stage", "segments", "notice", "ends_on")
_EXPOSURE: Final = ("counterparty", "value", "contracts", "left_out")


def agenda_for(agenda: Agenda, access: Access | None, language: Language = "en") -> Agenda:
    """The agenda as somebody with that `access` sees it (None: whoever may see everything), the word in `language`.

    Raises `AccessRefused` when its days and contracts may not be seen.
    """
    if access is None:
        return agenda
    for name in _FRAME:
        access.require("agenda", name, "agenda")
    return attrs.evolve(
        agenda,
        entries=tuple(_entry_for(entry, access, language) for entry in agenda.entries),
        undated=tuple(_undated_for(undated, access, language) for undated in agenda.undated),
    )


def timeline_for(timeline: Timeline, access: Access | None, language: Language = "en") -> Timeline:
    """The timeline as somebody with that `access` sees it, and refused, as `agenda_for` does."""
    if access is None:
        return timeline
    for name in _LANE_FRAME:
        access.require("timeline", name, "timeline")
    return attrs.evolve(timeline, lanes=tuple(_lane_for(lane, access, language) for lane in timeline.lanes))


def sees_exposures(access: Access | None) -> bool:
    """Whether the exposures may be seen: all of them, or none."""
    return access is None or all(access.may_see("exposure", name) for name in _EXPOSURE)


def sees_own_parts(access: Access | None, part: str) -> bool:
    """Whether the caller's own `part` of a report ("sections", "cards", "assumptions") may be seen.

    What is in it is not known here, so it needs a grant of its own: kind "report".
    """
    return access is None or access.may_see("report", part)


def _hidden(access: Access, kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if not access.may_see(kind, name))


def _entry_for(entry: Entry, access: Access, language: Language) -> Entry:
    hidden = _hidden(access, "agenda", ("number", "title", "counterparty", "what", "amount", "steps", "deadline"))
    deadline = None if entry.deadline is None else _deadline_for(entry.deadline, hidden, language)
    # The values differ in type by field; each is right beside its field's name.
    changes: dict[str, Any] = {
        "number": WORD.said(language),
        "title": WORD.said(language),
        "counterparty": AccountId(WORD.said(language)),
        "what": WORD,
        "amount": None,
        "steps": (Step(None, WORD),),
        "deadline": deadline,
    }
    taken = {name: value for name, value in changes.items() if name in hidden}
    told = tuple(name for name in hidden if getattr(entry, name) is not None)
    return attrs.evolve(entry, **{"deadline": deadline, **taken}, withheld=told)


def _deadline_for(deadline: Deadline, hidden: tuple[str, ...], language: Language) -> Deadline:
    """Its days, and a word for what leads to them."""
    changed = deadline
    if "steps" in hidden:
        readings = tuple(Reading(last_day=reading.last_day, wording=WORD) for reading in deadline.readings)
        changed = attrs.evolve(changed, steps=(Step(None, WORD),), readings=readings)
    if "deadline" in hidden or "steps" in hidden:
        source = Source(citation=WORD.said(language), authority=Authority.CONTRACT)
        changed = attrs.evolve(changed, rule=Rule(wording=WORD, source=source), law=None)
    return changed


def _undated_for(undated: Undated, access: Access, language: Language) -> Undated:
    hidden = _hidden(access, "agenda", ("number", "title", "reason"))
    changes: dict[str, Any] = dict.fromkeys(hidden, WORD.said(language))
    why = None if "reason" in hidden else undated.why
    return attrs.evolve(undated, **changes, why=why, withheld=hidden)


def _lane_for(lane: Lane, access: Access, language: Language) -> Lane:
    hidden = _hidden(access, "timeline", ("number", "title", "counterparty", "why"))
    changes: dict[str, Any] = {
        "number": WORD.said(language),
        "title": WORD.said(language),
        "counterparty": AccountId(WORD.said(language)),
        "why": None if lane.why is None else WORD,
    }
    taken = {name: value for name, value in changes.items() if name in hidden}
    told = tuple(name for name in hidden if getattr(lane, name) is not None)
    return attrs.evolve(lane, **taken, withheld=told)


def amount_shown(entry: Entry, language: Language) -> str:
    """The entry's amount as it is read, the word that it is withheld, or nothing when it has none."""
    if "amount" in entry.withheld:
        return WORD.said(language)
    return "" if entry.amount is None else amount_words(entry.amount, language)
