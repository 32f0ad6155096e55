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
from clmcrm.parties.accounts import Account
from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.records import Fields, Json, Kind, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.directory import derived_pair
from clmcrm.values.problems import Problem, Severity

T = TypeVar("T")

DeriveNow: TypeAlias = "Callable[[Sequence[Seen]], Derived]"

_BATCH: Final = 100


def crm_view(crm: AnySystem) -> DerivingSystem:
    """The CRM, with a draft contract for every won opportunity (kind `contract`, by the opportunity's key)."""
    return DerivingSystem(crm, Kind.OPPORTUNITY, {Kind.CONTRACT: _drafts_of(crm)})


def clm_view(clm: AnySystem, as_of: date, calendars: CalendarSource | None = None) -> DerivingSystem:
    """The CLM, with the terms of every contract on `as_of`, and the link back for the opportunity it names."""
    derives: dict[str, Derive] = {
        Kind.CONTRACT_TERMS: _terms_on(clm.system, as_of, calendars),
        Kind.OPPORTUNITY: _links(clm.system),
    }
    return DerivingSystem(clm, Kind.CONTRACT, derives, stamp=as_of.isoformat())


def record_of(cls: type[T], seen: Seen, system: str) -> T | Problem:
    """The record that `seen` shows, or the `Problem` that keeps it from being understood."""
    try:
        return from_fields(cls, {**stated(seen.fields), "id": seen.key}, forward=True)
    except InvalidRecord as refused:
        return Problem(
            where=f"{system} {seen.kind} {seen.key}",
            field=refused.field,
            value=str(refused.value),
            what="cannot be understood",
            expected=refused.expected,
            severity=Severity.ERROR,
        )


def stated(fields: Fields) -> dict[str, Json]:
    """The fields that say something: a field a system shows as empty is one it does not state."""
    return {name: value for name, value in fields.items() if value is not None}


def _each(
    cls: type[T], system: str, act: Callable[[Seen, T], Seen | Problem | None], *, named_as: Kind | None = None
) -> DeriveNow:
    """A derivation record by record.

    What cannot be understood or done is shown as a row of the kind `named_as` that cannot be read: so each run looks at
    it again and names it, and not only the first one that meets it. None leaves it to the derivation that names it.
    """

    def derive(sources: Sequence[Seen]) -> tuple[list[Seen], list[Problem]]:
        rows: list[Seen] = []
        for seen in sources:
            record = record_of(cls, seen, system)
            answer = record if isinstance(record, Problem) else act(seen, record)
            if isinstance(answer, Seen):
                rows.append(answer)
            elif isinstance(answer, Problem) and named_as is not None:
                rows.append(Seen(kind=named_as, key=seen.key, fields={}, version=seen.version, unreadable=str(answer)))
        return rows, []

    return derive


def _drafts_of(crm: AnySystem) -> Derive:
    def derive(sources: Sequence[Seen]) -> Flow[Derived]:
        won = [seen for seen in sources if seen.fields.get("stage") == "won"]
        accounts = yield from _accounts(crm, won)
        draft = _each(
            Opportunity, crm.system, lambda seen, sale: _draft(crm.system, seen, sale, accounts), named_as=Kind.CONTRACT
        )
        return draft(won)

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
    def terms(seen: Seen, contract: Contract) -> Seen:
        # Whole: a term that no longer holds must be emptied in the CRM, not left standing there.
        fields = to_fields(contract_terms(contract, as_of, calendars), whole=True)
        fields = {name: _in_english(value) for name, value in fields.items()}
        fields["contract"] = fields.pop("id")
        return Seen(kind=Kind.CONTRACT_TERMS, key=seen.key, fields=fields, version=seen.version)

    return _each(Contract, system, terms, named_as=Kind.CONTRACT_TERMS)


def _in_english(value: Json) -> Json:
    """A value of the terms with every sentence as one text: a CRM's field holds one language."""
    if isinstance(value, dict):
        return value["en"] if value.keys() == {"en", "fr"} else value
    return [_in_english(one) for one in value] if isinstance(value, list) else value


def _links(system: str) -> Derive:
    def link(seen: Seen, contract: Contract) -> Seen | None:
        if contract.opportunity is None:
            return None
        mark = derived_pair(Kind.OPPORTUNITY, Side.CRM, contract.opportunity)
        fields: dict[str, Json] = {"contract": seen.key}
        return Seen(kind=Kind.OPPORTUNITY, key=seen.key, fields=fields, version=seen.version, mark=mark)

    return _each(Contract, system, link)
