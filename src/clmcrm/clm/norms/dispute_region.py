"""Disputes beside the chart: they may be opened and settled in every state, and move none.

While a norm is disputed nothing escalates, and remedies that are declared so are held.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from attrs import frozen

from clmcrm.clm.disputes import Dispute
from clmcrm.clm.norms.contract_life import paired
from clmcrm.clm.norms.entries import AnyEntry, DisputeOpened, DisputeSettled
from clmcrm.clm.norms.ledger import Ignored
from clmcrm.values.ids import DisputeId
from clmcrm.values.span import Span
from clmcrm.values.wording import Wording

_ONE_DAY: Final = timedelta(days=1)
_NOT_OPEN: Final = Wording("no such dispute was open", "aucun litige de ce nom n'était ouvert")


@frozen(kw_only=True)
class Contested:
    """The days on which a norm was contested in `dispute` (`span` without an end: it still is)."""

    dispute: DisputeId
    span: Span


def contested(
    norm: str, of: date | None, entries: Iterable[AnyEntry], disputes: Iterable[Dispute] = (), until: date = date.max
) -> tuple[tuple[Contested, ...], tuple[Ignored, ...]]:
    """When the norm (its occurrence `of`) was contested, by entries and by the dispute records.

    A dispute recorded without an occurrence contests all of them. What the records say of days after
    `until` is not seen. The second part are settlements of disputes that were not open.
    """
    mine = [entry for entry in entries if norm in entry.touches]
    opened = [entry for entry in mine if isinstance(entry, DisputeOpened)]
    settled = [entry for entry in mine if isinstance(entry, DisputeSettled)]
    both: list[DisputeOpened | DisputeSettled] = [*opened, *settled]
    found: list[Contested] = []
    ignored: list[Ignored] = []
    for dispute in sorted({entry.dispute for entry in both}):
        began = [entry for entry in opened if entry.dispute == dispute]
        ended = [entry for entry in settled if entry.dispute == dispute]
        over, idle = paired([(e.on, e.at) for e in began], [(e.on, e.at) for e in ended])
        ignored += [Ignored(ended[i], _NOT_OPEN) for i in idle]
        days = ((e.on, day) for e, day in zip(began, over, strict=True) if e.of is None or e.of == of)
        found += [each for first, day in days if (each := _contested(dispute, first, day)) is not None]
    for record in disputes:
        if record.obligation == norm and record.opened_on <= until:
            closed = record.closed_on if record.closed_on is not None and record.closed_on <= until else None
            each = _contested(record.id, record.opened_on, closed)
            found += [] if each is None else [each]
    return tuple(found), tuple(ignored)


def open_on(found: Iterable[Contested], day: date) -> tuple[DisputeId, ...]:
    """The disputes that contest the norm on `day`, once each, by id."""
    return tuple(sorted({each.dispute for each in found if day in each.span}))


def undisputed_from(found: Iterable[Contested], day: date) -> date | None:
    """The first day from `day` on that no dispute covers; None while one is still open."""
    for each in sorted(found, key=lambda one: one.span.first_day):
        if day in each.span:
            if each.span.last_day is None:
                return None
            day = each.span.last_day + _ONE_DAY
    return day


def _contested(dispute: DisputeId, first_day: date, over: date | None) -> Contested | None:
    if over is not None and over <= first_day:
        return None
    last_day = None if over is None else over - _ONE_DAY
    return Contested(dispute=dispute, span=Span(first_day, last_day))
