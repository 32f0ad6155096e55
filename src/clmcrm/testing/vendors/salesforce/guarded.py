"""The fake org behind a closed validator, which also judges each part of a composite call, and the SOQL of a query."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qs

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.description import load_description
from clmcrm.testing.closed.validator import ClosedValidator, Problem, Request
from clmcrm.testing.vendors.salesforce.answering import FakeSalesforce
from clmcrm.testing.vendors.salesforce.soql_reading import MalformedQuery, read_soql
from clmcrm.testing.vendors.serving import Judged

DESCRIPTION: Final = Path(__file__).parents[1] / "descriptions" / "salesforce.json"
"""What a client of records may ask: written from the vendor's guides, closed, with their limits."""
_HEAVY: Final = ("/query?", "/queryAll?", "/composite/sobjects")
_MOST_HEAVY: Final = 5
_LONGEST: Final = 16_384


@cache
def validator() -> ClosedValidator:
    """The closed validator of the description."""
    return ClosedValidator(load_description(DESCRIPTION))


class JudgedOrg(Judged):
    """A fake `org` behind the validator; `refused` holds what the description does not allow."""

    def __init__(self, org: FakeSalesforce) -> None:
        super().__init__(org, validator())
        self.org = org

    def answer(self, request: Request) -> Reply:
        """What the org replies; the judgement of the call and of its parts stands in `refused`."""
        for one in parts_of(request):
            problems = tuple(problems_of(one))
            if problems:
                self.refused.append((one, problems))
        return super().answer(request)


def problems_of(request: Request) -> list[Problem]:
    """What the validator does not see by itself: SOQL that is none, an address that is too long."""
    found: list[Problem] = []
    path, _, query = request.path.partition("?")
    if request.header("x-part") is None and len(request.path) > _LONGEST - 1_000:
        found.append(Problem("path", f"an address of {len(request.path)} characters; {_LONGEST} with all headers"))
    if request.header("x-part") is not None:
        found += validator().problems(request)
    if path.endswith(("/query", "/queryAll")):
        try:
            _ = read_soql(parse_qs(query, keep_blank_values=True).get("q", [""])[0])
        except MalformedQuery as wrong:
            found.append(Problem("query q", str(wrong)))
    if path.endswith("/composite") and request.header("x-part") is None:
        heavy = [one for one in parts_of(request)[1:] if any(word in one.path for word in _HEAVY)]
        if len(heavy) > _MOST_HEAVY:
            found.append(
                Problem("body /compositeRequest", f"{len(heavy)} queries and collections, {_MOST_HEAVY} at most")
            )
    return found


def parts_of(request: Request) -> list[Request]:
    """The request itself, then each part of it as a request of its own."""
    found = [request]
    if not request.path.partition("?")[0].endswith("/composite"):
        return found
    try:
        sent: Any = json.loads(request.body)
        parts = cast("list[dict[str, Any]]", sent["compositeRequest"])
        for one in parts:
            body = b"" if one.get("body") is None else json.dumps(one["body"]).encode()
            headers = {"Authorization": "as the whole", "x-part": "1", **one.get("httpHeaders", {})}
            if body:
                headers["Content-Type"] = "application/json"
            found.append(Request(method=str(one["method"]), path=str(one["url"]), headers=headers, body=body))
    except (ValueError, KeyError, TypeError, AttributeError):
        return [request]
    return found


def judged(org: FakeSalesforce) -> JudgedOrg:
    """The org behind its validator."""
    return JudgedOrg(org)
