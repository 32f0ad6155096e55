"""Any sequence of turns, edits and looks, against somebody who counts minutes and keeps slips of paper."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from haggling import HATS, OTHER, OWN, PLAYBOOK, START, asked, conceded, negotiated, record
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from naive_negotiation import NaiveNegotiation

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.negotiation_entries import (
    AnyEntry,
    Commented,
    DraftSent,
    Negotiation,
    RedlineAccepted,
    RedlineRejected,
    RedlineWithdrawn,
    redlines,
    seen_by,
)
from clmcrm.clm.negotiation_standing import negotiation_standing
from clmcrm.clm.pen import holder, turn_passed, written
from clmcrm.codec.canonical import canonical_text, read_json
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import BeyondAuthority, InvalidRecord, StaleBase, TransitionNotAllowed

SIDES: Final = st.sampled_from((OWN, OTHER))
KEYS: Final = st.sampled_from(("R1", "R2", "R3"))
MAY: Final = {"ann": (0, 1), "bob": (0, 1, 2), "dan": (0, 1, 2, None), "eve": (0,)}
"""What each person may concede on payment, written down by hand."""


class Haggling(RuleBasedStateMachine):
    """Each step is tried on both; both refuse, or both go on alike."""

    def __init__(self) -> None:
        super().__init__()
        self.life: Contract = negotiated()
        self.told: Negotiation = record()
        self.naive = NaiveNegotiation()
        self.now: datetime = START

    @initialize()
    def begin(self) -> None:
        self.wait(180)

    @rule(minutes=st.integers(min_value=1, max_value=600))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.naive.pass_time(minutes)

    @rule(side=SIDES)
    def pass_the_turn(self, side: Party) -> None:
        try:
            self.life = turn_passed(self.life, self.now, "somebody", side=side)
        except TransitionNotAllowed:
            assert not self.naive.may_write(side.value)
            return
        assert self.naive.may_write(side.value)
        self.naive.owner = self.naive.last_owner = "own" if side is OTHER else "counterparty"
        self.wait(1)  # the same event twice at one instant is a repeat, and refused as one

    @rule()
    def send_for_signature(self) -> None:
        try:
            self.life = advance(self.life, e.SentForSignature(self.now, "ann"))
        except TransitionNotAllowed:
            assert self.naive.owner is None
            return
        assert self.naive.owner is not None
        self.naive.owner = None
        self.wait(1)

    @rule()
    def call_back(self) -> None:
        try:
            self.life = advance(self.life, e.SignatureWithdrawn(self.now, "ann", note="a word is wrong"))
        except TransitionNotAllowed:
            assert self.naive.owner is not None
            return
        assert self.naive.owner is None
        self.naive.owner = self.naive.last_owner
        self.wait(1)

    def try_entry(self, entry: AnyEntry, *, fine: bool) -> bool:
        before = self.told
        try:
            self.told = written(before, self.life, entry, playbook=PLAYBOOK, hats=HATS)
        except (TransitionNotAllowed, BeyondAuthority, InvalidRecord, StaleBase):
            assert not fine, entry
            assert self.told is before
            return False
        assert fine, entry
        assert self.told.entries[:-1] == before.entries
        return True

    @rule(side=SIDES, key=KEYS, version=st.one_of(st.none(), st.integers(min_value=0, max_value=2)))
    def ask(self, side: Party, key: str, version: int | None) -> None:
        fits = version is None or version == self.naive.draft
        fine = self.naive.may_write(side.value) and key not in self.naive.slips and fits
        if self.try_entry(asked(self.now, side=side, key=key, version=version), fine=fine):
            self.naive.slips[key] = [side.value, "open"]

    @rule(side=SIDES, version=st.integers(min_value=0, max_value=2))
    def send_draft(self, side: Party, version: int) -> None:
        newer = self.naive.draft is None or version > self.naive.draft
        draft = DraftSent(at=self.now, by="x", side=side, version=version, sha256="0" * 64)
        if self.try_entry(draft, fine=self.naive.may_write(side.value) and newer):
            self.naive.draft = version

    @rule(side=SIDES, key=KEYS)
    def accept(self, side: Party, key: str) -> None:
        fine = self.naive.may_write(side.value) and self.naive.open_to(side.value, key)
        fine = fine and (side is OTHER or key in self.naive.given)
        if self.try_entry(RedlineAccepted(at=self.now, by="x", side=side, redline=key), fine=fine):
            self.naive.slips[key][1] = "accepted"

    @rule(side=SIDES, key=KEYS)
    def reject(self, side: Party, key: str) -> None:
        fine = self.naive.may_write(side.value) and self.naive.open_to(side.value, key)
        if self.try_entry(RedlineRejected(at=self.now, by="x", side=side, redline=key), fine=fine):
            self.naive.slips[key][1] = "rejected"

    @rule(side=SIDES, key=KEYS)
    def withdraw(self, side: Party, key: str) -> None:
        slip = self.naive.slips.get(key)
        fine = self.naive.may_write(side.value) and slip == [side.value, "open"]
        if self.try_entry(RedlineWithdrawn(at=self.now, by="x", side=side, redline=key), fine=fine):
            self.naive.slips[key][1] = "withdrawn"

    @rule(key=KEYS, by=st.sampled_from(tuple(MAY)), position=st.sampled_from((0, 1, 2, None)))
    def concede(self, key: str, by: str, position: int | None) -> None:
        fine = self.naive.may_write("own") and key in self.naive.slips and position in MAY[by]
        if self.try_entry(conceded(position, by, redline=key, at=self.now), fine=fine):
            self.naive.given.add(key)

    @rule(side=SIDES, shared=st.booleans())
    def remark(self, side: Party, *, shared: bool) -> None:
        _ = self.try_entry(Commented(at=self.now, by="x", side=side, words="hm", shared=shared), fine=True)

    @invariant()
    def the_clocks_agree(self) -> None:
        standing = negotiation_standing(self.told, self.life, self.now)
        for side in (OWN, OTHER):
            held = standing.clocks[side].held if side in standing.clocks else timedelta()
            assert held == timedelta(minutes=self.naive.minutes[side.value])
        pen = holder(self.life, self.now)
        assert (None if pen is None else pen.value) == self.naive.owner
        assert standing.pen is pen

    @invariant()
    def the_slips_agree(self) -> None:
        assert {r.key: [r.side.value, r.state.value] for r in redlines(self.told)} == self.naive.slips

    @invariant()
    def nothing_kept_inside_is_shown(self) -> None:
        for entry in seen_by(self.told, OTHER).entries:
            assert entry.side is OTHER or not isinstance(entry, Commented) or entry.shared
            assert entry.side is OTHER or type(entry).__name__ != "Conceded"

    def teardown(self) -> None:
        again = read_json(canonical_text(to_fields(self.told)))
        assert isinstance(again, dict)
        assert from_fields(Negotiation, again) == self.told


TestHaggling = Haggling.TestCase
TestHaggling.settings = settings(stateful_step_count=30, deadline=None)
