"""What has to be known of an environment before anything can be read from it: its currency, its own columns."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from clmcrm.adapters.dataverse.odata import name
from clmcrm.values.currencies import currency
from clmcrm.values.validators import flag, text


@frozen(kw_only=True)
class OrgSettings:
    """One environment's own ways.

    `currency` is its base currency (ISO 4217), which stands for a row that names none. `prefix` is that of the
    publisher of our columns: `<prefix>_key` on every table we create rows in (text of 450, with an alternate key of
    it alone), `<prefix>_contract` on opportunity, and the table `<prefix>_contractterm` of terms.

    `extras` says whether every column that has no canonical name is read and kept. `custom` gives canonical fields a
    column of your own, by kind: `{"account": {"vat_number": "acme_vat"}}`; `terms_shown` shows single terms in
    columns of the table of terms, `terms_on_opportunity` in columns of the opportunity that the contract came of.

    >>> OrgSettings(currency="EUR").key
    'clmcrm_key'
    """

    currency: str = field(validator=text)
    prefix: str = field(default="clmcrm", validator=text)
    extras: bool = field(default=True, validator=flag)
    custom: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])
    terms_shown: Mapping[str, str] = field(factory=dict[str, str])
    terms_on_opportunity: Mapping[str, str] = field(factory=dict[str, str])

    def __attrs_post_init__(self) -> None:
        _ = currency(self.currency)
        own = [self.prefix, *self.terms_shown.values(), *self.terms_on_opportunity.values()]
        for each in [*own, *(one for fields in self.custom.values() for one in fields.values())]:
            _ = name(each)

    @property
    def key(self) -> str:
        """The column that carries our key."""
        return f"{self.prefix}_key"

    @property
    def contract(self) -> str:
        """The column of an opportunity that names the contract in the CLM."""
        return f"{self.prefix}_contract"

    @property
    def terms_table(self) -> str:
        """The table of contract terms; its rows are `<table>s`, their ids stand in `<table>id`."""
        return f"{self.prefix}_contractterm"

    @property
    def terms(self) -> str:
        """The column of the terms as they were written, in that table."""
        return f"{self.prefix}_terms"
