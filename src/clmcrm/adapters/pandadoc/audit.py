"""The audit trail of a document as facts: who viewed, signed or refused, from which address and with which words.

An entry is a number, somebody's address and an instant. What the sender does is told of the whole; a view by
somebody who is no recipient is no fact of signing. Checks of identity count for the act that follows them. A document
that is moved back to draft loses its signatures and keeps its trail: an act that the document does not show any more is
told as one that decides nothing.
Source: PandaDoc/pandadoc-openapi-specification 8.8.0, list document audit trail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from clmcrm.adapters.pandadoc.reading import address_of, name_of
from clmcrm.adapters.pandadoc.statuses import ACTIONS, CHECKED, QUALIFIED, WORDS, action_of
from clmcrm.adapters.pandadoc.wire import VENDOR, moment
from clmcrm.adapters.trees import Tree, number, tree_of, trees_of, word
from clmcrm.clm.signature import (
    Authentication,
    RecipientFact,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureFact,
    SignatureLevel,
)
from clmcrm.values.partial import Unknown

_ACTS: Final = frozenset({RecipientState.SIGNED, RecipientState.COMPLETED, RecipientState.DECLINED})
_NAMED: Final = frozenset({RecipientState.SIGNED, RecipientState.COMPLETED})
_CLEARED: Final = Unknown("the document does not show this act: going back to draft clears its signatures")
_HIDDEN: Final = "hidden"
"""What stands for an address when the key is the sandbox's."""


def audited(document: Tree, entries: Sequence[Tree]) -> tuple[SignatureFact, ...]:
    """The facts of a document's trail, by their instants.

    Raises `MalformedReply` for an instant that is none.
    """
    return tuple(_facts(document, entries))


def _facts(document: Tree, entries: Sequence[Tree]) -> Iterator[SignatureFact]:
    people = {word(one, "email").lower(): one for one in trees_of(document, "recipients") if word(one, "email")}
    checked: dict[str, Authentication] = {}
    told = sorted(
        ((at, one) for one in entries if (at := moment(one, "date_created")) is not None), key=lambda pair: pair[0]
    )
    cleared = _cleared([one for _, one in told], people)
    for place, (at, entry) in enumerate(told):
        action, email = number(entry, "action"), word(tree_of(entry, "user"), "email")
        if action is not None and action in CHECKED:
            checked[email.lower()] = CHECKED[action]
        meant = Unknown("no number of an action", str(entry.get("action"))) if action is None else action_of(action)
        if isinstance(meant, RequestState | Unknown):
            yield _whole(entry, at, meant)
        elif meant is not None and (meant in _ACTS or email.lower() in people):
            yield _act(
                entry,
                at,
                _CLEARED if place in cleared else meant,
                people.get(email.lower()),
                checked.get(email.lower()),
            )


def _cleared(entries: Sequence[Tree], people: Mapping[str, Tree]) -> frozenset[int]:
    """The places of acts that the document does not show: of who has not completed it, or before it went out anew."""
    sendings, acts = 0, dict[str, list[tuple[int, int]]]()
    for place, entry in enumerate(entries):
        meant = ACTIONS.get(number(entry, "action") or 0)
        if meant is RequestState.SENT:
            sendings += 1
        elif meant in _NAMED:
            acts.setdefault(word(tree_of(entry, "user"), "email").lower(), []).append((place, sendings))
    return frozenset(
        place
        for email, theirs in acts.items()
        for place, sending in theirs
        if people.get(email, {}).get("has_completed") is not True or sending < theirs[-1][1]
    )


def _whole(entry: Tree, at: datetime, state: RequestState | Unknown) -> RequestFact:
    return RequestFact(
        at=at, system=VENDOR, raw=_raw(entry), event=f"audit/{word(entry, 'id')}", reason=word(entry, "reason"),
        state=state,
    )  # fmt: skip


def _act(
    entry: Tree, at: datetime, state: RecipientState | Unknown, who: Tree | None, checked: Authentication | None
) -> RecipientFact:
    ip = word(entry, "ip_address")
    acts = state in _NAMED
    qualified = acts and number(entry, "action") == QUALIFIED
    return RecipientFact(
        at=at, system=VENDOR, raw=_raw(entry), event=f"audit/{word(entry, 'id')}", reason=word(entry, "reason"),
        email=address_of(tree_of(entry, "user") if who is None else who), state=state,
        name=name_of(who) if acts and who is not None else "", ip="" if ip == _HIDDEN else ip,
        authenticated_by=checked if acts else None, level=SignatureLevel.QUALIFIED if qualified else None,
    )  # fmt: skip


def _raw(entry: Tree) -> str:
    action = number(entry, "action")
    if action is None or action not in ACTIONS:
        return f"audit: {entry.get('action')}"
    return f"audit: {action} {WORDS[action]}"
