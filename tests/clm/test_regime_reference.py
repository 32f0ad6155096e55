"""The reference page of the regimes is what the regimes say."""

from __future__ import annotations

from pathlib import Path

from clmcrm.calendars.regimes.known import REGIMES
from clmcrm.clm.regime_reference import regime_reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "regimes.md"


def test_the_page_is_the_one_made_from_the_regimes() -> None:
    """Write it anew with `Path(...).write_text(regime_reference())` when a regime changes."""
    assert PAGE.read_text(encoding="utf-8") == regime_reference()


def test_every_rule_of_every_regime_stands_on_the_page_with_its_source() -> None:
    page = regime_reference()
    for law in REGIMES:
        assert f"## {law.name}\n" in page
        for rule in law.rules:
            assert rule.wording.en in page
            assert rule.citation in page
