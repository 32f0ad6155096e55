"""Contracts out of a CSV file: every row kept, every unreadable cell reported, every missing deadline explained.

The rule of the file: loading never raises for what a row holds; only a file that cannot be read, or a mapping
that does not fit it, does.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path, PurePath
from typing import BinaryIO, Final

from attrs import field, frozen

from clmcrm.adapters.tabular.cells import Sheet, open_sheet
from clmcrm.adapters.tabular.columns import meant
from clmcrm.adapters.tabular.fields import Field
from clmcrm.adapters.tabular.layout import SYSTEM, Layout, RowReading, lay_out, quoted_words
from clmcrm.adapters.tabular.mapping import Mapping
from clmcrm.adapters.tabular.terms import Agreed, agreed
from clmcrm.clm.clauses import AnyClause, ClauseFact, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.events import RecordedAsExecuted
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.notice import first_notice_deadline
from clmcrm.clm.reading_amounts import read_amount
from clmcrm.clm.reading_places import read_place
from clmcrm.clm.reading_words import column_key, values_in
from clmcrm.errors import DateRuleError
from clmcrm.values.ids import AccountId, ContractId, OpportunityId, Ref, UserId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.provenance import Provenance

_RESTRICTIONS: Final = {
    **dict.fromkeys(("exclusivity", "exclusivite"), RestrictionKind.EXCLUSIVITY),
    **dict.fromkeys(("non compete", "non concurrence"), RestrictionKind.NON_COMPETE),
    **dict.fromkeys(
        ("most favored nation", "most favoured nation", "client le plus favorise"),
        RestrictionKind.MOST_FAVOURED_CUSTOMER,
    ),
    **dict.fromkeys(("price restrictions", "restrictions de prix"), RestrictionKind.PRICE),
    **dict.fromkeys(("volume restriction", "restriction de volume"), RestrictionKind.VOLUME),
    "no solicit of customers": RestrictionKind.NO_SOLICIT_CUSTOMERS,
    "no solicit of employees": RestrictionKind.NO_SOLICIT_EMPLOYEES,
    "rofr rofo rofn": RestrictionKind.FIRST_REFUSAL,
    **dict.fromkeys(("anti assignment", "incessibilite"), RestrictionKind.NO_ASSIGNMENT),
    **dict.fromkeys(("change of control", "changement de controle"), RestrictionKind.CHANGE_OF_CONTROL),
}
_KINDS: Final = {
    **dict.fromkeys(("sales", "sale", "vente", "ventes", "client", "customer"), ContractKind.SALES),
    **dict.fromkeys(
        ("procurement", "purchase", "supply", "achat", "achats", "fournisseur", "supplier"),
        ContractKind.PROCUREMENT,
    ),
    **dict.fromkeys(("partnership", "partenariat", "alliance"), ContractKind.PARTNERSHIP),
    **dict.fromkeys(("employment", "travail", "contrat de travail"), ContractKind.EMPLOYMENT),
    **dict.fromkeys(("lease", "rental", "bail", "location", "bail commercial"), ContractKind.LEASE),
    **dict.fromkeys(
        ("nda", "confidentiality", "confidentialite", "accord de confidentialite", "non disclosure agreement"),
        ContractKind.NDA,
    ),
    **dict.fromkeys(("regulatory", "reglementaire"), ContractKind.REGULATORY),
}
_YES: Final = frozenset({"yes", "oui", "y", "o", "true", "vrai", "x"})
_PROVENANCE: Final = (
    (Field.AGREEMENT, "executed_on"),
    (Field.EXPIRY, "term"),
    (Field.TERM, "term"),
    (Field.RENEWAL, "renewal"),
    (Field.NOTICE, "notice"),
)


@frozen(kw_only=True)
class Undated:
    """A contract for which no notice deadline can be computed: its spreadsheet `row`, and the `reason`."""

    row: int
    contract: ContractId
    reason: str

    def __str__(self) -> str:
        """Row, contract and reason."""
        return f"row {self.row} ({self.contract}): {self.reason}"


@frozen(kw_only=True)
class Loaded:
    """What a file gave.

    `rows` is how many rows with anything in them the file has and `kept` how many became contracts: the two
    are equal. `problems` are every reported cell in the file's order; `reasons` the contracts without a
    deadline for the notice that stops their first renewal, each with why. `columns` are the file's own.
    """

    name: str
    mapping: Mapping
    columns: tuple[str, ...]
    rows: int
    contracts: tuple[Contract, ...] = field(repr=False)
    problems: tuple[Problem, ...] = field(repr=False)
    reasons: tuple[Undated, ...] = field(repr=False)

    @property
    def kept(self) -> int:
        """How many rows became contracts."""
        return len(self.contracts)

    @property
    def deadlines(self) -> int:
        """For how many contracts a notice deadline was computed."""
        return self.kept - len(self.reasons)

    def __str__(self) -> str:
        """One line for a person."""
        counts = (
            f"{self.kept} of {self.rows} rows kept, {len(self.problems)} problems, {self.deadlines} notice deadlines"
        )
        return f"{self.name}: {counts}"


def load_contracts(
    source: Path | str | BinaryIO,
    mapping: Mapping | None = None,
    *,
    name: str | None = None,
    recorded_at: datetime | None = None,
) -> Loaded:
    r"""The contracts of a CSV file (a `Path`), CSV text (a `str`) or a stream of bytes, read as `mapping` declares.

    Without a mapping the header's guess is used (`Loaded.mapping`, to be shown). `name` is what problems and
    derived ids call the source. A contract is recorded as executed on its agreement date (its first day
    where that is not known, at 00:00 UTC), else at `recorded_at` (aware; None: no such event, and a problem).
    Ids come from the id column, else from the name and the row, and are the same on every load.

    Raises `UnreadableInput` for a file that cannot be read, for a mapping that does not fit it or names no column, and,
    where a mapping has to be guessed, for a file none of whose columns is recognised.

    >>> found = load_contracts("id,effective date,expiry,renewal,notice\nC-1,2025-01-01,2026-12-31,1 year,3 months\n")
    >>> print(found)
    text: 1 of 1 rows kept, 0 problems, 1 notice deadlines
    """
    given = mapping or Mapping()
    sheet = open_sheet(source, name=name, delimiter=given.delimiter, encoding=given.encoding)
    layout = lay_out(meant(mapping, sheet), sheet)
    problems = list(sheet.problems)
    contracts: list[Contract] = []
    reasons: list[Undated] = []
    ids: Counter[str] = Counter()
    for row in sheet.rows():
        reading = RowReading(layout, row)
        contract = _contract(reading, _id(reading, sheet, ids), recorded_at)
        why = why_undated(contract)
        if why is not None:
            reasons.append(Undated(row=row.number, contract=contract.id, reason=why))
        contracts.append(contract)
        problems += [*row.problems, *reading.problems]
    return Loaded(
        name=sheet.name,
        mapping=layout.mapping,
        columns=sheet.columns,
        rows=len(contracts),
        contracts=tuple(contracts),
        problems=tuple(problems),
        reasons=tuple(reasons),
    )


def why_undated(contract: Contract) -> str | None:
    """Why no deadline can be computed for the notice that stops the first renewal; None when one can be."""
    try:
        found = first_notice_deadline(contract)
    except DateRuleError as refused:  # a term that leads beyond the calendar
        return str(refused)
    if isinstance(found, Deadline):
        return None
    return found.reason if isinstance(found, Unknown) else str(found)


def _id(reading: RowReading, sheet: Sheet, ids: Counter[str]) -> ContractId:
    """The contract's key: from its column, else from the file and the row; a second one of a name is told apart."""
    stated = reading.cell(Field.ID)
    key = stated or f"{PurePath(sheet.name).stem}-{reading.row.number}"
    while ids[key]:
        if key == stated:
            reading.flag(Field.ID, "names an earlier row's contract too; this one is told apart by its row")
        key = f"{key} (row {reading.row.number})"
    ids[key] += 1
    return ContractId(key)


