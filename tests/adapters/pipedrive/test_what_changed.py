"""What a Pipedrive tells changed: nothing is lost to equal times, pages, the bin or rights, and calls are few."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from attrs import evolve
from pipedrive_desk import PipedriveDesk

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.codec.records import from_fields
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Fields, Kind, Remove, Result, Seen, Update
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.pipedrive import deals
from clmcrm.testing.vendors.pipedrive.service import PipedriveService

HOUR = timedelta(hours=1)


def pulled(desk: PipedriveDesk, kind: str, cursor: str | None = None) -> tuple[list[Seen], str]:
    told: list[Seen] = []
    while True:
        page = desk.blocking.changes(kind, cursor)
        told += page.seen
        cursor = page.cursor
        if not page.more:
            return told, cursor


def test_more_records_of_one_second_than_a_page_holds_are_all_told() -> None:
    desk = PipedriveDesk(PipedriveService(tick=timedelta(0)), page=7)
    keys = {str(desk.service.add("organizations", name=f"O {n}").id) for n in range(40)}
    told, cursor = pulled(desk, Kind.ACCOUNT)
    assert {one.key for one in told} == keys
    again, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert {one.key for one in again} == keys  # the overlap: the engine knows them by value


def test_a_deal_in_a_stage_that_was_made_meanwhile_is_told_by_what_it_means(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = PipedriveDesk()
    deal = desk.service.add("deals", title="Supply").id
    _ = desk.seen(Kind.OPPORTUNITY, str(deal))
    new = {**deals.STAGES[-1], "id": 23, "order_nr": 3, "name": "Negotiations started"}
    monkeypatch.setattr(deals, "STAGES", (*deals.STAGES, new))
    desk.service.records.live("deals", deal).values |= {"stage_id": 23, "pipeline_id": 2}
    seen = desk.seen(Kind.OPPORTUNITY, str(deal)).fields
    assert (seen["stage"], seen["stage_raw"]) == ("negotiation", "Negotiations started")
    desk.service.records.live("deals", deal).values["stage_id"] = 99  # one that is no more is asked for once
    calls = [desk.calls(desk.crm.read(Kind.OPPORTUNITY, [str(deal)]))[0] for _ in range(3)]
    assert calls[0] > calls[1] == calls[2]


def test_two_edits_of_one_second_are_two_versions() -> None:
    desk = PipedriveDesk(PipedriveService(tick=timedelta(0)))
    key = desk.service.add("organizations", name="A").id
    before = desk.seen(Kind.ACCOUNT, str(key))
    desk.service.edit("organizations", key, name="B")
    after = desk.seen(Kind.ACCOUNT, str(key))
    assert before.changed_at == after.changed_at
    assert before.version != after.version


def test_a_thousand_changed_records_take_two_calls_and_twenty_tokens() -> None:
    desk = PipedriveDesk()
    for number in range(1_000):
        _ = desk.service.add("organizations", name=f"O {number}")
    _ = desk.run(desk.crm.read(Kind.ACCOUNT, ["1"]))  # the company is known from here on
    calls, tokens, page = desk.calls(desk.crm.changes(Kind.ACCOUNT, None))
    assert (len(page.seen), page.more, calls, tokens) == (500, True, 1, 10)
    calls, tokens, page = desk.calls(desk.crm.changes(Kind.ACCOUNT, page.cursor))
    assert (len(page.seen), page.more, calls, tokens) == (500, False, 1, 10)


def test_a_thousand_deals_take_three_calls_and_one_more_for_a_hundred_with_products() -> None:
    desk = PipedriveDesk()
    deals = [desk.service.add("deals", title=f"D {number}").id for number in range(1_000)]
    for deal in deals[:100]:
        _ = desk.service.attach(deal, name="licence", quantity=1, item_price=10)
    _ = desk.run(desk.crm.read(Kind.OPPORTUNITY, ["1"]))
    spent: list[tuple[int, int]] = []
    cursor, more, told = None, True, 0
    while more:
        calls, tokens, page = desk.calls(desk.crm.changes(Kind.OPPORTUNITY, cursor))
        spent.append((calls, tokens))
        cursor, more, told = page.cursor, page.more, told + len(page.seen)
    assert told == 1_000
    assert (sum(calls for calls, _ in spent), sum(tokens for _, tokens in spent)) == (4, 60)


def test_twenty_removals() -> None:
    desk = PipedriveDesk()
    keys = [str(desk.service.add("organizations", name=f"O {number}").id) for number in range(20)]
    _ = desk.run(desk.crm.read(Kind.ACCOUNT, ["1"]))
    calls, tokens, gone = desk.calls(desk.crm.write([Remove(kind=Kind.ACCOUNT, key=key, expected="") for key in keys]))
    assert {one.result for one in gone} == {Result.DONE}
    assert (calls, tokens) == (21, 70)


def test_a_thousand_writes_take_a_call_and_five_tokens_each_and_their_audit_twenty() -> None:
    desk = PipedriveDesk()
    marks = [f"a:{number}" for number in range(200)]
    writes = [Create(kind=Kind.ACCOUNT, mark=mark, fields={"name": mark}) for mark in marks]
    _ = desk.run(desk.crm.read(Kind.ACCOUNT, ["1"]))
    made = [desk.calls(desk.crm.write(writes[n : n + 20])) for n in range(0, 200, 20)]
    keys = [one.key for _, _, outcomes in made for one in outcomes]
    # Twenty creations: one list of what there is, and twenty calls.
    assert {(calls, tokens) for calls, tokens, _ in made} == {(21, 110)}
    changes = [Update(kind=Kind.ACCOUNT, key=key, fields={"website": "https://x.example"}, expected="") for key in keys]
    spent = desk.session.spent
    done = [desk.calls(desk.crm.write(changes[n : n + 20])) for n in range(0, 200, 20)]
    assert {(calls, tokens) for calls, tokens, _ in done} == {(20, 100)}
    assert desk.session.spent - spent == 1_000  # five a record: what the session counts is what the company is charged
    calls, tokens, past = desk.calls(desk.crm.past(Kind.ACCOUNT, keys))
    assert (calls, tokens) == (202, 4_020)
    assert [one.value for one in past if one.name == "website"][-1] == "https://x.example"


def test_a_few_creations_are_searched_for() -> None:
    desk = PipedriveDesk()
    _ = desk.run(desk.crm.read(Kind.ACCOUNT, ["1"]))
    one = Create(kind=Kind.ACCOUNT, mark="a:1", fields={"name": "A"})
    assert desk.calls(desk.crm.write([one]))[:2] == (2, 25)
    calls, tokens, (again,) = desk.calls(desk.crm.write([one]))
    assert (calls, tokens, again.result) == (2, 21, Result.BOUND)


def test_many_creations_find_what_stands_there_in_the_list() -> None:
    desk = PipedriveDesk()
    writes = [Create(kind=Kind.OPPORTUNITY, mark=f"d:{n}", fields={"name": f"D {n}"}) for n in range(12)]
    first = desk.blocking.write(writes[:6])
    desk.service.edit("deals", int(first[0].key), is_archived=True)
    desk.service.delete("deals", int(first[1].key))
    outcomes = desk.blocking.write(writes)
    results = [one.result for one in outcomes]
    assert results == [Result.BOUND, Result.DONE, *[Result.BOUND] * 4, *[Result.DONE] * 6]
    assert outcomes[0].key == first[0].key


# The bin.


def test_what_is_in_the_bin_is_told_when_it_says_so_itself() -> None:
    desk = PipedriveDesk(sweep=timedelta(0), page=3)
    keys = [desk.service.add("persons", name=f"P {n}").id for n in range(8)]
    _, cursor = pulled(desk, Kind.CONTACT)
    for place in (0, 4, 7):
        desk.service.delete("persons", keys[place])
    desk.service.hidden.add(("persons", keys[2]))  # rights that were lost
    told, cursor = pulled(desk, Kind.CONTACT, cursor)
    assert {one.key for one in told if one.gone} == {str(keys[place]) for place in (0, 4, 7)}
    again, _ = pulled(desk, Kind.CONTACT, cursor)
    assert not [one for one in again if one.gone]


@pytest.mark.parametrize("status", [403, 404, 410, 200], ids=str)
def test_nothing_is_deleted_because_it_is_not_shown(status: int) -> None:
    """Empty lists, refusals and unknown ids prove nothing, whoever is asked."""
    desk = PipedriveDesk(sweep=timedelta(0))
    keys = [desk.service.add("organizations", name=f"O {n}").id for n in range(7)]
    _, cursor = pulled(desk, Kind.ACCOUNT)

    def blind(request: Request) -> Reply | None:
        path = request.path.partition("?")[0]
        if path == "/api/v2/organizations":
            return Reply(status=200, body=b'{"success":true,"data":[],"additional_data":{"next_cursor":null}}')
        if path.startswith("/api/v2/organizations/"):
            body = b'{"success":true,"data":{"id":1}}' if status == 200 else b'{"success":false,"error":"no"}'
            return Reply(status=status, body=body)
        return None

    desk.service.override = blind
    told, cursor = pulled(desk, Kind.ACCOUNT, cursor)
    assert told == []
    assert desk.blocking.read(Kind.ACCOUNT, [str(key) for key in keys]) == ()
    desk.service.override = lambda _request: None
    desk.service.delete("organizations", keys[0])
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert [one.key for one in told if one.gone] == [str(keys[0])]


def test_a_record_that_left_the_bin_for_good_is_not_told() -> None:
    desk = PipedriveDesk(sweep=timedelta(0))
    key = desk.service.add("organizations", name="O").id
    _, cursor = pulled(desk, Kind.ACCOUNT)
    desk.service.delete("organizations", key)
    desk.service.clock.advance(timedelta(days=31))
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert told == []


def test_a_sweep_waits_until_it_is_due() -> None:
    desk = PipedriveDesk(sweep=6 * HOUR)
    key = desk.service.add("organizations", name="O").id
    _, cursor = pulled(desk, Kind.ACCOUNT)
    desk.service.delete("organizations", key)
    told, cursor = pulled(desk, Kind.ACCOUNT, cursor)
    assert not [one for one in told if one.gone]
    desk.service.clock.advance(6 * HOUR)
    told, cursor = pulled(desk, Kind.ACCOUNT, cursor)
    assert [one.key for one in told if one.gone] == [str(key)]


def test_without_a_sweep_deletions_are_not_claimed_to_be_told() -> None:
    assert not PipedriveDesk(sweep=None).crm.capabilities.tells_deletes


def test_a_record_that_an_import_dated_back_is_told_by_the_sweep() -> None:
    """Whoever imports may set the time of change; no window by time would ever show such a record."""
    desk = PipedriveDesk(sweep=timedelta(0))
    _ = desk.service.add("organizations", name="First")
    desk.service.clock.advance(HOUR)
    _, cursor = pulled(desk, Kind.ACCOUNT)
    late = desk.service.add("organizations", name="Imported")
    late.updated = datetime(2020, 1, 1, tzinfo=UTC)
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert str(late.id) in [one.key for one in told]


def test_deals_tell_their_bin_at_once_and_an_archived_deal_is_alive() -> None:
    desk = PipedriveDesk()
    gone, kept = (desk.service.add("deals", title=title).id for title in ("Gone", "Kept"))
    _, cursor = pulled(desk, Kind.OPPORTUNITY)
    desk.service.delete("deals", gone)
    desk.service.edit("deals", kept, is_archived=True)
    told, _ = pulled(desk, Kind.OPPORTUNITY, cursor)
    assert {one.key: one.gone for one in told} == {str(gone): True, str(kept): False}
    seen = desk.seen(Kind.OPPORTUNITY, str(kept))
    assert {"system": "pipedrive", "field": "is_archived", "raw": "true"} in seen.fields["extras"]  # type: ignore[operator] # a list


def test_a_merge_leaves_a_deletion_and_no_successor() -> None:
    """Nothing in Pipedrive says into what a record was merged, so nothing is made up."""
    desk = PipedriveDesk(sweep=timedelta(0))
    loser, survivor = (desk.service.add("organizations", name=name).id for name in ("Old", "New"))
    _, cursor = pulled(desk, Kind.ACCOUNT)
    _ = desk.service.merge("organizations", loser, survivor)
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    lost = next(one for one in told if one.key == str(loser))
    assert (lost.gone, lost.merged_into) == (True, None)
    assert not desk.crm.capabilities.tells_merges


def test_a_search_that_still_shows_the_bin_is_not_believed() -> None:
    desk = PipedriveDesk()
    (made,) = desk.blocking.write([Create(kind=Kind.ACCOUNT, mark="a:1", fields={"name": "A"})])
    desk.service.delete("organizations", int(made.key))
    assert desk.blocking.find(Kind.ACCOUNT, "a:1") is None
    (again,) = desk.blocking.write([Create(kind=Kind.ACCOUNT, mark="a:1", fields={"name": "A"})])
    assert (again.result, again.key != made.key) == (Result.DONE, True)


# Pages, clocks and cursors.


def test_a_cursor_of_pipedrives_that_has_ended_begins_the_window_again() -> None:
    desk = PipedriveDesk(page=2)
    keys = {str(desk.service.add("organizations", name=f"O {n}").id) for n in range(5)}
    ended: list[str] = []

    def once(request: Request) -> Reply | None:
        if "cursor=" in request.path and not ended:
            ended.append(request.path)
            return Reply(status=400, body=b'{"success":false,"error":"cursor: is not valid"}')
        return None

    desk.service.override = once
    told, _ = pulled(desk, Kind.ACCOUNT)
    assert ended
    assert {one.key for one in told} == keys


def test_a_feed_without_a_readable_date_still_loses_nothing() -> None:
    desk = PipedriveDesk()
    desk.transport.send = _dateless(desk.transport.send)  # type: ignore[method-assign] # a gateway that drops dates
    key = desk.service.add("organizations", name="A").id
    _, cursor = pulled(desk, Kind.ACCOUNT)
    desk.service.clock.advance(HOUR)
    desk.service.edit("organizations", key, name="B")
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert [one.fields["name"] for one in told] == ["B"]


def _dateless(send: Any) -> Any:
    def sent(*asked: Any) -> Reply:
        reply: Reply = send(*asked)
        return evolve(reply, headers={name: value for name, value in reply.headers.items() if name != "date"})

    return sent


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[]", '{"since":null}', "7", '{"since":null,"page":7,"until":null,"phase":"changed"}'], ids=str
)
def test_a_cursor_that_was_never_given_is_refused(cursor: str) -> None:
    with pytest.raises(TerminalError, match="no cursor"):
        _ = PipedriveDesk().blocking.changes(Kind.ACCOUNT, cursor)


# Deals with products.


def test_products_are_the_lines_of_a_deal_and_only_asked_for_where_there_are_any() -> None:
    desk = PipedriveDesk()
    bare = desk.service.add("deals", title="Bare")
    deal = desk.service.add("deals", title="Licences", value=1194)
    _ = desk.service.attach(
        deal.id, name="maintenance", quantity=12, item_price=99.5, billing_frequency="monthly",
        billing_frequency_cycles=36, billing_start_date="2026-06-01", discount=10, tax=20, tax_method="exclusive",
    )  # fmt: skip
    _ = desk.service.attach(deal.id, name="set-up", quantity=1.5, item_price=400, discount=50, discount_type="amount")
    seen = desk.seen(Kind.OPPORTUNITY, str(deal.id))
    first, second = seen.fields["lines"]  # type: ignore[misc, str-unpack] # a list
    assert first == {
        "id": "1", "position": 1, "quantity": "12", "description": "maintenance", "product": "1", "discount": "0.1",
        "unit_price": {"amount": "99.5", "currency": "EUR"}, "tax": "0.2", "recurs_every": "P1M", "term": "P36M",
        "service_first_day": "2026-06-01",
    }  # fmt: skip
    assert second["discount_amount"] == {"amount": "50.00", "currency": "EUR"}  # type: ignore[index, call-overload] # an object
    _ = from_fields(RECORDS[Kind.OPPORTUNITY], {**{n: v for n, v in seen.fields.items() if v is not None}, "id": "1"})
    before = len(desk.service.asked)
    assert desk.seen(Kind.OPPORTUNITY, str(bare.id)).fields["lines"] == []
    assert not [path for _, path in desk.service.asked[before:] if path.endswith("products")]


def lines_of(**product: Any) -> list[dict[str, Any]]:
    """The lines of a deal with one such product, which is enough to make them fail."""
    desk = PipedriveDesk()
    deal = desk.service.add("deals", title="Licences")
    _ = desk.service.attach(deal.id, name="Licence", quantity=2, **product)
    seen = desk.seen(Kind.OPPORTUNITY, str(deal.id))
    assert not seen.unreadable, seen.unreadable
    return cast("list[dict[str, Any]]", seen.fields["lines"])


def test_a_product_that_is_switched_off_is_no_line() -> None:
    """Pipedrive leaves it out of the deal's value ("Add a product to a deal", is_enabled); so does the contract."""
    assert lines_of(item_price=100, is_enabled=False) == []
    assert len(lines_of(item_price=100, is_enabled=True)) == 1


