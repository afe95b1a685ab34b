"""Shared by video and audio: open a file with exactly one demuxer, and remux it without metadata.

Packets are copied unchanged into a new container. Dropped: tags, chapters, cover pictures, GPS in `udta`, tracks of
positions and sensors, further audio tracks and subtitles, and anything in gaps of the old container.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.logging
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from chatapp.files import limits
from chatapp.files.refusals import refusal
from chatapp.files.signatures import Format

# FFmpeg's messages quote untrusted files and are not logged.
av.logging.set_level(av.logging.PANIC)

_DEMUXERS = {Format.MP4: "mov", Format.WEBM: "matroska", Format.OGG: "ogg", Format.MP3: "mp3"}
# A container cannot make FFmpeg open other files or addresses.
_SAFE_OPENING = {"protocol_whitelist": "file", "enable_drefs": "0"}
# Write neither the name of the muxer nor the time.
_PLAIN = {"fflags": "+bitexact"}


@contextmanager
def open_media(path: Path, found: Format) -> Iterator[InputContainer]:
    """Open a file with the demuxer of its format and no other.

    Raises:
        ChatError: `media_too_large`: more tracks than allowed.
        av.FFmpegError: it cannot be read.
    """
    options = _SAFE_OPENING if found is Format.MP4 else {"protocol_whitelist": "file"}
    with av.open(f"file:{path}", format=_DEMUXERS[found], options=options, metadata_errors="ignore") as container:
        if len(container.streams) > limits.MEDIA_STREAMS:
            raise refusal("media_too_large")
        yield container


def video_of(container: InputContainer) -> VideoStream | None:
    """The first video track; cover pictures do not count."""
    return next((s for s in container.streams.video if not s.disposition & Disposition.attached_pic), None)


def audio_of(container: InputContainer) -> AudioStream | None:
    """The first audio track."""
    return next(iter(container.streams.audio), None)


def codec_of(stream: Any) -> str:
    """FFmpeg's name of a track's codec; empty if unknown."""
    context = stream.codec_context
    return "" if context is None else str(context.codec.canonical_name)


def copy_packets(
    container: InputContainer,
    streams: Sequence[Any],
    target: Path,
    muxer: str,
    *,
    options: dict[str, str] | None = None,
    longest: float,
) -> float:
    """Copy the packets of some tracks into a new container; returns their duration in seconds.

    Parameters:
        muxer: FFmpeg's name of the container.
        longest: seconds; checked while copying, since recordings of browsers have no duration in their header.
    Raises:
        ChatError: `media_too_long`; `file_damaged` if there is nothing to copy.
        av.FFmpegError: the packets do not fit the container.
    """
    begin: Fraction | None = None
    end = Fraction(0)
    with av.open(f"file:{target}", "w", format=muxer, options={**_PLAIN, **(options or {})}) as output:
        copies = {stream.index: output.add_stream_from_template(stream, opaque=True) for stream in streams}
        for copy in copies.values():
            copy.metadata.clear()
        for packet in container.demux(*streams):
            if packet.dts is None:  # marks the end
                continue
            if packet.pts is not None and packet.time_base is not None:
                begin = packet.pts * packet.time_base if begin is None else begin
                end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
            if begin is not None and end - begin > longest:
                raise refusal("media_too_long")
            packet.stream = copies[packet.stream.index]
            output.mux(packet)
    if begin is None:
        raise refusal("file_damaged")
    return round(float(end - begin), 3)
