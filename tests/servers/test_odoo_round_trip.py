"""Every field that Odoo declares goes into our record and back unchanged; the page names what it keeps to itself.

The fields are those of the server's own description (`fields_get`), add-ons included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import pytest
from attrs import evolve
from odoo_desk import OdooDesk
from serving_odoo import running

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.extras import EXTRAS, Carry, loss_table
from clmcrm.adapters.odoo.carrying import PARTS, PROPERTIES, READ_ONLY, asked_for
from clmcrm.adapters.odoo.clm import Keeping
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.system import OdooSystem
from clmcrm.adapters.odoo.wire import NotAllowed, RecordsMissing, RefusedByServer
from clmcrm.codec.records import from_fields
from clmcrm.errors import AdapterError
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Create, Json, Kind, Outcome, Seen, Update

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "losses_odoo.md"
REFUSALS: Final = (AdapterError, RefusedByServer, NotAllowed, RecordsMissing)
CASES: Final = {
    "company": (Kind.ACCOUNT, None), "person": (Kind.CONTACT, None), "opportunity": (Kind.OPPORTUNITY, None),
    "contract": (Kind.CONTRACT, Keeping.CONTRACT), "agreement": (Kind.CONTRACT, Keeping.AGREEMENT),
}  # fmt: skip
IMAGE: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAwS2OUAAAAABJRU5ErkJggg=="
"""A picture of one pixel."""
VALUES: Final[Mapping[str, Any]] = {
    "aa1": "x", "aa2": 7, "aa3": 12.5, "aa4": True, "aa5": "2026-05-07", "aa6": "2026-05-07 09:30:00", "aa7": "m",
    "aa8": ["t2"], "aa9": 1, "ab1": [1], "ab3": "two\nlines",
}  # fmt: skip
BY_TYPE: Final[Mapping[str, Any]] = {
    "text": "two\nlines", "html": "<p>x</p>", "integer": 7, "float": 12.5, "monetary": 12.5, "boolean": True,
    "date": "2026-05-07", "datetime": "2026-05-07 09:30:00", "binary": IMAGE,
    "properties": VALUES,
}  # fmt: skip
BY_NAME: Final[Mapping[str, Any]] = {
    "vat": "FR23334175221", "email": "ada@example.org", "website": "https://x.example", "phone": "+33 1 23 45 67 89",
    "lang": "en_US", "x_contract": "C-7", "type": None, "is_company": None, "parent_id": None, "partner_id": None,
    "company_id": None, "company_type": None, "is_template": None, "invoice_edi_format_store": None,
}  # fmt: skip
"""What a field of that name takes; None: it is left as it is, for it says of which kind the record is, or whose, or is
how Odoo stores another field."""


WHICH: Final[Mapping[str, list[Any]]] = {
    "country_id": [["code", "=", "US"]], "state_id": [["code", "=", "CA"], ["country_id.code", "=", "US"]],
}  # fmt: skip
"""Which record a field names, where others would contradict one another."""
DEFINED: Final = (
    {"name": "aa1", "type": "char", "string": "Why"}, {"name": "aa2", "type": "integer", "string": "How many"},
    {"name": "aa3", "type": "float", "string": "Rate"}, {"name": "aa4", "type": "boolean", "string": "Key account"},
    {"name": "aa5", "type": "date", "string": "Since"}, {"name": "aa6", "type": "datetime", "string": "Last seen"},
    {"name": "aa7", "type": "selection", "string": "Size", "selection": [["s", "Small"], ["m", "Middle"]]},
    {"name": "aa8", "type": "tags", "string": "Tags", "tags": [["t1", "One", 1], ["t2", "Two", 2]]},
    {"name": "aa9", "type": "many2one", "string": "Who", "comodel": "res.partner"},
    {"name": "ab1", "type": "many2many", "string": "Whom", "comodel": "res.partner"},
    {"name": "ab2", "type": "separator", "string": "Below"}, {"name": "ab3", "type": "text", "string": "Note"},
    {"name": "ab4", "type": "char", "string": "Left empty"},
)  # fmt: skip
"""Properties that an administrator defines at the record that Odoo says they are defined at, of every type."""
OWN: Final = frozenset({"message_follower_ids", "message_ids", "website_message_ids"})
"""Odoo writes a line there itself for each change of a field that it watches, and for each follower that comes back."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdooDesk]:
    with running(tmp_path_factory.mktemp("odoo")) as server:
        yield OdooDesk(server)


