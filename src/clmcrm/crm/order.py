"""What a customer ordered and what they have of it: orders and installed assets.

An order names the contract it is drawn from, so that its prices and terms can be checked against it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from clmcrm.crm.lines import SalesLine
from clmcrm.errors import InvalidRecord
from clmcrm.parties.addresses import Address
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import (
    AccountId,
    AssetId,
    ContactId,
    ContractId,
    LineId,
    OpportunityId,
    OrderId,
    ProductId,
    QuoteId,
    UserId,
)
from clmcrm.values.money import UnitPrice
from clmcrm.values.record import Record
from clmcrm.values.validators import each, flag, instance, maybe, member, not_negative, plain_date, text


class OrderStatus(StrEnum):
    """Where an order stands; UNKNOWN keeps the source's own word beside it."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    INVOICED = "invoiced"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class OrderLine(SalesLine):
    """A line of an order; `quote_line` and `contract_line` are the lines it was drawn from."""

    quote_line: LineId | None = field(default=None, validator=maybe(text))
    contract_line: LineId | None = field(default=None, validator=maybe(text))
    delivered: Decimal | None = field(default=None, validator=maybe(not_negative))


@frozen(kw_only=True)
class Order(Record):
    """An order in one `currency`. `original` is the order it changes, `is_reduction` says it takes away.

    `ordered_on` is its date, `first_day` and `last_day` (both inside) when it is performed;
    `billing_account` is the account invoiced, where it is another than `account`. None always
    means that it is not stated. Raises `InvalidRecord` for a reduction of no order or days out of order.
    """

    id: OrderId = field(validator=text)
    number: str | None = field(default=None, validator=maybe(text))
    account: AccountId | None = field(default=None, validator=maybe(text))
    billing_account: AccountId | None = field(default=None, validator=maybe(text))
    opportunity: OpportunityId | None = field(default=None, validator=maybe(text))
    quote: QuoteId | None = field(default=None, validator=maybe(text))
    contract: ContractId | None = field(default=None, validator=maybe(text))
    owner: UserId | None = field(default=None, validator=maybe(text))
    status: OrderStatus = field(default=OrderStatus.UNKNOWN, validator=member(OrderStatus))
    status_raw: str | None = field(default=None, validator=maybe(text))
    ordered_on: date | None = field(default=None, validator=maybe(plain_date))
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))
    currency: Currency = field(converter=currency)
    lines: tuple[OrderLine, ...] = field(default=(), validator=each(instance(OrderLine)))
    original: OrderId | None = field(default=None, validator=maybe(text))
    is_reduction: bool = field(default=False, validator=flag)
    purchase_order: str | None = field(default=None, validator=maybe(text))
    payment_terms: str | None = field(default=None, validator=maybe(text))
    billing_address: Address | None = field(default=None, validator=maybe(instance(Address)))
    shipping_address: Address | None = field(default=None, validator=maybe(instance(Address)))

    def __attrs_post_init__(self) -> None:
        name = f"Order {self.id}"
        if self.is_reduction and self.original is None:
            raise InvalidRecord(name, "original", None, "the order that is reduced")
        first, last = self.first_day, self.last_day
        if first is not None and last is not None and last < first:
            raise InvalidRecord(name, "last_day", last, f"{first} or later")


@frozen(kw_only=True)
class Asset(Record):
    """A product a customer has: how many, since when, until when (both inside), under which contract."""

    id: AssetId = field(validator=text)
    name: str = field(validator=text)
    account: AccountId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    product: ProductId | None = field(default=None, validator=maybe(text))
    contract: ContractId | None = field(default=None, validator=maybe(text))
    order: OrderId | None = field(default=None, validator=maybe(text))
    parent: AssetId | None = field(default=None, validator=maybe(text))
    serial_number: str | None = field(default=None, validator=maybe(text))
    status_raw: str | None = field(default=None, validator=maybe(text))
    quantity: Decimal | None = field(default=None, validator=maybe(not_negative))
    unit_price: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    installed_on: date | None = field(default=None, validator=maybe(plain_date))
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))
