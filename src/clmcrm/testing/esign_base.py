"""What the suite of e-signature services stands on: its fixtures, and requests brought to an end."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from clmcrm.clm.signature import (
    SignatureFact,
    SignatureRequest,
)
from clmcrm.drivers.blocking import Run
from clmcrm.ports.esign import EsignCapabilities
from clmcrm.testing.base import DrivenSuite
from clmcrm.testing.esign_scene import Desk, Signatory, WaitedEsign
from clmcrm.testing.ways import Wait, Way, answers_at_once

NOBODY = "conformance-no-such-key"
REASON = "Prix erroné, « voir » l'avenant"


class EsignBase(DrivenSuite):
    """The base of its checks: override `adapter`, and where somebody can sign by hand `signatory`.

    `declares` are its flags, where the fixture needs others and cannot be asked for them beforehand.
    """

    declares: ClassVar[EsignCapabilities | None] = None

    @pytest.fixture
    def adapter(self) -> Any:  # noqa: ANN401 - either way of writing a service
        """The service under trial: the one fixture that a subclass must give."""
        pytest.fail(f"{type(self).__name__} needs a fixture `adapter` that returns the service to try")

    @pytest.fixture
    def signatory(self, adapter: Any) -> Signatory | None:  # noqa: ANN401 - as above
        """Those who sign by hand; None when nobody is there."""
        given: object = adapter
        return given if isinstance(given, Signatory) else None

    @pytest.fixture
    def table(self, adapter: Any, way: Way, run: Run, wait: Wait, signatory: Signatory | None) -> Desk:  # noqa: ANN401 - as above
        """The service with a fresh run of ids."""
        given: object = adapter
        if way is Way.LOOP and answers_at_once(type(given)):
            pytest.skip("the adapter answers at once: there is no flow to run in a loop")
        return Desk(service=WaitedEsign(adapter, run), wait=wait, signatory=signatory)

    @pytest.fixture
    def hand(self, table: Desk) -> Signatory:
        """Those who sign by hand; the check is skipped when nobody is there."""
        if table.signatory is None:
            pytest.skip("nobody is given who could sign (fixture `signatory`)")
        return table.signatory


def complete(request: SignatureRequest, key: str, hand: Signatory) -> None:
    """Everybody signs."""
    for recipient in request.recipients:
        _ = hand.sign(key, recipient.email)


def completed(table: Desk, hand: Signatory, number: int = 1) -> tuple[SignatureRequest, str]:
    """A request that everybody has signed, with its key."""
    request = table.request(number)
    key = table.sent(request).key
    complete(request, key, hand)
    return request, key


def reasons(facts: tuple[SignatureFact, ...]) -> set[str]:
    """What was said with the facts."""
    return {fact.reason for fact in facts}
