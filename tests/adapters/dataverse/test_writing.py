"""How many calls writing takes, and what becomes of records that others edit, double, refuse or delete meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve
from dataverse_suite import ORIGIN, crm_of, driver_of

from clmcrm.adapters.dataverse import writing
from clmcrm.adapters.dataverse.crm import DataverseCrm, budgets
from clmcrm.drivers.driver import Driver
from clmcrm.errors import AmbiguousError, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Fields, Json, Kind, Outcome, Remove, Result, Update, Write
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.dataverse.data import EnvironmentData
from clmcrm.testing.vendors.dataverse.guarded import JudgedEnvironment, judged
from clmcrm.testing.vendors.dataverse.tables import CUSTOM
from clmcrm.testing.vendors.serving import InProcess

COUNT = 200
"""Enough to see that nothing grows with it; benchmarks/dataverse_calls.py counts for a thousand."""
NOBODY = "00000001-0000-0000-0000-00000000ffff"


class Desk:
    """An environment, an adapter, and what runs it."""

    def __init__(self, data: EnvironmentData | None = None) -> None:
        self.judge: JudgedEnvironment = judged(FakeDataverse(data))
        self.fake: FakeDataverse = self.judge.fake
        self.crm: DataverseCrm = crm_of()
        self.driver: Driver = driver_of(InProcess(self.judge, ORIGIN))

    def write(self, *writes: Write) -> tuple[Outcome, ...]:
        return self.driver.run(self.crm.write(writes))

    def names(self) -> list[str]:
        return [str(row["name"]) for row in self.fake.data.rows["account"].values()]


def account(number: int, **fields: Json) -> Create:
    return Create(kind=Kind.ACCOUNT, mark=f"account:{number}", fields={"name": f"N{number}", **fields})


def change(made: Outcome, **fields: Json) -> Update:
    return Update(kind=Kind.ACCOUNT, key=made.key, fields=fields, expected=made.version)


def test_creations_changes_and_deletions_take_one_call_each_however_many() -> None:
    desk = Desk()
    _ = desk.driver.run(desk.crm.read(Kind.ACCOUNT, [NOBODY]))  # the description of the table, once
    before = desk.fake.calls
    made = desk.write(*(account(number) for number in range(COUNT)))
    assert {one.result for one in made} == {Result.DONE}
    assert desk.fake.calls - before == 1
    changed = desk.write(*(change(one, name=f"New {n}") for n, one in enumerate(made)))
    assert {one.result for one in changed} == {Result.DONE}
    assert all(one.shown is not None and one.shown.fields["name"] == f"New {n}" for n, one in enumerate(changed))
    assert desk.fake.calls - before == 2
    gone = desk.write(*(Remove(kind=Kind.ACCOUNT, key=one.key, expected=one.version) for one in changed[:20]))
    assert {one.result for one in gone} == {Result.DONE}
    assert desk.fake.calls - before == 3
    assert len(desk.names()) == COUNT - 20
    assert not desk.judge.refused


def test_a_larger_batch_is_cut_by_the_adapter_and_lines_keep_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST", 30)
    desk = Desk()
    desk.crm = crm_of(batch_size=50)
    _ = desk.driver.run(desk.crm.read(Kind.OPPORTUNITY, [NOBODY]))
    before = desk.fake.calls
    writes = [
        Create(kind=Kind.OPPORTUNITY, mark=f"sale:{number}", fields={"name": "S", "stage": "won"})
        for number in range(10)
    ]
    made = desk.write(*writes)  # a change set of two and a look for each: 7 of them beside 8 requests for lines
    assert {one.result for one in made} == {Result.DONE}
    assert desk.fake.calls - before == 2
    assert {(row["statecode"], row["statuscode"]) for row in desk.fake.data.rows["opportunity"].values()} == {(1, 3)}
    with pytest.raises(TerminalError, match="at most 50 are taken"):
        _ = desk.write(*writes * 6)
    assert not desk.judge.refused


@pytest.mark.parametrize("times", [1, 9])
def test_creations_whose_reply_is_lost_are_made_once(times: int) -> None:
    desk = Desk()
    writes: list[Write] = [account(number) for number in range(20)]
    _ = desk.write(account(99))
    left = [times]

    def lost(request: Request) -> Reply | None:
        if left[0] == 0 or request.method != "POST":
            return None
        left[0] -= 1
        desk.fake.override = lambda _request: None
        _ = desk.fake.answer(request)  # it was done, and nobody hears of it
        desk.fake.override = lost
        return Reply(status=504)

    desk.fake.override = lost
    if times > 1:
        with pytest.raises(AmbiguousError):
            _ = desk.write(*writes)
        left[0] = 0
    assert {one.result for one in desk.write(*writes)} == {Result.BOUND}
    assert len(desk.names()) == 21


def test_a_change_whose_reply_is_lost_is_not_sent_again() -> None:
    desk = Desk()
    (made,) = desk.write(account(1))
    asked = len(desk.fake.asked)
    desk.fake.override = lambda request: Reply(status=504) if request.method == "POST" else None
    with pytest.raises(AmbiguousError):
        _ = desk.write(change(made, phone="1"))
    assert len(desk.fake.asked) == asked + 1


def test_an_edit_between_our_reading_and_our_writing_is_not_overwritten() -> None:
    desk = Desk()
    first, second = desk.write(account(1), account(2))
    desk.fake.data.update("account", first.key, {"name": "By a person"})
    outcomes = desk.write(
        change(first, name="X"),
        change(second, name="Y"),
        Remove(kind=Kind.ACCOUNT, key=first.key, expected=first.version),
    )
    assert [one.result for one in outcomes] == [Result.STALE, Result.DONE, Result.STALE]
    assert "0x80060882" in outcomes[0].why
    assert sorted(desk.names()) == ["By a person", "Y"]


def test_a_change_of_nothing_only_looks() -> None:
    desk = Desk()
    (made,) = desk.write(account(1))
    version = desk.fake.data.live("account", made.key)["versionnumber"]
    (outcome,) = desk.write(change(made))
    assert (outcome.result, outcome.version) == (Result.DONE, made.version)
    (outcome,) = desk.write(evolve(change(made), expected='W/"1"'))
    assert outcome.result is Result.STALE
    assert desk.fake.data.live("account", made.key)["versionnumber"] == version


@pytest.mark.parametrize("parts", [1, 2, 60])
def test_parts_that_the_environment_holds_back_are_sent_again_alone(parts: int) -> None:
    desk = Desk()
    _ = desk.driver.run(desk.crm.read(Kind.ACCOUNT, [NOBODY]))
    desk.fake.held_back = parts
    writes = [account(number) for number in range(20)]
    if parts <= 20:
        assert {one.result for one in desk.write(*writes)} == {Result.DONE}
        assert len(desk.names()) == 20
        return
    with pytest.raises(TransientError, match="0x80072326"):
        _ = desk.write(*writes)
    assert desk.names() == []


def test_parts_that_are_never_taken_leave_the_others_to_be_looked_up() -> None:
    desk = Desk()
    _ = desk.driver.run(desk.crm.read(Kind.ACCOUNT, [NOBODY]))
    desk.fake.held_back = 41  # 20, 20, and one of the last 20
    with pytest.raises(AmbiguousError, match="and the rest held back"):
        _ = desk.write(*(account(number) for number in range(20)))
    desk.fake.held_back = 0
    results = [one.result for one in desk.write(*(account(number) for number in range(20)))]
    assert results == [Result.DONE] + [Result.BOUND] * 19


class Sales(Desk):
    """An environment with sales, each with some lines, that an adapter has read."""

    def __init__(self, *, sales: int, lines: int = 2, page: int = 5_000) -> None:
        super().__init__()
        self.fake.page = page
        keys = [self.fake.data.insert("opportunity", {"name": f"S{number}"}) for number in range(sales)]
        for key in keys:
            for number in range(lines):
                sold = {"productdescription": f"P{number}", "isproductoverridden": True, "quantity": 1}
                _ = self.fake.data.insert("opportunityproduct", {**sold, "opportunityid": ("opportunity", key)})
        self.seen = self.driver.run(self.crm.read(Kind.OPPORTUNITY, keys))

    def named(self, name: str) -> list[Update]:
        return [
            Update(kind=Kind.OPPORTUNITY, key=one.key, fields={"name": f"{name}{n}"}, expected=one.version)
            for n, one in enumerate(self.seen)
        ]

    def sold(self) -> list[str]:
        return [str(row["name"]) for row in self.fake.data.rows["opportunity"].values()]


def broken_at_the_end(fake: FakeDataverse, answer: str) -> Callable[[Request], Reply | None]:
    """What does as it is told, and answers the last part of every batch like that."""

    def broken(request: Request) -> Reply | None:
        if not request.path.endswith("$batch"):
            return None
        fake.override = lambda _request: None
        told = fake.answer(request)
        fake.override = broken
        head, _, _ = told.body.rpartition(b"HTTP/1.1 200 OK")
        end = told.body.rstrip().rpartition(b"\r\n")[2]
        return Reply(status=200, headers=told.headers, body=head + answer.encode() + b"\r\n" + end + b"\r\n")

    return broken


@pytest.mark.parametrize(
    "answer",
    ['HTTP/1.1 429 X\r\n\r\n{"error":{"code":"0x80072326","message":"too many at once"}}',
     'HTTP/1.1 403 X\r\n\r\n{"error":{"code":"0x80040220","message":"missing prvReadOpportunity"}}',
     "HTTP/1.1 200 OK\r\n\r\n<html>maintenance</html>"],
    ids=["held-back", "no-right", "a-page"],
)  # fmt: skip
def test_lines_that_cannot_be_read_after_a_write_undo_nothing_that_was_said_of_it(answer: str) -> None:
    """The sales were changed: an error said that nothing was, or nobody knew of any of them."""
    desk = Sales(sales=3)
    desk.fake.override = broken_at_the_end(desk.fake, answer)
    told = desk.write(*desk.named("New "))
    assert [(one.result, one.version, one.shown) for one in told] == [(Result.DONE, "", None)] * 3
    assert desk.sold() == ["New 0", "New 1", "New 2"]
    tag = f'W/"{desk.fake.data.live("opportunity", desk.seen[0].key)["versionnumber"]}"'
    looks = [Update(kind=Kind.OPPORTUNITY, key=desk.seen[0].key, fields={}, expected=one) for one in (tag, 'W/"1"')]
    assert [one.result for one in desk.write(*looks)] == [Result.DONE, Result.STALE]


def test_the_lines_after_a_write_are_read_to_their_last_page() -> None:
    desk = Sales(sales=3, lines=4, page=5)
    told = desk.write(*desk.named("New "))
    again = desk.driver.run(desk.crm.read(Kind.OPPORTUNITY, [one.key for one in desk.seen]))
    shown = [one.shown for one in told]
    assert [(one.key, len(one.fields["lines"])) for one in shown] == [(one.key, 4) for one in again]  # type: ignore[union-attr,arg-type] # any JSON value
    assert [one.version for one in told] == [one.version for one in again]


def test_a_later_batch_that_is_held_back_does_not_say_that_nothing_was_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand sales are two batches: the first was written, and the error of the second said otherwise."""
    monkeypatch.setattr(writing, "MOST", 10)  # and 8 of them are kept for lines
    desk = Sales(sales=4)
    calls = 0

    def second(request: Request) -> Reply | None:
        nonlocal calls
        calls += request.path.endswith("$batch")
        return Reply(status=429, headers={}) if calls > 1 else None

    desk.fake.override = second
    with pytest.raises(AmbiguousError, match="a part was written, and then: "):
        _ = desk.write(*desk.named("New "))
    assert desk.sold() == ["New 0", "New 1", "S2", "S3"]


