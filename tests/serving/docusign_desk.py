"""What tests need to talk to a DocuSign of ours: a clock, a token, and the closed validator in front."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from clmcrm.adapters.docusign.session import BUDGETS
from clmcrm.adapters.docusign_wire import VENDOR
from clmcrm.adapters.memory import ticking_clock
from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient, SignatureRequest
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budget, Budgets
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.ports.calls import Flow, Reply
from clmcrm.testing.closed.description import FOLDER, load_description
from clmcrm.testing.closed.overlay import OVERLAYS
from clmcrm.testing.closed.validator import ClosedValidator, Request
from clmcrm.testing.vendors.docusign.service import TOKEN
from clmcrm.testing.vendors.serving import Fake, Judged
from clmcrm.values.ids import ContractId

ESIGN = "docusign_esign_2.1_subset.json"
ORIGIN = "https://demo.docusign.net"
SPECS = Path(os.environ.get(FOLDER, Path(__file__).parents[3] / "shared" / "specs"))


DOCUMENT = b"%PDF-1.7\n% an agreement\n%%EOF\n"
ANN = Recipient(name="Ann", email="ann@example.org", side=Party.OWN)
BEN = Recipient(name="Ben", email="ben@example.org", side=Party.COUNTERPARTY, order=1)


def asked(request_id: str = "R-1", *recipients: Recipient, **more: Any) -> SignatureRequest:
    return SignatureRequest(
        id=request_id, contract=ContractId("C-1"), sha256=sha256(DOCUMENT).hexdigest(),
        recipients=recipients or (ANN, BEN), **more,
    )  # fmt: skip


class MovableClock:
    """A clock that is moved on by hand."""

    def __init__(self) -> None:
        self._tick = ticking_clock(datetime(2026, 1, 1, tzinfo=UTC), timedelta(milliseconds=1))
        self._moved = timedelta(0)

    def __call__(self) -> datetime:
        return self._tick() + self._moved

    def advance(self, length: timedelta) -> None:
        self._moved += length


@cache
def validator(name: str = ESIGN) -> ClosedValidator:
    """The closed validator of a description; raises `FileNotFoundError` where the folder does not have it."""
    description = load_description(SPECS / name)
    return ClosedValidator(description, OVERLAYS.get(description.name, ()))


needs_descriptions = pytest.mark.skipif(
    not (SPECS / "docusign_esign_2.1_subset.json").is_file() or find_spec("jsonschema_rs") is None,
    reason=f"no descriptions in {SPECS}, or no jsonschema_rs",
)


class Unjudged(Judged):
    """The fake alone, where there is no description to judge by."""

    def __init__(self, fake: Fake) -> None:
        self.refused = []
        self._fake = fake

    def answer(self, request: Request) -> Reply:
        return self._fake.answer(request)


def judged(fake: Fake, name: str = ESIGN) -> Judged:
    there = (SPECS / name).is_file() and find_spec("jsonschema_rs") is not None
    return Judged(fake, validator(name)) if there else Unjudged(fake)


def _no_renewal(token: Token) -> Flow[Token]:
    yield from ()
    raise AssertionError(token)


def desk_of(clock: MovableClock, calls: int | None = None) -> Desk:
    """A desk with the fake's token; `calls` an hour instead of what an account allows."""
    authority = Authority(vendor=VENDOR, shelf=MemoryTokenShelf(Token(access=Secret(TOKEN))), renew=_no_renewal)
    budgets = BUDGETS if calls is None else (Budget(vendor=VENDOR, size=calls, per=timedelta(hours=1)),)
    return Desk(clock=clock, budgets=Budgets(budgets), authorities={VENDOR: authority})
