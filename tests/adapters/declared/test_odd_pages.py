"""Pages that lead nowhere, to themselves or far off in time: no crash, no endless reading, nothing lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.adapters.declared.description import FieldMap
from clmcrm.adapters.declared.forms import Misfit, shown_fields
from clmcrm.adapters.declared.reading import read_description
from clmcrm.adapters.declared.system import DeclaredSystem
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Call, Flow, Reply
from clmcrm.ports.records import Page

JSON = {"content-type": "application/json", "date": "Thu, 15 Jan 2026 10:00:00 GMT"}


class _Fixed:
    """A transport that answers every call alike."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def send(self, call: Call, within: timedelta) -> Reply:
        del call, within
        return self._reply


def _rest(seconds: float) -> None:
    del seconds


KEYSET = 'paging = "keyset", size = 2, size_param = "n", after_param = "a", since_param = "since"'
NUMBERS = 'paging = "page", size = 2, size_param = "n", page_param = "p", since_param = "since"'


def _crm(listing: str) -> DeclaredSystem:
    told = f"""
    system = "acme"
    address = "https://crm.example/v1"
    [kinds.account]
    key = "id"
    changed = "at"
    list = {{ path = "/accounts", rows = "data", {listing} }}
    one = {{ path = "/accounts/{{key}}" }}
    fields = {{ name = "company", employees = {{ path = "staff", form = "whole" }} }}
    """
    return DeclaredSystem(read_description(told))


def _answered(flow: Flow[Page], told: object, link: str = "") -> Page:
    headers = {**JSON, **({"link": link} if link else {})}
    _ = next(flow)
    try:
        _ = flow.send(Reply(status=200, headers=headers, body=json.dumps(told).encode()))
    except StopIteration as end:
        page: Page = end.value
        return page
    raise AssertionError("a page is one call")


def _asked(flow: Flow[Page]) -> Call:
    call = next(flow)
    assert isinstance(call, Call)
    return call


def _row(key: int, at: str = "2026-01-15T09:00:00Z", **more: Any) -> dict[str, Any]:
    return {"id": key, "at": at, **more}


@pytest.mark.parametrize(
    ("header", "url"),
    [
        ('<?p=2>; rel="prev next"', "https://crm.example/v1/accounts?p=2"),
        ('<?p=2>; title="a, b"; rel="next"', "https://crm.example/v1/accounts?p=2"),
        ('<?p=1>; rel="prev", <?p=3>; rel=NEXT', "https://crm.example/v1/accounts?p=3"),
        ('<?p=9>; rel="last"; title="not next", <?p=3>; rel="next"', "https://crm.example/v1/accounts?p=3"),
    ],
)
def test_a_link_header_is_read_as_it_may_be_written(header: str, url: str) -> None:
    crm = _crm('paging = "link"')
    page = _answered(crm.changes("account", None), {"data": [_row(1)]}, header)
    assert page.more
    assert _asked(crm.changes("account", page.cursor)).url == url


@pytest.mark.parametrize(
    "header", ['<?p=2>; rel="next-archive"', '<?p=2>; rel="prev"', "<?p=2>", '<?p=2>; title="next"']
)
def test_another_relation_leads_to_no_next_page(header: str) -> None:
    assert not _answered(_crm('paging = "link"').changes("account", None), {"data": [_row(1)]}, header).more


def test_a_relative_link_leads_on_from_the_page_that_states_it() -> None:
    """RFC 3986, 5.1.3: its base is the address of that page, and not that of the first one."""
    crm = _crm('paging = "link", next = "next"')
    cursor, asked = None, list[str]()
    for link in ("accounts/pages/2", "3", "./4?full=1", "?full=2", "../5", "/v1/last"):
        asked.append(_asked(crm.changes("account", cursor)).url.removeprefix("https://crm.example/v1/"))
        cursor = _answered(crm.changes("account", cursor), {"data": [], "next": link}).cursor
    assert asked == [
        "accounts", "accounts/pages/2", "accounts/pages/3", "accounts/pages/4?full=1", "accounts/pages/4?full=2",
        "accounts/5",
    ]  # fmt: skip
    assert _asked(crm.changes("account", cursor)).url == "https://crm.example/v1/last"


