"""A person at an account, how they may be reached, and the parts they play.

Consent is kept per channel and never assumed: where nothing is recorded, the answer is None.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import attrs
from attrs import frozen

from clmcrm.errors import InvalidRecord
from clmcrm.parties.addresses import Address
from clmcrm.parties.codes import email_address, language_tag
from clmcrm.values.ids import AccountId, ContactId, UserId
from clmcrm.values.record import Record
from clmcrm.values.validators import each, flag, instance, maybe, member, plain_date, text


class Channel(StrEnum):
    """A way of reaching a person."""

    EMAIL = "email"
    PHONE = "phone"
    SMS = "sms"
    POST = "post"
    FAX = "fax"
    TRACKING = "tracking"


class PhoneKind(StrEnum):
    """Which line a number reaches."""

    OFFICE = "office"
    MOBILE = "mobile"
    HOME = "home"
    FAX = "fax"
    OTHER = "other"


class PersonRoleKind(StrEnum):
    """The part a person plays in a sale or in a contract."""

    SIGNATORY = "signatory"
    DECISION_MAKER = "decision maker"
    ECONOMIC_BUYER = "economic buyer"
    INFLUENCER = "influencer"
    EVALUATOR = "evaluator"
    USER = "user"
    BILLING = "billing"
    LEGAL = "legal"
    TECHNICAL = "technical"
    NOTICES = "notices"
    OTHER = "other"


@frozen(kw_only=True)
class Phone:
    """A telephone `number` as the source writes it, and the `kind` of line."""

    number: str = attrs.field(validator=text)
    kind: PhoneKind = attrs.field(default=PhoneKind.OFFICE, validator=member(PhoneKind))


@frozen(kw_only=True)
class Consent:
    """Whether a person may be reached on `channel`: `given` True, or False for an opt-out.

    `on` is the day it was given or withdrawn and `purpose` what for ("newsletter"); both None when the
    source does not say, and no purpose means every purpose.
    """

    channel: Channel = attrs.field(validator=member(Channel))
    given: bool = attrs.field(validator=flag)
    purpose: str | None = attrs.field(default=None, validator=maybe(text))
    on: date | None = attrs.field(default=None, validator=maybe(plain_date))


@frozen(kw_only=True)
class PersonRole:
    """The part `contact` plays in a sale or a contract; `role_raw` is the source's own word for it.

    `is_primary` marks the first person to turn to.
    """

    contact: ContactId = attrs.field(validator=text)
    role: PersonRoleKind = attrs.field(default=PersonRoleKind.OTHER, validator=member(PersonRoleKind))
    role_raw: str | None = attrs.field(default=None, validator=maybe(text))
    is_primary: bool = attrs.field(default=False, validator=flag)


@frozen(kw_only=True)
class Contact(Record):
    """A person. At least one of `given_name`, `family_name` and `name` (the whole name) is stated.

    `account` is the organisation the person belongs to, `job_title` the function there, `reports_to` the
    person above, `emails` and `phones` the preferred one first. `consents` holds what the person allowed
    or refused; `merged_into` is the record that replaced this one; `erased_on` the day on which the
    personal data were erased. None means that it is not stated.

    Raises `InvalidRecord` when the person has no name, or is their own superior or successor.

    >>> Contact(id=ContactId("c1"), given_name="Ada", family_name="Byron").full_name
    'Ada Byron'
    """

    id: ContactId = attrs.field(validator=text)
    account: AccountId | None = attrs.field(default=None, validator=maybe(text))
    given_name: str | None = attrs.field(default=None, validator=maybe(text))
    family_name: str | None = attrs.field(default=None, validator=maybe(text))
    name: str | None = attrs.field(default=None, validator=maybe(text))
    salutation: str | None = attrs.field(default=None, validator=maybe(text))
    job_title: str | None = attrs.field(default=None, validator=maybe(text))
    department: str | None = attrs.field(default=None, validator=maybe(text))
    reports_to: ContactId | None = attrs.field(default=None, validator=maybe(text))
    emails: tuple[str, ...] = attrs.field(default=(), validator=each(email_address))
    phones: tuple[Phone, ...] = attrs.field(default=(), validator=each(instance(Phone)))
    address: Address | None = attrs.field(default=None, validator=maybe(instance(Address)))
    language: str | None = attrs.field(default=None, validator=maybe(language_tag))
    consents: tuple[Consent, ...] = attrs.field(default=(), validator=each(instance(Consent)))
    owner: UserId | None = attrs.field(default=None, validator=maybe(text))
    lead_source: str | None = attrs.field(default=None, validator=maybe(text))
    description: str | None = attrs.field(default=None, validator=maybe(text))
    tags: tuple[str, ...] = attrs.field(default=(), validator=each(text))
    merged_into: ContactId | None = attrs.field(default=None, validator=maybe(text))
    erased_on: date | None = attrs.field(default=None, validator=maybe(plain_date))
    active: bool = attrs.field(default=True, validator=flag)
    created_on: date | None = attrs.field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if not self.full_name:
            raise InvalidRecord(f"Contact {self.id}", "name", None, "a given, a family or a whole name")
        for name, other in (("reports_to", self.reports_to), ("merged_into", self.merged_into)):
            if other == self.id:
                raise InvalidRecord(f"Contact {self.id}", name, other, "another contact")

    @property
    def full_name(self) -> str:
        """The whole name as the source gave it, else given and family name."""
        return self.name or " ".join(part for part in (self.given_name, self.family_name) if part)


def may_contact(contact: Contact, channel: Channel, purpose: str | None = None) -> bool | None:
    """Whether `contact` may be reached on `channel` for `purpose`; None when nothing is recorded.

    A refusal for every purpose beats a consent for one (GDPR art. 7(3) and 21(2): withdrawal and
    objection prevail); a consent for one purpose says nothing about another.

    >>> refusal = Consent(channel=Channel.EMAIL, given=False)
    >>> person = Contact(id=ContactId("c1"), name="Ada", consents=(refusal,))
    >>> may_contact(person, Channel.EMAIL), may_contact(person, Channel.PHONE)
    (False, None)
    """
    return consent_given(contact.consents, channel, purpose)


def consent_given(consents: Iterable[Consent], channel: Channel, purpose: str | None = None) -> bool | None:
    """What `consents` (a contact's or a lead's) say of `channel` for `purpose`; as `may_contact`.

    >>> consent_given([], Channel.EMAIL) is None
    True
    """
    told = [c.given for c in consents if c.channel is channel and c.purpose in {None, purpose}]
    return all(told) if told else None
