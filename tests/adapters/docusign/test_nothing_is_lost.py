"""Each field of our request reaches DocuSign, is refused, or stands in the table of losses; so does what it tells."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, ESIGN, MovableClock, asked, needs_descriptions, validator
from losing import Spy, shown_whole, uncarried

from clmcrm.adapters.docusign.definition import Sending, days_open, definition, objection
from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.losses import ENVELOPE, RECIPIENT, REQUEST, SIGNER, loss_table
from clmcrm.adapters.docusign.marks import PRINT, mark_of
from clmcrm.adapters.docusign.reading import completed, facts_of, version_of
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.adapters.loss_rows import names_of
from clmcrm.clm.signature import SignatureRequest

AT = "2026-01-02T10:00:00Z"


def sent(request: SignatureRequest) -> object:
    """Why it is not sent, or the body that sends it, without the fingerprint of the whole."""
    why = objection(request, DOCUMENT, Sending())
    if why:
        return why
    days = days_open(request, MovableClock()())
    body = definition(request, DOCUMENT, Sending(), days if isinstance(days, int) else None)
    fields = body["customFields"]["textCustomFields"]
    return {**body, "customFields": [one for one in fields if one["name"] != PRINT]}, days


def test_every_field_of_our_request_is_sent_refused_or_in_the_table() -> None:
    assert uncarried(asked(), sent) == names_of(REQUEST)
    assert uncarried(BEN, lambda one: sent(asked("R-1", ANN, one))) == names_of(RECIPIENT)


def test_an_end_and_reminders_are_sent() -> None:
    plain = asked()
    ends = evolve(plain, expires_at=MovableClock()() + timedelta(days=9))
    once = evolve(plain, remind_after=3)
    assert len({str(sent(each)) for each in (plain, ends, once, evolve(once, remind_every=2))}) == 4


def looked_at() -> tuple[set[str], set[str]]:
    """The members of an envelope, and of a signer, that are looked at on any way through it."""
    whole, ours = set[str](), set[str]()
    for status in ("signed", "autoresponded", "declined", ""):
        signer = Spy({
            "status": status, "sentDateTime": AT, "declinedDateTime": AT, "recipientIdGuid": "g", "recipientId": "1",
            "delegatedBy": {"Email": "eve@example.org"},
        }, ours)  # fmt: skip
        for more in ({"initialSentDateTime": AT}, {"sentDateTime": AT, "voidedDateTime": AT}):
            envelope = Spy({"envelopeId": "e", "status": "x", "recipients": {"signers": [signer]}, **more}, whole)
            _ = facts_of(envelope, {}), version_of(envelope), completed(envelope), mark_of(envelope, PRINT)
    return whole, ours


@needs_descriptions
@pytest.mark.parametrize("of", ["envelope", "signer"])
def test_every_property_is_read_or_in_the_table(of: str) -> None:
    declared: dict[str, Any] = validator(ESIGN).description.tree["definitions"][of]["properties"]
    read, losses = (looked_at()[0], ENVELOPE) if of == "envelope" else (looked_at()[1], SIGNER)
    for name in set(declared) - read - names_of(losses):  # a later description declares more
        assert_shown_whole(of, name)
    assert names_of(losses) & read == set()
    if validator(ESIGN).description.tree["info"]["version"] == "v2.1":  # of which the table was made
        assert names_of(losses) - set(declared) == set()


def assert_shown_whole(of: str, name: str) -> None:
    esign = DocuSignEsign(DocuSignSession("https://demo.docusign.net", "a-1"))
    key = "00000000-0000-4000-8000-00000000000a"
    signer = {"recipientId": "1", **({name: "kept"} if of == "signer" else {})}
    envelope = {"envelopeId": key, "recipients": {"signers": [signer]}, **({name: "kept"} if of == "envelope" else {})}
    assert shown_whole(esign.envelope(key), {"envelopes": [envelope]}) == envelope


@pytest.mark.parametrize("of", ["envelope", "signer"])
def test_what_no_table_knows_is_shown_as_docusign_has_it(of: str) -> None:
    assert_shown_whole(of, "declaredNextYear")


def test_the_page_names_every_loss() -> None:
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_docusign.md"
    assert loss_table() in page.read_text(encoding="utf-8")
