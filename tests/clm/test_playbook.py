"""Where a contract stands against a playbook: which fallback it meets, who may concede it, and what cannot be told."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from haggling import LIABILITY, PAYMENT, PLAYBOOK, capped, paying
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.months import forward
from clmcrm.clm.clauses import ClauseFact, LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.playbook import Playbook, Position, Topic, deviations, furthest, refusal
from clmcrm.clm.positions import (
    ClauseAnswers,
    ClauseReads,
    Condition,
    GovernedBy,
    LiabilityWithin,
    MayLeave,
    NoRestriction,
    NoticeBetween,
    PaymentWithin,
    RenewalAmong,
    TermBetween,
)
from clmcrm.clm.term_clauses import NoticeClause, RenewalKind, TerminationRight
from clmcrm.errors import InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording
from making import YEAR, contract


def met(condition: Condition, **changes: object) -> bool | str:
    """What the condition says, an Unknown by its kind."""
    found = condition.read(contract(**changes)).met
    return "unknown" if isinstance(found, Unknown) else found


def times(multiple: object, of: Party = Party.OWN, per: Tenor | None = YEAR) -> LiabilityCap:
    """A cap of so many times the fees of a year, or of another length of time."""
    return LiabilityCap(multiple=Decimal(str(multiple)), per=per, of=of)


def leaving(**changes: object) -> TerminationRight:
    """A right to leave at once without a cause, changed as asked."""
    return TerminationRight(**changes)  # type: ignore[arg-type] # what the record takes


def reads(citation: str, words: str) -> ClauseReads:
    """The clause there reads so."""
    return ClauseReads(citation=citation, texts=frozenset({words}))


def quoted(citation: str) -> PaymentClause:
    """A clause whose words are quoted."""
    return PaymentClause(days=30, citation=citation, quote="The price is\nfirm")


@pytest.mark.parametrize(
    ("days", "position", "severity", "roles"),
    [
        (30, "none", None, ()),
        (45, 1, Severity.WARNING, ("sales", "legal", "cfo")),
        (46, 2, Severity.WARNING, ("legal", "cfo")),
        (60, 2, Severity.WARNING, ("legal", "cfo")),
        (61, None, Severity.ERROR, ("cfo",)),
    ],
)
def test_a_deviation_says_which_fallback_it_meets_and_who_may_concede_it(
    days: int, position: object, severity: Severity | None, roles: tuple[str, ...]
) -> None:
    found = deviations(contract(clauses=(paying(days),)), Playbook(id="P", title="t", topics=(PAYMENT,)))
    if position == "none":
        assert found == ()
        return
    (deviation,) = found
    assert (deviation.position, deviation.severity, deviation.conceded_by) == (position, severity, roles)
    assert (deviation.citation, deviation.asked.en, deviation.asked.fr) == ("art. 5", f"{days} days", f"{days} jours")


def test_silence_is_a_deviation_and_a_topic_of_another_kind_is_not_looked_at() -> None:
    (payment, liability) = deviations(contract(), PLAYBOOK)
    assert (payment.why.en, payment.position) == ("it cannot be told: the contract states no time of payment", None)
    assert (liability.severity, liability.asked.en) == (Severity.ERROR, "no cap: unlimited")
    leases = Topic(name="x", preferred=PAYMENT.preferred, walk_away=PAYMENT.walk_away, kinds=(ContractKind.LEASE,))
    assert deviations(contract(), Playbook(id="P", title="t", topics=(leases,))) == ()


def test_what_cannot_be_compared_with_a_fallback_is_not_called_beyond_it() -> None:
    """A month may be longer or shorter than 30 days: nobody may say that it is beyond the fallback."""
    topic = Topic(
        name="notice",
        preferred=Position(words=Wording("ten days", "dix jours"), condition=NoticeBetween(at_most=Tenor(days=10))),
        fallbacks=(
            Position(
                words=Wording("30 days", "30 jours"),
                condition=NoticeBetween(at_most=Tenor(days=30)),
                conceded_by=("sales",),
            ),
        ),
        walk_away=Wording("longer", "plus long"),
    )
    one_month = contract().notice
    assert not isinstance(one_month, Unknown)
    life = contract(notice=type(one_month)(length=Tenor(months=1), reference=one_month.reference))
    (deviation,) = deviations(life, Playbook(id="P", title="t", topics=(topic,)))
    assert (deviation.position, deviation.severity) == (None, Severity.WARNING)
    assert "depend on the calendar" in deviation.why.en


@pytest.mark.parametrize(
    ("condition", "changes", "expected"),
    [
        (PaymentWithin(days=30), {"clauses": (paying(30),)}, True),
        (PaymentWithin(days=30), {"clauses": (paying(31),)}, False),
        (PaymentWithin(days=30), {}, "unknown"),
        (LiabilityWithin(at_most=Money(100, "EUR")), {"clauses": (capped(100),)}, True),
        (LiabilityWithin(at_most=Money(100, "EUR")), {"clauses": (capped(101),)}, False),
        (LiabilityWithin(at_most=Money(100, "EUR")), {"clauses": (capped(1, "USD"),)}, "unknown"),
        (LiabilityWithin(at_most=Money(100, "EUR")), {}, False),
        (LiabilityWithin(at_least=Money(100, "EUR"), of=Party.COUNTERPARTY), {}, True),
        # Caps in multiples of the fees, on one side or both.
        (LiabilityWithin(most_multiple=Decimal(2)), {"clauses": (times(2),)}, True),
        (LiabilityWithin(most_multiple=Decimal(2)), {"clauses": (times("2.5"),)}, False),
        (LiabilityWithin(least_multiple=Decimal(1)), {"clauses": (times("0.5"),)}, False),
        (LiabilityWithin(least_multiple=Decimal(1)), {"clauses": (times(1, per=Tenor(months=12)),)}, True),
        (LiabilityWithin(least_multiple=Decimal(1)), {"clauses": (times(1, per=None),)}, True),
        (LiabilityWithin(least_multiple=Decimal(1)), {"clauses": (times(1, per=Tenor(months=1)),)}, "unknown"),
        (LiabilityWithin(at_most=Money(100, "EUR")), {"clauses": (times(2),)}, "unknown"),
        (LiabilityWithin(most_multiple=Decimal(2)), {"clauses": (capped(100),)}, "unknown"),
        (LiabilityWithin(at_most=Money(9, "EUR")), {"clauses": (times(1, of=Party.COUNTERPARTY), capped(9))}, True),
        (LiabilityWithin(at_least=Money(100, "EUR")), {"clauses": (capped(99),)}, False),
        (NoticeBetween(at_most=Tenor(months=3)), {}, True),
        (NoticeBetween(at_most=Tenor(months=3)), {"notice": Unknown("redacted")}, "unknown"),
        (TermBetween(at_most=YEAR), {"term": Unknown("redacted")}, "unknown"),
        (RenewalAmong(kinds=frozenset({RenewalKind.TACIT})), {}, True),
        (RenewalAmong(kinds=frozenset({RenewalKind.EXPRESS})), {}, False),
        (RenewalAmong(kinds=frozenset({RenewalKind.TACIT}), length_at_most=Tenor(months=12)), {}, True),
        (RenewalAmong(kinds=frozenset({RenewalKind.TACIT}), length_at_most=Tenor(months=11)), {}, False),
        (RenewalAmong(kinds=frozenset({RenewalKind.TACIT}), length_at_most=Tenor(days=365)), {}, "unknown"),
        (RenewalAmong(kinds=frozenset({RenewalKind.TACIT})), {"renewal": Unknown("redacted")}, "unknown"),
        (NoticeBetween(at_most=Tenor(months=2)), {}, False),
        (NoticeBetween(at_least=Tenor(days=90)), {}, "unknown"),  # three months have 89 to 92 days
        (NoticeBetween(at_least=Tenor(days=89)), {}, True),
        (NoticeBetween(at_most=Tenor(days=92)), {}, True),
        (NoticeBetween(at_most=Tenor(days=88)), {}, False),
        (NoticeBetween(at_least=Tenor(months=3, days=1)), {}, False),
        (NoticeBetween(at_most=Tenor(months=3, days=1)), {}, True),
        (NoticeBetween(at_most=Tenor(months=2, days=28)), {}, "unknown"),
        (TermBetween(at_least=Tenor(days=365)), {}, True),
        (TermBetween(at_least=Tenor(days=366)), {}, "unknown"),
        (TermBetween(at_least=Tenor(days=367)), {}, False),
        (NoticeBetween(at_most=Tenor(days=80)), {}, False),
        (TermBetween(at_least=Tenor(months=12)), {}, True),
        (TermBetween(at_most=Tenor(months=11)), {}, False),
        (GovernedBy(places=frozenset({"US"})), {"governing_place": "US-NY"}, True),
        (GovernedBy(places=frozenset({"US-NY"})), {"governing_place": "US"}, False),
        (GovernedBy(places=frozenset({"FR"})), {}, "unknown"),
        (NoRestriction(kind=RestrictionKind.EXCLUSIVITY), {}, True),
        (
            NoRestriction(kind=RestrictionKind.EXCLUSIVITY),
            {"clauses": (Restriction(kind=RestrictionKind.EXCLUSIVITY, binds=Party.BOTH),)},
            False,
        ),
        (
            NoRestriction(kind=RestrictionKind.EXCLUSIVITY),
            {"clauses": (Restriction(kind=RestrictionKind.EXCLUSIVITY, binds=Party.COUNTERPARTY),)},
            True,
        ),
        (MayLeave(), {}, False),
        (MayLeave(notice=YEAR), {"clauses": (leaving(),)}, True),
        (MayLeave(), {"clauses": (leaving(notice=Tenor(years=5)),)}, True),
        (MayLeave(), {"clauses": (leaving(by=Party.COUNTERPARTY),)}, False),
        (MayLeave(), {"clauses": (leaving(for_cause=True),)}, False),
        (
            ClauseReads(citation="art. 7", texts=frozenset({"the  Price is firm"})),
            {"clauses": (quoted("art. 7"),)},
            True,
        ),
        (ClauseReads(citation="art. 7", texts=frozenset({"something else"})), {"clauses": (quoted("art. 7"),)}, False),
        (ClauseReads(citation="art. 8", texts=frozenset({"x"})), {"clauses": (quoted("art. 7"),)}, "unknown"),
        (ClauseAnswers(category="Audit Rights", answers=frozenset({"yes"})), {}, "unknown"),
        (
            MayLeave(notice=Tenor(months=1)),
            {"clauses": (TerminationRight(by=Party.EITHER, for_cause=False, notice=Tenor(months=2)),)},
            False,
        ),
        (
            ClauseAnswers(category="Audit Rights", answers=frozenset({"yes"})),
            {"clauses": (ClauseFact(category="audit  rights", answer="Yes"),)},
            True,
        ),
    ],
)
def test_what_each_condition_reads(condition: Condition, changes: dict[str, object], expected: bool | str) -> None:
    assert met(condition, **changes) == expected


def test_a_refusal_is_in_words_and_none_where_the_role_may() -> None:
    assert refusal(PLAYBOOK, "payment", 1, "sales") is None
    assert refusal(PLAYBOOK, "payment", 0, "") is None
    no = refusal(PLAYBOOK, "payment", 2, "sales")
    assert no is not None
    assert no.en == "sales may not concede payment: 60 days; legal or cfo may"
    assert no.fr == "sales ne peut pas concéder payment : 60 jours ; legal ou cfo le peut"
    for beyond in (-1, 3):
        with pytest.raises(InvalidRecord, match="0 to 2, or None beyond"):
            _ = refusal(PLAYBOOK, "payment", beyond, "legal")


@pytest.mark.parametrize(
    ("topic", "roles", "expected"),
    [
        (PAYMENT, (), None),
        (PAYMENT, ("sales",), "45 days"),
        (PAYMENT, ("sales", "legal"), "60 days"),
        (PAYMENT, ("cfo",), "payment later than 60 days"),
        (LIABILITY, ("sales", "legal", "cfo"), None),
    ],
)
def test_how_far_somebody_may_go(topic: Topic, roles: tuple[str, ...], expected: str | None) -> None:
    assert furthest(topic, roles) == expected


def test_a_fallback_that_nobody_may_concede_and_a_topic_named_twice_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="a role that may concede it"):
        _ = Topic(name="x", preferred=PAYMENT.preferred, fallbacks=(PAYMENT.preferred,), walk_away=PAYMENT.walk_away)
    with pytest.raises(InvalidRecord, match="one topic of that name"):
        _ = Playbook(id="P", title="t", topics=(PAYMENT, PAYMENT))


def test_a_condition_without_a_bound_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="one bound or more"):
        _ = LiabilityWithin()


LENGTHS = st.builds(Tenor, months=st.integers(1, 5), days=st.sampled_from([0, 1, 2, 15, 28, 29, 30, 31, 59, 90, 366]))


@given(LENGTHS, LENGTHS)
def test_lengths_are_compared_exactly_where_every_day_to_count_from_agrees(stated: Tenor, wanted: Tenor) -> None:
    """Counted by hand from the ends of the months of eight years, around 2100, which is no leap year."""
    days = (date(2095, 1, 1) + timedelta(number) for number in range(8 * 365))
    ends = [day for day in days if day.day in {1, 28, 29, 30, 31}]
    answers = {forward(day, stated) <= forward(day, wanted) for day in ends}
    found = met(NoticeBetween(at_most=wanted), notice=NoticeClause(length=stated))
    assert found == (answers.pop() if len(answers) == 1 else "unknown")
