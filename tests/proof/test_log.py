"""A log only grows, at a cost that does not depend on its length, and gives back the events it was made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice

import attrs
import pytest
from evidence import at, history, past_contract, past_log, salts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clmcrm.clm.events import Activated, AnyEvent, Event, Requested
from clmcrm.clm.lifecycle import stage_of
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.unions import descendants
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.ports.records import Json
from clmcrm.proof import entries
from clmcrm.proof.log import EventLog, append, append_all, caught_up, events_of, export_log, head_at, log_of, read_head
from clmcrm.proof.sealing import open_parts, sealed_parts
from clmcrm.proof.verifying import Verified, read_log, verify
from clmcrm.testing.strategies import records
from clmcrm.values.ids import ContractId, UserId
from clmcrm.values.partial import Unknown


def test_the_events_come_back_and_so_does_everything_computed_from_them() -> None:
    contract = past_contract()
    again = read_log(export_log(log_of(contract, salts())))
    assert events_of(again) == contract.events
    rebuilt = attrs.evolve(contract, events=events_of(again))
    day = at(100).date()
    assert stage_of(rebuilt, day) == stage_of(contract, day)


def test_an_export_is_read_back_equal_and_written_the_same() -> None:
    log = past_log()
    data = export_log(log)
    assert read_log(data) == log
    assert export_log(read_log(data)) == data
    for line in data.splitlines():
        assert canonical_text(json.loads(line)).encode() == line


@pytest.mark.parametrize("cls", sorted(descendants(Event), key=str), ids=lambda c: c.__name__)
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_kind_of_event_can_be_logged_and_comes_back(cls: type[AnyEvent], data: st.DataObject) -> None:
    event = data.draw(records(cls))
    log = append(EventLog(contract=ContractId("C-1")), event, recorded_at=at(0), salt=bytes(32))
    assert isinstance(verify(log), Verified)
    assert events_of(read_log(export_log(log))) == (event,)


def test_whatever_may_name_a_person_is_kept_out_of_the_chain() -> None:
    for entry in past_log().entries:
        body = canonical_text(entries.body_of(entry)).lower()
        for name in ("ada", "byron", "grace", "hopper", "legal", "service"):
            assert name not in body
    assert sealed_parts(Activated(at(0), "clm", effective_on=Unknown("Ada Byron has the file"))) == {
        "by", "note", "effective_on",
    }  # fmt: skip
    assert "opportunity" not in sealed_parts(history()[0])


@attrs.frozen(kw_only=True)
class Pairs:
    """What an event of tomorrow may hold."""

    told: tuple[UserId, str] = (UserId("u-1"), "Ada Byron")
    many_told: tuple[tuple[date, str], ...] = ((date(2026, 1, 5), "Ada Byron"),)
    either: tuple[UserId, ...] | tuple[str, ...] = ("Ada Byron",)
    texts: tuple[str, ...] = ("Ada Byron",)
    anything: tuple = ("Ada Byron",)  # type: ignore[type-arg] # as careless as can be
    users: tuple[UserId, ...] = (UserId("u-1"),)
    days: tuple[tuple[UserId, date], ...] | None = ((UserId("u-1"), date(2026, 1, 5)),)


def test_each_item_of_a_tuple_is_judged_by_its_own_type() -> None:
    assert sealed_parts(Pairs()) == {"told", "many_told", "either", "texts", "anything"}


def test_appending_k_events_costs_k_hashes_however_long_the_log_is(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = entries.entry_hash

    def counting(body: Mapping[str, Json]) -> str:
        hashed.append(str(body["n"]))
        return real(body)

    monkeypatch.setattr("clmcrm.proof.log.entry_hash", counting)
    log = append_all(EventLog(contract=ContractId("C-1")), [Requested(at(n), "crm") for n in range(300)], salts())
    assert len(hashed) == 300
    contract = attrs.evolve(past_contract(), events=(*events_of(log), *history()))
    hashed.clear()
    longer = caught_up(log, contract, salts("more"))
    assert hashed == [str(n) for n in range(300, 310)]
    assert longer.entries[:300] == log.entries
    assert isinstance(verify(longer, [log.head, longer.head]), Verified)


def test_one_event_at_a_time_gives_the_same_log_as_all_at_once() -> None:
    slowly = EventLog(contract=ContractId("C-1"))
    for event, salt in zip(history(), salts(), strict=False):
        slowly = append(slowly, event, recorded_at=event.at, salt=salt)
    assert slowly == past_log()


def test_a_rewritten_past_is_not_caught_up_with() -> None:
    log = past_log()
    contract = past_contract()
    assert caught_up(log, contract, salts()) == log
    changed = attrs.evolve(contract.events[3], by="Somebody Else")
    for events in ((*contract.events[:3], changed, *contract.events[4:]), contract.events[:-1]):
        with pytest.raises(InvalidRecord, match="entry"):
            caught_up(log, attrs.evolve(contract, events=events), salts())
    with pytest.raises(InvalidRecord, match="contract of the log"):
        caught_up(log, attrs.evolve(contract, id=ContractId("C-2")), salts())


def test_an_entry_that_nobody_would_read_is_not_added() -> None:
    log = EventLog(contract=ContractId("C-1"))
    short = append(log, Requested(at(0), "crm", note="x"), recorded_at=at(0), salt=bytes(32))
    room = entries.MAX_LINE - (len(export_log(short)) - 1) + 1
    full = append(log, Requested(at(0), "crm", note="x" * room), recorded_at=at(0), salt=bytes(32))
    assert isinstance(verify(full), Verified)
    with pytest.raises(InvalidRecord, match=f"entry 0 is '{entries.MAX_LINE + 1} bytes'"):
        append(log, Requested(at(0), "crm", note="x" * (room + 1)), recorded_at=at(0), salt=bytes(32))
    odd = at(0).astimezone(timezone(timedelta(microseconds=1)))
    with pytest.raises(InvalidRecord, match="whole seconds"):
        append(log, Requested(at(0), "crm"), recorded_at=odd, salt=bytes(32))


@pytest.mark.parametrize("slip", [str.upper, lambda h: h[:-1], lambda h: f"{h} ", lambda h: f"sha256:{h}"])
def test_a_head_copied_with_a_slip_accuses_nobody_of_a_forgery(slip: Callable[[str], str]) -> None:
    head = past_log().head
    copied = head.as_text().replace(head.hash, slip(head.hash))
    with pytest.raises(UnreadableInput, match="64 lower-case hexadecimal digits"):
        read_head(copied)
    with pytest.raises(InvalidRecord, match="hash"):
        attrs.evolve(head, hash=slip(head.hash))


def test_the_same_text_has_another_fingerprint_in_every_entry_and_part() -> None:
    log = append_all(EventLog(contract=ContractId("C-1")), [Requested(at(n), "crm") for n in range(5)], _one_salt())
    other = append_all(EventLog(contract=ContractId("C-2")), [Requested(at(n), "crm") for n in range(5)], _one_salt())
    marks = [mark for entry in (*log.entries, *other.entries) for mark in entry.sealed.values()]
    assert len(marks) == len(set(marks))


def _one_salt() -> Iterator[bytes]:
    while True:
        yield bytes(32)


def test_a_short_salt_a_naive_instant_and_too_few_salts_are_refused() -> None:
    log = EventLog(contract=ContractId("C-1"))
    event = Requested(at(0), "crm")
    with pytest.raises(InvalidRecord, match="at least 32 random bytes"):
        append(log, event, recorded_at=at(0), salt=bytes(31))
    with pytest.raises(InvalidRecord, match="time zone"):
        append(log, event, recorded_at=datetime(2026, 1, 1), salt=bytes(32))  # noqa: DTZ001 - what is refused
    with pytest.raises(InvalidRecord, match="one for each event"):
        log_of(past_contract(), islice(salts(), 3))
    with pytest.raises(InvalidRecord, match="at least 32"):
        open_parts(b"", {}, {})


def test_a_head_is_kept_outside_as_one_line_and_an_older_one_still_agrees() -> None:
    log = past_log()
    for size in range(len(log.entries) + 1):
        head = head_at(log, size)
        assert read_head(head.as_text()) == head
        found = verify(log, head)
        assert isinstance(found, Verified)
        assert (found.vouched, found.head) == (size, log.head)
    with pytest.raises(InvalidRecord):
        head_at(log, 11)
    for wrong in ("[]", "{}", '{"contract":"C","hash":"","size":1}', "nothing"):
        with pytest.raises(UnreadableInput):
            read_head(wrong)


def test_a_log_knows_its_contract_and_its_tenant() -> None:
    contract = past_contract()
    mine, other = log_of(contract, salts(), "acme"), log_of(contract, salts(), "umbrella")
    assert mine.head.hash != other.head.hash
    assert not isinstance(verify(mine, other.head), Verified)
    at_noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert append(mine, history()[0], recorded_at=at_noon, salt=bytes(32)).entries[-1].tenant == "acme"


def test_the_hash_is_the_one_the_documentation_describes() -> None:
    entry = past_log().entries[0]
    body = {k: v for k, v in json.loads(entries.line_of(entry)).items() if k not in {"hash", "open"}}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(b"clmcrm.proof/1 entry\n" + text.encode()).hexdigest() == entry.hash
