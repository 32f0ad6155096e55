"""Whatever comes back: no crash, no silent loss, no request to another origin, and never a secret in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from serving_acme import TOKEN, Acme, Answer, serving_acme

from clmcrm.adapters.declared.reading import load_description
from clmcrm.adapters.declared.system import DeclaredSystem
from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AdapterError, InvalidRecord, MalformedReply, RefusedError, TerminalError
from clmcrm.ports.records import Create, Result, Update

ACME = load_description(Path(__file__).parents[3] / "examples" / "declared" / "acme.toml")
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def acme() -> Acme:
    return Acme()


@pytest.fixture
def crm(acme: Acme) -> Iterator[Blocking]:
    with serving_acme(acme) as address:
        system = DeclaredSystem(ACME, {"token": Secret(TOKEN)}, address=address)
        policy = Policy(tries=1, first_wait=timedelta(0))
        with HttpTransport(system.origins) as transport:
            desk = Desk(clock=lambda: datetime.now(UTC), policy=policy)
            yield Blocking(system, Driver(transport, desk, sleep=lambda _: None).run)


def _always(acme: Acme, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    acme.override = lambda _method, _target: (status, headers or JSON, body)


def _company(**members: Any) -> dict[str, Any]:
    told = {"id": 1, "revision": "r1", "updated_at": "2026-01-15T10:00:00Z", "archived": False, "company_name": "A"}
    return {**told, **members}


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"Content-Type": "text/html"}, b"<html>Please log in</html>"),
        (200, JSON, b"<!doctype html>"),
        (200, JSON, b'{"data": [{"id": 1,'),
        (200, JSON, b'{"data": {"id": 1}}'),
        (200, JSON, b'{"data": [7]}'),
        (200, JSON, b'{"data": [{"company_name": "no key"}]}'),
        (200, JSON, b"[]"),
        (200, JSON, b""),
        (200, JSON, b'{"data": [], "n": NaN}'),
        (200, JSON, b'{"error": {"message": "quota of the day is used up"}}'),
        (404, JSON, b'{"error": {"message": "no such list"}}'),
        (403, JSON, b'{"error": {"message": "scope companies.read is missing"}}'),
    ],
)
def test_a_list_that_is_none_is_an_error_and_never_an_empty_page(
    acme: Acme, crm: Blocking, status: int, headers: dict[str, str], body: bytes
) -> None:
    _always(acme, status, body, headers)
    with pytest.raises(TerminalError) as refused:
        _ = crm.changes("account", None)
    assert refused.value.vendor == "acme"


def test_an_error_inside_a_success_is_told_in_the_systems_own_words(acme: Acme, crm: Blocking) -> None:
    _always(acme, 200, b'{"error": {"message": "quota of the day is used up"}}')
    with pytest.raises(RefusedError, match="quota of the day is used up"):
        _ = crm.changes("account", None)
    (outcome,) = crm.write([Create(kind="contact", mark="m", fields={"family_name": "A"})])
    assert (outcome.result, "quota" in outcome.why) == (Result.REFUSED, True)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>Not found</html>", {"Content-Type": "text/html"}), (b"Not found", {"Content-Type": "text/html"}),
        (b" <!doctype html>", JSON), (b"\xef\xbb\xbf<!doctype html>", JSON), (b"\xef\xbb\xbf\r\n<html>", JSON),
    ],
    ids=["a page", "a page of words", "as JSON", "after a byte order mark", "after a mark and a line end"],
)  # fmt: skip
def test_a_page_for_people_is_no_proof_that_a_record_is_missing(
    acme: Acme, crm: Blocking, body: bytes, headers: dict[str, str]
) -> None:
    _always(acme, 404, body, headers)
    with pytest.raises(MalformedReply, match="no proof"):
        _ = crm.read("contact", ["7"])
    _always(acme, 404, b'{"error": {"message": "no such thing"}}')
    assert crm.read("contact", ["7"]) == ()


def test_another_record_than_the_one_asked_for_is_refused(acme: Acme, crm: Blocking) -> None:
    _always(acme, 200, json.dumps({"data": _company(id=8)}).encode())
    with pytest.raises(MalformedReply, match="another record"):
        _ = crm.read("contact", ["7"])


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"company_name": 7}, "name"),
        ({"company_name": ["A"]}, "name"),
        ({"headcount": "many"}, "employees"),
        ({"headcount": 1.5}, "employees"),
        ({"headcount": True}, "employees"),
        ({"turnover": {"value": 10.001, "currency": "EUR"}}, "revenue"),
        ({"turnover": {"value": 10, "currency": "XXY"}}, "revenue"),
        ({"turnover": {"value": 10}}, "revenue"),
        ({"created": "15/01/2026"}, "created_on"),
        ({"created": "2026-01-15T23:30:00Z"}, "created_on"),
        ({"revision": None}, "version"),
    ],
)
def test_a_value_of_the_wrong_type_makes_its_record_unreadable_and_spares_the_others(
    acme: Acme, crm: Blocking, members: dict[str, Any], field: str
) -> None:
    rows = [_company(**members), _company(id=2, company_name="B")]
    _always(acme, 200, json.dumps({"data": rows}).encode())
    wrong, right = crm.changes("account", None).seen
    assert field in wrong.unreadable
    assert (right.unreadable, right.fields["name"]) == ("", "B")


def test_numbers_with_a_point_come_in_exactly(acme: Acme, crm: Blocking) -> None:
    row = b'{"data": [{"id": 1, "revision": "r", "updated_at": "2026-01-15T10:00:00Z", "odds": 0.10, "turnover": '
    _always(acme, 200, row + b'{"value": 99999999999999.10, "currency": "EUR"}}]}')
    (seen,) = crm.changes("account", None).seen
    assert seen.fields["revenue"] == {"amount": "99999999999999.10", "currency": "EUR"}
    assert seen.fields["extras"] == [{"system": "acme", "field": "odds", "raw": "0.10"}]


def test_an_unknown_word_is_kept_verbatim_beside_the_canonical_one(acme: Acme, crm: Blocking) -> None:
    row = {"id": 1, "revision": "r", "title": "Deal", "phase": "Handshake pending"}
    _always(acme, 200, json.dumps({"data": [row]}).encode())
    (seen,) = crm.changes("opportunity", None).seen
    assert (seen.fields["stage"], seen.fields["stage_raw"]) == ("unknown", "Handshake pending")


def test_a_field_that_the_reply_leaves_out_is_not_shown_as_empty(acme: Acme, crm: Blocking) -> None:
    _always(acme, 200, json.dumps({"data": [_company()]}).encode())
    (seen,) = crm.changes("account", None).seen
    assert "website" not in seen.fields


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/v1/deals?page=2", "//evil.example/deals", "http://127.0.0.1:1/v1/deals",
     "http://acme@127.0.0.1/v1", "file:///etc/passwd", "javascript:alert(1)"],
)  # fmt: skip
def test_a_page_link_to_another_origin_is_never_followed(acme: Acme, crm: Blocking, link: str) -> None:
    _always(acme, 200, b'{"data": []}', {**JSON, "Link": f'<{link}>; rel="next"'})
    page = crm.changes("opportunity", None)
    sent = len(acme.requests)
    with pytest.raises(TerminalError, match="origin"):
        _ = crm.changes("opportunity", page.cursor)
    assert len(acme.requests) == sent


def test_the_transport_keeps_to_the_origin_too(acme: Acme, crm: Blocking) -> None:
    _always(acme, 302, b"", {"Location": "https://evil.example/"})
    with pytest.raises(RefusedError, match="redirect"):
        _ = crm.changes("account", None)


def test_a_cursor_that_leads_to_itself_is_an_error(acme: Acme, crm: Blocking) -> None:
    _always(acme, 200, b'{"data": [], "paging": {"next": "again"}}')
    page = crm.changes("contact", None)
    with pytest.raises(MalformedReply, match="this one again"):
        _ = crm.changes("contact", page.cursor)


def test_a_keyset_out_of_order_is_an_error(acme: Acme, crm: Blocking) -> None:
    rows = [_company(updated_at="2026-01-15T10:00:01Z"), _company(id=2)]
    _always(acme, 200, json.dumps({"data": rows}).encode())
    with pytest.raises(MalformedReply, match="order of their last change"):
        _ = crm.changes("account", None)


NASTY = [
    "../people/1",
    "..",
    ".",
    "",
    "1?archived=true",
    "1#x",
    "1/../../2",
    "%2e%2e",
    "1&limit=0",
    "1\r\nX: y",
    "é",
    "a,b",
]


@pytest.mark.parametrize("key", NASTY)
def test_a_key_is_only_ever_a_value(acme: Acme, crm: Blocking, key: str) -> None:
    (made,) = crm.write([Create(kind="contact", mark="m", fields={"family_name": "A"})])
    assert crm.read("contact", [key]) == ()
    (outcome,) = crm.write([Update(kind="contact", key=key or "..", fields={"family_name": "B"}, expected="r2")])
    assert outcome.result is Result.MISSING
    assert crm.read("contact", [made.key])[0].fields["family_name"] == "A"
    for _method, target, _headers in acme.requests:
        assert target.startswith("/v1/people")
        assert target.count("/") <= 3


@pytest.mark.parametrize("key", NASTY)
def test_a_key_among_several_is_only_ever_a_value(crm: Blocking, key: str) -> None:
    (made,) = crm.write([Create(kind="account", mark="m", fields={"name": "A"})])
    assert [seen.key for seen in crm.read("account", [key, made.key])] == [made.key]


@pytest.mark.parametrize("mark", ["a&external_id=b", "a#b", "' OR 1=1 --", "a\r\nb", "%00", "é?x=y"])
def test_a_mark_is_only_ever_a_value(crm: Blocking, mark: str) -> None:
    (made,) = crm.write([Create(kind="account", mark=mark, fields={"name": "A"})])
    assert made.result is Result.DONE
    found = crm.find("account", mark)
    assert found is not None
    assert found.key == made.key
    assert found.mark == mark


@pytest.mark.parametrize("version", ["r2\r\nX-Admin: 1", "*", '"r2", "r3"', "é"])
def test_a_version_is_only_ever_a_value(acme: Acme, crm: Blocking, version: str) -> None:
    (made,) = crm.write([Create(kind="contact", mark="m", fields={"family_name": "A"})])
    (outcome,) = crm.write([Update(kind="contact", key=made.key, fields={"family_name": "B"}, expected=version)])
    assert outcome.result is Result.STALE
    assert all("x-admin" not in headers for _method, _target, headers in acme.requests)


def test_a_refused_item_says_why_in_the_systems_own_words_and_the_others_are_done(crm: Blocking) -> None:
    names = ("A", "refuse me", "C")
    outcomes = crm.write([Create(kind="account", mark=name, fields={"name": name}) for name in names])
    assert [one.result for one in outcomes] == [Result.DONE, Result.REFUSED, Result.DONE]
    assert "Acme's own words: this cannot be" in outcomes[1].why


def test_what_nothing_maps_is_written_back_unchanged(acme: Acme, crm: Blocking) -> None:
    """Units are written whole (PUT): the member that no field stands for comes back as it was."""
    (made,) = crm.write([Create(kind="org_unit", mark="m", fields={"name": "A", "code": "U"})])
    before = dict(acme.rows["units"][made.key])
    before["color"] = acme.rows["units"][made.key]["color"] = {"r": 1, "list": [None, "x"]}
    (done,) = crm.write([Update(kind="org_unit", key=made.key, fields={"name": "B"}, expected=made.version)])
    assert done.ok, done.why
    after = acme.rows["units"][made.key]
    own = ("label", "revision", "updated_at")
    assert {k: v for k, v in after.items() if k not in own} == {k: v for k, v in before.items() if k not in own}


def test_a_member_inside_an_object_leaves_its_neighbours(acme: Acme, crm: Blocking) -> None:
    (made,) = crm.write([Create(kind="account", mark="m", fields={"name": "A", "website": "https://a.example"})])
    acme.rows["companies"][made.key]["web"]["title"] = "Home"
    (done,) = crm.write([Update(kind="account", key=made.key, fields={"website": None}, expected=made.version)])
    assert done.ok, done.why
    assert acme.rows["companies"][made.key]["web"] == {"url": None, "title": "Home"}


def test_a_look_up_that_does_not_narrow_the_list_proves_nothing(acme: Acme, crm: Blocking) -> None:
    """A filter that is ignored must not lead to a second record."""
    rows = [_company(id=n, external_id=f"other-{n}") for n in range(10)]
    _always(acme, 200, json.dumps({"data": rows}).encode())
    with pytest.raises(TerminalError, match="does not narrow"):
        _ = crm.find("account", "ours")


def test_refused_credentials_stop_a_write_and_never_show_them(acme: Acme, crm: Blocking) -> None:
    acme.token = "another"  # noqa: S105 - not a secret
    for doing in (
        lambda: crm.changes("account", None),
        lambda: crm.read("contact", ["1"]),
        lambda: crm.write([Create(kind="contact", mark="m", fields={"family_name": "A"})]),
    ):
        with pytest.raises(RefusedError) as refused:
            _ = doing()
        assert TOKEN not in f"{refused.value}{refused.value!r}{vars(refused.value)}"
        assert "***" in str(refused.value)  # Acme repeats the token; it is hidden


@pytest.mark.parametrize("value", ["", "two\nlines", "accentué"])
def test_a_secret_that_no_header_can_carry_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        _ = DeclaredSystem(ACME, {"token": Secret(value)})
    assert not value or value not in str(refused.value)


def test_nothing_that_the_adapter_shows_holds_the_secret(acme: Acme, crm: Blocking) -> None:
    """Records, outcomes, calls, errors: the canary is in none of their words."""
    hostile: list[Answer] = [
        (500, JSON, json.dumps({"error": {"message": f"trace {TOKEN}"}}).encode()),
        (422, {**JSON, "X-Request-Id": TOKEN}, f"no JSON {TOKEN}".encode()),
        (200, JSON, f'{{"data": {TOKEN}'.encode()),
        (200, JSON, f'{{"{TOKEN}": 1, "{TOKEN}": 2}}'.encode()),
        (200, JSON, json.dumps({"data": [_company(company_name=[TOKEN])]}).encode()),
    ]
    told: list[str] = [repr(crm), repr(DeclaredSystem(ACME, {"token": Secret(TOKEN)}).wire)]
    for answer in hostile:
        acme.override = lambda _method, _target, answer=answer: answer  # type: ignore[misc] # a lambda with a default
        for doing in (
            lambda: crm.changes("account", None).seen[0].unreadable,
            lambda: crm.write([Create(kind="account", mark="m", fields={"name": "A"})]),
        ):
            try:
                told.append(repr(doing()))
            except AdapterError as error:
                told.append(f"{error} {error!r} {error.__cause__!r}")
    assert len(told) == 12
    assert TOKEN not in " ".join(told)
