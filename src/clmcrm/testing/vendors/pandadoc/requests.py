"""What a request to PandaDoc holds, and how its description would name it.

The description calls a filter by metadata `metadata`, each value "metadata_{key}={value}", and says in words that
`metadata_{key}={value}` itself is what is sent; the parts of a form it describes by their names, and the JSON in
one of them as it describes the body of the same call with a URL in place of the file.
"""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl, urlencode

from attrs import evolve

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import ClosedValidator, Request
from clmcrm.testing.vendors.serving import Judged


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request; empty for none."""
    found: object = json.loads(request.body) if request.body else {}
    return dict(found) if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownArgumentType] # JSON


def parts_of(request: Request) -> dict[str, bytes]:
    """The parts of a form by their names; empty for a request without one."""
    kind = request.header("content-type") or ""
    if not kind.startswith("multipart/form-data"):
        return {}
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
    found: dict[str, bytes] = {}
    for part in whole.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content
    return found


def as_described(request: Request) -> tuple[Request, ...]:
    """The requests to judge by the description: itself in its words, and the data of a form."""
    path, _, query = request.path.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    told = [("metadata", f"{name}={value}") if name.startswith("metadata_") else (name, value) for name, value in pairs]
    parts = parts_of(request)
    asked = "&".join(urlencode([(name, value)]) if value else name for name, value in told)
    whole = evolve(request, path=f"{path}?{asked}" if told else path, form=frozenset(parts) if parts else None)
    if "data" not in parts:
        return (whole,)
    try:
        data: object = json.loads(parts["data"])
    except ValueError:
        data = parts["data"].decode("utf-8", "replace")
    inside = {"url": "https://example.org/file.pdf", **data} if isinstance(data, dict) else data  # pyright: ignore[reportUnknownVariableType] # JSON
    kind = {"content-type": "application/json"}
    return whole, Request(method=request.method, path=path, headers=kind, body=json.dumps(inside).encode())


class AsDescribed:
    """What stands before a judged fake: each request is judged in the description's words.

    `validator` judges the data of a form (None: nothing does); what it objects to stands in `front.refused` too.
    """

    def __init__(self, front: Judged, validator: ClosedValidator | None) -> None:
        self._front, self._validator = front, validator

    def answer(self, request: Request) -> Reply:
        """What the fake replies."""
        whole, *inside = as_described(request)
        for one in inside if self._validator is not None else []:
            problems = () if self._validator is None else self._validator.problems(one)
            if problems:
                self._front.refused.append((one, problems))
        return self._front.answer(whole)
