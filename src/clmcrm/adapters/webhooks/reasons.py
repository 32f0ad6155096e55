"""Why a message is refused, in one word each; the words of a refusal never hold a secret or the message."""

from __future__ import annotations

from enum import StrEnum

from clmcrm.errors import WebhookRefused


class Reason(StrEnum):
    """Why a message is refused."""

    METHOD = "method"
    """Not a POST."""
    TOO_LARGE = "too-large"
    """Body, URL or headers above the limits."""
    DOUBLED = "doubled"
    """A header or query key that decides stands there twice."""
    MALFORMED = "malformed"
    """A header, a time or a signature is not of its form, or the signed parts cannot be told apart."""
    UNSIGNED = "unsigned"
    """The signature, the secret or the id is not there."""
    DOWNGRADE = "downgrade"
    """Only a signature of an older, weaker version is there."""
    ALGORITHM = "algorithm"
    """Signed by another algorithm than the one that is pinned."""
    FORGED = "forged"
    """No key of ours gives this signature."""
    STALE = "stale"
    """Signed longer ago than the window allows."""
    EARLY = "early"
    """Signed for a time in the future."""
    UNEXPECTED = "unexpected"
    """The scheme failed over the message with an error of its own: a mistake in its code, to be reported."""


def refused(scheme: str, reason: Reason, what: str) -> WebhookRefused:
    """The refusal to be raised: 400 for a message of the wrong form, 401 for one that is not believed."""
    malformed = reason in (Reason.MALFORMED, Reason.DOUBLED, Reason.UNEXPECTED)
    return WebhookRefused(scheme, reason.value, what, 400 if malformed else 401)
