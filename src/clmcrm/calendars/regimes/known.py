"""Which legal regimes there are, by name; callers add their own as values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from clmcrm.calendars.regimes.england_and_wales import ENGLISH_REGIMES
from clmcrm.calendars.regimes.european_union import EUROPEAN_REGIMES
from clmcrm.calendars.regimes.france import FRENCH_REGIMES
from clmcrm.calendars.regimes.germany import DE_BGB
from clmcrm.calendars.regimes.principles import PRINCIPLES
from clmcrm.calendars.regimes.record import Regime
from clmcrm.calendars.regimes.southern_europe import SOUTHERN_REGIMES
from clmcrm.calendars.regimes.united_states import US_FRCP6
from clmcrm.errors import UnknownRegime

REGIMES: Final = (
    *EUROPEAN_REGIMES,
    DE_BGB,
    *FRENCH_REGIMES,
    US_FRCP6,
    *ENGLISH_REGIMES,
    *SOUTHERN_REGIMES,
    *PRINCIPLES,
)


def regime(name: str, more: Iterable[Regime] = ()) -> Regime:
    """The regime of that name; `more` are the caller's own, which win over a built-in of the same name.

    Raises `UnknownRegime`, listing the names there are.

    >>> regime("DE_BGB").backward.rule.citation
    'BGH III ZR 172/04 (17.2.2005); BGB § 193 not applied'
    """
    there_are = {known.name: known for known in (*REGIMES, *more)}
    found = there_are.get(name)
    if found is None:
        raise UnknownRegime(name, there_are)
    return found