def test_a_double_that_cannot_be_looked_up_leaves_the_others_in_doubt_alone() -> None:
    desk = Desk()
    _ = desk.write(account(1))
    calls = 0

    def second(request: Request) -> Reply | None:
        nonlocal calls
        calls += 1
        return Reply(status=429, headers={}) if calls > 1 else None

    desk.fake.override = second
    with pytest.raises(AmbiguousError, match="a part was written"):
        _ = desk.write(account(1), account(2))
    calls = 0
    with pytest.raises(TransientError):  # nothing was written of this
        _ = desk.write(account(1))


def test_too_many_calls_are_waited_for_as_long_as_the_environment_says() -> None:
    desk = Desk()
    waits: list[float] = []
    desk.driver = Driver(InProcess(desk.judge, ORIGIN), desk.driver.desk, sleep=waits.append)
    desk.fake.limited = 2
    assert desk.write(account(1))[0].result is Result.DONE
    assert 2.0 in waits
    assert desk.fake.limited == 0
    (budget,) = budgets()
    assert (budget.size, budget.per.total_seconds()) == (6_000, 300)


def test_a_plug_in_refuses_one_record_in_its_own_words() -> None:
    desk = Desk()
    desk.fake.data.refused.add("N1")
    first, second = desk.write(account(1), account(2))
    assert (first.result, second.result) == (Result.REFUSED, Result.DONE)
    assert "0x80040265: An error occurred in the plug-in" in first.why


