"""A lifecycle as text that draws itself: Mermaid and DOT, generated from the chart and nothing else."""

from __future__ import annotations

from clmcrm.clm.charts import Chart, Transition
from clmcrm.clm.stages import AnyStage, Phase, Stage, in_order
from clmcrm.clm.transitions import LIFECYCLE


def edges(chart: Chart = LIFECYCLE) -> tuple[tuple[AnyStage, AnyStage, str], ...]:
    """Every move of the chart as (from, to, label), in the chart's order, stages in theirs."""
    return tuple((source, row.target or source, _label(row)) for row in chart.rows for source in in_order(row.sources))


def to_mermaid(chart: Chart = LIFECYCLE) -> str:
    """The chart as a Mermaid state diagram.

    >>> to_mermaid().splitlines()[:2]
    ['stateDiagram-v2', '    [*] --> draft: Requested [parties known]']
    """
    lines = ["stateDiagram-v2"]
    for source, target, label in edges(chart):
        start = "[*]" if source is Stage.NEW else source.value
        lines.append(f"    {start} --> {target.value}: {label}")
    lines += [f"    {stage.value} --> [*]" for stage in chart.stages if stage.phase is Phase.ARCHIVED]
    return "\n".join(lines) + "\n"


def to_dot(chart: Chart = LIFECYCLE) -> str:
    """The chart as a Graphviz digraph; what follows from facts or the date is dashed."""
    automatic = {_label(row) for row in chart.rows if row.automatic}
    lines = ["digraph contract_lifecycle {", "    rankdir=LR;", "    node [shape=box, style=rounded];"]
    for source, target, label in edges(chart):
        style = ", style=dashed" if label in automatic else ""
        lines.append(f'    {source.value} -> {target.value} [label="{label}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _label(row: Transition) -> str:
    guards = ", ".join(guard.__name__.replace("_", " ") for guard in row.guards)
    return f"{row.label} [{guards}]" if guards else row.label
