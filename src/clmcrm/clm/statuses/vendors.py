"""The published status words of six systems, and the stages each stands for.

The rule of the file: data only. Where a vendor has fewer words than we have stages, several stages share
the nearest word; where it has more, the word for our stage comes first and the finer ones after it.
`ARCHIVED` says that a contract was put away, not how it ended: every word for an ended contract holds it.
"""

from __future__ import annotations

from typing import Final

from clmcrm.clm.stages import Stage
from clmcrm.clm.statuses.words import StatusTable, Vendor, Word

_BEFORE_SIGNATURE: Final = (
    Stage.DRAFT,
    Stage.NEW,
    Stage.IN_APPROVAL,
    Stage.REJECTED,
    Stage.NEGOTIATING,
    Stage.AWAITING_SIGNATURE,
    Stage.SIGNATURE_DECLINED,
)
_IN_FORCE: Final = (Stage.IN_EFFECT, Stage.SUSPENDED, Stage.UNASSIGNED)
_RAN_OUT: Final = (Stage.EXPIRED, Stage.COMPLETED)
_ENDED_EARLY: Final = (Stage.TERMINATED, Stage.RESCINDED, Stage.SUPERSEDED, Stage.NOVATED)
_ENDED: Final = (*_RAN_OUT, *_ENDED_EARLY, Stage.CANCELED, Stage.ARCHIVED)

SALESFORCE: Final = StatusTable(
    vendor=Vendor.SALESFORCE,
    title="Salesforce Contracts, Contract.Status",
    source="Salesforce Help, Salesforce Contracts: Default Transitions and Actions",
    words=(
        Word(word="Draft", holds=(Stage.DRAFT, Stage.NEW)),
        Word(word="In Approval Process", holds=(Stage.IN_APPROVAL,)),
        Word(word="Rejected", holds=(Stage.REJECTED,)),
        Word(word="Negotiating", holds=(Stage.NEGOTIATING,)),
        Word(word="Awaiting Signature", holds=(Stage.AWAITING_SIGNATURE,)),
        Word(word="Signature Declined", holds=(Stage.SIGNATURE_DECLINED,)),
        Word(word="Signed", holds=(Stage.SIGNED,)),
        Word(word="Activated", holds=_IN_FORCE),
        Word(word="Contract Expired", holds=(*_RAN_OUT, Stage.ARCHIVED)),
        Word(word="Contract Terminated", holds=(*_ENDED_EARLY, Stage.ARCHIVED)),
        Word(word="Canceled", holds=(Stage.CANCELED, Stage.ARCHIVED)),
    ),
    silent=(Stage.UNKNOWN,),
    pre_active="Draft",
    active="Activated",
    terminal="Contract Terminated",
)

SALESFORCE_CODE: Final = StatusTable(
    vendor=Vendor.SALESFORCE_CODE,
    title="Salesforce without Salesforce Contracts, Contract.StatusCode",
    source=(
        "Salesforce Object Reference, ContractStatus.StatusCode: Draft, InApproval, Activated; Terminated and "
        "Expired are defined but cannot be used through the API, and an activated contract stays activated"
    ),
    words=(
        Word(word="Draft", holds=(Stage.DRAFT, Stage.NEW, Stage.REJECTED, Stage.NEGOTIATING, Stage.CANCELED)),
        Word(
            word="InApproval",
            holds=(Stage.IN_APPROVAL, Stage.AWAITING_SIGNATURE, Stage.SIGNATURE_DECLINED, Stage.SIGNED),
        ),
        Word(word="Activated", holds=(*_IN_FORCE, *_RAN_OUT, *_ENDED_EARLY, Stage.ARCHIVED)),
    ),
    silent=(Stage.UNKNOWN,),
    pre_active="Draft",
    active="Activated",
    terminal="Activated",
)

HUBSPOT: Final = StatusTable(
    vendor=Vendor.HUBSPOT,
    title="HubSpot Commerce contracts, status",
    source="HubSpot public API description, CRM commerce contracts: status",
    words=(
        Word(word="DRAFT", holds=(*_BEFORE_SIGNATURE, Stage.SIGNED)),
        Word(word="ACTIVE", holds=(Stage.IN_EFFECT, Stage.UNASSIGNED, Stage.SIGNED)),
        Word(word="PAUSED", holds=(Stage.SUSPENDED,)),
        Word(word="COMPLETED", holds=(Stage.EXPIRED, Stage.COMPLETED, Stage.ARCHIVED)),
        Word(word="TERMINATED", holds=(*_ENDED_EARLY, Stage.CANCELED, Stage.ARCHIVED)),
    ),
    silent=(Stage.UNKNOWN,),
    pre_active="DRAFT",
    active="ACTIVE",
    terminal="TERMINATED",
)

NAVIGATOR: Final = StatusTable(
    vendor=Vendor.NAVIGATOR,
    title="DocuSign Navigator, agreement status",
    source="docusign/OpenAPI-Specifications, navigator.rest.swagger.json 0.7.1-beta: StatusOptions",
    words=(
        Word(word="PENDING", holds=_BEFORE_SIGNATURE, clear=False),
        Word(word="COMPLETE", holds=(Stage.SIGNED, *_IN_FORCE, *_RAN_OUT), clear=False),
        Word(word="INACTIVE", holds=_ENDED, clear=False),
    ),
    silent=(Stage.UNKNOWN,),
    pre_active="PENDING",
    active="COMPLETE",
    terminal="INACTIVE",
)

