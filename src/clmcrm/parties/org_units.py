"""A unit of an organisation, ours or an account's: a company, a division, a department, a team, a site.

Units hang together by `parent`; the whole chart is walked by `clmcrm.parties.hierarchy`.
"""

from __future__ import annotations

from enum import StrEnum

import attrs
from attrs import frozen

from clmcrm.errors import InvalidRecord
from clmcrm.parties.codes import country_code
from clmcrm.values.ids import AccountId, ContactId, OrgUnitId, UserId
from clmcrm.values.record import Record
from clmcrm.values.validators import flag, maybe, member, text


class OrgUnitKind(StrEnum):
    """The rank of a unit in its organisation."""

    COMPANY = "company"
    DIVISION = "division"
    DEPARTMENT = "department"
    TEAM = "team"
    SITE = "site"
    COMMITTEE = "committee"


@frozen(kw_only=True)
class OrgUnit(Record):
    """A unit of an organisation.

    `account` is the organisation it belongs to, None for our own. `manager` heads a unit of ours, `head`
    one of the account's; `code` is its short code or cost centre. None means that it is not stated.

    Raises `InvalidRecord` for a unit that is its own parent.
    """

    id: OrgUnitId = attrs.field(validator=text)
    name: str = attrs.field(validator=text)
    kind: OrgUnitKind = attrs.field(default=OrgUnitKind.DEPARTMENT, validator=member(OrgUnitKind))
    account: AccountId | None = attrs.field(default=None, validator=maybe(text))
    parent: OrgUnitId | None = attrs.field(default=None, validator=maybe(text))
    manager: UserId | None = attrs.field(default=None, validator=maybe(text))
    head: ContactId | None = attrs.field(default=None, validator=maybe(text))
    code: str | None = attrs.field(default=None, validator=maybe(text))
    country: str | None = attrs.field(default=None, validator=maybe(country_code))
    active: bool = attrs.field(default=True, validator=flag)

    def __attrs_post_init__(self) -> None:
        if self.parent == self.id:
            raise InvalidRecord(f"OrgUnit {self.id}", "parent", self.parent, "another unit")
