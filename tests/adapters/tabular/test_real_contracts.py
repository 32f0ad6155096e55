"""Real contracts with all their noise: every row in, every unreadable cell listed, every deadline explained.

The folder is named by CLMCRM_DATA (shared/data beside the checkout by default) and the normalised rows by
CLMCRM_REFERENCE; any file of the same form will do, nothing here is keyed on a row.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clmcrm.adapters.tabular.contracts import Loaded, load_contracts
from clmcrm.adapters.tabular.mapping_file import load_mapping
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.notice import first_notice_deadline
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.values.partial import Unknown, known

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("CLMCRM_DATA", ROOT.parent / "shared" / "data")) / "cuad_contracts.csv"
REFERENCE = Path(os.environ.get("CLMCRM_REFERENCE", ROOT.parent / "shared" / "vectors"))
# The folder itself, or the one it is `vectors` of, as for the other reference vectors.
TERMS = next(
    filter(Path.is_file, (folder / "cuad_terms.json" for folder in (REFERENCE, REFERENCE / "vectors"))),
    REFERENCE / "cuad_terms.json",
)
AGREEMENT, EFFECTIVE, EXPIRY = "Agreement Date-Answer", "Effective Date-Answer", "Expiration Date-Answer"
RENEWAL, NOTICE = "Renewal Term-Answer", "Notice Period To Terminate Renewal- Answer"


@cache
def rows() -> list[dict[str, str]]:
    if not DATA.is_file():
        pytest.skip(f"no contracts at {DATA}")
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    _ = rows()
    return load_contracts(DATA, load_mapping(ROOT / "examples" / "cuad_mapping.toml"))


# A second, tiny implementation of "can be read", by other means than the first.


def exact_day(cell: str) -> date | None:
    try:
        return datetime.strptime(cell.strip(), "%m/%d/%Y").date()  # noqa: DTZ007 - only the day is taken
    except ValueError:
        return None


WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
READABLE: dict[str, Callable[[str], object]] = {
    AGREEMENT: lambda cell: exact_day(cell) is not None,
    EFFECTIVE: lambda cell: exact_day(cell) is not None,
    EXPIRY: lambda cell: exact_day(cell) is not None or cell.strip().lower() == "perpetual",
    RENEWAL: lambda cell: re.fullmatch(
        r"perpetual|([a-z]+ \()?((\d+ )?suc\w+ |\d+ )?[\d.]+\)? (day|month|year)s?", cell.strip().lower()
    ),
    NOTICE: lambda cell: re.fullmatch(rf"(0*[1-9]\d*|{WORDS}) (day|week|month|year)s?", cell.strip().lower()),
}


def readable(row: dict[str, str], column: str) -> bool:
    return bool(READABLE[column](row[column]))


def test_every_row_becomes_a_contract(loaded: Loaded) -> None:
    assert loaded.rows == loaded.kept == len(rows())
    assert [contract.id for contract in loaded.contracts] == [row["Filename"].strip() for row in rows()]
    assert all(contract.kind_detail for contract in loaded.contracts)


def test_every_unreadable_cell_is_listed_and_no_readable_one_is(loaded: Loaded) -> None:
    unread = {
        (f"row {number}", column, row[column])
        for number, row in enumerate(rows(), 2)
        for column in READABLE
        if row[column].strip() and not readable(row, column)
    }
    listed = {
        (problem.where, problem.field, problem.value)
        for problem in loaded.problems
        if problem.what.startswith(("is unread", "is no exact date")) and problem.field in READABLE
    }
    assert listed == unread
    assert unread


def test_every_year_a_century_early_is_repaired_and_reported(loaded: Loaded) -> None:
    by_id = {str(contract.id): contract for contract in loaded.contracts}
    early = [
        (f"row {number}", column, row, day)
        for number, row in enumerate(rows(), 2)
        for column in (AGREEMENT, EFFECTIVE, EXPIRY)
        if (day := exact_day(row[column])) is not None and day.year < 1950
    ]
    repaired = [(problem.where, problem.field) for problem in loaded.problems if "100 years later" in problem.what]
    assert sorted(repaired) == sorted((where, column) for where, column, _, _ in early)
    for _, column, row, day in early:
        term = by_id[row["Filename"].strip()].term
        if column == EXPIRY and isinstance(term, Unknown):
            assert "lies before the start" in term.reason
        elif column == EXPIRY:
            assert isinstance(term, TermClause)
            assert term.ends_on == day.replace(year=day.year + 100)


def test_an_end_before_the_start_is_reported_and_not_used(loaded: Loaded) -> None:
    for number, (row, contract) in enumerate(zip(rows(), loaded.contracts, strict=True), 2):
        start, end = exact_day(row[EFFECTIVE]) or exact_day(row[AGREEMENT]), exact_day(row[EXPIRY])
        if start is None or end is None or end.year < 1950 or end >= start:
            continue
        assert isinstance(contract.term, Unknown)
        assert "lies before the start" in contract.term.reason
        assert any(problem.where == f"row {number}" and "is not used" in problem.what for problem in loaded.problems)


def test_a_deadline_for_every_row_that_allows_one_and_a_reason_for_every_other(loaded: Loaded) -> None:
    reasons = {one.row: one.reason for one in loaded.reasons}
    for number, (row, contract) in enumerate(zip(rows(), loaded.contracts, strict=True), 2):
        found = first_notice_deadline(contract)
        assert isinstance(found, Deadline) == (number not in reasons)
        start = readable(row, EFFECTIVE) or readable(row, AGREEMENT)
        if not ((start or readable(row, EXPIRY)) and readable(row, RENEWAL) and readable(row, NOTICE)):
            continue
        if isinstance(found, NoDeadline):
            assert ("may be given on any day" in reasons[number]) is (
                "perpetual" in (row[EXPIRY] + row[RENEWAL]).lower()
            )
            assert "may be given on any day" in reasons[number] or "before the contract began" in reasons[number]
        elif isinstance(found, Unknown):
            assert "lies before the start" in reasons[number]
        else:
            assert found.safe_day <= found.last_day <= found.latest_arguable
            assert found.last_day < found.ends_on
    assert all(reasons.values())
    assert loaded.deadlines > 0


def test_an_assumed_term_is_told_by_the_steps_of_its_deadline(loaded: Loaded) -> None:
    assumed = [c for c in loaded.contracts if isinstance(c.term, TermClause) and "assumed" in c.term.citation]
    for contract in assumed:
        found = first_notice_deadline(contract)
        if isinstance(found, Deadline):
            assert any("assumed" in step.what for step in found.steps)


# The same rows, normalised by somebody else.


def usable() -> list[dict[str, Any]]:
    if not TERMS.is_file():
        pytest.skip(f"no normalised rows at {TERMS}")
    vectors: list[dict[str, Any]] = json.loads(TERMS.read_text(encoding="utf-8"))["renewal_usable"]
    return vectors


def normalised(contract: Contract) -> dict[str, Any]:
    """What we read, in the form of the reference."""
    renewal, notice, term = contract.renewal, contract.notice, contract.term
    assert isinstance(renewal, RenewalClause)
    assert isinstance(notice, NoticeClause)
    length = renewal.length
    assert length is not None
    return {
        "start": known(contract.effective_on),
        "initial_expiration": known(term.ends_on) if isinstance(term, TermClause) else None,
        "renewal": (length.whole_months, length.loose_days),
        "times": renewal.times,
        "notice": (notice.length.whole_months, notice.length.loose_days),
    }


def expected(vector: dict[str, Any]) -> dict[str, Any]:
    months = {"year": 12, "month": 1, "day": 0}

    def length(n: float, unit: str) -> tuple[int, int]:
        return round(n * months[unit]), round(n) if unit == "day" else 0

    renewal = vector["renewal"]
    once = None if renewal["successive"] else 1
    return {
        "start": date.fromisoformat(vector["start"]),
        "initial_expiration": date.fromisoformat(vector["initial_expiration"]),
        "renewal": length(renewal["n"], renewal["unit"]),
        "times": once if renewal["max_count"] is None else renewal["max_count"],
        "notice": length(vector["notice"]["n"], vector["notice"]["unit"]),
    }


# Where we differ on purpose: the field, and what the list of problems says about the row.
DIFFERENCES = {
    # An end before the start is not used.
    "initial_expiration": "lies before the start",
    # "2 years" where the quoted clause renews "for additional two year terms": silence would miss deadlines.
    "times": "the quoted clause speaks of several renewals: read as repeated",
}


def test_what_we_read_equals_the_reference_but_for_differences_with_a_reason(loaded: Loaded) -> None:
    by_id = {str(contract.id): contract for contract in loaded.contracts}
    row_of = {row["Filename"].strip(): f"row {number}" for number, row in enumerate(rows(), 2)}
    compared = 0
    for vector in usable():
        contract = by_id.get(vector["file"])
        if contract is None:
            continue
        compared += 1
        ours, theirs = normalised(contract), expected(vector)
        for name in (name for name in theirs if ours[name] != theirs[name]):
            said = [problem.what for problem in loaded.problems if problem.where == row_of[vector["file"]]]
            assert name in DIFFERENCES, (vector["file"], name, ours[name], theirs[name])
            assert any(DIFFERENCES[name] in what for what in said), (vector["file"], name, said)
    assert compared == len([vector for vector in usable() if vector["file"] in by_id])


def test_most_real_renewals_come_by_themselves_and_options_are_told_apart(loaded: Loaded) -> None:
    kinds = [c.renewal.kind for c in loaded.contracts if isinstance(c.renewal, RenewalClause)]
    assert kinds.count(RenewalKind.TACIT) > len(kinds) / 2
    options = {
        c.id for c in loaded.contracts if isinstance(c.renewal, RenewalClause) and c.renewal.kind is RenewalKind.OPTION
    }
    told = {problem.where for problem in loaded.problems if "read as an option" in problem.what}
    assert len(options) == len(told)
