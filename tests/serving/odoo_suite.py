"""What the conformance kit needs to try a running Odoo: fields it takes, and a clerk who works there by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import sleep
from typing import Any, ClassVar, cast

import pytest
from attrs import evolve, frozen
from odoo_desk import OdooDesk

from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.records import Fields, Kind, Seen, Update
from clmcrm.testing import ClmAdapterSuite, CrmAdapterSuite
from clmcrm.testing.scene import Scene
from clmcrm.testing.updating import UpdatingChecks

PAGE = 10
SECOND = 1.05
"""Odoo's stamps have whole seconds."""
# What it declares does not depend on the server, and is known before one runs.
NOWHERE = OdooSession("http://127.0.0.1:9", database="none", key=Secret("none"))
NOBODY = cast("OdooDesk", None)


class Clerk:
    """Somebody who edits by hand in Odoo: fields by way of our adapter, deletions by the server's own means."""

    def __init__(self, desk: OdooDesk, blocking: Blocking) -> None:
        self._desk, self._blocking = desk, blocking

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        (seen,) = self._blocking.read(kind, [key])
        (outcome,) = self._blocking.write([Update(kind=kind, key=key, fields=fields, expected=seen.version)])
        assert outcome.ok, outcome.why
        return self._blocking.read(kind, [key])[0]

    def delete(self, kind: str, key: str) -> Seen:
        (seen,) = self._blocking.read(kind, [key])
        model = {Kind.CONTRACT: "contract.contract", Kind.CONTRACT_TERMS: "ir.attachment"}.get(
            Kind(kind), "res.partner"
        )
        self._desk.do(model, "unlink", [int(key)])
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        raise NotImplementedError(f"nobody merges here: {kind} {loser} into {survivor}")


@frozen
class Unhurried:
    """The clerk, who lets the second end before each edit."""

    clerk: Clerk

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        sleep(SECOND)
        return self.clerk.edit(kind, key, fields)

    def delete(self, kind: str, key: str) -> Seen:
        return self.clerk.delete(kind, key)

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        return self.clerk.merge(kind, loser, survivor)


class OdooSamples(UpdatingChecks):
    """Fields that both sides of an Odoo take."""

    many: ClassVar[int] = 25
    required: ClassVar[Mapping[str, Sequence[str]]] = {
        Kind.CONTRACT_TERMS: ("account",), Kind.CONTRACT: ("counterparty",),  # the OCA's model asks for it
    }  # fmt: skip

    def sample(self, kind: str, number: int) -> Fields:
        if kind == Kind.CONTRACT_TERMS:
            return {"title": f"Conformance {number}", "number": f"C-{number}", "annual_value": None, "account": "1"}
        if kind == Kind.CONTACT:
            return {"name": f"Conformance {number}", "emails": [f"zoe{number}@example.org"], "phones": []}
        if kind == Kind.CONTRACT:
            return {
                "title": f"Conformance {number}",
                "number": f"C-{number}",
                "kind": "sales",
                "counterparty": "1",
                "executed_on": "2026-05-07",
                "effective_on": "2026-06-01",
                "notice": {"is": "notice_clause", "length": "P3M", "citation": "art. 9.2"},
                "renewal": {"unknown": "the page is missing"},
                "clauses": [{"is": "payment_clause", "days": 30}, {"is": "termination_right", "for_cause": True}],
            }
        return {
            "name": f"Conformance {number}",
            "website": f"https://example.org/{number}",
            "billing_address": {"lines": [f"{number} rue Bleue"], "postal_code": "75009", "city": "Paris"},
            "language": None,
        }

    def name_field(self, kind: str) -> str:
        return "name" if kind in (Kind.ACCOUNT, Kind.CONTACT) else "title"

    @pytest.fixture
    def person(self, desk: OdooDesk, adapter: Any) -> Clerk:
        return Clerk(desk, adapter)

    def test_an_update_moves_the_version(self, scene: Scene) -> None:
        """Each edit in another second: one there and back within a second leaves the version that was there."""
        assert isinstance(scene.person, Clerk)
        super().test_an_update_moves_the_version(evolve(scene, person=Unhurried(scene.person)))


class OdooCrmSuite(OdooSamples, CrmAdapterSuite):
    kinds = (Kind.ACCOUNT, Kind.CONTACT, Kind.CONTRACT_TERMS)  # type: ignore[assignment] # fewer than a CRM may have


class OdooClmSuite(OdooSamples, ClmAdapterSuite):
    kind = Kind.CONTRACT
    kinds = (Kind.ACCOUNT, Kind.CONTACT, Kind.CONTRACT)  # type: ignore[assignment] # fewer than a CLM may have
