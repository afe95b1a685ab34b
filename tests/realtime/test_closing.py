"""Closing a connection: its handler ends at once, TCP with or without a response of the client."""

from __future__ import annotations

import struct

import pytest

from tests.realtime.conftest import EchoServer
from tests.realtime.raw_client import CLOSE, TEXT, encode


def test_a_handler_that_waits_for_the_client_wakes_at_once(echo_server: EchoServer) -> None:
    """The client does not respond, and yet it is removed before the grace is over."""
    before = echo_server.await_state(lambda state: state["sockets"] == 0)
    silent, other = echo_server.join("silent"), echo_server.join("alice")
    other.send_json({"type": "dismiss", "who": "silent"})
    other.read_json()
    echo_server.await_state(lambda state: state["sockets"] == 1)
    assert silent.read().close_code == 4409
    with pytest.raises(EOFError):
        silent.read()
    other.close()
    echo_server.await_state(lambda state: state["fds"] <= before["fds"])


def test_a_close_frame_is_found_behind_late_frames(echo_server: EchoServer) -> None:
    """Late frames are not handled, but read: unread bytes would reset the connection."""
    client, other = echo_server.join("late"), echo_server.join("alice")
    other.send_json({"type": "dismiss", "who": "late"})
    other.read_json()
    client.send_raw(encode(b'{"type":"echo"}') * 20_000)
    assert client.read_close() == 4409
    other.close()


def test_a_frame_in_progress_is_finished_and_its_response_dropped(echo_server: EchoServer) -> None:
    client, other = echo_server.join("busy"), echo_server.join("alice")
    client.send_json({"type": "sleep", "seconds": 0.5})
    client.send_json({"type": "echo"})
    other.send_json({"type": "dismiss", "who": "busy"})
    other.read_json()
    assert client.read_close() == 4409
    other.send_json({"type": "echo"})
    assert other.read_json() == {"type": "echo"}
    other.close()


@pytest.mark.parametrize(("payload", "code"), [(struct.pack("!H", 3000) + b"done", 3000), (b"", 1005)])
def test_a_client_that_closes_receives_its_own_code(echo_server: EchoServer, payload: bytes, code: int) -> None:
    client = echo_server.join("alice")
    client.send_raw(encode(b'{"type":"echo"}') + encode(payload, CLOSE) + encode(b'{"type":"echo"}'))
    frames = [client.read(), client.read()]
    assert [frame.opcode for frame in frames] == [TEXT, CLOSE]
    assert frames[1].close_code == code
    with pytest.raises(EOFError):
        client.read()
