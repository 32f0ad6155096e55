"""A HubSpot account in the same process, ready for a first run, and somebody who works there by hand."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from clmcrm.adapters.hubspot.crm import HubSpotCrm
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.setting_up import needed
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import ORIGIN
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Fields, Kind, Seen, Update
from clmcrm.testing.vendors.hubspot.account import TOKEN, HubSpotAccount
from clmcrm.testing.vendors.serving import Fake, InProcess

T = TypeVar("T")

OBJECTS = {Kind.ACCOUNT: "companies", Kind.CONTACT: "contacts", Kind.OPPORTUNITY: "deals"}
QUICK = Policy(tries=2, first_wait=timedelta(0))


def now() -> datetime:
    return datetime.now(UTC)


def ready(account: HubSpotAccount, place: TermsPlace = TermsPlace.DEAL) -> HubSpotAccount:
    """The account with every property that the adapter needs, as an administrator has made them."""
    for one in needed(place):
        account.need(one.object, one.name, unique=one.unique, kind=one.type)
    return account


class HubSpotDesk:
    """An account, the adapter that asks it in the process, and what is done there by hand."""

    def __init__(
        self, account: HubSpotAccount | None = None, *, place: TermsPlace = TermsPlace.DEAL,
        before: Callable[[Fake], Fake] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        self.account = ready(account or HubSpotAccount(), place)
        self.session = HubSpotSession(Secret(TOKEN))
        fake: Fake = self.account if before is None else before(self.account)
        self.transport = InProcess(fake, ORIGIN)
        self.driver = Driver(self.transport, Desk(clock=now, policy=QUICK), sleep=lambda _: None)
        self.crm = HubSpotCrm(self.session, terms=place, **options)
        self.blocking = Blocking(self.crm, self.driver.run)

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
    """Somebody who edits by hand: fields by way of the adapter, the rest by HubSpot's own means."""

    def __init__(self, account: HubSpotAccount, system: Blocking, place: TermsPlace) -> None:
        self._account, self._system = account, system
        self._objects = {**OBJECTS, Kind.CONTRACT_TERMS: "contracts" if place is TermsPlace.CONTRACT else "deals"}

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        (outcome,) = self._system.write([Update(kind=kind, key=key, fields=fields, expected="")])
        assert outcome.ok, outcome.why
        (seen,) = self._system.read(kind, [key])
        return seen

    def edit_slowly(self, kind: str, key: str, fields: Fields, meanwhile: Callable[[], object]) -> Seen:
        """An edit that search shows only when `meanwhile` has happened, with the time at which it began."""
        with self._account.records.held_back(self._objects[Kind(kind)], key):
            seen = self.edit(kind, key, fields)
            _ = meanwhile()
        return seen

    def delete(self, kind: str, key: str) -> Seen:
        (seen,) = self._system.read(kind, [key])
        self._account.delete(self._objects[Kind(kind)], key)
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        left = self._account.merge(self._objects[Kind(kind)], loser, survivor)
        (seen,) = self._system.read(kind, [left.id])
        return seen
