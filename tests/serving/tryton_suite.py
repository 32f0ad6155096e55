"""What the conformance kit needs to try a running Tryton: fields it takes, and a clerk who works there by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import ClassVar, cast

import pytest
from tryton_desk import TrytonDesk

from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.drivers.blocking import Blocking
from clmcrm.ports.records import Fields, Kind, Seen, Update
from clmcrm.testing import CrmAdapterSuite


def whole(desk: TrytonDesk) -> TrytonCrm:
    # All parties are accounts here: those that the kit makes are in no category.
    return TrytonCrm(desk.session, overlap=timedelta(seconds=2), page=10, batch=20)


class Clerk:
    """Somebody who edits by hand in Tryton: fields by way of our adapter, deletions by the server's own means."""

    def __init__(self, desk: TrytonDesk, blocking: Blocking) -> None:
        self._desk, self._blocking = desk, blocking

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        (seen,) = self._blocking.read(kind, [key])
        (outcome,) = self._blocking.write([Update(kind=kind, key=key, fields=fields, expected=seen.version)])
        assert outcome.ok, outcome.why
        return self._blocking.read(kind, [key])[0]

    def delete(self, kind: str, key: str) -> Seen:
        (seen,) = self._blocking.read(kind, [key])
        assert kind == Kind.ACCOUNT
        self._desk.do("party.party", "delete", [int(key)])
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        """By Tryton's own wizard for parties."""
        run, ask = self._desk.driver.run, self._desk.session.call
        # The wizard asks whether parties of different names are the same; the person says yes, beforehand.
        self._desk.do("res.user.warning", "skip", f"party.replace name {loser} {survivor}")
        of = {"active_model": "party.party", "active_id": int(loser), "active_ids": [int(loser)]}
        number, first, _ = run(ask("wizard.party.replace.create"))
        given = {first: {"source": int(loser), "destination": int(survivor)}}
        _ = run(ask("wizard.party.replace.execute", number, given, "replace", context=of))
        return self._blocking.read(kind, [survivor])[0]


# What it declares does not depend on the server, and is known before one runs.
NOWHERE = SimpleNamespace(session=TrytonSession("http://127.0.0.1:9", database="none", user="none", password=""))


class TrytonSuite(CrmAdapterSuite):
    declares = whole(cast("TrytonDesk", NOWHERE)).capabilities
    kinds = (Kind.ACCOUNT, Kind.CONTRACT_TERMS)  # type: ignore[assignment] # fewer than a CRM may have
    many: ClassVar[int] = 25
    required: ClassVar[Mapping[str, Sequence[str]]] = {Kind.CONTRACT_TERMS: ("account",)}

    def sample(self, kind: str, number: int) -> Fields:
        if kind == Kind.CONTRACT_TERMS:
            return {"title": f"Conformance {number}", "number": f"C-{number}", "annual_value": None, "account": "1"}
        return {
            "name": f"Conformance {number}",
            "website": f"https://example.org/{number}",
            "billing_address": {"lines": [f"{number} rue Bleue"], "postal_code": "75009", "city": "Paris"},
            "language": None,
        }

    @pytest.fixture
    def person(self, desk: TrytonDesk, adapter: Blocking) -> Clerk:
        return Clerk(desk, adapter)
