"""How the commands show a plan: as tables, as data, and as a page in a file."""

from __future__ import annotations

from pathlib import Path

from clmcrm.cli.console import Console
from clmcrm.errors import UnreadableInput
from clmcrm.report.phrases import labelled
from clmcrm.report.plan_page import PlanShown, plan_cards, plan_data, plan_sections, render_plan
from clmcrm.report.tables import section_table


def show_plan(shown: PlanShown, console: Console, page: Path | None = None) -> None:
    """Print the plan's tables or data, and write its page when a file is named."""
    console.answer(plan_data(shown, console.language))
    for part in plan_sections(shown, console.language):
        if part.rows:
            console.say(section_table(part, width=console.width) + "\n")
        else:
            console.say(part.empty)
    cards = plan_cards(shown, console.language)
    console.say("; ".join(labelled(card.label, card.value, console.language) for card in cards))
    if page is not None:
        write_page(page, render_plan(shown, console.language))
        console.say(f"The page: {page}")


def write_page(page: Path, text: str) -> None:
    """Write a page; raises `UnreadableInput` when it cannot be written there."""
    try:
        _ = page.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UnreadableInput(str(page), f"cannot be written ({problem.strerror})") from None
