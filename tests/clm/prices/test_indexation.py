"""Price revision by an index: published examples, prints and links, and every rule of a clause."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.price_clauses import ComparedWith, PriceRevisionClause, PrintPolicy
from clmcrm.clm.prices.index_series import IndexPrint, IndexSeries, IndexValue, RebaseLink
from clmcrm.clm.prices.indexation import Revisions, revision_days, revisions
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import Rounding
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor

YEAR = Tenor(years=1)
START = date(2020, 1, 1)


def printed(month: str, value: str | int, published: str = "", **more: Any) -> IndexPrint:
    """A print for a month ("2020-01"), out in the middle of the next one unless said otherwise."""
    first = date.fromisoformat(f"{month}-01")
    year, number = divmod(first.year * 12 + first.month, 12)
    out = date.fromisoformat(published) if published else date(year, number + 1, 15)
    return IndexPrint(month=first, published_on=out, value=Decimal(value), **more)


def series(*prints: IndexPrint, **more: Any) -> IndexSeries:
    return IndexSeries(**{"id": "CPI", "source": "the office", "prints": prints, **more})


def clause(**changes: Any) -> PriceRevisionClause:
    facts: dict[str, Any] = {"every": YEAR, "index": "CPI", "base_month": date(2019, 10, 1), "lag_months": 3}
    return PriceRevisionClause(**(facts | changes))


def revised(
    of: PriceRevisionClause, *prints: IndexPrint, agreed: str | int = 100, as_of: str = "2021-12-31", **more: Any
) -> Revisions:
    price = UnitPrice(agreed, "EUR")
    return revisions(of, price, first_day=START, as_of=date.fromisoformat(as_of), series=series(*prints, **more))


def prices(found: Revisions) -> list[str]:
    return [str(revision.after.amount) for revision in found.done]


# agreed price, base value, value now, changes to the clause, expected, source
WORKED = [
    ("1000", "102.5", "108.4", {}, "1057.56",
     "Federal Statistical Office (CH), LIK methods: an annuity of 1000 CHF, March 1995 to December 2002"),
    ("10", "100", "105", {}, "10.50", "a wage of 10.00 at 105 / 100"),
    ("100000", "120.3", "132.8", {"ratio_decimals": 4}, "110390.00",
     "public works example: coefficient 132.8 / 120.3 taken as 1.1039"),
    ("1", "121.2", "130.5", {"share_of_change": Decimal("0.85"), "decimals": 6}, "1.065223",
     "forumterritorial.org 40302: 0.15 + 0.85 x 130.5 / 121.2"),
    ("1", "121.2", "130.5", {"share_of_change": Decimal("0.85"), "decimals": 3, "rounding": Rounding.UP}, "1.066",
     "the same, rounded up to the thousandth"),
    ("100", "100", "110", {"cap": Decimal(3)}, "103.00", "cap of 3 % a revision"),
    ("100", "100", "101", {"floor": Decimal(2)}, "102.00", "floor of 2 % a revision"),
    ("100", "100", "96", {}, "96.00", "a negative index is passed on"),
    ("100", "100", "96", {"ratchet": True}, "100.00", "prices only rise"),
    ("100", "100", "96", {"floor": Decimal(-1)}, "99.00", "a fall of 1 % at most"),
    ("0.0035", "100", "110", {}, "0.0039", "as many decimals as the agreed price has: 0.00385"),
    ("100", "100", "100.005", {}, "100.01", "100.005 rounded half up"),
    ("100", "100", "100.005", {"rounding": Rounding.HALF_EVEN}, "100.00", "100.005 rounded half to even"),
]  # fmt: skip


@pytest.mark.parametrize(("agreed", "base", "now", "changes", "expected", "source"), WORKED)
def test_a_revision_is_what_is_worked_by_hand(
    *, agreed: str, base: str, now: str, changes: dict[str, Any], expected: str, source: str
) -> None:
    for of in (clause(**changes), clause(base_value=Decimal(base), base_month=None, **changes)):
        found = revised(of, printed("2019-10", base), printed("2020-10", now), agreed=agreed, as_of="2021-01-01")
        assert prices(found) == [expected], source


def test_the_order_is_index_then_cap_then_rounding() -> None:
    of = clause(cap=Decimal(3))
    found = revised(of, printed("2019-10", 100), printed("2020-10", 150), agreed="10.15", as_of="2021-01-01")
    assert prices(found) == ["10.45"]  # 10.15 x 1.03 = 10.4545
    said = [step.what for step in found.done[0].steps]
    places = [next(n for n, words in enumerate(said) if word in words) for word in ("ratio", "cap", "rounded")]
    assert places == sorted(places)


def test_compared_with_the_initial_index_a_capped_rise_comes_through_later() -> None:
    """Pain 8: the base and the previous index are two clauses, and a cap tells them apart."""
    prints = [printed("2019-10", 100), printed("2020-10", 110), printed("2021-10", 110)]
    initial = revised(clause(cap=Decimal(6)), *prints, as_of="2022-01-01")
    previous = revised(clause(cap=Decimal(6), compares_with=ComparedWith.PREVIOUS), *prints, as_of="2022-01-01")
    assert prices(initial) == ["106.00", "110.00"]
    assert prices(previous) == ["106.00", "106.00"]


def test_compared_with_the_previous_index_revisions_build_on_the_price_charged() -> None:
    prints = [printed("2019-10", "100"), printed("2020-10", "103.33"), printed("2021-10", "106.77")]
    found = revised(clause(compares_with=ComparedWith.PREVIOUS), *prints, agreed="9.99", as_of="2022-01-01")
    assert prices(found) == ["10.32", "10.66"]  # 10.32 x 106.77 / 103.33 = 10.6636


def test_bounds_over_the_whole_contract_hold_against_the_agreed_price() -> None:
    prints = [printed("2019-10", 100), printed("2020-10", 104), printed("2021-10", 120)]
    assert prices(revised(clause(total_cap=Decimal(10)), *prints, as_of="2022-01-01")) == ["104.00", "110.00"]
    falling = [printed("2019-10", 100), printed("2020-10", 97), printed("2021-10", 80)]
    assert prices(revised(clause(total_floor=Decimal(-5)), *falling, as_of="2022-01-01")) == ["97.00", "95.00"]


def test_a_ratchet_holds_against_the_price_in_force_not_the_agreed_one() -> None:
    prints = [printed("2019-10", 100), printed("2020-10", 110), printed("2021-10", 105)]
    assert prices(revised(clause(ratchet=True), *prints, as_of="2022-01-01")) == ["110.00", "110.00"]


def test_the_month_of_the_revision_is_not_published_yet() -> None:
    """The trap of the field: a clause without a lag asks for a value that comes out two weeks too late."""
    prints = [printed("2019-10", 100), printed("2021-01", 110, "2021-02-15")]
    found = revised(clause(lag_months=0), *prints)
    assert found.done == ()
    assert found.price == Unknown("CPI for 2021-01 came out on 2021-02-15, after 2021-01-01")


def test_a_clause_that_settles_later_uses_the_value_once_it_is_out() -> None:
    of = clause(lag_months=0, settles_later=True)
    prints = [printed("2019-10", 100), printed("2021-01", 110, "2021-02-15")]
    assert isinstance(revised(of, *prints, as_of="2021-02-14").price, Unknown)
    assert revised(of, *prints, as_of="2021-02-15").price == UnitPrice("110.00", "EUR")


def test_a_missing_month_is_unknown_and_never_the_month_before() -> None:
    prints = [printed("2019-10", 100), printed("2020-09", 110)]
    found = revised(clause(), *prints)
    assert found.price == Unknown("the series has no value of CPI for 2020-10")


def test_a_revision_that_cannot_be_computed_stops_those_after_it() -> None:
    prints = [printed("2019-10", 100), printed("2020-10", 104), printed("2022-10", 110)]
    found = revised(clause(compares_with=ComparedWith.PREVIOUS), *prints, as_of="2023-12-31")
    assert prices(found) == ["104.00"]
    assert isinstance(found.price, Unknown)


@pytest.mark.parametrize(
    ("policy", "settles_later", "as_of", "expected"),
    [
        (PrintPolicy.FIRST, False, "2022-06-30", "104.00"),
        (PrintPolicy.FIRST, True, "2022-06-30", "104.00"),
        (PrintPolicy.LATEST, False, "2022-06-30", "104.00"),
        (PrintPolicy.LATEST, True, "2021-05-31", "105.00"),
        (PrintPolicy.LATEST, True, "2021-06-30", "106.00"),
        (PrintPolicy.FINAL, True, "2021-06-30", "106.00"),
    ],
)
def test_the_clause_says_which_print_of_a_month_counts(
    policy: PrintPolicy, settles_later: bool, as_of: str, expected: str
) -> None:
    prints = [
        printed("2019-10", 100, final=True),
        printed("2020-10", 106, "2021-06-15", final=True),
        printed("2020-10", 104, "2020-11-15"),
        printed("2020-10", 105, "2021-03-15"),
    ]
    found = revised(clause(prints=policy, settles_later=settles_later), *prints, as_of=as_of)
    assert prices(found)[:1] == [expected]


def test_a_provisional_value_does_not_pass_for_a_final_one() -> None:
    prints = [printed("2019-10", 100, final=True), printed("2020-10", 104)]
    found = revised(clause(prints=PrintPolicy.FINAL, settles_later=True), *prints)
    assert found.price == Unknown("CPI for 2020-10 was provisional on 2021-12-31: the clause asks for the final value")


LINK = RebaseLink(old="2015=100", new="2021=100", factor=Decimal("1.6296"), published_on=date(2024, 2, 29), decimals=1)


def test_a_value_on_the_new_base_is_carried_over_by_the_publishers_link() -> None:
    """Le Moniteur, 29.2.2024, bitumen 010534598: 112.2 x 1.6296 = 182.8 after rounding to one decimal."""
    found = series(printed("2024-01", "112.2", "2024-02-29", base="2021=100"), links=(LINK,))
    value = found.value(date(2024, 1, 1), date(2024, 3, 1), base="2015=100")
    assert isinstance(value, IndexValue)
    assert value.value == Fraction(1828, 10)
    assert value.links == (LINK,)


def test_a_price_goes_on_over_a_change_of_base() -> None:
    of = clause(base_month=date(2023, 10, 1), anchor_on=date(2023, 4, 1))
    prints = [
        printed("2023-10", "180.0", base="2015=100"),
        printed("2024-01", "112.2", "2024-02-29", base="2021=100"),
    ]
    found = revised(of, *prints, as_of="2024-04-01", links=(LINK,), agreed=900)
    assert prices(found) == ["914.00"]  # 900 x 182.8 / 180.0
    steps = [step.said("fr") for step in found.done[0].steps]
    assert any("multiplié par 1.6296 de 2021=100 à 2015=100" in step for step in steps)
    assert any("publié par the office le 2024-02-29" in step for step in steps)


@pytest.mark.parametrize("links", [(), (LINK,)])
def test_without_a_link_out_by_then_two_bases_are_never_compared(links: tuple[RebaseLink, ...]) -> None:
    prints = [printed("2023-10", 180, base="2015=100"), printed("2024-01", "112.2", "2024-02-15", base="2021=100")]
    found = series(*prints, links=links).value(date(2024, 1, 1), date(2024, 2, 20), base="2015=100")
    assert found == Unknown("CPI for 2024-01 is on 2021=100, and no link to 2015=100 was out")


def test_a_stated_base_value_on_an_unsaid_base_is_not_guessed() -> None:
    of = clause(base_value=Decimal(100), base_month=None)
    prints = [printed("2020-10", 110, base="2015=100"), printed("2020-10", 90, "2020-12-01", base="2021=100")]
    assert isinstance(revised(of, *prints).price, Unknown)
    named = clause(base_value=Decimal(100), base_month=None, index_base="2015=100")
    assert prices(revised(named, *prints)) == ["110.00"]


def test_a_base_that_comes_later_makes_nothing_unclear_that_was_clear() -> None:
    of = clause(base_value=Decimal(100), base_month=None)
    then = printed("2020-10", 110, base="2015=100")
    later = printed("2021-09", 90, base="2021=100")
    assert prices(revised(of, then, as_of="2021-06-30")) == ["110.00"]
    assert prices(revised(of, then, later, as_of="2021-06-30")) == ["110.00"]
    assert isinstance(revised(of, then, later, as_of="2022-06-30").price, Unknown)


@pytest.mark.parametrize(
    ("months", "month", "named"),
    [
        (3, "2026-02", "IndexSeries CPI: prints is '2026-02'; expected the first month of its period, 2026-01"),
        (12, "2026-07", "IndexSeries CPI: prints is '2026-07'; expected the first month of its period, 2026-01"),
        (5, "2026-01", r"IndexSeries CPI: months is 5; expected 1, 3 \(a quarter\) or 12"),
    ],
)
def test_a_value_that_would_never_be_found_is_refused(months: int, month: str, named: str) -> None:
    with pytest.raises(InvalidRecord, match=named):
        _ = series(printed(month, 100), months=months)


def test_links_are_followed_over_two_changes_of_base() -> None:
    second = RebaseLink(old="2021=100", new="2025=100", factor=Decimal("1.2"), published_on=date(2026, 2, 1))
    found = series(printed("2026-01", 100, base="2025=100"), links=(second, LINK))
    value = found.value(date(2026, 1, 1), date(2026, 3, 1), base="2015=100")
    assert isinstance(value, IndexValue)
    assert value.value == Fraction(1956, 10)  # 120 x 1.6296 = 195.552


def test_a_comparison_month_is_the_nearest_one_the_lag_allows() -> None:
    prints = [printed("2019-09", 100), printed("2020-09", 103), printed("2019-12", 101), printed("2020-12", 109)]
    of = clause(base_month=date(2019, 9, 1), comparison_month=9, lag_months=2)
    assert prices(revised(of, *prints)) == ["103.00"]
    early = clause(base_month=date(2019, 9, 1), comparison_month=12, lag_months=2)
    assert prices(revised(early, *prints)) == ["101.00"]  # December 2020 lies inside the lag


def test_a_mean_of_twelve_months_is_not_a_point() -> None:
    before = [printed(f"2019-{month:02}", 100) for month in range(1, 13)]
    now = [printed(f"2020-{month:02}", 100 + month) for month in range(1, 13)]
    of = clause(average_of=12, base_month=date(2019, 12, 1), lag_months=4, anchor_on=date(2020, 4, 1))
    assert prices(revised(of, *before, *now)) == ["106.50"]
    assert prices(revised(clause(base_month=date(2019, 12, 1), lag_months=4, anchor_on=date(2020, 4, 1)),
                          *before, *now)) == ["112.00"]  # fmt: skip


def test_a_starting_mean_names_each_value_it_is_taken_of() -> None:
    of = clause(average_of=2, base_month=date(2019, 10, 1))
    prints = (printed("2019-09", 100), printed("2019-10", 102), printed("2020-09", 105), printed("2020-10", 107))
    (revision,) = revised(of, *prints, as_of="2021-01-01").done
    assert revision.steps[0].wording.en == (
        "starting index: 101 (CPI 2019-09: 100, published by the office on 2019-10-15; "
        "CPI 2019-10: 102, published by the office on 2019-11-15)"
    )


def test_a_mean_over_a_change_of_base_stands_on_one_base() -> None:
    of = clause(average_of=2, base_month=date(2024, 1, 1), lag_months=0, anchor_on=date(2024, 4, 1), comparison_month=1)
    prints = [
        printed("2023-12", "180.0", base="2015=100"),
        printed("2024-01", "112.2", "2024-02-29", base="2021=100"),
        printed("2024-12", "112.2", base="2021=100"),
        printed("2025-01", "112.2", "2025-02-28", base="2021=100"),
    ]
    found = revised(of, *prints, as_of="2025-04-01", links=(LINK,), agreed=1814)
    assert prices(found) == ["1828.00"]  # the mean of 180.0 and 182.8 is 181.4; a year later it is 182.8


def test_a_quarterly_index_is_asked_for_by_its_quarter() -> None:
    prints = [printed("2019-07", 100), printed("2020-07", 102, "2020-12-18")]
    found = revised(clause(base_month=date(2019, 8, 1), lag_months=5), *prints, months=3)
    assert prices(found) == ["102.00"]


@pytest.mark.parametrize(
    ("of", "given_series", "reason"),
    [
        (clause(), None, "none was given"),
        (clause(index="PPI"), series(), "CPI was given"),
        (clause(base_month=None), series(printed("2020-10", 104)), "neither a base value nor a base month"),
        (clause(), series(printed("2020-10", 104)), "no value of CPI for 2019-10"),
    ],
)
def test_what_a_revision_lacks_is_said(of: PriceRevisionClause, given_series: IndexSeries | None, reason: str) -> None:
    found = revisions(of, UnitPrice(100, "EUR"), first_day=START, as_of=date(2021, 6, 1), series=given_series)
    assert isinstance(found.price, Unknown)
    assert reason in found.price.reason


def test_before_the_first_revision_the_agreed_price_holds() -> None:
    assert revised(clause(), as_of="2020-12-31").price == UnitPrice(100, "EUR")


def test_revisions_are_counted_from_the_anchor_and_never_fall_before_the_contract() -> None:
    of = clause(every=Tenor(months=1), anchor_on=date(2019, 11, 30))
    assert [str(day) for day in revision_days(of, START, date(2020, 3, 31))] == [
        "2020-01-30",
        "2020-02-29",
        "2020-03-30",
    ]


def test_a_fixed_percent_compounds_on_the_rounded_price_in_force() -> None:
    of = PriceRevisionClause(every=YEAR, percent=Decimal("2.5"))
    found = revisions(of, UnitPrice("9.99", "EUR"), first_day=START, as_of=date(2022, 1, 1))
    assert prices(found) == ["10.24", "10.50"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"percent": Decimal(2)}, "percent"),
        ({"index": None}, "percent"),
        ({"base_value": Decimal(0)}, "base_value"),
        ({"comparison_month": 13}, "comparison_month"),
        ({"cap": Decimal(1), "floor": Decimal(2)}, "floor"),
        ({"total_cap": Decimal(1), "total_floor": Decimal(2)}, "total_floor"),
        ({"average_of": 0}, "average_of"),
    ],
)
def test_a_clause_that_contradicts_itself_is_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        clause(**changes)
    assert refusal.value.field == named


@pytest.mark.parametrize(
    ("change", "named"),
    [({"value": 0}, "value"), ({"value": -2}, "value"), ({"published": "2019-12-31"}, "published_on")],
)
def test_a_rate_of_change_or_a_print_before_its_month_is_no_index(change: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        printed(**{"month": "2020-01", "value": 100, **change})
    assert refusal.value.field == named
    with pytest.raises(InvalidRecord, match="first day of a month"):
        IndexPrint(month=date(2020, 1, 2), published_on=date(2020, 2, 1), value=Decimal(100))
    with pytest.raises(InvalidRecord, match="one print a day"):
        series(printed("2020-01", 100), printed("2020-01", 101))


LEVELS = st.decimals(min_value=50, max_value=200, places=1)


@given(st.lists(LEVELS, min_size=4, max_size=4), st.permutations(range(4)), st.booleans())
def test_the_order_of_prints_does_not_matter_and_a_ratchet_never_falls(
    levels: list[Decimal], order: list[int], ratchet: bool
) -> None:
    prints = [printed(f"{2019 + n}-10", str(level)) for n, level in enumerate(levels)]
    of = clause(ratchet=ratchet, cap=Decimal(5), floor=Decimal(-5), compares_with=ComparedWith.PREVIOUS)
    found = revised(of, *prints, as_of="2023-01-01")
    assert found == revised(of, *(prints[n] for n in order), as_of="2023-01-01")
    moves = [(revision.before.amount, revision.after.amount) for revision in found.done]
    assert len(moves) == 3
    assert all(abs(after - before) <= before * Decimal("0.05") + Decimal("0.005") for before, after in moves)
    assert not ratchet or all(after >= before for before, after in moves)


@given(LEVELS, st.dates(min_value=date(2020, 1, 1), max_value=date(2022, 12, 31)))
def test_no_value_is_ever_used_before_it_was_published(level: Decimal, published: date) -> None:
    late = IndexPrint(month=date(2020, 1, 1), published_on=published, value=level)
    for day in (date(2020, 6, 1), date(2021, 6, 1)):
        value = series(late).value(date(2020, 1, 20), day)
        assert isinstance(value, IndexValue) == (published <= day)
