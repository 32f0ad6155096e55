"""What an offer contradicts of the running term: the contract it replaces, and the frame it is made under.

The rule of the file: the days in force are those of `clmcrm.clm.notice.last_day_in_force`; nothing is counted here.
It is asked about the contract as recorded, since a notice reaches the end it reached by the text of its own day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from clmcrm.bridge.findings import Finding, finding, same
from clmcrm.bridge.offers import Offer
from clmcrm.clm.contract import Contract
from clmcrm.clm.lifecycle import StageOn
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.stage_words import stage_name
from clmcrm.clm.stages import Phase
from clmcrm.values.problems import Severity
from clmcrm.values.wording import Wording


def renewal_lock(offer: Offer, contract: Contract, citation: str, day: date) -> Iterator[Finding]:
    """A start before the running contract it replaces can end; `contract` is the one recorded, not amended."""
    starts = offer.starts_on
    if starts is None or offer.replaces != contract.id or offer.adds or offer.became(contract):
        return
    end = last_day_in_force(contract, day)
    if end is not None and (not isinstance(end, date) or starts > end):
        return
    until = (
        Wording("no end in sight", "sans terme en vue")
        if end is None
        else Wording(f"in force until {end}", f"en vigueur jusqu'au {end}")
    )
    yield finding(
        offer, contract, citation, (Wording("start", "début"), same(starts), until),
        (
            Wording("the contract to be replaced is still in force at the new start",
                    "le contrat à remplacer est encore en vigueur à la nouvelle date de début"),
            Wording("Start later, or agree on an early end.", "Commencer plus tard, ou convenir d'une fin anticipée."),
        ),
    )  # fmt: skip


def frame(offer: Offer, contract: Contract, stage: StageOn) -> Iterator[Finding]:
    """An offer under a frame agreement that has ended, that is not in force yet, or of which that is not known."""
    if offer.under != contract.id or offer.became(contract):
        return
    name = (Wording("frame agreement", "accord-cadre"), same(contract.id))
    if stage.stage.phase in (Phase.ENDED, Phase.ARCHIVED):
        yield finding(
            offer, contract, cited(contract), (*name, Wording(stage.why, _over(stage))),
            (
                Wording("the frame agreement it is made under has ended",
                        "l'accord-cadre dont elle relève a pris fin"),
                Wording("Renew the frame agreement first.", "Renouveler d'abord l'accord-cadre."),
            ),
        )  # fmt: skip
    elif stage.stage.phase in (Phase.BEFORE, Phase.SIGNED):
        yield finding(
            offer, contract, "", (*name, stage_name(stage.stage)),
            (
                Wording("the frame agreement it is made under is not in force yet",
                        "l'accord-cadre dont elle relève n'est pas encore en vigueur"),
                Wording("Have it signed and in force first.", "Le faire d'abord signer et entrer en vigueur."),
            ),
            severity=Severity.WARNING,
        )  # fmt: skip
    elif stage.stage.phase is Phase.UNKNOWN:
        yield finding(
            offer, contract, "", (*name, Wording(f"not known: {stage.why}", f"inconnu : {stage.why}")),
            (
                Wording("it is not known whether the frame agreement it is made under is in force",
                        "on ne sait si l'accord-cadre dont elle relève est en vigueur"),
                Wording("Find out first, since what it promises was not looked at.",
                        "Le vérifier d'abord, car ce qu'il promet n'a pas été examiné."),
            ),
            severity=Severity.WARNING,
        )  # fmt: skip


def _over(stage: StageOn) -> str:
    """That a contract is over, in French: what its stage says of it is in English."""
    last = "" if stage.ends_on is None else f", dernier jour le {stage.ends_on}"
    return f"{stage_name(stage.stage).fr}{last}"


def frame_ends(offer: Offer, contract: Contract, citation: str, day: date) -> Iterator[Finding]:
    """An addition to a contract that will have ended before it begins; `contract` is the one recorded, not amended."""
    if not offer.adds or offer.under != contract.id or offer.starts_on is None or offer.became(contract):
        return
    end = last_day_in_force(contract, day)
    if isinstance(end, date) and offer.starts_on > end:
        yield finding(
            offer, contract, citation,
            (Wording("start", "début"), same(offer.starts_on), Wording(f"ends on {end}", f"prend fin le {end}")),
            (
                Wording("the frame agreement will have ended at the start",
                        "l'accord-cadre aura pris fin à la date de début"),
                Wording("Renew the frame agreement first.", "Renouveler d'abord l'accord-cadre."),
            ),
        )  # fmt: skip


def cited(contract: Contract) -> str:
    """Where the term or its renewal is written."""
    found = (getattr(clause, "citation", "") for clause in (contract.renewal, contract.term))
    return next((citation for citation in found if citation), "")
