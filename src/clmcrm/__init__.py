"""clmcrm joins the CRM (who might buy) and the CLM (what was promised).

`import clmcrm as cc` gives every public name, each loaded from its room on first use: `cc.Money`. Rooms
are attributes too: `cc.values`, `cc.calendars`. Nothing heavy is imported before it is needed.
"""

from typing import TYPE_CHECKING, Final

# The one place that imports by name: `__getattr__` below resolves names when they are first used (PEP 562).
from importlib import import_module  # isort: skip

__version__: Final = "0.1.0"

# Static and sorted: type checkers and editors read it without running anything. A name is added in
# three places (here, `_NAMES`, the imports for type checkers); tests/house/test_surface.py compares them.
__all__ = [
    "Absence",
    "Account",
    "AccountId",
    "AccountKind",
    "AccountView",
    "Activated",
    "Activity",
    "AdapterError",
    "Address",
    "Agenda",
    "AmbiguousError",
    "Amendment",
    "AmendmentAccepted",
    "AmendmentId",
    "Anchors",
    "ApprovalDelegated",
    "ApprovalDesk",
    "ApprovalEscalated",
    "ApprovalFacts",
    "ApprovalMode",
    "ApprovalPolicy",
    "ApprovalRule",
    "ApprovalStep",
    "Approved",
    "Approver",
    "Archived",
    "Authority",
    "BeyondAuthority",
    "CalendarSource",
    "Campaign",
    "Canceled",
    "Case",
    "Catalogue",
    "Chart",
    "Charts",
    "ClauseFact",
    "ClmcrmError",
    "Completed",
    "ConditionMet",
    "Contact",
    "ContactId",
    "Contract",
    "ContractId",
    "ContractKind",
    "ContractLine",
    "ContractTerms",
    "ContradictorySchedule",
    "Convention",
    "Converted",
    "CureDemanded",
    "Currency",
    "CurrencyMismatch",
    "DateRuleError",
    "Deadline",
    "Delegation",
    "DelegationRevoked",
    "Dispute",
    "Document",
    "DocumentId",
    "Draft",
    "DueAfter",
    "DueEvery",
    "DueOn",
    "EndMeaning",
    "Extra",
    "Figure",
    "FigureDefinition",
    "Finding",
    "Ground",
    "HoldPlaced",
    "HoldReleased",
    "HolidayCalendar",
    "HolidayTable",
    "HostEvent",
    "HostStage",
    "InvalidRecord",
    "JournalCorrupt",
    "JournalUnavailable",
    "Journey",
    "Lead",
    "LeaseHeld",
    "LeaseLost",
    "LeftOut",
    "LiabilityCap",
    "LineChange",
    "LineId",
    "MalformedReply",
    "Mandate",
    "MissingExtra",
    "Money",
    "Negotiation",
    "NoDeadline",
    "NonRenewalNotified",
    "NormLedger",
    "NoticeClause",
    "NoticeEffect",
    "NoticeReference",
    "Novated",
    "Obligation",
    "ObligationId",
    "ObligationKind",
    "Occurrence",
    "Opportunity",
    "OpportunityId",
    "OpportunityLine",
    "OpportunityStage",
    "OrgUnit",
    "OrgUnitId",
    "OutsideCoverage",
    "PartialDate",
    "Party",
    "PartyAssigned",
    "PartyLeft",
    "PaymentClause",
    "Performance",
    "Perpetual",
    "PersonRole",
    "PersonRoleKind",
    "Pipeline",
    "PlanRefused",
    "Playbook",
    "Position",
    "Power",
    "PriceBook",
    "PriceClause",
    "PriceRevisionClause",
    "Problem",
    "Product",
    "ProductId",
    "Provenance",
    "Quote",
    "QuoteId",
    "QuoteLine",
    "QuoteStatus",
    "Rate",
    "RateMissing",
    "RateTable",
    "Recalled",
    "RecordedAsExecuted",
    "Redline",
    "Redrafted",
    "Ref",
    "RefusedError",
    "Rejected",
    "Relation",
    "Remedy",
    "RenewalAgreed",
    "RenewalClause",
    "RenewalKind",
    "Requested",
    "Rescinded",
    "Restriction",
    "RestrictionKind",
    "Resumed",
    "Segment",
    "SentForSignature",
    "Severity",
    "Signatory",
    "SignatureDeclined",
    "SignatureRequest",
    "SignatureWithdrawn",
    "Signed",
    "Situation",
    "Source",
    "Span",
    "Stage",
    "StageOn",
    "StaleBase",
    "Step",
    "SubmittedForApproval",
    "Superseded",
    "Suspended",
    "SyncError",
    "Tenor",
    "Term",
    "TermClause",
    "TermKind",
    "TerminalError",
    "Terminated",
    "TerminationRight",
    "Topic",
    "TransientError",
    "TransitionNotAllowed",
    "Trigger",
    "TurnPassed",
    "Undone",
    "UnitPrice",
    "Unknown",
    "UnknownCalendar",
    "UnknownRegime",
    "UnreadableInput",
    "User",
    "UserId",
    "VolumeCommitment",
    "WebhookRefused",
    "Wording",
    "__version__",
    "account_view",
    "adjust",
    "advance",
    "agenda",
    "allocate",
    "amount_in_dispute",
    "approval_compliance",
    "approvals_needed",
    "as_amended",
    "attribute_revenue",
    "average_deal_value",
    "calendar_for",
    "campaign_results",
    "check_opportunity",
    "check_quote",
    "compare_terms",
    "completed",
    "content_hash",
    "contract_terms",
    "conversion_by_cohort",
    "conversion_by_owner",
    "conversion_by_stage",
    "conversion_rate",
    "currency",
    "customer_acquisition_cost",
    "customer_facts",
    "customer_lifetime_value",
    "customer_retention",
    "cycle_time",
    "cycle_time_by_phase",
    "day_words",
    "deadline_adherence",
    "definition_of",
    "deviations",
    "dispute_count",
    "end_after_notice",
    "exposure",
    "exposure_by_day",
    "first_notice_deadline",
    "forecast_by_owner",
    "initiate",
    "is_business_day",
    "known",
    "last_day_in_force",
    "likely_duplicates",
    "list_price",
    "missed_uplifts",
    "negotiation_standing",
    "net_promoter_score",
    "next_notice_deadline",
    "obligations_by_state",
    "occurrences",
    "pipeline_velocity",
    "possible_events",
    "quote_of",
    "regime",
    "regions_of",
    "renewed_by_omission",
    "request_signature",
    "revenue_retention",
    "run_journey",
    "sales_cycle",
    "shared_out",
    "signature_events",
    "simulate_approval",
    "situations_of",
    "stage_of",
    "standing_of",
    "terms",
    "total",
    "unused_commitments",
    "win_rate",
]

