"""Pictures: decoded within limits and re-encoded, so that nothing but the pixels remains.

Dropped: EXIF with its GPS position and embedded thumbnail, XMP, IPTC, comments, text chunks, colour profiles (after
conversion to sRGB), further pictures in a JPEG, and trailing data. The orientation is applied to the pixels.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import GifImagePlugin, Image, ImageCms, ImageFile, JpegImagePlugin

from chatapp.files import limits
from chatapp.files.inspected import CONTENT, THUMBNAIL, Inspected
from chatapp.files.refusals import refusal
from chatapp.files.signatures import Format
from chatapp.files.thumbnails import dominant_color, write_thumbnail

# Refuse truncated pictures instead of filling them with grey.
ImageFile.LOAD_TRUNCATED_IMAGES = False
# Keep the palette of frames that share one; otherwise each frame would be quantised again.
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
# Check the size before decoding. Pillow only warns above the limit, so the warning is made an error.
Image.MAX_IMAGE_PIXELS = limits.IMAGE_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_ORIENTATION = 0x0112  # EXIF
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_KINDS = {
    Format.JPEG: ("JPEG", "image/jpeg", ".jpg"),
    Format.PNG: ("PNG", "image/png", ".png"),
    Format.GIF: ("GIF", "image/gif", ".gif"),
    Format.WEBP: ("WEBP", "image/webp", ".webp"),
}
_MODES = {"JPEG": {"L", "RGB"}, "PNG": {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}, "WEBP": {"RGB", "RGBA"}}
_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True, slots=True)
class _Animation:
    """Durations of the frames, milliseconds."""

    durations: list[float]


def process_picture(path: Path, found: Format, into: Path) -> Inspected:
    """Decode a picture completely and encode it again.

    Parameters:
        into: folder for `content` and `thumbnail.webp`.
    Raises:
        ChatError: `image_too_large`.
        Exception: any of Pillow's errors for damaged data.
    """
    kind, content_type, extension = _KINDS[found]
    content, thumbnail = into / CONTENT, into / THUMBNAIL
    try:
        still, animation = _animated(path, kind, content)
        if still is None:
            still, options = _decoded(path, kind)
            _write_still(still, kind, options, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise refusal("image_too_large")
    small = write_thumbnail(still, thumbnail)
    metadata: dict[str, Any] = {"width": still.width, "height": still.height, "dominant_color": dominant_color(small)}
    metadata["animated"] = animation is not None
    if animation:
        metadata |= {"frames": len(animation.durations), "duration": round(sum(animation.durations) / 1000, 3)}
    return Inspected("image", content_type, extension, content, content.stat().st_size, thumbnail, metadata)


def _animated(path: Path, kind: str, content: Path) -> tuple[Image.Image | None, _Animation | None]:
    """Re-encode an animated picture; returns its first frame and its timing, or (None, None) for a still picture."""
    with Image.open(path, formats=[kind]) as image:
        _check_size(image)
        animation = _animation(image)
        if animation is None:
            return None, None
        image.seek(0)
        still = _bare(image.convert("RGBA"))
        _write_animation(image, kind, animation, content)
        return still, animation


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > limits.IMAGE_SIDE or width * height > limits.IMAGE_PIXELS:
        raise refusal("image_too_large")


def _write_still(still: Image.Image, kind: str, options: dict[str, Any], content: Path) -> None:
    try:
        still.save(content, format=kind, **options)
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None):
            raise
        # Decoding succeeded, so the encoder ran out of memory, even if it reports another error.
        raise refusal("file_too_complex") from error


def _animation(image: Image.Image) -> _Animation | None:
    """Decode all frames, up to the limit. None for a still picture."""
    if image.format in ("JPEG", "MPO") or not getattr(image, "is_animated", False):
        return None
    durations: list[float] = []
    for frame in _frames(image):
        if len(durations) == limits.IMAGE_FRAMES or (len(durations) + 1) * _area(image) > limits.ANIMATION_PIXELS:
            raise refusal("image_too_large")
        frame.load()
        durations.append(float(frame.info.get("duration", 0)))
    return _Animation(durations) if len(durations) > 1 else None


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    """The frames, one at a time. `n_frames` would first go through all of them, without a limit."""
    position = 0
    while True:
        try:
            image.seek(position)
        except EOFError:
            return
        yield image
        position += 1


def _area(image: Image.Image) -> int:
    return image.width * image.height


def _decoded(path: Path, kind: str) -> tuple[Image.Image, dict[str, Any]]:
    """A still picture without its metadata, and the options for saving it."""
    with Image.open(path, formats=[kind]) as image:
        still = _upright_srgb(image, kind)
        if kind == "JPEG":
            return still, _jpeg_options(still, image)
        if kind == "WEBP":
            # Pillow's WebP decoder holds two more copies of the pixels, and the encoder needs that memory.
            vars(image).pop("_decoder", None)
            return still, _webp_options(image)
        return still, {}


def _upright_srgb(image: Image.Image, kind: str) -> Image.Image:
    """The decoded pixels, upright, in sRGB and in a mode that the format supports."""
    image.load()
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    result: Image.Image = image
    if profile:
        result = _converted(image, profile)
    if orientation in _TURNS:
        result = result.transpose(_TURNS[orientation])
    if kind in _MODES and result.mode not in _MODES[kind]:
        result = result.convert("RGBA" if result.has_transparency_data and kind != "JPEG" else "RGB")
    return _bare(result)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1 (upright) if EXIF is unreadable, which is no reason to refuse the picture."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error):
        return 1


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB; unchanged, as viewers show it, if the profile is damaged, too large or does not fit."""
    if len(profile) > limits.PROFILE_BYTES:
        return image
    source = image
    if image.mode in ("P", "PA", "LA"):
        source = image.convert("RGBA" if image.has_transparency_data else "RGB")
    mode = "RGBA" if source.mode == "RGBA" else "RGB"
    try:
        converted = ImageCms.profileToProfile(
            source, ImageCms.ImageCmsProfile(BytesIO(profile)), _SRGB, outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _bare(image: Image.Image) -> Image.Image:
    """The picture without metadata that Pillow would write."""
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    return image


def _jpeg_options(still: Image.Image, source: Image.Image) -> dict[str, Any]:
    """The source's own quantisation tables: encoding again then loses almost nothing and keeps the size."""
    tables = getattr(source, "quantization", {})
    if still.mode == "L":
        return {"qtables": {0: tables[0]}} if 0 in tables else {"quality": 90}
    if source.mode != "RGB" or not 1 <= len(tables) <= 2:
        return {"quality": 90}
    sampling = JpegImagePlugin.get_sampling(source)
    return {"qtables": tables, "subsampling": sampling if sampling >= 0 else 2}


def _webp_options(source: Image.Image) -> dict[str, Any]:
    """Lossless stays lossless if the encoder has enough memory. `method` trades time for size."""
    lossless = _is_lossless_webp(Path(getattr(source, "filename", "")))
    if lossless and _area(source) <= limits.LOSSLESS_PIXELS:
        return {"lossless": True, "quality": 60, "method": 1}
    return {"quality": 90 if lossless else 85, "method": 2}


def _is_lossless_webp(path: Path) -> bool:
    """Whether the first picture of a WebP is lossless."""
    with path.open("rb") as file:
        position = 12
        while True:
            file.seek(position)
            header = file.read(8)
            if len(header) < 8 or header[:4] in (b"VP8 ", b"VP8L"):
                return header[:4] == b"VP8L"
            size = int.from_bytes(header[4:], "little")
            # A frame of an animation has a header of 16 bytes, then chunks like those outside.
            position += 24 if header[:4] == b"ANMF" else 8 + size + size % 2


def _write_animation(image: Image.Image, kind: str, animation: _Animation, content: Path) -> None:
    """Write all frames. Pillow decodes the source again frame by frame, so that few are in memory at once."""
    loop = image.info.get("loop")
    # Pillow copies comments and profiles from the source to GIF and PNG unless they are given.
    options: dict[str, Any] = {"comment": b""} if kind == "GIF" else {"icc_profile": b"", "exif": b"", "xmp": b""}
    if loop is not None:
        options["loop"] = loop
    if kind == "WEBP":
        options |= {**_webp_options(image), "method": 1, "duration": [round(value) for value in animation.durations]}
    image.save(content, format=kind, save_all=True, **options)
