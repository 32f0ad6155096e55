"""The walls that a linter of imports cannot see, each as a function from the package to its findings.

`package` is always the folder of the sources (`src/clmcrm`, or a copy with a violation planted in it).
A finding is one line, `file:line wall: what`; no finding means that the wall stands.
"""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

CORE: Final = (
    "errors", "values", "parties", "calendars", "crm", "clm", "ports", "analytics", "bridge", "sync",
)  # fmt: skip
"""The rooms that get everything as an argument: the day, the calendar, the bytes, the ids."""

MANNERED: Final = (*CORE, "proof")
"""The rooms that read no clock and no disk and draw no lots: the core, and what others must be able to repeat."""

HEAVY: Final = frozenset(
    {"attr", "attrs", "cattrs", "dateutil", "holidays", "httpx", "numpy", "pytest", "rich", "sqlite3"}
)
"""What `import clmcrm` leaves unloaded."""


@dataclass(frozen=True)
class Wall:
    """Dotted names that the core may not use; a name below one of them (`os.path`) is refused too."""

    name: str
    refused: frozenset[str]
    but: frozenset[str] = frozenset()

    @cache  # noqa: B019 - there are six walls, and the same names are asked about in every file
    def refuses(self, dotted: str) -> bool:
        return _below(dotted, self.refused) and not _below(dotted, self.but)


def _below(dotted: str, roots: frozenset[str]) -> bool:
    parts = dotted.split(".")
    return any(".".join(parts[:n]) in roots for n in range(1, len(parts) + 1))


CORE_WALLS: Final = (
    Wall(
        "clock",
        frozenset(
            {
                "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
                "datetime.datetime.utcnow", "time",
            }
        ),
    ),
    Wall(
        "disk",
        frozenset(
            {"builtins.open", "fileinput", "glob", "io", "linecache", "os", "pathlib", "shutil", "tempfile"}
        ),
        but=frozenset({"io.BytesIO", "io.StringIO", "io.TextIOBase"}),  # text in memory is no disk
    ),
    Wall(
        "printing",
        frozenset({"builtins.input", "builtins.print", "sys.stderr", "sys.stdin", "sys.stdout"}),
    ),
    Wall("chance", frozenset({"random", "secrets", "uuid"})),
    Wall(
        "dynamic import",
        frozenset(
            {
                "builtins.__import__", "builtins.compile", "builtins.eval", "builtins.exec",
                "importlib", "pkgutil", "runpy",
            }
        ),
    ),
)  # fmt: skip

# Above the core a room may read its own data and version; importing by name stays the root's alone.
LOADING: Final = Wall(
    "dynamic import",
    frozenset({"builtins.__import__", "builtins.eval", "builtins.exec", "importlib", "runpy"}),
    but=frozenset({"importlib.metadata", "importlib.resources"}),
)


@dataclass(frozen=True)
class Source:
    """One module: its file, its dotted name, its text."""

    path: Path
    module: str
    text: str

    def at(self, line: int, what: str) -> str:
        return f"{self.path.as_posix()}:{line} {what}"


