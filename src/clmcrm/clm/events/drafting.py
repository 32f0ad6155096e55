"""How a contract comes to be, up to the last signature: asked for, drafted, negotiated and signed, or given up."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.clm.events.base import Event
from clmcrm.clm.kinds import Party
from clmcrm.values.ids import OpportunityId
from clmcrm.values.validators import maybe, member, plain_date


@frozen
class Requested(Event):
    """Somebody asked for a contract; `opportunity` is the won deal it comes from (None: not from one)."""

    opportunity: OpportunityId | None = field(default=None, kw_only=True)


@frozen
class RecordedAsExecuted(Event):
    """The contract entered the repository already executed; how it came about is not recorded here."""


@frozen
class Redrafted(Event):
    """The text was changed: approvals given before it are void."""


@frozen
class TurnPassed(Event):
    """The pen went `to` the other side."""

    to: Party = field(default=Party.COUNTERPARTY, validator=member(Party), kw_only=True)


@frozen
class SentForSignature(Event):
    """The text went out to the signatories."""


@frozen
class Signed(Event):
    """One signatory signed for `side` on `signed_on` (the day in the signatory's own zone)."""

    side: Party = field(validator=member(Party), kw_only=True)
    signer: str = field(default="", kw_only=True)
    signed_on: date | None = field(default=None, validator=maybe(plain_date), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day of the signature, as far as it is known."""
        return self.signed_on or self.at.date()


@frozen
class SignatureDeclined(Event):
    """A signatory refused to sign, for a reason (`note`)."""


@frozen
class SignatureWithdrawn(Event):
    """The request for signature expired, was voided or was called back."""


@frozen
class Canceled(Event):
    """Given up before everybody had signed."""
