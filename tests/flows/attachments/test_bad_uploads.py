"""Whatever is wrong with a file or its form is refused by name, in time, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.files import making_documents as documents
from tests.files import making_pictures as pictures
from tests.files.corpus import CASES, GIF, SCRIPT, _zip
from tests.flows.attachments.conftest import Message
from tests.flows.attachments.words import PDF, PNG, Part, adds, field, named, tries_to_add
from tests.people import CHAT, Person, PersonMaker
from tests.servers import ChatServer

pytestmark = pytest.mark.usefixtures("clean_log", "nothing_left")

LIMIT = 10 << 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(1)</script>"

BAD_FILES: dict[str, tuple[bytes | Any, int, str]] = {
    "empty": (b"", 422, "fileEmpty"),
    "text": (b"hello", 415, "fileTypeNotAllowed"),
    "svg as png": (SVG, 415, "fileTypeNotAllowed"),
    "html as pdf": (HTML, 415, "fileTypeNotAllowed"),
    "html behind a pdf's magic": (b"%PDF-1.4\n" + HTML + b"\n%%EOF\n", 415, "fileAmbiguous"),
    "gifar": (GIF + _zip(), 415, "fileAmbiguous"),
    "jpeg and zip": (pictures.saved(pictures.scene(), "JPEG") + _zip("evil.class"), 415, "fileAmbiguous"),
    "gif and script": (b"GIF89a/*" + GIF[8:] + b"*/=1;<script>alert(1)</script>", 415, "fileAmbiguous"),
    "pdf with a script": (lambda: documents.pdf_with("open", SCRIPT), 422, "pdfActiveContent"),
    "zip": (_zip(), 415, "fileTypeNotAllowed"),
    "truncated png": (PNG[: len(PNG) // 2], 422, "fileDamaged"),
    "truncated pdf": (PDF[: len(PDF) // 2], 422, "fileDamaged"),
    "12,000 x 12,000": (lambda: pictures.png_bomb(12_000, 12_000), 422, "imageTooLarge"),
    "50,000 x 50,000": (lambda: pictures.png_bomb(50_000, 50_000), 422, "imageTooLarge"),
    "10,000 frames": (lambda: pictures.endless_gif(10_000), 422, "imageTooLarge"),
    "text bomb": (lambda: next(case for case in CASES if case.name == "text bomb").make(Path()), 422, "fileDamaged"),
    "profile bomb": (
        lambda: next(case for case in CASES if case.name == "profile bomb").make(Path()),
        422,
        "fileDamaged",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused(kind: str, pair_message: Message, author: Person) -> None:
    content, status, code = BAD_FILES[kind]
    refused = tries_to_add(
        author, pair_message["id"], named("picture.png", content() if callable(content) else content)
    )
    assert (refused.status, refused.error) == (status, f"marketplace.{code}"), refused.text
    assert set(refused.json) - {"details"} == {"success", "error", "message", "request_id"}


def test_a_bad_one_among_good_ones_spoils_all(pair_message: Message, author: Person) -> None:
    refused = tries_to_add(author, pair_message["id"], named("a.png"), named("b.png", b"no"), named("c.png"))
    assert refused.status == 415


BAD_FORMS: dict[str, tuple[list[Part], int, str]] = {
    "eleven files": ([named(f"{number}.png") for number in range(11)], 422, "tooManyFiles"),
    "a thousand parts": ([named(f"{number}.png", b"x") for number in range(1000)], 422, "tooManyFiles"),
    "a byte too much": ([named("big.png", PNG + bytes(LIMIT - len(PNG) + 1))], 413, "fileTooLarge"),
    "all too large": ([named(f"{number}.png", bytes(LIMIT)) for number in range(12)], 413, "tooLarge"),
    "no files": ([field("voice", "1")], 422, "filesRequired"),
    "a field for files": ([field("files", "cat.png")], 422, "validationFailed"),
    "another name": ([named("a.png", part="attachments")], 422, "validationFailed"),
    "an unknown field": ([named("a.png"), field("caption", "hello")], 422, "validationFailed"),
    "a word for a boolean": ([named("a.png"), field("voice", "perhaps")], 422, "validationFailed"),
    "a long word": ([named("a.png"), field("voice", "1" * 5000)], 422, "validationFailed"),
    "a picture as voice": ([named("a.png"), field("voice", "1")], 422, "voiceNotAudio"),
}


@pytest.mark.parametrize("kind", BAD_FORMS)
def test_a_bad_form_is_refused(kind: str, pair_message: Message, author: Person) -> None:
    parts, status, code = BAD_FORMS[kind]
    refused = tries_to_add(author, pair_message["id"], *parts)
    assert (refused.status, refused.error) == (status, f"marketplace.{code}"), refused.text


FORM = "multipart/form-data; boundary=b"
DISPOSITION = b"Content-Disposition: form-data; "
END = b"\r\n\r\nx\r\n--b--\r\n"

BAD_BODIES: dict[str, tuple[bytes, str, int, str]] = {
    "json": (b"{}", "application/json", 415, "multipartRequired"),
    "no type": (b"files", "", 415, "multipartRequired"),
    "urlencoded": (b"files=1", "application/x-www-form-urlencoded", 415, "multipartRequired"),
    "no boundary": (b"--b\r\n", "multipart/form-data", 400, "invalidMultipart"),
    "a long boundary": (b"", f"multipart/form-data; boundary={'b' * 300}", 400, "invalidMultipart"),
    "nothing": (b"", FORM, 400, "invalidMultipart"),
    "no form": (b"hello", FORM, 400, "invalidMultipart"),
    "no end": (b"--b\r\n" + DISPOSITION + b"name=files; filename=a\r\n\r\nx", FORM, 400, "invalidMultipart"),
    "no disposition": (b"--b\r\nX: y\r\n\r\nx\r\n--b--\r\n", FORM, 400, "invalidMultipart"),
    "no name": (b"--b\r\n" + DISPOSITION + b"filename=a" + END, FORM, 400, "invalidMultipart"),
    "a name that is no UTF-8": (b"--b\r\n" + DISPOSITION + b"name=\xff" + END, FORM, 400, "invalidMultipart"),
    "endless headers": (b"--b\r\n" + b"X: y\r\n" * 100_000, FORM, 413, "tooLarge"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_BODIES)
def test_a_bad_body_is_refused(kind: str, pair_message: Message, author: Person) -> None:
    body, content_type, status, code = BAD_BODIES[kind]
    path = f"{CHAT}/messages/{pair_message['id']}/attachments"
    headers = {"Content-Type": content_type} if content_type else {}
    refused = author.server.request("POST", path, token=author.token, data=body, headers=headers)
    assert (refused.status, refused.error) == (status, f"marketplace.{code}"), refused.text


def test_a_compressed_body_is_refused(pair_message: Message, author: Person) -> None:
    refused = tries_to_add(author, pair_message["id"], named("a.png"), **{"Content-Encoding": "gzip"})
    assert (refused.status, refused.error) == (415, "marketplace.multipartRequired")


def test_the_social_dialect_names_it_in_its_words(pair_message: Message, author: Person) -> None:
    refused = author.server.post("/api/v1/chat/files", token=author.token, files=[named("a.png", b"no")])
    assert (refused.status, refused.code) == (415, "FILE_TYPE_NOT_ALLOWED")
    refused = author.server.post("/api/v1/chat/files", token=author.token, files=[named("a.png", b"")])
    assert (refused.status, refused.code) == (422, "FILE_EMPTY")
    assert refused.json["error"]["details"] == {"file": ["Is empty."]}


@pytest.fixture(scope="module")
def author(server: ChatServer) -> Person:
    """A user whose files are refused."""
    return PersonMaker(server)("author")


@pytest.fixture(scope="module")
def pair_message(server: ChatServer, author: Person) -> Message:
    """A message of theirs that nothing is added to."""
    return author.sends("look", to=PersonMaker(server)("reader"))


def test_a_file_of_just_the_limit_is_taken(make_person: PersonMaker) -> None:
    author = make_person("author")
    message = author.sends("look", to=make_person("reader"))
    padding = LIMIT - len(pictures.saved(pictures.scene(), "JPEG"))
    (file,) = adds(author, message, named("full.jpg", pictures.saved(pictures.scene(), "JPEG") + bytes(padding)))
    assert author.deletes(f"/attachments/{file['id']}").status == 200
