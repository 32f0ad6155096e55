"""The conformance suite of a CLM: the suite of a record system, and contracts with all they state."""

from __future__ import annotations

import pytest

from clmcrm.ports.clm import CLM_KINDS
from clmcrm.ports.records import Fields, Json, Kind
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.abilities import creates, place_for
from clmcrm.testing.expectations import holds
from clmcrm.testing.kinds import KindChecks
from clmcrm.testing.record_system_suite import RecordSystemSuite
from clmcrm.testing.scene import Scenes, shows
from clmcrm.testing.stated import needs

FACTS: dict[str, Json] = {
    "a day": "2026-05-07",
    "a year": {"partial": {"year": 2019}},
    "a redacted day": {"partial": {"year": 2019, "month": 9, "redacted": True, "raw": "09/[]/2019"}},
    "an unknown day": {"unknown": "the page is missing", "raw": ""},
}

TERMS: dict[str, Json] = {
    "a term": {"is": "term_clause", "initial": "P36M", "minimum": "P1Y6M", "citation": "art. 9.1"},
    "a perpetual term": {"is": "term_clause", "ends_on": {"perpetual": "for ever"}},
    "an unknown term": {"unknown": "not legible"},
}

CLAUSES: list[Json] = [
    {"is": "price_clause", "product": "P-1", "price": {"amount": "0.0035", "currency": "EUR"},
     "valid": "2026-01-01/2026-12-31"},
    {"is": "volume_commitment", "per": "P1Y", "quantity": "1200.5", "unit": "calls"},
    {"is": "restriction", "kind": "exclusivity", "territories": ["FR", "BE"], "valid": "2026-01-01/.."},
]  # fmt: skip


class ClmAdapterSuite(KindChecks, RecordSystemSuite):
    """Subclass it in a test module and give the fixture `adapter`."""

    kinds = CLM_KINDS

    def test_a_clm_holds_contracts(self, system: RecordSystem) -> None:
        """That is what it is for."""
        holds(Kind.CONTRACT in system.capabilities.kinds, "a CLM holds contracts")

    def _shown_again(self, scenes: Scenes, fields: Fields) -> None:
        scene = scenes(Kind.CONTRACT)
        values = {**scene.sample(scene.kind, 1), **fields}
        shows(scene.made(1, values), values, "a created contract shows what it was given")

    @needs(creates(Kind.CONTRACT), place_for(Kind.CONTRACT, "effective_on"))
    @pytest.mark.parametrize("what", sorted(FACTS))
    def test_a_day_is_kept_as_far_as_it_is_known(self, scenes: Scenes, what: str) -> None:
        """Half-known and unknown days included, with the reason."""
        self._shown_again(scenes, {"effective_on": FACTS[what]})

    @needs(creates(Kind.CONTRACT), place_for(Kind.CONTRACT, "term"))
    @pytest.mark.parametrize("what", sorted(TERMS))
    def test_a_term_is_kept_as_it_was_agreed(self, scenes: Scenes, what: str) -> None:
        """In its own units, and not as days."""
        self._shown_again(scenes, {"term": TERMS[what]})

    @needs(creates(Kind.CONTRACT), place_for(Kind.CONTRACT, "clauses"))
    def test_clauses_keep_their_order_and_their_kinds(self, scenes: Scenes) -> None:
        """Each with its own fields."""
        self._shown_again(scenes, {"clauses": CLAUSES})

    @needs(creates(Kind.ACCOUNT), creates(Kind.CONTRACT), place_for(Kind.CONTRACT, "counterparty"))
    def test_a_contract_keeps_the_account_it_was_made_with(self, scenes: Scenes) -> None:
        """By the key this system gave the account."""
        account = scenes(Kind.ACCOUNT).made(1)
        self._shown_again(scenes, {"counterparty": account.key})
