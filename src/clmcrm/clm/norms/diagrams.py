"""The two charts as text that draws itself: Mermaid and DOT, generated from the tables and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from clmcrm.clm.norms.obligation_chart import OBLIGATION_CHART, RESTING, ObligationState
from clmcrm.clm.norms.power_chart import POWER_CHART, PowerCause, PowerState, power_move_for

Edge: TypeAlias = tuple[str, str, str]


def obligation_edges() -> tuple[Edge, ...]:
    """Every move of an obligation as (from, to, label), in the table's order."""
    order = list(ObligationState)
    return tuple(
        (source.value, target.value, _label(row.cause.value, row.guard))
        for row in OBLIGATION_CHART
        for source in sorted(row.sources, key=order.index)
        for target in ([row.target] if row.target else sorted(RESTING, key=order.index))
    )


def power_edges() -> tuple[Edge, ...]:
    """Every move of a power as (from, to, label), in the table's order."""
    order = list(PowerState)
    resting = [state for state in order if power_move_for(state, PowerCause.SUSPENDED)]
    return tuple(
        (source.value, target.value, _label(row.cause.value, row.guard))
        for row in POWER_CHART
        for source in sorted(row.sources, key=order.index)
        for target in ([row.target] if row.target else resting)
    )


def obligation_mermaid() -> str:
    """The obligation's table as a Mermaid state diagram.

    >>> obligation_mermaid().splitlines()[:2]
    ['stateDiagram-v2', '    [*] --> proposed: extracted by a reader']
    """
    starts = (("proposed", "extracted by a reader"), ("pending", "written by a person"))
    return _mermaid(starts, obligation_edges())


def power_mermaid() -> str:
    """The power's table as a Mermaid state diagram."""
    return _mermaid((("dormant", "agreed"),), power_edges())


def obligation_dot() -> str:
    """The obligation's table as a Graphviz digraph."""
    return _dot("obligation", obligation_edges())


def power_dot() -> str:
    """The power's table as a Graphviz digraph."""
    return _dot("power", power_edges())


def _mermaid(starts: Iterable[tuple[str, str]], edges: Iterable[Edge]) -> str:
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {state}: {label}" for state, label in starts]
    lines += [f"    {source} --> {target}: {label}" for source, target, label in edges]
    return "\n".join(lines) + "\n"


def _dot(name: str, edges: Iterable[Edge]) -> str:
    lines = [f"digraph {name} {{", "    rankdir=LR;", "    node [shape=box, style=rounded];"]
    lines += [f'    {source} -> {target} [label="{label}"];' for source, target, label in edges]
    return "\n".join([*lines, "}"]) + "\n"


def _label(cause: str, guard: str) -> str:
    # A colon or a semicolon would end the label of a Mermaid line.
    return f"{cause} [{guard}]".replace(";", ",") if guard else cause
