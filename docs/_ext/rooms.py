"""One reference page per room and per folder in it, made while the pages are built, so that none is ever forgotten.

Many pages of a bearable length are also read by several processes at once. A module or a member that starts
with an underscore is not public and is left out.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sphinx.domains.python import ObjectEntry, PythonDomain
from typing_extensions import override

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

PACKAGE: Final = Path(__file__).parents[2] / "src" / "clmcrm"

APART: Final = 5

# Docstrings write code as in Markdown, and a letter may follow directly (`Step`s): to reStructuredText that
# is no end, unless an escaped space parts the two.
CODE_THEN_LETTER: Final = re.compile(r"(?<![`:\\])(`[^`\n]+`)(?=\w)")


def module_name(path: Path) -> str:
    """The dotted name of a source file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def public_modules(room: Path) -> list[str]:
    """The modules that stand in a room itself (a file or a folder), the room first; those of its folders do not."""
    files = [room] if room.suffix == ".py" else room.glob("*.py")
    return sorted(module_name(path) for path in files if path.stem == "__init__" or not path.stem.startswith("_"))


def folders(room: Path) -> list[Path]:
    """The public folders of a room: each is read as a room of its own, one step further in."""
    inside = () if room.suffix == ".py" else room.iterdir()
    return sorted(path for path in inside if (path / "__init__.py").exists() and not path.stem.startswith("_"))


def first_sentence(room: Path) -> str:
    """The first line of the room's docstring."""
    source = room if room.suffix == ".py" else room / "__init__.py"
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def pages(room: Path, place: str = "") -> dict[str, str]:
    """The MyST source of a room's page and of the pages of its folders, by their place below the rooms."""
    blocks = [
        f"## `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n{own(room, name)}```\n"
        for name in public_modules(room)
    ]
    inside = folders(room)
    listed = [contents(inside, f"{room.stem}/")] if inside else []
    found = {f"{place}{room.stem}.md": "\n".join([f"# {room.stem}\n", *listed, *blocks])}
    for folder in inside:
        found |= pages(folder, f"{place}{room.stem}/")
    return found


def contents(listed: list[Path], place: str) -> str:
    """A list of pages with the first sentence of each, which the sidebar shows as well."""
    rows = "\n".join(f"- [{path.stem}]({place}{path.stem}.md): {first_sentence(path)}" for path in listed)
    names = "\n".join(f"{path.stem} <{place}{path.stem}>" for path in listed)
    return f"{rows}\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"


def own(room: Path, name: str) -> str:
    """A folder that repeats names of its modules shows its own alone: theirs stand once, with their module."""
    folder = PACKAGE.joinpath(*name.split(".")[1:])
    return "   :ignore-module-all:\n" if room.suffix != ".py" and folder.is_dir() else ""


def rooms() -> list[Path]:
    """Every public room that has at least its own docstring."""
    found = (p for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists())
    return sorted(path for path in found if not path.stem.startswith("_"))


def write_pages(app: Sphinx) -> None:
    """Write the pages and their list below `reference/rooms`, touching only what changed."""
    root = Path(app.srcdir) / "reference" / "rooms"
    wanted = {"index.md": f"# Rooms\n\n{contents(rooms(), '')}"}
    for room in rooms():
        wanted |= pages(room)
    for stale in {path.relative_to(root).as_posix() for path in root.rglob("*.md")} - set(wanted):
        (root / stale).unlink()
    for name, text in wanted.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            _ = path.write_text(text, encoding="utf-8")


def spread(_app: Sphinx, _env: object, docnames: list[str]) -> None:
    """Part neighbours: Sphinx hands each process a run of pages, and the long ones stand side by side."""
    docnames[:] = [name for first in range(APART) for name in docnames[first::APART]]


def end_code(_app: Sphinx, _what: str, _name: str, _obj: object, _opts: object, lines: list[str]) -> None:
    """Part code from a letter that follows it, outside examples."""
    for n, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[n] = CODE_THEN_LETTER.sub(r"\1\\ ", line)


class Indexed(PythonDomain):
    """Finds a name of a signature by its last part, as Sphinx does, without going through every name each time."""

    @cached_property
    def _lasts(self) -> set[str]:
        # Names are looked up once all pages are read: from then on there are no new ones.
        return {name.rpartition(".")[2] for name in self.objects}

    @cached_property
    def _found(self) -> dict[tuple[str, str | None], list[tuple[str, ObjectEntry]]]:
        return {}

    @override
    def find_obj(
        self,
        env: BuildEnvironment,
        modname: str,
        classname: str,
        name: str,
        type: str | None,
        searchmode: int = 0,
    ) -> list[tuple[str, ObjectEntry]]:
        """What `name` may stand for, each with its full name; only a name that is nowhere near is kept."""
        name = name.removesuffix("()")
        near = (f"{modname}.{classname}.{name}", f"{modname}.{name}", name)
        if searchmode != 1 or any(full in self.objects for full in near):
            return super().find_obj(env, modname, classname, name, type, searchmode)
        if name.rpartition(".")[2] not in self._lasts:
            return []  # most are `str`, `date` and the like
        if (name, type) not in self._found:
            self._found[name, type] = super().find_obj(env, modname, classname, name, type, searchmode)
        return [*self._found[name, type]]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    _ = app.connect("builder-inited", write_pages)
    _ = app.connect("env-before-read-docs", spread)
    app.add_domain(Indexed, override=True)
    _ = app.connect("autodoc-process-docstring", end_code)
    return {"parallel_read_safe": True}
