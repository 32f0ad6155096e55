"""Forms with files (multipart/form-data), as vendors take documents.

Source: RFC 7578; RFC 2046, 5.1 for the boundary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256


def form(fields: Sequence[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """A form of several parts, and its content type; the same parts give the same bytes.

    A name or file name with a quote or a line end is written as RFC 7578, 4.2 asks for: percent-encoded.

    >>> body, kind = form([("title", "C-1")], {})
    >>> body.split(chr(13).encode() + chr(10).encode())[1:4]
    [b'Content-Disposition: form-data; name="title"', b'', b'C-1']
    """
    parts = [(f'form-data; name="{_quoted(name)}"', "", value.encode()) for name, value in fields]
    for name, (file, content) in files.items():
        head = f'form-data; name="{_quoted(name)}"; filename="{_quoted(file)}"'
        parts.append((head, "Content-Type: application/octet-stream\r\n", content))
    boundary = sha256(b"\0".join(content for _, _, content in parts)).hexdigest()
    written = [
        f"--{boundary}\r\nContent-Disposition: {head}\r\n{kind}\r\n".encode() + content + b"\r\n"
        for head, kind, content in parts
    ]
    return b"".join(written) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
