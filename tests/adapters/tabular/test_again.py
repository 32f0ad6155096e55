"""A list that is loaded again changes what its columns say, and nothing that was entered since."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.embedded import open_embedded
from clmcrm.adapters.tabular.again import loaded_again
from clmcrm.adapters.tabular.contracts import load_contracts
from clmcrm.adapters.tabular.mapping import Mapping
from clmcrm.cli.main import run
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields, to_fields

FIRST = datetime(2026, 11, 23, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
HEADER = "id,title,effective date,expiration date,owner\n"
PRICE = {"amount": "120.00", "currency": "EUR"}
ENTERED: dict[str, Any] = {
    "lines": [{"id": "1", "description": "monitoring", "price": PRICE, "recurrence": "P1M"}],
    "renewal_owner": "U-9",
    "special_terms": "agreed by letter",
    "clauses": [{"is": "restriction", "kind": "exclusivity", "binds": "own", "citation": "art. 6"}],
    "notice": {"is": "notice_clause", "length": "P3M", "citation": "art. 9.2"},
}  # fmt: skip
"""What a person or another system enters, of which the list has no column."""


def changed(
    kept: dict[str, Any], read: dict[str, Any], mapping: Mapping, at: datetime | None = LATER
) -> dict[str, Any]:
    return dict(loaded_again(kept, read, mapping, at))


def row(text: str, at: datetime = FIRST, header: str = HEADER) -> tuple[dict[str, Any], Mapping]:
    loaded = load_contracts(header + text + "\n", name="list.csv", recorded_at=at)
    fields = to_fields(loaded.contracts[0])
    del fields["id"]
    return fields, loaded.mapping


def test_what_was_entered_since_stays() -> None:
    """Loading the list of the month before took lines, owners and a termination back without a word."""
    read, mapping = row("C-1,Lift,2024-06-01,2026-05-31,U-1")
    ended = {
        "is": "terminated",
        "at": "2026-01-10T00:00:00+00:00",
        "by": "Eve",
        "ground": "cause",
        "last_day": "2026-03-31",
    }
    kept = {
        **read, **ENTERED,
        "events": [*read["events"], ended],
        "refs": [*read["refs"], {"system": "erp", "object": "contracts", "key": "77"}],
        "provenance": [*read["provenance"], {"field": "notice", "source": "scan.pdf", "span": "p. 4"}],
    }  # fmt: skip
    again, _ = row("C-1,Lifts,2024-06-01,,U-2", LATER)
    changes = changed(kept, again, mapping)
    assert {name: changes.pop(name) for name in ("title", "kind_detail", "owner")} == {
        "title": "Lifts", "kind_detail": "Lifts", "owner": "U-2",
    }  # fmt: skip
    assert changes.pop("term") != read["term"]
    assert {one["field"] for one in changes.pop("provenance")} == {"effective_on", "notice"}
    assert changes == {}
    assert isinstance(from_fields(Contract, {"id": "C-1", **kept, **changed(kept, again, mapping)}), Contract)


def test_a_column_that_is_emptied_takes_its_field_back_and_one_that_is_not_there_does_not() -> None:
    kept, _ = row("C-1,Lift,2024-06-01,2026-05-31,U-1")
    read, mapping = row("C-1,Lift,2024-06-01,2026-05-31,")
    assert changed(kept, read, mapping) == {"owner": None}
    read, mapping = row("C-1,2024-06-01", header="id,effective date\n")
    assert "owner" not in changed(kept, read, mapping)
    assert "title" not in changed(kept, read, mapping)
    assert "kind_detail" not in changed(kept, read, mapping)


def test_a_contract_without_a_day_is_recorded_when_it_was_first_loaded() -> None:
    """The same list on another day counted every contract without a day as updated, and recorded it anew."""
    kept, mapping = row("C-1,Lift,,,")
    again, _ = row("C-1,Lift,,,", LATER)
    assert (kept["events"][0]["at"], again["events"][0]["at"]) == (FIRST.isoformat(), LATER.isoformat())
    assert changed(kept, again, mapping) == {}
    dated, _ = row("C-1,Lift,2025-02-03,,", LATER)
    (event,) = changed(kept, dated, mapping)["events"]
    assert event["at"] == "2025-02-03T00:00:00+00:00"


def test_what_was_recorded_elsewhere_is_not_recorded_again_by_a_list() -> None:
    read, mapping = row("C-1,Lift,2024-06-01,,")
    kept = {**read, "events": [{"is": "recorded_as_executed", "at": "2024-05-20T00:00:00+00:00", "by": "archive"}]}
    assert changed(kept, read, mapping) == {}


def test_answers_follow_the_list_and_clauses_of_a_person_stay() -> None:
    pairs = ("Expiration Date", "Exclusivity", "Audit", "Cap")
    header = f"id,title,{','.join(f'{name},{name}-Answer' for name in pairs)}\n"
    read, mapping = row("C-1,t,,,sole,Yes,,,,", header=header)
    assert (mapping.fact_suffix, len(read["clauses"])) == ("-Answer", 2)
    own = {"is": "restriction", "kind": "exclusivity", "binds": "own", "citation": "art. 6"}
    again, _ = row("C-1,t,,,,,none,No,,", header=header)
    changes = changed({**read, "clauses": [*read["clauses"], own]}, again, mapping)
    assert changes["clauses"] == [*again["clauses"], own]


CELLS = st.sampled_from(["", "2024-06-01", "2025-02-03", "hearsay", "U-1"])


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
def test_a_list_loaded_twice_changes_nothing_the_second_time(rows: list[tuple[str, str, str]]) -> None:
    kept: dict[str, Any] = dict(ENTERED)
    for begins, ends, owner in rows:
        said = f"C-1,Lift,{begins},{ends},{owner}"
        read, mapping = row(said)
        kept |= changed(kept, read, mapping, FIRST)
        again, _ = row(said, LATER)
        assert changed(kept, again, mapping) == {}
        assert {name: kept[name] for name in ENTERED} == ENTERED


@pytest.mark.parametrize("today", ["2026-11-23", "2027-05-05"])
def test_the_command_keeps_what_was_entered_since(today: str, tmp_path: Path) -> None:
    table, file = tmp_path / "list.csv", tmp_path / "both.sqlite"
    _ = table.write_text(HEADER + "C-1,Lift,,,U-1\nC-2,Gas,2024-06-01,,\n")
    said = io.StringIO()
    assert run(["load", str(table), "--file", str(file), "--today", "2026-11-23"], said, said) == 0
    with open_embedded(file) as both:
        _ = both.clm.edit("contract", "C-1", ENTERED)
    said = io.StringIO()
    _ = run(["load", str(table), "--file", str(file), "--today", today], said, said)
    assert "2 contracts: 2 unchanged" in said.getvalue()
    with open_embedded(file) as both:
        (kept,) = both.clm.read("contract", ["C-1"])
    assert {name: kept.fields[name] for name in ENTERED} == ENTERED
