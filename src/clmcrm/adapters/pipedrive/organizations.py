"""Accounts as Pipedrive keeps them: organizations.

| canonical field | field |
| --- | --- |
| `name`, `website`, `owner` | name, website, owner_id |
| `industry` | industry, by the label of its option |
| `employees`, `revenue` | employee_count, annual_revenue (in the company's own currency) |
| `billing_address` | address |
| `created_on` | add_time, the day in the time zone of the user who asks |

Website, industry, employees and revenue are there where the company has them switched on. Parents, a legal name,
register and tax numbers have no standard field; custom ones can be named for them.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.pipedrive.addresses import address_sent, address_shown
from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.plain import (
    Body,
    Row,
    Unwritable,
    amount,
    day_there,
    key_of,
    sent_amount,
    sent_count,
    sent_key,
    sent_text,
    text,
    whole,
)
from clmcrm.adapters.trees import tree_of
from clmcrm.ports.records import Fields, Json

OBJECT: Final = "organizations"
MAPPED: Final = ("name", "website", "owner_id", "industry", "employee_count", "annual_revenue", "address", "add_time")
CARRIED: Final = ("label_ids", "visible_to", "linkedin", "address")
"""Standard fields without a canonical home, or with more in them than ours: shown in `extras`, written back."""

WRITABLE: Final = frozenset(
    {"name", "website", "owner", "industry", "employees", "revenue", "billing_address", "extras"}
)

SWITCHED: Final = {
    "website": "website", "industry": "industry", "employees": "employee_count", "revenue": "annual_revenue",
}  # fmt: skip
"""Fields that a company may have switched off: a record without them does not show them, and shows no empty ones."""

_TEXTS: Final = {"name": "name", "website": "website"}


def shown(row: Row, company: Company) -> dict[str, Json]:
    """The canonical fields, empty ones as None; raises `ValueError` for a value that nobody can read."""
    count, turnover, trade = row.get("employee_count"), row.get("annual_revenue"), row.get("industry")
    created = text(row, "add_time")
    labels = company.options(OBJECT, "industry")
    told: dict[str, Json] = {
        "name": text(row, "name") or "(no name)",
        "website": text(row, "website"),
        "owner": key_of(row.get("owner_id")),
        "industry": None if trade is None else labels.get(str(trade)) or str(trade),
        "employees": None if count is None else whole(count),
        "revenue": None if turnover is None or not company.currency else amount(turnover, company.currency),
        "billing_address": address_shown(tree_of(row, "address")),
        "created_on": None if created is None else day_there(created, company.zone),
    }
    return {name: value for name, value in told.items() if name not in SWITCHED or SWITCHED[name] in row}


def changed(fields: Fields, company: Company, present: Row) -> Body:
    """The body that makes the organization show `fields`; raises `Unwritable` for what it cannot."""
    del present
    sent: Body = {}
    for name, value in fields.items():
        if name in _TEXTS:
            sent[_TEXTS[name]] = sent_text(value, name)
        elif name == "owner":
            sent["owner_id"] = sent_key(value, name, "users")
        elif name == "employees":
            sent["employee_count"] = sent_count(value, name)
        elif name == "industry":
            sent["industry"] = _option(sent_text(value, name), company)
        elif name == "revenue":
            sent["annual_revenue"], code = sent_amount(value, name)
            if code is not None and code != company.currency:
                raise Unwritable(f"revenue is in {code}; Pipedrive keeps it in the company's own, {company.currency}")
        elif name == "billing_address":
            sent["address"] = address_sent(value, name)
    if "name" in sent and sent["name"] is None:
        raise Unwritable("name is empty; an organization always has one")
    return sent


def _option(said: str | None, company: Company) -> int | None:
    if said is None:
        return None
    labels = company.options(OBJECT, "industry")
    found = next((key for key, label in labels.items() if label == said), said if said in labels else None)
    if found is None or not found.isdigit():
        known = ", ".join(labels.values()) or "none (the field is not switched on)"
        raise Unwritable(f"industry is {said!r}; the company's options are {known}")
    return int(found)
