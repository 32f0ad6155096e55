"""Odoo as a CLM, with the add-ons of the OCA: contracts that invoice (`contract`), or agreements (`agreement`).

Every method is a flow: it asks the server and returns what the port promises (see `clmcrm.ports.systems`).

| canonical field | in `contract.contract` | in `agreement` |
| --- | --- | --- |
| `title`, `number` | name, code | name, code |
| `counterparty` | partner_id (required) | partner_id |
| `kind` | contract_type: "sale", or "purchase" for procurement | (facts) |
| `executed_on` | (facts) | signature_date |
| `effective_on` | date_start | start_date |
| `term`, its stated end | date_end, the last day in force | end_date |
| `lines` that recur and have a first day | contract_line_ids | (facts) |
| all other fields | the text field `x_clmcrm_facts` | the same |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.adapters.extras import EXTRAS, Carry
from clmcrm.adapters.odoo import oca_lines, partners
from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.crm import account_kind, contact_kind
from clmcrm.adapters.odoo.facts import FACTS, Model, Native, day_in
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.partners import is_gone
from clmcrm.adapters.odoo.plain import Row, key, said
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.system import BATCH, OVERLAP, PAGE, OdooSystem
from clmcrm.adapters.odoo.term_days import last_day_of, term_in
from clmcrm.ports.records import Fields, Json, Kind


class Keeping(StrEnum):
    """Which of the OCA's models plays the contract."""

    CONTRACT = "contract.contract"
    AGREEMENT = "agreement"


class OdooClm(OdooSystem):
    """The CLM side of an Odoo, asked through `session`; `keeping` says where contracts stand.

    The model needs the text field `x_clmcrm_facts`, which an administrator adds once. `accounts` and `contacts` are
    domains in Odoo's own form; `overlap`, `page`, `batch` and `carry` are as in `clmcrm.adapters.odoo.crm.OdooCrm`.
    """

    def __init__(
        self,
        session: OdooSession,
        *,
        keeping: Keeping = Keeping.CONTRACT,
        accounts: Sequence[object] = partners.COMPANIES,
        contacts: Sequence[object] = partners.PEOPLE,
        overlap: timedelta = OVERLAP,
        page: int = PAGE,
        batch: int = BATCH,
        carry: Collection[Carry] = (),
    ) -> None:
        kinds = (account_kind(accounts), contact_kind(contacts), _KINDS[keeping])
        holds: dict[str, frozenset[str]] = {
            Kind.ACCOUNT: partners.ACCOUNT_WRITABLE | {EXTRAS},
            Kind.CONTACT: partners.CONTACT_WRITABLE | {EXTRAS},
            Kind.CONTRACT: FIELDS[Kind.CONTRACT] - {"id"},
        }
        super().__init__(session, kinds, holds=holds, overlap=overlap, page=page, batch=batch, carry=carry)


def _partner(whole: Fields) -> int | bool:
    told = whole.get("counterparty")
    return int(told) if isinstance(told, str) and told.isascii() and told.isdigit() else False


_AT_ONCE: Final = 200
"""Contracts in one transaction: each is computed with its lines, and Odoo ends a call after a minute of work."""
_CURRENCY: Final = "manual_currency_id"
_TYPES: Final = {"sale": "sales", "purchase": "procurement"}
"""The contract types of series 19; a contract of another canonical kind stands as a sale, and its facts say more."""


def _by_hand(row: Row, shown: Fields) -> dict[str, Json]:
    """What a contract implies that was made in Odoo by hand: one with a first day is in force, as Odoo treats it."""
    told: dict[str, Json] = {} if "kind" in shown else {"kind": "sales"}
    created = said(row.get("create_date"))
    if created is not None and isinstance(shown.get("effective_on"), str):
        at = f"{created.replace(' ', 'T')}+00:00"
        told["events"] = [{"is": "recorded_as_executed", "at": at, "by": "odoo"}]
    return told


_SHARED: Final = (
    Native(
        name="title",
        project=lambda whole: {"name": whole.get("title") or False},
        read=lambda row: said(row.get("name")) or f"contract {row['id']}",
    ),
    Native(
        name="counterparty",
        project=lambda whole: {"partner_id": _partner(whole)},
        read=lambda row: key(row.get("partner_id")),
    ),
)


