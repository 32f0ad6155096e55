"""The CRM and the CLM in memory and in a file pass the kit, whatever their capabilities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve
from limited_systems import Echo, FlowCrm, KeyedCrm, LaggingCrm, RacingCrm

from clmcrm.adapters.embedded import EMBEDDED_CLM, EMBEDDED_CRM, EmbeddedClm, EmbeddedCrm
from clmcrm.adapters.memory import MEMORY_CRM, MemoryClm, MemoryCrm
from clmcrm.ports.records import Atomicity, Feed, Kind, Precondition
from clmcrm.testing import ClmAdapterSuite, CrmAdapterSuite
from clmcrm.testing.ways import Wait


class TestMemoryCrm(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        return MemoryCrm(page_size=10)


class TestMemoryClm(ClmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryClm:
        return MemoryClm(page_size=10)


class TestEmbeddedCrm(CrmAdapterSuite):
    declares = EMBEDDED_CRM

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Iterator[EmbeddedCrm]:
        crm = EmbeddedCrm(tmp_path / "both.sqlite", page_size=10)
        yield crm
        crm.close()


class TestEmbeddedClm(ClmAdapterSuite):
    declares = EMBEDDED_CLM

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Iterator[EmbeddedClm]:
        clm = EmbeddedClm(tmp_path / "both.sqlite", page_size=10)
        yield clm
        clm.close()


class TestCrmByTime(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        return MemoryCrm(evolve(MEMORY_CRM, feed=Feed.TIMESTAMP), page_size=10)


class TestCrmWhereAllHappensAtOnce(CrmAdapterSuite):
    """Every change at the same instant: the worst case of a feed by time."""

    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return MemoryCrm(evolve(MEMORY_CRM, feed=Feed.TIMESTAMP), clock=lambda: at, page_size=10)


class TestCrmWithoutAFeed(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        return MemoryCrm(evolve(MEMORY_CRM, feed=Feed.NONE), page_size=10)


class TestCrmOfWholeBatches(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        return MemoryCrm(evolve(MEMORY_CRM, atomicity=Atomicity.ALL, feed=Feed.DELTA), page_size=10)


class TestCrmThatCanDoLittle(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        little = evolve(
            MEMORY_CRM, precondition=Precondition.NONE, marks=False, tells_deletes=False, tells_merges=False,
            batch_size=1, creates=frozenset({Kind.ACCOUNT}),
        )  # fmt: skip
        return MemoryCrm(little, page_size=10)


class TestCrmThatIsOnlyRead(CrmAdapterSuite):
    """Persons enter, edit, remove and merge; every write is refused."""

    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        read = evolve(MEMORY_CRM, creates=frozenset(), precondition=Precondition.NONE, marks=False)
        return MemoryCrm(read, page_size=10)


class TestCrmThroughThePortAlone(CrmAdapterSuite):
    """Nobody is given who could edit by hand: edits go through the adapter."""

    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        return MemoryCrm(page_size=10)

    @pytest.fixture
    def person(self) -> None:
        return None


class TestCrmWithoutAPreconditionThatTellsThePast(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        return MemoryCrm(evolve(MEMORY_CRM, precondition=Precondition.NONE, history=True), page_size=10)


class TestCrmWithAPlaceForFewFields(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> MemoryCrm:
        few: dict[str, frozenset[str]] = {
            Kind.ACCOUNT: frozenset({"name", "website", "description"}),
            Kind.CONTACT: frozenset({"family_name", "account"}),
        }  # fmt: skip
        return MemoryCrm(evolve(MEMORY_CRM, holds=few), page_size=10)


class TestCrmThatRemembersKeys(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> KeyedCrm:
        return KeyedCrm()

    @pytest.fixture
    def wait(self, adapter: KeyedCrm) -> Wait:
        return adapter.advance


class TestCrmThatLags(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> LaggingCrm:
        return LaggingCrm()

    @pytest.fixture
    def wait(self, adapter: LaggingCrm) -> Wait:
        return adapter.advance


class TestCrmWithSlowTransactions(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> RacingCrm:
        return RacingCrm()


class TestCrmOfFlows(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> FlowCrm:
        return FlowCrm()

    @pytest.fixture
    def transport(self) -> Echo:
        return Echo()
