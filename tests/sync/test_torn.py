"""What points at a pair that merges tore apart is compared again; what points at one that was only merged is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clmcrm.errors import AmbiguousError
from clmcrm.ports.records import Creating, Side
from clmcrm.sync.open_steps import open_step_of, open_steps_in
from clmcrm.sync.parking import adopt

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


def _same_again(pair: Any, *, at_once: bool) -> None:
    """L1 is merged into L2, and somebody enters the company there again: L5."""
    pair.clm.merge("account", "L1", "L2")
    if not at_once:
        _ = pair.settle()
    assert pair.clm.add("account", name="Durand", country="FR") == "L5"


def _is_compared(pair: Any) -> None:
    """What points at A1, and at what was merged into L2, points at L5 in the end."""
    for _ in range(3):
        _ = pair.settle()
    assert next(known.link.clm for known in pair.agreed() if known.link.crm == "A1") == "L5"
    assert pair.crm.fields("contact", "A4")["account"] == "A1"
    assert pair.clm.fields("contact", "L4")["account"] == "L5"


@pytest.mark.parametrize("at_once", [True, False], ids=["in one run", "in two"])
def test_a_reference_at_a_pair_whose_record_was_entered_again_is_compared_again(lab: Any, *, at_once: bool) -> None:
    pair = _three(lab)
    _same_again(pair, at_once=at_once)
    _is_compared(pair)


def _ended_and_back(lab: Any, **flags: Any) -> Any:
    """L1 is merged into L2, then A1 ends and comes back: its counterpart is to be created anew."""
    pair = _three(lab, **flags)
    pair.clm.merge("account", "L1", "L2")
    _ = pair.settle()
    pair.crm.delete("account", "A1")
    _ = pair.settle()
    pair.crm.restore("account", "A1")
    return pair


@pytest.mark.parametrize("reply", ["comes", "is lost", "is lost before"])
def test_a_reference_at_a_pair_that_gets_a_record_anew_is_compared_again(lab: Any, reply: str) -> None:
    pair = _ended_and_back(lab, creating=Creating.KEYED, marks=False, key_window=timedelta(hours=1))
    pair.clm.keys.clear()  # the first creation was long ago
    if reply != "comes":
        pair.clm.failures = [_unknown(too_late=reply == "is lost")]
    _is_compared(pair)


def test_a_reference_at_a_pair_whose_record_a_person_finds_is_compared_again(lab: Any) -> None:
    pair = _ended_and_back(lab, creating=Creating.NONE, marks=False)
    pair.clm.failures = [_unknown(too_late=True)]
    _ = pair.run()
    [step] = open_steps_in(pair.journal)
    assert open_step_of(step.step_key, step.as_fields()) == step
    adopt(pair.journal, step.step_key, "L5", by="ops", why="looked", at=lab.noon)
    _is_compared(pair)


def test_a_reference_at_a_pair_that_our_mark_binds_is_compared_again(lab: Any) -> None:
    pair = _three(lab)
    pair.clm.merge("account", "L1", "L2")
    _ = pair.settle()
    assert pair.clm.add("account", mark="account:crm:A1", name="Durand", country="FR") == "L5"
    _is_compared(pair)


def _unknown(*, too_late: bool) -> AmbiguousError:
    error = AmbiguousError("fake-clm", "connection lost")
    error.too_late = too_late  # type: ignore[attr-defined]  # what the laboratory asks of it
    return error


def test_what_points_at_a_pair_whose_record_came_back_is_not_read_again(lab: Any) -> None:
    pair = _three(lab)
    pair.clm.delete("account", "L1")
    _ = pair.settle()
    asked = _asked(pair)
    pair.clm.restore("account", "L1")
    for _ in range(3):
        _ = pair.settle()
    assert set(asked) == {"account"}


def test_what_points_at_a_pair_whose_record_became_one_that_is_new_is_not_read_again(lab: Any) -> None:
    pair = _three(lab)
    asked = _asked(pair)
    assert pair.clm.add("account", name="Durand and sons", country="FR") == "L5"
    pair.clm.merge("account", "L1", "L5")
    for _ in range(3):
        _ = pair.settle()
    assert next(known.link.clm for known in pair.agreed() if known.link.crm == "A1") == "L5"
    assert set(asked) == {"account"}


def test_what_was_merged_into_a_record_goes_with_it_and_what_ended_stays(lab: Any) -> None:
    pair = _three(lab)
    pair.clm.delete("account", "L3")
    _ = pair.settle()
    assert pair.clm.add("account", name="Dupont", country="FR") == "L5"
    _ = pair.settle()  # L5 stands in for L3 now
    pair.clm.merge("account", "L2", "L5")
    _ = pair.settle()
    pair.clm.merge("account", "L5", "L1")
    _ = pair.settle()
    links = {known.link.pair: known.link for known in pair.agreed()}
    assert links["account:crm:A3"].aliases == ((Side.CLM, "L3"),)
    assert links["account:crm:A1"].merged == ((Side.CLM, "L2"), (Side.CLM, "L5"))
    pair.clm.restore("account", "L3")
    _ = pair.settle()
    assert next(known.link for known in pair.agreed() if known.link.pair == "account:crm:A3").clm == "L3"


def test_a_reference_by_a_key_that_was_merged_twice_leads_to_the_last_one(lab: Any) -> None:
    pair = _three(lab)
    pair.clm.merge("account", "L1", "L2")
    _ = pair.settle()
    pair.clm.merge("account", "L2", "L3")
    _ = pair.settle()
    assert pair.clm.add("account", name="Durant", country="FR") == "L5"  # which A2 has now
    assert pair.clm.add("contact", given_name="Bo", family_name="Sun", account="L1") == "L6"  # which is L3
    for _ in range(3):
        _ = pair.settle()
    assert [pair.crm.fields("contact", key)["account"] for key in pair.crm.living("contact")] == ["A1", "A3"]
