"""Pictures for the corpus: valid ones, ones with metadata, and malicious ones."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

SECRET = b"Hasselblad-Secret-4711"
"""Written into every kind of metadata; must not be in anything that is stored."""

SECONDS = 123_457, 10_007
"""Of arc, in every position: two primes, which EXIF stores as they are."""

XMP = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b'</x:xmpmeta><?xpacket end="w"?>'
SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def scene(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture whose four corners differ, so that turns are seen: red, green, blue, white."""
    image = Image.new("RGB", (width, height), (200, 60, 40))
    image.paste((30, 160, 60), (width // 2, 0, width, height // 2))
    image.paste((20, 40, 180), (0, height // 2, width // 2, height))
    image.paste((250, 250, 250), (width // 2, height // 2, width, height))
    return image.convert(mode)


def exif(orientation: int = 1) -> Image.Exif:
    """EXIF as a telephone writes it: where it was, whose it is, with what."""
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    data[ExifTags.Base.Make] = SECRET.decode()
    data[ExifTags.Base.Artist] = SECRET.decode()
    data.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (IFDRational(44), IFDRational(48), IFDRational(SECONDS[0], SECONDS[1])),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (IFDRational(20), IFDRational(27), IFDRational(SECONDS[0], SECONDS[1])),
        }
    )
    data.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.UserComment: b"ASCII\0\0\0" + SECRET})
    return data


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file."""
    target = BytesIO()
    image.save(target, format=kind, **options)
    return target.getvalue()


def with_metadata(kind: str, orientation: int = 1) -> bytes:
    """A picture with every kind of metadata that its format has."""
    options: dict[str, Any] = {"exif": exif(orientation), "icc_profile": _profile_with_text()}
    if kind == "JPEG":
        options |= {"comment": SECRET, "xmp": XMP}
    if kind == "WEBP":
        options |= {"xmp": XMP}
    if kind == "PNG":
        options["pnginfo"] = _text_chunks()
    if kind == "GIF":
        return _with_xmp_in_gif(saved(scene(), "GIF", comment=SECRET))
    return saved(scene(), kind, **options)


def pair_with_metadata() -> bytes:
    """Two pictures in one JPEG, as phones store them; the second one has metadata."""
    second = scene()
    second.info["comment"] = SECRET
    return saved(scene(), "MPO", save_all=True, append_images=[second])


def _profile_with_text() -> bytes:
    """sRGB that names its maker."""
    return SRGB_PROFILE.replace(b"sRGB built-in"[:4], SECRET[:4]) + SECRET


def _text_chunks() -> PngImagePlugin.PngInfo:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Author", SECRET.decode())
    chunks.add_text("Comment", SECRET.decode(), zip=True)
    chunks.add_itxt("XML:com.adobe.xmp", XMP.decode())
    chunks.add(b"prVt", SECRET, after_idat=True)
    return chunks


def _with_xmp_in_gif(file: bytes) -> bytes:
    trailer = bytes([1, *range(255, -1, -1), 0])
    return file[:-1] + b"\x21\xff\x0bXMP DataXMP" + XMP + trailer + b";"


def animation(kind: str, frames: int = 5, side: int = 40, **options: Any) -> bytes:
    """Moving squares."""
    pictures = []
    for number in range(frames):
        picture = Image.new("RGB", (side, side), (240, 240, 240))
        picture.paste((200, 30, 30), (number % side, 2, number % side + 6, 8))
        pictures.append(picture)
    if kind == "GIF":
        pictures = [picture.quantize(16) for picture in pictures]
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=80, loop=0, **options)


def png_chunk(name: bytes, data: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of one colour: kilobytes that become hundreds of megabytes."""
    compressor = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(compressor.compress(row) for _ in range(min(height, 20_000))) + compressor.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def png_with(name: bytes, data: bytes) -> bytes:
    """A picture with one more chunk after its header."""
    file = saved(scene(), "PNG")
    return file[:33] + png_chunk(name, data) + file[33:]


def endless_gif(frames: int) -> bytes:
    """Tiny frames, very many."""
    head = b"GIF89a" + struct.pack("<HHBBB", 2, 2, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x03\x44\x34\x05\x00"
    return head + frame * frames + b";"


def gif_of_size(width: int, height: int) -> bytes:
    """A GIF that says how large it is."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x03\x44\x34\x05\x00;"


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG whose header lies about its size."""
    file = bytearray(saved(scene(), "JPEG"))
    start = file.index(b"\xff\xc0")
    file[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(file)


def metadata_segments(file: bytes) -> list[str]:
    """Names of the metadata of a picture; empty if it has none."""
    if file.startswith(b"\xff\xd8"):
        return _jpeg_segments(file)
    if file.startswith(b"\x89PNG"):
        return _png_chunks(file)
    if file.startswith(b"RIFF"):
        return _webp_chunks(file)
    return _gif_extensions(file)


def _jpeg_segments(file: bytes) -> list[str]:
    found, position = [], 2
    while file[position + 1] != 0xDA:
        marker, length = file[position + 1], int.from_bytes(file[position + 2 : position + 4], "big")
        if (0xE1 <= marker <= 0xEF and marker != 0xEE) or marker == 0xFE:
            found.append(f"{marker:#x}")
        position += 2 + length
    return found + (["tail"] if not file.endswith(b"\xff\xd9") else [])


def _png_chunks(file: bytes) -> list[str]:
    found, position = [], 8
    while position < len(file):
        name = file[position + 4 : position + 8]
        if name not in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"):
            found.append(name.decode())
        position += 12 + int.from_bytes(file[position : position + 4], "big")
    return found


def _webp_chunks(file: bytes) -> list[str]:
    found, position = [], 12
    while position < len(file):
        name = file[position : position + 4]
        if name not in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"):
            found.append(name.decode())
        size = int.from_bytes(file[position + 4 : position + 8], "little")
        position += 8 + size + size % 2
    return found


def _gif_extensions(file: bytes) -> list[str]:
    found = ["comment"] if b"\x21\xfe" in file else []
    position = file.find(b"\x21\xff\x0b")
    while position >= 0:
        if file[position + 3 : position + 14] != b"NETSCAPE2.0":
            found.append("application")
        position = file.find(b"\x21\xff\x0b", position + 1)
    return found
