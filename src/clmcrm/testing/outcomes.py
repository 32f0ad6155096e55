"""What the outcomes of one call must be before anything is looked up: one for each write, about its record."""

from __future__ import annotations

from collections.abc import Sequence

from clmcrm.ports.records import Create, Outcome, Write
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.shapes import gives_many


def answered_each(writes: Sequence[Write], outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """The outcomes as they came; fails unless there is one for each write that is about its record.

    >>> from clmcrm.ports.records import Remove, Result
    >>> answered_each([Remove(kind="account", key="A1", expected="1")], [])
    Traceback (most recent call last):
    AssertionError: one outcome for each write of a call: found 0, wanted 1
    >>> answered_each([Remove(kind="account", key="A1", expected="1")], [Outcome(result=Result.STALE)])
    Traceback (most recent call last):
    AssertionError: a Remove that was not done (stale) says why
    """
    gives_many(outcomes, Outcome, "write")
    same(len(outcomes), len(writes), "one outcome for each write of a call")
    for write, outcome in zip(writes, outcomes, strict=True):
        _about(write, outcome)
    return outcomes


def _about(write: Write, outcome: Outcome) -> None:
    what = type(write).__name__
    if not outcome.ok:
        holds(outcome.why, f"{'an' if what[0] == 'U' else 'a'} {what} that was not done ({outcome.result}) says why")
    elif isinstance(write, Create):
        holds(outcome.key, f"a Create that is {outcome.result} answers with the key of its record")
    else:
        same(outcome.key, write.key, f"the key in the outcome of {what}")
