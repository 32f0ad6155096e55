"""An e-signature service under trial: requests sent under ids of this trial, and what recipients do with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol, runtime_checkable
from uuid import uuid4

from attrs import evolve, field, frozen

from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient, RecipientRole, SignatureFact, SignatureRequest
from clmcrm.clm.signature_standing import SignatureStanding, signature_standing
from clmcrm.drivers.blocking import Run
from clmcrm.ports.calls import answered
from clmcrm.ports.esign import EsignCapabilities, EsignPort, SignedFiles, Touched
from clmcrm.ports.records import NO_TIME, Creating, Outcome, Result
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.pages import MOST_IDLE
from clmcrm.values.ids import ContractId

DOCUMENT: Final = b"%PDF-1.7\n% conformance\n%%EOF\n"


@runtime_checkable
class Signatory(Protocol):
    """Those who receive requests: what they do in the service by hand."""

    def view(self, key: str, email: str) -> object:
        """Open the document."""
        ...

    def sign(self, key: str, email: str) -> object:
        """Sign it."""
        ...

    def decline(self, key: str, email: str, reason: str) -> object:
        """Refuse to sign it."""
        ...


class WaitedEsign:
    """A service, each answer waited for with `run`; `unwaited` is the service itself."""

    def __init__(self, service: EsignPort, run: Run) -> None:
        self.unwaited, self._run = service, run

    @property
    def system(self) -> str:
        """The service's name."""
        return self.unwaited.system

    @property
    def capabilities(self) -> EsignCapabilities:
        """The service's own."""
        return self.unwaited.capabilities

    def _done(self, answer: object) -> Any:  # noqa: ANN401 - whatever the answer leads to
        return self._run(answered(answer))

    def send(self, request: SignatureRequest, document: bytes) -> Outcome:
        """What became of a sending."""
        outcome: Outcome = self._done(self.unwaited.send(request, document))
        return outcome

    def find(self, request_id: str) -> str | None:
        """The key of what was sent under our id, or None."""
        key: str | None = self._done(self.unwaited.find(request_id))
        return key

    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        """Everything that happened to a request."""
        facts: tuple[SignatureFact, ...] = self._done(self.unwaited.facts(key))
        return facts

    def touched(self, cursor: str | None) -> Touched:
        """The requests changed since."""
        touched: Touched = self._done(self.unwaited.touched(cursor))
        return touched

    def cancel(self, key: str, reason: str) -> Outcome:
        """What became of a cancellation."""
        outcome: Outcome = self._done(self.unwaited.cancel(key, reason))
        return outcome

    def files(self, key: str) -> SignedFiles | None:
        """The signed document and its certificate, or None."""
        files: SignedFiles | None = self._done(self.unwaited.files(key))
        return files


@frozen(kw_only=True)
class Desk:
    """The `service` under trial; `run` sets this trial's ids apart, `wait` lets what happened become visible."""

    service: WaitedEsign
    wait: Callable[[timedelta], object]
    signatory: Signatory | None = None
    run: str = field(factory=lambda: uuid4().hex[:12])

    def request(self, number: int, *recipients: Recipient, expires_at: datetime | None = None) -> SignatureRequest:
        """A request to two signers, one after the other where the service keeps an order."""
        able = self.service.capabilities
        ordered = (evolve(r, order=place if able.orders else 0) for place, r in enumerate(recipients or _two()))
        return SignatureRequest(
            id=f"signature:conformance:{self.run}:{number}",
            contract=ContractId(f"C-{number}"),
            sha256=sha256(DOCUMENT).hexdigest(),
            recipients=tuple(ordered),
            level=min(able.levels, key=list(type(next(iter(able.levels)))).index),
            expires_at=expires_at,
        )

    def sent(self, request: SignatureRequest, result: Result = Result.DONE) -> Outcome:
        """The outcome of sending, which must be `result`."""
        if self.service.capabilities.creating is Creating.LOOKUP:
            self.settle()
        outcome = self.service.send(request, DOCUMENT)
        same(outcome.result, result, f"the outcome of sending ({outcome.why})")
        return outcome

    def settle(self) -> None:
        """Let what happened become visible, as long as the service says that takes."""
        if self.service.capabilities.visible_lag > NO_TIME:
            _ = self.wait(self.service.capabilities.visible_lag)

    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        """What the service tells of a request once it is visible."""
        self.settle()
        return self.service.facts(key)

    def standing(self, request: SignatureRequest, key: str) -> SignatureStanding:
        """What the facts add up to."""
        return signature_standing(request, self.facts(key))

    def pull(self, cursor: str | None = None) -> Touched:
        """Every key told from `cursor` on, and the cursor at its end."""
        self.settle()
        keys: list[str] = []
        passed: list[str] = []
        idle = 0
        while True:
            page = self.service.touched(cursor)
            idle = 0 if set(page.keys) - set(keys) else idle + 1
            holds(idle < MOST_IDLE, f"the feed has no end: {idle} pages said that there is more, and told nothing new")
            keys += page.keys
            cursor = page.cursor
            if not page.more:
                return Touched(keys=tuple(keys), cursor=cursor)
            holds(cursor not in passed, f"the feed goes round in circles: cursor {cursor!r} came twice in one pull")
            passed.append(cursor)


def _two() -> tuple[Recipient, Recipient]:
    return (
        Recipient(name="Zoé Durand", email="zoe@example.org", side=Party.COUNTERPARTY, role=RecipientRole.SIGNER),
        Recipient(name="Ömer Łukasz", email="omer@example.org", side=Party.OWN, role=RecipientRole.SIGNER),
    )