def _contract(reading: RowReading, key: ContractId, recorded_at: datetime | None) -> Contract:
    found = agreed(reading)
    kind, detail = _kind(reading)
    title = reading.cell(Field.TITLE)
    law = reading.cell(Field.LAW)
    account, opportunity, owner = (reading.cell(one) or None for one in (Field.ACCOUNT, Field.OPPORTUNITY, Field.OWNER))
    place, total, annual = _place(reading), _amount(reading, Field.TOTAL_VALUE), _amount(reading, Field.ANNUAL_VALUE)
    events = _events(reading, found, recorded_at)
    return Contract(
        id=key,
        number=reading.cell(Field.NUMBER),
        title=title or detail or reading.cell(Field.NUMBER) or key,
        kind=kind,
        kind_detail=detail,
        counterparty=None if account is None else AccountId(account),
        opportunity=None if opportunity is None else OpportunityId(opportunity),
        owner=None if owner is None else UserId(owner),
        names_in_text=values_in(reading.cell(Field.PARTIES)),
        executed_on=found.executed_on,
        effective_on=found.effective_on,
        term=found.term,
        renewal=found.renewal,
        notice=found.notice,
        clauses=_clauses(reading),
        governing_law=law,
        governing_place=place,
        total_value=total,
        annual_value=annual,
        purchase_order=reading.cell(Field.PURCHASE_ORDER),
        events=events,
        refs=(Ref(SYSTEM, reading.layout.file, key),),
        extras=reading.extras(),
        provenance=_provenance(reading, found),
    )