def sources(package: Path, rooms: tuple[str, ...] | None = None) -> Iterator[Source]:
    """Every module of the package, or of some of its rooms."""
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if rooms is None or parts[0] in rooms:
            names = [package.name, *parts]
            module = ".".join(names[:-1] if names[-1] == "__init__" else names)
            yield Source(path, module, path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Seen:
    """What the walls look at in a module: the names it uses and its float literals, each with its line."""

    used: frozenset[tuple[int, str]]
    floats: tuple[tuple[int, float | complex], ...]


@cache
def seen_in(text: str) -> Seen:
    """Seen once however many walls and copies look at it; the syntax tree, which is large, is not kept."""
    nodes = list(ast.walk(ast.parse(text)))
    constants = ((n.lineno, n.value) for n in nodes if isinstance(n, ast.Constant))
    floats = tuple((line, value) for line, value in constants if isinstance(value, float | complex))
    return Seen(used=frozenset(_used(nodes)), floats=floats)


def imported_names(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """What each imported name stands for: `{"dt": "datetime", "today": "datetime.date.today"}`."""
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _used(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Each imported module, imported name, built-in and attribute of one, in full, with its line."""
    known = imported_names(nodes)
    own = _bound(nodes)
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute):
            dotted = _dotted(node, known, own)
            if dotted is not None:
                yield node.lineno, dotted
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _bound(nodes: list[ast.AST]) -> set[str]:
    arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return arguments | stored


def _dotted(node: ast.expr, known: dict[str, str], own: set[str]) -> str | None:
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value, known, own)
        return None if head is None else f"{head}.{node.attr}"
    if not isinstance(node, ast.Name):
        return None
    if node.id in known:
        return known[node.id]
    is_builtin = hasattr(builtins, node.id) and node.id not in own
    return f"builtins.{node.id}" if is_builtin else None


def core_uses(package: Path) -> list[str]:
    """Clock, disk, printing, chance and dynamic import in the core and in `proof`."""
    return _uses(sources(package, MANNERED), CORE_WALLS)


def loading(package: Path) -> list[str]:
    """Dynamic import anywhere but in the root, which is lazy because of it."""
    return _uses((s for s in sources(package) if s.module != package.name), (LOADING,))


def _uses(modules: Iterator[Source], walls: tuple[Wall, ...]) -> list[str]:
    return sorted(
        {
            source.at(line, f"{wall.name}: {dotted}")
            for source in modules
            for line, dotted in seen_in(source.text).used
            for wall in walls
            if wall.refuses(dotted)
        }
    )


def float_literals(package: Path) -> list[str]:
    """Float and complex literals in the core: a number a contract states is exact."""
    return [
        source.at(line, f"float literal: {value}")
        for source in sources(package, MANNERED)
        for line, value in seen_in(source.text).floats
    ]


def private_names(package: Path) -> list[str]:
    """Private names of another module; a private *module* is open to its own room."""
    return sorted(
        {
            source.at(line, f"private name: {dotted}")
            for source in sources(package)
            for line, dotted in seen_in(source.text).used
            if dotted.startswith(f"{package.name}.") and _trespasses(package, source, dotted)
        }
    )


def _trespasses(package: Path, source: Source, dotted: str) -> bool:
    parts = dotted.split(".")
    for n, part in enumerate(parts):
        if part.startswith("_") and not part.endswith("__"):
            folder = package.parent.joinpath(*parts[:n])
            is_module = (folder / f"{part}.py").exists() or (folder / part).is_dir()
            at_home = source.module.startswith(".".join(parts[:n]) + ".")
            if not (is_module and at_home and n > 1):
                return True
    return False


def shared_names(package: Path) -> list[str]:
    """Names that a folder's `__init__` exports though a module beside it has the same: one would hide the other."""
    found: list[str] = []
    for source in sources(package):
        if source.path.name == "__init__.py":
            folder = source.path.parent
            modules = {p.stem for p in folder.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
            clashes = sorted(_exported(source) & modules)
            found += [source.at(1, f"shared name: {name} is a module here too") for name in clashes]
    return found


def _exported(source: Source) -> set[str]:
    """What `__init__` defines or imports, apart from its own modules; the root's `__all__` counts as well."""
    tree = ast.parse(source.text)
    defs = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = {node.name for node in tree.body if isinstance(node, defs)}
    imported = imported_names(ast.walk(tree))
    foreign = {name for name, origin in imported.items() if origin != f"{source.module}.{name}"}
    return defined | foreign | set(_all(tree))


def loose_folders(package: Path) -> list[str]:
    """Folders of modules without `__init__.py`: import-linter would not see them."""
    folders = {source.path.parent for source in sources(package)}
    return sorted(f"{f.as_posix()}:1 loose folder" for f in folders if not (f / "__init__.py").exists())


def heavy_imports(package: Path) -> list[str]:
    """What `import clmcrm` loads though it should not, seen in a process of its own."""
    code = f"import sys, {package.name}; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    ran = in_process(package, "-c", code)
    if ran.returncode:
        return [f"{package.name} cannot be imported: {ran.stderr}"]
    return [f"{package.name}/__init__.py:1 heavy import: {name}" for name in ran.stdout.split()]


def broken_contracts(package: Path, config: Path) -> dict[str, str]:
    """What import-linter says of each contract that is broken, by its name (all it says, when it could not run).

    In a process of its own, because import-linter looks a package up by name, and here that name is
    already the real one.
    """
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    ran = in_process(package, "-c", code, "--config", str(config), "--no-cache", "--no-logo")
    if not ran.returncode:
        return {}
    broken = re.findall(r"^(.+) BROKEN(?: \(.+\))?$", ran.stdout, re.MULTILINE)
    headed = re.split(r"^(.+)\n-+$", ran.stdout, flags=re.MULTILINE)
    said = dict(zip(headed[1::2], headed[2::2], strict=True))
    return {name: said[name] for name in broken} or {"import-linter": ran.stdout + ran.stderr}


def in_process(package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with these sources first on its path, and nothing else of ours (no coverage, no cache)."""
    return subprocess.run(
        [sys.executable, "-B", *arguments],
        capture_output=True, text=True, check=False, timeout=120,
        env={"PYTHONPATH": str(package.parent), "PATH": "", "COLUMNS": "200"},
    )  # fmt: skip


def surface(package: Path) -> list[str]:
    """The names in the root's `__all__`, read without running it; it must be a plain list of texts."""
    return _all(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))


def _all(tree: ast.Module) -> list[str]:
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    lists = [node.value for node in assigned if ast.unparse(node.targets[0]) == "__all__"]
    return [str(name) for value in lists for name in ast.literal_eval(value)]


def surface_drift(package: Path, snapshot: Path) -> list[str]:
    """Names that came or went since the snapshot was committed, and an `__all__` out of order."""
    now, then = surface(package), snapshot.read_text(encoding="utf-8").split()
    came = [f"surface: {name} is new" for name in now if name not in then]
    went = [f"surface: {name} is gone" for name in then if name not in now]
    unsorted = [] if now == sorted(now) else ["surface: __all__ is not sorted"]
    return came + went + unsorted


ALL_WALLS: Final = (
    core_uses, loading, float_literals, private_names, shared_names, loose_folders, heavy_imports,
)  # fmt: skip

if __name__ == "__main__":  # writes the snapshot of the surface
    _ = sys.stdout.write("\n".join(surface(Path(__file__).parents[2] / "src" / "clmcrm")) + "\n")
