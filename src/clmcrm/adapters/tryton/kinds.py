"""Which of Tryton's models plays which kind of record, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.tryton import opportunities, parties, terms
from clmcrm.ports.records import Kind, Seen

Row = Mapping[str, Any]


@frozen(kw_only=True)
class TrytonKind:
    """How one kind lives in Tryton.

    `model` holds it and `read` are the fields asked for; `parts` are the models behind the fields whose rows
    belong to it and are written with it, `watched` those whose changes are changes of it. `domain` picks the
    records out of the model; `marked` is the domain that finds the records created under these keys of ours.
    """

    model: str
    read: Sequence[str]
    parts: Mapping[str, str]
    watched: Sequence[str]
    domain: Sequence[object]
    shown: Callable[[Row], Seen]
    marked: Callable[[Sequence[str]], Sequence[object]] | None


KINDS: Final[Mapping[str, TrytonKind]] = {
    Kind.ACCOUNT: TrytonKind(
        model=parties.MODEL,
        read=parties.READ,
        parts=parties.PARTS,
        watched=tuple(parties.PARTS),
        domain=(),
        shown=parties.shown,
        marked=lambda marks: [["identifiers.code", "in", [f"{parties.MARKED}{mark}" for mark in marks]]],
    ),
    Kind.OPPORTUNITY: TrytonKind(
        model=opportunities.MODEL,
        read=opportunities.READ,
        parts=opportunities.PARTS,
        watched=(*opportunities.WATCHED, "sales.lines"),
        domain=(),
        shown=opportunities.shown,
        marked=None,
    ),
    Kind.CONTRACT_TERMS: TrytonKind(
        model=terms.MODEL,
        read=terms.READ,
        parts=terms.PARTS,
        watched=(),
        domain=(terms.DOMAIN,),
        shown=terms.shown,
        marked=lambda marks: [["name", "in", [f"{terms.NAMED}{mark}" for mark in marks]]],
    ),
}
"""The kinds this adapter speaks of."""
