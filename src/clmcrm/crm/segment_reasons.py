"""Why a record is in a segment or not: each part of the condition, its answer, and the parts that decided.

The rule of the file: the reasons are read off the condition itself, so they can never say anything else
than the segment does.
"""

from __future__ import annotations

from attrs import frozen

from clmcrm.crm.segment import (
    Both,
    Comparison,
    Condition,
    Either,
    Opposite,
    Stated,
    Where,
    fulfils,
    is_unstated,
    value_at,
)
from clmcrm.values.wording import Wording

_FRENCH = {
    Comparison.EQUALS: "égal à",
    Comparison.LESS: "inférieur à",
    Comparison.MORE: "supérieur à",
    Comparison.CONTAINS: "contenant",
    Comparison.STARTS_WITH: "commençant par",
}


@frozen(kw_only=True)
class Verdict:
    """What a condition says of a record: `answer` as `fulfils` gives it, in words, with its `parts`."""

    condition: Condition
    answer: bool | None
    said: Wording
    parts: tuple[Verdict, ...] = ()

    @property
    def decided_by(self) -> tuple[Verdict, ...]:
        """The small conditions the answer hangs on: those that failed, held, or could not be decided."""
        if isinstance(self.condition, Opposite):
            return self.parts[0].decided_by
        if not self.parts:
            return (self,)
        return tuple(small for part in self.parts if part.answer is self.answer for small in part.decided_by)


def explained(record: object, condition: Condition) -> Verdict:
    """What `condition` says of `record`, part by part.

    Raises `InvalidRecord` for a field the record does not have.

    >>> from clmcrm.parties.accounts import Account, AccountId
    >>> french = Both((Where("country", Comparison.EQUALS, "FR"), Stated("industry")))
    >>> verdict = explained(Account(id=AccountId("a"), name="Durand", country="FR"), french)
    >>> verdict.answer, [why.said.en for why in verdict.decided_by]
    (False, ['industry is not stated'])
    """
    answer = fulfils(record, condition)
    if isinstance(condition, Opposite):
        inner = explained(record, condition.condition)
        said = Wording(f"not: {inner.said.en}", f"non : {inner.said.fr}")
        return Verdict(condition=condition, answer=answer, said=said, parts=(inner,))
    if isinstance(condition, Both | Either):
        parts = tuple(explained(record, part) for part in condition.conditions)
        en, fr = (" and ", " et ") if isinstance(condition, Both) else (" or ", " ou ")
        whole = Wording(
            en.join(part.said.en for part in parts) or "no condition",
            fr.join(part.said.fr for part in parts) or "aucune condition",
        )
        return Verdict(condition=condition, answer=answer, said=whole, parts=parts)
    return Verdict(condition=condition, answer=answer, said=_said(record, condition))


def _said(record: object, condition: Where | Stated) -> Wording:
    value = value_at(record, condition.name)
    name = condition.name
    if is_unstated(value):
        return Wording(f"{name} is not stated", f"{name} n'est pas indiqué")
    if isinstance(condition, Stated):
        return Wording(f"{name} is stated", f"{name} est indiqué")
    wanted, how = condition.operand, condition.comparison
    return Wording(
        f"{name} is {value}; wanted: {how.value} {wanted}", f"{name} vaut {value} ; attendu : {_FRENCH[how]} {wanted}"
    )
