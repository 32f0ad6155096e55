"""The ten figures of the two wings against SQL over the same records: two ways of counting, one answer.

Each book is made from a printed seed, with bad records in it; SQL counts in whole cents.
"""

# ruff: noqa: S608 - the queries are put together from the constants of this file alone
from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from books_in_sql import in_eur, tables
from hypothesis import given
from hypothesis import strategies as st
from making_books import PERIOD, TODAY, Book, a_part, made_book

from clmcrm.analytics.exposure import exposure
from clmcrm.clm.events import RecordedAsExecuted
from clmcrm.clm.kpis import amount_in_dispute, approval_compliance, cycle_time, deadline_adherence, dispute_count
from clmcrm.crm.kpis import (
    average_deal_value,
    conversion_rate,
    customer_acquisition_cost,
    customer_lifetime_value,
    pipeline_velocity,
    sales_cycle,
    win_rate,
)
from clmcrm.parties.hierarchy import account_groups
from clmcrm.values.figures import Figure
from clmcrm.values.ids import AccountId
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable

SEEDS = range(1, 13)
FIRST, LAST = "2026-01-01", "2026-06-30"
NOW = TODAY.isoformat()
CLOSED = f"stage in ('won', 'lost') and closed between '{FIRST}' and '{LAST}'"
WON = f"stage = 'won' and closed between '{FIRST}' and '{LAST}'"
SALE_EUR = in_eur("cents", "code", "closed")
COUNTED = f"{WON} and cents >= 0 and ({SALE_EUR}) is not null"


@lru_cache(maxsize=32)
def book_of(seed: int) -> Book:
    return made_book(seed)


def asked(seed: int, sql: str) -> tuple[Any, ...]:
    base = tables(book_of(seed))
    row = base.execute(sql).fetchone()
    base.close()
    assert isinstance(row, tuple)
    return row


def same(figure: Figure, expected: Any, population: int, places: int = 4) -> None:
    """The figure is `expected` units of its last decimal (None: unknown), over `population` records."""
    assert figure.population == population, figure
    if expected is None:
        assert isinstance(figure.value, Unknown), figure
    else:
        assert figure.number == Decimal(expected).scaleb(-places), figure


def quotient(part: str, whole: str, scale: int) -> str:
    """part / whole in units of 1/scale, rounded half up, null where there is nothing to divide by."""
    return f"case when ({whole}) > 0 then (2 * {scale} * ({part}) + ({whole})) / (2 * ({whole})) end"


