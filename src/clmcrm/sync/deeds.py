"""A deed's own key: derived from who, what and which record, so that it is the same whenever it is derived.

Nothing random enters it: a run that lost its whole memory derives the same keys again, and a system that
remembers them does nothing twice.
"""

from __future__ import annotations

import hashlib
from typing import Final

from clmcrm.ports.records import Fields
from clmcrm.sync.steps import Op, Step
from clmcrm.values.json_text import json_writer, quoted

PREFIX = "clmcrm-"
_written: Final = json_writer(allow_nan=True)


def idempotency_key(tenant: str, step: Step, sent: Fields) -> str:
    """The key of a step for `tenant`, at most 47 characters of ASCII.

    A creation's key is the tenant, the source record and the deed alone: whatever the record says later, it is
    created once, and once more each time after what was created has ended. The key of an update or a removal also
    holds the version it goes out from and what it says, because the same record is updated many times.

    >>> from clmcrm.ports.kept import Link
    >>> link = Link(pair="account:crm:A1", kind="account", crm="A1")
    >>> step = Step(op=Op.CREATE, pair="account:crm:A1", kind="account", link=link)
    >>> one, other = (idempotency_key("acme", step, {"name": name}) for name in ("Durand", "Durand SA"))
    >>> one == other, one == idempotency_key("other tenant", step, {"name": "Durand"})
    (True, False)
    """
    side = "" if step.side is None else step.side
    said = f"[{quoted(tenant)},{quoted(step.kind)},{quoted(step.pair)},{quoted(side)},{quoted(step.op)}"
    ended = sum(other is step.side for other, _ in step.link.aliases) if step.op is Op.CREATE else 0
    if ended:
        said = f"{said},{ended}"
    if step.op is not Op.CREATE:
        body = _written(sent if isinstance(sent, dict) else dict(sent))
        said = f"{said},{_written(step.key)},{quoted(step.expected)},{body}"
    digest = hashlib.sha256(f"{said}]".encode()).hexdigest()
    return PREFIX + digest[:40]
