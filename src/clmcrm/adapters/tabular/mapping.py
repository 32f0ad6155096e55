"""Which column holds what, and how its cells are to be read: guessed or declared, and always shown.

The rule of the file: a mapping holds every assumption that reading makes. What it does not declare is not
assumed: a date is then read in ISO order only, a number without groups only, a term only where it is stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import attrs
from attrs import field, frozen

from clmcrm.adapters.tabular.fields import (
    AMOUNTS,
    DATES,
    LENGTHS,
    MEANING,
    QUOTED,
    STARTS,
    BareRenewal,
    Century,
    Field,
    InitialTerm,
)
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.reading_amounts import PLAIN, NumberFormat
from clmcrm.clm.reading_dates import ISO, DateFormat
from clmcrm.clm.reading_lengths import Unit
from clmcrm.clm.reading_words import column_key
from clmcrm.clm.term_clauses import EndMeaning, NoticeReference, RenewalKind
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import currency
from clmcrm.values.validators import each, instance, maybe, member, text

_EARLIEST: Final = 1001  # a notice of 999 years still lies inside the calendar
_NAMED: Final = 10
_LATEST: Final = 7000  # and so do an initial term and a renewal of 999 years each
_PLACE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def _columns(inst: object, attribute: attrs.Attribute[Any], value: dict[Field, str]) -> None:
    for key, name in value.items():
        if not name.strip():
            raise InvalidRecord(type(inst).__name__, f"{attribute.name}.{key}", name, "a column's name")


def _known_currency(_inst: object, attribute: attrs.Attribute[Any], value: str) -> None:
    try:
        _ = value and currency(value)
    except InvalidRecord as refused:
        raise InvalidRecord("Mapping", attribute.name, value, refused.expected) from None


def _span_of_years(_inst: object, attribute: attrs.Attribute[Any], value: tuple[int, int]) -> None:
    if not _EARLIEST <= value[0] <= value[1] <= _LATEST:
        raise InvalidRecord("Mapping", attribute.name, value, f"two years from {_EARLIEST} to {_LATEST}")


def _one_sign(_inst: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None and (len(value) != 1 or value in '"\r\n'):
        raise InvalidRecord("Mapping", attribute.name, value, "one sign such as ; or a tab")


def _with_length(_inst: object, attribute: attrs.Attribute[Any], value: RenewalKind) -> None:
    if value in (RenewalKind.NONE, RenewalKind.INDEFINITE):
        raise InvalidRecord("Mapping", attribute.name, value.value, "tacit, express, mutual or option")


def _place_codes(_inst: object, attribute: attrs.Attribute[Any], value: dict[str, str]) -> None:
    for name, code in value.items():
        if not _PLACE.fullmatch(code):
            raise InvalidRecord("Mapping", f"{attribute.name}.{name}", code, "an ISO 3166 code such as FR or US-NY")


@frozen(kw_only=True)
class Mapping:
    """How a list of contracts is read.

    `columns` names the column of each field, `quotes` the column that holds a clause in the contract's own
    words. `date_format` and `number_format` are the columns' own; `currency` is the one of amounts that
    state none (empty: none). The contract starts on the first readable one of `start`.

    `years` bounds the years that are believed (both inside): a date outside is reported and becomes
    unknown. `century` repairs years before that check (None: nothing is repaired).
    `initial_term_when_unstated` says what a term is that is not stated (None: unknown). `end_means` says
    what a stated end means, `notice_reference` what notices are counted back from. `renewal_kind` is the
    kind of a renewal where neither the answer nor the quoted clause says it, `bare_renewal` how often one
    without a number comes. `units` is what a bare number counts, by field.

    `places` maps names of places to ISO 3166 codes, `kinds` the source's words to our kinds. With
    `fact_suffix`, each pair of unmapped columns "X" (a quote) and "X" + suffix (an answer) becomes a
    `ClauseFact` (empty: none does). `delimiter` and `encoding` are found where they are None.
    """

    columns: dict[Field, str] = field(factory=dict[Field, str], validator=_columns)
    quotes: dict[Field, str] = field(factory=dict[Field, str], validator=_columns)
    date_format: DateFormat = field(default=ISO, validator=instance(DateFormat))
    number_format: NumberFormat = field(default=PLAIN, validator=instance(NumberFormat))
    currency: str = field(default="", validator=_known_currency)
    start: tuple[Field, ...] = field(default=STARTS, validator=each(member(Field)))
    years: tuple[int, int] = field(default=(1950, 2199), validator=_span_of_years)
    century: Century | None = field(default=None, validator=maybe(instance(Century)))
    initial_term_when_unstated: InitialTerm | None = field(default=None, validator=maybe(member(InitialTerm)))
    end_means: EndMeaning = field(default=EndMeaning.UNSAID, validator=member(EndMeaning))
    renewal_kind: RenewalKind = field(default=RenewalKind.TACIT, validator=[member(RenewalKind), _with_length])
    bare_renewal: BareRenewal = field(default=BareRenewal.ONCE, validator=member(BareRenewal))
    notice_reference: NoticeReference = field(default=NoticeReference.UNSAID, validator=member(NoticeReference))
    units: dict[Field, Unit] = field(factory=dict[Field, Unit])
    places: dict[str, str] = field(factory=dict[str, str], validator=_place_codes)
    kinds: dict[str, ContractKind] = field(factory=dict[str, ContractKind])
    fact_suffix: str = ""
    delimiter: str | None = field(default=None, validator=_one_sign)
    encoding: str | None = field(default=None, validator=maybe(text))

    def show(self, header: Iterable[str] = ()) -> str:
        """The mapping as a table for a person: each field, its column, how it is read; then the choices.

        With the file's `header`, the columns that are not mapped are counted and named, too.

        >>> print(Mapping(columns={Field.EXPIRY: "Échéance"}).show(["Contrat", "Échéance"]).splitlines()[1])
        expiry  Échéance  the end of the initial term: a date written YYYY-MM-DD
        """
        rows = [("field", "column", "read as")]
        rows += [(key.value, name, f"{MEANING[key]}{self._form(key)}") for key, name in self.columns.items()]
        rows += [(f"{key.value} (quote)", name, "the clause in its own words") for key, name in self.quotes.items()]
        widths = [max(len(row[place]) for row in rows) for place in (0, 1)]
        lines = [f"{one:<{widths[0]}}  {two:<{widths[1]}}  {three}" for one, two, three in rows]
        return "\n".join([*lines, *self._choices(), *self._unmapped(header)])

    def _form(self, key: Field) -> str:
        if key in DATES:
            return f": a date written {self.date_format}"
        if key in AMOUNTS:
            return f": an amount written {self.number_format}" + (f" in {self.currency}" if self.currency else "")
        if key in LENGTHS and key in self.units:
            return f"; a bare number counts {self.units[key]}"
        return ""

    def _choices(self) -> list[str]:
        """Every assumption, in words."""
        term = self.initial_term_when_unstated
        return [
            f"starts on the first readable of: {', '.join(self.start)}",
            f"years believed: {self.years[0]} to {self.years[1]}",
            f"century: {self.century or 'nothing is repaired'}",
            f"an initial term that is not stated: {term or 'unknown'}",
            f"a stated end means: {self.end_means.replace('_', ' ')}",
            f"a renewal whose kind is not said: {self.renewal_kind}; without a number of times: {self.bare_renewal}",
            f"notice counts back from: {self.notice_reference.replace('_', ' ')}",
        ]

    def _unmapped(self, header: Iterable[str]) -> list[str]:
        names = list(header)
        if not names:
            return []
        taken = {column_key(name) for name in (*self.columns.values(), *self.quotes.values())}
        left = [name for name in names if column_key(name) not in taken]
        facts = f"; pairs with {self.fact_suffix!r} become facts about clauses" if self.fact_suffix else ""
        shown = ", ".join(left[:_NAMED]) + (", ..." if len(left) > _NAMED else "")
        named = f" ({shown})" if left else ""
        return [f"not mapped: {len(left)} of {len(names)} columns{named}, kept as they are{facts}"]


MAPPING_KEYS: Final = tuple(attribute.name for attribute in attrs.fields(Mapping))
"""The names a mapping file may use."""

QUOTED_FIELDS: Final = tuple(sorted(QUOTED))
"""The fields whose clause can be quoted."""
