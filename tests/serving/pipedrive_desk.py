"""A Pipedrive in the same process, ready for a first run, and somebody who works there by hand."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from clmcrm.adapters.pipedrive.crm import PipedriveCrm
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.setting_up import needed
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import ORIGIN
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Fields, Kind, Seen, Update
from clmcrm.testing.vendors.pipedrive.service import TOKEN, PipedriveService
from clmcrm.testing.vendors.serving import Fake, InProcess

T = TypeVar("T")

OBJECTS = {Kind.ACCOUNT: "organizations", Kind.CONTACT: "persons", Kind.OPPORTUNITY: "deals"}
QUICK = Policy(tries=2, first_wait=timedelta(0))


def now() -> datetime:
    return datetime.now(UTC)


def ready(service: PipedriveService, place: TermsPlace = TermsPlace.DEAL) -> PipedriveService:
    """The company with every custom field that the adapter needs, as an administrator has made them."""
    for one in needed(place):
        _ = service.need(one.object, one.name, one.type)
    return service


class PipedriveDesk:
    """A company, the adapter that asks it in the process, and what is done there by hand."""

    def __init__(
        self, service: PipedriveService | None = None, *, place: TermsPlace = TermsPlace.DEAL,
        before: Callable[[Fake], Fake] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        self.service = ready(service or PipedriveService(), place)
        self.session = PipedriveSession(Secret(TOKEN))
        fake: Fake = self.service if before is None else before(self.service)
        self.transport = InProcess(fake, ORIGIN)
        self.driver = Driver(self.transport, Desk(clock=now, policy=QUICK), sleep=lambda _: None)
        self.crm = PipedriveCrm(self.session, terms=place, **options)
        self.blocking = Blocking(self.crm, self.driver.run)

    def run(self, flow: Flow[T]) -> T:
        return self.driver.run(flow)

    def calls(self, flow: Generator[Any, Any, T]) -> tuple[int, int, T]:
        """How many calls and tokens a flow takes, and its result."""
        before, spent = self.transport.calls, self.service.windows.spent
        result = self.driver.run(flow)
        return self.transport.calls - before, self.service.windows.spent - spent, result

    def seen(self, kind: str, key: str) -> Seen:
        (seen,) = self.blocking.read(kind, [key])
        return seen


class Clerk:
    """Somebody who edits by hand: fields by way of the adapter, the rest by Pipedrive's own means."""

    def __init__(self, service: PipedriveService, system: Blocking, place: TermsPlace) -> None:
        self._service, self._system = service, system
        carrier = "organizations" if place is TermsPlace.ORGANIZATION else "deals"
        self._objects = {**OBJECTS, Kind.CONTRACT_TERMS: carrier}

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        (outcome,) = self._system.write([Update(kind=kind, key=key, fields=fields, expected="")])
        assert outcome.ok, outcome.why
        (seen,) = self._system.read(kind, [key])
        return seen

    def edit_slowly(self, kind: str, key: str, fields: Fields, meanwhile: Callable[[], object]) -> Seen:
        """An edit that lists show only when `meanwhile` has happened, with the time at which it began."""
        with self._service.records.held_back(self._objects[Kind(kind)], int(key)):
            seen = self.edit(kind, key, fields)
            _ = meanwhile()
        return seen

    def delete(self, kind: str, key: str) -> Seen:
        (seen,) = self._system.read(kind, [key])
        self._service.delete(self._objects[Kind(kind)], int(key))
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        left = self._service.merge(self._objects[Kind(kind)], int(loser), int(survivor))
        (seen,) = self._system.read(kind, [str(left.id)])
        return seen
