"""What is asked of an e-signature service: send once under our key, tell what happened, cancel, hand over the proof.

The service's facts are merged elsewhere (`clmcrm.clm.signature_standing`); a port only reports them. As with
record systems, a method may answer at once or be a flow, and raises `TransientError`, `AmbiguousError` (look the
request up by our id) or `TerminalError`; what became of a sending or a cancellation is an `Outcome`.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from clmcrm.clm.signature import RecipientRole, SignatureFact, SignatureLevel, SignatureRequest
from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import Answer
from clmcrm.ports.records import NO_TIME, Creating, Outcome
from clmcrm.values.validators import flag, instance, member, text

SIGNERS_ONLY = frozenset({RecipientRole.SIGNER, RecipientRole.COPY})


@frozen(kw_only=True)
class EsignCapabilities:
    """What a service can and cannot do.

    `levels` are those it can collect, `roles` what it can ask of a recipient, `orders` whether it keeps an order
    among them. `creating` says what keeps a request from being sent twice: UNIQUE when the service binds our id
    itself, LOOKUP when the id can only be looked up before. `visible_lag` is how long until what happened shows.
    `cancels`: a request can be voided; `certificates`: it hands the evidence over; `feed`: it tells which requests
    changed. Raises `InvalidRecord` without a level, without signers, or where nothing keeps sendings apart.
    """

    levels: frozenset[SignatureLevel]
    roles: frozenset[RecipientRole] = SIGNERS_ONLY
    orders: bool = field(default=True, validator=flag)
    creating: Creating = field(default=Creating.UNIQUE, validator=member(Creating))
    visible_lag: timedelta = field(default=NO_TIME, validator=instance(timedelta))
    cancels: bool = field(default=True, validator=flag)
    certificates: bool = field(default=True, validator=flag)
    feed: bool = field(default=True, validator=flag)

    def __attrs_post_init__(self) -> None:
        if not self.levels:
            raise InvalidRecord("EsignCapabilities", "levels", "none", "one level or more")
        if RecipientRole.SIGNER not in self.roles:
            raise InvalidRecord("EsignCapabilities", "roles", ", ".join(sorted(self.roles)), "signers among them")
        if self.creating not in (Creating.UNIQUE, Creating.LOOKUP):
            expected = "unique or look-up: our id must find what was sent"
            raise InvalidRecord("EsignCapabilities", "creating", self.creating.value, expected)


@frozen(kw_only=True)
class Touched:
    """The `keys` of requests that changed, each once, the `cursor` to go on from, and whether there is `more`."""

    keys: tuple[str, ...]
    cursor: str
    more: bool = field(default=False, validator=flag)


@frozen(kw_only=True)
class SignedFiles:
    """The signed `document` and the service's own `certificate` of it, byte by byte (None: it issues none)."""

    document: bytes = field(validator=instance(bytes), repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    media_type: str = field(default="application/pdf", validator=text)

    @property
    def sha256(self) -> str:
        """The fingerprint of the signed document: `signed_sha256` of our `CompletionCertificate`.

        >>> SignedFiles(document=b"signed").sha256[:8]
        '4a3cdfae'
        """
        return sha256(self.document).hexdigest()


@runtime_checkable
class EsignPort(Protocol):
    """A service that collects signatures."""

    @property
    def system(self) -> str:
        """The service's name in refs and reports."""
        ...

    @property
    def capabilities(self) -> EsignCapabilities:
        """What the service can and cannot do."""
        ...

    def send(self, request: SignatureRequest, document: bytes) -> Answer[Outcome]:
        """DONE with the service's key when it is sent now, BOUND when it was sent before under `request.id`.

        REUSED when another request or document was sent under that id; REFUSED, with the reason, for a document
        whose fingerprint is not `request.sha256` and for what the service cannot do. Never sent twice.
        """
        ...

    def find(self, request_id: str) -> Answer[str | None]:
        """The service's key for what was sent under our id; None when nothing was."""
        ...

    def facts(self, key: str) -> Answer[tuple[SignatureFact, ...]]:
        """Everything the service knows of this request so far, in any order, repeats allowed.

        Raises `TerminalError` for a key the service never gave.
        """
        ...

    def touched(self, cursor: str | None) -> Answer[Touched]:
        """The requests about which there are new facts since `cursor` (None: all requests).

        Raises `Unsupported` where `capabilities.feed` is False.
        """
        ...

    def cancel(self, key: str, reason: str) -> Answer[Outcome]:
        """DONE when nobody may sign any more, now or since an earlier end; REFUSED for a completed request.

        REFUSED with the reason, too, where `capabilities.cancels` is False: the request stays as it is.
        MISSING for a key the service never gave. `reason` is kept and shown to the recipients.
        """
        ...

    def files(self, key: str) -> Answer[SignedFiles | None]:
        """The signed document and its certificate; None while the request is not complete."""
        ...
