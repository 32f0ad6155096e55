"""How much is at stake with whom: by counterparty or group, by currency, on a day, in one currency.

Two measures, never mixed: what recurs per year, and what is still owed until one could get out. One-off
lines are in neither figure of a year. Amounts are converted at a dated rate; what has no rate is left out by
name and never added at par.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.calendars.months import add_days
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.hindsight import as_known
from clmcrm.clm.lifecycle import StageOn, stage_of
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.norms.contract_life import known_by
from clmcrm.clm.notice import end_after_notice, last_day_in_force
from clmcrm.clm.prices.in_force import annual_recurring_value
from clmcrm.clm.stage_words import stage_name
from clmcrm.clm.stages import ACTIVE, Phase
from clmcrm.clm.versions import as_amended
from clmcrm.errors import RateMissing
from clmcrm.parties.hierarchy import Hierarchy
from clmcrm.values.conversion import no_rate_words
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.days import check_days
from clmcrm.values.exact import exact_money
from clmcrm.values.figures import Figure, FigureDefinition, LeftOut
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.wording import Wording
from clmcrm.values.yearly import years_in

_YEAR: Final = 365
_UNIT: Final = Wording("amount in the currency asked for", "montant dans la devise demandée")
_PERIOD: Final = Wording(
    "contracts in effect on the day asked about, at the rates of that day",
    "contrats en vigueur au jour demandé, aux taux de ce jour",
)
_MISSING: Final = Wording(
    "a contract not in effect, without a counterparty, without a value or without a rate is left out and named",
    "un contrat qui n'est pas en vigueur, sans cocontractant, sans valeur ou sans taux est écarté et cité",
)


class Measure(StrEnum):
    """What is counted: what recurs per YEAR, or what is still COMMITTED until one could get out."""

    YEAR = "annual recurring value in force"
    COMMITTED = "committed value"


YEARLY_EXPOSURE: Final = FigureDefinition(
    name=Wording(Measure.YEAR.value, "valeur récurrente annuelle en vigueur"),
    formula=Wording(
        "sum over contracts in effect of each recurring line's amount per year",
        "somme, sur les contrats en vigueur, du montant annuel de chaque ligne récurrente",
    ),
    population=Wording(
        "contracts in effect with a recurring line in force", "contrats en vigueur avec une ligne récurrente en cours"
    ),
    unit=_UNIT,
    period=_PERIOD,
    missing=_MISSING,
    additive=True,
)

COMMITTED_EXPOSURE: Final = FigureDefinition(
    name=Wording(Measure.COMMITTED.value, "valeur engagée"),
    formula=Wording(
        "sum of yearly amount x days after the day until the end that a notice given on it reaches / 365, "
        "and of one-off lines still to come",
        "somme du montant annuel x jours restants jusqu'à la fin qu'atteint un préavis donné ce jour / 365, "
        "et des lignes ponctuelles à venir",
    ),
    population=Wording("contracts in effect with something still owed", "contrats en vigueur où il reste dû"),
    unit=_UNIT,
    period=_PERIOD,
    missing=Wording(
        f"{_MISSING.en}; so is one whose earliest end is not known",
        f"{_MISSING.fr} ; de même si sa première fin possible est inconnue",
    ),
    additive=True,
)

EXPOSURE_FIGURES: Final = (YEARLY_EXPOSURE, COMMITTED_EXPOSURE)
"""The two measures of exposure."""

_DEFINITIONS: Final = {Measure.YEAR: YEARLY_EXPOSURE, Measure.COMMITTED: COMMITTED_EXPOSURE}


@frozen(kw_only=True)
class Exposure:
    """What is at stake with one counterparty (the head of its group, where groups are asked for).

    `contracts` is how many contracts it comes from, `members` the accounts they are with.
    """

    counterparty: AccountId
    value: Money
    contracts: int
    members: tuple[AccountId, ...] = ()


@frozen(kw_only=True)
class CurrencyExposure:
    """What is at stake in one currency: `original` in it, and the same as `converted`; how many contracts."""

    original: Money
    converted: Money
    contracts: int


@frozen(kw_only=True)
class Exposures:
    """The exposures, largest first, and their sum as a `Figure` that names what it leaves out.

    `by_currency` are the same contracts by the currency of their lines, by code.
    """

    by_counterparty: tuple[Exposure, ...]
    whole: Figure
    by_currency: tuple[CurrencyExposure, ...] = ()


@frozen(kw_only=True)
class _Found:
    """One contract's part: who, and each amount as it stands and as converted."""

    counterparty: AccountId
    member: AccountId
    amounts: tuple[tuple[Money, Money], ...]
    rates: tuple[Rate, ...] = field(factory=tuple)


