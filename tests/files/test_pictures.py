"""Metadata of pictures is not stored; their pixels stay the same."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageSequence

from tests.files.conftest import Inspect
from tests.files.making_pictures import (
    SECONDS,
    SECRET,
    animation,
    exif,
    metadata_segments,
    pair_with_metadata,
    saved,
    scene,
    with_metadata,
)

KINDS = ["JPEG", "PNG", "GIF", "WEBP"]
# The seconds of the position as EXIF stores them, in either byte order.
POSITIONS = [b"".join(number.to_bytes(4, order) for number in SECONDS) for order in ("little", "big")]


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, 0 to 255."""
    assert one.size == other.size
    histogram = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L").histogram()
    return sum(level * count for level, count in enumerate(histogram)) / (one.width * one.height)


def assert_bare(file: bytes) -> None:
    """No byte of metadata, by the file's structure and by the secrets themselves."""
    assert metadata_segments(file) == []
    for mark in (SECRET, b"Exif", b"xmpmeta", b"ICC_PROFILE", b"acsp", b"Photoshop", *POSITIONS):
        assert mark not in file
    with Image.open(BytesIO(file)) as image:
        assert not image.getexif()
        assert image.info.keys() <= {
            "jfif", "jfif_version", "jfif_unit", "jfif_density", "version", "background", "transparency", "duration",
            "loop", "extension", "timestamp", "disposal", "blend", "bbox", "default_image",
        }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_no_byte_of_metadata_survives(kind: str, inspects: Inspect) -> None:
    sent = with_metadata(kind)
    assert SECRET in sent and (kind == "GIF" or any(position in sent for position in POSITIONS))
    result = inspects(sent)
    assert result.thumbnail is not None
    assert_bare(result.content.read_bytes())
    assert_bare(result.thumbnail.read_bytes())


def test_no_byte_of_a_second_picture_survives(inspects: Inspect) -> None:
    sent = pair_with_metadata()
    assert SECRET in sent and b"MPF\0" in sent
    stored = inspects(sent).content.read_bytes()
    assert_bare(stored)
    assert b"MPF\0" not in stored


def test_no_byte_of_metadata_survives_in_an_animation(inspects: Inspect) -> None:
    for sent in (
        animation("WEBP", exif=exif(), xmp=b"<x:xmpmeta>" + SECRET, icc_profile=b"acsp" + SECRET),
        animation("PNG", exif=exif()),
        animation("GIF", comment=SECRET),
    ):
        assert SECRET in sent
        result = inspects(sent)
        assert result.thumbnail is not None
        assert_bare(result.content.read_bytes())
        assert_bare(result.thumbnail.read_bytes())


def test_what_follows_the_end_is_gone(inspects: Inspect) -> None:
    for kind in KINDS:
        result = inspects(saved(scene(), kind) + b"tail " + SECRET * 20)
        assert SECRET not in result.content.read_bytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_in_the_pixels(kind: str, orientation: int, inspects: Inspect) -> None:
    upright = scene()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's turn that a camera held so has done
    held = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    result = inspects(saved(held, kind, exif=exif(orientation)))
    with Image.open(result.content) as image:
        assert difference(image, upright) < 6
    assert (result.metadata["width"], result.metadata["height"]) == upright.size


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_moves_as_before(kind: str, inspects: Inspect) -> None:
    sent = animation(kind, frames=7)
    with Image.open(BytesIO(sent)) as before, Image.open(inspects(sent).content) as after:
        pairs = list(zip(ImageSequence.all_frames(before), ImageSequence.all_frames(after), strict=True))
        assert len(pairs) == 7
        for one, other in pairs:
            assert difference(one, other) < 2
            assert one.info["duration"] == other.info["duration"] == 80
        assert after.info["loop"] == 0


def test_a_jpeg_loses_nothing_more(inspects: Inspect) -> None:
    sent = saved(Image.effect_noise((400, 300), 40).convert("RGB"), "JPEG", quality=80)
    result = inspects(sent)
    with Image.open(BytesIO(sent)) as before, Image.open(result.content) as after:
        assert difference(before, after) < 0.5
    assert result.size <= 1.02 * len(sent)


def test_colours_are_those_of_the_profile(inspects: Inspect) -> None:
    """A profile that exchanges red and green is applied before it is dropped."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = re.sub(
        rb"rXYZ(.{8})(.*?)gXYZ(.{8})", lambda m: b"rXYZ" + m[3] + m[2] + b"gXYZ" + m[1], profile, flags=re.S
    )
    with Image.open(inspects(saved(scene(), "PNG", icc_profile=swapped)).content) as image:
        red = image.convert("RGB").getpixel((2, 2))
    assert isinstance(red, tuple) and red[1] > red[0], "its red and its green are exchanged"


def test_thumbnails_are_small_and_webp(inspects: Inspect) -> None:
    for picture, size in ((scene(1000, 500), (320, 160)), (scene(100, 50), (100, 50)), (scene(5000, 2), (320, 1))):
        result = inspects(saved(picture, "PNG"))
        assert result.thumbnail is not None
        with Image.open(result.thumbnail) as image:
            assert image.format == "WEBP" and image.size == size


def test_a_transparent_picture_stays_transparent(inspects: Inspect) -> None:
    picture = scene(mode="RGBA")
    picture.putalpha(0)
    result = inspects(saved(picture, "PNG"))
    assert result.metadata["dominant_color"] == "#ffffff"
    for path in (result.content, result.thumbnail):
        assert isinstance(path, Path)
        with Image.open(path) as image:
            assert image.convert("RGBA").getchannel("A").getextrema() == (0, 0)
