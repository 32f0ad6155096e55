"""Segments that can be recalculated, and cohorts that do not flatter the young."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.anticipation import Likelihood
from clmcrm.analytics.cohorts import Membership, cohorts
from clmcrm.analytics.segmentation import NEXT_STEPS, cells, placed
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId
from clmcrm.values.partial import Unknown

ME = AccountId("a")
GOOD, BAD = Likelihood.LIKELY, Likelihood.AT_RISK


def facts(**given_facts: str) -> dict[str, Decimal]:
    return {name.replace("_", " "): Decimal(value) for name, value in given_facts.items()}


@pytest.mark.parametrize(
    ("known", "relationship", "behaviour"),
    [
        (facts(satisfaction="9", usage_change="0.2"), GOOD, GOOD),
        (facts(satisfaction="3", usage_change="-0.3"), BAD, BAD),
        (facts(satisfaction="7", commitment_used="1"), Likelihood.OPEN, Likelihood.OPEN),
        (facts(open_disputes="1", commitment_used="1.2"), BAD, GOOD),
    ],
)
def test_an_account_stands_where_its_facts_put_it(
    known: dict[str, Decimal], relationship: Likelihood, behaviour: Likelihood
) -> None:
    found = placed(ME, known)
    assert (found.relationship, found.behaviour) == (relationship, behaviour)
    assert found.next_step == NEXT_STEPS[relationship, behaviour]
    assert {reason.feature for reason in found.reasons} == set(known)


def test_an_axis_nobody_knows_is_unknown_and_asks_to_find_out() -> None:
    found = placed(ME, facts(usage_change="0.2"))
    assert isinstance(found.relationship, Unknown)
    assert found.next_step.en == "find out what is not known"
    assert cells([found, placed(AccountId("b"), facts(satisfaction="9", usage_change="0.2"))]) == {
        ("likely to renew", "likely to renew"): ("b",),
        ("unknown", "likely to renew"): ("a",),
    }


def test_every_cell_has_a_next_step_in_both_languages() -> None:
    assert set(NEXT_STEPS) == set(product(Likelihood, Likelihood))
    assert all(step.en != step.fr for step in NEXT_STEPS.values())


DAYS = st.dates(date(2018, 1, 1), date(2027, 12, 31))
MEMBERS = st.lists(st.tuples(DAYS, st.one_of(st.none(), st.integers(0, 2000))), max_size=12)


@given(MEMBERS, DAYS)
def test_retention_counts_each_reached_anniversary_and_never_rises(
    spans: list[tuple[date, int | None]], as_of: date
) -> None:
    members = [
        Membership(account=AccountId(str(n)), first_day=first,
                   last_day=None if days is None else first + timedelta(days=days))
        for n, (first, days) in enumerate(spans)
    ]  # fmt: skip
    found = cohorts(members, as_of)
    assert sum(cohort.size for cohort in found) == sum(m.first_day <= as_of for m in members)
    for cohort in found:
        for figure in cohort.retention:
            assert isinstance(figure.value, Decimal)
            assert 0 <= figure.value <= 1
            assert 0 < figure.population <= cohort.size


def test_a_young_cohort_is_not_taken_for_a_faithful_one() -> None:
    members = [
        Membership(account=AccountId("a"), first_day=date(2024, 1, 10), last_day=date(2024, 6, 30)),
        Membership(account=AccountId("b"), first_day=date(2024, 11, 1)),
    ]
    (cohort,) = cohorts(members, date(2025, 3, 1))
    assert [(figure.value, figure.population) for figure in cohort.retention] == [(Decimal("0.0000"), 1)]


def test_an_account_that_left_and_came_back_is_one_account() -> None:
    times = [(date(2024, 6, 1), None), (date(2024, 1, 1), date(2024, 3, 1)), (date(2025, 1, 1), date(2025, 1, 1))]
    members = [Membership(account=ME, first_day=first, last_day=last) for first, last in times]
    for order in (members, members[::-1]):
        (cohort,) = cohorts(order, date(2026, 7, 1))
        assert cohort.size == 1
        assert [(figure.value, figure.population) for figure in cohort.retention] == [(Decimal("1.0000"), 1)] * 2
    # Its first anniversary lies between two of its times, its second in one.
    apart = [attrs.evolve(members[0], first_day=date(2025, 6, 1)), members[1]]
    (cohort,) = cohorts(apart, date(2026, 7, 1))
    assert [figure.number for figure in cohort.retention] == [0, 1]


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="last_day"):
        _ = Membership(account=ME, first_day=date(2024, 1, 1), last_day=date(2023, 1, 1))
