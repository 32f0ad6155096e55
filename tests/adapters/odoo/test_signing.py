"""Signatures at an Odoo: refused is what it cannot do as asked, kept is every word, and no reply makes a crash."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, DOCUMENT, asked
from docusign_desk import BEN as _BEN
from hypothesis import given
from hypothesis import strategies as st
from signing_odoo import SigningOdoo

from clmcrm.adapters.odoo.sign_log import ACTIONS, STATES, facts_of
from clmcrm.clm.signature import Authentication, RecipientRole, RecipientState, RequestFact, RequestState
from clmcrm.clm.signature_standing import signature_standing
from clmcrm.errors import AdapterError, MalformedReply, RefusedError, TerminalError
from clmcrm.ports.records import Result
from clmcrm.values.partial import Unknown

BEN = evolve(_BEN, order=0)
REQUEST = asked("R-1", ANN, BEN)
DOCX = b"PK\x03\x04 a document"


@pytest.fixture
def odoo() -> SigningOdoo:
    return SigningOdoo()


def sent(odoo: SigningOdoo) -> str:
    outcome = odoo.run(odoo.service.send(REQUEST, DOCUMENT))
    assert outcome.result is Result.DONE, outcome.why
    return outcome.key


def test_two_sign_what_was_sent_once(odoo: SigningOdoo) -> None:
    key = sent(odoo)
    assert odoo.run(odoo.service.send(REQUEST, DOCUMENT)).result is Result.BOUND
    assert odoo.run(odoo.service.send(evolve(REQUEST, recipients=(ANN,)), DOCUMENT)).result is Result.REUSED
    assert odoo.run(odoo.service.find("R-1")) == key
    assert odoo.run(odoo.service.find("R-2")) is None
    odoo.sign(1, ANN.email)
    assert not signature_standing(REQUEST, odoo.run(odoo.service.facts(key))).complete
    assert odoo.run(odoo.service.files(key)) is None
    odoo.sign(1, BEN.email)
    assert signature_standing(REQUEST, odoo.run(odoo.service.facts(key))).complete
    files = odoo.run(odoo.service.files(key))
    assert files is not None
    assert files.document.startswith(DOCUMENT)
    assert odoo.run(odoo.service.cancel(key, "late")).result is Result.REFUSED
    assert odoo.run(odoo.service.touched(None)).keys == (key,)
    assert (odoo.refused, len(odoo.requests)) == ([], 1)


def test_a_cancelled_request_keeps_its_reason(odoo: SigningOdoo) -> None:
    key = sent(odoo)
    assert [odoo.run(odoo.service.cancel(key, "wrong price")).result for _ in range(2)] == [Result.DONE] * 2
    standing = signature_standing(REQUEST, odoo.run(odoo.service.facts(key)))
    assert standing.state is RequestState.VOIDED
    assert [fact.reason for fact in standing.whole if fact.state is RequestState.VOIDED] == ["wrong price"]
    assert odoo.mailed == ["clmcrm: wrong price"]


def test_a_reason_is_mailed_once_however_often_its_cancelling_is_tried(odoo: SigningOdoo) -> None:
    key = sent(odoo)
    odoo.refusing = {"cancel": "odoo.exceptions.UserError"}
    assert [odoo.run(odoo.service.cancel(key, "wrong price")).result for _ in range(2)] == [Result.REFUSED] * 2
    odoo.refusing.clear()
    assert odoo.run(odoo.service.cancel(key, "wrong price")).result is Result.DONE
    assert odoo.mailed == ["clmcrm: wrong price"]


def test_what_somebody_archived_was_sent_all_the_same(odoo: SigningOdoo) -> None:
    key = sent(odoo)
    odoo.requests[0]["active"] = False
    assert odoo.run(odoo.service.find("R-1")) == key
    assert odoo.run(odoo.service.send(REQUEST, DOCUMENT)).result is Result.BOUND


@pytest.mark.parametrize(
    ("request_", "document", "why"),
    [
        (asked("R-1", evolve(ANN, authentication=Authentication.SMS_CODE)), DOCUMENT, "checks nobody beyond the link"),
        (asked("R-1", ANN, evolve(BEN, required=False)), DOCUMENT, "whose act may be left out"),
        (asked("R-1", evolve(ANN, role=RecipientRole.COPY)), DOCUMENT, "nobody is asked to act"),
        (asked("R-1", evolve(ANN, email=" ann@example.org")), DOCUMENT, "spaces around it"),
        (evolve(REQUEST, sha256=sha256(DOCX).hexdigest()), DOCX, "sign_oca signs nothing else"),
        (evolve(REQUEST, sha256=sha256(b"text").hexdigest()), b"text", "neither a PDF nor a DOCX"),
        (REQUEST, DOCX, "fingerprint"),
        (asked("R-1", ANN, evolve(BEN, order=1)), DOCUMENT, "no order"),
    ],
    ids=["a code by SMS", "left out", "a copy alone", "spaces", "a DOCX", "a text", "another document", "an order"],
)  # fmt: skip
def test_what_it_cannot_do_as_asked_is_refused_before_anybody_gets_a_mail(
    odoo: SigningOdoo, request_: Any, document: bytes, why: str
) -> None:
    outcome = odoo.run(odoo.service.send(request_, document))
    assert outcome.result is Result.REFUSED
    assert why in outcome.why
    assert not odoo.requests


def test_a_link_by_mail_is_what_it_does(odoo: SigningOdoo) -> None:
    linked = asked("R-1", evolve(ANN, authentication=Authentication.EMAIL_LINK))
    assert odoo.run(odoo.service.send(linked, DOCUMENT)).result is Result.DONE


@pytest.mark.parametrize("name", ["odoo.exceptions.AccessError", "odoo.exceptions.UserError"])
@pytest.mark.parametrize("method", ["check_object_reference", "search", "load", "web_search_read", "action_send"])
def test_what_the_user_may_not_do_is_a_refusal_in_odoos_words(odoo: SigningOdoo, method: str, name: str) -> None:
    odoo.refusing[method] = name
    outcome = odoo.run(odoo.service.send(REQUEST, DOCUMENT))
    assert (outcome.result, outcome.why) == (Result.REFUSED, f"{method} is not for you")
    assert not any(row["action"] == "validate" for row in odoo.log)
    odoo.refusing.clear()
    assert odoo.run(odoo.service.send(REQUEST, DOCUMENT)).result is Result.DONE


@pytest.mark.parametrize("name", ["odoo.exceptions.AccessError", "odoo.exceptions.MissingError"])
def test_what_the_user_may_not_read_is_a_typed_error(odoo: SigningOdoo, name: str) -> None:
    key = sent(odoo)
    odoo.refusing = {"web_search_read": name, "check_object_reference": name}
    for flow in (
        odoo.service.find("R-1"), odoo.service.facts(key), odoo.service.files(key), odoo.service.touched(None),
        odoo.service.cancel(key, "because"),
    ):  # fmt: skip
        with pytest.raises(RefusedError, match="is not for you"):
            _ = odoo.run(flow)
    odoo.refusing = {"message_post": name}
    assert odoo.run(odoo.service.cancel(key, "because")).result is Result.REFUSED


NO_FILES = [None, False, "", "None", "not base64", 7, ["JVBERi0="], "PGh0bWw+", "JVBERi"]


@pytest.mark.parametrize("data", NO_FILES, ids=repr)
def test_what_is_no_pdf_in_base64_is_no_signed_document(odoo: SigningOdoo, data: object) -> None:
    key = sent(odoo)
    for person in (ANN, BEN):
        odoo.sign(1, person.email)
    odoo.requests[0]["data"] = data
    with pytest.raises(MalformedReply, match=f"sign.oca.request {key}: .*data"):
        _ = odoo.run(odoo.service.files(key))


def test_a_key_that_was_never_given_has_neither_facts_nor_files(odoo: SigningOdoo) -> None:
    for flow in (odoo.service.facts("7"), odoo.service.files("7"), odoo.service.files("x")):
        with pytest.raises(TerminalError, match="there is no request"):
            _ = odoo.run(flow)
    assert odoo.run(odoo.service.cancel("7", "because")).result is Result.MISSING


@pytest.mark.parametrize("cursor", ["", "x", "2026-05-07T12:00:00", "0001-01-01T00:00:00+14:00", "7" * 500])
def test_a_cursor_it_never_gave_is_a_typed_error(odoo: SigningOdoo, cursor: str) -> None:
    with pytest.raises(TerminalError, match="is no cursor"):
        _ = odoo.run(odoo.service.touched(cursor))


def row_of(**more: Any) -> dict[str, Any]:
    signers = [
        {"id": place, "partner_id": {"id": place, "email": one.email, "name": one.name}, "signed_on": False}
        for place, one in enumerate((ANN, BEN), 1)
    ]
    return {"id": 1, "state": "0_sent", "signer_ids": signers, **more}


def entry(action: object, **more: Any) -> dict[str, Any]:
    return {"id": 1, "action": action, "date": "2026-05-07 12:00:00", "ip": False, "signer_id": 1, **more}


@pytest.mark.parametrize("action", [*sorted(ACTIONS), "delegate", "Sign", None, 7], ids=str)
def test_every_action_of_the_log_has_its_meaning_and_any_other_is_kept(action: object) -> None:
    facts = facts_of(row_of(), [entry(action)], "")
    unknown = [fact for fact in facts if isinstance(getattr(fact, "state", None), Unknown)]
    assert bool(unknown) is (action not in ACTIONS)
    assert len(facts) == {"validate": 3, "configure": 0, "add_field": 0, "edit_field": 0, "delete_field": 0}.get(
        str(action), 1
    )


@pytest.mark.parametrize("state", [*sorted(STATES), "4_frozen"])
def test_every_state_has_its_meaning_and_any_other_is_kept(state: str) -> None:
    facts = facts_of(row_of(state=state), [entry("create")], "")
    raw = [fact.raw for fact in facts if isinstance(getattr(fact, "state", None), Unknown)]
    assert raw == ([state] if state in ("4_frozen", "2_signed") else [])


def test_a_request_marked_as_signed_is_not_complete_before_everybody_has_signed() -> None:
    row = row_of(state="2_signed")
    row["signer_ids"][0]["signed_on"] = "2026-05-07 12:00:00"
    facts = facts_of(row, [entry("validate"), entry("sign", id=2)], "")
    standing = signature_standing(REQUEST, facts)
    assert not standing.complete
    assert [place.state for place in standing.places] == [RecipientState.COMPLETED, RecipientState.SENT]
    row["signer_ids"][1]["signed_on"] = "2026-05-07 12:00:00"
    assert any(isinstance(f, RequestFact) and f.state is RequestState.COMPLETED for f in facts_of(row, [], ""))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["2026-05-07 12:00:00", "2_signed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


def places(node: Any) -> list[tuple[Any, Any]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [spot for name, inner in list(inside) for spot in ((node, name), *places(inner))]


@given(st.integers(0, 200), JSON, st.sampled_from(["web_search_read", "check_object_reference", "search", "load"]))
def test_any_value_in_any_place_of_a_reply_is_an_answer_or_a_typed_error(place: int, value: Any, method: str) -> None:
    odoo = SigningOdoo()
    key = sent(odoo)
    odoo.sign(1, ANN.email)

    def twisted(asked_of: str, told: Any) -> Any:
        spots = places(told) if asked_of == method else []
        if not spots:
            return copy.deepcopy(value) if asked_of == method else told
        holder, name = spots[place % len(spots)]
        holder[name] = copy.deepcopy(value)
        return json.loads(json.dumps(told))

    odoo.spoil = twisted
    service = odoo.service
    for flow in (
        service.find("R-1"), service.facts(key), service.files(key), service.touched(None), service.cancel(key, "no"),
        service.send(REQUEST, DOCUMENT), service.send(asked("R-2", ANN), DOCUMENT),
    ):  # fmt: skip
        with suppress(AdapterError):
            _ = odoo.run(flow)
    assert sum(row["action"] == "validate" and row["request_id"] == 1 for row in odoo.log) == 1
