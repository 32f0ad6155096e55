"""Records of texts alone are taken over without checks that none of them could fail: what is sent stays the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hubspot_desk import HubSpotDesk
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.hubspot.encoding import checked_properties, properties_as_json, properties_for
from clmcrm.adapters.hubspot.kinds import HubSpotKind, kinds
from clmcrm.adapters.hubspot.marks import as_value
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Unwritable
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import written
from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Fields, Kind
from clmcrm.testing.closed.validator import Request

OWN: dict[str, dict[str, str]] = {Kind.ACCOUNT: {"legal_name": "legal_name", "phone": "phone_of_ours"}}
PLAIN = kinds(TermsPlace.DEAL, {})
HELD = [*PLAIN.values(), *kinds(TermsPlace.CONTRACT, OWN).values()]


class Word(str):
    """A text of a type of its own, which is no JSON text."""

    __slots__ = ()


STRANGE: list[Any] = ["", 'a "quoted" \\ line\nand another', "Société", "\ud800", Word("own"), None, 7, True, [], {}]


def sent(properties: Callable[[HubSpotKind, Fields, Portal], object], held: HubSpotKind, fields: Fields) -> object:
    try:
        return properties(held, fields, Portal())
    except Unwritable as unwritable:
        return unwritable.why


def check(held: HubSpotKind, fields: dict[str, Any]) -> None:
    """Written or refused as with every check, and as the same bytes."""
    checked = sent(checked_properties, held, fields)
    assert sent(properties_for, held, fields) == checked
    said = properties_as_json(held, fields)
    if said is not None:
        assert f"{{{said}}}".encode() == written(checked)


def names(held: HubSpotKind) -> list[str]:
    return sorted({*held.texts, *(held.writable or ()), *held.custom, "created_on", "unknown"})


@pytest.mark.parametrize("held", HELD)
def test_one_strange_value_among_plain_texts(held: HubSpotKind) -> None:
    plain = dict.fromkeys(held.texts, "plain")
    check(held, {})
    for name in names(held):
        for value in ("plain", *STRANGE):
            check(held, {name: value})
            check(held, {**plain, name: value})
            check(held, {name: value, **{other: said for other, said in plain.items() if other != name}})


@given(st.sampled_from(HELD).flatmap(lambda held: st.tuples(st.just(held), records(held))))
def test_a_record_is_written_or_refused_as_with_every_check(drawn: tuple[HubSpotKind, dict[str, Any]]) -> None:
    check(*drawn)


def records(held: HubSpotKind) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names(held)), st.text(st.characters(max_codepoint=0x17F)), max_size=6)


@pytest.mark.parametrize("held", HELD)
def test_texts_have_a_property_each_that_nothing_else_writes(held: HubSpotKind) -> None:
    """Or a property would stand twice in what is sent, and the last one win."""
    written_too = [*held.texts.values(), *held.custom.values(), held.key]
    assert len(set(written_too)) == len(written_too)
    assert held.writable is None or held.texts.keys() <= held.writable


def test_a_load_sends_byte_for_byte_what_its_records_say() -> None:
    desk = HubSpotDesk()
    bodies: list[bytes] = []

    def kept(request: Request) -> Reply | None:
        if request.path.endswith("/batch/upsert"):
            bodies.append(request.body)
        return None

    desk.account.override = kept
    rows: dict[str, dict[str, Any]] = {
        "l:plain": {"name": "ACME", "phone": "+33 1 23", "description": 'says "yes" \\ no\n\x7f'},
        "l:refused": {"name": 7},
        'l:A"é^': {"name": "a mark of any letters", "website": ""},
        "l:accents": {"name": "Société", "owner": None},
        "l:more": {"employees": 12, "name": "counted"},
        "l:nothing": {},
    }
    loaded = desk.run(desk.crm.loader(Kind.ACCOUNT).load(rows))
    assert (set(loaded.keys), set(loaded.refused)) == (rows.keys() - {"l:refused"}, {"l:refused"})
    inputs = [
        {
            "objectWriteTraceId": str(place), "id": as_value(mark), "idProperty": "clmcrm_key",
            "properties": {**checked_properties(PLAIN[Kind.ACCOUNT], fields, Portal()), "clmcrm_key": as_value(mark)},
        }
        for place, (mark, fields) in enumerate(rows.items()) if mark != "l:refused"
    ]  # fmt: skip
    assert bodies == [json.dumps({"inputs": inputs}, separators=(",", ":")).encode()]


def loaded_as(told: str) -> str:
    """The key that a load reads from a reply."""
    desk = HubSpotDesk()
    _ = desk.run(desk.crm.loader(Kind.ACCOUNT).load({"l:1": {"name": "one"}}))

    def answered(request: Request) -> Reply | None:
        body = f'{{"results":[{{"id":"{told}","new":true,"objectWriteTraceId":"0"}}]}}'.encode()
        reply = Reply(status=200, headers={"Content-Type": "application/json"}, body=body)
        return reply if request.path.endswith("/batch/upsert") else None

    desk.account.override = answered
    loaded = desk.run(desk.crm.loader(Kind.ACCOUNT).load({"l:1": {"name": "one"}}))
    return loaded.keys["l:1"]


@pytest.mark.parametrize(
    ("told", "read"), [("1001", "1001"), (r"\u00e9", "é"), (r"\"\\u00e9", '"\\u00e9'), (r"a\nb", "a\nb")]
)
def test_a_reply_with_escapes_is_read_as_any_other(told: str, read: str) -> None:
    assert loaded_as(told) == read


def test_half_a_character_behind_an_escape_is_found_all_the_same() -> None:
    with pytest.raises(MalformedReply, match="half a surrogate pair"):
        _ = loaded_as(r"\ud800")
