"""Short codes and contact data a record checks: countries, language tags, e-mail addresses.

Only the form is checked, never whether the country or the mailbox exists.
"""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import Validator, describe

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")


def _shaped(pattern: re.Pattern[str], expected: str) -> Validator:
    def validator(inst: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise InvalidRecord(describe(inst), attribute.name, value, expected)

    return validator


country_code: Final = _shaped(_COUNTRY, "an ISO 3166-1 alpha-2 code such as FR or US")
language_tag: Final = _shaped(_LANGUAGE, "a language tag such as fr, en-GB or fr_CH (BCP 47, - or _)")
email_address: Final = _shaped(_EMAIL, "an e-mail address such as ada@example.org")
