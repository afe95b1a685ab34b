"""Films and sounds for the corpus."""

from __future__ import annotations

import math
from array import array
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from tests.files.making_pictures import SECRET, exif, saved, scene

TAGS = {
    "title": SECRET.decode(),
    "artist": SECRET.decode(),
    "comment": SECRET.decode(),
    "location": "+44.8125+020.4612/",
}
_RATE = 48_000


def film(
    path: Path,
    container: str,
    codec: str,
    *,
    audio: str | None = None,
    seconds: float = 1.0,
    size: tuple[int, int] = (64, 48),
    rotation: int = 0,
    pixels: str = "yuv420p",
    tags: dict[str, str] | None = None,
) -> None:
    """A film of the scene, ten pictures a second.

    Parameters:
        rotation: degrees that players turn it by.
    """
    with av.open(str(path), "w", format=container) as output:
        output.metadata.update(tags or {})
        stream: Any = output.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        if rotation:
            stream.set_display_rotation(rotation)
        sound: Any = output.add_stream(audio, rate=_RATE, layout="mono") if audio else None
        picture = scene(*size)
        for _ in range(round(seconds * 10)):
            output.mux(stream.encode(VideoFrame.from_image(picture)))
        output.mux(stream.encode(None))
        if sound is not None:
            _encode_tone(output, sound, seconds)


def sound(
    path: Path,
    container: str,
    codec: str,
    *,
    seconds: float = 1.0,
    tags: dict[str, str] | None = None,
    cover: bool = False,
    silent: bool = False,
    rate: int = _RATE,
) -> None:
    """A tone that grows louder.

    Parameters:
        cover: with a picture of the record, which has EXIF of its own.
    """
    with av.open(str(path), "w", format=container) as output:
        output.metadata.update(tags or {})
        stream: Any = output.add_stream(codec, rate=rate, layout="mono")
        picture: Any = None
        if cover:
            picture = output.add_stream("mjpeg")
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
        if picture is not None:
            packet = av.Packet(saved(scene(), "JPEG", exif=exif(), comment=SECRET))
            packet.stream, packet.pts, packet.dts = picture, 0, 0
            output.mux(packet)
        _encode_tone(output, stream, seconds, silent=silent, rate=rate)


def _louder(start: int, count: int, total: int) -> bytes:
    """A part of a tone that grows over all samples."""
    loud = [28_000 * (start + i) / total for i in range(count)]
    return array("h", (round(loud[i] * math.sin((start + i) * 0.06)) for i in range(count))).tobytes()


def _encode_tone(output: Any, stream: Any, seconds: float, *, silent: bool = False, rate: int = _RATE) -> None:
    resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or None)
    total, step, position = round(seconds * rate), rate // 50, 0
    for start in range(0, total, step):
        count = min(step, total - start)
        frame = AudioFrame(format="s16", layout="mono", samples=count)
        samples = bytes(2 * count) if silent else _louder(start, count, total)
        frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
        frame.rate, frame.pts = rate, start
        for piece in resampler.resample(frame):
            piece.pts, position = position, position + piece.samples
            output.mux(stream.encode(piece))
    for piece in resampler.resample(None):
        piece.pts, position = position, position + piece.samples
        output.mux(stream.encode(piece))
    output.mux(stream.encode(None))


def made(make: Any, *arguments: Any, folder: Path, **options: Any) -> bytes:
    """What one of these functions writes."""
    path = folder / "made"
    make(path, *arguments, **options)
    return path.read_bytes()


def box(kind: bytes, content: bytes) -> bytes:
    """A box of MP4."""
    return (8 + len(content)).to_bytes(4, "big") + kind + content
