"""What was promised for a case and how it stands: clocks on working time, from the entitlement it claims.

The rule of the file: a clock runs in working minutes of the service's hours, stands still in the case's
pauses, and is judged by what had happened by the instant one looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

import attrs
from attrs import field, frozen

from clmcrm.crm.case import Case, Entitlement, SlaState, over_undated, unless_told
from clmcrm.crm.service_hours import ClockPause, ServiceHours
from clmcrm.errors import InvalidRecord
from clmcrm.values.instants import in_utc
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import instance, maybe, member, positive_count, text
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class CaseClock:
    """One promised time: `promised` and whole `used` working minutes, its state, and when it runs out.

    The state goes by the instant: what comes a second after `due_at` is late, though `used` shows no minute more.
    Where nobody says when it was done, the state may be unknown and `used` is what it is at most.
    `due_at` is in the service's zone, None while the clock stands still or when nothing is promised, and for what was
    done while the clock stood still in a pause without an end: it never ran out.
    """

    state: SlaState = field(validator=member(SlaState))
    promised: int | None
    used: int
    due_at: datetime | None

    @property
    def used_share(self) -> Fraction | None:
        """The used part of the promised time, above 1 when it is over; None when nothing is promised."""
        return Fraction(self.used, self.promised) if self.promised else None


@frozen(kw_only=True)
class CaseClocks:
    """The clocks of the first answer and of the solution, under the `entitlement` claimed (None: none)."""

    response: CaseClock
    resolution: CaseClock
    entitlement: Entitlement | None


def entitlement_for(case: Case, entitlements: Iterable[Entitlement]) -> Entitlement | Unknown:
    """The entitlement `case` may claim: the one it names, else the closest that covers the day it was opened.

    An entitlement for the case's asset is closer than one for its product, and that closer than one for all;
    among equals the quicker answer, then the smaller id. `Unknown` says why there is none.

    >>> from clmcrm.values.ids import CaseId
    >>> print(entitlement_for(Case(id=CaseId("k")), []))
    unknown: the case does not say when it was opened
    """
    known = list(entitlements)
    named = next((e for e in known if e.id == case.entitlement), None)
    if named is not None:
        return named
    if case.opened_at is None:
        return Unknown("the case does not say when it was opened")
    day = case.opened_at.date()
    mine = [e for e in known if e.account == case.account and (case.contract is None or e.contract == case.contract)]
    fitting = [e for e in mine if e.asset in {None, case.asset} and e.product in {None, case.product}]
    found = [e for e in fitting if e.covers(day)]
    if not found:
        why = "none covers that day or has cases left" if fitting else "none is for this account and product"
        return Unknown(f"of {len(known)} {'entitlement' if len(known) == 1 else 'entitlements'} {why}")
    return min(found, key=lambda e: (e.asset is None, e.product is None, _quick(e.response_minutes), e.id))


def _quick(minutes: int | None) -> tuple[bool, int]:
    return minutes is None, minutes or 0


def case_clocks(case: Case, entitlement: Entitlement | None, hours: ServiceHours, at: datetime) -> CaseClocks:
    """How the promised times of `case` stand at the instant `at`, in the working time of `hours`.

    The clocks begin at `sla_started_at`, else when the case was opened; without either nothing runs. A case that has
    ended and tells of no first answer had it at the latest then: whether that was late is unknown.

    >>> from clmcrm.crm.service_hours import office_hours
    >>> from clmcrm.values.ids import AccountId, CaseId, EntitlementId
    >>> nine = datetime.fromisoformat("2026-05-08T09:00+02:00")
    >>> gold = Entitlement(id=EntitlementId("e"), name="Gold", account=AccountId("a"), response_minutes=60)
    >>> case = Case(id=CaseId("k"), opened_at=nine)
    >>> case_clocks(case, gold, office_hours("Europe/Paris", 9, 17), nine).response.due_at.isoformat()
    '2026-05-08T10:00:00+02:00'
    """
    response = None if entitlement is None else entitlement.response_minutes
    resolution = None if entitlement is None else entitlement.resolution_minutes
    solved = _clock(case, resolution, case.closed_at, hours, at)
    if over_undated(case) and solved.state is not SlaState.NOT_PROMISED:
        solved = attrs.evolve(solved, state=SlaState.UNKNOWN)
    answered = _clock(case, response, case.responded_at or case.closed_at, hours, at)
    if case.responded_at is None:
        answered = attrs.evolve(answered, state=unless_told(case, answered.state))
    return CaseClocks(response=answered, resolution=solved, entitlement=entitlement)


def _clock(case: Case, promised: int | None, done_at: datetime | None, hours: ServiceHours, at: datetime) -> CaseClock:
    begin = case.sla_started_at or case.opened_at
    if promised is None or begin is None:
        return CaseClock(state=SlaState.NOT_PROMISED, promised=promised, used=0, due_at=None)
    now, ended = in_utc(at), None if done_at is None else in_utc(done_at)
    done = ended if ended is not None and ended <= now else None
    until = done or now
    known = tuple(_as_seen(pause, now) for pause in case.pauses if in_utc(pause.from_at) <= until)
    worked = hours.worked_between(begin, until, known)
    over_time = worked > timedelta(minutes=promised)
    standing = any(pause.stands_at(until) for pause in known)
    endless = any(pause.until_at is None for pause in known) and worked < timedelta(minutes=promised)
    if done is not None:
        state = SlaState.LATE if over_time else SlaState.MET
    elif over_time:
        state = SlaState.OVERDUE
    else:
        state = SlaState.STOPPED if standing else SlaState.RUNNING
    over = tuple(pause for pause in known if pause.until_at is not None)
    still = endless if done is not None else standing and not over_time
    due_at = None if still else hours.instant_after(begin, promised, over)
    return CaseClock(state=state, promised=promised, used=worked // timedelta(minutes=1), due_at=due_at)


def _as_seen(pause: ClockPause, now: datetime) -> ClockPause:
    """`pause` as known at `now`: an end that is still to come (some systems write one in the year 9999) is none yet."""
    to_come = pause.until_at is not None and in_utc(pause.until_at) > now
    return attrs.evolve(pause, until_at=None) if to_come else pause


@frozen(kw_only=True)
class EscalationRule:
    """Once a clock has used the share `at` of its time (1 is all of it), the case goes to `to`.

    `priority` keeps the rule for cases of that priority (None: every case); `level` orders the rules.

    Raises `InvalidRecord` for a share below zero.
    """

    level: int = field(validator=positive_count)
    at: Fraction = field(validator=instance(Fraction))
    to: str = field(validator=text)
    priority: str | None = field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        if self.at < 0:
            raise InvalidRecord("EscalationRule", "at", str(self.at), "a share of zero or more")


@frozen(kw_only=True)
class Escalation:
    """The case goes to `to` on `level`, and why."""

    level: int
    to: str
    why: Wording


def escalations(case: Case, clocks: CaseClocks, rules: Iterable[EscalationRule]) -> tuple[Escalation, ...]:
    """Who must be told of `case` as its clocks stand, by level; empty when it is answered and solved in time.

    A clock that was met asks for nothing any more, nor does one of a case that is over.

    >>> from clmcrm.values.ids import CaseId
    >>> nothing = CaseClock(state=SlaState.NOT_PROMISED, promised=None, used=0, due_at=None)
    >>> escalations(Case(id=CaseId("k")), CaseClocks(response=nothing, resolution=nothing, entitlement=None), [])
    ()
    """
    found: list[Escalation] = []
    for rule in sorted(rules, key=lambda r: (r.level, r.to)):
        if rule.priority not in {None, case.priority}:
            continue
        for en, fr, clock in (("answer", "réponse", clocks.response), ("solution", "solution", clocks.resolution)):
            share = clock.used_share
            open_still = clock.state not in {SlaState.MET, SlaState.LATE, SlaState.UNKNOWN}
            # What is overdue has used all its time, also where no minute was promised.
            used = (share is not None and share >= rule.at) or (clock.state is SlaState.OVERDUE and rule.at <= 1)
            if open_still and used:
                minutes = "minute" if clock.promised == 1 else "minutes"
                ouvrees = "minute ouvrée" if clock.used in {0, 1} else "minutes ouvrées"
                why = Wording(
                    f"the {en} has used {clock.used} of {clock.promised} working {minutes}",
                    f"la {fr} a consommé {clock.used} {ouvrees} sur {clock.promised}",
                )
                found.append(Escalation(level=rule.level, to=rule.to, why=why))
                break
    return tuple(found)
