"""The one registry of figures: each name once, with its formula, population, unit, period and missing facts.

A result (`Figure`) carries the name under which its definition stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clmcrm.analytics.exposure import EXPOSURE_FIGURES
from clmcrm.clm.figure_definitions import CONTRACT_FIGURES
from clmcrm.crm.figure_definitions import SALES_FIGURES
from clmcrm.crm.marketing_figures import MARKETING_FIGURES
from clmcrm.crm.satisfaction import SERVICE_FIGURES
from clmcrm.errors import InvalidRecord
from clmcrm.values.figures import Figure, FigureDefinition

WINGS: Final[Mapping[str, tuple[FigureDefinition, ...]]] = MappingProxyType(
    {
        "sales": SALES_FIGURES,
        "marketing": MARKETING_FIGURES,
        "service": SERVICE_FIGURES,
        "contracts": CONTRACT_FIGURES,
        "both": EXPOSURE_FIGURES,
    }
)
"""The definitions by the part of the house they come from, in the order of the reference page."""

FIGURES: Final[Mapping[str, FigureDefinition]] = MappingProxyType(
    {definition.key: definition for wing in WINGS.values() for definition in wing}
)
"""Every figure by its English name."""


def definition_of(figure: Figure) -> FigureDefinition:
    """What `figure` means, in both languages.

    Raises `InvalidRecord` for a figure that is not in the registry (a host's own).

    >>> from clmcrm.crm.kpis import win_rate
    >>> from clmcrm.values.span import Span
    >>> from datetime import date
    >>> definition_of(win_rate([], Span(date(2026, 1, 1)))).name.fr
    'taux de gain'
    """
    found = FIGURES.get(figure.name)
    if found is None:
        raise InvalidRecord("Figure", "name", figure.name, "a name in the registry of figures")
    return found
