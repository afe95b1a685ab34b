"""Audio: decoded once for its duration and waveform, copied without tags; voice messages become Ogg/Opus."""

from __future__ import annotations

from pathlib import Path

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from chatapp.files import limits
from chatapp.files.inspected import CONTENT, Inspected
from chatapp.files.media import audio_of, codec_of, copy_packets, open_media
from chatapp.files.refusals import refusal
from chatapp.files.signatures import Format

_CODECS = {Format.MP4: {"aac", "alac", "mp3", "opus"}, Format.WEBM: {"opus", "vorbis"}, Format.OGG: {"opus", "vorbis"}}
_CODECS[Format.MP3] = {"mp3"}
_KINDS = {
    Format.MP4: ("ipod", "audio/mp4", ".m4a"),
    Format.WEBM: ("webm", "audio/webm", ".weba"),
    Format.OGG: ("ogg", "audio/ogg", ".ogg"),
    Format.MP3: ("mp3", "audio/mpeg", ".mp3"),
}
_OPTIONS = {Format.MP4: {"movflags": "+faststart"}, Format.MP3: {"id3v2_version": "0", "write_id3v1": "0"}}

_SHAPE_RATE = 8_000  # samples a second: enough for peaks
_SHAPE_STEP = 160  # samples, 20 ms
_VOICE_RATE = 48_000  # samples a second: Opus has no other
_VOICE_STEP = 960  # samples, 20 ms
_VOICE_BITS = 32_000  # a second: speech is transparent at that
# One packet in so many may fail to decode. Recordings that were cut or joined have one or two such packets.
_DAMAGED_SHARE = 50


def process_audio(path: Path, found: Format, into: Path, *, voice: bool) -> Inspected:
    """Copy audio without its tags; encode voice messages as Ogg/Opus, which all clients play.

    Parameters:
        into: folder for `content`.
        voice: whether it is a voice message, which has a shorter limit.
    Raises:
        ChatError: `file_type_not_allowed` for other codecs, `media_too_long`, `file_damaged`.
        av.FFmpegError: it is damaged.
    """
    content = into / CONTENT
    longest = limits.VOICE_SECONDS if voice else limits.AUDIO_SECONDS
    with open_media(path, found) as container:
        audio = _checked(container, found)
        codec = codec_of(audio)
        duration, peaks = _measured(container, audio, longest)
    target = Format.OGG if voice else found
    muxer, content_type, extension = _KINDS[target]
    with open_media(path, found) as container:
        audio = _checked(container, found)
        if voice and codec != "opus":
            _encode_voice(container, audio, content)
        else:
            options = _OPTIONS.get(target)
            copy_packets(container, [audio], content, muxer, options=options, longest=longest + 1)
    metadata = {"duration": duration, "waveform": _bars(peaks)}
    return Inspected("audio", content_type, extension, content, content.stat().st_size, None, metadata)


def _checked(container: InputContainer, found: Format) -> AudioStream:
    audio = audio_of(container)
    if audio is None or codec_of(audio) not in _CODECS[found]:
        raise refusal("file_type_not_allowed")
    return audio


def _measured(container: InputContainer, audio: AudioStream, longest: float) -> tuple[float, list[int]]:
    """The duration in seconds, and the peak of each 20 ms."""
    resampler = AudioResampler(format="s16", layout="mono", rate=_SHAPE_RATE, frame_size=_SHAPE_STEP)
    peaks: list[int] = []
    samples = packets = failed = 0
    for packet in container.demux(audio):
        packets += 1
        try:
            frames = packet.decode()
        except av.FFmpegError:
            failed += 1
            continue
        for frame in frames:
            for step in resampler.resample(frame):
                peaks.append(_peak(bytes(step.planes[0]), step.samples))
                samples += step.samples
        if samples > longest * _SHAPE_RATE:
            raise refusal("media_too_long")
    for step in resampler.resample(None):
        peaks.append(_peak(bytes(step.planes[0]), step.samples))
        samples += step.samples
    if not samples or failed > 2 + packets // _DAMAGED_SHARE:
        raise refusal("file_damaged")
    return round(samples / _SHAPE_RATE, 3), peaks


def _peak(plane: bytes, samples: int) -> int:
    values = memoryview(plane)[: 2 * samples].cast("h")
    return max(max(values), -min(values)) if samples else 0


def _bars(peaks: list[int]) -> list[int]:
    """64 bars in the order of time, scaled so that the loudest is 100; all 0 for silence."""
    count, bars = len(peaks), limits.WAVEFORM_BARS
    parts = (peaks[i * count // bars : max((i + 1) * count // bars, i * count // bars + 1)] for i in range(bars))
    levels = [sum(part) / len(part) for part in parts]
    top = max(levels)
    return [round(limits.WAVEFORM_TOP * level / top) if top else 0 for level in levels]


def _encode_voice(container: InputContainer, audio: AudioStream, target: Path) -> None:
    resampler = AudioResampler(format="s16", layout="mono", rate=_VOICE_RATE, frame_size=_VOICE_STEP)
    options = {"application": "voip"}
    with av.open(f"file:{target}", "w", format="ogg", options={"fflags": "+bitexact"}) as output:
        stream = output.add_stream("libopus", rate=_VOICE_RATE, layout="mono", options=options)
        stream.bit_rate = _VOICE_BITS
        position = 0
        for packet in container.demux(audio):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue  # `_measured` made sure that there are few
            for frame in frames:
                for step in resampler.resample(frame):
                    step.pts, position = position, position + step.samples
                    output.mux(stream.encode(step))
        for step in resampler.resample(None):
            step.pts, position = position, position + step.samples
            output.mux(stream.encode(step))
        output.mux(stream.encode(None))
