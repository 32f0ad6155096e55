"""An amendment before it is accepted: what it would change, in sentences, and what does not fit.

The rule of the file: nothing is refused here and nothing is applied; a person reads, corrects and decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from clmcrm.clm.amendments import Amendment, AmendmentKind
from clmcrm.clm.clauses import Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.term_changes import TermChange, compare_terms
from clmcrm.clm.versions import accepted, amended, as_amended, current_version
from clmcrm.values.partial import known
from clmcrm.values.problems import Problem, Severity


@frozen(kw_only=True)
class AmendmentPreview:
    """What `amendment` changes on the day it takes effect, and the `problems` with it, worst first."""

    amendment: Amendment
    changes: tuple[TermChange, ...]
    problems: tuple[Problem, ...]

    @property
    def acceptable(self) -> bool:
        """Whether none of the problems is an error."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)


def preview(contract: Contract, amendment: Amendment) -> AmendmentPreview:
    """The changes `amendment` makes to the contract as it stands on the day the amendment takes effect.

    Errors: a stale base, a line or clause that is not there, an id used twice, a currency that changes, a
    successor that is the contract itself. Warnings: a day outside the contract's life, one before the last accepted
    amendment's, a line that ends outside the contract's life or becomes more where a part ends, an assignment that
    needs consent, an amendment that changes nothing.
    """
    before = as_amended(contract, amendment.effective_on)
    after = amended(before, amendment)
    changes = compare_terms(before, after)
    found = [
        *_base(contract, amendment),
        *_missing(before, amendment),
        *_lines(before, amendment),
        *_never_running(after, amendment),
        *_days(contract, amendment),
        *_parties(before, amendment),
        *_overtaken(contract, amendment),
    ]
    if not changes and amendment.kind is not AmendmentKind.NOVATES and not amendment.lots:
        found.append(_problem(amendment, "kind", amendment.kind.value, "changes nothing", severity=Severity.WARNING))
    worst_first = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    problems = sorted(found, key=lambda problem: worst_first.index(problem.severity))
    return AmendmentPreview(amendment=amendment, changes=changes, problems=tuple(problems))


def _problem(
    amendment: Amendment,
    field: str,
    value: object,
    what: str,
    expected: str = "",
    *,
    severity: Severity = Severity.ERROR,
) -> Problem:
    where = f"amendment {amendment.id}"
    return Problem(where=where, field=field, value=str(value), what=what, expected=expected, severity=severity)


def _base(contract: Contract, amendment: Amendment) -> Iterator[Problem]:
    if amendment.id in {each.id for each in accepted(contract)}:
        yield _problem(amendment, "id", amendment.id, "has been accepted already")
        return
    current = current_version(contract)
    if amendment.base_version != current:
        what = "is not the current version: its author did not see what the contract has become"
        yield _problem(amendment, "base_version", amendment.base_version, what, str(current))


def _missing(before: Contract, amendment: Amendment) -> Iterator[Problem]:
    ids = [line.id for line in before.lines]
    restated = [line.id for line in amendment.restated.lines] if amendment.restated else []
    there = ", ".join(ids) or "none"
    for name, named in (("line_changes", [c.line for c in amendment.line_changes]), ("lots", amendment.lots)):
        for line in named:
            if line not in {*ids, *restated, *(added.id for added in amendment.lines_added)}:
                yield _problem(amendment, name, line, "is no line of the contract", there)
    for twice in sorted({line for line in restated if restated.count(line) > 1}):
        yield _problem(amendment, "restated", twice, "is the id of two lines", "one line of that id")
    taken = {*ids, *restated}
    for new in amendment.lines_added:
        if new.id in taken:
            yield _problem(amendment, "lines_added", new.id, "is the id of a line there is already", "a new id")
        taken.add(new.id)
    clauses = amendment.restated.clauses if amendment.restated else before.clauses
    citations = {clause.citation for clause in clauses if clause.citation}
    for citation in amendment.drops_citations:
        if citation not in citations:
            listed = ", ".join(sorted(citations)) or "none is cited"
            yield _problem(amendment, "drops_citations", citation, "is no clause of the contract", listed)


