from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import attrs
import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.portfolio import Agenda, Entry, EntryKind
from clmcrm.errors import InvalidRecord
from clmcrm.report.calendar_feed import calendar_feed, description_of, event_uids, summary_of
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.wording import Step, Wording

STAMP = datetime(2026, 3, 16, 10, 30, tzinfo=UTC)
DAY = date(2026, 5, 7)


def entry(**changes: Any) -> Entry:
    made = Entry(
        day=DAY,
        safe_day=DAY,
        kind=EntryKind.OBLIGATION,
        contract=ContractId("c"),
        number="C-1",
        title="Lifts",
        counterparty=AccountId("a"),
        what=Wording("Report", "Rapport"),
        steps=(Step(DAY, Wording("agreed", "convenu")),),
    )
    return attrs.evolve(made, **changes)


def agenda(*entries: Entry) -> Agenda:
    return Agenda(first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), entries=entries, undated=())


def events(feed: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(feed).walk("VEVENT"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_another_reader_finds_every_entry_as_it_is(portfolio: Any, language: Any) -> None:
    feed = calendar_feed(portfolio.agenda, STAMP, portfolio.names, language)
    read = events(feed)
    assert len(read) == len(portfolio.agenda.entries)
    for event, wanted in zip(read, portfolio.agenda.entries, strict=True):
        assert event.decoded("DTSTART") == wanted.day
        assert event.decoded("DTEND") == wanted.day + timedelta(days=1)
        assert str(event["SUMMARY"]) == summary_of(wanted, language)
        assert str(event["DESCRIPTION"]) == description_of(wanted, portfolio.names, language)
        assert event.decoded("DTSTAMP") == STAMP
        assert event["TRANSP"] == "TRANSPARENT"
        assert not isinstance(event.decoded("DTSTART"), datetime)


def test_uids_are_unique_and_the_same_each_time(portfolio: Any) -> None:
    first = [uid for uid, _ in event_uids(portfolio.agenda)]
    assert len(set(first)) == len(first)
    assert first == [uid for uid, _ in event_uids(portfolio.agenda)]
    assert first == [str(e["UID"]) for e in events(calendar_feed(portfolio.agenda, STAMP, {}, "fr"))]


def test_a_notice_that_moves_keeps_its_uid(portfolio: Any) -> None:
    notice = next(e for e in portfolio.agenda.entries if e.deadline)
    moved = attrs.evolve(notice, day=notice.day + timedelta(days=3), title="Renamed")
    assert next(event_uids(agenda(notice)))[0] == next(event_uids(agenda(moved)))[0]


def test_an_end_that_moves_keeps_its_uid() -> None:
    end = entry(kind=EntryKind.END, steps=(Step(DAY, Wording("last day", "dernier jour")),))
    later = DAY + timedelta(days=365)
    moved = attrs.evolve(end, day=later, safe_day=later, steps=(Step(later, end.steps[0].wording),))
    assert next(event_uids(agenda(end)))[0] == next(event_uids(agenda(moved)))[0]
    assert next(event_uids(agenda(end)))[0] != next(event_uids(agenda(attrs.evolve(end, contract=ContractId("d")))))[0]


def test_another_term_has_another_uid(portfolio: Any) -> None:
    notice = next(e for e in portfolio.agenda.entries if e.deadline)
    other = attrs.evolve(notice, deadline=attrs.evolve(notice.deadline, ends_on=date(2030, 1, 1)))
    assert next(event_uids(agenda(notice)))[0] != next(event_uids(agenda(other)))[0]


def test_two_obligations_alike_keep_apart() -> None:
    uids = [uid for uid, _ in event_uids(agenda(entry(), entry()))]
    assert len(set(uids)) == 2


def test_reminders_count_from_the_safe_day() -> None:
    feed = calendar_feed(agenda(entry(safe_day=DAY - timedelta(days=2))), STAMP, {}, reminder_days=(7, 0, 30))
    alarms = icalendar.Calendar.from_ical(feed).walk("VALARM")
    assert [alarm.decoded("TRIGGER") for alarm in alarms] == [timedelta(days=-n) for n in (32, 9, 2)]


def test_a_correction_carries_its_sequence() -> None:
    (event,) = events(calendar_feed(agenda(entry()), STAMP, {}, sequence=4))
    assert event["SEQUENCE"] == 4


def test_special_characters_are_escaped_as_the_standard_says() -> None:
    # RFC 5545, 3.3.11: backslash, semicolon and comma take a backslash, a line end is written \\n.
    feed = calendar_feed(agenda(entry(title="a;b,c\\d\r\ne:f")), STAMP, {})
    assert b"\r\nSUMMARY:C-1 a\\;b\\,c\\\\d\\ne:f: Report\r\n" in feed


def test_the_stamp_is_written_in_utc() -> None:
    paris = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert b"DTSTAMP:20260630T223000Z\r\n" in calendar_feed(agenda(entry()), paris, {})


def test_the_last_day_of_the_calendar_has_no_day_after() -> None:
    (event,) = events(calendar_feed(agenda(entry(day=date.max)), STAMP, {}))
    assert event.decoded("DTSTART") == date.max
    assert "DTEND" not in event


def test_a_year_below_1000_keeps_its_four_digits() -> None:
    assert b"DTSTART;VALUE=DATE:09990102\r\n" in calendar_feed(
        agenda(entry(day=date(999, 1, 2), safe_day=date(999, 1, 2))), STAMP, {}
    )
    early = calendar_feed(agenda(entry()), datetime(999, 1, 2, 3, 4, 5, tzinfo=UTC), {})
    assert b"DTSTAMP:09990102T030405Z\r\n" in early


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("stamp", {"stamp": datetime(2026, 1, 1)}),  # noqa: DTZ001 - naive on purpose
        ("reminder_days", {"reminder_days": (-1,)}),
        ("stamp", {"stamp": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))}),
        ("reminder_days", {"reminder_days": (1.5,)}),
        ("reminder_days", {"reminder_days": (7, True)}),
        ("sequence", {"sequence": -1}),
        ("sequence", {"sequence": True}),
        ("sequence", {"sequence": 2**31}),
    ],
)
def test_what_a_feed_cannot_hold_is_refused(field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord) as caught:
        _ = calendar_feed(agenda(), wrong.pop("stamp", STAMP), {}, **wrong)
    assert caught.value.field == field


