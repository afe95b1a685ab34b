"""Video, MP4 and WebM: the packets are copied, and one frame is decoded as the poster."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from chatapp.files import limits
from chatapp.files.inspected import CONTENT, THUMBNAIL, Inspected
from chatapp.files.media import audio_of, codec_of, copy_packets, open_media, video_of
from chatapp.files.refusals import refusal
from chatapp.files.signatures import Format
from chatapp.files.thumbnails import dominant_color, write_thumbnail

_VIDEO_CODECS = {Format.MP4: {"h264", "hevc", "av1", "mpeg4", "vp9"}, Format.WEBM: {"vp8", "vp9", "av1"}}
_AUDIO_CODECS = {Format.MP4: {"aac", "mp3", "opus", "alac", "ac3", "eac3"}, Format.WEBM: {"opus", "vorbis"}}
_KINDS = {Format.MP4: ("mp4", "video/mp4", ".mp4"), Format.WEBM: ("webm", "video/webm", ".webm")}
# The index comes first, so that players can start before the download ends.
_OPTIONS = {Format.MP4: {"movflags": "+faststart"}, Format.WEBM: {}}

_POSTER_AT = 1.0  # seconds, or a tenth of the video if that is earlier: the first frame is often black
_TURNS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


def process_video(path: Path, found: Format, into: Path) -> Inspected:
    """Copy a video without its metadata, and create its poster.

    Parameters:
        into: folder for `content` and `thumbnail.webp`.
    Raises:
        ChatError: `file_type_not_allowed` for codecs that browsers do not play, `media_too_large`, `media_too_long`,
            `file_damaged`.
        av.FFmpegError: it is damaged.
    """
    muxer, content_type, extension = _KINDS[found]
    content, thumbnail = into / CONTENT, into / THUMBNAIL
    with open_media(path, found) as container:
        poster = _poster(container, _checked(container, found))
    with open_media(path, found) as container:
        video, audio = video_of(container), audio_of(container)
        streams = [stream for stream in (video, audio) if stream is not None]
        longest = limits.VIDEO_SECONDS
        duration = copy_packets(container, streams, content, muxer, options=_OPTIONS[found], longest=longest)
    small = write_thumbnail(poster, thumbnail)
    color = dominant_color(small)
    metadata = {"width": poster.width, "height": poster.height, "duration": duration, "dominant_color": color}
    return Inspected("video", content_type, extension, content, content.stat().st_size, thumbnail, metadata)


def _checked(container: InputContainer, found: Format) -> VideoStream:
    video, audio = video_of(container), audio_of(container)
    if video is None:
        raise refusal("file_damaged")
    if codec_of(video) not in _VIDEO_CODECS[found]:
        raise refusal("file_type_not_allowed")
    if audio is not None and codec_of(audio) not in _AUDIO_CODECS[found]:
        raise refusal("file_type_not_allowed")
    if max(video.codec_context.width, video.codec_context.height) > limits.VIDEO_SIDE:
        raise refusal("media_too_large")
    return video


def _poster(container: InputContainer, video: VideoStream) -> Image.Image:
    """One upright frame of the video."""
    # Each thread would keep its own reference frames, and memory is limited.
    video.codec_context.thread_count = 1
    length = (container.duration or 0) / av.time_base
    container.seek(round(min(_POSTER_AT, length / 10) * av.time_base), backward=True)
    for frame in container.decode(video):
        return _upright(frame)
    raise refusal("file_damaged")


def _upright(frame: VideoFrame) -> Image.Image:
    """The frame, rotated upright; FFmpeg and Pillow both count angles counter-clockwise."""
    image: Image.Image = frame.to_image()
    turn = _TURNS.get(frame.rotation % 360)
    return image if turn is None else image.transpose(turn)
