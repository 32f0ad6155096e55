"""The lifecycle as text that draws itself: Mermaid and DOT, generated from the table and nothing else."""

from __future__ import annotations

from clmcrm.clm.charts import Consequence, Transition
from clmcrm.clm.stages import Stage
from clmcrm.clm.transitions import TRANSITIONS


def edges() -> tuple[tuple[Stage, Stage, str], ...]:
    """Every move of the table as (from, to, label), in the table's order, stages in theirs."""
    order = list(Stage)
    return tuple(
        (source, row.target or source, _label(row))
        for row in TRANSITIONS
        for source in sorted(row.sources, key=order.index)
    )


def to_mermaid() -> str:
    """The table as a Mermaid state diagram.

    >>> to_mermaid().splitlines()[:2]
    ['stateDiagram-v2', '    [*] --> draft: Requested [parties known]']
    """
    lines = ["stateDiagram-v2"]
    for source, target, label in edges():
        start = "[*]" if source is Stage.NEW else source.value
        lines.append(f"    {start} --> {target.value}: {label}")
    lines.append(f"    {Stage.ARCHIVED.value} --> [*]")
    return "\n".join(lines) + "\n"


def to_dot() -> str:
    """The table as a Graphviz digraph; what follows from facts or the date is dashed."""
    automatic = {_label(row) for row in TRANSITIONS if isinstance(row.cause, Consequence)}
    lines = ["digraph contract_lifecycle {", "    rankdir=LR;", "    node [shape=box, style=rounded];"]
    for source, target, label in edges():
        style = ", style=dashed" if label in automatic else ""
        lines.append(f'    {source.value} -> {target.value} [label="{label}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _label(row: Transition) -> str:
    guards = ", ".join(guard.__name__.replace("_", " ") for guard in row.guards)
    return f"{row.label} [{guards}]" if guards else row.label
