"""Each toxic changes connections as documented."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from chaos.toxics import (
    Bandwidth,
    BlackHole,
    Latency,
    LimitData,
    Relay,
    ResetPeer,
    Slicer,
    SlowClose,
    Timeout,
)


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    """The port of a server that echoes data and closes when the client does."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except ConnectionError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def relay(echo: int) -> Iterator[Relay]:
    """A relay without toxics before the echo server."""
    with Relay(echo) as running:
        yield running


@pytest.fixture
def client(relay: Relay) -> Iterator[socket.socket]:
    """A working connection through the relay."""
    with socket.create_connection(("127.0.0.1", relay.port), timeout=30) as connection:
        assert echo_of(connection, b"hello") == b"hello"
        yield connection


def echo_of(connection: socket.socket, data: bytes) -> bytes:
    """Send data, and return its echo, or as much as arrived before the connection ended."""
    connection.sendall(data)
    received = b""
    while len(received) < len(data) and (part := connection.recv(65536)):
        received += part
    return received


def seconds_to_echo(connection: socket.socket, data: bytes) -> float:
    started = time.monotonic()
    assert echo_of(connection, data) == data
    return time.monotonic() - started


def test_latency(relay: Relay, client: socket.socket) -> None:
    relay.poison(Latency(0.1))
    assert seconds_to_echo(client, b"x") >= 0.2


def test_bandwidth(relay: Relay, client: socket.socket) -> None:
    relay.poison(Bandwidth(10_000), only="down")
    assert seconds_to_echo(client, b"x" * 3000) >= 0.2


def test_slicer(relay: Relay, client: socket.socket) -> None:
    relay.poison(Slicer(1, 0.01), only="down")
    assert seconds_to_echo(client, b"x" * 20) >= 0.2


def test_slow_close(relay: Relay, client: socket.socket) -> None:
    relay.poison(SlowClose(0.2), only="down")
    started = time.monotonic()
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    assert time.monotonic() - started >= 0.2


def test_timeout(relay: Relay, client: socket.socket) -> None:
    relay.poison(Timeout(0.2), only="up")
    started = time.monotonic()
    assert echo_of(client, b"x") == b""
    assert time.monotonic() - started >= 0.2


def test_reset_peer(relay: Relay, client: socket.socket) -> None:
    relay.poison(ResetPeer())
    with pytest.raises(ConnectionResetError):
        echo_of(client, b"x")


def test_limit_data(relay: Relay, client: socket.socket) -> None:
    relay.poison(LimitData(15), only="down")
    assert echo_of(client, b"y" * 100) == b"y" * 10, "five bytes passed before"


def test_down_and_up(relay: Relay, client: socket.socket) -> None:
    relay.down()
    assert client.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", relay.port))
    relay.up()
    with socket.create_connection(("127.0.0.1", relay.port), timeout=30) as again:
        assert echo_of(again, b"again") == b"again"


@pytest.mark.parametrize("direction", [None, "up", "down"])
def test_black_hole(relay: Relay, client: socket.socket, direction: str | None) -> None:
    relay.poison(BlackHole(), only=direction)  # type: ignore[arg-type]
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        echo_of(client, b"x")
    relay.heal()
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_watcher_sees_passing_data(echo: int) -> None:
    seen: list[tuple[str, bytes]] = []
    with (
        Relay(echo, watch=lambda direction, data, port: seen.append((direction, data))) as relay,
        socket.create_connection(("127.0.0.1", relay.port), timeout=30) as connection,
    ):
        echo_of(connection, b"look")
    assert seen == [("up", b"look"), ("down", b"look")]
