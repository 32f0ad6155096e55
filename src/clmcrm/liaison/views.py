"""How each system's records imply the other's: won opportunities imply drafts, contracts imply terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final, TypeAlias, TypeVar

from clmcrm.bridge.feedback import contract_terms
from clmcrm.bridge.initiation import initiate
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.crm.opportunity import Opportunity
from clmcrm.errors import ClmcrmError, InvalidRecord
from clmcrm.liaison.derived import Derive, Derived, DerivingSystem
from clmcrm.liaison.partings import Partings
from clmcrm.parties.accounts import Account
from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.records import Fields, Json, Kind, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.directory import derived_pair
from clmcrm.values.ids import OpportunityId
from clmcrm.values.problems import Problem, Severity

T = TypeVar("T")

DeriveNow: TypeAlias = "Callable[[Sequence[Seen]], Derived]"

_BATCH: Final = 100


def crm_view(crm: AnySystem, partings: Partings) -> DerivingSystem:
    """The CRM, with a draft contract for every won opportunity (kind `contract`, by the opportunity's key).

    The draft of one that was won, and is not any more, is what `partings` says.
    """
    return DerivingSystem(crm, Kind.OPPORTUNITY, {Kind.CONTRACT: _drafts_of(crm, partings)})


def clm_view(
    clm: AnySystem, partings: Partings, as_of: date, calendars: CalendarSource | None = None
) -> DerivingSystem:
    """The CLM, with the terms of every contract on `as_of`, and the link back for the opportunity it names.

    The link back of one that names the opportunity no longer is what `partings` says.
    """
    derives: dict[str, Derive] = {
        Kind.CONTRACT_TERMS: _terms_on(clm.system, as_of, calendars),
        Kind.OPPORTUNITY: _links(clm.system, partings),
    }
    return DerivingSystem(clm, Kind.CONTRACT, derives, stamp=as_of.isoformat())


def record_of(cls: type[T], seen: Seen, system: str) -> T | Problem:
    """The record that `seen` shows, or the `Problem` that keeps it from being understood.

    One that its own system shows as `unreadable` is not understood, whatever could be read of it: what is missing
    there would count as unknown, and drafts and deadlines would be made of the rest.
    """
    where = f"{system} {seen.kind} {seen.key}"
    if seen.unreadable:
        return Problem(
            where=where, field=seen.kind, what=f"could not be read: {seen.unreadable}",
            expected="a record that can be read whole", severity=Severity.ERROR,
        )  # fmt: skip
    try:
        return from_fields(cls, {**stated(seen.fields), "id": seen.key}, forward=True)
    except InvalidRecord as refused:
        return Problem(
            where=where,
            field=refused.field,
            value=str(refused.value),
            what="cannot be understood",
            expected=refused.expected,
            severity=Severity.ERROR,
        )


def stated(fields: Fields) -> dict[str, Json]:
    """The fields that say something: a field a system shows as empty is one it does not state."""
    return {name: value for name, value in fields.items() if value is not None}


def _each(cls: type[T], system: str, act: Callable[[Seen, T], Seen | Problem], *, named_as: Kind) -> DeriveNow:
    """A derivation record by record.

    What cannot be understood or done is shown as a row of the kind `named_as` that cannot be read: so each run looks at
    it again and names it, and not only the first one that meets it.
    """

    def derive(sources: Sequence[Seen]) -> tuple[list[Seen], list[Problem]]:
        rows: list[Seen] = []
        for seen in sources:
            record = record_of(cls, seen, system)
            answer = record if isinstance(record, Problem) else act(seen, record)
            if isinstance(answer, Seen):
                rows.append(answer)
            else:
                rows.append(Seen(kind=named_as, key=seen.key, fields={}, version=seen.version, unreadable=str(answer)))
        return rows, []

    return derive


def _drafts_of(crm: AnySystem, partings: Partings) -> Derive:
    def derive(sources: Sequence[Seen]) -> Flow[Derived]:
        won = [seen for seen in sources if seen.fields.get("stage") == "won"]
        others = [seen for seen in sources if seen.fields.get("stage") != "won"]
        accounts = yield from _accounts(crm, won)
        draft = _each(
            Opportunity, crm.system, lambda seen, sale: _draft(crm.system, seen, sale, accounts), named_as=Kind.CONTRACT
        )
        drafts, problems = draft(won)
        parted, told = partings.no_longer_won(crm.system, others)
        return [*drafts, *parted], [*problems, *told]

    return derive


def _draft(system: str, seen: Seen, sale: Opportunity, accounts: Mapping[str, Account]) -> Seen | Problem:
    won_at = _won_at(sale)
    where = f"{system} opportunity {sale.name} ({sale.id})"
    if won_at is None:
        return Problem(
            where=where, field="closed_on", what="is missing: it was won, but not on a known day",
            expected="the day it was won",
        )  # fmt: skip
    try:
        made = initiate(sale, won_at, system, account=accounts.get(sale.account or ""))
        fields = to_fields(made.contract)
    except ClmcrmError as refused:
        return Problem(where=where, field="contract", what=f"cannot be drafted: {refused}", severity=Severity.ERROR)
    _ = fields.pop("id")
    return Seen(kind=Kind.CONTRACT, key=seen.key, fields=fields, version=seen.version, changed_at=seen.changed_at)


def _won_at(sale: Opportunity) -> datetime | None:
    """When it was won: the instant it entered the stage, or the start of the day it was closed."""
    if sale.stage_since is not None:
        return sale.stage_since
    return None if sale.closed_on is None else datetime.combine(sale.closed_on, time(), UTC)


def _accounts(crm: AnySystem, won: Sequence[Seen]) -> Flow[dict[str, Account]]:
    """The accounts of the won opportunities by key, as far as they can be understood."""
    keys = sorted({str(seen.fields["account"]) for seen in won if seen.fields.get("account")})
    found: dict[str, Account] = {}
    for start in range(0, len(keys), _BATCH):
        for seen in (yield from answered(crm.read(Kind.ACCOUNT, keys[start : start + _BATCH]))):
            account = record_of(Account, seen, crm.system)
            if isinstance(account, Account):
                found[seen.key] = account
    return found


def _terms_on(system: str, as_of: date, calendars: CalendarSource | None) -> Derive:
    def terms(seen: Seen, contract: Contract) -> Seen | Problem:
        try:
            found = contract_terms(contract, as_of, calendars)
        except ClmcrmError as refused:
            where = f"{system} contract {contract.title} ({contract.id})"
            what = f"cannot be told: {refused}"
            return Problem(where=where, field="terms", what=what, severity=Severity.ERROR)
        # Whole: a term that no longer holds must be emptied in the CRM, not left standing there.
        fields = to_fields(found, whole=True)
        fields = {name: _in_english(value) for name, value in fields.items()}
        fields["contract"] = fields.pop("id")
        return Seen(kind=Kind.CONTRACT_TERMS, key=seen.key, fields=fields, version=seen.version)

    return _each(Contract, system, terms, named_as=Kind.CONTRACT_TERMS)


def _in_english(value: Json) -> Json:
    """A value of the terms with every sentence as one text: a CRM's field holds one language."""
    if isinstance(value, dict):
        return value["en"] if value.keys() == {"en", "fr"} else value
    return [_in_english(one) for one in value] if isinstance(value, list) else value


def _links(system: str, partings: Partings) -> Derive:
    def links(sources: Sequence[Seen]) -> Derived:
        read = [(seen, record_of(Contract, seen, system)) for seen in sources]
        # One that cannot be understood is named with its terms.
        understood = [(seen, contract) for seen, contract in read if isinstance(contract, Contract)]
        rows = [_link(seen, contract.opportunity) for seen, contract in understood if contract.opportunity is not None]
        parted, told = partings.no_longer_named(system, understood)
        return [*rows, *parted], told

    return links


def _link(seen: Seen, opportunity: OpportunityId) -> Seen:
    mark = derived_pair(Kind.OPPORTUNITY, Side.CRM, opportunity)
    fields: dict[str, Json] = {"contract": seen.key}
    return Seen(kind=Kind.OPPORTUNITY, key=seen.key, fields=fields, version=seen.version, mark=mark)
