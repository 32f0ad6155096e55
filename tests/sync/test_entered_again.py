"""A company that ended on one side and is entered there again is not created once more on the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.errors import AmbiguousError
from clmcrm.ports.records import Precondition, Side
from clmcrm.sync.arbitration import RECORD, Decision, resolve, resolve_pairing
from clmcrm.sync.ownership import OnDelete, Rules
from clmcrm.sync.pulling import touch
from clmcrm.sync.standard import standard_rules

NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)


ORIGINS = pytest.mark.parametrize("origin", ["crm", "clm"])


def _two(lab: Any, origin: str = "crm", **flags: Any) -> Any:
    """Two accounts on both sides; the records that are not on the side of the origin carry our mark."""
    pair = lab.Pair(**flags)
    for name in ("Durand", "Durant"):
        _ = getattr(pair, origin).add("account", name=name, country="FR")
    assert pair.settle()
    return pair


def _paired(pair: Any) -> dict[str | None, str | None]:
    return {known.link.crm: known.link.clm for known in pair.agreed() if known.link.crm}


def _waits(report: Any) -> list[str]:
    return [problem.what for problem in report.plan.problems if problem.where == "account:clm:L3"]


def _unknown(**how: bool) -> AmbiguousError:
    error = AmbiguousError("fake-clm", "connection lost")
    for name, value in how.items():
        setattr(error, name, value)
    return error


@ORIGINS
def test_while_its_old_record_rests(lab: Any, origin: str) -> None:
    pair = _two(lab, origin, longest_processing=timedelta(minutes=1), precondition=Precondition.NONE, history=True)
    pair.crm.edit("account", "A2", phone="+33 1")
    pair.clm.failures = [_unknown(on_its_way=True)]
    _ = pair.run()
    pair.clm.merge("account", "L1", "L2")
    _ = pair.clm.add("account", name="Durand", country="FR")
    report = pair.run()
    assert _waits(report) == [
        "may be A1 on the CRM, which cannot be judged yet (its counterpart is left alone for now, and may have ended)"
    ]
    assert list(pair.crm.living("account")) == ["A1", "A2"]
    pair.now += timedelta(minutes=2)
    for _ in range(3):
        _ = pair.settle()
    assert _paired(pair) == {"A1": "L3", "A2": "L2"}
    assert list(pair.crm.living("account")) == ["A1", "A2"]


def test_while_what_the_old_one_was_merged_into_cannot_be_read(lab: Any) -> None:
    pair = _two(lab)
    whole = type(pair.clm)._seen.__get__(pair.clm)
    pair.clm._seen = lambda kind, key: evolve(whole(kind, key), unreadable="NaN" if key == "L2" else "")
    pair.clm.merge("account", "L1", "L2")
    _ = pair.clm.add("account", name="Durand", country="FR")
    assert len(_waits(pair.run())) == 1
    assert list(pair.crm.living("account")) == ["A1", "A2"]
    del pair.clm._seen
    for _ in range(3):
        _ = pair.settle()
    assert _paired(pair) == {"A1": "L3", "A2": "L2"}
    assert list(pair.crm.living("account")) == ["A1", "A2"]


@ORIGINS
def test_while_the_one_it_was_the_counterpart_of_cannot_be_read(lab: Any, origin: str) -> None:
    pair = _two(lab, origin)
    pair.clm.merge("account", "L1", "L2")
    _ = pair.settle()
    whole = type(pair.crm)._seen.__get__(pair.crm)

    def torn(kind: str, key: str) -> Any:
        seen = whole(kind, key)
        return seen if key != "A1" else evolve(seen, fields={"name": "Durand"}, unreadable="NaN")

    pair.crm._seen = torn
    pair.crm.edit("account", "A1", phone="+33 1")
    _ = pair.clm.add("account", name="Durand", country="FR")
    for _ in range(2):
        assert _waits(pair.run()) == ["may be A1 on the CRM, which cannot be judged yet (NaN)"]
    assert list(pair.crm.living("account")) == ["A1", "A2"]
    del pair.crm._seen
    for _ in range(3):
        _ = pair.settle()
    assert _paired(pair) == {"A1": "L3", "A2": "L2"}


def test_where_a_run_takes_a_part_of_what_changed(lab: Any) -> None:
    pair = _two(lab)
    _ = pair.clm.add("account", name="Durand", country="FR")
    pair.clm.merge("account", "L1", "L2")  # which is told after the new one
    for _ in range(6):
        _ = pair.run(at_most=1)
    assert _paired(pair) == {"A1": "L3", "A2": "L2"}
    assert list(pair.crm.living("account")) == ["A1", "A2"]


@ORIGINS
@pytest.mark.parametrize("keep", [True, False])
def test_while_a_person_is_asked_whether_the_other_one_stays(lab: Any, origin: str, *, keep: bool) -> None:
    rules = standard_rules()
    rules = Rules(kinds=tuple(evolve(kind, on_delete=OnDelete.ARCHIVE) for kind in rules), standing=())
    pair = _two(lab, origin, rules=rules)
    pair.crm.edit("account", "A1", phone="+33 1")
    pair.clm.delete("account", "L1")
    _ = pair.clm.add("account", name="Durand", country="FR")
    report = pair.run()
    [conflict] = report.plan.conflicts
    assert conflict.name == RECORD
    assert _waits(report) == [
        "may be A1 on the CRM, which cannot be judged yet (its counterpart L1 is not shown, or has ended)"
    ]
    assert list(pair.crm.living("account")) == ["A1", "A2"]
    side = Side.CRM if keep else Side.CLM
    assert isinstance(resolve(conflict, side, by="ops", why="so", at=NOW, journal=pair.journal), Decision)
    for _ in range(3):
        _ = pair.settle()
    assert len(pair.crm.living("account")) == 2
    assert _paired(pair) == {"A1": "L3", "A2": "L2"} if keep else {"A3": "L3", "A2": "L2"}


def test_a_person_may_say_that_it_is_another(lab: Any) -> None:
    pair = _two(lab)
    del pair.clm.rows["account", "L1"]  # it is not shown, and nothing tells of its end
    _ = pair.clm.add("account", name="Durand", country="FR")
    touch(pair.journal, Side.CLM, "account", ["L1"])
    for _ in range(2):
        assert len(_waits(pair.run())) == 1
    resolve_pairing("account:clm:L3", None, by="ops", why="so", at=NOW, journal=pair.journal)
    _ = pair.run()
    assert _paired(pair) == {"A1": "L1", "A2": "L2", "A3": "L3"}


def test_another_company_is_created_all_the_same(lab: Any) -> None:
    pair = _two(lab)
    del pair.clm.rows["account", "L1"]
    _ = pair.clm.add("account", name="Dupont", country="FR")
    touch(pair.journal, Side.CLM, "account", ["L1"])
    assert _waits(pair.run()) == []
    assert _paired(pair) == {"A1": "L1", "A2": "L2", "A3": "L3"}
