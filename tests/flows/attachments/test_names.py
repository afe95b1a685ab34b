"""What clients call their files, through the wire and back: safe to show, safe to save, and whole for honest names."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from tests.flows.attachments.conftest import Message
from tests.flows.attachments.words import PNG, fetches
from tests.people import CHAT, Person

pytestmark = pytest.mark.usefixtures("clean_log")

NAMES = {
    b"cat.png": "cat.png",
    "отчёт за март.png".encode(): "отчёт за март.png",
    "รูปแมว.png".encode(): "รูปแมว.png",
    b'a \\"quoted\\" name.png': "a _quoted_ name.png",
    b"../../etc/passwd": "passwd.png",
    b"..\\\\..\\\\windows\\\\system.ini": "system.ini.png",
    b"/etc/shadow.png": "shadow.png",
    b"a\0b.png": "ab.png",
    b"shell.php.jpg": "shell.php.jpg.png",
    b"page.html": "page.html.png",
    b"dot.png.": "dot.png",
    "photo\u202egnp.exe".encode(): "photognp.exe.png",
    b"CON.png": "_CON.png",
    b"   ": "file.png",
    b"..": "file.png",
}


@pytest.mark.parametrize("sent", NAMES)
def test_a_name_is_made_safe(sent: bytes, alice: Person, message: Message) -> None:
    (file,) = _adds(alice, message, sent)
    assert file["file_name"] == NAMES[sent]
    disposition = fetches(alice, file).headers["Content-Disposition"]
    assert disposition.startswith("inline; filename=")
    if not file["file_name"].isascii():
        assert unquote(disposition.rpartition("filename*=UTF-8''")[2]) == file["file_name"]


def test_a_name_of_300_characters_keeps_its_end(alice: Person, message: Message) -> None:
    (file,) = _adds(alice, message, ("ж" * 300 + ".png").encode())
    assert len(file["file_name"].encode()) <= 255
    assert file["file_name"].startswith("жжж") and file["file_name"].endswith(".png")


def test_line_breaks_do_not_leave_the_header(alice: Person, message: Message) -> None:
    (file,) = _adds(alice, message, b"a%0d%0aSet-Cookie: x=1.png")
    answer = fetches(alice, file)
    assert "Set-Cookie" not in answer.headers
    assert "\n" not in file["file_name"]


def _adds(person: Person, message: Message, name: bytes) -> list[dict[str, str]]:
    """Clients escape names differently, so this one is put into the form byte by byte."""
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n\r\n'
    path = f"{CHAT}/messages/{message['id']}/attachments"
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    body = head + PNG + b"\r\n--b--\r\n"
    reply = person.server.request("POST", path, token=person.token, data=body, headers=form)
    assert reply.status == 200, reply.text
    added: list[dict[str, str]] = reply.data
    return added
