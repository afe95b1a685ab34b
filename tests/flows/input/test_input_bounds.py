"""How large what a client sends may be, and that more is refused in the dialect's shape and changes nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import psutil
import pytest
from marshmallow import fields as types

from chatapp.dialects import DIALECTS
from chatapp.edge.http.fields import Items, RequestSchema
from tests.flows.attachments.words import field, named, posts_form
from tests.flows.input.budget.forms import chunked
from tests.people import CHAT, SOCIAL, Person, PersonMaker
from tests.realtime.raw_client import RawClient
from tests.servers import SERVICE_TOKEN, ChatServer

ME = "/api/v1/auth/me"
JSON = {"Content-Type": "application/json"}
LOG_IN = "Please log in."


def status_of_headers(server: ChatServer, *lines: str) -> int:
    """The status of a request for one's own account with these header lines; read off the wire, since the client
    library refuses some of them by itself."""
    head = "\r\n".join([f"GET {ME} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.encode())
        return int(connection.recv(65_536)[9:12])


@pytest.mark.parametrize(
    "lines, status",
    [
        ([f"Cookie: {'a' * 8000}"], 401),
        ([f"Cookie: {'a' * 8200}"], 431),
        ([f"X-{number}: {'a' * 7000}" for number in range(4)], 401),
        ([f"X-{number}: {'a' * 7000}" for number in range(6)], 431),
        ([f"Accept-Language: {'a,' * 3500}"] * 20, 431),
    ],
)
def test_headers_are_bounded_in_all(server: ChatServer, lines: list[str], status: int) -> None:
    assert status_of_headers(server, *lines) == status


@pytest.mark.parametrize("entry, count", [("xx,", 80), ("xx;q=0.9,", 800)])
def test_a_language_is_looked_for_in_the_beginning_of_its_header(server: ChatServer, entry: str, count: int) -> None:
    assert server.get(ME, headers={"Accept-Language": "ru," + entry * count}).json["message"] != LOG_IN
    assert server.get(ME, headers={"Accept-Language": entry * count + "ru"}).json["message"] == LOG_IN


def test_a_path_below_no_prefix_is_nobodys(server: ChatServer) -> None:
    for path in (f"{CHAT}x/nope", f"{SOCIAL}s", "/api/v1"):
        assert server.get(path).json["error"] == "not_found"
    assert server.get(f"{CHAT}/{'a/' * 3000}").error == "marketplace.notFound"


def test_paths_that_do_not_exist_are_counted_like_refused_tokens(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_DEFAULT="4/minute", PROXY_HOPS="1")
    here, elsewhere = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
    asked = [("GET", "/nope"), ("GET", f"{CHAT}/nope/nope"), ("PUT", "/api/v1/auth/login"), ("GET", f"{SOCIAL}/x/x")]
    assert [server.request(*each, headers=here).status for each in asked] == [404, 404, 405, 404]
    refused = server.get(f"{SOCIAL}/nope/nope", headers=here)
    assert (refused.status, refused.code) == (429, "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert server.get(ME, headers=here).status == 429
    assert server.get("/nope", headers=elsewhere).status == 404
    assert server.get("/health", headers=here).status == 200


def test_every_character_may_be_escaped_within_the_bound_of_a_body(alice: Person, bob: Person) -> None:
    content = "😀" * 10_000
    body = json.dumps({"receiver_id": bob.id, "content": content})
    assert len(body) > 120_000
    sent = alice.server.post(f"{CHAT}/messages", token=alice.token, data=body, headers=JSON)
    assert sent.data["content"] == content


@pytest.mark.parametrize(
    "method, path, size, status",
    [
        ("POST", f"{CHAT}/messages", 255, 422),
        ("POST", f"{CHAT}/messages", 257, 413),
        ("PUT", "/api/v1/internal/items/listing/1", 1023, 422),
        ("PUT", "/api/v1/internal/items/listing/1", 1025, 413),
        ("POST", "/api/v1/auth/login", 31, 422),
        ("POST", "/api/v1/auth/login", 33, 413),
    ],
)
def test_a_body_is_bounded(alice: Person, method: str, path: str, size: int, status: int) -> None:
    """Sizes are in KiB."""
    token = SERVICE_TOKEN if "/internal/" in path else alice.token
    body = b'{"unknown":"' + b"x" * (size * 1024 - 14) + b'"}'
    assert alice.server.request(method, path, token=token, data=body, headers=JSON).status == status


@pytest.mark.parametrize(
    "body",
    [
        {"a": [{}] * 1001},
        {"a": list(range(1001))},
        {"a": ["x"] * 5000},
        {str(number): 1 for number in range(101)},
        {"a": [{"b": {str(number): 1 for number in range(101)}}]},
    ],
)
def test_no_body_and_no_frame_has_very_many_values_or_keys(alice: Person, body: object) -> None:
    refused = alice.posts("/messages", body)
    assert (refused.status, refused.error) == (400, "marketplace.jsonTooComplex")
    socket = alice.connects()
    assert socket.requests(body, "error")["error"] == "marketplace.jsonTooComplex"
    assert socket.pings()


def test_a_list_is_measured_before_its_elements(alice: Person) -> None:
    refused = alice.puts("/messages/read", {"chat_id": 1, "message_ids": ["x"] * 501})
    assert refused.status == 422 and list(refused.json["details"]) == ["message_ids"]
    refused = alice.posts("/messages", {"content": "", "attachment_ids": ["x"] * 11})
    assert (refused.status, refused.error) == (422, "marketplace.tooManyFiles")


def test_every_list_that_clients_send_has_a_bound() -> None:
    def all_below(schema: type[RequestSchema]) -> Iterator[type[RequestSchema]]:
        yield schema
        for each in schema.__subclasses__():
            yield from all_below(each)

    lists = [
        (schema.__name__, name, field)
        for schema in all_below(RequestSchema)
        for name, field in schema._declared_fields.items()
        if isinstance(field, types.List)
    ]
    assert DIALECTS, "importing them defines every schema of a request or frame"
    assert len(lists) >= 7
    assert [(schema, name) for schema, name, field in lists if not isinstance(field, Items)] == []


def test_no_more_than_fifty_elements_are_named(alice: Person) -> None:
    refused = alice.puts("/messages/read", {"chat_id": 1, "message_ids": ["x"] * 500})
    assert refused.status == 422 and len(refused.json["details"]) == 50


def test_a_query_has_no_more_than_a_hundred_parameters(alice: Person) -> None:
    assert alice.gets("", **{f"a{number}": 1 for number in range(100)}).status == 422
    refused = alice.gets("", **{f"a{number}": 1 for number in range(101)})
    assert (refused.status, refused.error) == (400, "marketplace.tooManyParameters")


@pytest.mark.parametrize(
    "length, size, status",
    [
        (200_000, 1, 400),
        (200_000, 100, 400),
        (200_000, 2000, 200),
        (256 << 10, 64 << 10, 200),
        ((256 << 10) + 1, 64 << 10, 413),
    ],
)
def test_a_chunked_body_is_bounded_in_bytes_and_in_small_chunks(
    alice: Person, bob: Person, length: int, size: int, status: int
) -> None:
    body = json.dumps({"receiver_id": bob.id, "content": "hi", "location_data": None}).ljust(length).encode()
    head = [
        f"POST {CHAT}/messages HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {alice.token}",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    ]
    with socket.create_connection(("127.0.0.1", alice.server.port), timeout=30) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + chunked(body, size))
        assert int(connection.recv(65_536)[9:12]) == status


def test_a_form_has_few_parts_and_short_headers(alice: Person, bob: Person) -> None:
    path = f"{CHAT}/attachments"
    assert posts_form(alice, path, *[field("voice", "0")] * 10, named("a.png")).status == 200
    assert posts_form(alice, path, *[field("voice", "0")] * 11, named("a.png")).status == 422
    assert posts_form(alice, path, named("a" * 4000)).status == 200
    assert posts_form(alice, path, named("a" * 9000)).status == 413


def test_a_key_that_is_too_long_does_not_come_back(alice: Person, bob: Person) -> None:
    refused = alice.connects().requests({"type": "message", "client_message_id": "k" * 60_000}, "error")
    assert "client_message_id" not in refused
    frame = {"type": "message.send", "payload": {"tempId": "k" * 60_000}}
    assert alice.social.connects().requests(frame, "message.error")["payload"]["tempId"] is None


def test_a_socket_does_not_keep_the_headers_that_it_was_opened_with(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(WS_MAX_CONNECTIONS_PER_USER="1000")
    token = PersonMaker(server)("alice").token
    (worker,) = psutil.Process(server.process.pid).children()

    opened: list[RawClient] = []

    def grows_by(count: int, headers: dict[str, str]) -> int:
        """Bytes of the worker for so many more sockets; all of them stay open."""
        before = worker.memory_info().rss
        clients = [RawClient(server.port, f"/ws/chat?token={token}", headers=headers) for _ in range(count)]
        assert all(b'"connected"' in client.read().payload for client in clients)
        opened.extend(clients)
        return worker.memory_info().rss - before

    grows_by(100, {})  # what is allocated once
    plain, grown = grows_by(200, {}), grows_by(200, {f"X-{number}": "a" * 7000 for number in range(4)})
    assert grown - plain < 200 * 14_000  # half of the headers
    server.stop()
