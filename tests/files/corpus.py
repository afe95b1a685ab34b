"""Good and hostile files, each with what must become of it: its stored type, or the code it is refused with."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from pikepdf import Name
from PIL import Image

from tests.files import making_documents as documents
from tests.files import making_media as media
from tests.files import making_pictures as pictures
from tests.files.making_media import TAGS, film, made, sound
from tests.files.making_pictures import saved, scene


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        make: its bytes; given a folder to work in.
        expected: content type, or code of the refusal.
        metadata: expected metadata, if it matters.
    """

    name: str
    make: Callable[[Path], bytes]
    expected: str
    metadata: dict[str, Any]
    voice: bool = False


CASES: list[Case] = []


def case(name: str, expected: str, make: Callable[[], bytes] | bytes, **metadata: Any) -> None:
    """Add a file that needs no folder to be made."""
    CASES.append(Case(name, lambda _: make if isinstance(make, bytes) else make(), expected, metadata))


def played(name: str, expected: str, make: Any, *arguments: Any, voice: bool = False, **options: Any) -> None:
    """Add a film or a sound; `change` is applied to its bytes."""
    metadata, change = options.pop("metadata", {}), options.pop("change", lambda file: file)
    writing = partial(made, make, *arguments, **options)
    CASES.append(Case(name, lambda folder: change(writing(folder=folder)), expected, metadata, voice))


def _zip(name: str = "META-INF/MANIFEST.MF") -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "Main-Class: Evil\n" * 9)
    return target.getvalue()


def _rotated(orientation: int) -> bytes:
    return saved(scene(), "JPEG", exif=pictures.exif(orientation))


def _cmyk() -> bytes:
    return saved(scene(mode="CMYK"), "JPEG", quality=95)


JPEG = saved(scene(), "JPEG", quality=90)
PNG = saved(scene(), "PNG")
GIF = saved(scene(), "GIF")
WEBP = saved(scene(), "WEBP")
PDF = documents.pdf(3)
SCRIPT = {"/S": Name.JavaScript, "/JS": "app.alert(1)"}
SIZE = {"width": 64, "height": 48}

# Pictures as people send them
case("jpeg", "image/jpeg", JPEG, **SIZE, animated=False)
case("jpeg, grey", "image/jpeg", partial(saved, scene(mode="L"), "JPEG"), **SIZE)
case("jpeg, progressive", "image/jpeg", partial(saved, scene(), "JPEG", progressive=True), **SIZE)
case("jpeg, of a printer", "image/jpeg", _cmyk, **SIZE)
case("jpeg, with metadata", "image/jpeg", partial(pictures.with_metadata, "JPEG"), **SIZE)
case("jpeg, on its side", "image/jpeg", partial(_rotated, 6), width=48, height=64)
case("jpeg, upside down", "image/jpeg", partial(_rotated, 3), **SIZE)
case("jpeg, impossible turn", "image/jpeg", partial(_rotated, 99), **SIZE)
case("jpeg, film behind it", "image/jpeg", JPEG + media.box(b"ftyp", b"mp42") + os.urandom(3000), **SIZE)
case("jpeg, two pictures", "image/jpeg", pictures.pair_with_metadata, **SIZE, animated=False)
case("png", "image/png", PNG, **SIZE, dominant_color="#c83c28")
case("png, transparent", "image/png", partial(saved, scene(mode="RGBA"), "PNG"), **SIZE)
case("png, palette", "image/png", partial(saved, scene().quantize(8), "PNG", transparency=0), **SIZE)
case("png, 16 bits", "image/png", partial(saved, Image.new("I;16", (64, 48), 30_000), "PNG"), **SIZE)
case("png, black and white", "image/png", partial(saved, scene(mode="1"), "PNG"), **SIZE)
case("png, with metadata", "image/png", partial(pictures.with_metadata, "PNG"), **SIZE)
case("png, one pixel", "image/png", partial(saved, scene(1, 1), "PNG"), width=1, height=1)
case("png, animated", "image/png", partial(pictures.animation, "PNG"), animated=True, frames=5)
case("gif", "image/gif", GIF, **SIZE, animated=False)
case("gif, with metadata", "image/gif", partial(pictures.with_metadata, "GIF"), **SIZE)
case("gif, animated", "image/gif", partial(pictures.animation, "GIF"), animated=True, frames=5, duration=0.4)
case("webp", "image/webp", WEBP, **SIZE)
case("webp, lossless", "image/webp", partial(saved, scene(mode="RGBA"), "WEBP", lossless=True), **SIZE)
case("webp, with metadata", "image/webp", partial(pictures.with_metadata, "WEBP"), **SIZE)
case("webp, animated", "image/webp", partial(pictures.animation, "WEBP"), animated=True, frames=5, duration=0.4)
case("invalid ICC profile", "image/png", pictures.png_with(b"iCCP", b"x\0\0" + b"garbage"), **SIZE)

