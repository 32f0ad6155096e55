"""From an agreement of Navigator's to a contract of ours: every value has a field, or stands among the extras.

A day is the day as it is written: "2024-09-01T00:00:00+02:00" is the first of September, which in UTC would be the
day before. With a `zone`, days are those of the zone, for accounts that write them in UTC. What Navigator
computed (the notice date) is no fact of the contract: it is kept, and compared by `clmcrm.adapters.navigator.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

from clmcrm.adapters.navigator.leaves import Leaves
from clmcrm.adapters.navigator.provisions import P, clauses_of, notice_of, renewal_of, term_of
from clmcrm.adapters.trees import Tree, is_list, is_tree, word
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.values.ids import ContractId, Extra, Ref, UserId

SYSTEM: Final = "navigator"
"""The system's name in refs, extras and reports."""

_ESIGN: Final = ("docusign esign", "esign", "docusign esignature")
_NO_KINDS: Final[Mapping[str, ContractKind]] = {}


def contract_of(
    agreement: Mapping[str, Any], *, kinds: Mapping[str, ContractKind] = _NO_KINDS, zone: tzinfo | None = None
) -> Contract:
    """The contract that an agreement is; `kinds` says which of our kinds the account's own types are.

    A type that is not named there is a kind of the host's own. Raises `InvalidRecord` for an agreement without an
    id, and for a value that no record can hold.

    >>> seen = contract_of({"id": "a-1", "title": "Hosting", "provisions": {"term_length": "P3Y"}})
    >>> str(seen.term.initial), seen.kind.value
    ('P3Y', 'custom')
    """
    leaves = Leaves(agreement, zone)
    key, said = leaves.text("id"), leaves.text("type")
    above = "related_agreement_documents.parent_agreement_document_id"
    parent = leaves.text(above) if leaves.raw(above) != leaves.raw("id") else ""
    return Contract(
        id=ContractId(key),
        title=leaves.text("title") or leaves.text("file_name") or f"agreement {key}",
        kind={name.casefold(): kind for name, kind in kinds.items()}.get(said.casefold(), ContractKind.CUSTOM),
        kind_detail=said,
        names_in_text=_names(leaves),
        parent=ContractId(parent) if parent else None,
        renewal_owner=UserId(owner) if (owner := leaves.text(f"{P}renewal_process_owner")) else None,
        executed_on=leaves.day(f"{P}execution_date"),
        effective_on=leaves.day(f"{P}effective_date"),
        term=term_of(leaves),
        renewal=renewal_of(leaves),
        notice=notice_of(leaves),
        clauses=clauses_of(leaves),
        languages=_languages(leaves),
        governing_law=leaves.text(f"{P}governing_law"),
        total_value=leaves.money(f"{P}total_agreement_value", f"{P}total_agreement_value_currency_code"),
        annual_value=leaves.money(f"{P}annual_agreement_value", f"{P}annual_agreement_value_currency_code"),
        refs=_refs(leaves),
        extras=tuple(Extra(SYSTEM, path, value) for path, value in leaves.left().items()),
    )


def _names(leaves: Leaves) -> tuple[str, ...]:
    """The parties as the text names them; their ids and other names stay among the extras."""
    parties = _trees(leaves.raw("parties"))
    names = (one.get("name_in_agreement") or one.get("preferred_name") for one in parties)
    return tuple(dict.fromkeys(name.strip() for name in names if isinstance(name, str) and name.strip()))


def _languages(leaves: Leaves) -> tuple[str, ...]:
    told: object = leaves.raw("languages")
    if not is_list(told) or not all(isinstance(one, str) and one for one in told):
        return ()
    leaves.take("languages")
    return tuple(told)


def _refs(leaves: Leaves) -> tuple[Ref, ...]:
    """The envelope it was signed in, and the records it is linked to in other systems."""
    refs: list[Ref] = []
    source, key = leaves.raw("source_name"), leaves.raw("source_id")
    if isinstance(source, str) and source.strip().casefold() in _ESIGN and isinstance(key, str) and key:
        refs.append(Ref("docusign", "envelope", key))
    for one in _trees(leaves.raw("linked_data")):
        application, kind, record = (word(one, name) for name in ("application_name", "object_name", "record_id"))
        if application and kind and record:
            refs.append(Ref(application, kind, record))
    return tuple(dict.fromkeys(refs))


def _trees(value: object) -> list[Tree]:
    return [one for one in value if is_tree(one)] if is_list(value) else []
