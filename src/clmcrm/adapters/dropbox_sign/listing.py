"""Pages of requests as Dropbox Sign lists them, and the place in them at which a pull goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from clmcrm.adapters.dropbox_sign.wire import VENDOR, is_key
from clmcrm.adapters.trees import Tree, is_list, is_tree, number, tree_of, word
from clmcrm.errors import MalformedReply, TerminalError


def rows_of(answer: Tree) -> list[Tree]:
    """The requests of a list; one that cannot be read may be ours, and what is overlooked would be sent again."""
    found = answer.get("signature_requests")
    rows = found if is_list(found) else []
    for place, row in enumerate(rows):
        if not is_tree(row) or not is_key(word(row, "signature_request_id")):
            raise MalformedReply(VENDOR, f"signature_requests[{place}]", "no signature request with its id")
    return rows


def follows(answer: Tree, page: int, size: int) -> bool:
    """Whether more follows a page; where the list does not count its pages, a full one is not taken for the last."""
    pages = number(tree_of(answer, "list_info"), "num_pages")
    return len(rows_of(answer)) >= size if pages is None else pages > page


def place_of(cursor: str | None) -> tuple[int, dict[str, str], dict[str, str]]:
    """Which page is next, what was told before this pull, and what this pull has seen.

    Raises `TerminalError` for a cursor the feed never gave.
    """
    if cursor is None:
        return 1, {}, {}
    try:
        page, told, seen = cast("list[Any]", json.loads(cursor))
        return int(page), {str(k): str(v) for k, v in told.items()}, {str(k): str(v) for k, v in seen.items()}
    except (AttributeError, OverflowError, RecursionError, TypeError, ValueError):
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of the feed") from None


def meta_of(request: Tree) -> Mapping[str, Any]:
    """What was attached to a request; empty where nothing was.

    >>> meta_of({"metadata": {"a": "b"}}), meta_of({"metadata": []})
    ({'a': 'b'}, {})
    """
    found = request.get("metadata")
    return found if is_tree(found) else {}
