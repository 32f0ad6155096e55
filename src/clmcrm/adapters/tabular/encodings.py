"""Which encoding the bytes of a CSV file are in, and the text of a stream that can be read one time only.

The rule of the file: UTF-8 and UTF-16 are recognised by their bytes, and what is neither is taken for Windows-1252,
which whoever reads it is told.
"""

from __future__ import annotations

import codecs
from io import BytesIO
from typing import BinaryIO, Final

from clmcrm.errors import UnreadableInput

MAX_BYTES: Final = 256 * 1024 * 1024
"""The largest file that is read."""

UTF_8: Final = "utf-8-sig"
"""UTF-8 with and without a byte order mark."""

FALLBACK: Final = "cp1252"
"""What is neither UTF-8 nor UTF-16 is read as this."""

_CHUNK: Final = 1 << 20
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ARCHIVE: Final = b"PK\x03\x04"


def detected(file: BinaryIO, called: str) -> str:
    """The encoding of an open file, which is read from where it stands to where that is known.

    Raises `UnreadableInput` for an archive, and for what begins with the mark of UTF-8 and is not.

    >>> detected(BytesIO("Durée".encode("cp1252")), "list.csv")
    'cp1252'
    """
    start = file.read(_CHUNK)
    if start.startswith(_ARCHIVE):
        raise UnreadableInput(called, "it is a workbook or an archive; save the sheet as CSV")
    if start.startswith(_UTF_16_MARKS):
        return "utf-16"
    broken_on = _line_that_is_not_utf_8(start, file)
    if broken_on is None:
        return UTF_8
    if start.startswith(codecs.BOM_UTF8):  # it says itself what it is: read as another, its first column had no name
        what = f"it begins with the mark of UTF-8, and line {broken_on} is not UTF-8"
        raise UnreadableInput(called, f"{what}; save it again, or declare the encoding in the mapping")
    return FALLBACK


def read_once(stream: BinaryIO, called: str, declared: str | None) -> tuple[str, str]:
    """The whole text of a stream, read to its end, and its encoding: the `declared` one, else the one that is found.

    Raises `UnreadableInput` for more than `MAX_BYTES`, and for bytes that are not in that encoding.

    >>> read_once(BytesIO(b"id,title"), "stdin", None)
    ('id,title', 'utf-8-sig')
    """
    whole = stream.read(MAX_BYTES + 1)
    if len(whole) > MAX_BYTES:
        raise UnreadableInput(called, f"more than {MAX_BYTES} bytes are not read; split the file")
    encoding = detected(BytesIO(whole), called) if declared is None else declared
    try:
        return whole.decode(encoding), encoding
    except LookupError:
        raise UnreadableInput(called, f"{encoding!r} is no text encoding such as utf-8 or cp1252") from None
    except ValueError as broken:
        what = f"it is not in the encoding it was read in: {broken}; declare the encoding in the mapping"
        raise UnreadableInput(called, what) from None


def _line_that_is_not_utf_8(chunk: bytes, file: BinaryIO) -> int | None:
    """The number of the first such line, in the first chunk or in what the file has behind it; None for none."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    while True:
        pending = len(decoder.getstate()[0])
        try:
            _ = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as broken:
            return line + chunk.count(b"\n", 0, max(0, broken.start - pending))
        if not chunk:
            return None
        line += chunk.count(b"\n")
        chunk = file.read(_CHUNK)
