"""Reading an evidence pack that may come from anybody, and checking everything it claims.

The rule of the file: a pack is, byte for byte, what `zipped` makes of its files. So nothing can hide between
or behind them, nothing is compressed and can swell, and no name leads anywhere: only the names a pack can
have are read, and none of them becomes a path.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from io import BytesIO
from typing import Final
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import attrs
from attrs import frozen

from clmcrm.clm.documents import Document
from clmcrm.codec.canonical import read_json
from clmcrm.codec.records import from_fields
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.ports.records import Json
from clmcrm.proof.log import Head, read_head
from clmcrm.proof.pack import (
    CERTIFICATES,
    CONTRACT,
    DOCUMENTS,
    HEAD,
    LOG,
    MANIFEST,
    MAX_FILES,
    MAX_PACK,
    PACK_FORMAT,
    zipped,
)
from clmcrm.proof.verifying import FirstBadEntry, Verified, verify

_MAX_NAME: Final = 100
_REQUIRED: Final = frozenset({CERTIFICATES, CONTRACT, DOCUMENTS, HEAD, LOG, MANIFEST, "README.en.txt", "README.fr.txt"})
_STORED: Final = re.compile(r"(documents|certificates)/([0-9a-f]{64})")
_END: Final = struct.Struct("<4s4H2LH")  # the end of central directory record (APPNOTE 4.3.16), without comment
_CENTRAL_RECORD: Final = 46


@frozen(kw_only=True)
class PackChecked:
    """What a pack's check found: the verdict on its log, and every other fault, in words."""

    log: Verified | FirstBadEntry
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether everything in the pack is what it claims to be."""
        return isinstance(self.log, Verified) and not self.faults


def read_pack(data: bytes, where: str = "pack") -> dict[str, bytes]:
    """The pack's files by name; raises `UnreadableInput` for anything but a pack as it is written."""
    _check_directory(data, where)
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(members, where)
            files = {info.filename: archive.read(info) for info in members}
    except (BadZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError, struct.error) as broken:
        if isinstance(broken, UnreadableInput):
            raise
        raise UnreadableInput(where, f"is no ZIP file that can be read ({broken})") from None
    missing = sorted(_REQUIRED - files.keys())
    if missing:
        raise UnreadableInput(where, f"lacks {', '.join(missing)}")
    if zipped(files) != data:
        raise UnreadableInput(where, "holds bytes that are no part of its files")
    return files


def check_pack(data: bytes, heads: Head | Iterable[Head] = (), where: str = "pack") -> PackChecked:
    """Everything the pack claims, checked: manifest, head, documents, certificates, and the log.

    `heads` come from outside; the pack's own head is made by whoever made the pack. Raises
    `UnreadableInput` for what is no pack at all.
    """
    files = read_pack(data, where)
    anchors = [heads] if isinstance(heads, Head) else list(heads)
    log = verify(files[LOG], anchors)
    faults = [*_manifest_faults(files, where), *_head_faults(files, log), *_content_faults(files)]
    faults += _document_faults(files)
    faults += [*_listed_faults(files, DOCUMENTS, "documents"), *_listed_faults(files, CERTIFICATES, "certificates")]
    return PackChecked(log=log, faults=tuple(faults))


def _check_directory(data: bytes, where: str) -> None:
    """Refuse, before anything is unpacked, what is too large or claims too many files."""
    if len(data) > MAX_PACK:
        raise UnreadableInput(where, f"is longer than {MAX_PACK} bytes")
    if len(data) < _END.size or not data.startswith(b"PK\x03\x04"):
        raise UnreadableInput(where, "is no evidence pack: it does not begin as a ZIP file")
    mark, disk, start_disk, here, count, size, offset, comment = _END.unpack(data[-_END.size :])
    if mark != b"PK\x05\x06" or disk or start_disk or comment or here != count:
        raise UnreadableInput(where, "does not end as a ZIP file in one piece and without a comment")
    if count > MAX_FILES or size > count * (_CENTRAL_RECORD + _MAX_NAME):
        raise UnreadableInput(where, f"claims {count} files in a list of {size} bytes; at most {MAX_FILES} are read")
    if offset + size + _END.size != len(data):
        raise UnreadableInput(where, "has its list of files in another place than it says")


def _check_members(members: Iterable[ZipInfo], where: str) -> None:
    seen: set[str] = set()
    for info in members:
        name = info.filename
        if name not in _REQUIRED and not _STORED.fullmatch(name):
            raise UnreadableInput(where, f"holds {name!r}, which no pack has")
        if name in seen:
            raise UnreadableInput(where, f"holds {name} twice")
        if info.compress_type != ZIP_STORED or info.flag_bits or info.compress_size != info.file_size:
            raise UnreadableInput(where, f"holds {name} compressed or encrypted; expected it as it is")
        seen.add(name)


