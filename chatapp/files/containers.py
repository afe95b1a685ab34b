"""Detect truncated media files. Decoders accept them, so the lengths stored in the container are compared instead."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from chatapp.files.refusals import refusal
from chatapp.files.signatures import Format

_MAX_PARTS = 200_000  # boxes of a long fragmented MP4 are some thousands

_EBML, _SEGMENT, _DOCTYPE = 0x1A45DFA3, 0x18538067, 0x4282

# MPEG audio layer 3: kilobits a second by index, for version 1 and for versions 2 and 2.5; samples a second by version.
_BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def check_whole(path: Path, found: Format) -> None:
    """Refuse a media file that is shorter than its container says.

    Raises:
        ChatError: `file_damaged`; `file_type_not_allowed` for Matroska that is not WebM; `file_too_complex`.
    """
    with path.open("rb") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        if found is Format.MP4:
            _check_mp4(file, length)
        elif found is Format.WEBM:
            _check_webm(file, length)
        elif found is Format.OGG:
            _check_ogg(file, length)
        elif found is Format.MP3:
            _check_mp3(file, length)


def _check_mp4(file: BinaryIO, length: int) -> None:
    position, kinds = 0, set()
    for _ in range(_MAX_PARTS):
        file.seek(position)
        header = file.read(16)
        size, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        elif size == 0:
            size = length - position
        if size < 8 or position + size > length:
            raise refusal("file_damaged")
        kinds.add(kind)
        position += size
        if position == length:
            break
    else:
        raise refusal("file_too_complex")
    if b"moov" not in kinds:
        raise refusal("file_damaged")


def _check_webm(file: BinaryIO, length: int) -> None:
    element, size = _element(file)
    header = file.read(min(size or 0, 4096))
    if element != _EBML or size is None:
        raise refusal("file_damaged")
    doctype = header.find(_DOCTYPE.to_bytes(2, "big"))
    if doctype < 0 or header[doctype + 3 : doctype + 3 + (header[doctype + 2] & 0x7F)].rstrip(b"\0") != b"webm":
        raise refusal("file_type_not_allowed")
    element, size = _element(file)
    # Browsers that record do not know the length when they write the header.
    if element != _SEGMENT or (size is not None and file.tell() + size > length):
        raise refusal("file_damaged")


def _element(file: BinaryIO) -> tuple[int, int | None]:
    """The next EBML element's identity and size; None for an unknown size."""
    identity = _variable_integer(file, keep_marker=True)
    first = file.tell()
    size = _variable_integer(file, keep_marker=False)
    unknown = (1 << (7 * (file.tell() - first))) - 1
    return identity, None if size == unknown else size


def _variable_integer(file: BinaryIO, *, keep_marker: bool) -> int:
    first = file.read(1)
    if not first or not first[0]:
        raise refusal("file_damaged")
    extra = 8 - first[0].bit_length()
    value = first[0] if keep_marker else first[0] & ((1 << (7 - extra)) - 1)
    return (value << (8 * extra)) | int.from_bytes(file.read(extra), "big")


def _check_ogg(file: BinaryIO, length: int) -> None:
    position = 0
    while position < length:
        file.seek(position)
        header = file.read(27)
        lacing = file.read(header[26]) if len(header) == 27 else b""
        position += 27 + len(lacing) + sum(lacing)
        if header[:4] != b"OggS" or len(lacing) != header[26] or position > length:
            raise refusal("file_damaged")


def _check_mp3(file: BinaryIO, length: int) -> None:
    start = 0
    tag = file.read(10)
    if tag.startswith(b"ID3"):
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(tag[6:10], (21, 14, 7, 0), strict=True))
    first = _frame_length(file, start)
    if not first or not _frame_length(file, start + first):
        raise refusal("file_type_not_allowed")
    file.seek(start)
    frame = file.read(first)
    for name in (b"Xing", b"Info"):
        found = frame.find(name, 0, 64)
        if found >= 0 and frame[found + 7] & 2:  # the header has the number of audio bytes
            at = found + 8 + (4 if frame[found + 7] & 1 else 0)
            if start + int.from_bytes(frame[at : at + 4], "big") > length:
                raise refusal("file_damaged")


def _frame_length(file: BinaryIO, position: int) -> int:
    """Bytes of the MPEG audio frame at a position; 0 if there is none."""
    file.seek(position)
    header = file.read(4)
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = (header[1] >> 3) & 3, header[2] >> 4, (header[2] >> 2) & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    bits = 144_000 if version == 3 else 72_000
    return bits * _BITRATES[version != 3][bitrate] // _RATES[version][rate] + ((header[2] >> 1) & 1)
