"""Whatever is done to an exported log is found, and the first entry that is wrong is named.

Each attack runs a hundred times by default and ten thousand times with `--hypothesis-profile=nightly`; a
failing example prints the line that repeats it. Where an entry first differs is found here by comparing
bytes, without any of the verifier's code.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import attrs
import pytest
from evidence import at, history, past_contract, past_log, salts
from hypothesis import assume, given
from hypothesis import strategies as st

from clmcrm.clm.events import Approved
from clmcrm.errors import UnreadableInput
from clmcrm.proof.entries import LogEntry, body_of, entry_hash, line_of
from clmcrm.proof.log import EventLog, export_log, head_at, log_of
from clmcrm.proof.verifying import FirstBadEntry, Verified, read_log, verify
from clmcrm.values.ids import ContractId

LOG = past_log()
DATA = export_log(LOG)
LINES = DATA.splitlines(keepends=True)
OTHER = export_log(log_of(attrs.evolve(past_contract(), id=ContractId("C-2")), salts("other"))).splitlines(
    keepends=True
)


def first_difference(mutated: bytes) -> int:
    """The number of the entry in which the first byte differs."""
    same = next((i for i, (a, b) in enumerate(zip(DATA, mutated, strict=False)) if a != b), None)
    return DATA[: min(len(DATA), len(mutated)) if same is None else same].count(b"\n")


def byte_changed(r: random.Random) -> bytes:
    i = r.randrange(len(DATA))
    return DATA[:i] + bytes([r.randrange(256)]) + DATA[i + 1 :]


def bytes_dropped(r: random.Random) -> bytes:
    i = r.randrange(len(DATA))
    return DATA[:i] + DATA[i + r.choice((1, 1, 1, 2, 40)) :]


def bytes_swapped(r: random.Random) -> bytes:
    i, j = sorted((r.randrange(len(DATA)), r.randrange(len(DATA))))
    return DATA[:i] + DATA[j : j + 1] + DATA[i + 1 : j] + DATA[i : i + 1] + DATA[j + 1 :] if i < j else DATA


def bytes_inserted(r: random.Random) -> bytes:
    i = r.randrange(len(DATA) + 1)
    return DATA[:i] + r.choice((b"\n", b" ", b"\x00", b"\xff", r.randbytes(3), DATA[i : i + 1])) + DATA[i:]


def entry_dropped(r: random.Random) -> bytes:
    i = r.randrange(len(LINES))
    return b"".join(LINES[:i] + LINES[i + 1 :])


def entries_swapped(r: random.Random) -> bytes:
    i, j = r.sample(range(len(LINES)), 2)
    lines = list(LINES)
    lines[i], lines[j] = lines[j], lines[i]
    return b"".join(lines)


def entry_inserted(r: random.Random) -> bytes:
    i = r.randrange(len(LINES) + 1)
    return b"".join([*LINES[:i], r.choice([*LINES, *OTHER]), *LINES[i:]])


def entry_replaced(r: random.Random) -> bytes:
    i = r.randrange(len(LINES))
    return b"".join([*LINES[:i], OTHER[i], *LINES[i + 1 :]])


def truncated(r: random.Random) -> bytes:
    return DATA[: r.randrange(len(DATA))]


def part_taken_out(r: random.Random) -> bytes:
    i = r.randrange(len(LINES))
    entry = json.loads(LINES[i])
    del entry["open"][r.choice(sorted(entry["open"]))]
    return b"".join([*LINES[:i], rewritten_line(entry), *LINES[i + 1 :]])


def content_changed_with_its_hash(r: random.Random) -> bytes:
    """The clumsy forger: changes an entry and recomputes its hash, and not those after it."""
    i = r.randrange(len(LINES) - 1)
    entry = LOG.entries[i]
    forged = attrs.evolve(entry, said={**entry.said, "at": "2020-01-01T00:00:00Z"})
    return b"".join([*LINES[:i], line_of(rehashed(forged)), *LINES[i + 1 :]])


def rewritten_line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def rehashed(entry: LogEntry) -> LogEntry:
    return attrs.evolve(entry, hash=entry_hash(body_of(entry)))


ATTACKS: list[Callable[[random.Random], bytes]] = [
    byte_changed, bytes_dropped, bytes_swapped, bytes_inserted, entry_dropped, entries_swapped,
    entry_inserted, entry_replaced, truncated, part_taken_out,
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
@given(seed=st.integers(0, 2**32))
def test_every_attack_is_found_where_it_begins(attack: Callable[[random.Random], bytes], seed: int) -> None:
    mutated = attack(random.Random(seed))  # noqa: S311 - not for secrets
    assume(mutated != DATA)
    found = verify(mutated, LOG.head)
    assert isinstance(found, FirstBadEntry)
    expected = first_difference(mutated)
    assert (found.position, found.last) == (expected, expected), found.why


@given(seed=st.integers(0, 2**32))
def test_a_forger_who_recomputes_one_hash_is_found_at_that_entry_or_the_next(seed: int) -> None:
    mutated = content_changed_with_its_hash(random.Random(seed))  # noqa: S311 - not for secrets
    found = verify(mutated, LOG.head)
    assert isinstance(found, FirstBadEntry)
    # The forged entry is consistent in itself: the chain shows the break where the next one does not follow.
    assert found.position == first_difference(mutated) + 1
    # A head of that size, kept outside, shows the very entry.
    exact = verify(mutated, [head_at(LOG, size) for size in range(len(LINES) + 1)])
    assert isinstance(exact, FirstBadEntry)
    assert exact.position == exact.last == first_difference(mutated)


def test_each_byte_of_the_export_counts() -> None:
    missed = []
    for i in range(0, len(DATA), 3):
        changed = DATA[:i] + bytes([DATA[i] ^ 1]) + DATA[i + 1 :]
        found = verify(changed)
        if not isinstance(found, FirstBadEntry) or found.position != first_difference(changed):
            missed.append(i)
    assert missed == []


@pytest.mark.parametrize("k", range(len(LINES)))
def test_a_full_rewrite_is_found_by_the_heads_alone(k: int) -> None:
    events = list(history())
    events[k] = Approved(at(50), "Nobody", note="never happened")
    forged = log_of(attrs.evolve(past_contract(), events=tuple(events)), salts("forger"))
    assert isinstance(verify(forged), Verified)  # by itself it is a perfect log: only a head can tell
    found = verify(forged, LOG.head)
    assert isinstance(found, FirstBadEntry)
    assert found.position <= k <= found.last
    same_salts = log_of(attrs.evolve(past_contract(), events=tuple(events)), salts())
    heads = [head_at(LOG, size) for size in (2, 5, 8, 10)]
    found = verify(same_salts, heads)
    assert isinstance(found, FirstBadEntry)
    assert found.position <= k <= found.last
    assert found.last - found.position < 3


@pytest.mark.parametrize("size", range(len(LINES)))
def test_a_truncated_log_is_whole_without_a_head_and_short_with_one(size: int) -> None:
    short = b"".join(LINES[:size])
    if size:
        assert isinstance(verify(short, head_at(LOG, size)), Verified)
    found = verify(short, LOG.head)
    assert isinstance(found, FirstBadEntry)
    assert found.position == size


def test_entries_cannot_move_to_another_contract() -> None:
    renamed = b"".join(line.replace(b'"contract":"C-1"', b'"contract":"C-2"') for line in LINES)
    found = verify(renamed)
    assert isinstance(found, FirstBadEntry)
    assert found.position == 0
    mixed = verify(b"".join([*LINES[:4], *OTHER[4:]]))
    assert isinstance(mixed, FirstBadEntry)
    assert (mixed.position, mixed.why) == (4, "it is of contract C-2, not of contract C-1")
    foreign = verify(b"".join(OTHER), LOG.head)
    assert isinstance(foreign, FirstBadEntry)


def test_a_log_in_memory_that_holds_another_contract_s_entries_is_found() -> None:
    for strayed in (attrs.evolve(LOG, contract=ContractId("C-2")), attrs.evolve(LOG, tenant="other")):
        for heads in ((), LOG.head):
            found = verify(strayed, heads)
            assert isinstance(found, FirstBadEntry)
            assert (found.position, found.last) == (0, 0)
            assert found.why.startswith("it is of contract C-1, not of contract C-")


def test_heads_that_contradict_each_other_are_no_comfort() -> None:
    forged = attrs.evolve(LOG.head, hash="0" * 64)
    for heads in ([LOG.head, forged], [forged, LOG.head]):
        found = verify(LOG, heads)
        assert isinstance(found, FirstBadEntry)
        assert (found.position, found.last) in {(9, 9), (0, 9)}


def without_chaining(data: bytes) -> bool:
    """A verifier that only checks each entry against its own hash: what the chain is there for."""
    for line in data.splitlines():
        entry = json.loads(line)
        body = {name: value for name, value in entry.items() if name not in {"hash", "open"}}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if sha256(b"clmcrm.proof/1 entry\n" + text.encode()).hexdigest() != entry["hash"]:
            return False
    return True


@pytest.mark.parametrize("attack", [entries_swapped, entry_dropped, entry_inserted, entry_replaced])
def test_without_chaining_these_attacks_would_be_missed(attack: Callable[[random.Random], bytes]) -> None:
    mutated = attack(random.Random(7))  # noqa: S311 - not for secrets
    assert mutated != DATA
    assert without_chaining(mutated)
    assert isinstance(verify(mutated, LOG.head), FirstBadEntry)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"[]", b"{}", b"null", b'{"n":0}', b"\xff\xfe", b"[" * 100_000, b'{"n":1e999}', b'{"n":0,"n":0}',
        LINES[0].rstrip().replace(b'"n":0', b'"n":true'), LINES[0].rstrip().replace(b'"n":0', b'"n":-0'),
        LINES[0].rstrip().replace(b'"open":{', b'"open":[{', 1), b" " + LINES[0].rstrip(),
        LINES[0].rstrip().replace(b'"tenant":""', b'"tenant":null'), b"a" * (2**20 + 1),
    ],
)  # fmt: skip
def test_a_hostile_line_is_a_bad_entry_and_nothing_else(line: bytes) -> None:
    found = verify(line + b"\n")
    assert isinstance(found, FirstBadEntry)
    assert found.position == 0
    with pytest.raises(UnreadableInput, match="entry 0"):
        read_log(line + b"\n")


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_a_bad_entry(data: bytes) -> None:
    assert isinstance(verify(data), FirstBadEntry)


def test_a_log_in_memory_that_was_tampered_with_is_found_too() -> None:
    swapped = EventLog(contract=LOG.contract, entries=(LOG.entries[1], LOG.entries[0], *LOG.entries[2:]))
    found = verify(swapped)
    assert isinstance(found, FirstBadEntry)
    assert found.position == 0
