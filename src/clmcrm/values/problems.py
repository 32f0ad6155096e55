"""Problems in a user's data, returned as values with their source so that everything else goes on."""

from __future__ import annotations

from enum import StrEnum

import attrs
from attrs import frozen

from clmcrm.values.validators import member, text


class Severity(StrEnum):
    """How much a problem matters."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@frozen(kw_only=True)
class Problem:
    """One thing wrong in the data: `where` it stands, which `field`, the `value`, `what` is wrong.

    `expected` says what would be right; empty when there is nothing to choose.

    >>> print(Problem(where="row 7", field="Expiration Date", value="[]/[]/2016", what="is redacted"))
    row 7: Expiration Date '[]/[]/2016' is redacted
    """

    where: str = attrs.field(validator=text)
    field: str = attrs.field(validator=text)
    value: str = ""
    what: str = attrs.field(validator=text)
    expected: str = ""
    severity: Severity = attrs.field(default=Severity.WARNING, validator=member(Severity))

    def __str__(self) -> str:
        """One line for a person."""
        hint = f"; expected {self.expected}" if self.expected else ""
        return f"{self.where}: {self.field} {self.value!r} {self.what}{hint}"
