"""The agenda as an iCalendar file (RFC 5545), for any calendar program.

Each entry is an all-day VEVENT on its last day: DTEND is the day after (it is exclusive, 3.6.1), there is
no time zone to shift it. A VEVENT rather than a VTODO, because several programs ignore the latter on
import. An event keeps its UID from one export to the next; reminders count from the safe day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

from clmcrm.analytics.portfolio import Agenda, Entry, EntryKind
from clmcrm.errors import InvalidRecord
from clmcrm.parties.access import Access
from clmcrm.report.phrases import KINDS, counterparty_name, phrase, short_day
from clmcrm.report.withholding import agenda_for, amount_shown
from clmcrm.values.ids import AccountId
from clmcrm.values.wording import Language

REMINDER_DAYS: Final = (30, 7)
"""How many days before the safe day a reminder rings, when the caller does not say."""

_LINE_OCTETS: Final = 75
_MOST: Final = 2**31 - 1  # the largest number of the standard (3.3.8)
_NEWLINE: Final = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
# What TEXT may not hold (3.1): control characters other than the tab; lone surrogates have no UTF-8.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def calendar_feed(
    agenda: Agenda,
    stamp: datetime,
    names: Mapping[AccountId, str],
    language: Language = "en",
    *,
    title: str = "clmcrm",
    reminder_days: tuple[int, ...] = REMINDER_DAYS,
    sequence: int = 0,
    access: Access | None = None,
) -> bytes:
    """The .ics file of the agenda's entries, as UTF-8 with CRLF line ends.

    `stamp` is when it was made (an aware instant). Raise `sequence` with each export that corrects an
    earlier one, so that calendars take the new days over. `reminder_days` ring that many days before the
    safe day. With `access`, a word stands in the place of what its roles may not see. Raises `InvalidRecord`
    for a stamp that is naive or that UTC does not reach, and for a reminder or a sequence that is no whole number
    of zero or more (2147483647 at most).

    >>> empty = Agenda(first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), entries=(), undated=())
    >>> calendar_feed(empty, datetime(2026, 1, 1, tzinfo=UTC), {}).splitlines()[0]
    b'BEGIN:VCALENDAR'
    """
    stamped = _checked(stamp, reminder_days, sequence)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//clmcrm//contract agenda//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(title)}",
        f"X-WR-CALNAME:{_text(title)}",
    ]
    # The UIDs too are made of what may be seen: nobody shall find a title by trying hashes.
    for uid, entry in event_uids(agenda_for(agenda, access, language)):
        lines += _event(uid, entry, stamped, names, language)
        lines.append(f"SEQUENCE:{sequence}")
        for days in sorted(set(reminder_days), reverse=True):
            lines += _alarm(entry, days)
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def event_uids(agenda: Agenda) -> Iterator[tuple[str, Entry]]:
    """Each entry with the UID of its event, which stays the same from one export to the next.

    It follows from the contract, the kind and what the entry is about: for a notice the end of its term, for
    an obligation its title and agreed day; a contract has one end, whose day may move. Entries that agree in
    all of this are numbered in their order.
    """
    seen: dict[str, int] = {}
    for entry in agenda.entries:
        key = "\n".join((entry.contract, entry.kind.value, *_subject(entry)))
        seen[key] = seen.get(key, 0) + 1
        numbered = key if seen[key] == 1 else f"{key}\n{seen[key]}"
        yield f"{sha256(numbered.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}@clmcrm", entry


def _subject(entry: Entry) -> tuple[str, ...]:
    if entry.deadline is not None:
        return (entry.deadline.purpose.value, str(entry.deadline.ends_on))
    if entry.kind is EntryKind.END:
        return ()
    agreed = next((step.day for step in entry.steps if step.day is not None), entry.day)
    return entry.what.en, str(agreed)


def _checked(stamp: datetime, reminder_days: tuple[int, ...], sequence: int) -> datetime:
    """The stamp in UTC, once everything can be written."""
    if stamp.utcoffset() is None:
        raise InvalidRecord("calendar feed", "stamp", stamp, "an instant with a time zone")
    if not all(_is_whole(days) for days in reminder_days):
        raise InvalidRecord("calendar feed", "reminder_days", reminder_days, "whole days of zero or more")
    if not _is_whole(sequence):
        raise InvalidRecord("calendar feed", "sequence", sequence, f"a whole number from 0 to {_MOST}")
    try:
        return stamp.astimezone(UTC)
    except OverflowError:
        raise InvalidRecord("calendar feed", "stamp", stamp, "an instant of the years 1 to 9999 in UTC") from None


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= _MOST


def _event(
    uid: str, entry: Entry, stamp: datetime, names: Mapping[AccountId, str], language: Language
) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{_day(stamp)}T{stamp:%H%M%S}Z"
    yield f"DTSTART;VALUE=DATE:{_day(entry.day)}"
    # Without DTEND an all-day event lasts one day (3.6.1): the way out on the calendar's very last day.
    if entry.day < date.max:
        yield f"DTEND;VALUE=DATE:{_day(entry.day + timedelta(days=1))}"
    yield f"SUMMARY:{_text(summary_of(entry, language))}"
    yield f"DESCRIPTION:{_text(description_of(entry, names, language))}"
    yield f"CATEGORIES:{_text(KINDS[entry.kind].said(language))}"
    yield "TRANSP:TRANSPARENT"
    yield f"X-CLMCRM-SAFE-DAY;VALUE=DATE:{_day(entry.safe_day)}"


def summary_of(entry: Entry, language: Language = "en") -> str:
    """The event's one line: number, title and what is due."""
    head = f"{entry.number or entry.contract} {entry.title}"
    return f"{head}{phrase('colon', language)}{entry.what.said(language)}"


def description_of(entry: Entry, names: Mapping[AccountId, str], language: Language = "en") -> str:
    """The event's text: counterparty, amount, safe day, and the steps that led to the day, one per line."""
    colon = phrase("colon", language)
    lines = [f"{phrase('counterparty', language)}{colon}{counterparty_name(entry.counterparty, names, language)}"]
    amount = amount_shown(entry, language)
    if amount:
        lines.append(f"{phrase('amount', language)}{colon}{amount}")
    lines.append(f"{phrase('safe_day', language)}{colon}{short_day(entry.safe_day, language)}")
    lines += [step.said(language) for step in entry.steps]
    return "\n".join(lines)


def _alarm(entry: Entry, days: int) -> Iterator[str]:
    before = days + (entry.day - entry.safe_day).days
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_text(entry.title)}"
    yield f"TRIGGER:-P{before}D" if before > 0 else f"TRIGGER:P{-before}D"
    yield "END:VALARM"


def _day(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def _text(value: str) -> str:
    """A TEXT value (3.3.11): no line end can leave it, no control character enters it."""
    clean = _FORBIDDEN.sub("\ufffd", _NEWLINE.sub("\n", value))
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets (3.1), never cut inside a character."""
    pieces, piece = list[bytes](), b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _LINE_OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
