"""How long what must be kept, what is held for a dispute, and when a contract ended for these purposes.

The rule of the file: a period is counted from the end of the contract or of its calendar year, as the rule says;
that a limitation period is counted from the contract's end is our reading, since claims may arise until then.
Whether data may be erased is decided in `clmcrm.proof.erasure_requests`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.calendars.months import forward
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Canceled, Completed, Rescinded
from clmcrm.clm.hindsight import standing_events
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.stages import PRE_ACTIVE, TERMINAL, Stage
from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import NOT_STATED, DayFact, PartialDate, Unknown
from clmcrm.values.source import Authority, Source
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, instance, maybe, member, plain_date, text

ENDED: Final = TERMINAL | {Stage.ARCHIVED}
"""The stages in which a contract is over."""


class KeptBecause(StrEnum):
    """Why data may be kept against a request: GDPR art. 17."""

    STILL_NECESSARY = "GDPR art. 17(1)(a)"
    """The contract still runs: its data are necessary for what they were collected for."""

    LEGAL_OBLIGATION = "GDPR art. 17(3)(b)"
    LEGAL_CLAIMS = "GDPR art. 17(3)(e)"


class RecordKind(StrEnum):
    """What is kept, as retention rules tell it apart."""

    CONTRACT = "contract"
    DEED = "deed"
    CONSUMER_CONTRACT = "consumer_contract"
    ACCOUNTING = "accounting"


class CountedFrom(StrEnum):
    """From when a retention period runs."""

    THAT_DAY = "that_day"
    END_OF_ITS_YEAR = "end_of_its_year"


@frozen(kw_only=True)
class RetentionRule:
    """Records of `kind` in `place` (ISO 3166) are kept for `keep`, because of `because`; with its source."""

    kind: RecordKind = field(validator=member(RecordKind))
    place: str = field(validator=text)
    keep: Tenor = field(validator=instance(Tenor))
    counted_from: CountedFrom = field(default=CountedFrom.THAT_DAY, validator=member(CountedFrom))
    because: KeptBecause = field(validator=member(KeptBecause))
    source: Source = field(validator=instance(Source))

    def kept_until(self, day: date) -> date:
        """The last day on which what ended on `day` is kept."""
        start = day.replace(month=12, day=31) if self.counted_from is CountedFrom.END_OF_ITS_YEAR else day
        return forward(start, self.keep)


@frozen(kw_only=True)
class RetentionPolicy:
    """A host's retention rules; raises `InvalidRecord` for two of one kind in one place."""

    rules: tuple[RetentionRule, ...] = field(validator=each(instance(RetentionRule)))

    def __attrs_post_init__(self) -> None:
        named = Counter((rule.kind, rule.place) for rule in self.rules)
        twice = [f"{kind.value} in {place}" for (kind, place), count in sorted(named.items()) if count > 1]
        if twice:
            raise InvalidRecord("RetentionPolicy", "rules", twice, "one rule for each kind and place")

    def rule(self, kind: RecordKind, place: str) -> RetentionRule | None:
        """The rule for `kind` in `place`, its subdivision first ("US-NY", then "US"); None where there is none."""
        for where in (place, place.partition("-")[0]):
            found = next((rule for rule in self.rules if (rule.kind, rule.place) == (kind, where)), None)
            if found is not None:
                return found
        return None


@frozen(kw_only=True)
class LegalHold:
    """Nothing about `contracts` (empty: nothing at all) is erased while `matter` is open.

    It binds from `placed_on` on, up to and not including `released_on` (None: not released).

    Raises `InvalidRecord` for a hold released before it was placed: it would bind on no day.
    """

    matter: str = field(validator=text)
    contracts: tuple[ContractId, ...] = field(default=(), validator=each(text))
    placed_on: date = field(validator=plain_date)
    released_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if self.released_on is not None and self.released_on < self.placed_on:
            raise InvalidRecord("LegalHold", "released_on", self.released_on, f"{self.placed_on} or later")

    def binds(self, contract: ContractId, as_of: date) -> bool:
        """Whether it forbids an erasure in `contract` on `as_of`; raises `InvalidRecord` for what is no day."""
        check_days("LegalHold.binds", as_of=as_of)
        open_ = self.placed_on <= as_of and (self.released_on is None or as_of < self.released_on)
        return open_ and (not self.contracts or contract in self.contracts)


