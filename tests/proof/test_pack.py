"""A pack is the same bytes every time, holds what it says, and nothing hostile gets past its reader."""

from __future__ import annotations

import contextlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from hashlib import sha256

import attrs
import pytest
from evidence import CERTIFICATE, PDF, past_contract, past_log, salts
from hypothesis import assume, given
from hypothesis import strategies as st

from clmcrm.codec.canonical import canonical_text
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.ports.records import Json
from clmcrm.proof import pack, pack_reading
from clmcrm.proof.log import export_log, head_at, log_of
from clmcrm.proof.pack import evidence_pack, manifest, zipped
from clmcrm.proof.pack_reading import check_pack, read_pack
from clmcrm.proof.verifying import FirstBadEntry, Verified
from clmcrm.values.ids import ContractId

LOG = past_log()
PACK = evidence_pack(
    past_contract(), LOG, documents={"D-1": PDF}, certificates={"../certificate of Ada.pdf": CERTIFICATE}
)
FILES = read_pack(PACK)


def test_a_pack_is_sound_and_the_same_bytes_every_time() -> None:
    checked = check_pack(PACK, LOG.head)
    assert checked.sound
    assert isinstance(checked.log, Verified)
    assert checked.log.vouched == 10
    again = evidence_pack(
        past_contract(), LOG, documents={"D-1": PDF}, certificates={"../certificate of Ada.pdf": CERTIFICATE}
    )
    assert again == PACK


def test_documents_lie_under_their_fingerprint_and_their_names_are_only_data() -> None:
    assert FILES[f"documents/{sha256(PDF).hexdigest()}"] == PDF
    assert FILES[f"certificates/{sha256(CERTIFICATE).hexdigest()}"] == CERTIFICATE
    described = json.loads(FILES["documents.json"])
    assert [(d["id"], d["included"]) for d in described] == [("D-1", True), ("D-2", False)]
    assert described[0]["name"] == "../../contract with Ada Byron.pdf"
    assert not [name for name in FILES if ".." in name or "Ada" in name]
    assert "events" not in json.loads(FILES["contract.json"])
    assert FILES["log.jsonl"] == export_log(LOG)


def test_the_manifest_lists_every_file_with_its_fingerprint() -> None:
    listed = {one["name"]: one for one in json.loads(FILES["manifest.json"])["files"]}
    assert set(listed) == set(FILES) - {"manifest.json"}
    for name, one in listed.items():
        assert (one["sha256"], one["bytes"]) == (sha256(FILES[name]).hexdigest(), len(FILES[name]))


def test_the_readme_says_in_both_languages_what_every_file_is() -> None:
    for language in ("en", "fr"):
        said = FILES[f"README.{language}.txt"].decode()
        named = {name.partition("/")[0] for name in FILES if not name.startswith("README")}
        assert [name for name in named if name not in said] == []
        assert "clmcrm verify" in said


def test_any_zip_program_can_read_a_pack() -> None:
    with zipfile.ZipFile(io.BytesIO(PACK)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(FILES)


@given(seed=st.integers(0, 2**32))
def test_no_byte_of_a_pack_can_change_unseen(seed: int) -> None:
    r = random.Random(seed)  # noqa: S311 - not for secrets
    i = r.randrange(len(PACK))
    change: Callable[[], bytes] = r.choice(
        [
            lambda: PACK[:i] + bytes([r.randrange(256)]) + PACK[i + 1 :],
            lambda: PACK[:i] + PACK[i + 1 :],
            lambda: PACK[:i] + r.randbytes(1) + PACK[i:],
            lambda: PACK[:i],
        ]
    )
    mutated = change()
    assume(mutated != PACK)
    with contextlib.suppress(UnreadableInput):  # refused as a whole
        assert not check_pack(mutated, LOG.head).sound


def remade(**changes: bytes | None) -> bytes:
    """The pack with files changed and its ZIP rebuilt, the manifest left as it was."""
    return zipped({name: data for name, data in {**FILES, **changes}.items() if data is not None})


def forged(**changes: bytes) -> bytes:
    """The pack with files changed and a manifest that agrees with them."""
    files = {**FILES, **changes}
    del files["manifest.json"]
    return zipped({**files, "manifest.json": manifest(LOG, files)})


DOCUMENT = f"documents/{sha256(PDF).hexdigest()}"
CERT = f"certificates/{sha256(CERTIFICATE).hexdigest()}"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (remade(**{"contract.json": b'{"id":"C-1"}\n'}), "contract.json is not the file"),
        (remade(**{DOCUMENT: b"another"}), "does not have the SHA-256 it is named by"),
        (remade(**{DOCUMENT: None}), "is missing"),
        (forged(**{DOCUMENT: b"another"}), "does not have the SHA-256 it is named by"),
        (forged(**{"contract.json": b'{"id":"C-2"}\n'}), "another contract"),
        (forged(**{f"documents/{sha256(b'x').hexdigest()}": b"x"}), "is not listed in documents.json"),
        (forged(**{"certificates.json": b"[]\n"}), "is not listed in certificates.json"),
        (forged(**{"head.json": head_at(LOG, 3).as_text().encode() + b"\n"}), "head.json is not the head"),
        (remade(**{"manifest.json": b"[]\n"}), "manifest.json is no list"),
        (remade(**{"manifest.json": b'{"files":[1],"format":"clmcrm.evidence/1"}\n'}), "is not the file"),
    ],
)
def test_every_claim_of_a_pack_is_checked(data: bytes, fault: str) -> None:
    checked = check_pack(data, LOG.head)
    assert not checked.sound
    assert [said for said in checked.faults if fault in said], checked.faults


