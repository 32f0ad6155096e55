"""Whether a person's data may be erased today: granted, refused with the reason and the day, or handed to a person.

The rule of the file: a hold beats an erasure, and so does a contract that still runs or a retention period that is
not over; what no rule speaks of is not decided here (`Unknown`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.calendars.months import add_months
from clmcrm.proof.retention import Kept, KeptBecause, LegalHold, RetentionPolicy
from clmcrm.values.days import check_days
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import NOT_STATED, Unknown, known, why_not
from clmcrm.values.source import Source
from clmcrm.values.validators import each, member, plain_date, text
from clmcrm.values.wording import Wording, day_words


class ErasureGround(StrEnum):
    """Why a person may ask for erasure: Regulation (EU) 2016/679 (GDPR), art. 17(1)."""

    NO_LONGER_NECESSARY = "GDPR art. 17(1)(a)"
    CONSENT_WITHDRAWN = "GDPR art. 17(1)(b)"
    OBJECTION = "GDPR art. 17(1)(c)"
    UNLAWFUL = "GDPR art. 17(1)(d)"
    LEGAL_DUTY = "GDPR art. 17(1)(e)"
    CHILD = "GDPR art. 17(1)(f)"


@frozen(kw_only=True)
class ErasureRequest:
    """A person asked on `asked_on` to be erased, on a ground.

    `subject` is a reference of the host's (never written into a log); `names` are the texts that name the
    person: the full name in each order, e-mail addresses, telephone numbers. A text that contains one of
    them, capitals aside, is taken to be about the person.
    """

    subject: str = field(validator=text)
    names: tuple[str, ...] = field(validator=each(text), repr=False)
    asked_on: date = field(validator=plain_date)
    ground: ErasureGround = field(validator=member(ErasureGround))

    @property
    def answer_by(self) -> date:
        """One month after the request (GDPR art. 12(3)), without an extension and without a roll."""
        return add_months(self.asked_on, 1)


@frozen(kw_only=True)
class Granted:
    """The person's data in `contracts` may be erased from `on` on."""

    request: ErasureRequest
    contracts: tuple[ContractId, ...]
    on: date


@frozen(kw_only=True)
class Refused:
    """The person's data stay for now: why, by which article, and until which day (None: not foreseeable).

    `until` is the last day they are kept; `source` the retention rule's text (None: no rule but a hold, or
    a contract that still runs).
    """

    request: ErasureRequest
    contract: ContractId
    reason: Wording
    because: KeptBecause
    until: date | None
    source: Source | None = None


def decide_erasure(
    request: ErasureRequest,
    kept: Iterable[Kept],
    policy: RetentionPolicy,
    holds: Iterable[LegalHold],
    as_of: date,
) -> Granted | Refused | Unknown:
    """Whether the person's data in the `kept` records may be erased on `as_of`.

    A hold decides first, then a contract that still runs, then the longest retention. `Unknown` names the
    record that no rule speaks of, or whose end is not known: a person decides. A request is about records
    that exist; with none, nothing is granted (`Unknown`). Raises `InvalidRecord` for an `as_of` that is no day.
    """
    check_days("decide_erasure", as_of=as_of)
    records, standing = list(kept), list(holds)
    if not records:
        return Unknown("no record is named that holds the person's data")
    held = _held(request, records, standing, as_of) or _running(request, records, as_of)
    if held is not None:
        return held
    answers = [_retained(request, record, policy, as_of) for record in records]
    unsure = next((answer for answer in answers if isinstance(answer, Unknown)), None)
    if unsure is not None:
        return unsure
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    if refusals:
        return max(refusals, key=lambda refused: refused.until or date.max)
    return Granted(request=request, contracts=tuple(dict.fromkeys(r.contract for r in records)), on=as_of)


def _held(request: ErasureRequest, records: Sequence[Kept], holds: Sequence[LegalHold], as_of: date) -> Refused | None:
    for record in records:
        hold = next((hold for hold in holds if hold.binds(record.contract, as_of)), None)
        if hold is not None:
            reason = Wording(
                f"a legal hold is open on contract {record.contract}: {hold.matter}",
                f"une mesure de conservation est ouverte sur le contrat {record.contract} : {hold.matter}",
            )
            return _refused(request, record, reason, KeptBecause.LEGAL_CLAIMS)
    return None


def _running(request: ErasureRequest, records: Sequence[Kept], as_of: date) -> Refused | None:
    for record in records:
        ended_on = None if record.ended_on is None else known(record.ended_on)
        if record.ended_on is None or (ended_on is not None and ended_on > as_of):
            reason = Wording(
                f"contract {record.contract} still runs: its data are necessary to perform it",
                f"le contrat {record.contract} court encore : ses données sont nécessaires à son exécution",
            )
            return _refused(request, record, reason, KeptBecause.STILL_NECESSARY)
    return None


def _retained(request: ErasureRequest, record: Kept, policy: RetentionPolicy, as_of: date) -> Refused | Unknown | None:
    """Why the record is kept on `as_of`; None when nothing keeps it any more."""
    about = f"contract {record.contract}"
    if record.place is None:
        return Unknown(f"{about} names no governing place, so no retention rule is known to apply")
    rule = policy.rule(record.kind, record.place)
    if rule is None:
        return Unknown(f"{about}: no retention rule speaks of a {record.kind.value} in {record.place}")
    day = None if record.ended_on is None else known(record.ended_on)
    if day is None:
        return Unknown(f"{about}: its end is not known ({why_not(record.ended_on or NOT_STATED)})")
    until = rule.kept_until(day)
    if until < as_of:
        return None
    reason = Wording(
        f"{about} ended on {day_words(day)} and is kept for {rule.keep.words}, until {day_words(until)}",
        f"le contrat {record.contract} a pris fin le {day_words(day, 'fr')} et se conserve jusqu'au "
        f"{day_words(until, 'fr')}",
    )
    return _refused(request, record, reason, rule.because, until, rule.source)


def _refused(  # noqa: PLR0917 - the parts of one refusal, in the order they are told
    request: ErasureRequest,
    record: Kept,
    reason: Wording,
    because: KeptBecause,
    until: date | None = None,
    source: Source | None = None,
) -> Refused:
    return Refused(
        request=request, contract=record.contract, reason=reason, because=because, until=until, source=source
    )
