"""The feed loses nothing to what moves while it is read: edits, deletions, equal times, an order nobody documents."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ironclad_desk import IroncladDesk, clm_of

from clmcrm.adapters.ironclad.feed import Window, window_at
from clmcrm.adapters.ironclad.writing import Launching
from clmcrm.errors import TerminalError
from clmcrm.ports.records import Create, Json, Kind, Seen
from clmcrm.testing.vendors.ironclad.company import ENTITIES, RECORDS, TEMPLATE, WORKFLOWS, Company
from clmcrm.testing.vendors.ironclad.service import FakeIronclad

PLACES = {Kind.ACCOUNT: ENTITIES, Kind.CONTRACT: RECORDS}


def filled(count: int, kind: Kind = Kind.CONTRACT, **options: Any) -> tuple[IroncladDesk, list[str]]:
    desk = IroncladDesk(page=10, overlap=timedelta(0), visible_lag=timedelta(0), **options)
    own = [desk.company.add(PLACES[kind], new(kind, number))["id"] for number in range(count)]
    desk.company.pass_time()
    return desk, own


def new(kind: Kind, number: int) -> dict[str, Any]:
    more = {"type": "nda"} if kind == Kind.CONTRACT else {"status": "active", "namedTypeIds": []}
    return {"name": f"N{number}", "properties": {}, **more}


def pulled(
    desk: IroncladDesk, kind: Kind, cursor: str | None, between: Callable[[int], object] = lambda _: None
) -> tuple[list[Seen], str]:
    """Every page from `cursor` on; `between` is done after each that is not the last."""
    told: list[Seen] = []
    number = 0
    while True:
        page = desk.blocking.changes(kind, cursor)
        told += page.seen
        if not page.more:
            return told, page.cursor
        assert page.cursor != cursor
        number, cursor = number + 1, page.cursor
        _ = between(number)


@pytest.mark.parametrize("kind", PLACES)
def test_a_deletion_in_a_page_that_was_read_hides_no_record(kind: Kind) -> None:
    """It pulls every later row forward over the edge of the page."""
    desk, own = filled(35, kind)

    def delete(number: int) -> None:
        for key in {1: own[-3:], 2: own[-8:-6]}.get(number, []):
            desk.company.delete(key)

    told, _ = pulled(desk, kind, None, delete)
    assert set(own[:-8] + own[-6:-3]) <= {seen.key for seen in told}


@pytest.mark.parametrize("kind", PLACES)
def test_an_edit_while_pages_are_read_is_told_and_hides_no_other(kind: Kind) -> None:
    desk, own = filled(35, kind)
    told, cursor = pulled(desk, kind, None, lambda number: desk.company.edit(own[number], name=f"Edited {number}"))
    later, _ = pulled(desk, kind, cursor)
    last = {seen.key: seen for seen in [*told, *later]}
    assert set(last) == set(own)
    name = "title" if kind == Kind.CONTRACT else "name"
    assert [last[own[n]].fields[name] for n in (1, 2, 3)] == ["Edited 1", "Edited 2", "Edited 3"]


def shuffled(fake: FakeIronclad, seed: int) -> None:
    """Rows of one time in another order on every page, as a list without a tie break may give them."""
    dice = random.Random(seed)  # noqa: S311 - a test that can be repeated
    listed = fake.company.listed

    def other(place: str) -> list[dict[str, Any]]:
        rows = listed(place)
        dice.shuffle(rows)
        return rows

    fake.company.listed = other  # type: ignore[method-assign] # on purpose


@pytest.mark.parametrize("seed", range(4))
def test_equal_times_in_any_order_hide_no_record(seed: int) -> None:
    company = Company()
    desk = IroncladDesk(FakeIronclad(company), page=10, overlap=timedelta(0))
    own = [company.add(RECORDS, new(Kind.CONTRACT, number))["id"] for number in range(35)]
    for key in own:
        with company.held_back(own[0]):
            company.edit(key)["lastUpdated"]
    for kept in own:
        row = company._kept[kept].past[-1][1]
        assert row is not None
        row["lastUpdated"] = "2026-11-02T09:00:00.000Z"
    shuffled(desk.fake, seed)
    cursor: str | None = None
    found: set[str] = set()
    for _ in range(20):
        told, cursor = pulled(desk, Kind.CONTRACT, cursor)
        found |= {seen.key for seen in told}
        if found == set(own):
            return
        window = window_at(cursor)
        assert window.since is None, "a window that stayed short was stepped over"
    raise AssertionError(f"seed {seed}: {len(found)} of {len(own)}")


@pytest.mark.parametrize("seed", range(3))
def test_workflows_in_any_order_are_all_told_or_asked_for_again(seed: int) -> None:
    desk = IroncladDesk(page=10, overlap=timedelta(0), launching=Launching(template=TEMPLATE))
    writes = [
        Create(kind=Kind.CONTRACT, mark=f"m{n}", fields={"title": f"T{n}", "names_in_text": ["Petit"]})
        for n in range(25)
    ]
    keys = {one.key for one in desk.blocking.write(writes)}
    shuffled(desk.fake, seed)
    found: set[str] = set()
    cursor: str | None = None
    for _ in range(20):
        told, cursor = pulled(desk, Kind.CONTRACT, cursor)
        found |= {seen.key for seen in told}
        if found == keys:
            return
        assert window_at(cursor).since is None
    raise AssertionError(f"seed {seed}: {len(found)} of {len(keys)}")


def test_a_window_that_stays_short_does_not_move_the_next_one() -> None:
    """The count says eleven and ten come, again and again: nothing is stepped over."""
    window: Window | None = Window().begun("", None)
    passes = 0
    while window is not None:
        window = window.after([f"k{n}" for n in range(10)], 11, 100)
        passes += 1
    assert passes == 3
    ended = Window().begun("Mon, 02 Nov 2026 09:00:00 GMT", None).ended(["k"], 11)
    assert ended.next(timedelta(0)).since is None
    whole = Window().begun("Mon, 02 Nov 2026 09:00:00 GMT", None).ended(["k"], 1)
    assert whole.next(timedelta(minutes=1)).since is not None


def test_accounts_are_read_no_further_than_the_window() -> None:
    """Ironclad lists no entities by their last change, but sorts them by it."""
    desk, own = filled(95, Kind.ACCOUNT)
    _, cursor = pulled(desk, Kind.ACCOUNT, None)
    desk.company.pass_time(timedelta(hours=1))
    for key in own[:3]:
        _ = desk.company.edit(key, name="Edited")
    asked = len(desk.fake.asked)
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert {seen.key for seen in told} == set(own[:3])
    assert len(desk.fake.asked) - asked == 1


@pytest.mark.parametrize(
    ("lag", "options"),
    [(timedelta(seconds=30), {}), (timedelta(minutes=10), {"visible_lag": timedelta(minutes=10)})],
    ids=["within the overlap", "longer than the overlap"],
)
def test_what_lists_show_late_is_told_by_the_next_pull(lag: timedelta, options: dict[str, Any]) -> None:
    company = Company(lag=lag)
    desk = IroncladDesk(FakeIronclad(company), page=10, **options)
    _ = company.add(RECORDS, new(Kind.CONTRACT, 0))
    company.pass_time(2 * lag)
    late = company.add(RECORDS, new(Kind.CONTRACT, 1))["id"]
    company.pass_time(lag - timedelta(seconds=1))
    told, cursor = pulled(desk, Kind.CONTRACT, None)
    assert late not in {seen.key for seen in told}
    company.pass_time(timedelta(seconds=1))
    assert late in {seen.key for seen in pulled(desk, Kind.CONTRACT, cursor)[0]}


def test_an_archived_entity_and_a_cancelled_workflow_are_told_as_gone() -> None:
    desk = IroncladDesk(launching=Launching(template=TEMPLATE))
    fields: dict[Kind, dict[str, Json]] = {
        Kind.ACCOUNT: {"name": "Petit"},
        Kind.CONTRACT: {"title": "T", "names_in_text": ["Petit"]},
    }
    account, contract = (
        desk.blocking.write([Create(kind=kind, mark="m", fields=fields[kind])])[0].key for kind in fields
    )
    cursors = {kind: pulled(desk, kind, None)[1] for kind in PLACES}
    _ = desk.company.edit(account, status="inactive")
    _ = desk.company.edit(contract.removeprefix("workflow:"), status="cancelled")
    for kind, key in ((Kind.ACCOUNT, account), (Kind.CONTRACT, contract)):
        told, _ = pulled(desk, kind, cursors[kind])
        assert [(seen.key, seen.gone) for seen in told if seen.gone] == [(key, True)]
        fresh, _ = pulled(desk, kind, None)
        assert [seen for seen in fresh if seen.gone] == []


def test_a_workflow_that_others_launched_goes_on_as_its_record() -> None:
    desk = IroncladDesk(launching=Launching(template=TEMPLATE))
    theirs = desk.fake.company.add(
        WORKFLOWS,
        {"title": "Theirs", "template": TEMPLATE, "status": "active", "step": "Review", "recordIds": [],
         "attributes": {"counterpartyName": "Petit"}},
    )  # fmt: skip
    told, cursor = pulled(desk, Kind.CONTRACT, None)
    key = f"workflow:{theirs['id']}"
    assert [(seen.key, seen.fields["title"], seen.fields["names_in_text"]) for seen in told] == [
        (key, "Theirs", ["Petit"])
    ]
    record = desk.fake.complete(theirs["id"])
    found = {seen.key: seen for seen in pulled(desk, Kind.CONTRACT, cursor)[0]}
    assert (found[key].gone, found[key].merged_into) == (True, record["id"])
    assert not found[record["id"]].gone


def test_a_workflow_whose_form_is_not_published_any_more_is_still_read() -> None:
    desk = IroncladDesk(launching=Launching(template=TEMPLATE))
    fields: dict[str, Json] = {
        "title": "T", "names_in_text": ["Petit"], "effective_on": "2026-12-01", "notice": {"unknown": "not legible"},
    }  # fmt: skip
    (made,) = desk.blocking.write([Create(kind=Kind.CONTRACT, mark="m", fields=fields)])
    later = IroncladDesk(desk.fake, launching=Launching(template=TEMPLATE))
    desk.company.unpublished.add(TEMPLATE)
    seen = later.seen(Kind.CONTRACT, made.key)
    assert {name: seen.fields[name] for name in fields} == fields


@pytest.mark.parametrize("cursor", ["", "[]", "{}", "7", '[null,null,"x",0,null,"",0,false]', "[1,2]", "null"])
def test_a_cursor_it_never_gave_is_refused(cursor: str) -> None:
    with pytest.raises(TerminalError):
        _ = window_at(cursor)


@pytest.mark.parametrize("kind", PLACES)
def test_a_thousand_changed_records_take_ten_calls(kind: Kind) -> None:
    """Pages of a hundred, as SYNC.md bounds it, beside the schemas that are asked once."""
    desk = IroncladDesk()
    for number in range(1_000):
        _ = desk.company.add(PLACES[kind], new(kind, number))
    _ = desk.blocking.read(kind, ["x"])
    _ = desk.run(desk.clm.changes(kind, None))
    before, cursor, calls = desk.transport.calls, None, 0
    while True:
        page = desk.blocking.changes(kind, cursor)
        cursor = page.cursor
        if not page.more:
            break
    calls = desk.transport.calls - before
    assert calls == 10


def test_each_list_is_asked_for_what_it_takes() -> None:
    """Records by their last change, entities sorted by it, workflows of every status."""
    desk = IroncladDesk(launching=Launching(template=TEMPLATE))
    for kind in PLACES:
        _, cursor = pulled(desk, kind, None)
        _ = pulled(desk, kind, cursor)
    asked = {urlsplit(one.path).path.rpartition("/")[2]: parse_qs(urlsplit(one.path).query) for one in desk.fake.asked}
    assert set(asked["entities"]) == {"page", "pageSize", "sortField", "sortDirection"}
    assert {"lastUpdated", "addressAsObject", "sortField"} <= set(asked["records"])
    assert asked["workflows"]["status"] == ["active,paused,completed,cancelled"]
    assert clm_of().capabilities.tells_deletes is False
