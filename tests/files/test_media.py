"""Video and audio: metadata is removed, picture and sound are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from tests.files.conftest import Inspect
from tests.files.making_media import TAGS, film, made, sound
from tests.files.making_pictures import SECRET

FILMS = [("mp4", "libx264", "aac"), ("webm", "libvpx-vp9", "libopus")]
SOUNDS = [("ogg", "libopus"), ("webm", "libopus"), ("ipod", "aac"), ("mp3", "libmp3lame")]


def metadata_of(path: Path) -> list[str]:
    """Tags of a container and of its tracks."""
    with av.open(str(path)) as container:
        names = [*container.metadata, *(name for stream in container.streams for name in stream.metadata)]
        assert not container.chapters()
    harmless = {"major_brand", "minor_version", "compatible_brands", "encoder", "language", "handler_name", "vendor_id"}
    return [name for name in names if name.lower() not in harmless | {"duration"}]


@pytest.mark.parametrize(("container", "codec", "audio"), FILMS)
def test_a_film_tells_nothing(container: str, codec: str, audio: str, inspects: Inspect, tmp_path: Path) -> None:
    sent = made(film, container, codec, audio=audio, tags=TAGS, folder=tmp_path)
    assert SECRET in sent
    result = inspects(sent)
    stored = result.content.read_bytes()
    assert metadata_of(result.content) == [] and SECRET not in stored and b"+44.8125" not in stored
    with av.open(str(result.content)) as copy:
        assert [stream.type for stream in copy.streams] == ["video", "audio"]
        assert sum(1 for _ in copy.decode(video=0)) == 10
    assert result.thumbnail is not None


@pytest.mark.parametrize(("container", "codec"), SOUNDS)
@pytest.mark.parametrize("voice", [False, True])
def test_a_sound_tells_nothing(container: str, codec: str, voice: bool, inspects: Inspect, tmp_path: Path) -> None:
    sent = made(sound, container, codec, tags=TAGS, folder=tmp_path)
    assert SECRET in sent
    result = inspects(sent, voice=voice)
    assert metadata_of(result.content) == [] and SECRET not in result.content.read_bytes()
    assert result.metadata["duration"] == pytest.approx(1.0, abs=0.06)
    with av.open(str(result.content)) as copy:
        seconds = sum(frame.samples / frame.sample_rate for frame in copy.decode(audio=0))
        name = copy.streams.audio[0].codec_context.name
    assert seconds == pytest.approx(1.0, abs=0.06)
    assert not voice or (result.content_type == "audio/ogg" and name == "opus")


def test_a_cover_is_left_out(inspects: Inspect, tmp_path: Path) -> None:
    sent = made(sound, "mp3", "libmp3lame", cover=True, folder=tmp_path)
    assert SECRET in sent and b"JFIF" in sent
    result = inspects(sent)
    assert b"JFIF" not in result.content.read_bytes()


def test_a_waveform_has_the_shape_of_the_sound(inspects: Inspect, tmp_path: Path) -> None:
    bars = inspects(made(sound, "ogg", "libopus", seconds=3.0, folder=tmp_path)).metadata["waveform"]
    assert len(bars) == 64 and max(bars) == 100 and min(bars) >= 0
    assert bars[5] < bars[20] < bars[35] < bars[50]


def test_a_very_short_sound_has_64_bars(inspects: Inspect, tmp_path: Path) -> None:
    assert len(inspects(made(sound, "ogg", "libopus", seconds=0.1, folder=tmp_path)).metadata["waveform"]) == 64


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_film_stays_turned_as_it_was(rotation: int, inspects: Inspect, tmp_path: Path) -> None:
    sent = made(film, "mp4", "libx264", rotation=rotation, folder=tmp_path)
    result = inspects(sent)
    frames: list[Any] = []
    (tmp_path / "before").write_bytes(sent)
    for path in (tmp_path / "before", result.content):
        with av.open(str(path)) as container:
            frames.append(next(container.decode(video=0)))
    assert frames[0].rotation == frames[1].rotation
    assert (result.metadata["width"] == 48) == (rotation in (90, 270))


def test_recordings_of_browsers_get_a_duration(inspects: Inspect, tmp_path: Path) -> None:
    """They are written while they last, without a length."""
    path = tmp_path / "live"
    with av.open(str(path), "w", format="webm", options={"live": "1"}) as output:
        stream: Any = output.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    result = inspects(path.read_bytes())
    assert result.metadata["duration"] == pytest.approx(2.0, abs=0.15)
    with av.open(str(result.content)) as copy:
        assert copy.duration == pytest.approx(2_000_000, abs=150_000)