@pytest.mark.parametrize(
    ("product", "price", "discount", "tax"),
    [({"item_price": 119, "tax": 19}, "100", None, "0.19"),
     ({"item_price": 99.99, "tax": 20}, "83.325", None, "0.2"),
     ({"item_price": 99.99, "tax": 19}, None, None, "0.19"),
     ({"item_price": 120, "tax": 20, "discount": 12, "discount_type": "amount"}, "100", "10.00", "0.2"),
     ({"item_price": 120, "tax": 20, "discount": 0.1, "discount_type": "amount"}, None, None, "0.2"),
     ({"item_price": 120, "tax": 0}, "120", None, None)],
    ids=["exact", "more digits", "none", "discount", "discount of no whole cents", "no tax"],
)  # fmt: skip
def test_a_price_with_the_tax_in_it_is_shown_without_or_not_at_all(
    product: dict[str, Any], price: str | None, discount: str | None, tax: str | None
) -> None:
    """It was taken for the price before tax, so the contract was worth a fifth more than the deal."""
    (line,) = lines_of(tax_method="inclusive", **product)
    money = [None if one is None else one["amount"] for one in (line.get("unit_price"), line.get("discount_amount"))]
    assert (money, line.get("tax")) == ([price, discount], tax)


@pytest.mark.parametrize("tax", [7, 19, 20, 5.5])
@pytest.mark.parametrize("method", ["none", "exclusive"])
def test_a_tax_that_is_not_in_the_price_leaves_it_as_it_is(method: str, tax: float) -> None:
    (line,) = lines_of(item_price=99.99, tax=tax, tax_method=method)
    assert line["unit_price"]["amount"] == "99.99"
    assert line.get("tax") == (None if method == "none" else str(Decimal(str(tax)) / 100))


