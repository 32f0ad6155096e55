"""Fills the embedded systems with the sample, as persons would have: first what was agreed, then the edits.

A filling is one transaction: it happens wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from clmcrm.adapters.embedded import Embedded, EmbeddedClm, EmbeddedCrm
from clmcrm.codec.records import to_fields
from clmcrm.ports.records import Fields, Kind, Side
from clmcrm.sample.company import Company, Holdings
from clmcrm.values.record import Record


def seed_baseline(both: Embedded, company: Company) -> None:
    """Enter what both sides agreed on last week; raises `TerminalError` where a record is there already.

    >>> from clmcrm.adapters.embedded import open_embedded
    >>> from clmcrm.sample.company import load_company
    >>> with open_embedded(":memory:") as both:
    ...     seed_baseline(both, load_company())
    ...     both.clm.read("account", ["P-2004"])[0].fields["name"]
    'Bernard'
    """
    with _at_once(both):
        _fill(both.crm, company.baseline_crm)
        _fill(both.clm, company.baseline_clm)


def make_edits(both: Embedded, company: Company) -> None:
    """Do what persons did since: raises `TerminalError` where a record is missing, or there already."""
    systems = {Side.CRM: both.crm, Side.CLM: both.clm}
    with _at_once(both):
        for edit in company.edits:
            system = systems[edit.side]
            if edit.new:
                _ = system.add(edit.kind, edit.fields, key=edit.key)
            else:
                _ = system.edit(edit.kind, edit.key, edit.fields)


def seed(both: Embedded, company: Company, *, edited: bool) -> None:
    """Enter the baseline and, with `edited`, make the edits at once (no synchronisation in between)."""
    seed_baseline(both, company)
    if edited:
        make_edits(both, company)


def _fill(system: EmbeddedCrm | EmbeddedClm, holdings: Holdings) -> None:
    held: dict[Kind, tuple[Record, ...]] = {
        Kind.ORG_UNIT: holdings.org_units,
        Kind.ACCOUNT: holdings.accounts,
        Kind.CONTACT: holdings.contacts,
        Kind.OPPORTUNITY: holdings.opportunities,
        Kind.CONTRACT: holdings.contracts,
    }
    for kind, records in held.items():
        for record in records:
            key, fields = _keyed(record)
            _ = system.add(kind, fields, key=key)


def _keyed(record: Record) -> tuple[str, Fields]:
    fields = to_fields(record)
    return str(fields["id"]), {name: value for name, value in fields.items() if name != "id"}


@contextmanager
def _at_once(both: Embedded) -> Generator[None, None, None]:
    _ = both.connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        _ = both.connection.execute("ROLLBACK")
        raise
    _ = both.connection.execute("COMMIT")
