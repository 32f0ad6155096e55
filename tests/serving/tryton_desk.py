"""A person at a Tryton: sets up the company, and sells as a salesperson does, by Tryton's own buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from time import sleep
from typing import Any

from judging import Judge, Judging
from serving_tryton import Tryton

from clmcrm.adapters.transports import HttpTransport
from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.tracing import Attempt


def now() -> datetime:
    return datetime.now(UTC)


class TrytonDesk:
    """One session with the server, for the work of persons; `crm()` is our adapter, over a session of its own.

    What `judged` runs is looked at by the closed description first.
    """

    def __init__(self, server: Tryton) -> None:
        self.server = server
        transport = HttpTransport({VENDOR: server.url})
        self.driver = Driver(transport, Desk(clock=now), sleep=sleep)
        self.transport = transport
        self.judge = Judge(VENDOR)
        self.judged = Driver(Judging(transport, self.judge), Desk(clock=now), sleep=sleep)
        self.company: int | None = None
        self.session = self._session()
        self._open_company()

    def _session(self) -> TrytonSession:
        return TrytonSession(
            self.server.url, database=self.server.database, user=self.server.user, password=self.server.password,
            company=self.company,
        )  # fmt: skip

    def crm(self, **given: Any) -> TrytonCrm:
        return TrytonCrm(self._session(), **{"accounts": [["categories.name", "=", "Customer"]], **given})

    def do(self, model: str, method: str, *params: object, **given: Any) -> Any:
        """What a person does in the server's own client."""
        return self.driver.run(self.session.ask(model, method, *params, **given))

    def as_user(self, login: str, password: str) -> TrytonSession:
        """A session of somebody else in this company."""
        given = {"database": self.server.database, "user": login, "password": password, "company": self.company}
        return TrytonSession(self.server.url, **given)  # type: ignore[arg-type] # each is what it should be

    @contextmanager
    def counted(self) -> Iterator[Callable[[], int]]:
        """How many calls the driver made so far in the block."""
        made: list[Attempt] = []
        self.driver, before = Driver(self.transport, Desk(clock=now, hooks=(made.append,)), sleep=sleep), self.driver
        try:
            yield lambda: len(made)
        finally:
            self.driver = before

    def _open_company(self) -> None:
        (euro,) = self.do("currency.currency", "create", [
            {"name": "Euro", "symbol": "E", "code": "EUR", "rounding": Decimal("0.01"), "digits": 2},
        ])  # fmt: skip
        self.do("country.country", "create", [{"name": "France", "code": "FR"}])
        (self.customer,) = self.do("party.category", "create", [{"name": "Customer"}])
        own, eve = self.do("party.party", "create", [{"name": "Our Company"}, {"name": "Eve"}])
        (self.company,) = self.do("company.company", "create", [{"party": own, "currency": euro}])
        admin = self.do("res.user", "search", [["login", "=", self.server.user]])
        self.do("res.user", "write", admin, {"companies": [["add", [self.company]]], "company": self.company})
        self.euro = euro
        self.session = self._session()
        (self.eve,) = self.do("company.employee", "create", [{"party": eve, "company": self.company}])

    def account(self, name: str, **values: object) -> int:
        """A customer with an address in Paris."""
        street = {"street": "1 rue Bleue", "postal_code": "75009", "city": "Paris"}
        (party,) = self.do("party.party", "create", [
            {"name": name, "categories": [["add", [self.customer]]], "addresses": [["create", [street]]], **values},
        ])  # fmt: skip
        return int(party)

    def opportunity(self, party: int, name: str, amount: str) -> int:
        """A lead."""
        (made,) = self.do("sale.opportunity", "create", [{
            "party": party, "company": self.company, "currency": self.euro, "description": name,
            "amount": Decimal(amount), "start_date": date(2026, 11, 1), "employee": self.eve,
        }])  # fmt: skip
        return int(made)

    def win(self, opportunity: int, *lines: Mapping[str, object]) -> None:
        """From lead to won by the server's own buttons; the sale has `lines`."""
        for button in ("opportunity", "convert"):
            self.do("sale.opportunity", button, [opportunity])
        (row,) = self.do("sale.opportunity", "read", [opportunity], ["sales", "party"])
        address = self.do("party.address", "search", [["party", "=", row["party"]]])[0]
        self.do("sale.sale", "write", row["sales"], {
            "invoice_address": address, "shipment_address": address,
            "lines": [["create", [{"type": "line", **line} for line in lines]]],
        })  # fmt: skip
        self.do("sale.sale", "quote", row["sales"])
        self.do("sale.sale", "confirm", row["sales"])
