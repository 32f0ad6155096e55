"""Writes the pictures and tables of the reference pages from what they show: run it after changing one.

`python docs/generate.py` writes; a test compares, so that no picture can grow stale.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import attrs

from clmcrm.adapters.declared.keys import reference_page
from clmcrm.analytics.figure_reference import figure_page
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm.diagram import regions_mermaid, to_mermaid
from clmcrm.clm.norms.diagrams import obligation_mermaid, power_mermaid
from clmcrm.clm.transitions import CHARTS, LIFECYCLE
from clmcrm.report.lanes import timeline_of
from clmcrm.report.lifecycle_picture import lifecycle_picture
from clmcrm.report.timeline import timeline_drawing
from clmcrm.sample.company import load_company
from clmcrm.testing.adapter_table import adapter_page
from clmcrm.testing.fault_table import fault_page
from clmcrm.testing.faults.record import kept

SHOWN = 10
REFERENCE = Path(__file__).parent / "reference"


def generated() -> dict[str, str]:
    """The text of every generated file by its name."""
    return {
        "lifecycle.svg": f"{lifecycle_picture()}\n",
        "lifecycle.mmd": to_mermaid(),
        **{f"lifecycle_{chart.name}.mmd": to_mermaid(chart) for chart in CHARTS.every() if chart is not LIFECYCLE},
        "regions.mmd": regions_mermaid(),
        "obligation.mmd": obligation_mermaid(),
        "power.mmd": power_mermaid(),
        "figures.md": figure_page(),
        "described_systems.md": reference_page(),
        "adapters.md": adapter_page(json.loads((REFERENCE / "adapters.json").read_text(encoding="utf-8"))),
        "fault_runs.md": fault_page(kept(REFERENCE / "fault_runs.jsonl")),
        "timeline.svg": f"{sample_timeline()}\n",
    }


def sample_timeline() -> str:
    """The sample company's contracts whose notice deadlines come next, as the report draws them."""
    company = load_company()
    names = {account.id: account.name for account in company.accounts_clm}
    day = company.today
    whole = timeline_of(company.contracts, day, day - timedelta(days=60), day + timedelta(days=300), BUILT_IN)
    few = attrs.evolve(whole, lanes=whole.lanes[:SHOWN])
    return str(timeline_drawing(few, names, standalone=True).picture)


if __name__ == "__main__":
    for name, text in generated().items():
        path = REFERENCE / name
        _ = path.write_text(text, encoding="utf-8", newline="\n")
        print(path)
