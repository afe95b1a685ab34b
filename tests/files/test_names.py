"""Names that clients give, safe to show, to save and to put into a header."""

from __future__ import annotations

import email.message
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.files.names import MAX_NAME_BYTES, content_disposition, safe_name

JPG = ".jpg"


@pytest.mark.parametrize(
    ("sent", "extension", "kept"),
    [
        ("holiday.jpg", JPG, "holiday.jpg"),
        ("Holiday.JPEG", JPG, "Holiday.JPEG"),
        ("../../etc/passwd", JPG, "passwd.jpg"),
        ("..\\..\\windows\\system32\\x.jpg", JPG, "x.jpg"),
        ("C:\\photo.jpg", JPG, "photo.jpg"),
        ("photo.jpg\0.php", JPG, "photo.jpg.php.jpg"),
        ("line\r\nSet-Cookie: a=b.jpg", JPG, "lineSet-Cookie_ a=b.jpg"),
        ("shell.php.jpg", JPG, "shell.php.jpg"),
        ("shell.php", JPG, "shell.php.jpg"),
        ("photo.jpg.", JPG, "photo.jpg"),
        ("photo.jpg . .", JPG, "photo.jpg"),
        ("\u202egpj.exe", JPG, "gpj.exe.jpg"),
        ("inv\u200boice\u2066.pdf", ".pdf", "invoice.pdf"),
        ("con.jpg", JPG, "_con.jpg"),
        ("NUL", JPG, "_NUL.jpg"),
        ("com1.tar.jpg", JPG, "_com1.tar.jpg"),
        ("console.jpg", JPG, "console.jpg"),
        ('a<b>:"c"|?*.jpg', JPG, "a_b___c____.jpg"),
        (".jpg", JPG, "file.jpg"),
        ("", JPG, "file.jpg"),
        ("...", JPG, "file.jpg"),
        ("/", JPG, "file.jpg"),
        ("\u200d", JPG, "file.jpg"),
        (".htaccess", JPG, "htaccess.jpg"),
        ("  two   words .pdf", ".pdf", "two words.pdf"),
        ("Договор «о купле».pdf", ".pdf", "Договор «о купле».pdf"),
        ("สัญญา.pdf", ".pdf", "สัญญา.pdf"),
        ("Cafe\u0301.pdf", ".pdf", "Café.pdf"),
        ("speech.opus", ".ogg", "speech.opus"),
        ("recording.webm", ".ogg", "recording.webm.ogg"),
        ("clip.mp4", ".m4a", "clip.mp4"),
        ("archive.tar.gz", ".pdf", "archive.tar.gz.pdf"),
        ("lone\ud800.pdf", ".pdf", "lone.pdf"),
    ],
)
def test_what_becomes_of_a_name(sent: str, extension: str, kept: str) -> None:
    assert safe_name(sent, extension) == kept


@pytest.mark.parametrize("letter", ["a", "ж", "ก", "👩", "e\u0301\u0302"])
def test_long_names_keep_their_extension_and_whole_letters(letter: str) -> None:
    name = safe_name(letter * 300 + ".jpg", JPG)
    assert 240 <= len(name.encode()) <= MAX_NAME_BYTES and name.endswith(".jpg")


def test_a_family_is_not_torn() -> None:
    family = "👩\u200d👩\u200d👧"
    assert "\u200d.jpg" not in safe_name(family * 30 + ".jpg", JPG)


def test_a_very_long_extension_does_not_break_it() -> None:
    assert len(safe_name("a." + "x" * 500, JPG).encode()) <= MAX_NAME_BYTES


@given(st.text(max_size=400) | st.text(alphabet='./\\\0\r\n\u202e con"aж', max_size=300))
def test_any_name_becomes_safe(sent: str) -> None:
    name = safe_name(sent, JPG)
    assert name and len(name.encode()) <= MAX_NAME_BYTES
    assert not re.search('[\x00-\x1f\x7f/\\\\<>:"|?*\u202a-\u202e\u2066-\u2069]', name)
    assert name.lower().endswith((".jpg", ".jpeg", ".jpe", ".jfif")) and name[0] not in ". "
    assert safe_name(name, JPG) == name


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.jpg", 'inline; filename="a b.jpg"'),
        ("Café.pdf", "inline; filename=\"Cafe.pdf\"; filename*=UTF-8''Caf%C3%A9.pdf"),
        ('"q".pdf', "inline; filename=\"_q_.pdf\"; filename*=UTF-8''%22q%22.pdf"),
        ("a\\b%41.pdf", "inline; filename=\"a_b_41.pdf\"; filename*=UTF-8''a%5Cb%2541.pdf"),
        ("ж.pdf", "inline; filename=\"_.pdf\"; filename*=UTF-8''%D0%B6.pdf"),
        ("x\r\ny.pdf", "inline; filename=\"x__y.pdf\"; filename*=UTF-8''x__y.pdf"),
    ],
)
def test_the_header(name: str, header: str) -> None:
    assert content_disposition(name, "inline") == header


@given(st.text(max_size=100))
def test_any_name_goes_through_the_header(name: str) -> None:
    header = content_disposition(name, "attachment")
    assert header.isascii() and header.isprintable()
    _, _, encoded = header.partition("filename*=UTF-8''")
    if encoded:
        assert unquote(encoded) == re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "_", name)
    message = email.message.Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"