@pytest.mark.parametrize("said", [1, None, {}, {"name": "x"}, [1], [[]], "x"])
def test_a_pack_without_certificates_says_so_with_an_empty_list(said: Json) -> None:
    files = read_pack(evidence_pack(past_contract(), past_log()))
    assert check_pack(zipped(files), past_log().head).sound
    files["certificates.json"] = canonical_text(said).encode() + b"\n"
    files["manifest.json"] = manifest(past_log(), {n: d for n, d in files.items() if n != "manifest.json"})
    checked = check_pack(zipped(files), past_log().head)
    assert checked.faults == ("certificates.json is no list of certificates",)


@pytest.mark.parametrize("more", [{"name": "log.jsonl", "bytes": 1, "sha256": "0" * 64}, "log.jsonl", None])
def test_the_manifest_lists_each_file_once_and_nothing_else(more: Json) -> None:
    said = json.loads(FILES["manifest.json"])
    doubled = canonical_text({**said, "files": [more, *said["files"]]}).encode() + b"\n"
    checked = check_pack(remade(**{"manifest.json": doubled}), LOG.head)
    assert checked.faults == ("manifest.json lists a file twice, or what is no file",)


def rows(**change: Json) -> bytes:
    """The list of documents, with the first row changed."""
    first, *others = json.loads(FILES["documents.json"])
    changed: dict[str, Json] = {**first, **change}
    return canonical_text([changed, *others]).encode() + b"\n"


def test_a_document_put_in_another_s_place_is_found_by_what_the_contract_says_of_it() -> None:
    other = sha256(b"forged").hexdigest()
    files = {name: data for name, data in FILES.items() if name not in {DOCUMENT, "manifest.json"}}
    files |= {f"documents/{other}": b"forged", "documents.json": rows(sha256=other)}
    checked = check_pack(zipped({**files, "manifest.json": manifest(LOG, files)}), LOG.head)
    assert checked.faults == ("documents.json and contract.json state two documents D-1",)


@pytest.mark.parametrize(
    ("described", "fault"),
    [
        (rows(name="another.pdf"), "state two documents D-1"),
        (rows(version=2), "state two documents D-1"),
        (rows(dated_on=3), "state two documents D-1"),
        (rows(id="D-9"), "does not list the documents"),
        (rows(id="D-2"), "does not list the documents"),
        (b"[]\n", "does not list the documents"),
        (b"{}\n", "does not list the documents"),
    ],
)
def test_the_list_of_documents_is_the_contract_s(described: bytes, fault: str) -> None:
    checked = check_pack(forged(**{"documents.json": described}), LOG.head)
    assert [said for said in checked.faults if fault in said], checked.faults


def test_two_versions_of_one_document_make_a_sound_pack() -> None:
    contract = past_contract()
    newer = attrs.evolve(contract.documents[0], version=2)
    twice = attrs.evolve(contract, documents=(*contract.documents, newer))
    assert check_pack(evidence_pack(twice, LOG), LOG.head).sound


def test_what_a_later_version_says_of_a_document_is_no_fault() -> None:
    assert check_pack(forged(**{"documents.json": rows(language=None)}), LOG.head).sound


