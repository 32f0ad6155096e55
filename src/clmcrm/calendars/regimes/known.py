"""Which legal regimes there are, by name and by place; callers extend them with their own.

A catalogue of regimes is a value, and travels with the calendars: who hands over a `Catalogue` of calendars
hands over the regimes in it (`regimes_of`). A regime added later wins over an earlier one of the same name,
and over nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.regimes.england_and_wales import ENGLISH_REGIMES
from clmcrm.calendars.regimes.european_union import EUROPEAN_REGIMES
from clmcrm.calendars.regimes.france import FRENCH_REGIMES
from clmcrm.calendars.regimes.germany import DE_BGB
from clmcrm.calendars.regimes.principles import PRINCIPLES
from clmcrm.calendars.regimes.record import Regime
from clmcrm.calendars.regimes.southern_europe import SOUTHERN_REGIMES
from clmcrm.calendars.regimes.united_states import US_FRCP6
from clmcrm.errors import UnknownRegime
from clmcrm.values.validators import each, instance

REGIMES: Final = (
    *EUROPEAN_REGIMES,
    DE_BGB,
    *FRENCH_REGIMES,
    US_FRCP6,
    *ENGLISH_REGIMES,
    *SOUTHERN_REGIMES,
    *PRINCIPLES,
)


@frozen
class Regimes:
    """Regimes found by name, or by the place whose contracts they count."""

    regimes: tuple[Regime, ...] = field(
        default=(), converter=tuple[Regime, ...], validator=each(instance(Regime)), repr=False
    )
    _by_name: dict[str, Regime] = field(init=False, eq=False, repr=False)
    _by_place: dict[str, Regime] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        by_name = {law.name: law for law in self.regimes}
        by_place: dict[str, Regime] = {}
        for law in by_name.values():
            # The first keeps the place: a regime derived from a country's own must not displace it unasked.
            if law.contracts_of is not None:
                _ = by_place.setdefault(law.contracts_of, law)
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_by_place", by_place)

    def named(self, name: str) -> Regime:
        """The regime of that name; raises `UnknownRegime`, listing the names there are.

        >>> BUILT_IN_REGIMES.named("DE_BGB").place
        'DE'
        """
        found = self._by_name.get(name)
        if found is None:
            raise UnknownRegime(name, self._by_name)
        return found

    def of_contracts(self, place: str) -> Regime | None:
        """The law of contracts of `place`, with or without its subdivision ("GB-ENG" as "GB"), or None.

        Rules for courts and institutions are none: they bind a contract only where a clause names them.

        >>> BUILT_IN_REGIMES.of_contracts("GB-ENG").name, BUILT_IN_REGIMES.of_contracts("US")
        ('UK_CDR', None)
        """
        return self._by_place.get(place) or self._by_place.get(place.partition("-")[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The names there are, sorted."""
        return tuple(sorted(self._by_name))

    def extended(self, *regimes: Regime) -> Regimes:
        """These and more; each wins over one of the same name.

        A place whose contracts have their law keeps it: only a regime of that law's name takes its stead.
        """
        return Regimes((*self.regimes, *regimes)) if regimes else self


BUILT_IN_REGIMES: Final = Regimes(REGIMES)


def regimes_of(source: object) -> Regimes:
    """The regimes that a source of calendars brings with it, as its attribute `regimes`.

    The built-in ones where it brings none, or is None: a host's own source of calendars need not know of
    regimes at all.

    >>> regimes_of(None) is BUILT_IN_REGIMES
    True
    """
    # A runtime protocol would say the same and cost thirty microseconds at every question.
    brought = getattr(source, "regimes", None)
    return brought if isinstance(brought, Regimes) else BUILT_IN_REGIMES


def regime(name: str, more: Iterable[Regime] = ()) -> Regime:
    """The regime of that name; `more` are the caller's own, which win over a built-in of the same name.

    Raises `UnknownRegime`, listing the names there are.

    >>> regime("DE_BGB").backward.rule.citation
    'BGH III ZR 172/04 (17.2.2005); BGB § 193 not applied'
    """
    return BUILT_IN_REGIMES.extended(*more).named(name)
