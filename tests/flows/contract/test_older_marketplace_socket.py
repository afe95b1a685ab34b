"""Socket frames of the later marketplace client, replayed: same fields, same types."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.contract.examples import differences, example
from tests.people import Person, Socket


@pytest.fixture
def message(alice: Person, bob: Person) -> dict[str, Any]:
    return alice.sends("Привет!", to=bob)


@pytest.fixture
def hers(alice: Person, message: dict[str, Any]) -> Socket:
    return alice.connects()


@pytest.fixture
def his(bob: Person, message: dict[str, Any]) -> Socket:
    return bob.connects()


def assert_like(name: str, received: dict[str, Any]) -> None:
    """Every recorded field is present, with its type."""
    assert differences(example(f"marketplace_socket/{name}"), received) == []


def test_the_greeting_matches(alice: Person) -> None:
    socket = Socket(alice.server, query=f"?token={alice.token}")
    assert_like("server_connected", socket.receives("connected", user_id=alice.id))
    socket.closes()


def test_the_response_to_a_ping_matches(hers: Socket) -> None:
    assert_like("server_pong", hers.requests(example("marketplace_socket/client_ping"), "pong"))


def test_a_received_message_matches(alice: Person, bob: Person, hers: Socket, his: Socket) -> None:
    sent = alice.sends("Привет!", to=bob)
    for socket in (hers, his):
        received = socket.receives("new_message", chat_id=sent["chat_id"])
        assert_like("server_new_message", received)
        assert received["message"] == received["payload"] == sent


def test_typing_frames_match(alice: Person, message: dict[str, Any], hers: Socket, his: Socket) -> None:
    hers.sends({**example("marketplace_socket/client_typing"), "chat_id": message["chat_id"]})
    assert_like("server_typing", his.receives("typing", chat_id=message["chat_id"], user_id=alice.id, is_typing=True))


def test_read_frames_match(bob: Person, message: dict[str, Any], hers: Socket, his: Socket) -> None:
    his.sends({**example("marketplace_socket/client_mark_read"), "message_id": message["id"]})
    for socket in (hers, his):
        received = socket.receives("message_read", message_id=message["id"], chat_id=message["chat_id"], read_by=bob.id)
        assert_like("server_message_read", received)
