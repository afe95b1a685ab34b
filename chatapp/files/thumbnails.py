"""Thumbnails of pictures and videos: a small WebP and one colour."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from chatapp.files.limits import THUMBNAIL_SIDE

_SAMPLE = 48  # pixels a side: enough to find the colour
_SHADES = 8
_WHITE = (255, 255, 255, 255)


def write_thumbnail(image: Image.Image, path: Path) -> Image.Image:
    """Write a WebP that fits into 320 x 320 pixels, and return it. Smaller pictures are not enlarged."""
    # Scale 16 bits to 8; Pillow would clip at 255.
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    width, height = image.size
    scale = min(1.0, THUMBNAIL_SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if image.mode in ("P", "1", "LA", "PA", "L") or image.has_transparency_data:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.info = {}
    small.save(path, format="WEBP", quality=75, method=4)
    return small


def dominant_color(image: Image.Image) -> str:
    """The most frequent colour of a picture, on white where it is transparent, as `#rrggbb`."""
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert("RGB")
    image.thumbnail((_SAMPLE, _SAMPLE))
    reduced = image.quantize(_SHADES)
    counted = reduced.getcolors() or [(1, 0)]
    index = max(counted)[1]
    assert isinstance(index, int)  # of a palette
    palette = reduced.getpalette() or [0, 0, 0]
    return "#{:02x}{:02x}{:02x}".format(*palette[3 * index : 3 * index + 3])
