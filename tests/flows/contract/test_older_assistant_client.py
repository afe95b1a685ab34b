"""What an older client of the assistant sends and reads still works: its examples are the data of these tests."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flows.assistant.visitors import CHAT, SESSIONS, Visitor
from tests.people import PersonMaker, Socket
from tests.servers import HIGH_LIMITS, SHOP, ChatServer

EXAMPLES = Path(__file__).with_name("older_clients") / "assistant"


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return found


@pytest.fixture
def visitor(server: ChatServer) -> Visitor:
    opened = Visitor(server)
    for number in range(5):
        opened.says(f"message {number}")
    return opened


@pytest.fixture(scope="module")
def documented_server(start_server: Callable[..., ChatServer], environment: dict[str, str]) -> ChatServer:
    """A server with the environment of the example, and no other limits than the documented ones.

    Its Redis database is its own: other servers of this run count requests from the same address.
    """
    lines = (EXAMPLES / "environment.txt").read_text().splitlines()
    documented = dict(line.split("=") for line in lines)
    own_redis = f"{environment['REDIS_URL'].rpartition('/')[0]}/7"
    return start_server(**dict.fromkeys(HIGH_LIMITS, ""), **documented, PROXY_HOPS="1", REDIS_URL=own_redis)


_addresses = itertools.count(1)


def new_address() -> dict[str, str]:
    """The header of a request that comes from another client address."""
    return {"X-Forwarded-For": f"198.51.100.{next(_addresses)}"}


def test_every_route_is_there(visitor: Visitor) -> None:
    for line in (EXAMPLES / "routes.txt").read_text().splitlines():
        method, path = line.split()
        path = path.format(session_id=visitor.signed, message_id=visitor.history()[0]["id"])
        body = {"json": {"session_id": visitor.session_id}} if method == "POST" else {}
        assert visitor.server.request(method, path, **body).status == 200, line


def test_missed_messages_have_the_shape_of_the_example(visitor: Visitor) -> None:
    shown = visitor.gets("/messages/since", since=example("since")["since"]).json
    assert {name: type(value) for name, value in example("since").items()}.items() <= {
        name: type(value) for name, value in shown.items()
    }.items()
    asked = [message for message in shown["messages"] if message["role"] == "user"]
    assert len(asked) == example("since")["message_count"]


def test_every_response_says_what_is_left_of_the_limit(visitor: Visitor) -> None:
    names = [line.partition(":")[0] for line in (EXAMPLES / "headers.txt").read_text().splitlines()]
    for reply in (
        visitor.gets("/messages"),
        visitor.gets("/messages/since", since="2024-01-01T00:00:00Z"),
        visitor.posts("/messages", content="again"),
        visitor.at_session("GET"),
        visitor.server.post(f"{SESSIONS}/sign", json={"session_id": visitor.session_id}),
        visitor.server.post(SESSIONS, json={}),
    ):
        assert all(reply.headers[name].isdigit() for name in names)


def test_the_headers_count_like_the_example(documented_server: ChatServer) -> None:
    expected = dict(line.split(": ") for line in (EXAMPLES / "headers.txt").read_text().splitlines())
    headers, opened = new_address(), documented_server.post(SESSIONS, json={}, headers=new_address()).json
    path = f"{CHAT}/messages/since?session_id={opened['signed_session_id']}&since=2024-01-01T00:00:00Z"
    replies = [documented_server.get(path, headers=headers) for _ in range(100)]
    assert {reply.status for reply in replies} == {200}
    fifth = replies[4].headers
    assert [fifth[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")] == [
        expected[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")
    ]
    assert len(fifth["X-RateLimit-Reset"]) == len(expected["X-RateLimit-Reset"])  # seconds since 1970
    refused = documented_server.get(path, headers=headers)
    assert (refused.status, refused.json["error"]) == (429, "rate_limit_exceeded")
    assert refused.json["retry_after"] == int(refused.headers["Retry-After"]) > 0


def test_pages_of_allowed_origins_may_call(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(ALLOWED_ORIGINS=SHOP)
    visitor = Visitor(server)
    for method, path in (("POST", SESSIONS), ("POST", f"{SESSIONS}/sign"), ("GET", f"{CHAT}/messages/since")):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-session-id"}
        allowed = server.request("OPTIONS", path, headers={"Origin": SHOP, **asked})
        assert (allowed.status, allowed.headers["Access-Control-Allow-Origin"]) == (204, SHOP)
        assert "X-Session-ID" in allowed.headers["Access-Control-Allow-Headers"]
        refused = server.request("OPTIONS", path, headers={"Origin": "https://other.example", **asked})
        assert "Access-Control-Allow-Origin" not in refused.headers
    shown = server.get(f"{CHAT}/messages", headers={"Origin": SHOP, "X-Session-ID": visitor.signed})
    assert (shown.status, shown.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
    assert "X-RateLimit-Remaining" in shown.headers["Access-Control-Expose-Headers"]
    query = f"?session_id={visitor.signed}"
    assert Socket(server, query=query, headers={"Origin": SHOP}, path=f"{CHAT}/ws").is_admitted()
    assert not Socket(server, query=query, headers={"Origin": "https://other.example"}, path=f"{CHAT}/ws").is_admitted(
        4403
    )


def test_a_signed_id_has_the_parts_of_the_example(visitor: Visitor, make_person: PersonMaker) -> None:
    names = (EXAMPLES / "signed_session_id.txt").read_text().strip().split(".")
    person = make_person("customer")
    for signed, user in ((visitor, "anonymous"), (Visitor(visitor.server, person), person.uuid)):
        parts = dict(zip(names, signed.signed.split("."), strict=True))
        assert (parts["sessionID"], parts["userID"]) == (signed.session_id, user)
        assert abs(int(parts["timestamp"]) - time.time()) < 86400
        assert len(bytes.fromhex(parts["signature"])) == hashlib.sha256().digest_size


def test_ping_and_pong(visitor: Visitor) -> None:
    socket = visitor.connects()
    assert socket.requests(example("client_ping"), "pong").items() >= example("server_pong").items()
    visitor.leaves()


def fill(socket: Socket, count: int) -> None:
    """Send messages, each of which is stored."""
    for number in range(count):
        key = f"{id(socket)}-{number}"
        socket.sends({"type": "message", "content": f"message {number}", "client_message_id": key})
        while socket.receives("message")["message"]["client_message_id"] != key:
            pass


def refusal(socket: Socket) -> dict[str, Any]:
    """Send a message that is refused; returns the error."""
    refused = socket.requests({"type": "message", "content": "one too many"}, "error")
    assert refused.keys() >= example("server_error").keys()
    assert refused["error"] == example("server_error")["error"]
    assert 0 < refused["retry_after"] <= example("frame_limits")["BlockDuration"]
    return refused


def test_too_many_messages_over_a_socket_block_it(documented_server: ChatServer) -> None:
    limits = example("frame_limits")
    visitor = Visitor(documented_server)
    socket, other = visitor.connects(), visitor.connects()
    for _ in range(3 * limits["ConnMaxMessages"]):
        socket.pings()  # not counted
    fill(socket, limits["ConnMaxMessages"] + limits["ConnBurst"])
    refusal(socket)
    socket.pings()
    fill(other, 1)
    assert "one too many" not in [message["content"] for message in visitor.history(limit=100)]
    visitor.leaves()


def test_too_many_messages_of_a_user_block_all_devices(documented_server: ChatServer) -> None:
    limits = example("frame_limits")
    visitor = Visitor(documented_server)
    sockets = [visitor.connects() for _ in range(3)]
    left = limits["UserMaxMessages"] + limits["UserBurst"]
    for socket in sockets:
        count = min(left, limits["ConnMaxMessages"] + limits["ConnBurst"])
        fill(socket, count)
        left -= count
    assert left == 0
    refusal(sockets[2])
    refusal(visitor.connects())
    other = Visitor(documented_server).connects()
    fill(other, 1)
    other.closes()
    visitor.leaves()


def test_log_ins_and_sockets_are_limited_as_configured(documented_server: ChatServer) -> None:
    headers = new_address()
    wrong = {"login": "no-such-name", "password": "a guess"}
    statuses = [documented_server.post("/api/v1/auth/login", json=wrong, headers=headers).status for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    opened = documented_server.post(SESSIONS, json={}, headers=new_address()).json
    query, headers = f"?session_id={opened['signed_session_id']}", new_address()
    for _ in range(30):
        socket = Socket(documented_server, query=query, headers=headers, path=f"{CHAT}/ws")
        assert socket.is_admitted()
        socket.closes()
    assert not Socket(documented_server, query=query, headers=headers, path=f"{CHAT}/ws").is_admitted(4429)


def test_a_bare_id_is_still_accepted_where_signatures_are_not_required(visitor: Visitor) -> None:
    reply = visitor.server.get(f"{CHAT}/messages", params={"session_id": visitor.session_id})
    assert (reply.status, reply.json["message_count"] >= 5) == (200, True)
