"""clmcrm joins the CRM (who might buy) and the CLM (what was promised).

`import clmcrm as cc` gives every public name, each loaded from its room on first use: `cc.Money`. Rooms
are attributes too: `cc.values`, `cc.calendars`. Nothing heavy is imported before it is needed.
"""

from typing import TYPE_CHECKING, Final

# The one place that imports by name: `__getattr__` below resolves names when they are first used (PEP 562).
from importlib import import_module  # isort: skip

__version__: Final = "0.1.0"

# Static and sorted: type checkers and editors read it without running anything. A name is added in
# three places (here, `_NAMES`, the imports for type checkers); tests/house/test_surface.py compares them.
__all__ = [
    "AdapterError",
    "AmbiguousError",
    "ClmcrmError",
    "ContradictorySchedule",
    "Converted",
    "Currency",
    "CurrencyMismatch",
    "DateRuleError",
    "Extra",
    "HolidayCalendar",
    "HolidayTable",
    "InvalidRecord",
    "JournalCorrupt",
    "MissingExtra",
    "Money",
    "OutsideCoverage",
    "PartialDate",
    "Perpetual",
    "PlanRefused",
    "Problem",
    "Provenance",
    "Rate",
    "RateMissing",
    "RateTable",
    "Ref",
    "Source",
    "Span",
    "StaleBase",
    "Step",
    "SyncError",
    "Tenor",
    "TerminalError",
    "TransientError",
    "TransitionNotAllowed",
    "UnitPrice",
    "Unknown",
    "UnknownCalendar",
    "UnknownRegime",
    "UnreadableInput",
    "Wording",
    "__version__",
    "currency",
    "is_business_day",
]

_NAMES: Final = {
    "clmcrm.errors": (
        "AdapterError AmbiguousError ClmcrmError ContradictorySchedule CurrencyMismatch DateRuleError "
        "InvalidRecord JournalCorrupt MissingExtra OutsideCoverage PlanRefused RateMissing StaleBase "
        "SyncError TerminalError TransientError TransitionNotAllowed UnknownCalendar UnknownRegime "
        "UnreadableInput"
    ),
    "clmcrm.values.currencies": "Currency currency",
    "clmcrm.values.ids": "Extra Ref",
    "clmcrm.values.money": "Money UnitPrice",
    "clmcrm.values.partial": "PartialDate Perpetual Unknown",
    "clmcrm.values.problems": "Problem",
    "clmcrm.values.provenance": "Provenance",
    "clmcrm.values.rates": "Converted Rate RateTable",
    "clmcrm.values.source": "Source",
    "clmcrm.values.span": "Span",
    "clmcrm.values.tenor": "Tenor",
    "clmcrm.values.wording": "Step Wording",
    "clmcrm.calendars.calendar": "HolidayCalendar HolidayTable is_business_day",
}
_HOME: Final = {name: module for module, names in _NAMES.items() for name in names.split()}

if TYPE_CHECKING:
    # What type checkers and editors see; at run time each name comes through `__getattr__`.
    from clmcrm import adapters as adapters
    from clmcrm import analytics as analytics
    from clmcrm import bridge as bridge
    from clmcrm import calendars as calendars
    from clmcrm import clm as clm
    from clmcrm import codec as codec
    from clmcrm import crm as crm
    from clmcrm import errors as errors
    from clmcrm import liaison as liaison
    from clmcrm import parties as parties
    from clmcrm import ports as ports
    from clmcrm import store as store
    from clmcrm import sync as sync
    from clmcrm import values as values
    from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable, is_business_day
    from clmcrm.errors import (
        AdapterError,
        AmbiguousError,
        ClmcrmError,
        ContradictorySchedule,
        CurrencyMismatch,
        DateRuleError,
        InvalidRecord,
        JournalCorrupt,
        MissingExtra,
        OutsideCoverage,
        PlanRefused,
        RateMissing,
        StaleBase,
        SyncError,
        TerminalError,
        TransientError,
        TransitionNotAllowed,
        UnknownCalendar,
        UnknownRegime,
        UnreadableInput,
    )
    from clmcrm.values.currencies import Currency, currency
    from clmcrm.values.ids import Extra, Ref
    from clmcrm.values.money import Money, UnitPrice
    from clmcrm.values.partial import PartialDate, Perpetual, Unknown
    from clmcrm.values.problems import Problem
    from clmcrm.values.provenance import Provenance
    from clmcrm.values.rates import Converted, Rate, RateTable
    from clmcrm.values.source import Source
    from clmcrm.values.span import Span
    from clmcrm.values.tenor import Tenor
    from clmcrm.values.wording import Step, Wording
else:
    # Hidden from type checkers: they would take it as leave to find any name at all.
    def __getattr__(name: str) -> object:
        """Load the public name or the room `name` on first use."""
        found = getattr(import_module(_HOME[name]), name) if name in _HOME else _room(name)
        globals()[name] = found
        return found

    def _room(name: str) -> object:
        path = f"{__name__}.{name}"
        try:
            return import_module(path)
        except ModuleNotFoundError as missing:
            if missing.name != path:
                raise
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """Every public name, loaded or not."""
    return sorted({*globals(), *__all__})
