"""The Ironclad adapter passes the kit with both drivers, and no request of it is refused by the description."""

from __future__ import annotations

from typing import ClassVar

from ironclad_suite import IroncladChecks, IroncladSuite

from clmcrm.adapters.ironclad.writing import Launching
from clmcrm.ports.records import Fields, Kind
from clmcrm.testing.vendors.ironclad.company import TEMPLATE


class TestIroncladConforms(IroncladSuite):
    """Contracts as records."""


class TestContractsAsWorkflows(IroncladChecks):
    """Each kind, with contracts launched as workflows."""

    launching: ClassVar[Launching | None] = Launching(template=TEMPLATE)

    def sample(self, kind: str, number: int) -> Fields:
        """With the counterparty's name, without which nothing is launched."""
        named: Fields = {"names_in_text": ["Durand"]} if kind == Kind.CONTRACT else {}
        return {**super().sample(kind, number), **named}
