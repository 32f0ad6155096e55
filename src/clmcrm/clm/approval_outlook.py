"""Who would have to approve a contract, in which order and why, before anything is submitted.

The answer names people, those who are away and those who stand in for them, in sentences in both languages.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.clm.approval_guards import nobody_can_take
from clmcrm.clm.approval_policy import NO_FACTS, ApprovalFacts, ApprovalNeeded, ApprovalPolicy, approvals_needed
from clmcrm.clm.approval_round import Round
from clmcrm.clm.approval_seating import left_without, places_of, without_anybody
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep, Delegation, People
from clmcrm.clm.contract import Contract
from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.validators import plain_date, text
from clmcrm.values.wording import Wording


@frozen
class Absence:
    """`person` is away from `first_day` to `last_day`, both inside.

    Raises `InvalidRecord` for one that ends before it begins: nobody would be missed.
    """

    person: str = field(validator=text)
    first_day: date = field(validator=plain_date)
    last_day: date = field(validator=plain_date)

    def __attrs_post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise InvalidRecord("Absence", "last_day", self.last_day, f"{self.first_day} or later")


@frozen(kw_only=True)
class Candidate:
    """Somebody who could take a seat: `person`, whether `away`, and who stands in for them (empty: nobody)."""

    person: str
    away: bool = False
    stands_in: str = ""

    @property
    def wording(self) -> Wording:
        """The person, with the absence and the stand-in, in both languages."""
        if self.stands_in:
            return Wording(f"{self.stands_in} on behalf of {self.person}", f"{self.stands_in} au nom de {self.person}")
        away = Wording(f"{self.person} (away, nobody stands in)", f"{self.person} (absent, sans suppléant)")
        return away if self.away else Wording(self.person, self.person)


@frozen(kw_only=True)
class StepOutlook:
    """One step to come: what asks for it and who could take it.

    `candidates` are the approvers of each seat without the authors, `last_day` the day by which it is due if it
    is reached today (None: no deadline, or it is counted on a calendar that was not given), `blocked` why it
    cannot be completed as things stand (empty: it can).
    """

    needed: ApprovalNeeded
    candidates: tuple[tuple[str, tuple[Candidate, ...]], ...]
    last_day: date | None
    blocked: str

    @property
    def wording(self) -> Wording:
        """The step as one sentence in both languages."""
        step = self.needed.step
        en, fr = (_asked(step, self.candidates, french=french) for french in (False, True))
        why_en = "; ".join(reason.en for reason in self.needed.reasons) or "-"
        why_fr = "; ".join(reason.fr for reason in self.needed.reasons) or "-"
        told = "; ".join(self.needed.unknown)
        doubt = Wording(f" (cannot be told, so it is asked for: {told})", f" (indécidable, donc demandé : {told})")
        due = Wording(f", by {self.last_day}", f", au plus tard le {self.last_day}")
        stuck = Wording(f"; blocked: {self.blocked}", f" ; bloqué : {self.blocked}")
        return Wording(
            f"{step.name}: {en}{due.en if self.last_day else ''}, because {why_en}"
            f"{doubt.en if told else ''}{stuck.en if self.blocked else ''}",
            f"{step.name} : {fr}{due.fr if self.last_day else ''}, car {why_fr}"
            f"{doubt.fr if told else ''}{stuck.fr if self.blocked else ''}",
        )


@frozen(kw_only=True)
class ApprovalOutlook:
    """The steps a contract would have to pass, by order; those of one order run side by side."""

    steps: tuple[StepOutlook, ...]

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """One sentence for each step, numbered by its turn; one sentence when no rule asks for a step."""
        if not self.steps:
            return (
                Wording(
                    "no rule asks for a step: one approval by anybody but the author is enough",
                    "aucune règle ne demande d'étape : l'accord d'une personne autre que l'auteur suffit",
                ),
            )
        orders = sorted({one.needed.step.order for one in self.steps})
        turns = [(orders.index(one.needed.step.order) + 1, one.wording) for one in self.steps]
        return tuple(Wording(f"{turn}. {said.en}", f"{turn}. {said.fr}") for turn, said in turns)

    @property
    def blocked(self) -> tuple[str, ...]:
        """Why some step cannot be completed as things stand; empty when each can."""
        return tuple(one.blocked for one in self.steps if one.blocked)


def simulate_approval(
    contract: Contract,
    policy: ApprovalPolicy,
    as_of: date,
    *,
    authors: Iterable[str] = (),
    facts: ApprovalFacts = NO_FACTS,
    absences: Iterable[Absence] = (),
    delegations: Iterable[Delegation] = (),
    calendar: HolidayCalendar | None = None,
) -> ApprovalOutlook:
    """Who would have to approve `contract` if it were submitted on `as_of`, in which order, and why.

    `authors` wrote the text and approve nothing. `absences` and `delegations` are looked at for `as_of`;
    `calendar` counts business days (None: such a deadline is not told). Nothing is recorded.

    >>> from clmcrm.clm.approval_policy import ApprovalRule
    >>> from clmcrm.clm.approval_steps import Approver
    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> legal = ApprovalStep(name="legal", roles=("legal",))
    >>> policy = ApprovalPolicy(
    ...     name="house", rules=(ApprovalRule(step=legal, why="every lease"),),
    ...     approvers=(Approver(name="Bob", roles=("legal",)), Approver(name="Eve")))
    >>> lease = Contract(id=ContractId("C"), title="office", kind=ContractKind.LEASE)
    >>> may_7 = date(2026, 5, 7)
    >>> outlook = simulate_approval(lease, policy, may_7, absences=[Absence("bob", may_7, may_7)],
    ...                             delegations=[Delegation("Bob", "Eve", may_7, may_7)])
    >>> outlook.wordings[0].en
    '1. legal: legal (Eve on behalf of Bob), because every lease'
    """
    check_days("simulate_approval", as_of=as_of)
    people = People(policy.approvers)
    needed = approvals_needed(contract, policy, as_of, facts)
    now = Round(
        number=0,
        steps=tuple(one.step for one in needed),
        approvers=policy.approvers,
        authors=tuple(authors),
        submitted_on=as_of,
        people=people,
    )
    office = _Office(
        now=now,
        names={people.person(approver.name): approver.name for approver in policy.approvers},
        away=frozenset(people.person(one.person) for one in absences if one.first_day <= as_of <= one.last_day),
        delegations=tuple(one for one in delegations if one.lasts_on(as_of)),
        calendar=calendar,
    )
    return ApprovalOutlook(steps=tuple(map(office.outlook, needed)))


_MODES: Final = {
    ApprovalMode.ALL: Wording("all of", "tous parmi"),
    ApprovalMode.ANY: Wording("one of", "un parmi"),
}


@frozen(kw_only=True)
class _Office:
    """Who is there on the day that is asked about."""

    now: Round
    names: dict[str, str]
    away: frozenset[str]
    delegations: tuple[Delegation, ...]
    calendar: HolidayCalendar | None

    def outlook(self, needed: ApprovalNeeded) -> StepOutlook:
        step = needed.step
        seats = tuple((seat, self._candidates(step, seat)) for seat in step.seats)
        counted = step.business_days is None or self.calendar is not None
        return StepOutlook(
            needed=needed,
            candidates=seats,
            last_day=step.last_day(self.now.submitted_on, self.calendar) if counted else None,
            blocked=nobody_can_take(self.now, step) or self._blocked(step),
        )

    def _candidates(self, step: ApprovalStep, seat: str) -> tuple[Candidate, ...]:
        people = self.now.people
        holders = people.holders(seat) if seat in step.roles else (people.person(seat),)
        return tuple(self._candidate(person, seat) for person in holders if not self.now.is_author(person))

    def _candidate(self, person: str, seat: str) -> Candidate:
        away = person in self.away
        able = self._stand_ins(person) if away else []
        return Candidate(person=self.names.get(person, seat), away=away, stands_in=able[0] if able else "")

    def _stand_ins(self, person: str) -> list[str]:
        return [one.to for one in self.delegations if self._can_stand_in(one, person)]

    def _can_stand_in(self, one: Delegation, person: str) -> bool:
        people = self.now.people
        there = people.person(one.to) not in self.away and not self.now.is_author(one.to)
        return there and people.is_one(one.giver, person) and people.knows(one.to)

    def _blocked(self, step: ApprovalStep) -> str:
        """Why those who are there, and those who stand in, cannot complete the step beside those before it."""
        if not self.names:
            return ""
        places = places_of(self.now, step)
        alone = without_anybody(places, self._acting)
        if alone and step.seats and step.mode is not ApprovalMode.ALL:
            return f"{len(places)} of {', '.join(step.seats)} must approve, {len(places) - len(alone)} can"
        empty = [seat for seat, able in places if not any(self._acting(who) for who in able)]
        if empty:
            who = f"who can approve as {', '.join(empty)}" if step.seats else "but the author"
            return f"everybody {who} is away"
        left = ", ".join(places[number][0] for number in alone) or left_without(self.now, step, self._acting)
        return f"nobody is left to approve as {left}: nobody approves or stands in twice" if left else ""

    def _acting(self, name: str) -> list[str]:
        """Who could act in the place of one, by their plain names: the one, or those who stand in."""
        people = self.now.people
        person = people.person(name)
        return [people.person(who) for who in self._stand_ins(person)] if person in self.away else [person]


def _asked(step: ApprovalStep, candidates: tuple[tuple[str, tuple[Candidate, ...]], ...], *, french: bool) -> str:
    seats: list[str] = []
    for seat, found in candidates:
        who = ", ".join(one.wording.fr if french else one.wording.en for one in found)
        itself = seat in step.people and [one.person for one in found if not one.away]
        seats.append(seat if itself or not who else f"{seat} ({who})")
    if not seats:
        return "quiconque n'en est pas l'auteur" if french else "anybody but the author"
    if len(seats) == 1 and step.quorum is None:
        return seats[0]
    quorum = Wording(f"{step.quorum} of", f"{step.quorum} parmi")
    mode = _MODES.get(step.mode, quorum)
    return f"{mode.fr if french else mode.en} {', '.join(seats)}"
