"""The tiers in which something is real: their fixed seeds come through, and each catches what it is there to catch.

What needs strace or PostgreSQL has the marker `servers`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from random import Random

import pytest
from debian_packages import wanted
from postgres_server import a_server

from clmcrm.testing.faults import __main__ as rig
from clmcrm.testing.faults import postgres, syscalls
from clmcrm.testing.faults.disk import Disk, File
from clmcrm.testing.faults.postgres import VARIABLE
from clmcrm.testing.faults.rotating import rotating_trial
from clmcrm.testing.faults.tiered import TIERED, TierVariant
from clmcrm.testing.faults.tracing import Injection, Unavailable, missing

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "faults.md"
OUTSIDE = ("syscalls", "power", "workers-postgres")
"""The tiers that need a program beside Python."""


def _seeds_in_the_docs() -> dict[str, str]:
    """The seed that the page gives for each variant of these tiers."""
    row = re.compile(r"^\| ([^|]+?) \| [^|]+ \| ([a-z-]+) \| ([\d/]+) \| [^|]+ \|$", re.MULTILINE)
    return {name: seed.partition("/")[0] for name, _, seed in row.findall(PAGE.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("tier", ["sockets", "hostile", "workers"])
def test_tokens_hostile_replies_and_two_workers_come_through(tier: str) -> None:
    tally = rig.run(tier, 301, 1, 1)
    assert tally.violations == []
    assert tally.faults > 0


@pytest.fixture(autouse=True)
def strace(request: pytest.FixtureRequest) -> None:
    """strace, allowed to trace, for what has the marker `servers`."""
    if request.node.get_closest_marker("servers"):
        wanted("strace", lambda: shutil.which("strace") is not None)
        assert missing() == ""


@pytest.mark.servers
@pytest.mark.parametrize("tier", ["syscalls", "power"])
def test_failing_system_calls_and_power_cuts_come_through(tier: str) -> None:
    tally = rig.run(tier, 300, 3, 1)
    assert tally.violations == []
    assert tally.kills > 0


@pytest.mark.servers
def test_two_workers_on_postgresql_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_server() as place:
        monkeypatch.setenv(VARIABLE, place)
        postgres.running.cache_clear()
        try:
            tally = rig.run("workers-postgres", 301, 1, 1)
            variant = next(variant for variant in TIERED if variant.tier == "workers-postgres")
            caught = _caught(variant)
        finally:
            postgres.running.cache_clear()
    assert tally.violations == []
    assert caught


def _caught(variant: TierVariant) -> bool:
    """Whether the seed of the page shows the broken rule; where time is real, that one or one of the next."""
    seed = int(_seeds_in_the_docs()[variant.name])
    timed = variant.tier == "hostile" or "workers" in variant.tier
    seeds = (seed, seed, *range(seed + 1, seed + 8)) if timed else (seed,)
    return variant.first_caught(map(str, seeds)) is not None


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(variant, id=variant.name, marks=[pytest.mark.servers] if variant.tier in OUTSIDE else [])
        for variant in TIERED
        if variant.tier != "workers-postgres"  # tried with its server, above
    ],
)
def test_every_broken_rule_is_caught_by_its_tier_and_the_seed_is_clean_without_it(variant: TierVariant) -> None:
    assert _caught(variant)
    whole = variant.whole(_seeds_in_the_docs()[variant.name])
    assert whole.verdict.clean, f"the rule unbroken, the same seed is clean: {whole.verdict}"


def test_every_variant_and_its_tier_stand_in_the_docs() -> None:
    assert {variant.name for variant in TIERED} == _seeds_in_the_docs().keys()
    assert {variant.tier for variant in TIERED} | {"simulated"} == rig.TIERS.keys()


def test_the_same_seed_tells_the_same_story_also_over_sockets() -> None:
    """But for hostile replies: how far a long one comes in ten seconds of real time is the machine's matter."""
    one, other = rotating_trial("304"), rotating_trial("304")
    assert (one.trace, one.verdict) == (other.trace, other.verdict)


def test_a_tier_that_cannot_be_run_says_why_and_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(syscalls, "missing", lambda: "strace is not installed")
    assert rig.main(["--tier", "syscalls", "--seeds", "1", "--start", "0"]) == 0
    assert "syscalls: left out: strace is not installed" in capsys.readouterr().out
    assert rig.main(["--variants", "--tier", "syscalls", "--seeds", "1", "--start", "0"]) == 0
    assert "left out: strace is not installed" in capsys.readouterr().out


def test_an_injection_is_said_as_strace_wants_it() -> None:
    assert str(Injection(("pwrite64", "write"), 3, "ENOSPC", for_good=True)) == (
        "inject=pwrite64,write:error=ENOSPC:when=3+"
    )
    assert str(Injection(("fsync",), 7)) == "inject=fsync:signal=SIGKILL:when=7"


# the disk whose power goes


