"""Quiet connections are pinged, silent ones closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.realtime.conftest import EchoServer, run_echo_server
from tests.realtime.raw_client import PING, PONG


@pytest.fixture(scope="module")
def impatient_server() -> Iterator[EchoServer]:
    with run_echo_server(WS_PING_PERIOD="1", WS_PONG_WAIT="3") as server:
        yield server


def test_a_silent_client_is_closed_with_4408_and_then_disconnected(impatient_server: EchoServer) -> None:
    """It does not respond to the close frame, so the server must end TCP."""
    client, frames = impatient_server.join("silent"), []
    with pytest.raises(EOFError):
        while True:
            frames.append(client.read())
    assert [frame.opcode for frame in frames[:-1]] == [PING] * (len(frames) - 1)
    assert len(frames) > 1
    assert frames[-1].close_code == 4408
    impatient_server.await_state(lambda state: state["sockets"] == 0)


def test_a_client_that_responds_to_pings_stays(impatient_server: EchoServer) -> None:
    client = impatient_server.join("quiet")
    for _ in range(5):  # a second apart: longer in all than a silent client may stay
        frame = client.read()
        assert frame.opcode == PING
        client.send(frame.payload, PONG)
    client.send_json({"type": "echo"})
    assert client.read_json() == {"type": "echo"}
    client.close()


def test_a_client_whose_frame_is_being_handled_is_not_considered_dead(impatient_server: EchoServer) -> None:
    """Its pongs are not read meanwhile, so its silence counts only from the response."""
    client = impatient_server.join("patient")
    client.send_json({"type": "sleep", "seconds": 4.5})
    while (frame := client.read()).opcode == PING:
        client.send(frame.payload, PONG)
    assert frame.payload == b'{"type":"sleep","seconds":4.5}'
    client.send_json({"type": "echo"})
    assert client.read_json() == {"type": "echo"}
    client.close()
