"""Names of records: one type per kind, so that an account's id is never passed for a contract's.

Another system's key for the same record is a `Ref`; a value of that system that has no home in our
records is an `Extra`, kept as it came and written back unchanged.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import attrs
from attrs import frozen

from clmcrm.values.validators import member, text

AccountId = NewType("AccountId", str)
"""The id of an account."""
ActivityId = NewType("ActivityId", str)
AmendmentId = NewType("AmendmentId", str)
"""The id of an amendment."""
AssetId = NewType("AssetId", str)
CampaignId = NewType("CampaignId", str)
CaseId = NewType("CaseId", str)
ClauseId = NewType("ClauseId", str)
ContactId = NewType("ContactId", str)
"""The id of a contact."""
ContractId = NewType("ContractId", str)
"""The id of a contract."""
DisputeId = NewType("DisputeId", str)
DocumentId = NewType("DocumentId", str)
"""The id of a document."""
EntitlementId = NewType("EntitlementId", str)
JourneyId = NewType("JourneyId", str)
LeadId = NewType("LeadId", str)
LineId = NewType("LineId", str)
"""The id of a line of a sale or a contract."""
ObligationId = NewType("ObligationId", str)
"""The id of an obligation."""
OpportunityId = NewType("OpportunityId", str)
"""The id of an opportunity."""
OrderId = NewType("OrderId", str)
OrgUnitId = NewType("OrgUnitId", str)
"""The id of an organisational unit."""
PipelineId = NewType("PipelineId", str)
PriceBookId = NewType("PriceBookId", str)
ProductId = NewType("ProductId", str)
"""The id of a product."""
QuoteId = NewType("QuoteId", str)
"""The id of a quote."""
SegmentId = NewType("SegmentId", str)
StageId = NewType("StageId", str)
TemplateId = NewType("TemplateId", str)
TerritoryId = NewType("TerritoryId", str)
UserId = NewType("UserId", str)
"""The id of a user."""


class RefState(StrEnum):
    """Whether the other system still has the record under this key."""

    LIVE = "live"
    ARCHIVED = "archived"
    MERGED = "merged"
    DELETED = "deleted"


@frozen
class Ref:
    """Another system's key for a record: `system` ("hubspot"), its `object` ("deals"), `key`, `state`.

    >>> str(Ref("hubspot", "deals", "1234"))
    'hubspot:deals:1234'
    """

    system: str = attrs.field(validator=text)
    object: str = attrs.field(validator=text)
    key: str = attrs.field(validator=text)
    state: RefState = attrs.field(default=RefState.LIVE, validator=member(RefState))

    def __str__(self) -> str:
        """System, object and key, joined by colons."""
        return f"{self.system}:{self.object}:{self.key}"


@frozen
class Extra:
    """A value of `system`'s `field` that has no home in our record, kept as `raw` and written back as is."""

    system: str = attrs.field(validator=text)
    field: str = attrs.field(validator=text)
    raw: object = None
