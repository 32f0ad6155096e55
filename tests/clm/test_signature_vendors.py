"""Each service's words, against the lists the services publish.

The folder of their API descriptions is named by CLMCRM_SPECS, by default shared/specs beside the checkout; a
description that is absent is a skipped test that says so.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from clmcrm.clm.signature import RecipientRole, RecipientState, RequestState
from clmcrm.clm.signature_vendors import WORD_LISTS, recipient_role, word_list
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import Unknown

SPECS = Path(os.environ.get("CLMCRM_SPECS", Path(__file__).parents[3] / "shared" / "specs"))
EVENTS = "EventCallbackRequestEvent"


def spec(name: str) -> Any:
    path = SPECS / name
    if not path.is_file():
        pytest.skip(f"no API description {path}")
    return json.loads(path.read_text(encoding="utf-8"))


def instants(schema: str) -> set[str]:
    found = spec("docusign_esign_2.1_subset.json")["definitions"][schema]["properties"]
    return {name.casefold() for name in found if name.endswith("DateTime")}


def enum_in_yaml(text: str, schema: str, name: str) -> set[str]:
    """The members of one enum, read line by line: the file is too odd to deserve a YAML library."""
    lines = iter(text.split(f"\n    {schema}:\n")[1].splitlines())
    for line in lines:
        if line.strip() == f"{name}:":
            break
    members: list[str] = []
    for line in lines:
        if line.strip().startswith("- "):
            members.append(line.strip().removeprefix("- "))
        elif members:
            break
    return set(members)


def test_every_instant_of_a_docusign_envelope_and_recipient_is_known() -> None:
    assert instants("envelope") == set(word_list("docusign", "envelope instant").words)
    assert instants("signer") == set(word_list("docusign", "recipient instant").words)


def test_every_recipient_list_of_docusign_has_a_role() -> None:
    found = spec("docusign_esign_2.1_subset.json")["definitions"]["recipients"]["properties"]
    lists = [name for name, about in found.items() if about.get("type") == "array"]
    assert len(lists) > 9
    assert [name for name in lists if isinstance(recipient_role("docusign", name), Unknown)] == []


@pytest.mark.parametrize(
    ("schema", "of"), [("DocumentStatusEnum", "document status"), ("WebhookEventTriggerEnum", "webhook event")]
)
def test_every_word_of_pandadoc_is_known(schema: str, of: str) -> None:
    found = spec("pandadoc_8.8.json")["components"]["schemas"][schema]["enum"]
    assert len(found) > 10
    assert set(found) == set(word_list("pandadoc", of).words)


def test_every_role_of_pandadoc_is_known() -> None:
    found = spec("pandadoc_8.8.json")["components"]["schemas"]["RecipientTypeEnum"]["enum"]
    assert {recipient_role("pandadoc", word) for word in found} == {
        RecipientRole.SIGNER, RecipientRole.COPY, RecipientRole.APPROVER,
    }  # fmt: skip


def test_every_event_of_dropbox_sign_is_known() -> None:
    path = SPECS / "dropbox_sign_3.0.yaml"
    if not path.is_file():
        pytest.skip(f"no API description {path}")
    found = enum_in_yaml(path.read_text(encoding="utf-8"), EVENTS, "event_type")
    assert len(found) > 20
    assert found == set(word_list("dropbox_sign", "event type").words)


@pytest.mark.parametrize("system", ["docusign", "docuseal", "documenso", "dropbox_sign", "pandadoc", "opensign"])
def test_every_service_has_a_word_for_a_signature_and_one_for_completion(system: str) -> None:
    states = {state for words in WORD_LISTS if words.system == system for state in words.words.values()}
    assert states & {RecipientState.COMPLETED, RecipientState.SIGNED}
    assert RequestState.COMPLETED in states


@pytest.mark.parametrize("words", WORD_LISTS, ids=lambda words: f"{words.system} {words.of}")
def test_each_list_names_its_source_and_speaks_of_one_thing(words: Any) -> None:
    assert words.source
    assert len(words.words) > 1
    assert [w for w in WORD_LISTS if (w.system, w.of) == (words.system, words.of)] == [words]


def test_a_word_nobody_publishes_is_kept_and_never_guessed() -> None:
    assert word_list("documenso", "document status").state("EXPLODED") == Unknown(
        "documenso does not publish this document status", "EXPLODED"
    )
    assert recipient_role("docusign", "chancellors") == Unknown("docusign does not publish this role", "chancellors")
    assert word_list("docusign", "envelope status").state("Template") is None


def test_asking_for_a_list_that_is_not_there_names_those_there_are() -> None:
    with pytest.raises(InvalidRecord, match="docusign envelope status"):
        _ = word_list("docusign", "mood")
