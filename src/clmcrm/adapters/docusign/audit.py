"""The audit trail of an envelope as facts: who did what from which address, and what a status no longer shows.

One event is a list of names and values. Its action is a word of DocuSign's own; what a person wrote stands in the
message. An action of somebody who is no recipient (the sender who looks at the envelope) is no fact of signing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from clmcrm.adapters.docusign.marks import recipient_id
from clmcrm.adapters.docusign.reading import address_of, recipients_of
from clmcrm.adapters.docusign.statuses import ACTIONS
from clmcrm.adapters.docusign_wire import VENDOR, instant
from clmcrm.adapters.trees import Tree, trees_of, word
from clmcrm.clm.signature import RecipientFact, RecipientState, RequestFact, RequestState, SignatureFact
from clmcrm.values.partial import Unknown

_ACTS: Final = frozenset({RecipientState.SIGNED, RecipientState.DECLINED})


def audited(envelope: Tree, trail: Tree) -> tuple[SignatureFact, ...]:
    """The facts of an envelope's trail (`GET .../audit_events`), in its order.

    An action that is not documented becomes a fact whose state is unknown, with DocuSign's word.
    """
    people = _People(recipients_of(envelope))
    return tuple(_facts(trail, people))


def _facts(trail: Tree, people: _People) -> Iterator[SignatureFact]:
    for entry in trees_of(trail, "auditEvents"):
        told = {word(one, "name").lower(): word(one, "value") for one in trees_of(entry, "eventFields")}
        action = told.get("action", "")
        at = instant(told, "logtime")
        if at is None or not action:
            continue
        state: RequestState | RecipientState | Unknown | None = ACTIONS.get(
            action.lower(), Unknown("an action that is not documented", raw=action)
        )
        if state is None:
            continue
        raw, event = f"audit: {action}", f"audit/{told['logtime']}/{action}/{told.get('userid', '')}"
        if isinstance(state, RequestState | Unknown):
            yield RequestFact(at=at, system=VENDOR, raw=raw, event=event, state=state)
            continue
        who = people.of(told)
        if who is None and state not in _ACTS:
            continue
        yield RecipientFact(
            at=at, system=VENDOR, raw=raw, event=event, state=state, ip=told.get("clientipaddress", ""),
            email=address_of(who) if who is not None else told.get("username") or "somebody without a name",
            recipient=recipient_id(who) if who is not None else "",
            name=told.get("username", "") if state in _ACTS else "",
        )  # fmt: skip


class _People:
    """The recipients by DocuSign's id of the user and by their names, each where no two share one."""

    def __init__(self, recipients: list[Tree]) -> None:
        self._by_user, self._by_name = (_only(recipients, name) for name in ("userId", "name"))

    def of(self, told: Mapping[str, str]) -> Tree | None:
        return self._by_user.get(told.get("userid", "")) or self._by_name.get(told.get("username", ""))


def _only(recipients: list[Tree], name: str) -> dict[str, Tree]:
    values = [word(one, name) for one in recipients]
    return {value: one for value, one in zip(values, recipients, strict=True) if value and values.count(value) == 1}
