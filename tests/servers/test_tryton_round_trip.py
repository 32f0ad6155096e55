"""Every field that Tryton declares goes into our record and back unchanged, but for those that it keeps to itself.

The fields are those of the server's own description (`fields_get`), other modules' included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from serving_tryton import running
from tryton_desk import TrytonDesk

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.extras import EXTRAS, Carry, loss_table
from clmcrm.adapters.tryton.carrying import PARTS, READ_ONLY, asked_for
from clmcrm.adapters.tryton.wire import RefusedByServer, StaleRecords
from clmcrm.codec.records import from_fields
from clmcrm.errors import AdapterError
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Kind, Seen, Update

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "losses_tryton.md"
REFUSALS: Final = (AdapterError, RefusedByServer, StaleRecords)
KINDS: Final = (Kind.ACCOUNT, Kind.OPPORTUNITY)
BY_TYPE: Final[Mapping[str, Any]] = {
    "text": "two\nlines", "integer": 7, "bigint": 7, "float": 0.5, "numeric": Decimal("12.50"), "boolean": True,
    "date": date(2026, 5, 7), "datetime": datetime(2026, 5, 7, 9, 30, tzinfo=UTC),
    "timestamp": datetime(2026, 5, 7, 9, 30, tzinfo=UTC),
}  # fmt: skip
BY_NAME: Final = {"sale_invoice_method": "order", "sale_shipment_method": "order"}
"""What a field of that name takes whose words the description leaves to a method of the server."""
WHICH: Final[Mapping[str, list[Any]]] = {
    "customer_location": [["type", "=", "customer"]], "supplier_location": [["type", "=", "supplier"]],
    "delivered_to_warehouses": [["type", "=", "warehouse"]],
}  # fmt: skip
"""Which record a field takes, where its own domain asks for it."""
AS_IT_IS: Final = frozenset({"active", "party", "company", "state", "currency"})
"""Fields that say of which kind the record is, or whose."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesk]:
    with running(tmp_path_factory.mktemp("tryton")) as server:
        yield TrytonDesk(server)


def candidate(desk: TrytonDesk, name: str, told: Mapping[str, Any]) -> Any:
    """Some value for a field; None when there is none to try."""
    kind = told["type"]
    if name in BY_NAME:
        return BY_NAME[name]
    if kind == "char":
        return f"{name[:20]} x"
    if kind == "selection":
        words = told.get("selection")
        return words[-1][0] if isinstance(words, list) and words else None
    if kind in ("many2one", "many2many") and told.get("relation"):
        found = last(desk, told["relation"], WHICH.get(name, []))
        return (found[0] if kind == "many2one" else [["add", found]]) if found else None
    return BY_TYPE.get(kind)


def last(desk: TrytonDesk, model: str, domain: list[Any]) -> list[int]:
    """The newest record that meets a domain; none where the user may not look."""
    try:
        found: list[int] = desk.do(model, "search", domain, 0, 1, [["id", "DESC"]])
    except REFUSALS:
        return []
    return found


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


def written(desk: TrytonDesk, seen: Seen) -> None:
    """All that our record holds is written back to it."""
    whole = desk.crm(accounts=[], carry=Carry)  # emptied of its category, it is no customer
    kind = seen.kind
    ours = {EXTRAS, "contract"} if kind == Kind.OPPORTUNITY else whole.capabilities.holds[kind]
    fields = {name: value for name, value in seen.fields.items() if name in ours and value is not None}
    (now,) = desk.driver.run(whole.read(kind, [seen.key]))
    (outcome,) = desk.driver.run(whole.write([Update(kind=kind, key=seen.key, fields=fields, expected=now.version)]))
    assert outcome.ok, outcome.why


@pytest.mark.parametrize("kind", KINDS)
def test_every_declared_field_survives_read_record_write(desk: TrytonDesk, kind: Kind) -> None:
    crm = desk.crm(carry=Carry)
    held = crm.kinds[kind]
    declared = desk.driver.run(crm.session.fields(held.model))
    party = desk.account(f"round trip {kind}", email="ada@example.org")
    number = party if kind is Kind.ACCOUNT else desk.opportunity(party, "round trip", "10.00")
    lost = held.losses(declared)
    assert set(lost.values()) == {READ_ONLY}
    tried = [
        name
        for name, told in declared.items()
        if name not in lost and told["type"] != PARTS and name not in AS_IT_IS and not told.get("readonly")
        and (value := candidate(desk, name, told)) is not None
        and put(desk, held.model, number, name, value)
    ]  # fmt: skip
    parts = [name for name, told in declared.items() if name not in lost and told["type"] == PARTS]
    before = raw(desk, held.model, number, [*tried, *parts])
    (seen,) = desk.driver.run(crm.read(kind, [str(number)]))
    assert not seen.unreadable
    _ = from_fields(RECORDS[kind], {**stated(seen.fields), "id": seen.key})
    extras = {str(one["field"]): one["raw"] for one in seen.fields[EXTRAS]}  # type: ignore[union-attr,index,call-overload] # a list of objects
    shown = [name for name in parts if name in held.fitted(declared).carried and before[name]]
    assert {name: extras[name] for name in shown} == {name: before[name] for name in shown}
    written(desk, seen)
    assert raw(desk, held.model, number, [*tried, *parts]) == before
    for name in tried:  # emptied as far as Tryton lets it be, so that only what we write back is there afterwards
        many = declared[name]["type"] == "many2many"
        _ = put(desk, held.model, number, name, [["remove", before[name]]] if many else None)
    empty = raw(desk, held.model, number, tried)
    written(desk, seen)
    after = raw(desk, held.model, number, [*tried, *parts])
    restored = [name for name in tried if empty[name] != before[name]]
    print(f"{kind}: {len(tried)} of {len(declared)} fields filled, {len(restored)} emptied and restored")  # noqa: T201 - a measure
    assert len(restored) > len(tried) // 3
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}


def tables(desk: TrytonDesk) -> Iterator[str]:
    """What nobody can write, and what is carried only when it is asked for."""
    losses: dict[str, dict[str, str]] = {}
    asked: dict[str, dict[str, str]] = {}
    crm = desk.crm()
    for kind in KINDS:
        held = crm.kinds[kind]
        declared = desk.driver.run(crm.session.fields(held.model))
        losses[held.model] = evolve(held, carry=frozenset(Carry)).losses(declared)
        more = {name: asked_for(declared[name]) for name in held.losses(declared) if name not in losses[held.model]}
        asked[held.model] = {name: f"`{carry}`" for name, carry in more.items()}
    assert {why for table in losses.values() for why in table.values()} == {READ_ONLY}
    yield loss_table(losses)
    yield loss_table(asked)


def test_the_page_names_every_loss_and_no_other(desk: TrytonDesk, tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for number, table in enumerate(tables(desk)):
        file = tmp_path / f"table_{number}.md"
        _ = file.write_text(table, encoding="utf-8")
        assert table in page, f"the table of today is in {file}"
