"""What the feed tells, and what it believes: pages, lines, deletions on proof, merges, tokens that expire."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from dataverse_suite import ORIGIN, crm_of, driver_of

from clmcrm.adapters.dataverse.crm import DataverseCrm
from clmcrm.drivers.driver import Driver
from clmcrm.errors import AdapterError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Kind, Page, Seen
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.dataverse.data import EnvironmentData
from clmcrm.testing.vendors.dataverse.guarded import JudgedEnvironment, judged
from clmcrm.testing.vendors.serving import InProcess


class Environment:
    """An environment that people work in, read by our adapter."""

    def __init__(self, page: int = 10) -> None:
        self.judge: JudgedEnvironment = judged(FakeDataverse())
        self.fake: FakeDataverse = self.judge.fake
        self.data: EnvironmentData = self.fake.data
        self.crm: DataverseCrm = crm_of(page=page)
        self.driver: Driver = driver_of(InProcess(self.judge, ORIGIN))

    def page(self, kind: str, cursor: str | None) -> Page:
        return self.driver.run(self.crm.changes(kind, cursor))

    def pull(self, kind: str, cursor: str | None = None) -> tuple[dict[str, Seen], str]:
        told: dict[str, Seen] = {}
        while True:
            page = self.page(kind, cursor)
            told.update({seen.key: seen for seen in page.seen})
            cursor = page.cursor
            if not page.more:
                assert not self.judge.refused, self.judge.refused[0]
                return told, cursor

    def read(self, kind: str, *keys: str) -> list[Seen]:
        return list(self.driver.run(self.crm.read(kind, keys)))

    def account(self, name: str = "A") -> str:
        self.data.pass_time()
        return self.data.insert("account", {"name": name})


def test_as_many_changed_records_as_a_page_holds_come_in_one_call() -> None:
    env = Environment(page=200)
    made = {env.account(f"A{number}") for number in range(200)}
    told, cursor = env.pull(Kind.ACCOUNT)
    assert told.keys() == made
    before = env.fake.calls
    for key in made:
        env.data.update("account", key, {"fax": "1"})
    told, cursor = env.pull(Kind.ACCOUNT, cursor)
    assert told.keys() == made
    assert env.fake.calls - before == 1
    before = env.fake.calls
    assert env.pull(Kind.ACCOUNT, cursor)[0] == {}
    assert env.fake.calls - before == 1


def test_a_page_that_is_too_large_to_be_read_is_asked_for_with_fewer_rows() -> None:
    env = Environment(page=40)
    made = {env.account(f"A{number}") for number in range(30)}
    wishes: list[str] = []

    def large(request: Request) -> Reply | None:
        wish = (request.header("prefer") or "").partition("maxpagesize=")[2].partition(",")[0]
        wishes.append(wish)
        body = b" " * (9 * 1024 * 1024)
        headers = {"content-type": "application/json"}
        return Reply(status=200, headers=headers, body=body) if wish.isdecimal() and int(wish) > 10 else None

    env.fake.override = large
    told, _ = env.pull(Kind.ACCOUNT)
    assert told.keys() == made
    assert [wish for wish in wishes if wish] == ["40", "10", "10", "10"]


def test_pages_of_a_delta_end_with_its_deletions() -> None:
    env = Environment(page=4)
    kept = [env.account(f"A{number}") for number in range(9)]
    lost = [env.account(f"B{number}") for number in range(6)]
    _, cursor = env.pull(Kind.ACCOUNT)
    for key in kept:
        env.data.update("account", key, {"fax": "1"})
    for key in lost:
        env.data.delete("account", key)
    told, cursor = env.pull(Kind.ACCOUNT, cursor)
    assert {key for key, seen in told.items() if seen.gone} == set(lost)
    assert {key for key, seen in told.items() if not seen.gone} == set(kept)
    assert env.pull(Kind.ACCOUNT, cursor)[0] == {}


def test_a_record_that_was_deleted_and_restored_is_not_gone() -> None:
    env = Environment()
    key = env.account()
    _, cursor = env.pull(Kind.ACCOUNT)
    env.data.delete("account", key)
    env.data.restore(key)
    told, _ = env.pull(Kind.ACCOUNT, cursor)
    assert not told[key].gone


def test_a_record_that_came_and_went_between_two_pulls_is_told_as_gone_and_harms_nobody() -> None:
    env = Environment()
    _, cursor = env.pull(Kind.ACCOUNT)
    key = env.account()
    env.data.delete("account", key)
    told, _ = env.pull(Kind.ACCOUNT, cursor)
    assert (told[key].gone, told[key].fields) == (True, {})


@pytest.mark.parametrize(
    "answer",
    [(403, {"error": {"code": "0x80040220", "message": "missing prvReadAccount privilege"}}),
     (404, {"error": {"code": "0x80060888", "message": "Resource not found for the segment 'accounts'"}}),
     (404, None), (200, {"accountid": "x"})],
    ids=["lost-privilege", "no-segment", "nothing", "a-row"],
)  # fmt: skip
def test_a_deletion_without_proof_is_not_believed(answer: tuple[int, Any]) -> None:
    env = Environment()
    key = env.account()
    _, cursor = env.pull(Kind.ACCOUNT)
    env.data.delete("account", key)
    env.fake.override = looked_up(answer)
    assert env.pull(Kind.ACCOUNT, cursor)[0] == {}


def looked_up(answer: tuple[int, Any]) -> Callable[[Request], Reply | None]:
    """What answers every batch with one part: this status and body."""
    status, body = answer
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    said = f"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 {status} X\r\n\r\n{text}\r\n--b--\r\n"
    headers = {"content-type": "multipart/mixed; boundary=b"}
    reply = Reply(status=200, headers=headers, body=said.encode())
    return lambda request: reply if request.path.endswith("$batch") else None


@pytest.mark.parametrize(
    ("answer", "failure"),
    [((429, {"error": {"code": "0x80072326", "message": "too many at once"}}), TransientError),
     ((400, {"error": {"code": "0x80044151", "message": "SQL timeout"}}), TransientError),
     ((500, {}), TransientError),
     ((503, {"error": {"code": "", "message": "busy"}}), TransientError),
     ((404, "<html>not here</html>"), MalformedReply), ((200, '{"accountid":'), MalformedReply)],
    ids=["too-many", "time-out", "broken", "busy", "a-page", "half-JSON"],
)  # fmt: skip
def test_a_deletion_that_nobody_can_look_up_now_is_told_by_the_next_pull(
    answer: tuple[int, Any], failure: type[AdapterError]
) -> None:
    """A delta tells it once: passed over, the record stood on the other side for ever."""
    env = Environment()
    key = env.account()
    _, cursor = env.pull(Kind.ACCOUNT)
    env.data.delete("account", key)
    env.fake.override = looked_up(answer)
    with pytest.raises(failure):
        _ = env.pull(Kind.ACCOUNT, cursor)
    env.fake.override = lambda _request: None
    assert env.pull(Kind.ACCOUNT, cursor)[0][key].gone


def test_a_record_that_breaks_its_environment_is_no_refusal_to_be_read() -> None:
    env = Environment()
    key = env.account()
    _ = env.pull(Kind.ACCOUNT)
    env.fake.override = looked_up((500, {"error": {"code": "0x80040216", "message": "unexpected"}}))
    with pytest.raises(TransientError, match="0x80040216"):
        _ = env.read(Kind.ACCOUNT, key)


def test_a_row_that_only_left_the_set_is_not_deleted() -> None:
    env = Environment()
    key = env.account()
    _, cursor = env.pull(Kind.ACCOUNT)

    def changed(request: Request) -> Reply | None:
        env.fake.override = lambda _request: None
        reply = env.fake.answer(request)
        page = json.loads(reply.body)
        context = f"{ORIGIN}/api/data/v9.2/$metadata#accounts/$deletedEntity"
        page["value"] = [{"@odata.context": context, "id": key, "reason": "changed"}]
        return Reply(status=200, headers=reply.headers, body=json.dumps(page).encode())

    env.fake.override = changed
    assert env.pull(Kind.ACCOUNT, cursor)[0] == {}


def test_a_merged_record_names_its_master_also_when_it_is_read_by_key_or_mark() -> None:
    env = Environment()
    loser, survivor = env.account(), env.account()
    env.data.update("account", loser, {"clmcrm_key": "account~3a1"})
    _, cursor = env.pull(Kind.ACCOUNT)
    env.data.merge("account", loser, survivor)
    told, _ = env.pull(Kind.ACCOUNT, cursor)
    assert (told[loser].gone, told[loser].merged_into, told[survivor].gone) == (True, survivor, False)
    (read,) = env.read(Kind.ACCOUNT, loser)
    assert read == told[loser] == env.driver.run(env.crm.find(Kind.ACCOUNT, "account:1"))


def test_an_inactive_record_is_not_gone() -> None:
    env = Environment()
    key = env.account()
    env.data.update("account", key, {"statecode": 1})
    (seen,) = env.read(Kind.ACCOUNT, key)
    assert (seen.gone, seen.fields["active"]) == (False, False)


def test_a_line_that_changed_alone_tells_its_opportunity() -> None:
    env = Environment(page=2)
    sales = [env.data.insert("opportunity", {"name": f"S{number}"}) for number in range(5)]
    product = env.data.insert("product", {"name": "Pump"})
    line = env.data.insert(
        "opportunityproduct",
        {"opportunityid": ("opportunity", sales[0]), "productid": ("product", product), "quantity": Decimal(2),
         "priceperunit": Decimal("5.125"), "manualdiscountamount": Decimal("0.25")},
    )  # fmt: skip
    told, cursor = env.pull(Kind.OPPORTUNITY)
    assert told.keys() == set(sales)
    again, cursor = env.pull(Kind.OPPORTUNITY, cursor)
    assert again == {}
    before = env.data.live("opportunity", sales[0])["versionnumber"]
    env.data.update("opportunityproduct", line, {"description": "the good one"})  # no amount changes
    assert env.data.live("opportunity", sales[0])["versionnumber"] == before
    after, cursor = env.pull(Kind.OPPORTUNITY, cursor)
    assert after.keys() == {sales[0]}
    assert after[sales[0]].version != told[sales[0]].version
    assert after[sales[0]].fields["lines"] == [
        {"id": line, "position": 1, "quantity": "2", "description": "the good one", "product": product,
         "unit_price": {"amount": "5.125", "currency": "EUR"}, "discount_amount": {"amount": "0.25", "currency": "EUR"}}
    ]  # fmt: skip
    assert env.pull(Kind.OPPORTUNITY, cursor)[0] == {}


def test_a_line_that_changes_while_everything_is_read_is_told_by_the_next_pull() -> None:
    env = Environment(page=2)
    sales = [env.data.insert("opportunity", {"name": f"S{number}"}) for number in range(5)]
    values = {"opportunityid": ("opportunity", sales[0]), "quantity": Decimal(1)}
    line = env.data.insert("opportunityproduct", values)
    page, told = env.page(Kind.OPPORTUNITY, None), set[str]()
    while page.more:
        page = env.page(Kind.OPPORTUNITY, page.cursor)
        told |= {seen.key for seen in page.seen}
        if sales[0] in told and line:
            env.data.update("opportunityproduct", line, {"description": "late"})
            line = ""
    assert env.pull(Kind.OPPORTUNITY, page.cursor)[0].keys() == {sales[0]}


@pytest.mark.parametrize("status", [400, 410])
@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.OPPORTUNITY])
def test_a_token_that_expired_begins_anew_and_deletes_nothing(kind: Kind, status: int) -> None:
    env = Environment()
    table = {Kind.ACCOUNT: "account", Kind.OPPORTUNITY: "opportunity"}[kind]
    kept, lost = (env.data.insert(table, {"name": name}) for name in ("kept", "lost"))
    _, cursor = env.pull(kind)
    env.data.delete(table, lost)
    env.data.pass_time(timedelta(days=8))

    def gone(request: Request) -> Reply | None:
        if "deltatoken" not in request.path or status == 400:
            return None
        body = b'{"error": {"code": "", "message": "The delta token has expired"}}'
        return Reply(status=410, headers={"content-type": "application/json"}, body=body)

    env.fake.override = gone
    told, cursor = env.pull(kind, cursor)
    assert {key: seen.gone for key, seen in told.items()} == {kept: False}
    env.fake.override = lambda _request: None
    assert env.pull(kind, cursor)[0] == {}


def test_another_refusal_of_a_delta_is_no_reason_to_begin_anew() -> None:
    env = Environment()
    _, cursor = env.pull(Kind.ACCOUNT)
    answer = json.dumps({"error": {"code": "0x80040220", "message": "missing prvReadAccount"}}).encode()
    refusal = Reply(status=403, headers={"content-type": "application/json"}, body=answer)
    env.fake.override = lambda request: refusal if "deltatoken" in request.path else None
    with pytest.raises(RefusedError, match="0x80040220: missing prvReadAccount"):
        _ = env.pull(Kind.ACCOUNT, cursor)


def test_an_empty_answer_deletes_nothing() -> None:
    env = Environment()
    made = [env.account() for _ in range(3)]
    _, cursor = env.pull(Kind.ACCOUNT)
    rows, env.data.rows["account"] = env.data.rows["account"], {}  # the user may see none of them any more
    assert env.pull(Kind.ACCOUNT, cursor)[0] == {}
    assert env.read(Kind.ACCOUNT, *made) == []
    env.data.rows["account"] = rows


@pytest.mark.parametrize(
    "cursor",
    ["", "[]", "7", '["accounts","rows",null,null]', '["contact","rows","$deltatoken=1",null]',
     '["account","somewhere",null,null]', '["account","rows",7,null]', '["account","rows","x#y",null]', "null",
     '["account","rows","a\\nb",null]'],
)  # fmt: skip
def test_a_cursor_that_was_never_given_is_refused(cursor: str) -> None:
    with pytest.raises(TerminalError, match="is no cursor of the feed of account"):
        _ = Environment().page(Kind.ACCOUNT, cursor)


def test_a_table_without_change_tracking_says_where_to_switch_it_on() -> None:
    env = Environment()
    page: Callable[[Request], Reply | None] = lambda request: (  # noqa: E731 - what the override is
        Reply(status=200, headers={"content-type": "application/json"}, body=b'{"value": []}')
        if request.path.split("?")[0].endswith("/accounts")
        else None
    )
    env.fake.override = page
    with pytest.raises(AdapterError, match="switch on Track changes"):
        _ = env.pull(Kind.ACCOUNT)


def test_terms_that_are_not_ours_are_not_told() -> None:
    env = Environment()
    _ = env.data.insert("clmcrm_contractterm", {"clmcrm_name": "by a person"})
    assert env.pull(Kind.CONTRACT_TERMS)[0] == {}


def test_a_record_that_cannot_be_understood_is_reported_and_the_others_are_told() -> None:
    env = Environment()
    good, bad = env.account("good"), env.account("bad")
    env.data.rows["account"][bad]["numberofemployees"] = "a lot"
    told, _ = env.pull(Kind.ACCOUNT)
    assert not told[good].unreadable
    assert "numberofemployees" in told[bad].unreadable
