"""A client that sends faster than its allowance loses nothing and costs others nothing: it is read later.

Times are lower bounds only, which hold on a machine of any speed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.realtime.conftest import EchoServer, run_echo_server
from tests.realtime.raw_client import PING, PONG, TEXT, encode

PER_SECOND = 100  # so that a burst of 200 passes at once


@pytest.fixture(scope="module")
def paced_server() -> Iterator[EchoServer]:
    with run_echo_server(WS_FRAMES_PER_SECOND=str(PER_SECOND)) as server:
        yield server


def seconds_until(server: EchoServer, sent: bytes, opcode: int, answers: int) -> float:
    """Seconds until the server has responded to everything."""
    client = server.connect("/echo", timeout=60.0)
    started = time.monotonic()
    client.send_raw(sent)
    received = [client.read().opcode for _ in range(answers)]
    took = time.monotonic() - started
    assert received == [opcode] * answers
    client.close()
    return took


@pytest.mark.parametrize(
    ("sent", "opcode", "answers"),
    [
        (encode(b"{}") * 400, TEXT, 400),
        (encode(b"", PING) * 400, PONG, 400),
        (encode(b"a", fin=False) + encode(b"a", 0, fin=False) * 398 + encode(b"a", 0) + encode(b"{}"), TEXT, 2),
        (encode(b"", fin=False) + encode(b"", 0, fin=False) * 398 + encode(b"a", 0) + encode(b"{}"), TEXT, 2),
        (encode(b"a" * 50_000) * 9, TEXT, 9),
    ],
    ids=["messages", "pings", "fragments", "empty fragments", "large messages"],
)
def test_a_flood_is_throttled(paced_server: EchoServer, sent: bytes, opcode: int, answers: int) -> None:
    assert seconds_until(paced_server, sent, opcode, answers) > 1.8


def test_a_throttled_client_can_be_closed(paced_server: EchoServer) -> None:
    flooding, other = paced_server.join("flooding"), paced_server.join("other")
    flooding.send_raw(encode(b'{"type":"echo"}') * 6000)  # a minute's worth
    other.send_json({"type": "dismiss", "who": "flooding"})
    assert other.read_json()["type"] == "dismiss"
    answered = 0
    while (frame := flooding.read()).opcode == TEXT:
        answered += 1
    assert frame.close_code == 4409
    assert answered < 6000
    flooding.close()
    other.close()


def test_a_throttled_client_is_not_considered_dead() -> None:
    with run_echo_server(WS_FRAMES_PER_SECOND="1", WS_PING_PERIOD="1", WS_PONG_WAIT="2") as server:
        client = server.join("slow")
        client.send_raw(encode(b'{"type":"echo"}') * 8)
        answered = 0
        while answered < 8:
            frame = client.read()
            assert frame.opcode in (TEXT, PING), frame
            answered += frame.opcode == TEXT
        client.close()