IRONCLAD_RECORD: Final = StatusTable(
    vendor=Vendor.IRONCLAD_RECORD,
    title="Ironclad, status of a record",
    source=(
        "Ironclad Help Center, article 17438784927127: contract status; Ironclad Public API, RecordModel: "
        "contractStatus.enhancedStatus, and contractStatus.status, which adds indeterminate"
    ),
    words=(
        Word(word="Active", holds=_IN_FORCE),
        Word(word="Evergreen", holds=_IN_FORCE),
        Word(word="Auto-renewing", holds=_IN_FORCE),
        Word(word="Expiring", holds=_IN_FORCE),
        Word(word="Executed", holds=(Stage.SIGNED,)),
        Word(word="Inactive", holds=_ENDED, clear=False),
        Word(word="Unknown", holds=(Stage.UNKNOWN,)),
        # The API's own: under way, and in force until then.
        Word(word="terminating", holds=_IN_FORCE),
        Word(word="superseding", holds=_IN_FORCE),
        Word(word="extending", holds=_IN_FORCE),
        Word(word="activating", holds=(Stage.SIGNED,)),
        Word(word="indeterminate", holds=(Stage.UNKNOWN,)),
    ),
    # A record appears in the repository with its execution; before that there is a workflow.
    silent=_BEFORE_SIGNATURE,
    pre_active="",
    active="Active",
    terminal="Inactive",
)

IRONCLAD_WORKFLOW: Final = StatusTable(
    vendor=Vendor.IRONCLAD_WORKFLOW,
    title="Ironclad, status of a workflow",
    source="Ironclad Public API, workflows: status",
    words=(
        Word(word="active", holds=_BEFORE_SIGNATURE, clear=False),
        Word(word="paused", holds=_BEFORE_SIGNATURE, clear=False),
        Word(word="completed", holds=(Stage.SIGNED, *_IN_FORCE, *_RAN_OUT, *_ENDED_EARLY, Stage.ARCHIVED), clear=False),
        Word(word="cancelled", holds=(Stage.CANCELED, Stage.ARCHIVED)),
    ),
    silent=(Stage.UNKNOWN,),
    pre_active="active",
    active="completed",
    terminal="completed",
)

IRONCLAD_STEP: Final = StatusTable(
    vendor=Vendor.IRONCLAD_STEP,
    title="Ironclad, step of a workflow",
    source="Ironclad developer documentation, Workflows and Records: create, review, sign, archive",
    words=(
        Word(word="Create", holds=(Stage.DRAFT, Stage.NEW)),
        Word(word="Review", holds=(Stage.IN_APPROVAL, Stage.REJECTED, Stage.NEGOTIATING), clear=False),
        Word(word="Sign", holds=(Stage.AWAITING_SIGNATURE, Stage.SIGNATURE_DECLINED)),
        Word(word="Archive", holds=(Stage.SIGNED,)),
        Word(word="Complete", holds=(*_IN_FORCE, Stage.SIGNED, *_RAN_OUT, *_ENDED_EARLY, Stage.ARCHIVED), clear=False),
    ),
    # A cancelled workflow has a status for it, and keeps the step it stood in.
    silent=(Stage.CANCELED, Stage.UNKNOWN),
    pre_active="Create",
    active="Complete",
    terminal="Complete",
)

ODOO: Final = StatusTable(
    vendor=Vendor.ODOO,
    title="Odoo with OCA/contract, contract.line state",
    source="OCA/contract, contract/models/contract_line.py: state",
    words=(
        Word(word="upcoming", holds=(Stage.SIGNED, *_BEFORE_SIGNATURE), clear=False),
        Word(word="in-progress", holds=_IN_FORCE),
        Word(word="to-renew", holds=_IN_FORCE),
        Word(word="upcoming-close", holds=_IN_FORCE),
        Word(word="closed", holds=(*_RAN_OUT, *_ENDED_EARLY, Stage.ARCHIVED), clear=False),
        Word(word="canceled", holds=(Stage.CANCELED, Stage.ARCHIVED)),
    ),
    silent=(Stage.UNKNOWN,),
    pre_active="upcoming",
    active="in-progress",
    terminal="closed",
)

DYNAMICS: Final = StatusTable(
    vendor=Vendor.DYNAMICS,
    title="Microsoft Dynamics 365, contract statecode",
    source="Microsoft Common Data Model, Contract.statecode; CONTRACT_STATE (learn.microsoft.com, aa476634)",
    words=(
        Word(word="Draft", holds=_BEFORE_SIGNATURE, code="0"),
        # Invoiced: agreed and billed, its active period still ahead.
        Word(word="Invoiced", holds=(Stage.SIGNED,), code="1"),
        Word(word="Active", holds=(Stage.IN_EFFECT, Stage.UNASSIGNED), code="2"),
        Word(word="On Hold", holds=(Stage.SUSPENDED,), code="3"),
        Word(word="Canceled", holds=(*_ENDED_EARLY, Stage.CANCELED, Stage.ARCHIVED), clear=False, code="4"),
        Word(word="Expired", holds=(*_RAN_OUT, Stage.ARCHIVED), code="5"),
    ),
    silent=(Stage.UNKNOWN,),
    pre_active="Draft",
    active="Active",
    terminal="Canceled",
)

TABLES: Final = {
    table.vendor: table
    for table in (
        SALESFORCE,
        SALESFORCE_CODE,
        HUBSPOT,
        NAVIGATOR,
        IRONCLAD_RECORD,
        IRONCLAD_WORKFLOW,
        IRONCLAD_STEP,
        ODOO,
        DYNAMICS,
    )
}
"""Every table by its vendor."""
