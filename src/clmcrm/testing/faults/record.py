"""What was run of the rig, kept: figures add up over many runs, as long as they are of one and the same engine.

A record is a file of JSON lines, one for each run of a tier. Which engine it was is a check sum of the sources that a
history passes through, without their comments and docstrings.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import asdict, evolve, frozen

from clmcrm.errors import ClmcrmError
from clmcrm.testing.faults.tally import Tally

PASSED: Final = (
    "adapters/_http.py", "adapters/keyset.py", "adapters/transports.py", "drivers", "errors.py", "ports", "store",
    "sync", "testing/faults", "values/json_text.py", "values/problems.py", "values/validators.py",
)  # fmt: skip
"""The files and rooms that a history passes through."""
ABOUT: Final = (
    "__main__", "tally", "record", "tiered", "variants", "broken", "broken_rules", "broken_wires", "swapping",
)  # fmt: skip
"""What of the rig only counts, prints, or breaks on purpose."""
SAME: Final[Mapping[str, str]] = {
    **dict.fromkeys(("22c5140d6844", "896c2959bb2b", "530ec1fea0d2", "62f8bd46d465"), "2fa0934b971d"),
    "8b316dca0218": "a33ebd02f663",
}
"""Engines whose clean histories are those of another, call by call: a run without a violation counts as one of it.

Where somebody looks for what a parked creation made, and the engine refuses them a record of another pair, the rig
ended with that error in 22c5140d6844, and since then they take the next record. 896c2959bb2b still counted every
record as double of which nobody could say whose it is, and 530ec1fea0d2 some of them (`People.enter_again`).
62f8bd46d465 looked for what the runs tell of a record under its own name only, not under its mark's (`divergent_in`).
No clean history came there. Since then a creation that waits is also told with its own key, which changes no call.

8b316dca0218 kept a word on a pairing that had gone away, asked about a null beside an empty text at the first pairing,
and knew of the kinds that were pulled alone: nobody in the rig pairs by hand, leaves an empty text, or pulls fewer
kinds. Where somebody adopts a record the journal is asked otherwise whose that is, and answers the same. 3,000
histories of both, from 770000000 on, were compared and are the same.
"""


@frozen(kw_only=True)
class Ran:
    """One run of one tier: `tally.seeds` seeds beginning with `start`, by the engine of this check sum."""

    engine: str
    start: int
    tally: Tally


def engine_now() -> str:
    """The check sum of the engine and the rig at hand: twelve digits, the same in every version of Python."""
    package = Path(__file__).parents[2]
    files = sorted(file for name in PASSED for file in _files(package / name) if not _only_about(file))
    whole = sha256()
    for file in files:
        whole.update(f"{file.relative_to(package).as_posix()}\n{bare(file.read_text(encoding='utf-8'))}".encode())
    return whole.hexdigest()[:12]


def bare(source: str) -> str:
    r"""The source without comments, docstrings and blank lines.

    >>> bare('def f():  # why\n    "What."\n\n    return "#"\n')
    'def f():\n    return "#"'
    """
    lines = [line.encode() for line in source.splitlines()]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            _blank(lines, (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, place = token.start
            before = len(source.splitlines()[row - 1][:place].encode())
            lines[row - 1] = lines[row - 1][:before]
    return "\n".join(text for line in lines if (text := line.decode().rstrip()))


def keep(file: Path, engine: str, start: int, tally: Tally) -> None:
    """Append a run to the record, which is made where there is none."""
    line = json.dumps({"engine": engine, "start": start, **asdict(tally)})
    with file.open("a", encoding="utf-8", newline="\n") as record:
        _ = record.write(line + "\n")


def kept(file: Path) -> tuple[Ran, ...]:
    """The runs of a record, in order; `SAME` says which are counted as another engine's.

    Raises `ClmcrmError` for a line that is no run, and for one whose seeds were counted before: nothing counts twice.
    """
    found: list[Ran] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            facts = json.loads(line)
            engine, start = str(facts.pop("engine")), facts.pop("start")
            tally = Tally(**facts)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ClmcrmError(f"{file}, line {number}: no run of the rig ({error!r}); take the line out") from error
        ran = Ran(engine=engine if tally.violations else SAME.get(engine, engine), start=start, tally=tally)
        for other in found:
            if _again(ran, other):
                raise ClmcrmError(f"{file}, line {number}: seeds of {tally.tier} from {start} on count already")
        found.append(ran)
    return tuple(found)


def totals(runs: Iterable[Ran]) -> dict[str, list[Tally]]:
    """The sums tier by tier, of every engine by itself, the one that was run last first."""
    sums: dict[str, dict[str, Tally]] = {}
    for ran in runs:
        tiers = sums[ran.engine] = sums.pop(ran.engine, {})
        total = tiers.get(ran.tally.tier)
        if total is None:
            tiers[ran.tally.tier] = evolve(ran.tally, violations=list(ran.tally.violations))
        else:
            total.merge(ran.tally)
    return {engine: list(tiers.values()) for engine, tiers in reversed(sums.items())}


def _files(place: Path) -> Iterator[Path]:
    return iter([place]) if place.suffix == ".py" else place.rglob("*.py")


def _only_about(file: Path) -> bool:
    return file.parent.name == "faults" and file.stem in ABOUT


def _again(one: Ran, other: Ran) -> bool:
    same = one.engine == other.engine and one.tally.tier == other.tally.tier
    return same and one.start < other.start + other.tally.seeds and other.start < one.start + one.tally.seeds


def _blank(lines: list[bytes], first: tuple[int, int], last: tuple[int, int]) -> None:
    """Empty what stands from `first` to `last`, both (line, byte): the ends included and excluded."""
    (row, place), (end, until) = first, last
    for at in range(row - 1, end):
        line = lines[at]
        begin = place if at == row - 1 else 0
        lines[at] = line[:begin] + (line[until:] if at == end - 1 else b"")
