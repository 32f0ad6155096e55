"""What is missing is said before the first run, in Ironclad's own words, and nothing is written."""

from __future__ import annotations

from datetime import timedelta

from ironclad_desk import DESCRIBED, IroncladDesk, session_of

from clmcrm.adapters.findings import Finding, unwell
from clmcrm.adapters.ironclad.examining import examined
from clmcrm.testing.vendors.ironclad.company import TEMPLATE
from clmcrm.testing.vendors.serving import Judged


def found(desk: IroncladDesk, token: str | None = None, late: timedelta = timedelta(0)) -> list[Finding]:
    session = session_of() if token is None else session_of(token)
    at = desk.company.now + late
    return desk.run(examined(session, templates=[TEMPLATE], obligations=True, at=at))


def test_a_ready_company_is_well_and_nothing_is_written() -> None:
    judged: list[Judged] = []

    def before(fake: object) -> Judged:
        judged.append(Judged(fake, DESCRIBED))  # type: ignore[arg-type] # a fake
        return judged[0]

    desk = IroncladDesk(before=before)
    assert unwell(found(desk)) == []
    assert {one.method for one in desk.fake.asked} == {"GET"}
    assert judged[0].refused == []


def test_each_lack_is_named_with_its_repair() -> None:
    desk = IroncladDesk()
    del desk.company.properties["clmcrmKey"]
    desk.company.properties["clmcrmFacts"] = "number"
    del desk.company.forms[TEMPLATE]["clmcrmFacts"]
    desk.fake.scopes_missing = {"obligations", "entities"}
    told = {one.what: one for one in unwell(found(desk, late=timedelta(minutes=5)))}
    assert told["property clmcrmKey"].found == "records have no such property"
    assert told["property clmcrmFacts"].found == "it is of type number"
    assert told[f"clmcrmFacts in {TEMPLATE}"].found == "not in the form"
    assert told["read obligations"].found == "403: FORBIDDEN: insufficient scope for GET obligations"
    assert "add the scope to the app" in told["read obligations"].repair
    assert told["clock"].repair == "set this machine's clock by NTP"
    assert set(told) >= {"relationship types", "entities by entity_clmcrmKey"}


def test_a_form_that_is_not_published_is_told() -> None:
    desk = IroncladDesk()
    desk.company.unpublished.add(TEMPLATE)
    told = {one.what: one.repair for one in unwell(found(desk))}
    assert told == {f"launch form {TEMPLATE}": "publish it in Workflow Designer"}


def test_a_wrong_token_is_told_alone_and_never_repeated() -> None:
    (only,) = found(IroncladDesk(), token="wrong-canary")  # noqa: S106 - a canary
    assert (only.ok, "invalid authentication token" in only.found) == (False, True)
    assert "wrong-canary" not in repr(only)
