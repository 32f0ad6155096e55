"""Whether a text had been approved, told from what stood in the log by then.

The rule of the file: where a draft was submitted, the rules of its round say what counts
(`clmcrm.clm.approval_round`); a log without a submission, as other systems keep it, is read by what its approvals say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import attrs

from clmcrm.clm import events as e
from clmcrm.clm.approval_steps import plain_name
from clmcrm.clm.contract import Contract
from clmcrm.clm.lifecycle import standing_of
from clmcrm.clm.standing import unapproved


def was_approved(contract: Contract, before: Sequence[e.AnyEvent]) -> bool:
    """Whether the events `before`, those taken back left out, had approved the text of `contract`.

    Without a submission: whether it was approved in every role that the contract names (by anybody, where it names
    none), since the text was last changed, refused or recalled, by others than its authors, and by nobody twice.

    >>> from datetime import UTC, datetime
    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> nda = Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA)
    >>> asked = e.Requested(datetime(2026, 1, 5, tzinfo=UTC), "ann")
    >>> [was_approved(nda, [asked, e.Approved(datetime(2026, 1, 6, tzinfo=UTC), who)]) for who in ("Ann", "bob")]
    [False, True]
    """
    last = next((one for one in reversed(before) if isinstance(one, e.SubmittedForApproval | e.Redrafted)), None)
    if isinstance(last, e.SubmittedForApproval):
        then = attrs.evolve(contract, events=tuple(before))
        # By everything on record: its events may have been written in zones where it is another day.
        standing = standing_of(then, date.max)
        if standing.round is not None:  # a host's own chart may have had a place for what ours has none
            return not unapproved(then, standing)
    return _needed_roles_given(contract, before)


def _needed_roles_given(contract: Contract, before: Iterable[e.AnyEvent]) -> bool:
    authors: set[str] = set()
    approvers: set[str] = set()
    given: set[str] = set()
    for event in before:
        if isinstance(event, e.Requested | e.Redrafted | e.SubmittedForApproval):
            authors.add(plain_name(event.by))
        if isinstance(event, e.Redrafted | e.SubmittedForApproval | e.Rejected | e.Recalled):
            approvers, given = set[str](), set[str]()
        elif isinstance(event, e.Approved) and plain_name(event.by) not in authors | approvers:
            approvers, given = approvers | {plain_name(event.by)}, given | {plain_name(event.role)}
    return bool(approvers) and {plain_name(role) for role in contract.approvals_needed} <= given
