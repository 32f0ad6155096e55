"""An Odoo with `sign_oca` as far as signing goes, answering as JSON-2 does; what is asked is judged by the description.

Its rules are those of OCA/sign 19.0, `sign_oca/models/sign_oca_request.py`: a draft is sent once, each act of a person
leaves a row in the log, the last signature makes it signed, and a cancelling may come at any time.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from judging import described

from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.sign import OdooSign
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Call, Reply
from clmcrm.testing.closed.validator import Request

_TYPES = {"partner_id": "many2one", "role_id": "many2one", "signer_ids": "one2many"}


class SigningOdoo:
    """Requests, partners and logs; `spoil` may change what a method tells, `refusing` names methods and the error."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 7, 12, 0, tzinfo=UTC)
        self.partners: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        self.names: dict[str, int] = {}
        self.mailed: list[str] = []
        self.refusing: dict[str, str] = {}
        self.spoil: Callable[[str, Any], Any] = lambda _, told: told
        self.refused: list[str] = []
        self._judge = described("odoo")
        self.service = OdooSign(OdooSession("https://erp.example", database="prod", key=Secret("k")))
        self.run = Driver(self, Desk(clock=lambda: self.now), sleep=lambda _: None).run

    # What people do.

    def sign(self, number: int, email: str) -> None:
        """A signer signs; the last one makes the request signed."""
        row = self.requests[number - 1]
        (one,) = (s for s in row["signer_ids"] if s["partner_id"]["email"].lower() == email.lower())
        one["signed_on"] = self._written()
        row["data"] = base64.b64encode(base64.b64decode(row["data"]) + b"% signed\n").decode()
        if all(s["signed_on"] for s in row["signer_ids"]):
            row["state"] = "2_signed"
        self.noted(number, "sign", one["id"])

    def noted(self, number: int, action: str, signer: int | bool = False) -> None:
        """A row of the log."""
        self.log.append({
            "id": len(self.log) + 1, "action": action, "date": self._written(), "ip": "192.0.2.7", "signer_id": signer,
            "request_id": number,
        })  # fmt: skip

    # What it answers.

    def send(self, call: Call, within: timedelta) -> Reply:
        """The reply to a call."""
        del within
        path = call.url.removeprefix("https://erp.example")
        request = Request(method=call.method, path=path, headers=dict(call.headers), body=call.body or b"")
        self.refused += [str(problem) for problem in self._judge.problems(request)]
        model, method = path.split("/")[-2:]
        self.now += timedelta(seconds=1)
        if method in self.refusing:
            return self._reply({"name": self.refusing[method], "message": f"{method} is not for you"}, 422)
        told = getattr(self, f"_{method}")(model, json.loads(call.body or b"{}"))
        if isinstance(told, Reply):
            return told
        return self._reply(self.spoil(method, json.loads(json.dumps(told))))

    def _fields_get(self, model: str, told: dict[str, Any]) -> Any:
        del model, told
        names = ("name", "email", "filename", "data", *_TYPES)
        return {name: {"type": _TYPES.get(name, "char")} for name in names}

    def _check_object_reference(self, model: str, told: dict[str, Any]) -> Any:
        del model
        number = self.names.get(told["xml_id"])
        if number is None:
            return self._reply({"name": "builtins.ValueError", "message": "External ID not found: it"}, 500)
        row = self.requests[number - 1]
        return ["sign.oca.request", number if row["active"] or told["context"].get("active_test") is False else False]

    def _search(self, model: str, told: dict[str, Any]) -> Any:
        if model == "sign.oca.role":
            return [1]
        address = told["domain"][0][2]
        return [one["id"] for one in self.partners if one["email"].lower() == address][:1]

    def _load(self, model: str, told: dict[str, Any]) -> Any:
        rows = [dict(zip(told["fields"], line, strict=True)) for line in told["data"]]
        name = rows[0]["id"].removeprefix("clmcrm.")
        people = [int(row["signer_ids/partner_id/.id"]) for row in rows if "signer_ids/partner_id/.id" in row]
        if any(number > len(self.partners) for number in people):
            return {"ids": False, "messages": [{"type": "error", "message": "No matching record found"}]}
        if name not in self.names:
            kept = self.partners if model == "res.partner" else self.requests
            kept.append({"id": len(kept) + 1, **(self._partner if model == "res.partner" else self._request)(rows)})
            self.names[name] = len(kept)
            if model != "res.partner":
                self.noted(len(kept), "create")
        return {"ids": [self.names[name]], "messages": []}

    def _partner(self, rows: list[dict[str, str]]) -> dict[str, Any]:
        return {"name": rows[0]["name"], "email": rows[0]["email"]}

    def _request(self, rows: list[dict[str, str]]) -> dict[str, Any]:
        first = rows[0]
        signers = [
            {"id": place, "partner_id": self.partners[int(row["signer_ids/partner_id/.id"]) - 1], "signed_on": False}
            for place, row in enumerate(rows, 1)
        ]
        kept = {name: first[name] for name in ("name", "filename", "data")}
        return {**kept, "state": "1_draft", "active": True, "create_date": self._written(), "signer_ids": signers}

    def _web_search_read(self, model: str, told: dict[str, Any]) -> Any:
        if model == "sign.oca.request":
            rows = [row for row in self.requests if row["id"] in told["domain"][0][2]]
        elif model == "sign.oca.request.log":
            asked = {name: value for name, _, value in told["domain"]}
            number, since = asked.get("request_id"), asked.get("date", "")
            rows = [row for row in self.log if number in (None, row["request_id"]) and row["date"] >= since]
        else:
            rows = [{"id": place, "subject": subject} for place, subject in enumerate(self.mailed, 1)]
        shown = [{"id": row["id"], **{name: row[name] for name in told["specification"]}} for row in rows]
        return {"records": shown, "length": len(shown)}

    def _action_send(self, model: str, told: dict[str, Any]) -> Any:
        del model
        row = self.requests[told["ids"][0] - 1]
        if row["state"] == "1_draft":
            row["state"] = "0_sent"
            self.noted(row["id"], "validate")
        return None

    def _message_post(self, model: str, told: dict[str, Any]) -> Any:
        del model
        self.mailed.append(told["subject"])
        return 1

    def _cancel(self, model: str, told: dict[str, Any]) -> Any:
        del model
        self.requests[told["ids"][0] - 1]["state"] = "3_cancel"
        self.noted(told["ids"][0], "cancel")
        return None

    def _written(self) -> str:
        return self.now.strftime("%Y-%m-%d %H:%M:%S")

    def _reply(self, told: object, status: int = 200) -> Reply:
        return Reply(
            status=status, headers={"date": format_datetime(self.now, usegmt=True)}, body=json.dumps(told).encode()
        )
