"""Which pair a system's key belongs to, and back: how a reference crosses from one side to the other.

Between the sides a reference is the *pair* it points at; each side's own key appears only where that side
is read or written. A record without a pair yet goes by the pair key it would get: `kind:side:key`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from clmcrm.ports.kept import Hint, Link
from clmcrm.ports.records import CLM, CRM, SIDES, Fields, Json, Side
from clmcrm.sync.ownership import KindRules

Rename = Callable[[str], Json]


def derived_pair(kind: str, side: Side, key: str) -> str:
    """The pair key of a record that originates on `side` under `key`: the same whenever it is derived.

    >>> derived_pair("account", Side.CRM, "A1")
    'account:crm:A1'
    """
    return f"{kind}:{side}:{key}"


def origin_key(kind: str, side: Side, pair: str) -> str | None:
    """The key on `side` that `pair` was derived from, or None when it did not originate there.

    >>> origin_key("account", Side.CRM, "account:crm:A1"), origin_key("account", Side.CLM, "account:crm:A1")
    ('A1', None)
    """
    prefix = f"{kind}:{side}:"
    return pair[len(prefix) :] if pair.startswith(prefix) and len(pair) > len(prefix) else None


class Directory:
    """The links by key and by pair; it grows as records are paired."""

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self._links: dict[str, Link] = {}
        self._pairs: dict[tuple[Side, str], dict[str, str]] = {}
        self._names: dict[tuple[Side, str], dict[str, Rename]] = {}
        for link in links:
            self.add(link)

    def add(self, link: Link) -> None:
        """Enter a link, or its newer form; keys it no longer has stay known as leading to it."""
        pair, kind = link.pair, link.kind
        self._links[pair] = link
        if link.crm is not None:
            self.pairs_on(CRM, kind)[link.crm] = pair
        if link.clm is not None:
            self.pairs_on(CLM, kind)[link.clm] = pair
        for side, alias in link.aliases:
            self.pairs_on(side, kind)[alias] = pair

    def __len__(self) -> int:
        """How many pairs are known."""
        return len(self._links)

    def link(self, pair: str) -> Link | None:
        """The link of `pair`, or None when there is none."""
        return self._links.get(pair)

    def pair_of(self, side: Side, kind: str, key: str) -> str | None:
        """The pair that `side`'s record `key` belongs to, also by an alias; None when it has none."""
        return self.pairs_on(side, kind).get(key)

    def pairs_on(self, side: Side, kind: str) -> dict[str, str]:
        """The pairs of `side`'s records of `kind` by key, aliases too; it grows with the directory."""
        found = self._pairs.get((side, kind))
        if found is None:
            found = self._pairs[side, kind] = {}
        return found

    def key_of(self, pair: str, side: Side) -> str | None:
        """The key of `pair` on `side`; None while there is no record there."""
        link = self._links.get(pair)
        return None if link is None else link.key(side)

    def canonical(self, fields: Fields, side: Side, rules: KindRules) -> Fields:
        """What `side` shows, without its local fields and with pairs in the place of its own keys."""
        local = rules.local
        if local and not local.isdisjoint(fields):
            fields = {name: value for name, value in fields.items() if name not in local}
        return fields if fields.keys().isdisjoint(rules.referring) else renamed(fields, self._renames(side, rules))

    def _renames(self, side: Side, rules: KindRules) -> dict[str, Rename]:
        names = self._names.get((side, rules.kind))
        if names is None:
            names = {path: self._rename(side, kind) for path, kind in sorted(rules.references.items())}
            self._names[side, rules.kind] = names
        return names

    def _rename(self, side: Side, kind: str) -> Rename:
        pairs = self.pairs_on(side, kind)
        return lambda key: pairs.get(key) or derived_pair(kind, side, key)

    def native(self, fields: Fields, side: Side, rules: KindRules) -> Fields:
        """The same with `side`'s own keys in the place of pairs; `KeyError` names a pair without one."""
        if not refers(fields, rules):
            return fields

        def rename(pair: str) -> Json:
            key = self.key_of(pair, side)
            if key is None:
                raise KeyError(pair)
            return key

        return renamed(fields, dict.fromkeys(rules.references, rename))


def hints_of(link: Link) -> tuple[Hint, ...]:
    """Hints at both records of a pair."""
    keys = ((side, link.key(side)) for side in SIDES)
    return tuple(Hint(kind=link.kind, side=side, key=key) for side, key in keys if key is not None)


def refers(fields: Fields, rules: KindRules) -> bool:
    """Whether there is a field in which a reference may stand: mostly there is none."""
    return not fields.keys().isdisjoint(rules.referring)


def referred(fields: Fields, rules: KindRules) -> tuple[str, ...]:
    """The pairs that canonical `fields` point at, sorted."""
    if not refers(fields, rules):
        return ()
    found: set[str] = set()

    def note(pair: str) -> Json:
        found.add(pair)
        return pair

    _ = renamed(fields, dict.fromkeys(rules.references, note))
    return tuple(sorted(found))


def referred_by_kind(fields: Fields, rules: KindRules) -> dict[str, set[str]]:
    """What `fields` point at, by kind: pairs in canonical fields, a side's own keys in native ones."""
    found: dict[str, set[str]] = {}
    if not refers(fields, rules):
        return found
    for path, kind in rules.references.items():
        head, _, rest = path.partition(".")
        value = fields.get(head)
        if value is not None:
            _gather(value, rest, found.setdefault(kind, set()))
    return found


def _gather(value: Json, path: str, into: set[str]) -> None:
    if isinstance(value, list):
        for element in value:
            _gather(element, path, into)
    elif isinstance(value, dict):
        head, _, rest = path.partition(".")
        if head and value.get(head) is not None:
            _gather(value[head], rest, into)
    elif isinstance(value, str) and value and not path:
        into.add(value)


def renamed(fields: Fields, renames: dict[str, Rename]) -> Fields:
    """The fields with every reference at these dotted paths renamed; a copy only when there is one.

    >>> fields = {"parties": [{"account": "A1", "role": "buyer"}]}
    >>> renamed(fields, {"parties.account": str.lower})
    {'parties': [{'account': 'a1', 'role': 'buyer'}]}
    """
    result: dict[str, Json] = {}
    for path, rename in renames.items():
        head, _, rest = path.partition(".")
        if fields.get(head) is not None:
            result = result or dict(fields)
            result[head] = _replaced(result[head], rest, rename)
    return result or fields


def _replaced(value: Json, path: str, rename: Rename) -> Json:
    if isinstance(value, list):
        return [_replaced(element, path, rename) for element in value]
    if isinstance(value, dict):
        head, _, rest = path.partition(".")
        if not head or head not in value:
            return value
        return {**value, head: _replaced(value[head], rest, rename)}
    return rename(value) if isinstance(value, str) and value and not path else cast("Json", value)
