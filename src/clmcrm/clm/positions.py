"""What a position in a negotiation asks of a contract: a condition that is read off its typed clauses.

Each condition says whether a contract meets it, which clause it was read from and what stands there; where the
contract says nothing, the answer is `Unknown` and never a guess. Lengths in different units are compared only
where every day to count from gives the same answer: a month has 28 to 31 days, three have 89 to 92.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypeAlias, TypeVar

from attrs import field, frozen

from clmcrm.calendars.months import days_in_months
from clmcrm.clm.clause import Clause
from clmcrm.clm.clauses import ClauseFact, LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.said_values import value_words
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause, TerminationRight
from clmcrm.errors import InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import count, flag, instance, maybe, member, not_negative, text
from clmcrm.values.wording import Wording

C = TypeVar("C", bound=Clause)
_YEAR: Final = Tenor(years=1)


@frozen(kw_only=True)
class Reading:
    """What a condition finds: whether it is `met`, the clause's `citation`, and what the contract `asked` for.

    `met` is an `Unknown` with the reason where the contract does not say, or says it so that it cannot be compared.
    """

    met: bool | Unknown
    asked: Wording
    citation: str = ""


@frozen(kw_only=True)
class Condition(ABC):
    """The base of every condition."""

    @abstractmethod
    def read(self, contract: Contract) -> Reading:
        """What the contract says about it, amendments not applied."""


_SILENT = Wording("nothing is stated", "rien n'est stipulé")


def _silent(what: str) -> Reading:
    return Reading(met=Unknown(f"the contract states no {what}"), asked=_SILENT)


def _first(clauses: Iterable[Clause], kind: type[C]) -> C | None:
    return next((clause for clause in clauses if isinstance(clause, kind)), None)


def _read(clause: Clause, met: bool | Unknown, asked: object) -> Reading:  # noqa: FBT001 - a reading's own answer
    return Reading(met=met, asked=value_words(asked), citation=clause.citation)


@frozen(kw_only=True)
class PaymentWithin(Condition):
    """Invoices are due within `days`; `end_of_month` allows them to run on to the end of that month."""

    days: int = field(validator=count)
    end_of_month: bool = field(default=True, validator=flag)

    def read(self, contract: Contract) -> Reading:
        """By the first payment clause."""
        clause = _first(contract.clauses, PaymentClause)
        if clause is None:
            return _silent("time of payment")
        to_end = (", end of month", ", fin de mois") if clause.end_of_month else ("", "")
        asked = Wording(f"{clause.days} days{to_end[0]}", f"{clause.days} jours{to_end[1]}")
        met = clause.days <= self.days and (self.end_of_month or not clause.end_of_month)
        return Reading(met=met, asked=asked, citation=clause.citation)


@frozen(kw_only=True)
class LiabilityWithin(Condition):
    """The liability of `of` is capped at `at_most`, or at `most_multiple` times a year's fees; or not below `at_least`.

    A cap of another shape or currency than the condition's cannot be compared, nor one by the fees of another length
    of time; a cap that states none is by a year's.
    """

    of: Party = field(default=Party.OWN, validator=member(Party))
    at_most: Money | None = field(default=None, validator=maybe(instance(Money)))
    at_least: Money | None = field(default=None, validator=maybe(instance(Money)))
    most_multiple: Decimal | None = field(default=None, validator=maybe(not_negative))
    least_multiple: Decimal | None = field(default=None, validator=maybe(not_negative))

    def __attrs_post_init__(self) -> None:
        if all(v is None for v in (self.at_most, self.at_least, self.most_multiple, self.least_multiple)):
            raise InvalidRecord("LiabilityWithin", "at_most", None, "one bound or more")

    def read(self, contract: Contract) -> Reading:
        """By the first cap of that side (or of both); without one, liability is unlimited and nothing is met."""
        caps = (c for c in contract.clauses if isinstance(c, LiabilityCap) and c.of in (self.of, Party.BOTH))
        cap = next(caps, None)
        if cap is None:
            only_lower = self.at_most is None and self.most_multiple is None
            return Reading(met=only_lower, asked=Wording("no cap: unlimited", "pas de plafond : illimitée"))
        if cap.amount is not None:
            return _read(cap, self._amount(cap.amount), cap.amount)
        multiple, per = cap.multiple or Decimal(0), cap.per or _YEAR
        asked = Wording(
            f"{multiple} times the fees of {per.said('en')}", f"{multiple} fois les redevances de {per.said('fr')}"
        )
        return Reading(met=self._multiple(multiple, per), asked=asked, citation=cap.citation)

    def _amount(self, amount: Money) -> bool | Unknown:
        bounds = [bound for bound in (self.at_most, self.at_least) if bound is not None]
        if not bounds or any(bound.currency != amount.currency for bound in bounds):
            return Unknown(f"a cap of {amount} cannot be compared with this position")
        return (self.at_most is None or amount <= self.at_most) and (self.at_least is None or amount >= self.at_least)

    def _multiple(self, multiple: Decimal, per: Tenor) -> bool | Unknown:
        if self.most_multiple is None and self.least_multiple is None:
            return Unknown("a cap in multiples of the fees cannot be compared with an amount")
        if (per.whole_months, per.loose_days) != (_YEAR.whole_months, 0):
            return Unknown(f"a cap by the fees of {per.words} cannot be compared with one by those of a year")
        return (self.most_multiple is None or multiple <= self.most_multiple) and (
            self.least_multiple is None or multiple >= self.least_multiple
        )


@frozen(kw_only=True)
class NoticeBetween(Condition):
    """The notice of non-renewal is `at_least` and `at_most` so long (None: no bound)."""

    at_least: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    at_most: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))

    def read(self, contract: Contract) -> Reading:
        """By the notice clause."""
        clause = contract.notice
        if not isinstance(clause, NoticeClause):
            return _silent("notice period")
        return _read(clause, _between(clause.length, self.at_least, self.at_most), clause.length)


@frozen(kw_only=True)
class TermBetween(Condition):
    """The initial term is `at_least` and `at_most` so long (None: no bound)."""

    at_least: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    at_most: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))

    def read(self, contract: Contract) -> Reading:
        """By the term clause's length; a term stated by its end only cannot be compared."""
        clause = contract.term
        if not isinstance(clause, TermClause) or clause.initial is None:
            return _silent("length of the initial term")
        return _read(clause, _between(clause.initial, self.at_least, self.at_most), clause.initial)


