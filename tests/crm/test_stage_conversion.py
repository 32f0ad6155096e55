"""Conversion by stage, cohort and owner, against cases worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.opportunity import Opportunity, OpportunityStage, StageChange
from clmcrm.crm.pipeline import Pipeline, Stage
from clmcrm.crm.stage_conversion import conversion_by_cohort, conversion_by_owner, conversion_by_stage
from clmcrm.values.ids import LeadId, OpportunityId, PipelineId, StageId, UserId
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span

YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
MEANING = {
    "new": OpportunityStage.QUALIFICATION,
    "offer": OpportunityStage.PROPOSAL,
    "deal": OpportunityStage.NEGOTIATION,
    "won": OpportunityStage.WON,
    "lost": OpportunityStage.LOST,
}
PLAN = Pipeline(
    id=PipelineId("p"),
    name="Direct",
    stages=tuple(Stage(id=StageId(key), name=key.title(), stage=stage) for key, stage in MEANING.items()),
)


def sale(key: str, *path: str, pipeline: str | None = "p", month: int = 1, mapped: bool = True) -> Opportunity:
    history = tuple(
        StageChange(
            at=datetime(2026, month, n + 1, 12, tzinfo=UTC),
            stage=MEANING.get(step, OpportunityStage.OPEN) if mapped else OpportunityStage.UNKNOWN,
            stage_id=StageId(step),
        )
        for n, step in enumerate(path)
    )
    return Opportunity(
        id=OpportunityId(key),
        name=key,
        pipeline=None if pipeline is None else PipelineId(pipeline),
        stage=history[-1].stage if history else OpportunityStage.OPEN,
        stage_history=history,
    )


def test_a_stage_converts_what_went_on_from_it() -> None:
    sales = [
        sale("a", "new", "offer", "deal", "won"),
        sale("b", "new", "lost"),
        sale("c", "new", "offer", "lost"),
        sale("d", "new", "offer"),
        sale("e", "offer", "new"),
        sale("f", "new", "archive"),
        sale("g"),
        sale("h", "new", "won"),
        sale("i", "new", "won", pipeline="another"),
        sale("j", "new", "new"),
    ]
    found = conversion_by_stage(sales, PLAN, YEAR)
    assert list(found) == ["new", "offer", "deal"]
    # of a, b, c, d and h only b never went on
    assert (found[StageId("new")].value, found[StageId("new")].population) == (Decimal("0.8000"), 5)
    assert [str(left) for left in found[StageId("new")].left_out] == [
        "opportunity e: it is still in the stage",
        "opportunity f: its stage archive is not in the pipeline",
        "opportunity g: no history of its stages is kept",
        "opportunity j: it is still in the stage",
    ]
    assert (found[StageId("offer")].value, found[StageId("offer")].population) == (Decimal("0.5000"), 2)
    assert "opportunity e: it has gone back from the stage" in map(str, found[StageId("offer")].left_out)
    assert found[StageId("deal")].value == 1


def test_the_day_of_the_first_entry_decides() -> None:
    sales = [sale("a", "new", "won", month=2)]
    assert conversion_by_stage(sales, PLAN, Span(date(2026, 2, 1)))[StageId("new")].population == 1
    empty = conversion_by_stage(sales, PLAN, Span(date(2026, 2, 2)))[StageId("new")]
    assert (empty.population, isinstance(empty.value, Unknown)) == (0, True)


def test_a_stage_without_its_id_is_found_by_its_meaning_where_only_one_has_it() -> None:
    nameless = (
        StageChange(at=datetime(2026, 1, 1, tzinfo=UTC), stage=OpportunityStage.QUALIFICATION),
        StageChange(at=datetime(2026, 1, 2, tzinfo=UTC), stage=OpportunityStage.PROPOSAL),
    )
    found = conversion_by_stage([Opportunity(id=OpportunityId("o"), name="o", stage_history=nameless)], PLAN, YEAR)
    assert found[StageId("new")].number == 1


def test_a_change_whose_meaning_is_not_known_means_what_its_stage_in_the_pipeline_does() -> None:
    """A history that was never mapped: the sale entered the stage "lost", which stands behind all others."""
    sales = [sale("a", "new", "lost", mapped=False), sale("b", "new", "won", mapped=False)]
    found = conversion_by_stage(sales, PLAN, YEAR)[StageId("new")]
    assert (found.value, found.population) == (Decimal("0.5000"), 2)


def lead(key: str, owner: str | None, on: date | None, status: LeadStatus) -> Lead:
    return Lead(id=LeadId(key), name=key, owner=None if owner is None else UserId(owner), created_on=on, status=status)


def test_cohorts_are_months_and_owners_are_the_present_ones() -> None:
    leads = [
        lead("a", "ada", date(2026, 1, 31), LeadStatus.CONVERTED),
        lead("b", "ada", date(2026, 2, 1), LeadStatus.NEW),
        lead("c", None, date(2026, 1, 1), LeadStatus.NEW),
        lead("d", "bob", None, LeadStatus.NEW),
        lead("e", "ada", date(2025, 12, 31), LeadStatus.CONVERTED),
    ]
    owners = {owner: (str(f.value), f.population) for owner, f in conversion_by_owner(leads, YEAR).items()}
    assert owners[UserId("ada")] == ("0.5000", 2)
    assert owners[None] == ("0.0000", 1)
    cohorts = conversion_by_cohort(leads, YEAR)
    assert [(month, f.population) for month, f in cohorts.items()] == [
        (date(2026, 1, 1), 2),
        (date(2026, 2, 1), 1),
        (None, 0),
    ]
    assert [str(left) for left in cohorts[None].left_out] == ["lead d: its day of creation is not stated"]


def went_on(path: list[str], stage: str) -> bool | None:
    """A clerk's answer, step by step: True it went on, False it was lost, None neither can be said."""
    order = list(MEANING)
    for step in path[path.index(stage) + 1 :]:
        if step == "won" or (step in order and step != "lost" and order.index(step) > order.index(stage)):
            return True
    return False if path[-1] == "lost" else None


@given(st.lists(st.lists(st.sampled_from([*MEANING, "archive"]), min_size=1, max_size=6), max_size=6), st.booleans())
def test_a_stage_converts_what_a_clerk_counts(paths: list[list[str]], mapped: bool) -> None:
    found = conversion_by_stage([sale(str(n), *path, mapped=mapped) for n, path in enumerate(paths)], PLAN, YEAR)
    for stage in ("new", "offer", "deal"):
        answers = [went_on(path, stage) for path in paths if stage in path]
        decided = [answer for answer in answers if answer is not None]
        figure = found[StageId(stage)]
        assert (figure.population, len(figure.left_out)) == (len(decided), len(answers) - len(decided))
        if decided:
            assert figure.number is not None
            assert abs(Fraction(figure.number) - Fraction(sum(decided), len(decided))) <= Fraction(1, 20_000)
