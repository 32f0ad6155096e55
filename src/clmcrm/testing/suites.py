"""The suites by name; importing it needs pytest."""

from __future__ import annotations

from typing import Final

from clmcrm.errors import MissingExtra

try:
    import pytest as pytest  # noqa: PLC0414 - only to say in words that it is missing
except ImportError as missing:
    raise MissingExtra("test", "the conformance suites") from missing

from clmcrm.testing.clm_suite import ClmAdapterSuite
from clmcrm.testing.crm_suite import CrmAdapterSuite
from clmcrm.testing.esign_suite import EsignSuite
from clmcrm.testing.lease_suite import LeaseSuite
from clmcrm.testing.record_system_suite import RecordSystemSuite
from clmcrm.testing.store_suite import JournalSuite

SUITES: Final[dict[str, type]] = {
    suite.__name__: suite
    for suite in (ClmAdapterSuite, CrmAdapterSuite, EsignSuite, JournalSuite, LeaseSuite, RecordSystemSuite)
}
"""Every suite that a third party subclasses."""
