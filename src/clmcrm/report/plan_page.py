"""A plan as people read it before they say yes: tables for a terminal, one HTML page, and plain data.

The rule of the file: every row says what each side has, what it becomes, whose value wins and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import takewhile
from typing import Final

from attrs import frozen

from clmcrm.codec.canonical import canonical_text
from clmcrm.ports.records import Fields, Json
from clmcrm.report.markup import Markup, joined, prose, stylesheet, tag
from clmcrm.report.page_css import PAGE_CSS
from clmcrm.report.phrases import short_day
from clmcrm.report.plan_phrases import OPS, plan_phrase, reason, refusal_words, winner
from clmcrm.report.sections import Card, Cell, Section, Tone, section, table_html
from clmcrm.report.style import root_css
from clmcrm.sync.merge import ABSENT, Value
from clmcrm.sync.steps import FieldChange, Op, Plan, Step
from clmcrm.values.problems import Problem
from clmcrm.values.wording import Language

_LONGEST: Final = 60
_LEAD: Final = 20
_LEAST: Final = 2
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


@frozen(kw_only=True)
class PlanShown:
    """A plan and what is shown with it.

    `problems` are data that could not be understood, `percent` stands in for each kind's guard (None: as
    the rules say), `title` names a page of its own purpose (None: a sync's).
    """

    plan: Plan
    as_of: date
    problems: tuple[Problem, ...] = ()
    percent: int | None = None
    title: str | None = None


def plan_sections(shown: PlanShown, language: Language = "en") -> tuple[Section, ...]:
    """The tables of the plan that have a row, the writes always among them."""
    todo = shown.plan
    parts = (_writes(todo, language), _conflicts(todo, language), _notes(todo, language), _problems(shown, language))
    return tuple(part for place, part in enumerate(parts) if part.rows or place == 0)


def plan_cards(shown: PlanShown, language: Language = "en") -> tuple[Card, ...]:
    """The figures to look at first: how much is written, replaced, archived, asked, and whether the guard passes."""
    todo = shown.plan
    remote = [step for step in todo.steps if step.op.remote]
    replaced = sum(step.side is not None and c.overwrites(step.side) for step in remote for c in step.changes)
    removed = sum(step.op is Op.REMOVE for step in remote)
    refusal = todo.refusal(shown.percent)
    counted = (
        ("records", len(remote), Tone.PLAIN),
        ("fields", sum(len(step.changes) for step in remote), Tone.PLAIN),
        ("overwritten", replaced, Tone.WARN if replaced else Tone.PLAIN),
        ("removed", removed, Tone.BAD if removed else Tone.PLAIN),
        ("decide", len(todo.conflicts), Tone.WARN if todo.conflicts else Tone.PLAIN),
    )
    cards = [Card(label=plan_phrase(key, language), value=str(count), tone=tone) for key, count, tone in counted]
    guard = plan_phrase("refused" if refusal else "allowed", language)
    tone, note = Tone.BAD if refusal else Tone.GOOD, refusal_words(refusal or "", language)
    return (*cards, Card(label=plan_phrase("guard", language), value=guard, note=note, tone=tone))


def plan_data(shown: PlanShown, language: Language = "en") -> dict[str, object]:
    """The preview as plain data: one row per field, with `wins` and `why`; the whole plan beside it."""
    todo = shown.plan
    return {
        **todo.as_fields(),
        "as_of": str(shown.as_of),
        "preview": [
            dict(_field_data(todo, step, change, language))
            for step in todo.steps
            if step.op.remote
            for change in step.changes or (None,)
        ],
        "refusal": todo.refusal(shown.percent),
        "not_understood": [str(problem) for problem in shown.problems],
    }


def render_plan(shown: PlanShown, language: Language = "en") -> str:
    """The whole page as HTML text: no script, no network; the same plan gives the same bytes."""
    title = shown.title or plan_phrase("title", language)
    parts = plan_sections(shown, language)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        "\n",
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        stylesheet(root_css(":root") + PAGE_CSS),
    )
    links = (tag("li", tag("a", part.heading, href=f"#part-{i}")) for i, part in enumerate(parts, 1))
    day = tag("time", short_day(shown.as_of, language), datetime=str(shown.as_of))
    before, _, after = plan_phrase("as_of", language, day="\0").partition("\0")
    body = tag(
        "body",
        tag("a", plan_phrase("skip", language), href="#content", class_="skip"),
        tag("header", tag("h1", title), tag("p", before, day, after, class_="as-of")),
        tag("nav", tag("ul", *links), aria_label=plan_phrase("contents", language)),
        tag(
            "main",
            tag("ul", *(_card(card) for card in plan_cards(shown, language)), class_="cards"),
            joined((_part(part, i, language) for i, part in enumerate(parts, 1)), "\n"),
            id="content",
        ),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang=language)}\n"


def shown_value(value: Value) -> str:
    """A value as a person reads it in a table: short, a text without quotes, "" when there is none.

    >>> shown_value({"amount": "10.00", "currency": "EUR"}), shown_value({"city": "Douai", "lines": ["1"]})
    ('10.00 EUR', 'city: Douai; lines: ["1"]')
    """
    if value is ABSENT or value is None:
        return ""
    if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
        text = f"{value['amount']} {value['currency']}"
    elif isinstance(value, dict) and value:
        text = "; ".join(f"{name}: {shown_value(part)}" for name, part in value.items())
    else:
        text = value if isinstance(value, str) else canonical_text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def differing(*values: Value) -> tuple[Value, ...]:
    """The values, of mappings only the parts that are not the same in all of them: what there is to decide on.

    Long texts that begin alike are shown from shortly before the place where they part.

    >>> differing({"city": "Douai", "country": "FR"}, {"city": "Lille", "country": "FR"})
    ({'city': 'Douai'}, {'city': 'Lille'})
    """
    parts = [value for value in values if isinstance(value, dict)]
    if len(parts) < _LEAST:
        return _from_where_they_part(values)
    same = {n for n, part in parts[0].items() if all(n in other and other[n] == part for other in parts)}
    return tuple(
        {n: part for n, part in value.items() if n not in same} or value if isinstance(value, dict) else value
        for value in values
    )


def _from_where_they_part(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values; texts whose difference would be cut off lose what they have in common, but for a few words."""
    texts = [value for value in values if isinstance(value, str)]
    alike = sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False)))
    if len(set(texts)) < _LEAST or alike < _LONGEST - _LEAD:
        return values
    return tuple(f"…{value[alike - _LEAD :]}" if isinstance(value, str) else value for value in values)


