"""Whatever a call of Odoo or Tryton fails with, whichever call it is, the adapter raises an error of the ports' own.

Each of the calls that a method makes is answered in turn by each of the refusals that these servers have, and by
replies of other shapes: an error that no caller knows would stop a whole run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.examining import examined as examined_odoo
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.examining import MODULES
from clmcrm.adapters.tryton.examining import examined as examined_tryton
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.typed_failures import in_types
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Flow, Reply
from clmcrm.ports.records import Create, Kind, Remove, Update

HEADERS = {"content-type": "application/json", "date": "Thu, 07 May 2026 12:00:30 GMT"}
ONCE = Policy(tries=1, first_wait=timedelta(0))
MOST_CALLS: Final = 20
SHAPES: Final[tuple[Any, ...]] = (None, 7, "x", {}, [], [{}], [7])
Answering = Callable[[Call], Reply]


def reply(value: object, status: int = 200) -> Reply:
    return Reply(status=status, headers=HEADERS, body=json.dumps(value).encode())


class Server:
    """A server that answers as `right` says, but for the call of number `wrong`, which gets `answer`."""

    def __init__(self, right: Answering, wrong: int = 0, answer: Reply | None = None) -> None:
        self.right, self.wrong, self.answer, self.calls = right, wrong, answer, 0

    def send(self, call: Call, within: timedelta) -> Reply:
        del within
        self.calls += 1
        return self.answer if self.answer is not None and self.calls == self.wrong else self.right(call)

    def run(self, flow: Flow[Any]) -> Any:
        return Driver(self, Desk(clock=lambda: datetime.now(UTC), policy=ONCE), sleep=lambda _: None).run(flow)


# Odoo.

PARTNER = {"id": 7, "name": "A", "active": True, "write_date": "2026-05-07 12:00:00"}
FIELD = {"type": "char", "store": True, "readonly": False}
ODOO: dict[str, object] = {
    "fields_get": {
        **dict.fromkeys(("name", "phone", "street", "lang"), FIELD),
        "active": {"type": "boolean", "store": True}, "child_ids": {"type": "one2many", "relation": "res.partner"},
        "id": {"type": "integer", "readonly": True}, "write_date": {"type": "datetime", "readonly": True},
    },
    "web_search_read": {"records": [{**PARTNER, "code": "FR", "country_id": 75}]}, "search": [7], "search_count": 1,
    "get_installed": [["fr_FR", "French"]], "get_metadata": [{"id": 7, "xmlids": [{"xmlid": "clmcrm.account__m"}]}],
    "check_object_reference": ["res.partner", 7], "load": {"ids": [8, 9, 10], "messages": []},
    "web_save_multi": [PARTNER], "read": [], "has_access": True,
    "context_get": {"uid": 2}, "search_read": [],
}  # fmt: skip


def odoo(call: Call) -> Reply:
    return reply(ODOO[call.url.rpartition("/")[2]])


def said(name: str, status: int, words: str = "x") -> Reply:
    return reply({"name": name, "message": words, "arguments": [], "debug": ""}, status)


ODOO_FAILS: dict[str, Reply] = {
    "no access": said("odoo.exceptions.AccessError", 403),
    "a record that is missing": said("odoo.exceptions.MissingError", 404),
    "a rule": said("odoo.exceptions.UserError", 422),
    "an unknown name": said("builtins.ValueError", 500, "External ID not found in the system: x"),
    "a busy database": said("psycopg2.errors.SerializationFailure", 500),
    **{f"the value {value!r}": reply(value) for value in (*SHAPES, True)},
    "rows of nothing": reply({"records": [{}]}),
    "odd rows": reply({"records": [{"id": 7, "child_ids": 7, "write_date": 9, "country_id": [5]}]}),
    "odd fields": reply({"name": [], "id": 7}),
    "a refusal by load": reply({"ids": False, "messages": [{"type": "error", "message": "no", "rows": {"from": 0}}]}),
}


def odoo_crm() -> OdooCrm:
    return OdooCrm(OdooSession("https://erp.example", database="d", key=Secret("k")))


# Tryton.

PARTY = {
    "id": 7, "name": "A", "active": True, "replaced_by": None, "create_date": None, "last_modified_at": None,
    "_timestamp": "7.1", "lang.": None, "customer_currency.": None, "addresses.": [], "contact_mechanisms.": [],
    "identifiers.": [{"id": 1, "type": None, "code": "clmcrm:m", "_timestamp": "1"}],
}  # fmt: skip
TRYTON: dict[str, object] = {
    "login": [1, "token"], "fields_get": {"name": {"type": "char"}, "color": {"type": "integer"}}, "search_count": 0,
    "search": [7], "create": [8, 9, 10], "write": None, "get_preferences": {},
    "get_access": {name: {"read": True, "write": True, "create": True} for name in MODULES},
}  # fmt: skip


def tryton(call: Call) -> Reply:
    model, _, method = str(json.loads(call.body or b"{}")["method"]).rpartition(".")
    if method != "search_read":
        return reply({"id": 1, "result": TRYTON[method]})
    coded = [{"id": 1, "code": "FR"}]
    return reply({"id": 1, "result": [] if model.endswith("log") else [PARTY] if "party" in model else coded})


def error(*parts: object) -> Reply:
    return reply({"id": 1, "error": list(parts)})


TRYTON_FAILS: dict[str, Reply] = {
    "a rule": error("UserError", ["no", "", None]),
    "a question": error("UserWarning", ["n", "sure?", ""]),
    "a change meanwhile": error("ConcurrencyException", ["x"]),
    "no access": error("AccessError", ["x"]),
    "a busy database": error("DatabaseTimeoutError", "x"),
    "a session that ended": reply({}, 401),
    **{f"the value {value!r}": reply({"id": 1, "result": value}) for value in SHAPES},
    "odd parts": reply({"id": 1, "result": [{**PARTY, "identifiers.": 7}]}),
    "an odd id": reply({"id": 1, "result": [{**PARTY, "id": "x"}]}),
}


def tryton_crm() -> TrytonCrm:
    return TrytonCrm(TrytonSession("https://erp.example", database="d", user="u", password="p"))  # noqa: S106 - nobody's


CASES: dict[str, tuple[Callable[[], OdooCrm | TrytonCrm], Answering, Mapping[str, Reply]]] = {
    "odoo": (odoo_crm, odoo, ODOO_FAILS),
    "tryton": (tryton_crm, tryton, TRYTON_FAILS),
}


def examined(crm: OdooCrm | TrytonCrm) -> Flow[Any]:
    return examined_odoo(crm) if isinstance(crm, OdooCrm) else examined_tryton(crm)


def deeds(crm: OdooCrm | TrytonCrm, version: str) -> dict[str, Flow[Any]]:
    news = [Create(kind=Kind.ACCOUNT, mark=f"n:{number}", fields={"name": "A"}) for number in range(3)]
    return {
        "changes": crm.changes(Kind.ACCOUNT, None),
        "read": crm.read(Kind.ACCOUNT, ["7", "8"]),
        "find": crm.find(Kind.ACCOUNT, "m"),
        "create": crm.write(news),
        "update": crm.write([Update(kind=Kind.ACCOUNT, key="7", fields={"phone": "1"}, expected=version)]),
        "examine": examined(crm),
        "remove": crm.write([Remove(kind=Kind.ACCOUNT, key="7", expected=version)]),
    }


@pytest.mark.parametrize("deed", deeds(odoo_crm(), ""))
@pytest.mark.parametrize("vendor", CASES)
def test_every_call_may_fail_and_the_error_is_one_of_the_ports(vendor: str, deed: str) -> None:
    made, right, failures = CASES[vendor]
    (seen,) = Server(right).run(made().read(Kind.ACCOUNT, ["7"]))
    whole = Server(right)
    _ = whole.run(deeds(made(), seen.version)[deed])
    assert 1 < whole.calls < MOST_CALLS
    for number in range(1, whole.calls + 1):
        for name, answer in failures.items():
            try:
                _ = Server(right, number, answer).run(deeds(made(), seen.version)[deed])
            except AdapterError:
                continue
            except Exception as foreign:  # noqa: BLE001 - that is what is looked for
                pytest.fail(f"call {number} of {deed}, answered with {name}: {foreign!r}")


def test_a_refusal_after_a_part_was_written_leaves_the_batch_in_doubt() -> None:
    """Odoo takes the creation, and then refuses to show what it made."""
    calls: list[str] = []

    def right(call: Call) -> Reply:
        calls.append(call.url.rpartition("/")[2])
        late = calls[-1] == "web_search_read" and "load" in calls
        return ODOO_FAILS["no access"] if late else odoo(call)

    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not: may not"):
        _ = Server(right).run(deeds(odoo_crm(), "")["create"])
    with pytest.raises(RefusedError, match="may not") as refused:  # and of nothing that was written nothing is said
        _ = Server(odoo, 1, ODOO_FAILS["no access"]).run(deeds(odoo_crm(), "")["create"])
    assert refused.value.status == 403


def test_a_model_that_is_missing_leaves_the_kinds_before_it_in_doubt() -> None:
    """The accounts of a batch are written, and then there is no model for its terms."""
    terms = Create(kind=Kind.CONTRACT_TERMS, mark="t", fields={"account": "7"})
    account = Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "A"})

    def right(call: Call) -> Reply:
        if "/ir.attachment/" in call.url:
            return said("werkzeug.exceptions.NotFound", 404)
        return reply({"ids": [8], "messages": []}) if call.url.endswith("/load") else odoo(call)

    with pytest.raises(AmbiguousError, match=r"there is no model ir\.attachment"):
        _ = Server(right).run(odoo_crm().write([account, terms]))
    with pytest.raises(TerminalError, match=r"there is no model ir\.attachment") as refused:
        _ = Server(right).run(odoo_crm().write([terms]))
    assert not isinstance(refused.value, AmbiguousError)


def test_a_description_that_is_none_is_not_kept() -> None:
    crm = odoo_crm()
    for broken in ("odd fields", "the value None"):
        with pytest.raises(MalformedReply):
            _ = Server(odoo, 1, ODOO_FAILS[broken]).run(crm.read(Kind.ACCOUNT, ["7"]))
    assert [one.key for one in Server(odoo).run(crm.read(Kind.ACCOUNT, ["7"]))] == ["7"]


def failing(problem: Exception) -> Flow[None]:
    _ = yield Call(method="GET", url="https://erp.example/json/2/x/search", vendor="acme")
    raise problem


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (KeyError("id"), MalformedReply), (TypeError("x"), MalformedReply), (AttributeError("x"), MalformedReply),
        (TransientError("acme", "x"), TransientError), (NotImplementedError("x"), NotImplementedError),
    ],
)  # fmt: skip
def test_what_is_known_stays_what_it_is_and_what_is_a_mistake_of_ours_too(
    problem: Exception, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        _ = Server(odoo).run(in_types("acme", failing(problem), lambda _: None))
