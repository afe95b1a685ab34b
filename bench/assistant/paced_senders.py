"""Sockets that each send at a steady rate, in chats and in sessions of the assistant, and time each message."""

from __future__ import annotations

import itertools
import json
import threading
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import requests
import websocket

from bench.environment import Environment, token_for

TIMEOUT = 30.0  # seconds
PEOPLE, VISITORS = 20, 10
PERSON_RATE, VISITOR_RATE = 5.0, 1.0  # messages a second, of each
_FIRST_PERSON = 1


class PacedSenders:
    """Sends between entering and leaving.

    Attributes:
        sent: of each message, when it was due by `time.monotonic`, and the seconds from then to its acknowledgement.
        errors: what went wrong.
    """

    def __init__(self, running: Environment, *, people: int = PEOPLE, visitors: int = VISITORS) -> None:
        self.sent: list[tuple[float, float]] = []
        self.errors: list[str] = []
        self._stopped = threading.Event()
        senders = [_person(running, _FIRST_PERSON + 2 * number) for number in range(people)]
        rates = [PERSON_RATE] * people + [VISITOR_RATE] * visitors
        senders += [_visitor(running) for _ in range(visitors)]
        self._sockets = [sender[0] for sender in senders]
        self._threads = [
            threading.Thread(target=self._send, args=(*sender, rate, number / len(senders) / rate))
            for number, (sender, rate) in enumerate(zip(senders, rates, strict=True))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        for socket in self._sockets:
            socket.close(timeout=1)

    def seconds(self, since: float, until: float) -> list[float]:
        """The latencies of the messages that were due within a time."""
        return [seconds for due, seconds in list(self.sent) if since <= due < until]

    def _send(
        self, socket: websocket.WebSocket, frame: dict[str, Any], answer: str, rate: float, offset: float
    ) -> None:
        due = time.monotonic() + offset
        try:
            for number in itertools.count():
                if self._stopped.wait(max(0.0, due - time.monotonic())):
                    return
                key = f"{id(socket)}-{number}"
                socket.send(json.dumps({**frame, "content": f"message {number}", "client_message_id": key}))
                _receive(socket, answer, key)
                self.sent.append((due, time.monotonic() - due))
                due += 1 / rate
        except (OSError, websocket.WebSocketException, ValueError) as error:
            self.errors.append(f"{answer}: {error!r}")


def _receive(socket: websocket.WebSocket, kind: str, key: str) -> None:
    """Read until the frame of this type with this key."""
    while True:
        frame = json.loads(socket.recv())
        if frame["type"] == "error":
            raise ValueError(frame)
        if frame["type"] == kind and key in (
            frame.get("client_message_id"),
            frame.get("message", {}).get("client_message_id"),
        ):
            return


def _person(running: Environment, number: int) -> tuple[websocket.WebSocket, dict[str, Any], str]:
    """A socket of a user who writes to the next one; both become known by a request."""
    for each in (number, number + 1):
        requests.get(
            f"{running.url}/api/v1/marketplace/chat/unread-count",
            headers={"Authorization": f"Bearer {token_for(each)}"},
            timeout=TIMEOUT,
        ).raise_for_status()
    socket = _connected(running, "/ws/chat", token=token_for(number))
    return socket, {"type": "message", "receiver_id": number + 1}, "message_ack"


def _visitor(running: Environment) -> tuple[websocket.WebSocket, dict[str, Any], str]:
    """A socket of a visitor, whose questions the assistant answers."""
    opened = requests.post(f"{running.url}/api/sessions", json={}, timeout=TIMEOUT)
    opened.raise_for_status()
    socket = _connected(running, "/api/chat/ws", session_id=opened.json()["signed_session_id"])
    return socket, {"type": "message"}, "message"


def _connected(running: Environment, path: str, **query: str) -> websocket.WebSocket:
    url = f"{running.url.replace('http', 'ws', 1)}{path}?{urlencode(query)}"
    socket = websocket.create_connection(url, timeout=TIMEOUT, suppress_origin=True)
    while json.loads(socket.recv())["type"] != "connected":
        pass
    return socket