def _lines(before: Contract, amendment: Amendment) -> Iterator[Problem]:
    lines = {line.id: line for line in before.lines}
    for change in amendment.line_changes:
        line = lines.get(change.line)
        if line is None:
            continue
        if change.price is not None and change.price.currency != line.price.currency:
            yield _problem(
                amendment, "line_changes", change.price, f"changes the currency of line {line.id}",
                line.price.currency.code,
            )  # fmt: skip
        if line.last_day is not None and line.last_day < amendment.effective_on:
            what = f"is about line {line.id}, which ended on {line.last_day}"
            yield _problem(amendment, "line_changes", line.id, what, severity=Severity.WARNING)
        more = change.quantity is not None and change.quantity > line.quantity
        if amendment.kind is AmendmentKind.TERMINATES_IN_PART and more:
            what = f"makes line {line.id} more where a part ends"
            at_most = f"at most {line.quantity}"
            yield _problem(amendment, "line_changes", change.quantity, what, at_most, severity=Severity.WARNING)


def _never_running(after: Contract, amendment: Amendment) -> Iterator[Problem]:
    """Lines that the amendment ends, by name or by bringing them to one day, before they begin."""
    named = {(change.line, change.last_day) for change in amendment.line_changes}
    for line in after.lines:
        ends = line.last_day
        if ends is None or line.first_day is None or line.first_day <= ends:
            continue
        what = f"ends line {line.id} before it begins on {line.first_day}"
        if (line.id, ends) in named:
            yield _problem(amendment, "line_changes", ends, what)
        elif ends == amendment.aligned_to:
            yield _problem(amendment, "aligned_to", ends, what)


def _days(contract: Contract, amendment: Amendment) -> Iterator[Problem]:
    begins = known(contract.effective_on)
    if begins is not None and amendment.effective_on < begins:
        what = "is before the contract takes effect"
        yield _problem(
            amendment, "effective_on", amendment.effective_on, what, f"{begins} or later", severity=Severity.WARNING
        )
    ends = last_day_in_force(contract, amendment.effective_on)
    if not isinstance(ends, date):
        return
    if amendment.effective_on > ends:
        what = "is after the contract's last day in force"
        yield _problem(
            amendment, "effective_on", amendment.effective_on, what, f"{ends} or before", severity=Severity.WARNING
        )
    days = [change.last_day for change in amendment.line_changes] + [line.last_day for line in amendment.lines_added]
    for day in (*days, amendment.aligned_to):
        if day is not None and day > ends and not amendment.moves_the_end:
            what = "lets lines run on after the contract's last day in force"
            yield _problem(amendment, "last_day", day, what, f"{ends} or before", severity=Severity.WARNING)


def _parties(before: Contract, amendment: Amendment) -> Iterator[Problem]:
    if amendment.successor == before.id:
        yield _problem(amendment, "successor", before.id, "is the contract itself", "another contract")
    if amendment.kind is AmendmentKind.ASSIGNS:
        held = (c for c in before.clauses if isinstance(c, Restriction) and c.holds_on(amendment.effective_on))
        for clause in held:
            if clause.kind is RestrictionKind.NO_ASSIGNMENT:
                what = f"needs consent by {clause.citation or 'the clause against assignment'}"
                yield _problem(amendment, "kind", amendment.kind.value, what, severity=Severity.WARNING)
    if amendment.kind is AmendmentKind.NOVATES and not amendment.lots:
        what = f"ends the contract only once a Novated event names {amendment.successor}"
        yield _problem(amendment, "kind", amendment.kind.value, what, severity=Severity.NOTE)


def _overtaken(contract: Contract, amendment: Amendment) -> Iterator[Problem]:
    """Accepted amendments that take effect later and say something about the same terms."""
    paths = _touched(amendment)
    for other in accepted(contract):
        if other.effective_on > amendment.effective_on and other.id != amendment.id:
            both = sorted(paths & _touched(other))
            same = f" and changes the same: {', '.join(both)}" if both else ""
            what = f"is before {other.id} takes effect, which was accepted earlier{same}; from {other.effective_on} "
            what += f"on {other.id} holds"
            yield _problem(amendment, "effective_on", amendment.effective_on, what, severity=Severity.WARNING)


def _touched(amendment: Amendment) -> set[str]:
    """The terms an amendment speaks of, by name; for lines, with their id."""
    touched = {name for name in ("term", "renewal", "notice") if getattr(amendment, name) is not None}
    if amendment.restated is not None:
        touched |= {"term", "renewal", "notice", "clauses"}
    for change in amendment.line_changes:
        named = {"price": change.price, "quantity": change.quantity, "last_day": change.last_day}
        touched |= {f"line {change.line} {name}" for name, value in named.items() if value is not None}
    touched |= {f"clause {citation}" for citation in amendment.drops_citations}
    return touched | {f"line {line.id}" for line in amendment.lines_added}