def test_a_forged_log_is_found_by_a_head_from_outside() -> None:
    forgery = attrs.evolve(past_contract(), events=past_contract().events[::-1])
    whole = evidence_pack(forgery, log_of(forgery, salts()))
    assert check_pack(whole).sound  # by itself nobody can tell
    assert isinstance(check_pack(whole, LOG.head).log, FirstBadEntry)


def test_what_a_pack_cannot_hold_is_refused_when_it_is_made() -> None:
    contract = past_contract()
    for documents, what in (({"D-9": b""}, "documents"), ({"D-1": b"other"}, "sha256"), ({"D-2": b""}, "sha256")):
        with pytest.raises(InvalidRecord) as refused:
            evidence_pack(contract, LOG, documents=documents)
        assert refused.value.field == what
    with pytest.raises(InvalidRecord, match="contract of the log"):
        evidence_pack(attrs.evolve(contract, id=ContractId("C-2")), LOG)
    with pytest.raises(InvalidRecord, match="one for each event"):
        evidence_pack(attrs.evolve(contract, events=contract.events[:3]), LOG)
    swapped = attrs.evolve(contract, events=(*contract.events[:3], contract.events[4], *contract.events[4:]))
    with pytest.raises(InvalidRecord, match=r"events\[3\] is 'another event'; expected entry 3"):
        evidence_pack(swapped, LOG)


def test_no_pack_is_made_that_nobody_would_read(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = past_contract()
    bare = len(read_pack(evidence_pack(contract, LOG)))
    certificates = {str(n): str(n).encode() for n in range(pack.MAX_FILES - bare)}
    full = evidence_pack(contract, LOG, certificates=certificates)
    assert check_pack(full, LOG.head).sound
    with pytest.raises(InvalidRecord, match="files is 2001; expected at most 2000"):
        evidence_pack(contract, LOG, certificates={**certificates, "one more": b"more"})
    monkeypatch.setattr(pack, "MAX_PACK", len(PACK) - 1)
    with pytest.raises(InvalidRecord, match=f"bytes is {len(PACK)}"):
        evidence_pack(contract, LOG, documents={"D-1": PDF}, certificates={"../certificate of Ada.pdf": CERTIFICATE})


def with_member(name: str, data: bytes = b"x", how: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO(PACK)
    with zipfile.ZipFile(out, "a", how) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            archive.writestr(name, bytes(2**22))
    return out.getvalue()


def claiming(count: int, size: int) -> bytes:
    """A pack whose end claims another number of files and another size of their list."""
    end = bytearray(PACK[-22:])
    struct.pack_into("<HHL", end, 8, count, count, size)
    return PACK[:-22] + bytes(end)


@cache
def hostile() -> dict[str, bytes]:
    names = ("../evil", "/etc/passwd", "C:\\evil", "documents/../../evil", "documents/CON", "documents/", "a\x00b", "x")
    return {
        **{f"named {name!r}": with_member(name) for name in names},
        "twice": _twice(),
        "bomb": bomb(),
        "deflated": with_member(f"documents/{'0' * 64}", b"x" * 100, zipfile.ZIP_DEFLATED),
        "empty": b"",
        "no zip": b"PK\x03\x04" + bytes(100),
        "only the end": PACK[-22:],
        "prefixed": b"MZ" + PACK,
        "hidden between": PACK[:40] + b"x" + PACK[40:],
        "followed": PACK + b"x",
        "commented": PACK[:-2] + b"\x03\x00abc",
        "many": claiming(65_535, 2**20),
        "long list": claiming(8, 2**31),
        "no files": zipped({}),
        "lacking": remade(**{"log.jsonl": None}),
        "encrypted": PACK.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"),
    }


def _twice() -> bytes:
    out = io.BytesIO(PACK)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("log.jsonl", b"other")
    return out.getvalue()


@pytest.mark.parametrize("kind", sorted(hostile()))
def test_a_hostile_pack_is_refused_with_a_reason(kind: str) -> None:
    data = hostile()[kind]
    assert data != PACK
    with pytest.raises(UnreadableInput, match="pack"):
        check_pack(data)


def test_a_pack_that_is_too_large_or_holds_too_many_files_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_reading, "MAX_PACK", len(PACK) - 1)
    with pytest.raises(UnreadableInput, match="longer than"):
        read_pack(PACK)
    monkeypatch.undo()
    monkeypatch.setattr(pack_reading, "MAX_FILES", len(FILES) - 1)
    with pytest.raises(UnreadableInput, match="at most"):
        read_pack(PACK)


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(UnreadableInput):
        check_pack(data)
    with pytest.raises(UnreadableInput):
        check_pack(PACK[:200] + data)
