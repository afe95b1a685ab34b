"""A slow, dead or flooding client does not affect others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.realtime.conftest import EchoServer, run_echo_server
from tests.realtime.raw_client import CLOSE, PING, PONG, TEXT, Frame, encode

MEGABYTE = 1 << 20


def test_frames_of_many_greenlets_reach_a_slow_reader_whole(echo_server: EchoServer) -> None:
    """900 KB through small buffers: the OS accepts only part of most writes."""
    slow, other = echo_server.join("slow", receive_buffer=4096), echo_server.join("alice")
    for _ in range(3):
        other.send_json({"type": "pour", "to": "slow", "frames": 3, "bytes": 10_000, "greenlets": 30})
        slow.send_json({"type": "echo"})
        texts = [slow.read().payload for _ in range(91)]
        texts.remove(b'{"type":"echo"}')
        assert all(text == text[:1] * 10_000 for text in texts)
        assert {text[:1] for text in texts} == {bytes((97 + number,)) for number in range(26)}
    slow.close()
    other.close()


def test_a_client_that_reads_too_slowly_is_closed_with_4413_and_uses_little_memory(echo_server: EchoServer) -> None:
    before = echo_server.state()["rss"]
    slow, other = echo_server.join("lazy", receive_buffer=4096), echo_server.join("alice")
    other.send_json({"type": "pour", "to": "lazy", "frames": 1000, "bytes": 20_000, "greenlets": 4})
    other.read_json()
    state = echo_server.state()
    assert state["rss"] - before < 8 * MEGABYTE
    frame = slow.read()
    while frame.opcode == TEXT:
        assert frame.payload == frame.payload[:1] * 20_000
        frame = slow.read()
    assert (frame.opcode, frame.close_code) == (CLOSE, 4413)
    slow.close()
    other.close()


def test_a_client_that_reads_nothing_is_disconnected_within_the_deadline() -> None:
    with run_echo_server(WS_WRITE_DEADLINE="1") as server:
        other = server.join("alice")
        fds = server.state()["fds"]
        dead = server.join("dead", receive_buffer=4096)
        other.send_json({"type": "pour", "to": "dead", "frames": 1, "bytes": 20_000, "greenlets": 40})
        other.read_json()
        server.await_state(lambda state: state["sockets"] == 1)
        server.await_state(lambda state: state["fds"] == fds)
        dead.close()


def test_a_flood_is_read_only_as_fast_as_it_is_handled(echo_server: EchoServer) -> None:
    before = echo_server.state()["rss"]
    client = echo_server.join("flooder")
    client.send_json({"type": "sleep", "seconds": 1.5})
    client.sock.settimeout(0.5)
    frame, sent = encode(b'{"type":"echo","pad":"' + b"a" * 1000 + b'"}'), 0
    with pytest.raises(TimeoutError):
        for _ in range(100_000):
            client.send_raw(frame)
            sent += 1
    assert echo_server.state()["rss"] - before < 8 * MEGABYTE
    client.sock.settimeout(10)
    assert client.read_json()["type"] == "sleep"
    for _ in range(sent):
        assert client.read_json()["type"] == "echo"
    client.close()


def test_a_flood_of_pings_leaves_the_loop_to_others_and_memory_flat(echo_server: EchoServer) -> None:
    before = echo_server.state()["rss"]
    flooder, other = echo_server.join("flooder"), echo_server.join("alice")
    flooder.sock.setblocking(False)
    pings = encode(b"a" * 100, PING) * 500
    flooded = 0
    while flooded < 40 * len(pings):
        try:
            flooded += flooder.sock.send(pings)
        except BlockingIOError:
            assert flooder.sock.fileno() >= 0
        other.send_json({"type": "echo"})  # its response comes between two reads of the endless flood
        other.read_json()
    assert echo_server.state()["rss"] - before < 8 * MEGABYTE
    flooder.close()
    other.close()


def test_many_small_pings_at_once_all_get_a_pong_even_if_the_client_reads_slowly(echo_server: EchoServer) -> None:
    """A read contains hundreds, more than pongs may be queued, and the kernel does not accept all pongs."""
    client, other, count = echo_server.join("slow", receive_buffer=4096), echo_server.join("alice"), 30_000
    with ThreadPoolExecutor() as pool:
        sending = pool.submit(client.send_raw, encode(b"0123456789", PING) * count + encode(b'{"type":"echo"}'))
        for _ in range(200):  # iterations of the server's loop, in which it reads until pongs are queued
            other.send_json({"type": "echo"})
            other.read_json()
        assert {client.read() for _ in range(count)} == {Frame(0x80 | PONG, b"0123456789")}
        sending.result()
    assert client.read_json() == {"type": "echo"}
    client.close()
    other.close()


def test_clients_that_come_and_go_leave_nothing_behind(echo_server: EchoServer) -> None:
    before = echo_server.await_state(lambda state: state["sockets"] == 0)
    for number in range(60):
        client = echo_server.connect("/socket?token=alice" if number % 2 else "/socket")
        if number % 3:
            client.send_raw(encode(b"half")[:5])
        client.close()
    echo_server.await_state(lambda now: now["sockets"] == 0 and now["fds"] <= before["fds"] + 2)
