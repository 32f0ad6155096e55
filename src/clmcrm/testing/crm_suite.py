"""The conformance suite of a CRM: the suite of a record system, and each kind a CRM shows."""

from __future__ import annotations

import pytest

from clmcrm.ports.crm import CRM_KINDS
from clmcrm.ports.records import Fields, Json, Kind
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.abilities import creates, place_for
from clmcrm.testing.expectations import holds
from clmcrm.testing.kinds import KindChecks
from clmcrm.testing.record_system_suite import RecordSystemSuite
from clmcrm.testing.scene import Scene, Scenes, shows
from clmcrm.testing.stated import needs


class CrmAdapterSuite(KindChecks, RecordSystemSuite):
    """Subclass it in a test module and give the fixture `adapter`."""

    kinds = CRM_KINDS

    def test_a_crm_holds_accounts_and_opportunities(self, system: RecordSystem) -> None:
        """Without them nothing can be won."""
        holds({Kind.ACCOUNT, Kind.OPPORTUNITY} <= system.capabilities.kinds, "a CRM holds accounts and opportunities")

    @needs(creates(Kind.OPPORTUNITY), place_for(Kind.OPPORTUNITY, "amount"))
    @pytest.mark.parametrize("amount", ["0.00", "0.01", "-15.50", "99999999999999.99"])
    def test_an_amount_comes_back_to_the_last_digit(self, scenes: Scenes, amount: str) -> None:
        """Exact, whatever its size."""
        scene = scenes(Kind.OPPORTUNITY)
        _shown_again(scene, "amount", {"amount": amount, "currency": "EUR"})

    @needs(creates(Kind.OPPORTUNITY), place_for(Kind.OPPORTUNITY, "amount"))
    @pytest.mark.parametrize(("code", "amount"), [("JPY", "1000"), ("TND", "1.125"), ("USD", "1.10")])
    def test_an_amount_keeps_its_currency(self, scenes: Scenes, code: str, amount: str) -> None:
        """With as many decimals as the currency has."""
        scene = scenes(Kind.OPPORTUNITY)
        _shown_again(scene, "amount", {"amount": amount, "currency": code})

    @needs(creates(Kind.OPPORTUNITY), place_for(Kind.OPPORTUNITY, "expected_close_on"))
    def test_a_date_stays_on_its_day(self, scenes: Scenes) -> None:
        """Whatever the system's time zone."""
        scene = scenes(Kind.OPPORTUNITY)
        for day in ("2026-01-01", "2026-12-31", "2026-03-29", "2024-02-29"):
            made = scene.made(int(day[5:7]) * 100 + int(day[8:]), {
                **scene.sample(scene.kind, 1), "expected_close_on": day,
            })  # fmt: skip
            shows(made, {"expected_close_on": day}, "a date stays on its day")


def _shown_again(scene: Scene, name: str, value: Json) -> None:
    fields: Fields = {**scene.sample(scene.kind, 1), name: value}
    shows(scene.made(1, fields), fields, "a created record shows what it was given")
