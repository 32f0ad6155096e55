"""What a key may do in PandaDoc: whose it is, whether it lists documents, and whether it reads audit trails."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from clmcrm.adapters.pandadoc.listing import Listing
from clmcrm.adapters.pandadoc.wire import OTHERS, VENDOR, InAnotherState, NoSuchDocument, PandaDocSession
from clmcrm.adapters.trees import word
from clmcrm.errors import RefusedError, TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.values.validators import count, flag

_ADMINISTRATORS: Final = frozenset({"admin", "administrator", "owner", "org admin", "account owner"})


@frozen(kw_only=True)
class Examined:
    """Whose the key is (`email`, `role`, `workspace`), how many `documents` its first page has, and its trail."""

    email: str
    role: str
    workspace: str
    documents: int = field(validator=count)
    trail: str
    trail_ok: bool = field(validator=flag)


def examined(session: PandaDocSession, sender: str) -> Flow[Examined]:
    """What a key may do; raises `RefusedError` in PandaDoc's own words for one that may not list documents.

    The trail is tried on a document of the sender's; where there is none yet, the role is all that can be told.
    """
    try:
        member = yield from session.get("v1/members/current", bucket=OTHERS)
    except (NoSuchDocument, InAnotherState) as refused:
        raise TerminalError(VENDOR, f"it does not say whose the key is: {refused}") from None
    listing, role = Listing(session, sender, 1), word(member, "role")
    rows = yield from listing.rows({})
    trail, ok = f"not tried, there is no document yet; {role or 'no role'}", role.lower() in _ADMINISTRATORS
    if rows:
        try:
            entries = yield from listing.trail(word(rows[0], "id"))
            trail, ok = f"read, {len(entries)} entries", True
        except (RefusedError, TerminalError) as refused:
            trail, ok = refused.what, False
    return Examined(
        email=word(member, "email") or "somebody", role=role or "no role", documents=len(rows), trail=trail,
        workspace=word(member, "workspace_name") or word(member, "workspace") or "a workspace", trail_ok=ok,
    )  # fmt: skip
