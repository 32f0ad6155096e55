"""What points at a pair that merges tore apart is compared again; what points at one that was only merged is not."""

from __future__ import annotations

from typing import Any

import pytest

STORIES = {
    "crm first": (("crm", "A1", "A2"), ("clm", "L1", "L3")),
    "clm first": (("clm", "L1", "L3"), ("crm", "A1", "A2")),
}


def _three(lab: Any, **flags: Any) -> Any:
    """Three accounts on both sides, and a contact of the first."""
    pair = lab.Pair(**flags)
    for name in ("Durand", "Durant", "Dupont"):
        _ = pair.crm.add("account", name=name, country="FR")
    _ = pair.crm.add("contact", given_name="Ada", family_name="Roy", account="A1")
    assert pair.settle()
    assert pair.clm.fields("contact", "L4")["account"] == "L1"
    return pair


@pytest.mark.parametrize("at_once", [True, False], ids=["in one run", "in two"])
@pytest.mark.parametrize("story", STORIES)
def test_a_reference_at_a_pair_that_was_torn_apart_is_compared_again(lab: Any, story: str, *, at_once: bool) -> None:
    pair = _three(lab)
    for side, loser, winner in STORIES[story]:
        getattr(pair, side).merge("account", loser, winner)
        if not at_once:
            _ = pair.run()
    assert pair.settle()
    assert pair.crm.fields("contact", "A4")["account"] == "A1"  # nobody repointed it, and it was merged into A2
    assert pair.clm.fields("contact", "L4")["account"] == "L2"  # which is L2 there


@pytest.mark.parametrize("at_once", [True, False], ids=["in one run", "in two"])
def test_what_points_at_a_pair_that_was_merged_alike_is_not_read_again(lab: Any, *, at_once: bool) -> None:
    pair = _three(lab)
    asked = _asked(pair)
    pair.crm.merge("account", "A1", "A2")
    if not at_once:
        _ = pair.run()
    pair.clm.merge("account", "L1", "L2")
    _ = pair.settle()
    assert set(asked) == {"account"}


def _asked(pair: Any) -> list[str]:
    """The kinds of which records are read from now on."""
    asked: list[str] = []

    def heard(system: Any) -> None:
        whole = system.read

        def read(kind: str, keys: Any) -> Any:
            asked.append(kind)
            return whole(kind, keys)

        system.read = read

    heard(pair.crm)
    heard(pair.clm)
    return asked


@pytest.mark.parametrize(("loser", "winner"), [("A1", "A2"), ("A2", "A1")])
def test_what_points_at_a_pair_that_was_merged_on_one_side_is_not_read_again(lab: Any, loser: str, winner: str) -> None:
    pair = _three(lab)
    asked = _asked(pair)
    pair.crm.merge("account", loser, winner)
    _ = pair.settle()
    assert set(asked) == {"account"}


@pytest.mark.parametrize("at_once", [True, False], ids=["in one run", "in two"])
def test_a_reference_at_a_pair_that_changed_one_of_its_records_is_compared_again(lab: Any, *, at_once: bool) -> None:
    pair = _three(lab)
    _ = pair.crm.add("account", name="Duran", country="FR")
    assert pair.settle()
    assert pair.clm.fields("account", "L5")["name"] == "Duran"
    pair.clm.merge("account", "L1", "L2")  # which is A2 there
    if not at_once:
        _ = pair.run()
    pair.crm.merge("account", "A5", "A1")  # so that A1 has L5 now
    assert pair.settle()
    assert pair.crm.fields("contact", "A4")["account"] == "A1"
    assert pair.clm.fields("contact", "L4")["account"] == "L5"
