"""Which two records are one, when neither carries our mark: the first pairing by what identifies them.

Nothing ambiguous is ever paired: a record with two candidates, or that shares its only candidate with
another, is left alone and reported. A person's decision on a pairing comes first. Lists identify by all of their
elements: one that is shared, such as the address of an office, may be of several people.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from clmcrm.ports.records import Fields, Json, Side
from clmcrm.sync.arbitration import DISTINCT
from clmcrm.sync.merge import blank
from clmcrm.sync.ownership import KindRules
from clmcrm.values.problems import Problem

Candidates = Mapping[str, Fields]
"""Records without a counterpart on one side: their canonical fields by key."""


@frozen(kw_only=True)
class Paired:
    """`pairs` as (CRM key, CLM key, the reason), and the `held` records, each with its problem."""

    pairs: tuple[tuple[str, str, str], ...] = ()
    held: tuple[tuple[Side, str, Problem], ...] = ()


@frozen
class _Edges:
    """Who may belong to whom: CRM key to CLM keys and back, and by which fields they resemble each other."""

    crm: dict[str, dict[str, str]] = field(factory=dict[str, dict[str, str]])
    clm: dict[str, dict[str, str]] = field(factory=dict[str, dict[str, str]])

    def add(self, crm: str, clm: str, why: str) -> None:
        _ = self.crm.setdefault(crm, {}).setdefault(clm, why)
        _ = self.clm.setdefault(clm, {}).setdefault(crm, why)


def pair_up(
    rules: KindRules,
    crm: Candidates,
    clm: Candidates,
    decisions: Mapping[tuple[Side, str], str] | None = None,
) -> Paired:
    """Pair what identifies each other one to one; `decisions` map (side, key) to a key or `DISTINCT`.

    >>> from clmcrm.sync.standard import standard_rules
    >>> one, same = {"name": "Durand", "country": "FR"}, {"name": "DURAND ", "country": "FR"}
    >>> pair_up(standard_rules().of("account"), {"A1": one}, {"L1": same}).pairs
    (('A1', 'L1', 'same name, country'),)
    """
    chosen = _chosen(crm, clm, decisions or {})
    taken_crm, taken_clm = {a for a, _, _ in chosen}, {b for _, b, _ in chosen}
    distinct = {who for who, what in (decisions or {}).items() if what == DISTINCT}
    left = {k: f for k, f in crm.items() if k not in taken_crm and (Side.CRM, k) not in distinct}
    right = {k: f for k, f in clm.items() if k not in taken_clm and (Side.CLM, k) not in distinct}
    pairs, held = list(chosen), list[tuple[Side, str, Problem]]()
    for place, names in enumerate(rules.match):
        edges = _edges(names, rules.match[:place], left, right)
        sure = [(a, *_only(found)) for a, found in edges.crm.items() if _mutual(edges, found)]
        pairs += sure
        held += _held(rules.kind, edges, {a for a, _, _ in sure})
        # Whoever has a candidate by stronger fields is not looked at again by weaker ones.
        left = {key: f for key, f in left.items() if key not in edges.crm}
        right = {key: f for key, f in right.items() if key not in edges.clm}
    return Paired(pairs=tuple(sorted(pairs)), held=tuple(held))


def resembling(rules: KindRules, unread: Candidates, records: Candidates) -> dict[str, str]:
    """The `records` that may be one of the `unread`, by key, with the first of those.

    Of an unread record only some fields are known: one that is missing may have any value.

    >>> from clmcrm.sync.standard import standard_rules
    >>> one, other = {"name": "Durand", "country": "FR"}, {"name": "Vermeer", "country": "NL"}
    >>> unread = {"name": "DURAND", "registration_number": None, "registration": None, "vat_number": None}
    >>> resembling(standard_rules().of("account"), {"L1": unread}, {"A1": one, "A2": other})
    {'A1': 'L1'}
    """
    found: dict[str, str] = {}
    for place, names in enumerate(rules.match):
        index = _by_what_is_told(names, unread)
        for key in sorted(records.keys() - found.keys()) if index else ():
            fields = records[key]
            if identity(fields, names) is None:
                continue
            alike = (other for told, by in index.items() for other in by.get(identity(fields, told), ()))
            seeming = (other for other in alike if not _contradict(rules.match[:place], fields, unread[other]))
            other = next(seeming, None)
            if other is not None:
                found[key] = other
    return found


def _by_what_is_told(names: Sequence[str], unread: Candidates) -> dict[tuple[str, ...], dict[str | None, list[str]]]:
    """The unread records by which of `names` they tell, and by what that says; none of which one is told as blank."""
    index: dict[tuple[str, ...], dict[str | None, list[str]]] = {}
    for key in sorted(unread):
        told = tuple(name for name in names if name in unread[key])
        said = identity(unread[key], told)
        if said is not None:
            index.setdefault(told, {}).setdefault(said, []).append(key)
    return index


def identity(fields: Fields, names: Sequence[str]) -> str | None:
    """What `names` say about a record, for comparison; None when one of them is blank.

    >>> identity({"name": " Durand  SA", "country": "FR"}, ("name", "country"))
    '["durand sa","fr"]'
    """
    values = [fields.get(name) for name in names]
    if any(blank(value) for value in values):
        return None
    return json.dumps([_folded(v) for v in values], sort_keys=True, separators=(",", ":"))


def _folded(value: Json) -> Json:
    if isinstance(value, str):
        folded = " ".join(value.casefold().split())
        # A letter and its accent may be one sign or two, and look the same.
        return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
    return [_folded(v) for v in value] if isinstance(value, list) else value


def _chosen(crm: Candidates, clm: Candidates, decisions: Mapping[tuple[Side, str], str]) -> list[tuple[str, str, str]]:
    pairs = {
        (key, other) if side is Side.CRM else (other, key)
        for (side, key), other in decisions.items()
        if other != DISTINCT
    }
    chosen: list[tuple[str, str, str]] = []
    for a, b in sorted(pairs):
        free = all(a != c and b != d for c, d, _ in chosen)
        if free and a in crm and b in clm:
            chosen.append((a, b, "a person paired them"))
    return chosen


def _edges(names: Sequence[str], stronger: Sequence[Sequence[str]], crm: Candidates, clm: Candidates) -> _Edges:
    index: dict[str, list[str]] = {}
    for key in sorted(clm):
        said = identity(clm[key], names)
        if said is not None:
            index.setdefault(said, []).append(key)
    edges = _Edges()
    for key in sorted(crm):
        for other in index.get(identity(crm[key], names) or "", ()):
            if not _contradict(stronger, crm[key], clm[other]):
                edges.add(key, other, f"same {', '.join(names)}")
    return edges


def _contradict(stronger: Sequence[Sequence[str]], one: Fields, other: Fields) -> bool:
    """Whether fields that identify more strongly are stated on both sides and differ."""
    said = ((names, identity(one, names), identity(other, names)) for names in stronger)
    return any(
        a is not None and b is not None and a != b and not all(_shared(one[name], other[name]) for name in names)
        for names, a, b in said
    )


def _shared(one: Json, other: Json) -> bool:
    """Whether two values are alike, or lists with an element in common: one more e-mail is no contradiction."""
    a, b = _folded(one), _folded(other)
    return any(each in b for each in a) if isinstance(a, list) and isinstance(b, list) else a == b


def _only(found: Mapping[str, str]) -> tuple[str, str]:
    return next(iter(found.items()))


def _mutual(edges: _Edges, found: Mapping[str, str]) -> bool:
    return len(found) == 1 and len(edges.clm[_only(found)[0]]) == 1


def _held(kind: str, edges: _Edges, sure: set[str]) -> list[tuple[Side, str, Problem]]:
    doubtful = [(Side.CRM, key, found) for key, found in sorted(edges.crm.items()) if key not in sure]
    doubtful += [(Side.CLM, key, found) for key, found in sorted(edges.clm.items()) if not set(found) <= sure]
    return [(side, key, _ambiguous(kind, side, key, found)) for side, key, found in doubtful]


def _ambiguous(kind: str, side: Side, key: str, found: Mapping[str, str]) -> Problem:
    others = ", ".join(sorted(found))
    return Problem(
        where=f"{kind}:{side.value}:{key}",
        field=min(found.values()).removeprefix("same "),
        what=f"may belong to {others} on the {side.other.upper()}, and is not the only candidate",
        expected="a decision on the pairing, or a merge of the duplicates",
    )
