"""The kit loads what it needs when it is needed, and its samples are records of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clmcrm.testing
from clmcrm.adapters.catalogue import RECORDS
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.parties.accounts import Account
from clmcrm.ports.records import Kind
from clmcrm.testing import samples, strategies
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import PartialDate, known
from clmcrm.values.tenor import Tenor


def _in_a_fresh_process(program: str) -> str:
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=env)
    return done.stdout.strip()


def test_importing_the_kit_imports_neither_pytest_nor_hypothesis() -> None:
    program = "import sys, clmcrm.testing; print([n for n in ('pytest', 'hypothesis') if n in sys.modules])"
    assert _in_a_fresh_process(program) == "[]"


@pytest.mark.parametrize(
    ("package", "asked"),
    [("pytest", "from clmcrm.testing import CrmAdapterSuite"), ("hypothesis", "import clmcrm.testing.strategies")],
)
def test_a_missing_package_is_named_with_the_line_that_installs_it(package: str, asked: str) -> None:
    program = (
        f"import sys; sys.modules[{package!r}] = None\ntry: {asked}\nexcept ImportError as problem: print(problem)"
    )
    assert 'python -m pip install "clmcrm[test]"' in _in_a_fresh_process(program)


def test_the_kit_offers_its_suites_by_name_and_nothing_else() -> None:
    for name in clmcrm.testing.__all__:
        assert getattr(clmcrm.testing, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = clmcrm.testing.Nonsense


@pytest.mark.parametrize("kind", Kind)
def test_samples_differ_by_number_and_are_records_of_ours(kind: Kind) -> None:
    assert samples.sample(kind, 1) != samples.sample(kind, 2)
    assert samples.NAMES[kind] in samples.sample(kind, 1)
    if kind in RECORDS:
        record = from_fields(RECORDS[kind], {"id": "1", **samples.sample(kind, 1)})
        shown = to_fields(record, whole=True)
        assert {name: shown[name] for name in samples.sample(kind, 1)} == samples.sample(kind, 1)


@given(strategies.records(Account))
def test_records_are_valid_and_varied(account: Account) -> None:
    assert from_fields(Account, to_fields(account)) == account


@given(strategies.money(), strategies.unit_prices(), strategies.tenors(), strategies.partial_dates())
def test_values_are_valid(money: Money, price: UnitPrice, tenor: Tenor, partial: PartialDate) -> None:
    assert price.amount >= 0
    assert Tenor.parse(str(tenor)) == tenor
    assert known(partial) is None
    assert Money(str(money.amount), money.currency) == money


@given(st.data())
def test_a_type_without_a_strategy_is_refused(data: st.DataObject) -> None:
    with pytest.raises(TypeError, match="no strategy"):
        _ = data.draw(strategies.values(bytes))
