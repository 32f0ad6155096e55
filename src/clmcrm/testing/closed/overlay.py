"""Limits that stand in a vendor's documentation and not in its description: batch and page sizes, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from clmcrm.values.validators import count, maybe, text


@frozen(kw_only=True)
class Limit:
    """No more than `most` (and no less than `least`) in one place.

    `query` names a query key whose number is bounded, `items` a path in the body ("recipients", "" for the
    body itself) whose list is. `path` is a template as it stands in the description, or a start of one that
    ends in "*"; `source` says where the vendor says so.
    """

    method: str = field(validator=text)
    path: str = field(validator=text)
    query: str | None = field(default=None, validator=maybe(text))
    items: str | None = None
    least: int = field(default=0, validator=count)
    most: int = field(validator=count)
    source: str = field(validator=text)

    def about(self, method: str, template: str) -> bool:
        """Whether it is about this operation."""
        fits = template.startswith(self.path[:-1]) if self.path.endswith("*") else template == self.path
        return method == self.method and fits


OVERLAYS: Final[Mapping[str, tuple[Limit, ...]]] = {
    "pandadoc_8.8": (
        Limit(
            method="GET", path="/public/v1/documents", query="count", least=1, most=100,
            source="developers.pandadoc.com: list documents, count: at most 100",
        ),
    ),
    "dropbox_sign_3.0": (
        Limit(
            method="GET", path="/signature_request/list", query="page_size", least=1, most=100,
            source="developers.hellosign.com: page_size must be between 1 and 100",
        ),
        Limit(
            method="GET", path="/template/list", query="page_size", least=1, most=100,
            source="developers.hellosign.com: page_size must be between 1 and 100",
        ),
    ),
    "docusign_esign_2.1_subset": (
        Limit(
            method="GET", path="/v2.1/accounts/{accountId}/envelopes", query="count", least=1, most=1000,
            source="developers.docusign.com: listStatusChanges, count: at most 1,000",
        ),
    ),
    "apideck_crm": (
        Limit(
            method="GET", path="/crm/*", query="limit", least=1, most=200,
            source="the parameter's own words: minimum 1, maximum 200",
        ),
    ),
}  # fmt: skip
"""The limits of the descriptions we know, by the name of the file."""