def _manifest_faults(files: Mapping[str, bytes], where: str) -> Iterator[str]:
    raw = read_json(files[MANIFEST], f"{where}, {MANIFEST}")
    listed = raw.get("files") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or raw.get("format") != PACK_FORMAT or not isinstance(listed, list):
        yield f"{MANIFEST} is no list of {PACK_FORMAT}"
        return
    claimed = {str(one.get("name")): one for one in listed if isinstance(one, dict)}
    for name in sorted(files.keys() - {MANIFEST} | claimed.keys()):
        data = files.get(name)
        if data is None:
            yield f"{name} is listed in {MANIFEST} and is missing"
        elif claimed.get(name) != {"bytes": len(data), "name": name, "sha256": sha256(data).hexdigest()}:
            yield f"{name} is not the file that {MANIFEST} lists"
    if len(listed) != len(claimed):
        yield f"{MANIFEST} lists a file twice, or what is no file"
    head = raw.get("head")
    own = read_head(files[HEAD], f"{where}, {HEAD}")
    if head != {"hash": own.hash, "size": own.size} or raw.get("contract") != own.contract:
        yield f"{MANIFEST} and {HEAD} state two heads"


def _head_faults(files: Mapping[str, bytes], log: Verified | FirstBadEntry) -> Iterator[str]:
    if isinstance(log, FirstBadEntry):
        return
    if files[HEAD] != log.head.as_text().encode() + b"\n":
        yield f"{HEAD} is not the head of {LOG}"
    contract = read_json(files[CONTRACT], CONTRACT)
    if not isinstance(contract, dict) or contract.get("id") != log.head.contract:
        yield f"{CONTRACT} is another contract than {LOG}'s"


def _content_faults(files: Mapping[str, bytes]) -> Iterator[str]:
    for name, data in files.items():
        stored = _STORED.fullmatch(name)
        if stored and stored[2] != sha256(data).hexdigest():
            yield f"{name} does not have the SHA-256 it is named by"


def _document_faults(files: Mapping[str, bytes]) -> Iterator[str]:
    """Where the list of documents says another thing of a document than the contract does."""
    contract = read_json(files[CONTRACT], CONTRACT)
    own = _told(contract.get("documents", []) if isinstance(contract, dict) else None)
    described = _told(read_json(files[DOCUMENTS], DOCUMENTS))
    if own is None or described is None or [key for key, _ in own] != [key for key, _ in described]:
        yield f"{DOCUMENTS} does not list the documents of {CONTRACT}"
        return
    for (key, document), (_, other) in zip(own, described, strict=True):
        if document is None or document != other:
            yield f"{DOCUMENTS} and {CONTRACT} state two documents {key}"


def _told(listed: Json) -> list[tuple[str, Document | None]] | None:
    """Each document with its id, None for one that cannot be read; None for what is no list of documents."""
    if not isinstance(listed, list):
        return None
    found: list[tuple[str, Document | None]] = []
    for one in listed:
        key = one.get("id") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(key, str):
            return None
        found.append((key, _document(one)))
    return found


def _document(raw: Mapping[str, Json]) -> Document | None:
    # A later version may know more of a document: what both versions know must agree.
    known = {part.name for part in attrs.fields(Document)}
    try:
        return from_fields(Document, {name: value for name, value in raw.items() if name in known})
    except InvalidRecord:
        return None


def _listed_faults(files: Mapping[str, bytes], index: str, folder: str) -> Iterator[str]:
    """Files that their index does not list, and listed ones that are missing."""
    raw = read_json(files[index], index)
    # The list of documents is held against the contract's own; nothing else says what certificates there are.
    if index == CERTIFICATES and not (isinstance(raw, list) and all(isinstance(one, dict) for one in raw)):
        yield f"{index} is no list of {folder}"
    listed = {mark for mark in _marks(raw, index) if mark}
    held = {found[2] for found in map(_STORED.fullmatch, files) if found and found[1] == folder}
    yield from (f"{folder}/{mark} is not listed in {index}" for mark in sorted(held - listed))
    yield from (f"{folder}/{mark} is listed in {index} and is missing" for mark in sorted(listed - held))


def _marks(raw: Json, index: str) -> Iterator[str]:
    for one in raw if isinstance(raw, list) else ():
        if isinstance(one, dict) and (index == CERTIFICATES or one.get("included") is True):
            yield str(one.get("sha256"))
