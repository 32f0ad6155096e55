"""Over every description in the folder: right requests are let through, wrong ones are not.

The folder is named by CLMCRM_SPECS, by default shared/specs beside the checkout. Any description put there is
tried the same way.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from forging import say
from hypothesis import settings
from wrong_requests import wrong_requests

from clmcrm.testing.closed.description import FOLDER, Description, Operation, description_files, load_description
from clmcrm.testing.closed.overlay import OVERLAYS
from clmcrm.testing.closed.right_requests import right_requests
from clmcrm.testing.closed.validator import ClosedValidator, Request

_ = pytest.importorskip("jsonschema_rs", reason="jsonschema_rs is in the extra test")
_ = pytest.importorskip("yaml", reason="PyYAML is in the extra test")

SPECS = Path(os.environ.get(FOLDER, Path(__file__).parents[4] / "shared" / "specs"))
FILES = description_files(SPECS) if SPECS.is_dir() else ()
SEED = int(os.environ.get("CLMCRM_SEED", "1"))
LEAST_WRONG = 30
LEAST_WAYS = 5
MOST_UNMADE = 0.05
"""How much of a description may contradict itself, such as an address that its own pattern refuses."""

every_description = pytest.mark.parametrize(
    "path",
    FILES or [pytest.param(None, marks=pytest.mark.skip(reason=f"no folder {SPECS}"))],
    ids=lambda path: getattr(path, "stem", "none"),
)


def rounds() -> int:
    """How many requests for each operation: more under the nightly profile."""
    return 50 if (settings.default or settings()).max_examples >= 1_000 else 2


@cache
def validator(path: Path) -> ClosedValidator:
    description = load_description(path)
    return ClosedValidator(description, OVERLAYS.get(description.name, ()))


def meant_for_another(description: Description, operation: Operation, request: Request) -> bool:
    """Whether another operation of that method has a path of this form, by which the request may be right."""
    path = request.path.partition("?")[0]
    others = (each for each in description.operations if each is not operation and each.method == request.method)
    return any(each.pattern.fullmatch(path) for each in others)


@every_description
def test_a_right_request_is_let_through_for_every_operation(path: Path) -> None:
    closed = validator(path)
    tried: Counter[str] = Counter()
    for operation, request in right_requests(closed.description, SEED, rounds()):
        assert closed.problems(request) == (), (f"CLMCRM_SEED={SEED}", operation.name, request)
        tried[operation.name] += 1
    unmade = {operation.name for operation in closed.description.operations} - set(tried)
    say(path.stem, "no right request can be made for", unmade or "nothing")
    assert len(unmade) <= max(1, MOST_UNMADE * len(closed.description.operations))


@every_description
def test_wrong_requests_are_refused_whatever_is_wrong_with_them(path: Path) -> None:
    closed = validator(path)
    refused: Counter[str] = Counter()
    for operation, right in right_requests(closed.description, SEED, rounds()):
        for way, wrong in wrong_requests(closed.description, operation, right):
            if not meant_for_another(closed.description, operation, wrong):
                assert closed.problems(wrong), (f"CLMCRM_SEED={SEED}", way, operation.name, wrong)
                refused[way] += 1
    say(path.stem, sum(refused.values()), "wrong requests refused:", dict(refused))
    assert sum(refused.values()) >= min(LEAST_WRONG, LEAST_WAYS * len(closed.description.operations))
    assert len(refused) >= (LEAST_WAYS if closed.description.operations else 0)


@every_description
def test_what_stands_in_an_overlay_stands_in_the_description_too(path: Path) -> None:
    closed = validator(path)
    for limit in OVERLAYS.get(closed.description.name, ()):
        about = [o for o in closed.description.operations if limit.about(o.method, o.template)]
        assert about, limit
        assert limit.query is None or any(p.name == limit.query for o in about for p in o.parameters), limit
