"""Where a field's value came from, who changed it and when: kept per field, never guessed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs
from attrs import frozen

from clmcrm.values.validators import instant, maybe, share, text


@frozen(kw_only=True)
class Provenance:
    """One field's origin.

    `source` is a system or a file; `observed_at` when we read it, `changed_at` when the source says it
    changed, `actor` who changed it (each None when the source does not say). `span` is the place in a
    text ("row 12, column Expiration Date", "p. 4, chars 120-188"), `confidence` a reader's own 0 to 1.
    """

    field: str = attrs.field(validator=text)
    source: str = attrs.field(validator=text)
    observed_at: datetime | None = attrs.field(default=None, validator=maybe(instant))
    changed_at: datetime | None = attrs.field(default=None, validator=maybe(instant))
    actor: str | None = attrs.field(default=None, validator=maybe(text))
    span: str | None = attrs.field(default=None, validator=maybe(text))
    confidence: Decimal | None = attrs.field(default=None, validator=maybe(share))