HOSTILE = st.text(st.characters(exclude_categories=()), min_size=1).filter(str.strip) | st.sampled_from(
    [
        "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:x",
        "a\nATTACH:http://x.example",
        "a\u2028b\x85c",
        "back\\slash; comma, colon: \\n",
        "👩‍🚀" * 40,
        "é" * 80,
        '"quoted"\ttab',
    ]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_adds_a_line_or_a_component(title: str, what: str, name: str) -> None:
    made = agenda(entry(title=title, what=Wording(what, what)))
    feed = calendar_feed(made, STAMP, {AccountId("a"): name}, title=title)
    plain = calendar_feed(agenda(entry()), STAMP, {}, title="t")

    def names(octets: bytes) -> list[bytes]:
        unfolded = octets.replace(b"\r\n ", b"")
        return [line.partition(b":")[0] for line in unfolded.split(b"\r\n")]

    assert names(feed) == names(plain)
    assert feed.count(b"\n") == feed.count(b"\r") == feed.count(b"\r\n")
    assert all(len(line) <= 75 for line in feed.split(b"\r\n"))
    for line in feed.split(b"\r\n"):
        _ = line.decode()  # no line is cut inside a character
    assert len(events(feed)) == 1


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).filter(str.strip))
def test_ordinary_text_comes_back_letter_by_letter(title: str) -> None:
    (event,) = events(calendar_feed(agenda(entry(title=title)), STAMP, {}))
    assert str(event["SUMMARY"]) == f"C-1 {title}: Report".replace("\ufeff", "\ufffd")
