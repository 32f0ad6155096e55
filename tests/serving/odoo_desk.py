"""Persons at an Odoo: a clerk who sells, edits and deletes as people do, by Odoo's own methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

from judging import Judge, Judging
from serving_odoo import Odoo

from clmcrm.adapters.odoo.clm import OdooClm
from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import VENDOR, Door
from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tracing import Attempt
from clmcrm.ports.calls import Effect
from clmcrm.ports.records import Seen

BRIEF = timedelta(seconds=2)


def now() -> datetime:
    return datetime.now(UTC)


class OdooDesk:
    """One database of the server: `do` is the work of a clerk, `crm()` and `clm()` our adapters with a user's key.

    What `judged` runs is looked at by the closed description first.
    """

    def __init__(self, server: Odoo, database: str = "crm") -> None:
        self.server, self.database = server, database
        self.transport = HttpTransport({VENDOR: server.url})
        self.driver = Driver(self.transport, Desk(clock=now), sleep=sleep)
        self.judge = Judge(VENDOR)
        self.judged = Driver(Judging(self.transport, self.judge), Desk(clock=now), sleep=sleep)
        self._clerk = self.session("clerk")

    def session(self, who: str = "sync", **given: Any) -> OdooSession:
        key = Secret(self.server.keys[who])
        return OdooSession(self.server.url, database=self.database, key=key, **given)

    def by_rpc(self) -> OdooSession:
        return self.session(door=Door.JSON_RPC, login="sync")

    def crm(self, session: OdooSession | None = None, **given: Any) -> OdooCrm:
        return OdooCrm(session or self.session(), **{"contract_field": "x_contract", "overlap": BRIEF, **given})

    def clm(self, session: OdooSession | None = None, **given: Any) -> OdooClm:
        return OdooClm(session or self.session(), **{"overlap": BRIEF, **given})

    def do(self, model: str, method: str, ids: list[int] | None = None, *, who: str = "clerk", **named: Any) -> Any:
        """What a person does in Odoo's own client."""
        session = self._clerk if who == "clerk" else self.session(who)
        return self.driver.run(session.ask(model, method, ids, effect=Effect.ONCE, **named))

    @contextmanager
    def counted(self) -> Iterator[Callable[[], int]]:
        """How many calls the driver made so far in the block."""
        made: list[Attempt] = []
        desk = Desk(clock=now, hooks=(made.append,))
        self.driver, before = Driver(self.transport, desk, sleep=sleep), self.driver
        try:
            yield lambda: len(made)
        finally:
            self.driver = before

    def pull(self, system: OdooCrm | OdooClm, kind: str, cursor: str | None = None) -> tuple[dict[str, Seen], str]:
        """What a whole pull tells, by key, and its cursor."""
        told: dict[str, Seen] = {}
        while True:
            page = self.driver.run(system.changes(kind, cursor))
            told.update((seen.key, seen) for seen in page.seen)
            cursor = page.cursor
            if not page.more:
                return told, cursor

    def wait(self) -> None:
        """Longer than the overlap of the adapters here."""
        sleep(BRIEF.total_seconds() + 1.5)

    def create(self, model: str, **values: Any) -> int:
        (made,) = self.do(model, "create", vals_list=[values])
        return int(made)

    def write(self, model: str, number: int, **values: Any) -> None:
        _ = self.do(model, "write", [number], vals=values)

    def row(self, model: str, number: int, *names: str) -> Mapping[str, Any]:
        (row,) = self.do(model, "read", [number], fields=list(names))
        found: Mapping[str, Any] = row
        return found

    def sell_in_euros(self) -> None:
        """Odoo comes with price lists in dollars."""
        (euro,) = self.do("res.currency", "search", who="admin", domain=[["name", "=", "EUR"]])
        lists = self.do("product.pricelist", "search", who="admin", domain=[])
        if lists:
            _ = self.do("product.pricelist", "write", lists, who="admin", vals={"currency_id": euro})

    def account(self, name: str, **values: Any) -> int:
        """A customer with an address in Paris."""
        place = {"street": "1 rue Bleue", "zip": "75009", "city": "Paris"}
        return self.create("res.partner", name=name, is_company=True, **place, **values)

    def opportunity(self, partner: int, name: str, amount: float) -> int:
        return self.create("crm.lead", name=name, type="opportunity", partner_id=partner, expected_revenue=amount)

    def win(self, opportunity: int, *lines: Mapping[str, Any]) -> int:
        """A confirmed order with `lines`, and the opportunity won by Odoo's own button; the order's id."""
        partner = self.row("crm.lead", opportunity, "partner_id")["partner_id"][0]
        product = self.do("product.product", "create", who="admin", vals_list=[{"name": "work", "type": "service"}])[0]
        order = self.create(
            "sale.order", partner_id=partner, opportunity_id=opportunity,
            order_line=[[0, 0, {"product_id": product, **line}] for line in lines],
        )  # fmt: skip
        _ = self.do("sale.order", "action_confirm", [order])
        _ = self.do("crm.lead", "action_set_won", [opportunity])
        return order