# Documents
case("pdf", "application/pdf", PDF, pages=3)
case("pdf, object streams", "application/pdf", partial(documents.pdf, 1, object_stream_mode=2), pages=1)
case("pdf, changed once", "application/pdf", partial(documents.changed, 10), pages=1)
case("pdf, with a password", "application/pdf", documents.encrypted, pages=None)

# Films and sounds
played("mp4", "video/mp4", film, "mp4", "libx264", audio="aac", metadata=SIZE | {"duration": 1.0})
played("mp4, with metadata", "video/mp4", film, "mp4", "libx264", tags=TAGS, metadata=SIZE)
played("mp4, on its side", "video/mp4", film, "mp4", "libx264", rotation=90, metadata={"width": 48, "height": 64})
played("webm", "video/webm", film, "webm", "libvpx-vp9", audio="libopus", tags=TAGS, metadata=SIZE)
played("webm, vp8", "video/webm", film, "webm", "libvpx", metadata=SIZE)
played("ogg, opus", "audio/ogg", sound, "ogg", "libopus", tags=TAGS)
played("webm, sound", "audio/webm", sound, "webm", "libopus")
played("m4a", "audio/mp4", sound, "ipod", "aac", tags=TAGS)
played("mp3", "audio/mpeg", sound, "mp3", "libmp3lame", tags=TAGS)
played("mp3, with a cover", "audio/mpeg", sound, "mp3", "libmp3lame", cover=True)
played("mp3, silent", "audio/mpeg", sound, "mp3", "libmp3lame", silent=True, metadata={"waveform": [0] * 64})
played("voice, opus", "audio/ogg", sound, "ogg", "libopus", voice=True)
played("voice, of a browser", "audio/ogg", sound, "webm", "libopus", voice=True)
played("voice, of a telephone", "audio/ogg", sound, "ipod", "aac", voice=True, seconds=2.0)
played("voice, mp3", "audio/ogg", sound, "mp3", "libmp3lame", voice=True)

