"""What the conformance kit needs to try our Salesforce adapter: fields an org takes, and people who work in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

import pytest

from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.kinds import kinds_of, values_of
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Fields, Kind, Precondition, Seen
from clmcrm.testing import CrmAdapterSuite
from clmcrm.testing.vendors.salesforce.answering import TOKEN, FakeSalesforce
from clmcrm.testing.vendors.salesforce.data import OrgData
from clmcrm.testing.vendors.salesforce.guarded import JudgedOrg, judged
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.testing.ways import Wait, now

ORIGIN = "https://acme.my.salesforce.com"
NEW = {"StageName": "Prospecting", "CloseDate": "2026-12-31"}
ORG = OrgSettings(currency="EUR", multi_currency=True, new_opportunities=NEW)
KINDS = kinds_of(ORG)


def fake_org(**more: object) -> FakeSalesforce:
    return FakeSalesforce(OrgData(multi_currency=True), **more)  # type: ignore[arg-type] # handed on


def desk_of(token: str = TOKEN) -> Desk:
    """Signs with a token that the fake knows, and renews none."""

    def renew(_used: Token) -> Flow[Token]:
        raise AssertionError("no token has to be renewed here")

    authority = Authority(vendor="salesforce", shelf=MemoryTokenShelf(Token(access=Secret(token))), renew=renew)
    return Desk(clock=now, authorities={"salesforce": authority})


def driver_of(transport: InProcess) -> Driver:
    return Driver(transport, desk_of(), sleep=lambda _: None)


def crm_of(**more: object) -> SalesforceCrm:
    return SalesforceCrm(SalesforceSession(ORIGIN), ORG, **more)  # type: ignore[arg-type] # handed on


class People:
    """Sales people: they edit in the org itself, whatever our adapter thinks of it."""

    def __init__(self, fake: FakeSalesforce, crm: SalesforceCrm, driver: Driver) -> None:
        self.fake, self.crm, self.driver = fake, crm, driver

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        return self.edit_slowly(kind, key, fields, lambda: None)

    def edit_slowly(self, kind: str, key: str, fields: Fields, meanwhile: Callable[[], object]) -> Seen:
        held = KINDS[kind]
        self.fake.data.pass_time()
        row = self.fake.data.live(held.object, key)
        values = values_of(held, fields, ORG, row)
        began = self.fake.data.now
        _ = meanwhile()
        self.fake.data.update(held.object, key, values, at=began)
        return self._now(kind, key)

    def delete(self, kind: str, key: str) -> Seen:
        seen = self._now(kind, key)
        self.fake.data.pass_time()
        self.fake.data.delete(KINDS[kind].object, key)
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        self.fake.data.pass_time()
        self.fake.data.merge(KINDS[kind].object, loser, survivor)
        return self._now(kind, survivor)

    def _now(self, kind: str, key: str) -> Seen:
        (seen,) = self.driver.run(self.crm.read(kind, [key]))
        return seen


class SalesforceSuite(CrmAdapterSuite):
    kinds = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS)  # type: ignore[assignment] # no units
    many: ClassVar[int] = 25
    precondition: ClassVar[Precondition] = Precondition.ROW
    required: ClassVar[Mapping[str, Sequence[str]]] = {Kind.CONTRACT_TERMS: ("account",)}

    def sample(self, kind: str, number: int) -> Fields:
        if kind not in self.kinds:
            return {"name": f"Conformance {number}"}
        fields = super().sample(kind, number)
        if kind == Kind.CONTRACT_TERMS:
            return {**fields, "account": self.home}
        return fields

    @pytest.fixture
    def judge(self) -> JudgedOrg:
        judge = judged(fake_org())
        account = judge.org.data.insert("Account", {"Name": "The customer of all terms"})
        self.home = account
        return judge

    @pytest.fixture
    def transport(self, judge: JudgedOrg) -> InProcess:
        return InProcess(judge, ORIGIN)

    @pytest.fixture
    def driver_desk(self) -> Desk:
        return desk_of()

    @pytest.fixture
    def adapter(self) -> SalesforceCrm:
        return crm_of(
            precondition=self.precondition, page=10, overlap=timedelta(minutes=5),
            history=True,
            in_flight=4,
        )  # fmt: skip

    @pytest.fixture
    def person(self, judge: JudgedOrg, adapter: SalesforceCrm, transport: InProcess) -> People:
        return People(judge.org, adapter, driver_of(transport))

    @pytest.fixture
    def wait(self, judge: JudgedOrg) -> Wait:
        return judge.org.data.pass_time

    @pytest.fixture(autouse=True)
    def _nothing_refused(self, judge: JudgedOrg) -> object:
        yield
        assert not judge.refused, judge.refused[0]
