"""A book as tables of SQLite: the second, independent reckoning of the figures.

Amounts are whole cents and rates are ten-thousandths, so that SQLite counts in integers; nothing of the
library's own figures is used, only the records' fields.
"""

from __future__ import annotations

import sqlite3
from datetime import date

from making_books import Book

from clmcrm.clm import events as e
from clmcrm.clm.obligations import DueOn
from clmcrm.values.exact import shifted
from clmcrm.values.money import Money
from clmcrm.values.partial import known

SCHEMA = """
create table rate(source text, from_day text, factor int);
create table lead(id text, status text, owner text, created text);
create table sale(id text, stage text, account text, cents int, code text, created text, closed text);
create table cost(label text, cents int, code text, day text);
create table account(id text, parent text);
create table contract(id text, kind text, account text, effective text, months int, recorded text);
create table line(contract text, cents int, months int, days int, code text);
create table event(contract text, seq int, kind text, role text, side text, day text);
create table needed(contract text, role text);
create table duty(contract text, id text, obligor text, due text, late_after text);
create table done(contract text, duty text, day text, percent int);
create table dispute(id text, opened text, closed text, cents int, code text);
"""


def iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def cents(money: Money | None) -> int | None:
    return None if money is None else int(shifted(money.amount, 2))


def code(money: Money | None) -> str | None:
    return None if money is None else money.currency.code


def tables(book: Book) -> sqlite3.Connection:
    """The book in memory, with two functions: cents in EUR at a day's rate (null without one), and rounding."""
    base = sqlite3.connect(":memory:")
    _ = base.executescript(SCHEMA)

    def add(table: str, rows: list[tuple[object, ...]]) -> None:
        if rows:
            # The tables are named in this file: nothing comes from outside.
            _ = base.executemany(f"insert into {table} values ({','.join('?' * len(rows[0]))})", rows)  # noqa: S608 - own names

    add("rate", [(r.source.code, iso(r.on), int(shifted(r.factor, 4))) for r in book.rates])
    add("lead", [(x.id, x.status.value, x.owner, iso(x.created_on)) for x in book.leads])
    add(
        "sale",
        [
            (s.id, s.stage.value, s.account, cents(s.amount), code(s.amount), iso(s.created_on), iso(s.closed_on))
            for s in book.sales
        ],
    )
    add("cost", [(c.label, cents(c.amount), code(c.amount), iso(c.on)) for c in book.costs])
    add("account", [(a.id, a.parent) for a in book.accounts])
    for c in book.contracts:
        recorded = next((x.at.date() for x in c.events if isinstance(x, e.RecordedAsExecuted)), None)
        term = getattr(c.term, "initial", None)
        months = 0 if term is None else term.whole_months
        add("contract", [(c.id, c.kind.value, c.counterparty, iso(known(c.effective_on)), months, iso(recorded))])
        add(
            "line",
            [
                (c.id, cents(x.amount), x.recurrence.whole_months, x.recurrence.loose_days, x.amount.currency.code)
                for x in c.lines
                if x.recurrence is not None
            ],
        )
        add(
            "event",
            [
                (c.id, n, type(x).__name__, getattr(x, "role", None), getattr(x, "side", None), iso(x.at.date()))
                for n, x in enumerate(c.events)
            ],
        )
        add("needed", [(c.id, role) for role in c.approvals_needed])
        for duty in c.obligations:
            assert isinstance(duty.due, DueOn)
            assert isinstance(duty.due.day, date)
            grace = 0 if duty.grace is None else duty.grace.loose_days
            late_after = date.fromordinal(duty.due.day.toordinal() + grace)
            add("duty", [(c.id, duty.id, duty.obligor.value, iso(duty.due.day), iso(late_after))])
            add("done", [(c.id, duty.id, iso(p.on), int(shifted(p.share, 2))) for p in duty.performances])
    add(
        "dispute",
        [(d.id, iso(d.opened_on), iso(d.closed_on), cents(d.amount), code(d.amount)) for d in book.disputes],
    )
    return base


EUR = """
  case when {code} = 'EUR' then {cents} else
   (select ({cents} * factor * 2 + 10000) / 20000 from rate
    where source = {code} and from_day <= {day} order by from_day desc limit 1) end
"""
"""Cents in EUR, rounded half up (no amount here is below zero where it counts); null without a rate."""


def in_eur(amount: str, unit: str, on: str) -> str:
    return EUR.format(cents=amount, code=unit, day=on)
