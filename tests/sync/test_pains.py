"""What users of other connectors suffer from: one test for each, named after it, with the public thread.

The rooms' own tests go deeper; here stands that the pain is gone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from clmcrm.adapters.keyset import asking, page_of
from clmcrm.errors import AmbiguousError
from clmcrm.ports.records import Feed, Seen, Side
from clmcrm.sync.arbitration import exported_arbitration, resolve

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)


def test_pain_13_duplicates_at_every_sync_run(lab: Any) -> None:
    """frappe/erpnext#48263, #21159; mautic#7463: each run created the same customers once more."""
    pair = lab.Pair()
    for n in range(4):
        _ = pair.crm.add("account", name=f"company {n}", country="FR")
    _ = pair.clm.add("account", name="COMPANY 2", country="FR")
    lost = AmbiguousError("fake-clm", "timed out")
    lost.too_late = True  # type: ignore[attr-defined]  # the call was carried out, the reply was lost
    pair.clm.failures = [lost]
    for _ in range(3):
        _ = pair.run()
    pair.journal = type(pair.journal)()  # even the whole memory may be lost
    for _ in range(3):
        _ = pair.run()
    assert (len(pair.crm.living("account")), len(pair.clm.living("account"))) == (4, 4)
    written = pair.written
    for _ in range(10):
        assert pair.run().lines == ()
    assert pair.written == written


def test_pain_14_record_merged_in_the_crm_mapping_lost(lab: Any) -> None:
    """MinnPost/object-sync-for-salesforce#197; twentyhq/twenty#14897: after a merge the link was gone."""
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", country="FR", registration_number="1")
    _ = pair.crm.add("account", name="Durand SA", country="FR", registration_number="2")
    _ = pair.crm.add("contact", name="Ada", account="A1")
    _ = pair.settle()
    pair.crm.merge("account", "A1", "A2")
    report = pair.run()
    assert [known.link.pair for known in pair.agreed() if known.link.crm == "A2"] == ["account:crm:A2"]
    assert (Side.CRM, "A1") in pair.agreed()[1].link.aliases
    assert "a merge of L1 into L2 on the CLM" in str(report.plan.problems[0])
    pair.crm.edit("account", "A2", industry="steel")
    _ = pair.settle()
    assert pair.clm.fields("account", "L2")["industry"] == "steel"
    assert len(pair.clm.living("account")) == 2  # proposed, never done


def test_pain_15_more_than_ten_thousand_rows_with_one_timestamp() -> None:
    """airbytehq/airbyte#43317, PR#69203; supaglue#585: an endless loop, or rows that were never read."""
    rows = [Seen(kind="account", key=f"A{n:05}", fields={}, version="1", changed_at=NOON) for n in range(10_500)]
    cursor, told, calls, overlap = None, list[str](), 0, timedelta(seconds=10)
    more = True
    while more:
        calls += 1
        ask = asking(cursor, overlap)
        left = [row for row in rows if ask.at is None or (row.changed_at, row.key) > (ask.at, ask.after or "")]
        page = page_of(cursor, left[:200], more=len(left) > 200, overlap=overlap)
        told += [row.key for row in page.seen]
        cursor, more = page.cursor, page.more
    assert calls == 53
    assert told == [row.key for row in rows]


def test_pain_16_deletions_never_arrive(lab: Any) -> None:
    """airbytehq/airbyte#44845; supaglue#489: a deleted record lived on, or came back."""
    for feed in (Feed.JOURNAL, Feed.DELTA, Feed.TIMESTAMP):
        pair = lab.Pair(feed=feed)
        _ = pair.crm.add("account", name="Durand", country="FR")
        _ = pair.settle()
        pair.crm.delete("account", "A1")
        report = pair.run()
        assert [step.op.value for step in report.plan.steps] == ["unlink"]
        assert report.plan.steps[0].why == "it is gone on the CRM"
        for _ in range(3):
            assert pair.run().lines == ()
        assert pair.crm.living("account") == {}
        assert list(pair.clm.living("account")) == ["L1"]  # kept, and not copied back


def test_pain_17_silent_overwrite(lab: Any) -> None:
    """aluxnimm/outlookcaldavsynchronizer#387: the wish for a mode that loses nothing; MinnPost#445: the loop."""
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", billing_address="1", industry="steel")
    _ = pair.settle()
    pair.crm.edit("account", "A1", billing_address="typed in the CRM")
    pair.clm.edit("account", "L1", billing_address="typed in the CLM", industry="typed against ownership")
    [clash] = pair.run().plan.conflicts
    assert pair.crm.fields("account", "A1")["billing_address"] == "typed in the CRM"
    assert pair.clm.fields("account", "L1")["billing_address"] == "typed in the CLM"
    _ = resolve(clash, Side.CLM, by="Ada", why="I asked them", at=lab.noon, journal=pair.journal)
    _ = pair.settle()
    told = str(list(exported_arbitration(pair.journal)))
    for typed in ("typed in the CRM", "typed in the CLM", "typed against ownership"):
        assert typed in told
    assert pair.run().lines == ()


def test_pain_18_picklists_and_custom_fields_lost_or_replaced(lab: Any) -> None:
    """supaglue#1721; mautic#4856: a value the connector did not know was dropped or set to a default."""
    pair = lab.Pair()
    own = {"cf_tier__c": "Platinum+ (legacy)", "cf_tags__c": ["a;b", "É", ""], "cf_deep__c": {"x": [1, None]}}
    _ = pair.crm.add("account", name="Durand", **own)
    _ = pair.settle()
    copied = pair.clm.fields("account", "L1")
    assert {name: copied[name] for name in own} == own
    pair.clm.edit("account", "L1", legal_name="Durand SAS")
    pair.crm.edit("account", "A1", name="Durand & Cie")
    _ = pair.settle()
    for fields in (pair.crm.fields("account", "A1"), pair.clm.fields("account", "L1")):
        assert {name: fields[name] for name in own} == own
