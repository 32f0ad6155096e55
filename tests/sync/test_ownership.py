from __future__ import annotations

import pytest

from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Side
from clmcrm.sync.ownership import Direction, FieldRule, KindRules, OnConflict, Ownership, Rules
from clmcrm.sync.standard import standard_rules

ANY = FieldRule(owner=Ownership.SHARED)


def test_a_derived_side_can_never_be_created_on() -> None:
    with pytest.raises(InvalidRecord, match="never to the crm"):
        _ = KindRules(kind="contract", default=ANY, direction=Direction.BOTH, derived=Side.CRM)


def test_a_kind_has_one_set_of_rules() -> None:
    kind = KindRules(kind="account", default=ANY)
    with pytest.raises(InvalidRecord, match="each kind once"):
        _ = Rules(kinds=(kind, kind))


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidRecord, match="account"):
        _ = standard_rules().of("invoice")


@pytest.mark.parametrize(
    ("kind", "name", "owner"),
    [
        ("account", "industry", Ownership.CRM),
        ("account", "a field nobody listed", Ownership.CRM),
        ("account", "legal_name", Ownership.CLM),
        ("account", "billing_address", Ownership.SHARED),
        ("contract", "initial_term", Ownership.CLM),
        ("contract_terms", "first_day", Ownership.CLM),
        ("opportunity", "amount", Ownership.CRM),
        ("opportunity", "contract", Ownership.CLM),
        ("contact", "id", Ownership.LOCAL),
    ],
)
def test_commercial_fields_are_the_crms_and_legal_ones_the_clms(kind: str, name: str, owner: Ownership) -> None:
    assert standard_rules().of(kind).rule(name).owner is owner


def test_standard_contracts_go_to_the_clm_only_and_terms_to_the_crm_only() -> None:
    rules = standard_rules()
    assert rules.of("contract").direction.creates_on(Side.CLM)
    assert not rules.of("contract").writable(Side.CRM)
    assert rules.of("contract_terms").direction.creates_on(Side.CRM)
    assert not rules.of("contract_terms").writable(Side.CLM)


def test_only_a_definite_preference_names_a_side() -> None:
    assert OnConflict.ASK.side is None
    assert OnConflict.CRM.side is Side.CRM
    assert Ownership.SHARED.side is None
