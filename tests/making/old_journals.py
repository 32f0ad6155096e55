"""Journals of every earlier version, as the library of that time wrote them: text that is never edited.

`VERSIONS` holds, for each version, the statements that build a journal of it with one row of every sort.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

VERSIONS: Final = {
    1: """
CREATE TABLE journal_schema (version INTEGER NOT NULL);
INSERT INTO journal_schema (version) VALUES (1);
CREATE TABLE journal_agreed (
    kind TEXT NOT NULL, pair TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, pair)
) WITHOUT ROWID;
CREATE TABLE journal_cursor (
    side TEXT NOT NULL, kind TEXT NOT NULL, cursor TEXT NOT NULL, PRIMARY KEY (side, kind)
) WITHOUT ROWID;
CREATE TABLE journal_hint (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, side TEXT NOT NULL, key TEXT NOT NULL,
    gone INTEGER NOT NULL, merged_into TEXT, UNIQUE (kind, side, key)
);
CREATE TABLE journal_entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, pair TEXT NOT NULL, what TEXT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX journal_entry_pair ON journal_entry (pair, number);
CREATE TABLE journal_step (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, facts TEXT NOT NULL
);
CREATE TABLE journal_decision (key TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO journal_agreed VALUES ('account', 'account:crm:A1',
    '{"aliases":[["crm","A0"]],"base":{"name":"Soci\\u00e9t\\u00e9"},"clm":"C1","crm":"A1","kind":"account",' ||
    '"pair":"account:crm:A1","shown_clm":{"name":null},"shown_crm":{"name":"SOC"}}');
INSERT INTO journal_cursor VALUES ('crm', 'account', '17'), ('clm', 'account', '3');
INSERT INTO journal_hint VALUES (4, 'account', 'crm', 'A1', 1, 'A2'), (9, 'account', 'clm', 'C1', 0, NULL);
INSERT INTO journal_entry VALUES (1, '2026-05-07T10:00:00+00:00', 'account:crm:A1', 'note', '{"n":1}'),
    (2, '2026-05-07T10:00:00+00:00', 'account:crm:A1', 'note', '{"n":2}');
INSERT INTO journal_step VALUES (3, 'crm:account:crm:A1', '{"sent":{"name":"x"}}');
INSERT INTO journal_decision VALUES ('account:crm:A1#name', '{"value":"x"}');
UPDATE sqlite_sequence SET seq = 12 WHERE name = 'journal_hint';
""",
    2: """
CREATE TABLE journal_schema (version INTEGER NOT NULL);
INSERT INTO journal_schema (version) VALUES (2);
CREATE TABLE journal_agreed (
    kind TEXT NOT NULL, pair TEXT NOT NULL, body TEXT NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (kind, pair)
);
CREATE TABLE journal_cursor (
    side TEXT NOT NULL, kind TEXT NOT NULL, cursor TEXT NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (side, kind)
);
CREATE TABLE journal_hint (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, side TEXT NOT NULL, key TEXT NOT NULL,
    gone INTEGER NOT NULL, merged_into TEXT, seal INTEGER NOT NULL, UNIQUE (kind, side, key)
);
CREATE TABLE journal_entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, pair TEXT NOT NULL, what TEXT NOT NULL,
    facts TEXT NOT NULL, seal INTEGER NOT NULL
);
CREATE INDEX journal_entry_pair ON journal_entry (pair, number);
CREATE TABLE journal_step (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, facts TEXT NOT NULL, seal INTEGER NOT NULL
);
CREATE TABLE journal_decision (key TEXT PRIMARY KEY, facts TEXT NOT NULL, seal INTEGER NOT NULL);
CREATE TABLE journal_lease (
    partition TEXT PRIMARY KEY, token INTEGER NOT NULL, holder TEXT NOT NULL, until TEXT NOT NULL
);
INSERT INTO journal_agreed VALUES ('account', 'account:crm:A1',
    '{"aliases":[["crm","A0"]],"base":{"name":"Soci\\u00e9t\\u00e9"},"clm":"C1","crm":"A1","kind":"account",' ||
    '"pair":"account:crm:A1","shown_clm":{"name":null},"shown_crm":{"name":"SOC"}}', 637151121);
INSERT INTO journal_cursor VALUES ('crm', 'account', '17', 4163316239), ('clm', 'account', '3', 1103710466);
INSERT INTO journal_hint VALUES (4, 'account', 'crm', 'A1', 1, 'A2', 137159724),
    (9, 'account', 'clm', 'C1', 0, NULL, 2993831101);
INSERT INTO journal_entry VALUES
    (1, '2026-05-07T10:00:00+00:00', 'account:crm:A1', 'note', '{"n":1}', 343092240),
    (2, '2026-05-07T10:00:00+00:00', 'account:crm:A1', 'note', '{"n":2}', 1063157715);
INSERT INTO journal_step VALUES (3, 'crm:account:crm:A1', '{"sent":{"name":"x"}}', 3904606042);
INSERT INTO journal_decision VALUES ('account:crm:A1#name', '{"value":"x"}', 118706687);
UPDATE sqlite_sequence SET seq = 12 WHERE name = 'journal_hint';
""",
}


def built(version: int, place: Path) -> Path:
    """A journal of that version in a new file at `place`."""
    db = sqlite3.connect(place)
    _ = db.executescript(VERSIONS[version])
    db.close()
    return place
