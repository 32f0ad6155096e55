"""How a journal writes what it keeps: as JSON text that is the same for the same value.

What cannot be read back raises `JournalCorrupt` naming where it stands: nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NoReturn, cast
from zlib import crc32

from clmcrm.errors import ClmcrmError, InvalidRecord, JournalCorrupt, SyncError
from clmcrm.ports.kept import Agreed, Entry, Hint, Link, keys_of, plain_keys
from clmcrm.ports.records import SIDES, Fields, Side
from clmcrm.values.json_text import PLAIN, JsonText, json_writer, quoted, strange

RECORD_FORMAT: Final = 1
"""What the fields of a pair mean; a body without `format` is of the first. New fields do not raise it."""

_PAIR: Final = frozenset({"pair", "kind", "crm", "clm", "aliases", "merged", "base", "shown_crm", "shown_clm"})
_SIDES: Final = {side: side.value for side in SIDES}
_encode: Final = json_writer(allow_nan=False)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no value a journal writes")


_DECODER: Final = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)


def seal_of(*columns: str | int | None) -> int:
    """A check sum of one row's columns: a flipped bit in any of them shows.

    >>> seal_of("account", "p1") == seal_of("account", "p2")
    False
    """
    try:
        whole = "\x1f".join(cast("tuple[str, ...]", columns))
    except TypeError:
        whole = "\x1f".join(["" if column is None else str(column) for column in columns])
    return crc32(whole.encode("utf-8", "surrogatepass"))


def encoded(fields: Fields) -> str:
    """The fields as JSON with sorted keys; raises `InvalidRecord` for what JSON or the journal cannot hold.

    >>> encoded({"b": 1, "a": None})
    '{"a":null,"b":1}'
    """
    if type(fields) is JsonText:
        return fields.text
    wrong = strange(fields if isinstance(fields, dict) else dict(fields), "fields")
    if wrong is not None:
        raise InvalidRecord("journal", *wrong, PLAIN)
    return _compared(fields)


def _compared(fields: Fields) -> str:
    """The same where it is compared and not kept: the encoder lets floats and names that are no text pass."""
    plain = fields if isinstance(fields, dict) else dict(fields)
    try:
        return _encode(plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRecord("journal", *(strange(plain, "fields") or ("fields", str(error))), PLAIN) from error


def decoded(text: str, where: str) -> Fields:
    """The fields that `encoded` wrote; raises `JournalCorrupt` when the text is something else."""
    try:
        # Not `decode`: it looks for blanks around the text, of which there are none.
        found, end = _DECODER.raw_decode(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise JournalCorrupt(f"{where}: {error}; restore the journal from a copy") from error
    if end != len(text):
        raise JournalCorrupt(f"{where}: something stands behind the object; restore the journal from a copy")
    if not isinstance(found, dict):
        raise JournalCorrupt(f"{where}: expected an object, found {type(found).__name__}")
    return cast("Fields", found)


def agreed_text(agreed: Agreed) -> str:
    """A pair as JSON, with what a later version kept beside it.

    What a side shows is left out where it is what was agreed: that is nearly always so.

    >>> link = Link(pair="p", kind="account", crm="A1")
    >>> agreed_text(Agreed(link=link, base={"n": 1}, shown_crm={"n": 1}, shown_clm={}))
    '{"aliases":[],"base":{"n":1},"clm":null,"crm":"A1","kind":"account","pair":"p","shown_clm":{}}'
    """
    link, base, shown = agreed.link, encoded(agreed.base), ""
    for name, fields in (("shown_clm", agreed.shown_clm), ("shown_crm", agreed.shown_crm)):
        # Texts are compared: the values 1 and True are equal, and are not the same.
        if fields is not agreed.base and _compared(fields) != base:
            shown += f',"{name}":{encoded(fields)}'
    aliases = _encode(plain_keys(link.aliases)) if link.aliases else "[]"
    merged = f',"merged":{_encode(plain_keys(link.merged))}' if link.merged else ""
    whole = (
        f'{{"aliases":{aliases},"base":{base},"clm":{key_text(link.clm)},'
        f'"crm":{key_text(link.crm)},"kind":{key_text(link.kind)}{merged},"pair":{key_text(link.pair)}{shown}}}'
    )
    return encoded({**agreed.extras, **json.loads(whole)}) if agreed.extras else whole


def key_text(value: str | None) -> str:
    """A key as JSON text, in ASCII whatever it holds."""
    return "null" if value is None else quoted(value)


def agreed_row(agreed: Agreed) -> tuple[str, str, str, str, str, int]:
    """A pair as a row: kind, pair, its keys on the CRM and on the CLM, body and seal.

    The keys are JSON text, null without one: any text can be stored so.
    """
    link = agreed.link
    row = (link.kind, link.pair, key_text(link.crm), key_text(link.clm), agreed_text(agreed))
    return (*row, seal_of(*row))


def alias_rows(link: Link) -> list[tuple[str, str, str, str, int]]:
    """The keys that were merged into a pair's own, as rows: kind, side, key, pair and seal."""
    rows = [(link.kind, side.value, key_text(key), link.pair) for side, key in link.aliases]
    return [(*row, seal_of(*row)) for row in rows]


