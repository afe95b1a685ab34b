"""Responses that are not read, or hardly, are cut off; they cost little until then, and others nothing."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psutil
import pytest

from tests.database import Database
from tests.files.making_documents import padded_pdf
from tests.people import CHAT, SOCIAL, Person, PersonMaker
from tests.servers import ChatServer, await_true

MEGABYTE = 1 << 20
PIECE = 64 * 1024  # what a client must take within each deadline
COUNT = 100  # messages of the longest text: a numbered page of all of them has 4 MB


class Reader:
    """A client that asks for something over HTTP and reads as much of the response as a test says."""

    def __init__(self, person: Person, path: str, *, server: ChatServer | None = None) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", (server or person.server).port))
        self.port = self.socket.getsockname()[1]
        head = f"GET {path} HTTP/1.1\r\nHost: chat.test\r\nAuthorization: Bearer {person.token}\r\n\r\n"
        self.socket.sendall(head.encode())

    def begins(self) -> tuple[int, int]:
        """Read the head of the response; returns its status and the length that it announces."""
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1)
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length, head
        return int(head.split()[1]), int(length[1])

    def reads(self, most: int) -> int:
        """Read up to so many bytes; returns how many there were, 0 at the end of the connection."""
        try:
            return len(self.socket.recv(most))
        except ConnectionResetError:
            return 0


@pytest.fixture(scope="module")
def strict(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp that waits a second for each piece."""
    return start_server(REST_WRITE_DEADLINE="1s")