def exposure(
    contracts: Iterable[Contract],
    as_of: date,
    rates: RateTable,
    into: str | Currency,
    *,
    groups: Hierarchy[AccountId] | None = None,
    measure: Measure = Measure.YEAR,
    calendars: CalendarSource | None = None,
) -> Exposures:
    """What is at stake in contracts in effect on `as_of`, per counterparty, in the currency `into`.

    What was recorded after `as_of` does not count, an amendment that reaches back among it.
    `groups` puts the accounts of a group together under its head (None: each by itself). Each amount is
    converted at the latest rate on or before `as_of`. `calendars` serve the COMMITTED measure, which asks how
    soon one could get out. Raises `InvalidRecord` for a circle in `groups`.

    >>> exposure([], date(2026, 1, 1), RateTable([]), "EUR").whole.value
    Money('0.00', 'EUR')
    """
    check_days("exposure", as_of=as_of)
    unit = currency(into)
    asked = _Asked(as_of=as_of, rates=rates, unit=unit, groups=groups, measure=measure, calendars=calendars)
    found: list[_Found] = []
    left_out: list[LeftOut] = []
    for contract in contracts:
        part = _part(contract, asked)
        if isinstance(part, _Found):
            found.append(part)
        else:
            why = part if isinstance(part, Wording) else None
            reason = part.en if isinstance(part, Wording) else part.reason
            left_out.append(LeftOut(record=str(contract), reason=reason, why=why))
    rows = _by_counterparty(found, unit)
    value = total((row.value for row in rows), unit)
    used = [rate for part in found for rate in part.rates]
    whole = _DEFINITIONS[measure].result(value, unit.code, len(found), left_out, used)
    return Exposures(by_counterparty=rows, whole=whole, by_currency=_by_currency(found, unit))


def exposure_by_day(
    contracts: Iterable[Contract],
    days: Iterable[date],
    rates: RateTable,
    into: str | Currency,
    *,
    groups: Hierarchy[AccountId] | None = None,
    measure: Measure = Measure.YEAR,
    calendars: CalendarSource | None = None,
) -> dict[date, Exposures]:
    """The exposures of each of `days`, each at its own day's rates and by what was recorded until then.

    >>> exposure_by_day([], [date(2026, 1, 1)], RateTable([]), "EUR")[date(2026, 1, 1)].by_currency
    ()
    """
    known = tuple(contracts)
    return {day: exposure(known, day, rates, into, groups=groups, measure=measure, calendars=calendars) for day in days}


@frozen(kw_only=True)
class _Asked:
    """What is asked of each contract."""

    as_of: date
    rates: RateTable
    unit: Currency
    groups: Hierarchy[AccountId] | None
    measure: Measure
    calendars: CalendarSource | None


_NO_LINE: Final = Wording("no recurring line in force", "aucune ligne récurrente en cours")
_NOTHING_OWED: Final = Wording("nothing is owed any more", "plus rien n'est dû")
_NO_COUNTERPARTY: Final = Wording("its counterparty is not known", "son cocontractant n'est pas connu")


