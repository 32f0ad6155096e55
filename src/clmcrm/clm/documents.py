"""The documents of a contract: their versions, and the fingerprint an approval or a signature binds to."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import DocumentId
from clmcrm.values.record import Record
from clmcrm.values.validators import maybe, member, plain_date, positive_count, text

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class DocumentState(StrEnum):
    """How far a document's text is settled."""

    DRAFT = "draft"
    FINAL = "final"
    EXECUTED = "executed"


@frozen(kw_only=True)
class Document(Record):
    """A file that belongs to a contract; the library keeps its name and SHA-256 fingerprint, not its bytes.

    `name` is data and never a path; `sha256` is 64 hexadecimal digits in lower case (None: not computed).
    `dated_on` is the date the document bears (None: none).
    """

    id: DocumentId = field(validator=text)
    name: str = field(validator=text)
    version: int = field(default=1, validator=positive_count)
    state: DocumentState = field(default=DocumentState.DRAFT, validator=member(DocumentState))
    media_type: str = ""
    sha256: str | None = None
    dated_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise InvalidRecord(f"Document {self.id}", "sha256", self.sha256, "64 lower-case hex digits")
