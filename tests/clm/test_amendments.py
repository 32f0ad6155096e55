"""Amendments: what each kind does, what it refuses, and that the past stays as it was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm import events as e
from clmcrm.clm.amendment_preview import AmendmentPreview, preview
from clmcrm.clm.amendments import Amendment, AmendmentKind, LineChange, Restatement
from clmcrm.clm.clauses import PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.prices.in_force import lines_on
from clmcrm.clm.prices.ledger import Ledger
from clmcrm.clm.prices.line_ledger import line_ledger, price_history
from clmcrm.clm.succession import LotMoved, counterparty_on, lots_moved
from clmcrm.clm.term_changes import compare_terms
from clmcrm.clm.term_clauses import NoticeClause, TermClause
from clmcrm.clm.versions import accepted, as_amended, current_version, next_amendment_id
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, LineId, OrgUnitId
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import at, contract

MONTH = Tenor(months=1)
DAY = date(2025, 1, 1)


def seats(number: str = "1", price: int = 10, **changes: object) -> ContractLine:
    facts: dict[str, object] = {"id": LineId(number), "description": "seats", "recurrence": MONTH}
    return ContractLine(price=UnitPrice(price, "EUR"), **(facts | changes))  # type: ignore[arg-type] # in tests


def amendment(number: int = 1, effective_on: date = DAY, base: int | None = None, **changes: object) -> Amendment:
    facts: dict[str, object] = {"title": "change", "base_version": number - 1 if base is None else base}
    return Amendment(id=AmendmentId(f"A{number}"), effective_on=effective_on, **(facts | changes))  # type: ignore[arg-type] # in tests


def running(*amendments: Amendment, **changes: object) -> Contract:
    lines = {"lines": (seats(), seats("2"))}
    return advance(
        contract(amendments=amendments, **(lines | changes)), e.RecordedAsExecuted(at("2024-05-20"), "archive")
    )


def accepting(life: Contract, one: Amendment, day: str) -> Contract:
    return advance(
        life,
        e.AmendmentAccepted(
            at(day), "legal", amendment=one.id, base_version=one.base_version, effective_on=one.effective_on
        ),
    )


def repriced(number: int, price: int, effective_on: date, **changes: object) -> Amendment:
    change = LineChange(line=LineId("1"), price=UnitPrice(price, "EUR"))
    return amendment(number, effective_on, line_changes=(change,), **changes)  # type: ignore[arg-type] # in tests


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": AmendmentKind.RESTATES}, "the new set of terms"),
        ({"restated": Restatement()}, "except in: restates"),
        ({"kind": AmendmentKind.NOVATES}, "the contract that goes on"),
        ({"kind": AmendmentKind.CO_TERMS}, "the last day the lines are brought to"),
        ({"aligned_to": DAY}, "except in: co_terms"),
        ({"kind": AmendmentKind.ASSIGNS}, "who takes the place of counterparty"),
        ({"kind": AmendmentKind.ASSIGNS, "side": Party.OWN, "to_account": AccountId("A-2")}, "the place of own"),
        ({"kind": AmendmentKind.ASSIGNS, "side": Party.BOTH}, "own or counterparty"),
        ({"kind": AmendmentKind.TERMINATES_IN_PART}, "the lines that end or become fewer"),
        (
            {"kind": AmendmentKind.TERMINATES_IN_PART, "line_changes": (LineChange(line=LineId("1"), last_day=DAY),),
             "lines_added": (seats("3"),)},
            "none where a part ends",
        ),
        # The lines that it leaves out, or passes on, end on the day before.
        (
            {"kind": AmendmentKind.RESTATES, "restated": Restatement(), "effective_on": date.min},
            "a day after 0001-01-01",
        ),
        (
            {"kind": AmendmentKind.NOVATES, "successor": ContractId("C-2"), "lots": (LineId("1"),),
             "effective_on": date.min},
            "a day after 0001-01-01",
        ),
    ],
)  # fmt: skip
def test_an_amendment_without_what_its_kind_needs_is_none(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(InvalidRecord, match=expected):
        _ = amendment(**changes)  # type: ignore[arg-type] # wrong on purpose


def test_a_restatement_replaces_every_term_and_ends_the_lines_it_leaves_out() -> None:
    new = Restatement(
        term=TermClause(initial=Tenor(years=3)), lines=(seats("1", 8), seats("9")), governing_place="FR",
        clauses=(PaymentClause(days=45, citation="art. 5"),),
    )  # fmt: skip
    one = amendment(kind=AmendmentKind.RESTATES, restated=new)
    life = accepting(running(one, clauses=(PaymentClause(days=30, citation="art. 4"),)), one, "2024-12-01")
    after = as_amended(life, DAY)
    assert (after.term, after.clauses, after.governing_place) == (new.term, new.clauses, "FR")
    assert isinstance(after.notice, Unknown)
    assert [(line.id, line.price.amount, line.last_day) for line in after.lines] == [
        (LineId("1"), Decimal(8), None),
        (LineId("2"), Decimal(10), date(2024, 12, 31)),
        (LineId("9"), Decimal(10), None),
    ]  # fmt: skip
    assert [line.id for line in lines_on(life, DAY)] == ["1", "9"]
    assert as_amended(life, date(2024, 12, 31)).notice == running().notice
    assert isinstance(line_ledger(life, LineId("2"), date(2025, 6, 1)), Ledger)
    history = price_history(life, LineId("2"))
    assert not isinstance(history, Unknown)
    assert [(step.first_day, step.amount.amount) for step in history] == [
        (date(2024, 6, 1), Decimal(10)), (DAY, Decimal(0)),
    ]  # fmt: skip


def test_a_partial_termination_ends_one_line_and_leaves_the_other() -> None:
    ends = LineChange(line=LineId("1"), last_day=date(2025, 3, 31))
    one = amendment(kind=AmendmentKind.TERMINATES_IN_PART, line_changes=(ends,))
    life = accepting(running(one), one, "2024-12-01")
    assert [line.id for line in lines_on(life, date(2025, 3, 31))] == ["1", "2"]
    assert [line.id for line in lines_on(life, date(2025, 4, 1))] == ["2"]


def test_co_terming_brings_recurring_lines_that_still_run_to_one_day() -> None:
    lines = (
        seats("1", last_day=date(2025, 2, 28)),
        seats("2"),
        seats("3", last_day=date(2024, 7, 31)),
        seats("4", recurrence=None),
    )
    one = amendment(kind=AmendmentKind.CO_TERMS, aligned_to=date(2025, 5, 31))
    life = accepting(running(one, lines=lines), one, "2024-12-01")
    assert [line.last_day for line in as_amended(life, DAY).lines] == [
        date(2025, 5, 31), date(2025, 5, 31), date(2024, 7, 31), None,
    ]  # fmt: skip
    single = amendment(kind=AmendmentKind.CO_TERMS, aligned_to=date(2025, 5, 31), lots=(LineId("4"),))
    found = compare_terms(
        running(lines=lines), as_amended(accepting(running(single, lines=lines), single, "2025-01-02"), DAY)
    )
    assert [change.path for change in found] == [("lines", "4", "last_day")]


def test_what_changes_on_a_line_that_the_same_amendment_adds_is_not_lost() -> None:
    five = LineChange(line=LineId("3"), quantity=Decimal(5))
    one = amendment(lines_added=(seats("3"),), line_changes=(five,))
    assert preview(running(), one).problems == ()
    after = as_amended(accepting(running(one), one, "2024-12-01"), DAY)
    assert [int(line.quantity) for line in after.lines] == [1, 1, 5]


def test_two_changes_of_one_line_in_one_amendment_both_hold() -> None:
    dearer = LineChange(line=LineId("1"), price=UnitPrice(12, "EUR"))
    more = LineChange(line=LineId("1"), quantity=Decimal(5))
    found = preview(running(), amendment(line_changes=(dearer, more)))
    assert [change.path for change in found.changes] == [("lines", "1", "quantity"), ("lines", "1", "price")]


def test_the_next_id_is_no_amendments_though_one_before_it_was_discarded() -> None:
    second = attrs.evolve(repriced(2, 12, DAY), id=AmendmentId("C-1/A2"))
    assert next_amendment_id(contract()) == "C-1/A1"
    assert next_amendment_id(contract(amendments=(second,))) == "C-1/A3"


def test_our_own_place_may_pass_to_another_unit() -> None:
    one = amendment(kind=AmendmentKind.ASSIGNS, side=Party.OWN, to_unit=OrgUnitId("U-2"))
    life = accepting(running(one), one, "2024-12-01")
    assert (as_amended(life, DAY).own_unit, as_amended(life, DAY).counterparty) == ("U-2", "A-1")
    assert counterparty_on(life, DAY) == "A-1"


def test_an_amendment_that_was_undone_counts_no_more_but_did_until_then() -> None:
    one = repriced(1, 12, DAY)
    life = advance(accepting(running(one), one, "2024-12-01"), e.Undone(at("2025-02-01"), "legal"))
    assert accepted(life) == ()
    assert current_version(life) == 0
    assert as_amended(life, date(2025, 3, 1)).lines[0].price.amount == 10
    assert as_amended(life, date(2025, 3, 1), date(2025, 1, 31)).lines[0].price.amount == 12


@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 700), st.integers(1, 99)), min_size=1, max_size=5),
    st.integers(0, 900), st.integers(0, 900),
)  # fmt: skip
def test_what_is_recorded_later_never_changes_what_was_known(
    plans: list[tuple[int, int, int]], day: int, known: int
) -> None:
    start = date(2024, 6, 1).toordinal()
    plans = sorted(plans, key=lambda plan: plan[1])
    amendments = [
        repriced(n, price, date.fromordinal(start + effective)) for n, (effective, _, price) in enumerate(plans, 1)
    ]
    asked, known_on = date.fromordinal(start + day), date.fromordinal(start + known)
    life = running(*amendments)
    then: Contract | None = None
    for one, (_, recorded, _) in zip(amendments, plans, strict=True):
        if start + recorded > known_on.toordinal() and then is None:
            then = as_amended(life, asked)
        event = e.AmendmentAccepted(
            at(date.fromordinal(start + recorded).isoformat()), "legal", amendment=one.id,
            base_version=one.base_version, effective_on=one.effective_on,
        )  # fmt: skip
        life = Contract(**{**{p: getattr(life, p) for p in PARTS}, "events": (*life.events, event)})
    then = then or as_amended(life, asked)
    now = as_amended(life, asked, known_on)
    assert now.lines == then.lines


PARTS = [part.name for part in Contract.__attrs_attrs__]


def warnings(found: AmendmentPreview) -> str:
    return "\n".join(str(problem) for problem in found.problems)


def test_a_preview_says_what_changes_and_that_nothing_is_wrong() -> None:
    found = preview(running(), repriced(1, 12, DAY))
    assert [str(change) for change in found.changes] == ["the price of line 1 (seats) rises from 10 EUR to 12 EUR"]
    assert found.problems == ()
    assert found.acceptable


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"base": 3, "notice": NoticeClause(length=MONTH)}, "base_version '3' is not the current version"),
        ({"line_changes": (LineChange(line=LineId("7"), quantity=Decimal(2)),)}, "'7' is no line of the contract"),
        ({"lines_added": (seats("1"),)}, "'1' is the id of a line there is already"),
        (
            {"kind": AmendmentKind.RESTATES, "restated": Restatement(lines=(seats("1"), seats("1", 12)))},
            "restated '1' is the id of two lines",
        ),
        ({"drops_citations": ("art. 99",)}, "'art. 99' is no clause of the contract"),
        ({"line_changes": (LineChange(line=LineId("1"), price=UnitPrice(9, "USD")),)}, "changes the currency of"),
        ({"kind": AmendmentKind.NOVATES, "successor": ContractId("C-1")}, "is the contract itself"),
        (
            {"line_changes": (LineChange(line=LineId("1"), last_day=date(2025, 4, 1)),)},
            "line_changes '2025-04-01' ends line 1 before it begins on 2025-09-01",
        ),
        (
            {"kind": AmendmentKind.CO_TERMS, "aligned_to": date(2025, 5, 31)},
            "aligned_to '2025-05-31' ends line 1 before it begins on 2025-09-01",
        ),
    ],
)  # fmt: skip
def test_a_preview_finds_what_cannot_be_accepted(changes: dict[str, object], said: str) -> None:
    lines = (seats("1", first_day=date(2025, 9, 1)), seats("2"))
    found = preview(running(lines=lines), amendment(**changes))  # type: ignore[arg-type] # wrong on purpose
    assert said in warnings(found)
    assert not found.acceptable


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "'amends' changes nothing"),
        ({"effective_on": date(2024, 5, 1), "notice": NoticeClause(length=MONTH)}, "before the contract takes effect"),
        ({"kind": AmendmentKind.ASSIGNS, "to_account": AccountId("A-2")}, "needs consent by art. 12"),
        ({"kind": AmendmentKind.NOVATES, "successor": ContractId("C-2")}, "once a Novated event names C-2"),
        (
            {"kind": AmendmentKind.TERMINATES_IN_PART,
             "line_changes": (LineChange(line=LineId("1"), quantity=Decimal(5)),)},
            "makes line 1 more where a part ends",
        ),
    ],
)  # fmt: skip
def test_a_preview_warns_of_what_a_person_should_look_at(changes: dict[str, object], said: str) -> None:
    bound = Restriction(kind=RestrictionKind.NO_ASSIGNMENT, citation="art. 12")
    found = preview(running(clauses=(bound,)), amendment(**changes))  # type: ignore[arg-type] # as above
    assert said in warnings(found)
    assert found.acceptable


@pytest.mark.parametrize(("last_day", "asked"), [(date(2025, 3, 31), False), (date(2025, 12, 31), True)])
def test_a_preview_asks_for_consent_only_while_the_ban_on_assignment_holds(last_day: date, asked: bool) -> None:
    banned = Restriction(kind=RestrictionKind.NO_ASSIGNMENT, valid=Span(date(2024, 6, 1), last_day))
    assigns = amendment(kind=AmendmentKind.ASSIGNS, to_account=AccountId("A-2"), effective_on=date(2025, 6, 1))
    assert ("needs consent" in warnings(preview(running(clauses=(banned,)), assigns))) is asked


def test_a_preview_warns_of_days_after_the_contracts_end() -> None:
    life = advance(
        running(), e.Terminated(at("2024-12-01"), "legal", ground=e.Ground.MUTUAL, last_day=date(2024, 12, 31))
    )
    assert "after the contract's last day in force" in warnings(preview(life, repriced(1, 12, DAY)))
    late = amendment(1, date(2024, 12, 1), kind=AmendmentKind.CO_TERMS, aligned_to=date(2025, 5, 31))
    assert "run on after" in warnings(preview(life, late))
    added = amendment(1, date(2024, 12, 1), lines_added=(seats("3", last_day=date(2025, 1, 1)),))
    assert "'2025-01-01' lets lines run on after" in warnings(preview(life, added))


def test_a_preview_says_which_later_terms_overtake_a_backdated_amendment() -> None:
    first = repriced(1, 12, DAY)
    life = accepting(running(first), first, "2024-12-01")
    said = warnings(preview(life, repriced(2, 11, date(2024, 9, 1))))
    assert "before A1 takes effect, which was accepted earlier and changes the same: line 1 price" in said
    assert "has been accepted already" in warnings(preview(life, first))


def test_lots_pass_one_by_one_and_the_rest_passes_later() -> None:
    lot = amendment(1, DAY, kind=AmendmentKind.ASSIGNS, to_account=AccountId("A-2"), lots=(LineId("2"),))
    rest = amendment(2, date(2025, 6, 1), kind=AmendmentKind.ASSIGNS, to_account=AccountId("A-3"))
    life = accepting(accepting(running(lot, rest), lot, "2024-12-01"), rest, "2025-05-01")
    before, between, after = date(2024, 12, 31), DAY, date(2025, 6, 1)
    assert [counterparty_on(life, day) for day in (before, between, after)] == ["A-1", "A-1", "A-3"]
    assert [counterparty_on(life, day, LineId("2")) for day in (before, between, after)] == ["A-1", "A-2", "A-2"]
    assert counterparty_on(life, after, known_on=date(2025, 4, 30)) == "A-1"
    assert lots_moved(life, DAY) == (
        LotMoved(line=LineId("2"), from_day=DAY, amendment=lot.id, to=AccountId("A-2"), successor=None),
    )
    assert [line.id for line in lines_on(life, after)] == ["1", "2"]  # the contract goes on with both