def test_a_relative_link_of_a_look_up_leads_on_from_its_page_too() -> None:
    found = 'mark = "ours"\ncreate = { path = "/accounts" }\nfind = { path = "/accounts", rows = "data", param = "ours"'
    flow = _crm(f'paging = "link", next = "next" }}\n{found}').find("account", "m:1")
    asked = [next(flow)]
    for link in ("accounts/pages/2", "3"):
        body = json.dumps({"data": [], "next": link}).encode()
        asked.append(flow.send(Reply(status=200, headers=JSON, body=body)))
    assert [one.url.partition("?")[0] for one in asked if isinstance(one, Call)] == [
        f"https://crm.example/v1/{path}" for path in ("accounts", "accounts/pages/2", "accounts/pages/3")
    ]


@pytest.mark.parametrize("link", ["http://[::1", "https://crm.example:port/x", "//[x/y"])
def test_a_link_that_is_no_address_is_a_typed_error(link: str) -> None:
    crm = _crm('paging = "link", next = "next"')
    page = _answered(crm.changes("account", None), {"data": [], "next": link})
    with pytest.raises(TerminalError, match="it is not followed"):
        _ = _asked(crm.changes("account", page.cursor))


@pytest.mark.parametrize("told", [{}, [], {"href": "?p=2"}, True])
@pytest.mark.parametrize(
    "listing", ['paging = "link", next = "next"', 'paging = "cursor", cursor_param = "c", next = "next"']
)
def test_what_is_neither_text_nor_number_leads_nowhere(listing: str, told: object) -> None:
    with pytest.raises(MalformedReply, match=r"\$\.next is no (link|cursor) to a next page"):
        _ = _answered(_crm(listing).changes("account", None), {"data": [], "next": told})


def test_a_system_that_ignores_the_page_number_is_found_out() -> None:
    crm, told = _crm(NUMBERS), {"data": [_row(1), _row(2)]}
    first = _answered(crm.changes("account", None), told)
    with pytest.raises(MalformedReply, match="the next page is this one again"):
        _ = _answered(crm.changes("account", first.cursor), told)
    second = _answered(crm.changes("account", first.cursor), {"data": [_row(3), _row(4)]})
    assert _asked(crm.changes("account", second.cursor)).url == "https://crm.example/v1/accounts?n=2&p=3"
    assert not _answered(crm.changes("account", second.cursor), {"data": []}).more


@pytest.mark.parametrize("listing", [KEYSET, NUMBERS])
def test_a_change_in_the_future_does_not_hide_those_before_it(listing: str) -> None:
    crm = _crm(listing)
    page = _answered(crm.changes("account", None), {"data": [_row(1, "2099-01-01T00:00:00Z")]})
    assert "since=2026-01-15T09%3A50%3A00Z" in _asked(crm.changes("account", page.cursor)).url


@pytest.mark.parametrize("listing", [KEYSET, NUMBERS])
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:05:00Z"])
def test_a_change_before_all_time_is_no_crash(listing: str, at: str) -> None:
    crm = _crm(listing)
    page = _answered(crm.changes("account", None), {"data": [_row(1, at)]})
    assert "since=1970-01-01T00%3A00%3A00Z" in _asked(crm.changes("account", page.cursor)).url


@pytest.mark.parametrize("told", ["1_000", "\N{FULLWIDTH DIGIT ONE}", "12 000", "1,234", "twelve", "0x10", "1e", "."])
def test_a_text_that_is_no_number_is_named_and_never_guessed(told: str) -> None:
    (seen,) = _answered(_crm(NUMBERS).changes("account", None), {"data": [_row(1, staff=told)]}).seen
    assert "employees" not in seen.fields
    assert seen.unreadable == f"employees: $.staff: {told!r} is no number; expected one such as 1234.5"