@frozen(kw_only=True)
class Kept:
    """A record that holds the person's data: of which kind, in which place, and the day it ended.

    `ended_on` is the day retention is counted from; None while the contract still runs. Until a day to
    come it runs, too.
    """

    contract: ContractId = field(validator=text)
    kind: RecordKind = field(default=RecordKind.CONTRACT, validator=member(RecordKind))
    place: str | None = field(default=None, validator=maybe(text))
    ended_on: DayFact | None = field(default=NOT_STATED, validator=maybe(instance(date, PartialDate, Unknown)))


def kept_of(
    contract: Contract,
    as_of: date,
    calendars: CalendarSource | None = None,
    kinds: Iterable[RecordKind] = (RecordKind.CONTRACT,),
) -> tuple[Kept, ...]:
    """The contract as retention sees it on `as_of`, once for each of the `kinds` of record it is.

    Raises `InvalidRecord` for an `as_of` that is no day.
    """
    check_days("kept_of", as_of=as_of)
    ended = _ended_on(contract, as_of, calendars)
    return tuple(
        Kept(contract=contract.id, kind=kind, place=contract.governing_place, ended_on=ended) for kind in kinds
    )


def _ended_on(contract: Contract, as_of: date, calendars: CalendarSource | None) -> DayFact | None:
    """The day it ended; None while it runs or has not begun, `Unknown` when the clauses do not say."""
    stage = stage_of(contract, as_of).stage
    if stage in PRE_ACTIVE:
        return None
    end = last_day_in_force(contract, as_of, calendars)
    given_up = any(isinstance(event, Canceled | Rescinded | Completed) for event in standing_events(contract, as_of))
    if isinstance(end, date) and end < as_of and not given_up:
        return end
    if stage in ENDED:
        # Given up, undone or fulfilled before any last day: over, at the latest, with what was last recorded.
        return max(event.at.date() for event in contract.events if event.at.date() <= as_of)
    return end if isinstance(end, Unknown) else None


def _rule(  # noqa: PLR0917 - one row of the table below
    place: str, kind: RecordKind, years: int, because: KeptBecause, citation: str, counted_from: CountedFrom
) -> RetentionRule:
    return RetentionRule(
        kind=kind,
        place=place,
        keep=Tenor(years=years),
        counted_from=counted_from,
        because=because,
        source=Source(citation=citation, authority=Authority.STATUTE),
    )


_DAY, _YEAR = CountedFrom.THAT_DAY, CountedFrom.END_OF_ITS_YEAR
_CLAIMS, _DUTY = KeptBecause.LEGAL_CLAIMS, KeptBecause.LEGAL_OBLIGATION

HOUSE_RETENTION: Final = RetentionPolicy(
    rules=tuple(
        _rule(*row)
        for row in (
            ("FR", RecordKind.CONTRACT, 5, _CLAIMS, "Code civil, art. 2224; Code de commerce, art. L110-4 I", _DAY),
            (
                "FR",
                RecordKind.CONSUMER_CONTRACT,
                10,
                _DUTY,
                "Code de la consommation, art. L213-1, D213-1 and D213-2 (concluded electronically, from 120 euros)",
                _DAY,
            ),
            ("FR", RecordKind.ACCOUNTING, 10, _DUTY, "Code de commerce, art. L123-22", _YEAR),
            ("DE", RecordKind.CONTRACT, 6, _DUTY, "HGB § 257 (1) Nr. 2 and 3, (4), (5)", _YEAR),
            ("DE", RecordKind.ACCOUNTING, 8, _DUTY, "HGB § 257 (1) Nr. 4, (4), (5) as in force from 2025-01-01", _YEAR),
            ("GB", RecordKind.CONTRACT, 6, _CLAIMS, "Limitation Act 1980, s. 5", _DAY),
            ("GB", RecordKind.DEED, 12, _CLAIMS, "Limitation Act 1980, s. 8(1)", _DAY),
            ("GB", RecordKind.ACCOUNTING, 6, _DUTY, "Finance Act 1998, Sch. 18, para. 21", _YEAR),
            ("IT", RecordKind.CONTRACT, 10, _CLAIMS, "Codice civile, art. 2946", _DAY),
            ("IT", RecordKind.ACCOUNTING, 10, _DUTY, "Codice civile, art. 2220", _YEAR),
            ("ES", RecordKind.CONTRACT, 5, _CLAIMS, "Código Civil, art. 1964(2)", _DAY),
            ("ES", RecordKind.ACCOUNTING, 6, _DUTY, "Código de Comercio, art. 30(1)", _YEAR),
        )
    )
)
"""A beginning, for the common case of a contract between businesses: a host adds its own trades and places.

Accounting records are counted from the end of the calendar year; where the financial year ends earlier, give
its last day as the day they ended. None of it is legal advice.
"""
