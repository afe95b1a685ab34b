"""The virus scanner: the real daemon where it can be installed, and its absence."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.errors import TooLarge, Unavailable
from chatapp.files.scanning import Scanner, parse_address
from tests.files import clamd
from tests.files.clamd import EICAR, Clamd
from tests.files.corpus import JPEG, PDF

LIMIT = 2 << 20  # bytes


@pytest.fixture(scope="module")
def daemon() -> Iterator[Clamd]:
    program = clamd.needed_program()
    with (
        tempfile.TemporaryDirectory(prefix="clamd-") as folder,
        Clamd(program, Path(folder), max_bytes=LIMIT) as running,
    ):
        yield running


@pytest.fixture(params=[0, 1], ids=["unix", "tcp"])
def scanner(request: pytest.FixtureRequest, daemon: Clamd) -> Scanner:
    return Scanner(daemon.urls[request.param])


def written(folder: Path, content: bytes) -> Path:
    path = folder / "sent"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content", [b"", b"hello", JPEG, PDF, bytes(1 << 20)], ids=["empty", "text", "jpeg", "pdf", "1 MB"]
)
def test_clean_files_are_clean(content: bytes, scanner: Scanner, tmp_path: Path) -> None:
    assert scanner.scan(written(tmp_path, content)).is_clean


@pytest.mark.parametrize(
    "content", [EICAR, JPEG + EICAR, bytes(300_000) + EICAR], ids=["alone", "in a picture", "later"]
)
def test_infected_files_are_found(content: bytes, scanner: Scanner, tmp_path: Path) -> None:
    verdict = scanner.scan(written(tmp_path, content))
    assert not verdict.is_clean and verdict.signature == "Eicar-Test-Signature.UNOFFICIAL"


@pytest.mark.parametrize("size", [LIMIT + 1, 8 * LIMIT])
def test_more_than_the_daemon_takes_is_told(size: int, scanner: Scanner, tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="file_too_large_to_scan"):
        scanner.scan(written(tmp_path, bytes(size)))


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.sock", "tcp://name.invalid:3310"])
def test_an_absent_daemon_is_unavailable(url: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="scanner_unavailable"):
        Scanner(url).scan(written(tmp_path, b"x"))


@pytest.mark.parametrize("answer", [b"", b"INSTREAM: Can't allocate memory ERROR\0", b"\xff\xfe\0", b"x" * 100_000])
def test_other_answers_are_no_verdict(answer: bytes, tmp_path: Path) -> None:
    """A server that speaks on the daemon's port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while not connection.recv(65_536).endswith(bytes(4)):
                    pass
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Unavailable):
            Scanner(f"tcp://127.0.0.1:{server.getsockname()[1]}").scan(written(tmp_path, b"hello"))
        thread.join(10)


def test_a_silent_daemon_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(Unavailable):
        Scanner(f"tcp://127.0.0.1:{server.getsockname()[1]}", deadline=0.3).scan(written(tmp_path, b"hello"))


@pytest.mark.parametrize("url", ["", "clamd:3310", "http://clamd:3310", "unix://relative/path", "tcp://", "unix:"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_address(url)


def test_addresses() -> None:
    assert parse_address("tcp://clamd") == ("clamd", 3310)
    assert parse_address("tcp://[::1]:99") == ("::1", 99)
    assert parse_address("unix:///run/clamd.ctl") == "/run/clamd.ctl"
