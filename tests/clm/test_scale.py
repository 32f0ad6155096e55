"""A portfolio of real size: the fast answers are the explained ones, and memory stays flat."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta

import attrs
import pytest

from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.notice import next_notice_deadline
from clmcrm.clm.notice_kernel import compiled, fast_deadlines
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.values.ids import ContractId
from clmcrm.values.tenor import Tenor
from making import YEAR, contract

pytestmark = pytest.mark.scale

CONTRACTS = 100_000
EVERY = 997  # prime, so that the sample meets every combination of the cycles below
TODAY = date(2026, 11, 23)
MEGABYTE = 1 << 20


def portfolio() -> Iterator[Contract]:
    """Contracts of many ages, lengths and notice periods, one after the other."""
    base = contract()
    notices = [
        NoticeClause(length=Tenor(months=months), reference=NoticeReference.END_OF_TERM) for months in (1, 2, 3, 6)
    ] + [NoticeClause(length=Tenor(days=days), reference=NoticeReference.RENEWAL_DATE) for days in (30, 60, 90)]
    renewals = [RenewalClause(kind=RenewalKind.TACIT, length=length) for length in (YEAR, Tenor(months=6))]
    for n in range(CONTRACTS):
        yield attrs.evolve(
            base,
            id=ContractId(f"C-{n}"),
            effective_on=date(2005, 1, 31) + timedelta(n % 7300),
            term=TermClause(initial=Tenor(months=6 + n % 31)),
            renewal=renewals[n % 2],
            notice=notices[n % 7],
        )


def test_a_hundred_thousand_contracts_are_answered_alike_in_flat_memory() -> None:
    tracemalloc.start()
    answered = 0
    for n, one in enumerate(portfolio()):
        (fast,) = fast_deadlines([compiled(one)], TODAY)
        assert fast is not None
        assert fast >= TODAY
        answered += 1
        if n % EVERY == 0:
            explained = next_notice_deadline(one, TODAY)
            assert isinstance(explained, Deadline)
            assert fast == explained.last_day
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answered == CONTRACTS
    assert peak < 20 * MEGABYTE
