"""Nobody gets around an approval: generated attempts, judged by a naive reader; and planted holes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import attrs
import pytest
from bypassing import WAYS, Story
from hypothesis import settings
from naive_approvals import NaiveApprovals

from clmcrm.clm import approval_desk, approval_handing, approval_round, refusals
from clmcrm.clm import events as e
from clmcrm.clm.approval_guards import approvals_hold, content_is_the_present_one, content_is_unchanged
from clmcrm.clm.charts import Charts
from clmcrm.clm.content import content_hash
from clmcrm.clm.contract import Contract
from clmcrm.clm.guards import Guard
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.transitions import CHARTS, LIFECYCLE
from clmcrm.errors import TransitionNotAllowed

SEED = 20261129
ROUNDS = 6


def attempts_wanted() -> int:
    """200, or 10,000 in the nightly profile."""
    nightly = settings.get_profile("nightly").max_examples
    return 10_000 if settings.default is not None and settings.default.max_examples >= nightly else 200


def refused(life: Contract, event: e.AnyEvent, story: Story, charts: Charts = CHARTS) -> bool:
    try:
        _ = advance(life, event, desk=story.desk, charts=charts)
    except TransitionNotAllowed:
        return True
    return False


def test_no_generated_bypass_attempt_succeeds() -> None:
    wanted, tried = attempts_wanted(), Counter[str]()
    print("seed", SEED)  # noqa: T201 - a failure is repeated with it
    for number in range(wanted):
        way = WAYS[number % len(WAYS)]
        story = Story(Random(f"{SEED}/{number}"))  # noqa: S311 - a seed makes an attempt repeatable
        event = way(story)
        life = story.life
        judge = NaiveApprovals([rule.step for rule in story.desk.policy.rules], story.desk.policy.approvers)
        assert not judge.allows(life.events, event, content_hash(life)), f"{way.__name__} is no attempt: {number}"
        before = life.events
        with pytest.raises(TransitionNotAllowed) as refusal:
            _ = advance(life, event, desk=story.desk)
        assert refusal.value.event == type(event).__name__
        assert refusal.value.why or refusal.value.event not in refusal.value.possible
        assert life.events == before
        tried[way.__name__] += 1
    print(wanted, "attempts in", len(tried), "ways, none succeeded")  # noqa: T201 - the figure
    assert sum(tried.values()) == wanted
    assert set(tried) == {way.__name__ for way in WAYS}


def without_check(module: object, names: str, check: Callable[..., str]) -> Callable[[pytest.MonkeyPatch], Charts]:
    def plant(patch: pytest.MonkeyPatch) -> Charts:
        left = tuple(one for one in getattr(module, names) if one is not check)
        patch.setattr(module, names, left)
        return CHARTS

    return plant


def without_guard(guard: Guard) -> Callable[[pytest.MonkeyPatch], Charts]:
    def plant(_patch: pytest.MonkeyPatch) -> Charts:
        rows = tuple(
            attrs.evolve(row, guards=tuple(one for one in row.guards if one is not guard)) for row in LIFECYCLE.rows
        )
        return Charts(standard=attrs.evolve(LIFECYCLE, rows=rows), by_kind=CHARTS.by_kind)

    return plant


def silenced(module: object, name: str) -> Callable[[pytest.MonkeyPatch], Charts]:
    def plant(patch: pytest.MonkeyPatch) -> Charts:
        patch.setattr(module, name, lambda *_: "")
        return CHARTS

    return plant


HOLES: dict[str, Callable[[pytest.MonkeyPatch], Charts]] = {
    **{check.__name__: without_check(approval_round, "CHECKS", check) for check in approval_round.CHECKS},
    **{
        check.__name__: without_check(approval_handing, "HANDING_CHECKS", check)
        for check in approval_handing.HANDING_CHECKS
    },
    **{guard.__name__: without_guard(guard) for guard in (content_is_unchanged, approvals_hold)},
    "deadline": silenced(approval_desk, "_not_overdue"),
    "policy": silenced(approval_desk, "_not_as_asked"),
    "submitted at all": silenced(approval_desk, "_unsubmitted"),
    "undo": silenced(refusals, "_not_theirs_to_undo"),
}


def let_through(charts: Charts = CHARTS) -> list[str]:
    """The ways that get through in a few rounds."""
    found: list[str] = []
    for number in range(ROUNDS * len(WAYS)):
        story = Story(Random(f"hole/{SEED}/{number}"))  # noqa: S311 - as above
        way = WAYS[number % len(WAYS)]
        event = way(story)
        if not refused(story.life, event, story, charts):
            found.append(way.__name__)
    return found


@pytest.mark.parametrize("hole", list(HOLES))
def test_each_rule_keeps_something_out(hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert let_through(HOLES[hole](monkeypatch)), f"nothing gets through without {hole}"


def test_a_content_that_is_not_the_contracts_cannot_be_submitted() -> None:
    story = Story(Random(SEED))  # noqa: S311 - as above
    event = next(one for one in story.life.events if isinstance(one, e.SubmittedForApproval))
    forged = attrs.evolve(event, content="0" * 64)
    draft = attrs.evolve(story.life, events=story.life.events[:1])
    assert refused(draft, forged, story)
    assert not refused(draft, forged, story, without_guard(content_is_the_present_one)(pytest.MonkeyPatch()))
