"""Facts from a signature service, put together: in any order, twice or late, the result is the same.

The rule of the file: what is known is a set of facts that only grows, written in one fixed order. Joining
two of them is commutative, associative and idempotent, because it is the union of sets and nothing else; no
fact ever takes another one back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

import attrs

from clmcrm.clm.signature import SignatureFact


def merged(*known: Iterable[SignatureFact]) -> tuple[SignatureFact, ...]:
    """Every fact of every collection once, by its instant and then by what it says.

    >>> from datetime import datetime
    >>> from clmcrm.clm.signature import RequestFact, RequestState
    >>> sent, done = (RequestFact(at=datetime(2026, 5, day, tzinfo=UTC), state=state)
    ...               for day, state in ((4, RequestState.SENT), (6, RequestState.COMPLETED)))
    >>> merged([done, sent], [sent]) == merged([sent], [done]) == (sent, done)
    True
    """
    facts = {fact for facts in known for fact in facts}
    return tuple(sorted(facts, key=canonical_order))


def canonical_order(fact: SignatureFact) -> tuple[str, ...]:
    """A key that orders facts by instant, and tells any two that differ apart."""
    parts = (f"{part.name}={getattr(fact, part.name)!r}" for part in attrs.fields(type(fact)) if part.name != "at")
    instant = fact.at.astimezone(UTC).isoformat(timespec="microseconds")
    return (instant, fact.at.isoformat(), type(fact).__name__, *parts)