def _hex(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return "".join(f"\\x{byte:02x}" for byte in data)


def _created(path: Path) -> str:
    return f'openat(AT_FDCWD<{_hex("/")}>, "{_hex(str(path))}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3<{_hex(str(path))}>'


def _wrote(path: Path, offset: int, data: bytes) -> str:
    return f'pwrite64(3<{_hex(str(path))}>, "{_hex(data)}", {len(data)}, {offset}) = {len(data)}'


def _synced(path: Path) -> str:
    return f"fdatasync(3<{_hex(str(path))}>) = 0"


def _found_after(tmp_path: Path, *lines: str) -> list[bytes | None]:
    """What two hundred power cuts leave of the file."""
    found: list[bytes | None] = []
    for seed in range(200):
        disk = Disk(tmp_path)
        disk.follow(lines)
        disk.cut(Random(seed))  # noqa: S311 - to be repeated
        place = tmp_path / "j"
        found.append(place.read_bytes() if place.exists() else None)
    return found


def test_what_was_synchronised_with_its_name_is_found_after_every_power_cut(tmp_path: Path) -> None:
    file = tmp_path / "j"
    lines = (_created(file), _wrote(file, 0, b"abc"), _synced(file), _synced(tmp_path))
    assert set(_found_after(tmp_path, *lines)) == {b"abc"}


def test_a_file_whose_folder_was_not_synchronised_may_be_gone(tmp_path: Path) -> None:
    file = tmp_path / "j"
    assert set(_found_after(tmp_path, _created(file), _wrote(file, 0, b"abc"), _synced(file))) == {b"abc", None}


def test_of_what_was_not_synchronised_any_part_may_be_left_torn_at_sectors(tmp_path: Path) -> None:
    file = tmp_path / "j"
    before = (_created(file), _wrote(file, 0, b"a" * 1024), _synced(file), _synced(tmp_path))
    found = set(_found_after(tmp_path, *before, _wrote(file, 0, b"b" * 1024)))
    a, b = b"a" * 512, b"b" * 512
    assert found == {a + a, a + b, b + a, b + b}


def test_a_write_after_one_that_was_lost_leaves_a_hole_and_a_removal_may_be_undone(tmp_path: Path) -> None:
    file = tmp_path / "j"
    before = (_created(file), _synced(file), _synced(tmp_path))
    found = set(_found_after(tmp_path, *before, _wrote(file, 0, b"one"), _wrote(file, 3, b"two")))
    assert found == {b"", b"one", b"onetwo", b"\0\0\0two"}
    gone = set(_found_after(tmp_path, *before, f'unlink("{_hex(str(file))}") = 0'))
    assert gone == {b"", None}


def test_a_call_that_failed_did_nothing_and_one_that_nobody_foresaw_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "j"
    disk = Disk(tmp_path, names={"j": File(b"abcdef")}, safe={"j": File(b"abcdef")})
    disk.follow(
        [f"ftruncate(3<{_hex(str(file))}>, 3) = -1 EIO (Input/output error) (INJECTED)", "+++ killed by SIGKILL +++"]
    )
    assert disk.names["j"].since == []
    disk.follow(
        [f"ftruncate(3<{_hex(str(file))}>, 3) = 0", f'pwrite64(3<{_hex(str(file))}>, "{_hex(b"xy")}", 2, 0) = ?']
    )
    disk.names["j"].synchronise()
    assert disk.names["j"].safe == b"xyc"
    with pytest.raises(ValueError, match="rename was not foreseen"):
        disk.follow([f'rename("{_hex("a")}", "{_hex("b")}") = 0'])
    with pytest.raises(ValueError, match="not understood"):
        disk.follow(["what is this"])


def test_what_a_killed_process_was_about_to_call_was_never_done(tmp_path: Path) -> None:
    disk = Disk(tmp_path, names={"j": File(b"abc")}, safe={"j": File(b"abc")})
    disk.follow(["???( <unfinished ...>", "+++ killed by SIGKILL +++"])
    assert disk.names["j"].since == []
    assert disk.since == []


def test_a_write_that_was_cut_short_may_be_found_and_a_synchronisation_made_nothing_safe(tmp_path: Path) -> None:
    file = tmp_path / "j"
    before = (_created(file), _wrote(file, 0, b"abc"), _synced(file), _synced(tmp_path))
    unseen = (_wrote(file, 0, b"xyz").replace(") = 3", " <unfinished ...>"), _synced(file).replace("= 0", "= ?"))
    assert set(_found_after(tmp_path, *before, *unseen)) == {b"abc", b"xyz"}


@pytest.mark.parametrize("there", [True, False])
def test_whether_a_removal_that_was_cut_short_was_done_the_folder_tells(tmp_path: Path, *, there: bool) -> None:
    file = tmp_path / "j"
    if there:
        _ = file.write_bytes(b"abc")
    disk = Disk(tmp_path, names={"j": File(b"abc")}, safe={"j": File(b"abc")})
    disk.follow([f'unlink("{_hex(str(file))}") = ?'])
    assert ("j" in disk.names) is there


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "tools_found", lambda: None)
    with pytest.raises(Unavailable, match="apt-get install postgresql"), postgres.a_server():
        pass
