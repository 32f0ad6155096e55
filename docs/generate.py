"""Writes the pictures of the reference pages from the tables they show: run it after changing one.

`python docs/generate.py` writes; a test compares, so that no picture can grow stale.
"""

from __future__ import annotations

from pathlib import Path

from clmcrm.clm.diagram import to_mermaid
from clmcrm.report.lifecycle_picture import lifecycle_picture

REFERENCE = Path(__file__).parent / "reference"


def generated() -> dict[str, str]:
    """The text of every generated file by its name."""
    return {"lifecycle.svg": f"{lifecycle_picture()}\n", "lifecycle.mmd": to_mermaid()}


if __name__ == "__main__":
    for name, text in generated().items():
        path = REFERENCE / name
        _ = path.write_text(text, encoding="utf-8", newline="\n")
        print(path)