@frozen(kw_only=True)
class RenewalAmong(Condition):
    """The contract renews in one of the manners `kinds`, each time for `length_at_most` (None: any length)."""

    kinds: frozenset[RenewalKind] = field(validator=instance(frozenset))
    length_at_most: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))

    def read(self, contract: Contract) -> Reading:
        """By the renewal clause."""
        clause = contract.renewal
        if not isinstance(clause, RenewalClause):
            return _silent("renewal")
        met: bool | Unknown = clause.kind in self.kinds
        if met and clause.length is not None:
            met = _between(clause.length, None, self.length_at_most)
        return _read(clause, met, (clause.kind, clause.length) if clause.length else clause.kind)


@frozen(kw_only=True)
class GovernedBy(Condition):
    """The law of one of `places` governs (ISO 3166 codes; "US" takes in "US-NY")."""

    places: frozenset[str] = field(validator=instance(frozenset))

    def read(self, contract: Contract) -> Reading:
        """By the governing place."""
        place = contract.governing_place
        if place is None:
            return _silent("governing law")
        met = place in self.places or place.partition("-")[0] in self.places
        return Reading(met=met, asked=value_words(place))


@frozen(kw_only=True)
class NoRestriction(Condition):
    """No restriction of `kind` binds `binds`."""

    kind: RestrictionKind = field(validator=member(RestrictionKind))
    binds: Party = field(default=Party.OWN, validator=member(Party))

    def read(self, contract: Contract) -> Reading:
        """By the restrictions; a contract without one meets it."""
        for clause in contract.clauses:
            if (
                isinstance(clause, Restriction)
                and clause.kind is self.kind
                and clause.binds in (self.binds, Party.BOTH)
            ):
                return _read(clause, met=False, asked=clause.kind)
        return Reading(met=True, asked=Wording("no such restriction", "pas de telle restriction"))


@frozen(kw_only=True)
class MayLeave(Condition):
    """`by` may terminate without a cause, with at most `notice` (None: whatever the notice)."""

    by: Party = field(default=Party.OWN, validator=member(Party))
    notice: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))

    def read(self, contract: Contract) -> Reading:
        """By the first right to terminate for convenience that this side has."""
        for clause in contract.clauses:
            if isinstance(clause, TerminationRight) and not clause.for_cause and clause.by in (self.by, Party.EITHER):
                met = True if clause.notice is None else _between(clause.notice, None, self.notice)
                return _read(clause, met, clause.notice or "at once")
        return Reading(met=False, asked=Wording("no right to leave", "pas de droit de sortie"))


@frozen(kw_only=True)
class ClauseAnswers(Condition):
    """The reader's answer about `category` is one of `answers`, capitals and blanks apart."""

    category: str = field(validator=text)
    answers: frozenset[str] = field(validator=instance(frozenset))

    def read(self, contract: Contract) -> Reading:
        """By the clause fact of that category."""
        for clause in contract.clauses:
            if isinstance(clause, ClauseFact) and _plain(clause.category) == _plain(self.category):
                return _read(clause, _plain(clause.answer) in set(map(_plain, self.answers)), clause.answer)
        return _silent(self.category)


@frozen(kw_only=True)
class ClauseReads(Condition):
    """The clause at `citation` reads like one of `texts`, capitals and blanks apart."""

    citation: str = field(validator=text)
    texts: frozenset[str] = field(validator=instance(frozenset))

    def read(self, contract: Contract) -> Reading:
        """By the words the clause quotes."""
        own = [c for c in (contract.term, contract.renewal, contract.notice) if isinstance(c, Clause)]
        for clause in (*own, *contract.clauses):
            if clause.citation == self.citation and clause.quote:
                return _read(clause, _plain(clause.quote) in set(map(_plain, self.texts)), clause.quote)
        return _silent(f"wording at {self.citation}")


AnyCondition: TypeAlias = (
    PaymentWithin
    | LiabilityWithin
    | NoticeBetween
    | TermBetween
    | RenewalAmong
    | GovernedBy
    | NoRestriction
    | MayLeave
    | ClauseAnswers
    | ClauseReads
)
"""Every condition a playbook can hold."""


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _between(length: Tenor, at_least: Tenor | None, at_most: Tenor | None) -> bool | Unknown:
    answers = [_no_longer(at_least, length) if at_least else True, _no_longer(length, at_most) if at_most else True]
    if False in answers:
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _no_longer(one: Tenor, other: Tenor) -> bool | Unknown:
    """Whether `one` is at most as long as `other`, whatever the calendar; `Unknown` where it depends."""
    # What both have counts alike: "a month and a day" and "a month" differ by a day, whatever the month.
    months, days = other.whole_months - one.whole_months, one.loose_days - other.loose_days
    fewest, most = days_in_months(abs(months))
    if months < 0:
        fewest, most = -most, -fewest
    if days <= fewest:
        return True
    return False if days > most else Unknown(f"{one.words} and {other.words} depend on the calendar")
