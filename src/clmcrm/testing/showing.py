"""Checks of values: what is written is shown again, character by character and digit by digit."""

from __future__ import annotations

import pytest

from clmcrm.codec.canonical import check_json
from clmcrm.ports.records import Outcome, Result
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import same
from clmcrm.testing.scene import Scene, shows

TEXTS = {
    "accents": "Société Générale d'Équipement",
    "scripts": "株式会社 Ελλάς Ωμέγα Україна",
    "right_to_left": "شركة العقود",
    "emoji": "contract 📜👩‍⚖️",
    "quotes": """O'Neill & "Sons" \\ <b>""",
    "markup": "{{7*7}} ${x} %s %(a)s",
    "formula": "=1+1",
    "sql": "x'); DROP TABLE accounts;--",
    "lines": "first line\nsecond line\ttab",
    "number_like": "0012.50",
    "date_like": "2026-05-07",
    "word_like": "null",
    "combining": "e\u0301 is not é",
    "long": "x" * 200,
    "blanks": "two  blanks, and one\u00a0that keeps words together",
}


class ShowingChecks(SuiteBase):
    """A value goes in and comes out unchanged."""

    @pytest.mark.parametrize("name", sorted(TEXTS))
    def test_a_text_comes_back_as_it_was(self, scene: Scene, name: str) -> None:
        """No character is lost, escaped or interpreted."""
        fields = {**scene.sample(scene.kind, 1), **scene.renamed(TEXTS[name])}
        outcome = scene.entered(1, fields)
        if not _refused_aloud(name, outcome):
            same(outcome.result, Result.DONE, f"the outcome of a creation ({outcome.why})")
            shows(scene.now(outcome.key), scene.renamed(TEXTS[name]), f"a text with {name} comes back")

    @pytest.mark.parametrize("name", sorted(TEXTS))
    def test_an_updated_text_comes_back_as_it_was(self, scene: Scene, name: str) -> None:
        """By the way of an update as by the way of a creation."""
        made = scene.made(1)
        outcome = scene.altered(made, scene.renamed(TEXTS[name]))
        if not _refused_aloud(name, outcome):
            same(outcome.result, Result.DONE, f"the outcome of an update ({outcome.why})")
            shows(scene.now(made.key), scene.renamed(TEXTS[name]), f"a text with {name} comes back")

    def test_every_shown_value_is_canonical(self, scene: Scene) -> None:
        """JSON without floats, wherever a record is shown."""
        _ = scene.made(1)
        for seen in scene.pull().seen:
            check_json(dict(seen.fields))

    def test_every_way_of_looking_shows_the_same(self, scene: Scene) -> None:
        """Read, found by its mark, and told by the feed."""
        made = scene.made(1)
        same(scene.pull().of(made.key), made, "the record as the feed tells it")
        if scene.adapter.capabilities.marks:
            same(scene.find(1), made, "the record as its mark finds it")


def _refused_aloud(name: str, outcome: Outcome) -> bool:
    """Whether a field of one line said that it takes no more: honest, where bending the text would not be."""
    return name == "lines" and outcome.result is Result.REFUSED and bool(outcome.why)