_NAMES: Final = {
    "clmcrm.errors": (
        "AdapterError AmbiguousError BeyondAuthority ClmcrmError ContradictorySchedule CurrencyMismatch "
        "DateRuleError InvalidRecord JournalCorrupt JournalUnavailable LeaseHeld LeaseLost MalformedReply "
        "MissingExtra OutsideCoverage PlanRefused RateMissing RefusedError StaleBase SyncError "
        "TerminalError TransientError TransitionNotAllowed UnknownCalendar UnknownRegime UnreadableInput "
        "WebhookRefused"
    ),
    "clmcrm.values.currencies": "Currency currency",
    "clmcrm.values.figures": "Figure FigureDefinition LeftOut",
    "clmcrm.values.ids": (
        "AccountId AmendmentId ContactId ContractId DocumentId Extra LineId ObligationId OpportunityId "
        "OrgUnitId ProductId QuoteId Ref UserId"
    ),
    "clmcrm.values.money": "Money UnitPrice shared_out total",
    "clmcrm.values.partial": "PartialDate Perpetual Unknown known",
    "clmcrm.values.problems": "Problem Severity",
    "clmcrm.values.provenance": "Provenance",
    "clmcrm.values.rates": "Converted Rate RateTable",
    "clmcrm.values.source": "Authority Source",
    "clmcrm.values.span": "Span",
    "clmcrm.values.tenor": "Tenor",
    "clmcrm.values.wording": "Step Wording day_words",
    "clmcrm.calendars.adjustments": "Convention adjust",
    "clmcrm.calendars.calendar": "CalendarSource HolidayCalendar HolidayTable is_business_day",
    "clmcrm.calendars.catalogue": "Catalogue calendar_for",
    "clmcrm.calendars.regimes.known": "regime",
    "clmcrm.parties.accounts": "Account AccountKind",
    "clmcrm.parties.addresses": "Address",
    "clmcrm.parties.contacts": "Contact PersonRole PersonRoleKind",
    "clmcrm.parties.duplicates": "likely_duplicates",
    "clmcrm.parties.org_units": "OrgUnit",
    "clmcrm.parties.users": "User",
    "clmcrm.crm.activity": "Activity",
    "clmcrm.crm.allocation": "allocate",
    "clmcrm.crm.attribution": "attribute_revenue",
    "clmcrm.crm.campaign": "Campaign",
    "clmcrm.crm.case": "Case",
    "clmcrm.crm.forecast_owners": "forecast_by_owner",
    "clmcrm.crm.journey": "Journey",
    "clmcrm.crm.journey_run": "run_journey",
    "clmcrm.crm.kpis": (
        "average_deal_value conversion_rate customer_acquisition_cost customer_lifetime_value "
        "pipeline_velocity sales_cycle win_rate"
    ),
    "clmcrm.crm.lead": "Lead",
    "clmcrm.crm.lines": "OpportunityLine QuoteLine",
    "clmcrm.crm.marketing_figures": "campaign_results",
    "clmcrm.crm.opportunity": "Opportunity OpportunityStage",
    "clmcrm.crm.pipeline": "Pipeline",
    "clmcrm.crm.price_lists": "list_price",
    "clmcrm.crm.product": "PriceBook Product",
    "clmcrm.crm.quote": "Quote QuoteStatus",
    "clmcrm.crm.quoting": "quote_of",
    "clmcrm.crm.satisfaction": "net_promoter_score",
    "clmcrm.crm.segment": "Segment",
    "clmcrm.crm.stage_conversion": "conversion_by_cohort conversion_by_owner conversion_by_stage",
    "clmcrm.clm.amendments": "Amendment LineChange",
    "clmcrm.clm.approval_desk": "ApprovalDesk",
    "clmcrm.clm.approval_outlook": "Absence simulate_approval",
    "clmcrm.clm.approval_policy": "ApprovalFacts ApprovalPolicy ApprovalRule approvals_needed",
    "clmcrm.clm.approval_steps": "ApprovalMode ApprovalStep Approver Delegation",
    "clmcrm.clm.auto_renewals": "renewed_by_omission",
    "clmcrm.clm.charts": "Chart Charts",
    "clmcrm.clm.clauses": "ClauseFact LiabilityCap PaymentClause Restriction RestrictionKind",
    "clmcrm.clm.price_clauses": "PriceClause PriceRevisionClause VolumeCommitment",
    "clmcrm.clm.term_clauses": (
        "EndMeaning NoticeClause NoticeEffect NoticeReference RenewalClause RenewalKind TermClause TerminationRight"
    ),
    "clmcrm.clm.content": "content_hash",
    "clmcrm.clm.contract": "Contract Signatory",
    "clmcrm.clm.deadlines": "Deadline NoDeadline",
    "clmcrm.clm.disputes": "Dispute",
    "clmcrm.clm.documents": "Document",
    "clmcrm.clm.due_days": "Anchors Occurrence occurrences",
    "clmcrm.clm.events.approving": (
        "ApprovalDelegated ApprovalEscalated Approved DelegationRevoked Recalled Rejected SubmittedForApproval"
    ),
    "clmcrm.clm.events.drafting": (
        "Canceled RecordedAsExecuted Redrafted Requested SentForSignature "
        "SignatureDeclined SignatureWithdrawn Signed TurnPassed"
    ),
    "clmcrm.clm.events.ending": "Completed Ground Novated Rescinded Superseded Terminated",
    "clmcrm.clm.events.in_force": (
        "Activated AmendmentAccepted ConditionMet CureDemanded NonRenewalNotified PartyAssigned PartyLeft "
        "RenewalAgreed Resumed Suspended"
    ),
    "clmcrm.clm.events.keeping": "Archived HoldPlaced HoldReleased HostEvent Undone",
    "clmcrm.clm.kinds": "ContractKind Party Relation",
    "clmcrm.clm.kpis": (
        "amount_in_dispute approval_compliance cycle_time cycle_time_by_phase deadline_adherence "
        "dispute_count obligations_by_state"
    ),
    "clmcrm.clm.leakage": "missed_uplifts unused_commitments",
    "clmcrm.clm.lifecycle": "StageOn advance possible_events stage_of standing_of",
    "clmcrm.clm.lines": "ContractLine",
    "clmcrm.clm.mandates": "Mandate",
    "clmcrm.clm.negotiation": "Redline",
    "clmcrm.clm.negotiation_entries": "Negotiation",
    "clmcrm.clm.negotiation_standing": "negotiation_standing",
    "clmcrm.clm.norms.completion": "completed",
    "clmcrm.clm.norms.ledger": "NormLedger",
    "clmcrm.clm.notice": "end_after_notice first_notice_deadline last_day_in_force next_notice_deadline",
    "clmcrm.clm.obligations": "DueAfter DueEvery DueOn Obligation ObligationKind Performance Trigger",
    "clmcrm.clm.playbook": "Playbook Position Topic deviations",
    "clmcrm.clm.powers": "Power",
    "clmcrm.clm.regions": "regions_of",
    "clmcrm.clm.remedies": "Remedy",
    "clmcrm.clm.renewals": "terms",
    "clmcrm.clm.retention": "customer_retention revenue_retention",
    "clmcrm.clm.signature": "SignatureRequest",
    "clmcrm.clm.signature_events": "signature_events",
    "clmcrm.clm.signature_sending": "request_signature",
    "clmcrm.clm.situations": "Situation situations_of",
    "clmcrm.clm.stages": "HostStage Stage",
    "clmcrm.clm.term_changes": "compare_terms",
    "clmcrm.clm.term_plans": "Term TermKind",
    "clmcrm.clm.versions": "as_amended",
    "clmcrm.bridge.account_view": "AccountView account_view",
    "clmcrm.bridge.checks": "check_opportunity check_quote",
    "clmcrm.bridge.feedback": "ContractTerms contract_terms",
    "clmcrm.bridge.findings": "Finding",
    "clmcrm.bridge.initiation": "Draft initiate",
    "clmcrm.analytics.customer_view": "customer_facts",
    "clmcrm.analytics.exposure": "exposure exposure_by_day",
    "clmcrm.analytics.figures": "definition_of",
    "clmcrm.analytics.portfolio": "Agenda agenda",
}
_HOME: Final = {name: module for module, names in _NAMES.items() for name in names.split()}

