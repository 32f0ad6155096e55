"""The conformance suite of any record system: what every CRM and every CLM must do.

A third party subclasses `CrmAdapterSuite` or `ClmAdapterSuite` and gives one fixture::

    class TestAcmeCrm(CrmAdapterSuite):
        @pytest.fixture
        def adapter(self) -> AcmeCrm:
            return AcmeCrm(url=..., token=...)

Checks that the system's capabilities rule out are left out, and the statement is tried instead. An adapter
whose methods are flows is tried through both drivers; one that makes calls needs the fixture `transport` as well.
"""

from __future__ import annotations

from clmcrm.testing.absent import AbsentChecks
from clmcrm.testing.batching import BatchingChecks, ReadingChecks
from clmcrm.testing.creating import CreatingChecks
from clmcrm.testing.declared import DeclaredChecks, KeyChecks
from clmcrm.testing.fields import FieldChecks
from clmcrm.testing.history_checks import HistoryChecks
from clmcrm.testing.marking import MarkingChecks
from clmcrm.testing.pulling import PullingChecks
from clmcrm.testing.read_only import ReadOnlyChecks
from clmcrm.testing.replies import ReplyChecks
from clmcrm.testing.showing import ShowingChecks
from clmcrm.testing.updating import RemovingChecks, UpdatingChecks


class RecordSystemSuite(
    CreatingChecks, MarkingChecks, UpdatingChecks, RemovingChecks, BatchingChecks, ReadingChecks, PullingChecks,
    ShowingChecks, FieldChecks, ReplyChecks, DeclaredChecks, KeyChecks, HistoryChecks, AbsentChecks, ReadOnlyChecks,
):  # fmt: skip
    """Every check of a record system, on records of one kind."""
