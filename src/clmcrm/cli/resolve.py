"""`clmcrm resolve`: a person decides a conflict or a pairing; the next sync carries it out."""

from __future__ import annotations

import argparse
from typing import Final, cast

from clmcrm.cli.console import DONE, Console, Misused, system_today, utc_clock
from clmcrm.cli.decidable import check_pairing, check_value
from clmcrm.cli.deciding import Desk, desk, person, person_options, reason_option
from clmcrm.codec.canonical import read_json
from clmcrm.errors import UnreadableInput
from clmcrm.liaison.main_job import preview
from clmcrm.ports.records import Json, Side
from clmcrm.report.plan_page import shown_value
from clmcrm.sync.arbitration import Conflict, Decision, decisions_in, resolve, resolve_pairing

NAME: Final = "resolve"
HELP: Final = "decide a conflict, or which record of the other side a record belongs to"
TODAY = system_today
_SHOWN: Final = 80


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument("key", help="the conflict, as `clmcrm conflicts` names it, or a record (account:crm:A1)")
    choice = parser.add_mutually_exclusive_group(required=True)
    _ = choice.add_argument("--take", choices=[side.value for side in Side], help="that side's value holds")
    _ = choice.add_argument("--value", type=_json, metavar="JSON", help='a third value holds: "Durand", 12, null')
    _ = choice.add_argument("--pair-with", metavar="KEY", help="the record belongs to this record of the other side")
    _ = choice.add_argument("--distinct", action="store_true", help="the record belongs to none of the other side")
    person_options(parser)
    reason_option(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Keep the decision; raises `UnreadableInput` when it cannot be carried out or there is no such conflict.

    Raises `Misused` where nobody says why.
    """
    if not options.because:
        raise Misused("--because: say why: the decision is kept with its reason")
    with desk(options, console) as both:
        decision = _pairing(options, both) if options.pair_with or options.distinct else _conflict(options, both)
    console.answer(dict(decision.as_fields()))
    console.say(f"{decision.key}: {shown_value(decision.value) or 'nothing'} holds, decided by {decision.by}.")
    console.say("`clmcrm sync` shows what follows from it; --apply carries it out.")
    return DONE


def _conflict(options: argparse.Namespace, both: Desk) -> Decision:
    found = preview(both.joined).plan.conflicts
    conflict = next((each for each in found if each.key == options.key), None)
    if conflict is None:
        raise UnreadableInput(options.key, _no_such(options.key, found, both))
    if options.value is not None:
        check_value(conflict, cast("tuple[Json]", options.value)[0], both.file)
    return resolve(
        conflict,
        Side(options.take) if options.take else None,
        by=person(options),
        why=options.because,
        at=utc_clock(),
        journal=both.file.journal,
        value=None if options.take else cast("tuple[Json]", options.value)[0],
    )


def _pairing(options: argparse.Namespace, both: Desk) -> Decision:
    check_pairing(options.key, options.pair_with, both.file)
    return resolve_pairing(
        options.key, options.pair_with, by=person(options), why=options.because, at=utc_clock(),
        journal=both.file.journal,
    )  # fmt: skip


def _no_such(key: str, found: tuple[Conflict, ...], both: Desk) -> str:
    """Why there is nothing to decide under the key: it was decided already, or never asked."""
    decided = next((one for one in decisions_in(both.file.journal) if one.key == key), None)
    if decided is not None:
        what = shown_value(decided.value) or "nothing"
        return f"{decided.by} decided it already ({what}: {decided.why}); it is asked again when a side moves on"
    return f"there is no such conflict; there are: {', '.join(each.key for each in found) or 'none'}"


def _json(text: str) -> tuple[Json]:
    """The value in a tuple of one, so that null is not the absence of the option."""
    try:
        return (read_json(text, "the JSON"),)
    except UnreadableInput as refused:
        said = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        hint = 'a text is "...", and so is a number with a fraction'
        raise argparse.ArgumentTypeError(f"{said!r}: {refused}; {hint}") from None
