"""Bodies, ids, origins and limits as they arrive over HTTP, over a real server."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.people import CHAT, Person, PersonMaker
from tests.servers import ChatServer

LOGIN = "/api/v1/auth/login"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def strict(start_server: Callable[..., ChatServer]) -> ChatServer:
    """Default limits where they can be reached in a test, a short patience with bodies, one allowed origin."""
    return start_server(
        LIMIT_SEND="10/minute",
        LIMIT_SEND_BURST="5",
        LIMIT_DEFAULT="30/minute",
        BODY_TIMEOUT="1s",
        ALLOWED_ORIGINS="https://shop.example",
        PROXY_HOPS="1",
    )


@pytest.mark.parametrize(
    "body, headers, status, error",
    [
        (b"", JSON, 400, "invalidJson"),
        (b"{", JSON, 400, "invalidJson"),
        (b"[]", JSON, 400, "bodyNotAnObject"),
        (b"1", JSON, 400, "bodyNotAnObject"),
        (b"null", JSON, 400, "bodyNotAnObject"),
        (b'{"login":NaN}', JSON, 400, "invalidJson"),
        (b'{"login":"a","login":"b","password":"c"}', JSON, 400, "duplicateKey"),
        (b"[" * 10_000, JSON, 400, "jsonTooComplex"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, JSON, 400, "jsonTooDeep"),
        (b"\xef\xbb\xbf{}", JSON, 400, "invalidJson"),
        ("{}".encode("utf-16"), JSON, 400, "invalidJson"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupportedMediaType"),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupportedMediaType"),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "unsupportedMediaType"),
        (b"{}", {**JSON, "Content-Encoding": "gzip"}, 415, "unsupportedMediaType"),
        (b"{}", {}, 415, "unsupportedMediaType"),
        (b'{"login":"' + b"x" * (32 << 10) + b'"}', JSON, 413, "tooLarge"),
        (b"x" * 10_000_000, JSON, 413, "tooLarge"),
        (b'{"login":"a\\u0000","password":"x"}', JSON, 422, "validationFailed"),
        (b'{"login":1,"password":["x"]}', JSON, 422, "validationFailed"),
    ],
)
def test_a_bad_body_is_refused_at_once(
    server: ChatServer, body: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    reply = server.post(LOGIN, data=body, headers=headers)
    assert (reply.status, reply.error) == (status, f"auth.{error}")


def raw(server: ChatServer, *pieces: bytes, pause: float = 0.0, wait: float = 30.0) -> tuple[bytes, bool]:
    """Send bytes as they are; what came back within `wait`, and whether the server closed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as connection:
        for piece in pieces:
            connection.sendall(piece)
            if pause:
                time.sleep(pause)  # the client's slowness is what is tested, not a wait for the server
        received, deadline = b"", time.monotonic() + wait
        while time.monotonic() < deadline:
            connection.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                piece = connection.recv(65_536)
            except TimeoutError:
                return received, False
            if not piece:
                return received, True
            received += piece
        return received, False


def request_head(path: str, *headers: str) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: chat.example", "Content-Type: application/json", *headers)
    return "\r\n".join((*lines, "", "")).encode()


def test_a_slow_body_is_cut(strict: ChatServer) -> None:
    answer, is_closed = raw(strict, request_head(LOGIN, "Content-Length: 1000"), b'{"a"')
    assert b" 400 " in answer and b"bodyTimeout" in answer and is_closed


def test_a_chunked_body_without_end_is_cut(strict: ChatServer) -> None:
    answer, is_closed = raw(strict, request_head(LOGIN, "Transfer-Encoding: chunked"), b'5\r\n{"a":\r\n')
    assert b" 400 " in answer and is_closed


def test_a_refused_slow_body_holds_no_connection(strict: ChatServer) -> None:
    answer, is_closed = raw(strict, request_head("/api/v1/auth/logout", "Content-Length: 1000"), b"x")
    assert b" 401 " in answer and is_closed


def test_a_connection_lives_on_after_a_refused_body(strict: ChatServer) -> None:
    refused = request_head("/api/v1/auth/logout", "Content-Length: 5") + b"{}   "
    answer, _ = raw(strict, refused * 2, wait=1.0)
    assert answer.count(b" 401 ") == 2


def test_a_body_cut_short_is_unreadable(strict: ChatServer) -> None:
    with socket.create_connection(("127.0.0.1", strict.port), timeout=30) as connection:
        connection.sendall(request_head(LOGIN, "Content-Length: 100") + b'{"login":')
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)
    assert answer == b"" or b" 400 " in answer


