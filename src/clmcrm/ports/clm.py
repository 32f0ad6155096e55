"""The CLM's side: contracts, and the accounts, contacts and org units they are made with.

Kinds and canonical fields: those of the records in `clmcrm.parties` and of `clmcrm.clm.contract.Contract`.
"""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from clmcrm.ports.records import Kind
from clmcrm.ports.systems import RecordSystem

CLM_KINDS: Final = (Kind.ORG_UNIT, Kind.ACCOUNT, Kind.CONTACT, Kind.CONTRACT)


@runtime_checkable
class ClmPort(RecordSystem, Protocol):
    """A CLM that shows and takes `CLM_KINDS`."""
