"""Which requests open a socket, and the responses to others."""

from __future__ import annotations

import pytest

from tests.realtime.conftest import EchoServer, run_echo_server
from tests.realtime.raw_client import BINARY, encode


def test_no_extension_is_negotiated(echo_server: EchoServer) -> None:
    client = echo_server.connect(headers={"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"})
    assert client.status == 101
    assert "sec-websocket-extensions" not in client.headers
    client.close()


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/socket?token=123", {}, 4401),
        ("/socket?ticket=forged", {}, 4401),
        ("/socket?ticket=forged&token=alice", {}, 4401),
        ("/socket", {"Sec-WebSocket-Protocol": "access_token, 123"}, 4401),
        ("/socket?token=banned", {}, 4403),
        ("/socket?token=alice", {"Origin": "https://shop.example.evil"}, 4403),
        ("/socket?token=alice", {"Origin": "null"}, 4403),
        ("/socket?token=alice&limited=1", {}, 4429),
    ],
)
def test_a_refused_handshake_is_accepted_and_closed_with_its_code(
    echo_server: EchoServer, path: str, headers: dict[str, str], code: int
) -> None:
    client = echo_server.connect(path, headers=headers)
    assert client.status == 101
    assert client.read_close() == code


def test_a_client_that_speaks_before_it_is_refused_still_reads_the_code(echo_server: EchoServer) -> None:
    """Unread bytes in our buffer at the moment of closing would make TCP drop the close frame."""
    client = echo_server.connect("/socket?token=123")
    client.send_raw(b"\x81\xfe\x40\x00\0\0\0\0" + b"a" * 16384)
    assert client.read_close() == 4401


@pytest.mark.parametrize("offered", ["access_token, alice", "access_token, Bearer_alice", "alice,access_token"])
def test_a_token_as_subprotocol_opens_and_only_its_marker_is_echoed(echo_server: EchoServer, offered: str) -> None:
    client = echo_server.connect("/socket", headers={"Sec-WebSocket-Protocol": offered})
    assert client.headers["sec-websocket-protocol"] == "access_token"
    assert client.read_json()["username"] == "alice"
    client.close()


def test_a_ticket_opens(echo_server: EchoServer) -> None:
    client = echo_server.connect("/socket?ticket=good-ticket", headers={"Origin": "https://shop.example"})
    assert client.read_json()["username"] == "ticketholder"
    client.close()


@pytest.mark.parametrize("frame", [{"type": "auth", "token": "carol"}, {"type": "auth", "payload": {"token": "carol"}}])
def test_a_first_frame_opens(echo_server: EchoServer, frame: dict[str, object]) -> None:
    client = echo_server.connect("/socket")
    client.send_json(frame)
    assert client.read_json()["username"] == "carol"
    client.close()


@pytest.mark.parametrize("frame", ['{"type":"ping"}', '{"type":"auth"}', '{"type":"auth","token":1}', "{", "[]"])
def test_another_first_frame_is_refused(echo_server: EchoServer, frame: str) -> None:
    client = echo_server.connect("/socket")
    client.send(frame)
    assert client.read_close() == 4401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": ""}, 426),
        ({"Sec-WebSocket-Key": ""}, 400),
        ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
        ({"Sec-WebSocket-Key": "???"}, 400),
        ({"Upgrade": ""}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Host": ""}, 400),
        ({"Content-Length": "5"}, 400),
        ({"Transfer-Encoding": "chunked"}, 400),
        ({"Connection": "keep-alive"}, 400),
        ({"Host": "a..b"}, 400),
    ],
)
def test_what_is_no_upgrade_gets_an_http_error(echo_server: EchoServer, headers: dict[str, str], status: int) -> None:
    refused = echo_server.connect(headers=headers)
    assert refused.status == status
    if status == 426:
        sent = {name: refused.headers[name] for name in ("sec-websocket-version", "upgrade")}
        assert sent == {"sec-websocket-version": "13", "upgrade": "websocket"}


def test_an_upgrade_over_http_1_0_is_refused(echo_server: EchoServer) -> None:
    assert echo_server.connect(version="HTTP/1.0").status == 400


def test_frames_right_behind_the_handshake_are_read(echo_server: EchoServer) -> None:
    auth = encode(b'{"type":"auth","token":"carol"}')
    several = b"".join(encode(b'{"type":"echo","n":%d}' % n) for n in range(20))
    client = echo_server.connect("/socket", behind=auth + several[:-7])
    assert client.read_json()["username"] == "carol"
    client.send_raw(several[-7:])  # the last frame begins behind the handshake and ends in a segment of its own
    assert [client.read_json()["n"] for _ in range(20)] == list(range(20))
    client.close()


def test_a_refused_client_that_spoke_behind_its_handshake_reads_the_code(echo_server: EchoServer) -> None:
    client = echo_server.connect("/socket?token=123", behind=encode(b'{"type":"echo"}'))
    assert client.read_close() == 4401


@pytest.mark.parametrize("message", ["{", "[1]", "1", '"text"', "null", '{"a":NaN}', "[" * 60000, '{"a":' * 2000])
def test_a_malformed_frame_is_answered_and_the_socket_stays_open(echo_server: EchoServer, message: str) -> None:
    client = echo_server.join("alice")
    client.send(message)
    assert client.read_json()["type"] == "error"
    client.send_json({"type": "echo"})
    assert client.read_json() == {"type": "echo"}
    client.close()


def test_a_binary_frame_is_answered_with_an_error(echo_server: EchoServer) -> None:
    client = echo_server.join("alice")
    client.send(b'{"type":"echo"}', BINARY)
    assert client.read_json()["error"] == "binary_frame"
    client.close()


@pytest.mark.parametrize(("order", "error"), [("fail", "internal_error"), ("refuse", "as_commanded")])
def test_a_frame_that_fails_leaves_the_socket_open(echo_server: EchoServer, order: str, error: str) -> None:
    client = echo_server.join("alice")
    client.send_json({"type": order})
    assert client.read_json() == {"type": "error", "error": error, "about": order}
    client.send_json({"type": "echo"})
    assert client.read_json() == {"type": "echo"}
    client.close()


def test_ten_malformed_frames_in_a_row_close_with_4400(echo_server: EchoServer) -> None:
    client = echo_server.join("alice")
    for message in ["{"] * 9 + ["{}"] + ["{"] * 9:
        client.send(message)
        client.read_json()
    client.send("{")
    assert client.read_close() == 4400


def test_a_full_worker_and_a_silent_newcomer_are_sent_away() -> None:
    with run_echo_server(WS_MAX_CONNECTIONS="2", WS_AUTH_WAIT="0.5") as server:
        staying = server.join("alice")
        assert server.connect("/socket").read_close() == 4401
        other = server.join("bob")
        assert server.connect("/socket?token=carol").read_close() == 1013
        other.send(b"\x03\xe8", 8)
        assert other.read_close() == 1000
        server.await_state(lambda state: state["sockets"] == 1)
        assert server.join("carol")
        staying.close()
