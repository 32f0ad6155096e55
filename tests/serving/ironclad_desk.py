"""An Ironclad in the same process, ready for a first run, and somebody who works there by hand."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from clmcrm.adapters.ironclad.clm import IroncladClm
from clmcrm.adapters.ironclad.objects import WORKFLOW
from clmcrm.adapters.ironclad.session import IroncladSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Fields, Seen, Update
from clmcrm.testing import vendors
from clmcrm.testing.closed.description import load_description
from clmcrm.testing.closed.validator import ClosedValidator
from clmcrm.testing.vendors.ironclad.company import Company
from clmcrm.testing.vendors.ironclad.service import ORIGIN, TOKEN, USER, FakeIronclad
from clmcrm.testing.vendors.serving import Fake, InProcess

T = TypeVar("T")

DESCRIBED = ClosedValidator(load_description(Path(vendors.__file__).parent / "descriptions" / "ironclad.json"))
QUICK = Policy(tries=2, first_wait=timedelta(0))
ACCOUNTS = {
    "website": "entity_website", "employees": "entity_employees", "revenue": "entity_revenue",
    "billing_address": "entity_address", "email": "entity_email", "created_on": "entity_founded",
    "tags": "entity_alternativeNames",
}  # fmt: skip
CONTRACTS = {"governing_law": "governingLaw", "service_address": "counterpartyAddress"}
TYPES = {"nda": "nda", "orderForm": "sales"}


def now() -> datetime:
    return datetime.now(UTC)


def session_of(token: str = TOKEN) -> IroncladSession:
    return IroncladSession(as_user=USER, token=Secret(token))


def clm_of(session: IroncladSession | None = None, **options: Any) -> IroncladClm:
    told: dict[str, Any] = {"account_properties": ACCOUNTS, "contract_properties": CONTRACTS, "types": TYPES, **options}
    return IroncladClm(session or session_of(), **told)


class IroncladDesk:
    """A company, the adapter that asks it in the process, and what is done there by hand."""

    def __init__(
        self, fake: FakeIronclad | None = None, *, before: Callable[[Fake], Fake] | None = None, **options: Any
    ) -> None:
        self.fake = fake or FakeIronclad()
        self.company: Company = self.fake.company
        self.transport = InProcess(self.fake if before is None else before(self.fake), ORIGIN)
        self.driver = Driver(self.transport, Desk(clock=now, policy=QUICK), sleep=lambda _: None)
        self.clm = clm_of(**options)
        self.blocking = Blocking(self.clm, self.driver.run)

    def run(self, flow: Flow[T]) -> T:
        return self.driver.run(flow)

    def calls(self, flow: Generator[Any, Any, T]) -> tuple[int, T]:
        """How many calls a flow takes, and its result."""
        before = self.transport.calls
        result = self.driver.run(flow)
        return self.transport.calls - before, result

    def seen(self, kind: str, key: str) -> Seen:
        (seen,) = self.blocking.read(kind, [key])
        return seen


class Clerk:
    """Somebody who edits by hand: fields by way of the adapter, deletions by Ironclad's own means."""

    def __init__(self, company: Company, system: Any) -> None:
        self._company, self._system = company, system

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        (seen,) = self._system.read(kind, [key])
        (outcome,) = self._system.write([Update(kind=kind, key=key, fields=fields, expected=seen.version)])
        assert outcome.ok, outcome.why
        (after,) = self._system.read(kind, [key])
        assert isinstance(after, Seen)
        return after

    def edit_slowly(self, kind: str, key: str, fields: Fields, meanwhile: Callable[[], object]) -> Seen:
        """An edit with the time at which it began, and that shows only when `meanwhile` has happened."""
        with self._company.held_back(key.removeprefix(WORKFLOW)):
            _ = meanwhile()
            return self.edit(kind, key, fields)

    def delete(self, kind: str, key: str) -> Seen:
        (seen,) = self._system.read(kind, [key])
        if key.startswith(WORKFLOW):
            _ = self._company.edit(key.removeprefix(WORKFLOW), status="cancelled")
        else:
            self._company.delete(key)
        assert isinstance(seen, Seen)
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        raise NotImplementedError(f"nobody merges: {kind} {loser} into {survivor}")
