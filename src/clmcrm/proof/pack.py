"""The evidence pack: one ZIP file with everything a third party needs to check a contract without us.

The same input gives the same bytes: names sorted, one fixed day, nothing compressed. A document goes in
under its fingerprint and never under a path from the data; its name is kept as data, in `documents.json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from clmcrm.clm.contract import Contract
from clmcrm.clm.documents import Document
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.parties.access import Access
from clmcrm.ports.records import Json
from clmcrm.proof.entries import EntryKind
from clmcrm.proof.log import EventLog, caught_up, export_log
from clmcrm.proof.pack_words import README

PACK_FORMAT: Final = "clmcrm.evidence/1"
"""The name and version of the pack's format, in its manifest."""

MAX_PACK: Final = 512 * 2**20
"""The largest pack that is made and read, in bytes; nothing in it is compressed, so its files are no larger."""

MAX_FILES: Final = 2_000
"""The most files a pack may hold."""

LOG: Final = "log.jsonl"
HEAD: Final = "head.json"
CONTRACT: Final = "contract.json"
DOCUMENTS: Final = "documents.json"
CERTIFICATES: Final = "certificates.json"
MANIFEST: Final = "manifest.json"

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first day a ZIP file can state
_READABLE: Final = 0o100644 << 16


def evidence_pack(
    contract: Contract,
    log: EventLog,
    *,
    documents: Mapping[str, bytes] | None = None,
    certificates: Mapping[str, bytes] | None = None,
    access: Access | None = None,
) -> bytes:
    """The pack of `contract` with its `log`, as the bytes of a ZIP file.

    `documents` are the bytes of some or all of its documents, by their id; `certificates` those of signature
    certificates, by a name. The contract's events stand in the log and not once more in `contract.json`.

    A pack with something withheld would prove nothing: with `access`, raises `AccessRefused` unless its roles
    may see the whole contract. Raises `InvalidRecord` for a log of another contract, or one that lacks events or
    holds others; for a document that the contract does not have, has no fingerprint of, or has another
    fingerprint of; and for more than a pack can hold (`MAX_FILES`, `MAX_PACK`).
    """
    if access is not None:
        access.require("contract", "*", f"evidence pack of contract {contract.id}")
    events = sum(entry.kind is EntryKind.EVENT for entry in log.entries)
    if log.contract != contract.id:
        raise InvalidRecord(f"EventLog {log.contract}", "contract", contract.id, "the contract of the log")
    if events != len(contract.events):
        raise InvalidRecord(
            f"EventLog {log.contract}", "entries", events, f"{len(contract.events)}, one for each event"
        )
    # Every event has its entry, and every entry its event: nothing is left to catch up.
    _ = caught_up(log, contract, ())
    files = dict(_files(contract, log, documents or {}, certificates or {}))
    files[MANIFEST] = manifest(log, files)
    _check_size(contract, "files", len(files), MAX_FILES)
    _check_size(contract, "bytes", sum(map(len, files.values())), MAX_PACK)
    packed = zipped(files)
    _check_size(contract, "bytes", len(packed), MAX_PACK)
    return packed


def _check_size(contract: Contract, what: str, found: int, most: int) -> None:
    """Refuse to make what nobody will read."""
    if found > most:
        raise InvalidRecord(f"evidence pack of contract {contract.id}", what, found, f"at most {most}")


def manifest(log: EventLog, files: Mapping[str, bytes]) -> bytes:
    """The list of the files with their sizes and fingerprints, and the head of the log."""
    listed: list[Json] = [
        {"bytes": len(data), "name": name, "sha256": sha256(data).hexdigest()} for name, data in sorted(files.items())
    ]
    head: dict[str, Json] = {"hash": log.head.hash, "size": log.head.size}
    return _json({"contract": log.contract, "files": listed, "format": PACK_FORMAT, "head": head})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a ZIP whose bytes depend on nothing else."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            info = ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, _READABLE
            archive.writestr(info, data, ZIP_STORED)
    return out.getvalue()


def _files(
    contract: Contract, log: EventLog, documents: Mapping[str, bytes], certificates: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    yield from ((f"README.{language}.txt", said.encode()) for language, said in README.items())
    yield LOG, export_log(log)
    yield HEAD, log.head.as_text().encode() + b"\n"
    fields = to_fields(contract)
    _ = fields.pop("events", None)
    yield CONTRACT, _json(fields)
    known: dict[str, Document] = {document.id: document for document in contract.documents}
    for document_id, data in documents.items():
        yield f"documents/{_checked(contract, known.get(document_id), document_id, data)}", data
    yield DOCUMENTS, _json([_described(document, documents) for document in contract.documents])
    yield from ((f"certificates/{sha256(data).hexdigest()}", data) for data in certificates.values())
    named: list[Json] = [
        {"name": name, "sha256": sha256(data).hexdigest()} for name, data in sorted(certificates.items())
    ]
    yield CERTIFICATES, _json(named)


def _checked(contract: Contract, document: Document | None, document_id: str, data: bytes) -> str:
    """The document's fingerprint, once it is known to be that of its bytes."""
    about, found = f"contract {contract.id}", sha256(data).hexdigest()
    if document is None:
        raise InvalidRecord(about, "documents", document_id, "the id of one of the contract's documents")
    if document.sha256 != found:
        raise InvalidRecord(f"Document {document.id}", "sha256", found, document.sha256 or "a fingerprint on record")
    return found


def _described(document: Document, given: Mapping[str, bytes]) -> Json:
    return {**to_fields(document, whole=True), "included": document.id in given}


def _json(value: Json) -> bytes:
    return canonical_text(value).encode() + b"\n"
