"""What conditions of queries have in common, whatever language they are written in: values, and how parts are joined.

The rule of the file: a number is exact and an instant has a zone, so that what was asked for is what is compared; a
joined part stands in brackets. How a text, a day or an identifier is written is each language's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar, Final, Protocol

from attrs import frozen

from clmcrm.errors import InvalidRecord

_OR: Final = "a text, a day, an instant or an exact number"


class Clause(Protocol):
    """Something that a row meets or does not."""

    def text(self) -> str:
        """As the language of the query writes it."""
        ...


@frozen
class Joined:
    """Several conditions with a word of the language between them (" and ", " OR "), which a subclass names."""

    parts: Sequence[Clause]
    word: ClassVar[str]

    def text(self) -> str:
        """As the language writes it: a part that is joined itself stands in brackets."""
        return self.word.join(f"({part.text()})" if isinstance(part, Joined) else part.text() for part in self.parts)


def plain_literal(value: object, language: str, others: str = _OR) -> str:
    """What is no text, as OData and SOQL write it alike; raises `InvalidRecord` for what neither takes.

    An instant is written in UTC, to the millisecond. `others` says what would be taken.

    >>> plain_literal(True, "SOQL"), plain_literal(Decimal("1.50"), "SOQL"), plain_literal(None, "SOQL")
    ('true', '1.50', 'null')
    >>> plain_literal(datetime(2026, 5, 7, 12, tzinfo=UTC), "SOQL")
    '2026-05-07T12:00:00.000Z'
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRecord(language, "value", value, "an instant with a zone")
        moment = value.astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    raise InvalidRecord(language, "value", repr(value)[:80], others)
