"""Where a call happens wholly or not at all, each write still has an outcome of its own."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.each_by_itself import (
    Changes,
    Creations,
    Outcomes,
    by_halves,
    firsts,
    kind_by_kind,
    once_per_mark,
    refusal,
    told_apart,
    unmet,
    waves,
    with_repeated,
)
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow, answered, finished
from clmcrm.ports.records import Create, Outcome, Result, Update, Write

DONE = Outcome(result=Result.DONE, key="1")


def create(mark: str, name: str = "x", kind: str = "account") -> Create:
    return Create(kind=kind, mark=mark, fields={"name": name})


def update(key: str, kind: str = "account", expected: str = "v1") -> Update:
    return Update(kind=kind, key=key, fields={"name": "x"}, expected=expected)


class Server:
    """Takes a whole call or none of it: one bad record keeps all of them out."""

    def __init__(self, bad: set[int]) -> None:
        self.bad, self.calls = bad, 0
        self.written: list[int] = []

    def send(self, places: Sequence[int]) -> Flow[Outcomes]:
        self.calls += 1
        if self.bad.isdisjoint(places):
            self.written += places
            return dict.fromkeys(places, DONE)
        if len(places) == 1:
            return {places[0]: Outcome(result=Result.REFUSED, why="bad")}
        return (yield from by_halves(places, self.send))


@given(st.integers(1, 60), st.sets(st.integers(0, 59), max_size=4))
def test_what_is_refused_keeps_no_other_out_and_is_found_by_halves(count: int, bad: set[int]) -> None:
    bad = {place for place in bad if place < count}
    server = Server(bad)
    done = finished(server.send(range(count)))
    assert sorted(done) == list(range(count))
    assert {place for place, one in done.items() if not one.ok} == bad
    assert sorted(server.written) == [place for place in range(count) if place not in bad]
    assert server.calls <= 1 + 2 * len(bad) * count.bit_length()


def test_creations_go_before_changes_kind_by_kind_and_outcomes_stand_in_order() -> None:
    seen: list[tuple[str, str, list[int]]] = []

    def held(kind: str) -> str:
        if kind == "contact":
            raise TerminalError("erp", "does not hold contact")
        return kind

    def creations(kind: str, writes: Creations) -> Flow[Outcomes]:
        seen.append(("create", kind, list(writes)))
        return (yield from answered(dict.fromkeys(writes, DONE)))

    def changes(kind: str, writes: Changes) -> Flow[Outcomes]:
        seen.append(("change", kind, list(writes)))
        return (yield from answered({place: Outcome(result=Result.DONE, key=one.key) for place, one in writes.items()}))

    writes: list[Write] = [
        update("7"), create("a"), update("8", "contract"), create("b", kind="contact"), update("9"),
    ]  # fmt: skip
    done = finished(kind_by_kind(writes, held, creations, changes))
    assert seen == [("create", "account", [1]), ("change", "account", [0, 4]), ("change", "contract", [2])]
    assert [one.key for one in done] == ["7", "1", "8", "", "9"]
    assert (done[3].result, "does not hold contact" in done[3].why) == (Result.REFUSED, True)


def test_a_second_change_of_one_record_in_a_call_is_stale() -> None:
    done, ready = told_apart({0: update("1"), 1: update("2"), 2: update("1")}, lambda one: one.key)
    assert ready == {0: "1", 1: "2"}
    assert {place: one.result for place, one in done.items()} == {2: Result.STALE}


def test_a_change_is_unmet_when_its_record_is_gone_or_moved_on() -> None:
    assert unmet(update("1"), "v1") is None
    told = [unmet(update("1"), version) for version in (None, "v2")]
    assert [one and one.result for one in told] == [Result.MISSING, Result.STALE]
    assert told[1] is not None
    assert told[1].version == "v2"


def test_one_mark_is_inserted_once_and_the_others_are_bound_to_it() -> None:
    bad = Outcome(result=Result.REFUSED, why="bad")
    writes = {0: create("a", ""), 1: create("a"), 2: create("b"), 3: create("a"), 4: create("b")}
    done, ready = once_per_mark(writes, lambda one: str(one.fields["name"]) or bad)
    assert ready == {1: "x", 2: "x"}
    done.update({1: DONE, 2: bad})
    whole = with_repeated(writes, done, ready)
    assert [whole[place].result.value for place in range(5)] == ["refused", "done", "refused", "bound", "refused"]
    assert whole[3].key == "1"


def test_what_is_no_json_is_refused_before_the_systems_own_rules() -> None:
    assert refusal({"name": "x"}, lambda: "too short") == "too short"
    assert refusal({"name": "x"}, lambda: None) is None
    assert "amount" in str(refusal({"amount": 0.1}, lambda: None))  # type: ignore[dict-item] # a float is no JSON here


@given(st.lists(st.sampled_from("abc"), max_size=12))
def test_waves_hold_every_change_once_name_no_record_twice_and_keep_its_order(keys: list[str]) -> None:
    writes: dict[int, Write] = {place: update(key) for place, key in enumerate(keys)}
    found = waves(writes | {99: create("m")})
    assert sorted(place for wave in found for place in wave) == sorted(writes)
    for wave in found:
        assert len({one.key for one in wave.values()}) == len(wave) > 0
    for key in keys:
        places = [place for wave in found for place, one in wave.items() if one.key == key]
        assert places == sorted(places)


def test_of_creations_under_one_mark_the_first_is_sent() -> None:
    writes = {4: create("m", "first"), 5: create("n"), 7: create("m", "second")}
    assert firsts(writes) == {4: writes[4], 5: writes[5]}
