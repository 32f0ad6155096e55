"""What the stage of a contract costs: from its first event, and from what is known already.

Figures are CPU time, the median of rounds. The lower table adds 1, 10 and 100 events to a history that was
looked at before: its cost follows the new events and not the history, and every answer equals the fold from
the start. Run it as `python benchmarks/folding.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from statistics import median
from time import process_time

import attrs

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lifecycle import standing_of
from clmcrm.clm.standing import Standing
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.tenor import Tenor

ROUNDS = 15
YEAR = Tenor(years=1)
AFTER = date(2045, 1, 1)
BEGAN = datetime(2024, 6, 2, 9, tzinfo=UTC)


def contract(events: tuple[e.AnyEvent, ...]) -> Contract:
    """A tacitly renewed contract with that history."""
    return Contract(
        id=ContractId("C-1"), title="maintenance", kind=ContractKind.SALES, counterparty=AccountId("A-1"),
        effective_on=date(2024, 6, 1), term=TermClause(initial=YEAR),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=YEAR),
        notice=NoticeClause(length=Tenor(months=3), reference=NoticeReference.END_OF_TERM), events=events,
    )  # fmt: skip


def history(length: int) -> tuple[e.AnyEvent, ...]:
    """A signed contract that rests, goes on, is reviewed, tied, contested and handed over again and again."""
    signed = BEGAN - timedelta(days=10)
    found: list[e.AnyEvent] = [
        e.Requested(signed, "ann"), e.SubmittedForApproval(signed, "ann"), e.Approved(signed, "bob", role="legal"),
        e.SentForSignature(signed, "ann"), e.Signed(signed, "x", side=Party.OWN),
        e.Signed(signed, "x", side=Party.COUNTERPARTY), e.LinkedToCrm(signed, "sync", system="sf", key="800"),
    ]  # fmt: skip
    while len(found) < length:
        at = BEGAN + timedelta(hours=9 * len(found))
        found += [
            e.Suspended(at, "ann", from_day=at.date(), note="strike"),
            e.Resumed(at, "ann", from_day=at.date()),
            e.DataReviewed(at, "eve"),
            e.CrmConflictFound(at, "sync", what="price"),
            e.CrmConflictSettled(at, "ann", what="price"),
            e.PartyLeft(at, "ann"),
            e.PartyAssigned(at, "ann", to=AccountId("A-2")),
        ]
    return tuple(found[:length])


def cost(work: Callable[[], Standing]) -> tuple[float, Standing]:
    """Milliseconds of CPU, the median of rounds, and what came out."""
    spent: list[float] = []
    found = work()
    for _ in range(ROUNDS):
        began = process_time()
        found = work()
        spent.append((process_time() - began) * 1_000)
    return median(spent), found


def checksum(found: Standing) -> str:
    """Eight digits that tell one answer from another."""
    return sha256(repr(found).encode()).hexdigest()[:8]


def main() -> None:
    """Print the two tables."""
    events = history(10_100)
    print("from the first event")
    for length in (100, 1_000, 10_000):
        whole = contract(events[:length])
        spent, found = cost(lambda whole=whole: standing_of(whole, AFTER))  # type: ignore[misc] # bound at once
        print(f"{length:>8,} events {spent:9.3f} ms   {spent / length * 1_000:6.2f} us each   {checksum(found)}")
    print("going on after what is known (equal to the fold from the start)")
    for length in (1_000, 10_000):
        begun = standing_of(contract(events[:length]), events[length - 1].at.date())
        for new in (1, 10, 100):
            whole = contract(events[: length + new])
            spent, found = cost(lambda whole=whole, begun=begun: standing_of(whole, AFTER, begun=begun))  # type: ignore[misc] # as above
            again, anew = cost(lambda whole=whole: standing_of(whole, AFTER))  # type: ignore[misc] # as above
            same = "equal" if attrs.asdict(found, recurse=False) == attrs.asdict(anew, recurse=False) else "DIFFERENT"
            ratio = f"{again / spent:7.1f} times cheaper"
            print(f"{length:>8,} + {new:<4} {spent:9.3f} ms   {ratio}   {checksum(found)} {checksum(anew)} {same}")


if __name__ == "__main__":
    main()