def _kind(reading: RowReading) -> tuple[ContractKind, str]:
    """Our kind, and the source's word for it (the document's name where no column says it)."""
    said = reading.cell(Field.KIND)
    declared = {column_key(word): kind for word, kind in reading.layout.mapping.kinds.items()}
    key = column_key(said)
    return declared.get(key) or _KINDS.get(key, ContractKind.CUSTOM), said or reading.cell(Field.TITLE)


def _place(reading: RowReading) -> str | None:
    law = reading.cell(Field.LAW)
    found = read_place(law, reading.layout.mapping.places)
    if not isinstance(found, Unknown):
        return found
    if law:
        reading.flag(Field.LAW, f"names no one place: {found.reason}", severity=Severity.NOTE)
    return None


def _amount(reading: RowReading, key: Field) -> Money | None:
    cell, mapping = reading.cell(key), reading.layout.mapping
    if not cell:
        return None
    found = read_amount(cell, mapping.number_format, mapping.currency, reading.cell(Field.CURRENCY))
    if isinstance(found, Money):
        return found
    expected = f"an amount written {mapping.number_format}, with a currency"
    reading.flag(key, f"is unread: {found.reason}", expected=expected)
    return None


def _events(reading: RowReading, found: Agreed, recorded_at: datetime | None) -> tuple[RecordedAsExecuted, ...]:
    """That the contract is on record as executed: when it was signed, or took effect, or was recorded."""
    days = [day for day in (found.executed_on, found.effective_on) if isinstance(day, date)]
    at = datetime.combine(days[0], time(0), tzinfo=UTC) if days else recorded_at
    if at is None:
        what = "leaves no day to record the contract as executed; pass recorded_at to do so all the same"
        reading.flag(Field.AGREEMENT, what, severity=Severity.NOTE)
        return ()
    return (RecordedAsExecuted(at, f"{SYSTEM}:{reading.layout.file}", note=reading.row.where),)


def _clauses(reading: RowReading) -> tuple[AnyClause, ...]:
    """A fact for each answered category, and a restriction where a category is one and the answer is yes."""
    found: list[AnyClause] = []
    for columns in reading.layout.facts:
        answer = reading.row.cells[columns.answer].strip()
        quote = quoted_words(reading.row.cells[columns.quote])
        if not answer and not quote:
            continue
        found.append(ClauseFact(category=columns.category, answer=answer, quote=quote))
        kind = _RESTRICTIONS.get(columns.key)
        if kind is not None and column_key(answer) in _YES:
            # Which side is bound is not answered.
            found.append(Restriction(kind=kind, binds=Party.EITHER, quote=quote))
    return tuple(found)


def _provenance(reading: RowReading, found: Agreed) -> tuple[Provenance, ...]:
    """The cell that each date and clause was read from."""
    layout: Layout = reading.layout
    cells = [(found.started, "effective_on"), *_PROVENANCE]
    return tuple(
        Provenance(field=name, source=layout.file, span=reading.span(key)) for key, name in cells if reading.cell(key)
    )
