"""The first bytes name a format; files that another program would read as something else are refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from chatapp.errors import ChatError
from chatapp.files.signatures import Format, detect, ends_in_archive

HEADS = {
    b"\xff\xd8\xff\xe0": Format.JPEG,
    b"\x89PNG\r\n\x1a\n": Format.PNG,
    b"GIF89a": Format.GIF,
    b"RIFF\x00\x00\x00\x00WEBP": Format.WEBP,
    b"\x00\x00\x00\x18ftypisom": Format.MP4,
    b"\x1a\x45\xdf\xa3": Format.WEBM,
    b"%PDF-1.7": Format.PDF,
    b"OggS": Format.OGG,
    b"ID3\x04": Format.MP3,
    b"\xff\xfb\x90": Format.MP3,
}


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a.class", b"x")
    return file.getvalue()


@pytest.mark.parametrize(("head", "found"), HEADS.items(), ids=lambda value: str(value))
def test_a_format_is_known_by_its_first_bytes(head: bytes, found: Format, tmp_path: Path) -> None:
    assert detect(written(tmp_path / "file", head + bytes(2000))) is found


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "file_empty"),
        (b"hello", "file_type_not_allowed"),
        (b"MZ\x90\x00", "file_type_not_allowed"),
        (b" %PDF-1.7", "file_type_not_allowed"),  # readers would accept it
        (b"\x00\x00\x00\x18ftypqt  ", "file_type_not_allowed"),
        (b"RIFF\x00\x00\x00\x00WAVE", "file_type_not_allowed"),
        (b"\xff\xf9\x90", "file_type_not_allowed"),  # another layer than the third
        (b"GIF89a<SCRIPT>", "file_ambiguous"),
        (b"GIF89a" + bytes(5000) + b"<?php 1", "file_ambiguous"),
        (b"GIF89a" + archive(), "file_ambiguous"),
    ],
)
def test_other_files_are_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ChatError, match=reason):
        detect(written(tmp_path / "file", data))


def test_an_archive_is_found_behind_a_comment() -> None:
    made = io.BytesIO(archive())
    with zipfile.ZipFile(made, "a") as opened:
        opened.comment = b"PK\x05\x06" + b"x" * 60_000
    assert ends_in_archive(made)


def test_the_mark_of_an_archive_alone_is_no_archive() -> None:
    assert not ends_in_archive(io.BytesIO(b"\xff\xd8\xff" + bytes(100) + b"PK\x05\x06" + bytes(40)))
    assert not ends_in_archive(io.BytesIO(b"PK\x05\x06"))
