"""A user: one of us, who owns accounts, sales, contracts and decisions.

A user who has left stays on record (`active` False): what they owned and signed still names them.
"""

from __future__ import annotations

import attrs
from attrs import frozen

from clmcrm.errors import InvalidRecord
from clmcrm.parties.codes import email_address, language_tag
from clmcrm.values.ids import OrgUnitId, UserId
from clmcrm.values.record import Record
from clmcrm.values.validators import flag, maybe, text


@frozen(kw_only=True)
class User(Record):
    """One of us: `unit` the org unit worked for, `manager` the user above; None when not stated.

    Raises `InvalidRecord` for a user who is their own manager.
    """

    id: UserId = attrs.field(validator=text)
    name: str = attrs.field(validator=text)
    email: str | None = attrs.field(default=None, validator=maybe(email_address))
    phone: str | None = attrs.field(default=None, validator=maybe(text))
    job_title: str | None = attrs.field(default=None, validator=maybe(text))
    unit: OrgUnitId | None = attrs.field(default=None, validator=maybe(text))
    manager: UserId | None = attrs.field(default=None, validator=maybe(text))
    language: str | None = attrs.field(default=None, validator=maybe(language_tag))
    active: bool = attrs.field(default=True, validator=flag)

    def __attrs_post_init__(self) -> None:
        if self.manager == self.id:
            raise InvalidRecord(f"User {self.id}", "manager", self.manager, "another user")
