"""Contract terms as a salesperson sees them in HubSpot: on the deal, on the company, or as a contract of HubSpot's own.

Wherever they stand they are written twice: in words and as dates, for people, lists and workflows, and as a small JSON
text, so that they are read back exactly. A deal or a company carries the terms of one contract; a second one is
refused by name. Contracts of HubSpot's own (object 0-721, API version 2026-09) have no such limit, where the account
has them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, cast

from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import EMPTY, Properties, Sent, Unwritable, text
from clmcrm.adapters.terms_in_words import in_words
from clmcrm.adapters.trees import is_tree, list_in
from clmcrm.codec.canonical import canonical_text, check_json
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields, Json


class TermsPlace(StrEnum):
    """Where contract terms are written back to."""

    DEAL = "deal"
    COMPANY = "company"
    CONTRACT = "contract"


TERMS_KEY: Final = "clmcrm_terms_key"
"""Our key of the terms on a deal or a company; it must be unique there."""
TERMS: Final = "clmcrm_terms"
WORDS: Final = "clmcrm_terms_words"
NOTICE: Final = "clmcrm_notice_by"
ENDS: Final = "clmcrm_ends_on"
DAYS: Final = {"notice_by": NOTICE, "ends_on": ENDS}
"""What is written as a date as well, so that a list or a workflow can use it."""

CONTRACTS: Final = "contracts"
NAME: Final = "hs_name"
EFFECTIVE: Final = "hs_contract_effective_date"
CURRENCY: Final = "hs_currency_code"
MODIFIED: Final = "hs_lastmodifieddate"

ON: Final = {TermsPlace.DEAL: "opportunity", TermsPlace.COMPANY: "account"}
"""The canonical field that names the deal or company which carries the terms."""

_LONGEST: Final = 65_536


def shown(properties: Properties, portal: Portal) -> dict[str, Json]:
    """The terms as they were written; raises `ValueError` or `AttributeError` for a text that is none of ours."""
    del portal
    found: object = json.loads(text(properties, TERMS) or "{}", parse_float=str)
    return {str(name): value for name, value in cast("dict[str, Json]", found).items()}


def changed(before: Fields, fields: Fields) -> Sent:
    """The properties that say `fields`, what stood there `before` elsewhere kept; raises `Unwritable`."""
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        raise Unwritable(str(problem)) from None
    told = {**before, **fields}
    said = canonical_text(told)
    if len(said) > _LONGEST:
        raise Unwritable(f"terms of {len(said)} characters; a property of HubSpot holds {_LONGEST}")
    days = {raw: _day(told.get(name)) for name, raw in DAYS.items()}
    return {TERMS: said, WORDS: in_words(told)[:_LONGEST], **days}


def as_contract(fields: Fields, portal: Portal) -> Sent:
    """The properties of a new contract of HubSpot's own; raises `Unwritable`."""
    del portal
    return {**changed({}, fields), **contract_properties(fields)}


def contract_properties(told: Mapping[str, Any]) -> Sent:
    """What a contract of HubSpot's own says in its own properties; a first day that no longer holds is emptied.

    >>> contract_properties({"title": "Supply", "effective_on": "2026-05-07",
    ...                      "annual_value": [{"amount": "10.00", "currency": "EUR"}]})
    {'hs_name': 'Supply', 'hs_contract_effective_date': '2026-05-07', 'hs_currency_code': 'EUR'}
    """
    name = str(told.get("title") or told.get("number") or "contract")
    sent: Sent = {NAME: name, EFFECTIVE: _day(told.get("effective_on"))}
    first = next((one for one in list_in(told.get("annual_value")) if is_tree(one)), None)
    if first is not None:
        sent[CURRENCY] = str(first.get("currency"))
    return sent


def emptied() -> Sent:
    """The properties that take the terms away from what carried them; an empty file stays, so that it can be told."""
    return {**dict.fromkeys((TERMS_KEY, WORDS, *DAYS.values()), EMPTY), TERMS: "{}"}


def _day(value: object) -> str:
    return value if isinstance(value, str) else EMPTY
