"""People as tests speak of them: `alice.sends("hi", to=bob)`, `bob.hears("new_message")`."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import websocket

from tests.servers import ChatServer, Reply

CHAT = "/api/v1/marketplace/chat"
PASSWORD = "correct horse battery"
PATIENCE = 5.0  # seconds that anybody waits to hear something


class Socket:
    """A socket of `/ws/chat`. What was heard and not asked for yet is kept."""

    def __init__(self, server: ChatServer, *, query: str = "", headers: dict[str, str] | None = None,
                 subprotocols: list[str] | None = None, path: str = "/ws/chat") -> None:  # fmt: skip
        self._ws = websocket.create_connection(
            f"ws://127.0.0.1:{server.port}{path}{query}",
            header=[f"{name}: {value}" for name, value in (headers or {}).items()],
            subprotocols=subprotocols,
            suppress_origin=True,
            timeout=PATIENCE,
        )
        self.kept: list[dict[str, Any]] = []
        self.subprotocol = self._ws.subprotocol

    def tells(self, frame: object) -> None:
        """Send a frame; text goes as it is."""
        self._ws.send(frame if isinstance(frame, str) else json.dumps(frame))

    def tells_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        self._ws.send_binary(data)

    def hears(self, kind: str, within: float = PATIENCE, **fields: Any) -> dict[str, Any]:
        """The next frame of this kind and these fields; what comes before it is kept."""

        def wanted(frame: dict[str, Any]) -> bool:
            return frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items())

        return self._next(wanted, within, f"no {kind} {fields}")

    def hears_nothing_of(self, kind: str, until: Callable[[], dict[str, Any]]) -> None:
        """Nothing of this kind comes before what `until` waits for."""
        until()
        assert not [frame for frame in self.kept if frame["type"] == kind]

    def asks(self, frame: dict[str, Any], answer: str) -> dict[str, Any]:
        """Send a frame and wait for its answer."""
        self.tells(frame)
        return self.hears(answer)

    def is_closed_with(self, within: float = PATIENCE) -> int:
        """The code that the server closes with."""
        deadline = time.monotonic() + within
        while True:
            self._ws.settimeout(max(0.01, deadline - time.monotonic()))
            opcode, data = self._ws.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005

    def closes(self) -> None:
        """Hang up."""
        self._ws.close(timeout=1)

    def _next(self, wanted: Callable[[dict[str, Any]], bool], within: float, what: str) -> dict[str, Any]:
        for index, frame in enumerate(self.kept):
            if wanted(frame):
                return self.kept.pop(index)
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            self._ws.settimeout(left)
            try:
                text = self._ws.recv()
            except websocket.WebSocketTimeoutException:
                break
            assert text, f"closed while waiting: {what}"
            frame = json.loads(text)
            if wanted(frame):
                return frame
            self.kept.append(frame)
        raise AssertionError(f"{what}; heard {[frame['type'] for frame in self.kept]}")


class Person:
    """Somebody who signed up."""

    def __init__(self, server: ChatServer, username: str, answer: dict[str, Any]) -> None:
        self.server = server
        self.username = username
        self.password = PASSWORD
        self.id: int = answer["user"]["id"]
        self.uuid: str = answer["user"]["uuid"]
        self.token: str = answer["access_token"]
        self.refresh_token: str = answer["refresh_token"]
        self.sockets: list[Socket] = []

    def gets(self, path: str, **params: Any) -> Reply:
        """GET below the chat's base path."""
        return self.server.get(CHAT + path, token=self.token, params=params)

    def posts(self, path: str, body: Any = None, **headers: str) -> Reply:
        """POST JSON below the chat's base path."""
        return self.server.post(CHAT + path, token=self.token, json=body, headers=headers)

    def puts(self, path: str, body: Any) -> Reply:
        """PUT JSON below the chat's base path."""
        return self.server.put(CHAT + path, token=self.token, json=body)

    def sends(self, content: str, *, to: Person | None = None, **fields: Any) -> dict[str, Any]:
        """Send over REST; returns the message."""
        body = {"content": content, **({"receiver_id": to.id} if to else {}), **fields}
        reply = self.posts("/messages", body)
        assert reply.status == 200, reply.text
        message: dict[str, Any] = reply.data
        return message

    def chats(self, **params: Any) -> list[dict[str, Any]]:
        """My chats."""
        found: list[dict[str, Any]] = self.gets("", **params).data
        return found

    def history(self, chat_id: int, **params: Any) -> list[dict[str, Any]]:
        """Messages of a chat, newest first."""
        found: list[dict[str, Any]] = self.gets("/messages", chat_id=chat_id, **params).data["messages"]
        return found

    def ticket(self) -> str:
        """For one socket."""
        return str(self.posts("/ws-ticket").data["ticket"])

    def connects(self, server: ChatServer | None = None, **options: Any) -> Socket:
        """Open a socket by ticket, past the greeting."""
        socket = Socket(server or self.server, query=f"?ticket={self.ticket()}", **options)
        self.sockets.append(socket)
        socket.hears("connected")
        return socket


class PersonMaker:
    """Signs people up, under names that nobody else has."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.people: list[Person] = []

    def __call__(self, name: str | None = None, *, server: ChatServer | None = None) -> Person:
        """Sign up `name` and a random ending."""
        username = f"{name or 'person'}-{uuid.uuid4().hex[:10]}"
        body = {"username": username, "email": f"{username}@example.com", "password": PASSWORD, "name": name or "Person"}
        reply = (server or self.server).post("/api/v1/auth/signup", json=body)
        assert reply.status == 201, reply.text
        person = Person(server or self.server, username, reply.data)
        self.people.append(person)
        return person

    def hang_up(self) -> None:
        """Close every socket that was opened."""
        for person in self.people:
            for socket in person.sockets:
                socket.closes()
