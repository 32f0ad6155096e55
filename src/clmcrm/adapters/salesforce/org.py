"""What has to be known of an org before anything can be read from it: its currency, its own fields, its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from clmcrm.adapters.salesforce.soql import name
from clmcrm.values.currencies import currency
from clmcrm.values.validators import flag, text

KEY_FIELD: Final = "clmcrm_Key__c"
CONTRACT_FIELD: Final = "clmcrm_Contract__c"
TERMS_FIELD: Final = "clmcrm_Terms__c"


@frozen(kw_only=True)
class OrgSettings:
    """One org's own ways.

    `currency` is the org's (ISO 4217); with `multi_currency` each record has its own CurrencyIsoCode. With
    `country_codes` the picklists of countries are switched on, so that addresses carry codes. `key_field` is our
    external id on every object we create (text, unique, case-sensitive, external id), `contract_field` the text on
    Opportunity that names the contract, `terms_field` the long text on Contract that carries the terms.

    `extras` says whether every field that has no canonical name is read and kept (an org of many hundred own fields
    may not want that). `custom` gives canonical fields a place of your own, by kind:
    `{"account": {"vat_number": "VAT__c"}}`, in the form that the org's description gives the field (a checkbox is
    true or false, a date and time an instant); `terms_shown` shows single terms in fields of Contract:
    `{"notice_by": "Notice_By__c"}`, `terms_on_opportunity` in fields of the Opportunity that the contract came of.
    `stages` are stage names of your own with their canonical stage.
    `new_opportunities` holds what a new opportunity needs and may not state
    (`{"StageName": "Prospecting", "CloseDate": "2026-12-31"}`); without it none is created.

    >>> OrgSettings(currency="EUR").key_field
    'clmcrm_Key__c'
    """

    currency: str = field(validator=text)
    multi_currency: bool = field(default=False, validator=flag)
    country_codes: bool = field(default=False, validator=flag)
    key_field: str = KEY_FIELD
    extras: bool = field(default=True, validator=flag)
    contract_field: str | None = CONTRACT_FIELD
    terms_field: str = TERMS_FIELD
    custom: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])
    terms_shown: Mapping[str, str] = field(factory=dict[str, str])
    terms_on_opportunity: Mapping[str, str] = field(factory=dict[str, str])
    stages: Mapping[str, str] = field(factory=dict[str, str])
    new_opportunities: Mapping[str, str] | None = None

    def __attrs_post_init__(self) -> None:
        _ = currency(self.currency)
        own = [self.key_field, self.terms_field, *self.terms_shown.values(), *self.terms_on_opportunity.values()]
        own += [] if self.contract_field is None else [self.contract_field]
        own += [one for fields in self.custom.values() for one in fields.values()]
        for each in own:
            _ = name(each)
