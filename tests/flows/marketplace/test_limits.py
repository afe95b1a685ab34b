"""The documented rate limits, on a server with default settings."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import pytest

from tests.host import Host
from tests.people import CHAT, Person, PersonMaker, Socket
from tests.servers import ChatServer

DEFAULTS = {
    "LIMIT_SEND": "10/minute",
    "LIMIT_CONNECT": "30/minute",
    "LIMIT_FRAMES_CONNECTION": "20/minute",
    "LIMIT_FRAMES_USER": "50/minute",
    "LIMIT_FRAMES_LIGHT": "120/minute",
    "LIMIT_DEFAULT": "100/minute",
    "PROXY_HOPS": "1",
}
_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def strict_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp with the default limits except that of log-ins, so that users can sign up."""
    return start_server(**DEFAULTS)


@pytest.fixture
def alice(make_person: PersonMaker, strict_server: ChatServer) -> Person:
    return make_person("alice", server=strict_server)


@pytest.fixture
def bob(make_person: PersonMaker, strict_server: ChatServer) -> Person:
    return make_person("bob", server=strict_server)


def connects(person: Person, address: str = "") -> Socket:
    """Open a socket from a new address, since addresses are limited, too."""
    return person.connects(headers={"X-Forwarded-For": address or f"203.0.113.{next(_addresses)}"})


def send(socket: Socket, receiver: Person, count: int) -> None:
    """Send messages, each of which is acknowledged."""
    for number in range(count):
        socket.requests({"receiver_id": receiver.id, "content": str(number)}, "message_ack")


def test_fifteen_messages_a_minute_are_allowed_over_rest(alice: Person, bob: Person) -> None:
    body = {"receiver_id": bob.id, "content": "hi"}
    replies = [alice.posts("/messages", body) for _ in range(15)]
    assert [reply.status for reply in replies] == [200] * 15
    assert {reply.headers["X-RateLimit-Limit"] for reply in replies} == {"15"}
    assert [int(reply.headers["X-RateLimit-Remaining"]) for reply in replies] == list(range(14, -1, -1))
    refused = alice.posts("/messages", body)
    assert (refused.status, refused.error) == (429, "marketplace.rateLimitExceeded")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61  # of a minute, rounded up
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert time.time() < int(refused.headers["X-RateLimit-Reset"]) <= time.time() + 61
    assert refused.json["message"] == "Too many requests. Please wait a moment."
    assert alice.gets("/messages", receiver_id=bob.id).data["total"] == 15
    assert bob.posts("/messages", {"receiver_id": alice.id, "content": "I may"}).status == 200


def test_verified_users_may_send_three_times_as_much(alice: Person, bob: Person, host: Host) -> None:
    host.verifies(alice)
    replies = [alice.posts("/messages", {"receiver_id": bob.id, "content": "hi"}) for _ in range(46)]
    assert [reply.status for reply in replies] == [200] * 45 + [429]
    assert replies[0].headers["X-RateLimit-Limit"] == "45"


def test_other_requests_are_limited_to_a_hundred(alice: Person) -> None:
    paths = ["", "/unread-count"] * 50
    assert {alice.gets(path).status for path in paths} == {200}
    refused = alice.gets("/unread-count")
    assert (refused.status, refused.headers["X-RateLimit-Limit"]) == (429, "100")


def test_refused_requests_count(alice: Person) -> None:
    statuses = [alice.posts("/messages", {"content": ""}).status for _ in range(16)]
    assert statuses == [422] * 15 + [429]


def test_forged_address_does_not_change_the_limit(alice: Person) -> None:
    statuses = [
        alice.posts("/messages", {"content": ""}, **{"X-Forwarded-For": f"198.51.100.{number}"}).status
        for number in range(16)
    ]
    assert statuses == [422] * 15 + [429]


def test_refused_tokens_are_limited_by_address(strict_server: ChatServer) -> None:
    headers = {"X-Forwarded-For": f"203.0.113.{next(_addresses)}"}
    statuses = [strict_server.get(CHAT, token="x", headers=headers).status for _ in range(101)]
    assert statuses == [401] * 100 + [429]


def test_socket_is_blocked_after_twenty_five_messages_a_minute(alice: Person, bob: Person) -> None:
    socket = connects(alice)
    send(socket, bob, 25)
    for _ in range(2):
        refused = socket.requests({"receiver_id": bob.id, "content": "x", "client_message_id": "k"}, "error")
        assert refused["error"] == "marketplace.rateLimitExceeded"
        assert 1 <= refused["retry_after"] <= 30
        assert refused["client_message_id"] == "k"
    assert refused["retry_after"] >= 28
    assert socket.pings()
    assert socket.requests({"type": "get_online_users"}, "online_users_list")
    assert alice.gets("/messages", receiver_id=bob.id).data["total"] == 25
    send(connects(alice), bob, 1)


def test_user_may_send_sixty_messages_a_minute_over_all_devices(alice: Person, bob: Person) -> None:
    devices = [connects(alice) for _ in range(3)]
    for device in devices:
        send(device, bob, 20)
    refused = [device.requests({"receiver_id": bob.id, "content": "x"}, "error") for device in devices]
    assert {frame["error"] for frame in refused} == {"marketplace.rateLimitExceeded"}
    assert all(1 <= frame["retry_after"] <= 30 for frame in refused)
    assert connects(alice).requests({"receiver_id": bob.id, "content": "x"}, "error")["retry_after"]
    assert alice.gets("/messages", receiver_id=bob.id).data["total"] == 60


def test_pings_and_heartbeats_are_free(alice: Person, bob: Person) -> None:
    socket = connects(alice)
    for kind in ("ping", "heartbeat"):
        for _ in range(500):
            socket.sends({"type": kind})
    socket.receives_all("pong", 1000)
    send(socket, bob, 1)


def test_excess_typing_is_dropped_silently(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    hers, his = connects(alice), connects(bob)
    for number in range(130):
        hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": number % 2 == 0})
    hers.sends({"type": "get_online_users"})
    hers.sends({"type": "mark_read", "chat_id": chat_id, "message_ids": [1]})
    hers.pings()
    assert {frame["type"] for frame in hers.unclaimed} == {"user_online"}
    send(hers, bob, 1)
    his.receives_all("typing", 120)
    his.receives_no("typing", until=his.pings)


def test_thirty_sockets_a_minute_are_allowed_per_address(alice: Person) -> None:
    address = f"203.0.113.{next(_addresses)}"
    token = alice.gets("/ws-token").data["token"]

    def opens() -> Socket:
        return Socket(alice.server, query=f"?token={token}", headers={"X-Forwarded-For": address})

    for _ in range(30):
        socket = opens()
        socket.receives("connected")
        socket.closes()
    assert opens().close_code() == 4429
    spoofed = Socket(alice.server, query=f"?token={token}", headers={"X-Forwarded-For": f"8.8.8.8, {address}"})
    assert spoofed.close_code() == 4429
    connects(alice)
