"""Rows as an Odoo of series 19 tells them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def lead(**values: Any) -> dict[str, Any]:
    return {
        "id": 4, "name": "maintenance", "active": True, "won_status": "pending", "probability": Decimal("12.5"),
        "expected_revenue": Decimal("1000.5"), "company_currency": {"id": 1, "name": "EUR"}, "recurring_revenue": 0.0,
        "recurring_plan": False, "stage_id": {"id": 2, "name": "Qualified", "is_won": False},
        "partner_id": {"id": 9, "commercial_partner_id": 8}, "user_id": False, "date_deadline": False,
        "date_closed": "2026-12-31 23:30:00", "date_last_stage_update": "2026-11-29 07:00:00",
        "create_date": "2026-11-28 07:00:00", "tag_ids": [], "order_ids": [], "x_contract": False, **values,
    }  # fmt: skip
