"""A deed's own key: derived from who, what and which record, so that it is the same whenever it is derived.

Nothing random enters it: a run that lost its whole memory derives the same keys again, and a system that
remembers them does nothing twice.
"""

from __future__ import annotations

import hashlib
from typing import Final

from clmcrm.ports.records import Fields, Json
from clmcrm.sync.steps import Op, Step
from clmcrm.values.json_text import json_writer

PREFIX = "clmcrm-"
_written: Final = json_writer(allow_nan=True)


def idempotency_key(tenant: str, step: Step, sent: Fields) -> str:
    """The key of a step for `tenant`, at most 47 characters of ASCII.

    A creation's key is the tenant, the source record and the deed alone: whatever the record says later, it
    is created once. The key of an update or a removal also holds the version it goes out from and what it
    says, because the same record is updated many times.

    >>> from clmcrm.ports.journal import Link
    >>> link = Link(pair="account:crm:A1", kind="account", crm="A1")
    >>> step = Step(op=Op.CREATE, pair="account:crm:A1", kind="account", link=link)
    >>> one, other = (idempotency_key("acme", step, {"name": name}) for name in ("Durand", "Durand SA"))
    >>> one == other, one == idempotency_key("other tenant", step, {"name": "Durand"})
    (True, False)
    """
    facts: list[Json] = [tenant, step.kind, step.pair, str(step.side or ""), step.op.value]
    if step.op is not Op.CREATE:
        facts += [step.key, step.expected, dict(sent)]
    said = _written(facts)
    return PREFIX + hashlib.sha256(said.encode()).hexdigest()[:40]
