"""PandaDoc's words for how far a document is, the numbers of its audit trail, and ours.

The words of statuses stand in `clmcrm.clm.signature_vendors`; here is which of them allow which step, and the
actions of the trail. Any other word or number is an `Unknown` that keeps it.
Source: PandaDoc/pandadoc-openapi-specification 8.8.0: document status, status change, list document audit trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.clm.signature import Authentication, RecipientState, RequestState
from clmcrm.clm.signature_vendors import State, word_list
from clmcrm.values.partial import Unknown

_WORDS: Final = word_list("pandadoc", "document status")

MADE: Final = "document.uploaded"
"""The status of a document that is being made."""
BROKEN: Final = frozenset({"document.error", "document.rejected"})
"""Nothing can be sent: it could not be made, or the sender's own approval was refused."""
APPROVED: Final = "document.approved"
"""Its sender's own approval was given: it is to be sent once more."""
SENDABLE: Final = frozenset({"document.draft", APPROVED})
WAITING: Final = frozenset({"document.waiting_approval", "document.scheduled"})
"""Somebody in PandaDoc goes on with it: its approval, or the time it is to be sent at."""
UNSENT: Final = frozenset({MADE, *BROKEN, *SENDABLE, *WAITING})
"""Nobody has received it."""
VOIDED: Final = 11
"""The number of the status in which nobody may sign any more."""

_BY_HAND: Final = Unknown("its sender marked it complete, whoever signed", "completed manually")

ACTIONS: Final[Mapping[int, State | Unknown | None]] = {
    1: RequestState.CREATED, 2: None, 3: None, 4: None, 5: None, 6: RequestState.SENT, 7: RequestState.COMPLETED,
    8: RecipientState.VIEWED, 9: RecipientState.COMPLETED,
    10: None, 11: None, 12: None, 13: RequestState.EXPIRED, 14: None, 15: None, 16: None, 17: None,
    18: _BY_HAND, 19: RequestState.VOIDED, 20: _BY_HAND, 21: None, 22: None,
    # Who the place went to is not told; the document's recipients show it.
    23: None, 24: None, 25: None, 26: None,
    27: RequestState.DECLINED, 28: None, 29: None, 43: RecipientState.DECLINED, 44: None, 45: None,
    47: None, 48: None, 49: None, 50: None, 51: None, 52: None, 53: None, 54: None,
    55: RecipientState.SIGNED, 56: None, 57: None, 58: None,
    59: None, 60: None, 61: None, 62: None, 63: None, 64: None, 65: None, 66: None, 67: None, 68: None,
    69: None, 70: None,
}  # fmt: skip
"""What each number of the trail says of a signature; None for what says nothing of it."""

WORDS: Final[Mapping[int, str]] = {
    1: "new document", 6: "sent", 7: "completed by all", 8: "viewed", 9: "completed", 13: "expired",
    18: "completed manually", 19: "expired manually", 20: "paid manually", 27: "declined manually", 43: "declined",
    55: "recipient signed with QES",
}  # fmt: skip
"""PandaDoc's words for the numbers that become facts."""

CHECKED: Final[Mapping[int, Authentication]] = {
    47: Authentication.KNOWLEDGE, 48: Authentication.ID_DOCUMENT, 49: Authentication.SMS_CODE,
    50: Authentication.ACCESS_CODE, 69: Authentication.EMAIL_LINK,
}  # fmt: skip
"""The checks of identity that were passed."""
QUALIFIED: Final = 55


def status_of(said: str) -> State | Unknown | None:
    """What a document's status means; None for one that says nothing of how far it is.

    >>> status_of("document.viewed"), status_of("document.frozen").raw
    (<RequestState.DELIVERED: 'delivered'>, 'document.frozen')
    """
    return _WORDS.state(said)


def action_of(number: int) -> State | Unknown | None:
    """What an action of the trail means.

    >>> action_of(43), action_of(46).raw
    (<RecipientState.DECLINED: 'declined'>, '46')
    """
    return ACTIONS.get(number, Unknown("an action that PandaDoc does not publish", str(number)))
