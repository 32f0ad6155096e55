"""What a salesperson sees of a contract, as a row of a table of our own.

| what | in `<prefix>_contractterm` |
| --- | --- |
| the account of the terms | `<prefix>_accountid` |
| all terms, exactly | `<prefix>_terms` (JSON), so that they can be read back as they were written |
| all terms, in words | `<prefix>_words` |
| `title`, `effective_on` | `<prefix>_name`, `<prefix>_effectiveon` |
| single terms of the org's choice | the columns that `OrgSettings.terms_shown` names |

Dataverse's own table contract is one of service, belongs to the retired service module and demands billing dates
that a contract of sale does not have: it is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from clmcrm.adapters.dataverse.ground import Ground, Table
from clmcrm.adapters.dataverse.lookups import address, lookup_key
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.terms_in_words import in_words, shown_term
from clmcrm.codec.canonical import canonical_text
from clmcrm.ports.records import Fields, Json

LONGEST: Final = 1_048_576
"""How many characters a text of several lines has at most."""
_LONGEST_NAME: Final = 200
_LONGEST_WORDS: Final = 30_000
Row = Mapping[str, Any]


def terms_columns(org: OrgSettings) -> tuple[str, ...]:
    """The columns that a row of terms has, beside those of the org's choice."""
    return tuple(f"{org.prefix}_{end}" for end in ("name", "accountid", "terms", "words", "effectiveon"))


def terms_shown(row: Row, ground: Ground) -> dict[str, Json]:
    """The terms as they were written, the account as it stands now; raises `Misfit` for a text that is none of ours."""
    org = ground.org
    try:
        fields = json.loads(str(row.get(org.terms) or ""))
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise Misfit(org.terms, "holds no terms of ours")
    return {**cast("dict[str, Json]", fields), "account": lookup_key(row, f"{org.prefix}_accountid")}


def terms_sent(before: Fields, fields: Fields, ground: Ground, table: Table) -> dict[str, Any]:
    """The values that make a row show `before` with `fields` over it; raises `Misfit` for what has no place.

    A lookup of an own column is bound by the name that the description of the `table` gives, whose case counts.
    """
    org = ground.org
    told = {**before, **fields}
    account = told.get("account")
    if not isinstance(account, str) or not account:
        raise Misfit("account", "is missing: terms belong to an account")
    whole = canonical_text(told)
    if len(whole) > LONGEST:
        raise Misfit(org.terms, f"the terms have {len(whole)} characters, more than {LONGEST}")
    bound = table.lookups.get((f"{org.prefix}_accountid", "account"), f"{org.prefix}_accountid")
    made: dict[str, Any] = {
        f"{bound}@odata.bind": address("account", account, "account", ground),
        org.terms: whole,
        f"{org.prefix}_words": in_words(told)[:_LONGEST_WORDS] or None,
        f"{org.prefix}_name": str(told.get("title") or "")[:_LONGEST_NAME] or None,
        f"{org.prefix}_effectiveon": told.get("effective_on"),
    }
    for name, at in org.terms_shown.items():
        made[at] = shown_term(told.get(name))
    return made