if TYPE_CHECKING:
    # What type checkers and editors see; at run time each name comes through `__getattr__`.
    from clmcrm import adapters as adapters
    from clmcrm import analytics as analytics
    from clmcrm import bridge as bridge
    from clmcrm import calendars as calendars
    from clmcrm import cli as cli
    from clmcrm import clm as clm
    from clmcrm import codec as codec
    from clmcrm import crm as crm
    from clmcrm import drivers as drivers
    from clmcrm import errors as errors
    from clmcrm import liaison as liaison
    from clmcrm import parties as parties
    from clmcrm import ports as ports
    from clmcrm import proof as proof
    from clmcrm import report as report
    from clmcrm import sample as sample
    from clmcrm import store as store
    from clmcrm import sync as sync
    from clmcrm import testing as testing
    from clmcrm import values as values
    from clmcrm.analytics.customer_view import customer_facts
    from clmcrm.analytics.exposure import exposure, exposure_by_day
    from clmcrm.analytics.figures import definition_of
    from clmcrm.analytics.portfolio import Agenda, agenda
    from clmcrm.bridge.account_view import AccountView, account_view
    from clmcrm.bridge.checks import check_opportunity, check_quote
    from clmcrm.bridge.feedback import ContractTerms, contract_terms
    from clmcrm.bridge.findings import Finding
    from clmcrm.bridge.initiation import Draft, initiate
    from clmcrm.calendars.adjustments import Convention, adjust
    from clmcrm.calendars.calendar import CalendarSource, HolidayCalendar, HolidayTable, is_business_day
    from clmcrm.calendars.catalogue import Catalogue, calendar_for
    from clmcrm.calendars.regimes.known import regime
    from clmcrm.clm.amendments import Amendment, LineChange
    from clmcrm.clm.approval_desk import ApprovalDesk
    from clmcrm.clm.approval_outlook import Absence, simulate_approval
    from clmcrm.clm.approval_policy import ApprovalFacts, ApprovalPolicy, ApprovalRule, approvals_needed
    from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep, Approver, Delegation
    from clmcrm.clm.auto_renewals import renewed_by_omission
    from clmcrm.clm.charts import Chart, Charts
    from clmcrm.clm.clauses import ClauseFact, LiabilityCap, PaymentClause, Restriction, RestrictionKind
    from clmcrm.clm.content import content_hash
    from clmcrm.clm.contract import Contract, Signatory
    from clmcrm.clm.deadlines import Deadline, NoDeadline
    from clmcrm.clm.disputes import Dispute
    from clmcrm.clm.documents import Document
    from clmcrm.clm.due_days import Anchors, Occurrence, occurrences
    from clmcrm.clm.events.approving import (
        ApprovalDelegated,
        ApprovalEscalated,
        Approved,
        DelegationRevoked,
        Recalled,
        Rejected,
        SubmittedForApproval,
    )
    from clmcrm.clm.events.drafting import (
        Canceled,
        RecordedAsExecuted,
        Redrafted,
        Requested,
        SentForSignature,
        SignatureDeclined,
        SignatureWithdrawn,
        Signed,
        TurnPassed,
    )
    from clmcrm.clm.events.ending import Completed, Ground, Novated, Rescinded, Superseded, Terminated
    from clmcrm.clm.events.in_force import (
        Activated,
        AmendmentAccepted,
        ConditionMet,
        CureDemanded,
        NonRenewalNotified,
        PartyAssigned,
        PartyLeft,
        RenewalAgreed,
        Resumed,
        Suspended,
    )
    from clmcrm.clm.events.keeping import Archived, HoldPlaced, HoldReleased, HostEvent, Undone
    from clmcrm.clm.kinds import ContractKind, Party, Relation
    from clmcrm.clm.kpis import (
        amount_in_dispute,
        approval_compliance,
        cycle_time,
        cycle_time_by_phase,
        deadline_adherence,
        dispute_count,
        obligations_by_state,
    )
    from clmcrm.clm.leakage import missed_uplifts, unused_commitments
    from clmcrm.clm.lifecycle import StageOn, advance, possible_events, stage_of, standing_of
    from clmcrm.clm.lines import ContractLine
    from clmcrm.clm.mandates import Mandate
    from clmcrm.clm.negotiation import Redline
    from clmcrm.clm.negotiation_entries import Negotiation
    from clmcrm.clm.negotiation_standing import negotiation_standing
    from clmcrm.clm.norms.completion import completed
    from clmcrm.clm.norms.ledger import NormLedger
    from clmcrm.clm.notice import end_after_notice, first_notice_deadline, last_day_in_force, next_notice_deadline
    from clmcrm.clm.obligations import (
        DueAfter,
        DueEvery,
        DueOn,
        Obligation,
        ObligationKind,
        Performance,
        Trigger,
    )
    from clmcrm.clm.playbook import Playbook, Position, Topic, deviations
    from clmcrm.clm.powers import Power
    from clmcrm.clm.price_clauses import PriceClause, PriceRevisionClause, VolumeCommitment
    from clmcrm.clm.regions import regions_of
    from clmcrm.clm.remedies import Remedy
    from clmcrm.clm.renewals import terms
    from clmcrm.clm.retention import customer_retention, revenue_retention
    from clmcrm.clm.signature import SignatureRequest
    from clmcrm.clm.signature_events import signature_events
    from clmcrm.clm.signature_sending import request_signature
    from clmcrm.clm.situations import Situation, situations_of
    from clmcrm.clm.stages import HostStage, Stage
    from clmcrm.clm.term_changes import compare_terms
    from clmcrm.clm.term_clauses import (
        EndMeaning,
        NoticeClause,
        NoticeEffect,
        NoticeReference,
        RenewalClause,
        RenewalKind,
        TermClause,
        TerminationRight,
    )
    from clmcrm.clm.term_plans import Term, TermKind
    from clmcrm.clm.versions import as_amended
    from clmcrm.crm.activity import Activity
    from clmcrm.crm.allocation import allocate
    from clmcrm.crm.attribution import attribute_revenue
    from clmcrm.crm.campaign import Campaign
    from clmcrm.crm.case import Case
    from clmcrm.crm.forecast_owners import forecast_by_owner
    from clmcrm.crm.journey import Journey
    from clmcrm.crm.journey_run import run_journey
    from clmcrm.crm.kpis import (
        average_deal_value,
        conversion_rate,
        customer_acquisition_cost,
        customer_lifetime_value,
        pipeline_velocity,
        sales_cycle,
        win_rate,
    )
    from clmcrm.crm.lead import Lead
    from clmcrm.crm.lines import OpportunityLine, QuoteLine
    from clmcrm.crm.marketing_figures import campaign_results
    from clmcrm.crm.opportunity import Opportunity, OpportunityStage
    from clmcrm.crm.pipeline import Pipeline
    from clmcrm.crm.price_lists import list_price
    from clmcrm.crm.product import PriceBook, Product
    from clmcrm.crm.quote import Quote, QuoteStatus
    from clmcrm.crm.quoting import quote_of
    from clmcrm.crm.satisfaction import net_promoter_score
    from clmcrm.crm.segment import Segment
    from clmcrm.crm.stage_conversion import conversion_by_cohort, conversion_by_owner, conversion_by_stage
    from clmcrm.errors import (
        AdapterError,
        AmbiguousError,
        BeyondAuthority,
        ClmcrmError,
        ContradictorySchedule,
        CurrencyMismatch,
        DateRuleError,
        InvalidRecord,
        JournalCorrupt,
        JournalUnavailable,
        LeaseHeld,
        LeaseLost,
        MalformedReply,
        MissingExtra,
        OutsideCoverage,
        PlanRefused,
        RateMissing,
        RefusedError,
        StaleBase,
        SyncError,
        TerminalError,
        TransientError,
        TransitionNotAllowed,
        UnknownCalendar,
        UnknownRegime,
        UnreadableInput,
        WebhookRefused,
    )
    from clmcrm.parties.accounts import Account, AccountKind
    from clmcrm.parties.addresses import Address
    from clmcrm.parties.contacts import Contact, PersonRole, PersonRoleKind
    from clmcrm.parties.duplicates import likely_duplicates
    from clmcrm.parties.org_units import OrgUnit
    from clmcrm.parties.users import User
    from clmcrm.values.currencies import Currency, currency
    from clmcrm.values.figures import Figure, FigureDefinition, LeftOut
    from clmcrm.values.ids import (
        AccountId,
        AmendmentId,
        ContactId,
        ContractId,
        DocumentId,
        Extra,
        LineId,
        ObligationId,
        OpportunityId,
        OrgUnitId,
        ProductId,
        QuoteId,
        Ref,
        UserId,
    )
    from clmcrm.values.money import Money, UnitPrice, shared_out, total
    from clmcrm.values.partial import PartialDate, Perpetual, Unknown, known
    from clmcrm.values.problems import Problem, Severity
    from clmcrm.values.provenance import Provenance
    from clmcrm.values.rates import Converted, Rate, RateTable
    from clmcrm.values.source import Authority, Source
    from clmcrm.values.span import Span
    from clmcrm.values.tenor import Tenor
    from clmcrm.values.wording import Step, Wording, day_words
else:
    # Hidden from type checkers: they would take it as leave to find any name at all.
    def __getattr__(name: str) -> object:
        """Load the public name or the room `name` on first use."""
        found = getattr(import_module(_HOME[name]), name) if name in _HOME else _room(name)
        globals()[name] = found
        return found

    def _room(name: str) -> object:
        path = f"{__name__}.{name}"
        try:
            return import_module(path)
        except ModuleNotFoundError as missing:
            if missing.name != path:
                raise
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """Every public name, loaded or not."""
    return sorted({*globals(), *__all__})
