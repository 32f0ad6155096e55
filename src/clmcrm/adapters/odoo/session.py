"""A session with one database of an Odoo: who asks, by which door, and what its models have.

Nothing is logged in to: each call carries the key. What fields a model has is asked once, so that a server without
an add-on, or of another series, is read as far as it goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from clmcrm.adapters.odoo.wire import EXPLAINED, VENDOR, Door, NotAllowed, body, result, rows_in
from clmcrm.adapters.trees import is_tree
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import MalformedReply, RefusedError, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

_NONE: Final[dict[str, object]] = {}
_NO_CONTEXT: Final[Mapping[str, object]] = {}
_LONG: Final = timedelta(minutes=5)
"""How long a batch may take: Odoo creates about 150 records in a second, and a busy one fewer."""

Spec = Mapping[str, Any]
"""Which fields to read, in the form of `web_read`: {"name": {}, "country_id": {"fields": {"code": {}}}}."""


class OdooSession:
    """Where an Odoo is and who asks; the key is a user's API key, kept out of every repr, error and log.

    `company` is the id of the company whose records are meant (None: the user's own). By `Door.JSON_RPC`, for
    servers before series 19, the user's login is needed as well.

    >>> OdooSession("https://erp.example", database="prod", key=Secret("0123456789"))
    OdooSession('https://erp.example', database='prod', door='json-2')
    """

    def __init__(
        self,
        url: str,
        *,
        database: str,
        key: Secret,
        login: str | None = None,
        door: Door = Door.JSON_2,
        company: int | None = None,
        timeout: timedelta = _LONG,
    ) -> None:
        if door is Door.JSON_RPC and login is None:
            raise TerminalError(VENDOR, "the older door asks for the user's login beside its key")
        self._url, self.database, self._key, self._login = url.rstrip("/"), database, key, login
        self.door = door
        self._timeout = timeout
        # Texts come in the language they were written in, and instants in UTC.
        self._context: dict[str, object] = {"lang": "en_US", "tz": "UTC"}
        if company is not None:
            self._context["allowed_company_ids"] = [company]
        self._number: int | None = None
        self._fields: dict[str, dict[str, dict[str, Any]]] = {}
        self.last_date = ""

    def __repr__(self) -> str:
        """Where and how, never the key."""
        return f"OdooSession({self._url!r}, database={self.database!r}, door={self.door.value!r})"

    def ask(
        self,
        model: str,
        method: str,
        ids: Sequence[int] | None = None,
        *,
        context: Mapping[str, object] = _NO_CONTEXT,
        effect: Effect = Effect.NONE,
        **named: object,
    ) -> Flow[Any]:
        """What `method` of `model` returns for the records `ids` (None: a method of the model itself).

        `effect` says what doing it twice would do. Raises what `clmcrm.adapters.odoo.wire.result` raises.
        """
        with_context = {**named, "context": {**self._context, **context}}
        if self.door is Door.JSON_RPC:
            return (yield from self._by_rpc(model, method, ids, with_context, effect))
        if ids is not None:
            with_context["ids"] = list(ids)
        headers = {"authorization": f"bearer {self._key.reveal()}", "x-odoo-database": self.database}
        reply = yield self._call(f"/json/2/{model}/{method}", headers, body(with_context), effect)
        return result(self._noted(reply), effect)

    def rows(
        self,
        model: str,
        domain: Sequence[object],
        spec: Spec,
        *,
        most: int | None = None,
        context: Mapping[str, object] = _NO_CONTEXT,
    ) -> Flow[list[dict[str, Any]]]:
        """The records of `model` that meet `domain`, by id, archived ones included; at most `most` of them."""
        told = yield from self.ask(
            model, "web_search_read", domain=list(domain), specification=spec, limit=most, order="id",
            context={"active_test": False, **context},
        )  # fmt: skip
        records: object = cast("dict[str, Any]", told).get("records") if isinstance(told, dict) else None
        return rows_in(records, f"web_search_read of {model}")

    def fields(self, model: str) -> Flow[Mapping[str, Mapping[str, Any]]]:
        """The fields of `model` by name, with type and choices; asked once. Empty: there is no such model here."""
        if model not in self._fields:
            try:
                told: object = yield from self.ask(
                    model, "fields_get", attributes=["type", "selection", "relation", "store", "readonly"]
                )
            except RefusedError as refused:
                if refused.status != 404:  # noqa: PLR2004 - the status itself is the name
                    raise
                told = _NONE
            fields: dict[str, Any] = told if is_tree(told) else {"": told}
            if not all(is_tree(one) for one in fields.values()):
                raise MalformedReply(VENDOR, "$", f"fields_get of {model} gave no fields")
            self._fields[model] = fields
        return self._fields[model]

    def may(self, model: str, operation: str) -> Flow[bool]:
        """Whether the user has that right on `model` at all; up to series 17 by its older name."""
        try:
            return bool((yield from self.ask(model, "has_access", [], operation=operation)))
        except (NotAllowed, RefusedError):
            told = self.ask(model, "check_access_rights", operation=operation, raise_exception=False)
            return bool((yield from told))

    def fitted(self, model: str, spec: Spec) -> Flow[dict[str, Any]]:
        """The part of `spec` that this server has fields for."""
        there = yield from self.fields(model)
        kept: dict[str, Any] = {}
        for name, inner in spec.items():
            if name not in there:
                continue
            deeper: Any = inner.get("fields")
            relation = there[name].get("relation")
            if not deeper or not relation:
                kept[name] = inner
                continue
            try:
                kept[name] = {**inner, "fields": (yield from self.fitted(str(relation), deeper))}
            except NotAllowed:
                kept[name] = {}
        return kept

    def _by_rpc(
        self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, object], effect: Effect
    ) -> Flow[Any]:
        if self._number is None:
            login: list[object] = ["common", "authenticate", [self.database, self._login, self._key.reveal(), {}]]
            number = yield from self._rpc(login, Effect.NONE)
            if type(number) is not int:
                raise RefusedError(VENDOR, f"{self._login!r} may not log in to {self.database!r}")
            self._number = number
        own = [] if ids is None else [list(ids)]
        args = [self.database, self._number, self._key.reveal(), model, method, own, named]
        return (yield from self._rpc(["object", "execute_kw", args], effect))

    def _rpc(self, asked: Sequence[object], effect: Effect) -> Flow[Any]:
        params = dict(zip(("service", "method", "args"), asked, strict=True))
        told = body({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params})
        reply = yield self._call("/jsonrpc", {}, told, effect)
        return result(self._noted(reply), effect)

    def _noted(self, reply: Reply) -> Reply:
        self.last_date = reply.headers.get("date", self.last_date)
        return reply

    def _call(self, path: str, headers: Mapping[str, str], told: bytes, effect: Effect) -> Call:
        return Call(
            method="POST",
            url=f"{self._url}{path}",
            vendor=VENDOR,
            headers={"content-type": "application/json", **headers},
            body=told,
            effect=effect,
            timeout=self._timeout,
            explained=EXPLAINED,
        )
