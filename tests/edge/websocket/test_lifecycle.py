"""An open socket that is at rest holds no greenlet, nothing of its request, and is freed as soon as it is closed."""

from __future__ import annotations

from tests.realtime.conftest import EchoServer, run_echo_server
from tests.realtime.raw_client import encode
from tests.servers import await_true

SOCKETS = 30


def test_a_socket_at_rest_holds_no_greenlet_and_nothing_of_its_request(echo_server: EchoServer) -> None:
    before = echo_server.await_state(lambda state: state["sockets"] == 0)
    clients = [echo_server.join("alice") for _ in range(SOCKETS)]
    for client in clients:
        client.send_json({"type": "echo"})
        assert client.read_json() == {"type": "echo"}
    assert echo_server.state()["connections"] == before["connections"] + SOCKETS
    echo_server.await_state(lambda now: now["requests"] <= before["requests"])  # that of the state itself
    echo_server.await_state(lambda now: now["greenlets"] < before["greenlets"] + SOCKETS // 2)
    for client in clients:
        client.close()


def test_a_closed_socket_is_freed_without_the_garbage_collector(echo_server: EchoServer) -> None:
    before = echo_server.await_state(lambda state: state["sockets"] == 0)
    for number in range(SOCKETS):
        client = echo_server.connect("/socket?token=alice" if number % 2 else "/socket?token=123")
        if number % 3:
            client.send_raw(encode(b"half")[:5])
        client.close()
    for _ in range(SOCKETS):
        client = echo_server.join("alice")
        client.send_json({"type": "echo"})
        client.read_json()
        client.send(b"\x03\xe8", 8)
        assert client.read_close() == 1000
    echo_server.await_state(lambda now: now["sockets"] == 0 and now["connections"] <= before["connections"])
    echo_server.await_state(lambda now: now["requests"] <= before["requests"])


def test_frames_that_arrive_while_another_is_handled_are_handled_after_it(echo_server: EchoServer) -> None:
    client, other = echo_server.join("alice"), echo_server.join("bob")
    client.send_json({"type": "sleep", "seconds": 0.5})
    for number in range(3):
        client.send_json({"type": "echo", "n": number})
        other.send_json({"type": "echo"})
        assert other.read_json() == {"type": "echo"}  # served meanwhile
    assert client.read_json()["type"] == "sleep"
    assert [client.read_json()["n"] for _ in range(3)] == [0, 1, 2]
    client.close()
    other.close()


def test_a_socket_at_rest_can_be_closed_by_another(echo_server: EchoServer) -> None:
    resting, other = echo_server.join("resting"), echo_server.join("other")
    other.send_json({"type": "dismiss", "who": "resting"})
    assert resting.read_close() == 4409
    other.close()


def test_sockets_that_are_refused_and_do_not_leave_are_bounded() -> None:
    """Each is open until its client replies to the close frame, or the grace is over."""
    with run_echo_server(WS_MAX_CONNECTIONS="2") as server:
        members = [server.join("alice") for _ in range(2)]
        refused = []
        while (client := server.connect("/socket?token=alice")).status == 101:
            refused.append(client)
        assert client.status == 503
        assert "retry-after" in client.headers
        assert len(refused) >= 10
        for member in members:
            member.send_json({"type": "echo"})
            assert member.read_json() == {"type": "echo"}
        for client in refused:
            assert client.read_close() == 1013
        await_true(lambda: server.connect("/socket?token=alice").status == 101)
