"""The conformance kit: suites that a third party subclasses to prove its adapter, and strategies for values.

pytest and hypothesis are needed by the suites and the strategies, and are imported with them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clmcrm.testing.clm_suite import ClmAdapterSuite
    from clmcrm.testing.crm_suite import CrmAdapterSuite
    from clmcrm.testing.esign_suite import EsignSuite
    from clmcrm.testing.lease_suite import LeaseSuite
    from clmcrm.testing.record_system_suite import RecordSystemSuite
    from clmcrm.testing.store_suite import JournalSuite

__all__ = ["ClmAdapterSuite", "CrmAdapterSuite", "EsignSuite", "JournalSuite", "LeaseSuite", "RecordSystemSuite"]


def __getattr__(name: str) -> type:
    """The suite of that name, imported when it is first asked for; `MissingExtra` without pytest."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from clmcrm.testing.suites import SUITES  # noqa: PLC0415 - pytest is imported with the suites alone

    return SUITES[name]
