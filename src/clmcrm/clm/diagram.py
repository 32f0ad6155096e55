"""A lifecycle as text that draws itself: Mermaid and DOT, generated from the chart and nothing else."""

from __future__ import annotations

from itertools import pairwise

from clmcrm.clm.charts import Chart, Transition
from clmcrm.clm.documents import DocumentState
from clmcrm.clm.regions import CRM_ROWS, DATA_ROWS, CrmRegion, DataRegion, RegionRow
from clmcrm.clm.stages import AnyStage, Phase, Stage, in_order
from clmcrm.clm.transitions import LIFECYCLE


def edges(chart: Chart = LIFECYCLE) -> tuple[tuple[AnyStage, AnyStage, str], ...]:
    """Every move of the chart as (from, to, label), in the chart's order, stages in theirs.

    A stage that nothing leads to in this chart is left out: it is one of another kind of contract.
    """
    reached = _reached(chart)
    return tuple(
        (source, row.target or source, _label(row))
        for row in chart.rows
        for source in in_order(row.sources)
        if source in reached
    )


def _reached(chart: Chart) -> frozenset[AnyStage]:
    found: set[AnyStage] = {Stage.NEW, Stage.UNKNOWN}  # not known is where a missing date leads
    while True:
        more = {row.target for row in chart.rows if row.target is not None and row.sources & found} - found
        if not more:
            return frozenset(found)
        found |= more


def regions_mermaid() -> str:
    """The regions beside the stage as one Mermaid diagram: the document, the data, the tie to the CRM.

    >>> regions_mermaid().splitlines()[2]
    '        [*] --> draft: first document'
    """
    states = list(DocumentState)
    document = ["[*] --> draft: first document"]
    document += [f"{a.value} --> {b.value}: furthest document" for a, b in pairwise(states)]
    data = [f"[*] --> {DataRegion.UNREVIEWED.value}", *_moves(DATA_ROWS)]
    tie = [f"[*] --> {CrmRegion.UNLINKED.value}", f"[*] --> {CrmRegion.LINKED.value}: an opportunity is named"]
    lines = ["stateDiagram-v2"]
    for name, moves in (("document", document), ("data", data), ("crm", [*tie, *_moves(CRM_ROWS)])):
        lines += [f"    state {name} {{", *(f"        {move}" for move in moves), "    }"]
    return "\n".join(lines) + "\n"


def _moves(rows: tuple[RegionRow, ...]) -> list[str]:
    return [
        f"{source.value} --> {row.target.value}: {row.cause.__name__}{f' [{row.condition}]' if row.condition else ''}"
        for row in rows
        for source in sorted(row.sources)
    ]


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