def _part(contract: Contract, asked: _Asked) -> _Found | Wording | Unknown:
    """The contract's part by what was recorded until the day, or why it has none."""
    contract = known_by(contract, asked.as_of)
    stage = stage_of(contract, asked.as_of)
    if stage.stage not in ACTIVE:
        return _not_in_effect(stage)
    parts = _amounts(contract, asked)
    if isinstance(parts, Unknown):
        return parts
    if not parts:
        return _NO_LINE if asked.measure is Measure.YEAR else _NOTHING_OWED
    member = counterparty_on(contract, asked.as_of)
    if member is None:
        return _NO_COUNTERPARTY
    try:
        answers = [(part, asked.rates.convert(part, asked.unit, asked.as_of)) for part in parts]
    except RateMissing as missing:
        return no_rate_words(missing)
    return _Found(
        counterparty=member if asked.groups is None else asked.groups.root(member),
        member=member,
        amounts=tuple((part, answer.money) for part, answer in answers),
        rates=tuple(answer.rate for _, answer in answers if answer.rate is not None),
    )


def _not_in_effect(found: StageOn) -> Wording | Unknown:
    if found.stage.phase is Phase.UNKNOWN:
        return Unknown(f"its stage is not known: {found.why}")
    named = stage_name(found.stage)
    return Wording(f"not in effect: {named.en}", f"pas en vigueur : {named.fr}")


def _amounts(contract: Contract, asked: _Asked) -> tuple[Money, ...] | Unknown:
    if asked.measure is Measure.YEAR:
        return annual_recurring_value(contract, asked.as_of)
    return _committed(contract, asked.as_of, asked.calendars)


def _committed(contract: Contract, as_of: date, calendars: CalendarSource | None) -> tuple[Money, ...] | Unknown:
    """What is owed after `as_of` until the earliest end one could bring about, one sum per currency."""
    end = last_day_in_force(contract, as_of, calendars)
    reached = end_after_notice(as_known(contract, as_of), as_of, calendars)
    if isinstance(reached, date):
        end = min(reached, end) if isinstance(end, date) else reached
    if not isinstance(end, date):
        why = next((fact.reason for fact in (end, reached) if isinstance(fact, Unknown)), "no end can be brought about")
        return Unknown(f"its earliest end is not known: {why}")
    owed = [_owed(line, as_of, end) for line in as_amended(contract, as_of).lines]
    codes = sorted({amount.currency.code for amount in owed if amount.amount})
    return tuple(total((a for a in owed if a.currency.code == code), code) for code in codes)


def _owed(line: ContractLine, as_of: date, end: date) -> Money:
    nothing = Money(0, line.price.currency)
    if line.recurrence is None:
        to_come = line.first_day is not None and as_of < line.first_day <= end
        return line.amount if to_come else nothing
    last = end if line.last_day is None else min(end, line.last_day)
    before = as_of if line.first_day is None else max(as_of, add_days(line.first_day, -1))
    days = (last - before).days
    if days <= 0:
        return nothing
    # Rounding the year first would round twice, and over ten years by some cents.
    yearly = Fraction(line.amount.amount) / years_in(line.recurrence)
    return exact_money(yearly * Fraction(days, _YEAR), line.price.currency)


def _by_counterparty(found: Iterable[_Found], unit: Currency) -> tuple[Exposure, ...]:
    parts: dict[AccountId, list[_Found]] = {}
    for part in found:
        parts.setdefault(part.counterparty, []).append(part)
    rows = [
        Exposure(
            counterparty=counterparty,
            value=total((money for part in mine for _, money in part.amounts), unit),
            contracts=len(mine),
            members=tuple(sorted({part.member for part in mine})),
        )
        for counterparty, mine in parts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-Fraction(row.value.amount), row.counterparty)))


def _by_currency(found: Iterable[_Found], unit: Currency) -> tuple[CurrencyExposure, ...]:
    amounts: dict[str, list[tuple[Money, Money]]] = {}
    for part in found:
        for original, converted in part.amounts:
            amounts.setdefault(original.currency.code, []).append((original, converted))
    return tuple(
        CurrencyExposure(
            original=total((one for one, _ in pairs), code),
            converted=total((other for _, other in pairs), unit),
            contracts=len(pairs),
        )
        for code, pairs in sorted(amounts.items())
    )
