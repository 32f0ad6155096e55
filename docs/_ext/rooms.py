"""One reference page per room, made while the pages are built, so that none is ever forgotten.

A room without modules gets no page. A module or a member that starts with an underscore is not public and
is left out.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PACKAGE: Final = Path(__file__).parents[2] / "src" / "clmcrm"

# Docstrings write code as in Markdown, and a letter may follow directly (`Step`s): to reStructuredText that
# is no end, unless an escaped space parts the two.
CODE_THEN_LETTER: Final = re.compile(r"(?<![`:\\])(`[^`\n]+`)(?=\w)")


def module_name(path: Path) -> str:
    """The dotted name of a source file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def public_modules(room: Path) -> list[str]:
    """The modules of a room (a file or a folder), the room itself first."""
    files = [room] if room.suffix == ".py" else sorted(room.rglob("*.py"))
    inside = ((path, path.relative_to(PACKAGE).with_suffix("").parts) for path in files)
    return sorted(
        module_name(path)
        for path, parts in inside
        if not any(part.startswith("_") and part != "__init__" for part in parts)
    )


def first_sentence(room: Path) -> str:
    """The first line of the room's docstring."""
    source = room if room.suffix == ".py" else room / "__init__.py"
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def page(room: Path) -> str:
    """The MyST source of a room's page."""
    blocks = [
        f"## `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n{own(room, name)}```\n"
        for name in public_modules(room)
    ]
    return "\n".join([f"# {room.stem}\n", *blocks])


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
    folder = Path(app.srcdir) / "reference" / "rooms"
    folder.mkdir(exist_ok=True)
    pages = {f"{room.stem}.md": page(room) for room in rooms()}
    listed = "\n".join(f"{room.stem} <{room.stem}>" for room in rooms())
    rows = "\n".join(f"- [{room.stem}]({room.stem}.md): {first_sentence(room)}" for room in rooms())
    pages["index.md"] = f"# Rooms\n\n{rows}\n\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    for stale in {path.name for path in folder.glob("*.md")} - set(pages):
        (folder / stale).unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            _ = path.write_text(text, encoding="utf-8")


def end_code(_app: Sphinx, _what: str, _name: str, _obj: object, _opts: object, lines: list[str]) -> None:
    """Part code from a letter that follows it, outside examples."""
    for n, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[n] = CODE_THEN_LETTER.sub(r"\1\\ ", line)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    _ = app.connect("builder-inited", write_pages)
    _ = app.connect("autodoc-process-docstring", end_code)
    return {"parallel_read_safe": True}
