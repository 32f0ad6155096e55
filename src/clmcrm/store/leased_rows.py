"""Rows that several workers share: who writes holds the lease of the partition, and who lost it is fenced off.

A database adds the time by which leases run out.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta

from attrs import evolve

from clmcrm.errors import InvalidRecord, LeaseHeld, LeaseLost
from clmcrm.ports.kept import Lease
from clmcrm.ports.records import NO_TIME
from clmcrm.store.sealed_rows import SealedRows
from clmcrm.store.statements import Statements


class LeasedRows(SealedRows):
    """The rows of one partition, written under its lease once one has been taken."""

    def __init__(self, sql: Statements, place: str, partition: str, scope: tuple[str, ...]) -> None:
        super().__init__(sql, place, partition, scope)
        self._lease: Lease | None = None
        # Whether a transaction of this journal is open: those inside it are fenced with it, once.
        self._fenced = False

    @property
    def lease(self) -> Lease | None:
        """The lease that this journal writes under; None when it has taken none."""
        return self._lease

    def take(self, holder: str, lasting: timedelta) -> Lease:
        """Take the partition for `lasting`, and write under the lease from now on.

        The same holder may take it again at once: its earlier self is fenced off. Raises `LeaseHeld` while
        another holder has it: an earlier lease of this journal stays what it writes under. Raises `InvalidRecord`
        for a length of nothing or less, or one that ends after the year 9999.
        """
        with self._unfenced():
            _ = self._write(self._sql.lease_make, [(self.partition,)])
            token, known, until = self._lease_row(self._sql.lease_lock)
            now = self._now()
            ends = self._end(now, lasting)
            if known not in ("", holder) and until is not None and until > now:
                raise LeaseHeld(self.partition, known, until)
            lease = Lease(partition=self.partition, holder=holder, token=token + 1, until=ends)
            self._keep_lease(lease)
        self._lease = lease
        return lease

    def extend(self, lasting: timedelta) -> Lease:
        """Hold the partition for `lasting` from now.

        Raises `LeaseLost` when it is no longer held, `InvalidRecord` for a length that `take` does not grant.
        """
        if self._lease is None:
            raise LeaseLost(self.partition, "this journal", "it has taken no lease")
        with self.transaction():
            _ = self._lease_row(self._sql.lease_lock)
            lease = evolve(self._lease, until=self._end(self._now(), lasting))
            self._keep_lease(lease)
        self._lease = lease
        return lease

    def release(self) -> None:
        """Give the partition up at once; nothing happens when it is not held."""
        lease = self._lease
        if lease is None:
            return
        with self._unfenced():
            token, holder, _ = self._lease_row(self._sql.lease_lock)
            if (token, holder) == (lease.token, lease.holder):
                _ = self._write(self._sql.lease_save, [(token, "", "", self.partition)])

    @abstractmethod
    def _now(self) -> datetime:
        """The instant by which leases run out: one clock for all workers."""

    @contextmanager
    def _unfenced(self) -> Generator[None, None, None]:
        """A transaction about the lease itself; without one afterwards, and with the same where the block raises."""
        kept, self._lease = self._lease, None
        try:
            with self.transaction():
                yield
        except BaseException:
            self._lease = kept
            raise

    def _fence(self) -> None:
        """See, inside a transaction, that the lease is still this journal's: it stays so until the commit."""
        lease = self._lease
        if lease is None:
            return
        token, holder, until = self._lease_row(self._sql.lease_check)
        # The holder too: where a host rolled a grant back, the next one has its number.
        if (token, holder) != (lease.token, lease.holder):
            raise LeaseLost(self.partition, lease.holder, f"{holder or 'another worker'} has taken it over")
        if until is None or until <= self._now():
            raise LeaseLost(self.partition, lease.holder, f"its lease ran out at {lease.until.isoformat()}")

    def _end(self, now: datetime, lasting: timedelta) -> datetime:
        """When a lease of that length ends; raises `InvalidRecord` where it is none."""
        try:
            if lasting > NO_TIME:
                return now + lasting
        except (OverflowError, TypeError):
            pass
        expected = "a length of time (a timedelta) above zero that ends before the year 10000"
        raise InvalidRecord(f"Lease {self.partition}", "lasting", lasting, expected)

    def _keep_lease(self, lease: Lease) -> None:
        _ = self._write(self._sql.lease_save, [(lease.token, lease.holder, lease.until.isoformat(), lease.partition)])

    def _lease_row(self, sql: str) -> tuple[int, str, datetime | None]:
        rows = self._rows(sql, (self.partition,))
        if not rows:
            return 0, "", None
        token, holder, until = rows[0]
        return int(token), str(holder), datetime.fromisoformat(until) if until else None
