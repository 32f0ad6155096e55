"""Redlines between two drafts, clause by clause, and a redline in a sentence.

The rule of the file: the same two drafts give the same redlines in the same order, and a redline says the words
that go and the words that come, so that nobody has to compare.
"""

from __future__ import annotations

from collections.abc import Mapping

from clmcrm.clm.negotiation import Redline
from clmcrm.clm.redlining import Segment, SegmentKind, word_changes
from clmcrm.values.wording import Wording


def clause_redlines(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Redline, ...]:
    """What leads from one draft to the next: one redline for each clause whose words differ.

    Both drafts are the clauses' texts by citation. Clauses come in the order of `before`, then the new ones in the
    order of `after`. An empty text is no clause.

    >>> [r.citation for r in clause_redlines({"art. 1": "a", "art. 2": "b"}, {"art. 1": "a", "art. 3": "c"})]
    ['art. 2', 'art. 3']
    """
    citations = dict.fromkeys((*before, *after))
    texts = ((each, before.get(each, ""), after.get(each, "")) for each in citations)
    return tuple(Redline(citation=each, before=old, after=new) for each, old, new in texts if old != new)


def redline_words(redline: Redline) -> Wording:
    """The change in one sentence, English and French.

    >>> print(redline_words(Redline(citation="art. 4", before="within 30 days", after="within 60 days")).en)
    art. 4: "30" becomes "60"
    """
    where = redline.citation
    if not redline.before:
        return Wording(f'{where} is new: "{redline.after}"', f"{where} est nouveau : « {redline.after} »")
    if not redline.after:
        return Wording(f'{where} goes: "{redline.before}"', f"{where} disparaît : « {redline.before} »")
    steps = [_step(gone, come) for gone, come in _replaced(word_changes(redline.before, redline.after))]
    english, french = ", ".join(step.en for step in steps), ", ".join(step.fr for step in steps)
    return Wording(f"{where}: {english}", f"{where} : {french}")


def _replaced(segments: tuple[Segment, ...]) -> list[tuple[str, str]]:
    """What goes and what comes in its place, in the order of the text."""
    found: list[tuple[str, str]] = []
    gone = come = ""
    for segment in segments:
        if segment.kind is SegmentKind.KEPT:
            found += [(gone, come)] if gone or come else []
            gone = come = ""
        elif segment.kind is SegmentKind.DELETED:
            gone += segment.text
        else:
            come += segment.text
    return [*found, (gone, come)] if gone or come else found


def _step(gone: str, come: str) -> Wording:
    old, new = gone.strip(), come.strip()
    if not old and not new:
        return Wording("blanks change", "les blancs changent")
    if not old:
        return Wording(f'"{new}" is added', f"« {new} » s'ajoute")
    if not new:
        return Wording(f'"{old}" is struck out', f"« {old} » est supprimé")
    return Wording(f'"{old}" becomes "{new}"', f"« {old} » devient « {new} »")