def test_length_and_chunks_together_are_refused(strict: ChatServer) -> None:
    # In one piece: what comes after the refusal would reset the connection, and take the answer with it.
    answer, is_closed = raw(
        strict, request_head(LOGIN, "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n"
    )
    assert b" 400 " in answer and is_closed


@pytest.mark.parametrize(
    "given, kept", [("abc-123", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("é", False)]
)
def test_a_request_id_is_kept_where_it_is_one(server: ChatServer, given: str, kept: bool) -> None:
    answered = server.get("/api/v1/auth/me", headers={"X-Request-ID": given.encode("latin-1")})
    assert (answered.headers["X-Request-ID"] == given) is kept
    assert answered.json["request_id"] == answered.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "path", ["/nope", "/api/v1/auth/nope", f"{CHAT}/nope/nope", "/api/v1/internal/nope", "//nope", "/%2e%2e/etc/passwd"]
)
def test_every_answer_has_its_id_and_safety_headers(server: ChatServer, path: str) -> None:
    reply = server.get(path)
    assert reply.status in (401, 404)
    assert re.fullmatch("[0-9a-f]{32}", reply.headers["X-Request-ID"])
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_wrong_method_says_which_are_right(server: ChatServer) -> None:
    reply = server.get(LOGIN)
    assert (reply.status, reply.error) == (405, "auth.methodNotAllowed")
    assert set(reply.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    override = server.get(LOGIN, headers={"X-HTTP-Method-Override": "POST"})
    assert override.status == 405


def test_refusals_speak_the_language_asked_for(server: ChatServer) -> None:
    said = {}
    for language in ("en", "ru-RU,ru;q=0.9", "sr-Latn", "th", "xx", "*"):
        said[language] = server.get("/api/v1/auth/me", headers={"Accept-Language": language}).json["message"]
    assert said["en"] == said["xx"] == said["*"] == "Please log in."
    assert said["ru-RU,ru;q=0.9"] == "Войдите в систему."
    assert len(set(said.values())) == 4


def test_cors_is_for_allowed_origins_alone(strict: ChatServer) -> None:
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    allowed = strict.request("OPTIONS", f"{CHAT}/messages", headers={"Origin": "https://shop.example", **ask})
    assert allowed.status == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    simple = strict.get("/api/v1/auth/me", headers={"Origin": "https://shop.example"})
    assert "X-RateLimit-Remaining" in simple.headers["Access-Control-Expose-Headers"]
    for origin in ("https://shop.example.evil", "null", "http://shop.example"):
        refused = strict.request("OPTIONS", f"{CHAT}/messages", headers={"Origin": origin, **ask})
        assert "Access-Control-Allow-Origin" not in refused.headers


def test_a_burst_widens_the_window(strict: ChatServer) -> None:
    sender, receiver = PersonMaker(strict)("sender"), PersonMaker(strict)("receiver")
    replies = [sender.posts("/messages", {"receiver_id": receiver.id, "content": str(n)}) for n in range(16)]
    assert [reply.status for reply in replies] == [200] * 15 + [429]
    assert [replies[0].headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")] == ["15", "14"]
    assert time.time() < int(replies[0].headers["X-RateLimit-Reset"]) <= time.time() + 62
    assert 1 <= int(replies[15].headers["Retry-After"]) <= 61
    assert "Retry-After" not in replies[0].headers
    assert receiver.posts("/messages", {"receiver_id": sender.id, "content": "mine is another window"}).status == 200


def test_verified_people_may_send_three_times_as_much(strict: ChatServer, service_token: str) -> None:
    sender, receiver = PersonMaker(strict)("sender"), PersonMaker(strict)("receiver")
    strict.put(f"/api/v1/internal/users/{sender.id}", token=service_token, json={"verified": True})
    reply = sender.posts("/messages", {"receiver_id": receiver.id, "content": "hi"})
    assert reply.headers["X-RateLimit-Limit"] == "45"


def test_a_forged_forwarded_address_moves_no_limit(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_DEFAULT="4/minute", PROXY_HOPS="1")
    statuses = []
    for number in range(6):
        forged = {
            "X-Forwarded-For": f"10.0.0.{number}, 203.0.113.9",
            "Forwarded": f"for=10.1.1.{number}",
            "X-Real-IP": f"10.2.2.{number}",
            "X-Forwarded-Host": f"h{number}.example",
        }
        statuses.append(server.get("/api/v1/auth/me", token="forged", headers=forged).status)
    assert statuses == [401] * 4 + [429] * 2


def test_https_is_forced_but_for_health(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(FORCE_HTTPS="1", PROXY_HOPS="1")
    for path, status in (("/health", b" 200 "), ("/api/v1/auth/me?a=b", b" 308 ")):
        answer, _ = raw(server, f"GET {path} HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n".encode())
        assert status in answer.split(b"\r\n")[0]
    assert b"Location: https://chat.example/api/v1/auth/me?a=b" in answer
    secure = server.get("/api/v1/auth/me", headers={"X-Forwarded-Proto": "https"})
    assert secure.status == 401 and "Strict-Transport-Security" in secure.headers


def test_external_identity_has_no_account_routes(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(AUTH_MODE="external", JWT_SECRET="a-shared-secret-of-more-than-32-bytes")
    for path in ("signup", "login", "refresh", "logout"):
        assert server.post(f"/api/v1/auth/{path}", json={}).status == 404
    assert server.get("/api/v1/auth/me").status == 404


def test_no_answer_is_a_traceback(server: ChatServer, alice: Person) -> None:
    bodies: list[Any] = [{"login": {"$gt": ""}, "password": "x"}, {"login": "' OR 1=1 --", "password": "x"}, {}]
    for body in bodies:
        reply = server.post(LOGIN, data=json.dumps(body), headers=JSON)
        assert reply.status in (401, 422) and "Traceback" not in reply.text
