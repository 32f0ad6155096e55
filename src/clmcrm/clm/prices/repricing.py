"""New prices for the lines of a contract: only what recurs and is in force on the day is touched.

The rule of the file: a one-off line is never revised, nor is one that has ended (github.com/OCA/contract
issue 467 revised both); every line is answered for, with the reason when its price stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from attrs import frozen

from clmcrm.clm.amendments import LineChange
from clmcrm.clm.contract import Contract
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.versions import as_amended
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.wording import Step, Wording


@frozen(kw_only=True)
class Repriced:
    """What becomes of the price of `line`: the new one, `Unknown` with the reason, or None where it stays.

    `step` says why, in words.
    """

    line: ContractLine
    price: UnitPrice | Unknown | None
    step: Step

    @property
    def change(self) -> LineChange | None:
        """The change as an amendment writes it; None where there is nothing to write."""
        if not isinstance(self.price, UnitPrice) or self.price == self.line.price:
            return None
        return LineChange(line=self.line.id, price=self.price)


def repriced(
    contract: Contract, day: date, reprice: Callable[[ContractLine], UnitPrice | Unknown]
) -> tuple[Repriced, ...]:
    """Every line of the contract as it stands on `day`, with its new price by `reprice` where it is revised.

    Amendments in force on `day` are applied; the lines keep their order.
    """
    return tuple(_repriced(line, day, reprice) for line in as_amended(contract, day).lines)


def _repriced(line: ContractLine, day: date, reprice: Callable[[ContractLine], UnitPrice | Unknown]) -> Repriced:
    stays = _why_it_stays(line, day)
    if stays is not None:
        return Repriced(line=line, price=None, step=Step(day, stays))
    price = reprice(line)
    if isinstance(price, Unknown):
        said = Wording(f"not known: {price.reason}", f"inconnu : {price.reason}")
    else:
        said = Wording(f"{line.price} becomes {price}", f"{line.price} devient {price}")
    return Repriced(line=line, price=price, step=Step(day, said))


def _why_it_stays(line: ContractLine, day: date) -> Wording | None:
    if line.recurrence is None:
        return Wording("one-off: never revised", "ponctuelle : jamais révisée")
    if line.last_day is not None and line.last_day < day:
        return Wording(f"ended on {line.last_day}: not revised", f"finie le {line.last_day} : non révisée")
    if line.first_day is not None and day < line.first_day:
        return Wording(f"begins on {line.first_day}: not revised yet", f"commence le {line.first_day} : pas encore")
    return None
