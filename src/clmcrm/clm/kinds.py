"""What sort of contract it is, who stands on which side, and how contracts are related."""

from __future__ import annotations

from enum import StrEnum


class ContractKind(StrEnum):
    """The kinds of contract; `CUSTOM` is a host's own, named in `Contract.kind_detail`."""

    SALES = "sales"
    PROCUREMENT = "procurement"
    PARTNERSHIP = "partnership"
    EMPLOYMENT = "employment"
    LEASE = "lease"
    NDA = "nda"
    REGULATORY = "regulatory"
    CUSTOM = "custom"


class Party(StrEnum):
    """Which side of a contract: our own company, the counterparty, either of them, or both together."""

    OWN = "own"
    COUNTERPARTY = "counterparty"
    EITHER = "either"
    BOTH = "both"


class Relation(StrEnum):
    """How a contract stands to its parent."""

    UNDER = "under"
    AMENDS = "amends"
    RENEWS = "renews"
    REPLACES = "replaces"
    SCHEDULE = "schedule"
