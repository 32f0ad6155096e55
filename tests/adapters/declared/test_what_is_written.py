"""What a described system is sent is what it will show; what it cannot hold is refused, and no deed is denied."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clmcrm.adapters.declared.description import FieldMap
from clmcrm.adapters.declared.forms import Misfit, shown_fields, written_values
from clmcrm.adapters.declared.members import without
from clmcrm.adapters.declared.reading import read_description
from clmcrm.adapters.declared.system import DeclaredSystem
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.errors import AmbiguousError, InvalidRecord, UnreadableInput
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Outcome, Remove, Result, Update, Write
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.serving import InProcess

ORIGIN = "https://crm.example"
SYSTEM = """
system = "acme"
address = "https://crm.example"
[writing]
creating = "none"
[kinds.account]
key = "id"
version = "rev"
list = { path = "/accounts" }
one = { path = "/accounts/{key}" }
create = { path = "/accounts" }
update = { path = "/accounts/{key}", method = "PATCH" }
[kinds.account.fields]
name = "company"
email = "contact.email"
website = { path = "web", empty = "absent" }
phone = { path = "phones.0.number", empty = "absent" }
"""


def told(value: object, status: int = 200) -> Reply:
    return Reply(status=status, headers={"content-type": "application/json"}, body=json.dumps(value).encode())


class Crm:
    """Answers as it is told, by method; `bodies` are what it was sent."""

    def __init__(self, **answers: Callable[[], Reply]) -> None:
        self.answers, self.bodies = answers, list[Any]()

    def answer(self, request: Request) -> Reply:
        if request.body:
            self.bodies.append(json.loads(request.body))
        return self.answers[request.method]()

    def write(self, one: Write, described: str = SYSTEM) -> Outcome:
        system = DeclaredSystem(read_description(described))
        desk = Desk(clock=lambda: datetime.now(UTC), policy=Policy(tries=1, first_wait=timedelta(0)))
        (outcome,) = Driver(InProcess(self, ORIGIN), desk, sleep=lambda _: None).run(system.write([one]))
        return outcome


def field(**keys: Any) -> FieldMap:
    return FieldMap(name="f", path=("f",), **keys)


@pytest.mark.parametrize(
    ("one", "value", "would_show"),
    [
        (field(form="date", pattern="%d/%m/%y"), "1968-01-01", "2068-01-01"),
        (field(form="date", pattern="%m/%Y"), "2026-05-17", "2026-05-01"),
        (field(form="instant", epoch="seconds"), "2026-05-07T10:00:00.500000+00:00", "2026-05-07 10:00:00"),
        (field(form="instant", zone="Europe/Paris"), "2026-10-25T01:30:00+00:00", "2026-10-25 00:30:00"),
        (field(form="key", sent_as="number"), "007", "7"),
        (field(form="lines"), ["a", "b\nc"], "['a', 'b', 'c']"),
    ],
)
def test_a_value_that_would_read_as_another_is_refused_and_not_bent(
    one: FieldMap, value: object, would_show: str
) -> None:
    with pytest.raises(Misfit, match="f: the system would show") as misfit:
        _ = written_values(one, value)
    assert would_show in str(misfit.value)


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (field(form="date", pattern="%d/%m/%y"), "2026-05-17"),
        (field(form="instant", epoch="seconds"), "2026-05-07T12:00:00+02:00"),
        (field(form="instant", zone="Europe/Paris"), "2026-10-25T00:30:00+00:00"),
        (field(form="key", sent_as="number"), "7"),
        (field(form="lines"), ["a", "b"]),
        (field(form="lines"), []),
    ],
)
def test_a_value_that_reads_as_itself_is_written(one: FieldMap, value: Any) -> None:
    ((path, sent),) = written_values(one, value)
    shown = shown_fields(one, {path[0]: sent})["f"]
    assert shown == value or datetime.fromisoformat(shown) == datetime.fromisoformat(value)


def test_an_amount_of_nothing_is_written_as_the_description_says() -> None:
    amount = FieldMap(name="revenue", form="money", amount=("a",), currency_is="EUR", empty="text")
    assert written_values(amount, None) == [(("a",), "")]


def test_a_record_that_holds_something_else_than_described_refuses_the_change_alone() -> None:
    crm = Crm(GET=lambda: told({"id": "1", "rev": "a", "contact": "see the card"}))
    outcome = crm.write(Update(kind="account", key="1", fields={"email": "a@example.org"}, expected="a"))
    assert (outcome.result, outcome.why) == (Result.REFUSED, "email: 'email' would be inside a str")
    assert crm.bodies == []


def test_a_member_that_is_emptied_by_leaving_it_out_is_not_said_to_be_emptied_by_a_patch() -> None:
    crm = Crm(GET=lambda: told({"id": "1", "rev": "a", "web": "https://a.example"}))
    outcome = crm.write(Update(kind="account", key="1", fields={"website": None}, expected="a"))
    assert (outcome.result, crm.bodies) == (Result.REFUSED, [])
    assert "website: is emptied by leaving it out" in outcome.why


def test_what_is_left_out_inside_a_list_leaves_its_neighbours() -> None:
    row = {"id": "1", "rev": "a", "phones": [{"number": "1", "kind": "work"}, {"number": "2"}]}
    crm = Crm(GET=lambda: told(row), PATCH=lambda: told(row))
    outcome = crm.write(Update(kind="account", key="1", fields={"phone": None}, expected="a"))
    assert outcome.ok, outcome.why
    assert crm.bodies == [{"phones": [{"kind": "work"}, {"number": "2"}]}]
    assert without(("phones", "7", "number"), row) == row
    assert without(("rev", "number"), row) == row


@pytest.mark.parametrize("reply", [told({}, 201), told({"ok": True}, 202), Reply(status=204)])
def test_a_creation_that_shows_no_key_is_in_doubt_and_not_refused(reply: Reply) -> None:
    with pytest.raises(AmbiguousError, match="it took account m and shows neither its key nor our mark"):
        _ = Crm(POST=lambda: reply).write(Create(kind="account", mark="m", fields={"name": "A"}))


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_write_that_happened_is_not_denied_because_reading_it_again_fails(status: int) -> None:
    create = Create(kind="account", mark="m", fields={"name": "A"})
    with pytest.raises(AmbiguousError, match="written, and not read again"):
        _ = Crm(POST=lambda: told({"id": "1"}, 201), GET=lambda: told({}, status)).write(create)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="system acme: address is 'ftp://x'"):
        _ = DeclaredSystem(read_description(SYSTEM), address="ftp://x")


@pytest.mark.parametrize("creating", ["none", "look-up", "keyed"])
@pytest.mark.parametrize("status", [401, 429])
def test_a_batch_of_which_a_part_was_written_is_not_told_as_one_of_which_nothing_was(
    creating: str, status: int
) -> None:
    keyed = '\nidempotency_header = "idempotency-key"\nkey_window_s = 60' if creating == "keyed" else ""
    described = SYSTEM.replace('"none"', f'"{creating}"{keyed}')
    if creating == "look-up":
        described = described.replace("update =", 'find = { path = "/accounts", param = "mark" }\nupdate =')
        described = described.replace('version = "rev"', 'version = "rev"\nmark = "mark"')
    crm = Crm(POST=lambda: told({}, status) if len(crm.bodies) == 2 else told({"id": "7", "rev": "1"}, 201))
    crm.answers["GET"] = lambda: told([])
    writes = [Create(kind="account", mark=f"a:{number}", fields={"name": "A"}) for number in range(3)]
    system = DeclaredSystem(read_description(described))
    desk = Desk(clock=lambda: datetime.now(UTC), policy=Policy(tries=1, first_wait=timedelta(0)))
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = Driver(InProcess(crm, ORIGIN), desk, sleep=lambda _: None).run(system.write(writes))


@pytest.mark.parametrize(
    ("sent_as", "words", "shown", "value", "told"),
    [
        ("text", {"Won": "won"}, "Won", "won", "Won"),
        ("text", {"true": "won"}, True, "won", "true"),
        ("flag", {"true": "won", "false": "open"}, True, "won", True),
        ("flag", {"true": "won", "false": "open"}, False, "open", False),
        ("number", {"1": "open", "2": "won"}, 2, "won", 2),
    ],
)
def test_a_word_is_read_as_json_writes_it_and_sent_as_the_system_has_it(
    sent_as: str, words: dict[str, str], shown: object, value: str, told: object
) -> None:
    one = field(form="enum", values=words, sent_as=sent_as)
    assert shown_fields(one, {"f": shown}) == {"f": value}
    ((_, sent),) = written_values(one, value)
    assert (sent, type(sent) is bool) == (told, type(told) is bool)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            '{ path = "a", form = "enum", sent_as = "flag", values = { yes = "x" } }',
            "cannot be sent as flag; expected true or false",
        ),
        ('{ path = "a", form = "enum", sent_as = "number", values = { yes = "x" } }', "cannot be sent as number"),
        ('{ path = "a", form = "text", sent_as = "flag" }', "is flag, which is for an enum"),
    ],
)
def test_words_that_cannot_be_sent_so_are_refused_in_the_description(line: str, why: str) -> None:
    with pytest.raises(UnreadableInput, match=why):
        _ = read_description(SYSTEM.replace('"company"', line))


@pytest.mark.parametrize("form", ["number", "whole", "money", "instant"])
def test_a_text_that_stands_for_a_number_of_millions_of_digits_is_a_misfit(form: str) -> None:
    more: dict[str, Any] = {"amount": ("f",), "currency_is": "EUR", "minor_units": True} if form == "money" else {}
    one = field(form=form, epoch="seconds" if form == "instant" else None, **more)
    with pytest.raises(Misfit, match="no number that anybody counts with"):
        _ = shown_fields(one, {"f": "1E+99999999"})
    if form == "number":
        with pytest.raises(Misfit, match="no number that anybody counts with"):
            _ = written_values(one, "1E-99999999")


@pytest.mark.parametrize("version", ["*", "é1", "1\n2", ""])
@pytest.mark.parametrize("deed", ["update", "remove"])
def test_a_version_that_no_header_carries_keeps_nothing_apart_and_nothing_is_written(version: str, deed: str) -> None:
    described = SYSTEM.replace("[writing]", '[writing]\nprecondition = "if-match"').replace(
        "update =", 'remove = { path = "/accounts/{key}" }\nupdate ='
    )
    crm = Crm(GET=lambda: told({"id": "7", "rev": version, "company": "A"}))
    one: Write = Update(kind="account", key="7", fields={"name": "B"}, expected=version)
    outcome = crm.write(one if deed == "update" else Remove(kind="account", key="7", expected=version), described)
    assert (outcome.result, crm.bodies) == (Result.REFUSED, [])
    assert "cannot stand in If-Match" in outcome.why


def test_a_weak_entity_tag_is_sent_as_it_is() -> None:
    described = SYSTEM.replace("[writing]", '[writing]\nprecondition = "if-match"')
    crm = Crm(GET=lambda: told({"id": "7", "rev": 'W/"1"'}), PATCH=lambda: told({"id": "7", "rev": 'W/"2"'}))
    outcome = crm.write(Update(kind="account", key="7", fields={"name": "B"}, expected='W/"1"'), described)
    assert (outcome.result, outcome.version) == (Result.DONE, 'W/"2"')


UNIQUE = (
    SYSTEM.replace('creating = "none"', 'creating = "unique"\nvisible_lag_s = 30')
    .replace('version = "rev"', 'version = "rev"\nmark = "ref"\nfind = { path = "/found", param = "ref" }')
)  # fmt: skip


def test_a_key_that_is_taken_and_shows_in_no_look_up_yet_is_in_doubt_and_not_refused() -> None:
    """The system took it, the reply was lost, and a look-up shows it half a minute later."""
    crm = Crm(POST=lambda: told({"message": "ref is taken"}, 409), GET=lambda: told([]))
    with pytest.raises(AmbiguousError, match="look-ups are late"):
        _ = crm.write(Create(kind="account", fields={"name": "Durand"}, mark="m-1"), UNIQUE)
    crm.answers["GET"] = lambda: told([{"id": "7", "rev": "1", "ref": "m-1"}])
    outcome = crm.write(Create(kind="account", fields={"name": "Durand"}, mark="m-1"), UNIQUE)
    assert (outcome.result, outcome.key) == (Result.BOUND, "7")


def test_a_conflict_is_a_refusal_where_look_ups_are_never_late() -> None:
    crm = Crm(POST=lambda: told({"message": "the name is taken"}, 409), GET=lambda: told([]))
    outcome = crm.write(
        Create(kind="account", fields={"name": "Durand"}, mark="m-1"), UNIQUE.replace("visible_lag_s = 30", "")
    )
    assert outcome.result is Result.REFUSED
