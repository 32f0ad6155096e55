"""A second opinion on approvals: the rules as a person would check them on paper, from the whole log each time.

It shares no code with the library's rules. It knows one house: a table of accounts and roles, and the steps that
were submitted. Slow, and meant to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from clmcrm.clm import events as e
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep, Approver


class NaiveApprovals:
    """Judges one more event after a log of accepted ones, given the fingerprint of the present content."""

    def __init__(self, steps: Sequence[ApprovalStep], approvers: Sequence[Approver]) -> None:
        self.steps = tuple(attrs.evolve(step, why="") for step in steps)
        self.approvers = tuple(approvers)
        self.owner: dict[str, str] = {}
        self.roles: dict[str, set[str]] = {}
        self.namers: dict[str, set[str]] = {}
        for approver in approvers:
            me = plain(approver.name)
            self.roles[me] = {plain(role) for role in approver.roles}
            for account in (approver.name, *approver.accounts):
                self.owner[plain(account)] = me
        for approver in approvers:
            self.namers[plain(approver.name)] = {self.who(namer) for namer in approver.stand_in_by}

    def who(self, account: str) -> str:
        return self.owner.get(plain(account), plain(account))

    def known(self, account: str) -> bool:
        return self.who(account) in self.roles

    def allows(self, log: Sequence[e.AnyEvent], event: e.AnyEvent, content: str) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line for each event
        """Whether the rules let `event` be recorded after `log`."""
        now = self.read(log)
        recorded = log if isinstance(event, e.Undone) else now["kept"]  # what was taken back may be said again
        if (log and event.at < log[-1].at) or event in recorded:
            return False
        stage: str = now["stage"]
        match event:
            case e.Requested():
                return stage == "new"
            case e.SubmittedForApproval():
                steps = tuple(attrs.evolve(step, why="") for step in event.steps)
                asked = steps == self.steps and event.approvers == self.approvers
                authors = now["authors"] | {self.who(event.by)}
                return stage == "draft" and event.content == content and asked and self.doable(authors)
            case e.Approved():
                return stage == "in approval" and self.approval_fine(now, event, content)
            case e.Rejected():
                return stage == "in approval" and bool(event.note) and self.seat_fine(now, event)
            case e.Recalled():
                return stage == "in approval"
            case e.Redrafted():
                return stage in ("rejected", "negotiating")
            case e.ApprovalDelegated():
                return stage == "in approval" and self.delegation_fine(now, event)
            case e.DelegationRevoked():
                pairs = [(self.who(d.giver), self.who(d.to)) for d in now["delegations"]]
                giver, to, by = self.who(event.giver), self.who(event.to), self.who(event.by)
                may = by in (giver, to) or by in self.namers.get(giver, set())
                return stage == "in approval" and (giver, to) in pairs and may
            case e.ApprovalEscalated():
                return stage == "in approval" and self.escalation_fine(now, event)
            case e.SentForSignature():
                sub = now["submission"]
                return stage == "negotiating" and sub is not None and bool(sub.content == content)
            case e.Undone():
                kept = now["kept"]
                acts = (e.Approved, e.Rejected, e.ApprovalDelegated, e.DelegationRevoked, e.ApprovalEscalated)
                if not kept:  # nothing is left to take back
                    return False
                return not isinstance(kept[-1], acts) or self.who(kept[-1].by) == self.who(event.by)
            case _:
                return False

    def read(self, log: Sequence[e.AnyEvent]) -> dict[str, Any]:  # noqa: C901, PLR0912 - one line for each event
        kept: list[e.AnyEvent] = []
        for event in log:
            if isinstance(event, e.Undone):
                del kept[-1:]
            else:
                kept.append(event)
        now: dict[str, Any] = {
            "kept": kept, "stage": "new", "authors": set(), "rounds": 0, "submission": None,
            "approvals": [], "delegations": [], "escalated": [], "submitters": set(),
        }  # fmt: skip
        for event in kept:
            if isinstance(event, e.Requested | e.Redrafted):
                now["authors"].add(self.who(event.by))
                now["stage"] = "draft"
            if isinstance(event, e.Rejected | e.Redrafted | e.Recalled):
                now.update(submission=None, approvals=[], delegations=[], escalated=[])
            if isinstance(event, e.Rejected):
                now["stage"] = "rejected"
            if isinstance(event, e.Recalled):
                now["stage"] = "draft"
            if isinstance(event, e.SubmittedForApproval):
                now.update(submission=event, approvals=[], delegations=[], escalated=[], stage="in approval")
                now["rounds"] += 1
            if isinstance(event, e.Approved):
                now["approvals"].append(event)
                if all(self.done(now, step) for step in self.steps):
                    now["stage"] = "negotiating"
            if isinstance(event, e.ApprovalDelegated):
                now["delegations"].append(event)
            if isinstance(event, e.DelegationRevoked):
                gone = (self.who(event.giver), self.who(event.to))
                now["delegations"] = [d for d in now["delegations"] if (self.who(d.giver), self.who(d.to)) != gone]
            if isinstance(event, e.ApprovalEscalated):
                now["escalated"].append(event)
            if isinstance(event, e.SentForSignature):
                now["stage"] = "sent"
        return now

    def doable(self, authors: set[str]) -> bool:
        """Whether some way of sending people to seats fills every one, nobody in two of them."""
        others = set(self.roles) - authors
        seats: list[set[str]] = []
        for step in self.steps:
            able = [{p for p in others if plain(role) in self.roles[p]} for role in step.roles]
            able += [{self.who(person)} & others for person in step.people]
            if not able:
                able = [others]
            elif step.mode is not ApprovalMode.ALL:
                able = [set[str]().union(*able)] * (step.quorum or 1)
            if step.escalates_to and (step.within or step.business_days):
                filled = all(able) if step.mode is ApprovalMode.ALL else any(self.filled(able))
            else:
                seats += able
                filled = any(self.filled(seats))
            if not filled:
                return False
        return True

    def filled(self, seats: Sequence[set[str]]) -> Iterator[bool]:
        """True for each way in which the seats are filled by different people, found by trying them all."""
        if not seats:
            yield True
        for who in sorted(seats[0]) if seats else ():
            yield from self.filled([seat - {who} for seat in seats[1:]])

    def done(self, now: Mapping[str, Any], step: ApprovalStep) -> bool:
        mine = [a for a in now["approvals"] if a.step == step.name]
        late = {plain(x.to) for x in now["escalated"] if x.step == step.name}
        people = {self.who(a.on_behalf_of or a.by) for a in mine}
        if any(plain(a.role) in late or (not a.role and self.who(a.on_behalf_of or a.by) in late) for a in mine):
            return True
        if step.mode is ApprovalMode.ALL and (step.roles or step.people):
            roles = {plain(a.role) for a in mine if a.role}
            named = {self.who(a.on_behalf_of or a.by) for a in mine if not a.role}
            return {plain(r) for r in step.roles} <= roles and {self.who(p) for p in step.people} <= named
        return len(people) >= (step.quorum or 1)

    def open(self, now: Mapping[str, Any], name: str) -> ApprovalStep | None:
        step = next((s for s in self.steps if s.name == name), None)
        if step is None or self.done(now, step):
            return None
        before = [s for s in self.steps if s.order < step.order]
        return step if all(self.done(now, s) for s in before) else None

    def seat_fine(self, now: Mapping[str, Any], act: e.Approved | e.Rejected) -> bool:
        sub, step = now["submission"], self.open(now, act.step)
        if sub is None or step is None or act.round != now["rounds"] or act.content != sub.content:
            return False
        actor, owner = self.who(act.by), self.who(act.on_behalf_of or act.by)
        if actor not in self.roles or owner not in self.roles:
            return False
        if actor != owner:
            day = act.at.date()
            lent = [
                d for d in now["delegations"]
                if self.who(d.giver) == owner and self.who(d.to) == actor and d.first_day <= day <= d.last_day
            ]  # fmt: skip
            if not lent:
                return False
        late = [x.to for x in now["escalated"] if x.step == step.name]
        if not step.roles and not step.people:
            return True
        if act.role:
            asked = {plain(r) for r in (*step.roles, *(x for x in late if not self.known(x)))}
            return plain(act.role) in asked and plain(act.role) in self.roles[owner]
        return owner in {self.who(p) for p in (*step.people, *(x for x in late if self.known(x)))}

    def approval_fine(self, now: Mapping[str, Any], act: e.Approved, content: str) -> bool:
        if not self.seat_fine(now, act) or act.content != content:
            return False
        pair = {self.who(act.by), self.who(act.on_behalf_of or act.by)}
        authors = now["authors"] | {self.who(now["submission"].by)}
        used = {self.who(x) for a in now["approvals"] for x in (a.by, a.on_behalf_of or a.by)}
        step = self.open(now, act.step)
        assert step is not None
        if step.mode is ApprovalMode.ALL and act.role:
            taken = {plain(a.role) for a in now["approvals"] if a.step == step.name}
            if plain(act.role) in taken:
                return False
        return not pair & authors and not pair & used

    def delegation_fine(self, now: Mapping[str, Any], event: e.ApprovalDelegated) -> bool:
        giver, to, by = self.who(event.giver), self.who(event.to), self.who(event.by)
        if giver == to or giver not in self.roles or to not in self.roles:
            return False
        if by != giver and (by not in self.namers[giver] or by == to):
            return False
        if {giver, to} & (now["authors"] | {self.who(now["submission"].by)}):
            return False
        if event.last_day < event.at.date():
            return False
        for other in now["delegations"]:
            days = {event.first_day + timedelta(n) for n in range((event.last_day - event.first_day).days + 1)}
            theirs = {other.first_day + timedelta(n) for n in range((other.last_day - other.first_day).days + 1)}
            if days & theirs and (self.who(other.to) == giver or self.who(other.giver) == to):
                return False
        return True

    def escalation_fine(self, now: Mapping[str, Any], event: e.ApprovalEscalated) -> bool:
        step = self.open(now, event.step)
        if step is None or step.within is None or plain(event.to) not in {plain(x) for x in step.escalates_to}:
            return False
        if any((x.step, x.to) == (event.step, event.to) for x in now["escalated"]):
            return False
        earlier = {s.name for s in self.steps if s.order < step.order}
        days = [a.at.date() for a in now["approvals"] if a.step in earlier] or [now["submission"].at.date()]
        last_day: date = max(days) + timedelta(days=step.within.days)
        return event.at.date() > last_day


def plain(account: str) -> str:
    """A name in small letters with single spaces, and no invisible ones."""
    return " ".join(account.replace("\u200b", "").lower().split())