@pytest.fixture(scope="module")
def patient(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp that waits long for readers, and answers three requests of a person at once."""
    return start_server(REST_WRITE_DEADLINE="10m", MAX_REQUESTS_AT_ONCE="3")


@pytest.fixture(scope="module")
def people(strict: ChatServer, database: Database) -> Iterator[tuple[Person, Person]]:
    """Two people with a chat of COUNT long messages; the second reads slowly."""
    maker = PersonMaker(strict)
    alice, bob = maker("alice"), maker("bob")
    for _ in range(COUNT):
        sent = alice.sends("short", to=bob)
    long = "\N{OCTOPUS}" * 10_000
    database.change("UPDATE messages SET content = %s WHERE chat_id = %s", long, sent["chat_id"])
    alice.chat_id = bob.chat_id = sent["chat_id"]  # type: ignore[attr-defined]
    yield alice, bob
    maker.close_sockets()


@pytest.fixture
def bob(people: tuple[Person, Person]) -> Person:
    return people[1]


@pytest.fixture
def whole_page(bob: Person) -> str:
    """The path of a response of 4 MB."""
    return f"{CHAT}/messages?chat_id={bob.chat_id}&limit={COUNT}"  # type: ignore[attr-defined]


def worker_of(server: ChatServer) -> psutil.Process:
    (worker,) = psutil.Process(server.process.pid).children()
    return worker


def held_by(server: ChatServer, readers: list[Reader]) -> int:
    """How many of the connections the worker still holds."""
    ports = {reader.port for reader in readers}
    links = worker_of(server).net_connections("tcp4")
    return sum(link.raddr.port in ports for link in links if link.raddr)


@pytest.mark.parametrize(("path", "count"), [("/messages/since?since=2020-01-01T00:00:00Z&limit=500", 40), ("", 8)])
def test_responses_that_nobody_reads_cost_little_and_are_cut_off(
    strict: ChatServer, bob: Person, whole_page: str, path: str, count: int
) -> None:
    path = CHAT + path if path else whole_page
    assert bob.server.get(path, token=bob.token).status == 200
    before = worker_of(strict).memory_info().rss
    readers = [Reader(bob, path) for _ in range(count)]
    assert [reader.begins()[0] for reader in readers] == [200] * count
    assert worker_of(strict).memory_info().rss - before < 64 * MEGABYTE
    await_true(lambda: held_by(strict, readers) == 0)
    assert bob.server.get(path, token=bob.token).status == 200


def test_a_reader_that_trickles_is_cut_off_although_it_never_stops(bob: Person, whole_page: str) -> None:
    reader = Reader(bob, whole_page)
    status, length = reader.begins()
    assert (status, length > 4 * MEGABYTE * 0.9) == (200, True)
    got = count = 0
    while count := reader.reads(1024):
        got += count
        time.sleep(0.05)  # 20 KB/s, where 64 KB/s are asked for
    assert got < length


def test_a_slow_reader_gets_all_of_it(bob: Person, whole_page: str) -> None:
    """It takes several times the deadline for all, and much less for a piece."""
    reader = Reader(bob, whole_page)
    _, length = reader.begins()
    got, next_pause = 0, 0
    started = time.monotonic()
    while got < length:
        count = reader.reads(min(PIECE, length - got))
        assert count, f"cut off after {got} of {length} bytes"
        got += count
        if got >= next_pause:
            time.sleep(0.1)
            next_pause += 2 * PIECE
    assert time.monotonic() - started > 2  # twice the deadline: pauses of 3 s in all


def test_a_download_that_nobody_reads_is_cut_off(strict: ChatServer, people: tuple[Person, Person]) -> None:
    alice, bob = people
    message = alice.sends("look", to=bob)
    form = [("files", ("long.pdf", padded_pdf(4 * MEGABYTE), "application/pdf"))]
    reply = strict.post(f"{CHAT}/messages/{message['id']}/attachments", token=alice.token, files=form)
    path = f"{CHAT}/attachments/{reply.data[0]['id']}/download"
    readers = [Reader(bob, path) for _ in range(3)]
    assert [reader.begins()[0] for reader in readers] == [200] * 3
    await_true(lambda: held_by(strict, readers) == 0)
    assert len(strict.request("GET", path, token=bob.token).text) > 0


def test_only_so_many_requests_of_a_person_are_answered_at_once(
    patient: ChatServer, people: tuple[Person, Person], whole_page: str
) -> None:
    """Each is counted until its response has left; others are not concerned, and nothing stays counted."""
    alice, bob = people

    def ask(person: Person, path: str) -> int:
        return patient.get(path, token=person.token).status

    with ExitStack() as stack:
        for _ in range(3):
            reader = Reader(bob, whole_page, server=patient)
            stack.callback(reader.socket.close)
            assert reader.begins()[0] == 200
        refused = patient.get(f"{CHAT}/unread-count", token=bob.token)
        assert (refused.status, refused.error) == (429, "marketplace.rateLimitExceeded")
        assert int(refused.headers["Retry-After"]) >= 1
        refused = patient.get(f"{SOCIAL}/conversations/unread-count", token=bob.token)
        assert (refused.status, refused.code) == (429, "RATE_LIMIT_EXCEEDED")
        assert ask(alice, f"{CHAT}/unread-count") == 200
    await_true(lambda: ask(bob, f"{CHAT}/unread-count") == 200)


@pytest.mark.parametrize(
    "path", ["/unread-count", "/messages?chat_id=1", "/messages?nonsense=1", "/messages/1/history"]
)
def test_requests_of_any_outcome_are_counted_only_while_they_last(patient: ChatServer, bob: Person, path: str) -> None:
    statuses = {patient.get(CHAT + path, token=bob.token).status for _ in range(10)}
    assert len(statuses) == 1 and statuses < {200, 404, 422}


def test_downloads_are_counted_only_while_they_last(patient: ChatServer, people: tuple[Person, Person]) -> None:
    alice, bob = people
    message = alice.sends("look", to=bob)
    form = [("files", ("short.pdf", padded_pdf(1000), "application/pdf"))]
    reply = patient.post(f"{CHAT}/messages/{message['id']}/attachments", token=alice.token, files=form)
    path = f"{CHAT}/attachments/{reply.data[0]['id']}/download"
    for method in ("GET", "HEAD"):
        assert [patient.request(method, path, token=bob.token).status for _ in range(5)] == [200] * 5