def _unfit(whole: Fields, codes: Codes) -> str | None:
    if _partner(whole) is False:
        return "counterparty: a contract of the OCA needs a partner of Odoo"
    used = oca_lines.currencies_of(whole)
    if len(used) > 1:
        return f"lines: a contract of the OCA has one currency, not {', '.join(sorted(used))}"
    missing = next((code for code in sorted(used) if codes.currency(code) is False), None)
    return None if missing is None else f"lines: Odoo does not use the currency {missing}"


def _currency(whole: Fields, codes: Codes) -> dict[str, Any]:
    """The currency of the lines; without priced ones what somebody chose in Odoo stays."""
    used = oca_lines.currencies_of(whole)
    return {_CURRENCY: codes.currency(min(used))} if used else {}


def _no_partner(whole: Fields, _codes: Codes) -> str | None:
    told = whole.get("counterparty")
    return f"counterparty: {told!r} is no key of Odoo's" if told is not None and _partner(whole) is False else None


_CONTRACT: Final = Model(
    natives=(
        *_SHARED,
        Native(
            name="number",
            project=lambda whole: {"code": whole.get("number") or False},
            read=lambda row: said(row.get("code")),
        ),
        Native(
            name="kind",
            project=lambda whole: {"contract_type": "purchase" if whole.get("kind") == "procurement" else "sale"},
            read=lambda row: _TYPES.get(str(row.get("contract_type")), "custom"),
        ),
        Native(
            name="effective_on",
            project=lambda whole: {"date_start": day_in(whole.get("effective_on")) or False},
            read=lambda row: said(row.get("date_start")),
        ),
        Native(
            name="term",
            project=lambda whole: {"date_end": last_day_of(whole.get("term")) or False},
            read=lambda row: term_in(row, "date_end"),
        ),
    ),
    extra={"line_recurrence": True},
    lines=oca_lines.lines_of,
    commands=oca_lines.commands_for,
    line_field=oca_lines.FIELD,
    also=_by_hand,
    values=_currency,
    unfit=_unfit,
)

_AGREEMENT: Final = Model(
    natives=(
        *_SHARED,
        Native(
            name="number",
            project=lambda whole: {"code": whole.get("number") or whole.get("title") or False},
            read=lambda row: said(row.get("code")),
        ),
        Native(
            name="executed_on",
            project=lambda whole: {"signature_date": day_in(whole.get("executed_on")) or False},
            read=lambda row: said(row.get("signature_date")),
        ),
        Native(
            name="effective_on",
            project=lambda whole: {"start_date": day_in(whole.get("effective_on")) or False},
            read=lambda row: said(row.get("start_date")),
        ),
        Native(
            name="term",
            project=lambda whole: {"end_date": last_day_of(whole.get("term")) or False},
            read=lambda row: term_in(row, "end_date"),
        ),
    ),
    extra={},
    also=_by_hand,
    unfit=_no_partner,
)


def _kind(model: str, spec: Mapping[str, Any], told: Model, domain: Sequence[object]) -> OdooKind:
    has_lines = bool(told.line_field)
    return OdooKind(
        kind=Kind.CONTRACT,
        model=model,
        domain=tuple(domain),
        spec={**spec, FACTS: {}, "active": {}, "create_date": {}, "write_date": {}},
        needs=(FACTS,),
        watched=(told.line_field,) if has_lines else (),
        parts={told.line_field: "contract.line"} if has_lines else {},
        fields=told.fields,
        gone=is_gone,
        created=told.created,
        changed=told.changed,
        refused=told.refused,
        at_once=_AT_ONCE,
        written=frozenset({*spec, FACTS, "active", told.line_field}) - {"", "currency_id"},
        all_extras=True,
    )


_KINDS: Final = {
    Keeping.CONTRACT: _kind(
        Keeping.CONTRACT,
        {
            "name": {}, "code": {}, "partner_id": {}, "contract_type": {}, "date_start": {}, "date_end": {},
            "currency_id": {"fields": {"name": {}}}, _CURRENCY: {},
            oca_lines.FIELD: {"fields": oca_lines.SPEC},
        },
        _CONTRACT,
        (),
    ),
    Keeping.AGREEMENT: _kind(
        Keeping.AGREEMENT,
        {"name": {}, "code": {}, "partner_id": {}, "signature_date": {}, "start_date": {}, "end_date": {}},
        _AGREEMENT,
        (["is_template", "=", False],),
    ),
}  # fmt: skip
