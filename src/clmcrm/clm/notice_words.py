"""The words around a notice deadline: the steps that lead to an end, and why there may be no deadline.

The rule of the file: nothing is decided here; each sentence says what `clmcrm.clm.notice` found.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import NoDeadline, counted_back
from clmcrm.clm.notice_case import UNIT_ENDS, NoticeCase
from clmcrm.clm.notice_steps import length_words
from clmcrm.clm.term_clauses import NoticeReference, TermClause
from clmcrm.errors import OutsideCoverage
from clmcrm.values.partial import known
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording


def term_steps(contract: Contract, case: NoticeCase, end: date) -> tuple[Step, ...]:
    """The steps from the contract's first day to `end`."""
    plan, first_day = case.plan, known(case.plan.first_day)
    steps: list[Step] = []
    if first_day is not None:
        steps.append(Step(first_day, _TAKES_EFFECT))
    initial = plan.initial_last_day
    steps += plan.steps
    if initial is not None:
        steps.append(_initial_step(contract, initial))
    if plan.minimum is not None and not case.by_consent:
        steps.append(
            Step(
                plan.minimum,
                Wording("nobody may leave before the minimum term ends", "nul ne peut partir avant la durée minimale"),
            )
        )
    if end == initial:
        return tuple(steps)
    if plan.length is None or initial is None or case.clause.reference in _OWN_ENDS:
        steps.append(Step(end, Wording("the next end that may be chosen", "la prochaine échéance possible")))
        return tuple(steps)
    length = plan.length
    steps.append(
        Step(
            end,
            Wording.later(
                lambda: f"renewal {plan.index_on(end)} of {length_words(length).en} ends, counted from the first term",
                lambda: (
                    f"la reconduction n° {plan.index_on(end)} de {length_words(length).fr} échoit, comptée depuis le "
                    "premier terme"
                ),
            ),
        )
    )
    if case.begins is not None and (initial - case.begins).days <= _most_days(case.clause.length):
        steps += _out_of_reach(case, initial)
    return tuple(steps)


_TAKES_EFFECT: Final = Wording("the contract takes effect", "le contrat prend effet")
_OWN_ENDS: Final = frozenset({*UNIT_ENDS, NoticeReference.ANNIVERSARY, NoticeReference.ANY_TIME})


def _most_days(length: Tenor) -> int:
    """No period of this length, with what the law may add, is longer than that many days."""
    return 31 * length.whole_months + length.loose_days + 31


def _out_of_reach(case: NoticeCase, initial: date) -> list[Step]:
    try:
        late = case.last_day(initial)
    except OutsideCoverage:
        # The day before any moving is late enough to tell, and the answer does not hang on it.
        late = counted_back(case.clause, initial, case.law)
    if case.begins is None or late >= case.begins:
        return []
    wording = Wording.later(
        lambda: (
            f"notice for the initial term, ending {initial}, was due by this day, before the contract began on "
            f"{case.begins}: it could not be given"
        ),
        lambda: (
            f"la notification pour le terme initial, échéant le {initial}, était due ce jour au plus tard, avant "
            f"le début du contrat le {case.begins} : elle n'était pas possible"
        ),
    )
    return [Step(late, wording)]


def _initial_step(contract: Contract, initial: date) -> Step:
    term = contract.term
    # Where the term stands in the contract, or that nobody stated it and it was assumed.
    cited = f" ({term.citation})" if isinstance(term, TermClause) and term.citation else ""
    if isinstance(term, TermClause) and term.until is not None:
        return Step(initial, Wording("the initial term ends, by that rule", "le terme initial échoit, selon la règle"))
    if isinstance(term, TermClause) and isinstance(term.ends_on, date):
        return Step(
            initial,
            Wording.later(
                lambda: f"the initial term ends, as stated{cited}",
                lambda: f"le terme initial échoit, comme indiqué{cited}",
            ),
        )
    length = term.initial if isinstance(term, TermClause) else None
    return Step(
        initial,
        Wording.later(
            lambda: f"the initial term of {_length_said(length).en} ends, its first day counted{cited}",
            lambda: f"le terme initial ({_length_said(length).fr}) échoit, premier jour compris{cited}",
        ),
    )


def _length_said(length: Tenor | None) -> Wording:
    return Wording("the agreed length", "durée convenue") if length is None else length_words(length)


def no_deadline(contract: Contract, en: str, fr: str) -> NoDeadline:
    """There is no deadline, for the reason given in both languages."""
    return NoDeadline(contract=contract.id, reason=Wording(en, fr))


def before_it_began(contract: Contract, case: NoticeCase, late: date) -> NoDeadline:
    """The notice is longer than the time there was: it was due on `late`, before the contract began."""
    length = case.clause.length
    return no_deadline(
        contract,
        f"notice of {length.words} would have been due by {late}, before the contract began on {case.begins}",
        f"un préavis de {length.said('fr')} aurait été dû le {late} au plus tard, avant le début du contrat le "
        f"{case.begins}",
    )


def none_left(contract: Contract, case: NoticeCase, passed: date | None) -> NoDeadline:
    """Why no end is left to aim at."""
    clause, final = case.clause, case.plan.final_day
    if case.open_ended and final is None:
        return no_deadline(
            contract,
            f"it runs without an end: notice of {clause.length.words} may be given on any day",
            f"il court sans terme : un préavis de {clause.length.said('fr')} peut être donné à tout moment",
        )
    if passed is not None:
        late = case.last_day(passed)
        if case.begins is not None and late < case.begins:
            return before_it_began(contract, case, late)
        return no_deadline(
            contract,
            f"the last deadline was {late}, for the term ending {passed}",
            f"la dernière date limite était le {late}, pour le terme échéant le {passed}",
        )
    if final is not None and case.plan.minimum is not None and case.plan.minimum >= final:
        return no_deadline(
            contract,
            f"nobody may leave before {case.plan.minimum}, and it ends by itself on {final}",
            f"nul ne peut partir avant le {case.plan.minimum}, et il prend fin seul le {final}",
        )
    if final == date.max:
        return no_deadline(
            contract,
            f"it ends on {final}, the last day of the calendar: no term follows (without an end, it is perpetual)",
            f"il prend fin le {final}, dernier jour du calendrier : aucun terme ne suit (sans terme, il est perpétuel)",
        )
    return no_deadline(
        contract,
        "the last permitted renewal has been reached",
        "la dernière reconduction permise est atteinte",
    )
