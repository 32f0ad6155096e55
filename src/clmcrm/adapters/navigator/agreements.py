"""Navigator as a source of contracts: it lists agreements and shows each one; it takes nothing.

It is no whole CLM: it holds no accounts that could be listed, creates no contract and changes none. Its list
cannot be asked for what changed, so each pull lists everything and leaves telling apart to the version. An
agreement that is missing from a list proves nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo
from hashlib import blake2b
from typing import Any, Final, cast
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from clmcrm.adapters.docusign_wire import NoSuchEnvelope, RefusedByDocuSign, instant, result
from clmcrm.adapters.held_kinds import not_held
from clmcrm.adapters.navigator.leaves import OF_THE_REPLY, exact
from clmcrm.adapters.navigator.reading import SYSTEM, contract_of
from clmcrm.adapters.trees import Tree, is_list, is_tree, tree_of, trees_of, word
from clmcrm.clm.kinds import ContractKind
from clmcrm.codec.records import to_fields
from clmcrm.drivers.budgets import Budget
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError, TerminalError, Unsupported
from clmcrm.ports.calls import Call, Effect, Flow
from clmcrm.ports.records import Capabilities, Feed, Kind, Outcome, Page, Precondition, Result, Seen, Write

BUDGETS: Final = (
    Budget(vendor=SYSTEM, size=3000, per=timedelta(hours=1)),
    Budget(vendor=SYSTEM, size=500, per=timedelta(seconds=30)),
)
"""What an account allows by default."""
PRODUCTION: Final = "https://api.docusign.com"
DEVELOPMENT: Final = "https://api-d.docusign.com"
SCOPE: Final = "adm_store_unified_repo_read"
"""The scope a token needs."""
PAGE: Final = 100
HOLDS: Final = frozenset(
    {
        "title", "kind", "kind_detail", "names_in_text", "parent", "renewal_owner", "executed_on", "effective_on",
        "term", "renewal", "notice", "clauses", "languages", "governing_law", "total_value", "annual_value", "refs",
        "extras",
    }
)  # fmt: skip
"""The fields of a contract that Navigator shows."""

_ID: Final = re.compile(r"[{]?[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}[}]?")
_MISSING: Final = 404
_READ_ONLY: Final = "Navigator is read only: change the agreement in DocuSign, or in the CLM that owns it"
_NO_KINDS: Final[Mapping[str, ContractKind]] = {}


class NavigatorAgreements:
    """The agreements of one account; `origin` is one of `PRODUCTION` and `DEVELOPMENT`.

    `kinds` says which of our kinds the account's own types are, `zone` in which zone days are written (None: each
    as it is written), `page` how many are listed at a time.
    """

    def __init__(
        self,
        account: str,
        *,
        origin: str = PRODUCTION,
        kinds: Mapping[str, ContractKind] = _NO_KINDS,
        zone: tzinfo | None = None,
        page: int = PAGE,
    ) -> None:
        if page < 1:
            raise InvalidRecord("NavigatorAgreements", "page", page, "at least 1")
        self._origin, self._account = origin.rstrip("/"), account
        self._kinds, self._zone, self._page = kinds, zone, page

    def __repr__(self) -> str:
        return f"NavigatorAgreements({self._account!r}, origin={self._origin!r})"

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return SYSTEM

    @property
    def capabilities(self) -> Capabilities:
        """What it can and cannot do: contracts, listed whole, and nothing is written."""
        return Capabilities(
            kinds=frozenset({Kind.CONTRACT}), creates=frozenset[str](), feed=Feed.NONE, precondition=Precondition.NONE,
            tells_deletes=False, marks=False, batch_size=PAGE, holds={Kind.CONTRACT: HOLDS},
        )  # fmt: skip

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of all agreements; the next one's cursor holds DocuSign's token and nothing of its link.

        The cursor of the last page begins anew: there is no feed to go on in.
        """
        _contracts_only(kind)
        here = None if cursor is None else _token(cursor)
        query = {"limit": str(self._page), **({} if here is None else {"ctoken": here})}
        answer = yield from self._asked(f"agreements?{urlencode(query)}")
        rows: object = answer.get("data")
        if not is_list(rows):
            raise MalformedReply(SYSTEM, "data", f"no list of agreements: {sorted(answer)[:5]}")
        seen = tuple(self._seen(one) for one in rows)
        token = self._next(answer)
        if token is not None and token == here:
            raise MalformedReply(SYSTEM, "_links.next", "the next page is this one")
        return Page(seen=seen, cursor=json.dumps([token]), more=token is not None)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The agreements of these ids; one that Navigator does not show is left out, and so is what is no id of its."""
        _contracts_only(kind)
        found: list[Seen] = []
        for key in dict.fromkeys(key for key in keys if _ID.fullmatch(key)):
            try:
                answer = yield from self._asked(f"agreements/{quote(key, safe='')}")
            except (RefusedError, NoSuchEnvelope) as refused:
                if isinstance(refused, RefusedError) and refused.status != _MISSING:
                    raise
                continue
            found.append(self._seen(answer))
        return tuple(found)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """Raises `Unsupported`: nothing is ever created here under a key of ours."""
        _contracts_only(kind)
        yield from ()
        raise Unsupported(SYSTEM, "marks", f"no {kind} is found by our key {mark!r}: Navigator keeps none")

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """REFUSED for each write, with the reason; more than `capabilities.batch_size` is a `TerminalError`."""
        yield from ()
        if len(writes) > PAGE:
            raise TerminalError(SYSTEM, f"{len(writes)} writes in one call, at most {PAGE} are looked at; {_READ_ONLY}")
        return tuple(Outcome(result=Result.REFUSED, key=getattr(one, "key", ""), why=_READ_ONLY) for one in writes)

    def _seen(self, agreement: object) -> Seen:
        told: Tree = _alone(agreement) if is_tree(agreement) else {}
        key = word(told, "id")
        try:
            contract = contract_of(told, kinds=self._kinds, zone=self._zone)
            changed = instant(tree_of(told, "metadata"), "modified_at")
        except (InvalidRecord, MalformedReply) as refused:
            if not key:
                raise MalformedReply(SYSTEM, "data", f"an agreement without an id: {str(agreement)[:80]}") from None
            return Seen(kind=Kind.CONTRACT, key=key, fields={}, version=_version(told), unreadable=str(refused))
        fields = {name: value for name, value in to_fields(contract).items() if name != "id"}
        return Seen(kind=Kind.CONTRACT, key=key, fields=fields, version=_version(told), changed_at=changed)

    def _next(self, answer: Tree) -> str | None:
        """The token of the next page, out of its link; the link itself is never followed."""
        links = answer.get("_links")
        link = links.get("next") if is_tree(links) else links
        if link is None:
            return None
        href = word(link, "href") if is_tree(link) else ""
        if not href:  # what is no link may stand before pages that nobody would see then
            raise MalformedReply(SYSTEM, "_links.next", f"no link to a page: {str(link)[:80]}")
        try:
            parts = urlsplit(href)
        except ValueError:
            raise MalformedReply(SYSTEM, "_links.next", f"no address: {href[:80]!r}") from None
        if f"{parts.scheme}://{parts.netloc}" != self._origin and parts.netloc:
            raise MalformedReply(SYSTEM, "_links.next", f"a link to another host: {parts.netloc[:80]!r}")
        tokens = parse_qs(parts.query).get("ctoken", [])
        if len(tokens) != 1:
            raise MalformedReply(SYSTEM, "_links.next", "no ctoken in the link")
        return tokens[0]

    def _asked(self, path: str) -> Flow[Tree]:
        call = Call(
            method="GET", url=f"{self._origin}/v1/accounts/{quote(self._account, safe='')}/{path}", vendor=SYSTEM,
            headers={"accept": "application/json"}, effect=Effect.NONE,
        )  # fmt: skip
        reply = yield call
        try:
            return result(reply, call.where)
        except RefusedByDocuSign as refused:
            raise RefusedError(SYSTEM, str(refused), refused.request_id, status=refused.status) from None


def raw_of(seen: Seen) -> Mapping[str, Any]:
    """What Navigator showed that has no field of ours, by path: the raw values of a contract's extras."""
    return {word(one, "field"): one.get("raw") for one in trees_of(seen.fields, "extras")}


def _contracts_only(kind: str) -> None:
    if kind != Kind.CONTRACT:
        raise TerminalError(SYSTEM, not_held([Kind.CONTRACT], kind))


def _token(cursor: str) -> str | None:
    """DocuSign's token in a cursor of ours; None in the cursor of a last page."""
    try:
        told = cast("object", json.loads(cursor))
    except (RecursionError, ValueError):
        told = None
    token = told[0] if is_list(told) and len(told) == 1 else ""
    if token is not None and (not isinstance(token, str) or not token):
        raise TerminalError(SYSTEM, f"{cursor[:80]!r} is no cursor of the list")
    return token


def _alone(agreement: Tree) -> Tree:
    """An agreement without what is about the reply alone."""
    meta = {name: value for name, value in tree_of(agreement, "metadata").items() if name not in OF_THE_REPLY}
    return {**agreement, "metadata": meta} if is_tree(agreement.get("metadata")) else agreement


def _version(agreement: Tree) -> str:
    """A fingerprint of an agreement."""
    text = json.dumps(exact(agreement), sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
