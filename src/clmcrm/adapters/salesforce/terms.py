"""What a salesperson sees of a contract, as a record of Salesforce's own object Contract.

| what | in `Contract` |
| --- | --- |
| the account of the terms | AccountId |
| all terms, exactly | our long text field (JSON), so that they can be read back as they were written |
| all terms, in words | Description |
| `title`, `effective_on` | Name, StartDate |
| single terms of the org's choice | the fields that `OrgSettings.terms_shown` names |

Salesforce computes EndDate from StartDate and ContractTerm (whole months), and takes an activated contract back to no
earlier status: neither is written. A record of ours is made with the status "Draft" and its status is the org's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.terms_in_words import in_words, shown_term
from clmcrm.codec.canonical import canonical_text
from clmcrm.ports.records import Fields, Json

OBJECT: Final = "Contract"
READ: Final = ("AccountId", "Status")
NEW: Final = {"Status": "Draft"}
_LONGEST_NAME: Final = 80
_LONGEST_WORDS: Final = 32_000
_LONGEST_TERMS: Final = 131_072
Row = Mapping[str, Any]


def terms_shown(row: Row, org: OrgSettings) -> dict[str, Json]:
    """The terms as they were written, the account as it stands now; raises `Misfit` for a text that is none of ours."""
    try:
        fields = json.loads(str(row.get(org.terms_field) or ""))
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise Misfit(org.terms_field, "holds no terms of ours")
    return {**cast("dict[str, Json]", fields), "account": row.get("AccountId")}


def terms_sent(before: Fields, fields: Fields, org: OrgSettings) -> dict[str, Any]:
    """The values that make a contract show `before` with `fields` over it; raises `Misfit` for what has no place."""
    told = {**before, **fields}
    account = told.get("account")
    if not isinstance(account, str) or not account:
        raise Misfit("account", "is missing: a contract of Salesforce belongs to an account")
    whole = canonical_text(told)
    if len(whole) > _LONGEST_TERMS:
        raise Misfit(org.terms_field, f"the terms have {len(whole)} characters, more than {_LONGEST_TERMS}")
    made: dict[str, Any] = {
        "AccountId": account,
        org.terms_field: whole,
        "Description": in_words(told)[:_LONGEST_WORDS] or None,
        "Name": str(told.get("title") or "")[:_LONGEST_NAME] or None,
        "StartDate": told.get("effective_on"),
    }
    for name, at in org.terms_shown.items():
        made[at] = shown_term(told.get(name))
    return made