def hint_row(hint: Hint) -> tuple[str, str, str, int, str | None, int]:
    """A hint as a row: kind, side, key, whether it is gone, what it was merged into, and seal."""
    row = (hint.kind, _SIDES[hint.side], hint.key, int(hint.gone), hint.merged_into)
    return (*row, hint_seal(*row))


def hint_seal(kind: str, side: str, key: str, gone: int, merged_into: str | None) -> int:
    """The seal of a hint's columns: that of texts alone, which are joined at once, is the same.

    >>> hint_seal("account", "crm", "A1", 0, None) == seal_of("account", "crm", "A1", 0, None)
    True
    """
    return seal_of(kind, side, key, str(gone), merged_into or "")


def is_shown(  # noqa: PLR0917 - called for every record of a listing
    body: str, side: Side, fields: Fields, kind: str, pair: str, keys: Sequence[str]
) -> bool:
    """Whether a pair's body says that `side` last showed just these fields: by its text, without reading it.

    `keys` are the pair's on the CRM and on the CLM, as text. False also where the text alone does not tell:
    for a pair with aliases, or with the side's own spelling of a value.

    >>> known = Agreed(link=Link(pair="p", kind="account", crm="A1"), base={"n": 1}, shown_crm={"n": 1})
    >>> text, keys = agreed_text(known), ('"A1"', "null")
    >>> is_shown(text, Side.CRM, {"n": 1}, "account", "p", keys)
    True
    >>> is_shown(text, Side.CRM, {"n": True}, "account", "p", keys)
    False
    >>> is_shown(text, Side.CLM, {"n": 1}, "account", "p", keys)
    False
    """
    crm, clm = keys
    try:
        head = f'{{"aliases":[],"base":{_compared(fields)},"clm":{clm},"crm":{crm},"kind":'
    except InvalidRecord:
        return False
    head = f'{head}{key_text(kind)},"pair":{key_text(pair)}'
    if not body.startswith(head):
        return False
    rest = body[len(head) :]
    return rest == "}" or (rest.startswith(f',"shown_{side.other}":{{') and f'"shown_{side}":' not in rest)


def agreed_of(text: str, where: str) -> Agreed:
    """The pair that `agreed_text` wrote, here or in another version of the library.

    Fields that are not known here are kept as `extras`. Raises `SyncError` for a body whose known fields
    mean something else by now.
    """
    facts: dict[str, Any] = dict(decoded(text, where))
    form = facts.get("format", RECORD_FORMAT)
    if form != RECORD_FORMAT:
        raise SyncError(f"{where}: written in format {form!r}, this library reads {RECORD_FORMAT}: update clmcrm")
    try:
        aliases, merged = keys_of(facts["aliases"]), keys_of(facts.get("merged", ()))
        link = Link(
            pair=facts["pair"], kind=facts["kind"], crm=facts["crm"], clm=facts["clm"], aliases=aliases, merged=merged,
        )  # fmt: skip
        base = facts["base"]
        return Agreed(
            link=link, base=base, shown_crm=facts.get("shown_crm", base), shown_clm=facts.get("shown_clm", base),
            extras={} if facts.keys() <= _PAIR else {n: v for n, v in facts.items() if n not in _PAIR},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, ClmcrmError) as error:
        raise JournalCorrupt(f"{where}: no agreed pair: {error}") from error


def entry_of(at: str, pair: str, what: str, facts: str) -> Entry:
    """A history line from its four columns."""
    where = f"history of {pair}"
    try:
        return Entry(at=datetime.fromisoformat(at), pair=pair, what=what, facts=decoded(facts, where))
    except ValueError as error:
        raise JournalCorrupt(f"{where}: {error}") from error


def merged_hint(old: Hint | None, new: Hint, number: int) -> Hint:
    """The newer hint under its number, with the evidence of an end that an earlier one brought."""
    return Hint(
        kind=new.kind,
        side=new.side,
        key=new.key,
        gone=new.gone or (old is not None and old.gone),
        merged_into=new.merged_into or (old.merged_into if old else None),
        number=number,
    )
