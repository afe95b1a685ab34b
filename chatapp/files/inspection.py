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
_MAY_SHOW = {Format.MP4, Format.WEBM}
# What decoders raise for data that they do not like.
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, struct.error, zlib.error,
    av.FFmpegError, pikepdf.PikepdfError,
)  # fmt: skip
# What says nothing about the file: the machine has no room, no descriptor, or the path is wrong.
_OURS = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE}
# From the system they say the same, but FFmpeg gives these numbers to damaged data.
_OURS_BUT_FOR_FFMPEG = {errno.EACCES, errno.EPERM, errno.ENOENT, errno.EROFS, errno.EIO}
_TOO_MUCH = {errno.ENOMEM, errno.EFBIG}


def load_decoders() -> None:
    """Load what decoders otherwise load when they meet the first file that needs it."""
    Image.init()


def inspect(path: Path, *, into: Path, voice: bool = False) -> Inspected:
    """Find out what a file is, and write what may be stored of it.

    Parameters:
        into: an empty folder that takes the results.
        voice: it was sent as a voice message, so it must be sound.
    Raises:
        ChatError: with one of the codes of `refusals.REASONS`.
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
        if number in _OURS or (number in _OURS_BUT_FOR_FFMPEG and not isinstance(error, av.FFmpegError)):
            raise
        raise refusal("file_too_complex" if number in _TOO_MUCH else "file_damaged") from error


def _processed(path: Path, found: Format, into: Path, voice: bool) -> Inspected:
    is_sound = found not in _PICTURES and found is not Format.PDF
    if is_sound:
        check_whole(path, found)
        is_sound = found not in _MAY_SHOW or not _shows(path, found)
    if voice and not is_sound:
        raise refusal("voice_not_audio")
    if is_sound:
        return process_audio(path, found, into, voice=voice)
    if found in _PICTURES:
        return process_picture(path, found, into)
    if found is Format.PDF:
        return process_document(path, into)
    return process_video(path, found, into)


def _shows(path: Path, found: Format) -> bool:
    with open_media(path, found) as container:
        return video_of(container) is not None
