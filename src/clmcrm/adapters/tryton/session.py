"""A session with one Tryton: logs in when it must, and asks.

The context of every question names the company, and carries the time stamps a write depends on.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from clmcrm.adapters.tryton.wire import VENDOR, SessionEnded, listed, request, result
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

_NO_CONTEXT: Final[Mapping[str, object]] = {}
_PAGE: Final = 2000
_LONG: Final = timedelta(minutes=5)
"""How long a call may take: Tryton writes some 170 records in a second, and a busy one fewer."""


class TrytonSession:
    """Where a Tryton is and who asks; `company` is the id of the company whose records are meant.

    The password is kept out of every repr, error and log.

    >>> TrytonSession("https://erp.example", database="crm", user="sync", password="secret")
    TrytonSession('https://erp.example', database='crm', user='sync')
    """

    def __init__(
        self,
        url: str,
        *,
        database: str,
        user: str,
        password: str,
        company: int | None = None,
        timeout: timedelta = _LONG,
    ) -> None:
        self._address = f"{url.rstrip('/')}/{database}/rpc/"
        self._url, self._database, self._user = url, database, user
        self._password = password
        self._timeout = timeout
        self._context: dict[str, object] = {} if company is None else {"company": company, "companies": [company]}
        self._ticket: str | None = None
        self._fields: dict[str, Mapping[str, Mapping[str, Any]]] = {}
        self.last_date: str = ""

    def __repr__(self) -> str:
        """Where and who, never the password."""
        return f"TrytonSession({self._url!r}, database={self._database!r}, user={self._user!r})"

    def ask(
        self,
        model: str,
        method: str,
        *params: object,
        context: Mapping[str, object] = _NO_CONTEXT,
        effect: Effect = Effect.NONE,
    ) -> Flow[Any]:
        """What `method` of `model` returns; `effect` says what doing it twice would do. Raises as `call`."""
        return (yield from self.call(f"model.{model}.{method}", *params, context=context, effect=effect))

    def call(
        self,
        method: str,
        *params: object,
        context: Mapping[str, object] = _NO_CONTEXT,
        effect: Effect = Effect.NONE,
    ) -> Flow[Any]:
        """What the server's `method` returns, whatever its object ("model.party.party.read").

        Raises what `clmcrm.adapters.tryton.wire.result` raises; a session that ended is renewed once.
        """
        body = request(method, [*params, {**self._context, **context}])
        for _ in range(2):
            if self._ticket is None:
                yield from self._log_in()
            ticket = self._ticket
            reply = yield self._call(body, {"authorization": f"Session {ticket}"}, effect=effect)
            try:
                return result(self._noted(reply))
            except SessionEnded:
                # Another flow may have renewed it meanwhile: only the ticket that failed is thrown away.
                if self._ticket == ticket:
                    self._ticket = None
        raise TerminalError(VENDOR, f"{self._user!r} may not call {method}")

    def rows(
        self, model: str, domain: Sequence[object], fields: Sequence[str], *, most: int | None = None
    ) -> Flow[list[dict[str, Any]]]:
        """The records of `model` that meet `domain`, by id, removed ones included; at most `most` of them."""
        found: list[dict[str, Any]] = []
        last = 0
        while most is None or len(found) < most:
            wanted = _PAGE if most is None else min(_PAGE, most - len(found))
            page = yield from self.ask(
                model, "search_read", ["AND", list(domain), ["id", ">", last]], 0, wanted, [["id", "ASC"]],
                list(fields), context={"active_test": False},
            )  # fmt: skip
            found += cast("list[dict[str, Any]]", page)
            if len(page) < wanted:
                break
            last = int(page[-1]["id"])
        return found

    def fields(self, model: str) -> Flow[Mapping[str, Mapping[str, Any]]]:
        """The fields of `model` by name, as Tryton describes them to this user; asked once."""
        if model not in self._fields:
            told = yield from self.ask(model, "fields_get", [])
            if not isinstance(told, dict):
                raise MalformedReply(VENDOR, "$.result", f"fields_get of {model} gave no fields")
            self._fields[model] = cast("dict[str, dict[str, Any]]", told)
        return self._fields[model]

    def _log_in(self) -> Flow[None]:
        body = request("common.db.login", [self._user, {"password": self._password}])
        reply = yield self._call(body, {}, effect=Effect.NONE)
        try:
            told = result(self._noted(reply))
        except SessionEnded:
            raise TerminalError(
                VENDOR, f"{self._user!r} may not log in to {self._database!r}: wrong password?"
            ) from None
        answer: list[Any] = listed(told)
        if len(answer) < 2:  # noqa: PLR2004 - who, and the token
            raise TerminalError(VENDOR, f"{self._user!r} may not log in to {self._database!r}")
        number, token = answer[:2]
        self._ticket = base64.b64encode(f"{self._user}:{number}:{token}".encode()).decode()

    def _noted(self, reply: Reply) -> Reply:
        self.last_date = reply.headers.get("date", self.last_date)
        return reply

    def _call(self, body: bytes, headers: Mapping[str, str], *, effect: Effect) -> Call:
        return Call(
            method="POST",
            url=self._address,
            vendor=VENDOR,
            headers={"content-type": "application/json", **headers},
            body=body,
            effect=effect,
            timeout=self._timeout,
        )
