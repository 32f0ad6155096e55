"""What the conformance kit needs to try the Pipedrive adapter: a company in the process, and fields it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pipedrive_desk import Clerk, ready

from clmcrm.adapters.pipedrive.crm import PipedriveCrm
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import ORIGIN
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.records import Fields, Kind, Result
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing import CrmAdapterSuite, vendors
from clmcrm.testing.closed.description import load_description
from clmcrm.testing.closed.validator import ClosedValidator
from clmcrm.testing.kinds import KindChecks
from clmcrm.testing.scene import Scene, Scenes, shows
from clmcrm.testing.vendors.pipedrive.service import TOKEN, PipedriveService
from clmcrm.testing.vendors.serving import Fake, InLoop, InProcess, Judged

CARRIERS = 30
LAG = timedelta(seconds=20)
DESCRIBED = ClosedValidator(load_description(Path(vendors.__file__).parent / "descriptions" / "pipedrive.json"))
MOST_DIGITS = 16
"""Fifteen digits and the point."""


class PipedriveChecks(KindChecks):
    kinds = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS)
    many: ClassVar[int] = 25
    place: ClassVar[TermsPlace] = TermsPlace.DEAL
    required: ClassVar[Mapping[str, Sequence[str]]] = {Kind.CONTRACT_TERMS: ("opportunity",)}
    never_empty: ClassVar[Mapping[str, Sequence[str]]] = {Kind.OPPORTUNITY: ("expected_close_on",)}
    first: ClassVar[int] = 100

    def sample(self, kind: str, number: int) -> Fields:
        fields = dict(super().sample(kind, number))
        if kind == Kind.CONTRACT_TERMS:
            on = "account" if self.place is TermsPlace.ORGANIZATION else "opportunity"
            fields[on] = str(self.first + number)
        return fields

    @pytest.fixture
    def service(self) -> PipedriveService:
        service = ready(PipedriveService(search_lag=LAG), self.place)
        for number in range(CARRIERS):
            if self.place is TermsPlace.ORGANIZATION:
                _ = service.add("organizations", name=f"Organization {number}")
            else:
                _ = service.add("deals", title=f"Deal {number}")
        service.clock.advance(LAG)
        return service

    @pytest.fixture
    def fake(self, service: PipedriveService) -> Iterator[Fake]:
        judged = Judged(service, DESCRIBED)
        yield judged
        assert not judged.refused, [(one.method, one.path, list(map(str, why))) for one, why in judged.refused]

    @pytest.fixture
    def transport(self, fake: Fake) -> InProcess:
        return InProcess(fake, ORIGIN)

    @pytest.fixture
    def async_transport(self, fake: Fake) -> InLoop:
        return InLoop(fake, ORIGIN)

    @pytest.fixture
    def adapter(self) -> PipedriveCrm:
        session = PipedriveSession(Secret(TOKEN))
        return PipedriveCrm(
            session, terms=self.place, page=10, visible_lag=LAG, overlap=timedelta(seconds=60), sweep=timedelta(0)
        )

    @pytest.fixture
    def person(self, service: PipedriveService, system: RecordSystem) -> Any:
        return Clerk(service, system, self.place)  # type: ignore[arg-type] # a system that is waited for

    @pytest.fixture
    def wait(self, service: PipedriveService) -> Any:
        return service.clock.advance


class PipedriveSuite(PipedriveChecks, CrmAdapterSuite):  # type: ignore[misc] # fewer kinds than a CRM may have
    """The whole kit, two checks of it tried with what a Pipedrive can do.

    A list leaves out what is in the bin, so that a record which went there before it was ever told leaves no trace:
    the removal between two pages is one of a record that the first page told. And its numbers are double-precision
    ones: the largest amount has fifteen digits, one of sixteen is refused aloud.
    """

    def test_a_removal_between_two_pages_is_told(self, scene: Scene) -> None:
        made = scene.many(self.many)
        told = scene.pull(None, lambda: scene.removed(made[0]))
        assert told.pages > 1
        last = scene.pull(told.cursor).of(made[0].key)
        assert last is not None
        assert last.gone

    @pytest.mark.parametrize("amount", ["0.00", "0.01", "-15.50", "9999999999999.99", "99999999999999.99"])
    def test_an_amount_comes_back_to_the_last_digit(self, scenes: Scenes, amount: str) -> None:
        scene = scenes(Kind.OPPORTUNITY)
        fields: Fields = {**scene.sample(scene.kind, 1), "amount": {"amount": amount, "currency": "EUR"}}
        (outcome,) = scene.write(scene.create(1, fields))
        if len(amount) > MOST_DIGITS:
            assert outcome.result is Result.REFUSED
            assert amount in outcome.why
        else:
            shows(scene.now(outcome.key), fields, "a created record shows what it was given")