@pytest.mark.parametrize(
    ("told", "meant"), [("12", 12), (" 12 ", 12), ("12.0", 12), ("1e3", 1000), ("+12", 12), ("-0", 0)]
)
def test_a_text_that_is_a_number_is_one(told: str, meant: int) -> None:
    (seen,) = _answered(_crm(NUMBERS).changes("account", None), {"data": [_row(1, staff=told)]}).seen
    assert seen.fields["employees"] == meant


def test_a_record_that_comes_twice_is_read_once_and_in_the_order_asked_for() -> None:
    told = """
    system = "acme"
    address = "https://crm.example/v1"
    [kinds.account]
    key = "id"
    list = { path = "/accounts" }
    one = { path = "/accounts/{key}" }
    many = { path = "/accounts", param = "ids" }
    fields = { name = "company" }
    """
    body = json.dumps([{"id": 1}, {"id": 2}, {"id": 1}, {"id": 9}]).encode()
    driver = Driver(
        _Fixed(Reply(status=200, headers=JSON, body=body)), Desk(clock=lambda: datetime.now(UTC)), sleep=_rest
    )
    seen = driver.run(DeclaredSystem(read_description(told)).read("account", ["2", "1", "2"]))
    assert [one.key for one in seen] == ["2", "1"]


def test_a_count_of_seconds_beyond_the_calendar_says_so() -> None:
    crm = _crm(NUMBERS).described.kinds["account"]
    one = evolve(crm.fields["name"], form="instant", epoch="seconds")
    with pytest.raises(Misfit, match="seconds since 1970 lie beyond any calendar"):
        _ = shown_fields(one, {"company": 10**20})


OTHERS = 'paging = "cursor", cursor_param = "c", next = "next"'


@pytest.mark.parametrize(
    ("listing", "token"),
    [
        (NUMBERS, ["x", "y"]), (NUMBERS, ["2026-01-15T09:00:00+00:00", "7"]), (NUMBERS, ["9" * 5000]),
        (NUMBERS, ["-1"]),
        (KEYSET, ["2", "adf009b64da7a806"]), (KEYSET, ["2026-01-15T09:00:00Z"]), (KEYSET, ["2026-01-15T09:00:00", "7"]),
        (KEYSET, ["2026-01-15T09:00:00Z", "\ud800"]), (OTHERS, ["\ud800"]), ('paging = "none"', ["2"]),
    ],
    ids=repr,
)  # fmt: skip
def test_a_cursor_of_another_way_of_paging_is_a_typed_error(listing: str, token: list[str]) -> None:
    """The description was changed while a pull had stopped between two pages."""
    cursor = json.dumps([None, None, None, token])
    with pytest.raises(TerminalError, match="is no cursor of its feeds"):
        _ = _asked(_crm(listing).changes("account", cursor))


@pytest.mark.parametrize("listing", [NUMBERS, KEYSET])
def test_its_own_cursor_leads_on(listing: str) -> None:
    crm = _crm(listing)
    first = _answered(crm.changes("account", None), {"data": [_row(1), _row(2)]})
    assert first.more
    assert _asked(crm.changes("account", first.cursor)).url != _asked(crm.changes("account", None)).url


@pytest.mark.parametrize(("form", "told"), [("date", "2026-W05"), ("date", "2026W05"), ("instant", "2026-W05")])
def test_a_week_is_no_day_and_is_not_read_as_its_monday(form: str, told: str) -> None:
    zone = "Europe/Paris" if form == "instant" else None
    with pytest.raises(Misfit, match="is a week and no day"):
        _ = shown_fields(FieldMap(name="created_on", path=("made",), form=form, zone=zone), {"made": told})
