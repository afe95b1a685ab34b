"""Detect the type of a file from its content alone: its signature must be known, and its decoder must agree.

Runs only in inspector processes.
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from pathlib import Path

import av
import pikepdf
from PIL import Image

from chatapp.files.audio import process_audio
from chatapp.files.containers import check_whole
from chatapp.files.documents import process_document
from chatapp.files.inspected import Inspected
from chatapp.files.media import open_media, video_of
from chatapp.files.pictures import process_picture
from chatapp.files.refusals import refusal
from chatapp.files.signatures import Format, detect
from chatapp.files.video import process_video

_PICTURES = {Format.JPEG, Format.PNG, Format.GIF, Format.WEBP}
_MAY_HAVE_VIDEO = {Format.MP4, Format.WEBM}
# What decoders raise for damaged data.
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, struct.error, zlib.error,
    av.FFmpegError, pikepdf.PikepdfError,
)  # fmt: skip
# Faults of the machine, not of the file.
_MACHINE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE}
# Likewise, unless FFmpeg raises them, which uses these numbers for damaged data.
_MACHINE_ERRORS_UNLESS_FFMPEG = {errno.EACCES, errno.EPERM, errno.ENOENT, errno.EROFS, errno.EIO}
_TOO_MUCH = {errno.ENOMEM, errno.EFBIG}


def load_decoders() -> None:
    """Load plug-ins now that would otherwise be loaded with the first file that needs them."""
    Image.init()


def inspect(path: Path, *, into: Path, voice: bool = False) -> Inspected:
    """Detect the type of a file, and write a version of it that is safe to store.

    Parameters:
        into: an empty folder for the results.
        voice: whether it was sent as a voice message and must be audio.
    Raises:
        ChatError: with one of the codes of `refusals.CODES`.
        OSError: the machine is at fault, not the file.
    """
    found = detect(path)
    if not into.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(into))
    try:
        return _processed(path, found, into, voice)
    except MemoryError:
        raise refusal("file_too_complex")
    except _DAMAGE as error:
        number = getattr(error, "errno", None)
        if number in _MACHINE_ERRORS:
            raise
        if number in _MACHINE_ERRORS_UNLESS_FFMPEG and not isinstance(error, av.FFmpegError):
            raise
        raise refusal("file_too_complex" if number in _TOO_MUCH else "file_damaged") from error


def _processed(path: Path, found: Format, into: Path, voice: bool) -> Inspected:
    is_audio = found not in _PICTURES and found is not Format.PDF
    if is_audio:
        check_whole(path, found)
        is_audio = found not in _MAY_HAVE_VIDEO or not _has_video(path, found)
    if voice and not is_audio:
        raise refusal("voice_not_audio")
    if is_audio:
        return process_audio(path, found, into, voice=voice)
    if found in _PICTURES:
        return process_picture(path, found, into)
    if found is Format.PDF:
        return process_document(path, into)
    return process_video(path, found, into)


def _has_video(path: Path, found: Format) -> bool:
    with open_media(path, found) as container:
        return video_of(container) is not None