@pytest.mark.parametrize("extras", [7, "x", ["x"], [{"system": "dataverse", "field": "fax"}]], ids=str)
def test_extras_that_are_none_are_refused_and_empty_nothing(extras: Json) -> None:
    desk = Desk()
    (made,) = desk.write(account(1, extras=[{"system": "dataverse", "field": "fax", "raw": "+33 1"}]))
    wrong = Update(kind=Kind.ACCOUNT, key=made.key, fields={"extras": extras}, expected=made.version)
    (outcome,) = desk.write(wrong)
    assert (outcome.result, "extras" in outcome.why) == (Result.REFUSED, True)
    assert desk.fake.data.live("account", made.key)["fax"] == "+33 1"


def test_another_key_of_the_orgs_own_is_a_refusal_and_no_binding() -> None:
    own = {**CUSTOM, "account": f"{CUSTOM['account']} acme_number:String:20#"}
    desk = Desk(EnvironmentData(custom=own))
    _ = desk.fake.data.insert("account", {"name": "theirs", "acme_number": "7"})
    extras: Json = [{"system": "dataverse", "field": "acme_number", "raw": "7"}]
    (outcome,) = desk.write(account(1, extras=extras))
    assert outcome.result is Result.REFUSED
    assert "0x80060892" in outcome.why
    (made,) = desk.write(account(2))
    (outcome,) = desk.write(change(made, extras=extras))
    assert outcome.result is Result.REFUSED


