"""The conformance suite of a journal that several workers share: one at a time writes, and who lost it is told.

A third party gives the fixtures `opener`, which opens one more journal on the same store, and `pass_time`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from clmcrm.errors import LeaseHeld, LeaseLost
from clmcrm.ports.journal import Journal, LeasedJournal
from clmcrm.ports.records import Side
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.journal_scene import agreed

SHORT: Final = timedelta(milliseconds=500)


class LeaseSuite:
    """For a journal that several workers share; a subclass gives `opener` and `pass_time`."""

    @pytest.fixture
    def opener(self) -> Callable[[str], LeasedJournal]:
        """Opens one more journal on the same store, for the partition of that name."""
        pytest.fail(f"{type(self).__name__} needs a fixture `opener`")

    @pytest.fixture
    def pass_time(self) -> Callable[[timedelta], None]:
        """Lets that much time pass by the clock that leases run out by."""
        pytest.fail(f"{type(self).__name__} needs a fixture `pass_time`")

    @pytest.fixture
    def two(self, opener: Callable[[str], LeasedJournal]) -> tuple[LeasedJournal, LeasedJournal]:
        """Two workers of one partition."""
        return opener("one"), opener("one")

    def test_one_worker_at_a_time_has_a_partition(self, two: tuple[LeasedJournal, LeasedJournal]) -> None:
        """The other steps back, and is told who has it."""
        first, second = two
        lease = first.take("first", SHORT)
        same(first.lease, lease, "the lease of the first")
        with pytest.raises(LeaseHeld, match="first"):
            _ = second.take("second", SHORT)
        same(second.lease, None, "the lease of the second")

    def test_another_partition_is_free(self, opener: Callable[[str], LeasedJournal]) -> None:
        """Workers share the work by partition."""
        _ = opener("one").take("first", SHORT)
        same(opener("two").take("second", SHORT).holder, "second", "the holder of the other partition")

    def test_a_lease_given_up_is_free_at_once(self, two: tuple[LeasedJournal, LeasedJournal]) -> None:
        """Nobody waits for a worker that has finished."""
        first, second = two
        old = first.take("first", SHORT)
        first.release()
        new = second.take("second", SHORT)
        holds(new.token > old.token, "each grant has a higher token")
        first.release()
        second.save_cursor(Side.CRM, "account", "1")

    def test_a_worker_whose_lease_ran_out_cannot_write(
        self, two: tuple[LeasedJournal, LeasedJournal], pass_time: Callable[[timedelta], None]
    ) -> None:
        """Nothing of it is kept, whether somebody took over or not."""
        first, second = two
        _ = first.take("first", SHORT)
        first.save_cursor(Side.CRM, "account", "1")
        pass_time(SHORT * 2)
        with pytest.raises(LeaseLost):
            first.save_cursor(Side.CRM, "account", "too late")
        _ = second.take("second", SHORT)
        with pytest.raises(LeaseLost, match="second"):
            _save_two(first)
        same(second.cursor(Side.CRM, "account"), "1", "the cursor")
        same(list(second.agreed("account")), [], "the pairs of a worker that was fenced off")
        with pytest.raises(LeaseLost):
            _ = first.extend(SHORT)

    def test_a_worker_that_is_refused_its_partition_stays_fenced(
        self, two: tuple[LeasedJournal, LeasedJournal], pass_time: Callable[[timedelta], None]
    ) -> None:
        """It lost its lease, and asking for it again in vain does not let it write."""
        first, second = two
        _ = first.take("first", SHORT)
        pass_time(SHORT * 2)
        _ = second.take("second", SHORT * 20)
        with pytest.raises(LeaseHeld):
            _ = first.take("first", SHORT)
        with pytest.raises(LeaseLost):
            first.save_cursor(Side.CRM, "account", "too late")
        same(second.cursor(Side.CRM, "account"), None, "the cursor")
        second.release()
        holds(first.take("first", SHORT).token > 0, "it may have it once it is free")

    def test_a_lease_that_is_extended_goes_on(
        self, two: tuple[LeasedJournal, LeasedJournal], pass_time: Callable[[timedelta], None]
    ) -> None:
        """A long run extends it now and then."""
        first, second = two
        old = first.take("first", SHORT)
        new = first.extend(SHORT * 10)
        holds(new.until > old.until and new.token == old.token, "the same lease lasts longer")
        pass_time(SHORT * 2)
        first.save_cursor(Side.CRM, "account", "1")
        with pytest.raises(LeaseHeld):
            _ = second.take("second", SHORT)

    def test_a_worker_that_starts_again_fences_its_earlier_self(self, two: tuple[LeasedJournal, LeasedJournal]) -> None:
        """The same name need not wait, and the older process cannot write any more."""
        old, new = two
        _ = old.take("worker", SHORT)
        _ = new.take("worker", SHORT)
        with pytest.raises(LeaseLost):
            old.save_cursor(Side.CRM, "account", "old")
        new.save_cursor(Side.CRM, "account", "new")

    def test_a_person_may_decide_while_a_worker_runs(self, two: tuple[LeasedJournal, LeasedJournal]) -> None:
        """Without a lease nothing is fenced."""
        worker, person = two
        _ = worker.take("worker", SHORT)
        person.save_decision("k", {"take": "crm"})
        same([key for key, _ in worker.decisions()], ["k"], "the decisions")


def _save_two(journal: Journal) -> None:
    with journal.transaction():
        journal.save_agreed([agreed(1)])
        journal.save_cursor(Side.CRM, "account", "2")
