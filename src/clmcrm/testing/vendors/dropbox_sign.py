"""A Dropbox Sign of ours: signature requests sent by forms, a list that is late, and its own errors."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import format_datetime
from hashlib import sha1
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from clmcrm.adapters.memory import ticking_clock
from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.serving import Fake

KEY: Final = "key-of-the-fake"
ORIGIN: Final = "https://api.hellosign.com"
_FIELD: Final = re.compile(r"([^\[]+)(?:\[([^\]]*)\])?(?:\[([^\]]*)\])?")


class NotTheirTurn(Exception):
    """Nobody of that address may act on the request now."""


class Refused(Exception):
    """A request that the account does not take."""

    def __init__(self, name: str, said: str, status: int = 400) -> None:
        self.name, self.said, self.status = name, said, status
        super().__init__(name)


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


class WithForms:
    """What stands before a judged fake: it tells the validator the names of a form's parts."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    def answer(self, request: Request) -> Reply:
        """What the fake replies."""
        parts = parts_of(request)
        return self._fake.answer(evolve(request, form=frozenset(parts)) if parts else request)


class FakeDropboxSign:
    """An account with its requests; `lag` is how late its list is, by `clock`."""

    def __init__(self, clock: Callable[[], datetime] | None = None, *, lag: timedelta = timedelta(seconds=30)) -> None:
        self.clock = clock or ticking_clock()
        self.requests: dict[str, dict[str, Any]] = {}
        self.hostile = ""
        self.lose_next_reply = False
        self._lag = lag
        self._seen: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}

    # What people do.

    def view(self, key: str, email: str) -> None:
        """A signer opens the request."""
        self._turn(key, email)["last_viewed_at"] = self._seconds()
        self._keep(key)

    def sign(self, key: str, email: str) -> None:
        """A signer signs."""
        signer = self._turn(key, email)
        signer["last_viewed_at"] = signer["signed_at"] = self._seconds()
        signer["status_code"] = "signed"
        whole = self.requests[key]
        whole["is_complete"] = all(one["status_code"] == "signed" for one in whole["signatures"])
        self._keep(key)

    def decline(self, key: str, email: str, reason: str) -> None:
        """A signer refuses."""
        signer = self._turn(key, email)
        signer["status_code"], signer["decline_reason"] = "declined", reason
        self.requests[key]["is_declined"] = True
        self._keep(key)

    # What the account answers.

    def answer(self, request: Request) -> Reply:
        """What Dropbox Sign replies."""
        known = base64.b64encode(f"{KEY}:".encode()).decode()
        try:
            told = self._answered(request, request.header("authorization") == f"Basic {known}")
        except Refused as refused:
            told = {"error": {"error_name": refused.name, "error_msg": refused.said}}
            return self._reply(refused.status, json.dumps(told).encode(), "application/json")
        if isinstance(told, bytes):
            return self._reply(200, told, "application/pdf")
        if self.lose_next_reply and request.method == "POST":
            self.lose_next_reply = False
            return self._reply(504, b"<html>", "text/html")
        text = json.dumps(told)
        match self.hostile if request.method == "GET" else "":
            case "html":
                return self._reply(200, b"<!DOCTYPE html>", "text/html")
            case "torn":
                text = text[: len(text) // 2]
            case "error in 200":
                text = '{"error": {"error_name": "unknown", "error_msg": "try later"}}'
            case "no data":
                text = "{}"
            case _:
                pass
        return self._reply(200, text.encode(), "application/json")

    def _answered(self, request: Request, known: bool) -> Any:  # noqa: ANN401, FBT001 - JSON, bytes; who asks
        if not known:
            raise Refused("unauthorized", "Unauthorized user.", 401)
        parts = urlsplit(request.path)
        query = dict(parse_qsl(parts.query))
        match request.method, parts.path.strip("/").split("/")[1:]:
            case "GET", ["signature_request", "list"]:
                return self._list(query)
            case "POST", ["signature_request", "send"]:
                return {"signature_request": self._made(parts_of(request))}
            case "GET", ["signature_request", "files", key]:
                if not self._known(key)["is_complete"]:
                    raise Refused("conflict", "The files are not ready.", 409)
                return b"%PDF-1.7\n% signed " + key.encode() + b"\n%%EOF\n"
            case "GET", ["signature_request", key]:
                return {"signature_request": self._known(key)}
            case _:
                raise Refused("not_found", "Not found", 404)

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        size, page = int(query.get("page_size", "20")), int(query.get("page", "1"))
        visible = self.clock() - self._lag
        rows = [seen for key in self.requests if (seen := self._as_of(key, visible)) is not None]
        asked = query.get("query", "")
        if asked.startswith("metadata:"):
            wanted = {one.removeprefix("metadata:").lower() for one in asked.split(" OR ")}
            rows = [row for row in rows if wanted & {str(v).lower() for v in row["metadata"].values()}]
        rows.reverse()  # the newest first
        info = {"page": page, "num_pages": -(-len(rows) // size), "num_results": len(rows), "page_size": size}
        return {"list_info": info, "signature_requests": rows[(page - 1) * size : page * size]}

    def _made(self, parts: dict[str, bytes]) -> dict[str, Any]:
        told = {name: value.decode() for name, value in parts.items() if not name.startswith("files")}
        if not any(name.startswith("files") for name in parts):
            raise Refused("bad_request", "Must specify file(s) to send")
        signers = _signers(told)
        if not signers or any("@" not in one.get("email_address", "") for one in signers):
            raise Refused("bad_request", "Signer email address is not valid")
        metadata: dict[str, str] = json.loads(told.get("metadata", "{}"))
        metadata |= {name[9:-1]: value for name, value in told.items() if name.startswith("metadata[")}
        key = sha1(str(len(self.requests)).encode()).hexdigest()  # noqa: S324 - an id's form, no secret
        whole: dict[str, Any] = {
            "signature_request_id": key, "title": told.get("title", ""), "subject": told.get("subject", ""),
            "message": told.get("message"), "metadata": metadata, "created_at": self._seconds(),
            "expires_at": int(told["expires_at"]) if "expires_at" in told else None,
            "test_mode": told.get("test_mode") in ("1", "true"),
            "is_complete": False, "is_declined": False, "has_error": False, "cc_email_addresses": [],
            "requester_email_address": "sync@example.org", "signing_url": "", "details_url": "", "files_url": "",
            "signatures": [
                {
                    "signature_id": f"{key[:20]}{number}", "signer_email_address": one["email_address"],
                    "signer_name": one["name"], "order": int(one["order"]) if "order" in one else None,
                    "status_code": "awaiting_signature", "signed_at": None, "last_viewed_at": None,
                }
                for number, one in enumerate(signers)
            ],
        }  # fmt: skip
        self.requests[key] = whole
        self._keep(key)
        return whole

    def _known(self, key: str) -> dict[str, Any]:
        if key not in self.requests:
            raise Refused("not_found", "Not found", 404)
        return self.requests[key]

    def _turn(self, key: str, email: str) -> dict[str, Any]:
        whole = self.requests[key]
        ends = whole["expires_at"]
        over = whole["is_complete"] or whole["is_declined"] or (ends is not None and ends <= self._seconds())
        waiting: list[dict[str, Any]] = [
            one for one in whole["signatures"] if one["status_code"] == "awaiting_signature"
        ]
        first = min((one["order"] or 0 for one in waiting), default=0)
        for one in [] if over else waiting:
            if one["signer_email_address"].lower() == email.lower() and (one["order"] or 0) == first:
                return one
        raise NotTheirTurn(f"it is not the turn of {email} in {key}")

    def _seconds(self) -> int:
        return int(self.clock().timestamp())

    def _keep(self, key: str) -> None:
        self._seen.setdefault(key, []).append((self.clock(), copy.deepcopy(self.requests[key])))

    def _as_of(self, key: str, at: datetime) -> dict[str, Any] | None:
        return next((seen for since, seen in reversed(self._seen[key]) if since <= at), None)

    def _reply(self, status: int, body: bytes, kind: str) -> Reply:
        headers = {"Content-Type": kind, "Date": format_datetime(self.clock(), usegmt=True)}
        return Reply(status=status, headers=headers, body=body)


def _signers(told: dict[str, str]) -> list[dict[str, Any]]:
    """The signers of a form: as JSON in one part, or value by value in parts with brackets."""
    whole: list[dict[str, Any]] = json.loads(told.get("signers", "[]"))
    if whole:
        return whole
    found: dict[str, dict[str, Any]] = {}
    for name, value in told.items():
        match = _FIELD.fullmatch(name)
        if match is not None and match[1] == "signers" and match[3]:
            found.setdefault(match[2], {})[match[3]] = value
    return list(found.values())