def test_a_reference_to_nothing_is_refused_and_is_not_taken_for_a_missing_record() -> None:
    desk = Desk()
    (made,) = desk.write(account(1))
    (outcome,) = desk.write(change(made, parent=NOBODY))
    assert outcome.result is Result.REFUSED
    assert f"account With Id = {NOBODY} Does Not Exist" in outcome.why
    (outcome,) = desk.write(evolve(change(made, phone="1"), key=NOBODY))
    assert outcome.result is Result.MISSING
    (outcome,) = desk.write(account(2, parent=NOBODY))
    assert outcome.result is Result.REFUSED


def test_a_change_set_that_fails_leaves_nothing_behind() -> None:
    desk = Desk()
    fields: Fields = {"name": "S", "stage_raw": "1/9/"}  # no reason of that state
    (outcome,) = desk.write(Create(kind=Kind.OPPORTUNITY, mark="sale:1", fields=fields))
    assert outcome.result is Result.REFUSED
    assert desk.fake.data.rows["opportunity"] == {}
    (outcome,) = desk.write(Create(kind=Kind.OPPORTUNITY, mark="sale:1", fields={"name": "S", "stage": "won"}))
    assert outcome.result is Result.DONE
    (again,) = desk.write(Create(kind=Kind.OPPORTUNITY, mark="sale:1", fields={"name": "S", "stage": "won"}))
    assert (again.result, again.key, again.version) == (Result.BOUND, outcome.key, outcome.version)