def opened(
    desk: OdooDesk, case: str, carry: Collection[Carry] = tuple(Carry)
) -> tuple[OdooSystem, OdooKind, Mapping[str, Mapping[str, Any]]]:
    """The side that holds such records, how it keeps them, and what Odoo says of the model's fields."""
    kind, keeping = CASES[case]
    system: OdooSystem = desk.crm(carry=carry) if keeping is None else desk.clm(keeping=keeping, carry=carry)
    held = system.kinds[kind]
    return system, held, desk.driver.run(system.session.fields(held.model))


def made(desk: OdooDesk, case: str) -> int:
    """A record with somebody who does something about it next."""
    partner = desk.account(f"round trip {case}")
    if case == "company":
        model, number = "res.partner", partner
        _ = desk.create("res.partner", name="Ada Martin", parent_id=partner)
    elif case == "person":
        model = "res.partner"
        number = desk.create(model, name="Ada Martin", parent_id=partner, zip="75009", city="Paris")
    elif case == "opportunity":
        model, number = "crm.lead", desk.opportunity(partner, "round trip", 10.0)
    else:
        model = str(CASES[case][1])
        number = desk.create(model, name="round trip", partner_id=partner, code="C-7")
    (known,) = desk.do("ir.model", "search", who="admin", domain=[["model", "=", model]])
    _ = desk.do(
        "mail.activity", "create", who="admin", vals_list=[{"res_model_id": known, "res_id": number, "summary": "call"}]
    )
    return number


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
        found = last(desk, told["relation"], WHICH.get(name, []))
        return (found[0] if kind == "many2one" else [[6, 0, found]]) if found else None
    return BY_TYPE.get(kind)


def last(desk: OdooDesk, model: str, domain: list[Any]) -> list[int]:
    """The newest record that meets a domain; none where an administrator may not look."""
    try:
        found: list[int] = desk.do(model, "search", who="admin", domain=domain, limit=1, order="id desc")
    except REFUSALS:
        return []
    return found


def define(desk: OdooDesk, model: str, number: int) -> None:
    """Properties of every type, at the record that defines those of the record `number`."""
    attributes = ["type", "relation", "definition_record", "definition_record_field"]
    declared = desk.do(model, "fields_get", who="admin", attributes=attributes)
    for told in declared.values():
        if told["type"] == PROPERTIES:
            owner = told["definition_record"]
            (row,) = desk.do(model, "read", [number], who="admin", fields=[owner], load=None)
            vals = {told["definition_record_field"]: list(DEFINED)}
            _ = desk.do(declared[owner]["relation"], "write", [row[owner]], who="admin", vals=vals)


def put(desk: OdooDesk, model: str, number: int, name: str, value: Any) -> bool:
    """Whether an administrator could write that value."""
    try:
        _ = desk.do(model, "write", [number], who="admin", vals={name: value})
    except REFUSALS:
        return False
    return True


def raw(desk: OdooDesk, model: str, number: int, names: Sequence[str]) -> dict[str, Any]:
    """The fields as an administrator reads them."""
    (row,) = desk.do(model, "read", [number], who="admin", fields=list(names), load=None)
    return {name: sorted(row[name], key=str) if isinstance(row[name], list) else row[name] for name in names}


def written(desk: OdooDesk, system: OdooSystem, seen: Seen, number: int) -> Outcome:
    """What became of writing all that our record holds back to it."""
    kind = seen.kind
    (now,) = desk.driver.run(system.read(kind, [str(number)]))
    ours = system.capabilities.holds[kind] if kind != Kind.OPPORTUNITY else {EXTRAS, "contract"}
    fields = {name: value for name, value in seen.fields.items() if name in ours and value is not None}
    (outcome,) = desk.driver.run(
        system.write([Update(kind=kind, key=str(number), fields=fields, expected=now.version)])
    )
    return outcome


