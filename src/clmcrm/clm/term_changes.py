"""What differs between two states of a contract, term by term, each in a sentence a lawyer would accept.

The rule of the file: facts are compared, not texts. There is a change exactly where a term differs, so that no
change means equal terms; comparing the other way round gives the same places with before and after exchanged.
Events, documents, amendments and other systems' keys are no terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

import attrs
from attrs import frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.contract import Contract
from clmcrm.clm.said_values import value_words
from clmcrm.clm.term_names import named, of_thing, thing_words
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording

NO_TERMS: Final = frozenset(
    {
        "id", "opportunity", "quote", "order", "template", "owner", "renewal_owner", "amendments", "documents",
        "events", "version", "refs", "extras", "provenance",
    }
)  # fmt: skip
"""The fields of a contract that are no terms of it."""

_SINGLE: Final = frozenset({"term", "renewal", "notice"})
_ITEMISED: Final = frozenset({"clauses", "lines", "obligations", "powers", "signatories", "people"})
_NAMING: Final = ("id", "citation", "product", "kind", "category", "metric", "name", "role", "person")
_ORDER: Final = "order"


@frozen(kw_only=True)
class TermChange:
    """One term that differs: its `path`, the values `before` and `after`, and the sentence.

    The path of an item is ("lines", "1"), with None for the side on which there is none; that of one of its
    terms ("lines", "1", "price"). The path ("clauses", "order") says that only the order of items differs, its
    values being their keys. `citation` is where the term stands ("art. 9.2"; empty: not known).
    """

    path: tuple[str, ...]
    before: object
    after: object
    wording: Wording
    citation: str = ""

    def __str__(self) -> str:
        """The sentence in English."""
        return self.wording.en


def compare_terms(before: Contract, after: Contract) -> tuple[TermChange, ...]:
    """Every term that differs between `before` and `after`, in the order of the contract's fields.

    Clauses are matched by their class and citation (then by what they are about), lines and obligations by id.

    >>> from clmcrm.clm.term_clauses import NoticeClause
    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> old, new = (Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA,
    ...                      notice=NoticeClause(length=Tenor(months=n), citation="art. 9.2")) for n in (3, 6))
    >>> print(compare_terms(old, new)[0])
    the notice period grows from 3 to 6 months (art. 9.2)
    """
    found: list[TermChange] = []
    for part in attrs.fields(Contract):
        if part.name not in NO_TERMS:
            found += _field(part.name, getattr(before, part.name), getattr(after, part.name))
    return tuple(found)


def _field(name: str, before: Any, after: Any) -> Iterator[TermChange]:  # noqa: ANN401 - a field holds any value
    if before == after:
        return
    if name in _ITEMISED:
        yield from _items(name, before, after)
    elif name in _SINGLE and type(before) is type(after) and isinstance(before, Clause):
        yield from _inner((name,), before, after)
    else:
        yield _change((name,), before, after)


def item_keys(items: tuple[Any, ...]) -> tuple[str, ...]:
    """What each item is known by, in order: its id, or its class with its citation or what it is about.

    Two of the same name are told apart by a number: "payment clause art. 5", "payment clause art. 5 #2".
    """
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for item in items:
        name = _name_of(item)
        seen[name] += 1
        keys.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return tuple(keys)


def _name_of(item: object) -> str:
    own = getattr(item, "id", None)
    if isinstance(own, str) and own:
        return own
    about = next((str(held) for name in _NAMING if (held := getattr(item, name, None))), "")
    return f"{thing_words(type(item)).en} {about}".strip()


def _items(name: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[TermChange]:
    old, new = (dict(zip(item_keys(items), items, strict=True)) for items in (before, after))
    # An item of another class under the same key is another item.
    common = [key for key in old if key in new and type(old[key]) is type(new[key])]
    for key, item in old.items():
        if key not in common:
            yield _gone((name, key), item)
        elif item != new[key]:
            yield from _inner((name, key), item, new[key])
    for key, item in new.items():
        if key not in common:
            yield _come((name, key), item)
    if [*common, *(key for key in new if key not in common)] != list(new) or _moves_back(old, new, common):
        words, things = named(_ORDER), named(name)
        yield TermChange(
            path=(name, _ORDER),
            before=tuple(old),
            after=tuple(new),
            wording=Wording(f"{words.en} of {things.en} changes", f"{words.fr} des {things.fr[4:]} change"),
        )


def _moves_back(old: dict[str, Any], new: dict[str, Any], common: list[str]) -> bool:
    """Whether going back would need an order: so that both directions speak of the same places."""
    kept = [key for key in new if key in common]
    return [*kept, *(key for key in old if key not in common)] != list(old)


def _inner(path: tuple[str, ...], before: Any, after: object) -> Iterator[TermChange]:  # noqa: ANN401 - two records
    for part in attrs.fields(before.__class__):
        old, new = getattr(before, part.name), getattr(after, part.name)
        if old != new:
            citation = getattr(after, "citation", "") or getattr(before, "citation", "")
            yield _change((*path, part.name), old, new, owner=after, citation=citation)


def _change(path: tuple[str, ...], before: Any, after: Any, owner: object = None, citation: str = "") -> TermChange:  # noqa: ANN401 - any term
    subject = _subject(path, owner)
    said = _said(subject, before, after)
    return TermChange(path=path, before=before, after=after, wording=_cited(said, citation), citation=citation)


def _subject(path: tuple[str, ...], owner: object) -> Wording:
    name = named(path[-1], path[0] if path[0] in _SINGLE and owner is not None else type(owner).__name__)
    if len(path) == 2:  # noqa: PLR2004 - ("notice", "length"): a clause of its own
        if named(path[-1]) != name:
            return name
        thing = thing_words(type(owner))
        return Wording(f"{name.en} ({thing.en})", f"{name.fr} ({thing.fr})")
    if len(path) == 1:
        return name
    if getattr(owner, "citation", ""):
        thing = thing_words(type(owner))
        return Wording(f"{name.en} ({thing.en})", f"{name.fr} ({thing.fr})")
    which = _which(owner, path[1], of_thing(type(owner)))
    return Wording(f"{name.en} of {which.en}", f"{name.fr} {which.fr}")


def _which(item: object, key: str, called: Wording | None = None) -> Wording:
    thing = called or thing_words(type(item))
    title = getattr(item, "description", "") or getattr(item, "title", "")
    about = f" ({title})" if title else ""
    name = key.removeprefix(thing.en).strip()
    return Wording(f"{thing.en} {name}{about}".strip(), f"{thing.fr} {name}{about}".strip())


def _gone(path: tuple[str, ...], item: Any) -> TermChange:  # noqa: ANN401 - as in _which
    which, said = _which(item, path[1]), value_words(item)
    wording = Wording(f"removed: {which.en}: {said.en}", f"suppression : {which.fr} : {said.fr}")
    return TermChange(path=path, before=item, after=None, wording=wording, citation=getattr(item, "citation", ""))


def _come(path: tuple[str, ...], item: Any) -> TermChange:  # noqa: ANN401 - as in _which
    which, said = _which(item, path[1]), value_words(item)
    wording = Wording(f"added: {which.en}: {said.en}", f"ajout : {which.fr} : {said.fr}")
    return TermChange(path=path, before=None, after=item, wording=wording, citation=getattr(item, "citation", ""))


def _cited(said: Wording, citation: str) -> Wording:
    return Wording(f"{said.en} ({citation})", f"{said.fr} ({citation})") if citation else said


def _said(subject: Wording, before: Any, after: Any) -> Wording:  # noqa: ANN401 - any term
    many_en = subject.en.split(" (")[0].split(" of ")[0].endswith("s") and subject.fr.startswith("les ")
    many_fr = subject.fr.startswith("les ")
    old, new = value_words(before), value_words(after)
    be, are = ("are", "sont") if many_fr else ("is", "est")
    if _empty(before):
        return Wording(
            f"{subject.en} {be} now {new.en}; there was none before",
            f"{subject.fr} {are} désormais : {new.fr} ; il n'y en avait pas",
        )
    if _empty(after):
        falls = "disparaissent" if many_fr else "disparaît"
        return Wording(
            f"{subject.en}, {old.en} until now, {be} dropped", f"{subject.fr}, jusqu'ici : {old.fr}, {falls}"
        )
    if isinstance(before, bool):
        return Wording(f"{subject.en}: {new.en} instead of {old.en}", f"{subject.fr} : {new.fr} au lieu de {old.fr}")
    verb = _verb(before, after)
    passes = "passent" if many_fr else "passe"
    start_en, start_fr = _start(before, after)
    dated = isinstance(before, date) and isinstance(after, date)
    fr = f"du {old.fr} au {new.fr}" if dated else f"de {start_fr or old.fr} à {new.fr}"
    verb_en = verb if many_en else f"{verb}s"
    return Wording(f"{subject.en} {verb_en} from {start_en or old.en} to {new.en}", f"{subject.fr} {passes} {fr}")


def _empty(value: object) -> bool:
    return value is None or value in ("", ())


def _verb(before: Any, after: Any) -> str:  # noqa: ANN401 - any term
    """Grow, rise or move where the direction is plain; otherwise change."""
    if isinstance(before, Tenor) and isinstance(after, Tenor):
        return ("grow" if _longer(before, after) else "shrink") if _one_unit(before, after) else "change"
    if isinstance(before, Money | UnitPrice) and type(before) is type(after) and before.currency == after.currency:
        return "rise" if before.amount < after.amount else "fall"
    if isinstance(before, Decimal | int) and isinstance(after, Decimal | int):
        return "rise" if before < after else "fall"
    return "move" if isinstance(before, date) and isinstance(after, date) else "change"


def _units(tenor: Tenor) -> list[tuple[str, int]]:
    return [(unit, n) for unit in ("years", "months", "weeks", "days") if (n := getattr(tenor, unit))]


def _one_unit(before: Tenor, after: Tenor) -> bool:
    old, new = _units(before), _units(after)
    return len(old) == len(new) == 1 and old[0][0] == new[0][0]


def _longer(before: Tenor, after: Tenor) -> bool:
    return _units(before)[0][1] < _units(after)[0][1]


def _start(before: Any, after: Any) -> tuple[str, str]:  # noqa: ANN401 - any term
    """The bare number of a length whose unit the other length repeats: "from 3 to 6 months"."""
    if isinstance(before, Tenor) and isinstance(after, Tenor) and _one_unit(before, after):
        number = str(_units(before)[0][1])
        return number, number
    return "", ""
