"""Each field of our request is sent to Dropbox Sign, refused, or in the table of losses; so is what it tells."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, asked, needs_descriptions, validator
from losing import Spy, shown_whole, uncarried

from clmcrm.adapters.dropbox_sign.esign import PRINT, DropboxSignEsign
from clmcrm.adapters.dropbox_sign.losses import RECIPIENT, REQUEST, SIGNATURE, THEIRS, loss_table
from clmcrm.adapters.dropbox_sign.reading import facts_of, version_of
from clmcrm.adapters.dropbox_sign.wire import DropboxSignSession
from clmcrm.adapters.loss_rows import names_of
from clmcrm.clm.signature import SignatureRequest
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import finished

DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Noting(DropboxSignSession):
    """Finds nothing, and refuses what it is sent, which it keeps."""

    noted: tuple[Any, ...] = ()

    def get(self, *_: Any) -> Generator[Any, Any, Any]:
        yield from ()
        return {"signature_requests": []}

    def send(self, *sent: Any) -> Generator[Any, Any, Any]:
        yield from ()
        self.noted = sent
        raise RefusedError("dropbox_sign", "noted")


def sent(request: SignatureRequest) -> object:
    """Why it is not sent, or the form that sends it, without the fingerprint of the whole."""
    session = Noting(Secret("k"))
    session.last_date = "Thu, 01 Jan 2026 00:00:00 GMT"
    outcome = finished(DropboxSignEsign(session).send(request, DOCUMENT))
    if not session.noted:
        return outcome.why
    where, fields, files = session.noted
    told = dict(fields)
    marks = {name: value for name, value in json.loads(told.pop("metadata")).items() if name != PRINT}
    return where, told, marks, files


def test_every_field_of_our_request_is_sent_refused_or_in_the_table() -> None:
    ends = evolve(asked(), expires_at=DAY + timedelta(days=9))
    assert sent(ends) != sent(asked())
    found = uncarried(asked(), sent) | {"remind_every"}
    assert sent(evolve(asked(), remind_every=3)) == sent(asked())
    assert found == names_of(REQUEST)
    assert uncarried(BEN, lambda one: sent(asked("R-1", ANN, one))) == names_of(RECIPIENT)


def looked_at() -> tuple[set[str], set[str]]:
    """The members of a request, and of a signature, that are looked at on any way through it."""
    whole, ours = set[str](), set[str]()
    for status in ("signed", "error_email", "declined"):
        signature = Spy({"status_code": status, "order": 0, "last_viewed_at": 7, "reassigned_by": "a@b.example"}, ours)
        for complete in (True, False):
            request = Spy({"created_at": 1, "is_complete": complete, "signatures": [signature]}, whole)
            _ = facts_of(request, DAY), version_of(request, DAY)
    return whole, ours


@needs_descriptions
@pytest.mark.parametrize("of", ["SignatureRequestResponse", "SignatureRequestResponseSignatures"])
def test_every_property_is_read_or_in_the_table(of: str) -> None:
    tree = validator("dropbox_sign_3.0.yaml").description.tree
    whole = of == "SignatureRequestResponse"
    read, losses = (looked_at()[0] | {"metadata"}, THEIRS) if whole else (looked_at()[1], SIGNATURE)
    declared = set(tree["components"]["schemas"][of]["properties"])
    for name in declared - read - names_of(losses):  # a later description declares more
        assert_shown_whole(name, whole=whole)
    assert names_of(losses) & read == set()
    if tree["info"]["version"] == "3.0.0":  # of which the table was made
        assert names_of(losses) - declared == set()


def assert_shown_whole(name: str, *, whole: bool) -> None:
    esign = DropboxSignEsign(DropboxSignSession(Secret("k")))
    signature = {"signature_id": "s-1", **({} if whole else {name: "kept"})}
    request = {"signature_request_id": "a" * 40, "signatures": [signature], **({name: "kept"} if whole else {})}
    assert shown_whole(esign.signature_request("a" * 40), {"signature_request": request}) == request


@pytest.mark.parametrize("whole", [True, False], ids=["request", "signature"])
def test_what_no_table_knows_is_shown_as_dropbox_sign_has_it(whole: bool) -> None:
    assert_shown_whole("declared_next_year", whole=whole)


def test_the_page_names_every_loss() -> None:
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_dropbox_sign.md"
    assert loss_table() in page.read_text(encoding="utf-8")
