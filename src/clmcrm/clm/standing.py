"""What the events of a contract add up to on a day, before anybody asks about another one.

The rule of the file: a standing is a value, worked out by `clmcrm.clm.folding` and never stored. It says
which events it has counted, so that adding one more costs no more than that one.
"""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.clm.approval_round import Round, steps_named_by
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AnyEvent, CureDemanded, Event, Novated, RenewalAgreed, Superseded, Terminated
from clmcrm.clm.kinds import Party
from clmcrm.clm.stages import AnyStage, Stage
from clmcrm.values.ids import AccountId, AmendmentId
from clmcrm.values.partial import Unknown


@frozen(kw_only=True)
class Standing:
    """What the events so far add up to.

    `since` is the day the stage was reached (None before the first event) and `why` what led there. `author`
    wrote the present text, `authors` had a hand in it; `round` is the round of approval that was begun for it
    (None: none was), `rounds` how many were begun; `approvals` are the (person, role) pairs still valid for it;
    `signed` the sides and signers so far; `pen` who holds the draft; `version` how many amendments were
    accepted; `ending` a termination on record; `assigned_to` the account that took the counterparty's place
    (None: nobody did). `conditions_met` are conditions precedent with the day each was met, `holds` the legal
    holds that last, `cures_demanded` what the sides asked each other to cure, `continued_from` the day from
    which the parties went on after the end (None: they did not).

    What follows is for going on: `end` the last day that the events bring about, and `unsure` why a
    notice may not bring one about; `replaced` and `renewed` the events of that sort; `amended` the accepted
    amendments that moved its end, in order; `day` up to which it is worked out, `known_on` the day of
    knowledge it was worked out for, `floor` the day of the last step to the signature, `counted` how many
    recorded events it knows, `waiting` those of them that count only from a later day, `ignored` those that
    had no place.
    """

    stage: AnyStage = Stage.NEW
    since: date | None = None
    author: str = ""
    authors: tuple[str, ...] = ()
    round: Round | None = None
    rounds: int = 0
    approvals: tuple[tuple[str, str], ...] = ()
    signed: tuple[tuple[Party, str], ...] = ()
    pen: Party = Party.OWN
    version: int = 0
    ending: Terminated | None = None
    assigned_to: AccountId | None = None
    conditions_met: tuple[tuple[str, date], ...] = ()
    holds: frozenset[str] = frozenset()
    cures_demanded: tuple[CureDemanded, ...] = ()
    continued_from: date | None = None
    last: Event | None = None
    why: str = "nothing has happened yet"

    end: date | None = None
    unsure: Unknown | None = None
    replaced: tuple[Superseded | Novated, ...] = ()
    renewed: tuple[RenewalAgreed, ...] = ()
    amended: tuple[AmendmentId, ...] = ()
    day: date = date.min
    known_on: date = date.min
    floor: date = date.min
    counted: int = 0
    waiting: tuple[tuple[date, AnyEvent], ...] = field(default=(), repr=False)
    ignored: tuple[str, ...] = ()


def round_of(contract: Contract, standing: Standing) -> Round:
    """The round of approval; where none was begun by a submission, one of the steps that the contract names."""
    return standing.round or unsubmitted(contract, standing.authors, standing.day)


def unsubmitted(contract: Contract, authors: tuple[str, ...], day: date) -> Round:
    """A round that no submission began: of the steps that the contract names."""
    return Round(number=0, steps=steps_named_by(contract), authors=authors, submitted_on=day)


def unapproved(contract: Contract, standing: Standing) -> tuple[str, ...]:
    """Whose approval is still missing, step by step; where no role is named, one approval is enough."""
    now = round_of(contract, standing)
    lacking = [(step.name, seat) for step in now.steps for seat in now.missing(step)]
    return tuple(f"{seat} ({name})" if now.bound else seat for name, seat in lacking)


def unsigned(contract: Contract, standing: Standing) -> tuple[str, ...]:
    """Who still has to sign: the required signatories by name, and each side of which none is named."""
    return still_to_sign(contract, standing.signed)


def still_to_sign(contract: Contract, signed: tuple[tuple[Party, str], ...]) -> tuple[str, ...]:
    """Who still has to sign after the sides and signers in `signed`.

    One side's signatures bind nobody alone: where no required signatory of a side is named, whoever signs for it will
    do.
    """
    required = [s for s in contract.signatories if s.required]
    sides = [s.side for s in required]
    # A signature without a name counts for its side when that side has one signatory only.
    nameless = [side for side, name in signed if not name]
    by_name = [s.name for s in required if (s.side, s.name) not in signed and not _only_one(s.side, nameless, sides)]
    done = {*sides, *(side for side, _ in signed)}
    return (*by_name, *(side.value for side in (Party.OWN, Party.COUNTERPARTY) if side not in done))


def _only_one(side: Party, nameless: list[Party], required: list[Party]) -> bool:
    return side in nameless and required.count(side) == 1
