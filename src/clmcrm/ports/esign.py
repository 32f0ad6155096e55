"""What is asked of an e-signature service: send once under our key, and tell what happened.

The service's facts are merged elsewhere (`clmcrm.clm.signature`); a port only reports them.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from clmcrm.clm.signature import SignatureFact, SignatureRequest


@runtime_checkable
class EsignPort(Protocol):
    """A service that collects signatures."""

    @property
    def system(self) -> str:
        """The service's name in refs and reports."""
        ...

    def send(self, request: SignatureRequest, document: bytes) -> str:
        """The service's key for the request, sent now or found again under `request.id`: never sent twice."""
        ...

    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        """Everything the service knows of this request so far, in any order, repeats allowed."""
        ...
