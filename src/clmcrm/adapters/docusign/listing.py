"""Lists of envelopes: many in one call, so that no envelope is ever asked after on its own.

DocuSign counts questions about one envelope by the hour and answers too many with an error; a list of a thousand
counts as one call. A list must be bounded by a date, by ids or by transaction ids.
Source: Envelopes: listStatusChanges; "service protection: excessive polling", developers.docusign.com.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import field, frozen

from clmcrm.adapters.docusign.marks import REQUEST, SENDER, is_guid, kept_id, mark_of, transaction_id
from clmcrm.adapters.docusign.session import DocuSignSession, read_or_refuse
from clmcrm.adapters.docusign_wire import VENDOR, instant, written
from clmcrm.adapters.trees import Tree, is_list, is_tree, number, trees_of, word
from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Flow

MOST: Final = 1000
"""Envelopes in one page."""
IDS: Final = 50
"""Ids in one address: below the 2,000 characters that every proxy passes on."""

_KEYS: Final = ("envelopes", "envelopeTransactionStatuses", "resultSetSize", "totalSetSize")
_WHOLE: Final[Mapping[str, str]] = {"include": "recipients,custom_fields"}


@frozen
class Listed:
    """One page: the sender's envelopes on it, how many it has in all, its last one, and whether more follow.

    `unmarked` names one on it that does not show the fields it was asked by: nobody can say whose it is.
    """

    rows: tuple[Tree, ...] = field(repr=False)
    size: int
    last: Tree | None = field(repr=False)
    more: bool
    unmarked: str = ""


class Listing:
    """What an account's lists say of the envelopes that `sender` sent; `since` bounds how far back they reach."""

    def __init__(self, session: DocuSignSession, sender: str, since: datetime, page: int = MOST) -> None:
        self._session, self._sender, self._since, self._page = session, sender, since, page

    def page(self, query: Mapping[str, str], *, skip: int = 0) -> Flow[Listed]:
        """A page of the sender's envelopes that meet `query`, after the first `skip` of them."""
        bounds = {"custom_field": f"{SENDER}={self._sender}", "count": str(self._page), **query}
        ours = (bounds["custom_field"].partition("=")[0], SENDER)
        place = {"start_position": str(skip)} if skip else {}
        answer = yield from self._asked({**_WHOLE, **bounds, **place})
        all_rows = _rows(answer)
        rows = tuple(one for one in all_rows if mark_of(one, SENDER) == self._sender)
        told = len(all_rows)
        total = number(answer, "totalSetSize")
        more = told >= self._page if total is None else skip + told < total
        unmarked = next((word(one, "envelopeId") for one in all_rows if not all(mark_of(one, own) for own in ours)), "")
        return Listed(rows, told, all_rows[-1] if all_rows else None, more and told > 0, unmarked)

    def by_keys(self, keys: Sequence[str]) -> Flow[dict[str, Tree]]:
        """The envelopes of these ids, whole, by id; one that no list shows is left out."""
        found: dict[str, Tree] = {}
        for first in range(0, len(keys), IDS):
            query = {**_WHOLE, "envelope_ids": ",".join(keys[first : first + IDS])}
            answer = yield from self._asked(query)
            found |= {word(one, "envelopeId"): one for one in _rows(answer)}
        return {key: found[key] for key in keys if key in found}

    def one(self, key: str) -> Flow[Tree]:
        """One envelope: from a list, and only where no list shows it yet by its own address.

        Raises `NoSuchEnvelope`.
        """
        listed = yield from self.by_keys([key])
        if key in listed:
            return listed[key]
        return (yield from self.fresh(key))

    def fresh(self, key: str) -> Flow[Tree]:
        """One envelope as it is at this instant, by its own address: counted by DocuSign for this envelope.

        Raises `NoSuchEnvelope`, and `MalformedReply` for an answer that shows another object: no proof of an absence.
        """
        found = yield from read_or_refuse(self._session.get(f"envelopes/{key}", _WHOLE))
        if word(found, "envelopeId").lower() != key.lower():
            raise MalformedReply(
                VENDOR, "GET envelopes/{id}", f"another object than envelope {key}: {sorted(found)[:5]}"
            )
        return found

    def sent_before(self, request_ids: Sequence[str]) -> Flow[dict[str, Tree]]:
        """The envelopes that were sent under these ids of ours, whole, by our id; the oldest of several.

        By the custom field, which holds for good: one call for each id, or, for many, one for each thousand
        envelopes of the sender. Then by transaction ids, which hold seven days and are known at once.
        """
        if len(request_ids) == 1:
            query = {"custom_field": f"{REQUEST}={kept_id(request_ids[0])}", "from_date": written(self._since)}
            rows = _marked((yield from self.page(query)))
        else:
            rows = yield from self._all()
        kept = {kept_id(one): one for one in request_ids}
        found: dict[str, Tree] = {}
        for row in sorted(rows, key=lambda one: word(one, "createdDateTime")):
            if mark_of(row, REQUEST) in kept:
                _ = found.setdefault(kept[mark_of(row, REQUEST)], row)
        left = [one for one in request_ids if one not in found]
        return found | (yield from self._by_transactions(left))

    def _all(self) -> Flow[list[Tree]]:
        """All of them, in the order of their creation: on from an instant, for one that is removed moves all places."""
        rows: list[Tree] = []
        at, skip = self._since, 0
        while True:
            query = {
                "from_date": written(at), "from_to_status": "created", "order_by": "created", "order": "asc",
            }  # fmt: skip
            page = yield from self.page(query, skip=skip)
            rows += _marked(page)
            if not page.more:
                return rows
            last = None if page.last is None else instant(page.last, "createdDateTime")
            if last is not None and last < at:  # it would be listed for ever
                what = f"an envelope of {last.isoformat()} in a list from {at.isoformat()} on"
                raise MalformedReply(VENDOR, "GET envelopes", what)
            at, skip = (at, skip + page.size) if last is None or last == at else (last, 0)

    def _by_transactions(self, request_ids: Sequence[str]) -> Flow[dict[str, Tree]]:
        asked = {transaction_id(self._sender, one): one for one in request_ids}
        ids = list(asked)
        keys: dict[str, str] = {}
        for first in range(0, len(ids), IDS):
            answer = yield from self._asked({"transaction_ids": ",".join(ids[first : first + IDS])})
            if not is_list(answer.get("envelopeTransactionStatuses", [])):
                raise MalformedReply(VENDOR, "GET envelopes", "the statuses of transactions are no list")
            for one in trees_of(answer, "envelopeTransactionStatuses"):
                told, key = word(one, "transactionId").lower(), word(one, "envelopeId")
                if key and not is_guid(key):
                    raise MalformedReply(VENDOR, "GET envelopes", f"transaction {told} names {key[:80]!r}, no envelope")
                if told in asked and key:
                    keys[asked[told]] = key
        found: dict[str, Tree] = {}
        for request_id, key in keys.items():
            found[request_id] = yield from self.one(key)
        return found

    def _asked(self, query: Mapping[str, str]) -> Flow[Tree]:
        answer = yield from read_or_refuse(self._session.get("envelopes", query))
        if not any(name in answer for name in _KEYS):
            # An empty list says that it is empty; anything else is no list, and proves nothing.
            raise MalformedReply(VENDOR, "GET envelopes", f"no list of envelopes: {sorted(answer)[:5]}")
        return answer


def _rows(answer: Tree) -> list[Tree]:
    """The envelopes of a list; one that cannot be read may be ours, and what is overlooked would be sent again."""
    found = answer.get("envelopes")
    counted = number(answer, "resultSetSize") or 0
    if found is None and not counted:
        return []
    if not is_list(found):
        raise MalformedReply(VENDOR, "GET envelopes", f"{counted} envelopes are counted, and no list of them is shown")
    for place, row in enumerate(found):
        if not is_tree(row) or not is_guid(word(row, "envelopeId")):
            raise MalformedReply(VENDOR, "GET envelopes", f"envelopes[{place}] is no envelope with its id")
    return found


def _marked(page: Listed) -> list[Tree]:
    """The sender's envelopes of a look-up; what does not show the field it was asked by is no proof of an absence."""
    if page.unmarked:
        raise MalformedReply(
            VENDOR, "GET envelopes", f"envelope {page.unmarked} does not show the field it was asked by"
        )
    return list(page.rows)