@pytest.mark.parametrize("seed", SEEDS)
def test_conversion_rate_is_what_sql_counts(seed: int) -> None:
    inside = f"status != 'unknown' and created between '{FIRST}' and '{LAST}'"
    counted, converted = asked(seed, f"select count(*), total(status = 'converted') from lead where {inside}")
    value = asked(seed, f"select {quotient(str(int(converted)), str(counted), 10000)}")[0]
    figure = conversion_rate(book_of(seed).leads, PERIOD)
    same(figure, value, counted)
    undated = asked(
        seed,
        f"""select count(*) from lead where created is null
            or (status = 'unknown' and created between '{FIRST}' and '{LAST}')""",
    )
    assert len(figure.left_out) == undated[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_win_rate_is_what_sql_counts(seed: int) -> None:
    counted, won = asked(seed, f"select count(*), total(stage = 'won') from sale where {CLOSED}")
    value = asked(seed, f"select {quotient(str(int(won)), str(counted), 10000)}")[0]
    same(win_rate(book_of(seed).sales, PERIOD), value, counted)


@pytest.mark.parametrize("seed", SEEDS)
def test_average_deal_value_is_what_sql_counts(seed: int) -> None:
    value, counted = asked(
        seed,
        f"""select {quotient("sum(eur)", "count(*)", 1)}, count(*) from
            (select {SALE_EUR} eur from sale where {COUNTED})""",
    )
    figure = average_deal_value(book_of(seed).sales, PERIOD, "EUR", RateTable(book_of(seed).rates))
    same(figure, value, counted, places=2)
    dropped = asked(
        seed,
        f"""select count(*) from sale where stage = 'unknown' or (stage = 'won' and closed is null)
            or ({WON} and (cents is null or cents < 0 or ({SALE_EUR}) is null))""",
    )
    assert len(figure.left_out) == dropped[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_sales_cycle_is_what_sql_counts(seed: int) -> None:
    days = "cast(julianday(closed) - julianday(created) as int)"
    value, counted = asked(
        seed,
        f"select {quotient(f'sum({days})', 'count(*)', 100)}, count(*) from sale where {WON} and created <= closed",
    )
    same(sales_cycle(book_of(seed).sales, PERIOD), value, counted, places=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_pipeline_velocity_is_what_sql_counts(seed: int) -> None:
    days = "cast(julianday(closed) - julianday(created) as int)"
    still, closed, won, cents, amounts, total_days, cycles = asked(
        seed,
        f"""select
          (select count(*) from sale where stage not in ('won', 'lost', 'unknown')),
          (select count(*) from sale where {CLOSED}),
          (select count(*) from sale where {WON}),
          (select sum({SALE_EUR}) from sale where {COUNTED}),
          (select count(*) from sale where {COUNTED}),
          (select sum({days}) from sale where {WON} and created <= closed),
          (select count(*) from sale where {WON} and created <= closed)""",
    )
    value = None
    if amounts and total_days:
        part, whole = still * won * cents * cycles, closed * amounts * total_days
        value = (2 * part + whole) // (2 * whole)
    figure = pipeline_velocity(book_of(seed).sales, PERIOD, "EUR", RateTable(book_of(seed).rates))
    same(figure, value, still, places=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_acquisition_cost_is_what_sql_counts(seed: int) -> None:
    eur = in_eur("cents", "code", "day")
    cost, lost = asked(
        seed, f"select sum({eur}), total(({eur}) is null) from cost where day between '{FIRST}' and '{LAST}'"
    )
    customers = asked(
        seed,
        f"""select count(*) from (select account, min(closed) first from sale
            where stage = 'won' and closed is not null and account is not null group by account)
            where first between '{FIRST}' and '{LAST}'""",
    )[0]
    value = None if lost or cost is None or not customers else (2 * cost + customers) // (2 * customers)
    book = book_of(seed)
    figure = customer_acquisition_cost(book.costs, book.sales, PERIOD, "EUR", RateTable(book.rates))
    same(figure, value, customers, places=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_lifetime_value_is_what_sql_counts(seed: int) -> None:
    cents, customers = asked(
        seed, f"select sum({SALE_EUR}), count(distinct account) from sale where {COUNTED} and account is not null"
    )
    # half a year of sales, a margin of 4/5, five halves of years: x 2 x 4/5 x 5/2 = x 4
    value = (2 * 4 * cents + customers) // (2 * customers) if customers else None
    book = book_of(seed)
    figure = customer_lifetime_value(
        book.sales, PERIOD, "EUR", margin=Decimal("0.8"), years=Decimal("2.5"), rates=RateTable(book.rates)
    )
    same(figure, value, customers, places=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_cycle_time_is_what_sql_counts(seed: int) -> None:
    value, counted = asked(
        seed,
        f"""with asked as (select contract, min(day) day from event where kind = 'Requested' group by contract),
            side as (select contract, side, min(day) day from event where kind = 'Signed' group by contract, side),
            signed as (select contract, max(day) day from side group by contract having count(*) = 2),
            cycle as (select julianday(signed.day) - julianday(asked.day) days from asked join signed using (contract)
                      where signed.day between '{FIRST}' and '{LAST}')
            select {quotient("cast(sum(days) as int)", "count(*)", 100)}, count(*) from cycle""",
    )
    same(cycle_time(book_of(seed).contracts, PERIOD), value, counted, places=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_approval_compliance_is_what_sql_counts(seed: int) -> None:
    value, counted = asked(
        seed,
        f"""with sent as (select contract, min(seq) seq from event where kind = 'SentForSignature' group by contract),
            due as (select sent.contract, sent.seq, coalesce((select max(seq) from event
                      where contract = sent.contract and kind = 'Redrafted' and event.seq < sent.seq), -1) since
                    from sent join contract on contract.id = sent.contract
                    where kind != 'nda' or exists (select 1 from needed where needed.contract = sent.contract)),
            verdict as (select contract,
              exists (select 1 from event where contract = due.contract and kind = 'Approved'
                      and event.seq between since and due.seq)
              and not exists (select 1 from needed where contract = due.contract and role not in
                (select role from event where contract = due.contract and kind = 'Approved'
                 and event.seq between since and due.seq)) good from due)
            select {quotient("sum(good)", "count(*)", 10000)}, count(*) from verdict""",
    )
    same(approval_compliance(book_of(seed).contracts), value, counted)


@pytest.mark.parametrize("seed", SEEDS)
def test_deadline_adherence_is_what_sql_counts(seed: int) -> None:
    value, counted = asked(
        seed,
        f"""with told as (select duty.*,
              (select total(percent) from done where contract = duty.contract and duty = duty.id
               and day <= late_after) in_time,
              (select total(percent) from done where contract = duty.contract and duty = duty.id
               and day <= '{NOW}') ever
              from duty join contract on contract.id = duty.contract
              where effective is not null and recorded <= '{NOW}'
              and late_after between '{FIRST}' and '{LAST}' and duty.due >= effective)
            select {quotient("cast(total(in_time >= 100) as int)", "count(*)", 10000)}, count(*) from told
            where in_time >= 100 or late_after < '{NOW}'""",
    )
    contracts = book_of(seed).contracts
    same(deadline_adherence(contracts, PERIOD, TODAY), value, counted)


@pytest.mark.parametrize("seed", SEEDS)
def test_disputes_are_what_sql_counts(seed: int) -> None:
    still = f"opened <= '{NOW}' and (closed is null or closed > '{NOW}')"
    book = book_of(seed)
    number, cents, counted = asked(
        seed,
        f"""select (select count(*) from dispute where {still}), coalesce(sum(eur), 0), count(eur) from
            (select {in_eur("cents", "code", f"'{NOW}'")} eur from dispute where {still} and cents is not null)""",
    )
    same(dispute_count(book.disputes, TODAY), number, len(book.disputes), places=0)
    same(amount_in_dispute(book.disputes, TODAY, "EUR", RateTable(book.rates)), cents, counted, places=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_consolidated_exposure_is_what_sql_counts(seed: int) -> None:
    book = book_of(seed)
    base = tables(book)
    yearly = """case when months > 0 then cents * 12 / months else (2 * 365 * cents + days) / (2 * days) end"""
    rows = base.execute(
        f"""with recursive head(id, root) as (
              select id, id from account where parent is null
              union all select account.id, head.root from account join head on account.parent = head.id),
            live as (select * from contract where account is not null and recorded <= '{NOW}'
              and effective <= '{NOW}' and date(effective, '+' || months || ' months', '-1 day') >= '{NOW}'),
            part as (select line.contract, code, sum({yearly}) cents from line group by line.contract, code),
            money as (select live.id, root, {in_eur("part.cents", "part.code", f"'{NOW}'")} eur from live
              join part on part.contract = live.id join head on head.id = live.account)
            select root, sum(eur), count(distinct id) from money
            where id not in (select id from money where eur is null) group by root order by sum(eur) desc, root"""
    ).fetchall()
    base.close()
    # The SQL knows no lifecycle: it is asked about the contracts that came in already executed.
    executed = [c for c in book.contracts if any(isinstance(event, RecordedAsExecuted) for event in c.events)]
    found = exposure(executed, TODAY, RateTable(book.rates), "EUR", groups=account_groups(book.accounts))
    assert [(x.counterparty, int(x.value.amount * 100), x.contracts) for x in found.by_counterparty] == rows
    same(found.whole, sum(row[1] for row in rows), sum(row[2] for row in rows), places=2)
    assert sum(int(c.converted.amount * 100) for c in found.by_currency) == sum(row[1] for row in rows)


def test_the_books_hold_what_the_figures_are_about() -> None:
    """A book in which nothing ever counted would agree with any SQL."""
    books = [book_of(seed) for seed in SEEDS]
    assert all(win_rate(book.sales, PERIOD).population > 5 for book in books)
    assert sum(deadline_adherence(b.contracts, PERIOD, TODAY).population for b in books) > 30
    assert all(cycle_time(book.contracts, PERIOD).population > 2 for book in books)
    whole = [exposure(b.contracts, TODAY, RateTable(b.rates), "EUR") for b in books]
    assert all(len(found.by_counterparty) > 1 for found in whole)
    assert AccountId("A0") in {row.counterparty for found in whole for row in found.by_counterparty}


@a_part(of=20)
@given(st.integers(1000, 10**9))
def test_any_other_book_agrees_as_well(seed: int) -> None:
    """A few books more at each run; thousands of them in the nightly profile."""
    for promise in (
        test_conversion_rate_is_what_sql_counts,
        test_win_rate_is_what_sql_counts,
        test_average_deal_value_is_what_sql_counts,
        test_sales_cycle_is_what_sql_counts,
        test_pipeline_velocity_is_what_sql_counts,
        test_acquisition_cost_is_what_sql_counts,
        test_lifetime_value_is_what_sql_counts,
        test_cycle_time_is_what_sql_counts,
        test_approval_compliance_is_what_sql_counts,
        test_deadline_adherence_is_what_sql_counts,
        test_disputes_are_what_sql_counts,
        test_consolidated_exposure_is_what_sql_counts,
    ):
        promise(seed)
