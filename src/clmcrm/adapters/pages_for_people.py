"""Pages for people where an API's answer was expected: a gateway's, a log-in form, a maintenance notice."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import Final

from clmcrm.ports.calls import Reply

_BEGINNING: Final = 200


def is_page(reply: Reply) -> bool:
    """Whether a reply is a page: it says that it is HTML, or begins with a tag, whatever its status says.

    >>> is_page(Reply(status=200, body=b" <!doctype html>")), is_page(Reply(status=502, body=b'{"code": 7}'))
    (True, False)
    """
    html = "html" in reply.headers.get("content-type", "").lower()
    return html or reply.body[:_BEGINNING].removeprefix(BOM_UTF8).lstrip()[:1] == b"<"
