"""Bytes through the server: whole, in ranges, or not at all when they are known; and nothing in them runs."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests

from tests.flows.attachments.conftest import Message
from tests.flows.attachments.words import PDF, adds, fetches, fetches_path, named, social_file
from tests.people import CHAT, Person, PersonMaker
from tests.servers import ChatServer, await_true

pytestmark = pytest.mark.usefixtures("clean_log")

SIZE = len(PDF)


@pytest.fixture(scope="module")
def owner(server: ChatServer) -> Iterator[Person]:
    """Whose file is downloaded."""
    maker = PersonMaker(server)
    owner = maker("owner")
    owner.reader = maker("reader")  # type: ignore[attr-defined]
    yield owner


@pytest.fixture(scope="module")
def file(owner: Person) -> Message:
    """A document, which is stored as it was sent."""
    message = owner.sends("look", to=owner.reader)  # type: ignore[attr-defined]
    return adds(owner, message, named("contract.pdf", PDF))[0]


def test_all_of_it(owner: Person, file: Message) -> None:
    answer = fetches(owner, file)
    assert (answer.status_code, answer.content) == (200, PDF)
    expected = {
        "Content-Type": "application/pdf",
        "Content-Length": str(SIZE),
        "Content-Disposition": 'inline; filename="contract.pdf"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected


def test_its_head(owner: Person, file: Message) -> None:
    answer, whole = fetches(owner, file, "HEAD"), fetches(owner, file)
    assert (answer.status_code, answer.content) == (200, b"")
    for name in ("Content-Length", "ETag", "Last-Modified", "Content-Type", "Content-Disposition"):
        assert answer.headers[name] == whole.headers[name]


RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=0-99": (0, 100),
    "bytes=10-": (10, SIZE),
    "bytes=-5": (SIZE - 5, SIZE),
    f"bytes=0-{SIZE + 100}": (0, SIZE),
    f"bytes=-{SIZE * 2}": (0, SIZE),
    f"bytes={SIZE - 1}-": (SIZE - 1, SIZE),
}


@pytest.mark.parametrize("wanted", RANGES)
def test_a_range_of_it(wanted: str, owner: Person, file: Message) -> None:
    start, stop = RANGES[wanted]
    answer = fetches(owner, file, Range=wanted)
    assert answer.content == PDF[start:stop]
    assert int(answer.headers["Content-Length"]) == stop - start
    if (start, stop) != (0, SIZE):
        assert answer.status_code == 206
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,5-9", "bytes=", "lines=1-2", "bytes=b-a", "bytes=5-2", "bytes=-0", "rubbish"]
)
def test_what_is_no_single_range_is_answered_with_all(wanted: str, owner: Person, file: Message) -> None:
    answer = fetches(owner, file, Range=wanted)
    assert (answer.status_code, answer.content) == (200, PDF)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", "bytes=999999999-"])
def test_a_range_beyond_its_end_is_refused(wanted: str, owner: Person, file: Message) -> None:
    answer = fetches(owner, file, Range=wanted)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert answer.json()["error"] == "marketplace.rangeNotSatisfiable"


def test_who_has_it_is_told_so(owner: Person, file: Message) -> None:
    known = fetches(owner, file).headers
    for headers in (
        {"If-None-Match": known["ETag"]},
        {"If-None-Match": f'"other", {known["ETag"]}'},
        {"If-None-Match": f"W/{known['ETag']}"},
        {"If-None-Match": "*"},
        {"If-Modified-Since": known["Last-Modified"]},
    ):
        answer = fetches(owner, file, **headers)
        assert (answer.status_code, answer.content) == (304, b""), headers
        assert answer.headers["ETag"] == known["ETag"]
    assert fetches(owner, file, If_None_Match='"other"').status_code == 200
    assert fetches(owner, file, If_Match='"other"').status_code == 412


def test_a_range_only_of_what_is_known(owner: Person, file: Message) -> None:
    known = fetches(owner, file).headers
    for condition in (known["ETag"], known["Last-Modified"]):
        assert fetches(owner, file, Range="bytes=0-9", If_Range=condition).status_code == 206
    for condition in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT"):
        answer = fetches(owner, file, Range="bytes=0-9", If_Range=condition)
        assert (answer.status_code, answer.content) == (200, PDF)


def test_nobody_else_learns_that_it_is_there(owner: Person, file: Message, carol: Person) -> None:
    there, nowhere = fetches(carol, file), fetches(carol, {"id": 987654321})
    assert there.status_code == nowhere.status_code == 404
    different = {"request_id"}
    assert {k: v for k, v in there.json().items() if k not in different} == {
        k: v for k, v in nowhere.json().items() if k not in different
    }
    assert fetches(carol, file, Range="bytes=0-0").status_code == 404
    assert fetches(carol, file, If_None_Match="*").status_code == 404
    assert fetches(carol, file, "HEAD").status_code == 404
    assert requests.get(f"{owner.server.url}{CHAT}/attachments/{file['id']}/download", timeout=30).status_code == 401


def test_it_is_the_same_in_both_dialects(owner: Person, file: Message) -> None:
    (chat,) = owner.social.conversations()
    (shown,) = owner.social.gets(f"/conversations/{chat['id']}/files").data["files"]
    answer = fetches_path(owner, social_file(shown["id"]))
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["ETag"] == fetches(owner, file).headers["ETag"]


def test_who_leaves_in_the_middle_leaves_nothing_open(owner: Person, file: Message) -> None:
    request = f"GET {CHAT}/attachments/{file['id']}/download HTTP/1.1\r\nHost: x\r\n"
    request += f"Authorization: Bearer {owner.token}\r\n\r\n"
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", owner.server.port)) as connection:
            connection.sendall(request.encode())
    await_true(lambda: fetches(owner, file).content == PDF)
