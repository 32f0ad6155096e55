"""Terms as attachments that people can reach: a file that somebody has replaced stops nothing but itself."""

from __future__ import annotations

from typing import Any

import pytest

from clmcrm.adapters.tryton.fields import Codes, unfit
from clmcrm.adapters.tryton.kinds import KINDS
from clmcrm.ports.records import Kind

HELD = KINDS[Kind.CONTRACT_TERMS]


def attachment(number: int, data: bytes | None, name: str = "clmcrm terms t:1") -> dict[str, Any]:
    return {
        "id": number, "name": name, "data": data, "resource": "party.party,7", "last_modified_at": None,
        "_timestamp": "7.1",
    }  # fmt: skip


@pytest.mark.parametrize("data", [None, b"", b"%PDF-1.7 \xe2\xe3", b"[1]", b"7", b"[" * 100_000])
def test_a_file_that_holds_no_terms_is_told_as_unreadable_beside_the_others(data: bytes | None) -> None:
    spoilt, whole = (HELD.shown(row) for row in (attachment(4, data), attachment(5, b'{"account":"7"}')))
    assert (spoilt.unreadable, spoilt.fields) == ("ir.attachment 4: its file holds no contract terms", {})
    assert (whole.unreadable, whole.fields) == ("", {"account": "7"})


def test_terms_that_ended_are_gone_whatever_their_file_holds() -> None:
    ended = HELD.shown(attachment(4, b"", "clmcrm ended t:1"))
    assert (ended.gone, ended.unreadable, ended.mark) == (True, "", "t:1")


def test_a_change_of_terms_that_cannot_be_read_is_refused_unless_it_names_their_account() -> None:
    row, codes = attachment(4, b""), Codes({})
    assert unfit(Kind.CONTRACT_TERMS, row, {"title": "x"}, codes) == "the terms name no account of Tryton"
    assert unfit(Kind.CONTRACT_TERMS, row, {"title": "x", "account": "7"}, codes) is None
