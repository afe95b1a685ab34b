"""Logs: JSON with request ids; no token, ticket, password or message text, whatever happens."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from chatapp.ops.monitoring.json_logging import JsonFormatter, loggable
from tests.people import PASSWORD, PersonMaker, Socket
from tests.servers import ChatServer, await_true

CANARY = "canary-7c1f-of-a-message"


@pytest.fixture(scope="module")
def chat(start_server: Callable[..., ChatServer]) -> ChatServer:
    return start_server(LOG_LEVEL="DEBUG")


def _lines(chat: ChatServer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in chat.log.read_text().splitlines() if line.startswith("{")]


def _record(message: str, *, error: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"msg": message, "name": "test", "levelname": "INFO", **extra})
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    line: dict[str, Any] = json.loads(JsonFormatter().format(record))
    return line


def test_nothing_secret_is_logged(chat: ChatServer) -> None:
    maker = PersonMaker(chat)
    alice, bob = maker("alice"), maker("bob")
    ticket = alice.ticket()
    token = alice.gets("/ws-token").data["token"]
    sockets = [
        Socket(chat, query=f"?ticket={ticket}"),
        Socket(chat, query=f"?token={token}"),
        Socket(chat, subprotocols=["access_token", alice.token]),
        Socket(chat, query="?token=forged-token-canary"),
    ]
    sockets[0].receives("connected")
    alice.sends(CANARY, to=bob)
    sockets[0].sends({"receiver_id": bob.id, "content": CANARY, "client_message_id": CANARY})
    sockets[0].receives("message_ack")
    sockets[0].sends(f'{{"content": "{CANARY}"')
    sockets[0].sends({"type": CANARY, "content": CANARY})
    alice.posts("/messages", {"content": CANARY, "surprise": CANARY})
    alice.gets("/messages", chat_id=CANARY)
    chat.get(f"/nowhere/{CANARY}?token={alice.token}&ticket={ticket}")
    chat.post("/api/v1/auth/refresh", json={"refresh_token": alice.refresh_token})
    chat.post("/api/v1/auth/login", json={"login": alice.username, "password": "wrong-password-canary"})
    for socket in sockets:
        socket.closes()
    await_true(lambda: any(line.get("route") == "/api/v1/auth/login" for line in _lines(chat)))

    written = chat.log.read_text()
    secrets = [CANARY, ticket, token, alice.token, alice.refresh_token, PASSWORD]
    for secret in [*secrets, "forged-token-canary", "wrong-password-canary"]:
        assert secret not in written


def test_a_request_line_says_what_happened(chat: ChatServer) -> None:
    reply = chat.get("/api/v1/marketplace/chat/unread-count", headers={"X-Request-ID": "my-own-id-1"})
    assert reply.headers["X-Request-ID"] == "my-own-id-1"
    await_true(lambda: any(line.get("request_id") == "my-own-id-1" for line in _lines(chat)))
    line = next(line for line in _lines(chat) if line.get("request_id") == "my-own-id-1")
    assert line["method"] == "GET"
    assert line["route"] == "/api/v1/marketplace/chat/unread-count"
    assert line["status"] == 401
    assert line["duration_ms"] >= 0
    assert set(line) >= {"time", "level", "logger", "message"}


def test_the_logs_of_a_socket_have_the_request_id_of_its_handshake(chat: ChatServer) -> None:
    alice = PersonMaker(chat)("alice")
    sockets = [alice.connects(headers={"X-Request-ID": f"socket-{number}"}) for number in range(3)]
    for socket in sockets:
        socket.closes()

    def closed() -> set[str]:
        return {line["request_id"] for line in _lines(chat) if line["message"] == "socket closed"}

    await_true(lambda: closed() >= {"socket-0", "socket-1", "socket-2"})


def test_extras_are_cut_out_too_and_keep_their_types() -> None:
    line = _record("logged", path="/x?token=SECRET", nested={"ticket": ["a?ticket=SECRET"]}, count=3, ratio=0.5)
    assert "SECRET" not in str(line)
    assert (line["count"], line["ratio"]) == (3, 0.5)


def test_an_exception_is_logged_by_class_and_location_not_by_its_data() -> None:
    try:
        try:
            int(CANARY)
        except ValueError as error:
            raise psycopg2.DataError(f'invalid input: "{CANARY}"') from error
    except psycopg2.DataError as error:
        line = _record("failed", error=error)
    assert CANARY not in str(line)
    text = " ".join(line["exception"])
    assert "psycopg2" in text
    assert "ValueError" in text
    assert Path(__file__).name in text


def test_a_very_long_text_keeps_its_ends() -> None:
    shortened = loggable("start" + "x" * 10_000 + "end")
    assert len(shortened) < 2100
    assert shortened.startswith("start")
    assert shortened.endswith("end")
