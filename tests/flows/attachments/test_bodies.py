"""Bodies that come slowly, without end, or not to their end: the connection ends, and nothing is left."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flows.attachments.words import PNG
from tests.people import CHAT, Person, PersonMaker
from tests.servers import TIMEOUT, ChatServer, await_true

HEAD = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where that server keeps what it receives; other servers of the run use the system's folder."""
    return tmp_path_factory.mktemp("received")


@pytest.fixture(scope="module")
def impatient(start_server: Callable[..., ChatServer], folder: Path) -> ChatServer:
    """A server that waits half a second for the next bytes of a body."""
    return start_server(BODY_TIMEOUT="500ms", MAX_FILE_MB="1", TMPDIR=str(folder))


@pytest.fixture
def sender(impatient: ChatServer, make_person: PersonMaker, folder: Path) -> Iterator[Person]:
    """A user whose requests leave no file behind."""
    yield make_person("sender", server=impatient)
    await_true(lambda: not received(folder), what=lambda: f"left: {received(folder)}")


def received(folder: Path) -> list[Path]:
    """The folders of uploads that are there."""
    return list(folder.glob("chatapp-files-*"))


def begins(person: Person, length: int | None) -> socket.socket:
    """A request whose body is still to come; `length` None announces pieces of unknown number."""
    connection = socket.create_connection(("127.0.0.1", person.server.port), timeout=30)
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    connection.sendall(
        f"POST {CHAT}/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {person.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n{size}\r\n\r\n".encode()
    )
    return connection


def answer_of(connection: socket.socket) -> str:
    """Status line and what else comes until the server hangs up."""
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionResetError:  # since not all that was sent was read; the answer came before
        pass
    return received.decode()


def test_a_body_that_stops_is_given_up(sender: Person) -> None:
    with begins(sender, 100_000) as connection:
        connection.sendall(HEAD + PNG[:50])
        answer = answer_of(connection)
    assert answer.startswith("HTTP/1.1 400") and "bodyTimeout" in answer


def test_a_body_that_trickles_is_given_up(sender: Person) -> None:
    with begins(sender, 900_000) as connection:
        connection.sendall(HEAD)
        connection.settimeout(0.05)
        deadline, answer = time.monotonic() + TIMEOUT, b""
        while not answer and time.monotonic() < deadline:
            connection.sendall(b"x")
            try:
                answer = connection.recv(65_536)
            except TimeoutError:
                continue
        connection.settimeout(5)
        rest = answer_of(connection) if answer else ""
    assert answer.startswith(b"HTTP/1.1 400") and "bodyTimeout" in answer.decode() + rest


def test_a_body_that_is_cut_leaves_nothing(sender: Person) -> None:
    for length in (100_000, None):
        with begins(sender, length) as connection:
            connection.sendall(HEAD + PNG if length else b"20000\r\n" + HEAD + PNG)


def test_a_body_that_announces_too_much_is_refused_at_once(sender: Person) -> None:
    with begins(sender, 12 << 20) as connection:
        connection.sendall(HEAD)
        answer = answer_of(connection)
    assert answer.startswith("HTTP/1.1 413") and "tooLarge" in answer


@pytest.mark.parametrize("length", [None, 9 << 20])
def test_a_file_without_end_is_refused_where_it_is_too_large(sender: Person, length: int | None) -> None:
    piece = bytes(65_536)
    with begins(sender, length) as connection:
        sent = 0
        connection.sendall(HEAD if length else f"{len(HEAD):x}\r\n".encode() + HEAD + b"\r\n")
        try:
            while sent < 8 << 20:
                connection.sendall(piece if length else f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                sent += len(piece)
        except (ConnectionResetError, BrokenPipeError):
            assert sent >= 1 << 20
        answer = answer_of(connection)
    assert answer.startswith("HTTP/1.1 413") and "fileTooLarge" in answer


def test_chunks_that_are_none_are_refused(sender: Person) -> None:
    with begins(sender, None) as connection:
        connection.sendall(b"zzz\r\n" + HEAD)
        assert answer_of(connection).startswith("HTTP/1.1 400")


def test_chunks_that_are_none_are_no_json_either(sender: Person) -> None:
    with socket.create_connection(("127.0.0.1", sender.server.port), timeout=30) as connection:
        connection.sendall(
            f"POST {CHAT}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sender.token}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n{}".encode()
        )
        assert answer_of(connection).startswith("HTTP/1.1 400")


def test_a_slow_body_holds_up_nobody_else(sender: Person, make_person: PersonMaker) -> None:
    slow = [begins(sender, 100_000) for _ in range(50)]
    other = make_person("other", server=sender.server)
    assert other.gets("/unread-count").status == 200
    for connection in slow:
        connection.close()
