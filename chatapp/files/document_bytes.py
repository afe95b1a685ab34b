"""A second check of a PDF that does not depend on parsing: search its bytes for names of active content.

It finds what our parser does not see but another reader might: objects that are in no table, nested too deeply, or
hidden by a password. Only names long enough not to occur by chance in compressed data are searched for.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from chatapp.files import limits
from chatapp.files.refusals import refusal

_ACTIVE_NAMES = (
    "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "SubmitForm", "ImportData", "GoToE", "GoToR",
    "RichMediaContent", "RichMediaExecute", "Rendition", "FileAttachment",
)  # fmt: skip
_DELIMITER = rb"(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)"
_STREAM = re.compile(rb"stream\r?\n")
_PIECE = 64 * 1024  # bytes inflated at once
_DICTIONARY = 64 * 1024  # most bytes between an object stream's type and its data; usually some hundred


def _name(text: str) -> bytes:
    """A pattern of a PDF name, in which any character may be written as `#` and two hexadecimal digits."""
    spelled = (rb"(?:%c|#%s)" % (character, _either_case(b"%02x" % character)) for character in text.encode())
    return b"/" + b"".join(spelled)


def _either_case(digits: bytes) -> bytes:
    return b"".join(b"[%c%c]" % (digit, digit - 32) if digit >= ord("a") else b"%c" % digit for digit in digits)


def _spelled(names: tuple[str, ...]) -> bytes:
    return b"(?:" + b"|".join(_name(name) for name in names) + b")"


# A name follows a delimiter or the key of a type, unlike the word in a title such as "HTML/CSS/JavaScript".
_ACTIVE = re.compile(
    rb"(?<=[\0\t\n\f\r ()<>\[\]{}%])" + _spelled(_ACTIVE_NAMES) + _DELIMITER
    + rb"|" + _spelled(("S", "Type", "Subtype")) + _spelled(_ACTIVE_NAMES) + _DELIMITER
)  # fmt: skip
_OBJECT_STREAM = re.compile(_name("ObjStm") + _DELIMITER)


def check_passive_bytes(path: Path) -> None:
    """Refuse a document that names active content, also in compressed object streams.

    Raises:
        ChatError: `pdf_active_content`; `file_too_complex`: its object streams are too large.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        check_passive_names(content)
        for stream in _object_streams(content):
            check_passive_names(stream)


def check_passive_names(content: bytes | mmap.mmap) -> None:
    """Refuse bytes that name active content.

    Raises:
        ChatError: `pdf_active_content`.
    """
    if _ACTIVE.search(content):
        raise refusal("pdf_active_content")


def _object_streams(content: mmap.mmap) -> Iterator[bytes]:
    """The inflated object streams, in a table or not; encrypted ones and those that do not inflate are skipped."""
    left = limits.PDF_OBJECT_STREAM_BYTES
    for named in _OBJECT_STREAM.finditer(content):
        begins = _STREAM.search(content, named.end(), named.end() + _DICTIONARY)
        if begins is None:
            continue
        inflated = _inflated(content, begins.end(), left)
        left -= len(inflated)
        if left <= 0:
            raise refusal("file_too_complex")
        yield inflated


def _inflated(content: mmap.mmap, position: int, limit: int) -> bytes:
    """The data that can be inflated from a position, at most `limit` bytes."""
    inflating, made = zlib.decompressobj(), bytearray()
    try:
        while len(made) < limit and not inflating.eof and position < len(content):
            piece = content[position : position + _PIECE]
            position += len(piece)
            made += inflating.decompress(piece, limit - len(made))
    except zlib.error:
        pass
    return bytes(made)