@pytest.mark.parametrize("case", CASES)
def test_every_declared_field_survives_read_record_write(desk: OdooDesk, case: str) -> None:
    system, held, declared = opened(desk, case)
    kind, number = CASES[case][0], made(desk, case)
    define(desk, held.model, number)
    lost = held.losses(declared)
    assert set(lost.values()) == {READ_ONLY}
    tried = [
        name
        for name, told in declared.items()
        if name not in lost and told["type"] != PARTS and name not in held.needs and name != "active"
        and not told.get("readonly")
        and (value := candidate(desk, name, told)) is not None
        and put(desk, held.model, number, name, value)
    ]  # fmt: skip
    parts = [name for name, told in declared.items() if name not in lost and told["type"] == PARTS]
    before = raw(desk, held.model, number, [*tried, *parts])
    (seen,) = desk.driver.run(system.read(kind, [str(number)]))
    assert not seen.unreadable
    _ = from_fields(RECORDS[kind], {**stated(seen.fields), "id": seen.key})
    extras = {str(one["field"]): one["raw"] for one in seen.fields[EXTRAS]}  # type: ignore[union-attr,index,call-overload] # a list of objects
    assert extras["activity_ids"] == before["activity_ids"] != []
    assert written(desk, system, seen, number).ok  # a contract made by hand has its facts from now on
    (held_now,) = desk.driver.run(system.read(kind, [str(number)]))
    assert held_now.fields[EXTRAS] == seen.fields[EXTRAS]
    (stamp,) = raw(desk, held.model, number, ["write_date"]).values()
    assert written(desk, system, held_now, number).version == held_now.version
    assert raw(desk, held.model, number, ["write_date"]) == {"write_date": stamp}  # unchanged, nothing is written
    for name in tried:  # emptied as far as Odoo lets it be, so that only what we write back is there afterwards
        _ = put(desk, held.model, number, name, [[5, 0, 0]] if declared[name]["type"] == "many2many" else False)
    empty = raw(desk, held.model, number, tried)
    outcome = written(desk, system, seen, number)
    assert outcome.ok, outcome.why
    after = raw(desk, held.model, number, [*tried, *parts])
    restored = [name for name in tried if empty[name] != before[name]]
    print(f"{case}: {len(tried)} of {len(declared)} fields filled, {len(restored)} emptied and restored")  # noqa: T201 - a measure
    assert len(restored) > len(tried) // 3
    changed = {name: (before[name], told) for name, told in after.items() if before[name] != told}
    assert {name: told for name, told in changed.items() if name not in OWN} == {}
    assert set(ONCE_LEFT_OUT[case]) <= set(restored)


ONCE_LEFT_OUT: Final[Mapping[str, Sequence[str]]] = {
    "company": ("image_1920", "properties", "activity_summary"), "person": ("image_1920", "properties"),
    "opportunity": ("lead_properties", "activity_summary"), "contract": (), "agreement": (),
}  # fmt: skip
"""Of a file, of properties and of what is computed, at least these are filled, emptied and restored."""


def test_a_new_company_takes_a_picture_and_properties_with_it(desk: OdooDesk) -> None:
    system, held, _ = opened(desk, "company", [Carry.FILES])
    number = made(desk, "company")
    define(desk, held.model, number)
    assert put(desk, held.model, number, "properties", VALUES)
    assert put(desk, held.model, number, "image_1920", IMAGE)
    (seen,) = desk.driver.run(system.read(Kind.ACCOUNT, [str(number)]))
    extras = cast("list[dict[str, Json]]", seen.fields[EXTRAS])
    told: list[Json] = [one for one in extras if one["field"] in ("properties", "image_1920")]
    assert len(told) == 2
    new = Create(kind=Kind.ACCOUNT, mark="new-company", fields={"name": "Another", EXTRAS: told})
    (outcome,) = desk.driver.run(system.write([new]))
    assert outcome.ok, outcome.why
    (other,) = desk.driver.run(system.read(Kind.ACCOUNT, [outcome.key]))
    assert [one for one in told if one not in cast("list[Json]", other.fields[EXTRAS])] == []


def tables(desk: OdooDesk) -> Iterator[str]:
    """What nobody can write, and what is carried only when it is asked for."""
    losses: dict[str, dict[str, str]] = {}
    asked: dict[str, dict[str, str]] = {}
    for case in CASES:
        _, held, declared = opened(desk, case, ())
        model = f"{held.model} ({case})"
        losses[model] = evolve(held, carry=frozenset(Carry)).losses(declared)
        more = {name: asked_for(declared[name]) for name in held.losses(declared) if name not in losses[model]}
        asked[model] = {name: f"`{carry}`" for name, carry in more.items()}
    assert {why for table in losses.values() for why in table.values()} == {READ_ONLY}
    yield loss_table(losses)
    yield loss_table(asked)


def test_the_page_names_every_loss_and_no_other(desk: OdooDesk, tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for number, table in enumerate(tables(desk)):
        file = tmp_path / f"table_{number}.md"
        _ = file.write_text(table, encoding="utf-8")
        assert table in page, f"the table of today is in {file}"
