"""Responses outside the dialects: to paths without an owner, and to bytes that are not a request."""

from __future__ import annotations

import re

import pytest

from tests.flows.input.test_requests import raw
from tests.servers import ChatServer

HOST = b"Host: chat.example\r\n"
GET = b"GET /health HTTP/1.1\r\n" + HOST


@pytest.mark.parametrize(
    ("request_bytes", "status", "error"),
    [
        (b"\r\nnonsense\r\n\r\n", 400, "unreadable"),
        (b"GET /health HTTP/9.9\r\n\r\n", 400, "unreadable"),
        (GET + b"Bad Header: 1\r\n\r\n", 400, "unreadable"),
        (GET + b"Content-Length: five\r\n\r\n", 400, "unreadable"),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "uri_too_long"),
        (GET + b"Expect: nothing\r\n\r\n", 417, "expectation_failed"),
        (GET + b"X-Long: " + b"x" * 20_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (GET + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n", 431, "headers_too_large"),
        (b"POST /health HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: magic\r\n\r\n", 501, "not_implemented"),
    ],
)
def test_what_cannot_be_parsed_is_refused_as_json(
    server: ChatServer, request_bytes: bytes, status: int, error: str
) -> None:
    answer, is_closed = raw(server, request_bytes)
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    sent = dict(line.split(": ", 1) for line in headers)
    assert first.startswith(f"HTTP/1.1 {status} ") and is_closed
    assert sent["Content-Type"] == "application/json" and int(sent["Content-Length"]) == len(body)
    assert re.fullmatch("[0-9a-f]{32}", sent["X-Request-ID"])
    assert body.decode() == f'{{"error":"{error}","status":{status},"request_id":"{sent["X-Request-ID"]}"}}'
    assert sent["X-Request-ID"] in server.log.read_text()


def test_a_path_of_nobody_is_refused_in_the_same_shape(server: ChatServer) -> None:
    for path in ("/nowhere", "/ws/other", "/api/v3/chat"):
        reply = server.get(path)
        assert reply.json == {"error": "not_found", "status": 404, "request_id": reply.headers["X-Request-ID"]}


def test_a_socket_that_is_only_asked_for_says_how_in_its_dialect(server: ChatServer) -> None:
    ours = server.get("/ws/chat", headers={"Accept-Language": "ru"})
    assert (ours.status, ours.error) == (426, "marketplace.upgradeRequired")
    assert ours.json["message"] == "Откройте этот адрес как WebSocket (версия 13)."
    social = server.get("/api/v1/chat/ws")
    assert (social.status, social.code) == (426, "UPGRADE_REQUIRED")
    for reply in (ours, social):
        assert (reply.headers["Upgrade"], reply.headers["Sec-WebSocket-Version"]) == ("websocket", "13")
    posted = server.post("/ws/chat", json={})
    assert (posted.status, posted.error, posted.headers["Allow"]) == (
        405,
        "marketplace.methodNotAllowed",
        "GET, HEAD, OPTIONS",
    )


def test_a_wrong_version_is_refused_in_the_dialect_too(server: ChatServer) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "8"}
    reply = server.get("/ws/chat", headers=upgrade)
    assert (reply.status, reply.error) == (426, "marketplace.upgradeRequired")


def test_the_bare_address_leads_to_the_routes(server: ChatServer) -> None:
    assert server.request("GET", "/", allow_redirects=False).headers["Location"] == "/swagger/"
    assert "swagger-ui" in server.get("/").text
