"""Detect which allowed format a file claims by its first bytes, and refuse files that are valid in a second format.

File names and headers are ignored, since the sender chooses them. The decoder then verifies the claim.
"""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import BinaryIO

from chatapp.files.refusals import refusal

_HEAD, _TAIL = 1024, 1024
_MP4_BRANDS = {
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"mp71", b"avc1",
    b"M4A ", b"M4B ", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash", b"mmp4",
}  # fmt: skip
# Browsers and servers that sniff content would treat the file as a page or script. With five characters or more, a
# valid file matches by chance once in 10^8.
_MARKUP = (b"<script", b"<html", b"<!doctype", b"<iframe", b"<?php")
_ARCHIVE_END, _ARCHIVE_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_ARCHIVE_END_SIZE, _ARCHIVE_COMMENT = 22, 65_535  # bytes, of ZIP's last record and the comment after it
_IN_LARGE_RECORD = 0xFFFFFFFF  # marks a size that is in a ZIP64 record


class Format(enum.Enum):
    """The allowed formats."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    MP4 = "mp4"
    WEBM = "webm"
    PDF = "pdf"
    OGG = "ogg"
    MP3 = "mp3"


def detect(path: Path) -> Format:
    """The format that a file claims to be.

    Raises:
        ChatError: `file_empty`, `file_type_not_allowed`, `file_ambiguous`.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            raise refusal("file_empty")
        found = _by_magic(head)
        if found is None:
            raise refusal("file_type_not_allowed")
        if _has_markup(head, file) or ends_in_archive(file):
            raise refusal("file_ambiguous")
    return found


def _by_magic(head: bytes) -> Format | None:
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Format.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS:
        return Format.MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return Format.WEBM
    # Readers accept the header anywhere in the first 1,024 bytes, which would let another format precede it.
    if head.startswith(b"%PDF-"):
        return Format.PDF
    if head.startswith(b"OggS"):
        return Format.OGG
    # MPEG audio: a tag, or eleven set bits, then neither the reserved version nor a layer other than the third.
    is_frame = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02
    return Format.MP3 if head.startswith(b"ID3") or is_frame else None


def _has_markup(head: bytes, file: BinaryIO) -> bool:
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _TAIL))
    edges = head.lower(), file.read().lower()
    return any(mark in edge for mark in _MARKUP for edge in edges)


def ends_in_archive(file: BinaryIO) -> bool:
    """Whether a file ends like a ZIP or JAR archive, whose readers start at the end."""
    length = file.seek(0, os.SEEK_END)
    start = max(0, length - _ARCHIVE_END_SIZE - _ARCHIVE_COMMENT)
    file.seek(start)
    tail = file.read()
    position = tail.rfind(_ARCHIVE_END)
    while position >= 0:
        if _is_archive_end(file, start + position, tail[position : position + _ARCHIVE_END_SIZE]):
            return True
        position = tail.rfind(_ARCHIVE_END, 0, position)
    return False


def _is_archive_end(file: BinaryIO, position: int, record: bytes) -> bool:
    """Whether the directory is where the record says. The four bytes alone also occur in valid files."""
    if len(record) < _ARCHIVE_END_SIZE:
        return False
    entries, size = int.from_bytes(record[10:12], "little"), int.from_bytes(record[12:16], "little")
    if size == _IN_LARGE_RECORD:
        return True
    if entries == 0 or size > position:
        return False
    file.seek(position - size)
    return file.read(4) == _ARCHIVE_ENTRY