@pytest.mark.parametrize(
    ("name", "word"), [("billing_frequency", "biennially"), ("discount_type", "points"), ("tax_method", "reverse")]
)
def test_a_deal_with_a_product_of_another_kind_is_unreadable_and_no_sale_at_a_wrong_price(name: str, word: str) -> None:
    """A rhythm that is not known is no one-off, and a discount in points no percentage."""
    desk = PipedriveDesk()
    deal = desk.service.add("deals", title="Licences")
    made = desk.service.attach(deal.id, name="Licence", quantity=2, item_price=100, discount=5, tax=20)
    made[name] = word
    seen = desk.seen(Kind.OPPORTUNITY, str(deal.id))
    assert (seen.fields, f"{name} is {word!r}" in seen.unreadable) == ({}, True)


@pytest.mark.parametrize(("zone", "day"), [("Europe/Paris", "2026-05-08"), ("America/New_York", "2026-05-07")])
def test_a_day_is_the_day_where_the_user_is(zone: str, day: str) -> None:
    service = PipedriveService(zone=zone)
    service.clock.now = datetime(2026, 5, 7, 23, 30, tzinfo=UTC)
    desk = PipedriveDesk(service)
    key = service.add("organizations", name="A").id
    assert desk.seen(Kind.ACCOUNT, str(key)).fields["created_on"] == day


def test_stages_are_those_of_the_company_s_own_pipelines() -> None:
    desk = PipedriveDesk()
    told: list[tuple[object, ...]] = []
    for stage, status in ((11, "open"), (14, "open"), (21, "open"), (15, "won"), (12, "lost")):
        key = desk.service.add("deals", title="x", stage_id=stage, status=status).id
        seen: Fields = desk.seen(Kind.OPPORTUNITY, str(key)).fields
        told.append((seen["stage"], seen["stage_raw"], seen["pipeline"], seen["probability"], seen["closed_on"]))
    assert told == [
        ("qualification", "Qualified", "1", "0.1", None), ("proposal", "Proposal Made", "1", "0.7", None),
        ("open", "To call", "2", "0.1", None), ("won", "Negotiations Started", "1", None, "2026-01-05"),
        ("lost", "Contact Made", "1", None, "2026-01-05"),
    ]  # fmt: skip
