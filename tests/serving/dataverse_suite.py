"""What the conformance kit needs to try our Dataverse adapter: fields it takes, and people who work in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import pytest

from clmcrm.adapters.dataverse.crm import DataverseCrm
from clmcrm.adapters.dataverse.kinds import etag_in, values_of
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.session import DataverseSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Fields, Kind, Seen
from clmcrm.testing import CrmAdapterSuite
from clmcrm.testing.vendors.dataverse.answering import TOKEN, FakeDataverse
from clmcrm.testing.vendors.dataverse.guarded import JudgedEnvironment, judged
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.testing.ways import Wait, now

ORIGIN = "https://acme.crm4.dynamics.com"
ORG = OrgSettings(currency="EUR")
TABLES = {
    Kind.ACCOUNT: "account", Kind.CONTACT: "contact", Kind.OPPORTUNITY: "opportunity",
    Kind.CONTRACT_TERMS: "clmcrm_contractterm",
}  # fmt: skip


def desk_of(token: str = TOKEN) -> Desk:
    """Signs with a token that the fake knows, and renews none."""

    def renew(_used: Token) -> Flow[Token]:
        raise AssertionError("no token has to be renewed here")

    authority = Authority(vendor="dataverse", shelf=MemoryTokenShelf(Token(access=Secret(token))), renew=renew)
    return Desk(clock=now, authorities={"dataverse": authority})


def driver_of(transport: InProcess) -> Driver:
    return Driver(transport, desk_of(), sleep=lambda _: None)


def crm_of(org: OrgSettings = ORG, **more: object) -> DataverseCrm:
    return DataverseCrm(DataverseSession(ORIGIN), org, **more)  # type: ignore[arg-type] # handed on


class People:
    """Sales people: they edit in the environment itself, whatever our adapter thinks of it."""

    def __init__(self, fake: FakeDataverse, crm: DataverseCrm, driver: Driver) -> None:
        self.fake, self.crm, self.driver = fake, crm, driver

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        return self.edit_slowly(kind, key, fields, lambda: None)

    def edit_slowly(self, kind: str, key: str, fields: Fields, meanwhile: Callable[[], object]) -> Seen:
        table = TABLES[Kind(kind)]
        self.fake.data.pass_time()
        (row,) = self.driver.run(self.crm.reader.rows(self.driver.run(self.crm.reader.held(kind)), [key])).values()
        values = values_of(self.crm.reader.known(kind), fields, self.crm.reader.ground, row)
        version = self.fake.data.begin()
        _ = meanwhile()
        self.fake.data.update(table, key, values, version)
        seen = self._now(kind, key)
        assert etag_in(seen.version) == f'W/"{version}"'
        return seen

    def delete(self, kind: str, key: str) -> Seen:
        seen = self._now(kind, key)
        self.fake.data.pass_time()
        self.fake.data.delete(TABLES[Kind(kind)], key)
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        self.fake.data.pass_time()
        self.fake.data.merge(TABLES[Kind(kind)], loser, survivor)
        return self._now(kind, survivor)

    def _now(self, kind: str, key: str) -> Seen:
        (seen,) = self.driver.run(self.crm.read(kind, [key]))
        return seen


class DataverseSuite(CrmAdapterSuite):
    kinds = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS)  # type: ignore[assignment] # no units
    many: ClassVar[int] = 12
    required: ClassVar[Mapping[str, Sequence[str]]] = {Kind.CONTRACT_TERMS: ("account",)}

    def sample(self, kind: str, number: int) -> Fields:
        fields = dict(super().sample(kind, number)) if kind in self.kinds else {"name": f"Conformance {number}"}
        if kind == Kind.ACCOUNT:  # a name has 160 characters, and takes one line
            fields["description"] = f"Conformance {number}"
        if kind == Kind.CONTRACT_TERMS:
            fields["account"] = self.home
        return fields

    def name_field(self, kind: str) -> str:
        return "description" if kind == Kind.ACCOUNT else super().name_field(kind)

    @pytest.fixture
    def judge(self) -> JudgedEnvironment:
        judge = judged(FakeDataverse())
        self.home = judge.fake.data.insert("account", {"name": "The customer of all terms"})
        return judge

    @pytest.fixture
    def transport(self, judge: JudgedEnvironment) -> InProcess:
        return InProcess(judge, ORIGIN)

    @pytest.fixture
    def driver_desk(self) -> Desk:
        return desk_of()

    @pytest.fixture
    def adapter(self) -> DataverseCrm:
        return crm_of(page=10, in_flight=4, batch_size=25)

    @pytest.fixture
    def person(self, judge: JudgedEnvironment, adapter: DataverseCrm, transport: InProcess) -> People:
        return People(judge.fake, adapter, driver_of(transport))

    @pytest.fixture
    def wait(self, judge: JudgedEnvironment) -> Wait:
        return judge.fake.data.pass_time

    @pytest.fixture(autouse=True)
    def _nothing_refused(self, judge: JudgedEnvironment) -> object:
        yield
        assert not judge.refused, judge.refused[0]
