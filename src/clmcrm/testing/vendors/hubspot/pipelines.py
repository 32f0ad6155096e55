"""The deal pipelines of an account, and what HubSpot computes when a deal moves through them."""

from __future__ import annotations

from typing import Any, Final

from clmcrm.testing.vendors.hubspot.records import Record, Records
from clmcrm.testing.vendors.hubspot.refusals import invalid
from clmcrm.testing.vendors.hubspot.schema import stamp

SALES: Final = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2", False),
    ("qualifiedtobuy", "Qualified To Buy", "0.4", False),
    ("presentationscheduled", "Presentation Scheduled", "0.6", False),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8", False),
    ("contractsent", "Contract Sent", "0.9", False),
    ("closedwon", "Closed Won", "1.0", True),
    ("closedlost", "Closed Lost", "0.0", True),
)
PARTNERS: Final = (
    ("998101", "Warm", "0.5", False),
    ("998102", "Signed", "1.0", True),
    ("998103", "Gone", "0.0", True),
)
PIPELINES: Final = {"default": ("Sales Pipeline", SALES), "887700": ("Partners", PARTNERS)}


def told() -> dict[str, Any]:
    """The pipelines as the API tells them."""
    return {
        "results": [
            {
                "id": name, "label": label, "displayOrder": order, "archived": False,
                "createdAt": "2020-01-01T00:00:00Z", "updatedAt": "2020-01-01T00:00:00Z",
                "stages": [
                    {
                        "id": stage, "label": words, "displayOrder": place, "archived": False,
                        "metadata": {"isClosed": str(closed).lower(), "probability": chance},
                        "createdAt": "2020-01-01T00:00:00Z", "updatedAt": "2020-01-01T00:00:00Z",
                    }
                    for place, (stage, words, chance, closed) in enumerate(stages)
                ],
            }
            for order, (name, (label, stages)) in enumerate(PIPELINES.items())
        ]
    }  # fmt: skip


def check(properties: dict[str, Any], currencies: tuple[str, ...], now: str = "") -> None:
    """Raise `Refused` for a stage, a pipeline or a currency that the account does not have.

    `now` is the pipeline the deal is in; a new one goes into the first, and a stage must be one of its pipeline's.
    """
    pipeline = properties.get("pipeline") or now or next(iter(PIPELINES))
    if pipeline not in PIPELINES:
        raise invalid(f"{pipeline} was not one of the allowed options for pipeline")
    stage = properties.get("dealstage") or None
    homes = [name for name, (_, stages) in PIPELINES.items() if any(one[0] == stage for one in stages)]
    if stage is not None and pipeline not in homes:
        raise invalid(f"{stage} was not one of the allowed options for dealstage")
    code = properties.get("deal_currency_code") or None
    if code is not None and code not in currencies:
        raise invalid(f"{code} was not one of the allowed options for deal_currency_code")


def computed(records: Records, deal: Record, before: str) -> None:
    """What HubSpot fills in by itself: the first stage, its probability, when it was entered, when it was closed."""
    now, values = stamp(records.clock.now), dict[str, str]()
    stage = deal.properties.get("dealstage") or SALES[0][0]
    if stage == before and deal.properties.get("pipeline"):
        return
    home, chance, closed = next(
        (name, chance, closed)
        for name, (_, stages) in PIPELINES.items()
        for one, _words, chance, closed in stages
        if one == stage
    )
    values = {
        "dealstage": stage, "pipeline": home, "hs_deal_stage_probability": str(float(chance)),
        "hs_v2_date_entered_current_stage": now, "hs_is_closed": str(closed).lower(),
        "hs_is_closed_won": str(closed and chance == "1.0").lower(),
    }  # fmt: skip
    if closed and not deal.properties.get("closedate"):
        values["closedate"] = now
    records.compute(deal, values)