# What is not taken, whatever it is called
case("nothing", "file_empty", b"")
case("text", "file_type_not_allowed", b"hello")
case("html", "file_type_not_allowed", b"<!doctype html><script>alert(1)</script>")
case("svg", "file_type_not_allowed", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
case("bmp", "file_type_not_allowed", partial(saved, scene(), "BMP"))
case("tiff", "file_type_not_allowed", partial(saved, scene(), "TIFF"))
case("ico", "file_type_not_allowed", partial(saved, scene(), "ICO"))
case("zip", "file_type_not_allowed", _zip())
case("program", "file_type_not_allowed", b"\x7fELF" + bytes(200))
case("script", "file_type_not_allowed", b"#!/bin/sh\nrm -rf /\n")
case("postscript", "file_type_not_allowed", b"%!PS-Adobe-3.0 EPSF-3.0\n")
case("avif by its brand", "file_type_not_allowed", media.box(b"ftyp", b"avif" + bytes(8)) + bytes(50))
case("playlist", "file_type_not_allowed", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
case("concat script", "file_type_not_allowed", b"ffconcat version 1.0\nfile /etc/passwd\n")
played("matroska", "file_type_not_allowed", film, "matroska", "libx264")
played("quicktime", "file_type_not_allowed", film, "mov", "libx264")
played("wav", "file_type_not_allowed", sound, "wav", "pcm_s16le")
played("flac", "file_type_not_allowed", sound, "flac", "flac")
played("flac in ogg", "file_type_not_allowed", sound, "ogg", "flac")
played("mjpeg in mp4", "file_type_not_allowed", film, "mp4", "mjpeg", pixels="yuvj420p")
played("film as voice", "voice_not_audio", film, "mp4", "libx264", voice=True)
CASES.append(Case("picture as voice", lambda _: JPEG, "voice_not_audio", {}, voice=True))

# Two things in one
case("gifar", "file_ambiguous", GIF + _zip())
case("jpeg and zip", "file_ambiguous", JPEG + _zip("evil.class"))
case("zip with a remark", "file_ambiguous", PNG + _zip()[:-2] + b"\x05\0hello")
case("pdf and zip", "file_ambiguous", PDF + _zip())
case("pdf with a page of html", "file_ambiguous", PDF.replace(b"%PDF-1.", b"%PDF-1.<html>", 1))
case("gif and script", "file_ambiguous", b"GIF89a/*" + GIF[8:] + b"*/=1;<script>alert(1)</script>")
case("jpeg with php", "file_ambiguous", partial(saved, scene(), "JPEG", comment=b"<?php system($_GET[0]); ?>"))
case("svg with a png's name inside", "file_type_not_allowed", b"<!-- " + PNG[:8] + b" --><svg/>")
case("png's magic, then svg", "file_damaged", PNG[:8] + b'<svg onload="alert(1)"/>' + bytes(99))
case("png's magic, then html", "file_ambiguous", PNG[:8] + b"<html><script>alert(1)</script></html>")
case("html called pdf", "file_ambiguous", b"%PDF-1.4\n<html><body>hello</body></html>\n%%EOF\n")

# Cut or damaged
for whole_name, whole in {"jpeg": JPEG, "png": PNG, "gif": GIF, "webp": WEBP, "pdf": PDF}.items():
    case(f"{whole_name}, cut in half", "file_damaged", whole[: len(whole) // 2])
case("jpeg, its head", "file_damaged", b"\xff\xd8\xff\xe0")
case("png, wrong checksum", "file_damaged", PNG[:50] + bytes([PNG[50] ^ 255]) + PNG[51:])
case("pdf, its head", "file_damaged", b"%PDF-1.7\n")
case("pdf without pages", "file_damaged", partial(documents.pdf, 0))
case("pdf, something behind its end", "file_damaged", PDF + b"MZ" + bytes(range(1, 200)))
case("mp4's head, then noise", "file_damaged", media.box(b"ftyp", b"isom" + bytes(8)) + os.urandom(4000))
case("ogg's head, then noise", "file_damaged", b"OggS" + os.urandom(4000))
case("webm's head, then nothing", "file_type_not_allowed", b"\x1a\x45\xdf\xa3\x01" + bytes(50))
case("tag of an mp3, then noise", "file_type_not_allowed", b"ID3\x04\0\0\0\0\0\0" + bytes(3000))
played("mp4, cut", "file_damaged", film, "mp4", "libx264", change=lambda file: file[:-200])
played("webm, cut", "file_damaged", film, "webm", "libvpx", change=lambda file: file[:-100])
played("ogg, cut", "file_damaged", sound, "ogg", "libopus", change=lambda file: file[:-100])
played("mp3, cut", "file_damaged", sound, "mp3", "libmp3lame", change=lambda file: file[: len(file) // 2])

# Too much
case("12,000 x 12,000 png", "image_too_large", partial(pictures.png_bomb, 12_000, 12_000))
case("50,000 x 50,000 png", "image_too_large", partial(pictures.png_bomb, 50_000, 50_000))
case("one pixel high, very wide", "image_too_large", partial(pictures.png_bomb, 200_000, 1))
case("jpeg that says 65,000 x 65,000", "image_too_large", partial(pictures.jpeg_of_size, 65_000, 65_000))
case("gif that says 65,535 x 65,535", "image_too_large", partial(pictures.gif_of_size, 65_535, 65_535))
case("10,000 frames", "image_too_large", partial(pictures.endless_gif, 10_000))
case("301 frames", "image_too_large", partial(pictures.animation, "GIF", 301))
case("text bomb", "file_damaged", lambda: pictures.png_with(b"zTXt", b"a\0\0" + _deflated(64 << 20)))
case("profile bomb", "file_damaged", lambda: pictures.png_with(b"iCCP", b"a\0\0" + _deflated(64 << 20)))
case("deep pdf", "file_too_complex", partial(documents.changed, 200))
played("film of 4,200 pixels", "media_too_large", film, "mp4", "libx264", size=(4200, 16), seconds=0.2)
played(
    "voice of 16 minutes", "media_too_long", sound, "ogg", "libopus", voice=True, seconds=960, rate=8000, silent=True
)

# Documents that act
for place in ("open", "page", "annotation", "names", "nested"):
    case(f"pdf, script: {place}", "pdf_active_content", partial(documents.pdf_with, place, SCRIPT))
case(
    "pdf, starts a program", "pdf_active_content", partial(documents.pdf_with, "open", {"/S": Name.Launch, "/F": "cmd"})
)
case(
    "pdf, sends a form",
    "pdf_active_content",
    partial(documents.pdf_with, "page", {"/S": Name.SubmitForm, "/F": "http://x"}),
)
case("pdf, with a file in it", "pdf_active_content", documents.pdf_with_attachment)
case("pdf, script behind a password", "pdf_active_content", partial(documents.encrypted, active=True))
SCRIPT_BYTES = b"/S /JavaScript /JS (app.alert(1))"
case("pdf, script in what is unreadable", "pdf_active_content", partial(documents.unreadable, SCRIPT_BYTES))
case(
    "pdf, script in what is unreadable and compressed",
    "pdf_active_content",
    partial(documents.unreadable, SCRIPT_BYTES, compressed=True),
)
case("pdf, program in what is unreadable", "pdf_active_content", partial(documents.unreadable, b"/S /Launch /F (cmd)"))
case(
    "pdf, script under another spelling",
    "pdf_active_content",
    partial(documents.unreadable, b"/S /J#61va#53cript /JS (app.alert(1))"),
)
case("pdf, script that no table lists", "pdf_active_content", partial(documents.unlisted, b"<<" + SCRIPT_BYTES + b">>"))
for place in ("open", "page", "event", "nested"):
    for name, action in {
        "address": {"/S": Name.URI, "/URI": "http://evil.example"},
        "command of the reader": {"/S": Name.Named, "/N": Name.Print},
        "thread": {"/S": Name.Thread, "/F": r"\\evil.example\x", "/D": 0},
    }.items():
        case(f"pdf, {name}: {place}", "pdf_active_content", partial(documents.pdf_with, place, action))
for place in ("open", "annotation"):
    for kind in (Name.GoToR, Name.GoToE):
        going = {"/S": kind, "/F": r"\\evil.example\x", "/D": "first"}
        case(f"pdf, {kind}: {place}", "pdf_active_content", partial(documents.pdf_with, place, going))

# Documents that are not quite in order, but harmless, and such as look worse than they are
case("pdf, its table is elsewhere", "application/pdf", documents.misplaced, pages=2)
case("pdf, wrong length", "application/pdf", documents.wrong_length, pages=1)
case("pdf, something unreadable", "application/pdf", partial(documents.unreadable, b"/S /URI /URI (x)"), pages=1)
case(
    "pdf, with a link",
    "application/pdf",
    partial(documents.pdf_with, "annotation", {"/S": Name.URI, "/URI": "http://x.example"}),
    pages=1,
)
case("pdf, about scripts", "application/pdf", partial(documents.titled, "HTML/CSS/JavaScript"), pages=1)
case(
    "pdf, goes to a page",
    "application/pdf",
    partial(documents.pdf_with, "open", {"/S": Name.GoTo, "/D": "first"}),
    pages=1,
)


def _deflated(size: int) -> bytes:
    import zlib

    return zlib.compress(bytes(size), 9)