def _writes(todo: Plan, language: Language) -> Section:
    keys = ("record", "what", "goes_to", "field", "crm_has", "clm_has", "becomes", "wins", "why")
    rows = [row for step in todo.steps if step.op.remote for row in _step_rows(todo, step, language)]
    found = _table("writes", keys, rows, language)
    return Section(
        heading=found.heading, intro=found.intro if rows else "", columns=found.columns, rows=found.rows,
        empty=plan_phrase("nothing", language),
    )  # fmt: skip


def _step_rows(todo: Plan, step: Step, language: Language) -> Iterable[tuple[Cell | str, ...]]:
    """One row per field; a removal, which has none, is a row of its own."""
    what, where = OPS[step.op].said(language), (step.side or "").upper()
    if not step.changes:
        why = reason(step.why, language)
        yield (step.pair, Cell(what, Tone.BAD), where, "", "", "", "", "", why)
    for change in step.changes:
        replaces = step.side is not None and change.overwrites(step.side)
        crm, clm, becomes = map(shown_value, differing(change.crm, change.clm, change.value))
        yield (
            step.pair,
            what,
            where,
            change.name,
            crm,
            clm,
            Cell(becomes, Tone.WARN if replaces else Tone.PLAIN),
            winner(step, change, todo.rules).said(language),
            reason(change.why or step.why, language),
        )


def _conflicts(todo: Plan, language: Language) -> Section:
    keys = ("record", "field", "agreed", "crm_has", "clm_has", "decides", "why")
    rows = [
        (c.pair, c.name, *map(shown_value, differing(c.base, c.left, c.right)), c.decides, reason(c.why, language))
        for c in todo.conflicts
    ]
    return _table("conflicts", keys, rows, language)


def _notes(todo: Plan, language: Language) -> Section:
    keys = ("record", "field", "side", "edited_to", "stays", "why")
    rows = [
        (n.pair, n.name, n.side.value.upper(), shown_value(n.value), shown_value(n.kept), reason(n.why, language))
        for n in todo.notes
    ]
    return _table("notes", keys, rows, language)


def _problems(shown: PlanShown, language: Language) -> Section:
    rows = [(p.where, p.field, str(p.value), str(p.what)) for p in (*shown.plan.problems, *shown.problems)]
    return _table("problems", ("where", "field", "value", "why"), rows, language)


def _table(name: str, keys: tuple[str, ...], rows: Iterable[tuple[Cell | str, ...]], language: Language) -> Section:
    headings = tuple(plan_phrase(key, language) for key in keys)
    intro = plan_phrase(f"{name}_intro", language)
    return section(plan_phrase(name, language), headings, tuple(rows), intro)


def _field_data(todo: Plan, step: Step, change: FieldChange | None, language: Language) -> Fields:
    row: dict[str, Json] = {
        "record": step.pair, "kind": step.kind, "what": step.op.value,
        "goes_to": None if step.side is None else step.side.value,
    }  # fmt: skip
    if change is None:
        return {**row, "field": None, "wins": None, "why": reason(step.why, language)}
    values: Mapping[str, Json] = {k: v for k, v in change.as_fields().items() if k in ("crm", "clm")}
    becomes = None if change.value is ABSENT else change.value
    return {
        **row, **values, "field": change.name, "becomes": becomes,
        "wins": winner(step, change, todo.rules).said(language), "why": reason(change.why or step.why, language),
    }  # fmt: skip


def _part(part: Section, place: int, language: Language) -> Markup:
    intro = (tag("p", prose(part.intro, language), class_="intro"),) if part.intro else ()
    title = tag("h2", part.heading, id=f"part-{place}-heading")
    content = (title, *intro, table_html(part, language))
    return tag("section", *content, id=f"part-{place}", aria_labelledby=f"part-{place}-heading")


def _card(card: Card) -> Markup:
    note = (tag("span", card.note, class_="note"),) if card.note else ()
    name, value = tag("span", card.label, class_="name"), tag("span", card.value, class_="value")
    return tag("li", name, value, *note, class_=f"card card-{card.tone}")
