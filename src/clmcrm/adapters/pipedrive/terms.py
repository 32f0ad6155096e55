"""Contract terms as a salesperson sees them in Pipedrive: in custom fields of the deal, or of the organization.

They are written twice: in words and as dates, for people, lists and filters, and as a small JSON text, so that they
are read back exactly. A deal or an organization carries the terms of one contract; a second one is refused by name.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Final, cast

from clmcrm.adapters.pipedrive.plain import Body, Unwritable
from clmcrm.adapters.terms_in_words import in_words
from clmcrm.codec.canonical import canonical_text, check_json
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields, Json


class TermsPlace(StrEnum):
    """Where contract terms are written back to."""

    DEAL = "deal"
    ORGANIZATION = "organization"


TERMS_KEY: Final = "clmcrm terms key"
"""The custom field with our key of the terms on a deal or an organization."""
TERMS: Final = "clmcrm terms"
WORDS: Final = "Contract terms"
NOTICE: Final = "Notice at the latest on"
ENDS: Final = "Contract ends on"
DAYS: Final = {"notice_by": NOTICE, "ends_on": ENDS}
"""What is written as a date as well, so that a list or a filter can use it."""

OWN: Final = (TERMS_KEY, TERMS, WORDS, NOTICE, ENDS)
ON: Final = {TermsPlace.DEAL: "opportunity", TermsPlace.ORGANIZATION: "account"}
"""The canonical field that names the deal or organization which carries the terms."""

_LONGEST: Final = 65_000


def terms_in(said: str | None) -> dict[str, Json]:
    """The terms as they were written; raises `ValueError` or `AttributeError` for a text that is none of ours."""
    found: object = json.loads(said or "{}", parse_float=str)
    return {str(name): value for name, value in cast("dict[str, Json]", found).items()}


def changed(before: Fields, fields: Fields) -> Body:
    """What our custom fields say for `fields`, by name, what stood there `before` kept; raises `Unwritable`."""
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        raise Unwritable(str(problem)) from None
    told = {**before, **fields}
    said = canonical_text(told)
    if len(said) > _LONGEST:
        raise Unwritable(f"terms of {len(said)} characters; a field of long text holds {_LONGEST}")
    days = {raw: _day(told.get(name)) for name, raw in DAYS.items()}
    return {TERMS: said, WORDS: in_words(told)[:_LONGEST], **days}


def emptied() -> Body:
    """What takes the terms away from what carried them; an empty file stays, so that it can be told."""
    return {**dict.fromkeys((TERMS_KEY, WORDS, *DAYS.values())), TERMS: "{}"}


def _day(value: object) -> str | None:
    return value if isinstance(value, str) else None
