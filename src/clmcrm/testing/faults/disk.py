"""A disk whose power may go: it knows what was written, what was synchronised, and what may be left of the rest.

It is fed with the system calls that strace listed. A file's bytes are safe once the file was synchronised, its
name once the folder was. Of everything later any part may have reached the disk, in any order, torn at sectors;
names are kept in order, as journalling file systems do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Final

from attrs import define, field, frozen

SECTOR: Final = 512
_CALL: Final = re.compile(r"^(?:\d+ +)?(\w+)\((.*?)(?:\) += (-?\d+|\?).*| <unfinished \.\.\.>)$")
_NEVER_BEGUN: Final = re.compile(r"^(?:\d+ +)?\?\?\?\(")
"""A call before whose beginning the process was killed: the kernel does not run it, and strace cannot name it."""
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OPEN_FILE: Final = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>(?:\(deleted\))?")


@frozen
class Written:
    """`data` at `offset`; None: the file was cut to this length."""

    offset: int
    data: bytes | None


@define(eq=False)
class File:
    """The bytes that are `safe`, and what was done since."""

    safe: bytes = b""
    since: list[Written] = field(factory=list[Written])

    def synchronise(self) -> None:
        """All that was written is safe."""
        self.safe = _after(self.safe, self.since)
        self.since = []

    def left(self, dice: Random) -> bytes:
        """What may be found when the power comes back."""
        how = dice.choice(("safe", "all", "first", "any", "torn"))
        if how == "safe":
            return self.safe
        if how == "all":
            return _after(self.safe, self.since)
        if how == "first":
            return _after(self.safe, self.since[: dice.randrange(len(self.since) + 1)])
        some = [each for each in self.since if dice.random() < 0.5]
        return _after(self.safe, some if how == "any" else [part for each in some for part in _torn(each, dice)])


@define(eq=False)
class Disk:
    """The files of one folder: under the `names` they have now, and under those that are `safe`."""

    folder: Path
    names: dict[str, File] = field(factory=dict[str, File])
    safe: dict[str, File] = field(factory=dict[str, File])
    since: list[tuple[str, File | None]] = field(factory=list[tuple[str, File | None]])
    synchronised: int = 0

    def follow(self, lines: Iterable[str]) -> None:
        """Do what these system calls did; raises `ValueError` for one that nobody foresaw."""
        for line in lines:
            found = _CALL.match(line)
            if found is None:
                if line.startswith(("+++", "---")) or _NEVER_BEGUN.match(line):
                    continue
                raise ValueError(f"not understood: {line[:120]}")
            call, arguments, result = found[1], found[2], found[3] or "?"
            if not result.startswith("-"):
                self._follow(call, arguments, result)

    def cut(self, dice: Random) -> None:
        """The power goes and comes back: the folder holds what is left."""
        named = dict(self.safe)
        for name, file in self.since[: dice.randrange(len(self.since) + 1)]:
            _rename(named, name, file)
        for path in self.folder.iterdir():
            path.unlink()
        found = {name: File(safe=file.left(dice)) for name, file in named.items()}
        for name, file in found.items():
            _ = (self.folder / name).write_bytes(file.safe)
        self.names, self.safe, self.since = dict(found), dict(found), []

    def empty(self) -> None:
        """Nothing is there any more."""
        self.names, self.safe, self.since = {}, {}, []

    def _follow(self, call: str, arguments: str, result: str) -> None:
        if call in ("openat", "open"):
            self._opened(arguments)
        elif call in ("unlink", "unlinkat"):
            self._unlinked(arguments, result)
        elif call in ("fsync", "fdatasync"):
            self._synchronised(arguments, result)
        elif call in ("pwrite64", "ftruncate"):
            self._changed(call, arguments, result)
        else:
            raise ValueError(f"{call} was not foreseen")

    def _opened(self, arguments: str) -> None:
        name = self._name(_texts(arguments)[0])
        if "O_TRUNC" in arguments:
            raise ValueError("opening with O_TRUNC was not foreseen")
        if name and name not in self.names and "O_CREAT" in arguments:
            self._named(name, File())

    def _named(self, name: str, file: File | None) -> None:
        _rename(self.names, name, file)
        self.since.append((name, file))

    def _unlinked(self, arguments: str, result: str) -> None:
        """Whether a call that was cut short did it, the folder tells: nobody was there since."""
        name = self._name(_texts(arguments)[0])
        if result != "?" or not (self.folder / name).exists():
            self._named(name, None)

    def _synchronised(self, arguments: str, result: str) -> None:
        """A call that was cut short made nothing safe."""
        if result == "?":
            return
        path = _path(arguments)
        self.synchronised += 1
        if Path(path) == self.folder:
            self.safe, self.since = dict(self.names), []
        elif (file := self._file(arguments)) is not None:
            file.synchronise()

    def _changed(self, call: str, arguments: str, result: str) -> None:
        file = self._file(arguments)
        if file is None:
            return
        if call == "ftruncate":
            file.since.append(Written(int(arguments.rpartition(",")[2]), None))
            return
        data = bytes.fromhex(_TEXT.findall(arguments)[0].replace("\\x", ""))
        size = len(data) if result == "?" else int(result)
        file.since.append(Written(int(arguments.rpartition(",")[2]), data[:size]))

    def _file(self, arguments: str) -> File | None:
        """The file that a call is about; None for one that has no name any more, or lies elsewhere."""
        return None if "(deleted)" in arguments else self.names.get(self._name(_path(arguments)))

    def _name(self, path: str) -> str:
        """The name in the folder; empty for the folder itself and for what lies elsewhere."""
        found = Path(path)
        return found.name if found.parent == self.folder else ""


def _rename(names: dict[str, File], name: str, file: File | None) -> None:
    if file is None:
        _ = names.pop(name, None)
    else:
        names[name] = file


def _after(before: bytes, changes: Iterable[Written]) -> bytes:
    found = bytearray(before)
    for each in changes:
        end = each.offset + len(each.data or b"")
        if each.data is None:
            del found[end:]
        if len(found) < end:
            found += bytes(end - len(found))
        if each.data is not None:
            found[each.offset : end] = each.data
    return bytes(found)


def _torn(change: Written, dice: Random) -> list[Written]:
    """The sectors of a write that arrived."""
    if change.data is None:
        return [change]
    parts: list[Written] = []
    place, end = change.offset, change.offset + len(change.data)
    while place < end:
        until = min(end, place - place % SECTOR + SECTOR)
        if dice.random() < 0.5:
            parts.append(Written(place, change.data[place - change.offset : until - change.offset]))
        place = until
    return parts


def _texts(arguments: str) -> list[str]:
    return [bytes.fromhex(text.replace("\\x", "")).decode() for text in _TEXT.findall(arguments)]


def _path(arguments: str) -> str:
    found = _OPEN_FILE.match(arguments)
    return bytes.fromhex(found[1].replace("\\x", "")).decode() if found else ""
