"""What support a contract promises for a product, and in which hours its clock runs.

The rule of the file: the contract's own clause decides; nothing is promised where it is silent.
"""

from __future__ import annotations

from datetime import date

from attrs import frozen

from clmcrm.calendars.calendar import EVERY_DAY, CalendarSource, HolidayCalendar, Purpose
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.service_clauses import SupportClause
from clmcrm.clm.versions import as_amended
from clmcrm.crm.service_hours import OpenHours, ServiceHours, office_hours
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ProductId
from clmcrm.values.partial import Unknown
from clmcrm.values.wording import weekday_name


def support_clause(contract: Contract, as_of: date, product: ProductId | None = None) -> SupportClause | None:
    """The clause by which we owe support for `product`, as known on `as_of`; None when the contract has none.

    A clause for the product is closer than one for everything; of several, the last wins. Without a product only
    a clause for everything counts.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> gold = SupportClause(citation="annex 4", response_minutes=60)
    >>> held = Contract(id=ContractId("C"), title="support", kind=ContractKind.SALES, clauses=(gold,))
    >>> support_clause(held, date(2026, 1, 1)).citation
    'annex 4'
    """
    owed = [
        clause
        for clause in as_amended(contract, as_of, as_of).clauses
        if isinstance(clause, SupportClause)
        and clause.by is not Party.COUNTERPARTY
        and clause.product in {None, product}
        and clause.begun_by(as_of)
    ]
    return max(reversed(owed), key=lambda clause: clause.product is not None, default=None)


def support_hours(
    contract: Contract, as_of: date, product: ProductId | None = None, *, calendars: CalendarSource | None = None
) -> ServiceHours | Unknown:
    """The working hours in which the support for `product` is promised; `Unknown` without a support clause.

    A clause without hours promises every hour of every day. The holidays of the clause's place close the service,
    its weekends do not: the clause says itself on which weekdays it works. Raises `UnknownCalendar` when
    `calendars` have none of that place, `InvalidRecord` when they are needed and not given.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> print(support_hours(Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA), date(2026, 1, 1)))
    unknown: contract C has no support clause
    """
    clause = support_clause(contract, as_of, product)
    if clause is None:
        return Unknown(f"contract {contract.id} has no support clause{f' for {product}' if product else ''}")
    calendar: HolidayCalendar = EVERY_DAY
    if clause.holidays_of:
        if calendars is None:
            expected = f"calendars that have the holidays of {clause.holidays_of} ({clause.citation or 'support'})"
            raise InvalidRecord(f"Contract {contract.id}", "calendars", None, expected)
        calendar = _HolidaysOnly(calendars.calendar_for(clause.holidays_of))
    if not clause.hours:
        return office_hours(clause.zone or "UTC", 0, 24, weekdays=range(7), calendar=calendar)
    hours = tuple(
        OpenHours(weekday=day, opens=one.opens, closes=one.closes) for one in clause.hours for day in one.weekdays
    )
    return ServiceHours(zone=clause.zone, hours=hours, calendar=calendar)


@frozen
class _HolidaysOnly:
    """A calendar whose holidays close the service and whose weekends do not."""

    days: HolidayCalendar

    @property
    def name(self) -> str:
        """The name of the calendar behind it."""
        return f"{self.days.name}, holidays only"

    @property
    def purpose(self) -> Purpose:
        """What the calendar behind it is for."""
        return self.days.purpose

    @property
    def place(self) -> str:
        """The place of the calendar behind it."""
        return self.days.place

    @property
    def version(self) -> str:
        """The version of its data."""
        return self.days.version

    @property
    def first_day(self) -> date:
        """The first day the data covers."""
        return self.days.first_day

    @property
    def last_day(self) -> date:
        """The last day the data covers."""
        return self.days.last_day

    def why_closed(self, day: date) -> str | None:
        """The holiday on `day`; None for a mere weekend."""
        why = self.days.why_closed(day)
        return None if why == weekday_name(day) else why
