"""Every field that Odoo declares goes into our record and back unchanged; the page of losses names the others.

The fields are those of the server's own description (`fields_get`), add-ons included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from odoo_desk import OdooDesk
from serving_odoo import running

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.extras import loss_table
from clmcrm.adapters.odoo.clm import Keeping
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.system import OdooSystem
from clmcrm.adapters.odoo.wire import NotAllowed, RecordsMissing, RefusedByServer
from clmcrm.codec.records import from_fields
from clmcrm.errors import AdapterError
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Kind, Update

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "losses_odoo.md"
REFUSALS: Final = (AdapterError, RefusedByServer, NotAllowed, RecordsMissing)
CASES: Final = {
    "company": (Kind.ACCOUNT, None), "person": (Kind.CONTACT, None), "opportunity": (Kind.OPPORTUNITY, None),
    "contract": (Kind.CONTRACT, Keeping.CONTRACT), "agreement": (Kind.CONTRACT, Keeping.AGREEMENT),
}  # fmt: skip
BY_TYPE: Final[Mapping[str, Any]] = {
    "text": "two\nlines", "html": "<p>x</p>", "integer": 7, "float": 12.5, "monetary": 12.5, "boolean": True,
    "date": "2026-05-07", "datetime": "2026-05-07 09:30:00",
}  # fmt: skip
BY_NAME: Final[Mapping[str, Any]] = {
    "vat": "FR23334175221", "email": "ada@example.org", "website": "https://x.example", "phone": "+33 1 23 45 67 89",
    "lang": "en_US", "x_contract": "C-7", "type": None, "is_company": None, "parent_id": None, "partner_id": None,
    "company_id": None, "company_type": None, "is_template": None,
}  # fmt: skip
"""What a field of that name takes; None: it is left as it is, for it says of which kind the record is, or whose."""


WHICH: Final[Mapping[str, list[Any]]] = {
    "country_id": [["code", "=", "US"]], "state_id": [["code", "=", "CA"], ["country_id.code", "=", "US"]],
}  # fmt: skip
"""Which record a field names, where others would contradict one another."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdooDesk]:
    with running(tmp_path_factory.mktemp("odoo")) as server:
        yield OdooDesk(server)


def opened(desk: OdooDesk, case: str) -> tuple[OdooSystem, OdooKind, Mapping[str, Mapping[str, Any]]]:
    """The side that holds such records, how it keeps them, and what Odoo says of the model's fields."""
    kind, keeping = CASES[case]
    system: OdooSystem = desk.crm() if keeping is None else desk.clm(keeping=keeping)
    held = system.kinds[kind]
    return system, held, desk.driver.run(system.session.fields(held.model))


def made(desk: OdooDesk, case: str) -> int:
    partner = desk.account(f"round trip {case}")
    if case == "company":
        return partner
    if case == "person":
        return desk.create("res.partner", name="Ada Martin", parent_id=partner, zip="75009", city="Paris")
    if case == "opportunity":
        return desk.opportunity(partner, "round trip", 10.0)
    model = str(CASES[case][1])
    return desk.create(model, name="round trip", partner_id=partner, code="C-7")


def candidate(desk: OdooDesk, name: str, told: Mapping[str, Any]) -> Any:
    """Some value for a field; None when there is none to try."""
    if name in BY_NAME:
        return BY_NAME[name]
    kind = told["type"]
    if kind == "char":
        return f"{name[:20]} x"
    if kind == "selection":
        return told["selection"][-1][0] if told.get("selection") else None
    if kind in ("many2one", "many2many"):
        try:
            domain = WHICH.get(name, [])
            found = desk.do(told["relation"], "search", who="admin", domain=domain, limit=1, order="id desc")
        except REFUSALS:
            return None
        return (found[0] if kind == "many2one" else [[6, 0, found]]) if found else None
    return BY_TYPE.get(kind)


def put(desk: OdooDesk, model: str, number: int, name: str, value: Any) -> bool:
    """Whether an administrator could write that value."""
    try:
        _ = desk.do(model, "write", [number], who="admin", vals={name: value})
    except REFUSALS:
        return False
    return True


def raw(desk: OdooDesk, model: str, number: int, names: list[str]) -> dict[str, Any]:
    (row,) = desk.do(model, "read", [number], who="admin", fields=names, load=None)
    return {name: sorted(row[name]) if isinstance(row[name], list) else row[name] for name in names}


@pytest.mark.parametrize("case", CASES)
def test_every_declared_field_survives_read_record_write(desk: OdooDesk, case: str) -> None:
    system, held, declared = opened(desk, case)
    kind, number = CASES[case][0], made(desk, case)
    lost = held.losses(declared)
    tried = [
        name
        for name, told in declared.items()
        if name not in lost and told.get("store") and told["type"] != "one2many" and name not in held.needs
        and name != "active" and not told.get("readonly")
        and (value := candidate(desk, name, told)) is not None
        and put(desk, held.model, number, name, value)
    ]  # fmt: skip
    before = raw(desk, held.model, number, tried)
    (seen,) = desk.driver.run(system.read(kind, [str(number)]))
    assert not seen.unreadable
    _ = from_fields(RECORDS[kind], {**stated(seen.fields), "id": seen.key})
    for name in tried:  # emptied as far as Odoo lets it be, so that only what we write back is there afterwards
        _ = put(desk, held.model, number, name, [[5, 0, 0]] if declared[name]["type"] == "many2many" else False)
    empty = raw(desk, held.model, number, tried)
    (now,) = desk.driver.run(system.read(kind, [str(number)]))
    ours = system.capabilities.holds[kind] if kind != Kind.OPPORTUNITY else {"extras", "contract"}
    fields = {name: value for name, value in seen.fields.items() if name in ours and value is not None}
    (outcome,) = desk.driver.run(
        system.write([Update(kind=kind, key=str(number), fields=fields, expected=now.version)])
    )
    assert outcome.ok, outcome.why
    after = raw(desk, held.model, number, tried)
    restored = [name for name in tried if empty[name] != before[name]]
    print(f"{case}: {len(tried)} of {len(declared)} fields filled, {len(restored)} emptied and restored")  # noqa: T201 - a measure
    assert len(restored) > len(tried) // 3
    assert {name: (before[name], after[name]) for name in tried if before[name] != after[name]} == {}


def test_the_page_names_every_loss_and_no_other(desk: OdooDesk, tmp_path: Path) -> None:
    losses = {}
    for case in CASES:
        _, held, declared = opened(desk, case)
        losses[f"{held.model} ({case})"] = held.losses(declared)
    table = loss_table(losses)
    _ = (tmp_path / "losses.md").write_text(table, encoding="utf-8")
    assert table in PAGE.read_text(encoding="utf-8"), f"the table of today is in {tmp_path / 'losses.md'}"
