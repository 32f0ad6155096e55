"""The conformance kit against a running Tryton, by the driver that blocks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serving_tryton import running
from tryton_desk import TrytonDesk
from tryton_suite import TrytonSuite, whole

from clmcrm.drivers.blocking import Blocking

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesk]:
    with running(tmp_path_factory.mktemp("tryton")) as server:
        desk = TrytonDesk(server)
        yield desk
        assert desk.judge.refused == []


class TestTrytonBlocking(TrytonSuite):
    @pytest.fixture
    def adapter(self, desk: TrytonDesk) -> Blocking:
        return Blocking(whole(desk), desk.judged.run)
