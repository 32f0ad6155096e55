"""The reference page of the figures, written from the registry.

`docs/generate.py` writes it to `docs/reference/figures.md`; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from clmcrm.analytics.figures import WINGS
from clmcrm.values.figures import FigureDefinition
from clmcrm.values.wording import Language

_TITLES: Final = {
    "sales": "Sales",
    "marketing": "Marketing",
    "service": "Service",
    "contracts": "Contracts",
    "both": "Where the two wings meet",
}
_FIELDS: Final = (
    ("formula", "formula"),
    ("population", "counts"),
    ("unit", "unit"),
    ("period", "period"),
    ("missing", "missing facts"),
)
_HEAD: Final = """# Figures

Every figure of the library, written by `clmcrm.analytics.figure_reference` from the registry
`clmcrm.analytics.figures.FIGURES`. Each result is a `Figure`: its value, its unit, how many records it counts,
every record it leaves out with the reason, and the exchange rates it used. A share, a mean or a ratio of nothing is
unknown with a reason, never zero. Additive figures are numbers and sums: they sum over the parts of a partition, and a
part without anything to count is zero and says that it counts none. Shares, means and ratios do not sum. An amount is
rounded half up where it is converted; what is multiplied and divided after that is exact and rounded half up once.
"""


def figure_page() -> str:
    """The whole page in Markdown, English with the French beside it.

    >>> figure_page().splitlines()[0]
    '# Figures'
    """
    parts = [_HEAD]
    for wing, definitions in WINGS.items():
        parts.append(f"## {_TITLES[wing]}\n")
        parts.extend(_entry(definition) for definition in definitions)
    return "\n".join(parts)


def _entry(definition: FigureDefinition) -> str:
    kind = "additive" if definition.additive else "not additive"
    lines = [f"### {definition.name.en}\n", f"*{definition.name.fr}*; {kind}.\n"]
    lines += ["| | English | français |", "| --- | --- | --- |"]
    lines += [
        f"| {label} | {_said(definition, name, 'en')} | {_said(definition, name, 'fr')} |" for name, label in _FIELDS
    ]
    return "\n".join(lines) + "\n"


def _said(definition: FigureDefinition, name: str, language: Language) -> str:
    said: str = getattr(definition, name).said(language)
    return said.replace("|", "\\|")
