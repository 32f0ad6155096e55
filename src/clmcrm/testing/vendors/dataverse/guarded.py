"""The fake environment behind a closed validator, which also judges each part of a batch, its headers, its filter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.description import load_description
from clmcrm.testing.closed.validator import ClosedValidator, Problem, Request
from clmcrm.testing.vendors.dataverse.answering import BASE, MOST, FakeDataverse
from clmcrm.testing.vendors.dataverse.batching import BatchPart, MalformedBatch, read_batch
from clmcrm.testing.vendors.dataverse.odata_reading import MalformedFilter, read_filter, read_target
from clmcrm.testing.vendors.serving import Judged

DESCRIPTION: Final = Path(__file__).parents[1] / "descriptions" / "dataverse.json"
"""What a client of records may ask: written from the vendor's guides, closed, with their limits."""
_LONGEST: Final = 32_768
_LONGEST_PART: Final = 65_536
_TAG: Final = re.compile(r'\*|W/"\d+"')
_WISH: Final = re.compile(
    r"odata\.(track-changes|continue-on-error|maxpagesize=\d{1,4}|include-annotations=\"[A-Za-z.*,]+\")"
    r"|return=representation"
)
_UNTRACKED: Final = ("$filter", "$orderby", "$expand", "$top")


@cache
def validator() -> ClosedValidator:
    """The closed validator of the description."""
    return ClosedValidator(load_description(DESCRIPTION))


class JudgedEnvironment(Judged):
    """A fake environment (`fake`) behind the validator; `refused` holds what the description does not allow."""

    def __init__(self, fake: FakeDataverse) -> None:
        super().__init__(fake, validator())
        self.fake = fake

    def answer(self, request: Request) -> Reply:
        """What the environment replies; the judgement of the call and of its parts stands in `refused`."""
        if request.path.endswith("/oauth2/v2.0/token"):
            return self.fake.answer(request)
        problems = tuple(problems_of(request))
        if problems:
            self.refused.append((request, problems))
        return super().answer(request)


def problems_of(request: Request) -> list[Problem]:
    """What the validator does not see by itself: parts of a batch, headers, filters, an address that is too long."""
    found = _headers(request)
    if len(request.path) > _LONGEST:
        found.append(Problem("path", f"an address of {len(request.path)} characters; {_LONGEST} at most"))
    if request.path == f"{BASE}/$batch":
        return [*found, *_batch(request)]
    return [*found, *_query(request)]


def _batch(request: Request) -> list[Problem]:
    try:
        items = read_batch(request.header("content-type") or "", request.body)
    except (MalformedBatch, ValueError) as wrong:
        return [Problem("body", str(wrong))]
    parts = [part for item in items for part in item]
    if not 1 <= len(parts) <= MOST:
        return [Problem("body", f"{len(parts)} requests in a batch, {MOST} at most")]
    return [problem for number, part in enumerate(parts) for problem in _part(number, part)]


def _part(number: int, part: BatchPart) -> list[Problem]:
    where = f"part {number}"
    if any(name.lower() == "authorization" for name in part.headers):
        return [Problem(where, "with an authorization of its own")]
    if not part.path.startswith(f"{BASE}/") or "$batch" in part.path:
        return [Problem(where, f"{part.path[:60]} is no address of this environment")]
    headers = {**part.headers, "Authorization": "as the whole", "OData-Version": "4.0"}
    request = Request(method=part.method, path=part.path, headers=headers, body=part.body)
    found = [*validator().problems(request), *_headers(request), *_query(request)]
    if len(part.path) > _LONGEST_PART:
        found.append(Problem("path", f"an address of {len(part.path)} characters; {_LONGEST_PART} at most"))
    return [Problem(f"{where}, {one.where}", one.what) for one in found]


def _headers(request: Request) -> list[Problem]:
    given: Mapping[str, str] = {name.lower(): value for name, value in request.headers.items()}
    found = [
        Problem(f"header {name}", f"{given[name][:40]!r} is no entity tag")
        for name in ("if-match", "if-none-match")
        if name in given and not _TAG.fullmatch(given[name])
    ]
    wishes = re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", given.get("prefer", ""))
    found += [
        Problem("header prefer", f"{one[:40]!r} is no wish") for one in wishes if one and not _WISH.fullmatch(one)
    ]
    if request.method == "PATCH" and not {"if-match", "if-none-match"} & given.keys():
        found.append(Problem("header if-match", "a blind upsert: neither If-Match nor If-None-Match"))
    if request.method == "DELETE" and "if-match" not in given:
        found.append(Problem("header if-match", "a blind deletion: no If-Match"))
    return found


def _query(request: Request) -> list[Problem]:
    try:
        options = read_target(request.path.removeprefix(BASE)).options
        if "$filter" in options:
            _ = read_filter(options["$filter"])
    except MalformedFilter as wrong:
        return [Problem("query $filter", str(wrong))]
    tracked = "odata.track-changes" in (request.header("prefer") or "")
    return [
        Problem(f"query {name}", "is not supported with change tracking")
        for name in _UNTRACKED
        if tracked and name in options
    ]


def judged(fake: FakeDataverse) -> JudgedEnvironment:
    """The environment behind its validator."""
    return JudgedEnvironment(fake)
