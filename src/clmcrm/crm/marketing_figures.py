"""What campaigns cost and bring: return, cost per answer, share of answers, per campaign and with its parts.

The rule of the file: a campaign stands for itself and for the campaigns below it; a circle among them is
an error that names it. What cannot be converted makes a cost unknown, never small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from attrs import frozen

from clmcrm.crm.attribution import HALF_LIFE_DAYS, AttributionModel, attribute_revenue
from clmcrm.crm.campaign import Campaign
from clmcrm.crm.closed_sales import is_credit_note, sale_name, won_in
from clmcrm.crm.opportunity import Opportunity
from clmcrm.parties.hierarchy import Hierarchy
from clmcrm.values.conversion import DatedAmount, InOneCurrency, in_one_currency
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import exact_money, round_to
from clmcrm.values.figures import Figure, FigureDefinition, FigureValue, LeftOut
from clmcrm.values.ids import CampaignId
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable
from clmcrm.values.span import Span
from clmcrm.values.wording import Wording

_PLACES: Final = 4
_SHARE: Final = Wording("share (0 to 1), four decimals", "part (0 à 1), quatre décimales")
_SPENT: Final = Wording(
    "spending by its own day, revenue by the closing day of the sale",
    "dépenses selon leur jour, revenus selon le jour de clôture de l'affaire",
)

CAMPAIGN_RETURN: Final = FigureDefinition(
    name=Wording("campaign return", "retour sur campagne"),
    formula=Wording("(revenue credited - spending) / spending", "(revenu attribué - dépenses) / dépenses"),
    population=Wording("won sales credited to the campaign", "affaires gagnées attribuées à la campagne"),
    unit=Wording("ratio, four decimals (0 is the money back)", "rapport, quatre décimales (0 : la mise est rendue)"),
    period=_SPENT,
    missing=Wording(
        "a sale without closing day, amount or rate, with an amount below zero or of unknown stage is left out and "
        "named, and so is undated spending; without spending, or with some that has no rate, the figure is unknown",
        "une affaire sans jour de clôture, montant ou taux, de montant négatif ou d'étape inconnue est écartée et "
        "citée, comme une dépense sans date ; sans dépense, ou si une dépense n'a pas de taux, la valeur est inconnue",
    ),
)

COST_PER_ANSWER: Final = FigureDefinition(
    name=Wording("cost per answer", "coût par réponse"),
    formula=Wording("spending in the period / answers in it", "dépenses de la période / réponses dans la période"),
    population=Wording("dated answers in the period", "réponses datées dans la période"),
    unit=Wording("amount in the currency asked for", "montant dans la devise demandée"),
    period=Wording("spending and answers by their own day", "dépenses et réponses selon leur jour"),
    missing=Wording(
        "undated spending and answers are left out and named",
        "les dépenses et réponses sans date sont écartées et citées",
    ),
)

ANSWER_RATE: Final = FigureDefinition(
    name=Wording("answer rate", "taux de réponse"),
    formula=Wording("members who answered / members reached", "membres ayant répondu / membres touchés"),
    population=Wording("members of the campaign and its parts", "membres de la campagne et de ses parties"),
    unit=_SHARE,
    period=Wording("none: all members ever reached", "aucune : tous les membres touchés"),
    missing=Wording(
        "nothing is left out: a member has answered or not", "rien n'est écarté : un membre a répondu ou non"
    ),
)

MARKETING_FIGURES: Final = (CAMPAIGN_RETURN, COST_PER_ANSWER, ANSWER_RATE)
"""The figures of marketing, in the order of the page."""


@frozen(kw_only=True)
class CampaignResult:
    """What a campaign (with its parts) cost and brought in a period.

    `spent` and `revenue` are in the currency asked for; `spent` is None when no spending is stated, or when some of
    it has no rate: what could be converted alone would make it small.
    """

    campaign: CampaignId
    spent: Money | None
    revenue: Money
    returned: Figure
    cost_per_answer: Figure
    answer_rate: Figure


def campaign_results(
    campaigns: Iterable[Campaign],
    opportunities: Iterable[Opportunity],
    period: Span,
    code: str | Currency,
    rates: RateTable | None = None,
    *,
    model: AttributionModel = AttributionModel.LINEAR,
    half_life_days: int = HALF_LIFE_DAYS,
) -> tuple[CampaignResult, ...]:
    """Each campaign's results in `period`, by id; a campaign's own parts are counted in it.

    Revenue is credited by `model` and converted at the rate of each sale's closing day, spending at its own
    day's. Raises `InvalidRecord` for campaigns whose parents run in a circle.

    >>> from datetime import date
    >>> campaign_results([], [], Span(date(2026, 1, 1)), "EUR")
    ()
    """
    unit = currency(code)
    known = {campaign.id: campaign for campaign in campaigns}
    tree = Hierarchy({c.id: c.parent for c in known.values()})
    for campaign in known:
        _ = tree.ancestors(campaign)  # raises for a circle
    won, unplaced = won_in(opportunities, period)
    sales = {sale.id: sale for sale in won if not is_credit_note(sale)}
    notes = [
        LeftOut(record=sale_name(sale), reason=f"its amount is below zero: {sale.amount}")
        for sale in won
        if is_credit_note(sale)
    ]
    credited = attribute_revenue(sales.values(), known.values(), model, half_life_days=half_life_days)
    earned: dict[CampaignId, list[DatedAmount]] = {}
    for credit in credited.credits:
        closed_on = sales[credit.opportunity].closed_on
        if credit.campaign is not None and closed_on is not None:
            item = DatedAmount(record=f"opportunity {credit.opportunity}", amount=credit.amount, on=closed_on)
            earned.setdefault(credit.campaign, []).append(item)
    family = {key: (key, *tree.descendants(key)) for key in sorted(known)}
    unstated = (*unplaced, *notes, *credited.left_out)
    return tuple(
        _result([known[k] for k in keys if k in known], earned, unstated, period, (unit, rates))
        for keys in family.values()
    )


def _result(
    family: list[Campaign],
    earned: Mapping[CampaignId, list[DatedAmount]],
    unstated: tuple[LeftOut, ...],
    period: Span,
    money: tuple[Currency, RateTable | None],
) -> CampaignResult:
    unit, rates = money
    income = in_one_currency([item for c in family for item in earned.get(c.id, ())], unit, rates)
    cost, undated = _costs(family, period, unit, rates)
    revenue = total((amount for _, amount in income.amounts), unit)
    whole = bool(cost.amounts) and not cost.left_out
    spent = total((amount for _, amount in cost.amounts), unit) if whole else None
    return CampaignResult(
        campaign=family[0].id,
        spent=spent,
        revenue=revenue,
        returned=_returned(revenue, spent, income, cost, (*unstated, *undated)),
        cost_per_answer=_per_answer(family, period, spent, cost, undated),
        answer_rate=_answer_rate(family),
    )


def _costs(
    family: list[Campaign], period: Span, unit: Currency, rates: RateTable | None
) -> tuple[InOneCurrency, list[LeftOut]]:
    items: list[DatedAmount] = []
    undated: list[LeftOut] = []
    for campaign in family:
        for cost in campaign.spend:
            record = f"campaign {campaign.id}, cost {cost.label}"
            if cost.on is None:
                undated.append(LeftOut(record=record, reason="its day is not stated"))
            elif cost.on in period:
                items.append(DatedAmount(record=record, amount=cost.amount, on=cost.on))
    return in_one_currency(items, unit, rates), undated


def _returned(
    revenue: Money, spent: Money | None, income: InOneCurrency, cost: InOneCurrency, missing: tuple[LeftOut, ...]
) -> Figure:
    value: FigureValue
    if cost.left_out:
        value = Unknown("not every cost could be converted")
    elif spent is None:
        value = Unknown("no spending is stated for the period")
    elif spent.amount <= 0:
        value = Unknown(f"the spending stated for the period is {spent}, not above zero")
    else:
        value = round_to((Fraction(revenue.amount) - Fraction(spent.amount)) / Fraction(spent.amount), _PLACES)
    left_out = (*missing, *income.left_out, *cost.left_out)
    sales = len({record for record, _ in income.amounts})
    return CAMPAIGN_RETURN.result(value, "ratio", sales, left_out, (*income.rates, *cost.rates))


def _per_answer(
    family: list[Campaign], period: Span, spent: Money | None, cost: InOneCurrency, undated: list[LeftOut]
) -> Figure:
    answers = 0
    left_out = list(undated)
    for campaign in family:
        for place, member in enumerate(campaign.members):
            who = member.contact or member.lead
            if member.responded_on is not None:
                answers += member.responded_on in period
            elif member.has_responded:
                record = f"campaign {campaign.id}, answer {place + 1} of {who}"
                left_out.append(LeftOut(record=record, reason="its day is not stated"))
    unit = "" if spent is None else spent.currency.code
    value: FigureValue = Unknown("nobody answered in the period")
    if cost.left_out:
        value = Unknown("not every cost could be converted")
    elif spent is None:
        value = Unknown("no spending is stated for the period")
    elif answers:
        value = exact_money(Fraction(spent.amount) / answers, spent.currency)
    return COST_PER_ANSWER.result(value, unit or "amount", answers, (*left_out, *cost.left_out), cost.rates)


def _answer_rate(family: list[Campaign]) -> Figure:
    members = [member for campaign in family for member in campaign.members]
    answered = sum(member.has_responded for member in members)
    value: FigureValue = Unknown("nobody was reached")
    if members:
        value = round_to(Fraction(answered, len(members)), _PLACES)
    return ANSWER_RATE.result(value, "share", len(members))
