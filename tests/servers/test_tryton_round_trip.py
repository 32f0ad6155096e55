"""Every field that Tryton declares goes into our record and back unchanged; the page of losses names the others.

The fields are those of the server's own description (`fields_get`), other modules' included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from serving_tryton import running
from tryton_desk import TrytonDesk

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.extras import loss_table
from clmcrm.adapters.tryton.wire import RefusedByServer, StaleRecords
from clmcrm.codec.records import from_fields
from clmcrm.errors import AdapterError
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Kind, Update

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "losses_tryton.md"
REFUSALS: Final = (AdapterError, RefusedByServer, StaleRecords)
KINDS: Final = (Kind.ACCOUNT, Kind.OPPORTUNITY)
BY_TYPE: Final[Mapping[str, Any]] = {
    "text": "two\nlines", "integer": 7, "bigint": 7, "float": 0.5, "numeric": Decimal("12.50"), "boolean": True,
    "date": date(2026, 5, 7), "datetime": datetime(2026, 5, 7, 9, 30, tzinfo=UTC),
    "timestamp": datetime(2026, 5, 7, 9, 30, tzinfo=UTC),
}  # fmt: skip
AS_IT_IS: Final = frozenset({"active", "party", "company", "state", "currency"})
"""Fields that say of which kind the record is, or whose."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesk]:
    with running(tmp_path_factory.mktemp("tryton")) as server:
        yield TrytonDesk(server)


def candidate(desk: TrytonDesk, name: str, told: Mapping[str, Any]) -> Any:
    """Some value for a field; None when there is none to try."""
    kind = told["type"]
    if kind == "char":
        return f"{name[:20]} x"
    if kind == "selection":
        words = told.get("selection")
        return words[-1][0] if isinstance(words, list) and words else None
    if kind in ("many2one", "many2many") and told.get("relation"):
        try:
            found = desk.do(told["relation"], "search", [], 0, 1, [["id", "DESC"]])
        except REFUSALS:
            return None
        return (found[0] if kind == "many2one" else [["add", found]]) if found else None
    return BY_TYPE.get(kind)


def put(desk: TrytonDesk, model: str, number: int, name: str, value: Any) -> bool:
    """Whether the server takes that value."""
    try:
        _ = desk.do(model, "write", [number], {name: value})
    except REFUSALS:
        return False
    return True


def raw(desk: TrytonDesk, model: str, number: int, names: list[str]) -> dict[str, Any]:
    (row,) = desk.do(model, "read", [number], names)
    return {name: sorted(row[name]) if isinstance(row[name], list | tuple) else row[name] for name in names}


@pytest.mark.parametrize("kind", KINDS)
def test_every_declared_field_survives_read_record_write(desk: TrytonDesk, kind: Kind) -> None:
    crm = desk.crm()
    held = crm.kinds[kind]
    declared = desk.driver.run(crm.session.fields(held.model))
    party = desk.account(f"round trip {kind}", email="ada@example.org")
    number = party if kind is Kind.ACCOUNT else desk.opportunity(party, "round trip", "10.00")
    lost = held.losses(declared)
    tried = [
        name
        for name, told in declared.items()
        if name not in lost and told["type"] != "one2many" and name not in AS_IT_IS
        and (value := candidate(desk, name, told)) is not None
        and put(desk, held.model, number, name, value)
    ]  # fmt: skip
    before = raw(desk, held.model, number, tried)
    (seen,) = desk.driver.run(crm.read(kind, [str(number)]))
    assert not seen.unreadable
    _ = from_fields(RECORDS[kind], {**stated(seen.fields), "id": seen.key})
    for name in tried:  # emptied as far as Tryton lets it be, so that only what we write back is there afterwards
        many = declared[name]["type"] == "many2many"
        _ = put(desk, held.model, number, name, [["remove", before[name]]] if many else None)
    empty = raw(desk, held.model, number, tried)
    ours = {"extras", "contract"} if kind is Kind.OPPORTUNITY else crm.capabilities.holds[kind]
    fields = {name: value for name, value in seen.fields.items() if name in ours and value is not None}
    whole = desk.crm(accounts=[])  # emptied of its category, it is no customer
    (now,) = desk.driver.run(whole.read(kind, [str(number)]))
    update = Update(kind=kind, key=str(number), fields=fields, expected=now.version)
    (outcome,) = desk.driver.run(whole.write([update]))
    assert outcome.ok, outcome.why
    after = raw(desk, held.model, number, tried)
    restored = [name for name in tried if empty[name] != before[name]]
    print(f"{kind}: {len(tried)} of {len(declared)} fields filled, {len(restored)} emptied and restored")  # noqa: T201 - a measure
    assert len(restored) > len(tried) // 3
    assert {name: (before[name], after[name]) for name in tried if before[name] != after[name]} == {}


def test_the_page_names_every_loss_and_no_other(desk: TrytonDesk, tmp_path: Path) -> None:
    crm = desk.crm()
    models = [crm.kinds[kind] for kind in KINDS]
    losses = {held.model: held.losses(desk.driver.run(crm.session.fields(held.model))) for held in models}
    table = loss_table(losses)
    _ = (tmp_path / "losses.md").write_text(table, encoding="utf-8")
    assert table in PAGE.read_text(encoding="utf-8"), f"the table of today is in {tmp_path / 'losses.md'}"