def test_a_sale_that_is_won_and_opened_again_changes_its_state() -> None:
    desk = Desk()
    (made,) = desk.write(Create(kind=Kind.OPPORTUNITY, mark="sale:1", fields={"name": "S", "stage": "proposal"}))
    row = desk.fake.data.live("opportunity", made.key)
    assert (row["statecode"], row["salesstage"]) == (0, 2)
    for stage, state in (("won", (1, 3)), ("negotiation", (0, 1)), ("lost", (2, 4)), ("on hold", (0, 2))):
        write = Update(kind=Kind.OPPORTUNITY, key=made.key, fields={"stage": stage}, expected=made.version)
        (made,) = desk.write(write)
        assert made.ok, made.why
        assert (row["statecode"], row["statuscode"]) == state
    odd: list[Json] = ["committed", ["won"], {"stage": "won"}, 7]
    for unknown in odd:
        write = Update(kind=Kind.OPPORTUNITY, key=made.key, fields={"stage": unknown}, expected=made.version)
        (outcome,) = desk.write(write)
        assert (outcome.result, "has no state in Dataverse" in outcome.why) == (Result.REFUSED, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"revenue": {"amount": "5.00", "currency": "CHF"}}, "revenue: is in CHF, which is no currency"),
     ({"revenue": {"amount": "5.00", "currency": "USD"}, "currency": "EUR"}, "currency: is in EUR, another amount"),
     ({"kind": "authority"}, "kind: 'authority' is no option"), ({"industry": "Alchemy"}, "industry: 'Alchemy'"),
     ({"billing_address": {"lines": ["1", "2", "3", "4"]}}, "billing_address: has 4 lines"),
     ({"owner": None}, "owner: a record of Dataverse always has one"), ({"owner": "Ada"}, "owner: 'Ada' is no id"),
     ({"active": "yes"}, "active: 'yes'"), ({"created_on": "2026-05-07"}, "created_on: Dataverse keeps it"),
     ({"merged_into": NOBODY}, "merged_into: Dataverse merges"), ({"legal_name": "X"}, "legal_name: Dataverse has no"),
     ({"phone": "1\n2"}, "phone: the field holds one line"), ({"employees": "many"}, "employees"),
     ({"name": "x" * 161}, "exceeded the maximum allowed length of '160'")],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "refused",
)  # fmt: skip
def test_what_has_no_place_is_refused_by_name(fields: Fields, words: str) -> None:
    desk = Desk()
    (made,) = desk.write(account(1))
    for write in (account(2, **fields), change(made, **fields)):
        (outcome,) = desk.write(write)
        assert outcome.result is Result.REFUSED
        assert words in outcome.why
    assert desk.names() == ["N1"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"emails": ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]}, "emails: are 4"),
     ({"phones": [{"number": "1"}, {"number": "2"}]}, "phones: hold two numbers of the kind office"),
     ({"phones": [{"number": "1", "kind": "carrier pigeon"}]}, "phones"),
     ({"consents": [{"channel": "email", "given": True}]}, "consents")],
    ids=["emails", "office-twice", "unknown-phone", "consent"],
)  # fmt: skip
def test_a_contact_refuses_what_it_has_no_place_for(fields: Fields, words: str) -> None:
    (outcome,) = Desk().write(Create(kind=Kind.CONTACT, mark="c", fields={"family_name": "B", **fields}))
    assert outcome.result is Result.REFUSED
    assert words in outcome.why


def test_an_owner_may_be_a_team() -> None:
    desk = Desk()
    team = "00000009-0000-0000-0000-000000000009"
    (made,) = desk.write(account(1, owner=f"team/{team}"))
    assert desk.fake.data.live("account", made.key)["ownerid"] == ("team", team)
    (seen,) = desk.driver.run(desk.crm.read(Kind.ACCOUNT, [made.key]))
    assert seen.fields["owner"] == f"team/{team}"


def test_a_mark_that_is_too_long_for_a_key_is_refused() -> None:
    (outcome,) = Desk().write(Create(kind=Kind.ACCOUNT, mark="A" * 151, fields={"name": "A"}))
    assert outcome.result is Result.REFUSED
    assert "450 at most" in outcome.why
