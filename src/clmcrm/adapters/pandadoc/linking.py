"""A document and the record of a CRM that it is about: bound once for each CRM, and found by it.

PandaDoc asks the CRM, with which the workspace is connected, whether the record is there. A document that is bound to
another record of the same CRM stays so: who moved it there decides.
Source: PandaDoc/pandadoc-openapi-specification 8.8.0, create linked object, list documents by linked object.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from attrs import field, frozen

from clmcrm.adapters.pandadoc.wire import OTHERS, VENDOR, InAnotherState, NoSuchDocument, PandaDocSession, is_key
from clmcrm.adapters.trees import Tree, is_list, is_tree, trees_of, word
from clmcrm.errors import MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Outcome, Result
from clmcrm.values.validators import text


@frozen(kw_only=True)
class LinkedRecord:
    """A record of a CRM in PandaDoc's words: `provider` ("hubspot"), `kind` ("deal"), and the CRM's `key` of it."""

    provider: str = field(validator=text)
    kind: str = field(validator=text)
    key: str = field(validator=text)

    @property
    def told(self) -> Mapping[str, str]:
        """Its names in PandaDoc."""
        return {"provider": self.provider, "entity_type": self.kind, "entity_id": self.key}


def link(session: PandaDocSession, document: str, record: LinkedRecord) -> Flow[Outcome]:
    """DONE when the document is bound to the record now, BOUND when it was before.

    REFUSED, with what it is bound to or PandaDoc's own words, for a second record of one CRM and for one that the CRM
    does not know; MISSING for a document that is not there.
    """
    if not is_key(document):
        return Outcome(result=Result.MISSING, why=f"there is no document {document}")
    path = f"v1/documents/{document}/linked-objects"
    try:
        before = yield from _before(session, path, record)
        if before is not None:
            return _standing(document, record, before)
        _ = yield from session.change("POST", path, record.told, effect=Effect.ONCE)
    except NoSuchDocument:
        return Outcome(result=Result.MISSING, why=f"there is no document {document}")
    except InAnotherState as state:
        raise TransientError(VENDOR, f"document {document} cannot be linked yet: {state}") from None
    except RefusedError as refused:
        return Outcome(result=Result.REFUSED, key=document, why=refused.what)
    return Outcome(result=Result.DONE, key=document)


def linked(session: PandaDocSession, record: LinkedRecord) -> Flow[tuple[str, ...]]:
    """The keys of the documents that are bound to the record, as PandaDoc orders them."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in record.told.items())
    try:
        found = yield from session.items(f"v1/documents/linked-objects?{query}", bucket=OTHERS)
    except (NoSuchDocument, InAnotherState) as refused:
        raise TerminalError(VENDOR, f"documents of {record.provider} {record.kind} {record.key}: {refused}") from None
    keys = [word(one, "id") if is_tree(one) else "" for one in found]
    if not all(is_key(key) for key in keys):
        raise MalformedReply(VENDOR, "GET linked-objects", "a row that is no document")
    return tuple(keys)


def _before(session: PandaDocSession, path: str, record: LinkedRecord) -> Flow[Tree | None]:
    answer = yield from session.get(path, bucket=OTHERS)
    if not is_list(answer.get("linked_objects")):
        raise MalformedReply(VENDOR, "GET linked-objects", f"no linked objects: {sorted(answer)[:5]}")
    same = (one for one in trees_of(answer, "linked_objects") if word(one, "provider") == record.provider)
    return next(same, None)


def _standing(document: str, record: LinkedRecord, before: Tree) -> Outcome:
    if (word(before, "entity_type"), word(before, "entity_id")) == (record.kind, record.key):
        return Outcome(result=Result.BOUND, key=document)
    other = f"{record.provider} {word(before, 'entity_type')} {word(before, 'entity_id')}"
    return Outcome(result=Result.REFUSED, key=document, why=f"the document is bound to {other}, once for each CRM")
