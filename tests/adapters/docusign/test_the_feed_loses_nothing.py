"""Whatever happens while lists are read, late and in small pages: in the end the last state of each is told."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from docusign_desk import ANN, BEN, DOCUMENT, ORIGIN, MovableClock, asked, desk_of
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.reading import facts_of
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.clm.signature import SignatureFact
from clmcrm.drivers.driver import Driver
from clmcrm.testing.vendors.docusign.envelopes import NotTheirTurn
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.serving import InProcess

LAG = timedelta(seconds=60)
ACTS = ("view", "sign", "sign second", "decline", "bounce", "hand on", "void", "correct")
STEPS = st.one_of(
    st.tuples(st.just("send")),
    st.tuples(st.sampled_from(ACTS), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 90, 400, 4_000, 400_000])),
    st.tuples(st.sampled_from(["page", "pull"])),
)


class Story:
    def __init__(self, page: int) -> None:
        self.clock = MovableClock()
        self.fake = FakeDocuSign(self.clock, lag=timedelta(seconds=59), per_hour=10**6, per_burst=10**6)
        self.esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT), page=page, audit=False, lag=LAG, overlap=LAG)
        self.run = Driver(InProcess(self.fake, ORIGIN), desk_of(self.clock, calls=10**6), sleep=lambda _: None).run
        self.cursor: str | None = None
        self.told: dict[str, tuple[SignatureFact, ...]] = {}

    def page(self) -> bool:
        touched, facts = self.run(self.esign.news(self.cursor))
        self.told |= facts
        self.cursor = touched.cursor
        return touched.more

    def act(self, name: str, number: int) -> None:
        if not self.fake.envelopes:
            return
        one = list(self.fake.envelopes.values())[number % len(self.fake.envelopes)]
        acts: dict[str, Any] = {
            "view": lambda: one.view(ANN.email), "decline": lambda: one.decline(BEN.email, "no"),
            "bounce": lambda: one.bounce(ANN.email), "hand on": lambda: one.hand_on(ANN.email, "Eve", f"e{number}@b.c"),
            "sign": lambda: one.sign(ANN.email), "sign second": lambda: one.sign(BEN.email),
            "void": lambda: one.void("no"), "correct": one.correct,
        }  # fmt: skip
        if name in ("void", "correct") and not one.is_open:
            return
        with suppress(NotTheirTurn):
            _ = acts[name]()

    def step(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("send",):
                request = asked(f"R-{len(self.fake.envelopes)}")
                assert self.run(self.esign.send(request, DOCUMENT)).ok
            case ("wait", seconds):
                self.clock.advance(timedelta(seconds=seconds))
            case ("page",):
                _ = self.page()
            case ("pull",):
                while self.page():
                    pass
            case (name, number):
                self.act(name, number)


# A void that no list shows yet when the pull begins, and an act on an envelope that the pull has just passed.
@example([("send",), ("wait", 90), ("pull",), ("void", 0), ("wait", 20), ("pull",)], 1000)
@example([("send",), ("send",), ("wait", 90), ("page",), ("view", 0), ("wait", 400), ("pull",)], 1)
@given(st.lists(STEPS, max_size=40), st.sampled_from([1, 2, 1000]))
def test_the_last_state_of_every_envelope_is_told(steps: list[tuple[Any, ...]], page: int) -> None:
    story = Story(page)
    for step in steps:
        story.step(step)
    while story.page():  # the pull that was under way
        pass
    story.clock.advance(2 * LAG)
    rounds = 0
    while story.page():
        rounds += 1
        assert rounds < 500
    for key, one in story.fake.envelopes.items():
        one.look()
        assert story.told.get(key) == facts_of(one.shown, {}), key
    # And with nothing new, nothing is told.
    story.told.clear()
    while story.page():
        pass
    assert story.told == {}
